"""What all runs share: read as typed, refused in words, told in words."""

import pytest

from tui_optim.spec.errors import UsageError
from tui_optim.spec.keeping import Keeping
from tui_optim.spec.seeds import parse_seeds
from tui_optim.ui.laboratory.run_options import RunOptions, format_seeds


@pytest.mark.parametrize("text", ["", "a", "4..2", "-1", "1.5", "1,,2", "0..1000", str(2**63)])
def test_seeds_that_make_no_sense_are_refused(text: str) -> None:
    """A sentence says what was expected."""
    with pytest.raises(UsageError, match="seeds"):
        RunOptions().changed("seeds", text)


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("holdout", "perhaps", "holdout = 'perhaps': expected true or false"),
        ("device", "gpu", "unknown device 'gpu': did you mean 'cpu'?"),
        ("engine", "slum", "unknown engine 'slum': did you mean 'slurm'?"),
        ("threads", "0", r"threads = 0: expected a whole number in \[1, 1024\]"),
        ("threads", "1.5", "threads = 1.5: expected a whole number"),
        ("threads", "true", "threads = True: expected a whole number"),
        ("xray", "often", "X-ray 'often': expected auto, off"),
        ("threads", "", "threads = '': expected a whole number"),
        ("patience", "0", r"patience = 0: expected a whole number in \[1, 100000\]"),
        ("min_delta", "-1", "min_delta = -1: expected a number ≥ 0"),
        ("keep_every", "often", "keep_every = 'often': expected a whole number"),
    ],
)
def test_values_that_make_no_sense_are_refused(key: str, text: str, words: str) -> None:
    """The sentence names the row and what was expected."""
    with pytest.raises(UsageError, match=words.replace("?", r"\?")):
        RunOptions().changed(key, text)


@pytest.mark.parametrize("text", ["auto", " Auto "])
def test_threads_may_be_left_to_the_machine(text: str) -> None:
    """The word that the row shows is understood as well."""
    assert RunOptions(threads=2).changed("threads", text) == RunOptions()


@pytest.mark.parametrize("seeds", [(42,), (42, 43), (42, 43, 44), (1, 3, 4, 5, 9)])
def test_seeds_are_written_as_they_are_read(seeds: tuple[int, ...]) -> None:
    """Writing and reading gives the same seeds."""
    assert tuple(parse_seeds(format_seeds(seeds))) == seeds


def test_a_run_may_end_early_and_keep_checkpoints() -> None:
    """As typed; off again by a word, or by a reset."""
    options = RunOptions().changed("patience", "3").changed("min_delta", "0.01").changed("keep_every", "5")
    assert options.keeping == Keeping(patience=3, min_delta=0.01, every=5)
    assert options.summary == "seed 42, patience 3"
    assert options.changed("patience", "off").reset("min_delta").changed("keep_every", "Off") == RunOptions()


def test_the_summary_says_what_is_not_as_it_is_at_first() -> None:
    """The seeds always; hold-out, device, threads and engine only where they were set."""
    changed = RunOptions(seeds=(1, 2, 3), holdout=True, device="cpu", threads=1).changed("engine", "ray")
    assert RunOptions().summary == "seed 42"
    assert changed.summary == "seeds 1..3, holdout, on cpu, 1 thread, by ray"
