"""`tui-optim compare`: settings over their seeds, against a reference."""

from tui_optim.cli import compare_options as options
from tui_optim.cli.chosen import chosen_runs
from tui_optim.cli.options import Filter, Json
from tui_optim.cli.table_output import chosen_format, give_table
from tui_optim.spec.errors import UsageError

EXAMPLE = """Compare settings over their seeds: mean ± sd, cost to targets, paired differences to a reference.

Example: tui-optim compare lenet5-fashion --reference sgd --target 'test_accuracy>=0.88' --axis seconds;
who leads at equal cost: tui-optim compare lenet5-fashion --axis seconds --at 20;
over several scenarios: tui-optim compare --profile;
who led when, seen again: tui-optim compare lenet5-fashion --replay --speed 8

A name is a scenario (its runs, without those of sweeps), a run id, a part of ids (every run that has it), 'last', or a sweep.
Without names all runs are compared but for those of sweeps, which --sweeps takes in.
"""


def compare(
    runs: options.Runs = None,
    reference: options.Reference = None,
    targets: options.Targets = None,
    axis: options.Axis = "epoch",
    at: options.At = None,
    measure: options.Measure = None,
    is_replay: options.Replay = False,
    speed: options.Speed = None,
    is_profile: options.Profile = False,
    is_with_sweeps: options.WithSweeps = False,
    form: options.Format = None,
    output: options.Output = None,
    passing: Filter = None,
    is_json: Json = False,
) -> None:
    from tui_optim.cli.comparisons import comparison_of, field_of, profile_of, standings_of
    from tui_optim.report.formats import EXPORT_FORMATS
    from tui_optim.report.measures import find_measure
    from tui_optim.report.series import find_axis
    from tui_optim.report.targets import parse_target
    from tui_optim.store.home import open_home

    form = chosen_format(form, output, formats=EXPORT_FORMATS, is_json=is_json)
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
    give_table(table, chosen, form=form, output=output, name="profile" if is_profile else "comparison")


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
