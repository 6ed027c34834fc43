"""What stands in the frames of widgets: Textual takes it for markup, but it quotes what users and files say."""

from textual.content import Content

from tui_optim.report.cells import plain_text


def frame_text(text: str) -> Content:
    """A title or subtitle that is shown as it is written, without what a terminal would obey."""
    return Content(plain_text(text))
