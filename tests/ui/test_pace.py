"""When the next frame goes out: an account of a link, with times that are given."""

import pytest

from tui_optim.ui.terminal.pace import BURST, FORGET_S, LATE_S, LINE_SHARE, MAX_WAIT_S, QUESTION, TOUCH_S, LinkPace

WAY_S = 0.2
"""There and back."""


def warm(*, at: float = 0.0) -> LinkPace:
    """A link whose way takes 0.2 s: it was asked while nothing was on it."""
    pace = LinkPace(asks=True)
    assert pace.begin(at)
    assert not pace.answered(at + WAY_S, 0)
    return pace


def test_a_fast_terminal_waits_for_nothing() -> None:
    """What has left at once is followed at once, and there is no question to a terminal of this machine."""
    pace = LinkPace()
    assert not pace.frame(0.0, 5000)
    assert pace.wait_s(0.001, 5000, 0) > 0  # the thread has it still
    assert pace.wait_s(0.021, 5000, 5000) == 0
    assert not pace.is_slow


def test_news_leave_three_quarters_of_the_line_free() -> None:
    """A frame that took 0.25 s on the line, the way not counted, is followed after a second."""
    pace = warm()
    pace.frame(1.0, 6100)
    pace.answered(1.0 + WAY_S + 0.25, 6100)
    assert pace.wait_s(1.5, 6100, 6100) == pytest.approx(LINE_SHARE * 0.25 - 0.5, abs=0.05)
    assert pace.wait_s(2.1, 6100, 6100) == 0


def test_a_key_is_answered_while_little_is_on_its_way() -> None:
    """And no longer than its effects take; with a lot on its way it waits as all do."""
    pace = warm()
    pace.frame(1.0, BURST)
    pace.touched(1.1)
    assert pace.wait_s(1.1, BURST, BURST) == 0
    assert pace.wait_s(1.1 + TOUCH_S, BURST, BURST) > 0
    pace.answered(1.4, BURST)
    pace.frame(2.0, 10 * BURST)
    pace.touched(2.1)
    assert pace.wait_s(2.1, 10 * BURST, 10 * BURST) > 0


def test_nothing_passes_what_has_not_left_this_machine() -> None:
    """Not for a key either: the thread has a queue that must not fill."""
    pace = warm()
    pace.frame(1.0, 5000)
    pace.touched(1.1)
    assert pace.wait_s(1.1, 5000, 4000) > 0


def test_a_link_that_stands_is_tried_ever_more_rarely() -> None:
    """Without an answer a frame goes out after three seconds, the next after six; an answer sets that back."""
    pace = warm()
    pace.frame(10.0, 1000)
    assert pace.wait_s(10.0 + LATE_S - 0.1, 1000, 1000) > 0
    assert pace.is_slow
    assert pace.wait_s(10.0 + LATE_S, 1000, 1000) == 0
    assert pace.frame(20.0, 2000)
    assert pace.wait_s(20.0 + LATE_S, 2000, 2000) > 0
    assert pace.wait_s(20.0 + 2 * LATE_S, 2000, 2000) == 0
    pace.frame(30.0, 3000)
    pace.answered(30.0 + WAY_S, 3000)
    assert pace.frame(40.0, 4000)
    assert pace.wait_s(40.0 + LATE_S, 4000, 4000) == 0


def test_a_terminal_that_never_answers_is_not_waited_for() -> None:
    """What has left this machine counts, as without SSH."""
    pace = LinkPace(asks=True)
    pace.frame(0.0, 1000)
    assert pace.wait_s(0.05, 1000, 1000) == 0


def test_output_that_leaves_slowly_slows_the_news() -> None:
    """Half a second in the queue to a terminal of this machine: two seconds until the next frame, marked as slow."""
    pace = LinkPace()
    pace.frame(0.0, 1000)
    assert pace.wait_s(0.7, 1000, 500) > 0
    assert pace.is_slow
    assert 1.5 < pace.wait_s(0.75, 1000, 1000) <= MAX_WAIT_S


def test_a_busy_machine_is_no_slow_link() -> None:
    """The frame left at once; that nobody looked for a second is not the terminal's doing."""
    pace = LinkPace()
    pace.frame(0.0, 1000)
    assert pace.wait_s(1.0, 1000, 1000, left_at=0.01) == 0
    assert not pace.is_slow


def test_the_mark_goes_once_the_link_is_fast_or_quiet() -> None:
    """Quick answers take it away; so does silence, of which nothing can be said."""
    slow = warm()
    for at in (1.0, 5.0, 9.0):
        slow.frame(at, 5000)
        slow.answered(at + WAY_S + 0.5, 5000)
    assert slow.is_slow
    assert slow.forget(9.0 + FORGET_S - 1) > 0
    assert slow.is_slow
    assert slow.forget(9.0 + FORGET_S) == 0
    assert not slow.is_slow
    for at in (20.0, 24.0):
        slow.frame(at, 9000)
        slow.answered(at + WAY_S + 0.6, 9000)
    for at in range(30, 40):
        slow.frame(float(at), 9100)
        slow.answered(at + WAY_S, 9100)
    assert not slow.is_slow


def test_what_went_out_after_a_question_is_asked_about_next() -> None:
    """A frame for a key follows a frame of news; the answer to the first question says nothing about it."""
    pace = warm()
    assert pace.frame(1.0, 2000)
    assert not pace.frame(1.1, 3000)
    assert pace.answered(1.3, 3000)
    assert pace.is_asking
    assert not pace.answered(1.5, 3000 + len(QUESTION))
