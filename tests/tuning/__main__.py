"""Tune the rate of packaged presets for a scenario, on held-out training data, with the same budget for each.

    python -m tests.tuning SCENARIO RESULTS.jsonl [PRESET …] [--part 0/2]   # trains; goes on where RESULTS.jsonl stops
    python -m tests.tuning SCENARIO RESULTS.jsonl [PRESET …] --write        # puts rates and records into presets/

The protocol: 10,000 of the 60,000 training images are held out (`--holdout`), the test set is never evaluated. Eight rates a
factor 10^⅓ apart around a literature value, extended while the best one lies on the border; seed 7, one thread; the lowest
held-out loss after the last epoch wins. Where a rate near the edge of stability survives with one seed and not with another,
those within a tenth of the lowest loss are tried with seeds 8 and 9 too, and the mean decides. Newton-CG has its damping tuned:
its line search finds the rate. `sgd-baseline` is the assignment's and stays as it is.

What is found for LeNet-5 becomes the preset's own value; for another scenario, a value in its table for that scenario.
"""

import argparse
import json
import math
import re
import statistics
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import tomlkit
import torch

from tests.engine.runs_for_tests import CPU, Listener
from tui_optim.engine.data import Splits, load_splits
from tui_optim.engine.loop import train
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.store.datasets import find_source
from tui_optim.store.library import load_library, preset_path

MAIN_SCENARIO = "lenet5-fashion"
SEED = 7
MORE_SEEDS = {"geometric-batch": (8, 9), "norm-test": (8, 9)}
"""For the rates that come near the best with seed 7. Large batches at a constant rate end at the edge of stability."""
NEAR = 1.1
"""Largest loss of such a rate, as a multiple of the lowest."""
FACTOR = 10 ** (1 / 3)
FIRST_OFFSETS = range(-3, 5)
MAX_TRIALS = 14
CENTRES = {
    "batch-gd": 0.5, "online-sgd": 0.005, "sgd": 0.1, "heavy-ball": 0.02, "nesterov": 0.02, "nesterov-cosine": 0.05,
    "adagrad": 0.02, "adadelta": 1.0, "rmsprop": 0.001, "adam": 0.001, "adamw": 0.001, "amsgrad": 0.001, "adamax": 0.002,
    "nadam": 0.001, "radam": 0.001, "muon": 0.01, "muon-cosine": 0.02, "sgd-step": 0.2, "sgd-exponential": 0.2,
    "sgd-inverse-time": 0.2, "sgd-polynomial": 0.2, "sgd-cosine": 0.2, "sgd-cosine-restarts": 0.2, "sgd-one-cycle": 0.2,
    "sgd-warmup-cooldown": 0.2, "sgd-plateau": 0.2, "momentum-ema": 0.2, "sam": 0.05,
    "svrg": 0.2, "alpha-svrg": 0.2, "sag": 0.2, "saga": 0.2, "sarah": 0.1, "geometric-batch": 0.1, "norm-test": 0.14,
    "sgd-polyak": 0.3, "sgd-swa": 0.3, "sgd-ema": 0.3, "nesterov-ema": 0.05, "lookahead": 0.1,
    "schedule-free-sgd": 1.0, "schedule-free-adamw": 0.005,
    "adafactor": 0.01, "adan": 0.01, "lamb": 0.01, "lion": 0.0005, "prodigy": 1.0, "rprop": 0.01,
    "newton-cg": 1.0, "sqn": 0.3, "multibatch-lbfgs": 0.2, "lbfgs": 1.0, "kfac": 0.01, "kfac-cosine": 0.01,
    "adahessian": 0.1, "psgd-kron": 0.001, "shampoo": 0.02, "soap": 0.003, "soap-cosine": 0.003,
    "sophia-h": 0.05,
}  # fmt: skip
"""Literature values: where the search begins. Not here: Newton and BFGS, which are for small problems."""
TUNED = {"newton-cg": "damping"}
"""The hyper-parameter that is tuned; the rate where not named."""
EPOCHS = {
    "batch-gd": 10, "online-sgd": 1, "sgd-step": 10, "sgd-plateau": 10, "sgd-cosine-restarts": 10, "rprop": 10, "lbfgs": 10,
    "soap-cosine": 6, "geometric-batch": 10, "norm-test": 10,
}  # fmt: skip
"""Epochs of a trial; three where not named. One pass of single examples takes as long as that; ten full-batch steps say more
than three; schedules that act every few epochs, and batches that grow in the place of a falling rate, need a run in which they
act; and `soap-cosine` is meant for six."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run of a trial."""

    preset: str
    value: float
    epochs: int
    state: str
    val_loss: float
    val_accuracy: float
    seed: int = SEED

    @property
    def score(self) -> float:
        """The held-out loss; infinite where it diverged."""
        return self.val_loss if self.state == "finished" and math.isfinite(self.val_loss) else math.inf


