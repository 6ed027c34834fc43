"""The trial log: what is asked for and told comes back, whatever was torn or damaged in between."""

import math
from dataclasses import replace
from pathlib import Path

from tui_optim.spec.sweeps.plan import Point
from tui_optim.spec.sweeps.trial import Trial
from tui_optim.store.trials import TrialLog

POINT = Point(scenario="mlp-fashion", preset="sgd", values=(("lr", 0.1), ("batch_size", "full"), ("nesterov", True)))
ASKED = [Trial(number=number, point=POINT, seed=7 + number, run_id=f"run-{number}") for number in range(3)]


def test_trials_come_back(tmp_path: Path) -> None:
    """Points with values of every type, outcomes with curves that are not finite; the last word on a trial counts."""
    log = TrialLog(tmp_path / "trials.jsonl")
    for trial in ASKED:
        log.ask(trial)
    told = replace(ASKED[1], state="diverged", value=math.inf, curve=(2.0, math.inf), reason="the loss is not finite")
    log.tell(replace(told, state="failed"))
    log.tell(told)
    assert log.read() == [ASKED[0], told, ASKED[2]]


def test_a_final_run_stays_one(tmp_path: Path) -> None:
    """The stage is written when it is asked for."""
    log = TrialLog(tmp_path / "trials.jsonl")
    log.ask(replace(ASKED[0], stage="final"))
    assert [trial.stage for trial in log.read()] == ["final"]


def test_a_torn_line_is_cut_by_the_next_writer(tmp_path: Path) -> None:
    """A supervisor was killed in the middle of a line: readers do not see it, the next line is whole."""
    path = tmp_path / "trials.jsonl"
    log = TrialLog(path)
    log.ask(ASKED[0])
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"v":1,"t":1,"trial":1,"st')
    assert log.read() == [ASKED[0]]
    log.ask(ASKED[1])
    assert log.read() == ASKED[:2]


def test_damaged_lines_take_no_other_with_them(tmp_path: Path) -> None:
    """Rubbish, wrong types, an outcome without its question."""
    path = tmp_path / "trials.jsonl"
    log = TrialLog(path)
    log.ask(ASKED[0])
    damage = [
        b"\x00\xff\n",
        b"[]\n",
        b'{"trial":0}\n',
        b'{"trial":0,"state":"won","value":1,"curve":[],"reason":""}\n',
        b'{"trial":9,"state":"finished","value":1,"curve":[],"reason":""}\n',
        b"[" * 9999 + b"\n",
    ]
    path.write_bytes(path.read_bytes() + b"".join(damage))
    log.ask(ASKED[1])
    assert log.read() == ASKED[:2]


def test_no_log_means_no_trials(tmp_path: Path) -> None:
    """Before the first trial."""
    assert TrialLog(tmp_path / "trials.jsonl").read() == []
