"""What is plainly a slip: refused where it can never run, warned of where Nomad accepts it."""

import pytest

from tests.jobspec.answers import job_of, load_text

DISK = 'image_path = "local/disk.img"'


def artifact(destination, *, source="https://h/disk.img", more=""):
    return f'artifact {{\n source = "{source}"\n destination = "{destination}"\n {more}\n}}'


FORGOTTEN = {
    "as it is": (artifact("local/disk.img"), "local/disk.img/disk.img"),
    "with a dot": (artifact("./local//disk.img"), "local/disk.img/disk.img"),
    "with a slash at its end": (artifact("local/disk.img/"), "local/disk.img/disk.img"),
    "another name at the source": (
        artifact("local/disk.img", source="https://h/a/debian%2012.qcow2?x=1"),
        "local/disk.img/debian 12.qcow2",
    ),
    "a name of its own": (
        artifact("local/disk.img", more='options {\n filename = "x"\n}'),
        "local/disk.img/x",
    ),
    "the other mode": (artifact("local/disk.img", more='mode = "dir"'), "local/disk.img/disk.img"),
    "a path of this machine": (
        artifact("local/disk.img", source="images/disk.img"),
        "local/disk.img/disk.img",
    ),
    "by the variable": (artifact("${NOMAD_TASK_DIR}/disk.img"), "local/disk.img/disk.img"),
}
NOT_FORGOTTEN = {
    "the mode is there": artifact("local/disk.img", more='mode = "file"'),
    "a directory": artifact("local"),
    "no destination": 'artifact {\n source = "https://h/disk.img"\n}',
    "another file": artifact("local/seed.iso"),
}


@pytest.mark.parametrize(("task", "becomes"), FORGOTTEN.values(), ids=FORGOTTEN)
def test_a_mode_that_was_forgotten(task, becomes):
    (error,) = load_text(job_of(task=task, config=DISK)).errors
    assert error.summary == f"the artifact becomes {becomes}"
    assert 'mode = "file"' in error.hints[0]


@pytest.mark.parametrize("task", NOT_FORGOTTEN.values(), ids=NOT_FORGOTTEN)
def test_a_mode_that_was_not_forgotten(task):
    assert load_text(job_of(task=task, config=DISK)).mistakes == []


def test_an_image_of_the_host_is_not_in_the_task():
    assert load_text(job_of(task=artifact("srv/x.img"), config='image_path = "/srv/x.img"')).mistakes == []


@pytest.mark.parametrize(
    "args", ['["-cdrom", "local/x.iso"]', '["-drive", "if=none,file=${NOMAD_TASK_DIR}/x.iso"]']
)
def test_a_mode_forgotten_for_a_file_of_args_is_a_warning(args):
    text = job_of(task=artifact("local/x.iso"), config=f'image_path = "x"\nargs = {args}')
    (found,) = load_text(text).mistakes
    assert (found.severity, found.summary) == ("warning", "the artifact becomes local/x.iso/disk.img")


def test_a_mode_forgotten_for_an_image_by_its_name_alone_is_a_warning():
    text = job_of(task=artifact("local/x.img"), config='image_path = "x.img"')
    (found,) = load_text(text).mistakes
    assert (found.severity, found.summary) == ("warning", "the artifact becomes local/x.img/disk.img")


def test_a_directory_that_args_name_is_one():
    args = (
        'image_path = "x"\nargs = ["-drive", "file=fat:rw:local/seed", "-virtfs", "local,path=local/share"]'
    )
    tasks = f"{artifact('local/seed')}\n{artifact('local/share')}"
    assert load_text(job_of(task=tasks, config=args)).mistakes == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "../x", "a\\\\b", "a\\u0000b", "alloc", "ä" * 128])
def test_a_task_s_name_is_the_name_of_a_directory(name):
    assert load_text(job_of().replace('task "t"', f'task "{name}"')).errors


@pytest.mark.parametrize("name", ["...", "a.b", "-x", "a b", "ä" * 127])
def test_a_name_that_a_directory_can_have(name):
    assert load_text(job_of().replace('task "t"', f'task "{name}"')).errors == []


@pytest.mark.parametrize("name", ["", "a\\u0000b"])
def test_a_group_has_a_name(name):
    assert load_text(job_of().replace('group "g"', f'group "{name}"')).errors


