"""All explanations: what the registries say and the lessons, put together; found by name."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial

from tui_optim.spec.averaging import AVERAGINGS
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.errors import UsageError
from tui_optim.spec.explain.experimenting import EXPERIMENTING
from tui_optim.spec.explain.families import FAMILY_LESSONS
from tui_optim.spec.explain.figures import METRICS, SPLITS
from tui_optim.spec.explain.inner import INNER
from tui_optim.spec.explain.learning import LEARNING
from tui_optim.spec.explain.optimizers import OPTIMIZER_LESSONS
from tui_optim.spec.explain.presets import PRESET_LESSONS
from tui_optim.spec.explain.rules import AVERAGING_LESSONS, SCHEDULE_LESSONS
from tui_optim.spec.explain.scenarios import SCENARIO_LESSONS
from tui_optim.spec.explain.topic import Arm, Experiment, Kind, Lesson, Topic
from tui_optim.spec.hyperparameters import Hyperparameter, format_value
from tui_optim.spec.optimizers import FAMILIES, FAMILY_TITLES, Optimizer, all_optimizers, find_optimizer
from tui_optim.spec.presets import Preset
from tui_optim.spec.rule import Rule
from tui_optim.spec.scenarios import PENALTY_FORMULA, SCENARIOS, Scenario, all_scenarios
from tui_optim.spec.schedules import SCHEDULES

YARDSTICK = "sgd"
"""What a preset without a lesson of its own is tried against."""


class Topics:
    """Everything that can be explained."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        """Of two with one name the first is found by it."""
        self.all: Sequence[Topic] = tuple(topics)
        self._by_name: dict[str, Topic] = {}
        for topic in self.all:
            self._by_name.setdefault(_key(topic.id), topic)
        for topic in self.all:
            for alias in topic.aliases:
                self._by_name.setdefault(_key(alias), topic)

    def find(self, name: str) -> Topic:
        """Look a topic up by name or alias; raises UsageError with the nearest one."""
        topic = self.get(name)
        if topic is None:
            close = difflib.get_close_matches(_key(name), self._by_name, n=1, cutoff=0.6)
            hint = f"did you mean {close[0]!r}?" if close else "tui-optim explain lists all"
            raise UsageError(f"nothing is known about {name!r}: {hint}")
        return topic

    def get(self, name: str) -> Topic | None:
        """The topic of a name or alias, if there is one."""
        return self._by_name.get(_key(name))


def all_topics(presets: Mapping[str, Preset]) -> Topics:
    """All explanations; `presets` are those of the library."""
    preset_topics = [_of_preset(preset) for preset in presets.values()]
    known = {(topic.id, presets[topic.id].optimizer) for topic in preset_topics}
    others = [one for one in all_optimizers().values() if (one.id, one.id) not in known]
    return Topics(
        [
            *preset_topics,
            *map(partial(_of_optimizer, presets=presets), others),
            *map(partial(_of_scenario, presets=presets), all_scenarios().values()),
            *(_of_rule("schedule", rule, SCHEDULE_LESSONS) for rule in SCHEDULES.values()),
            *(_of_rule("averaging", rule, AVERAGING_LESSONS) for rule in AVERAGINGS.values()),
            *METRICS,
            *SPLITS,
            *LEARNING,
            *EXPERIMENTING,
            *INNER,
            *_of_families(presets),
        ]
    )


def _of_preset(preset: Preset) -> Topic:
    optimizer = find_optimizer(preset.optimizer)
    schedule, averaging = str(preset.schedule.get("kind", "constant")), str(preset.averaging.get("kind", "none"))
    lesson = _lesson_of(preset, schedule, averaging)
    values = {**preset.hyperparameters, "batch_size": preset.batch_size}
    values |= {f"schedule.{name}": value for name, value in preset.schedule.items() if schedule != "constant"}
    values |= {f"averaging.{name}": value for name, value in preset.averaging.items() if averaging != "none"}
    tuned = ", ".join(dict.fromkeys(tuning.scenario for tuning in preset.tuning))
    return Topic(
        id=preset.id,
        kind="preset",
        title=preset.name,
        what=preset.advice,
        formula=preset.formula_text,
        facts=(
            ("Values", ", ".join(f"{name} {format_value(value)}" for name, value in values.items())),
            ("Tuned", f"on {tuned}" if tuned else "no: the source's numbers or common ones"),
            *_facts(optimizer),
        ),
        look=lesson.look,
        experiment=lesson.experiment,
        was_seen=lesson.was_seen,
        source=preset.source_text,
        see=tuple(
            _related(preset.optimizer if preset.optimizer != preset.id else "", schedule, averaging, preset.family)
        ),
    )


def _of_optimizer(optimizer: Optimizer, presets: Mapping[str, Preset]) -> Topic:
    lesson = OPTIMIZER_LESSONS.get(optimizer.id) or Lesson(look="", experiment=())
    using = [preset.id for preset in presets.values() if preset.optimizer == optimizer.id]
    if not lesson.experiment and using:
        lesson = _plain_lesson(using[0], optimizer)
    return Topic(
        id=optimizer.id,
        kind="optimizer",
        title=optimizer.name,
        what=FAMILY_LESSONS[optimizer.family].what,
        formula=optimizer.formula,
        facts=_facts(optimizer),
        look=lesson.look,
        experiment=lesson.experiment,
        was_seen=lesson.was_seen,
        source=optimizer.source,
        see=tuple(using),
    )


def _of_scenario(scenario: Scenario, presets: Mapping[str, Preset]) -> Topic:
    suited = [
        name
        for name in (YARDSTICK, "adam", *presets)
        if name in presets and why_unsuited(scenario, find_optimizer(presets[name].optimizer)) is None
    ]
    lesson = SCENARIO_LESSONS.get(scenario.id) or Lesson(
        look="Two methods on it, each with its own rate.",
        experiment=(Arm(scenario=scenario.id, presets=tuple(suited[:2])),),
        was_seen=False,
    )
    layers = ", ".join(f"{layer.name} {layer.parameters:,}" for layer in scenario.layers if layer.parameters)
    return Topic(
        id=scenario.id,
        kind="scenario",
        title=scenario.title,
        what=scenario.description,
        formula=_objective(scenario),
        facts=(
            ("Parameters", f"{scenario.num_parameters:,}: {layers}"),
            ("Length", f"{scenario.epochs} epochs unless you say otherwise"),
            *([("Targets", ", ".join(f"{target:g}" for target in scenario.targets))] if scenario.targets else []),
        ),
        look=lesson.look,
        experiment=lesson.experiment,
        was_seen=lesson.was_seen,
        see=("train", "val", "test", "target"),
    )


def _objective(scenario: Scenario) -> str:
    """What is minimised."""
    if scenario.quadratic:
        return "F(θ) = F* + ½ (θ − θ*)ᵀ H (θ − θ*)"
    mean = {
        "cross-entropy": "−(1/n) Σᵢ log p(yᵢ | xᵢ; θ)",
        "squares": "(1/n) Σᵢ ‖r(xᵢ; θ)‖²",
        "own": "(1/n) Σᵢ ℓ(f(xᵢ; θ), yᵢ), ℓ the loss of its file",
    }[scenario.loss]
    if scenario.penalised_layers:
        return f"F(θ) = {mean}\n       + {PENALTY_FORMULA}"
    return f"F(θ) = {mean}{' + λ/2 ‖θ‖²' if scenario.is_regularised else ''}"


def _of_rule(kind: Kind, rule: Rule, lessons: Mapping[str, Lesson]) -> Topic:
    lesson = lessons[rule.id]
    parameters = tuple((f"{kind}.{one.name}", _parameter(one)) for one in rule.parameters)
    return Topic(
        id=rule.id,
        kind=kind,
        title=rule.name,
        what=lesson.what,
        formula=rule.formula,
        facts=(("On any preset", f"--set {kind}.kind={rule.id}, or {kind}.kind in the editor (key e)"), *parameters),
        look=lesson.look,
        experiment=lesson.experiment,
        was_seen=lesson.was_seen,
        source=rule.source,
    )


def _of_families(presets: Mapping[str, Preset]) -> Iterator[Topic]:
    for family in FAMILIES:
        lesson = FAMILY_LESSONS[family]
        yield Topic(
            id=f"family-{family}",
            kind="word",
            title=f"Family: {FAMILY_TITLES[family]}",
            what=lesson.what,
            look=lesson.look,
            experiment=lesson.experiment,
            was_seen=lesson.was_seen,
            source="Bottou, Curtis & Nocedal 2018, arXiv 1606.04838",
            see=tuple(preset.id for preset in presets.values() if preset.family == family),
            aliases=(family, FAMILY_TITLES[family]) if family != "momentum" else (),
        )


def _lesson_of(preset: Preset, schedule: str, averaging: str) -> Lesson:
    """The first lesson whose experiment runs this very preset, else a plain one."""
    candidates = [
        PRESET_LESSONS.get(preset.id),
        SCHEDULE_LESSONS.get(schedule) if schedule != "constant" else None,
        AVERAGING_LESSONS.get(averaging) if averaging != "none" else None,
        OPTIMIZER_LESSONS.get(preset.optimizer),
    ]
    for lesson in candidates:
        if lesson is not None and any(preset.id in arm.presets for arm in lesson.experiment):
            return lesson
    return _plain_lesson(preset.id, find_optimizer(preset.optimizer))


def _plain_lesson(preset_id: str, optimizer: Optimizer) -> Lesson:
    """Against tuned SGD, on the first scenario that suits it."""
    scenarios = ("mlp-fashion", *SCENARIOS)
    suited = [name for name in scenarios if name in SCENARIOS and why_unsuited(SCENARIOS[name], optimizer) is None]
    if not suited:
        return Lesson(look="", experiment=())
    names = (preset_id,) if preset_id == YARDSTICK else (preset_id, YARDSTICK)
    experiment: Experiment = (Arm(scenario=suited[0], presets=names),)
    return Lesson(
        look="Against tuned SGD: turn x to gradient evaluations for equal cost.", experiment=experiment, was_seen=False
    )


def _facts(optimizer: Optimizer) -> tuple[tuple[str, str], ...]:
    facts = [("Helps", optimizer.helps), ("Hurts", optimizer.hurts), ("A step costs", optimizer.step_cost)]
    facts += [("Keeps between steps", optimizer.stores)]
    facts += [("Needs", f"the extra {optimizer.extra}")] if optimizer.extra else []
    facts += [("Family", FAMILY_TITLES[optimizer.family])]
    facts += [(one.name, _parameter(one)) for one in optimizer.hyperparameters]
    return tuple((name, text) for name, text in facts if text)


def _parameter(about: Hyperparameter) -> str:
    return f"{about.help}; {about.expected}; default {format_value(about.default)}"


def _related(optimizer: str, schedule: str, averaging: str, family: str) -> Iterator[str]:
    yield from (name for name in (optimizer, schedule, averaging) if name not in ("", "constant", "none"))
    yield f"family-{family}"


def _key(name: str) -> str:
    return "-".join(name.lower().replace("_", " ").replace("-", " ").split())
