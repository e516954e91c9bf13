import subprocess

import pytest

from tests.paused import paused_qemu

__all__ = ["paused_qemu"]


@pytest.fixture
def image(tmp_path):
    """Makes images as qemu-img does: `image("top.qcow2", "qcow2", base="base.raw", base_format="raw")`."""

    def make(name, image_format="qcow2", *, base=None, base_format=None, size="4M", options=()):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        below = ["-b", str(base), "-F", base_format] if base else []
        command = ["qemu-img", "create", "-q", "-f", image_format, *options, *below, str(path)]
        subprocess.run([*command, *([] if base else [size])], check=True, cwd=tmp_path)
        return path

    return make
