"""The main job from the keyboard: choose, change, queue, watch, export."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from tests.factories import make_preset, write_log
from tests.ui.stage import (
    FakeClient,
    board_of,
    falling_loss,
    falling_progress,
    main_screen,
    make_app,
    small_library,
    until,
    until_drawn,
    write_run,
)
from tui_optim.runs import machine
from tui_optim.spec.errors import PresetError
from tui_optim.spec.events import EpochEnded
from tui_optim.spec.presets import parse_preset
from tui_optim.store.catalogue import Catalogue
from tui_optim.store.home import Home
from tui_optim.store.library import Library
from tui_optim.store.status import Status, write_status
from tui_optim.ui.laboratory.run_options import RunOptions
from tui_optim.ui.screens.export import ExportScreen
from tui_optim.ui.screens.help import HelpScreen
from tui_optim.ui.widgets.chart import Chart
from tui_optim.ui.widgets.charts import ChartsView
from tui_optim.ui.widgets.details import DetailsPanel
from tui_optim.ui.widgets.legend import Legend
from tui_optim.ui.widgets.presets import PresetList, PresetPanel
from tui_optim.ui.widgets.runs import RunTable
from tui_optim.ui.widgets.runs_pane import RunsPane
from tui_optim.ui.widgets.status_line import ProgressLine

SIZE = (120, 36)


async def test_enter_queues_the_marked_presets(home: Home, client: FakeClient) -> None:
    """Two presets are marked with space; enter queues one run for each."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("space", "space", "enter")
        await until(pilot, lambda: len(client.submitted) == 2, what="two runs are submitted")
        assert [spec.preset for spec in client.submitted] == ["sgd-baseline", "sgd"]
        assert {(spec.scenario, spec.seed, spec.epochs) for spec in client.submitted} == {("lenet5-fashion", 42, 10)}
        assert app.screen.query_one(PresetPanel).marked == []
        await until(pilot, lambda: app.screen.query_one(RunTable).row_count == 2, what="both are in the table")


async def test_space_marks_the_last_preset_and_stays_there(home: Home, client: FakeClient) -> None:
    """Below the last preset there is none: the highlight does not go on to the first."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("end", "space")
        panel = app.screen.query_one(PresetPanel)
        assert panel.marked == ["rmsprop"]
        assert panel.highlighted is not None
        assert panel.highlighted.id == "rmsprop"


async def test_marks_that_the_filter_hides_are_counted(home: Home, client: FakeClient) -> None:
    """Enter queues all marked presets; the border says how many of them are out of sight."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("space", "slash", *"adamw", "enter", "space")
        panel = app.screen.query_one(PresetPanel)
        filtered = panel.border_subtitle
        await pilot.press("escape")
        assert (filtered, panel.border_subtitle) == ("2 marked, 1 hidden", "2 marked")


async def test_the_filter_narrows_the_list_in_place(home: Home, client: FakeClient) -> None:
    """Slash, three letters, enter: the first match is highlighted and enter queues it; escape shows all again."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("slash", *"adam w", "enter")
        await pilot.press("enter")
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        assert client.submitted[0].preset == "adamw"
        await pilot.press("escape")
        assert len([option for option in app.screen.query_one(PresetList).options if option.id]) == 7


async def test_a_family_name_filters_too(home: Home, client: FakeClient) -> None:
    """Typing a family's name leaves its presets."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("slash", *"momentum")
        shown = [option.id for option in app.screen.query_one(PresetList).options if option.id]
        assert shown == ["nesterov"]


async def test_no_input_has_the_focus_until_it_is_asked_for(home: Home, client: FakeClient) -> None:
    """Letters are commands from the first moment on: nothing swallows them."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("tab", "tab", "shift+tab", "1", "2")
        assert not isinstance(app.focused, Input)


async def test_another_scenario_is_chosen(home: Home, client: FakeClient) -> None:
    """The last scenario is highlighted, then enter in the scenario panel queues the highlighted preset on it."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("1", "end", "enter")
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        assert client.submitted[0].scenario == "circles"


