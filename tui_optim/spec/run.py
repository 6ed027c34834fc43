"""A run, fully resolved: everything that decides its numbers, and the command that repeats it."""

import shlex
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from tui_optim.spec.averaging import check_averaging
from tui_optim.spec.branch import Branch
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError, find_word
from tui_optim.spec.fitting import check_batches, check_holdout, check_one_mean, check_splits, check_table
from tui_optim.spec.hyperparameters import Value, check_all, flag, option, word_of
from tui_optim.spec.keeping import MAX_EPOCHS, WHOLE, Keeping, check_keeping
from tui_optim.spec.layers import preset_values, table_of, with_overrides
from tui_optim.spec.optimizers import Family, find_optimizer
from tui_optim.spec.plugin_file import file_hash
from tui_optim.spec.presets import BatchSize, Preset, check_batch_size, check_schedule, check_together
from tui_optim.spec.scenarios import PENALTY_PARAMETERS, Scenario, find_scenario
from tui_optim.spec.schedules import RunLength
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.settable import MEMORY_FORMAT, MemoryFormat
from tui_optim.spec.xray import XRayWish, check_interval, usual_interval

DeviceRequest = Literal["auto", "cpu", "cuda", "mps"]
DEVICE_REQUESTS: tuple[DeviceRequest, ...] = get_args(DeviceRequest)
MAX_SEED = 2**63 - 1
MAX_THREADS = 1024


