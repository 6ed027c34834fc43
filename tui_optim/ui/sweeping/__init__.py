"""Sweeps: what is typed for a new one, what is looked at, and what keys on one mean."""
