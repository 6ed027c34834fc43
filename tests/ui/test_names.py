"""Names that tell runs apart."""

from dataclasses import replace

from tests.factories import make_preset, make_run, make_spec
from tui_optim.report.bands import Seeds
from tui_optim.report.series import RunSeries
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.store.label import Label
from tui_optim.ui.names import run_name, setting_names, short_names


def _runs(home: Home, *specs: RunSpec) -> list[StoredRun]:
    return [make_run(home, spec, state="queued", results=[]) for spec in specs]


def test_runs_of_different_presets_need_no_more_than_the_preset(home: Home) -> None:
    """Nothing is said that does not differ."""
    runs = _runs(home, make_spec(), make_spec(preset=make_preset("other"), seed=43))
    assert short_names(runs) == ["sgd-baseline", "other"]


def test_seeds_are_named_where_they_differ(home: Home) -> None:
    """Two seeds of one preset."""
    assert short_names(_runs(home, make_spec(), make_spec(seed=43))) == ["sgd-baseline·s42", "sgd-baseline·s43"]


def test_changed_values_are_named_where_they_differ(home: Home) -> None:
    """The same preset and seed with another rate; a value that both have is left out."""
    runs = _runs(home, make_spec(overrides={"momentum": 0.9}), make_spec(overrides={"lr": 0.01, "momentum": 0.9}))
    assert short_names(runs) == ["sgd-baseline", "sgd-baseline lr=0.01"]


def test_device_and_threads_are_named_where_they_differ(home: Home) -> None:
    """The same run on an accelerator, and on other numbers of threads."""
    assert short_names(_runs(home, make_spec(), make_spec(device="cuda"))) == ["sgd-baseline cpu", "sgd-baseline cuda"]
    runs = _runs(home, make_spec(), make_spec(threads=None))
    assert short_names(runs) == ["sgd-baseline threads=2", "sgd-baseline threads=auto"]


def test_scenario_and_sample_data_are_named(home: Home) -> None:
    """Runs on different scenarios say which; a run on sample data always says so, alone too."""
    runs = _runs(home, make_spec("lenet5-fashion-l2"), make_spec(kind="sample"))
    assert short_names(runs) == ["sgd-baseline lenet5-fashion-l2", "sgd-baseline lenet5-fashion sample"]
    assert short_names(runs[1:]) == ["sgd-baseline sample"]


def test_the_same_run_twice_is_numbered(home: Home) -> None:
    """Repeating a run gives two names."""
    assert short_names(_runs(home, make_spec(), make_spec())) == ["sgd-baseline (1)", "sgd-baseline (2)"]


def test_the_log_names_seed_changes_scenario_and_sample(home: Home) -> None:
    """A name that stands alone says what was changed; the scenario only where there are several."""
    runs = _runs(home, make_spec(overrides={"lr": 0.01}, kind="sample"), make_spec("lenet5-fashion-l2"))
    assert run_name(runs[0]) == "sgd-baseline·s42 lr=0.01 sample"
    assert run_name(runs[1], among=runs) == "sgd-baseline·s42 lenet5-fashion-l2"


def test_a_run_goes_by_the_name_that_the_user_gave_it(home: Home) -> None:
    """In sentences and legends; one name for two runs is numbered; a setting has a name where all of its runs have that one."""
    plain, *runs = _runs(home, make_spec(), make_spec(seed=1), make_spec(seed=2, kind="sample"))
    named = [replace(run, label=Label(name="large batch")) for run in runs]
    assert run_name(named[0]) == "large batch"
    assert run_name(named[1]) == "large batch sample"
    assert short_names([plain, named[0], replace(named[0], label=Label(name="x"))]) == [
        "sgd-baseline·s42",
        "large batch",
        "x",
    ]
    assert short_names([named[0], named[0]]) == ["large batch (1)", "large batch (2)"]
    both = [Seeds(runs=(named[0],), series=(RunSeries(),)), Seeds(runs=(plain, named[0]), series=(RunSeries(),) * 2)]
    assert setting_names(both) == ["large batch", "sgd-baseline"]
