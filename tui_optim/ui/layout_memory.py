"""What of the main screen is there again at the next start, taken from its panes and given back to them."""

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from tui_optim.report.series import QUANTITIES
from tui_optim.report.smoothing import SMOOTHINGS
from tui_optim.store.remembered import Remembered, keep_remembered, load_remembered
from tui_optim.ui.charting.curves import AXES_IN_TURN, SPLIT_CHOICES, SPREADS, Selection
from tui_optim.ui.charting.view import ChartView
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.choosing import ChoosingPanes
from tui_optim.ui.widgets.workbench import Workbench

Word = TypeVar("Word", bound=str)


class LayoutMemory:
    """Keeps the layout in a file; without one it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        """`path` of the file."""
        self._path = path
        self._is_known = False
        """Whether the layout is the user's: before that, what is there is no more than the default."""

    def begin(self, workbench: Workbench, *, restores: bool) -> None:
        """As it was left, where that is wanted; from now on it is the user's."""
        self._is_known = True
        if restores:
            self.restore(workbench)

    def restore(self, workbench: Workbench) -> None:
        """As it was left; what there no longer is stays at its default."""
        if self._path is None:
            return
        kept = load_remembered(self._path)
        workbench.query_one(ChoosingPanes).highlight(scenario_id=kept.scenario, preset_id=kept.preset)
        charts = workbench.query_one(ChartsView)
        if (charts.selection, charts.view) == (Selection(), ChartView()):  # else a key was faster
            charts.begin_with(_selection(kept), _view(kept), second=_known(kept.second, QUANTITIES))
        workbench.hide(left=kept.is_left_hidden, details=kept.is_details_hidden)

    def keep(self, workbench: Workbench) -> None:
        """As it is now."""
        if self._path is None or not self._is_known:
            return
        choosing, charts, view = workbench.query_one(ChoosingPanes), workbench.query_one(ChartsView), workbench.view
        kept = Remembered(
            scenario=choosing.scenario.id,
            preset=choosing.highlighted_preset,
            is_left_hidden=view.is_left_hidden,
            is_details_hidden=view.is_details_hidden,
            axis=charts.selection.axis,
            split=charts.selection.split,
            spread=charts.selection.spread,
            second=charts.chosen_second,
            is_log_x=charts.view.is_log_x,
            is_log_y=charts.view.is_log_y,
            smoothing=charts.view.smoothing,
        )
        keep_remembered(kept, self._path)


def _selection(kept: Remembered) -> Selection:
    default = Selection()
    return replace(
        default,
        axis=_known(kept.axis, AXES_IN_TURN) or default.axis,
        split=_known(kept.split, SPLIT_CHOICES) or default.split,
        spread=_known(kept.spread, SPREADS) or default.spread,
    )


def _view(kept: Remembered) -> ChartView:
    smoothing = kept.smoothing if kept.smoothing in SMOOTHINGS else 0.0
    return ChartView(is_log_x=kept.is_log_x, is_log_y=kept.is_log_y, smoothing=smoothing)


def _known(word: str | None, words: tuple[Word, ...]) -> Word | None:
    return next((one for one in words if one == word), None)
