"""Planning and starting runs and sweeps of one home, and finding those that are there."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Unpack

from tui_optim.lab.options import ForkOptions, RunOptions
from tui_optim.lab.stored import Runs, Sweep
from tui_optim.report.choice import choose_runs
from tui_optim.runs.client import Client
from tui_optim.runs.forks import plan_fork
from tui_optim.runs.machine import check_executor
from tui_optim.spec.datasets import DataSource
from tui_optim.spec.errors import UsageError
from tui_optim.spec.executors import LOCAL, ExecutorSpec
from tui_optim.spec.extras import need_extra
from tui_optim.spec.keeping import Keeping
from tui_optim.spec.plugins import use_plugin_files
from tui_optim.spec.presets import Preset, load_preset
from tui_optim.spec.run import RunSpec, find_device, resolve_run
from tui_optim.spec.scenarios import Scenario, find_scenario
from tui_optim.spec.seeds import parse_seeds
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.sweep import SweepSpec, resolve_sweep
from tui_optim.store.catalogue import Catalogue, StoredRun
from tui_optim.store.datasets import source_of, verify_source
from tui_optim.store.home import Home, absolute, open_home
from tui_optim.store.library import Library, load_library
from tui_optim.store.sweeplibrary import find_plan
from tui_optim.store.sweepnames import find_sweep, names_sweep


class Lab:
    """The laboratory of one home."""

    def __init__(
        self, home: str | Path | None = None, *, data_dir: str | Path | None = None, plugins: Iterable[str | Path] = ()
    ) -> None:
        """Open it.

        Args:
            home: where runs are kept; `TUI_OPTIM_HOME`, else the platform's folder, if None.
            data_dir: where data files are, before all other places.
            plugins: Python files with optimizers or scenarios of your own.
        """
        # read at once: what is wrong with a file is said before anything else
        self.plugin_optimizers = tuple(use_plugin_files(map(Path, plugins)))
        """Ids of the optimizers that these plugins bring."""
        self._root = None if home is None else absolute(home)
        self._data_dir = None if data_dir is None else Path(data_dir)

    @cached_property
    def home(self) -> Home:
        """Made where it does not exist, when it is first needed. Raises StoreError."""
        return open_home(self._root)

    @cached_property
    def client(self) -> Client:
        """Commands to single runs: pause, stop, resume, label, delete, …"""
        return Client(self.home)

    def plan(
        self,
        scenario: str,
        presets: str | Path | Preset | Sequence[str | Path | Preset],
        *,
        seeds: str | int | Iterable[int] = 42,
        executor: ExecutorSpec = LOCAL,
        **options: Unpack[RunOptions],
    ) -> list[RunSpec]:
        """What would be run, seed by seed; nothing is made. A preset is an id, a file, or a preset itself.

        Raises:
            UsageError, DataError: what is wrong, where, and the nearest valid name.
        """
        about = find_scenario(scenario)
        library = load_library()
        given = [presets] if isinstance(presets, str | Path | Preset) else presets
        found = [_find_preset(one, library) for one in given]
        if not found:
            raise UsageError("name at least one preset, for example sgd-baseline: tui-optim list presets")
        device = find_device(options.get("device", "auto"))
        check_executor(executor, device=device)
        data = self._source(about, is_sample=options.get("sample", False))
        keeping = Keeping(
            patience=options.get("patience"), min_delta=options.get("min_delta", 0.0), every=options.get("keep_every")
        )
        return [
            resolve_run(
                scenario,
                preset,
                data=data,
                seed=seed,
                epochs=options.get("epochs"),
                overrides=options.get("settings"),
                holdout=options.get("holdout", False),
                test_once=options.get("test_once", False),
                keeping=keeping,
                xray=options.get("xray", 0),
                device=device,
                threads=options.get("threads"),
                preset_file=path,
            )
            for seed in _seeds(seeds)
            for preset, path in found
        ]

    def submit(self, specs: Sequence[RunSpec], *, executor: ExecutorSpec = LOCAL) -> Runs:
        """Queue runs; they train in the background. Raises StoreError."""
        return Runs(self.client, self.client.submit(specs, executor=executor))

    def run(
        self,
        scenario: str,
        presets: str | Path | Preset | Sequence[str | Path | Preset],
        *,
        seeds: str | int | Iterable[int] = 42,
        executor: ExecutorSpec = LOCAL,
        is_waiting: bool = True,
        **options: Unpack[RunOptions],
    ) -> Runs:
        """Queue runs and wait for their ends, or go on at once. Raises as `plan` and `submit` do."""
        runs = self.submit(self.plan(scenario, presets, seeds=seeds, executor=executor, **options), executor=executor)
        return runs.wait() if is_waiting else runs

    def plan_fork(
        self,
        run: str | StoredRun,
        preset: str | Path | Preset | None = None,
        **options: Unpack[ForkOptions],
    ) -> RunSpec:
        """What would go on from a checkpoint of a run, which stays from now on; no run is made.

        Args:
            run: the parent, by its id, a part of it, its name, or 'last'.
            preset: another one than the parent's.
            options: where it begins, and what is other there.

        Raises:
            UsageError, StoreError: what is wrong, and what there is.
        """
        stored = self._find(run)
        found, path = (None, None) if preset is None else _find_preset(preset, load_library())
        return plan_fork(stored, preset=found, preset_file=path, **options)

    def fork(
        self,
        run: str | StoredRun,
        preset: str | Path | Preset | None = None,
        *,
        is_waiting: bool = True,
        **options: Unpack[ForkOptions],
    ) -> Runs:
        """Go on from a checkpoint of a run as another one, where that was executed. Raises as `plan_fork` and `submit` do."""
        stored = self._find(run)
        spec = self.plan_fork(stored, preset, **options)
        runs = self.submit([spec], executor=stored.info.executor)
        return runs.wait() if is_waiting else runs

    def runs(self, *names: str, passing: str | None = None, has_sweeps: bool = True) -> Runs:
        """Stored runs: of scenarios, ids, parts of ids, sweeps, 'last'; all without a name. `passing` is a filter.

        Raises:
            UsageError, StoreError: a name or a filter that means nothing, or a home without runs.
        """
        runs = choose_runs(self.home, names, passing=passing, has_sweeps=has_sweeps)
        return Runs(self.client, [run.run_id for run in runs])

    def plan_sweep(
        self,
        plan: str | Path | SweepPlan,
        *,
        preset_files: Iterable[str | Path] = (),
        device: str = "auto",
        threads: int | None = None,
        sample: bool = False,
        executor: ExecutorSpec = LOCAL,
    ) -> SweepSpec:
        """A ready-made sweep, a file or a plan, checked; nothing is made. Raises UsageError, DataError."""
        plan = plan if isinstance(plan, SweepPlan) else find_plan(str(plan))
        if plan.search == "tpe":
            need_extra("tune", needed_by="search tpe")
        files = {Path(path).stem: Path(path) for path in preset_files}
        library = load_library()
        presets = {name: load_preset(files[name]) if name in files else library.find(name) for name in plan.presets}
        request = find_device(device)
        check_executor(executor, device=request)
        scenarios = [find_scenario(name) for name in plan.scenarios]
        data = {
            one.dataset: self._source(one, is_sample=sample) for one in {one.dataset: one for one in scenarios}.values()
        }
        paths = {name: str(path.absolute()) for name, path in files.items()}
        return resolve_sweep(
            plan, presets, data=data, device=request, threads=threads, executor=executor, preset_files=paths
        )

    def sweep(self, spec: SweepSpec, *, is_waiting: bool = True) -> Sweep:
        """Carry a planned sweep out, and wait for its end, or go on at once. Raises StoreError."""
        sweep = Sweep(self.client, self.client.submit_sweep(spec))
        return sweep.wait() if is_waiting else sweep

    def load_sweep(self, name: str = "sweep") -> Sweep:
        """A stored sweep, by its id or a part of it; 'sweep' is the newest. Raises UsageError."""
        return Sweep(self.client, find_sweep(self.home, name).sweep_id)

    def _find(self, run: str | StoredRun) -> StoredRun:
        if isinstance(run, StoredRun):
            return run
        if names_sweep(self.home, run, takes_scenarios=False):
            raise UsageError(f"{run!r} is a sweep: a run is forked; `tui-optim list runs` has their ids")
        return Catalogue(self.home).find(run)

    def _source(self, scenario: Scenario, *, is_sample: bool) -> DataSource:
        source = source_of(scenario, data_dir=self._data_dir, is_sample=is_sample)
        verify_source(source)
        return source


def _find_preset(given: str | Path | Preset, library: Library) -> tuple[Preset, str | None]:
    """A preset, and the file it is from where one was named."""
    if isinstance(given, Preset):
        return given, None
    if isinstance(given, Path):
        return load_preset(given), str(given.absolute())
    return library.find(given), None


def _seeds(given: str | int | Iterable[int]) -> list[int]:
    if isinstance(given, str):
        return parse_seeds(given)
    return [given] if isinstance(given, int) else list(dict.fromkeys(given))
