"""A sweep, fully resolved: the plan with the presets, data and machine that its runs use. Stored as `sweep.json`."""

import shlex
from collections.abc import Mapping
from dataclasses import replace

from pydantic import BaseModel, ConfigDict

from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.hyperparameters import Value, flag, format_value, option
from tui_optim.spec.keeping import WHOLE, Keeping
from tui_optim.spec.optimizers import find_optimizer
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import DeviceRequest, RunSpec, resolve_run
from tui_optim.spec.scenarios import Scenario, find_scenario
from tui_optim.spec.seeds import format_seeds
from tui_optim.spec.settable import settable
from tui_optim.spec.stacking import stack_key
from tui_optim.spec.sweeps.plan import RATE_FACTOR, RATE_OFFSETS, RATE_REACH, Point, SweepPlan, check_plan, grid
from tui_optim.spec.sweeps.space import Dimension, Range, format_dimension


class SweepSpec(BaseModel):
    """Everything that decides the runs of a sweep."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings", defer_build=True)

    plan: SweepPlan
    presets: dict[str, Preset]
    """The presets' content when the sweep was made: what is edited later changes nothing. Ids are the keys alone."""
    preset_files: dict[str, str] = {}
    """Paths of presets that were given as files."""
    plugin_files: tuple[str, ...] = ()
    """Files with scenarios and optimizers of the user's."""
    own_scenarios: dict[str, Scenario] = {}
    """The user's scenarios as their files described them when the sweep was made."""
    data: dict[str, DataSource]
    """By data set."""
    device: DeviceRequest = "auto"
    threads: int | None = None
    executor: ExecutorSpec = LOCAL

    def trial_run(self, point: Point, seed: int) -> RunSpec:
        """The run of a trial. Raises UsageError for values that its preset does not take."""
        return self._run(point, seed, holdout=self.plan.holdout, keeping=self.plan.keeping)

    def final_run(self, point: Point, seed: int) -> RunSpec:
        """The run of a winner: full training set, test evaluated. Raises UsageError."""
        final = self.plan.final
        return self._run(point, seed, holdout=False, test_once=final.test_once, epochs=final.epochs)

    def stack_of(self, run: RunSpec) -> str | None:
        """What a run has in common with those that it trains with as one stack; None where it trains alone.

        So do trials of a search in which each suggestion waits for what came of the last.
        """
        return None if self.plan.search == "tpe" else stack_key(run, self.executor)

    def preset(self, preset_id: str) -> Preset:
        """A preset of the sweep."""
        return self.presets[preset_id].model_copy(update={"id": preset_id})

    def scenario(self, scenario_id: str) -> Scenario:
        """A scenario of the sweep."""
        return self.own_scenarios.get(scenario_id) or find_scenario(scenario_id)

    @property
    def is_for_showing(self) -> bool:
        """Whether nothing is chosen: nothing is held out, of data that has a test set, whose figures are shown."""
        plan = self.plan
        has_test = any(self.scenario(name).has_test for name in plan.scenarios)
        return has_test and not plan.holdout and not plan.metric.startswith("val")

    @property
    def command(self) -> str:
        """The command line that repeats the sweep."""
        words = ["tui-optim", "sweep", ",".join(self.plan.scenarios)]
        words += [word for file in self.plugin_files for word in ("--plugin", file)]
        for preset in self.plan.presets:
            words += option("--preset-file", self.preset_files.get(preset)) or ["--preset", preset]
        return shlex.join([*words, *self._search_words, *self._final_words, *self._place_words])

    @property
    def _search_words(self) -> list[str]:
        """What is searched, how, and by what it is judged."""
        plan = self.plan
        words = [word for key, one in plan.space.items() for word in ("--grid", format_dimension(key, one))]
        words += option("--search", plan.search, usual="grid")
        words += option("--tune", plan.tuned, usual="lr") if plan.search == "rate" else []
        words += option("--trials", plan.trials) + option("--search-seed", plan.seed, usual=0)
        words += ["--seeds", format_seeds(plan.seeds), *option("--epochs", plan.epochs)]
        words += [word for key, value in plan.settings.items() for word in ("--set", f"{key}={format_value(value)}")]
        words += option("--metric", plan.metric, usual="val_loss") + option("--prune", plan.prune, usual="none")
        return words + plan.keeping.words + flag("--no-holdout", not plan.holdout)

    @property
    def _final_words(self) -> list[str]:
        final = self.plan.final
        words = ["--final-seeds", format_seeds(final.seeds)] if final.seeds else []
        words += option("--final-epochs", final.epochs) + option("--final-winner", final.winner, usual="each")
        return words + flag("--final-test-once", final.test_once)

    @property
    def _place_words(self) -> list[str]:
        """On which data and where."""
        origins = {source.origin: source for source in self.data.values()}  # all that are files have the same
        words = flag("--sample", "sample" in origins)
        words += option("--data-dir", origins["data-dir"].folder) if "data-dir" in origins else []
        words += option("--device", self.device, usual="auto") + option("--threads", self.threads)
        words += option("--engine", self.executor.kind, usual="local")
        words += option("--address", self.executor.address, usual="")
        given = self.executor.parameters.items()
        return words + [word for key, value in given for word in ("--engine-set", f"{key}={format_value(value)}")]

    def is_whole(self, point: Point, name: str) -> bool:
        """Whether a searched key takes whole numbers only."""
        if name in ("epochs", "batch_size"):
            return True
        return (
            settable(self.scenario(point.scenario), self.preset(point.preset), self.plan.settings)[name].kind == "int"
        )

    def rate_points(self, arm: Point) -> dict[int, Point]:
        """All that a search for a rate may try of an arm, by offset: the preset's own value times 10^(offset/3).

        The values have two significant digits. Those that the preset does not take are not among them, so the offsets, which
        ascend, are without gaps and may end before the search's own limits do. Raises UsageError where the own value is no
        positive number.
        """
        own = self.trial_run(arm, self.plan.seeds[0]).hyperparameters.get(self.plan.tuned)
        if not isinstance(own, float):
            raise UsageError(f"{self.plan.tuned} of {arm.preset} is no number on a scale: search grid, random or tpe")
        if own <= 0:
            raise UsageError(
                f"{self.plan.tuned} of {arm.preset} is {own:g}, and search rate multiplies the preset's own value: search grid, "
                "random or tpe"
            )
        points: dict[int, Point] = {}
        for offset in RATE_REACH:
            value = float(f"{own * RATE_FACTOR**offset:.2g}")
            point = replace(arm, values=((self.plan.tuned, value),))
            if self._takes(point):
                points[offset] = point
        if not points.keys() & set(RATE_OFFSETS):
            raise UsageError(f"{self.plan.tuned} of {arm.preset} takes no value around its own, {own:g}: search grid")
        return points

    def _takes(self, point: Point) -> bool:
        try:
            self.trial_run(point, self.plan.seeds[0])
        except UsageError:
            return False
        return True

    def _run(
        self,
        point: Point,
        seed: int,
        *,
        holdout: bool,
        test_once: bool = False,
        keeping: Keeping = WHOLE,
        epochs: int | None = None,
    ) -> RunSpec:
        values: dict[str, Value] = dict(point.values)
        searched_epochs = values.pop("epochs", None)
        if epochs is None:
            epochs = self.plan.epochs if searched_epochs is None else int(searched_epochs)
        return resolve_run(
            point.scenario,
            self.preset(point.preset),
            data=self.data[self.scenario(point.scenario).dataset],
            seed=seed,
            epochs=epochs,
            overrides={**self.plan.settings, **values},
            holdout=holdout,
            test_once=test_once,
            keeping=keeping,
            device=self.device,
            threads=self.threads,
            preset_file=self.preset_files.get(point.preset),
            own_scenario=self.own_scenarios.get(point.scenario),
        )


