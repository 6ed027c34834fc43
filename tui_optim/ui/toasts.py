"""Toasts: sentences over whatever is open, for a few seconds."""

from textual.notifications import SeverityLevel

from tui_optim.report.cells import plain_text
from tui_optim.ui.keyboard.words import with_keys
from tui_optim.ui.personal_app import PersonalApp


class ToastApp(PersonalApp):
    """An app whose toasts never hide what stands at the bottom, and name the user's own keys."""

    CSS = """
    ToastRack { dock: top; align: right top; margin-bottom: 0; }
    ToastHolder > Toast { margin: 0 0 1 0; padding: 0 1; }
    """
    """Toasts stand over the title line: what the rows at the bottom say of the cursor is never hidden."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast; never as markup, and nothing that a terminal would obey: sentences quote what users and files say."""
        del markup
        shown = "\n".join(map(plain_text, with_keys(self, message).split("\n")))
        super().notify(shown, title=title, severity=severity, timeout=timeout, markup=False)
