"""The assignment's baseline in a report, and how many settings are better than it."""

from collections.abc import Sequence
from dataclasses import replace

from tui_optim.report.cells import Cell, Column, Table, format_cell
from tui_optim.report.comparison import Setting, contest
from tui_optim.report.document.blocks import Block, Commands, Paragraph, Section, columns_of
from tui_optim.report.entry import Entry
from tui_optim.report.statistics import mean
from tui_optim.report.tables import results_table
from tui_optim.spec.datasets import data_set

BASELINE = "sgd-baseline"
"""The preset with which the assignment begins."""
_ASSIGNMENT = ("lenet5-fashion", 42, 10)
"""Scenario, seed and epochs of the assignment's own run."""


def baseline_sections(entries: Sequence[Entry], settings: Sequence[Setting]) -> list[Section]:
    """The assignment's baseline, where its model is among the scenarios."""
    scenario, seed, epochs = _ASSIGNMENT
    if all(not entry.spec.scenario_info.has_handout_loss for entry in entries):
        return []
    own = [entry for entry in entries if entry.spec.preset == BASELINE and entry.spec.scenario == scenario]
    own = [entry for entry in own if not entry.spec.holdout and entry.spec.parent is None]
    exact = [
        entry
        for entry in own
        if (entry.spec.seed, entry.spec.epochs, entry.spec.data.kind) == (seed, epochs, "full")
        and not entry.spec.overrides
    ]
    command = f"tui-optim run {scenario} {BASELINE}"
    if not own:
        text = "The assignment's baseline is not among these runs."
        return [Section(title="The assignment's baseline", blocks=(Paragraph(text), Commands((command,))))]
    chosen = exact[-1:] or own
    blocks: list[Block] = [_baseline_table(chosen)]
    if exact:
        blocks.append(Paragraph(_against(exact[-1], settings)))
    else:
        wanted = f"The assignment's own run has seed {seed}, {epochs} epochs and the full data; it is not among these."
        blocks += [Paragraph(wanted), Commands((command,))]
    return [Section(title="The assignment's baseline", blocks=tuple(blocks))]


def _baseline_table(chosen: Sequence[Entry]) -> Table:
    """What the assignment asks every reader to report: accuracy, loss and device."""
    table = results_table([entry.run for entry in chosen])
    keys = ["seed", "epoch", "test_loss", "handout_loss", "test_accuracy", "effective_epochs", "train_time_s"]
    shown = columns_of(table, keys)
    correct = Column(key="correct", title="correct", kind="text")
    device = Column(key="device", title="device")
    cells = [(_correct(entry), entry.device) for entry in chosen]
    return replace(
        shown,
        title="",
        columns=(*shown.columns, correct, device),
        rows=tuple((*row, *more) for row, more in zip(shown.rows, cells, strict=True)),
    )


def _correct(entry: Entry) -> Cell:
    """Test images that were recognised, of how many."""
    outcome = entry.outcome
    if outcome is None or outcome.test_accuracy is None:
        return None
    count = data_set(entry.spec.data.dataset).num_examples[entry.spec.data.kind][1]
    return f"{round(outcome.test_accuracy * count):,} of {count:,}"


def _against(baseline: Entry, settings: Sequence[Setting]) -> str:
    """How many settings on its scenario are better, in means over their seeds."""
    outcome = baseline.outcome
    assert outcome is not None
    here = [
        setting
        for setting in settings
        if contest(setting.spec) == contest(baseline.spec) and setting.spec.preset != BASELINE
    ]
    if not here or outcome.test_loss is None or outcome.test_accuracy is None:
        return "No other setting on its scenario is among these runs."
    loss, accuracy = outcome.test_loss, outcome.test_accuracy
    better = [
        setting
        for setting in here
        if mean(setting.values("test_loss")) < loss and mean(setting.values("test_accuracy")) > accuracy
    ]
    cheaper = [s for s in better if mean(s.values("effective_epochs")) < outcome.effective_epochs]
    cost = format_cell(Column(key="", title="", kind="number", decimals=2), outcome.effective_epochs)
    return (
        f"Of the {len(here)} other settings on this scenario, {len(better)} have a lower mean test loss and a higher mean test "
        f"accuracy than this run, {len(cheaper)} of them at fewer gradient evaluations than its {cost} n."
    )
