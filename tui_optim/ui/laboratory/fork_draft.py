"""A fork as the user has it so far: where it begins, with which preset, and what is changed over that."""

from collections.abc import Sequence

from tui_optim.spec.branch import Branch
from tui_optim.spec.compatibility import why_unsuited
from tui_optim.spec.errors import UsageError
from tui_optim.spec.forking import fork_run, own_preset, planned_epochs
from tui_optim.spec.hyperparameters import Value
from tui_optim.spec.keeping import MAX_EPOCHS
from tui_optim.spec.optimizers import find_optimizer
from tui_optim.spec.presets import Preset
from tui_optim.spec.run import RunSpec
from tui_optim.spec.schedules import find_schedule
from tui_optim.store.catalogue import StoredRun
from tui_optim.store.kept import KeptCheckpoint
from tui_optim.ui.laboratory.plan import Plan
from tui_optim.ui.laboratory.run_options import OPTION_KEYS
from tui_optim.ui.laboratory.setting import Setting

FROM, PRESET, EPOCHS = "from", "preset", "epochs"
ITSELF = "as it is"


class ForkDraft:
    """Rows to edit, as the details have them, and the run that they say."""

    def __init__(self, run: StoredRun, kept: Sequence[KeptCheckpoint], presets: Sequence[Preset]) -> None:
        """A fork of `run` from the newest of its checkpoints, unchanged; `presets` may take the place of its own."""
        self.run = run
        scenario = run.info.spec.scenario_info
        suited = (one for one in presets if why_unsuited(scenario, find_optimizer(one.optimizer)) is None)
        self._presets = {ITSELF: own_preset(run.info.spec), **{one.id: one for one in suited}}
        self._places = {f"{one.name}: epoch {one.epoch}, step {one.step:,}": one for one in kept}
        self._place, self._preset_id = next(iter(self._places)), ITSELF
        self._plan, self._epochs = Plan(), 0

    @property
    def at(self) -> str:
        """Where it begins, as the command line has it."""
        return self._places[self._place].name

    @property
    def preset(self) -> Preset | None:
        """Another one than the parent's."""
        return None if self._preset_id == ITSELF else self._presets[self._preset_id]

    @property
    def epochs(self) -> int:
        """In all."""
        return self._epochs or self._usual_epochs

    @property
    def overrides(self) -> dict[str, Value]:
        """What is changed over the preset."""
        return self._plan.overrides(self.run.info.spec.scenario_info, self._presets[self._preset_id])

    @property
    def settings(self) -> list[Setting]:
        """All rows. Raises UsageError."""
        scenario, preset = self.run.info.spec.scenario_info, self._presets[self._preset_id]
        rows = [
            self._chosen(FROM, self._place, tuple(self._places), "the checkpoint that it goes on from"),
            self._chosen(PRESET, self._preset_id, tuple(self._presets), "whose values it has from there on"),
            Setting(
                key=EPOCHS,
                text=str(self.epochs),
                help=f"length in all; {self._branch.epoch} are over where it begins",
                expected=f"a whole number in [{self._branch.epoch + 1}, {MAX_EPOCHS}]",
                is_changed=bool(self._epochs),
            ),
        ]
        skipped = (*OPTION_KEYS, EPOCHS)
        return [*rows, *(one for one in self._plan.settings(scenario, preset) if one.key not in skipped)]

    def change(self, key: str, text: str) -> None:
        """Set a row to what the user typed or chose. Raises UsageError and changes nothing when it is not valid."""
        if key in (FROM, PRESET):
            self._choose(key, text)
        elif key == EPOCHS:
            before, self._epochs = self._epochs, _whole(text)
            try:
                self.spec()
            except UsageError:
                self._epochs = before
                raise
        else:
            self._plan.change(self.run.info.spec.scenario_info, self._presets[self._preset_id], key, text)

    def reset(self, key: str) -> None:
        """Take a row back. Raises UsageError and changes nothing when the rest needs the change."""
        if key == EPOCHS:
            self._epochs = 0
        elif key == FROM:
            self._place = next(iter(self._places))
        elif key == PRESET:
            self._preset_id = ITSELF
        else:
            self._plan.reset(self.run.info.spec.scenario_info, self._presets[self._preset_id], key)

    def spec(self) -> RunSpec:
        """The run, as far as it can be said before its checkpoint is read. Raises UsageError."""
        return fork_run(self._branch, preset=self.preset, epochs=self.epochs, overrides=self.overrides)

    def sentences(self) -> list[str]:
        """What goes on, what begins anew, and how far it goes. Raises UsageError."""
        run, branch = self.spec(), self._branch
        left = self.epochs - branch.epoch
        name = find_optimizer(run.optimizer).name
        more = f"{left} epoch{'' if left == 1 else 's'} more, {run.epochs} in all; the costs before are its parent's"
        method = (
            f"{name} goes on with its state." if branch.keeps_method(run) else f"{name} begins anew at these weights."
        )
        schedule = find_schedule(run.schedule).name
        rate = "goes on" if branch.keeps_schedule(run) else "counts from there on"
        return [f"{more}.", method, f"Schedule {schedule} {rate}."]

    @property
    def _branch(self) -> Branch:
        kept = self._places[self._place]
        return Branch(
            run_id=self.run.run_id,
            spec=self.run.info.spec,
            step=kept.step,
            epoch=kept.epoch,
            effective_epochs=float(kept.epoch),
            sha256=kept.sha256,
        )

    @property
    def _usual_epochs(self) -> int:
        return planned_epochs(self._branch, max(self.run.info.spec.epochs, self.run.status.epochs))

    def _choose(self, key: str, text: str) -> None:
        known = self._places if key == FROM else self._presets
        if text not in known:
            raise UsageError(f"{key} = {text}: not among the choices")
        if key == FROM:
            self._place = text
            self._epochs = self._epochs if self._epochs > self._branch.epoch else 0
        else:
            self._preset_id = text

    def _chosen(self, key: str, text: str, choices: tuple[str, ...], about: str) -> Setting:
        return Setting(
            key=key, text=text, help=about, expected="one of these", choices=choices, is_changed=text != choices[0]
        )


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"epochs = {text.strip()}: expected a whole number in [1, {MAX_EPOCHS}]") from None
