"""A Slurm of one machine for tests: the four commands that submitit calls, as shell scripts over a folder of job files."""

import os
from pathlib import Path

_SCRIPTS = {
    "sbatch": """
n=$(( $(ls "$FAKE_SLURM" | grep -c '[.]sh$') + 1 ))
cp "$1" "$FAKE_SLURM/$n.sh"
echo PENDING > "$FAKE_SLURM/$n.state"
FAKE_SLURM_JOB=$n setsid "$(dirname "$0")/slurmd" > /dev/null 2>&1 < /dev/null &
echo "Submitted batch job $n"
""",
    "slurmd": """
n=$FAKE_SLURM_JOB
echo $$ > "$FAKE_SLURM/$n.pid"
while [ -e "$FAKE_SLURM/is-full" ]; do sleep 0.05; done
echo RUNNING > "$FAKE_SLURM/$n.state"
SLURM_JOB_ID=$n bash "$FAKE_SLURM/$n.sh" && state=COMPLETED || state=FAILED
echo $state > "$FAKE_SLURM/$n.state"
""",
    "srun": """
while [ "${1#--}" != "$1" ]; do
  if [ "$1" = --output ] || [ "$1" = --error ]; then shift; fi
  shift
done
exec "$@"
""",
    "sacct": """
echo "JobID|State|NodeList"
while [ $# -gt 0 ]; do
  if [ "$1" = -j ]; then echo "$2|$(cat "$FAKE_SLURM/$2.state")|node1"; shift; fi
  shift
done
""",
    "scancel": """
kill -- -"$(cat "$FAKE_SLURM/$1.pid")"
echo CANCELLED > "$FAKE_SLURM/$1.state"
""",
}


class FakeSlurm:
    """Jobs begin at once, unless the cluster `is_full`."""

    def __init__(self, folder: Path) -> None:
        """Write the commands into the folder."""
        self.commands, self._jobs = folder / "bin", folder / "jobs"
        self.commands.mkdir(parents=True)
        self._jobs.mkdir()
        for name, body in _SCRIPTS.items():
            path = self.commands / name
            path.write_text(f"#!/bin/bash\n{body.lstrip()}", encoding="ascii")
            path.chmod(0o700)

    @property
    def environment(self) -> dict[str, str]:
        """What a process needs to find it."""
        path = os.pathsep.join([str(self.commands), os.environ["PATH"]])
        return {"PATH": path, "FAKE_SLURM": str(self._jobs)}

    def fill(self) -> None:
        """From now on jobs wait."""
        (self._jobs / "is-full").touch()

    def drain(self) -> None:
        """Jobs that wait begin."""
        (self._jobs / "is-full").unlink(missing_ok=True)

    def states(self) -> list[str]:
        """Of all jobs so far, in the order in which they were submitted."""
        paths = sorted(self._jobs.glob("*.state"), key=lambda path: int(path.stem))
        return [path.read_text(encoding="ascii").strip() for path in paths]

    def script(self, number: int) -> str:
        """What was submitted."""
        return (self._jobs / f"{number}.sh").read_text(encoding="utf-8")
