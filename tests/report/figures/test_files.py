"""Figures as files: equal bytes for equal pictures, one door, no names that break out, nothing loaded before its time."""

import re
import struct
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.factories import make_run, make_spec, write_log
from tests.image_runs import write_judged
from tests.report.figures.drawing import logs, write_runs
from tests.report.hostile import FILE_NAME
from tests.small_runs import BLANK, RINGS, gradient_descent, write_descent, write_film
from tests.sweep_factories import make_plan, write_sweep
from tests.xray_runs import make_xray
from tui_optim.report.figures.canvas import FIGURE_FORMATS, Picture, figure_format, inline_svg, render
from tui_optim.report.figures.kinds import FIGURE_KINDS, FigureKind, FigureRequest, make_picture
from tui_optim.report.figures.palette import variables
from tui_optim.spec import extras
from tui_optim.spec.errors import UsageError
from tui_optim.spec.events import XRayed
from tui_optim.store.home import open_home

PICTURES: tuple[FigureKind, ...] = ("contour", "descent", "boundary", "gallery", "confusion", "xray")
"""Kinds of what a source draws of one problem; all others are of results."""
RESULTS = tuple(kind for kind in FIGURE_KINDS if kind not in PICTURES)


HOMES = dict.fromkeys(RESULTS, "home") | dict.fromkeys(PICTURES, "pictured") | {"search": "searched"}
"""Which home a kind is drawn of."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs that every kind of result can be drawn of, on the sample; one preset has a hostile name."""
    root = tmp_path_factory.mktemp("results")
    for scenario in ("lenet5-fashion", "mlp-fashion"):
        for preset in (FILE_NAME, "_adam", "$x^2$"):
            write_runs(root, preset, [[0.1, 0.8, 0.9], [0.1, 0.7, 0.88]], scenario=scenario, kind="sample")
    for rate in (0.01, 0.1):
        for size in (32, 64):
            write_runs(root, "sgd", [[0.1, 0.8]], overrides={"lr": rate, "batch_size": size}, kind="sample")
    return root


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep of three short runs on the sample: what a test looks at that would hold of any figure."""
    root = tmp_path_factory.mktemp("searched")
    write_sweep(open_home(root), [0.4, 0.3, "diverged"], plan=make_plan(presets=("sgd",)), kind="sample")
    return root


@pytest.fixture(scope="module")
def pictured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs that every picture can be drawn of, with the same name."""
    root = tmp_path_factory.mktemp("pictured")
    home = open_home(root)
    preset, rule = gradient_descent(0.1)
    for scenario in ("quadratic-f1", "quadratic-f2"):
        write_descent(home, scenario, (preset.model_copy(update={"id": FILE_NAME}), rule), num_steps=30)
    write_film(home, (0, BLANK), (1, RINGS), preset_id=FILE_NAME)
    write_judged(home, preset_id=FILE_NAME)
    run = make_run(home, make_spec(preset=preset.model_copy(update={"id": FILE_NAME})))
    write_log(run.folder, [XRayed(xray=make_xray(step)) for step in (1, 5, 10)])
    return root


def picture_of(home: Path, kind: FigureKind) -> Picture:
    """A figure of all runs of the home, read anew."""
    from tui_optim.store.catalogue import Catalogue

    runs = Catalogue(open_home(home)).runs()
    return make_picture(runs, logs(runs), FigureRequest(kind=kind))


def test_every_format_is_equal_byte_for_byte(searched: Path) -> None:
    """Whatever the clock says, for none has a date in it; and each file is of the format that it should be."""
    picture = picture_of(searched, "curves")
    first = {form: render(picture, form) for form in FIGURE_FORMATS}
    again = picture_of(searched, "curves")
    for form, content in first.items():
        assert render(again, form) == content
        assert not re.search(rb"CreationDate|ModDate|<dc:date>|tIME|Creation Time", content)
        assert content.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[form])
    assert min(struct.unpack(">II", first["png"][16:24])) > 400


@pytest.mark.parametrize("kind", FIGURE_KINDS)
def test_a_figure_is_the_same_again_and_names_in_it_stay_text(request: pytest.FixtureRequest, kind: FigureKind) -> None:
    """Read anew it has equal bytes; it is well-formed, without a script, images inside it; names are shown as they are.

    Nothing of them is mathematics, and nothing dropped; results say that they are of the sample.
    """
    home = request.getfixturevalue(HOMES[kind])
    picture = picture_of(home, kind)
    file, inline = render(picture, "svg"), inline_svg(picture, name="f1")
    assert render(picture_of(home, kind), "svg") == file
    for svg in (inline, file.decode()):
        for element in ET.fromstring(svg).iter():
            tag = element.tag.rsplit("}")[-1]
            assert tag not in {"script", "a", "foreignObject"}
            assert tag != "image" or (kind == "gallery" and _address(element).startswith("data:image/png;base64,"))
            assert not [name for name in element.attrib if name.startswith("on")]
        assert "\x1b" not in svg
    shown = [element.text or "" for element in ET.fromstring(inline).iter("text")]
    assert kind in PICTURES or any("sample" in text for text in shown)
    if kind in (*PICTURES, "curves", "race", "profile"):
        assert "_x_ $ \\ =cmd|" in " ".join(shown)
    if kind in ("curves", "race", "profile"):
        assert {"_adam", "$x^2$"} <= {text.removesuffix(" (sample)") for text in shown}


def _address(image: ET.Element) -> str:
    return next(value for name, value in image.attrib.items() if name.rsplit("}")[-1] == "href")


def test_a_picture_for_a_page_names_nothing_outside_it(searched: Path) -> None:
    """No address, ids of its own, colours that the page sets in light and dark."""
    first, second = (inline_svg(picture_of(searched, "curves"), name=name) for name in ("a", "b"))
    assert "http" not in first
    ids = [
        {element.attrib["id"] for element in ET.fromstring(svg).iter() if "id" in element.attrib}
        for svg in (first, second)
    ]
    assert ids[0]
    assert not ids[0] & ids[1]
    for name in set(re.findall(r"var\((--c[0-9a-f]{6})\)", first)):
        assert f"{name}:" in variables(is_dark=False)
        assert f"{name}:" in variables(is_dark=True)


def test_drawing_leaves_matplotlibs_settings_alone(searched: Path) -> None:
    """A program that imports this one keeps its own style."""
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    render(picture_of(searched, "curves"), "png")
    assert dict(mpl.rcParams) == before


def test_matplotlib_loads_with_the_first_picture_only() -> None:
    """Neither the app's exports nor the request for a figure load it; pyplot never is."""
    program = (
        "import sys, tui_optim.ui.app, tui_optim.report.formats, tui_optim.report.figures.kinds as kinds\n"
        "assert 'matplotlib' not in sys.modules\n"
        "from tui_optim.report.figures.canvas import Picture, render\n"
        "render(Picture(width=2, height=2, about='x', draw=lambda figure: None), 'png')\n"
        "assert 'matplotlib' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def test_without_the_extra_a_figure_says_what_to_install(searched: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence."""
    picture = picture_of(searched, "curves")
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"a figure needs the extra \"plot\""):
        render(picture, "svg")


def test_the_ending_names_the_format() -> None:
    """In capitals too; any other is refused."""
    assert [figure_format(Path(name)) for name in ("a.svg", "b.PNG", "c.pdf")] == ["svg", "png", "pdf"]
    with pytest.raises(UsageError, match=r"a\.gif: a figure's file ends in \.png, \.svg, \.pdf"):
        figure_format(Path("a.gif"))
