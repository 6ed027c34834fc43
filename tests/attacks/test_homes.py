"""A file of the home is another than any version of ours would write: every command answers, and says what it leaves out."""

from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from tests.attacks.calling import call, check_calm
from tests.attacks.mutation import broken_bytes, broken_json_bytes, broken_lines
from tests.attacks.sandbox import Sandbox
from tests.attacks.withstanding import num_cases, withstand

READING = (
    ("list", "runs"),
    ("list", "runs", "--json"),
    ("list", "runs", "--sort", "lr"),
    ("list", "runs", "--filter", "lr>0 name~a state!=failed"),
    ("list", "sweeps"),
    ("list", "sweeps", "--json"),
    ("show", "last"),
    ("show", "last", "--json"),
    ("show", "sgd-baseline-s1-"),
    ("show", "sweep"),
    ("show", "sweep", "--json"),
    ("status",),
    ("status", "--json"),
    ("status", "--tmux"),
    ("compare",),
    ("compare", "--json"),
    ("compare", "--at", "1", "--measure", "test_loss"),
    ("compare", "--target", "train_loss<=0.5", "--axis", "seconds"),
    ("compare", "--replay"),
    ("compare", "--profile", "--target", "train_loss<=0.5"),
    ("compare", "sweep"),
    ("diff", "last", "sgd-baseline"),
    ("diff", "sgd-baseline"),
    *(("export", "--format", name) for name in ("csv", "csv-long", "markdown", "latex", "html", "json")),
    ("export", "sweep", "--format", "json"),
    ("report", "-o", "report.md"),
    ("report", "sweep", "-o", "report.md"),
    ("plot", "-o", "curves.svg"),
    ("clean", "--dry-run"),
    ("resume", "last", "sweep"),
    ("stop", "adam-s42", "sweep"),
    ("rate", "adam", "0.5"),
    ("rerun", "last", "--detach"),
    ("fork", "sgd-baseline", "--detach", "--at", "best"),
    ("note", "last", "x"),
    ("delete", "last", "--yes"),
)
"""Commands that look at all files of a home, or change what was damaged."""


@dataclass(frozen=True, slots=True)
class Damage:
    """What stands in a file, and which command meets it."""

    path: str
    content: bytes
    words: tuple[str, ...]


def damage_in(home: Path) -> st.SearchStrategy[Damage]:
    """Something done to one of the files below a home."""
    paths = sorted(path for path in home.rglob("*") if path.is_file() and path.suffix and path.suffix != ".lock")
    return st.sampled_from(paths).flatmap(
        lambda path: st.builds(
            Damage,
            path=st.just(str(path.relative_to(home))),
            content=_broken(path),
            words=st.sampled_from(READING),
        )
    )


def _broken(path: Path) -> st.SearchStrategy[bytes]:
    content = path.read_bytes()
    if path.suffix == ".json":
        return broken_json_bytes(content)
    if path.suffix == ".jsonl":
        return broken_lines(content)
    if path.suffix == ".pt":
        line, _, state = content.partition(b"\n")
        return broken_bytes(content) | broken_json_bytes(line).map(lambda head: head + b"\n" + state)
    return broken_bytes(content)


@num_cases(6, 800)
def test_any_damage_is_survived(sandbox: Sandbox, num_cases: int) -> None:
    """In run.json, status, label, log, checkpoints; in a sweep's file, status and trials."""
    cases = damage_in(sandbox.home.root)

    def check(damage: Damage) -> None:
        (sandbox.home.root / damage.path).write_bytes(damage.content)
        try:
            check_calm(call(damage.words))
        finally:
            sandbox.restore()
        sandbox.check(writes_here=damage.words[0] in ("report", "plot"))

    withstand(cases, check, num_cases=num_cases)
