"""Before which epoch a run may end by itself, and which of its checkpoints stay."""

import math
from dataclasses import dataclass

from tui_optim.spec.errors import UsageError
from tui_optim.spec.hyperparameters import option
from tui_optim.spec.scenarios import Scenario

MAX_EPOCHS = 100_000
"""No run is longer."""
EARLY = "stopped early"
"""How the reason of a run begins that has finished before its last epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What of a run is rule and not wish: when it has trained enough, and what is kept on the way."""

    patience: int | None = None
    """Epochs after which a run ends whose lowest validation loss has not been bettered; None: it trains all of its epochs."""
    min_delta: float = 0.0
    """A loss is better when it is lower by more than this."""
    every: int | None = None
    """After each so many epochs a checkpoint stays, beside the last and the best; None: none does by itself."""

    @property
    def words(self) -> list[str]:
        """The options of the command line that say this."""
        return [
            *option("--patience", self.patience),
            *option("--min-delta", self.min_delta, usual=0.0),
            *option("--keep-every", self.every),
        ]


WHOLE = Keeping()
"""All epochs are trained; the last and the best checkpoint are kept."""


def check_keeping(keeping: Keeping, scenario: Scenario, *, holdout: bool) -> Keeping:
    """Refuse what a run of this scenario cannot keep to. A run never ends by what it does on test data. Raises UsageError."""
    _check_period("--patience", keeping.patience)
    _check_period("--keep-every", keeping.every)
    if not 0.0 <= keeping.min_delta < math.inf:
        raise UsageError(f"--min-delta {keeping.min_delta:g}: expected a number of at least 0")
    if keeping.patience is None:
        if keeping.min_delta:
            raise UsageError(f"--min-delta {keeping.min_delta:g} is for a run that ends early: say --patience N too")
        return keeping
    if scenario.quadratic:
        raise UsageError(
            f"--patience looks at validation data, and {scenario.id} is a function to minimise: leave it out"
        )
    if not holdout and not scenario.validation_size:
        raise UsageError(f"--patience looks at validation data, and {scenario.id} has none of its own: add --holdout")
    return keeping


def early_reason(keeping: Keeping, *, loss: float, epoch: int, waited: int) -> str:
    """Why a run has finished early: its lowest validation loss, of which epoch that was, and the epochs since."""
    since = f"for {waited} epoch{'' if waited == 1 else 's'}"
    if not math.isfinite(loss):
        return f"{EARLY}: val_loss was no finite number {since}"
    by = f" by more than {keeping.min_delta:g}" if keeping.min_delta else ""
    return f"{EARLY}: val_loss {loss:.4g} at epoch {epoch} was not bettered{by} {since}"


def is_early(reason: str) -> bool:
    """Whether this is the reason of a run that has finished early."""
    return reason.startswith(EARLY)


def _check_period(option: str, epochs: int | None) -> None:
    if epochs is not None and not 1 <= epochs <= MAX_EPOCHS:
        raise UsageError(f"{option} {epochs}: expected a whole number of epochs in [1, {MAX_EPOCHS}]")
