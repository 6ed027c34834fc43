"""The data sets: their files, shapes and the SHA-256 of their content."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tui_optim.spec.errors import DataError
from tui_optim.spec.generated import CIRCLES_NOISE, NUM_CIRCLE_POINTS, NUM_NUMBERS, RADII
from tui_optim.spec.idx import IdxArray, read_idx

FileRole = Literal["train-images", "train-labels", "test-images", "test-labels"]
DataKind = Literal["full", "sample"]

FILE_NAMES: dict[FileRole, str] = {
    "train-images": "train-images-idx3-ubyte",
    "train-labels": "train-labels-idx1-ubyte",
    "test-images": "t10k-images-idx3-ubyte",
    "test-labels": "t10k-labels-idx1-ubyte",
}
"""File names as their authors publish them, without `.gz`."""
ROLES: dict[str, tuple[FileRole, FileRole]] = {
    "train": ("train-images", "train-labels"),
    "test": ("test-images", "test-labels"),
}
"""Images and labels of each part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """A labelled image set in four IDX files."""

    id: str
    title: str
    classes: tuple[str, ...]
    folder: str
    """Folder name used by the sources that hold several data sets, Debian's packages among them."""
    torchvision_folder: str
    mirrors: tuple[str, ...]
    """Base addresses of the `.gz` files, tried in order."""
    licence: str
    sha256: dict[DataKind, dict[FileRole, str]]
    """SHA-256 of the unzipped content, for the full set and for the packaged sample."""
    num_examples: dict[DataKind, tuple[int, int]]
    """(train, test) counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedDataset:
    """Data that `spec.generated` makes by a rule."""

    id: str
    title: str
    rule: str
    """How it is made, in a sentence."""
    num_examples: dict[DataKind, tuple[int, int]]
    """(train, test) counts; there is no sample of it."""
    classes: tuple[str, ...] = ()


class DataSource(BaseModel):
    """Where the four files of a data set were found; part of a run's specification. Generated data has none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    dataset: str
    kind: DataKind
    origin: str
    """Which link of the chain it is: 'data-dir', 'cache', 'torchvision', 'debian', 'download', 'sample' or 'generated'."""
    folder: Path
    files: dict[FileRole, Path]


_FASHION_CLASSES = (
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
)  # fmt: skip

DATASETS: dict[str, Dataset] = {
    "fashion-mnist": Dataset(
        id="fashion-mnist",
        title="Fashion-MNIST",
        classes=_FASHION_CLASSES,
        folder="fashion-mnist",
        torchvision_folder="FashionMNIST/raw",
        mirrors=(
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        licence="MIT, © 2017 Zalando SE",
        sha256={
            "full": {
                "train-images": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
                "train-labels": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
                "test-images": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
                "test-labels": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            },
            "sample": {
                "train-images": "6dded81672539b5d148c1a85358069d1808c316dc6f6c0abfd12ba3ced5dd394",
                "train-labels": "d7c464914ae4b919728c5c99c3cdde5a0259febf1e99ddc6927a15768731d7dc",
                "test-images": "7a6d8e07ea021ec5bc73135ebd0a5770799557ec6f8242d8749c4f32a3cf4643",
                "test-labels": "b40abac7ec8228f434940f579deb7cf7b6e3103b5274cb91d1545771f5ef1c8b",
            },
        },
        num_examples={"full": (60_000, 10_000), "sample": (6_000, 1_000)},
    ),
    "mnist": Dataset(
        id="mnist",
        title="MNIST",
        classes=tuple("0123456789"),
        folder="mnist",
        torchvision_folder="MNIST/raw",
        mirrors=(
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        licence="CC BY-SA 3.0, Yann LeCun, Corinna Cortes and Christopher J. C. Burges",
        sha256={
            "full": {
                "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                "test-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                "test-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            },
            "sample": {
                "train-images": "2782ff6f3467f3487a520503c34fe99b761aa97623af029969e59716ac3585c3",
                "train-labels": "0d830540a6191e75a9f5cd63cd5b4bde38960b893784bbf456d560179296d7cd",
                "test-images": "de7c252b04f05e1f8309634180ccdf286dc6dbac8c579b74e76e02ae0331ca52",
                "test-labels": "832c0d20f0dc42e575488c75a83a970787d4c8d4d05831b2ef03701b4a478a90",
            },
        },
        num_examples={"full": (60_000, 10_000), "sample": (6_000, 1_000)},
    ),
}

GENERATED: dict[str, GeneratedDataset] = {
    "uniform-numbers": GeneratedDataset(
        id="uniform-numbers",
        title="100 numbers",
        rule="drawn once from U[0, 1]; the same in every run",
        num_examples={"full": (NUM_NUMBERS, 0)},
    ),
    "one-function": GeneratedDataset(
        id="one-function",
        title="none",
        rule="one example stands for the function",
        num_examples={"full": (1, 0)},
    ),
    "circles": GeneratedDataset(
        id="circles",
        title="Circles",
        rule=f"rings of radius {RADII[0]:g} and {RADII[1]:g} with normal noise of {CIRCLES_NOISE:g}; the same in every run",
        num_examples={"full": (NUM_CIRCLE_POINTS, NUM_CIRCLE_POINTS)},
        classes=("inner ring", "outer ring"),
    ),
}


def data_set(dataset_id: str) -> Dataset | GeneratedDataset:
    """What is known of a data set of either kind."""
    return GENERATED[dataset_id] if dataset_id in GENERATED else DATASETS[dataset_id]


def generated_source(dataset_id: str) -> DataSource:
    """The source of data that is made by a rule."""
    return DataSource(dataset=dataset_id, kind="full", origin="generated", folder=Path(), files={})


def read_verified(source: DataSource, role: FileRole) -> IdxArray:
    """Read one file of a source and check its content against the published SHA-256.

    Raises:
        DataError: the file is missing, damaged, or not the published content; the message names it and says what to do.
    """
    try:
        if role not in source.files:
            raise DataError(f"{source.folder}: no file is named for {role} of {source.dataset}")
        path = source.files[role]
        array = read_idx(path)
        expected = DATASETS[source.dataset].sha256[source.kind][role]
        if array.sha256 != expected:
            raise DataError(
                f"{path}: content is not the published {DATASETS[source.dataset].title} {role} "
                f"(SHA-256 {array.sha256[:12]}…, expected {expected[:12]}…)"
            )
    except DataError as error:
        raise DataError(f"{error}; {remedy(source.dataset, source.origin)}") from error
    return array


def remedy(dataset_id: str, origin: str) -> str:
    """What to do about a damaged file of a data set, by the link of the chain that it belongs to."""
    if origin == "sample":
        return "reinstall tui-optim"
    if origin == "data-dir":
        return f"replace it, or run `tui-optim data fetch {dataset_id}` and name no data folder"
    return f"replace it, or run `tui-optim data fetch {dataset_id}`"
