"""All keys and all actions by name, read from the bindings themselves: for the help screen and the palette."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widget import Widget

from tui_optim.ui.keyboard.words import KEY_NAMES, with_keys
from tui_optim.ui.personal_app import PersonalApp
from tui_optim.ui.screens.dialog import Dialog
from tui_optim.ui.screens.in_time import InTimeScreen
from tui_optim.ui.screens.main import MainScreen
from tui_optim.ui.screens.picture import PictureScreen
from tui_optim.ui.screens.race import RaceScreen
from tui_optim.ui.widgets.chart_keys import ChartKeys
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.presets import PresetList
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.scenarios import ScenarioList

Group = tuple[str, Sequence[BindingType]]

_PANES: tuple[tuple[str, type[Widget]], ...] = (
    ("Presets", PresetList),
    ("Runs", RunTable),
    ("Details", DetailsPanel),
    ("Scenarios", ScenarioList),
    ("Charts", ChartKeys),
)


def key_text(binding: Binding) -> str:
    """The keys of a binding as a user reads them."""
    keys = [KEY_NAMES.get(key, key) for key in binding.key.split(",") if key != "delete"]
    return " ".join(keys)


def help_groups(app: App[None], screen: Screen[Any]) -> list[Group]:
    """What the help over a screen tells, what works there first; nothing where the screen has no keys of its own."""
    from tui_optim.ui.screens.sweeps import SweepsScreen  # nothing that the first frame shows

    if isinstance(screen, Dialog):
        return dialog_groups(app, screen)
    if isinstance(screen, SweepsScreen):
        return sweep_groups(app)
    if isinstance(screen, PictureScreen):
        return picture_groups(app, screen)
    if isinstance(screen, MainScreen | RaceScreen):
        return key_groups(app, screen)
    return screen_groups(app, screen) if screen.TITLE else []


def key_groups(app: App[None], screen: Screen[None]) -> list[Group]:
    """Where keys work, with their bindings; the pane that has the focus comes first, and the race where it is open."""
    around = screen.focused.ancestors_with_self if screen.focused else ()
    ordered = sorted(_PANES, key=lambda pane: not any(isinstance(one, pane[1]) for one in around))
    panes: list[Group] = [(title, widget.BINDINGS) for title, widget in ordered]
    everywhere: Group = ("Everywhere", [*_all_bindings(screen), *_all_bindings(app)])
    race: Group = ("Race (key ⟪race:r⟫)", [*RaceScreen.BINDINGS, *InTimeScreen.BINDINGS])
    if isinstance(screen, RaceScreen):
        return _users(app, [race, ("Everywhere", _all_bindings(app))])
    (_, sweeps), _, (_, cells), _ = sweep_groups(app)
    pictures = picture_groups(app)[:-1]
    shown = [*panes, everywhere, race, ("Sweeps (key ⟪sweeps:g⟫)", [*sweeps, *cells]), *_teaching_groups(), *pictures]
    return _users(app, shown)


def sweep_groups(app: App[None]) -> list[Group]:
    """The keys of the sweeps screen, and those of its list and its map."""
    from tui_optim.ui.screens.one_sweep import OneSweepScreen  # nothing that the first frame shows
    from tui_optim.ui.screens.sweeps import SweepsScreen
    from tui_optim.ui.widgets.cursor_view import CursorView
    from tui_optim.ui.widgets.sweep_list import SweepList

    own = [*OneSweepScreen.BINDINGS, *SweepsScreen.BINDINGS]
    groups: list[Group] = [("Sweeps", own), ("List", SweepList.BINDINGS)]
    return _users(app, [*groups, ("Map and table", CursorView.BINDINGS), ("Everywhere", _all_bindings(app))])


def picture_groups(app: App[None], screen: Screen[Any] | None = None) -> list[Group]:
    """The keys of the pictures, those of this screen first."""
    from tui_optim.ui.screens.boundary import BoundaryScreen  # nothing that the first frame shows
    from tui_optim.ui.screens.functions import FunctionsScreen
    from tui_optim.ui.screens.gallery import GalleryScreen
    from tui_optim.ui.screens.timed import TimedScreen
    from tui_optim.ui.screens.xray import XRayScreen

    xray: Group = ("X-ray (key ⟪run.xray:I⟫)", [*XRayScreen.BINDINGS, *PictureScreen.BINDINGS])
    if isinstance(screen, XRayScreen):
        return _users(app, [xray, ("Everywhere", _all_bindings(app))])
    groups: list[tuple[str, type[Screen[Any]]]] = [
        ("Functions (key ⟪picture:o⟫)", FunctionsScreen),
        ("Decision boundary (key ⟪picture:o⟫)", BoundaryScreen),
        ("Images (key ⟪picture:o⟫)", GalleryScreen),
    ]
    if isinstance(screen, TimedScreen):
        groups = [group for group in groups if isinstance(screen, group[1])]
    elif screen is not None:
        own = [*GalleryScreen.BINDINGS, *PictureScreen.BINDINGS]
        return _users(app, [("Images", own), ("Everywhere", _all_bindings(app))])
    shown: list[Group] = [(title, owner.BINDINGS) for title, owner in groups]
    keys = [*TimedScreen.BINDINGS, *InTimeScreen.BINDINGS, *PictureScreen.BINDINGS]
    in_time: Group = ("Pictures in time", keys)
    return _users(app, [*shown, in_time, xray, ("Everywhere", _all_bindings(app))])


def screen_groups(app: App[None], screen: Screen[Any]) -> list[Group]:
    """The keys of a screen with a title of its own."""
    own = [group for group in _teaching_groups() if group[0].startswith(str(screen.TITLE))]
    return _users(app, [*own, ("Everywhere", _all_bindings(app))])


def dialog_groups(app: App[None], screen: Screen[Any]) -> list[Group]:
    """The keys of a dialog, with those of the field or list that has the focus."""
    owners: list[Screen[Any] | Widget] = [*([screen.focused] if screen.focused else []), screen]
    bindings = [one for owner in owners for one in _all_bindings(owner) if isinstance(one, Binding)]
    told: list[BindingType] = [replace(one, tooltip=one.tooltip or one.description.lower()) for one in bindings]
    return _users(app, [("Here", told)])


def _teaching_groups() -> list[Group]:
    from tui_optim.ui.screens.explain import ExplainScreen, TopicList  # not above: a start does without them
    from tui_optim.ui.screens.step import StepScreen

    explain: Group = (f"{ExplainScreen.TITLE} (key ⟪explain:i⟫)", [*TopicList.BINDINGS, *ExplainScreen.BINDINGS])
    return [(f"{StepScreen.TITLE} (key ⟪step:s⟫)", StepScreen.BINDINGS), explain]


def palette_commands(screen: Screen[Any]) -> Iterator[SystemCommand]:
    """The actions of a screen for the palette, with those of its charts and its run table; those of other panes excepted."""
    owners: list[tuple[Widget, Sequence[BindingType], str]] = [(screen, _all_bindings(screen), "")]
    owners += [(charts, ChartKeys.BINDINGS, " on a chart") for charts in screen.query(ChartsView)]
    owners += [(table, RunTable.BINDINGS, " on a run") for table in screen.query(RunTable)]
    for owner, bindings, where in owners:
        yield from _commands(owner, bindings, where)


def app_commands(app: PersonalApp) -> Iterator[SystemCommand]:
    """What the app itself does with keys, whatever screen is open."""
    yield from _commands(app, PersonalApp.BINDINGS, "")


def _commands(owner: Widget | PersonalApp, bindings: Sequence[BindingType], where: str) -> Iterator[SystemCommand]:
    app = owner if isinstance(owner, PersonalApp) else owner.app
    for binding in _users(app, [("", bindings)])[0][1]:
        if isinstance(binding, Binding) and binding.tooltip:
            title = f"{binding.tooltip[0].upper()}{binding.tooltip[1:]}"
            yield SystemCommand(title, f"key {key_text(binding)}{where}", partial(owner.run_action, binding.action))


def _users(app: App[Any], groups: Sequence[Group]) -> list[Group]:
    """The groups with the keys that the user has given."""
    keymap = app.preferences.keymap if isinstance(app, PersonalApp) else {}

    def mine(binding: BindingType) -> BindingType:
        keys = keymap.get(binding.id or "") if isinstance(binding, Binding) else None
        return binding.with_key(keys) if keys and isinstance(binding, Binding) else binding

    return [(with_keys(app, title), list(map(mine, bindings))) for title, bindings in groups]


def _all_bindings(owner: Widget | App[Any]) -> list[BindingType]:
    ours = [one for one in type(owner).__mro__ if one.__module__.startswith("tui_optim.")]
    return [binding for one in ours for binding in vars(one).get("BINDINGS", ())]
