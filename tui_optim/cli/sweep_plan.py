"""The plan that the options of `tui-optim sweep` make, or that of a file or ready-made sweep."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tui_optim.cli.options import parse_settings
from tui_optim.spec.errors import UsageError, unknown
from tui_optim.spec.seeds import parse_seeds

if TYPE_CHECKING:
    from tui_optim.spec.sweeps.plan import SweepPlan

_OPTIONS = {
    "space": "--grid", "search": "--search", "tuned": "--tune", "trials": "--trials", "seed": "--search-seed",
    "settings": "--set", "metric": "--metric", "prune": "--prune", "holdout": "--holdout, --no-holdout",
    "patience": "--patience", "min_delta": "--min-delta",
}  # fmt: skip
"""Fields of a plan that a sweep file alone decides."""


def read_plan(what: str, presets: list[str], *, given: Mapping[str, object]) -> "SweepPlan":
    """The plan of a file or ready-made sweep, or what the options say of scenarios; None in `given` is what was not said.

    Raises UsageError.
    """
    from tui_optim.spec.scenarios import all_scenarios
    from tui_optim.store.sweeplibrary import find_plan, sweep_files

    known = all_scenarios()
    if what.endswith(".toml") or (what in sweep_files() and (what not in known or not presets)):
        words = ["--preset"] if presets else []
        words += [word for name, word in _OPTIONS.items() if given[name] is not None]
        if words:
            scenario = "; to search the scenario of this name, add --preset" if what in known else ""
            raise UsageError(
                f"{what} is a ready-made sweep, which says by itself what {', '.join(words)} would{scenario}"
            )
        return find_plan(what)
    if "," not in what and what not in known:
        raise unknown("scenario or sweep", what, [*known, *sweep_files()])
    return _plan_of(what.split(","), presets, given)


def with_lengths(plan: "SweepPlan", *, seeds: str | None, epochs: int | None) -> "SweepPlan":
    """The plan with seeds and epochs that were given besides: also those of a file can be changed."""
    update: dict[str, object] = {"seeds": tuple(parse_seeds(seeds))} if seeds is not None else {}
    update |= {"epochs": epochs} if epochs is not None else {}
    return plan.model_copy(update=update)


def with_final(
    plan: "SweepPlan", *, seeds: str | None, epochs: int | None, winner: str | None, test_once: bool | None
) -> "SweepPlan":
    """The plan with what was said of the winners' runs besides. Raises UsageError."""
    from tui_optim.spec.sweeps.plan import WINNER_RULES

    if winner is not None and winner not in WINNER_RULES:
        raise unknown("winner", winner, WINNER_RULES)
    said = {
        "seeds": None if seeds is None else tuple(parse_seeds(seeds)),
        "epochs": epochs,
        "winner": winner,
        "test_once": test_once,
    }
    update = {name: value for name, value in said.items() if value is not None}
    return plan.model_copy(update={"final": plan.final.model_copy(update=update)})


def _plan_of(scenarios: list[str], presets: list[str], given: Mapping[str, object]) -> "SweepPlan":
    """What the options say; names are checked one by one, so that the nearest valid one can be told."""
    from tui_optim.spec.scenarios import find_scenario
    from tui_optim.spec.sweeps.plan import METRICS, PRUNE_RULES, SEARCH_KINDS, SweepPlan
    from tui_optim.spec.sweeps.space import parse_dimension

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
