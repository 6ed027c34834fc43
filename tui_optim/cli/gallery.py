"""`tui-optim gallery`: images in the terminal, and what a run takes them for."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import typer

from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.options import DataDir, Json
from tui_optim.cli.saying import say
from tui_optim.spec.errors import UsageError, unknown

if TYPE_CHECKING:
    from rich.console import Console

    from tui_optim.report.figures.canvas import Picture
    from tui_optim.report.pictures.gallery import Judged
    from tui_optim.spec.datasets import DataSource
    from tui_optim.ui.pictures.gallery import Inks, Lines

View = Literal["classes", "mistakes", "confusion"]
VIEWS: tuple[View, ...] = get_args(View)
LINES = 36
"""Of two rows of images; a terminal that is smaller scrolls."""
EXAMPLE = """One image of each class, or what a run takes images for: mistakes, confusion matrix, accuracy of each class.

Examples: tui-optim gallery mnist; tui-optim gallery last; tui-optim gallery last --view mistakes --page 2 -o mistakes.png
"""


def gallery(
    name: Annotated[
        str,
        typer.Argument(
            help="A data set or scenario (fashion-mnist, mnist, mlp-fashion, …), a run's id, a part of it, or 'last'."
        ),
    ] = "fashion-mnist",
    view: Annotated[
        str | None, typer.Option(help="classes, mistakes or confusion; by default what the name has.")
    ] = None,
    page: Annotated[
        int, typer.Option(min=1, help="Of mistakes, ten a page, those of which the run was surest first.")
    ] = 1,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="FILE.png, FILE.svg or FILE.pdf instead of the terminal.")
    ] = None,
    data_dir: DataDir = None,
    is_json: Json = False,
) -> None:
    if view is not None and view not in VIEWS:
        raise unknown("view", view, VIEWS)
    dataset = _dataset_of(name)
    if dataset is None:
        _show_run(name, view, page, output, is_json=is_json)
        return
    if view not in (None, "classes"):
        raise UsageError(f"--view {view}: {name} is no run; give a run's id, a part of it, or 'last'")
    from tui_optim.store.datasets import find_source

    _show_classes(find_source(dataset, data_dir=data_dir), output, is_json=is_json)


gallery.__doc__ = EXAMPLE


def _dataset_of(name: str) -> str | None:
    """The image set that a name means; None for anything else, which is then a run."""
    from tui_optim.spec.datasets import DATASETS
    from tui_optim.spec.scenarios import all_scenarios

    scenario = all_scenarios().get(name)
    dataset = scenario.dataset if scenario else name
    if scenario and scenario.picture is None:
        raise UsageError(f"{name} has no images, and no other picture: see its curves with `tui-optim plot {name}`")
    if scenario and dataset not in DATASETS:
        raise UsageError(f"{name} has no images: its picture is `tui-optim plot {name} --kind {scenario.picture}`")
    return dataset if dataset in DATASETS else None


def _show_classes(source: "DataSource", output: Path | None, *, is_json: bool) -> None:
    from tui_optim.report.pictures.gallery import one_of_each, training_images
    from tui_optim.ui.pictures.gallery import class_tiles, tile_lines

    images = training_images(source)
    if output is not None:
        from tui_optim.report.figures.gallery import classes_picture

        _write(classes_picture(images), output)
    elif is_json:
        rows = [{"class": images.classes[images.labels[one]], "index": one} for one in one_of_each(images)]
        print(json.dumps({"dataset": source.dataset, "images": images.title, "classes": rows}, indent=2))
    else:
        console = _console()
        print(images.title)
        _print(console, tile_lines(class_tiles(images), width=console.width, height=LINES, inks=_inks(console)))


def _show_run(name: str, view: str | None, page: int, output: Path | None, *, is_json: bool) -> None:
    from tui_optim.report.cells import plain_text
    from tui_optim.report.pictures.gallery import judged
    from tui_optim.store.catalogue import Catalogue
    from tui_optim.store.home import open_home
    from tui_optim.ui.pictures.gallery import confusion_lines

    run = Catalogue(open_home(is_read_only=True)).find(name)
    if view == "classes":
        _show_classes(run.info.spec.data, output, is_json=is_json)
        return
    found = judged(run)
    if output is not None:
        from tui_optim.report.figures.gallery import judged_picture

        _write(judged_picture(found, view), output)
    elif is_json:
        print(json_answer(_object(found)))
    else:
        accuracy = f"{100 * found.accuracy:.2f} % of {len(found.predicted):,} {found.split_words} right"
        print(plain_text(f"{run.run_id}: {accuracy}"))
        console = _console()
        if view in (None, "mistakes"):
            _print_mistakes(console, found, page)
        if view in (None, "confusion"):
            _print(console, confusion_lines(found, width=console.width, inks=_inks(console)))


def _print_mistakes(console: "Console", found: "Judged", page: int) -> None:
    from tui_optim.ui.pictures.gallery import mistake_tiles, num_pages, page_of, tile_lines

    mistakes = found.mistakes()
    last = num_pages(len(mistakes))
    if page > last:
        raise UsageError(f"--page {page}: there are {last}")
    print(f"{len(mistakes):,} mistakes, those of which it was surest first: page {page} of {last}")
    tiles = mistake_tiles(found, page_of(mistakes, page - 1))
    _print(console, tile_lines(tiles, width=console.width, height=LINES, inks=_inks(console)))


def _object(found: "Judged") -> dict[str, Any]:
    """Mistakes, confusion and accuracy of each class as JSON."""
    from tui_optim.report.pictures.gallery import class_accuracies

    classes, matrix = found.images.classes, found.confusion()
    return {
        "run_id": found.run.run_id,
        "split": "val" if found.is_held_out else "test",
        "data": found.run.info.spec.data.kind,
        "accuracy": found.accuracy,
        "classes": [
            {"class": name, "images": sum(row), "accuracy": accuracy}
            for name, row, accuracy in zip(classes, matrix, class_accuracies(matrix), strict=True)
        ],
        "confusion": matrix,
        "mistakes": [
            {
                "image": one.position,
                "true": classes[one.label],
                "predicted": classes[one.predicted],
                "certainty": round(one.certainty, 3),
            }
            for one in found.mistakes()
        ],
    }


def _write(picture: "Picture", output: Path) -> None:
    from tui_optim.report.figures.canvas import figure_format, render
    from tui_optim.store.files import write_export
    from tui_optim.store.home import absolute

    write_export(absolute(output), render(picture, figure_format(output)))
    say(f"wrote {output}", is_aside=True)


def _console() -> "Console":
    from rich.console import Console

    return Console(highlight=False, soft_wrap=True)


def _inks(console: "Console") -> "Inks":
    """What the terminal can show: greys, few of them, or characters."""
    from rich.style import Style

    from tui_optim.ui.pictures.gallery import FEW_LEVELS, LEVELS, Inks

    greys = {None: 0, "standard": FEW_LEVELS, "windows": FEW_LEVELS}
    return Inks(
        text=Style.null(),
        quiet=Style(dim=True),
        ground=(16, 20, 24),
        good=(86, 180, 233),
        bad=(230, 159, 0),
        num_greys=0 if console.no_color else greys.get(console.color_system, LEVELS),
    )


def _print(console: "Console", lines: "Lines") -> None:
    from rich.segment import Segment, Segments

    if not lines:
        raise UsageError(
            f"{console.width} columns are too few for images: make the terminal wider, or name a file with -o"
        )
    for line in lines:
        console.print(Segments([*line, Segment.line()]), end="")
