"""What a notebook does: plan, run, load, compare, sweep; the runs are those of the app and the commands."""

import csv
import io
from pathlib import Path

import pytest

from tui_optim import Lab
from tui_optim.report.formats import export_text
from tui_optim.spec.errors import UsageError
from tui_optim.spec.keeping import Keeping
from tui_optim.spec.sweeps.plan import SweepPlan

README = Path(__file__).parents[2] / "README.md"


def test_a_plan_makes_nothing(tmp_path: Path) -> None:
    """Runs come seed by seed, with the values over the preset, and no folder is there afterwards."""
    lab = Lab(tmp_path / "home")

    specs = lab.plan("circles", ["sgd", "adam"], seeds="4..5", epochs=3, settings={"lr": 0.25}, xray=7)

    assert {spec.xray for spec in specs} == {7}
    assert [(spec.preset, spec.seed) for spec in specs] == [("sgd", 4), ("adam", 4), ("sgd", 5), ("adam", 5)]
    assert {(spec.epochs, spec.hyperparameters["lr"]) for spec in specs} == {(3, 0.25)}
    assert not (tmp_path / "home").exists()
    (early,) = lab.plan("mlp-fashion", "sgd", patience=3, min_delta=0.01, keep_every=2)
    assert early.keeping == Keeping(patience=3, min_delta=0.01, every=2)


@pytest.mark.parametrize(
    ("scenario", "presets", "settings", "sentence"),
    [
        ("circels", "sgd", {}, "unknown scenario 'circels': did you mean 'circles'?"),
        ("circles", "sdg", {}, "unknown preset 'sdg': did you mean 'sgd'?"),
        ("circles", [], {}, "name at least one preset"),
        ("circles", "sgd", {"momentm": 0.9}, "did you mean 'momentum'?"),
    ],
)
def test_what_is_wrong_is_said_as_on_the_command_line(
    tmp_path: Path, scenario: str, presets: str | list[str], settings: dict[str, float], sentence: str
) -> None:
    """With the nearest valid name."""
    with pytest.raises(UsageError) as refusal:
        Lab(tmp_path).plan(scenario, presets, settings=settings)
    assert sentence in str(refusal.value)


def test_runs_come_back_as_rows(lab: Lab) -> None:
    """Two presets over two seeds: rows equal the exported file, the comparison pairs the seeds, and others find the same runs."""
    runs = lab.run("circles", ["sgd", "adam"], seeds=[1, 2], epochs=2, settings={"batch_size": 50})

    assert repr(runs) == "4 run(s): 4 finished"
    exported = list(csv.DictReader(io.StringIO(export_text(list(runs), format="csv"))))
    assert [(row["run_id"], row["seed"]) for row in runs.rows()] == [
        (row["run_id"], int(row["seed"])) for row in exported
    ]
    assert [row["test_loss"] for row in runs.rows()] == [float(row["test_loss"]) for row in exported]
    wanted = ("epoch", "test", "loss")
    losses = [row for row in runs.history() if (row["stage"], row["split"], row["measure"]) == wanted]
    assert [row["epoch"] for row in losses if row["run_id"] == runs[0].run_id] == [0, 1, 2]
    first, second = runs.comparison(reference="sgd")
    assert (first["preset"], second["preset"]) == ("sgd", "adam")
    assert second["reference"] == "sgd"
    assert Lab(lab.home.root).runs("circles", passing="optimizer=adam").ids == runs[1::2].ids


def test_not_waiting_comes_back_at_once(lab: Lab) -> None:
    """The run is queued, may be stopped, and the wait ends with it."""
    (run,) = runs = lab.run("circles", "sgd-by-hand", epochs=100_000, is_waiting=False)

    assert run.status.state in ("queued", "running")
    lab.client.stop(run.run_id)

    assert runs.wait()[0].status.state == "stopped"


def test_a_sweep_from_a_plan(lab: Lab) -> None:
    """Points from the best to the worst, and the winner's runs on fresh seeds."""
    plan = SweepPlan.model_validate(
        {
            "scenarios": ("circles",),
            "presets": ("sgd",),
            "space": {"lr": (0.1, 1.0)},
            "epochs": 2,
            "final": {"seeds": (9,)},
        }
    )

    sweep = lab.sweep(lab.plan_sweep(plan))

    rows = sweep.rows()
    assert sorted(row["lr"] for row in rows if isinstance(row["lr"], float)) == [0.1, 1.0]
    assert [row["is_chosen"] for row in rows] == [True, False]
    assert [run.info.spec.seed for run in sweep.final_runs] == [9]
    assert lab.load_sweep().rows() == rows


def test_the_example_of_the_readme(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It runs as it stands."""
    monkeypatch.setenv("TUI_OPTIM_HOME", str(lab.home.root))
    code = README.read_text(encoding="utf-8").split("<!-- lab -->")[1].split("```python")[1].split("```")[0]
    names: dict[str, object] = {}

    exec(code, names)

    runs, sweep = names["runs"], names["sweep"]
    assert repr(runs) == "6 run(s): 6 finished"
    assert getattr(sweep, "view").sweep.status.state == "finished"  # noqa: B009 - its type is lost in exec