async def test_a_changed_rate_goes_into_the_run(home: Home, client: FakeClient) -> None:
    """The editor refuses a word with a sentence, takes a number, and the run carries it as an override."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("e", "j", "j", "enter", *"fast", "enter")
        problem = str(app.screen.query_one(".problem").render())
        await pilot.press(*(["backspace"] * 4), *"0.25", "enter", "2", "enter")
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        assert "expected a number" in problem
        assert client.submitted[0].overrides == {"lr": 0.25}
        assert client.submitted[0].hyperparameters["lr"] == 0.25


async def test_seeds_and_epochs_are_set_before_the_start(home: Home, client: FakeClient) -> None:
    """Three seeds and two epochs give three runs of two epochs."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("e", "enter", *"42..44", "enter", "j", "enter", "2", "enter", "2", "enter")
        await until(pilot, lambda: len(client.submitted) == 3, what="three runs are submitted")
        assert [(spec.seed, spec.epochs) for spec in client.submitted] == [(42, 2), (43, 2), (44, 2)]


async def test_holdout_device_threads_and_engine_are_set_before_the_start(home: Home, client: FakeClient) -> None:
    """The last rows of the details hold the test set back, choose device, threads and engine of the runs that follow."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("e", "G", "enter", *(["backspace"] * 5), *"slurm cluster=local", "enter")
        await pilot.press("k", "enter", *(["backspace"] * 4), "3", "enter")
        await pilot.press("k", "enter", "down", "enter")
        await pilot.press("k", "enter", "home", "enter", "2", "enter")
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        (spec,) = client.submitted
        assert (spec.holdout, spec.device, spec.threads) == (True, "cpu", 3)
        await until(pilot, lambda: board_of(app).log, what="a sentence is in the log")
        assert "seed 42, holdout, on cpu, 3 threads, by slurm, 10 epochs." in board_of(app).log[-1].text
        (run,) = Catalogue(home).runs()
        assert run.info.executor.words == "slurm cluster=local"


async def test_another_split_is_loaded_before_the_start(home: Home, client: FakeClient) -> None:
    """Holding the test set back makes a warm worker load the split anew, so that enter need not wait for it."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: ("prepare", "lenet5-fashion") in client.told, what="the first split is loaded")
        client.told.clear()
        await pilot.press("e", "G", "k", "k", "k", "enter", "home", "enter")
        await until(pilot, lambda: ("prepare", "lenet5-fashion") in client.told, what="the other is loaded")
        assert app.launcher.plan.options.holdout


