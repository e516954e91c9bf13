import os
import sys

from qemu_run.planning.descriptors import CONSOLE_FD
from qemu_run.runtime.child import Start, start
from tests.conftest import PATIENCE_SECONDS

SAYS_BYTES = f"import os\nfor _ in range(500): os.write({CONSOLE_FD}, b'x')"


def test_single_bytes_are_said_before_anybody_reads(tmp_path):
    arguments = (os.path.realpath(sys.executable), "-I", "-c", SAYS_BYTES)
    child = start(Start(arguments, {}, f"{tmp_path}", {}))
    try:
        assert child.wait(PATIENCE_SECONDS) == 0
        assert len(child.console.recv(1000)) == 500
    finally:
        child.end(PATIENCE_SECONDS)
