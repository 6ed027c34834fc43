"""Resolving a run: who overrides whom, what is refused, and the command that repeats it."""

import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import make_preset, make_source, make_spec
from tui_optim.spec.datasets import DataKind, generated_source
from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.presets import Preset, ScenarioDefaults, parse_preset
from tui_optim.spec.run import RunSpec, resolve_run
from tui_optim.spec.scenarios import find_scenario
from tui_optim.spec.settable import settable

PRESET = parse_preset(
    """
name = "Layered"
family = "momentum"
optimizer = "sgd"
advice = "for tests"
batch_size = 32
[hyperparameters]
lr = 0.2
momentum = 0.5
[schedule]
kind = "step"
every = 4
[scenarios.mlp-fashion]
batch_size = 16
hyperparameters = { momentum = 0.8 }
schedule = { kind = "cosine", warmup = 0.1 }
""",
    path=Path("layered.toml"),
)


def _resolve(scenario: str = "lenet5-fashion", *, preset: Preset = PRESET, **options: Any) -> RunSpec:
    return resolve_run(scenario, preset, data=make_source(), **options)


def test_the_preset_is_laid_over_the_optimizers_defaults() -> None:
    """What the preset does not set keeps the optimizer's or the schedule's default."""
    run = _resolve()

    assert run.hyperparameters == {
        "lr": 0.2,
        "momentum": 0.5,
        "dampening": 0.0,
        "weight_decay": 0.0,
        "nesterov": False,
    }
    assert (run.schedule, run.schedule_parameters) == ("step", {"every": 4, "gamma": 0.5})
    assert run.batch_size == 32


def test_the_scenario_lies_below_the_preset() -> None:
    """The L2 scenario brings its weight decay, unless the preset has its own."""
    own = PRESET.model_copy(update={"hyperparameters": {"weight_decay": 0.25}})

    assert _resolve("lenet5-fashion-l2").hyperparameters["weight_decay"] == 5e-4
    assert _resolve("lenet5-fashion-l2", preset=own).hyperparameters["weight_decay"] == 0.25


def test_the_presets_table_for_a_scenario_wins_over_its_general_values() -> None:
    """Batch size, schedule and single hyper-parameters can differ by scenario; the rest stays."""
    run = _resolve("mlp-fashion")

    assert (run.batch_size, run.schedule) == (16, "cosine")
    assert (run.hyperparameters["momentum"], run.hyperparameters["lr"]) == (0.8, 0.2)
    assert "every" not in run.schedule_parameters


def test_the_users_values_win_over_everything() -> None:
    """`--set` is the last word, for hyper-parameters, batch size, schedule and penalty."""
    run = _resolve(
        "lenet5-fashion-fc",
        overrides={"lr": 0.7, "batch_size": "full", "schedule.gamma": 0.1, "penalty.kind": "l1", "penalty.strength": 1},
    )

    assert run.hyperparameters["lr"] == 0.7
    assert run.batch_size == "full"
    assert run.schedule_parameters == {"every": 4, "gamma": 0.1}
    assert run.penalty == {"kind": "l1", "strength": 1.0, "l1_ratio": 0.5}


def test_another_schedule_drops_the_presets_parameters() -> None:
    """Changing the kind starts from that schedule's defaults; naming the same kind changes nothing."""
    cosine = _resolve(overrides={"schedule.kind": "cosine", "schedule.final": 0.1})
    same = _resolve(overrides={"schedule.kind": "step"})

    assert (cosine.schedule, cosine.schedule_parameters) == ("cosine", {"warmup": 0.0, "final": 0.1})
    assert same.schedule_parameters["every"] == 4


