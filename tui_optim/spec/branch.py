"""Where a fork leaves its parent, and what of the parent goes on in it."""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from tui_optim.spec.run import RunSpec


class Branch(BaseModel):
    """Where a fork leaves its parent, with what the parent was: it may be deleted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    """Of the parent."""
    spec: "RunSpec"
    """What the parent is."""
    step: int
    """Optimizer steps that the parent had taken."""
    epoch: int
    """Whole epochs that it had trained and evaluated."""
    effective_epochs: float
    """Its work by then, gradient evaluations ÷ n."""
    sha256: str
    """Of the state in its checkpoint."""
    commands: str = ""
    """What it had been told by then that changed its numbers."""

    @property
    def words(self) -> str:
        """Preset and place: ``sgd@5``."""
        return f"{self.spec.preset}@{self.effective_epochs:.4g}"

    def command_words(self, run: "RunSpec") -> list[str]:
        """The command line that repeats a fork; what it does not name is as in the parent: seed, data, device, threads."""
        words = ["tui-optim", "fork", self.run_id, *run.preset_words]
        return [*words, "--at", f"step={self.step}", "--epochs", str(run.epochs), *run.override_words]

    def schedule_start(self, run: "RunSpec", num_train: int) -> int:
        """Plain mini-batch steps before a fork's schedule begins to count."""
        if self.keeps_schedule(run):
            return self.spec.schedule_start(num_train)
        whole, rest = divmod(self.effective_epochs, 1)
        steps_per_epoch = run.length(num_train).steps_per_epoch
        return int(whole) * steps_per_epoch + int(round(rest * num_train, 3)) // run.examples_per_step(num_train)

    def keeps_schedule(self, run: "RunSpec") -> bool:
        """Whether the schedule of the parent goes on in this run."""
        parent = self.spec
        return (run.schedule, run.schedule_parameters) == (parent.schedule, parent.schedule_parameters)

    def keeps_method(self, run: "RunSpec") -> bool:
        """Whether the optimizer's state goes on: it is the same one, and differs in nothing but numbers that are no counts."""
        parent = self.spec
        if (run.optimizer, run.optimizer_sha256) != (parent.optimizer, parent.optimizer_sha256):
            return False
        theirs = parent.hyperparameters
        if bool(theirs.get("momentum")) != bool(run.hyperparameters.get("momentum")):  # one of them has no velocity
            return False
        return all(isinstance(value, float) or value == theirs.get(name) for name, value in run.hyperparameters.items())

    def keeps_rate(self, run: "RunSpec") -> bool:
        """Whether the parent's rate goes on, with what commands have made of it."""
        is_same = run.hyperparameters.get("lr") == self.spec.hyperparameters.get("lr")
        return is_same and self.keeps_schedule(run) and self.keeps_method(run)
