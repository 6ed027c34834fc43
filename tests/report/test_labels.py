"""Names of settings: short, and different where the settings are."""

from tests.factories import make_preset, make_spec
from tui_optim.report.labels import MAX_LENGTH, distinct, setting_labels


def test_a_name_says_what_differs_among_its_namesakes() -> None:
    """The preset alone where it is the only one; rates, epochs, hold-out and the sample where they differ."""
    adam = make_preset("adam", optimizer="adam")
    specs = [make_spec(overrides={"lr": 0.1}), make_spec(epochs=3), make_spec(preset=adam)]
    assert setting_labels(specs) == ["sgd-baseline lr=0.1 2 epochs", "sgd-baseline lr=0.001 3 epochs", "adam"]
    specs = [make_spec(holdout=True), make_spec(), make_spec("mlp-fashion", kind="sample")]
    assert setting_labels(specs) == ["sgd-baseline held out", "sgd-baseline", "sgd-baseline (sample)"]


def test_names_that_read_the_same_are_numbered() -> None:
    """After long ones have been cut."""
    assert distinct(["a", "b", "a"]) == ["a (1)", "b", "a (2)"]
    long, other = "x" * 200, "x" * 100 + "y"
    assert distinct([long, other]) == [f"{'x' * (MAX_LENGTH - 1)}… (1)", f"{'x' * (MAX_LENGTH - 1)}… (2)"]
