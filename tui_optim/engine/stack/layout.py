"""How the parameters of a stack lie in memory: one vector, in which each parameter of the model is a block of all members'.

A block [K, …] is contiguous, so gradients are written straight to where the update reads them, and the update of all parameters
of all members is one operation on the vector. Blocks begin at addresses that are as round as those of tensors of their own: the
last bits of small matrix products depend on it. What stands in the gaps nobody reads.
"""

from dataclasses import dataclass

import torch

ALIGNMENT = 16
"""Numbers between the possible beginnings of blocks: 64 bytes in float32, as torch aligns what it allocates."""


@dataclass(frozen=True, slots=True)
class Layout:
    """For models whose parameters have these shapes."""

    shapes: tuple[torch.Size, ...]
    num_members: int

    @property
    def sizes(self) -> list[int]:
        """Numbers in each block, with the gap behind it."""
        return [-(-self.num_members * shape.numel() // ALIGNMENT) * ALIGNMENT for shape in self.shapes]

    def blocks(self, vector: torch.Tensor) -> list[torch.Tensor]:
        """Views of a vector in the shapes [K, …] of the parameters."""
        return [
            piece[: self.num_members * shape.numel()].view(self.num_members, *shape)
            for piece, shape in zip(vector.split(self.sizes), self.shapes, strict=True)
        ]

    def rows(self, vector: torch.Tensor) -> torch.Tensor:
        """A copy as [K, d]: a row for each member."""
        return torch.cat([block.flatten(1) for block in self.blocks(vector)], 1)

    def vector(self, rows: torch.Tensor) -> torch.Tensor:
        """Inverse of `rows`."""
        vector = rows.new_zeros(sum(self.sizes))
        pieces = rows.split([shape.numel() for shape in self.shapes], 1)
        for block, piece in zip(self.blocks(vector), pieces, strict=True):
            block.copy_(piece.view_as(block))
        return vector

    def members(self, device: torch.device) -> torch.Tensor:
        """Whose each number of a vector is: the index of the member, int64."""
        num_parameters = sum(shape.numel() for shape in self.shapes)
        column = torch.arange(self.num_members, device=device)[:, None]
        return self.vector(column.expand(-1, num_parameters).contiguous())

    def pieces(self, vector: torch.Tensor, member: int) -> list[torch.Tensor]:
        """Copies of one member's parameters, in their shapes."""
        return [block[member].clone() for block in self.blocks(vector)]

    def of(self, num_members: int) -> "Layout":
        """The same for another number of members."""
        return Layout(self.shapes, num_members)
