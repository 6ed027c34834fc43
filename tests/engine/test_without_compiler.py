"""A process that trains starts without torch's compiler, in a process of its own: other tests may have loaded it here."""

import subprocess
import sys

_PROGRAM = """
import sys, torch
from torch import optim
from tui_optim.engine.warmup import warm_up

warm_up()
weight = torch.nn.Parameter(torch.ones(2, 2))
for kind in (optim.SGD, optim.Adam, optim.AdamW, optim.NAdam, optim.RAdam, optim.Adamax, optim.Adagrad, optim.Adadelta,
             optim.RMSprop, optim.Rprop, optim.ASGD, optim.Adafactor, optim.Muon):
    rule = kind([weight], lr=0.1)
    before, weight.grad = weight.clone(), torch.ones(2, 2)
    rule.step()
    rule.load_state_dict(rule.state_dict())
    rule.zero_grad()
    assert not weight.equal(before) and weight.grad is None, kind
assert "torch._dynamo" not in sys.modules

start = torch.ones(2, requires_grad=True)
here = start.clone()
here.grad = 3 * start
optim.SGD([here], lr=0.1, differentiable=True).step()
here.sum().backward()
assert start.grad.allclose(torch.full((2,), 0.7))

assert torch.compile(lambda x: 2 * x, backend="eager")(torch.ones(2)).tolist() == [2, 2]
assert "torch._dynamo" in sys.modules
"""


def test_optimizers_step_without_it_and_who_wants_it_gets_it() -> None:
    """Each of torch's rules steps, is kept and empties its gradients; a step may still be differentiated; `compile` works."""
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
