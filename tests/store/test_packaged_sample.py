"""The data inside the package, as it is published."""

import os
from pathlib import Path

import pytest

from tui_optim.spec.datasets import DATASETS, FILE_NAMES, DataSource, read_verified
from tui_optim.store.datasets import SAMPLE_ROOT, find_source, make_sample


def _packaged(dataset_id: str) -> DataSource:
    folder = SAMPLE_ROOT / DATASETS[dataset_id].folder
    files = {role: folder / f"{name}.gz" for role, name in FILE_NAMES.items()}
    return DataSource(dataset=dataset_id, kind="sample", origin="sample", folder=folder, files=files)


@pytest.mark.parametrize("dataset_id", list(DATASETS))
def test_the_packaged_sample_is_what_its_hashes_say(dataset_id: str) -> None:
    """6,000 and 1,000 examples whose content is the published one, with the licence beside them."""
    source = _packaged(dataset_id)

    shapes = {role: read_verified(source, role).shape for role in FILE_NAMES}

    assert shapes == {
        "train-images": (6_000, 28, 28),
        "train-labels": (6_000,),
        "test-images": (1_000, 28, 28),
        "test-labels": (1_000,),
    }
    assert "Licence" in (source.folder / "README.md").read_text(encoding="utf-8")


@pytest.mark.skipif("TUI_OPTIM_DATA" not in os.environ, reason="needs the full data sets in TUI_OPTIM_DATA")
@pytest.mark.parametrize("dataset_id", list(DATASETS))
def test_the_program_makes_the_sample_from_the_full_set(dataset_id: str, tmp_path: Path) -> None:
    """`tui-optim data sample` gives the content that is packaged."""
    make_sample(find_source(dataset_id), tmp_path)

    packaged = _packaged(dataset_id)
    made = packaged.model_copy(update={"files": {r: tmp_path / f"{name}.gz" for r, name in FILE_NAMES.items()}})
    for role in FILE_NAMES:
        assert read_verified(made, role).content == read_verified(packaged, role).content
