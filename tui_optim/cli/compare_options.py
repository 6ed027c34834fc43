"""The options of `tui-optim compare`: what each is called, and what its help says."""

from pathlib import Path
from typing import Annotated

import typer

Runs = Annotated[
    list[str] | None,
    typer.Argument(
        help="Scenario ids, run ids, parts of them, 'last', or sweeps; all runs but those of sweeps if none."
    ),
]
Reference = Annotated[
    str | None,
    typer.Option(
        help="Preset to compare with, seed by seed, or one of its settings as the table prints it: 'sgd lr=0.22'; "
        "'sgd' where it is among the runs."
    ),
]
Targets = Annotated[
    list[str] | None,
    typer.Option("--target", help="What to reach, e.g. val_accuracy>=0.9; repeatable; by default the scenario's own."),
]
Axis = Annotated[
    str, typer.Option(help="What cost is counted in: epoch (n gradients), step, seconds or gradient-evaluations.")
]
At = Annotated[
    float | None, typer.Option(help="Rank the settings as they stood at this cost, instead of at their end.")
]
Measure = Annotated[
    str | None,
    typer.Option(help="What --at and --replay rank by, e.g. val_loss; the held-out accuracy where there is one."),
]
Replay = Annotated[
    bool,
    typer.Option(
        "--replay", help="Play the standings against a clock of training time; in a pipe a line for each change."
    ),
]
Speed = Annotated[
    float | None,
    typer.Option(help="Of --replay: 1 is real time, 8 eight times as fast; about 15 seconds in all if none."),
]
Profile = Annotated[
    bool,
    typer.Option("--profile", help="The performance profile of presets that have runs on several scenarios, instead."),
]
WithSweeps = Annotated[
    bool,
    typer.Option("--sweeps", help="Without names: the runs of sweeps too, as S lists them in the app."),
]
Format = Annotated[
    str | None,
    typer.Option("--format", "-f", help="csv, csv-long, markdown, latex, html or json, instead of a printed table."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", help="A file for --format.")]
