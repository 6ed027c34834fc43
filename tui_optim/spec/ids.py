"""What an id looks like; without pydantic, which commands that only help should not pay for."""

import re

PRESET_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""Of presets and optimizers: it is part of file names and of the names of run folders."""