def test_an_averaging_comes_from_preset_scenario_or_user() -> None:
    """Unless set there is none; a table for the scenario replaces the preset's, and the user's values win."""
    swa: dict[str, Value] = {"kind": "swa", "start": 0.5}
    preset = PRESET.model_copy(update={"averaging": swa})
    own = preset.scenarios["mlp-fashion"].model_copy(update={"averaging": {"kind": "ema", "decay": 0.9}})
    both = preset.model_copy(update={"scenarios": {"mlp-fashion": own}})

    assert (_resolve().averaging, _resolve().averaging_kind) == ({}, "none")
    assert _resolve(preset=preset).averaging == {"kind": "swa", "start": 0.5, "every": 1}
    assert _resolve("mlp-fashion", preset=both).averaging == {"kind": "ema", "decay": 0.9}
    assert _resolve(preset=both, overrides={"averaging.every": 2}).averaging["every"] == 2


@pytest.mark.parametrize("optimizer", ["lookahead", "schedule-free-sgd", "schedule-free-adamw"])
def test_what_averages_its_iterates_itself_takes_no_averaging(optimizer: str) -> None:
    """It would be judged by the mean of points that it is not to be judged by."""
    with pytest.raises(
        UsageError, match=r"^averaging.kind = ema: .* is judged by a mean of its own; leave averaging.kind out$"
    ):
        _resolve(preset=make_preset(optimizer=optimizer), overrides={"averaging.kind": "ema"})


def test_another_averaging_drops_the_presets_parameters() -> None:
    """Changing the kind starts from that averaging's defaults; 'none' takes it away."""
    preset = PRESET.model_copy(update={"averaging": {"kind": "polyak", "start": 0.1}})

    swa = _resolve(preset=preset, overrides={"averaging.kind": "swa"})
    none = _resolve(preset=preset, overrides={"averaging.kind": "none"})

    assert swa.averaging == {"kind": "swa", "start": 0.75, "every": 1}
    assert none.averaging == {}


def test_a_run_from_before_averaging_has_none() -> None:
    """A `run.json` without the key is read as a run without an average."""
    body = _resolve().model_dump(mode="json")
    del body["averaging"]

    assert RunSpec.model_validate(body).averaging == {}


def test_a_preset_with_an_empty_schedule_is_constant() -> None:
    """A schedule table without a kind means the constant rate."""
    run = _resolve(preset=PRESET.model_copy(update={"schedule": {}}))

    assert (run.schedule, run.schedule_parameters) == ("constant", {})


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"overrides": {"lrr": 1}}, r"--set lrr: no such key here; did you mean 'lr'\?"),
        ({"overrides": {"lr": -1}}, r"lr = -1: expected a number in \[0, "),
        ({"overrides": {"lr": float("nan")}}, r"lr = nan: expected a number"),
        ({"overrides": {"batch_size": 0}}, r"batch_size = 0: expected a whole number"),
        ({"overrides": {"batch_size": True}}, r"batch_size = True: expected"),
        ({"overrides": {"schedule.kind": "cosin"}}, r"unknown schedule 'cosin': did you mean 'cosine'\?"),
        ({"overrides": {"schedule.evry": 1}}, r"schedule\.evry: .*did you mean 'every'\?"),
        ({"overrides": {"averaging.kind": "sma"}}, r"unknown averaging 'sma': did you mean 'swa'\?"),
        (
            {"overrides": {"averaging.kind": "ema", "averaging.decya": 0.9}},
            r"averaging\.decya: .*did you mean 'decay'\?",
        ),
        (
            {"overrides": {"averaging.kind": "swa", "averaging.start": 1}},
            r"averaging\.start = 1: expected .* in \[0, 0\.99\]",
        ),
        ({"overrides": {"averaging.decay": 0.9}}, r"averaging\.decay: needs averaging\.kind = polyak, swa, ema"),
        (
            {"overrides": {"averagin.kind": "ema"}},
            r"--set averagin\.kind: no such key here; did you mean 'averaging\.kind'\?",
        ),
        ({"overrides": {"penalty.kind": "l1"}}, r"--set penalty\.kind: no such key here"),
        ({"overrides": {"nesterov": True, "momentum": 0}}, r"nesterov = True: needs momentum > 0"),
        ({"overrides": {"nesterov": True, "dampening": 0.1}}, r"nesterov = True: needs .* dampening = 0"),
        ({"epochs": 0}, r"epochs = 0: expected a whole number in \[1, 100000\]"),
        ({"seed": -1}, r"seed = -1: expected"),
        ({"seed": 2**63}, r"seed = 9223372036854775808: expected"),
        ({"threads": 0}, r"threads = 0: expected"),
        ({"device": "cdua"}, r"unknown device 'cdua': did you mean 'cuda'\?"),
    ],
)
def test_what_cannot_be_run_is_refused_with_the_valid_choice(options: dict[str, Any], message: str) -> None:
    """Every slip meets one sentence before anything is started."""
    with pytest.raises(UsageError, match=message):
        _resolve(**options)


