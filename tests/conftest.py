"""What holds for every test process."""

import os

os.environ.setdefault("GOMP_SPINCOUNT", "5000")
"""As in the workers: torch's threads sleep while they wait instead of spinning, or tests side by side starve each other."""
