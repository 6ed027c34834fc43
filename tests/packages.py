"""A package of a user's, as an installer would leave it beside its modules."""

from pathlib import Path

from tui_optim.spec.plugins import GROUP


def declare_plugins(folder: Path, *points: str) -> None:
    """Declare entry points of our group, each `name = module`, of a package whose modules lie in this folder."""
    declared = folder / "own_package-1.0.dist-info"
    declared.mkdir()
    (declared / "METADATA").write_text("Metadata-Version: 2.1\nName: own-package\nVersion: 1.0\n", encoding="utf-8")
    (declared / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *points]), encoding="utf-8")
