"""Attacks that were tried on the product, left behind: hostile input by the thousand, and what has to hold whatever comes in."""
