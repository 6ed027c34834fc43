"""`tui-optim sweep`: plan a search, say what it will take, carry it out, report."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.left_out import tell_danger
from tui_optim.cli.options import (
    Address,
    Engine,
    EngineSettings,
    Json,
    NoStack,
    parse_settings,
    read_executor,
    whole_number,
)
from tui_optim.spec.errors import UsageError, unknown
from tui_optim.spec.plugins import add_plugin_files, find_in_file
from tui_optim.spec.seeds import parse_seeds

if TYPE_CHECKING:
    from tui_optim.report.estimate import Estimate
    from tui_optim.report.sweep_table import SweepView
    from tui_optim.spec.executors import ExecutorSpec
    from tui_optim.spec.presets import Preset
    from tui_optim.spec.sweeps.plan import SweepPlan
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
    what: Annotated[
        str,
        typer.Argument(metavar="SWEEP|FILE|SCENARIO", help="A ready-made sweep, a .toml file, or scenario(s): a,b."),
    ],
    presets: Annotated[list[str] | None, typer.Option("--preset", help="Preset to search for; repeatable.")] = None,
    preset_file: Annotated[list[Path] | None, typer.Option(help="A preset in a file of its own; repeatable.")] = None,
    plugin: Annotated[
        list[Path] | None, typer.Option(help="A Python file with an optimizer or a scenario of yours; repeatable.")
    ] = None,
    dimensions: Annotated[
        list[str] | None,
        typer.Option("--grid", help="lr=0.01,0.1 (values) or lr=1e-4..1 (a range, for random and tpe); repeatable."),
    ] = None,
    search: Annotated[
        str | None, typer.Option(help="grid (default), random, tpe (Optuna), or rate (log-spaced, extends itself).")
    ] = None,
    tuned: Annotated[str | None, typer.Option("--tune", help="What search rate tunes; lr by default.")] = None,
    trials: Annotated[
        int | None, typer.Option(parser=whole_number, metavar="N", help="Points of each preset for random and tpe.")
    ] = None,
    search_seed: Annotated[
        int | None, typer.Option(parser=whole_number, metavar="N", help="Seed of the search itself; 0 by default.")
    ] = None,
    seeds: Annotated[str | None, typer.Option(help="Tuning seeds: 7, or 7..9 to judge points by the mean.")] = None,
    epochs: Annotated[int | None, typer.Option(parser=whole_number, metavar="N", help="Epochs of a trial.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", help="key=value for all trials; repeatable.")] = None,
    metric: Annotated[
        str | None, typer.Option(help="val_loss (default), val_accuracy, train_loss or train_accuracy; decides.")
    ] = None,
    prune: Annotated[
        str | None,
        typer.Option(help="median: give trials up that are worse than half of the others; or none (default)."),
    ] = None,
    is_holdout: Annotated[
        bool | None,
        typer.Option("--holdout/--no-holdout", help="Choose on held-out training data (default); without, only show."),
    ] = None,
    final_seeds: Annotated[
        str | None, typer.Option(help="Fresh seeds with which each winner trains on everything.")
    ] = None,
    final_epochs: Annotated[
        int | None, typer.Option(parser=whole_number, metavar="N", help="Epochs of these runs; the trials' by default.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps")] = "auto",
    threads: Annotated[int | None, typer.Option(parser=whole_number, metavar="N", help="CPU threads per run.")] = None,
    jobs: Annotated[
        int | None, typer.Option(parser=whole_number, metavar="N", help="Trials at once, from now on (worker slots).")
    ] = None,
    engine: Engine = "local",
    address: Address = "",
    engine_settings: EngineSettings = None,
    is_unstacked: NoStack = False,
    data_dir: Annotated[Path | None, typer.Option(help="Folder with the data files, before all other sources.")] = None,
    is_sample: Annotated[bool, typer.Option("--sample", help="Use the packaged sample.")] = False,
    is_dry: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be run and what it would take, and leave.")
    ] = False,
    is_detached: Annotated[bool, typer.Option("--detach", help="Start the sweep, print its id and leave.")] = False,
    is_plain: Annotated[bool, typer.Option("--plain", help="Plain lines even on a terminal.")] = False,
    is_json: Json = False,
) -> None:
    from tui_optim.cli.follow_sweep import follow_sweep
    from tui_optim.report.sweep_object import sweep_object
    from tui_optim.runs.client import Client
    from tui_optim.runs.queue import check_slots
    from tui_optim.store.home import open_home

    for path in plugin or []:
        find_in_file(path)  # what is wrong with a file that was named is said before anything else
    add_plugin_files(plugin or [])
    plan = _plan(
        what,
        [*(presets or []), *(path.stem for path in preset_file or [])],
        given={
            "space": dimensions, "search": search, "tuned": tuned, "trials": trials, "seed": search_seed,
            "settings": settings, "metric": metric, "prune": prune, "holdout": is_holdout,
        },
    )  # fmt: skip
    plan = _with_lengths(plan, seeds=seeds, epochs=epochs, final_seeds=final_seeds, final_epochs=final_epochs)
    executor = read_executor(engine, address, engine_settings, is_unstacked=is_unstacked)
    spec = _resolve(
        plan, preset_file or [], executor, device=device, threads=threads, data_dir=data_dir, is_sample=is_sample
    )
    if jobs is not None:
        check_slots(jobs)
    home = open_home()
    client = Client(home)
    if jobs is not None and not is_dry:
        client.set_slots(jobs)
    expected = estimate_sweep(spec, home, num_slots=jobs or client.slots())
    print(_announcement(spec, expected, jobs or client.slots()), file=sys.stderr)
    if is_dry:
        _print_dry(spec, expected, is_json=is_json)
        return
    tell_danger(executor)
    sweep_id = client.submit_sweep(spec)
    if is_detached:
        print(json.dumps({"sweep": sweep_id}) if is_json else sweep_id)
        return
    view = follow_sweep(home, client, sweep_id, is_plain=is_plain or is_json, is_quiet=is_json)
    if is_json:
        print(json.dumps(sweep_object(view), indent=2))
    else:
        print_sweep(view)
    if view.sweep.status.state == "failed":
        print(f"tui-optim: {sweep_id} has failed: {view.sweep.status.reason}", file=sys.stderr)
    raise typer.Exit(0 if view.sweep.status.state == "finished" else 1)


sweep.__doc__ = EXAMPLE


def print_sweep(view: "SweepView") -> None:
    """The table of points, and the comparison of the winners' runs where there are some."""
    from tui_optim.cli.compare import comparison_of
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.sweep_table import sweep_table

    print_table(sweep_table(view))
    finals = [run for run in view.final_runs if run.status.state in ("finished", "diverged")]
    if finals:
        print()
        print_table(comparison_of(finals, reference=None, targets=[]))


