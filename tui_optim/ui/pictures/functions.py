"""Runs on functions with a known minimum: which are looked at, where their parameters went, and at which step one stands."""

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from tui_optim.report.bands import Seeds
from tui_optim.report.comparison import run_key
from tui_optim.report.pictures.descent import Theory, measured_rate, theories
from tui_optim.report.pictures.plane import Box, Point, box_of
from tui_optim.report.series import RunSeries
from tui_optim.spec.quadratics import Quadratic
from tui_optim.spec.run import RunSpec
from tui_optim.spec.scenarios import SCENARIOS, PictureKind, Scenario
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.board import Board
from tui_optim.ui.charting.overlay import MARKERS, MAX_SHOWN, slots_of
from tui_optim.ui.names import names_across
from tui_optim.ui.pictures.timeline import Timeline

MAX_SEEDS = 10
"""Most seeds of a setting whose logs are read."""


class Walk:
    """The path of a run, as far as it has been seen."""

    def __init__(self, quadratic: Quadratic) -> None:
        """At the start."""
        self._quadratic = quadratic
        self.steps: list[float] = []
        self.points: list[Point] = []
        self.box: Box = box_of((), quadratic)
        """What of it is near enough to be shown."""
        self.num_begun = 0
        """How often it had to begin anew: what was made of it before is void."""
        self._begin()

    def see(self, series: RunSeries) -> None:
        """Take in what is new; where a run was resumed from before that, begin anew."""
        if len(series.path) < len(self.points) - 1:
            self._begin()
        known = len(self.points) - 1
        if len(series.path) > known:
            steps = series.curve("gap", "train", "step")[0]
            before = len(steps) - len(series.path)
            new = [(x, y) for x, y in series.path[known:]]
            self.steps += steps[before + known :]
            self.points += new
            near = box_of(new, self._quadratic)
            self.box = Box(
                left=min(self.box.left, near.left),
                bottom=min(self.box.bottom, near.bottom),
                right=max(self.box.right, near.right),
                top=max(self.box.top, near.top),
            )

    def place(self, step: float) -> Point:
        """Where the run was after this step, or where it ended before."""
        return self.points[max(0, bisect_right(self.steps, step) - 1)]

    def _begin(self) -> None:
        x, y = self._quadratic.start
        self.steps, self.points, self.box = [0.0], [(x, y)], box_of((), self._quadratic)
        self.num_begun += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A setting, on each function that it ran on."""

    slot: int
    """Number of its colour and marker."""
    name: str
    on: dict[str, Seeds] = field(default_factory=dict)
    """Its runs by scenario."""

    @property
    def marker(self) -> str:
        """Its marker."""
        return MARKERS[self.slot]


class Functions:
    """Looks at a board; draws nothing. The marked runs on these functions, or else the newest settings."""

    def __init__(self, board: Board, kind: PictureKind) -> None:
        """`kind` is 'contour' for functions of two parameters, 'descent' for those of one."""
        self.board = board
        self.kind = kind
        self.timeline = Timeline()
        self.methods: list[Method] = []
        """In the order of their first runs; at most as many as can be told apart."""
        self.num_left_out = 0
        self._slots: dict[Hashable, int] = {}
        self._walks: dict[str, tuple[int, Walk]] = {}
        """Run id → the revision of its log that has been seen, and its path."""
        self._rates: dict[str, tuple[int, float | None]] = {}
        """Run id → the revision of its log that has been seen, and its measured rate."""
        self._keys: dict[str, Hashable] = {}
        self.look()

    @property
    def scenarios(self) -> list[Scenario]:
        """The functions that runs are on, in the order of the panel; all of this kind where there is no run."""
        there = {scenario for method in self.methods for scenario in method.on}
        of_kind = [scenario for scenario in SCENARIOS.values() if scenario.picture == self.kind]
        return [scenario for scenario in of_kind if scenario.id in there] or of_kind

    @property
    def about(self) -> str:
        """Which runs are looked at."""
        settings, runs = len(self.methods), sum(len(seeds.runs) for seeds in self._all_seeds())
        words = [f"{settings} setting{'' if settings == 1 else 's'}", f"{runs} run{'' if runs == 1 else 's'}"]
        if self.num_left_out:
            words.append(f"{self.num_left_out} older left out: mark those to show")
        return " · ".join(words)

    @property
    def revision(self) -> Hashable:
        """Differs when anything that is shown would."""
        news = tuple(
            (method.slot, method.name, scenario, tuple(run.status.state for run in seeds.runs), _revisions(seeds))
            for method in self.methods
            for scenario, seeds in method.on.items()
        )
        return news, self.timeline.revision

    def look(self) -> None:
        """See which runs there are now, and how far they are."""
        runs = [run for run in self.board.runs if run.info.spec.scenario_info.picture == self.kind]
        begun = [run for run in runs if run.status.state != "queued"]
        marked = [run for run in begun if run.run_id in self.board.overlay.marked]
        self._group(marked or begun)
        self.board.looked_at_elsewhere = frozenset(run.run_id for seeds in self._all_seeds() for run in seeds.runs)
        last = [one.last_step for seeds in self._all_seeds() for one in seeds.series]
        self.timeline.finish = float(max(last, default=0))

    def walk(self, method: Method, scenario: Scenario) -> Walk | None:
        """The path of a setting's newest run on a function of two parameters; the seed does not matter there."""
        seeds = method.on.get(scenario.id)
        if seeds is None or scenario.quadratic is None:
            return None
        run, series = seeds.runs[-1], seeds.series[-1]
        seen, walk = self._walks.get(run.run_id) or (-1, Walk(scenario.quadratic))
        if seen != series.revision:
            walk.see(series)
            self._walks[run.run_id] = (series.revision, walk)
        return walk

    def theories(self, seeds: Seeds) -> list[Theory]:
        """What is known of a setting, over as many steps as its runs have."""
        return theories(seeds.spec, num_steps=max(one.last_step for one in seeds.series))

    def measured_rate(self, seeds: Seeds) -> float | None:
        """ρ² as a setting's newest run had it; measured anew once its log has grown."""
        run, series = seeds.runs[-1], seeds.series[-1]
        known = self._rates.get(run.run_id)
        if known is None or known[0] != series.revision:
            known = self._rates[run.run_id] = (series.revision, measured_rate(seeds.spec, series))
        return known[1]

    def _all_seeds(self) -> Iterator[Seeds]:
        return (seeds for method in self.methods for seeds in method.on.values())

    def _group(self, runs: Sequence[StoredRun]) -> None:
        """By setting, then by function, then by seed, of which the newest run counts."""
        found: dict[Hashable, dict[str, dict[int, StoredRun]]] = {}
        for run in runs:
            by_seed = found.setdefault(self._key(run), {}).setdefault(run.info.spec.scenario, {})
            by_seed[run.info.spec.seed] = run
        keys = list(found)[-MAX_SHOWN:]
        self.num_left_out = len(found) - len(keys)
        self._slots = slots_of(keys, self._slots)
        specs: list[RunSpec] = [next(iter(next(iter(found[key].values())).values())).info.spec for key in keys]
        names = names_across(specs) if specs else []
        self.methods = []
        for key, name in zip(keys, names, strict=True):
            on = {scenario: self._seeds(list(by_seed.values())) for scenario, by_seed in found[key].items()}
            self.methods.append(Method(slot=self._slots[key], name=name, on=on))

    def _seeds(self, runs: Sequence[StoredRun]) -> Seeds:
        kept = sorted(runs[-MAX_SEEDS:], key=lambda run: run.info.spec.seed)
        return Seeds(runs=tuple(kept), series=tuple(self.board.series(run.run_id) or RunSeries() for run in kept))

    def _key(self, run: StoredRun) -> Hashable:
        if run.run_id not in self._keys:
            _, *rest = run_key(run)  # the scenario comes first
            self._keys[run.run_id] = tuple(rest)
        return self._keys[run.run_id]


def _revisions(seeds: Seeds) -> tuple[int, ...]:
    return tuple(series.revision for series in seeds.series)
