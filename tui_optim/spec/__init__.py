"""WHAT a run is: scenarios, optimizers, schedules, presets, run specifications, events, errors."""
