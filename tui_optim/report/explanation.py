"""An explanation as paragraphs that screen and command line share, and as an object for files."""

from dataclasses import dataclass
from typing import Any, Literal

from tui_optim.report.rate_plot import rate_plot
from tui_optim.spec.datasets import GENERATED
from tui_optim.spec.explain.topic import KIND_TITLES, Arm, Topic
from tui_optim.spec.planned_rates import shape_of
from tui_optim.spec.scenarios import find_scenario
from tui_optim.spec.seeds import format_seeds

Tone = Literal["text", "formula", "quiet"]
PLOT_HEIGHT = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A part of an explanation."""

    text: str
    heading: str = ""
    tone: Tone = "text"
    is_set: bool = False
    """Whether its lines stand as they are: a formula, a drawing, a command."""


def paragraphs(topic: Topic, *, width: int) -> list[Paragraph]:
    """What it is, its formula, what to look at, the experiment, and the rest; `width` is the room for a drawing."""
    parts = [Paragraph(text=topic.what)] if topic.what else []
    parts += [Paragraph(text=topic.formula, tone="formula", is_set=True)] if topic.formula else []
    if topic.kind == "schedule":
        drawing = rate_plot(shape_of(topic.id), width=min(width, 64), height=PLOT_HEIGHT)
        heading = "With its defaults, as factor of η₀"
        parts.append(Paragraph(heading=heading, text="\n".join(drawing), tone="formula", is_set=True))
    parts += [Paragraph(heading="Look at", text=topic.look)] if topic.look else []
    parts += [Paragraph(heading="Seen", text=basis, tone="quiet")] if (basis := basis_text(topic)) else []
    if topic.experiment:
        commands = "\n".join(arm.command for arm in topic.experiment)
        parts.append(Paragraph(heading="Try", text=commands, is_set=True))
    facts = "\n".join(f"{name}: {text}" for name, text in topic.facts)
    parts += [Paragraph(heading="More", text=facts)] if facts else []
    parts += [Paragraph(heading="Source", text=topic.source, tone="quiet")] if topic.source else []
    parts += [Paragraph(heading="See also", text=", ".join(topic.see), tone="quiet")] if topic.see else []
    return parts


def experiment_text(arm: Arm) -> str:
    """The runs of an arm in words: `mlp-fashion: sgd, lr 0.1, 3 epochs, held out`."""
    words = [*arm.presets, *(f"{name} {value}" for name, value in arm.settings.items())]
    words += [f"{arm.epochs} epochs" if arm.epochs != 1 else "1 epoch"] if arm.epochs else []
    words += [f"{len(arm.seeds)} seeds"] if len(arm.seeds) > 1 else []
    words += ["held out"] if arm.holdout else []
    return f"{arm.scenario}: {', '.join(words)}"


def basis_text(topic: Topic) -> str:
    """What the sentences under `look` rest on: `with seed 42, on the full data, judged by its validation part, on a CPU`."""
    if not topic.experiment or not topic.was_seen:
        return ""
    seeds = sorted({seed for arm in topic.experiment for seed in arm.seeds})
    words = [f"with seed{'s' if len(seeds) > 1 else ''} {format_seeds(seeds)}"]
    drawn = [arm for arm in topic.experiment if find_scenario(arm.scenario).dataset not in GENERATED]
    words += ["on the full data"] if drawn else []
    words += ["judged by its validation part"] if drawn and all(arm.holdout for arm in drawn) else []
    return f"{', '.join([*words, 'on a CPU'])}; other seeds{' and the sample' if drawn else ''} can differ."


def topic_object(topic: Topic) -> dict[str, Any]:
    """The explanation with the commands of its experiment."""
    return {
        "id": topic.id,
        "kind": topic.kind,
        "title": topic.title,
        "what": topic.what,
        "formula": topic.formula,
        "look": topic.look,
        "seen": basis_text(topic),
        "experiment": [arm.command for arm in topic.experiment],
        "facts": dict(topic.facts),
        "source": topic.source,
        "see": list(topic.see),
        "aliases": list(topic.aliases),
    }


def heading_of(topic: Topic) -> str:
    """Title, name and kind in a line."""
    return f"{topic.title} ({topic.id}; {KIND_TITLES[topic.kind].lower()})"
