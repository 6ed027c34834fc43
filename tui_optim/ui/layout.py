"""Which panes are shown at which size: plain rules, without a widget."""

from dataclasses import dataclass
from enum import IntEnum


class Pane(IntEnum):
    """The panes, by the digit that goes there."""

    SCENARIOS = 1
    PRESETS = 2
    DETAILS = 3
    LOSS = 4
    ACCURACY = 5
    RUNS = 6
    LOG = 7

    @property
    def title(self) -> str:
        """Name as the user sees it."""
        return _TITLES[self]

    @property
    def key(self) -> str:
        """The key that goes there, for a sentence."""
        return f"⟪pane.{self.title.lower()}:{self.value}⟫"

    @property
    def name_with_key(self) -> str:
        """The same with its name."""
        return f"{self.key} {self.title}"

    @property
    def target(self) -> str:
        """Selector of the widget that takes the focus."""
        return _TARGETS[self]


_TITLES = {
    Pane.SCENARIOS: "Scenario",
    Pane.PRESETS: "Preset",
    Pane.DETAILS: "Details",
    Pane.LOSS: "Loss",
    Pane.ACCURACY: "Accuracy",
    Pane.RUNS: "Runs",
    Pane.LOG: "Log",
}
_TARGETS = {
    Pane.SCENARIOS: "#scenario-list",
    Pane.PRESETS: "#preset-list",
    Pane.DETAILS: "#details",
    Pane.LOSS: "#loss",
    Pane.ACCURACY: "#accuracy",
    Pane.RUNS: "#run-table",
    Pane.LOG: "#log",
}

CHOOSING = (Pane.SCENARIOS, Pane.PRESETS, Pane.DETAILS)
CHARTS = (Pane.LOSS, Pane.ACCURACY)

SINGLE_WIDTH, SINGLE_HEIGHT = 60, 16
"""Below either, one pane is shown at a time."""
TABS_WIDTH, TABS_HEIGHT = 100, 30
"""Below either, the three panes at the left are tabs."""
WIDE_WIDTH = 180
"""From here on the details stand beside the lists."""
LOG_HEIGHT = 30
"""From here on the log is always shown."""
LINES_HEIGHT = 8
"""Below this the lines above and below the panes go as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What the user has asked for."""

    current: Pane = Pane.PRESETS
    tab: Pane = Pane.PRESETS
    """The last pane at the left that was current."""
    is_left_hidden: bool = False
    is_details_hidden: bool = False
    is_charts_only: bool = False
    is_one_chart: bool = False
    """Whether the current chart stands alone."""

    @property
    def has_charts_only(self) -> bool:
        """Whether there is nothing but one or both charts."""
        return self.is_charts_only or self.is_one_chart


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is shown."""

    visible: frozenset[Pane]
    is_single: bool
    has_tabs: bool
    is_wide: bool
    is_compact: bool
    """Whether panes do without a full frame."""
    has_lines: bool
    note: str
    """Which panes are hidden for want of room, for the user."""


def arrange(width: int, height: int, view: View) -> Layout:
    """Decide what is shown in a terminal of this size."""
    is_single = width < SINGLE_WIDTH or height < SINGLE_HEIGHT
    is_wide = width >= WIDE_WIDTH and height >= SINGLE_HEIGHT
    has_tabs = not is_single and not is_wide and (width < TABS_WIDTH or height < TABS_HEIGHT)
    if is_single:
        visible = {view.current}
        note = f"{view.current.value} of {len(Pane)}: ⟪pane.next:tab⟫"
    elif view.has_charts_only:
        is_one = view.is_one_chart and view.current in CHARTS
        visible, note = (
            {view.current} if is_one else set(CHARTS),
            "⟪leave:esc⟫: back" if is_one else "⟪leave:esc⟫: all panes",
        )
    else:
        visible, note = _shared(view, has_tabs=has_tabs, has_log=height >= LOG_HEIGHT)
    return Layout(
        visible=frozenset(visible),
        is_single=is_single,
        has_tabs=has_tabs and not view.is_left_hidden and not view.has_charts_only,
        is_wide=is_wide,
        is_compact=has_tabs or is_single,
        has_lines=height >= LINES_HEIGHT,
        note=note,
    )


def _shared(view: View, *, has_tabs: bool, has_log: bool) -> tuple[set[Pane], str]:
    visible = {Pane.LOSS, Pane.ACCURACY, Pane.RUNS}
    note = ""
    if has_log:
        visible.add(Pane.LOG)
    elif view.current is Pane.LOG:
        visible = visible - {Pane.RUNS} | {Pane.LOG}
        note = "hidden: ⟪pane.runs:6⟫ runs"
    else:
        note = "hidden: ⟪pane.log:7⟫ log"
    if not view.is_left_hidden:
        if has_tabs:
            visible.add(view.tab)
        else:
            visible |= {Pane.SCENARIOS, Pane.PRESETS}
            visible |= set() if view.is_details_hidden else {Pane.DETAILS}
    return visible, note
