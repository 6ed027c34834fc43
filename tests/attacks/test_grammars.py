"""What users type into a word: it is understood, or refused in one line that can be shown."""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st

from tests.attacks.mutation import broken_text
from tests.attacks.withstanding import num_cases, refused_calmly, withstand
from tests.factories import make_preset, make_run, make_source, make_spec
from tui_optim.report.ranges import parse_range
from tui_optim.report.run_fields import run_fields
from tui_optim.report.run_filter import parse_filter
from tui_optim.report.run_order import order_runs, parse_order
from tui_optim.report.targets import parse_target
from tui_optim.spec.executors import parse_executor
from tui_optim.spec.hyperparameters import parse_value
from tui_optim.spec.run import resolve_run
from tui_optim.spec.schedules import schedule_factor
from tui_optim.spec.seeds import format_seeds, parse_seeds
from tui_optim.spec.settings import FIELDS, Settings, value_text, with_value
from tui_optim.spec.sweeps.space import format_dimension, parse_dimension
from tui_optim.spec.xray import parse_xray
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home

FILTERS = (
    "lr>=0.01 family~second state=diverged",
    "'two words' epoch<3 seed!=2",
    'name="a b" note!~x test_accuracy>0.5',
    "schedule.kind=cosine holdout=true",
    "batch_size=64 data==full",
)
SETTINGS = (
    "lr=0.1",
    "momentum=0.9",
    "batch_size=full",
    "batch_size=64",
    "nesterov=true",
    "weight_decay=1e-4",
    "schedule.kind=cosine-restarts",
    "schedule.period=3",
    "schedule.kind=one-cycle",
    "schedule.rise=0.3",
    "averaging.kind=ema",
    "penalty.strength=0.1",
)


def filters(runs: list[StoredRun]) -> Callable[[str], None]:
    """A filter is read over the fields of runs, and asked of each."""
    fields = run_fields(runs)

    def check(text: str) -> None:
        wanted = parse_filter(text, fields)
        for run in runs:
            wanted.passes(run)

    return check


def orders(runs: list[StoredRun]) -> Callable[[str], None]:
    """An order is read, and runs are put into it."""
    fields = run_fields(runs)
    return lambda text: _done(order_runs(runs, parse_order(text, fields)))


def seeds(_: list[StoredRun]) -> Callable[[str], None]:
    """Seeds are written as they are read."""

    def check(text: str) -> None:
        found = parse_seeds(text)
        assert len(found) <= 10_000
        assert parse_seeds(format_seeds(found)) == sorted(found)

    return check


def dimensions(_: list[StoredRun]) -> Callable[[str], None]:
    """What is searched is written down."""
    return lambda text: _done(format_dimension(*parse_dimension(text)))


def values_of_runs(_: list[StoredRun]) -> Callable[[str], None]:
    """Values make a run, and its schedule is a number at each step and long after them."""

    def check(text: str) -> None:
        given = dict(pair.partition("=")[::2] for pair in text.split(" ") if "=" in pair)
        overrides = {name: parse_value(value) for name, value in given.items()}
        spec = resolve_run("lenet5-fashion-l2", make_preset(), data=make_source(), epochs=2, overrides=overrides)
        length = spec.length(60_000)
        factor = schedule_factor(spec.schedule, spec.schedule_parameters, length)
        for step in (0, 1, length.steps_per_epoch, length.num_steps - 1, length.num_steps, 10**7):
            assert 0 <= factor(step) < float("inf")
        assert spec.command.startswith("tui-optim run")

    return check


def settings_of_app(_: list[StoredRun]) -> Callable[[str], None]:
    """A setting is taken as it is typed."""

    def check(text: str) -> None:
        name, _, value = text.partition("=")
        changed = with_value(Settings(), name, value)
        if name in FIELDS:
            assert value_text(changed, name)

    return check


def _plain(parse: Callable[[str], object]) -> Callable[[list[StoredRun]], Callable[[str], None]]:
    return lambda _: lambda text: _done(parse(text))


def _done(_: object) -> None:
    """What came out does not matter: that something did does."""


GRAMMARS: dict[str, tuple[Callable[[list[StoredRun]], Callable[[str], None]], tuple[str, ...]]] = {
    "filters": (filters, FILTERS),
    "orders": (orders, ("lr", "-test_accuracy", "- created", "schedule.kind", "-name")),
    "targets": (_plain(parse_target), ("val_accuracy>=0.9", "test_loss <= 0.3", "train_loss<=1e-3")),
    "seeds": (seeds, ("42", "42,43", "42..46", "1, 3..5,9", "0..9999")),
    "dimensions": (dimensions, ("lr=0.1,0.01", "lr=1e-4..1", "momentum=0..0.99:linear", "batch_size=full,16")),
    "ranges": (_plain(lambda text: parse_range(text, name="x")), ("0..3", "1e-9..1", "-1..1")),
    "executors": (_plain(parse_executor), ("local stack=false", "ray 10.0.0.1:6379 num_gpus=0.5", "slurm time=5")),
    "x-rays": (_plain(parse_xray), ("auto", "off", "200")),
    "values": (values_of_runs, SETTINGS),
    "settings": (settings_of_app, ("theme=nord", "refresh_hz=4", "mouse=false", "keys=a", "notify=osc9")),
}


@pytest.mark.parametrize("name", GRAMMARS)
@num_cases(8, 400)
def test_what_is_typed_is_understood_or_refused(home: Home, name: str, num_cases: int) -> None:
    """Never anything but a UsageError; its line is one that a terminal can show."""
    grammar, sound = GRAMMARS[name]
    runs = [
        make_run(home, make_spec(seed=1)),
        make_run(home, make_spec("circles", epochs=1), state="failed", reason="x"),
    ]
    understand = grammar(runs)

    def check(text: str) -> None:
        with refused_calmly():
            understand(text)

    joined = st.lists(broken_text(sound), min_size=1, max_size=2).map(" ".join)
    withstand(joined, check, num_cases=num_cases)
