"""The README's table of what the best terminal tools have: its keys are bound, its commands exist, and each row has a test."""

import ast
import re
from pathlib import Path

import pytest

from tests.cli.test_start import COMMANDS
from tui_optim.ui.keyboard.keymap import key_uses
from tui_optim.ui.keyboard.words import KEY_NAMES

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN_BY = {
    "starts training itself": "ui/test_main_flow.py::test_enter_queues_the_marked_presets",
    "sweeps": "ui/test_sweeps.py::test_g_shows_a_map_that_is_half_filled",
    "live curves": "ui/test_main_flow.py::test_the_table_follows_a_run_that_trains",
    "several runs overlaid": "ui/test_main_flow.py::test_space_in_the_table_decides_what_the_charts_show",
    "train, validation and test in one chart": "ui/test_main_flow.py::test_v_turns_the_splits",
    "zoom and pan by keyboard": "ui/test_chart_view.py::test_h_and_l_move_a_zoomed_view",
    "value cursor by keyboard": "ui/test_chart_view.py::test_the_cursor_reads_all_curves_off",
    "logarithmic axes": "ui/test_chart_view.py::test_both_axes_may_be_logarithmic",
    "smoothing": "ui/test_chart_view.py::test_smoothing_draws_the_raw_curve_behind",
    "x axes": "ui/test_main_flow.py::test_x_turns_the_axis_and_y_the_scale",
    "typed axis limits, outlier clipping": "ui/test_chart_view.py::test_limits_are_typed_in_a_dialog",
    "filter for runs, with fields, operators and completion": "ui/test_run_table.py::test_tab_completes_fields_and_values",
    "group by configuration": "ui/test_run_table.py::test_seeds_are_grouped_into_settings",
    "configuration difference": "ui/test_run_table.py::test_d_shows_in_what_marked_runs_differ",
    "GPU and system metrics": "ui/test_system_screen.py::test_h_shows_what_the_machine_does",
    "stop gracefully": "ui/test_main_flow.py::test_p_and_t_command_the_run_under_the_cursor",
    "training survives the app": "ui/test_main_flow.py::test_q_leaves_and_says_that_runs_go_on",
    "crash-safe log": "store/test_eventlog.py::test_a_log_cut_at_any_byte_keeps_its_whole_lines",
    "NaN drawn as a gap": "ui/test_axis.py::test_a_line_breaks_where_it_is_not_finite",
    "export": "ui/test_main_flow.py::test_export_writes_a_file_and_fills_the_clipboard",
    "one-shot print without the app": "cli/test_run_lists.py::test_a_filter_leaves_runs",
    "saved view": "ui/test_settings_screen.py::test_the_layout_is_there_again",
    "palettes, colour-blind": "ui/test_appearance.py::test_the_safe_series_differ_for_every_kind_of_colour_vision",
    "ASCII, no braille": "ui/test_glyphs.py::test_a_key_turns_what_curves_are_made_of",
    "nothing sent when idle": "ui/test_link.py::test_nothing_is_sent_while_nothing_happens",
}
"""Row → the test that shows it."""
_BLOCK = README.split("**What the best terminal tools have**")[1].split("\n\n")[1]
ROWS = {cells[1].strip(): cells[2:4] for line in _BLOCK.splitlines()[2:] if (cells := line.split("|"))}


def test_every_row_has_its_test() -> None:
    """No row without one, and no test that is not there."""
    assert set(ROWS) == set(SHOWN_BY)


@pytest.mark.parametrize("row", SHOWN_BY)
def test_the_test_of_a_row_exists(row: str) -> None:
    """By its file and name."""
    file, name = SHOWN_BY[row].split("::")
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_its_keys_are_bound_and_its_commands_exist() -> None:
    """As a user would type them."""
    bound = {KEY_NAMES.get(key, key) for use in key_uses().values() for key in use.keys}
    keys = {key for cells in ROWS.values() for key in re.findall(r"`([^`]+)`", cells[0])}
    assert keys - bound == set()
    words = {command.split()[0] for cells in ROWS.values() for command in re.findall(r"`([^`]+)`", cells[1])}
    assert words - {*COMMANDS, "list", "config", "--ascii"} == set()
