"""`tui-optim schedule`: the learning rate over a run, before it starts."""

from pathlib import Path
from typing import Annotated

import typer

from tui_optim.cli.json_answer import json_answer
from tui_optim.cli.options import Json, Plugin, parse_settings
from tui_optim.cli.run_options import Epochs, Scenario

PLOT_WIDTH, PLOT_HEIGHT = 72, 11
NUM_POINTS = 201


def schedule(
    scenario: Scenario,
    preset: Annotated[str, typer.Argument(help="Preset id: tui-optim list presets")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="key=value over the preset: lr, schedule.kind, schedule.warmup, …; repeatable."),
    ] = None,
    epochs: Epochs = None,
    plugin: Plugin = None,
    is_json: Json = False,
) -> None:
    """Draw the learning rate over a run before it starts.

    Example: tui-optim schedule lenet5-fashion sgd --set schedule.kind=cosine --epochs 20
    """
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.rate_plot import rate_plot, rate_sentence, rate_table
    from tui_optim.spec.datasets import DataSource
    from tui_optim.spec.planned_rates import planned_rates
    from tui_optim.spec.plugins import use_plugin_files
    from tui_optim.spec.run import resolve_run
    from tui_optim.spec.scenarios import find_scenario
    from tui_optim.spec.schedules import SCHEDULES
    from tui_optim.store.library import load_library

    use_plugin_files(plugin or [])
    unread = DataSource(dataset=find_scenario(scenario).dataset, kind="full", origin="", folder=Path(), files={})
    chosen = load_library().find(preset)
    run = resolve_run(scenario, chosen, data=unread, epochs=epochs, overrides=parse_settings(settings or []))
    rates = planned_rates(run)
    if is_json:
        points = [{"epoch": epoch, "rate": rate} for epoch, rate in rates.sampled(NUM_POINTS)]
        about = {"scenario": run.scenario, "preset": run.preset, "schedule": run.schedule, "lr": rates.base_rate}
        length = {"epochs": run.epochs, "steps_per_epoch": rates.length.steps_per_epoch}
        parameters = {"parameters": dict(run.schedule_parameters)}
        print(json_answer({**about, **parameters, **length, "points": points}))
        return
    values = ", ".join(f"{name} {value:g}" for name, value in run.schedule_parameters.items())
    print(f"{run.preset} on {run.scenario}: {SCHEDULES[run.schedule].name}{f' ({values})' if values else ''}")
    batches = "a mini-batch" if rates.length.steps_per_epoch == 1 else f"{rates.length.steps_per_epoch:,} mini-batches"
    print(
        f"{run.epochs} epoch{'s' if run.epochs > 1 else ''}, each the work of {batches}\n\n{SCHEDULES[run.schedule].formula}\n"
    )
    print(rate_sentence(rates) or "\n".join(rate_plot(rates, width=PLOT_WIDTH, height=PLOT_HEIGHT)))
    if not rates.is_constant:
        print()
        print_table(rate_table(rates))
