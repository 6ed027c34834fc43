"""Hostile words in every file of a home: no screen and no dialog of the app lets one of them through."""

import json
from collections.abc import Iterator

import pytest
from textual.strip import Strip

from tests.attacks.sandbox import Sandbox
from tests.attacks.test_hostile_home import poison
from tests.attacks.withstanding import ATTACK_LIMIT_S
from tests.factories import make_preset
from tests.report.hostile import EVERYTHING, FILE_NAME
from tests.ui.stage import FakeClient, board_of, make_app, until
from tui_optim.store.library import Library
from tui_optim.ui.app import LabApp

MARKUP = "[on #010203]obeyed[/] [@click=app.bell]pressed[/] [link=http://example.org]followed[/]"
"""Whoever obeys it leaves a colour, an action or an address in what is drawn."""
HOSTILE = f"{MARKUP} {EVERYTHING}"
QUICK = ("", "7", "6 N", "c", "g")
"""Keys that lead to a place, from the main screen; what opens quickly."""
SLOW = (
    "1",
    "6 end",
    "6 W",
    "6 M",
    "6 D",
    "6 X",
    "r",
    "i",
    "O",
    "H",
    "question_mark",
    "ctrl+p",
    "1 o",
    "3",
    "3 enter",
    "z",
    "z right",
    "z m",
    "slash",
    "s",
    "w",
    "S",
    "6 f",
    "6 F",
    "6 I",
    "6 o",
    "6 enter",
    "6 space down space d",
    "6 home W",
    "6 home down W",
    "6 home down down W",
    "c w",
    "c enter",
    "r w",
    "r y",
    "g enter",
    "g v",
    "g w",
    "g c",
    "g n",
    "g o",
    "i enter",
)


@pytest.mark.parametrize(
    ("size", "ways"),
    [
        ((80, 24), QUICK),
        pytest.param((80, 24), SLOW, marks=[pytest.mark.attack, pytest.mark.timeout(ATTACK_LIMIT_S)]),
        pytest.param((120, 36), QUICK + SLOW, marks=[pytest.mark.attack, pytest.mark.timeout(ATTACK_LIMIT_S)]),
    ],
)
async def test_no_screen_lets_them_through(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], ways: tuple[str, ...]
) -> None:
    """Wherever keys lead: no control character is in what is drawn, and no markup has been obeyed."""
    monkeypatch.setenv("SSH_CONNECTION", "no animations")
    _poison(sandbox)
    app = make_app(sandbox.home, FakeClient(sandbox.home), library=_library())
    async with app.run_test(size=size, notifications=True) as pilot:
        await until(pilot, lambda: len(board_of(app).runs) >= NUM_RUNS, what="the runs are read")
        for keys in ways:
            for key in keys.split():
                await pilot.press(key)
                await pilot.pause()
            await until(pilot, lambda: not _is_busy(app), what=f"{keys} has opened what it opens")
            await pilot.pause()
            assert app._exception is None, keys
            _check(app, keys)
            while app.screen is not app.screen_stack[0]:
                app.pop_screen()
            await pilot.press("escape", "escape")
        assert any("[on #010203]obeyed" in line.text for line in board_of(app).log)


NUM_RUNS = 5


def _poison(sandbox: Sandbox) -> None:
    home = sandbox.home.root
    for path in [*home.glob("runs/*/*.json"), *home.glob("sweeps/*/*.json")]:
        path.write_text(json.dumps(poison(json.loads(path.read_text(encoding="utf-8")), HOSTILE)), encoding="utf-8")
    for path in [*home.glob("runs/*/events.jsonl"), *home.glob("sweeps/*/trials.jsonl")]:
        lines = [
            json.dumps(poison(json.loads(line), HOSTILE)) for line in path.read_text(encoding="utf-8").splitlines()
        ]
        lines.append(json.dumps({"v": 1, "seq": 999, "t": 1_700_000_000, "type": "notice", "text": HOSTILE}))
        path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    for number, path in enumerate(sorted(home.glob("runs/*"))):
        if number % 2:
            body = {"version": 1, "name": HOSTILE, "note": HOSTILE, "pinned": True}
            (path / "label.json").write_text(json.dumps(body), encoding="utf-8")


def _library() -> Library:
    """Presets whose files have hostile names, and problems with others."""
    presets = {one.id: one for one in (make_preset("adam", optimizer="adam"), make_preset())}
    hostile = make_preset().model_copy(update={"id": FILE_NAME, "name": FILE_NAME})
    return Library({FILE_NAME: hostile, **presets}, [HOSTILE])


def _is_busy(app: LabApp) -> bool:
    """Whether something is on its way that a key has asked for."""
    return any(one.group in ("why", "fork") and not one.is_finished for one in app.workers)


def _check(app: LabApp, keys: str) -> None:
    for strip in _strips(app):
        for text, style, control in strip:
            assert not control, (keys, app.screen, strip.text)
            assert text.isprintable(), (keys, app.screen, strip.text)
            if style is not None:
                where = (keys, app.screen, strip.text)
                assert style.link is None, where
                assert style.bgcolor is None or style.bgcolor.name != "#010203", where
                assert "bell" not in str(style.meta.get("@click", "")), where


def _strips(app: LabApp) -> Iterator[Strip]:
    yield from app.screen._compositor.render_strips()
