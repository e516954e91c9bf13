"""What a cluster would do otherwise is said by `plan`, each difference once and at its place."""

import json

import pytest

PORT = 'network {\n port "http" {\n to = 80\n }\n}'
CHECK = (
    'service {\n provider = "nomad"\n name = "web"\n port = "http"\n check {\n type = "tcp"\n'
    ' interval = "5s"\n timeout = "1s"\n }\n}'
)
NOTES = {
    "an image beside the job": ({}, "an image beside the job", '"disk.img"'),
    "a group's port": ({"group": PORT}, "not forwarded", 'port "http"'),
    "graceful_shutdown unset": ({}, "graceful_shutdown is false", "config"),
    "a long kill_timeout": ({"task": 'kill_timeout = "2m"'}, "kill_timeout is 30s at most", '"2m"'),
    "max_run_duration": ({"group": 'max_run_duration = "1h"'}, "ends complete", '"1h"'),
    "a removed option": ({"config": 'args = ["-nodefconfig"]'}, '"-nodefconfig" stops', '"-nodefconfig"'),
    "no restart block": ({}, "here where the file has a restart block", "task"),
    "a tcp check": ({"group": f"{PORT}\n{CHECK}"}, "a tcp check passes when the node", "check"),
    "cores": ({"memory": "128\n cores = 2"}, "cores reach", "2"),
    "a file artifact": (
        {"task": 'artifact {\n source = "disk.img"\n}', "image": "local/disk.img"},
        "an artifact from a file",
        '"disk.img"',
    ),
    "a packed image": (
        {"task": 'artifact {\n source = "https://h/disk.img.gz"\n}', "image": "local/disk.img"},
        'with mode = "file" only',
        '"https://h/disk.img.gz"',
    ),
}
"""Parts of a job; what is said of it; how the place begins."""


def constraint(attribute, operator, value):
    lines = (f'attribute = "{attribute}"', f'operator = "{operator}"', f'value = "{value}"')
    return "constraint {\n " + "\n ".join(lines) + "\n}"


NOTES |= {
    "a spelling of the driver's page": (
        {"group": constraint("${driver.qemu.version}", "version", ">= 5.0")},
        "${attr.driver.qemu.version}",
        '"${driver.qemu.version}"',
    ),
    "versions as texts": (
        {"group": constraint("${attr.driver.qemu.version}", "<", "0100.0")},
        "compared as versions; a cluster compares",
        '"0100.0"',
    ),
}


def test_the_image_of_a_cd_is_a_hard_disk_there(qemu_run, job):
    content = bytearray(64 << 10)
    content[0x8001:0x8006] = b"CD001"
    (qemu_run.folder / "disk.img").write_bytes(content)
    (note,) = [each for each in document(qemu_run, job())["on_a_cluster"] if "that of a CD" in each["note"]]
    assert note["range"]["start"]["line"] == 9


def document(qemu_run, name):
    return json.loads(qemu_run.run("plan", name, "--json").out)


@pytest.mark.parametrize(("parts", "words", "place"), NOTES.values(), ids=NOTES)
def test_a_difference(qemu_run, guest, job, parts, words, place):
    guest()
    name = job(**parts)
    notes = document(qemu_run, name)["on_a_cluster"]
    (note,) = [note for note in notes if words in note["note"]]
    start = note["range"]["start"]
    lines = (qemu_run.folder / name).read_text().splitlines()
    assert lines[start["line"] - 1][start["column"] - 1 :].startswith(place)


def test_a_person_reads_them_in_the_plan_and_never_in_a_run(qemu_run, guest, job):
    guest(end_at_once=True)
    name = job()
    assert "\non a cluster\n" in qemu_run.run("plan", name).out
    run = qemu_run.run("run", name)
    assert "cluster" not in run.out + run.err


def test_a_job_as_a_cluster_takes_it_has_no_note(qemu_run, guest, job, http_server):
    guest()
    task = (
        f'restart {{\n attempts = 0\n mode = "fail"\n}}\nartifact {{\n source = "{http_server}/disk.img"\n}}'
    )
    name = job(task=task, image="local/disk.img", config="graceful_shutdown = true")
    assert document(qemu_run, name)["on_a_cluster"] == []
