"""`tui-optim plot`: a file by its ending, and a sentence for what cannot be drawn."""

from pathlib import Path

import pytest

from tests.cli.calling import Caller
from tests.factories import make_run, make_spec
from tests.report.figures.drawing import write_runs
from tests.spec.sweeps.plans import make_sweep
from tests.sweep_factories import make_plan, write_sweep
from tui_optim.spec import extras
from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.space import Range
from tui_optim.store.home import open_home
from tui_optim.store.sweepfolder import create_sweep


@pytest.fixture
def two_presets(home: Path) -> None:
    """Two seeds of each of two presets on the sample."""
    write_runs(home, "sgd", [[0.1, 0.7, 0.8], [0.1, 0.6, 0.82]], kind="sample")
    write_runs(home, "adam", [[0.1, 0.8, 0.8], [0.1, 0.8, 0.81]], kind="sample")


@pytest.mark.usefixtures("two_presets")
def test_the_ending_decides_the_format(call: Caller) -> None:
    """Every ending works, options reach the figure, and the same call writes the same bytes."""
    words = (
        "plot",
        "lenet5-fashion",
        "--kind",
        "race",
        "--measure",
        "test_loss",
        "--axis",
        "steps",
        "--band",
        "minmax",
    )
    for name, start in {"a.png": b"\x89PNG", "a.svg": b"<?xml", "a.pdf": b"%PDF"}.items():
        answer = call(*words, "-o", name)
        assert (answer.code, answer.out) == (0, "")
        assert f"wrote race of 4 run(s) to {name}" in answer.err
        content = Path(name).read_bytes()
        assert content.startswith(start)
        call(*words, "-o", name)
        assert Path(name).read_bytes() == content
    assert "<!-- test loss -->" in Path("a.svg").read_text(encoding="utf-8")
    assert "(sample)" in Path("a.svg").read_text(encoding="utf-8")


@pytest.mark.usefixtures("two_presets")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("-o", "a.gif"), "a figure's file ends in .png, .svg, .pdf"),
        ((), "name the file: -o FILE.png"),
        (("--kind", "curve", "-o", "a.svg"), "unknown kind of figure 'curve': did you mean 'curves'?"),
        (("--measure", "test_acuracy", "-o", "a.svg"), "did you mean 'test_accuracy'?"),
        (("--measure", "val_loss", "-o", "a.svg"), "--measure val_loss: none of these runs has it"),
        (("--axis", "hours", "-o", "a.svg"), "unknown axis 'hours'"),
        (("--band", "iqr", "-o", "a.svg"), "unknown band 'iqr'"),
        (("--kind", "heatmap", "-o", "a.svg"), "a heat map needs runs of one preset that differ in two numbers"),
        (("--kind", "heatmap", "--parameter", "lr", "-o", "a.svg"), "--parameter: heatmap takes 2, not 1"),
        (("--kind", "profile", "-o", "a.svg"), "needs runs on two scenarios or more"),
        (("--kind", "profile", "--axis", "steps", "-o", "a.svg"), "--axis has no meaning for profile"),
        (("--kind", "sensitivity", "-o", "a.svg"), "no preset has runs with two values of lr"),
        (("--smooth", "1", "-o", "a.svg"), "--smooth: the weight of a moving average lies in 0 … 1, below 1, not 1"),
        (
            ("--kind", "race", "--smooth", "0.9", "-o", "a.svg"),
            "--smooth has no meaning for race: it belongs to curves",
        ),
        (("--x-limits", "5..1", "-o", "a.svg"), "--x-limits: 5..1 has no width"),
        (("--x-limits", "0..1", "--log-x", "-o", "a.svg"), "--x-limits: a logarithmic axis shows what lies above 0"),
        (("--y-limits", "0..1", "-o", "a.svg"), "--y-limits needs --measure"),
        (("nosuchrun", "-o", "a.svg"), "unknown run 'nosuchrun'"),
        (("-o", "absent/a.svg"), "cannot write"),
    ],
)
def test_what_cannot_be_drawn_is_one_line(call: Caller, words: tuple[str, ...], expected: str) -> None:
    """Exit code 2, and no file."""
    answer = call("plot", *words)
    assert answer.code == 2
    assert expected in answer.err
    assert answer.err.count("\n") == 1
    assert not list(Path().glob("a.*"))


