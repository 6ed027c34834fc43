"""Lines of a log: those that share their places hold what lines of their own would hold."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from tui_optim.report.logged import Line, Places

AXES = ("step", "epoch")
Step = tuple[str, tuple[bool, bool, bool], int]


class Plain:
    """A line with lists of its own."""

    def __init__(self) -> None:
        """Without points."""
        self.points: list[tuple[int, float, float, float]] = []

    def cut_after(self, seq: int) -> bool:
        """As a line does."""
        kept = [point for point in self.points if point[0] <= seq]
        is_cut, self.points = len(kept) < len(self.points), kept
        return is_cut


STEPS: st.SearchStrategy[Sequence[Step]] = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "add", "cut", "read"]),
        st.tuples(st.booleans(), st.booleans(), st.booleans()),
        st.integers(0, 40),
    ),
    max_size=40,
)


@given(STEPS)
def test_lines_that_share_their_places_are_as_lines_of_their_own(steps: Sequence[Step]) -> None:
    """Whichever of three lines an event has a point for, wherever all are cut, and whenever one is looked at."""
    places = Places.none(AXES)  # type: ignore[arg-type]
    lines, plain = [Line(places) for _ in range(3)], [Plain() for _ in range(3)]
    seq = 0
    for what, which, number in steps:
        seq += 1
        for index in (index for index, is_meant in enumerate(which) if is_meant):
            if what == "add":
                lines[index].append(seq, (float(seq), seq / 2), seq + index / 4)
                plain[index].points.append((seq, float(seq), seq / 2, seq + index / 4))
            elif what == "read":
                _compare(lines[index], plain[index])
        if what == "cut":
            seq = min(seq, number)
            assert [line.cut_after(seq) for line in lines] == [one.cut_after(seq) for one in plain]
    for line, one in zip(lines, plain, strict=True):
        _compare(line, one)


def _compare(line: Line, plain: Plain) -> None:
    assert line.last_x("step") == (plain.points[-1][1] if plain.points else None)
    assert list(line.xs["step"]) == [point[1] for point in plain.points]
    assert list(line.xs["epoch"]) == [point[2] for point in plain.points]
    assert list(line.ys) == [point[3] for point in plain.points]
