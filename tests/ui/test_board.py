"""What the main screen knows, without a screen."""

import math
from dataclasses import replace

import pytest

from tests.factories import make_progress, make_run, make_spec, make_started
from tests.ui.stage import NOON, falling_loss, write_run
from tui_optim.report.series import load_series
from tui_optim.spec.events import Record
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home
from tui_optim.store.label import relabel
from tui_optim.store.status import write_status
from tui_optim.ui import watch as watch_module
from tui_optim.ui.board import LOG_LENGTH, RECORDS_PER_STEP, Board
from tui_optim.ui.charting.overlay import MAX_RUNS, MAX_SHOWN, Overlay
from tui_optim.ui.watch import Look, StoreWatch


def test_a_long_log_is_folded_in_steps(home: Home) -> None:
    """No step takes more records than a key press can wait for; in the end all are there."""
    run = write_run(home, "adam", state="running", done=1)
    records = [Record(seq=1, time=NOON, event=make_started(run.info.spec))]
    records += [Record(seq=n + 1, time=NOON, event=make_progress(n)) for n in range(1, 3 * RECORDS_PER_STEP)]
    board = Board()
    board.take(Look(runs=[run], records={run.run_id: records}))
    num_steps = 0
    while board.has_backlog:
        board.fold()
        num_steps += 1
    series = board.series(run.run_id)
    assert num_steps == 3
    assert series is not None
    assert len(series.curve("loss", "train", "step")[0]) == 3 * RECORDS_PER_STEP - 1


def test_the_log_stands_in_the_order_of_time(home: Home) -> None:
    """Runs that are read one after the other are told in the order in which things happened."""
    late = write_run(home, "adam", started_at=NOON + 500)
    early = write_run(home, "sgd", started_at=NOON)
    watch, board = StoreWatch(home), Board()
    board.take(watch.look({late.run_id, early.run_id}))
    while board.has_backlog:
        board.fold()
    times = [line.time for line in board.log]
    assert times == sorted(times)
    assert {line.about for line in board.log} == {"adam·s42", "sgd·s42"}


def test_damage_is_told_once_it_lasts(home: Home) -> None:
    """Not that of a folder which is being deleted; not at every look; again only where it is another damage."""
    write_run(home, "adam")
    broken = write_run(home, "sgd")
    status = broken.folder.status.read_bytes()
    watch, board = StoreWatch(home), Board()

    def told() -> list[str]:
        board.take(watch.look(()))
        return [line.text for line in board.log]

    broken.folder.status.unlink()
    assert told() == []
    broken.folder.status.write_bytes(status)
    assert told() == []
    broken.folder.status.write_bytes(b"{")
    assert told() == []
    (sentence,) = told()
    assert "status.json: damaged" in sentence
    assert told() == [sentence]
    broken.folder.status.unlink()
    told()
    assert len(told()) == 2


def test_a_log_that_is_damaged_is_told(home: Home) -> None:
    """The run is shown all the same, with what could be read."""
    run = write_run(home, "adam")
    with run.folder.events.open("ab") as log:
        log.write(bytes(64) + b"\n")
    watch, board = StoreWatch(home), Board()
    for _ in range(3):
        board.take(watch.look(board.followed))
        board.fold()
    series = board.series(run.run_id)
    assert series is not None
    assert len(series.epochs) == 11
    assert [line.text for line in board.log if "damaged" in line.text] == [
        f"Left out: {run.folder.events}: some of its lines are damaged"
    ]


def test_much_damage_is_one_line(home: Home) -> None:
    """Thousands of folders that are no runs push no sentence out of the log; a further one is told by itself."""
    write_run(home, "adam")
    for number in range(3 * LOG_LENGTH):
        (home.runs / f"folder-{number:04d}").mkdir()
    watch, board = StoreWatch(home), Board()
    for _ in range(3):
        board.take(watch.look(board.followed))
        board.fold()
    (told,) = [line.text for line in board.log if "Left out" in line.text]
    assert told.startswith(
        f"Left out: {3 * LOG_LENGTH:,} folders that cannot be read, among them {home.runs}/folder-0000: "
    )
    assert any(line.about == "adam·s42" for line in board.log)

    (home.runs / "another").mkdir()
    for _ in range(3):
        board.take(watch.look(board.followed))
    (further,) = [line.text for line in board.log if "another" in line.text]
    assert further == f"Left out: {home.runs}/another: not a run: it has no run.json"


