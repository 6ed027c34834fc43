"""Labels of runs: what is kept, what is refused, what a reader survives; and how the catalogue reads them."""

import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_run, make_spec
from tui_optim.spec.errors import StoreError, UsageError
from tui_optim.store import catalogue as catalogue_module
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.home import Home, open_home
from tui_optim.store.label import MAX_NAME, MAX_NOTE, NO_LABEL, Label, clean_name, clean_note, read_label, relabel


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An empty home."""
    return open_home(tmp_path_factory.mktemp("home"))


def test_what_is_not_given_stays(home: Home) -> None:
    """The file is private; a label that says nothing leaves none."""
    path = make_run(home).folder.label
    relabel(path, name="  large\n batch ")
    relabel(path, note="see p. 3")
    assert (
        relabel(path, is_pinned=True) == Label(name="large batch", note="see p. 3", is_pinned=True) == read_label(path)
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert relabel(path, name="", note="", is_pinned=False) == NO_LABEL
    assert not path.exists()


@pytest.mark.parametrize(
    "text", ["\x1b]52;c;aGk=\x07", "a\u202eb", "\u2066x", "a\x00b", "\ud800", "\x9b2J", "x\u200bx"]
)
def test_what_could_steer_a_terminal_is_refused(text: str) -> None:
    """Escapes, controls, marks of direction, broken surrogates; the sentence itself can be shown."""
    for clean in (clean_name, clean_note):
        with pytest.raises(UsageError) as caught:
            clean(text)
        assert str(caught.value).isprintable()


def test_lengths_are_limited() -> None:
    """A name fits a legend, a note a line."""
    assert clean_name("n" * MAX_NAME)
    assert clean_note("n" * MAX_NOTE)
    with pytest.raises(UsageError, match="at most 60 characters; this one has 61"):
        clean_name("n" * (MAX_NAME + 1))


@given(st.text(max_size=80))
def test_a_name_that_is_kept_can_be_shown(text: str) -> None:
    """Whatever is typed; and cleaning it again changes nothing."""
    try:
        name = clean_name(text)
    except UsageError:
        return
    assert name.isprintable()
    assert clean_name(name) == name


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"name": 3, "note": "", "pinned": false}', b'{"name": "a\\u001b", "note": "", "pinned": true}',
     b'{"name": "a", "note": ""}', b"[" * 100_000, b" " * 100_000, b"\xff"],
)  # fmt: skip
def test_a_damaged_label_is_told_and_survived(home: Home, content: bytes) -> None:
    """The run is listed without it, and a new label takes its place."""
    run = make_run(home)
    run.folder.label.write_bytes(content)
    with pytest.raises(StoreError, match=r"label.json: "):
        read_label(run.folder.label)
    catalogue = Catalogue(home)
    assert [one.label for one in catalogue.runs()] == [NO_LABEL]
    assert set(catalogue.damaged_labels) == {run.run_id}
    relabel(run.folder.label, name="new")
    assert [one.label.name for one in catalogue.runs()] == ["new"]
    assert catalogue.damaged_labels == {}


def test_labels_are_read_where_their_file_has_changed(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once; the other runs stay the very same objects."""
    runs = [make_run(home, make_spec(seed=seed)) for seed in range(3)]
    relabel(runs[1].folder.label, name="mine")
    read: list[str] = []

    def note_and_read(path: object) -> Label:
        read.append(str(path))
        return read_label(path)  # type: ignore[arg-type]

    monkeypatch.setattr(catalogue_module, "read_label", note_and_read)
    catalogue = Catalogue(home)
    before = {run.run_id: run for run in catalogue.runs()}
    assert before[runs[1].run_id].label.name == "mine"
    assert all(before[run.run_id] is run for run in catalogue.runs())
    assert len(read) == 1
    relabel(runs[2].folder.label, is_pinned=True)
    after = {run.run_id: run for run in catalogue.runs()}
    assert after[runs[2].run_id].label.is_pinned
    assert after[runs[1].run_id] is before[runs[1].run_id]
    runs[1].folder.label.unlink()
    assert all(run.label.name == "" for run in catalogue.runs())


def test_a_run_is_found_by_its_name(home: Home) -> None:
    """A name that two runs have is refused with their ids."""
    runs = [make_run(home, make_spec(seed=seed)) for seed in range(2)]
    relabel(runs[0].folder.label, name="mine")
    assert Catalogue(home).find("mine").run_id == runs[0].run_id
    relabel(runs[1].folder.label, name="mine")
    with pytest.raises(UsageError, match="names 2 runs"):
        Catalogue(home).find("mine")
    assert len(Catalogue(home).find_all(["mine"])) == 2


def test_a_name_that_would_never_reach_its_run_is_refused(home: Home) -> None:
    """The word for the newest, and another run's id; its own id changes nothing."""
    runs = [make_run(home, make_spec(seed=seed)) for seed in range(2)]
    for name in ("last", "sweep", runs[1].run_id):
        with pytest.raises(UsageError, match="take another name"):
            relabel(runs[0].folder.label, name=name)
    assert relabel(runs[0].folder.label, name=runs[0].run_id).name == runs[0].run_id
