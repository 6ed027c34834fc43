"""What a run measures: cost counters and the result of an epoch; with the JSON form that both log and exports use."""

import dataclasses
import marshal
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from operator import attrgetter
from typing import Any, Protocol

NON_FINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
"""JSON has no non-finite numbers; a diverged run has: they are written as these strings."""


def encode_number(value: Any) -> Any:
    """Return `value` unless it is a non-finite float, which becomes its string."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def decode_number(value: Any) -> Any:
    """Inverse of `encode_number` for a field that holds a number or nothing. Raises ValueError for anything else."""
    if type(value) in _NUMBER_TYPES:
        return value
    if isinstance(value, str) and value in NON_FINITE:
        return NON_FINITE[value]
    raise ValueError(f"not a number: {value!r}")


def decode_float(value: Any) -> float:
    """The same for a field that always holds a number. Raises ValueError and TypeError for anything else."""
    return float(decode_number(value))


def decode_finite(value: Any) -> float:
    """The same for one that always holds a finite number. Raises ValueError and TypeError for anything else."""
    number = decode_float(value)
    if not math.isfinite(number):
        raise ValueError("not a finite number")
    return number


class Counts(Protocol):
    """Counts of work on examples."""

    @property
    def examples_forward_backward(self) -> int: ...
    @property
    def examples_forward(self) -> int: ...
    @property
    def per_example_gradients(self) -> int: ...
    @property
    def hessian_products(self) -> int: ...
    @property
    def gauss_newton_products(self) -> int: ...


def gradient_evaluations(counts: Counts) -> float:
    """Work in units of one example's forward and backward pass."""
    whole = counts.examples_forward_backward + counts.per_example_gradients
    return whole + counts.examples_forward / 3 + 2 * counts.gauss_newton_products + 3 * counts.hessian_products


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Raw counters of work, so that anyone can weight them again; evaluation is not counted.

    Source of the weights: forward+backward 1, forward ⅓, Gauss–Newton product 2, Hessian product 3 per example.
    """

    examples_forward_backward: int = 0
    examples_forward: int = 0
    per_example_gradients: int = 0
    """Gradients of single examples that a method keeps apart from each other; not in `examples_forward_backward`."""
    hessian_products: int = 0
    """Hessian-vector products × examples."""
    gauss_newton_products: int = 0
    """Gauss–Newton-vector products × examples."""
    line_search_evaluations: int = 0
    """Trial points of line searches; their forward passes are in `examples_forward`."""
    optimizer_steps: int = 0

    @property
    def gradient_evaluations(self) -> float:
        """Work in units of one example's forward and backward pass."""
        return gradient_evaluations(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochResult:
    """Losses (per-example means without penalty) and accuracies (fractions) at the end of an epoch.

    Epoch 0 is the untrained model. During training the training figures are running means over the epoch's mini-batches; in
    the final result the whole training set has been evaluated. A split that the run does not have is None, and so are accuracies
    where there are no classes. Where the minimum is known, `train_loss` is the objective itself at the end of the epoch.
    """

    epoch: int
    step: int
    elapsed_s: float
    """Wall-clock seconds of the run so far, pauses excluded."""
    train_time_s: float
    """Seconds spent in training steps; evaluation is off the clock."""
    lr: float
    train_loss: float | None = None
    train_accuracy: float | None = None
    val_loss: float | None = None
    val_accuracy: float | None = None
    test_loss: float | None = None
    test_accuracy: float | None = None
    handout_loss: float | None = None
    """The assignment's test loss: batch means summed, divided by the number of test examples."""
    gap: float | None = None
    """Objective minus its minimum, where that is known."""
    penalty: float | None = None
    sparsity: float | None = None
    """Share of the penalised weights with a magnitude below 1e-3."""
    effective_epochs: float = 0.0
    """Gradient evaluations ÷ number of training examples."""
    peak_memory_mib: float | None = None
    """Since the run began: CUDA: peak allocated; else peak resident size of the process, which a stack of runs shares."""
    cost: Cost = field(default_factory=Cost)

    def to_json(self) -> dict[str, Any]:
        """Flat JSON object: the fields, the raw counters and `gradient_evaluations`."""
        values = zip(_RESULT_FIELDS, _result_values(self), strict=True)
        row = {name: encode_number(value) if isinstance(value, float) else value for name, value in values}
        row["gradient_evaluations"] = self.cost.gradient_evaluations
        row.update(zip(_COST_FIELDS, _cost_values(self.cost), strict=True))
        return row

    def to_log(self) -> dict[str, Any]:
        """What `from_json` needs: without what is absent or zero by default, and with non-finite numbers as they are."""
        row = {
            name: value for name, value in zip(_RESULT_FIELDS, _result_values(self), strict=True) if value is not None
        }
        for name, count in zip(_COST_FIELDS, _cost_values(self.cost), strict=True):
            if count:
                row[name] = count
        return row

    def log_text(self) -> str:
        """`to_log` as JSON without blanks, many times as fast; '' where a number is not finite."""
        total = self.elapsed_s + self.train_time_s + self.lr
        parts = [
            f'{{"epoch":{self.epoch},"step":{self.step},"elapsed_s":{self.elapsed_s},'
            f'"train_time_s":{self.train_time_s},"lr":{self.lr}'
        ]
        for name, value in zip(_LATER_FIELDS, _later_values(self), strict=True):
            if value is not None:
                total += value
                parts.append(f'"{name}":{value}')
        return f"{','.join(parts)}{_cost_text(self.cost)}}}" if math.isfinite(total) else ""

    @classmethod
    def from_json(cls, row: Mapping[str, Any]) -> "EpochResult":
        """Inverse of `to_json`; keys of later versions are ignored.

        Raises:
            ValueError, TypeError, OverflowError: a value is missing or no number.
        """
        values = {name: row[name] for name in _RESULT_FIELDS if name in row}
        values |= {name: decode_number(value) for name, value in values.items() if type(value) not in _NUMBER_TYPES}
        values |= {name: kind(values[name]) for name, kind in _KNOWN_ALWAYS.items() if name in values}
        return cls(**values, cost=Cost(**{name: int(row[name]) for name in _COST_FIELDS if name in row}))

    def packed(self) -> bytes:
        """For this process alone, in a third of the space; see `unpacked`."""
        return marshal.dumps((*_result_values(self), *_cost_values(self.cost)), 2)

    @classmethod
    def unpacked(cls, packed: bytes) -> "EpochResult":
        """Inverse of `packed`."""
        values = marshal.loads(packed)
        result, cost = object.__new__(cls), object.__new__(Cost)
        for put, value in zip(_PUT_RESULT, values, strict=False):
            put(result, value)
        for put, value in zip(_PUT_COST, values[len(_PUT_RESULT) :], strict=True):
            put(cost, value)
        _PUT_COST_OF_RESULT(result, cost)
        return result


_NUMBER_TYPES = frozenset({float, int, type(None)})
_RESULT_FIELDS = tuple(f.name for f in dataclasses.fields(EpochResult) if f.name != "cost")
_KNOWN_ALWAYS: dict[str, type[int] | type[float]] = {
    "epoch": int,
    "step": int,
    "elapsed_s": float,
    "train_time_s": float,
    "lr": float,
    "effective_epochs": float,
}
_COST_FIELDS = tuple(f.name for f in dataclasses.fields(Cost))
_LATER_FIELDS = _RESULT_FIELDS[_RESULT_FIELDS.index("lr") + 1 :]
_later_values = attrgetter(*_LATER_FIELDS)
_result_values, _cost_values = attrgetter(*_RESULT_FIELDS), attrgetter(*_COST_FIELDS)


def _fillers(kind: type, names: Iterable[str]) -> tuple[Callable[[Any, Any], None], ...]:
    """What puts values into a frozen object's slots: a third of the time of its constructor."""
    return tuple(getattr(kind, name).__set__ for name in names)


_PUT_RESULT, _PUT_COST = _fillers(EpochResult, _RESULT_FIELDS), _fillers(Cost, _COST_FIELDS)
(_PUT_COST_OF_RESULT,) = _fillers(EpochResult, ("cost",))


@lru_cache(maxsize=16)
def _cost_text(cost: Cost) -> str:
    """Counts that are not 0; runs that train together have the same ones."""
    named = zip(_COST_FIELDS, _cost_values(cost), strict=True)
    return "".join(f',"{name}":{count}' for name, count in named if count)