@dataclass(frozen=True, slots=True)
class Trial:
    """A tried value with its runs, one for each seed that it was tried with."""

    value: float
    runs: tuple[Outcome, ...]

    @property
    def score(self) -> float:
        """What is minimised: the mean held-out loss; a trial with a diverged run loses to all others."""
        return statistics.fmean(run.score for run in self.runs)

    @property
    def accuracy(self) -> float:
        """Mean held-out accuracy."""
        return statistics.fmean(run.val_accuracy for run in self.runs)


@dataclass(frozen=True, slots=True)
class Search:
    """The runs of one scenario's trials, kept line by line."""

    scenario: str
    results: Path

    def tune(self, preset: Preset, data: Splits) -> None:
        """Try eight values, and more while the best lies on the border."""
        tried = {trial.value: trial.runs[0].score for trial in self.read(preset.id)}
        for offset in FIRST_OFFSETS:
            self._try(preset, _value(preset.id, offset), data, tried)
        low, high = FIRST_OFFSETS[0], FIRST_OFFSETS[-1]
        while len(tried) < MAX_TRIALS:
            best = min(tried, key=lambda value: tried[value])
            if best == _value(preset.id, low):
                low -= 1
                self._try(preset, _value(preset.id, low), data, tried)
            elif best == _value(preset.id, high):
                high += 1
                self._try(preset, _value(preset.id, high), data, tried)
            else:
                break
        self._confirm(preset, data)

    def spec(self, preset: Preset, value: float, seed: int = SEED) -> RunSpec:
        """A run of a trial."""
        return resolve_run(
            self.scenario,
            preset,
            data=find_source("fashion-mnist"),
            seed=seed,
            epochs=EPOCHS.get(preset.id, 3),
            overrides={TUNED.get(preset.id, "lr"): value},
            holdout=True,
        )

    def read(self, preset_id: str) -> list[Trial]:
        """What has been tried, by value; a shorter trial has not been."""
        lines = self.results.read_text(encoding="utf-8").splitlines() if self.results.exists() else []
        outcomes = (Outcome(**json.loads(line)) for line in lines)
        runs = {
            (run.value, run.seed): run
            for run in outcomes
            if (run.preset, run.epochs) == (preset_id, EPOCHS.get(preset_id, 3))
        }
        return [
            Trial(value, tuple(runs[value, seed] for seed in _seeds(preset_id) if (value, seed) in runs))
            for value in sorted({value for value, _ in runs})
        ]

    def write(self, preset_id: str) -> None:
        """Put the best value and the record into the preset's file; comments and order stay."""
        trials = self.read(preset_id)
        if len(trials) < len(FIRST_OFFSETS):
            print(f"{preset_id}: only {len(trials)} trials, left as it is")
            return
        best = min((one for one in trials if len(one.runs) == len(_seeds(preset_id))), key=lambda trial: trial.score)
        if best.value in (trials[0].value, trials[-1].value):
            print(f"{preset_id}: the best value {best.value:g} lies on the border, left as it is")
            return
        path = preset_path(preset_id)
        assert path is not None
        document = tomlkit.parse(path.read_text(encoding="utf-8"))
        records = [one for one in document.pop("tuning", []) if one["scenario"] != self.scenario]
        _table(document, *self._place())[TUNED.get(preset_id, "lr")] = best.value
        document["tuning"] = tomlkit.aot()
        for record in sorted([*records, self._record(preset_id, trials)], key=lambda one: str(one["scenario"])):
            document["tuning"].append(record)
        text = re.sub(r"(?<!\n)\n(?=\[\[tuning\]\])", "\n\n", tomlkit.dumps(document))
        path.write_text(text, encoding="utf-8")
        print(f"{preset_id}: {best.value:g}, held-out loss {best.score:.4f}, accuracy {best.accuracy:.2%}")

    def _place(self) -> list[str]:
        return (
            ["hyperparameters"] if self.scenario == MAIN_SCENARIO else ["scenarios", self.scenario, "hyperparameters"]
        )

    def _record(self, preset_id: str, trials: list[Trial]) -> tomlkit.items.Table:
        record = tomlkit.table()
        record["scenario"] = self.scenario
        if preset_id in TUNED:
            record["hyperparameter"] = TUNED[preset_id]
        more = MORE_SEEDS.get(preset_id, ())
        near = f" (within {NEAR - 1:.0%} of its best also {' and '.join(map(str, more))})" if more else ""
        record["protocol"] = (
            f"10,000 training images held out, test never evaluated; {trials[0].runs[0].epochs} epoch(s), "
            f"seed {SEED}{near}, one thread; lowest {'mean ' if more else ''}held-out loss wins"
        )
        rows = tomlkit.array()
        for trial in trials:
            row = tomlkit.inline_table()
            row["value"], row["val_accuracy"] = trial.value, round(trial.accuracy, 4)
            row["val_loss"] = round(trial.score, 4) if trial.score < math.inf else "diverged"
            rows.append(row)
        record["trials"] = rows.multiline(True)
        return record

    def _try(self, preset: Preset, value: float, data: Splits, tried: dict[float, float]) -> None:
        if value not in tried:
            tried[value] = self._train(preset, value, SEED, data).score

    def _confirm(self, preset: Preset, data: Splits) -> None:
        """Give the values that came near the best their other seeds."""
        trials = self.read(preset.id)
        bound = NEAR * min(trial.runs[0].score for trial in trials)
        for trial in trials:
            missing = set(_seeds(preset.id)) - {run.seed for run in trial.runs}
            for seed in sorted(missing) if trial.runs[0].score <= bound else ():
                self._train(preset, trial.value, seed, data)

    def _train(self, preset: Preset, value: float, seed: int, data: Splits) -> Outcome:
        listener = Listener()
        run = self.spec(preset, value, seed)
        ended = train(run, listener.emit, listener, data=data, device=CPU)
        assert ended.final is not None
        assert ended.final.val_loss is not None
        assert ended.final.val_accuracy is not None
        outcome = Outcome(
            preset.id, value, run.epochs, ended.state, ended.final.val_loss, ended.final.val_accuracy, seed
        )
        with self.results.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(asdict(outcome)) + "\n")
        print(outcome, flush=True)
        return outcome


