"""The options of `tui-optim run` alone: what each is called, and what its help says."""

from typing import Annotated

import typer

from tui_optim.cli.options import whole_number

Scenario = Annotated[str, typer.Argument(help="Scenario id: tui-optim list scenarios")]
Presets = Annotated[list[str] | None, typer.Argument(help="Preset ids: tui-optim list presets")]
Seeds = Annotated[str, typer.Option(help="42, 42,43 or 42..46")]
Epochs = Annotated[
    int | None, typer.Option(parser=whole_number, metavar="N", help="Epochs; by default the scenario's own.")
]
Holdout = Annotated[
    bool,
    typer.Option(
        "--holdout", help="For choosing: hold a sixth of the training set out as validation, never evaluate test."
    ),
]
TestOnce = Annotated[
    bool, typer.Option("--test-once", help="Evaluate the test set once, at the end, and after no epoch before.")
]
KeepEvery = Annotated[
    int | None,
    typer.Option(
        parser=whole_number, metavar="N", help="Keep a checkpoint after each N epochs, beside the last and the best."
    ),
]
XRay = Annotated[
    str,
    typer.Option(
        metavar="auto|STEPS",
        help="X-ray each run every so many steps; auto costs some 3 % of a full-length run. See tui-optim explain x-ray.",
    ),
]
Jobs = Annotated[
    int | None,
    typer.Option(
        parser=whole_number,
        metavar="N",
        help="Runs that may train at once on this machine from now on (worker slots).",
    ),
]
Detach = Annotated[bool, typer.Option("--detach", help="Queue the runs, print their ids and leave.")]
Compare = Annotated[bool, typer.Option("--compare", help="Print the comparison of these runs at the end, as Markdown.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")]
