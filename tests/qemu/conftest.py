from pathlib import Path

import pytest

from tests.paused import paused_qemu

__all__ = ["paused_qemu"]

DEBIAN_13 = Path.home() / ".cache/qemu-run-tests/qemu-debian13/bin/qemu-system-x86_64"


@pytest.fixture(params=["7.2", "10.0"])
def emulator(request):
    """QEMU's name and version: the one that is installed, and Debian 13's where it was unpacked."""
    if request.param == "7.2":
        return "qemu-system-x86_64", (7, 2)
    if not DEBIAN_13.exists():
        pytest.skip("Debian 13's QEMU is not there")
    return str(DEBIAN_13), (10, 0)
