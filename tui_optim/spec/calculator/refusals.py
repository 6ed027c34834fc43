"""Why the calculator has no step for the other optimizers: a weight's step needs more than its own gradient."""

_LAYER = "a weight's step depends on the norm of its whole layer"
_MATRIX = "a weight's step depends on the other entries of its matrix"
_PRODUCT = "it needs a product with the Hessian beside the gradient"
_TWO_POINTS = "it needs the gradient of the same batch at two points, and the whole training set's"
_TABLE = "it needs the stored gradients of all blocks of examples"
_PAIRS = "it scales by curvature pairs of all parameters together"
_BATCH = "its step is that of SGD; what it changes is the batch: step sgd"

REFUSALS: dict[str, str] = {
    "adafactor": "a weight's step depends on the squares in its row and column, and on the root mean square of its layer",
    "muon": _MATRIX,
    "lamb": _LAYER,
    "prodigy": "its rate is estimated from all parameters together",
    "svrg": _TWO_POINTS,
    "sag": _TABLE,
    "saga": _TABLE,
    "sarah": _TWO_POINTS,
    "geometric-batch": _BATCH,
    "norm-test": _BATCH,
    "newton-cg": "it solves for the step of all parameters together, with curvature products",
    "sqn": _PAIRS,
    "multibatch-lbfgs": _PAIRS,
    "lbfgs": _PAIRS,
    "newton": "it needs the Hessian beside the gradient",
    "bfgs": _PAIRS,
    "kfac": "it scales by matrices of each layer's inputs and gradients",
    "sam": "it needs a second gradient, at a point that the norm of the first one over all parameters decides",
    "shampoo": _MATRIX,
    "soap": _MATRIX,
    "psgd-kron": _MATRIX,
    "sophia-h": _PRODUCT,
    "adahessian": _PRODUCT,
}
