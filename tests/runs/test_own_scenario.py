"""Runs on a user's scenario survive what others do, and travel to nodes of a cluster."""

from dataclasses import replace
from pathlib import Path

from tests.engine.runs_for_tests import make_run, numbers, train_here
from tests.own_scenarios import MOONS, SINE, own_run, write_scenario
from tests.runs.lab import Lab, wait_until
from tests.runs.test_remote import hear, task, training
from tui_optim.runs.executors.packing import scenario_content
from tui_optim.runs.executors.remote import Training
from tui_optim.runs.executors.task import Failed
from tui_optim.spec.datasets import generated_source
from tui_optim.spec.events import Ended
from tui_optim.spec.plugins import add_plugin_files
from tui_optim.spec.sweeps.plan import SweepPlan
from tui_optim.spec.sweeps.sweep import resolve_sweep
from tui_optim.store.library import load_library
from tui_optim.store.sweepfolder import SweepFolder

__all__ = ["training"]


def test_a_killed_worker_changes_no_bit(lab: Lab, tmp_path: Path) -> None:
    """Killed with -9 after its first checkpoint, the run is resumed by itself and ends in the figures of an undisturbed one."""
    spec = own_run(write_scenario(tmp_path, MOONS), optimizer="adam", epochs=400, lr=0.01)
    ended, _ = train_here(spec)
    (run_id,) = lab.submit([spec])
    lab.wait_for_checkpoint(run_id)
    lab.kill_worker(run_id)
    status = lab.wait_for_end(run_id)
    assert (status.state, status.attempt) == ("finished", 2)
    assert status.final is not None
    assert ended.final is not None
    assert numbers(status.final) == numbers(ended.final)


def test_other_runs_do_not_share_a_process_with_it(lab: Lab, tmp_path: Path) -> None:
    """What its code changes in torch is forgotten with its worker: the run after it has the figures of one alone."""
    lasting = MOONS.replace(
        "    import torch\n\n    labels", "    import torch\n\n    torch.set_default_dtype(torch.float64)\n    labels"
    )
    path = write_scenario(tmp_path, lasting)
    ours = make_run(generated_source("circles"), scenario="circles", epochs=2)
    ended, _ = train_here(ours)
    run_ids = lab.submit([own_run(path, epochs=2), own_run(path, epochs=2, lr=0.02), ours])
    statuses = [lab.wait_for_end(run_id) for run_id in run_ids]
    assert statuses[-1].final is not None
    assert ended.final is not None
    assert numbers(statuses[-1].final) == numbers(ended.final)


def test_what_its_code_prints_steers_no_terminal_that_shows_a_log(lab: Lab, tmp_path: Path) -> None:
    """Neither what it prints while it trains, nor the words of what it raises: both logs have each character in letters."""
    hostile = "\\x1b[31mred\\x1b]0;title\\x07\\u202eback"
    loud = f"    import sys, torch\n\n    print('{hostile}')\n    print('{hostile}', file=sys.stderr)\n    labels"
    path = write_scenario(tmp_path, MOONS.replace("    import torch\n\n    labels", loud))
    raising = write_scenario(
        tmp_path, SINE.replace("    x = 6 *", f"    raise ValueError('{hostile}')\n    x = 6 *"), name="raising.py"
    )
    run_ids = lab.submit([own_run(path, epochs=1), own_run(raising, epochs=1)])
    states = [lab.wait_for_end(run_id).state for run_id in run_ids]
    assert states == ["finished", "failed"]
    logs = [lab.home.supervisor_log, lab.folder(run_ids[1]).path / "worker.log"]
    for text in (log.read_text(encoding="utf-8") for log in logs):
        assert "\\x1b[31mred\\x1b]0;title\\x07\\u202eback" in text
        assert text.replace("\n", "").isprintable()


def test_what_is_printed_below_python_steers_no_terminal_either(lab: Lab, tmp_path: Path) -> None:
    """Compiled code and other programs write to the process's own descriptors; the last word of one that dies is there too."""
    loud = """    import os, torch

    os.write(1, b"\\x1b[31mfrom below")
    os.write(2, b"\\xff\\x9b2J")
    os.system("printf 'a program\\\\033c'")
    if not os.path.exists("{once}"):
        open("{once}", "w").close()
        os.write(2, b"\\x1b[5mthe last word")
        os._exit(9)
    labels""".format(once=tmp_path / "once")
    path = write_scenario(tmp_path, MOONS.replace("    import torch\n\n    labels", loud))

    status = lab.wait_for_end(lab.client.submit([own_run(path, epochs=1)])[0])

    assert (status.state, status.attempt) == ("finished", 2)
    said = lab.home.supervisor_log.read_text(encoding="utf-8")
    for words in ("\\x1b[31mfrom below", "\\xff\\x9b2J", "a program\\x1bc", "\\x1b[5mthe last word"):
        assert words in said
    assert said.replace("\n", "").isprintable()


