"""Events of runs as sentences for the log pane."""

from collections.abc import Callable

from tui_optim.report.cells import loss_text
from tui_optim.report.columns import GAP
from tui_optim.spec.commands import BRANCHED, words
from tui_optim.spec.events import CommandSeen, Ended, Evaluated, Examined, Notice, Record, Rewound, RunState, Started
from tui_optim.spec.results import EpochResult

STATE_GLYPHS: dict[RunState, str] = {
    "queued": "·",
    "running": "▶",
    "paused": "‖",
    "finished": "✓",
    "stopped": "□",
    "diverged": "↯",
    "failed": "✗",
    "interrupted": "!",
}
_COMMANDS = {
    "pause": "paused",
    "stop": "stopped",
    "kill": "killed",
    "evaluate": "evaluated",
    "checkpoint": "kept a checkpoint",
    "xray": "X-rayed",
}


def sentence(record: Record) -> str | None:
    """What happened, in words; None for what the charts show anyway."""
    event = record.event
    if isinstance(event, Started):
        where = device_line(event)
        if event.from_step and event.attempt == 1:
            return f"goes on from its parent's checkpoint at step {event.from_step:,} on {where}"
        if event.from_step:
            return f"resumed from its checkpoint at step {event.from_step:,} on {where} (attempt {event.attempt})"
        val = f" / {event.num_val:,} val" if event.num_val else ""
        split = f"{event.num_train:,} train{val} / {event.num_test:,} test"
        return f"started on {where}: {split}, {event.steps_per_epoch:,} steps per epoch"
    if isinstance(event, CommandSeen) and event.command == BRANCHED:
        return f"branches off at step {event.step:,}: what comes before is its parent's"
    if isinstance(event, CommandSeen):
        done = _COMMANDS.get(event.command) or words(event.command, event.value)
        return f"{done} on your command at step {event.step:,}"
    if isinstance(event, Evaluated):
        return _evaluation(event.result)
    if isinstance(event, Rewound):
        return "went back to its last checkpoint"
    if isinstance(event, Notice):
        return event.text
    if isinstance(event, Examined):
        where = f", first in layer {event.evidence.layer}" if event.evidence.layer else ""
        return f"its loss is not finite from step {event.evidence.step:,} on{where}; ⟪run.why:W⟫ tells why, and what to try"
    if isinstance(event, Ended):
        return _ending(event)
    return None


def idle_line(num_queued: int) -> str:
    """What to say while no run trains."""
    if not num_queued:
        return "Nothing is training. ⟪preset.queue:enter⟫ on a preset starts a run."
    runs = "1 run is" if num_queued == 1 else f"{num_queued} runs are"
    return f"{runs} queued; a worker is getting ready."


def device_line(event: Started) -> str:
    """The device as a report wants it."""
    name = event.device_name or event.device
    threads = f", {event.threads} threads" if event.device == "cpu" else ""
    return f"{event.device} ({name}{threads})" if name != event.device else f"{event.device}{threads}"


def duration(seconds: float | None) -> str:
    """`0:07`, `12:30` or `1:02:03`; a dash where it is not known."""
    if seconds is None or not 0 <= seconds < 1e8:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _evaluation(result: EpochResult) -> str:
    figures: tuple[tuple[str, float | None, Callable[[float], str]], ...] = (
        ("val loss", result.val_loss, loss_text),
        ("val accuracy", result.val_accuracy, "{:.2%}".format),
        ("test loss", result.test_loss, loss_text),
        ("test accuracy", result.test_accuracy, "{:.2%}".format),
        (GAP.title, result.gap, "{:.3g}".format),
    )
    parts = [f"{name} {form(value)}" for name, value, form in figures if value is not None]
    return f"after {result.effective_epochs:.2f} epochs: {', '.join(parts) or 'nothing to evaluate here'}"


def _ending(event: Ended) -> str:
    words = {
        "finished": "finished",
        "paused": "paused; ⟪run.pause:p⟫ resumes it",
        "stopped": "stopped; its results so far are kept",
        "diverged": "diverged",
        "failed": "failed",
        "interrupted": "was interrupted; ⟪run.pause:p⟫ resumes it from its checkpoint",
    }
    text = words.get(event.state, event.state)
    if event.reason and event.reason not in text:
        text += f": {event.reason}"
    final = event.final
    if final is not None and final.test_accuracy is not None and event.state == "finished":
        text += (
            f" with test accuracy {100 * final.test_accuracy:.2f} % after {duration(final.train_time_s)} of training"
        )
    if final is not None and final.gap is not None and event.state == "finished":
        text += f" with {GAP.title} = {final.gap:.3g}"
    return text