class RunSpec(BaseModel):
    """Everything that decides a run's numbers. Stored as `run.json`, handed to the engine."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    scenario: str
    preset: str
    family: Family
    optimizer: str
    optimizer_origin: str = ""
    """File or module of a plugin; empty for the optimizers that come with the program."""
    optimizer_sha256: str = ""
    """Hash of that file when the run was made: a step that is another is another optimizer."""
    own_scenario: Scenario | None = None
    """The scenario as the user's file described it, with that file's hash; None for those that come with the program."""
    hyperparameters: dict[str, Value]
    """Complete: defaults of optimizer, scenario and preset with the user's values over them."""
    schedule: str
    schedule_parameters: dict[str, Value]
    batch_size: BatchSize
    averaging: dict[str, Value] = Field(default_factory=dict)
    """kind and parameters of the averaging; empty without one."""
    penalty: dict[str, Value] = Field(default_factory=dict)
    """kind, strength and l1_ratio for scenarios with penalised layers, else empty."""
    memory_format: MemoryFormat = "contiguous"
    """How images lie in memory; 'channels-last' changes the last bits."""
    epochs: int
    seed: int
    holdout: bool = False
    """Hold a part of the training set out as validation and never evaluate the test set: for choosing."""
    test_once: bool = False
    """Evaluate the test set at the run's end alone, and after no epoch before."""
    keeping: Keeping = WHOLE
    """When it may end before its last epoch, and which of its checkpoints stay."""
    xray: int = 0
    """Steps from one X-ray to the next; 0 takes none. They change no number of the run."""
    device: DeviceRequest = "auto"
    threads: int | None = None
    """CPU threads; None takes the machine's budget."""
    data: DataSource
    overrides: dict[str, Value] = Field(default_factory=dict)
    """What the user set over the preset, as typed."""
    preset_file: str | None = None
    """Path of a preset given as a file."""
    parent: Branch | None = None
    """Where it begins, for a fork; None for a run that begins with untrained weights."""

    @property
    def lineage(self) -> str:
        """The preset, and of a fork where it comes from: ``adam ← sgd@5``."""
        return f"{self.preset} ← {self.parent.words}" if self.parent else self.preset

    @property
    def scenario_info(self) -> Scenario:
        """The scenario's entry in the registry, or what its file said when the run was made."""
        return self.own_scenario or find_scenario(self.scenario)

    @property
    def plugins(self) -> tuple[str, ...]:
        """The user's files and modules that the run is made of."""
        origins = [self.own_scenario.origin if self.own_scenario else "", self.optimizer_origin]
        return tuple(origin for origin in dict.fromkeys(origins) if origin)

    @property
    def plugin_files(self) -> list[str]:
        """Those that are files."""
        return [origin for origin in self.plugins if origin.endswith(".py")]

    @property
    def averaging_kind(self) -> str:
        """'none' without an averaging."""
        return str(self.averaging.get("kind", "none"))

    @property
    def preset_words(self) -> list[str]:
        """The preset and the user's files, as words of a command line."""
        words = option("--preset-file", self.preset_file) or [self.preset]
        return words + [word for file in self.plugin_files for word in ("--plugin", file)]

    @property
    def override_words(self) -> list[str]:
        """What was set over the preset, as words of a command line."""
        return [word for name, value in self.overrides.items() for word in ("--set", f"{name}={word_of(value)}")]

    @property
    def command(self) -> str:
        """The command line that repeats this run."""
        return self.command_for([self.seed])

    def command_for(self, seeds: Iterable[int]) -> str:
        """The command line that repeats this run for several seeds."""
        if self.parent is not None:
            return shlex.join(self.parent.command_words(self))
        words = ["tui-optim", "run", self.scenario, *self.preset_words]
        words += ["--seeds", format_seeds(seeds), "--epochs", str(self.epochs), *self.override_words]
        words += flag("--holdout", self.holdout) + flag("--test-once", self.test_once)
        words += self.keeping.words + option("--xray", self.xray, usual=0)
        words += flag("--sample", self.data.origin == "sample")
        words += option("--data-dir", self.data.folder) if self.data.origin == "data-dir" else []
        words += option("--device", self.device, usual="auto") + option("--threads", self.threads)
        return shlex.join(words)

    def examples_per_step(self, num_train: int) -> int:
        """Batch size as a number, never larger than the training set."""
        return num_train if self.batch_size == "full" else min(self.batch_size, num_train)

    def length(self, num_train: int) -> RunLength:
        """In plain mini-batch steps, which is what schedules count in."""
        steps_per_epoch = -(-num_train // self.examples_per_step(num_train))
        return RunLength(num_steps=steps_per_epoch * self.epochs, steps_per_epoch=steps_per_epoch)

    def schedule_start(self, num_train: int) -> int:
        """Plain mini-batch steps before the schedule begins to count: those before the branch, where a fork has another one."""
        return self.parent.schedule_start(self, num_train) if self.parent else 0


Branch.model_rebuild(_types_namespace={"RunSpec": RunSpec})
RunSpec.model_rebuild()


def resolve_run(
    scenario_id: str,
    preset: Preset,
    *,
    data: DataSource,
    seed: int = 42,
    epochs: int | None = None,
    overrides: Mapping[str, Value] | None = None,
    holdout: bool = False,
    test_once: bool = False,
    keeping: Keeping = WHOLE,
    xray: XRayWish = 0,
    device: DeviceRequest = "auto",
    threads: int | None = None,
    preset_file: str | None = None,
    own_scenario: Scenario | None = None,
) -> RunSpec:
    """Resolve a scenario and a preset, with the user's values over them, into a run.

    Precedence: optimizer < scenario < preset < preset's table for this scenario < `overrides`. `own_scenario` is the user's
    scenario of this id as a sweep has kept it.

    Raises:
        UsageError: an unknown name or key, or a value out of bounds.
    """
    scenario, optimizer = own_scenario or find_scenario(scenario_id), find_optimizer(preset.optimizer)
    if reason := why_unsuited(scenario, optimizer):
        raise UsageError(reason)
    check_splits(scenario, holdout=holdout, test_once=test_once)
    num_epochs = scenario.epochs if epochs is None else epochs
    _check_limits(num_epochs, seed, threads)
    given = dict(overrides or {})
    values = with_overrides(preset_values(scenario, preset), given, scenario, preset)
    schedule_id, schedule_parameters = check_schedule(table_of("schedule", values))
    chosen = {about.name: values[about.name] for about in optimizer.hyperparameters}
    hyperparameters = check_all(chosen, optimizer.hyperparameters, where="", kind=f"optimizer {optimizer.id!r}")
    check_together(optimizer.id, hyperparameters)
    num_examples = scenario.data_set.num_examples[data.kind][0]
    num_train = num_examples - scenario.num_validation(num_examples, is_holdout=holdout)
    check_holdout(holdout=holdout, num_examples=num_examples, num_train=num_train)
    batch_size = check_batch_size(values["batch_size"])
    if "batch_size" not in given and batch_size != "full":
        batch_size = min(batch_size, num_train)  # a preset is made for thousands of examples
    check_batches(batch_size, scenario, optimizer, num_examples=num_examples, num_train=num_train)
    check_table(hyperparameters, scenario, optimizer, num_train)
    averaging = check_averaging(table_of("averaging", values))
    check_one_mean(averaging, optimizer)
    run = RunSpec(
        scenario=scenario.id,
        preset=preset.id,
        family=preset.family,
        optimizer=optimizer.id,
        optimizer_origin=optimizer.origin,
        optimizer_sha256=file_hash(optimizer.origin) if optimizer.origin else "",
        own_scenario=scenario if scenario.origin else None,
        hyperparameters=hyperparameters,
        schedule=schedule_id,
        schedule_parameters=schedule_parameters,
        batch_size=batch_size,
        averaging=averaging,
        penalty=check_all(table_of("penalty", values), PENALTY_PARAMETERS, where="penalty.", kind="the penalty"),
        memory_format=_memory_format(values["memory_format"]),
        epochs=num_epochs,
        seed=seed,
        holdout=holdout,
        test_once=test_once,
        keeping=check_keeping(keeping, scenario, holdout=holdout),
        device=find_device(device),
        threads=threads,
        data=data,
        overrides=given,
        preset_file=preset_file,
    )
    return run.model_copy(update={"xray": _interval(run, xray, num_train)}) if xray else run


def _interval(run: RunSpec, wish: XRayWish, num_train: int) -> int:
    """Steps between X-rays. Raises UsageError."""
    if isinstance(wish, int):
        return check_interval(wish)
    return usual_interval(
        num_steps=run.length(num_train).num_steps,
        batch_size=run.examples_per_step(num_train),
        num_parameters=run.scenario_info.num_parameters,
    )


def find_device(name: str) -> DeviceRequest:
    """The device request of this name. Raises UsageError with the nearest valid one."""
    return find_word("device", name, DEVICE_REQUESTS)


def _memory_format(value: Value) -> MemoryFormat:
    checked = MEMORY_FORMAT.check(value, where=MEMORY_FORMAT.name)
    return "channels-last" if checked == "channels-last" else "contiguous"


def _check_limits(num_epochs: int, seed: int, threads: int | None) -> None:
    if not 1 <= num_epochs <= MAX_EPOCHS:
        raise UsageError(f"epochs = {num_epochs}: expected a whole number in [1, {MAX_EPOCHS}]")
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"seed = {seed}: expected a whole number in [0, {MAX_SEED}]")
    if threads is not None and not 1 <= threads <= MAX_THREADS:
        raise UsageError(f"threads = {threads}: expected a whole number in [1, {MAX_THREADS}]")
