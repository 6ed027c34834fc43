"""The lines above and below the panes: where we are, what trains, and how far it is."""

from rich.style import Style
from rich.text import Text
from textual.app import RenderResult
from textual.widget import Widget

from tui_optim.report.cells import Column, format_cell, plain_text
from tui_optim.spec.results import EpochResult
from tui_optim.store.catalogue import StoredRun
from tui_optim.ui.look.theme import ink
from tui_optim.ui.names import run_name
from tui_optim.ui.sentences import STATE_GLYPHS, duration
from tui_optim.ui.standing import follow_standing

_LOSS = Column(key="loss", title="loss", kind="number", decimals=4)
NARROW = 60
"""Below this width the note about hidden panes comes first: without it the user is lost."""


class StatusLine(Widget):
    """Name, scenario and counts at the left; the device at the right."""

    DEFAULT_CSS = """
    StatusLine { height: 1; background: $panel; color: $foreground; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        """Empty until something is shown."""
        super().__init__(id=id)
        self._parts: tuple[str, str, str, str, bool] = ("", "", "", "", False)
        self._marks: tuple[str, ...] = ()

    def on_mount(self) -> None:
        """Listen to what holds for the app as a whole: it stands next to its name."""
        follow_standing(self)

    def show(self, *, scenario: str, counts: str, is_sample: bool, note: str, device: str) -> None:
        """Show the parts that changed; `note` says which panes are hidden."""
        parts = (scenario, counts, note, device, is_sample)
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    def stand(self, marks: tuple[str, ...]) -> None:
        """Show what holds for the app as a whole."""
        if marks != self._marks:
            self._marks = marks
            self.refresh()

    def render(self) -> RenderResult:
        """Left part, and the right part where there is room."""
        colours = self.app.theme_variables
        scenario, counts, note, device, is_sample = self._parts
        width = self.content_size.width
        left = Text(no_wrap=True, overflow="ellipsis")
        left.append("tui-optim", style=Style(bold=True, color=ink(colours, "primary")))
        parts = [
            *((mark, ink(colours, "warning")) for mark in self._marks),
            (scenario, ""),
            ("sample data" if is_sample else "", ink(colours, "warning")),
            (counts, ink(colours, "success")),
            (note, ink(colours, "quiet")),
        ]
        parts.sort(key=lambda part: width < NARROW and part[0] != note)
        for text, style in parts:
            if text and left.cell_len + len(text) + 2 <= width:
                left.append("  ").append(text, style=style)
        room = width - left.cell_len - 2
        if room >= 8 and device:
            shown = device if len(device) <= room else f"{device[: room - 1]}…"
            left.append(" " * (width - left.cell_len - len(shown))).append(shown, style=ink(colours, "quiet"))
        return left


class ProgressLine(Widget):
    """How far one run is."""

    DEFAULT_CSS = """
    ProgressLine { height: 1; padding: 0 1; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        """Empty until a run is shown."""
        super().__init__(id=id)
        self._run: StoredRun | None = None
        self._hint = ""

    def show(self, run: StoredRun | None, hint: str) -> None:
        """Show a run, or a hint where there is none."""
        if (run.status if run else None, hint) != (self._run.status if self._run else None, self._hint):
            self._run, self._hint = run, hint
            self.refresh()

    def render(self) -> RenderResult:
        """Name, bar and numbers."""
        colours = self.app.theme_variables
        if self._run is None:
            return Text(self._hint, style=ink(colours, "quiet"), no_wrap=True, overflow="ellipsis")
        status = self._run.status
        share = min(1.0, status.effective_epochs / status.epochs) if status.epochs else 0.0
        name = f"{STATE_GLYPHS[status.state]} {run_name(self._run)} "
        numbers = f" {int(100 * share):3d} %  epoch {min(status.epoch + 1, status.epochs)}/{status.epochs}"
        loss = "" if status.loss is None else f"  loss {format_cell(_LOSS, status.loss)}"
        accuracy = _latest_accuracy(status.latest)
        eta = f"  ETA {duration(status.eta_s)}" if status.state == "running" else ""
        width = self.content_size.width
        if status.state == "running" and status.reason:  # why it does not get on
            loss, accuracy, eta = "", "", f"  {plain_text(status.reason)}"
        choices = (loss + accuracy + eta, accuracy + eta, eta)
        room = width - len(name) - len(numbers)
        numbers += next((choice for choice in choices if len(choice) <= room), eta)
        if len(name) + len(numbers) > width:
            name = f"{name[: max(0, width - len(numbers) - 2)]}… "
        bar = max(0, min(48, width - len(name) - len(numbers)))
        done = round(bar * share)
        text = Text(no_wrap=True, overflow="ellipsis")
        text.append(name, style=ink(colours, "primary"))
        text.append("━" * done, style=ink(colours, "primary")).append(
            "─" * (bar - done), style=ink(colours, "border-blurred")
        )
        return text.append(numbers)


def _latest_accuracy(latest: EpochResult | None) -> str:
    if latest is None:
        return ""
    for split, value in (("val", latest.val_accuracy), ("test", latest.test_accuracy)):
        if value is not None:
            return f"  {split} acc {100 * value:.2f} %"
    return ""