NANOSECONDS = {
    "kill_timeout": (job_of(task="kill_timeout = 10"), '"10s"'),
    "an interval": (job_of(task="restart {\n interval = 5000000000\n attempts = 0\n}"), '"5s"'),
    "a delay": (job_of(group="restart {\n delay = 15\n}"), '"15s"'),
    "a variable": ('variable "t" { default = 30 }\n' + job_of(task="kill_timeout = var.t"), '"30s"'),
    "a timeout of a script": (
        job_of(
            task='template {\n data = "x"\n destination = "x"\n change_mode = "script"\n'
            ' change_script {\n command = "c"\n timeout = 7\n }\n}'
        ),
        '"7s"',
    ),
}


@pytest.mark.parametrize(("text", "cure"), NANOSECONDS.values(), ids=NANOSECONDS)
def test_a_number_of_nanoseconds_is_warned_of(text, cure):
    (found,) = load_text(text).mistakes
    assert found.severity == "warning"
    assert cure in found.hints[0]


@pytest.mark.parametrize("value", ['"10s"', '"10ns"', "0", '"0"'])
def test_a_duration_that_says_its_unit(value):
    assert load_text(job_of(task=f"kill_timeout = {value}")).mistakes == []


def test_the_api_form_counts_nanoseconds():
    text = (
        '{"Job": {"ID": "j", "TaskGroups": [{"Name": "g", "Tasks": [{"Name": "t", "Driver": "qemu",'
        ' "KillTimeout": 10, "Config": {"image_path": "x"}}]}]}}'
    )
    assert load_text(text).mistakes == []


def _forwarding(port, variable):
    group = f'network {{\n port "ssh-x" {{\n {port}\n }}\n}}'
    return load_text(job_of(group=group, config=f'args = ["-nic", "user,hostfwd=tcp::${{{variable}}}-:22"]'))


def test_a_forward_of_the_guests_own_port_is_warned_of():
    (found,) = _forwarding("to = 22", "NOMAD_PORT_ssh_x").mistakes
    assert found.severity == "warning"
    assert found.hints == ("write ${NOMAD_HOST_PORT_ssh_x}",)


@pytest.mark.parametrize(
    ("port", "variable"),
    [
        ("to = 22", "NOMAD_HOST_PORT_ssh_x"),
        ("", "NOMAD_PORT_ssh_x"),
        ("to = -1", "NOMAD_PORT_ssh_x"),
        ("static = 2222\n to = 2222", "NOMAD_PORT_ssh_x"),
        ("to = 22", "NOMAD_PORT_other"),
    ],
)
def test_a_forward_of_this_machines_port_is_not(port, variable):
    assert _forwarding(port, variable).mistakes == []


