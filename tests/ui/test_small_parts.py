"""Sentences, the clipboard and the farewell of a terminal."""

import base64
import os
import pty

import pytest

from tests.factories import make_result, make_spec, make_started
from tui_optim.spec.events import CommandSeen, Ended, Event, Notice, Record, Rewound
from tui_optim.store.home import Home
from tui_optim.ui.app import LabApp
from tui_optim.ui.run_app import run_app
from tui_optim.ui.sentences import duration, sentence
from tui_optim.ui.terminal.clipboard import MAX_BYTES, copy_sequence
from tui_optim.ui.terminal.hangup import has_hung_up

SPEC = make_spec()


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (make_started(SPEC), "started on cpu (Test CPU, 2 threads): 60,000 train / 10,000 test, 10 steps per epoch"),
        (make_started(SPEC, from_step=1234, attempt=2), "resumed from its checkpoint at step 1,234"),
        (CommandSeen(command="pause", step=7), "paused on your command at step 7"),
        (Rewound(to_seq=3), "went back to its last checkpoint"),
        (Notice(text="the disk is nearly full"), "the disk is nearly full"),
        (Ended(state="diverged", reason="the loss is not finite"), "diverged: the loss is not finite"),
        (Ended(state="finished", final=make_result(SPEC, 2)), "finished with test accuracy 80.00 % after 0:04"),
    ],
)
def test_events_become_sentences(event: Event, words: str) -> None:
    """What a person wants to know, in words."""
    assert words in (sentence(Record(seq=1, time=0.0, event=event)) or "")


@pytest.mark.parametrize(
    ("seconds", "text"), [(None, "–"), (float("nan"), "–"), (7, "0:07"), (750, "12:30"), (3723, "1:02:03"), (1e9, "–")]
)
def test_durations_are_short(seconds: float | None, text: str) -> None:
    """Minutes and seconds; hours only where there are some."""
    assert duration(seconds) == text


def test_the_clipboard_sequence_is_wrapped_in_tmux() -> None:
    """tmux passes it on only inside its own envelope, with every escape doubled."""
    plain = copy_sequence("table", {})
    wrapped = copy_sequence("table", {"TMUX": "/tmp/tmux-0/default,1,0"})
    assert plain == f"\x1b]52;c;{base64.b64encode(b'table').decode()}\x07"
    assert wrapped == f"\x1bPtmux;\x1b{plain}\x1b\\"


def test_a_text_that_no_terminal_takes_is_not_sent() -> None:
    """The file has it anyway."""
    assert copy_sequence("x" * (MAX_BYTES + 1), {}) is None


def test_a_crash_of_the_app_is_its_exit_code(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts the app from a script learns that it ended badly."""
    monkeypatch.setattr("tui_optim.ui.run_app.open_home", lambda **_: home)
    monkeypatch.setattr(LabApp, "run", lambda _, **__: None)
    monkeypatch.setattr(LabApp, "return_code", 3)
    with pytest.raises(SystemExit) as caught:
        run_app()
    assert caught.value.code == 3


def test_a_closed_terminal_is_noticed() -> None:
    """As soon as its other end is gone."""
    controller, terminal = pty.openpty()
    before = has_hung_up(terminal)
    os.close(controller)
    after = has_hung_up(terminal)
    os.close(terminal)
    assert (before, after) == (False, True)