@pytest.mark.usefixtures("two_presets")
def test_curves_are_smoothed_and_cut_where_asked(call: Caller) -> None:
    """The note says so; without being asked nothing is smoothed."""
    drawn = {}
    for name, words in {
        "plain": (),
        "smooth": ("--smooth", "0.9"),
        "cut": ("--x-limits", "0.5..1.5", "--log-x", "--measure", "train_loss", "--y-limits", "0.2..0.9"),
    }.items():
        assert call("plot", "lenet5-fashion", *words, "-o", f"{name}.svg").code == 0
        drawn[name] = Path(f"{name}.svg").read_text(encoding="utf-8")
    assert "moving average of weight 0.9, the raw curve behind it" in drawn["smooth"]
    assert "moving average" not in drawn["plain"]
    assert len(set(drawn.values())) == 3


@pytest.mark.usefixtures("two_presets")
def test_without_matplotlib_one_line_says_what_to_install(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra with its command."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    answer = call("plot", "-o", "a.svg")
    line = "tui-optim: plot needs the extra \"plot\"; in your clone: .venv/bin/pip install -e '.[plot]'\n"
    assert (answer.code, answer.err) == (2, line)


def test_a_sweep_means_all_its_runs(call: Caller, home: Path) -> None:
    """By its id; runs that are none of its are not drawn with it, and a sweep without runs gets its sentence."""
    opened = open_home(home)
    first, second = (create_sweep(opened, make_sweep(), versions={}).path.name for _ in range(2))
    for rate in (0.01, 0.1, 1.0):
        make_run(opened, make_spec("mlp-fashion", overrides={"lr": rate}, holdout=True), sweep=first)
    write_runs(opened, "adam", [[0.1, 0.8]])
    answer = call("plot", first, "--kind", "sensitivity", "-o", "a.svg")
    assert (answer.code, answer.err) == (0, "wrote sensitivity of 3 run(s) to a.svg\n")
    answer = call("report", first, "-o", "a.html")
    assert (answer.code, answer.err) == (0, "wrote a report of 3 run(s) to a.html\n")
    answer = call("plot", second, "-o", "b.svg")
    assert (answer.code, f"sweep {second} has no runs yet" in answer.err) == (2, True)


def test_a_sweep_is_drawn_as_it_judged_its_points(call: Caller, home: Path) -> None:
    """By its name: the best so far, and the sensitivity by its metric, of which the pruned point is told."""
    plan = make_plan(presets=("sgd",), prune="median")
    write_sweep(open_home(home), [0.6, 0.4, "pruned"], plan=plan, state="finished")
    assert call("plot", "sweep", "--kind", "search", "-o", "search.svg").code == 0
    assert "<!-- points tried -->" in Path("search.svg").read_text(encoding="utf-8")
    assert call("plot", "sweep", "--kind", "sensitivity", "-o", "rates.svg").code == 0
    drawn = Path("rates.svg").read_text(encoding="utf-8")
    assert "<!-- validation loss -->" in drawn
    assert "hollow: pruned (1)" in drawn


def test_a_random_search_is_told_the_figure_that_shows_it(call: Caller, home: Path) -> None:
    """A heat map of it would be dashes; the kind that is named draws it, by either key."""
    space = {"lr": Range(low=0.001, high=1.0), "batch_size": tuple(range(8, 136, 8))}
    plan = make_plan(presets=("sgd",), space=space, search="random", trials=16)
    points = [
        Point(scenario="mlp-fashion", preset="sgd", values=(("batch_size", 8 * at), ("lr", 0.01 * at)))
        for at in range(1, 17)
    ]
    write_sweep(open_home(home), [0.6 - 0.01 * at for at in range(16)], plan=plan, points=points, state="finished")
    answer = call("plot", "sweep", "--kind", "heatmap", "-o", "a.svg")
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "16 of its 256 cells were run; --kind sensitivity with --parameter lr or batch_size" in answer.err
    for parameter in ("lr", "batch_size"):
        words = ("plot", "sweep", "--kind", "sensitivity", "--parameter", parameter, "-o", f"{parameter}.svg")
        assert call(*words).code == 0
        assert Path(f"{parameter}.svg").exists()
