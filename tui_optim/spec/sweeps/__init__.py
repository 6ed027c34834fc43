"""Sweeps: what the user says (`plan`), the typed form of what is searched (`space`), and the resolved whole (`sweep`)."""
