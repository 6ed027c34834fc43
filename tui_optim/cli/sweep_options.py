"""The options of `tui-optim sweep`: what each is called, and what its help says."""

from typing import Annotated

import typer

from tui_optim.cli.options import whole_number

What = Annotated[
    str,
    typer.Argument(metavar="SWEEP|FILE|SCENARIO", help="A ready-made sweep, a .toml file, or scenario(s): a,b."),
]
Presets = Annotated[list[str] | None, typer.Option("--preset", help="Preset to search for; repeatable.")]
Dimensions = Annotated[
    list[str] | None,
    typer.Option("--grid", help="lr=0.01,0.1 (values) or lr=1e-4..1 (a range, for random and tpe); repeatable."),
]
Search = Annotated[
    str | None, typer.Option(help="grid (default), random, tpe (Optuna), or rate (log-spaced, extends itself).")
]
Tuned = Annotated[str | None, typer.Option("--tune", help="What search rate tunes; lr by default.")]
Trials = Annotated[
    int | None, typer.Option(parser=whole_number, metavar="N", help="Points of each preset for random and tpe.")
]
SearchSeed = Annotated[
    int | None, typer.Option(parser=whole_number, metavar="N", help="Seed of the search itself; 0 by default.")
]
TuningSeeds = Annotated[str | None, typer.Option(help="Tuning seeds: 7, or 7..9 to judge points by the mean.")]
Epochs = Annotated[int | None, typer.Option(parser=whole_number, metavar="N", help="Epochs of a trial.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="key=value for all trials; repeatable.")]
Metric = Annotated[
    str | None, typer.Option(help="val_loss (default), val_accuracy, train_loss or train_accuracy; decides.")
]
Prune = Annotated[
    str | None,
    typer.Option(help="median: give trials up that are worse than half of the others; or none (default)."),
]
Holdout = Annotated[
    bool | None,
    typer.Option("--holdout/--no-holdout", help="Choose on held-out training data (default); without, only show."),
]
FinalSeeds = Annotated[str | None, typer.Option(help="Fresh seeds with which each winner trains on everything.")]
FinalEpochs = Annotated[
    int | None, typer.Option(parser=whole_number, metavar="N", help="Epochs of these runs; the trials' by default.")
]
FinalWinner = Annotated[
    str | None,
    typer.Option(help="each (default): every preset's winner; overall: one, and every preset with its values."),
]
FinalTestOnce = Annotated[
    bool | None, typer.Option("--final-test-once", help="Evaluate test at the end of these runs alone.")
]
Jobs = Annotated[
    int | None, typer.Option(parser=whole_number, metavar="N", help="Trials at once, from now on (worker slots).")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be run and what it would take, and leave.")]
Detach = Annotated[bool, typer.Option("--detach", help="Start the sweep, print its id and leave.")]