def test_an_unknown_scenario_is_refused_with_the_nearest() -> None:
    """`lenet5-fashon` proposes the scenario that was meant."""
    with pytest.raises(UsageError, match=r"unknown scenario 'lenet5-fashon': did you mean 'lenet5-fashion'\?"):
        _resolve("lenet5-fashon")


def test_all_settable_keys_are_accepted() -> None:
    """The editor offers exactly what `--set` takes: setting a key to its own value is never refused."""
    scenario = find_scenario("lenet5-fashion-fc")
    preset = PRESET.model_copy(update={"averaging": {"kind": "ema"}})
    run = _resolve(scenario.id, preset=preset)
    own: dict[str, Value] = {
        **run.hyperparameters,
        "batch_size": run.batch_size,
        "memory_format": run.memory_format,
        "schedule.kind": run.schedule,
        **{f"schedule.{name}": value for name, value in run.schedule_parameters.items()},
        **{f"averaging.{name}": value for name, value in run.averaging.items()},
        **{f"penalty.{name}": value for name, value in run.penalty.items()},
    }

    assert set(settable(scenario, preset)) == set(own)
    assert _resolve(scenario.id, preset=preset, overrides=own).hyperparameters == run.hyperparameters


@given(
    lr=st.floats(0, 1e6),
    momentum=st.floats(0, 0.99),
    batch_size=st.integers(1, 50_000) | st.just("full"),
    seed=st.integers(0, 2**63 - 1),
    epochs=st.integers(1, 100_000),
    holdout=st.booleans(),
    device=st.sampled_from(["auto", "cpu", "cuda", "mps"]),
    threads=st.none() | st.integers(1, 1024),
)
def test_a_run_survives_its_json(
    lr: float, momentum: float, batch_size: int | str, seed: int, epochs: int, holdout: bool, device: Any, threads: Any
) -> None:
    """`run.json` gives back the same values in the same types."""
    run = _resolve(
        overrides={"lr": lr, "momentum": momentum, "batch_size": batch_size},
        seed=seed,
        epochs=epochs,
        holdout=holdout,
        device=device,
        threads=threads,
    )

    again = RunSpec.model_validate_json(run.model_dump_json())

    assert again == run
    assert repr(again) == repr(run)


def test_a_key_that_a_run_does_not_know_is_refused() -> None:
    """A `run.json` of another make is not silently half-read."""
    body = _resolve().model_dump(mode="json") | {"extra": 1}

    with pytest.raises(ValueError, match="extra"):
        RunSpec.model_validate(body)


def test_the_command_repeats_the_run() -> None:
    """Every value that the user set is in the command line, quoted for the shell."""
    run = _resolve(
        overrides={"lr": 0.7, "nesterov": True},
        seed=7,
        epochs=3,
        holdout=True,
        device="cpu",
        threads=2,
        preset_file="/tmp/my presets/layered.toml",
    )

    assert shlex.split(run.command) == [
        *("tui-optim", "run", "lenet5-fashion", "--preset-file", "/tmp/my presets/layered.toml"),
        *("--seeds", "7", "--epochs", "3", "--set", "lr=0.7", "--set", "nesterov=true"),
        *("--holdout", "--data-dir", str(run.data.folder), "--device", "cpu", "--threads", "2"),
    ]


