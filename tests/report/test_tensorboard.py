"""The export for TensorBoard, read back by tensorboardX's own message types and compared with the stored runs."""

import math
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from tensorboardX.crc32c import crc32c
from tensorboardX.proto.event_pb2 import Event
from tensorboardX.proto.plugin_hparams_pb2 import HParamsPluginData

from tests.factories import make_run, make_spec
from tests.report.figures.drawing import logs
from tests.xray_runs import write_xrayed
from tui_optim.report.series import SPLITS, Quantity
from tui_optim.report.tensorboard import event_files
from tui_optim.spec import extras
from tui_optim.spec.errors import UsageError
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path)


def events(content: bytes) -> Iterator[Event]:
    """The messages of a TFRecord file, whose checksums have to be right."""
    while content:
        header, (length,) = content[:8], struct.unpack("<Q", content[:8])
        body = content[12 : 12 + length]
        assert content[8:12] == masked(header)
        assert content[12 + length : 16 + length] == masked(body)
        yield Event.FromString(body)
        content = content[16 + length :]


def masked(content: bytes) -> bytes:
    """The checksum of a record's part, from the format's description."""
    crc = crc32c(content)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) % 2**32)


def scalars(content: bytes) -> dict[str, list[tuple[int, float]]]:
    """(step, value) of each tag."""
    found: dict[str, list[tuple[int, float]]] = {}
    for event in events(content):
        for value in event.summary.value:
            if value.HasField("simple_value"):
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def single(number: float) -> float:
    """As TensorBoard stores it, in single precision."""
    return float(struct.unpack("<f", struct.pack("<f", number))[0])


def read(run: StoredRun) -> bytes:
    """The one file of a run."""
    (content,) = event_files([run], logs([run])).values()
    return content


def test_curves_have_the_steps_and_values_of_the_log(home: Home) -> None:
    """Loss and accuracy of each split by step, the rate, examples per second, the cost; final figures beside them."""
    run = make_run(home, make_spec("mlp-fashion", epochs=3))
    series = logs([run])[run.run_id]
    found = scalars(read(run))
    quantities: tuple[Quantity, ...] = ("loss", "accuracy")
    for quantity in quantities:
        for split in SPLITS:
            steps, values = series.curve(quantity, split, "step")
            assert found[f"{quantity}/{split}"] == [(int(x), single(y)) for x, y in zip(steps, values, strict=True)]
    singles: tuple[Quantity, ...] = ("lr", "throughput")
    for quantity in singles:
        steps, values = series.curve(quantity, "train", "step")
        assert found[quantity] == [(int(step), single(value)) for step, value in zip(steps, values, strict=True)]
    assert "grad_norm" not in found
    assert found["cost/gradient_evaluations"] == [(r.step, r.cost.gradient_evaluations) for r in series.epochs]
    forward_backward = [(r.step, r.cost.examples_forward_backward) for r in series.epochs]
    assert found["cost/examples_forward_backward"] == forward_backward
    assert run.status.final is not None
    assert found["final/test_accuracy"] == [(30, single(run.status.final.test_accuracy or 0.0))]


def test_xrays_are_scalars_too(home: Home) -> None:
    """Those of layers below the name of the figure; of a run without them there is none."""
    run = write_xrayed(home)
    xrays = logs([run])[run.run_id].xrays
    found = scalars(read(run))
    assert found["xray/sharpness"] == [(one.step, single(one.sharpness or 0.0)) for one in xrays]
    assert found["xray/grad_norm/conv1"] == [(one.step, single(one.layers[0].grad_norm)) for one in xrays]
    assert not [tag for tag in scalars(read(make_run(home, make_spec("mlp-fashion")))) if tag.startswith("xray")]


def test_hyper_parameters_are_there_for_its_table(home: Home) -> None:
    """By the names of --set, with seed, preset and scenario; and the metrics that the table shows."""
    run = make_run(home, make_spec(overrides={"lr": 0.25, "batch_size": 32}))
    data = {
        value.tag: HParamsPluginData.FromString(value.metadata.plugin_data.content)
        for event in events(read(run))
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == "hparams"
    }
    given = data["_hparams_/session_start_info"].session_start_info.hparams
    assert (given["lr"].number_value, given["batch_size"].number_value) == (0.25, 32)
    assert (given["preset"].string_value, given["seed"].number_value) == ("sgd-baseline", 42)
    metrics = {metric.name.tag for metric in data["_hparams_/experiment"].experiment.metric_infos}
    assert {"final/test_loss", "final/test_accuracy", "final/handout_loss"} <= metrics <= set(scalars(read(run)))
    assert "_hparams_/session_end_info" in data


def test_the_text_says_how_to_repeat_the_run(home: Home) -> None:
    """Device, versions, data and command; the folder of a run on the sample is marked."""
    spec = make_spec(kind="sample")
    run = make_run(home, spec)
    files = event_files([run], logs([run]))
    assert list(files) == [f"{run.run_id}-sample/events.out.tfevents.{int(run.info.created)}.tui-optim"]
    (text,) = (
        value.tensor.string_val[0].decode()
        for event in events(read(run))
        for value in event.summary.value
        if value.tag.startswith("run")
    )
    assert f"command: {spec.command}" in text
    assert "data: sample" in text
    assert "device: cpu (Test CPU)" in text


def test_the_same_runs_give_the_same_bytes_in_rising_time(home: Home) -> None:
    """Whenever they are exported; the first event tells the version of the format."""
    run = make_run(home)
    assert read(run) == read(run)
    found = list(events(read(run)))
    assert found[0].file_version == "brain.Event:2"
    assert found[0].wall_time == pytest.approx(run.info.created)
    losses = [event.wall_time for event in found for value in event.summary.value if value.tag == "loss/train"]
    assert losses == sorted(losses)
    assert losses[-1] - run.info.created == pytest.approx(4.0)


def test_a_diverged_run_keeps_its_failure(home: Home, caplog: pytest.LogCaptureFixture) -> None:
    """NaN and chance accuracy among the final figures, the reason in the text, no success; a run not begun has no curve.

    Nothing is said on the way that a user could take for a fault.
    """
    run = make_run(home, state="diverged", results=[], reason="loss is NaN")
    found = scalars(read(run))
    assert math.isnan(found["final/test_loss"][0][1])
    assert found["final/test_accuracy"] == [(0, single(0.1))]
    assert b"loss is NaN" in read(run)
    assert b"session_end_info" not in read(run)
    assert scalars(read(make_run(home, make_spec(seed=3), state="queued"))) == {}
    assert not caplog.records


def test_without_the_extra_it_says_what_to_install(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence."""
    run = make_run(home)
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"needs the extra \"tensorboard\""):
        event_files([run], logs([run]))
