"""Presets: the packaged ones are sound, and a mistake in a file is named so that it can be mended."""

import json
import math
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.factories import make_source
from tui_optim.spec.averaging import AVERAGINGS
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.errors import PresetError, UsageError
from tui_optim.spec.optimizers import OPTIMIZERS, find_optimizer
from tui_optim.spec.presets import Preset, load_preset, parse_preset, preset_schema
from tui_optim.spec.run import resolve_run
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.spec.schedules import SCHEDULES

PACKAGED = sorted((Path(__file__).resolve().parents[2] / "presets" / "optimizers").glob("*/*.toml"))
WHERE = Path("/presets/my-preset.toml")
MINIMAL = 'name = "Mine"\nfamily = "basic"\noptimizer = "adagrad"\nadvice = "for tests"\n'
REQUIRED_IDS = frozenset(
    [
        *("batch-gd", "online-sgd", "sgd-baseline", "sgd"),
        *("heavy-ball", "nesterov", "nesterov-cosine"),
        *("adagrad", "adadelta", "rmsprop", "adam", "adamw", "amsgrad", "adamax", "nadam", "radam"),
        *("muon", "muon-cosine"),
        *("sgd-step", "sgd-exponential", "sgd-inverse-time", "sgd-polynomial", "sgd-cosine", "sgd-cosine-restarts"),
        *("sgd-one-cycle", "sgd-warmup-cooldown", "sgd-plateau"),
        *("sgd-polyak", "sgd-swa", "sgd-ema", "nesterov-ema"),
    ]
)


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_a_packaged_preset_loads_and_fits_what_it_suits(path: Path) -> None:
    """The file is valid, lies in the folder of its family, and resolves into a run of each scenario that it suits."""
    preset = load_preset(path)

    assert preset.family == path.parent.name
    for scenario_id, scenario in SCENARIOS.items():
        if why_unsuited(scenario, find_optimizer(preset.optimizer)) is not None:
            continue
        data = make_source(dataset=scenario.dataset)
        if scenario.has_batchnorm and preset.batch_size == 1:
            with pytest.raises(UsageError, match="BatchNorm needs two examples"):
                resolve_run(scenario_id, preset, data=data)
        else:
            assert resolve_run(scenario_id, preset, data=data).preset == path.stem


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: path.stem)
def test_a_packaged_preset_explains_itself_within_the_panel(path: Path) -> None:
    """It brings its own formula and source, its lines fit 70 columns, and its advice is one line."""
    preset = load_preset(path)

    assert preset.formula
    assert preset.source
    assert max(len(line) for line in preset.formula_text.splitlines()) <= 70
    assert 60 <= len(preset.advice) <= 200
    assert "\n" not in preset.advice


def test_packaged_ids_are_unique_and_complete() -> None:
    """Every id of the first set is there once."""
    ids = [path.stem for path in PACKAGED]

    assert len(ids) == len(set(ids))
    assert set(ids) >= REQUIRED_IDS


def test_every_optimizer_schedule_and_averaging_has_a_packaged_preset() -> None:
    """Nothing of the registries can only be reached by writing a file."""
    presets = [load_preset(path) for path in PACKAGED]

    assert {preset.optimizer for preset in presets} == set(OPTIMIZERS)
    assert {preset.schedule["kind"] for preset in presets} == set(SCHEDULES)
    assert {preset.averaging["kind"] for preset in presets} == set(AVERAGINGS)


