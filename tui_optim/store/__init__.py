"""WHAT is kept: the home folder, run folders, event logs, the catalogue, data files and presets."""