async def test_a_device_that_is_not_there_is_refused_before_a_run_is_made(
    home: Home, client: FakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine without an NVIDIA device enter is answered by a sentence, and no run folder is made."""
    monkeypatch.setattr(machine, "accelerator_names", list)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        app.launcher.plan.options = RunOptions(device="cuda")
        await pilot.press("enter")
        await until(pilot, lambda: board_of(app).log, what="a sentence is in the log")
        assert board_of(app).log[-1].text.startswith("device 'cuda': no NVIDIA device is visible")
        assert client.submitted == []


async def test_a_cluster_that_does_not_answer_is_refused_before_a_run_is_made(home: Home, client: FakeClient) -> None:
    """Enter is answered by a sentence with the address, and no run folder is made."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        app.launcher.plan.options = RunOptions().changed("engine", "ray 127.0.0.1:1")
        await pilot.press("enter")
        await until(pilot, lambda: board_of(app).log, what="a sentence is in the log")
        assert board_of(app).log[-1].text.startswith("no Ray cluster answers at 127.0.0.1:1")
        assert client.submitted == []


async def test_a_switch_is_chosen_from_a_list_and_taken_back(home: Home, client: FakeClient) -> None:
    """The schedule is chosen from all schedules; backspace takes it back to the preset's."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("e")
        details = app.screen.query_one(DetailsPanel)
        details.highlight("schedule.kind")
        await pilot.press("enter", "end", "enter")
        changed = [setting.key for setting in details.settings]
        await pilot.press("backspace")
        assert "schedule.patience" in changed
        assert "schedule.patience" not in [setting.key for setting in details.settings]


async def test_the_table_follows_a_run_that_trains(home: Home, client: FakeClient) -> None:
    """A row shows a running run; a new epoch in log and status moves its cells and adds to its curve."""
    run = write_run(home, "adam", state="running", done=2)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        table = app.screen.query_one(RunTable)
        before = table.cell_text(run.run_id, "epoch")
        result = falling_loss(run.info.spec, 3, rate=0.5)
        write_log(run.folder, [falling_progress(30, rate=0.5), EpochEnded(result=result)])
        write_status(
            run.folder.status, Status(state="running", epoch=3, epochs=10, step=30, effective_epochs=3.0, latest=result)
        )
        await until(pilot, lambda: table.cell_text(run.run_id, "epoch") == "3/10", what="the cell moves")
        series = board_of(app).series(run.run_id)
        assert before == "2/10"
        assert series is not None
        assert list(series.curve("accuracy", "test", "epoch")[0]) == [0.0, 1.0, 2.0, 3.0]
        assert "72.15" in table.cell_text(run.run_id, "test_accuracy")


async def test_a_reopened_app_shows_past_curves(home: Home, client: FakeClient) -> None:
    """Runs of an earlier session are in the table, on the charts and in the log."""
    run = write_run(home, "adam")
    write_run(home, "sgd", state="diverged", done=3, reason="the loss is not finite at step 31")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        series = board_of(app).series(run.run_id)
        assert series is not None
        assert len(series.curve("loss", "train", "epoch")[0]) == 20
        assert [line.text for line in board_of(app).log if "not finite" in line.text]


async def test_space_in_the_table_decides_what_the_charts_show(home: Home, client: FakeClient) -> None:
    """Marking one of three runs leaves it alone on the charts; unmarking shows the newest again."""
    runs = [write_run(home, preset, rate=0.4) for preset in ("sgd", "adam", "nesterov")]
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=3)
        await pilot.press("6", "j", "space")
        marked = list(board_of(app).overlay.shown)
        await pilot.press("u")
        assert marked == [runs[1].run_id]
        assert len(board_of(app).overlay.shown) == 3


async def test_enter_in_the_table_opens_the_charts_of_one_run(home: Home, client: FakeClient) -> None:
    """The charts of the run under the cursor fill the screen; escape brings all panes back."""
    run = write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("6", "enter")
        alone, is_table_shown = app.screen.query_one(ChartsView).selection.alone, app.screen.query_one(RunsPane).display
        await pilot.press("escape")
        assert (alone, is_table_shown) == (run.run_id, False)
        assert app.screen.query_one(RunsPane).display
        assert app.focused is app.screen.query_one(RunTable)


async def test_x_turns_the_axis_and_y_the_scale(home: Home, client: FakeClient) -> None:
    """One key goes through all costs, another to a logarithmic loss; the titles say so."""
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("x", "x", "x", "y")
        assert app.screen.query_one("#loss").border_title == "4 Log loss over grad. evals"


async def test_v_turns_the_splits(home: Home, client: FakeClient) -> None:
    """All of a run's splits are in one chart, each with its own kind of line, until one is asked for."""
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        legend = app.screen.query_one(Legend)
        assert all(part in str(legend.content) for part in ("━━ train", "·· test"))
        await pilot.press("v")
        assert "━━ train" in str(legend.content)
        assert "·· test" not in str(legend.content)
        await pilot.press("v")
        assert app.screen.query_one("#loss", Chart).empty_text.startswith("No validation figures here:\nv shows")


async def test_p_and_t_command_the_run_under_the_cursor(home: Home, client: FakeClient) -> None:
    """A running run is paused by p and stopped by t."""
    run = write_run(home, "adam", state="running", done=2)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("p", "t")
        await until(pilot, lambda: ("stop", run.run_id) in client.told, what="it is stopped")
        assert ("pause", run.run_id) in client.told


async def test_p_resumes_a_stopped_run(home: Home, client: FakeClient) -> None:
    """What has stopped goes on from its checkpoint."""
    run = write_run(home, "adam", state="stopped", done=2)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("p")
        await until(pilot, lambda: ("resume", run.run_id) in client.told, what="it is resumed")
        assert ("pause", run.run_id) not in client.told


async def test_a_refused_command_is_told_calmly(home: Home, client: FakeClient) -> None:
    """What the client refuses becomes a sentence in the log, not a crash."""
    client.refusal = "the home is full; make room and try again"
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: board_of(app).log, what="a sentence is in the log")
        assert board_of(app).log[-1].text == client.refusal


