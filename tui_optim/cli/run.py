"""`tui-optim run`: queue runs, follow them, report."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tui_optim.cli import run_options as options
from tui_optim.cli.options import (
    Address,
    DataDir,
    Device,
    Engine,
    EngineSettings,
    MinDelta,
    NoStack,
    Patience,
    Plain,
    Plugin,
    PresetFiles,
    Sample,
    Settings,
    Threads,
    parse_settings,
    read_executor,
)

if TYPE_CHECKING:
    from tui_optim.spec.presets import Preset

EXAMPLE = """Train a scenario with one or more presets.

Example: tui-optim run lenet5-fashion sgd-baseline nesterov-cosine --seeds 42..44 --epochs 10

The runs go on when this command is killed or its terminal is closed; ctrl+c stops them, --detach leaves at once.
"""


def run(
    scenario: options.Scenario,
    presets: options.Presets = None,
    preset_file: PresetFiles = None,
    plugin: Plugin = None,
    seeds: options.Seeds = "42",
    epochs: options.Epochs = None,
    settings: Settings = None,
    is_holdout: options.Holdout = False,
    is_test_once: options.TestOnce = False,
    patience: Patience = None,
    min_delta: MinDelta = None,
    keep_every: options.KeepEvery = None,
    xray: options.XRay = "off",
    device: Device = "auto",
    threads: Threads = None,
    jobs: options.Jobs = None,
    engine: Engine = "local",
    address: Address = "",
    engine_settings: EngineSettings = None,
    is_unstacked: NoStack = False,
    data_dir: DataDir = None,
    is_sample: Sample = False,
    is_detached: options.Detach = False,
    is_plain: Plain = False,
    is_compared: options.Compare = False,
    is_json: options.Json = False,
) -> None:
    from tui_optim.cli.ends import follow_to_end
    from tui_optim.cli.left_out import tell_cluster, tell_danger
    from tui_optim.lab import Lab
    from tui_optim.spec.xray import parse_xray

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
    client = lab.client
    if jobs is not None:
        client.set_slots(jobs)
    tell_danger(executor)
    num_before = client.num_active()
    run_ids = client.submit(specs, executor=executor)
    tell_cluster(executor)
    if num_before and executor.kind == "local":
        print(f"tui-optim: {num_before} run(s) of this home come first; --jobs N trains N at once", file=sys.stderr)
    if specs[0].data.kind == "sample":
        _tell_sample(specs[0].data.dataset, is_wanted=is_sample or data_dir is not None)
    if is_detached:
        print(json.dumps({"queued": run_ids}) if is_json else "\n".join(run_ids))
        return
    follow_to_end(lab.home, client, run_ids, is_plain=is_plain, is_json=is_json, is_compared=is_compared)


run.__doc__ = EXAMPLE


def _tell_sample(dataset_id: str, *, is_wanted: bool) -> None:
    """Say that the data is a part; and, where nobody asked for that, what is wrong with what should hold the whole."""
    from tui_optim.store.datasets import damaged_links

    problems = [] if is_wanted else damaged_links(dataset_id)
    for line in [*problems, "this run uses the packaged sample: `tui-optim data fetch` gets the full set"]:
        print(f"tui-optim: {line}", file=sys.stderr)


def _chosen(preset_ids: list[str], optimizers: Sequence[str], preset_files: list[Path]) -> "list[Preset | str | Path]":
    """Presets by their ids and files; optimizers of plugins with their own numbers. Raises UsageError."""
    from tui_optim.store.library import load_library

    own = [load_library().find_for_plugin(optimizer) for optimizer in optimizers]
    return [*dict.fromkeys(preset_ids), *own, *dict.fromkeys(preset_files)]
