"""Where the data comes from: the chain of folders that may hold it, the download, and the packaged sample."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tui_optim.spec.datasets import (
    DATASETS,
    FILE_NAMES,
    GENERATED,
    DataKind,
    Dataset,
    DataSource,
    FileRole,
    generated_source,
    read_verified,
    remedy,
)
from tui_optim.spec.errors import DataError, StoreError, unknown
from tui_optim.spec.idx import write_idx
from tui_optim.spec.scenarios import Scenario
from tui_optim.store.data_folder import example_bytes, has_content, num_examples, source_in
from tui_optim.store.home import absolute, cache_folder, make_private

DEBIAN_ROOT = Path("/usr/share/datasets")
"""Where Debian's `dataset-…` packages put their files."""
TORCHVISION_ROOTS = ("data", "~/data", "~/datasets", "~/.cache/torchvision")
"""Folders that scripts usually give to torchvision as `root`; the first is below the working folder."""
SAMPLE_ROOT = Path(__file__).resolve().parent.parent / "sample"

SourceState = Literal["ok", "absent", "damaged"]
OnProgress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes received so far, and their total where the server tells it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What one link of the chain holds of a data set."""

    dataset: str
    origin: str
    """'data-dir', 'cache', 'torchvision', 'debian' or 'sample'."""
    folder: Path
    state: SourceState
    problem: str = ""
    """For 'damaged' the file, what is wrong with it and what to do; for 'absent' what was looked for."""
    source: DataSource | None = None
    """Present when `state` is 'ok'."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Link:
    origin: str
    roots: tuple[Path, ...]
    kinds: tuple[DataKind, ...] = ("full",)


def find_source(dataset_id: str, *, data_dir: Path | None = None) -> DataSource:
    """Find a data set on this machine. Nothing is downloaded; only sizes and the 10 kB of test labels are read.

    `data_dir`, else `TUI_OPTIM_DATA`, is the user's word: where it is given, nothing else is tried. Otherwise the first
    sound link of the chain is taken, at last the packaged sample; `survey` says what is wrong with the links before it. Data
    that is made by a rule has no folder, whatever is named.

    Raises:
        DataError: unknown data set, or the folder that the user named does not hold it soundly; the message names it.
    """
    if dataset_id in GENERATED:
        return generated_source(dataset_id)
    dataset = _find_dataset(dataset_id)
    problems: list[str] = []
    for link in _chain(data_dir):
        report = _look_at(dataset, link)
        if report.source is not None:
            return report.source
        if link.origin == "data-dir":
            raise DataError(f"{report.problem} ({'--data-dir' if data_dir else 'TUI_OPTIM_DATA'} names this folder)")
        problems += [report.problem] if report.state == "damaged" else []
    raise DataError(problems[0] if problems else f"no {dataset.title} found: run `tui-optim data fetch {dataset.id}`")


def find_sample(dataset_id: str) -> DataSource:
    """The packaged sample; generated data has none and is itself. Raises DataError where the installation lacks it."""
    if dataset_id in GENERATED:
        return generated_source(dataset_id)
    report = _look_at(_find_dataset(dataset_id), _sample_link())
    if report.source is None:
        advice = "" if report.state == "damaged" else f"; {remedy(dataset_id, report.origin)}"
        raise DataError(f"{report.problem}{advice}")
    return report.source


def source_of(scenario: Scenario, *, data_dir: Path | None = None, is_sample: bool = False) -> DataSource:
    """Where a scenario's data is. A user's file loads its own: whether it can is seen when the run begins. Raises DataError."""
    if scenario.examples is not None:
        return generated_source(scenario.dataset)
    return find_sample(scenario.dataset) if is_sample else find_source(scenario.dataset, data_dir=data_dir)


def survey(dataset_id: str, *, data_dir: Path | None = None) -> list[SourceReport]:
    """Look at every link of the chain, in its order. Raises DataError for an unknown data set."""
    dataset = _find_dataset(dataset_id)
    return [_look_at(dataset, link) for link in _chain(data_dir)]


def damaged_links(dataset_id: str) -> list[str]:
    """What is wrong with the folders that hold a data set of files but not soundly, a sentence each."""
    return [report.problem for report in survey(dataset_id) if report.state == "damaged"]


def verify_source(source: DataSource) -> None:
    """Read all four files and compare their content with the published SHA-256. Raises DataError naming the file."""
    for role in FILE_NAMES if source.origin != "generated" else ():
        read_verified(source, role)


def fetch(dataset_id: str, *, on_progress: OnProgress, mirrors: Sequence[str] | None = None) -> DataSource:
    """Download into the cache what it does not already hold soundly; a file appears there only when it is verified.

    Raises:
        DataError: no mirror gave the published content; the message says what to do instead.
        StoreError: the cache cannot be written.
    """
    dataset = _find_dataset(dataset_id)
    folder = cache_folder() / "data" / dataset.folder
    try:
        for part in (cache_folder(), folder.parent, folder):
            make_private(part)
    except OSError as error:
        raise StoreError(f"cannot make the cache folder {folder}: {error.strerror or error}") from error
    addresses = dataset.mirrors if mirrors is None else mirrors
    files = {role: _fetch_file(dataset, role, folder, addresses, on_progress) for role in FILE_NAMES}
    return DataSource(dataset=dataset.id, kind="full", origin="download", folder=folder, files=files)