ACCEPTED = {
    "an unknown restart mode of a task": job_of(task='restart {\n mode = "x"\n}'),
    "no attempts in mode delay, of a task": job_of(task='restart {\n mode = "delay"\n attempts = 0\n}'),
    "a short interval of a task": job_of(task='restart {\n interval = "1s"\n attempts = 0\n}'),
    "attempts below none": job_of(group="reschedule {\n attempts = -1\n}"),
    "a mount of no volume": job_of(task='volume_mount {\n destination = "/x"\n}'),
}
REFUSED = {
    "an unknown restart mode of a group": job_of(group='restart {\n mode = "x"\n}'),
    "a job type known at run time": job_of(job='type = "${attr.kernel.name}"'),
    "a change mode known at run time": job_of(
        task='template {\n data = "x"\n destination = "x"\n change_mode = "${meta.mode}"\n}'
    ),
    "a kind of service that Consul does not have": job_of(
        group='shutdown_delay = "1s"\nservice {\n name = "s"\n kind = "x"\n}'
    ),
    "an identity for nobody": job_of(group='shutdown_delay = "1s"\nservice {\n name = "s"\n identity {}\n}'),
    "a volume known at run time": job_of(
        group='volume "v" {\n type = "host"\n source = "s"\n}',
        task='volume_mount {\n volume = "${env.X}"\n destination = "/x"\n}',
    ),
    "a task's port that is the group's": job_of(
        group='network {\n port "a" {}\n}', task='resources {\n network {\n port "a" {}\n }\n}'
    ),
    "a variable with a NUL": job_of(task='env {\n A = "x\\u0000"\n}'),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_what_nomad_accepts_is_warned_of(text):
    found = load_text(text)
    assert found.errors == []
    assert [item.severity for item in found.mistakes] == ["warning"]


def test_two_equal_ports_of_a_task_are_warned_of():
    text = job_of(task='resources {\n network {\n port "a" {}\n port "a" {}\n }\n}')
    found = load_text(text)
    assert found.errors == []
    assert any(item.summary == 'a second port "a"' for item in found.mistakes)


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_what_nomad_refuses(text):
    assert len(load_text(text).errors) == 1


def test_a_secret_needs_a_provider_and_a_path():
    found = load_text(job_of(task='secret "s" {}')).errors
    assert {error.summary for error in found} == {"a secret without a provider", "a secret without a path"}


OPERATORS = {
    "=>": ">=",
    "=<": "<=",
    "≥": ">=",
    "<>": "!=",
    "GTE": ">=",
    "regex": "regexp",
    "semvar": "semver",
}


@pytest.mark.parametrize(("written", "meant"), OPERATORS.items())
def test_an_operator_that_was_meant(written, meant):
    text = job_of(
        job=f'constraint {{\n attribute = "${{attr.cpu.arch}}"\n operator = "{written}"\n value = "2"\n}}'
    )
    (error,) = load_text(text).errors
    assert error.label == f'did you mean "{meant}"?'


@pytest.mark.parametrize("operand", ["version", ">="])
@pytest.mark.parametrize(
    "target", ["${driver.qemu.version}", "driver.qemu.version", "$<driver.qemu.version>"]
)
def test_a_spelling_that_a_cluster_does_not_take(target, operand):
    condition = f'attribute = "{target}"\n operator = "{operand}"\n value = "5"\n'
    for text in (
        job_of(group=f"constraint {{\n{condition}}}"),
        job_of(group=f"affinity {{\n{condition} weight = 5\n}}"),
    ):
        (found,) = load_text(text).mistakes
        assert (found.severity, found.span.text) == ("warning", f'"{target}"')
        assert "${attr.driver.qemu.version}" in found.summary


@pytest.mark.parametrize("option", ["-nodefconfig", "--nodefconfig"])
def test_an_option_that_is_gone_from_qemu(option):
    (found,) = load_text(job_of(config=f'{DISK}\nargs = ["-nographic", "{option}"]')).mistakes
    assert (found.severity, found.span.text) == ("warning", f'"{option}"')
    assert "-no-user-config" in found.label


CHECKSUMS = {
    "a sum without its type": "d41d8cd98f00b204e9800998ecf8427e",
    "a file of sums": "file:https://h/SHA256SUMS",
}


@pytest.mark.parametrize("checksum", CHECKSUMS.values(), ids=CHECKSUMS)
def test_a_checksum_that_only_a_cluster_refuses(checksum):
    more = f'options {{\n checksum = "{checksum}"\n}}'
    (error,) = load_text(job_of(task=artifact("local", more=more))).errors
    assert error.cluster_only


@pytest.mark.parametrize("checksum", ["md5:12", "crc32:00000000", "sha256:" + "g" * 64, "", "abc"])
def test_a_checksum_that_cannot_be_right(checksum):
    more = f'options {{\n checksum = "{checksum}"\n}}'
    (error,) = load_text(job_of(task=artifact("local", more=more))).errors
    assert not error.cluster_only


@pytest.mark.parametrize("value", ["0", "cpus=0", "00", "0,sockets=1"])
def test_a_guest_without_a_processor(value):
    (warning,) = load_text(job_of(config=f'{DISK}\n args = ["-smp", "{value}"]')).mistakes
    assert "no processor" in warning.summary


@pytest.mark.parametrize("value", ["1", "cpus=10", "sockets=1,cores=2"])
def test_a_guest_with_processors(value):
    assert load_text(job_of(config=f'{DISK}\n args = ["-smp", "{value}"]')).mistakes == []


def test_an_empty_argument_is_accepted():
    assert load_text(job_of(config=f'{DISK}\n args = ["-append", "", ""]')).errors == []


def test_a_signal_that_there_is_not():
    (warning,) = load_text(job_of(task='kill_signal = "SIGNOPE"', config=DISK)).mistakes
    assert warning.summary == '"SIGNOPE" is not a signal'
    (warning,) = load_text(job_of(task='kill_signal = "SIGTEM"', config=DISK)).mistakes
    assert "SIGTERM" in warning.hints[0]


@pytest.mark.parametrize("name", ["SIGINT", "sigusr1", "SIGTERM"])
def test_a_signal_that_there_is(name):
    assert load_text(job_of(task=f'kill_signal = "{name}"', config=DISK)).mistakes == []
