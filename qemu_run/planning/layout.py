"""Every folder and file of a run, named once.

    {allocations}/{id}/            0700, locked while its run lives
      .kept                        its user asked to keep it
      alloc/{data,logs,tmp}/       shared by the tasks of the allocation
        logs/{task}.stdout.0       what the guest said; .stderr.0: what QEMU said
      {task}/                      QEMU's working directory
        local/ secrets/ tmp/
        image0.qcow2               the overlay that takes the guest's writes
        qa.sock                    the guest agent's socket
        result                     what the guest wrote to its result port

Source: Nomad's client, `client/allocdir` and `client/logmon`.
"""

from pathlib import Path

from qemu_run.records import record

AGENT_SOCKET = "qa.sock"
"""Relative to QEMU's working directory, since a socket's path may have 107 bytes at most."""


@record
class TaskLayout:
    """The places of one task."""

    directory: Path
    """QEMU's working directory."""
    logs: Path
    name: str

    @property
    def local(self) -> Path:
        """`NOMAD_TASK_DIR`."""
        return self.directory / "local"

    @property
    def secrets(self) -> Path:
        """`NOMAD_SECRETS_DIR`."""
        return self.directory / "secrets"

    @property
    def tmp(self) -> Path:
        """Scratch space of the task."""
        return self.directory / "tmp"

    @property
    def overlay(self) -> Path:
        """The qcow2 file that takes the guest's writes."""
        return self.directory / "image0.qcow2"

    @property
    def result(self) -> Path:
        """What the guest wrote to its result port."""
        return self.directory / "result"

    @property
    def stdout(self) -> Path:
        """The first log file of the guest's console; rotation counts up its last part."""
        return self.logs / f"{self.name}.stdout.0"

    @property
    def stderr(self) -> Path:
        """The first log file of QEMU's own words."""
        return self.logs / f"{self.name}.stderr.0"

    @property
    def folders(self) -> tuple[Path, ...]:
        """What is made before anything is put there."""
        return (self.local, self.secrets, self.tmp)


@record
class AllocationLayout:
    """The places of one allocation."""

    directory: Path

    @property
    def shared(self) -> Path:
        """`NOMAD_ALLOC_DIR`."""
        return self.directory / "alloc"

    @property
    def logs(self) -> Path:
        """The logs of all its tasks."""
        return self.shared / "logs"

    @property
    def kept_marker(self) -> Path:
        """Its presence says that the user asked to keep the directory."""
        return self.directory / ".kept"

    @property
    def folders(self) -> tuple[Path, ...]:
        """What is made before anything is put there."""
        return (self.shared / "data", self.logs, self.shared / "tmp")

    def task(self, name: str) -> TaskLayout:
        """The places of the task of that name."""
        return TaskLayout(directory=self.directory / name, logs=self.logs, name=name)
