"""HOW it looks: the only room that imports Textual and plotext."""
