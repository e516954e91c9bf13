"""What nobody thought of, in a thread that fetches: it ends the run, whatever it is."""

from types import SimpleNamespace

import pytest

from qemu_run.planning.plan import ArtifactPlan
from qemu_run.runtime.artifacts import bring
from qemu_run.runtime.supply import Supply
from tests.artifacts.conftest import CONTENT, request


def test_an_error_that_nobody_expects_reaches_whoever_waits_and_is_not_its_own_cause(tmp_path):
    (tmp_path / "x.img").write_bytes(CONTENT)
    wanted = ArtifactPlan(
        request=request(tmp_path / "x.img"), destination=tmp_path / "vm/a\0b", unpack=None, span=None
    )
    layout = SimpleNamespace(directory=tmp_path / "vm")
    plan = SimpleNamespace(
        artifacts=[wanted], layout=layout, launch=SimpleNamespace(disk=None), id="vm", task=None
    )
    with pytest.raises(ValueError, match="null byte") as caught:
        bring(plan, Supply(cache=tmp_path / "cache"), lambda _event: None)
    assert caught.value.__cause__ is None