def estimate_sweep(spec: "SweepSpec", home: "Home", *, num_slots: int) -> "Estimate":
    """What the whole sweep is expected to take; of a search that extends itself, what it takes at least."""
    from tui_optim.report.estimate import estimate
    from tui_optim.spec.sweeps.expected import expected_runs
    from tui_optim.store.catalogue import Catalogue

    return estimate(expected_runs(spec), Catalogue(home).runs(), num_slots=num_slots, stack_of=spec.stack_of)


def _announcement(spec: "SweepSpec", expected: "Estimate", num_slots: int) -> str:
    from tui_optim.spec.sweeps.expected import at_once, describe

    return f"tui-optim: {describe(spec)}; {at_once(spec, num_slots)}; {expected.text}"


def _print_dry(spec: "SweepSpec", expected: "Estimate", *, is_json: bool) -> None:
    from tui_optim.spec.sweeps.plan import grid

    plan = spec.plan
    if is_json:
        body = {"runs": expected.num_runs, "seconds": expected.seconds, "memory_mib": expected.memory_mib}
        print(json.dumps({"plan": plan.model_dump(mode="json"), **body, "command": spec.command}, indent=2))
        return
    for number, point in enumerate(grid(plan) if plan.search == "grid" else []):
        print(f"{number:>4}  {point.scenario}  {point.text}")
    print(spec.command)


_OPTIONS = {
    "space": "--grid", "search": "--search", "tuned": "--tune", "trials": "--trials", "seed": "--search-seed",
    "settings": "--set", "metric": "--metric", "prune": "--prune", "holdout": "--holdout, --no-holdout",
}  # fmt: skip
"""Fields of a plan that a sweep file alone decides."""


