"""`tui-optim explain`: what a name means, and the experiment that shows it."""

from typing import Annotated

import typer

from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.options import Json, Plugin

DRAWING_WIDTH = 64


def explain(
    name: Annotated[
        list[str] | None,
        typer.Argument(
            help="A preset, optimizer, scenario, schedule, averaging, figure, split or word; none lists all."
        ),
    ] = None,
    plugin: Plugin = None,
    is_json: Json = False,
) -> None:
    """Say what something is, its formula, what to look at, and the runs that show it. Example: tui-optim explain val_loss"""
    from tui_optim.report.explanation import topic_object
    from tui_optim.spec.explain.catalogue import all_topics
    from tui_optim.spec.plugins import use_plugin_files
    from tui_optim.store.library import load_library

    use_plugin_files(plugin or [])
    topics = all_topics(load_library().presets)
    if not name:
        _list([topic_object(topic) for topic in topics.all], is_json=is_json)
        return
    topic = topics.find(" ".join(name))
    if is_json:
        print(json_answer(topic_object(topic)))
        return
    from rich.text import Text

    from tui_optim.cli.rich_table import out_console
    from tui_optim.report.cells import plain_text
    from tui_optim.report.explanation import heading_of, paragraphs

    console = out_console()
    console.print(Text(plain_text(heading_of(topic)), style="bold"))
    for part in paragraphs(topic, width=DRAWING_WIDTH):
        console.print()
        is_inline = bool(part.heading) and not part.is_set and "\n" not in part.text
        if part.heading and not is_inline:
            console.print(f"{part.heading}:")
        start = f"{part.heading}: " if is_inline else "  " if part.heading else ""
        for line in part.text.split("\n"):
            console.print(Text(f"{start}{plain_text(line)}"), soft_wrap=part.is_set)


def _list(rows: list[dict[str, object]], *, is_json: bool) -> None:
    from tui_optim.spec.explain.topic import KIND_TITLES, KINDS

    if is_json:
        print(json_answer({"topics": rows}))
        return
    for kind in KINDS:
        names = [str(row["id"]) for row in rows if row["kind"] == kind]
        if names:
            print(f"{KIND_TITLES[kind]}: {', '.join(names)}\n")
    print("tui-optim explain NAME tells what it is, and the runs that show it")
