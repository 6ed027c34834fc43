"""Toasts: sentences over whatever is open, for a few seconds."""

from textual.notifications import SeverityLevel

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
        """Show a toast; never as markup: sentences quote what users and files say, brackets included."""
        del markup
        super().notify(with_keys(self, message), title=title, severity=severity, timeout=timeout, markup=False)