def test_a_look_without_news_changes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home of a thousand runs is looked at every second: what is shown is decided anew only where a run has changed."""
    run = write_run(home, "adam")
    watch, board = StoreWatch(home), Board()
    board.take(watch.look(()))
    chosen: list[int] = []
    monkeypatch.setattr(board.overlay, "choose", lambda runs: chosen.append(len(runs)))
    board.take(watch.look(()))
    assert chosen == []
    write_status(run.folder.status, replace(run.status, state="failed"))
    board.take(watch.look(()))
    assert chosen == [1]
    assert [found.run_id for found in board.in_state("failed", "running")] == [run.run_id]


def test_curves_of_runs_that_are_no_longer_followed_are_let_go(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for those followed last; taken up again, a run has all of its curve, and stands in the log once."""
    monkeypatch.setattr(watch_module, "KEPT_READ", 2)
    runs = [write_run(home, "sgd", epochs=2 + number) for number in range(5)]
    watch, board = StoreWatch(home), Board()

    def follow(run: StoredRun) -> None:
        board.take(watch.look({run.run_id}))
        board.fold()

    for run in runs:
        follow(run)
    assert [board.series(run.run_id) is not None for run in runs] == [False, False, True, True, True]
    told = list(board.log)
    for run in (runs[0], runs[3]):
        follow(run)
        series = board.series(run.run_id)
        assert series is not None
        assert series.epochs == load_series(run.folder).epochs
    assert board.log == told


def test_only_shown_and_running_runs_are_followed(home: Home) -> None:
    """The logs of a hundred old runs are not read."""
    for number in range(12):
        write_run(home, "sgd", epochs=1 + number)
    running = write_run(home, "adam", state="running", done=1)
    board = Board()
    board.take(StoreWatch(home).look(()))
    assert running.run_id in board.followed
    assert len(board.followed) <= 5


def test_marked_runs_keep_their_colours(home: Home) -> None:
    """Taking one run off the charts leaves the others' markers as they are."""
    runs = [write_run(home, preset, epochs=1) for preset in ("sgd", "adam", "nesterov")]
    overlay = Overlay()
    overlay.marked = {run.run_id for run in runs}
    overlay.choose(runs)
    before = overlay.marker(runs[2].run_id)
    overlay.toggle(runs[0].run_id)
    overlay.choose(runs)
    assert overlay.marker(runs[2].run_id) == before
    assert overlay.slot(runs[0].run_id) is None


def test_no_more_settings_are_shown_than_can_be_told_apart(home: Home) -> None:
    """With ten marked settings the newest eight are on the charts, each with its own marker."""
    runs = [write_run(home, "sgd", epochs=1 + number) for number in range(MAX_SHOWN + 2)]
    overlay = Overlay()
    overlay.marked = {run.run_id for run in runs}
    overlay.choose(runs)
    assert overlay.shown == [run.run_id for run in runs[2:]]
    assert len({overlay.marker(run_id) for run_id in overlay.shown}) == MAX_SHOWN


def test_the_seeds_of_a_setting_share_a_marker(home: Home) -> None:
    """While nothing is marked, a setting is shown with all its seeds, those that wait too; of equal runs the newest."""
    runs = [write_run(home, "sgd", epochs=1, seed=seed) for seed in (1, 2, 1)]
    runs += [write_run(home, "sgd", epochs=1, seed=3, state="queued"), write_run(home, "adam", epochs=1)]
    overlay = Overlay()
    overlay.choose(runs)
    assert [one.run_ids for one in overlay.entries] == [
        (runs[1].run_id, runs[2].run_id, runs[3].run_id),
        (runs[4].run_id,),
    ]
    assert overlay.slot(runs[0].run_id) is None
    assert overlay.marker(runs[1].run_id) == overlay.marker(runs[3].run_id) != overlay.marker(runs[4].run_id)


def test_equal_runs_that_are_marked_are_told_apart(home: Home) -> None:
    """Who marks a seed twice wants to see both."""
    runs = [write_run(home, "sgd", epochs=1) for _ in range(2)]
    overlay = Overlay()
    overlay.marked = {run.run_id for run in runs}
    overlay.choose(runs)
    assert [one.run_ids for one in overlay.entries] == [(run.run_id,) for run in runs]


