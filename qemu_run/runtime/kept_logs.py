"""What stays of a run that ended badly: its logs, in the user's state folder, and no disk.

{runs}/{job}-{allocation's short id}/
  {task}.stdout.0  {task}.stderr.0         of a run with one allocation
  {group}[{index}]/{task}.stdout.0  ...    of a run with several

Disks go with their allocations, unless `--keep` keeps those.
"""

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

from qemu_run.folders import make_private
from qemu_run.planning.plan import Allocation

_MOST_RUNS = 20
_SHORT_ID = 8
_LONGEST_NAME = 100


def keep_logs(allocations: Sequence[Allocation], runs: Path) -> Path | None:
    """Move the logs of `allocations` below `runs`, where those of the last 20 runs stay; their folder.

    None when there is nothing in them.

    Raises:
        OSError: they cannot be moved.
    """
    logs = [(allocation, _written(allocation)) for allocation in allocations]
    if not any(files for _, files in logs):
        return None
    first = allocations[0]
    folder = make_private(make_private(runs) / f"{file_name(first.job.id)}-{first.id[:_SHORT_ID]}")
    for allocation, files in logs:
        own = f"{file_name(allocation.group.name)}[{allocation.index}]"
        target = folder if len(allocations) == 1 else make_private(folder / own)
        for file in files:
            shutil.move(file, target / file.name)
    _remove_old(runs)
    return folder


def file_name(name: str) -> str:
    """A job's or task's name as the name of a file: whatever it holds, it stays in its folder."""
    return re.sub(r"[^\w.\[\]-]", "-", name)[:_LONGEST_NAME].lstrip(".") or "-"


def _written(allocation: Allocation) -> list[Path]:
    """The allocation's log files that have something in them."""
    files = (file for file in sorted(allocation.layout.logs.glob("*.std*.*")) if not file.is_symlink())
    return [file for file in files if file.is_file() and file.stat().st_size]


def _remove_old(runs: Path) -> None:
    """Leave the newest."""
    folders = [each for each in runs.iterdir() if each.is_dir()]
    folders.sort(key=lambda folder: folder.stat().st_mtime_ns)
    for folder in folders[:-_MOST_RUNS]:
        shutil.rmtree(folder, ignore_errors=True)
