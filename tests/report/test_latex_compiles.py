"""LaTeX tables go through a TeX engine with booktabs and nothing else. Debian: texlive-latex-base, texlive-latex-recommended."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from tests.factories import make_preset, make_run, make_spec
from tests.report.hostile import EVERYTHING, FILE_NAME, FRAGMENTS
from tui_optim.report.cells import Column, Table
from tui_optim.report.comparison_table import comparison_table
from tui_optim.report.formats import export_text
from tui_optim.report.latex_table import LATEX_CHARACTERS, latex_text
from tui_optim.report.series import load_series
from tui_optim.report.tables import history_table, parameter_table
from tui_optim.spec.scenarios import SCENARIOS
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.home import Home, open_home

pytestmark = pytest.mark.latex
ENGINE = "pdflatex"


def compile_document(folder: Path, *tables: str, packages: str = "booktabs") -> str:
    """Set the tables; returns the log. Any error of LaTeX's ends the engine with a code that is not 0."""
    assert shutil.which(ENGINE), "no TeX engine: apt-get install texlive-latex-base texlive-latex-recommended"
    body = "\n\n".join(tables)
    source = rf"\documentclass{{article}}\usepackage{{{packages}}}\begin{{document}}{body}\end{{document}}"
    (folder / "table.tex").write_text(source, encoding="utf-8")
    command = [ENGINE, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "table.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
    log = (folder / "table.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-2000:]
    assert (folder / "table.pdf").stat().st_size > 1000
    return log


def runs_of(home: Home, preset_id: str) -> list[StoredRun]:
    """Five seeds, one of them diverged for a hostile reason."""
    preset = make_preset().model_copy(update={"id": preset_id})
    runs = [make_run(home, make_spec(preset=preset, seed=seed)) for seed in range(1, 5)]
    return [*runs, make_run(home, make_spec(preset=preset, seed=5), state="diverged", reason=EVERYTHING)]


@pytest.mark.parametrize("packages", ["booktabs", "booktabs,graphicx"])
def test_tables_of_hostile_runs_compile(tmp_path: Path, packages: str) -> None:
    """Results, comparison, history, parameters: every table that can be exported, with names chosen to break it."""
    runs = [run for name in (FILE_NAME, "sgd") for run in runs_of(open_home(tmp_path), name)]
    series = {run.run_id: load_series(run.folder) for run in runs}
    tables = [
        comparison_table(runs, series),
        history_table(runs[0], series[runs[0].run_id]),
        *map(parameter_table, SCENARIOS.values()),
    ]
    log = compile_document(tmp_path, export_text(runs, format="latex"), *map(latex_text, tables), packages=packages)
    assert "Missing character" not in log
    assert ("Overfull" in log) == (packages == "booktabs")  # with graphicx wide tables are shrunk to the line


def test_every_character_compiles(tmp_path: Path) -> None:
    """Those that have a command, those that need none, and those that become their code point; in every place."""
    letters = "".join(LATEX_CHARACTERS)
    texts = [*FRAGMENTS, *(letters[start : start + 40] for start in range(0, len(letters), 40))]
    table = Table(
        title=EVERYTHING,
        columns=(Column(key="name", title=EVERYTHING[:40]), Column(key="value", title="%", kind="percent", decimals=2)),
        rows=tuple((text, 0.5) for text in texts),
        notes=tuple(texts),
        best=frozenset((row, 0) for row in range(len(texts))),
    )
    log = compile_document(tmp_path, latex_text(table), latex_text(replace(table, notes=())))
    assert "Missing character" not in log
