"""Claims about accuracy, on the full data: minutes each, run with `pytest -m accuracy -n 0`."""
