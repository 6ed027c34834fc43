"""The words of the details panel."""

from dataclasses import dataclass

from textual.content import Content

from tui_optim.report.cells import format_cell
from tui_optim.report.rate_plot import rate_plot, rate_sentence
from tui_optim.spec.datasets import DATASETS, DataSource, GeneratedDataset
from tui_optim.spec.optimizers import FAMILY_TITLES, find_optimizer
from tui_optim.spec.planned_rates import PlannedRates
from tui_optim.spec.presets import Preset
from tui_optim.spec.scenarios import PictureKind, Scenario
from tui_optim.spec.schedules import SCHEDULES


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the details panel is about."""

    scenario: Scenario
    preset: Preset | None
    """None: the scenario itself."""
    data: DataSource | None
    problem: str
    """Why there is no data, or ''."""
    picture_key: str
    """What opens the scenario's picture."""

    @property
    def text(self) -> Content:
        """What stands above the editable values."""
        if self.preset is None:
            return about_scenario(self.scenario, self.data, self.problem, picture_key=self.picture_key)
        return about_preset(self.preset)

    @property
    def more(self) -> Content:
        """What stands below them."""
        return more_about_preset(self.preset, self.scenario) if self.preset else Content()


PICTURES: dict[PictureKind, str] = {
    "contour": "paths over level lines, and gaps with the rate of theory",
    "descent": "squared error over steps, with the noise floor of theory",
    "gallery": "images: one of each class; mistakes and confusion of runs",
    "boundary": "the decision boundary over the plane, while it trains",
}
"""What is to be seen there."""
RATES_HEIGHT = 6
SAMPLE_HINT = "`tui-optim data fetch` gets the rest"


def about_preset(preset: Preset) -> Content:
    """Name, advice and formula."""
    return Content.assemble(
        (preset.name, "bold"),
        (f"  {preset.id}", "$quiet"),
        "\n",
        (FAMILY_TITLES[preset.family], "$quiet"),
        "\n\n",
        preset.advice,
        "\n\n",
        (preset.formula_text, "$primary"),
    )


def more_about_preset(preset: Preset, scenario: Scenario) -> Content:
    """Source, memory, and how the numbers were found."""
    optimizer = find_optimizer(preset.optimizer)
    lines = [f"A step costs: {optimizer.step_cost}", f"Keeps between steps: {optimizer.stores}"]
    lines += [f"Helps: {optimizer.helps}"] if optimizer.helps else []
    lines += [f"Hurts: {optimizer.hurts}"] if optimizer.hurts else []
    lines += ["", f"Source: {preset.source_text}"]
    if scenario.id not in {tuning.scenario for tuning in preset.tuning}:
        by_hand = " What it changes here was chosen by hand." if scenario.id in preset.scenarios else ""
        lines += ["", f"Not tuned for this scenario.{by_hand}"]
    for tuning in preset.tuning:
        where = "here" if tuning.scenario == scenario.id else f"on {tuning.scenario}"
        lines += ["", f"Tuned {where}: {tuning.protocol}"]
        for trial in tuning.trials:
            loss = trial.val_loss if isinstance(trial.val_loss, str) else f"{trial.val_loss:.4f}"
            lines.append(f"  {tuning.hyperparameter} {trial.value:<8g} {loss:>8}  {100 * trial.val_accuracy:.2f} %")
    return Content("\n".join(lines))


def rates_text(rates: PlannedRates, width: int, *, height: int = RATES_HEIGHT) -> Content:
    """The learning rate over the run, drawn where it changes."""
    if sentence := rate_sentence(rates):
        return Content.styled(sentence, "$quiet")
    lines = rate_plot(rates, width=width, height=height)
    name = SCHEDULES[rates.schedule].name
    return Content.assemble((f"Rate over the run: {name}\n", "$quiet"), ("\n".join(lines), "$primary"))


def about_scenario(scenario: Scenario, data: DataSource | None, problem: str, *, picture_key: str) -> Content:
    """Title, description, data and the parameter table."""
    from tui_optim.report.tables import parameter_table  # a start tells about a preset

    table = parameter_table(scenario)
    layers: list[str | tuple[str, str]] = []
    for row in table.rows:
        cells = {column.key: format_cell(column, cell) for column, cell in zip(table.columns, row, strict=True)}
        layers += [
            f"{cells['layer']:<8}{_grouped(cells['parameters']):>8}\n",
            (f"  {cells['kind']}\n" if cells["kind"] else "", "$quiet"),
        ]
    words = PICTURES.get(scenario.picture) if scenario.picture else None
    picture = [(f"\n\n{picture_key}", "$accent"), (f"  {words}", "$quiet")] if words else []
    return Content.assemble(
        (scenario.title, "bold"),
        (f"  {scenario.id}", "$quiet"),
        "\n\n",
        scenario.description,
        "\n\n",
        (problem, "$warning") if problem else data_text(scenario, data),
        *picture,
        "\n\n",
        ("Layers and parameters\n", "$quiet"),
        *layers,
    )


def data_text(scenario: Scenario, data: DataSource | None) -> Content:
    """Where the data is and how much of it there is."""
    dataset = scenario.data_set
    if isinstance(dataset, GeneratedDataset) or data is None:
        rule = f" ({dataset.rule})" if isinstance(dataset, GeneratedDataset) else ""
        return Content.assemble((f"Data: {dataset.title}{rule}", "$quiet"))
    train, test = dataset.num_examples[data.kind]
    if data.kind == "sample":
        return Content.assemble((sample_text(scenario), "$warning"))
    return Content.assemble((f"Data: {dataset.title}, {train:,} + {test:,} images, from {data.origin}", "$quiet"))


def sample_text(scenario: Scenario) -> str:
    """The sentence that goes with every result on the sample."""
    counts = DATASETS[scenario.dataset].num_examples
    return f"Sample data: {counts['sample'][0]:,} of {counts['full'][0]:,} images. {SAMPLE_HINT}."


def _grouped(number: str) -> str:
    return f"{int(number):,}" if number.isdecimal() else number
