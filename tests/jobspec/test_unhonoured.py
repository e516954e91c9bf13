"""What has no effect on one machine is named, once each."""

import pytest

from qemu_run.jobspec.validate.unhonoured import unhonoured
from tests.jobspec.answers import job_of, load_text

NAMES = {
    "nothing": (job_of(), []),
    "a default is not written": (job_of(job='type = "system"'), []),
    "update": (job_of(job="update {}", group="update {}"), ["update"]),
    "device": (job_of(task='resources {\n device "gpu" {}\n}'), ["device"]),
    "connect": (
        job_of(group='service {\n port = "1"\n connect { native = true }\n}'),
        ["connect"],
    ),
    "twice": (
        job_of(
            job='all_at_once = false\n update {}\n spread {\n attribute = "a"\n }',
            group="update {}",
            task='identity {}\n identity {\n name = "x"\n }',
        ),
        ["update", "spread", "identity"],
    ),
    "in the order of the file's levels": (
        job_of(job="all_at_once = true", group='consul { cluster = "x" }', task='vault { policies = ["x"] }'),
        ["all_at_once", "consul", "vault"],
    ),
}


@pytest.mark.parametrize(("text", "names"), NAMES.values(), ids=NAMES)
def test_what_has_no_effect(text, names):
    told = unhonoured(load_text(text, checked=False).job)
    assert [name for name in told if name in names] == names
    assert names or not told
    assert len(told) == len(set(told))
