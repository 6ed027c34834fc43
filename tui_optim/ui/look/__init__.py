"""Colours and characters: what the user has set, and what the terminal can show."""
