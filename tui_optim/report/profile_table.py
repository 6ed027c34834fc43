"""The table of a performance profile, and what stands below it."""

import math
from collections.abc import Sequence

from tui_optim.report.cells import Cell, Column, Table
from tui_optim.report.comparison import Setting
from tui_optim.report.file_columns import GROUP_COLUMNS, joined_groups
from tui_optim.report.profile import SCENARIOS_FOR_INFERENCE, Profile, share_within
from tui_optim.report.provenance import SAMPLE_NOTE

RATIOS = (1.0, 2.0, 4.0, math.inf)
"""The τ that the table tells."""


def profile_table(profile: Profile) -> Table:
    """A row for each preset, those that are most often the cheapest first; files have the costs behind it too."""
    steps = profile.steps
    order = sorted(steps, key=lambda name: [-share_within(steps[name], ratio) for ratio in RATIOS])
    shares = [
        Column(key=f"share_within_{ratio:g}", title=_ratio_title(ratio), kind="percent", decimals=0) for ratio in RATIOS
    ]
    rows: list[tuple[Cell, ...]] = [
        (name, profile.num_seeds[name], *(share_within(steps[name], ratio) for ratio in RATIOS)) for name in order
    ]
    return Table(
        title=f"Performance profile over {len(profile.scenarios)} scenarios{' (sample)' if profile.has_sample else ''}",
        columns=(
            Column(key="preset", title="preset"),
            Column(key="n", title="seeds", kind="number", decimals=0),
            *shares,
        ),
        rows=tuple(rows),
        notes=profile_notes(profile),
        file_columns=(
            *(Column(key=problem.text, title=problem.title, kind="number") for problem in profile.problems),
            *(column for column in GROUP_COLUMNS if column.key != "preset"),
        ),
        file_rows=tuple((*profile.costs[name], *_provenance(profile.settings[name])) for name in order),
    )


def _provenance(settings: Sequence[Setting]) -> list[Cell]:
    """How to repeat the runs behind a row; the preset is the row's name."""
    cells = zip(GROUP_COLUMNS, joined_groups([setting.entries for setting in settings]), strict=True)
    return [cell for column, cell in cells if column.key != "preset"]


def profile_notes(profile: Profile) -> tuple[str, ...]:
    """What the profile is of, and what it does not allow."""
    lines = [SAMPLE_NOTE] if profile.has_sample else []
    lines += [
        "problems: " + "; ".join(problem.title for problem in profile.problems),
        "cost: median over seeds of grad. evals ÷ n at the first epoch that met the target, ∞ where most seeds missed it",
        "share: of the problems, those solved within this multiple of the cheapest preset's cost (Dolan and Moré 2002); the "
        "cheapest of these presets: with other presets beside them the shares may change",
    ]
    count = len(profile.scenarios)
    if count < SCENARIOS_FOR_INFERENCE:
        enough = f"a conclusion over scenarios takes {SCENARIOS_FOR_INFERENCE} or more"
        lines.append(f"{count} scenarios: a description of these and no more; {enough}")
    if profile.left_out:
        lines.append(f"left out, for want of runs on every scenario: {', '.join(profile.left_out)}")
    return tuple(lines)


def _ratio_title(ratio: float) -> str:
    if ratio == 1:
        return "cheapest %"
    return f"within {ratio:g}× %" if math.isfinite(ratio) else "solved %"
