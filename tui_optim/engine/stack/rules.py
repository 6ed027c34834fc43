"""The update rules of stacks, by optimizer."""

from tui_optim.engine.stack.adam_rules import AdamaxRule, AdamRule, AdamWRule, NAdamRule, RAdamRule
from tui_optim.engine.stack.adaptive_rules import AdadeltaRule, AdagradRule, RMSPropRule, RpropRule
from tui_optim.engine.stack.plain_rules import ByHandRule, MomentumEMARule, SGDRule
from tui_optim.engine.stack.rule import Rule

RULES: dict[str, type[Rule]] = {
    "sgd-by-hand": ByHandRule,
    "sgd": SGDRule,
    "momentum-ema": MomentumEMARule,
    "adagrad": AdagradRule,
    "adadelta": AdadeltaRule,
    "rmsprop": RMSPropRule,
    "rprop": RpropRule,
    "adam": AdamRule,
    "adamw": AdamWRule,
    "adamax": AdamaxRule,
    "nadam": NAdamRule,
    "radam": RAdamRule,
}
"""A test keeps them and `spec.stacking` equal."""
