"""What a user may call a sweep: its id or a part of it, the name of its file, or `sweep` for the newest."""

import os
from collections.abc import Sequence

from tui_optim.spec.errors import UsageError, nearest
from tui_optim.spec.scenarios import all_scenarios
from tui_optim.store.home import Home
from tui_optim.store.stamps import names_in
from tui_optim.store.sweepfolder import StoredSweep, SweepFolder, read_sweeps, sweep_ids

_PREFIX = "sweep-"
"""Before a name that is a scenario's too: `sweep-circles`."""


def names_sweep(home: Home, name: str, *, takes_scenarios: bool = True) -> bool:
    """Whether a name that a user gave means a sweep: an id, the name of its file, a part with 'sweep' in it, or one that only
    sweeps have. The name of a scenario means its runs where `takes_scenarios`."""
    known = sweep_ids(home)
    if name == "sweep" or name in known:
        return True
    if not known or not name.strip() or name == "last":
        return False
    if takes_scenarios and name in all_scenarios():
        return False
    if "sweep" in name and any(name in one for one in known):
        return True
    if os.path.exists(home.runs / name):  # noqa: PTH110 - Path.exists raises for what is too long for a name
        return False
    if _called(home, name):
        return True
    is_part = any(name in one and name not in _scenario(one) for one in known)
    return is_part and "sweep" not in name and not _is_in_a_run(home, name)


def find_sweep(home: Home, name: str) -> StoredSweep:
    """Find a sweep by id, by the name of its file (the newest of that name), by a part of its id that only one sweep has.

    'sweep' means the newest. Raises UsageError.
    """
    known = sweep_ids(home)
    if not known:
        raise UsageError(f"no sweep {name!r}: there are no sweeps yet in {home.root}; start one: tui-optim sweep")
    if name == "sweep":
        return _read(home, known[-1])
    if name in known:
        return _read(home, name)
    called = _called(home, name)
    if called:
        return called[-1]
    matches = [one for one in known if name in one]
    if len(matches) > 1:
        raise UsageError(f"{name!r} names {len(matches)} sweeps: {', '.join(matches[:4])} …")
    if not matches:
        raise UsageError(f"unknown sweep {name!r}: {nearest(name, known[-8:])}")
    return _read(home, matches[0])


def _called(home: Home, name: str) -> Sequence[StoredSweep]:
    """The sweeps that were made from a file of this name, oldest first."""
    sweeps = read_sweeps(home)[0]
    return [one for one in sweeps if one.spec.plan.name and one.spec.plan.name in (name, name.removeprefix(_PREFIX))]


def _read(home: Home, sweep_id: str) -> StoredSweep:
    return SweepFolder(home.sweeps / sweep_id).read()


def _scenario(sweep_id: str) -> str:
    """The scenario in an id: its name means runs."""
    return sweep_id.partition("-sweep-")[2].rpartition("-")[0]


def _is_in_a_run(home: Home, name: str) -> bool:
    return any(name in run_id for run_id in names_in(str(home.runs)))
