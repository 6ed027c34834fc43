"""What a scenario is to the user: data + model + loss, its splits, and the defaults of a run."""

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from tui_optim.spec.datasets import DATASETS, Dataset, GeneratedDataset, data_set
from tui_optim.spec.hyperparameters import Hyperparameter, Value
from tui_optim.spec.quadratics import Quadratic

PENALTIES = ("l2", "l1", "elastic-net")
PENALTY_PARAMETERS: tuple[Hyperparameter, ...] = (
    Hyperparameter(
        name="kind", kind="choice", default="l2", choices=PENALTIES, help="penalty on the listed weight matrices"
    ),
    Hyperparameter(name="strength", default=1e-4, help="factor λ of the penalty", maximum=100.0),
    Hyperparameter(name="l1_ratio", default=0.5, help="share ρ of the L1 part in the elastic net", maximum=1.0),
)
PENALTY_FORMULA = "λ Σ_W [ρ ‖W‖₁ + (1 − ρ)/2 ‖W‖²]   l2: ρ = 0, l1: ρ = 1, elastic-net: ρ = l1_ratio"

HOLDOUT_SHARE = 1 / 6
"""Share of the training set held out for choosing: 10,000 of 60,000."""
ModelId = Literal[
    "lenet5",
    "mlp-784-128-10",
    "mlp-784-128-64-10",
    "mlp-784-128-64-10-batchnorm",
    "scalar-mean",
    "quadratic-f1",
    "quadratic-f2",
    "mlp-2-10-2",
    "own",
]
Loss = Literal["cross-entropy", "squares", "own"]
Precision = Literal["float32", "float64"]
PictureKind = Literal["contour", "descent", "boundary", "gallery"]
"""What a scenario can be looked at as: paths over level lines, gaps with what theory says, classes over a plane, images."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """A row of the parameter table."""

    name: str
    kind: str
    output: str
    """Shape of the output for one example."""
    parameters: int
    weights: int = 0
    """Of these, entries of the weight matrix or kernel (without the bias)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """What a scenario's own file says of the data that it loads."""

    num_train: int
    num_test: int = 0
    """0: there is no test set."""
    classes: tuple[str, ...] = ()
    """Names of the classes; none where numbers are to be predicted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is trained: data, model, loss, splits, and the defaults of a run."""

    id: str
    title: str
    description: str
    layers: tuple[Layer, ...]
    dataset: str = ""
    """One that comes with the program; the id of the scenario itself where its file loads `examples`."""
    examples: Examples | None = None
    model: ModelId = "own"
    """'own' where the scenario's file builds it."""
    loss: Loss = "cross-entropy"
    """Mean over examples of the cross-entropy of class scores, of Σ r² over the model's outputs r, or what the file says."""
    precision: Precision = "float32"
    """Of data and parameters."""
    normalise: tuple[float, float] | None = None
    """(mean, standard deviation) subtracted and divided after scaling to 0..1; None leaves 0..1."""
    validation_size: int = 0
    """Examples of the full training set held out for validation (the sample holds out in proportion)."""
    batch_size: int | None = None
    """Examples per step for presets that name more and have no number for this scenario; None leaves theirs."""
    epochs: int = 10
    penalised_layers: tuple[str, ...] = ()
    """Layers whose weight matrices carry the explicit penalty."""
    defaults: dict[str, Value] = field(default_factory=dict)
    """Hyper-parameters that this scenario sets for every preset that does not set them itself."""
    targets: tuple[float, ...] = (0.88, 0.89, 0.90)
    """Accuracies (gaps F − F* where the minimum is known) whose cost a comparison tells where the user names none."""
    quadratic: Quadratic | None = None
    """The objective where it is a quadratic: its minimum is known, and every step is measured against it."""
    is_written_by_hand: bool = False
    """Whether the model has its gradient written by hand besides autograd's."""
    has_handout_loss: bool = False
    """Whether the assignment's own test loss (batch means summed, divided by the number of examples) is reported."""
    origin: str = ""
    """File or module of a plugin; empty for the ones that come with the program."""
    sha256: str = ""
    """Of the content of that file when it was read."""

    def num_validation(self, num_examples: int, *, is_holdout: bool) -> int:
        """Examples that are set aside of a training set of this size: the scenario's own, or those held out for choosing."""
        if is_holdout and not self.validation_size:
            return round(HOLDOUT_SHARE * num_examples)
        return round(self.validation_size / self.data_set.num_examples["full"][0] * num_examples)

    @property
    def data_set(self) -> Dataset | GeneratedDataset:
        """What is known of its data."""
        if self.examples is None:
            return data_set(self.dataset)
        counts = (self.examples.num_train, self.examples.num_test)
        test = f" + {counts[1]:,}" if counts[1] else ""
        rule = f"{counts[0]:,}{test} examples, loaded by {PurePath(self.origin).name}"
        return GeneratedDataset(
            id=self.dataset, title="Own data", rule=rule, num_examples={"full": counts}, classes=self.examples.classes
        )

    @property
    def num_parameters(self) -> int:
        """Number of trainable parameters d."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def has_accuracy(self) -> bool:
        """Whether there are classes to get right."""
        return bool(self.data_set.classes)

    @property
    def has_test(self) -> bool:
        """Whether there is a test set."""
        return self.data_set.num_examples["full"][1] > 0

    @property
    def picture(self) -> PictureKind | None:
        """The picture that its source draws, besides curves."""
        if self.quadratic is not None:
            return "contour" if len(self.quadratic.start) == 2 else "descent"
        if self.dataset in DATASETS:
            return "gallery"
        return "boundary" if self.dataset == "circles" else None

    @property
    def has_batchnorm(self) -> bool:
        """Whether an example's output depends on its batch."""
        return any("BatchNorm" in layer.kind for layer in self.layers)

    @property
    def has_dropout(self) -> bool:
        """Whether an example's output is drawn at random while training."""
        return any("Dropout" in layer.kind for layer in self.layers)

    @property
    def has_convolutions(self) -> bool:
        """Whether there are convolutions of images."""
        return any("Conv2d" in layer.kind for layer in self.layers)

    @property
    def has_weight_matrices(self) -> bool:
        """Whether there are 2-D weights."""
        return any("Linear" in layer.kind for layer in self.layers)

    @property
    def is_regularised(self) -> bool:
        """Whether penalty and sparsity are reported."""
        return bool(self.penalised_layers) or "weight_decay" in self.defaults
