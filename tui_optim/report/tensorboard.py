"""Runs as event files for TensorBoard: one folder for each, scalars by step, hyper-parameters, and what the run is.

The one door to tensorboardX, which loads when an export is made. Its own writer names files by host and time of day and stamps
events with the hour of the export; here the same runs give the same bytes. The record format is TFRecord: length, its
checksum, the message, its checksum (https://www.tensorflow.org/tutorials/load_data/tfrecord).
"""

import logging
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from tui_optim.report.cells import plain_text
from tui_optim.report.columns import COUNTERS, settings
from tui_optim.report.entry import Entry
from tui_optim.report.series import SPLITS, WITHOUT_SPLIT, Quantity, RunSeries
from tui_optim.report.xray_table import xray_figures
from tui_optim.spec.extras import need_extra
from tui_optim.store.catalogue import StoredRun

if TYPE_CHECKING:
    from tui_optim.spec.hyperparameters import Value

_Points = Iterable[tuple[float, float, float]]
"""(step, seconds, value)."""

_FINAL = (
    "train_loss",
    "train_accuracy",
    "val_loss",
    "val_accuracy",
    "test_loss",
    "test_accuracy",
    "handout_loss",
    "gap",
)


def event_files(runs: Sequence[StoredRun], series: Mapping[str, RunSeries]) -> dict[str, bytes]:
    """The event file of each run by its path in the export's folder; the folder of a run on the sample says so.

    The times of events are those of the run: when it was made plus its training time so far.

    Raises:
        UsageError: tensorboardX is not installed.
    """
    need_extra("tensorboard", needed_by="an export for TensorBoard")
    logging.getLogger("tensorboardX.x2num").setLevel(
        logging.ERROR
    )  # warns of NaN, which is a result like any other here
    return {_path(run): b"".join(map(_record, _events(run, series[run.run_id]))) for run in runs}


def _path(run: StoredRun) -> str:
    folder = plain_text(run.run_id) + ("-sample" if run.info.spec.data.kind == "sample" else "")
    return f"{folder}/events.out.tfevents.{int(run.info.created)}.tui-optim"


def _events(run: StoredRun, series: RunSeries) -> Iterator[Any]:
    """The messages of a file: its version, what the run is, scalars in the order of their tags, the end."""
    from tensorboardX import summary
    from tensorboardX.proto.event_pb2 import Event

    created = run.info.created
    entry = Entry(run=run, started=series.started)
    yield Event(wall_time=created, file_version="brain.Event:2")
    yield Event(wall_time=created, step=0, summary=summary.text("run", _about(entry)))
    outcome = entry.outcome if entry.is_over else None
    final = {f"final/{name}": getattr(outcome, name) for name in _FINAL if getattr(outcome, name, None) is not None}
    experiment, start, end = summary.hparams(_hyperparameters(entry), final)
    for message in (experiment, start):
        yield Event(wall_time=created, step=0, summary=message)
    for tag, points in chain(_scalars(series), _xrays(entry, series)):
        for step, seconds, value in points:
            yield Event(wall_time=created + seconds, step=int(step), summary=summary.scalar(tag, value))
    if outcome is not None:
        for tag, value in final.items():
            wall_time = created + outcome.train_time_s
            yield Event(wall_time=wall_time, step=outcome.step, summary=summary.scalar(tag, value))
        if run.status.state == "finished":
            yield Event(wall_time=created + outcome.train_time_s, step=outcome.step, summary=end)


def _scalars(series: RunSeries) -> Iterator[tuple[str, _Points]]:
    """(tag, points) of every curve that has points."""
    curves: list[tuple[str, Quantity]] = [("loss", "loss"), ("accuracy", "accuracy")]
    for tag, quantity in curves:
        for split in SPLITS:
            steps, values = series.curve(quantity, split, "step")
            if steps:
                yield f"{tag}/{split}", zip(steps, series.curve(quantity, split, "seconds")[0], values, strict=True)
    for quantity in WITHOUT_SPLIT:
        steps, values = series.curve(quantity, "train", "step")
        if steps:
            yield quantity, zip(steps, series.curve(quantity, "train", "seconds")[0], values, strict=True)
    if series.epochs:
        for name in ("gradient_evaluations", *(counter.key for counter in COUNTERS)):
            yield f"cost/{name}", [(one.step, one.train_time_s, getattr(one.cost, name)) for one in series.epochs]


def _xrays(entry: Entry, series: RunSeries) -> Iterator[tuple[str, _Points]]:
    """The same of every figure of its X-rays, those of layers below the name of the figure."""
    curves: dict[str, list[tuple[float, float, float]]] = {}
    for xray in series.xrays:
        for name, value in xray_figures(entry.spec, xray):
            curves.setdefault(f"xray/{plain_text(name)}", []).append((xray.step, xray.train_time_s, value))
    yield from curves.items()


def _hyperparameters(entry: Entry) -> dict[str, "Value"]:
    spec = entry.spec
    return {
        "scenario": spec.scenario,
        "preset": plain_text(spec.preset),
        "seed": spec.seed,
        "epochs": spec.epochs,
        "data": spec.data.kind,
        **settings(spec),
    }


def _about(entry: Entry) -> str:
    """What is needed to trust and repeat the run, as Markdown that shows text as it is."""
    spec = entry.spec
    lines = {
        "state": entry.run.status.state,
        "scenario": spec.scenario,
        "data": spec.data.kind,
        "device": entry.device,
        "CPU threads": str(entry.threads or ""),
        "versions": entry.versions,
        "command": entry.command,
        "reason": entry.run.status.reason,
    }
    return "\n".join(f"    {name}: {plain_text(text)}" for name, text in lines.items() if text)


def _record(event: Any) -> bytes:
    body: bytes = event.SerializeToString(deterministic=True)
    length = struct.pack("<Q", len(body))
    return length + _checksum(length) + body + _checksum(body)


def _checksum(content: bytes) -> bytes:
    """CRC-32C, masked as TFRecord wants it."""
    from tensorboardX.crc32c import crc32c

    crc = crc32c(content)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)
