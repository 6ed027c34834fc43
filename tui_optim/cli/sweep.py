"""`tui-optim sweep`: plan a search, say what it will take, carry it out, report."""

import json
import sys
from typing import TYPE_CHECKING

import typer

from tui_optim.cli import sweep_options as options
from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.left_out import tell_cluster, tell_danger
from tui_optim.cli.options import (
    Address,
    DataDir,
    Device,
    Engine,
    EngineSettings,
    Json,
    MinDelta,
    NoStack,
    Patience,
    Plain,
    Plugin,
    PresetFiles,
    Sample,
    Threads,
    read_executor,
)
from tui_optim.cli.sweep_plan import read_plan, with_final, with_lengths

if TYPE_CHECKING:
    from tui_optim.lab import Lab
    from tui_optim.report.estimate import Estimate
    from tui_optim.report.sweep_table import SweepView
    from tui_optim.spec.sweeps.sweep import SweepSpec
    from tui_optim.store.home import Home

EXAMPLE = """Search hyper-parameters on held-out data, then train the winner of each preset on everything.

Examples:

  tui-optim sweep lenet5-fashion --preset sgd --preset adam --grid lr=0.01,0.1 --grid batch_size=64,128

  tui-optim sweep lenet5-fashion --preset sgd --search rate --final-seeds 101..105

  tui-optim sweep mlp-fashion --preset adamw --search tpe --trials 40 --grid lr=1e-5..0.1 --prune median

  tui-optim sweep my-sweep.toml --dry-run

The sweep goes on when this command is killed or its terminal is closed; ctrl+c pauses it, --detach leaves at once.
`tui-optim pause|stop|resume SWEEP` act on it, `resume SWEEP --failed` tries failed trials again.
"""


def sweep(
    what: options.What,
    presets: options.Presets = None,
    preset_file: PresetFiles = None,
    plugin: Plugin = None,
    dimensions: options.Dimensions = None,
    search: options.Search = None,
    tuned: options.Tuned = None,
    trials: options.Trials = None,
    search_seed: options.SearchSeed = None,
    seeds: options.TuningSeeds = None,
    epochs: options.Epochs = None,
    settings: options.Settings = None,
    metric: options.Metric = None,
    prune: options.Prune = None,
    patience: Patience = None,
    min_delta: MinDelta = None,
    is_holdout: options.Holdout = None,
    final_seeds: options.FinalSeeds = None,
    final_epochs: options.FinalEpochs = None,
    final_winner: options.FinalWinner = None,
    is_final_test_once: options.FinalTestOnce = None,
    device: Device = "auto",
    threads: Threads = None,
    jobs: options.Jobs = None,
    engine: Engine = "local",
    address: Address = "",
    engine_settings: EngineSettings = None,
    is_unstacked: NoStack = False,
    data_dir: DataDir = None,
    is_sample: Sample = False,
    is_dry: options.DryRun = False,
    is_detached: options.Detach = False,
    is_plain: Plain = False,
    is_json: Json = False,
) -> None:
    from tui_optim.lab import Lab

    lab = Lab(data_dir=data_dir, plugins=plugin or [])
    plan = read_plan(
        what,
        [*(presets or []), *(path.stem for path in preset_file or [])],
        given={
            "space": dimensions, "search": search, "tuned": tuned, "trials": trials, "seed": search_seed,
            "settings": settings, "metric": metric, "prune": prune, "holdout": is_holdout,
            "patience": patience, "min_delta": min_delta,
        },
    )  # fmt: skip
    plan = with_lengths(plan, seeds=seeds, epochs=epochs)
    plan = with_final(plan, seeds=final_seeds, epochs=final_epochs, winner=final_winner, test_once=is_final_test_once)
    executor = read_executor(engine, address, engine_settings, is_unstacked=is_unstacked)
    spec = lab.plan_sweep(
        plan, preset_files=preset_file or [], device=device, threads=threads, sample=is_sample, executor=executor
    )
    _carry_out(lab, spec, jobs=jobs, is_dry=is_dry, is_detached=is_detached, is_plain=is_plain, is_json=is_json)


sweep.__doc__ = EXAMPLE


def print_sweep(view: "SweepView") -> None:
    """The table of points, and the comparison of the winners' runs where there are some."""
    from tui_optim.cli.comparisons import comparison_of
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.sweep_table import sweep_table
    from tui_optim.spec.events import AT_THEIR_END

    print_table(sweep_table(view))
    finals = [run for run in view.final_runs if run.status.state in AT_THEIR_END]
    if finals:
        print()
        print_table(comparison_of(finals))


def _carry_out(
    lab: "Lab", spec: "SweepSpec", *, jobs: int | None, is_dry: bool, is_detached: bool, is_plain: bool, is_json: bool
) -> None:
    """Say what the sweep will take, start it, and follow it to its end, as far as that is wanted."""
    from tui_optim.cli.follow_sweep import follow_sweep
    from tui_optim.runs.queue import check_slots

    if jobs is not None:
        check_slots(jobs)
    home, client = lab.home, lab.client
    if jobs is not None and not is_dry:
        client.set_slots(jobs)
    num_slots = jobs or client.slots()
    expected = _estimate(spec, home, num_slots=num_slots)
    print(_announcement(spec, expected, num_slots), file=sys.stderr)
    if is_dry:
        _print_dry(spec, expected, is_json=is_json)
        return
    tell_danger(spec.executor)
    sweep_id = client.submit_sweep(spec)
    tell_cluster(spec.executor)
    if is_detached:
        print(json.dumps({"sweep": sweep_id}) if is_json else sweep_id)
        return
    view = follow_sweep(home, client, sweep_id, is_plain=is_plain or is_json, is_quiet=is_json)
    _print_end(view, is_json=is_json)
    raise typer.Exit(0 if view.sweep.status.state == "finished" else 1)


def _estimate(spec: "SweepSpec", home: "Home", *, num_slots: int) -> "Estimate":
    """What the whole sweep is expected to take; of a search that extends itself, what it takes at least."""
    from tui_optim.report.estimate import estimate
    from tui_optim.spec.sweeps.expected import expected_runs
    from tui_optim.store.catalogue import Catalogue

    return estimate(expected_runs(spec), Catalogue(home).runs(), num_slots=num_slots, stack_of=spec.stack_of)


def _announcement(spec: "SweepSpec", expected: "Estimate", num_slots: int) -> str:
    from tui_optim.spec.sweeps.expected import at_once, describe

    return f"tui-optim: {describe(spec)}; {at_once(spec, num_slots)}; {expected.text}"


def _print_dry(spec: "SweepSpec", expected: "Estimate", *, is_json: bool) -> None:
    from tui_optim.report.cells import plain_text
    from tui_optim.spec.sweeps.plan import grid

    plan = spec.plan
    if is_json:
        body = {"runs": expected.num_runs, "seconds": expected.seconds, "memory_mib": expected.memory_mib}
        print(json_answer({"plan": plan.model_dump(), **body, "command": spec.command}))
        return
    for number, point in enumerate(grid(plan) if plan.search == "grid" else []):
        print(plain_text(f"{number:>4}  {point.scenario}  {point.text}"))
    print(spec.command)


def _print_end(view: "SweepView", *, is_json: bool) -> None:
    from tui_optim.report.cells import plain_text
    from tui_optim.report.sweep_object import sweep_object

    if is_json:
        print(json.dumps(sweep_object(view), indent=2))
    else:
        print_sweep(view)
    if view.sweep.status.state == "failed":
        print(plain_text(f"tui-optim: {view.sweep.sweep_id} has failed: {view.sweep.status.reason}"), file=sys.stderr)
