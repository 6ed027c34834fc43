"""Putting a report together: what an assignment asks to hand in.

Every number in it is a cell of the tables that screen, command line and exports share; every row comes with the command that
repeats it.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tui_optim.report.comparison import Setting, contest, make_settings, not_among, nothing_at_end
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.document.baseline import baseline_sections
from tui_optim.report.document.blocks import Block, Document, Facts, Illustration, Notes, Paragraph, Section
from tui_optim.report.document.chapters import Chapter, common_notes, make_chapter
from tui_optim.report.document.search import on_scenario, search_section, search_summary
from tui_optim.report.entry import Entry, make_entries, versions_of
from tui_optim.report.figures.profile import profile_picture
from tui_optim.report.pairing import named_settings
from tui_optim.report.profile import make_profile
from tui_optim.report.profile_table import profile_table
from tui_optim.report.provenance import SAMPLE_NOTE, left_out_sentences
from tui_optim.report.series import RunSeries
from tui_optim.report.sweep_table import SweepView, views_of
from tui_optim.report.tables import parameter_table, results_table
from tui_optim.report.targets import Target
from tui_optim.spec.datasets import GeneratedDataset
from tui_optim.spec.errors import UsageError
from tui_optim.spec.scenarios import Scenario
from tui_optim.spec.seeds import format_seeds
from tui_optim.store.catalogue import StoredRun

MAX_LISTED = 60
"""More runs are not listed one by one."""


def make_document(
    runs: Sequence[StoredRun],
    series: Mapping[str, RunSeries],
    *,
    reference: str | None = None,
    targets: Sequence[Target] = (),
    no_figures: str = "",
) -> Document:
    """The report of these runs.

    Args:
        runs: in the order of the tables; those not at their end are told and left out.
        series: their logs by id.
        reference: preset to compare with, on every scenario that has it; tuned SGD where none is named.
        targets: what to reach; each scenario's own accuracies if none.
        no_figures: why there are none; '' draws them.

    Raises:
        UsageError: no run is at its end, or no scenario has the reference.
    """
    settings, has_figures = make_settings(runs, series), not no_figures
    if not settings:
        raise nothing_at_end(runs)
    started = {run_id: one.started for run_id, one in series.items() if one.started is not None}
    counted = {entry.run.run_id for setting in settings for entry in setting.entries}
    entries = [entry for entry in make_entries(runs, started) if entry.run.run_id in counted]
    if reference is not None and not named_settings(settings, reference):
        comparison_table([entry.run for entry in entries], series, reference=reference)  # raises with the nearest name
    views = views_of(runs)
    chosen_by = {run_id for view in views if view.sweep.spec.plan.holdout for run_id in view.searched}
    compared = [one for one in settings if not any(entry.run.run_id in chosen_by for entry in one.entries)]
    chapters = _chapters(compared, series, views=views, reference=reference, targets=targets, has_figures=has_figures)
    common = common_notes([chapter.table for chapter in chapters])
    scenarios = _scenarios(settings)
    searches = [(view, scenario) for scenario in scenarios for view in views if on_scenario(view, scenario).verdicts]
    sections = [_summary([chapter for chapter in chapters if not chapter.contest[1]] or chapters, searches)]
    sections += baseline_sections(entries, compared)
    for scenario, info in scenarios.items():
        described = (Paragraph(info.description), replace(parameter_table(info), title=""))
        sections.append(Section(title=info.title, blocks=described))
        alike = [chapter for chapter in chapters if chapter.contest[0] == scenario]
        sections += [section for chapter in alike for section in chapter.sections(common)]
        searched = [view for view, one in searches if one == scenario]
        sections += [search_section(view, scenario, series, has_figures=has_figures) for view in searched]
    sections += _profile_sections(compared, targets, has_figures=has_figures)
    sections += [Section(title="What the numbers mean", blocks=(Notes(common),))] if common else []
    sections += _run_sections(entries, left_out=not_among(settings, runs))
    head: list[Block] = [_facts(entries)]
    head += [Notes((SAMPLE_NOTE,))] if _has_sample(entries) else []
    head += [Paragraph(no_figures)] if no_figures else []
    return Document(title=_title(list(scenarios), entries), blocks=tuple(head), sections=tuple(sections))


def _scenarios(settings: Sequence[Setting]) -> dict[str, Scenario]:
    """Those of the settings by id, in their order."""
    found: dict[str, Scenario] = {}
    for setting in settings:
        found.setdefault(setting.spec.scenario, setting.spec.scenario_info)
    return found


def _chapters(
    settings: Sequence[Setting],
    series: Mapping[str, RunSeries],
    *,
    views: Sequence[SweepView],
    reference: str | None,
    targets: Sequence[Target],
    has_figures: bool,
) -> list[Chapter]:
    """One for each contest: settings that are judged alike."""
    searched = {run_id for view in views for run_id in view.searched}
    in_search = {contest(one.spec) for one in settings if any(entry.run.run_id in searched for entry in one.entries)}
    return [
        make_chapter(
            one,
            settings,
            series,
            reference=reference,
            targets=targets,
            has_figures=has_figures,
            is_searched=one in in_search,
        )
        for one in dict.fromkeys(contest(setting.spec) for setting in settings)
    ]


def _summary(chapters: Sequence[Chapter], searches: Sequence[tuple[SweepView, str]]) -> Section:
    blocks: list[Block] = [Paragraph(chapter.summary) for chapter in chapters]
    blocks += [Paragraph(search_summary(view, scenario)) for view, scenario in searches]
    if any(len(chapter.table.rows) > 1 for chapter in chapters):
        blocks.append(
            Notes(
                (
                    "the best of several is told by the figures that made it the best: with fresh seeds expect a little less",
                    "± is the standard deviation over seeds; what differences mean stands with the tables",
                )
            )
        )
    return Section(title="In short", blocks=tuple(blocks))


def _profile_sections(settings: Sequence[Setting], targets: Sequence[Target], *, has_figures: bool) -> list[Section]:
    """Where presets have runs on several scenarios."""
    if len({setting.spec.scenario for setting in settings}) < 2:
        return []
    try:
        profile = make_profile(settings, targets=targets)
        table = profile_table(profile)
        blocks: list[Block] = [replace(table, notes=()), Notes(table.notes)]
        if has_figures:
            caption = "The share of problems that each preset solved within a multiple of the cheapest cost."
            blocks.append(Illustration(name="profile", picture=profile_picture(profile), caption=caption))
    except UsageError as error:
        blocks = [Paragraph(f"There is none: {error}.")]
    return [Section(title="Over several scenarios", blocks=tuple(blocks))]


def _run_sections(entries: Sequence[Entry], *, left_out: Sequence[StoredRun]) -> list[Section]:
    blocks: list[Block] = [Paragraph(f"{sentence}.") for sentence in left_out_sentences(left_out)]
    shown = {entry.spec.scenario for entry in entries}
    missing = dict.fromkeys(one for run in left_out if (one := run.info.spec.scenario) not in shown)
    if missing:
        blocks.append(Paragraph(f"None of the runs on {', '.join(missing)} is at its end: nothing here is about them."))
    if len(entries) > MAX_LISTED:
        blocks.append(
            Paragraph(f"{len(entries)} runs are too many to list here: tui-optim export --format csv has them all.")
        )
    else:
        table = results_table([entry.run for entry in entries])
        blocks.append(replace(table, title="", notes=()))
    return [Section(title="Every run", blocks=tuple(blocks))]


def _facts(entries: Sequence[Entry]) -> Facts:
    """The device line and its companions."""
    days = sorted({time.strftime("%Y-%m-%d", time.gmtime(entry.run.info.created)) for entry in entries})
    threads = dict.fromkeys(str(entry.threads) for entry in entries if entry.threads)
    items = [
        ("Device", "; ".join(dict.fromkeys(entry.device for entry in entries))),
        ("CPU threads", ", ".join(threads)),
        ("Versions", versions_of(entries)),
        ("Data", ", ".join(dict.fromkeys(_data(entry) for entry in entries))),
        ("Runs", f"{len(entries)}, seeds {format_seeds(sorted({entry.spec.seed for entry in entries}))}"),
        ("Trained on", days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"),
    ]
    return Facts(tuple((name, text) for name, text in items if text))


def _data(entry: Entry) -> str:
    dataset = entry.spec.scenario_info.data_set
    if isinstance(dataset, GeneratedDataset):
        return f"{dataset.title} ({dataset.rule})"
    train, test = dataset.num_examples[entry.spec.data.kind]
    return f"{dataset.title}, {entry.spec.data.kind} ({train:,} training and {test:,} test images)"


def _title(scenarios: Sequence[str], entries: Sequence[Entry]) -> str:
    about = entries[0].spec.scenario_info.title if len(scenarios) == 1 else f"{len(scenarios)} scenarios"
    return f"Optimizers on {about}{' (sample)' if _has_sample(entries) else ''}"


def _has_sample(entries: Sequence[Entry]) -> bool:
    return any(entry.spec.data.kind == "sample" for entry in entries)
