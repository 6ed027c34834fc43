"""Tune the rate of packaged presets on LeNet-5, on held-out training data, with the same budget for each.

    python -m tests.tuning RESULTS.jsonl [--part 0/2] [PRESET …]     # trains; goes on where RESULTS.jsonl stops
    python -m tests.tuning RESULTS.jsonl --write                     # puts rates and records into presets/

The protocol: 10,000 of the 60,000 training images are held out (`--holdout`), the test set is never evaluated. Eight rates a
factor 10^⅓ apart around a literature value, extended while the best one lies on the border; seed 7, one thread; the lowest
held-out loss after the last epoch wins. `sgd-baseline` is the assignment's and stays as it is.
"""

import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import tomlkit
import torch

from tests.engine.runs_for_tests import CPU, Listener
from tui_optim.engine.data import Splits, load_splits
from tui_optim.engine.loop import train
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.store.datasets import find_source
from tui_optim.store.library import load_library, preset_path

SCENARIO = "lenet5-fashion"
SEED = 7
FACTOR = 10 ** (1 / 3)
FIRST_OFFSETS = range(-3, 5)
MAX_TRIALS = 14
CENTRES = {
    "batch-gd": 0.5, "online-sgd": 0.005, "sgd": 0.1, "heavy-ball": 0.02, "nesterov": 0.02, "nesterov-cosine": 0.05,
    "adagrad": 0.02, "adadelta": 1.0, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001, "amsgrad": 0.001, "adamax": 0.002,
    "nadam": 0.001, "radam": 0.001, "muon": 0.01, "muon-cosine": 0.02, "sgd-step": 0.2, "sgd-exponential": 0.2,
    "sgd-inverse-time": 0.2, "sgd-polynomial": 0.2, "sgd-cosine": 0.2, "sgd-cosine-restarts": 0.2, "sgd-one-cycle": 0.2,
    "sgd-warmup-cooldown": 0.2, "sgd-plateau": 0.2,
}  # fmt: skip
"""Literature values: where the search begins."""
EPOCHS = {"batch-gd": 10, "online-sgd": 1, "sgd-step": 10, "sgd-plateau": 10, "sgd-cosine-restarts": 10}
"""Epochs of a trial; three where not named. One pass of single examples takes as long as that; ten full-batch steps say more than
three; and schedules that act every few epochs need a run in which they act."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished trial."""

    preset: str
    lr: float
    epochs: int
    state: str
    val_loss: float
    val_accuracy: float

    @property
    def score(self) -> float:
        """What is minimised: the held-out loss; a diverged trial loses to all others."""
        return self.val_loss if self.state == "finished" and math.isfinite(self.val_loss) else math.inf


def main() -> None:
    """Tune or write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("results", type=Path)
    parser.add_argument("presets", nargs="*", default=list(CENTRES))
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    if given.write:
        for preset_id in given.presets:
            _write(preset_id, _read(given.results, preset_id))
        return
    torch.set_num_threads(1)
    part, count = (int(word) for word in given.part.split("/"))
    presets = [load_library().find(preset_id) for preset_id in given.presets[part::count]]
    data = load_splits(_spec(presets[0], 0.1), CPU)
    for preset in presets:
        _tune(preset, data, given.results)


def _tune(preset: Preset, data: Splits, results: Path) -> None:
    tried = {outcome.lr: outcome.score for outcome in _read(results, preset.id)}
    for offset in FIRST_OFFSETS:
        _try(preset, _rate(preset.id, offset), data, results, tried)
    low, high = FIRST_OFFSETS[0], FIRST_OFFSETS[-1]
    while len(tried) < MAX_TRIALS:
        best = min(tried, key=lambda lr: tried[lr])
        if best == _rate(preset.id, low):
            low -= 1
            _try(preset, _rate(preset.id, low), data, results, tried)
        elif best == _rate(preset.id, high):
            high += 1
            _try(preset, _rate(preset.id, high), data, results, tried)
        else:
            return


def _try(preset: Preset, lr: float, data: Splits, results: Path, tried: dict[float, float]) -> None:
    if lr in tried:
        return
    listener = Listener()
    run = _spec(preset, lr)
    ended = train(run, listener.emit, listener, data=data, device=CPU)
    assert ended.final is not None
    assert ended.final.val_loss is not None
    assert ended.final.val_accuracy is not None
    outcome = Outcome(preset.id, lr, run.epochs, ended.state, ended.final.val_loss, ended.final.val_accuracy)
    with results.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(asdict(outcome)) + "\n")
    print(outcome, flush=True)
    tried[lr] = outcome.score


def _spec(preset: Preset, lr: float) -> RunSpec:
    return resolve_run(
        SCENARIO,
        preset,
        data=find_source("fashion-mnist"),
        seed=SEED,
        epochs=EPOCHS.get(preset.id, 3),
        overrides={"lr": lr},
        holdout=True,
    )


def _rate(preset_id: str, offset: int) -> float:
    return float(f"{CENTRES[preset_id] * FACTOR**offset:.2g}")


def _read(results: Path, preset_id: str) -> list[Outcome]:
    def lines() -> Iterator[Outcome]:
        for line in results.read_text(encoding="utf-8").splitlines() if results.exists() else []:
            body = json.loads(line)
            if body["preset"] == preset_id:
                yield Outcome(**{name: body[name] for name in Outcome.__dataclass_fields__})

    return sorted({outcome.lr: outcome for outcome in lines()}.values(), key=lambda outcome: outcome.lr)


def _write(preset_id: str, outcomes: list[Outcome]) -> None:
    """Put the best rate and the record into the preset's file; comments and order stay."""
    if len(outcomes) < len(FIRST_OFFSETS):
        print(f"{preset_id}: only {len(outcomes)} trials, left as it is")
        return
    best = min(outcomes, key=lambda outcome: outcome.score)
    if best.lr in (outcomes[0].lr, outcomes[-1].lr):
        print(f"{preset_id}: the best rate {best.lr:g} lies on the border, left as it is")
        return
    path = preset_path(preset_id)
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    document["hyperparameters"]["lr"] = best.lr
    document.pop("tuning", None)
    record = tomlkit.table()
    record["scenario"] = SCENARIO
    record["protocol"] = (
        f"10,000 training images held out, test never evaluated; {best.epochs} epoch(s), seed {SEED}, one thread; "
        "lowest held-out loss wins"
    )
    trials = tomlkit.array()
    for outcome in outcomes:
        row = tomlkit.inline_table()
        is_finite = outcome.score < math.inf
        row["value"], row["val_accuracy"] = outcome.lr, round(outcome.val_accuracy, 4)
        row["val_loss"] = round(outcome.val_loss, 4) if is_finite else "diverged"
        trials.append(row)
    record["trials"] = trials.multiline(True)
    records = tomlkit.aot()
    records.append(record)
    document["tuning"] = records
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    print(f"{preset_id}: lr {best.lr:g}, held-out loss {best.val_loss:.4f}, accuracy {best.val_accuracy:.2%}")


if __name__ == "__main__":
    main()
