"""LeNet-5 and multi-layer perceptrons on images."""

from tui_optim.spec.scenarios.scenario import Layer, Scenario

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
_MNIST_MLP = (
    Layer(name="fc1", kind="Linear 784→128, ReLU", output="128", parameters=100_480, weights=100_352),
    Layer(name="fc2", kind="Linear 128→64, ReLU", output="64", parameters=8_256, weights=8_192),
    Layer(name="fc3", kind="Linear 64→10", output="10", parameters=650, weights=640),
)
_MNIST_BATCHNORM = (
    Layer(name="fc1", kind="Linear 784→128", output="128", parameters=100_480, weights=100_352),
    Layer(name="bn1", kind="BatchNorm1d 128, ReLU", output="128", parameters=256, weights=128),
    Layer(name="fc2", kind="Linear 128→64", output="64", parameters=8_256, weights=8_192),
    Layer(name="bn2", kind="BatchNorm1d 64, ReLU", output="64", parameters=128, weights=64),
    Layer(name="fc3", kind="Linear 64→10", output="10", parameters=650, weights=640),
)

IMAGES: tuple[Scenario, ...] = (
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
    Scenario(
        id="mlp-mnist",
        title="MLP 784-128-64-10 on MNIST",
        description=(
            "Without BatchNorm, to compare with mlp-mnist-batchnorm: cross-entropy, 60,000 training and 10,000 test images, "
            "pixels in 0..1. The source trains both with SGD, momentum 0.9, batch 60, at rates 0.01 and 0.5."
        ),
        dataset="mnist",
        model="mlp-784-128-64-10",
        layers=_MNIST_MLP,
        epochs=15,
        targets=(0.96, 0.97, 0.975),
    ),
    Scenario(
        id="mlp-mnist-batchnorm",
        title="BatchNorm MLP 784-128-64-10 on MNIST",
        description=(
            "BatchNorm before each ReLU; all else as in mlp-mnist. It learns faster, bears the rate 0.5 at which the other "
            "does not learn, and ends better."
        ),
        dataset="mnist",
        model="mlp-784-128-64-10-batchnorm",
        layers=_MNIST_BATCHNORM,
        epochs=15,
        targets=(0.96, 0.97, 0.975),
    ),
)
