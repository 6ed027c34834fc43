"""Runs that a worker trains as one stack: it holds all their locks and writes all their folders.

Everything that a run alone would have in its folder is there too. `candidates` are the runs as they are found, `stage` is what
the members of a stack say and hear.
"""

import math
import traceback
from collections.abc import Hashable, Sequence
from contextlib import suppress

import torch

from tui_optim.engine.data import Splits
from tui_optim.engine.devices import device_of
from tui_optim.engine.failures import is_out_of_memory
from tui_optim.engine.stack.member import Member
from tui_optim.engine.stack.pace import measure_pace
from tui_optim.engine.stack.training import train_stack
from tui_optim.runs import attempt, without_worker
from tui_optim.runs.candidates import Candidate, Terms, hold_all
from tui_optim.runs.stage import Speaker, Stage
from tui_optim.spec.errors import DiskFullError, StoreError
from tui_optim.spec.stacking import pace_key
from tui_optim.store.home import Home
from tui_optim.store.paces import StackPace, keep_pace, read_paces


def take_together(home: Home, run_ids: Sequence[str], terms: Terms) -> None:
    """Bring runs to their ends, as many of them as can go on together; the others are told to be given again."""
    held = hold_all(home, run_ids, terms.tell)
    groups: dict[Hashable, list[Candidate]] = {}
    for run in held:
        groups.setdefault((run.key, run.place), []).append(run)
    chosen = max(groups.values(), key=len, default=[])
    for run in held:
        if run not in chosen:
            run.let_go(terms.tell, "queued")
    if len(chosen) < 2:
        for run in chosen:
            run.let_go(terms.tell, "alone")
        return
    torch.set_num_threads(attempt.threads_of(chosen[0].folder, chosen[0].spec, usual=terms.threads))
    device = device_of(chosen[0].spec)
    data = terms.splits.of(chosen[0].spec, device)
    try:
        pace = _pace(home, chosen, data, device, terms)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        for run in chosen:
            _note(run, "no room for all of them at once: trains alone")
            run.let_go(terms.tell, "alone")
        return
    if not pace.is_stack_faster:
        for run in chosen:
            _note(run, pace.text)
            run.let_go(terms.tell, "alone")
        return
    _train(home, chosen, data, device, terms, note=pace.text)


def _note(run: Candidate, text: str) -> None:
    """Say why it trains alone; it does so on a full disk too."""
    with suppress(StoreError):
        without_worker.note(run.folder, text)


def _pace(home: Home, runs: Sequence[Candidate], data: Splits, device: torch.device, terms: Terms) -> StackPace:
    """Which way is faster here, measured unless it has been for about as many runs of this kind."""
    size_class = 1 << (len(runs) - 1).bit_length()
    about = f"{pace_key(runs[0].spec)}, {torch.get_num_threads()} thread(s)"
    key = f"{about}, {size_class} runs, {terms.slots} slot(s), torch {torch.__version__}"
    known = read_paces(home).get(key)
    if known is None:
        measured = measure_pace([run.spec for run in runs], data=data, device=device)
        known = StackPace(
            about=about,
            num_runs=len(runs),
            slots=terms.slots,
            stack_s=measured.stack_s,
            alone_s=measured.alone_s,
        )
        if math.isfinite(known.stack_s + known.alone_s):
            keep_pace(home, key, known)
    return known


def _train(
    home: Home, runs: Sequence[Candidate], data: Splits, device: torch.device, terms: Terms, *, note: str
) -> None:
    stage = Stage(home, terms)
    speakers = [speaker for run in runs if (speaker := _speaker(run, stage, terms)) is not None]
    members = [Member(run=one.run.spec, emit=one.emit, control=one, checkpoint=one.checkpoint) for one in speakers]
    try:
        if members:
            train_stack(members, data=data, device=device, note=note)
    except Exception as error:  # noqa: BLE001 - the worker's main
        trace = "".join(traceback.format_exception(error))
        for speaker in speakers:
            if not speaker.has_ended:
                speaker.fail(error, trace)
    finally:
        stage.close()


def _speaker(run: Candidate, stage: Stage, terms: Terms) -> Speaker | None:
    """None where the folder cannot be written; then it is another attempt's turn."""
    try:
        return Speaker(run, stage)
    except StoreError as problem:
        state = "failed" if isinstance(problem, DiskFullError) else "interrupted"
        run.let_go(terms.tell, state, str(problem))
        return None
