"""Sweeps as the supervisor carries them out, with real workers on the sample data."""

from tests.engine.runs_for_tests import sample_source
from tests.runs.lab import Lab, wait_until
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.presets import Preset
from tui_optim.spec.sweeps.plan import FinalSpec, SweepPlan
from tui_optim.spec.sweeps.space import Dimension
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.sweepfolder import StoredSweep, SweepFolder


def make_sweep(
    space: dict[str, Dimension], *, settings: dict[str, Value] | None = None, **fields: object
) -> SweepSpec:
    """A sweep of SGD on the MLP, one epoch a trial unless the fields say otherwise."""
    preset = Preset(id="sgd", name="SGD", family="basic", optimizer="sgd", advice="", hyperparameters={"lr": 0.1})
    plan = SweepPlan.model_validate(
        {"scenarios": ("mlp-fashion",), "presets": ("sgd",), "space": space, "epochs": 1, "settings": settings or {}, **fields}
    )
    return resolve_sweep(plan, {"sgd": preset}, data={"fashion-mnist": sample_source()}, device="cpu", threads=1)


def wait_for_sweep(lab: Lab, sweep_id: str, *states: str) -> StoredSweep:
    """Wait until a sweep is in one of these states."""
    folder = SweepFolder(lab.home.sweeps / sweep_id)
    wait_until(lambda: folder.read_status().state in states, f"{sweep_id} never became {states}")
    return folder.read()


def outcomes(trials: list[Trial]) -> list[tuple[object, ...]]:
    """What must not depend on interruptions."""
    return [(t.number, t.stage, t.point, t.seed, t.state, t.value, t.curve) for t in trials]


def test_a_grid_runs_in_its_order_and_its_winner_trains_on_everything(lab: Lab) -> None:
    """Two rates and two batch sizes: four trials that never see test, then the best one with fresh seeds, which do."""
    spec = make_sweep(
        {"lr": (0.0001, 0.1), "batch_size": (64, 128)}, final=FinalSpec(seeds=(101, 102), epochs=2)
    )
    sweep = wait_for_sweep(lab, lab.client.submit_sweep(spec), "finished")
    trials = sweep.trials()

    assert [dict(trial.point.values) for trial in trials[:4]] == [
        {"lr": 0.0001, "batch_size": 64},
        {"lr": 0.0001, "batch_size": 128},
        {"lr": 0.1, "batch_size": 64},
        {"lr": 0.1, "batch_size": 128},
    ]
    assert {trial.state for trial in trials} == {"finished"}
    assert [(trial.stage, trial.seed) for trial in trials[4:]] == [("final", 101), ("final", 102)]
    assert dict(trials[4].point.values)["lr"] == 0.1
    finals = [lab.status(trial.run_id).final for trial in trials]
    assert all(final is not None and final.test_loss is None for final in finals[:4])
    assert all(final is not None and final.test_loss is not None and final.epoch == 2 for final in finals[4:])
    assert sweep.status.counts == {"finished": 6}
