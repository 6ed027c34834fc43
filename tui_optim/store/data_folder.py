"""What a folder holds of a data set: four files, told from those of other sets by the test labels; of the rest sizes are read."""

import os
from collections.abc import Collection
from pathlib import Path

from tui_optim.spec.datasets import DATASETS, FILE_NAMES, DataKind, Dataset, DataSource, FileRole
from tui_optim.spec.errors import DataError
from tui_optim.spec.idx import read_idx
from tui_optim.spec.regular_file import open_regular

_IMAGE_BYTES = 28 * 28


def source_in(folder: Path, dataset: Dataset, *, origin: str, kinds: Collection[DataKind]) -> DataSource | None:
    """The source in a folder; None where it holds nothing, or another data set.

    Raises:
        DataError: it holds the set, but not soundly, or not as one of these kinds; the message names the file.
    """
    present = {role: _spellings(folder, role) for role in FILE_NAMES}
    if not any(present.values()):
        return None
    for role, paths in present.items():
        if not paths:
            raise DataError(f"{folder / FILE_NAMES[role]}[.gz]: missing, though other files of the set are there")
    dataset_id, kind = _identify(present["test-labels"][0])
    if dataset_id != dataset.id:
        return None
    if kind not in kinds:
        raise DataError(f"{folder}: holds the sample of {dataset.title}, not the full set")
    files = {role: _sound(dataset, role, kind, paths) for role, paths in present.items()}
    return DataSource(dataset=dataset.id, kind=kind, origin=origin, folder=folder, files=files)


def has_content(path: Path, sha256: str) -> bool:
    """Whether an IDX file can be read and, unzipped, has this hash."""
    try:
        return read_idx(path).sha256 == sha256
    except DataError:
        return False


def num_examples(dataset: Dataset, role: FileRole, kind: DataKind) -> int:
    """How many examples a file of the set holds."""
    return dataset.num_examples[kind][0 if role.startswith("train") else 1]


def example_bytes(role: FileRole) -> int:
    """What one of them takes in it."""
    return _IMAGE_BYTES if role.endswith("images") else 1


def _spellings(folder: Path, role: FileRole) -> list[Path]:
    plain = folder / FILE_NAMES[role]
    return [path for path in (plain, plain.with_name(f"{plain.name}.gz")) if os.path.lexists(path)]


def _identify(labels: Path) -> tuple[str, DataKind]:
    """Tell which set this is by its test labels: the files of all sets have the same names and sizes."""
    sha256 = read_idx(labels).sha256
    for dataset in DATASETS.values():
        for kind, published in dataset.sha256.items():
            if published["test-labels"] == sha256:
                return dataset.id, kind
    titles = " or ".join(dataset.title for dataset in DATASETS.values())
    raise DataError(f"{labels}: not the published test labels of {titles} (SHA-256 {sha256[:12]}…)")


def _sound(dataset: Dataset, role: FileRole, kind: DataKind, paths: list[Path]) -> Path:
    """Return the first spelling whose unzipped size is right. Raises DataError for the first when none is."""
    expected = (16 if role.endswith("images") else 8) + num_examples(dataset, role, kind) * example_bytes(role)
    sizes = [_unzipped_size(path) for path in paths]
    if expected in sizes:
        return paths[sizes.index(expected)]
    raise DataError(f"{paths[0]}: damaged or truncated: its content is not {expected} bytes long")


def _unzipped_size(path: Path) -> int:
    """Size of the content: of a gzip file as its last four bytes tell it. Raises DataError."""
    try:
        with open_regular(path) as stream:
            is_gzip = stream.read(2) == b"\x1f\x8b"
            size = stream.seek(0, os.SEEK_END)
            if not is_gzip:
                return size
            stream.seek(max(0, size - 4))
            return int.from_bytes(stream.read(4), "little")
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror or error})") from error
