"""What the screens of pictures have in common: they are of a scenario."""

from abc import abstractmethod

from textual.screen import Screen


class PictureScreen(Screen[None]):
    """A picture of a scenario, or of runs on it."""

    @property
    @abstractmethod
    def topic(self) -> str:
        """Which scenario it is of, by its id: what Explain explains here."""
