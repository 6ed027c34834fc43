"""Curves of any marker and an app of ASCII alone, by one map at the end of drawing."""

import pytest
from rich.cells import cell_len
from textual.content import Content

from tests.ui.stage import FakeClient, make_app, until_drawn, write_run
from tui_optim.spec.settings import MARKERS as CURVES
from tui_optim.spec.settings import Settings
from tui_optim.store.home import Home
from tui_optim.ui.charting.overlay import MARKERS
from tui_optim.ui.look.glyphs import block_of, mapped, sample, shape_of
from tui_optim.ui.look.spelling import spelled
from tui_optim.ui.look.surroundings import Surroundings, initial_environment, is_utf8_locale
from tui_optim.ui.sentences import STATE_GLYPHS
from tui_optim.ui.sweeping.heat_cells import GLYPHS


def test_every_text_keeps_its_width() -> None:
    """Cell by cell, whatever comes: accents go, what is wide becomes two marks, what is unknown a question mark."""
    texts = ["θ ← θ − η m̂/(√v̂+ε)", "漢字 naïve", "╭─ 4 Loss ─╮", "⣀⣿⢕", "½ ×2 ∞ ±…", "\U0001f600", "plain"]
    for text in texts:
        plain = mapped(text, "braille", is_ascii=True)
        assert plain.isascii()
        assert cell_len(plain) == cell_len(text)
    assert mapped("漢é\U00010348", "braille", is_ascii=True) == "??e?"


def test_figures_keep_their_signs_in_ascii() -> None:
    """A plus in the place of ± would be another figure; both have the room of the blanks beside them."""
    assert mapped("79.30 ± 1.85", "braille", is_ascii=True) == "79.30+/-1.85"
    assert mapped("to 88 %    ∞ ", "braille", is_ascii=True) == "to 88 %  inf "


def test_what_tells_runs_apart_is_told_apart_in_ascii() -> None:
    """Eight markers have eight stand-ins, the states of a run theirs, and those of a cell of a heat map."""
    for glyphs in (MARKERS, STATE_GLYPHS.values(), [one for one in GLYPHS.values() if one]):
        plain = [mapped(one, "braille", is_ascii=True) for one in glyphs]
        assert len(set(plain)) == len(set(glyphs))


def test_a_cell_keeps_its_shape() -> None:
    """Rising, falling, flat at three heights, upright, empty, and the weave of a band."""
    shapes = {"⠔": "/", "⠢": "\\", "⠉": "'", "⠒": "-", "⣀": "_", "⡇": "|", "⠀": " ", "⢕": ":", "⣿": "&"}
    assert {cell: shape_of(ord(cell) - 0x2800) for cell in shapes} == shapes
    assert [block_of(ord(cell) - 0x2800) for cell in "⠉⣀⡇⢸⣿⢕⠀"] == [*"▀▄▌▐█░ "]
    assert len({sample(marker) for marker in CURVES}) == len(CURVES)


def test_formulas_are_spelled_in_ascii() -> None:
    """Letters by their names, with room beside them, in the style that they had."""
    formula = Content.assemble(("θ ← θ − η m̂/(√v̂+ε)", "bold"), " ½ηλθ‖∇f‖² ", ("β₁", "$accent"))
    text = spelled(formula)
    assert text.plain == "theta <- theta − eta m_hat/(sqrt(v_hat)+epsilon) 1/2 eta lambda theta||grad f||^2 beta₁"
    assert [text.plain[span.start : span.end] for span in text.spans] == [text.plain[:48], "beta₁"]
    assert spelled(Content("as it is")).plain == "as it is"


@pytest.mark.parametrize(
    ("variables", "is_utf8"),
    [
        ({"LANG": "de_DE.UTF-8"}, True),
        ({"LANG": "en_US.utf8", "LC_ALL": ""}, True),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": "C"}, False),
        ({"LC_CTYPE": "en_US.ISO-8859-1", "LANG": "de_DE.UTF-8"}, False),
        ({}, False),
    ],
)
def test_the_locale_says_whether_there_is_more_than_ascii(variables: dict[str, str], is_utf8: bool) -> None:
    """The setting and the command line have the last word."""
    assert is_utf8_locale(variables) is is_utf8
    assert Surroundings(is_utf8=is_utf8).is_ascii(Settings()) is not is_utf8
    assert not Surroundings(is_utf8=is_utf8).is_ascii(Settings(characters="unicode"))
    assert Surroundings(is_utf8=is_utf8, is_ascii_asked=True).is_ascii(Settings(characters="unicode"))


def test_what_python_sets_by_itself_is_not_the_locale(home: Home) -> None:
    """The environment is that of the process's start; where that cannot be read, the present one."""
    kept = home.root / "environ"
    kept.write_bytes(b"LANG=C\0TERM=xterm\0")
    assert initial_environment({"LC_CTYPE": "C.UTF-8"}, path=kept) == {"LANG": "C", "TERM": "xterm"}
    assert initial_environment({"LANG": "x"}, path=home.root / "none") == {"LANG": "x"}


async def test_a_key_turns_what_curves_are_made_of(home: Home, client: FakeClient) -> None:
    """A goes through braille, dots, blocks and ASCII shapes and back; the rest of the screen stays as it is."""
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=(120, 36)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        seen = []
        for _ in CURVES:
            await pilot.press("A")
            await pilot.pause()
            shown = app.export_screenshot()
            seen.append((app.preferences.settings.marker, any("\u2801" <= one <= "\u28ff" for one in shown)))
            assert "╭" in shown
        assert seen == [("dots", False), ("blocks", False), ("ascii", False), ("braille", True)]
