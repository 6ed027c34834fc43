"""The performance profile as steps: the share of problems that each preset solved within a multiple of the cheapest cost."""

import math
from typing import TYPE_CHECKING

from tui_optim.report.figures.canvas import Picture
from tui_optim.report.figures.frame import WIDTH, add_surroundings, height_around
from tui_optim.report.figures.palette import MAX_LINES, PAPER, look
from tui_optim.report.profile import SCENARIOS_FOR_INFERENCE, Profile, Steps
from tui_optim.spec.errors import UsageError

if TYPE_CHECKING:
    from tui_optim.report.figures.canvas import Figure


def profile_picture(profile: Profile) -> Picture:
    """ρ(τ) of Dolan and Moré 2002 over the logarithm of τ.

    Raises:
        UsageError: more presets than can be told apart.
    """
    steps = profile.steps
    if len(steps) > MAX_LINES:
        raise UsageError(f"{len(steps)} presets cannot be told apart (at most {MAX_LINES}): name fewer runs")
    looks = {name: look(number) for number, name in enumerate(steps)}
    last = max((tau for one in steps.values() for tau, _ in one), default=1.0)
    end = max(2.0, last * 1.25)
    count = len(profile.scenarios)
    note = (
        f"{len(profile.problems)} problems: {count} scenarios with their targets ({', '.join(profile.scenarios)}); "
        "cost: median over seeds of gradient evaluations ÷\u00a0n; a line's end: the share solved at all"
    )
    if count < SCENARIOS_FOR_INFERENCE:
        note += f"; fewer than {SCENARIOS_FOR_INFERENCE} scenarios: a description, no conclusion over scenarios"
    title = "Performance profile" + (" (sample)" if profile.has_sample else "")

    def draw(figure: "Figure") -> None:
        from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

        axes = figure.subplots()
        for name, one in looks.items():
            xs, ys = _stairs(steps[name], end)
            axes.plot(
                xs,
                ys,
                color=one.colour,
                ls=(0, tuple(one.dashes) or None),
                drawstyle="steps-post",
                marker=one.marker,
                mec=PAPER,
                mew=0.6,
                markevery=list(range(len(xs) - 1)),
            )
        axes.set_xscale("log", base=2)
        axes.set_xlim(0.97, end)
        axes.set_ylim(-0.03, 1.03)
        ticks = [2.0**power for power in range(math.ceil(math.log2(end)) + 1)]
        halves = [1.25, 1.5] if end <= 4 else []
        axes.xaxis.set_major_locator(FixedLocator(sorted({*ticks, *halves})))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}×"))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{100 * y:.0f} %"))
        axes.set_xlabel("cost as a multiple τ of the cheapest preset's")
        axes.set_ylabel("share of problems solved within τ")
        add_surroundings(figure, title=title, looks=looks, note=note)

    height = 3.3 + height_around(list(looks), note)
    return Picture(width=WIDTH, height=height, about=f"{title}: {', '.join(looks)}", draw=draw)


def _stairs(steps: Steps, end: float) -> tuple[list[float], list[float]]:
    """The corners, with the last step drawn to the end of the axis."""
    xs, ys = [tau for tau, _ in steps], [share for _, share in steps]
    return [*xs, end], [*ys, *ys[-1:]] if ys else [0.0]
