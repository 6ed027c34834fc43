"""`tui-optim compare`: settings over their seeds, against a reference."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from tui_optim.cli.chosen import chosen_runs
from tui_optim.cli.options import Filter, Json
from tui_optim.cli.saying import say
from tui_optim.spec.errors import UsageError, unknown

EXAMPLE = """Compare settings over their seeds: mean ± sd, cost to targets, paired differences to a reference.

Example: tui-optim compare lenet5-fashion --reference sgd --target 'test_accuracy>=0.88' --axis seconds;
who leads at equal cost: tui-optim compare lenet5-fashion --axis seconds --at 20;
over several scenarios: tui-optim compare --profile;
who led when, seen again: tui-optim compare lenet5-fashion --replay --speed 8

A name is a scenario (all its runs), a run id, a part of ids (every run that has it), 'last', or a sweep. Without names all runs
are compared but for those of sweeps, which --sweeps takes in.
"""


def compare(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            help="Scenario ids, run ids, parts of them, 'last', or sweeps; all runs but those of sweeps if none."
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            help="Preset to compare with, seed by seed, or one of its settings as the table prints it: 'sgd lr=0.22'; "
            "'sgd' where it is among the runs."
        ),
    ] = None,
    targets: Annotated[
        list[str] | None,
        typer.Option(
            "--target", help="What to reach, e.g. val_accuracy>=0.9; repeatable; by default the scenario's own."
        ),
    ] = None,
    axis: Annotated[
        str, typer.Option(help="What cost is counted in: epoch (n gradients), step, seconds or gradient-evaluations.")
    ] = "epoch",
    at: Annotated[
        float | None, typer.Option(help="Rank the settings as they stood at this cost, instead of at their end.")
    ] = None,
    measure: Annotated[
        str | None,
        typer.Option(help="What --at and --replay rank by, e.g. val_loss; the held-out accuracy where there is one."),
    ] = None,
    is_replay: Annotated[
        bool,
        typer.Option(
            "--replay", help="Play the standings against a clock of training time; in a pipe a line for each change."
        ),
    ] = False,
    speed: Annotated[
        float | None,
        typer.Option(help="Of --replay: 1 is real time, 8 eight times as fast; about 15 seconds in all if none."),
    ] = None,
    is_profile: Annotated[
        bool,
        typer.Option(
            "--profile", help="The performance profile of presets that have runs on several scenarios, instead."
        ),
    ] = False,
    is_with_sweeps: Annotated[
        bool,
        typer.Option("--sweeps", help="Without names: the runs of sweeps too, as S lists them in the app."),
    ] = False,
    form: Annotated[
        str | None,
        typer.Option(
            "--format", "-f", help="csv, csv-long, markdown, latex, html or json, instead of a printed table."
        ),
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A file for --format.")] = None,
    passing: Filter = None,
    is_json: Json = False,
) -> None:
    from tui_optim.cli.comparisons import comparison_of, field_of, profile_of, standings_of
    from tui_optim.cli.rich_table import print_table
    from tui_optim.report.formats import EXPORT_FORMATS, comparison_text
    from tui_optim.report.measures import find_measure
    from tui_optim.report.series import find_axis
    from tui_optim.report.targets import parse_target
    from tui_optim.store.files import write_export
    from tui_optim.store.home import absolute, open_home

    if is_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} contradict each other: leave one of them out")
    form = "json" if is_json else form
    if form is not None and form not in EXPORT_FORMATS:
        raise unknown("format", form, EXPORT_FORMATS)
    if output is not None and form is None:
        raise UsageError(f"--output needs --format: {', '.join(EXPORT_FORMATS)}")
    _check_together(
        at=at,
        measure=measure,
        reference=reference,
        axis=axis,
        speed=speed,
        is_replay=is_replay,
        is_profile=is_profile,
        is_table=bool(targets or form),
    )
    unit, wanted = find_axis(axis), find_measure(measure) if measure else None
    parsed = [parse_target(text) for text in targets or []]
    chosen = chosen_runs(open_home(is_read_only=True), runs, passing=passing, has_sweeps=is_with_sweeps)
    if is_replay:
        from tui_optim.cli.replay import play

        play(field_of(chosen, wanted), wanted, speed=speed)
        return
    if is_profile:
        table = profile_of(chosen, targets=parsed)
    elif at is None:
        table = comparison_of(chosen, reference=reference, targets=parsed, axis=unit)
    else:
        table = standings_of(chosen, measure=wanted, axis=unit, at=at, targets=parsed)
    if form is None:
        print_table(table)
        return
    text = comparison_text(table, chosen, format=form, name="profile" if is_profile else "comparison")
    if output is None:
        sys.stdout.write(text)
    else:
        write_export(absolute(output), text.encode())
        say(f"wrote {len(table.rows)} row(s) to {output}", is_aside=True)


compare.__doc__ = EXAMPLE


def _check_together(
    *,
    at: float | None,
    measure: str | None,
    reference: str | None,
    axis: str,
    speed: float | None,
    is_replay: bool,
    is_profile: bool,
    is_table: bool,
) -> None:
    """Raises UsageError where options contradict each other; `is_table`: some ask for a table, to targets or in a format."""
    if at is not None and not 0 <= at < float("inf"):
        raise UsageError(f"--at {at:g}: expected a number from 0 on, for example --axis seconds --at 20")
    if at is None and measure is not None and not is_replay:
        raise UsageError(f"--measure {measure} needs --at or --replay: the comparison at the end has every measure")
    if at is not None and reference is not None:
        raise UsageError("--reference has no meaning with --at, which ranks all settings; leave one of them out")
    if is_profile and (at is not None or reference is not None or axis != "epoch"):
        raise UsageError(
            "--profile compares over scenarios, by grad. evals ÷ n: leave --at, --reference and --axis out"
        )
    if speed is not None and not (is_replay and 0 < speed < float("inf")):
        raise UsageError(f"--speed {speed:g}: expected --replay and a number above 0; 1 is real time")
    if is_replay and (at is not None or reference or is_table or is_profile or axis not in ("epoch", "seconds")):
        raise UsageError(
            "--replay plays standings over seconds of training: leave --at, --reference, --target, --profile, --axis, "
            "--format and --json out"
        )
