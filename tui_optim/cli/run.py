"""`tui-optim run`: queue runs, follow them, report."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tui_optim.cli.options import (
    Address,
    Engine,
    EngineSettings,
    MinDelta,
    NoStack,
    Patience,
    Plugin,
    parse_settings,
    read_executor,
    whole_number,
)

if TYPE_CHECKING:
    from tui_optim.spec.presets import Preset
    from tui_optim.store.catalogue import StoredRun

EXAMPLE = """Train a scenario with one or more presets.

Example: tui-optim run lenet5-fashion sgd-baseline nesterov-cosine --seeds 42..44 --epochs 10

The runs go on when this command is killed or its terminal is closed; ctrl+c stops them, --detach leaves at once.
"""


def run(
    scenario: Annotated[str, typer.Argument(help="Scenario id: tui-optim list scenarios")],
    presets: Annotated[list[str] | None, typer.Argument(help="Preset ids: tui-optim list presets")] = None,
    preset_file: Annotated[list[Path] | None, typer.Option(help="A preset in a file of its own; repeatable.")] = None,
    plugin: Plugin = None,
    seeds: Annotated[str, typer.Option(help="42, 42,43 or 42..46")] = "42",
    epochs: Annotated[
        int | None, typer.Option(parser=whole_number, metavar="N", help="Epochs; by default the scenario's own.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="key=value over the preset: lr, batch_size, schedule.kind, …; repeatable."),
    ] = None,
    is_holdout: Annotated[
        bool,
        typer.Option(
            "--holdout", help="For choosing: hold a sixth of the training set out as validation, never evaluate test."
        ),
    ] = False,
    is_test_once: Annotated[
        bool, typer.Option("--test-once", help="Evaluate the test set once, at the end, and after no epoch before.")
    ] = False,
    patience: Patience = None,
    min_delta: MinDelta = None,
    keep_every: Annotated[
        int | None,
        typer.Option(
            parser=whole_number,
            metavar="N",
            help="Keep a checkpoint after each N epochs, beside the last and the best.",
        ),
    ] = None,
    xray: Annotated[
        str,
        typer.Option(
            metavar="auto|STEPS",
            help="X-ray each run every so many steps; auto costs some 3 % of a full-length run. See tui-optim explain x-ray.",
        ),
    ] = "off",
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps")] = "auto",
    threads: Annotated[
        int | None,
        typer.Option(parser=whole_number, metavar="N", help="CPU threads per run; the machine's budget by default."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            parser=whole_number,
            metavar="N",
            help="Runs that may train at once on this machine from now on (worker slots).",
        ),
    ] = None,
    engine: Engine = "local",
    address: Address = "",
    engine_settings: EngineSettings = None,
    is_unstacked: NoStack = False,
    data_dir: Annotated[Path | None, typer.Option(help="Folder with the data files, before all other sources.")] = None,
    is_sample: Annotated[
        bool, typer.Option("--sample", help="Use the packaged sample even where the full data is there.")
    ] = False,
    is_detached: Annotated[bool, typer.Option("--detach", help="Queue the runs, print their ids and leave.")] = False,
    is_plain: Annotated[bool, typer.Option("--plain", help="Plain lines even on a terminal.")] = False,
    is_compared: Annotated[
        bool, typer.Option("--compare", help="Print the comparison of these runs at the end, as Markdown.")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end.")] = False,
) -> None:
    from tui_optim.cli.follow import follow
    from tui_optim.cli.left_out import tell_danger
    from tui_optim.lab import Lab
    from tui_optim.spec.xray import parse_xray
    from tui_optim.store.datasets import damaged_links

    lab = Lab(data_dir=data_dir, plugins=plugin or [])
    executor = read_executor(engine, address, engine_settings, is_unstacked=is_unstacked)
    specs = lab.plan(
        scenario,
        _chosen(presets or [], () if presets else lab.plugin_optimizers, preset_file or []),
        seeds=seeds,
        executor=executor,
        epochs=epochs,
        settings=parse_settings(settings or []),
        holdout=is_holdout,
        test_once=is_test_once,
        patience=patience,
        min_delta=min_delta or 0.0,
        keep_every=keep_every,
        xray=parse_xray(xray),
        device=device,
        threads=threads,
        sample=is_sample,
    )
    home, client = lab.home, lab.client
    if jobs is not None:
        client.set_slots(jobs)
    tell_danger(executor)
    num_before = client.num_active()
    run_ids = client.submit(specs, executor=executor)
    if num_before and executor.kind == "local":
        print(f"tui-optim: {num_before} run(s) of this home come first; --jobs N trains N at once", file=sys.stderr)
    if specs[0].data.kind == "sample":
        problems = [] if is_sample or data_dir else damaged_links(specs[0].data.dataset)
        for line in [*problems, "this run uses the packaged sample: `tui-optim data fetch` gets the full set"]:
            print(f"tui-optim: {line}", file=sys.stderr)
    if is_detached:
        print(json.dumps({"queued": run_ids}) if is_json else "\n".join(run_ids))
        return
    runs = follow(home, client, run_ids, is_plain=is_plain or is_json, is_quiet=is_json)
    _tell_ends(runs, is_compared=is_compared, is_json=is_json)
    raise typer.Exit(0 if all(stored.status.state == "finished" for stored in runs) else 1)


run.__doc__ = EXAMPLE


def _tell_ends(runs: "Sequence[StoredRun]", *, is_compared: bool, is_json: bool) -> None:
    """What came of the runs."""
    from tui_optim.cli.comparisons import comparison_of
    from tui_optim.cli.rerun import tell_verdicts
    from tui_optim.report.formats import markdown_text
    from tui_optim.report.runobject import runs_object

    if is_json:
        print(json.dumps(runs_object(runs), indent=2))
    elif is_compared and any(stored.status.state in ("finished", "diverged") for stored in runs):
        print(markdown_text(comparison_of(runs)), end="")
    tell_verdicts(runs)


def _chosen(preset_ids: list[str], optimizers: Sequence[str], preset_files: list[Path]) -> "list[Preset | str | Path]":
    """Presets by their ids and files; optimizers of plugins with their own numbers. Raises UsageError."""
    from tui_optim.store.library import load_library

    own = [load_library().find_for_plugin(optimizer) for optimizer in optimizers]
    return [*dict.fromkeys(preset_ids), *own, *dict.fromkeys(preset_files)]
