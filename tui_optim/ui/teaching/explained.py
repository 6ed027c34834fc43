"""Which explanation belongs to what the user stands on."""

from tui_optim.report.series import WITHOUT_SPLIT, Quantity
from tui_optim.ui.charting.curves import SplitChoice
from tui_optim.ui.laboratory.setting import Setting

WORDS = {
    "memory_format": "memory-format",
    "seeds": "seed",
    "epochs": "epoch",
    "holdout": "held-out",
    "batch_size": "batch",
    "lr": "lr",
    "weight_decay": "weight-decay",
    "momentum": "momentum",
    "patience": "early-stop",
    "min_delta": "early-stop",
    "xray": "x-ray",
}
"""Rows with a word of their own."""


def topic_of_setting(row: Setting, *, preset_id: str, rows: dict[str, str]) -> str:
    """The name of what a row of the editor is about: its schedule, its averaging, a word, else the preset itself.

    `rows` are the texts of all rows by their keys.
    """
    table, _, _ = row.key.partition(".")
    if table in ("schedule", "averaging") and f"{table}.kind" in rows:
        return rows[f"{table}.kind"]
    if table == "penalty":
        return "penalty"
    return WORDS.get(row.key, preset_id)


def topic_of_chart(quantity: Quantity, split: SplitChoice) -> str:
    """The name of the figure that a chart shows."""
    return quantity if quantity in WITHOUT_SPLIT else f"{'val' if split == 'all' else split}_{quantity}"
