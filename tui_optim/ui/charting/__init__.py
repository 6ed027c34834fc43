"""Charts: from runs to lines, bands and marks, and how they are looked at. `plotting` is the only door to plotext."""
