"""Measurements, printed as ratios of medians taken side by side in one run. Nothing here passes or fails."""