BELOW = """    from torch import nn
    import os, subprocess

    class Loud(nn.Linear):
        def forward(self, x):
            os.write(2, b"\\x1b[31mloud" + b"." * 10_000)
            subprocess.run(["sh", "-c", "echo a child; echo a child >&2"], check=True)
            return super().forward(x)

    return nn.Sequential(Loud(2, 16)"""


def test_a_run_that_prints_below_python_goes_on_without_its_supervisor(lab: Lab, tmp_path: Path) -> None:
    """Nobody reads what it says then: it neither waits for a reader nor fails for want of one, nor do the programs it starts."""
    loud = MOONS.replace(
        "    from torch import nn  # here, not at the top: the app shows this file without loading torch\n", ""
    )
    loud = loud.replace("    return nn.Sequential(nn.Linear(2, 16)", BELOW)
    assert loud.count("Loud") == 2
    run_id = lab.client.submit([own_run(write_scenario(tmp_path, loud), epochs=6)])[0]
    wait_until(lambda: lab.status(run_id).epoch >= 1, "it does not train")
    lab.kill(lab.supervisor_pid())

    status = lab.wait_for_end(run_id)

    assert (status.state, status.reason, status.attempt) == ("finished", "", 1)


def test_the_children_of_a_worker_that_dies_hold_nothing_up(lab: Lab, tmp_path: Path) -> None:
    """A fork of it has its locks and its pipe; other runs and the run itself go on at once all the same."""
    forking = """    import os, sys, time, torch

    is_worker = any("executors" in word for word in sys.orig_argv)
    if is_worker and not os.path.exists("{once}") and os.fork() == 0:
        open("{once}", "w").close()
        time.sleep(300)
        os._exit(0)
    labels""".format(once=tmp_path / "once")
    path = write_scenario(tmp_path, MOONS.replace("    import torch\n\n    labels", forking))
    run_id = lab.client.submit([own_run(path, epochs=2000)])[0]
    wait_until(lambda: (tmp_path / "once").exists() and lab.status(run_id).epoch >= 1, "it does not train")
    dead = lab.status(run_id).owner
    lab.kill_worker(run_id)
    wait_until(lambda: lab.status(run_id).owner not in (None, dead), "it does not go on")
    lab.client.stop(run_id)

    assert lab.wait_for_end(run_id).state == "stopped"


def test_a_node_trains_with_the_content_of_the_file(training: Training, tmp_path: Path) -> None:
    """The file itself is not there: its content travels, and the figures are the same."""
    path = write_scenario(tmp_path, MOONS)
    spec = own_run(path)
    ended, _ = train_here(spec)
    content = scenario_content(spec)
    path.unlink()
    training.start(replace(task(spec), scenario=content), {})
    last = hear(training)[-1]
    assert isinstance(last, Ended)
    assert last.final is not None
    assert ended.final is not None
    assert numbers(last.final) == numbers(ended.final)


def test_a_failure_on_a_node_names_the_users_file(training: Training, tmp_path: Path) -> None:
    """Not the copy on the node."""
    path = write_scenario(tmp_path, MOONS.replace("    labels = torch", "    labels = torsch"))
    spec = own_run(path)
    training.start(replace(task(spec), scenario=scenario_content(spec)), {})
    (failed,) = hear(training)
    assert isinstance(failed, Failed)
    assert failed.reason.startswith(f"plugin {path}: load_data raised NameError: name 'torsch' is not defined (line ")


def test_an_older_supervisor_sweeps_on_it(lab: Lab, tmp_path: Path) -> None:
    """A supervisor that was there before the file makes runs of a sweep on it."""
    lab.client.ensure_supervisor()
    wait_until(lambda: any(True for _ in lab.processes()), "no supervisor came")
    add_plugin_files([write_scenario(tmp_path, MOONS)])
    plan = SweepPlan(scenarios=("two-moons",), presets=("sgd",), space={"lr": (0.01, 0.1)}, epochs=1)
    presets = {"sgd": load_library().find("sgd")}
    sweep_id = lab.client.submit_sweep(
        resolve_sweep(plan, presets, data={"two-moons": generated_source("two-moons")}, threads=1)
    )
    folder = SweepFolder(lab.home.sweeps / sweep_id)
    wait_until(lambda: folder.read_status().state == "finished", "the sweep never finished")
    assert [trial.state for trial in folder.log.read()] == ["finished"] * 2
