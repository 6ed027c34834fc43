"""Options that commands share, and reading what they give: whole numbers, `--set` pairs and executors."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value, parse_value

if TYPE_CHECKING:
    from tui_optim.spec.executors import ExecutorSpec

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
RunName = Annotated[str, typer.Argument(help="Id of a run, a part of it, its name, or 'last' for the newest.")]
RunNames = Annotated[list[str], typer.Argument(help="Ids of runs, parts of them, names, or 'last' for the newest.")]
AnyRuns = Annotated[
    list[str] | None,
    typer.Argument(help="Scenario ids, run ids, parts of them, 'last', or sweeps; all runs if none."),
]
Filter = Annotated[
    str | None,
    typer.Option(
        "--filter",
        help="Only runs for which all terms hold: 'lr>=0.01 family~second state=diverged'; = != < <= > >= ~ (has it) !~; "
        "a bare word is looked for in preset, optimizer, scenario, name and note.",
    ),
]
Engine = Annotated[
    str, typer.Option(help="What executes the runs: local (worker processes of this machine), ray or slurm.")
]
Address = Annotated[
    str,
    typer.Option(help="Ray: the cluster, for example 10.0.0.1:6379; else RAY_ADDRESS, else one on this machine."),
]
EngineSettings = Annotated[
    list[str] | None,
    typer.Option(
        "--engine-set",
        help="key=value for the engine; slurm: partition, account, time (minutes), mem_gb, gpus_per_node, …; "
        "ray: num_gpus; repeatable.",
    ),
]

Plugin = Annotated[
    list[Path] | None,
    typer.Option("--plugin", help="A Python file with an optimizer or a scenario of yours; repeatable."),
]
PresetFiles = Annotated[
    list[Path] | None, typer.Option("--preset-file", help="A preset in a file of its own; repeatable.")
]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", help="key=value over the preset: lr, batch_size, schedule.kind, …; repeatable."),
]
DataDir = Annotated[Path | None, typer.Option(help="Folder with the data files, before all other sources.")]
Sample = Annotated[bool, typer.Option("--sample", help="Use the packaged sample even where the full data is there.")]
ReadOnly = Annotated[bool, typer.Option("--read-only", help="Watch and export; change nothing, start no supervisor.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps")]
DetachOne = Annotated[bool, typer.Option("--detach", help="Queue the run, print its id and leave.")]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines even on a terminal.")]
NoStack = Annotated[
    bool,
    typer.Option(
        "--no-stack",
        help="Train every run by itself, also small ones that could train as one stack of models (as --engine-set stack=false).",
    ),
]


def whole_number(text: str) -> int:
    """Read a whole number; in words where it is none (Typer's own message names neither option nor value)."""
    if not re.fullmatch(r"\s*[+-]?\d{1,18}\s*", text):
        raise UsageError(
            f"{text!r} is not a whole number of at most 18 digits (--epochs, --patience, --threads and --jobs take one)"
        )
    return int(text)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"--min-delta {text!r}: expected a number, for example 0.001") from None


Threads = Annotated[
    int | None,
    typer.Option(parser=whole_number, metavar="N", help="CPU threads per run; the machine's budget by default."),
]
Patience = Annotated[
    int | None,
    typer.Option(
        parser=whole_number,
        metavar="N",
        help="End a run early whose validation loss has not been bettered for N epochs; needs --holdout, or validation data "
        "of the scenario's own.",
    ),
]
MinDelta = Annotated[
    float | None,
    typer.Option(
        parser=_number, metavar="X", help="With --patience: a loss is better when lower by more than X; 0 by default."
    ),
]


def read_executor(
    engine: str, address: str, settings: list[str] | None, *, is_unstacked: bool = False
) -> "ExecutorSpec":
    """The executor that these options ask for; clusters never stack. Raises UsageError."""
    from tui_optim.spec.executors import read_parameters, resolve_executor

    typed = split_settings(settings or [], option="--engine-set", example="partition=gpu")
    parameters = read_parameters(engine, typed.items())
    parameters |= {"stack": False} if is_unstacked and engine == "local" else {}
    return resolve_executor(engine, address=address, parameters=parameters)


def parse_settings(pairs: list[str], *, option: str = "--set", example: str = "lr=0.05") -> dict[str, Value]:
    """Read `key=value` pairs. Raises UsageError."""
    return {name: parse_value(text) for name, text in split_settings(pairs, option=option, example=example).items()}


def split_settings(pairs: list[str], *, option: str, example: str) -> dict[str, str]:
    """Names, and what stands behind them. Raises UsageError."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator or not name.strip() or not text.strip():
            raise UsageError(f"{option} {pair!r}: expected key=value, for example {option} {example}")
        values[name.strip()] = text
    return values