async def test_export_writes_a_file_and_fills_the_clipboard(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """w, down to CSV, enter: the file has a line for each run, and the clipboard has the same text."""
    write_run(home, "adam")
    write_run(home, "sgd")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=2)
        await pilot.press("w", "down", "enter")
        path = tmp_path / "results.csv"
        await until(pilot, path.exists, what="the file is there")
        await until(pilot, lambda: app.clipboard, what="the clipboard is filled")
        assert len(path.read_text(encoding="utf-8").strip().splitlines()) == 3
        assert app.clipboard == path.read_text(encoding="utf-8")


async def test_export_replaces_a_file_only_on_a_second_enter(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """A name that exists is asked about before it is replaced."""
    write_run(home, "adam")
    path = tmp_path / "mine.md"
    path.write_text("precious", encoding="utf-8")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("w")
        app.screen.query_one("#file", Input).value = "mine.md"
        await pilot.press("enter")
        after_one = (isinstance(app.screen, ExportScreen), path.read_text(encoding="utf-8"))
        await pilot.press("enter")
        await until(pilot, lambda: path.read_text(encoding="utf-8") != "precious", what="the file is replaced")
        assert after_one == (True, "precious")


async def test_export_where_nothing_can_be_written_is_told(home: Home, client: FakeClient, tmp_path: Path) -> None:
    """The dialog stays and says what is wrong: what is typed next corrects the name and commands no run."""
    write_run(home, "adam", state="running", done=2)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("w", "tab", "tab", *(["backspace"] * 20), *"nowhere/x.md", "enter")
        hint = app.screen.query_one("#hint", Static)
        await until(pilot, lambda: "no such folder" in str(hint.render()), what="it is told in the dialog")
        await pilot.press(*(["backspace"] * 20), *"pt.md", "enter")
        await until(pilot, (tmp_path / "pt.md").exists, what="the corrected name is written")
        await until(pilot, lambda: app.screen is main_screen(app), what="the dialog is gone")
        assert not {"pause", "stop"} & {command for command, _ in client.told}


@pytest.mark.parametrize("name", ["x" * 300, "~nosuchuser/x.md"])
async def test_export_to_an_impossible_name_is_told(home: Home, client: FakeClient, name: str) -> None:
    """A name that is too long, or the home of nobody, becomes a sentence in the dialog."""
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("w")
        app.screen.query_one("#file", Input).value = name
        await pilot.press("enter")
        assert "cannot be used" in str(app.screen.query_one("#hint", Static).render())


async def test_brackets_in_a_sentence_are_shown_as_they_are(home: Home, client: FakeClient) -> None:
    """A toast that quotes a file with square brackets is no markup, wherever it comes from."""
    problem = "mine.toml: [/scenarios] = [1: expected a table [bold"
    app = make_app(home, client, library=small_library(problems=[problem]))
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        app.screen.notify(problem)
        await until(pilot, lambda: len(app.screen.query(Toast)) == 2, what="both toasts are shown")
        toasts = [str(toast.render()) for toast in app.screen.query(Toast)]
        assert all(problem in text for text in toasts)


async def test_a_preset_whose_values_do_not_go_together_is_told(home: Home, client: FakeClient) -> None:
    """The details say why there are no values; nothing else breaks."""
    preset = make_preset("bad", hyperparameters={"lr": 0.1, "nesterov": True})
    app = make_app(home, client, library=Library({"bad": preset}, []))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("e", "enter")
        details = app.screen.query_one(DetailsPanel)
        shown = " ".join("".join(details.render_line(y).text for y in range(14)).split())
        assert details.settings == []
        assert "nesterov" in shown


async def test_a_queued_run_is_not_called_nothing(home: Home, client: FakeClient) -> None:
    """Until a worker has loaded, the line below says that it is on its way."""
    write_run(home, "adam", state="queued", done=0)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        text = str(app.screen.query_one(ProgressLine).render())
        assert text == "1 run is queued; a worker is getting ready."


async def test_the_progress_line_keeps_the_time_left(home: Home, client: FakeClient) -> None:
    """In a narrow terminal the loss goes first, then the accuracy; the time left stays."""
    run = write_run(home, "adam", state="running", done=2)
    status = Status(state="running", epoch=2, epochs=10, step=20, effective_epochs=2.0, loss=0.5, eta_s=750.0)
    latest = falling_loss(run.info.spec, 2, rate=0.5)
    write_status(run.folder.status, replace(status, latest=latest))
    app = make_app(home, client)
    async with app.run_test(size=(62, 24)) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        line = app.screen.query_one(ProgressLine)
        middle = str(line.render())
        await pilot.resize_terminal(45, 24)
        await pilot.pause()
        assert "test acc" in middle
        assert "loss" not in middle
        assert middle.endswith("ETA 12:30")
        assert str(line.render()).endswith("ETA 12:30")


async def test_the_cursor_starts_on_the_baseline(home: Home, client: FakeClient) -> None:
    """Wherever the baseline stands in the list."""
    presets = dict(reversed(small_library().presets.items()))
    app = make_app(home, client, library=Library(presets, []))
    async with app.run_test(size=SIZE):
        assert app.screen.query_one(PresetList).highlighted_id == "sgd-baseline"


async def test_help_names_the_keys_and_goes_away(home: Home, client: FakeClient) -> None:
    """Question mark opens the keys, escape closes them."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("question_mark")
        is_open, text = isinstance(app.screen, HelpScreen), str(app.screen.query("Static").last().render())
        await pilot.press("escape")
        assert is_open
        assert "queue the marked presets, hidden ones too" in text
        assert "mark, and go to the next" in text
        assert app.screen is main_screen(app)


async def test_the_palette_has_every_action(home: Home, client: FakeClient) -> None:
    """All actions of the screen are offered by name."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE):
        titles = [command.title for command in app.get_system_commands(app.screen)]
        for part in (
            "Queue the chosen",
            "Write the results",
            "Pause or resume",
            "Stop the run",
            "Stop all queued runs",
            "Turn x",
            "Help",
            "Quit",
        ):
            assert any(title.startswith(part) for title in titles), part


async def test_a_broken_preset_is_told_and_the_rest_works(home: Home, client: FakeClient) -> None:
    """A preset file with a mistake becomes a sentence in the log; the others are there."""
    try:
        parse_preset('name = "Mine"\noptimizer = "adm"', path=Path("mine.toml"))
    except PresetError as error:
        problem = str(error)
    app = make_app(home, client, library=small_library(problems=[problem]))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: client.submitted, what="a run is submitted")
        assert board_of(app).log[0].text == problem


