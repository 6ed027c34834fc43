"""Explanations and the one-step calculator."""