def test_all_seeds_of_a_setting_are_marked_at_once(home: Home) -> None:
    """And unmarked; other settings keep their marks."""
    runs = [write_run(home, "sgd", epochs=1, seed=seed) for seed in (1, 2)] + [write_run(home, "adam", epochs=1)]
    overlay = Overlay()
    overlay.toggle(runs[2].run_id)
    overlay.toggle_setting(runs[0].run_id, runs)
    assert overlay.marked == {run.run_id for run in runs}
    overlay.toggle_setting(runs[1].run_id, runs)
    assert overlay.marked == {runs[2].run_id}


def test_settings_of_too_many_seeds_are_left_out_whole(home: Home) -> None:
    """Of an old setting all seeds are shown or none: a band over some of them would not be its band."""
    runs = [write_run(home, "sgd", epochs=1, seed=seed) for seed in range(MAX_RUNS)]
    runs += [write_run(home, "adam", epochs=1)]
    overlay = Overlay()
    overlay.choose(runs)
    assert overlay.shown == [runs[-1].run_id]


def test_of_very_many_seeds_the_newest_are_shown(home: Home) -> None:
    """Also while one of them trains: the curves of a whole day would be held otherwise. A seed that ran again is a new one."""
    runs = [write_run(home, "sgd", epochs=1, seed=seed) for seed in (*range(MAX_RUNS + 3), 0)]
    runs.append(write_run(home, "sgd", epochs=1, seed=99, state="running", done=0))
    overlay = Overlay()
    overlay.choose(runs)
    assert overlay.shown == [run.run_id for run in runs[-MAX_RUNS:]]


def test_the_opened_run_is_among_the_shown(home: Home) -> None:
    """However many are marked; it makes room by leaving out the oldest."""
    runs = [write_run(home, "sgd", epochs=1 + number) for number in range(MAX_SHOWN + 2)]
    overlay = Overlay()
    overlay.marked = {run.run_id for run in runs[1:]}
    overlay.opened = runs[0].run_id
    overlay.choose(runs)
    assert overlay.shown == [run.run_id for run in (runs[0], *runs[3:])]


def test_export_is_offered_for_what_there_is(home: Home) -> None:
    """Scopes that hold runs, the narrowest first, each with its number; nothing is offered on an empty home."""
    runs = [write_run(home, "sgd", epochs=1, scenario=scenario) for scenario in ("lenet5-fashion", "mlp-fashion")]
    board = Board()
    assert board.scopes("lenet5-fashion") == {}
    board.take(Look(runs=runs, records={}))
    assert list(board.scopes("lenet5-fashion")) == ["On the charts (2)", "This scenario (1)", "All (2)"]
    board.overlay.toggle(runs[1].run_id)
    assert next(iter(board.scopes("lenet5-fashion").items())) == ("Marked (1)", [runs[1]])
    board.take(Look(runs=[*runs, make_run(home, sweep="a-sweep")], records={}))
    assert [*board.scopes("lenet5-fashion")][2:] == ["This scenario (1)", "All but 1 of sweeps (2)"]
    board.is_listing_sweeps = True
    assert [*board.scopes("lenet5-fashion")][2:] == ["This scenario (2)", "All (3)"]


def test_results_that_are_not_finite_are_no_trouble(home: Home) -> None:
    """A diverged run's NaN goes through the board like any number."""
    run = write_run(home, "sgd", state="diverged", done=1)
    result = falling_loss(run.info.spec, 1, rate=math.nan)
    assert math.isnan(result.test_loss or 0.0)


def test_a_pinned_run_of_a_sweep_is_listed(home: Home) -> None:
    """Also when the sweep is over: whoever pins a run wants to see it."""
    pinned = make_run(home, sweep="a-sweep")
    make_run(home, make_spec(seed=7), sweep="a-sweep")
    relabel(pinned.folder.label, is_pinned=True)
    watch, board = StoreWatch(home), Board()
    board.take(watch.look(()))
    assert [run.run_id for run in board.listed] == [pinned.run_id]


def test_a_damaged_label_is_told(home: Home) -> None:
    """Once it lasts; the run is listed without it."""
    run = write_run(home, "adam")
    run.folder.label.write_bytes(b"{")
    watch, board = StoreWatch(home), Board()
    for _ in range(3):
        board.take(watch.look(()))
    assert len(board.listed) == 1
    assert len([line for line in board.log if "label.json: damaged" in line.text]) == 1