def resolve_sweep(
    plan: SweepPlan,
    presets: Mapping[str, Preset],
    *,
    data: Mapping[str, DataSource],
    device: DeviceRequest = "auto",
    threads: int | None = None,
    executor: ExecutorSpec = LOCAL,
    preset_files: Mapping[str, str] | None = None,
) -> SweepSpec:
    """Resolve a plan, checking every run that it may ask for as far as it is known beforehand.

    Args:
        plan: what the user said.
        presets: the plan's presets by id.
        data: where the data of the scenarios is, by data set.
        device, threads, executor: for all runs.
        preset_files: paths of presets that come from files of their own.

    Raises:
        UsageError: something in the plan cannot be carried out.
    """
    check_plan(plan, presets)
    sweep = SweepSpec(
        plan=plan,
        presets={name: presets[name].model_copy(update={"id": ""}) for name in plan.presets},
        preset_files=dict(preset_files or {}),
        own_scenarios={scenario.id: scenario for scenario in map(find_scenario, plan.scenarios) if scenario.origin},
        plugin_files=_plugin_files(plan, presets),
        data=dict(data),
        device=device,
        threads=threads,
        executor=executor,
    )
    for point in grid(plan) if plan.search == "grid" else _corners(sweep):
        sweep.trial_run(point, plan.seeds[0])
        if plan.search == "rate":
            sweep.rate_points(point)
        for seed in plan.final.seeds[:1]:
            sweep.final_run(point, seed)
    return sweep


def _plugin_files(plan: SweepPlan, presets: Mapping[str, Preset]) -> tuple[str, ...]:
    origins = [find_scenario(name).origin for name in plan.scenarios]
    origins += [find_optimizer(presets[name].optimizer).origin for name in plan.presets]
    return tuple(origin for origin in dict.fromkeys(origins) if origin.endswith(".py"))


def _corners(sweep: SweepSpec) -> list[Point]:
    """For every arm the lowest and the highest of each key: where a range leaves what the preset takes, it shows there."""
    corners: list[Point] = []
    for scenario, preset in sweep.plan.arms:
        arm = Point(scenario=scenario, preset=preset)
        for is_high in (False, True):
            values = [(name, _end(sweep, arm, name, one, is_high)) for name, one in sweep.plan.space.items()]
            corners.append(replace(arm, values=tuple(values)))
    return corners


def _end(sweep: SweepSpec, arm: Point, name: str, dimension: Dimension, is_high: bool) -> Value:
    if not isinstance(dimension, Range):
        return dimension[-1 if is_high else 0]
    bound = dimension.high if is_high else dimension.low
    return round(bound) if sweep.is_whole(arm, name) else bound
