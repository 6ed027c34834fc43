"""Pictures drawn on a Matplotlib figure, to look at what is on it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tests.factories import make_preset, make_result, make_run, make_spec
from tui_optim.report.figures.canvas import Picture
from tui_optim.report.series import RunSeries, load_series
from tui_optim.spec.datasets import DataKind
from tui_optim.spec.hyperparameters import Value
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home


def drawn(picture: Picture) -> Figure:
    """The picture on a figure of its own."""
    figure = Figure(figsize=(picture.width, picture.height), layout="constrained")
    picture.draw(figure)
    return figure


def texts(figure: Figure) -> list[str]:
    """Title, note, legend, axis labels and whatever is written into the panels."""
    found = [text.get_text() for text in figure.texts]
    found += [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    for axes in figure.axes:
        found += [axes.get_xlabel(), axes.get_ylabel(), axes.get_title(loc="left")]
        found += [text.get_text() for text in axes.texts]
    return found


def line(axes: Axes, number: int = 0) -> tuple[list[float], list[float]]:
    """xs and ys of a line."""
    chosen = axes.lines[number]
    return np.asarray(chosen.get_xdata(), dtype=float).tolist(), np.asarray(chosen.get_ydata(), dtype=float).tolist()


def logs(runs: Sequence[StoredRun]) -> dict[str, RunSeries]:
    """The logs of runs by id."""
    return {run.run_id: load_series(run.folder) for run in runs}


def write_runs(
    home: Home | Path,
    preset: str,
    accuracies: Sequence[Sequence[float]],
    *,
    scenario: str = "lenet5-fashion",
    overrides: dict[str, Value] | None = None,
    kind: DataKind = "full",
    holdout: bool = False,
) -> list[StoredRun]:
    """A finished run for each sequence of test accuracies, which begins with that of the untrained model; seeds from 1 on."""
    runs = []
    for seed, values in enumerate(accuracies, start=1):
        spec = make_spec(
            scenario,
            make_preset().model_copy(update={"id": preset}),
            seed=seed,
            epochs=len(values) - 1,
            overrides=overrides,
            kind=kind,
            holdout=holdout,
        )
        results = [make_result(spec, epoch, test_accuracy=value) for epoch, value in enumerate(values)]
        runs.append(make_run(home if isinstance(home, Home) else open_home(home), spec, results=results))
    return runs


def write_diverged(home: Home, preset: str, *, seed: int = 9, overrides: dict[str, Value] | None = None) -> StoredRun:
    """A run of two epochs that diverged in its first."""
    spec = make_spec(preset=make_preset().model_copy(update={"id": preset}), seed=seed, overrides=overrides)
    return make_run(home, spec, state="diverged", results=[make_result(spec, 0, test_accuracy=0.1)], reason="loss")
