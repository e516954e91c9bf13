"""The driver's config: what is wrong with it before a run, and what it is at start."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.qemu_config import KEYS, QemuConfig, decode
from qemu_run.jobspec.qemu_names import ACCELERATORS
from tests.jobspec.answers import job_of, load_text

IMAGE = 'image_path = "x"'

WRONG = {
    "a question in args": (f'{IMAGE}\nargs = ["-accel", "help"]', "-accel help", "by hand"),
    "an option that takes QEMU away": (f'{IMAGE}\nargs = ["-daemonize"]', "-daemonize", "leave it out"),
    "the same with two dashes": (f'{IMAGE}\nargs = ["--runas", "nobody"]', "-runas", "as that user"),
    "another user in a value": (f'{IMAGE}\nargs = ["-run-with", "user=x"]', "user=", "as that user"),
    "a file for others": (f'{IMAGE}\nargs = ["-m", "1G", "-pidfile", "p"]', "-pidfile", "leave it out"),
    "a guest that comes from elsewhere": (f'{IMAGE}\nargs = ["-incoming", "tcp:0:1"]', "-incoming", "leave"),
    "an unknown key": (f'{IMAGE}\nboot_order = "cd"', "boot_order", "image_path"),
    "an unknown key that is empty": (f"{IMAGE}\nvolumes = []", "volumes", "port_map"),
    "an unknown block": (f'{IMAGE}\nmount {{\n target = "x"\n}}', "mount", "drive_interface"),
    "a misspelt key": (f'{IMAGE}\naccelerater = "tcg"', "accelerater", 'did you mean "accelerator"?'),
    "a misspelt accelerator": (f'{IMAGE}\naccelerator = "kmv"', "kmv", 'did you mean "kvm"?'),
    "an accelerator in capitals": (f'{IMAGE}\naccelerator = "KVM"', "KVM", 'did you mean "kvm"?'),
    "a misspelt one of several": (f'{IMAGE}\naccelerator = "kvm:tgc"', "tgc", 'did you mean "tcg"?'),
    "an accelerator without a name": (f'{IMAGE}\naccelerator = "kvm:"', '""', "tcg, kvm"),
    "any accelerator": (f'{IMAGE}\naccelerator = "auto"', "auto", "kvm:tcg"),
    "accelerators between commas": (f'{IMAGE}\naccelerator = "kvm,tcg"', "colons", '"kvm:tcg"'),
    "an accelerator nobody has": (f'{IMAGE}\naccelerator = "gpu"', "gpu", "hvf"),
    "an interface": (f'{IMAGE}\ndrive_interface = "Virtio"', "Virtio", 'did you mean "virtio"?'),
    "an address": (
        'image_path = "https://h.example/a/debian-12.qcow2"',
        "https://h.example/a/debian-12.qcow2",
        'artifact { source = "https://h.example/a/debian-12.qcow2" }',
    ),
    "an address with a query": (
        'image_path = "http://h/d.img?sig=1"',
        "http://h/d.img?sig=1",
        '"local/d.img"',
    ),
    "an address without a path": ('image_path = "https://h.example/"', "h.example", "local/disk.img"),
    "an address that is none": ('image_path = "http://[::1/x.img"', "http://[::1/x.img", "artifact"),
    "a bucket": ('image_path = "s3::https://s3.example/b/x.img"', "s3::", "local/x.img"),
    "a file server": ('image_path = "ftp://h/x.img"', "ftp://h/x.img", "artifact"),
    "a file's address": ('image_path = "file:///srv/x.img"', "file:///srv/x.img", '"/srv/x.img"'),
    "options of a drive": (
        'image_path = "file=local/x.img,if=virtio,cache=none"',
        "file=local/x.img,if=virtio,cache=none",
        'drive_interface = "virtio"',
    ),
    "options behind a path": (
        'image_path = "local/x.img,if=scsi"',
        "local/x.img,if=scsi",
        'image_path = "local/x.img"',
    ),
    "QEMU's JSON": (
        'image_path = "json:{\\"driver\\":\\"nbd\\"}"',
        'json:{"driver":"nbd"}',
        '"-drive", "file=json:',
    ),
    "a network block device": (
        'image_path = "nbd://h/x"',
        "nbd://h/x",
        '"-drive", "file=nbd://h/x,if=virtio"',
    ),
    "a home": ('image_path = "~/vm/x.img"', "~/vm/x.img", "the whole path"),
    "a variable of a shell": ('image_path = "$HOME/x.img"', "$HOME/x.img", "the whole path"),
    "an accelerator in args": (f'{IMAGE}\nargs = ["-accel", "kmv,thread=multi"]', "kmv", "kvm"),
    "an accelerator of a machine in args": (
        f'{IMAGE}\nargs = ["-machine", "type=q35,accel=kvm:tgc"]',
        "tgc",
        'did you mean "tcg"?',
    ),
    "a block device over ssh": ('image_path = "ssh://h/x"', "ssh://h/x", '"-drive"'),
}
RIGHT = {
    "several accelerators": f'{IMAGE}\naccelerator = "kvm:hvf:tcg"',
    "an accelerator with a property": f'{IMAGE}\naccelerator = "tcg,thread=multi"',
    "an accelerator known at run time": f'{IMAGE}\naccelerator = "${{meta.accelerator}}"',
    "a flag known at run time": f'{IMAGE}\nguest_agent = "${{meta.agent}}"',
    "accelerators in args": f'{IMAGE}\nargs = ["-accel", "tcg,thread=multi", "-M", "q35,accel=kvm:tcg"]',
    "an accelerator in args known at run time": f'{IMAGE}\nargs = ["-accel", "${{meta.accelerator}}"]',
    "a path with a tilde": 'image_path = "local/disk~1.img"',
    "a path with a colon": 'image_path = "local/disk:1.img"',
    "a path with a comma and an equals sign": 'image_path = "local/size=1,x.img"',
    "a path known at run time": 'image_path = "${NOMAD_TASK_DIR}/x.img"',
    "no image but a disk": 'args = ["-drive", "file=local/x.img"]',
    "no image but a kernel": 'args = ["-kernel", "/boot/vmlinuz"]',
    "no image but the network": 'args = ["-boot", "n"]',
    "no image but what a reference may bring": 'args = ["${meta.args}"]',
}


@pytest.mark.parametrize(("config", "said", "cure"), WRONG.values(), ids=WRONG)
def test_a_config_that_can_never_run_is_an_error(config, said, cure):
    (error,) = load_text(job_of(config=config)).errors
    assert said in error.summary
    assert cure in " ".join((error.label, *error.hints))
    assert error.span.first.line >= 8


@pytest.mark.parametrize("name", ACCELERATORS)
def test_every_accelerator_of_qemu_is_known(name):
    assert load_text(job_of(config=f'{IMAGE}\naccelerator = "{name}"')).mistakes == []


@pytest.mark.parametrize("config", RIGHT.values(), ids=RIGHT)
def test_a_config_that_may_run(config):
    assert load_text(job_of(config=config)).mistakes == []


def test_no_image_and_nothing_else():
    (error,) = load_text(job_of(config='args = ["-smp", "2"]')).errors
    assert "no image_path" in error.summary


def test_a_slip_in_args_is_a_warning_with_its_place():
    (found,) = load_text(job_of(config=f'{IMAGE}\nargs = ["-nographic", "-smp 2"]')).mistakes
    assert (found.severity, found.span.text) == ("warning", '"-smp 2"')


def decoded(config, values=None):
    values = values or {}
    task = load_text(job_of(config=config), checked=False).job.groups[0].tasks[0]
    diagnostics = Diagnostics()
    return decode(task, lambda text, _: values.get(text, text), diagnostics), diagnostics


def test_every_key_is_decoded():
    config, diagnostics = decoded("""image_path = "a"
        args = ["-smp", 2, true, 1.5]
        emulator = "aarch64"
        machine_type = null
        accelerator = "kvm:tcg"
        drive_interface = "virtio"
        graceful_shutdown = "1"
        guest_agent = false
        port_map { ssh = 22 }
        port_map { ssh = "23" }""")
    assert diagnostics.items == []
    assert config == QemuConfig(
        image_path="a",
        args=("-smp", "2", "true", "1.5"),
        emulator="aarch64",
        accelerator="kvm:tcg",
        drive_interface="virtio",
        graceful_shutdown=True,
        port_map={"ssh": 23},
    )
    assert set(KEYS) == set(QemuConfig.__slots__)


AT_START = {
    "no flag": ('guest_agent = "${x}"', "maybe"),
    "no port": ('port_map { ssh = "${x}" }', "0"),
    "no interface": ('drive_interface = "${x}"', "nvme"),
    "an address": ('image_path = "${x}"', "http://h/x.img"),
    "a NUL": ('emulator = "${x}"', "a\0b"),
    "a reference's own text": ('guest_agent = "${x}"', "${y}"),
}


@pytest.mark.parametrize(("config", "value"), AT_START.values(), ids=AT_START)
def test_what_a_reference_brings_is_judged_at_start(config, value):
    assert load_text(job_of(config=config, group='network {\n port "ssh" {}\n}'), checked=False).errors == []
    config, diagnostics = decoded(config, {"${x}": value})
    assert config is None
    assert len(diagnostics.errors) == 1


def test_a_slip_is_not_warned_of_twice():
    config, diagnostics = decoded('args = ["-smp 2", "${x}"]', {"${x}": "-m 512"})
    assert config.args == ("-smp 2", "-m 512")
    assert [item.span.text for item in diagnostics.items] == ['"${x}"']


TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        [
            "-smp 2",
            "net nic",
            "${x}",
            "http://[::1/x",
            "json:{",
            "file=,if=",
            "~",
            "kvm,tcg",
            "-boot",
            "-accel",
            " -m",
        ]
    ),
)
VALUES = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        TEXTS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=8,
)


@given(config=st.dictionaries(st.one_of(st.sampled_from(sorted(KEYS)), TEXTS), VALUES, max_size=5))
def test_any_config_is_right_or_wrong(config):
    """No value breaks the checks, and what passes them can be decoded."""
    task = {"Name": "t", "Driver": "qemu", "Config": config}
    text = json.dumps({"Job": {"ID": "j", "TaskGroups": [{"Name": "g", "Tasks": [task]}]}})
    loaded = load_text(text)
    assert loaded.job is not None
    diagnostics = Diagnostics()
    decoded = decode(loaded.job.groups[0].tasks[0], lambda text, _: text.replace("${x}", ""), diagnostics)
    assert (decoded is None) == bool(diagnostics.errors)
