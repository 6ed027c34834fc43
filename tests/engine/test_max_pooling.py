"""Our max-pooling against torch's: values, gradients and gradients of gradients, to the last bit."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from tui_optim.engine import max_pooling
from tui_optim.engine.max_pooling import max_pool_2x2


def images_of(*shape: int, seed: int, num_values: int) -> torch.Tensor:
    """Images of few values, so that windows have several maxima; a quarter of them is blank."""
    values = torch.linspace(-1.0, 1.0, num_values)[
        torch.randint(num_values, shape, generator=torch.Generator().manual_seed(seed))
    ]
    values[..., : shape[-2] // 4, :] = 1.0
    return values


def pooled_and_gradient(images: torch.Tensor, *, is_ours: bool) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The pooled images, the gradient of a function of them, and the gradient of its squared norm."""
    inputs = images.clone(memory_format=torch.preserve_format).requires_grad_()
    pooled = max_pool_2x2(inputs) if is_ours else nn.functional.max_pool2d(inputs, 2)
    (gradient,) = torch.autograd.grad((pooled**3).sum(), inputs, create_graph=True)
    (curvature,) = torch.autograd.grad((gradient**2).sum(), inputs)
    return pooled.detach(), gradient.detach(), curvature


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(
    half_height=st.integers(1, 14),
    half_width=st.integers(1, 14),
    num_channels=st.integers(1, 7),
    num_values=st.integers(1, 50),
    seed=st.integers(0, 2**31),
)
def test_values_and_both_gradients_are_those_of_torch(
    half_height: int,
    half_width: int,
    num_channels: int,
    num_values: int,
    seed: int,
    dtype: torch.dtype,
    memory_format: torch.memory_format,
) -> None:
    images = images_of(3, num_channels, 2 * half_height, 2 * half_width, seed=seed, num_values=num_values).to(
        dtype, memory_format=memory_format
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(max_pooling, "MIN_VALUES", 0)
        ours = pooled_and_gradient(images, is_ours=True)
    theirs = pooled_and_gradient(images, is_ours=False)

    for our, their in zip(ours, theirs, strict=True):
        assert torch.equal(our, their)
    with torch.no_grad():
        assert torch.equal(max_pool_2x2(images), theirs[0])


@pytest.mark.parametrize("shape", [(64, 6, 24, 24), (2, 3, 254, 254), (2, 3, 256, 256), (4, 1, 7, 8), (4, 1, 8, 7)])
def test_images_of_every_size_are_pooled_as_torch_does(shape: tuple[int, ...]) -> None:
    """Small ones, wide ones and those with odd sides go torch's way, and large ones ours."""
    images = images_of(*shape, seed=1, num_values=30)
    for our, their in zip(
        pooled_and_gradient(images, is_ours=True), pooled_and_gradient(images, is_ours=False), strict=True
    ):
        assert torch.equal(our, their)


def test_a_value_that_is_no_number_stays_one() -> None:
    images = images_of(2, 3, 4, 4, seed=2, num_values=9)
    images[0, 1, 2, 3] = float("nan")
    images[1, 0, 0, 0] = float("inf")

    assert torch.equal(max_pool_2x2(images).nan_to_num(7.0), nn.functional.max_pool2d(images, 2).nan_to_num(7.0))


def test_what_torch_func_derives_is_that_of_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradients of every example, and Hessian-vector products forward over reverse, as an optimizer of one's own may ask for."""
    monkeypatch.setattr(max_pooling, "MIN_VALUES", 0)
    examples, directions = images_of(5, 1, 3, 8, 6, seed=3, num_values=7), torch.randn(5, 1, 3, 8, 6)

    def derived(pool: Callable[[torch.Tensor], torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        def loss(example: torch.Tensor) -> torch.Tensor:
            return (pool(example) ** 3).sum()

        gradient = torch.func.grad(loss)
        gradients: torch.Tensor = torch.func.vmap(gradient)(examples)
        product: torch.Tensor = torch.func.jvp(gradient, (examples[0],), (directions[0],))[1]
        return gradients, product

    ours, theirs = derived(max_pool_2x2), derived(lambda images: nn.functional.max_pool2d(images, 2))
    assert torch.equal(ours[0], theirs[0])
    assert torch.equal(ours[1], theirs[1])