def _plan(what: str, presets: list[str], *, given: dict[str, object]) -> "SweepPlan":
    """The plan of a file or ready-made sweep, or what the options say of scenarios; None in `given` is what was not said."""
    from tui_optim.spec.scenarios import all_scenarios, find_scenario
    from tui_optim.spec.sweeps.plan import METRICS, PRUNE_RULES, SEARCH_KINDS, SweepPlan
    from tui_optim.spec.sweeps.space import parse_dimension
    from tui_optim.store.sweeplibrary import find_plan, sweep_files

    scenarios, known = what.split(","), all_scenarios()
    if what.endswith(".toml") or (what in sweep_files() and (what not in known or not presets)):
        words = ["--preset"] if presets else []
        words += [word for name, word in _OPTIONS.items() if given[name] is not None]
        if words:
            scenario = "; to search the scenario of this name, add --preset" if what in known else ""
            raise UsageError(
                f"{what} is a ready-made sweep, which says by itself what {', '.join(words)} would{scenario}"
            )
        return find_plan(what)
    if len(scenarios) == 1 and what not in known:
        raise unknown("scenario or sweep", what, [*known, *sweep_files()])
    for scenario in scenarios:
        find_scenario(scenario)
    if not presets:
        raise UsageError("name at least one preset to search for: --preset sgd (tui-optim list presets)")
    for kind, word, valid in (
        ("search", "search", SEARCH_KINDS),
        ("metric", "metric", METRICS),
        ("prune", "pruning rule", PRUNE_RULES),
    ):
        if given[kind] is not None and given[kind] not in valid:
            raise unknown(word, str(given[kind]), valid)
    if given["tuned"] is not None and given["search"] != "rate":
        raise UsageError("--tune is for --search rate, which tries values of one key by itself")
    texts, pairs = given["space"] or [], given["settings"] or []
    assert isinstance(texts, list)
    assert isinstance(pairs, list)
    space = dict(parse_dimension(text) for text in texts)
    if len(space) < len(texts):
        raise UsageError("--grid: a key stands twice; give all its values in one, as in lr=0.01,0.1")
    said = {name: value for name, value in given.items() if value is not None}
    body = {**said, "space": space, "settings": parse_settings(pairs)}
    return SweepPlan.model_validate({"scenarios": tuple(scenarios), "presets": tuple(presets), **body})


def _with_lengths(
    plan: "SweepPlan", *, seeds: str | None, epochs: int | None, final_seeds: str | None, final_epochs: int | None
) -> "SweepPlan":
    """The plan with seeds and epochs that were given besides: also those of a file can be changed."""
    final: dict[str, object] = {"seeds": tuple(parse_seeds(final_seeds))} if final_seeds is not None else {}
    final |= {"epochs": final_epochs} if final_epochs is not None else {}
    update: dict[str, object] = {"final": plan.final.model_copy(update=final)} if final else {}
    update |= {"seeds": tuple(parse_seeds(seeds))} if seeds is not None else {}
    update |= {"epochs": epochs} if epochs is not None else {}
    return plan.model_copy(update=update)


def _resolve(
    plan: "SweepPlan",
    preset_files: list[Path],
    executor: "ExecutorSpec",
    *,
    device: str,
    threads: int | None,
    data_dir: Path | None,
    is_sample: bool,
) -> "SweepSpec":
    """Everything is checked before anything is made."""
    from tui_optim.runs.machine import check_executor
    from tui_optim.spec.extras import need_extra
    from tui_optim.spec.presets import load_preset
    from tui_optim.spec.run import find_device
    from tui_optim.spec.scenarios import find_scenario
    from tui_optim.spec.sweeps.sweep import resolve_sweep
    from tui_optim.store.datasets import source_of, verify_source
    from tui_optim.store.library import load_library

    if plan.search == "tpe":
        need_extra("tune", needed_by="search tpe")
    files = {path.stem: path for path in preset_files}
    library = load_library()
    presets: dict[str, Preset] = {
        name: load_preset(files[name]) if name in files else library.find(name) for name in plan.presets
    }
    request = find_device(device)
    check_executor(executor, device=request)
    data = {}
    for scenario in {(about := find_scenario(name)).dataset: about for name in plan.scenarios}.values():
        data[scenario.dataset] = source_of(scenario, data_dir=data_dir, is_sample=is_sample)
        verify_source(data[scenario.dataset])
    paths = {name: str(path.absolute()) for name, path in files.items()}
    return resolve_sweep(
        plan, presets, data=data, device=request, threads=threads, executor=executor, preset_files=paths
    )
