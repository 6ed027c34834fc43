"""Command lines over the real tree of commands: sound ones, and ones with hostile words in any place."""

from dataclasses import dataclass
from typing import Any

import typer
from hypothesis import strategies as st

from tests.attacks.mutation import texts
from tui_optim.cli.commands import app

NOT_TRIED = {("serve",), ("doctor",), ("data", "fetch")}
"""`serve` listens until it is ended, `doctor` loads torch in a process of its own, `data fetch` wants a network."""
DETACHED = {"run", "rerun", "fork", "sweep"}
"""These follow what they have started, unless they are told to leave."""
PLAUSIBLE: dict[str, tuple[str, ...]] = {
    "scenario": ("lenet5-fashion", "circles", "quadratic-f1", "scalar-mean", "mlp-mnist", "xor"),
    "what": ("circles", "quadratic-f1,quadratic-f2", "mlp-fashion-grid", "none.toml", "lenet5-fashion"),
    "preset": ("sgd-baseline", "adam", "sgd-by-hand", "lbfgs", "mine", "admw"),
    "presets": ("sgd-baseline", "adam", "nesterov-cosine", "mine"),
    "presets_of": ("adam", "sgd"),
    "run": ("last", "sgd", "2", "lenet5"),
    "runs": ("last", "sweep", "sgd", "adam", "lenet5-fashion", "2"),
    "optimizer": ("sgd", "adam", "rmsprop", "muon", "newton", "adafactor"),
    "name": ("theme", "keys.race", "marker", "refresh_hz", "x-ray", "adam", "cosine", "f1", "rosenbrock"),
    "value": ("dark", "ctrl+r", "true", "4", "braille"),
    "text": ("a note", ""),
    "factor": ("0.5", "2", "0"),
    "epochs": ("1", "3", "100000"),
    "seeds": ("1", "1,2", "4..6", "7..7,9"),
    "set": (
        "lr=0.1",
        "momentum=0.9",
        "batch_size=full",
        "batch_size=1",
        "schedule.kind=cosine",
        "penalty.kind=l1",
        "blocks=3",
    ),
    "grid": ("lr=0.1,0.01", "lr=1e-4..1", "batch_size=16,32", "momentum=0..0.9:linear", "epochs=1,2"),
    "engine_set": ("stack=false", "partition=gpu", "time=5", "num_gpus=0.5"),
    "engine": ("local", "ray", "slurm"),
    "address": ("auto", "10.0.0.1:6379", "ray://[::1]:1"),
    "device": ("auto", "cpu", "cuda", "mps"),
    "xray": ("off", "auto", "5"),
    "filter": ("lr>=0.01", "state=finished", "preset~sgd", "epoch<3 seed!=2", "'two words'"),
    "target": ("train_loss<=0.5", "test_accuracy>=0.8"),
    "axis": ("epoch", "seconds", "step", "effective_epochs"),
    "measure": ("train_loss", "val_loss", "test_accuracy"),
    "at": ("1", "0.5", "last", "best", "1:2"),
    "format": ("csv", "csv-long", "markdown", "latex", "html", "json", "tensorboard"),
    "output": ("out.csv", "out.svg", "out.html", "out.json", "out/deep.png", "../up.md", "out.pdf", "out"),
    "kind": ("curves", "heatmap", "race", "profile", "rate", "sensitivity", "descent", "boundary", "xray"),
    "band": ("quartiles", "minmax", "none"),
    "x_limits": ("0..3", "1..", "..2"),
    "y_limits": ("0..3", "1e-9..1"),
    "smooth": ("0.5", "3"),
    "parameter": ("lr", "momentum", "1,2", "0.5"),
    "search": ("grid", "random", "tpe", "rate"),
    "metric": ("val_loss", "train_loss", "val_accuracy"),
    "prune": ("none", "median"),
    "tune": ("lr", "momentum"),
    "final_winner": ("each", "overall"),
    "grad": ("2", "2*x", "1,2,3", "x0^2+x1", "sin(x)"),
    "state": ("m=0.5", "v=0.2"),
    "against": ("adam", "sgd"),
    "view": ("contour", "surface", "1d"),
    "page": ("1", "2"),
    "sort": ("lr", "created", "-epoch"),
    "family": ("basic", "adaptive", "momentun"),
    "speed": ("1e9", "0", "-1"),
    "reference": ("sgd", "sgd-baseline"),
    "datasets": ("mnist", "fashion-mnist"),
    "files": ("none.toml",),
    "folder": ("out",),
    "preset_file": ("none.toml",),
    "plugin": ("none.py", "."),
    "data_dir": (".", "none"),
    "preset_id": ("own", "mine", "adam"),
    "from": ("adam",),
}
"""What stands where a command is used as it is meant, by the name of the argument or option."""
NUMBERS = ("0", "1", "2", "-1", "1e3", "1e309", "nan", "-inf", "0.5", "9" * 18, "9" * 400, "1_0", "٣")
WRITTEN_TO = {"output", "folder"}
"""What names a file that the command writes."""
UNHURRIED = {"speed", "seeds", "final_seeds"}
"""Where a wild but valid value is a wish that takes its time."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """The words, and whether they name a file to write."""

    words: tuple[str, ...]
    writes: bool


def commands() -> dict[tuple[str, ...], Any]:
    """Every command by its words."""
    found: dict[tuple[str, ...], Any] = {}

    def walk(command: Any, words: tuple[str, ...]) -> None:
        for name, inner in getattr(command, "commands", {}).items():
            walk(inner, (*words, name))
        if not hasattr(command, "commands"):
            found[words] = command

    walk(typer.main.get_command(app), ())
    return found


COMMANDS = {words: command for words, command in commands().items() if words not in NOT_TRIED}


@st.composite
def command_lines(draw: st.DrawFn) -> CommandLine:
    """A command with arguments and options; about every fourth word is hostile."""
    words = draw(st.sampled_from(sorted(COMMANDS)))
    command = COMMANDS[words]
    line = list(words)
    line += ["--detach"] if words[0] in DETACHED else []
    writes = words == ("report",)  # into a file of its own name, where none is named
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    parts: list[list[str]] = []
    for one in arguments:
        least = 1 if one.required else 0
        most = 3 if one.nargs == -1 else 1
        parts.append([_value(draw, one.name) for _ in range(draw(st.integers(least, most)))])
        writes |= one.name in WRITTEN_TO
    for one in draw(st.lists(st.sampled_from(options), max_size=5)) if options else []:
        name = one.name.removeprefix("is_").removeprefix("as_")
        parts.insert(draw(st.integers(0, len(parts))), [draw(st.sampled_from([*one.opts, *one.secondary_opts]))])
        if not one.is_flag:
            place = next(i for i, part in enumerate(parts) if part and part[0] in one.opts)
            parts[place] = [*parts[place][:1], _value(draw, _kind(name, one.opts))]
        writes |= name in WRITTEN_TO
    if draw(st.integers(0, 9)) == 0:
        stray = draw(st.sampled_from(("--", "-", "-x", "--nope", "--help", "--json=1", "--json", "")))
        parts.insert(draw(st.integers(0, len(parts))), [stray])
    return CommandLine((*line, *(word for part in parts for word in part)), writes)


def _kind(name: str, opts: list[str]) -> str:
    """The key into PLAUSIBLE: an option goes by its longest spelling."""
    spelled = max(opts, key=len).lstrip("-").replace("-", "_")
    return spelled if spelled in PLAUSIBLE or spelled in UNHURRIED else name


def _value(draw: st.DrawFn, name: str) -> str:
    sound = st.sampled_from(PLAUSIBLE.get(name, NUMBERS))
    if name in UNHURRIED or draw(st.integers(0, 3)):
        return draw(sound)
    hostile = draw(st.one_of(texts, st.sampled_from(NUMBERS), st.builds(_spliced, sound, texts, st.integers(0, 9))))
    if name in WRITTEN_TO and (hostile.startswith(("/", "~")) or hostile.count("..") > 2):
        return "out"  # it would be written there
    return hostile


def _spliced(sound: str, hostile: str, place: int) -> str:
    """A sound word with something hostile in it."""
    return sound[:place] + hostile + sound[place:]
