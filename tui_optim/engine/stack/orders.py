"""The mini-batches of a stack: members of the same seed see the same batches, so there is one stream for each distinct seed.

The draws are those of `engine.batches` for a run alone: from a stream that begins where the seed's initial weights ended.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import torch

from tui_optim.engine.batches import METHOD_STREAM
from tui_optim.engine.draws import epoch_order, open_loader, open_shuffling_loader


class Stream:
    """What is drawn for one seed."""

    def __init__(self, generator: torch.Generator, own: torch.Generator, num_examples: int) -> None:
        """`generator` for the orders, `own` for methods that draw their batches themselves."""
        self.generator, self.own = generator, own
        self.order_seed: int | None = None
        self.order = torch.empty(0, dtype=torch.int64)
        self.position = 0
        self._num_examples = num_examples

    @classmethod
    def after_start(cls, seed: int, state: torch.Tensor, num_examples: int) -> "Stream":
        """The stream of a seed whose model has just been built; `state` is that of the global generator then."""
        generator = torch.Generator()
        generator.set_state(state)
        own = torch.Generator().manual_seed((seed ^ METHOD_STREAM) % 2**63)
        return cls(generator, own, num_examples)

    def rows(self, num_rows: int) -> torch.Tensor:
        """The next rows of the pass at hand, or of a new one; they never reach beyond its end."""
        if self.order_seed is None or self.position == self._num_examples:
            self.order_seed, self.position = open_shuffling_loader(self.generator), 0
            self.order = epoch_order(self.order_seed, self._num_examples)
        self.position += num_rows
        assert self.position <= self._num_examples, "a bin ends where its pass does"
        return self.order[self.position - num_rows : self.position]

    def drawn_rows(self, sizes: Iterable[int]) -> torch.Tensor:
        """Rows of batches that are drawn anew from all examples."""
        return torch.cat([torch.randint(self._num_examples, (size,), generator=self.own) for size in sizes])

    def copy(self, *, has_own: bool = True) -> "Stream":
        """Another one that will draw the same; without an own one where nothing is drawn from that."""
        own = self.own.clone_state() if has_own else self.own
        other = Stream(self.generator.clone_state(), own, self._num_examples)
        other.order_seed, other.order, other.position = self.order_seed, self.order, self.position
        return other

    def state_dict(self, batch_size: int) -> dict[str, Any]:
        """As that of `Batches`."""
        return {
            "order_seed": self.order_seed,
            "position": self.position,
            "batch_size": batch_size,
            "generator": self.own.get_state(),
        }

    def load_state_dict(self, state: dict[str, Any], random: torch.Tensor) -> None:
        """Inverse of `state_dict`; `random` is the state of the global generator."""
        self.generator.set_state(random)
        self.own.set_state(state["generator"])
        self.order_seed, self.position = state["order_seed"], state["position"]
        if self.order_seed is not None:
            self.order = epoch_order(self.order_seed, self._num_examples)


class Orders:
    """The streams of a stack's members."""

    def __init__(self, streams: Sequence[Stream], stream_of: Sequence[int], *, has_replacement: bool) -> None:
        """`stream_of` has the number of its stream for each member."""
        self.streams, self._stream_of, self._has_replacement = list(streams), list(stream_of), has_replacement
        self._streams = torch.tensor(self._stream_of)

    def rows(self, sizes: Sequence[int]) -> torch.Tensor:
        """Rows of the next batches of these sizes, one after the other: [S, n], for each stream."""
        if self._has_replacement:
            return torch.stack([stream.drawn_rows(sizes) for stream in self.streams])
        return torch.stack([stream.rows(sum(sizes)) for stream in self.streams])

    def gather(self, values: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """Examples' values [n, …] at rows [S, m], as each member sees them: [K, m, …]; not copied where all see the same."""
        seen = values.index_select(0, rows.reshape(-1)).view(*rows.shape, *values.shape[1:])
        if len(seen) == 1:
            return seen.expand(len(self._stream_of), *seen.shape[1:])
        return seen.index_select(0, self._streams)

    def open_loaders(self) -> None:
        """What a run alone draws before it evaluates."""
        for stream in self.streams:
            open_loader(stream.generator)

    def of(self, row: int) -> Stream:
        """The stream of a member."""
        return self.streams[self._stream_of[row]]

    def select(self, rows: Sequence[int]) -> "Orders":
        """A copy for these members alone."""
        wanted = [self._stream_of[row] for row in rows]
        kept = sorted(set(wanted))
        streams = [self.streams[number].copy(has_own=self._has_replacement) for number in kept]
        return Orders(streams, [kept.index(number) for number in wanted], has_replacement=self._has_replacement)
