"""Images side by side and a confusion matrix, as lines of characters: for the app and for the command line."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style

from tui_optim.report.pictures.gallery import SIDE, Images, Judged, Mistake, class_accuracies, one_of_each, shrunk
from tui_optim.ui.pictures.pixels import Rgb, half_blocks, mixed, shades, style_of

ACROSS, DOWN = 5, 2
_PER_PAGE = ACROSS * DOWN
LEVELS, FEW_LEVELS = 16, 4
"""Greys that are told apart, and those of a terminal of 16 colours."""
MIN_SIDE = 6
FULL_TINT = 0.2
"""A share of a class that is taken for another from which on a cell has its full colour."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inks:
    """Styles and colours of these pictures."""

    text: Style
    quiet: Style
    ground: Rgb
    good: Rgb
    bad: Rgb
    num_greys: int = LEVELS
    """Of images: 0 where there is no colour, and characters have to do."""

    @property
    def has_tints(self) -> bool:
        """Whether a light colour can be told from a strong one."""
        return self.num_greys > FEW_LEVELS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """An image with what stands below it."""

    image: bytes
    captions: tuple[tuple[str, bool], ...]
    """(text, whether it is quiet), a line each."""


Lines = list[list[Segment]]


def class_tiles(images: Images) -> list[Tile]:
    """One image of each class."""
    return [
        Tile(image=images.image(position), captions=((images.classes[images.labels[position]], False),))
        for position in one_of_each(images)
    ]


def num_pages(num_mistakes: int) -> int:
    """Pages of mistakes; one where there are none."""
    return max(1, -(-num_mistakes // _PER_PAGE))


def page_of(mistakes: Sequence[Mistake], page: int) -> Sequence[Mistake]:
    """Those on a page, counted from 0."""
    return mistakes[page * _PER_PAGE : (page + 1) * _PER_PAGE]


def mistake_tiles(judged: Judged, mistakes: Sequence[Mistake]) -> list[Tile]:
    """Images with their true class, and what the run takes them for how surely."""
    classes = judged.images.classes
    return [
        Tile(
            image=judged.images.image(one.position),
            captions=(
                (classes[one.label], True),
                (f"→ {classes[one.predicted]} {100 * one.certainty:.0f}%", False),
            ),
        )
        for one in mistakes
    ]


def tile_lines(tiles: Sequence[Tile], *, width: int, height: int, inks: Inks) -> Lines:
    """Tiles in rows of five, as large as there is room for two rows; [] where there is none."""
    num_captions = max((len(tile.captions) for tile in tiles), default=0)
    pitch = width // ACROSS
    side = min(SIDE, pitch - 1, 2 * (height // DOWN - num_captions))
    side -= side % 2
    if side < MIN_SIDE:
        return []
    lines: Lines = []
    for start in range(0, len(tiles), ACROSS):
        row = tiles[start : start + ACROSS]
        images = [_image_lines(tile.image, side, inks) for tile in row]
        gap = Segment(" " * (pitch - side), inks.text)
        for number in range(side // 2):
            lines.append([segment for image in images for segment in (*image[number], gap)])
        for number in range(num_captions):
            lines.append([_caption(tile, number, pitch, inks) for tile in row])
    return lines[:height]


def confusion_lines(judged: Judged, *, width: int, inks: Inks) -> Lines:
    """A row for each true class: how many of its images are taken for which class, and the share that is right."""
    matrix, classes = judged.confusion(), judged.images.classes
    label_width = min(12, max(map(len, classes))) + 1
    cell_width = max(4, min(9, (width - label_width - 8) // len(classes)))
    heads = "".join(f"{name[: cell_width - 1]:>{cell_width - 1}} " for name in classes)
    lines: Lines = [
        [Segment(f"{'true':<{label_width}}{heads}{'right':>8}", inks.quiet)],
    ]
    for label, (row, accuracy) in enumerate(zip(matrix, class_accuracies(matrix), strict=True)):
        segments = [Segment(f"{classes[label][: label_width - 1]:<{label_width}}", inks.text)]
        segments += [_cell(count, sum(row), column == label, cell_width, inks) for column, count in enumerate(row)]
        share = "–" if accuracy is None else f"{100 * accuracy:.1f} %"
        segments.append(Segment(f"{share:>8}", inks.text))
        lines.append(segments)
    total = f"{'all':<{label_width}}{'':{cell_width * len(classes)}}{f'{100 * judged.accuracy:.2f} %':>8}"
    return [*lines, [Segment(total, inks.text + Style(bold=True))]]


def _cell(count: int, total: int, is_right: bool, width: int, inks: Inks) -> Segment:
    """The diagonal in one colour, mistakes in another, the stronger the more there are; zeros are dots."""
    text = f"{count if count else '·':>{width - 1}} "
    if not count or not total:
        return Segment(text, inks.quiet)
    share = count / total
    if not inks.has_tints:
        return Segment(text, inks.text + Style(bold=is_right, reverse=not is_right and share >= FULL_TINT / 4))
    colour, strength = (inks.good, 0.45 * share) if is_right else (inks.bad, 0.65 * min(1.0, share / FULL_TINT))
    return Segment(text, inks.text + Style(bold=is_right) + style_of(None, mixed(inks.ground, colour, strength)))


def _image_lines(image: bytes, side: int, inks: Inks) -> Lines:
    values = shrunk(image, side)
    if not inks.num_greys:
        return [[Segment(line, inks.text)] for line in shades(values)]
    top = inks.num_greys - 1
    greys = [_grey(round(255 * level / top)) for level in range(inks.num_greys)]
    return half_blocks([[greys[round(value * top)] for value in row] for row in values])


def _grey(value: int) -> Rgb:
    return value, value, value


def _caption(tile: Tile, number: int, pitch: int, inks: Inks) -> Segment:
    text, is_quiet = tile.captions[number] if number < len(tile.captions) else ("", False)
    return Segment(f"{_cut(text, pitch - 1):<{pitch}}", inks.quiet if is_quiet else inks.text)


def _cut(text: str, room: int) -> str:
    """At most so many characters; a share at the end stays."""
    if len(text) <= room:
        return text
    head, _, last = text.rpartition(" ")
    return f"{head[: room - len(last) - 2]}… {last}" if last.endswith("%") else f"{text[: room - 1]}…"
