"""The one door to Matplotlib: pictures are drawn on a `Figure` of their own, without pyplot, and written the same byte for byte.

What a guard must know. Matplotlib reads its settings when an artist is made, so a picture is drawn inside `_settings()`; these
are global to the process, hence the lock. `$` in a name would be read as mathematics (`text.parse_math`), and a label with a
leading underscore would be left out of a legend. Files carry dates, random ids and the version unless told otherwise. Matplotlib
is loaded when the first picture is drawn: it costs a second that nothing else needs.
"""

import io
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal, get_args

from tui_optim.report.cells import plain_text
from tui_optim.report.figures.palette import FAINT, INK, PAPER, QUIET, themed
from tui_optim.spec.errors import UsageError
from tui_optim.spec.extras import need_extra

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    __all__ = ["Axes", "Figure"]

FigureFormat = Literal["png", "svg", "pdf"]
FIGURE_FORMATS: tuple[FigureFormat, ...] = get_args(FigureFormat)
PNG_DPI = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A figure that has not been drawn yet."""

    width: float
    """In inches, as the height."""
    height: float
    about: str
    """A sentence for those who cannot see it."""
    draw: "Callable[[Figure], None]"
    """Draws on an empty figure."""


def figure_format(path: PurePath) -> FigureFormat:
    """The format that a file's ending names. Raises UsageError."""
    for form in FIGURE_FORMATS:
        if path.suffix.lower() == f".{form}":
            return form
    raise UsageError(f"{path.name}: a figure's file ends in {', '.join(f'.{form}' for form in FIGURE_FORMATS)}")


def render(picture: Picture, form: FigureFormat) -> bytes:
    """Draw a picture: equal pictures give equal bytes, on any day and in any folder.

    Raises:
        UsageError: Matplotlib is not installed.
    """
    need_extra("plot", needed_by="a figure")
    with _settings(svg_text="path"):
        return _saved(picture, form)


def inline_svg(picture: Picture, *, name: str) -> str:
    """Draw a picture as an `svg` element for a page: text stays text, and nothing outside the page is named.

    Colours are variables that the page sets (`palette.variables`). `name` begins all ids, so that several pictures fit on one
    page. Raises UsageError where Matplotlib is not installed.
    """
    need_extra("plot", needed_by="a figure")
    with _settings(svg_text="none"):
        text = _saved(picture, "svg").decode()
    element = text[text.index("<svg") :]
    element = re.sub(r"\s*<metadata>.*?</metadata>", "", element, flags=re.DOTALL)
    element = re.sub(r'\s*<style type="text/css">.*?</style>', "", element, flags=re.DOTALL)
    element = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", element).replace("xlink:href=", "href=")
    element = element.replace("font-family: 'DejaVu Sans'", "font-family: inherit")
    return re.sub(r'(\bid="|\bhref="#|\burl\(#)', rf"\g<1>{name}-", themed(element))


@contextmanager
def _settings(*, svg_text: Literal["path", "none"]) -> Iterator[None]:
    import matplotlib as mpl
    import numpy

    with _DRAWING, mpl.rc_context(), warnings.catch_warnings(), numpy.errstate(all="ignore"):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        mpl.rcdefaults()
        mpl.rcParams.update({**_STYLE, "svg.fonttype": svg_text})
        yield


_DRAWING = threading.Lock()
"""Matplotlib's settings belong to the process: one picture is drawn at a time."""
_STYLE: Any = {
    "axes.axisbelow": True,
    "axes.edgecolor": QUIET,
    "axes.facecolor": "none",
    "axes.formatter.use_mathtext": False,
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.7,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlecolor": INK,
    "axes.unicode_minus": True,
    "figure.facecolor": PAPER,
    "font.family": ["DejaVu Sans"],
    "font.size": 8.5,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "hatch.linewidth": 0.6,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "lines.linewidth": 1.5,
    "lines.markersize": 4.5,
    "pdf.fonttype": 42,
    "savefig.facecolor": "auto",
    "svg.hashsalt": "tui-optim",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": QUIET,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 8,
    "ytick.color": QUIET,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 8,
}
_METADATA: dict[FigureFormat, dict[str, Any]] = {
    "png": {"Software": "tui-optim"},
    "svg": {"Creator": "tui-optim", "Date": None},
    "pdf": {"Creator": "tui-optim", "Producer": "Matplotlib", "CreationDate": None},
}


def _saved(picture: Picture, form: FigureFormat) -> bytes:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(picture.width, picture.height), layout="constrained")
    picture.draw(figure)
    if figure.get_layout_engine() is not None:
        _settle(figure)
    stream = io.BytesIO()
    about = {"Title": plain_text(picture.about)}
    figure.savefig(stream, format=form, dpi=PNG_DPI, metadata={**_METADATA[form], **about})
    return stream.getvalue()


def _settle(figure: "Figure") -> None:
    """Lay the parts out, and keep that: the solver gives other last bits now and then, and the ids in an SVG hang on these."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    for axes in figure.axes:
        left, bottom, width, height = (round(share, 5) for share in axes.get_position(original=True).bounds)
        axes.set_position((left, bottom, width, height))