def test_the_command_of_generated_data_names_no_folder() -> None:
    """Neither --data-dir nor --sample: they would mean nothing."""
    run = resolve_run("circles", make_preset(), data=generated_source("circles"), threads=1)
    assert run.command == "tui-optim run circles sgd-baseline --seeds 42 --epochs 150 --threads 1"


def test_a_batch_is_never_larger_than_the_training_set() -> None:
    """'full' is the whole training set; so is a number above it, in runs that earlier versions have made."""
    assert _resolve(overrides={"batch_size": "full"}).examples_per_step(600) == 600
    assert _resolve(overrides={"batch_size": 700}).examples_per_step(600) == 600
    assert _resolve().examples_per_step(600) == 32


def test_a_batch_larger_than_the_training_set_is_refused() -> None:
    """It would silently be the full batch, under another name."""
    with pytest.raises(UsageError, match="has 60,000 examples; take fewer, or 'full'"):
        _resolve(overrides={"batch_size": 60_001})


@pytest.mark.parametrize(
    ("scenario", "expected"), [("scalar-mean", 1), ("quadratic-f1", 1), ("circles", 10), ("mlp-mnist", 64)]
)
def test_a_small_problem_brings_batches_down(scenario: str, expected: int) -> None:
    """Presets are made for thousands of examples; a full batch, a number of the preset's own and the user's word stay."""
    preset = make_preset()
    assert make_spec(scenario, preset).batch_size == expected
    own = preset.model_copy(update={"scenarios": {scenario: ScenarioDefaults(batch_size="full")}})
    assert make_spec(scenario, own).batch_size == "full"
    assert make_spec(scenario, preset.model_copy(update={"batch_size": "full"})).batch_size == "full"
    if scenario == "circles":
        assert make_spec(scenario, preset, overrides={"batch_size": 200}).batch_size == 200
        with pytest.raises(UsageError, match="the training set has 200 examples"):
            make_spec(scenario, preset, overrides={"batch_size": 201})


@pytest.mark.parametrize(
    ("batch_size", "part"),
    [(1, "batch_size = 1: BatchNorm needs two"), (59_999, "the last batch of 60,000 examples would have one")],
)
def test_batchnorm_is_given_no_batch_of_one_example(batch_size: int, part: str) -> None:
    """Neither as every batch nor as the last of an epoch: it would end the run with an error."""
    with pytest.raises(UsageError, match=part):
        make_spec("mlp-mnist-batchnorm", overrides={"batch_size": batch_size})
    with pytest.raises(UsageError, match="has 50,000 examples beside the 10,000 of its validation part"):
        make_spec("mlp-mnist-batchnorm", overrides={"batch_size": 59_999}, holdout=True)


@pytest.mark.parametrize(
    ("blocks", "kind", "is_holdout", "part"),
    [
        (0, "full", False, "blocks = 0: 60,000 gradients of 44,426 numbers take 9.9 GiB, more than 2 GiB"),
        (0, "full", True, "blocks = 0: 50,000 gradients of 44,426 numbers take 8.3 GiB"),
        (20_000, "full", False, "blocks = 20000: 20,000 gradients"),
        (0, "sample", False, ""),
        (1_000, "full", False, ""),
    ],
)
def test_a_table_that_fills_the_memory_is_refused(blocks: int, kind: DataKind, is_holdout: bool, part: str) -> None:
    """SAG and SAGA keep a gradient per block: how large that is, is known before the run is made."""
    preset = make_preset("saga", optimizer="saga")

    def resolve() -> RunSpec:
        return resolve_run(
            "lenet5-fashion", preset, data=make_source(kind), overrides={"blocks": blocks}, holdout=is_holdout
        )

    if not part:
        assert resolve().hyperparameters["blocks"] == blocks
        return
    with pytest.raises(UsageError, match=part):
        resolve()
