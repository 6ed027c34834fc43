"""Executors: read as typed, checked, written again in the same words."""

import pytest

from tui_optim.spec import extras
from tui_optim.spec.errors import UsageError
from tui_optim.spec.executors import LOCAL, ExecutorSpec, parse_executor, resolve_executor
from tui_optim.spec.hyperparameters import Value


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("local", LOCAL),
        ("local stack=false", ExecutorSpec(kind="local", parameters={"stack": False})),
        ("ray", ExecutorSpec(kind="ray")),
        ("ray auto", ExecutorSpec(kind="ray", address="auto")),
        (
            "ray 10.0.0.1:6379 num_gpus=0.25",
            ExecutorSpec(kind="ray", address="10.0.0.1:6379", parameters={"num_gpus": 0.25}),
        ),
        (
            "slurm partition=gpu time=90 gres=gpu:a100:1",
            ExecutorSpec(kind="slurm", parameters={"partition": "gpu", "time": 90, "gres": "gpu:a100:1"}),
        ),
        ("slurm account=0815", ExecutorSpec(kind="slurm", parameters={"account": "0815"})),
    ],
)
def test_one_line_says_it_all(text: str, spec: ExecutorSpec) -> None:
    """Kind, address and parameters are read from a line, and written as the same line."""
    assert parse_executor(f"  {text} ") == spec
    assert spec.words == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "unknown engine ''"),
        ("slrum", "unknown engine 'slrum': did you mean 'slurm'?"),
        ("local 10.0.0.1:6379", "engine local has no address"),
        ("ray somewhere", "address 'somewhere': expected host:port"),
        ("ray a:1 b:2", "expected name=value after the address, found 'b:2'"),
        ("slurm partitoin=gpu", "partitoin: engine slurm has no such key; did you mean 'partition'?"),
        ("slurm time=soon", "time = 'soon': expected a whole number in [3, 525600]"),
        ("slurm cluster=lokal", "did you mean 'local'?"),
        ("ray num_gpus=-1", "num_gpus = -1: expected a number in [0, 64]"),
        ("local num_gpus=1", "engine local has no such key; valid: stack"),
    ],
)
def test_what_makes_no_sense_is_refused(text: str, words: str) -> None:
    """The sentence names what was wrong and the nearest valid name."""
    with pytest.raises(UsageError) as refused:
        parse_executor(text)
    assert words in str(refused.value)


@pytest.mark.parametrize("value", ["two words", "", "line\nbreak"])
def test_words_are_single_words(value: Value) -> None:
    """What becomes an option of sbatch has no space or line end in it."""
    with pytest.raises(UsageError, match="expected one word"):
        resolve_executor("slurm", parameters={"partition": value})


@pytest.mark.parametrize("kind", ["ray", "slurm"])
def test_a_missing_extra_is_named(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the executor is refused with the line that installs it; this machine's workers need none."""
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=rf'engine {kind} needs the extra "{kind}"; in your clone: '):
        resolve_executor(kind)
    assert resolve_executor("local") == LOCAL
