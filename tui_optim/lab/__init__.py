"""The laboratory for notebooks and scripts: plan, run, sweep, load and compare. The command line uses it too.

    from tui_optim import Lab

    lab = Lab()
    runs = lab.run("circles", ["sgd", "adam"], seeds="1..3", settings={"lr": 0.1})
    pandas.DataFrame(runs.rows())           # a row for each run
    pandas.DataFrame(runs.history())        # a row for each evaluation, split and measure
    pandas.DataFrame(runs.comparison())     # a row for each setting over its seeds

Runs are those of the app and the commands: the same folders, trained by the same workers, which go on when this process
ends. All errors that a caller can mend are `tui_optim.spec.errors.UsageError`, `DataError` and `StoreError`.
"""

from tui_optim.lab.lab import Lab
from tui_optim.lab.stored import Row, Runs, Sweep

__all__ = ["Lab", "Row", "Runs", "Sweep"]
