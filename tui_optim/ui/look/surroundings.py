"""What the app is opened in: what the terminal and the locale can show, and what the command line asks for."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tui_optim.spec.settings import Settings

_INITIAL = Path("/proc/self/environ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Found out before the start."""

    is_dark: bool | None = None
    """Whether the ground is dark; None where nobody says."""
    is_utf8: bool = True
    """Whether the locale has more than ASCII."""
    is_ascii_asked: bool = False
    """Whether the command line asks for ASCII alone."""

    def is_ascii(self, settings: Settings) -> bool:
        """Whether nothing but ASCII may be shown."""
        if self.is_ascii_asked:
            return True
        return not self.is_utf8 if settings.characters == "auto" else settings.characters == "ascii"


def is_utf8_locale(environ: Mapping[str, str]) -> bool:
    """Whether the locale's characters are UTF-8, by the rules of POSIX: the first of three variables that is set says so."""
    for variable in ("LC_ALL", "LC_CTYPE", "LANG"):
        if locale := environ.get(variable, ""):
            return "utf8" in locale.lower().replace("-", "")
    return False


def initial_environment(current: Mapping[str, str], *, path: Path = _INITIAL) -> Mapping[str, str]:
    """The environment of the process at its start: in a POSIX locale Python sets `LC_CTYPE` to UTF-8 by itself (PEP 538)."""
    try:
        content = path.read_bytes().decode(errors="replace")
    except OSError:
        return current
    return dict(part.split("=", 1) for part in content.split("\0") if "=" in part)