def main() -> None:
    """Tune or write."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario")
    parser.add_argument("results", type=Path)
    parser.add_argument("presets", nargs="*", default=list(CENTRES))
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    search = Search(given.scenario, given.results)
    if given.write:
        for preset_id in given.presets:
            search.write(preset_id)
        return
    torch.set_num_threads(1)
    part, count = (int(word) for word in given.part.split("/"))
    presets = [load_library().find(preset_id) for preset_id in given.presets[part::count]]
    if find_source("fashion-mnist").kind == "sample":
        raise SystemExit("the full Fashion-MNIST is needed: set TUI_OPTIM_DATA, or run `tui-optim data fetch`")
    data = load_splits(search.spec(presets[0], 0.1), CPU)
    for preset in presets:
        search.tune(preset, data)


def _seeds(preset_id: str) -> tuple[int, ...]:
    return (SEED, *MORE_SEEDS.get(preset_id, ()))


def _value(preset_id: str, offset: int) -> float:
    return float(f"{CENTRES[preset_id] * FACTOR**offset:.2g}")


def _table(document: tomlkit.TOMLDocument, *names: str) -> Any:
    """The (possibly new) table of this name."""
    place: Any = document
    for number, name in enumerate(names):
        if name not in place:
            place[name] = tomlkit.table(is_super_table=number < len(names) - 1)
        place = place[name]
    return place


if __name__ == "__main__":
    main()
