"""What a sweep will take, judged by earlier runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import VERSIONS, make_preset, make_result, make_spec
from tui_optim.report.estimate import estimate
from tui_optim.spec.run import RunSpec
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.runfolder import RunFolder, RunInfo
from tui_optim.store.status import Status


def kept(spec: RunSpec, *, elapsed_s: float, epochs: int = 2, peak: float = 800.0) -> StoredRun:
    """An earlier run that took so long for so many epochs."""
    result = replace(make_result(spec, epochs), elapsed_s=elapsed_s, peak_memory_mib=peak)
    info = RunInfo(run_id=f"r{elapsed_s}", created=0.0, spec=spec, versions=VERSIONS)
    return StoredRun(info=info, status=Status(state="finished", final=result), folder=RunFolder(Path("/nowhere/r")))


def test_time_and_memory_come_from_earlier_runs_of_the_method() -> None:
    """The median pace times the planned epochs, shared by the slots; the peak for each worker."""
    plain, other = make_spec(), make_spec(preset=make_preset("adam", optimizer="adam"))
    earlier = [
        kept(plain, elapsed_s=20.0),
        kept(plain, elapsed_s=40.0),
        kept(plain, elapsed_s=24.0),
        kept(other, elapsed_s=99.0),
    ]
    planned = [make_spec(epochs=10)] * 4
    found = estimate(planned, earlier, num_slots=2)
    assert found.seconds == pytest.approx(4 * 10 * 12.0 / 2)
    assert found.memory_mib == pytest.approx(2 * 800.0)
    assert found.num_similar == 3
    assert found.text == "about 4 min, 1.6 GiB of memory (judged by 3 earlier run(s))"


def test_another_method_on_the_scenario_will_do() -> None:
    """Where none of the method has been run."""
    earlier = [kept(make_spec(preset=make_preset("adam", optimizer="adam")), elapsed_s=20.0)]
    assert estimate([make_spec(epochs=1)], earlier, num_slots=1).seconds == pytest.approx(10.0)


def test_nothing_is_guessed() -> None:
    """No run of the scenario, or only on other data: no number."""
    earlier = [kept(make_spec("mlp-fashion"), elapsed_s=20.0), kept(make_spec(kind="sample"), elapsed_s=1.0)]
    found = estimate([make_spec()], earlier, num_slots=1)
    assert found.seconds is None
    assert "no run of this scenario" in found.text


def test_runs_of_a_stack_take_the_time_of_one() -> None:
    """Two stacks of three runs and one run alone, on two slots: the time of three runs, divided by two."""
    spec = make_spec()
    planned = [spec.model_copy(update={"seed": seed}) for seed in range(7)]

    def stack_of(run: RunSpec) -> str | None:
        return None if run.seed == 6 else str(run.seed // 3)

    expected = estimate(planned, [kept(spec, elapsed_s=20.0)], num_slots=2, stack_of=stack_of)

    assert expected.seconds == pytest.approx(3 * 10.0 * spec.epochs / 2)
    assert expected.num_runs == 7