def make_sample(source: DataSource, folder: Path) -> None:
    """Write the first 6,000 / 1,000 examples of a full set as reproducible `.gz`, with the licence note beside them.

    Raises:
        DataError: `source` is itself a sample, or damaged.
        StoreError: `folder` cannot be written.
    """
    dataset = DATASETS[source.dataset]
    if source.kind != "full":
        raise DataError(f"a sample is cut from the full {dataset.title}: run `tui-optim data fetch {dataset.id}` first")
    arrays = {role: read_verified(source, role) for role in FILE_NAMES}
    note = SAMPLE_ROOT / dataset.folder / "README.md"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for role, array in arrays.items():
            count = num_examples(dataset, role, "sample")
            end = array.offset + count * example_bytes(role)
            path = folder / f"{FILE_NAMES[role]}.gz"
            write_idx(path, shape=(count, *array.shape[1:]), values=array.content[array.offset : end])
        if folder.resolve() != note.parent:
            shutil.copyfile(note, folder / note.name)
    except OSError as error:
        raise StoreError(f"cannot write the sample in {folder}: {error.strerror or error}") from error


def _find_dataset(dataset_id: str) -> Dataset:
    if dataset_id not in DATASETS:
        raise DataError(str(unknown("data set", dataset_id, DATASETS)))
    return DATASETS[dataset_id]


def _chain(data_dir: Path | None) -> list[_Link]:
    named = data_dir or os.environ.get("TUI_OPTIM_DATA")
    if named and not str(named).isprintable():
        raise DataError(f"{str(named)!r}: a data folder's name has to be printable UTF-8 text")
    links = [_Link(origin="data-dir", roots=(absolute(named),), kinds=("full", "sample"))] if named else []
    return [
        *links,
        _Link(origin="cache", roots=(cache_folder() / "data",)),
        _Link(origin="torchvision", roots=tuple(absolute(root) for root in TORCHVISION_ROOTS)),
        _Link(origin="debian", roots=(DEBIAN_ROOT,)),
        _sample_link(),
    ]


def _sample_link() -> _Link:
    return _Link(origin="sample", roots=(SAMPLE_ROOT,), kinds=("sample",))


def _look_at(dataset: Dataset, link: _Link) -> SourceReport:
    """Report the link's first sound folder, else its first damaged one, else what it lacks."""
    damaged: SourceReport | None = None
    for root in link.roots:
        for folder in (root / dataset.folder, root / dataset.torchvision_folder, root):
            try:
                source = source_in(folder, dataset, origin=link.origin, kinds=link.kinds)
            except DataError as error:
                problem = f"{error}; {remedy(dataset.id, link.origin)}"
                damaged = damaged or SourceReport(
                    dataset=dataset.id, origin=link.origin, folder=folder, state="damaged", problem=problem
                )
                continue
            if source is not None:
                return SourceReport(dataset=dataset.id, origin=link.origin, folder=folder, state="ok", source=source)
    return damaged or SourceReport(
        dataset=dataset.id,
        origin=link.origin,
        folder=link.roots[0],
        state="absent",
        problem=_absence(dataset, link.roots),
    )


def _absence(dataset: Dataset, roots: tuple[Path, ...]) -> str:
    root = roots[0]
    if len(roots) > 1:
        return f"no {dataset.title} in " + ", ".join(str(folder) for folder in roots)
    if not os.path.lexists(root):
        return f"{root}: no such folder"
    if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
        return f"{root}: not a folder that can be read"
    return (
        f"{root}: no {dataset.title} in it; looked for {FILE_NAMES['train-images']}[.gz] and the other three files "
        f"there, in {dataset.folder}/ and in {dataset.torchvision_folder}/"
    )


def _fetch_file(
    dataset: Dataset, role: FileRole, folder: Path, mirrors: Sequence[str], on_progress: OnProgress
) -> Path:
    from tui_optim.store.download import download  # brings all of http: only for those who fetch

    name = f"{FILE_NAMES[role]}.gz"
    expected = dataset.sha256["full"][role]
    path = folder / name
    if path.exists() and has_content(path, expected):
        on_progress(name, path.stat().st_size, path.stat().st_size)
        return path
    problem = "no mirror is known"
    for mirror in mirrors:
        try:
            download(
                mirror + name,
                path,
                is_wanted=lambda candidate: has_content(candidate, expected),
                on_progress=lambda received, total: on_progress(name, received, total),
            )
            return path
        except DataError as error:
            problem = str(error)
    raise DataError(
        f"cannot download {dataset.title}: {problem}; set TUI_OPTIM_DATA to a folder that has it, or copy its four "
        f".gz files to {folder}; until then runs use the packaged sample"
    )