async def test_an_empty_library_says_so(home: Home, client: FakeClient) -> None:
    """Without presets nothing is queued, and the panel says why."""
    app = make_app(home, client, library=Library({}, []))
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("enter", "1", "enter", "e")
        assert app.screen.query_one("#no-preset").display
        assert client.submitted == []


async def test_a_damaged_run_is_told_and_left_out(home: Home, client: FakeClient) -> None:
    """A run folder that cannot be read is named in the log; the others are shown."""
    write_run(home, "adam")
    broken = write_run(home, "sgd")
    (broken.folder.path / "run.json").write_text("{", encoding="utf-8")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        assert any("run.json: damaged" in line.text for line in board_of(app).log)


async def test_q_leaves_and_says_that_runs_go_on(home: Home, client: FakeClient) -> None:
    """Quitting while a run trains leaves a line for the terminal."""
    write_run(home, "adam", state="running", done=2)
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        await pilot.press("q")
    assert app.farewell.startswith("1 run goes on in the background.")


async def test_the_light_theme_colours_what_is_there(home: Home, client: FakeClient) -> None:
    """Turning the colours gives rows that were written before the new ones."""
    write_run(home, "adam")
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await until_drawn(pilot, app, num_runs=1)
        table = app.screen.query_one(RunTable)
        before = table.render_line(1)
        app.action_turn_ground()
        await pilot.pause()
        assert table.render_line(1) != before


async def test_a_held_down_key_tells_about_the_last_preset_only(home: Home, client: FakeClient) -> None:
    """The details follow once the highlight rests; going there shows them at once."""
    app = make_app(home, client)
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("j", "j", "j", "j", "e")
        details = app.screen.query_one(DetailsPanel)
        shown = "".join(details.render_line(y).text for y in range(6))
        assert "Adam" in shown
        assert details.highlighted is not None
        assert details.highlighted.key == "seeds"
