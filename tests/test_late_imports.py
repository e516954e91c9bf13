import subprocess
import sys

SHOWN = """
import sys
from qemu_run.late_imports import import_late

import_late("bz2", "colorsys")
import bz2
print("_bz2" in sys.modules)
print(bz2.decompress(bz2.compress(b"whole")).decode())
print("_bz2" in sys.modules, sys.modules["bz2"] is not bz2, bz2.__file__ == sys.modules["bz2"].__file__)
import_late("bz2")
print(type(sys.modules["bz2"]).__name__)
from colorsys import rgb_to_hsv
print(rgb_to_hsv(0, 0, 1)[2], hasattr(bz2, "no_such_name"))
"""


def printed(program):
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()


def test_a_module_is_loaded_when_something_of_it_is_asked_for():
    assert printed(SHOWN) == ["False", "whole", "True True True", "module", "1 False"]


def test_a_command_loads_no_compression_to_copy_files():
    program = "import sys, qemu_run.cli.main, shutil; print('bz2' in sys.modules, '_bz2' in sys.modules)"
    assert printed(program) == ["True False"]