def test_the_baseline_is_the_assignments() -> None:
    """SGD with rate 0.001 and batch 64, constant and without momentum: its figures are compared bit for bit."""
    baseline = load_preset(next(path for path in PACKAGED if path.stem == "sgd-baseline"))

    run = resolve_run("lenet5-fashion", baseline, data=make_source())

    assert (run.optimizer, run.batch_size, run.schedule, run.epochs, run.seed) == ("sgd", 64, "constant", 10, 42)
    assert run.hyperparameters == {
        "lr": 0.001,
        "momentum": 0.0,
        "dampening": 0.0,
        "weight_decay": 0.0,
        "nesterov": False,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nam" + MINIMAL[4:], r"nam: unknown key; did you mean 'name'\?"),
        (MINIMAL.replace("advice", "advise"), r"advise: unknown key; did you mean 'advice'\?"),
        (MINIMAL + "bool = 1\n", r"bool: unknown key"),  # also what pydantic calls a member of a union
        (MINIMAL.replace('advice = "for tests"\n', ""), r"advice: this key is required"),
        (MINIMAL.replace("basic", "basci"), r"family = 'basci': expected .*did you mean 'basic'\?"),
        (MINIMAL.replace("adagrad", "adagrd"), r"optimizer: unknown optimizer 'adagrd': did you mean 'adagrad'\?"),
        (MINIMAL + 'id = "x"', r"id: the file name is the id; remove this key"),
        (MINIMAL + "batch_size = 0", r"batch_size = 0: expected a whole number in \[1, 1000000\] or 'full'"),
        (MINIMAL + 'batch_size = "ful"', r"batch_size = 'ful': expected a whole number .* or 'full'"),
        (MINIMAL + "batch_size = 1.5", r"batch_size = 1\.5: expected a whole number"),
        (MINIMAL + "hyperparameters = 3", r"hyperparameters = 3: expected a table"),
        (MINIMAL + "[hyperparameters]\nlrr = 1", r"hyperparameters\.lrr: .*no such key; did you mean 'lr'\?"),
        (MINIMAL + "[hyperparameters]\nlr = -1", r"hyperparameters\.lr = -1: expected a number in \[0, "),
        (MINIMAL + "[hyperparameters]\nlr = nan", r"hyperparameters\.lr = nan: expected a number"),
        (MINIMAL + '[hyperparameters]\nlr = "1"', r"hyperparameters\.lr = '1': expected a number"),
        (MINIMAL + "[hyperparameters]\nlr = [1]", r"hyperparameters\.lr = \[1\]: expected a number"),
        (MINIMAL + '[schedule]\nkind = "cosin"', r"schedule\.kind: unknown schedule 'cosin': did you mean 'cosine'\?"),
        (MINIMAL + '[schedule]\nkind = "step"\nevry = 1', r"schedule\.evry: .*did you mean 'every'\?"),
        (MINIMAL + '[schedule]\nkind = "step"\nevery = 0', r"schedule\.every = 0: expected a whole number in \[1, "),
        (MINIMAL + '[averaging]\nkind = "emma"', r"averaging\.kind: unknown averaging 'emma': did you mean 'ema'\?"),
        (MINIMAL + '[averaging]\nkind = "ema"\ndecya = 0.9', r"averaging\.decya: .*did you mean 'decay'\?"),
        (
            MINIMAL + '[averaging]\nkind = "ema"\ndecay = 1',
            r"averaging\.decay = 1: expected a number in \[0, 0\.999999\]",
        ),
        (MINIMAL + "[averaging]\nstart = 0.5", r"averaging\.start: needs averaging\.kind = polyak, swa, ema"),
        (
            MINIMAL + '[scenarios.mlp-fashion.averaging]\nkind = "swa"\nevery = 0',
            r"scenarios\.mlp-fashion\.averaging\.every = 0: expected a whole number in \[1, ",
        ),
        (MINIMAL + "[scenarios.lenet5]\n", r"scenarios\.lenet5: no such scenario; did you mean 'lenet5-fashion'\?"),
        (
            MINIMAL + "[scenarios.mlp-fashion]\nbatchsize = 1",
            r"scenarios\.mlp-fashion\.batchsize: unknown key; did you mean 'batch_size'\?",
        ),
        (
            MINIMAL + "[scenarios.mlp-fashion.hyperparameters]\nlr = -2",
            r"scenarios\.mlp-fashion\.hyperparameters\.lr = -2: expected a number",
        ),
        (MINIMAL + '[[tuning]]\nscenario = "x"', r"tuning\.0\.protocol: this key is required"),
        (MINIMAL.replace("Mine", "Mi\\u001bne"), r"name = 'Mi\\x1bne': expected one line of text"),
        ("name =\n" + MINIMAL, r"not valid TOML: .*line 1"),
    ],
)
def test_a_mistake_is_named_with_file_key_and_what_was_expected(text: str, message: str) -> None:
    """One line: the file, the key, what is valid and, for a misspelt name, the nearest one."""
    with pytest.raises(PresetError, match=message) as caught:
        parse_preset(text, path=WHERE)

    assert str(caught.value).startswith(f"{WHERE}: ")
    assert "\n" not in str(caught.value)


