"""The scenarios that can be chosen: data + model + loss; `engine.models` holds the builder of each model."""

from dataclasses import dataclass, field
from typing import Literal

from tui_optim.spec.errors import unknown
from tui_optim.spec.hyperparameters import Hyperparameter, Value

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
class Scenario:
    """What is trained: data, model, loss, splits, and the defaults of a run."""

    id: str
    title: str
    description: str
    dataset: str
    model: Literal["lenet5", "mlp-784-128-10"]
    layers: tuple[Layer, ...]
    normalise: tuple[float, float] | None = None
    """(mean, standard deviation) subtracted and divided after scaling to 0..1; None leaves 0..1."""
    validation_size: int = 0
    """Examples of the full training set held out for validation (the sample holds out in proportion)."""
    epochs: int = 10
    penalised_layers: tuple[str, ...] = ()
    """Layers whose weight matrices carry the explicit penalty."""
    defaults: dict[str, Value] = field(default_factory=dict)
    """Hyper-parameters that this scenario sets for every preset that does not set them itself."""
    targets: tuple[float, ...] = (0.88, 0.89, 0.90)
    """Accuracies whose cost a comparison tells where the user names none."""
    has_handout_loss: bool = False
    """Whether the assignment's own test loss (batch means summed, divided by the number of examples) is reported."""

    def num_validation(self, num_examples: int, *, is_holdout: bool) -> int:
        """Examples that are set aside of a training set of this size: the scenario's own, or those held out for choosing."""
        share = HOLDOUT_SHARE if is_holdout and not self.validation_size else self.validation_size / 60_000
        return round(share * num_examples)

    @property
    def num_parameters(self) -> int:
        """Number of trainable parameters d."""
        return sum(layer.parameters for layer in self.layers)

    @property
    def has_batchnorm(self) -> bool:
        """Whether an example's output depends on its batch."""
        return any("BatchNorm" in layer.kind for layer in self.layers)

    @property
    def has_weight_matrices(self) -> bool:
        """Whether there are 2-D weights."""
        return any("Linear" in layer.kind for layer in self.layers)

    @property
    def is_regularised(self) -> bool:
        """Whether penalty and sparsity are reported."""
        return bool(self.penalised_layers) or "weight_decay" in self.defaults


_LENET5 = (
    Layer(name="conv1", kind="Conv2d 1→6, 5×5, tanh", output="6×24×24", parameters=156, weights=150),
    Layer(name="pool1", kind="MaxPool 2×2", output="6×12×12", parameters=0),
    Layer(name="conv2", kind="Conv2d 6→16, 5×5, tanh", output="16×8×8", parameters=2_416, weights=2_400),
    Layer(name="pool2", kind="MaxPool 2×2", output="16×4×4", parameters=0),
    Layer(name="fc1", kind="Linear 256→120, tanh", output="120", parameters=30_840, weights=30_720),
    Layer(name="fc2", kind="Linear 120→84, tanh", output="84", parameters=10_164, weights=10_080),
    Layer(name="fc3", kind="Linear 84→10", output="10", parameters=850, weights=840),
)
_MLP = (
    Layer(name="fc1", kind="Linear 784→128, ReLU", output="128", parameters=100_480, weights=100_352),
    Layer(name="fc2", kind="Linear 128→10", output="10", parameters=1_290, weights=1_280),
)

_ALL = (
    Scenario(
        id="lenet5-fashion",
        title="LeNet-5 on Fashion-MNIST",
        description="The assignment: cross-entropy, 60,000 training and 10,000 test images, pixels in 0..1.",
        dataset="fashion-mnist",
        model="lenet5",
        layers=_LENET5,
        has_handout_loss=True,
    ),
    Scenario(
        id="lenet5-fashion-l2",
        title="LeNet-5 on Fashion-MNIST, L2",
        description=(
            "Cross-entropy with weight_decay on all parameters, 5e-4 unless the preset has its own: L2 regularisation where "
            "the optimizer adds λ θ to the gradient, decoupled decay with AdamW and Muon."
        ),
        dataset="fashion-mnist",
        model="lenet5",
        layers=_LENET5,
        defaults={"weight_decay": 5e-4},
        has_handout_loss=True,
    ),
    Scenario(
        id="lenet5-fashion-fc",
        title="LeNet-5 on Fashion-MNIST, penalty on fc1 and fc2",
        description="Cross-entropy plus a penalty (L2, L1 or elastic net) on the 30,720 + 10,080 weights of fc1 and fc2.",
        dataset="fashion-mnist",
        model="lenet5",
        layers=_LENET5,
        penalised_layers=("fc1", "fc2"),
        has_handout_loss=True,
    ),
    Scenario(
        id="mlp-fashion",
        title="MLP 784-128-10 on Fashion-MNIST",
        description="Exercise sheet: normalised pixels, 50,000 train / 10,000 validation / 10,000 test, ReLU.",
        dataset="fashion-mnist",
        model="mlp-784-128-10",
        layers=_MLP,
        normalise=(0.286, 0.353),
        validation_size=10_000,
        targets=(0.87, 0.88, 0.89),
    ),
)

SCENARIOS: dict[str, Scenario] = {scenario.id: scenario for scenario in _ALL}


def find_scenario(scenario_id: str) -> Scenario:
    """Look a scenario up; raises UsageError with the nearest valid name."""
    if scenario_id not in SCENARIOS:
        raise unknown("scenario", scenario_id, SCENARIOS)
    return SCENARIOS[scenario_id]