def test_tuning_is_read_with_its_trials() -> None:
    """The published search space of a preset, diverged trials included, comes with it."""
    trials = (
        '[{value = 0.1, val_loss = 0.3, val_accuracy = 0.9}, {value = 9, val_loss = "diverged", val_accuracy = 0.1}]'
    )
    text = f'{MINIMAL}[[tuning]]\nscenario = "lenet5-fashion"\nprotocol = "held-out 10,000"\ntrials = {trials}\n'

    (tuning,) = parse_preset(text, path=WHERE).tuning

    assert [trial.value for trial in tuning.trials] == [0.1, 9.0]
    assert tuning.trials[1].val_loss == "diverged"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("My Preset.toml", MINIMAL.encode(), "file name uses"),
        ("latin.toml", 'name = "é"'.encode("latin-1"), r"not UTF-8 text \(byte 8\)"),
        ("large.toml", b"#" * 70_000, "larger than 65536 bytes"),
    ],
)
def test_a_file_that_cannot_be_a_preset_is_refused(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    """A name that is no id, a wrong encoding, a file far too large."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(PresetError, match=message) as caught:
        load_preset(path)

    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """What cannot be opened is one line, not a traceback."""
    with pytest.raises(PresetError, match=r"gone\.toml: cannot be read \(No such file"):
        load_preset(tmp_path / "gone.toml")


def test_the_schema_for_editors_knows_every_key_but_the_id() -> None:
    """The JSON schema has a property per key of the file and refuses others."""
    schema = preset_schema()

    assert set(schema["properties"]) == set(Preset.model_fields) - {"id"}
    assert schema["additionalProperties"] is False


@given(st.text())
def test_any_text_loads_or_raises_a_preset_error(text: str) -> None:
    """A file with anything in it never meets another exception than the one with its name."""
    assert _loads_or_names_the_file(text)


_SCALARS = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(["full", "adam", "sgd", "basic", "cosine", "diverged", "lenet5-fashion"]),
)
_KEYS = st.one_of(
    st.sampled_from(
        [
            *Preset.model_fields,
            "kind",
            "lr",
            "momentum",
            "every",
            "warmup",
            "decay",
            "trials",
            "value",
            "val_loss",
            *SCENARIOS,
        ]
    ),
    st.text(max_size=8),
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4), max_leaves=10
)


@settings(max_examples=300)
@given(content=st.dictionaries(_KEYS, _VALUES, max_size=6), has_minimum=st.booleans())
def test_any_toml_loads_or_raises_a_preset_error(content: dict[str, Any], has_minimum: bool) -> None:
    """Any tables, lists and values, also beside the required keys, load or are refused with the file's name."""
    required = {"name": "Mine", "family": "basic", "optimizer": "sgd", "advice": "for tests"}

    assert _loads_or_names_the_file(_toml(required | content if has_minimum else content))


@given(st.sampled_from(PACKAGED), st.data())
def test_a_packaged_preset_with_a_changed_character_loads_or_is_refused(path: Path, data: st.DataObject) -> None:
    """A slip of a finger in a sound file is a preset or a sentence, never a traceback."""
    text = path.read_text(encoding="utf-8")
    position = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from(string.printable + "η\x00"))

    assert _loads_or_names_the_file(text[:position] + character + text[position + 1 :])


def _loads_or_names_the_file(text: str) -> bool:
    """Whether a text is a complete preset, or is refused in one line that begins with the file's name."""
    try:
        preset = parse_preset(text, path=WHERE)
    except PresetError as error:
        return str(error).startswith(f"{WHERE}: ") and "\n" not in str(error)
    return preset.id == WHERE.stem and bool(preset.formula_text)


def _toml(value: Any) -> str:
    """A TOML document (for a dict at the top) or value, written inline."""
    return "\n".join(f"{_text(key)} = {_inline(item)}" for key, item in value.items())


def _inline(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, list):
        return "[" + ", ".join(_inline(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_text(key)} = {_inline(item)}" for key, item in value.items()) + "}"
    return _text(value)


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
