"""Whether a job may run on this machine: what a person sees of the answer."""

import json
import re

import psutil
import pytest

from qemu_run.errors import ExitCode


def constraint(attribute, operator="", value="", kind="constraint", more=""):
    lines = [f'attribute = "{attribute}"'] if attribute else []
    lines += [f'operator = "{operator}"'] if operator else []
    lines += [f'value = "{value}"'] if value else []
    return f"{kind} {{\n" + "\n".join([*lines, more]) + "\n}"


UNMET = {
    "equal": constraint("${attr.kernel.name}", "=", "plan9"),
    "not-equal": constraint("${attr.kernel.name}", "!=", "linux"),
    "order": constraint("${attr.cpu.numcores}", ">", "1000000"),
    "version": constraint("${attr.driver.qemu.version}", "version", ">= 1000.0"),
    "version-of-a-prerelease": constraint("6.1.0-18-amd64", "version", ">= 4.0"),
    "semver": constraint("${attr.driver.qemu.version}", "semver", ">= 1000.0.0"),
    "regexp": constraint("${attr.os.name}", "regexp", "^(plan9|hurd)$"),
    "set-contains": constraint("a,b,c", "set_contains", "a,d"),
    "set-contains-any": constraint("a,b,c", "set_contains_any", "d,e"),
    "is-set": constraint("${meta.rack}", "is_set"),
    "is-not-set": constraint("${attr.kernel.name}", "is_not_set"),
    "missing-attribute": constraint("${attr.cpu.archh}", "=", "amd64"),
    "missing-meta": constraint("${meta.rack}", "=", "r1"),
    "node": constraint("${node.datacenter}", "=", "mars"),
    "distinct-hosts": "count = 2\n" + constraint("", "distinct_hosts", "true"),
}


@pytest.fixture
def same_everywhere():
    """Replaces what differs from machine to machine: versions and numbers of this one."""

    def replaced(text):
        text = re.sub(r"(?<=1000\.0  )\d[\d.]+", "VERSION", text)
        text = re.sub(r"(?<=1000\.0\.0  )\d[\d.]+", "VERSION", text)
        return re.sub(
            r"(?<=1000000  )\d+", "COUNT", re.sub(r" +(no|yes)$", r"  \1", text, flags=re.MULTILINE)
        )

    return replaced


@pytest.mark.parametrize("name", UNMET)
def test_an_unmet_constraint(qemu_run, guest, job, golden, same_everywhere, name):
    guest()
    result = qemu_run.run(job(group=UNMET[name]))
    assert result.code == ExitCode.PLACEMENT
    text = same_everywhere(result.err)
    if name == "regexp":
        text = re.sub(r"(?<=hurd\)\$  )\S+", "NAME", text)
    golden(f"unmet-{name}.txt", re.sub(r" +found *$", "  found", text, flags=re.MULTILINE))


def test_the_table_of_a_plan_when_all_is_well(qemu_run, guest, job):
    guest()
    result = qemu_run.run("plan", job(group=constraint("${attr.kernel.name}", "=", "linux")))
    assert result.code == 0
    assert re.search(r"4 +attr.kernel.name = +linux +linux +yes", result.out)


def test_affinities_have_a_score_and_keep_nothing_from_running(qemu_run, guest, job):
    guest()
    group = "\n".join(
        [
            constraint("${attr.kernel.name}", "=", "linux", "affinity", "weight = 75"),
            constraint("${attr.kernel.name}", "=", "plan9", "affinity", "weight = 25"),
        ]
    )
    result = qemu_run.run("plan", job(group=group))
    assert result.code == 0
    assert "affinities of group g: score +0.75" in result.out
    (preferences,) = json.loads(qemu_run.run("plan", "--json", job(group=group)).out)["affinities"]
    assert [each["met"] for each in preferences["affinities"]] == [True, False]


def test_a_version_that_a_cluster_compares_as_text_is_warned_of(qemu_run, guest, job):
    guest(end_at_once=True)
    (qemu_run.folder / "client.hcl").write_text('client {\n  meta {\n    tool-version = "10.0.13"\n  }\n}\n')
    name = job(group=constraint("${meta.tool-version}", ">", "9.2.0"))
    assert qemu_run.run("--config", "client.hcl", name).code == ExitCode.PLACEMENT
    name = job(group=constraint("${attr.driver.qemu.version}", ">", "1.2.3"))
    assert qemu_run.run(name).code == 0
    major = int(qemu_run.run("fingerprint", "driver.qemu.version").out.partition(".")[0])
    operator, value = ("<", "100.0.0") if major < 10 else (">", "9.2.0")
    name = job(group=constraint("${attr.driver.qemu.version}", operator, value))
    result = qemu_run.run(name)
    assert result.code == 0
    assert f'operator = "version", value = "{operator} {value}"' in result.err


@pytest.mark.parametrize(
    "spelling", ["${driver.qemu.version}", "$<driver.qemu.version>", "driver.qemu.version"]
)
def test_the_spellings_of_the_drivers_documentation(qemu_run, guest, job, spelling):
    guest(end_at_once=True)
    result = qemu_run.run(job(group=constraint(spelling, ">", "1.2.3")))
    assert result.code == 0
    assert 'a cluster takes this only as "${attr.driver.qemu.version}"' in result.err


CLIENT = """plugin "qemu" {{
  config {{
    {}
  }}
}}
"""


@pytest.fixture
def owner_says(qemu_run):
    """Writes a client configuration and gives the arguments that name it."""

    def write(setting):
        (qemu_run.folder / "client.hcl").write_text(CLIENT.format(setting))
        return ["--config", "client.hcl"]

    return write


def test_images_only_from_where_the_owner_allows(qemu_run, guest, job, owner_says):
    (qemu_run.folder / "allowed").mkdir()
    guest("allowed/disk.img", end_at_once=True)
    guest("secret.img", end_at_once=True)
    (qemu_run.folder / "allowed/link.img").symlink_to(qemu_run.folder / "secret.img")
    config = owner_says(f'image_paths = ["{qemu_run.folder}/allowed"]')
    assert qemu_run.run(*config, job(image="allowed/disk.img")).code == 0
    for image in ("secret.img", "allowed/link.img", "allowed/../secret.img"):
        result = qemu_run.run(*config, job(image=image))
        assert result.code == ExitCode.PLACEMENT
        assert "image_paths" in result.err


def test_only_the_args_that_the_owner_allows(qemu_run, guest, job, owner_says):
    guest(end_at_once=True)
    config = owner_says('args_allowlist = ["-smp"]')
    assert qemu_run.run(*config, job(config='args = ["-smp", "2"]')).code == 0
    result = qemu_run.run(*config, job(config='args = ["-smp", "2", "-drive", "file=/etc/shadow"]'))
    assert result.code == ExitCode.PLACEMENT
    assert re.search(r"11 +args_allowlist +-smp +-drive +no", result.err)


def test_only_the_emulators_that_the_owner_allows(qemu_run, guest, job, owner_says):
    guest()
    config = owner_says('emulators_allowlist = ["aarch64"]')
    assert "emulators_allowlist" in qemu_run.run(*config, job()).err


def test_kvm_that_cannot_be_used_is_said_before_anything_starts(qemu_run, guest, job):
    usable = qemu_run.run("fingerprint", "driver.qemu.kvm").out.strip()
    assert usable
    guest(end_at_once=True)
    result = qemu_run.run("--accelerator", "kvm", job())
    if usable == "usable":
        assert result.code == 0
    else:
        assert result.code == ExitCode.PLACEMENT
        assert "--accelerator tcg" in result.err


def test_more_memory_than_there_is_is_said(qemu_run, guest, job):
    guest()
    result = qemu_run.run("plan", job(memory=3_900_000))
    assert result.code == ExitCode.PLACEMENT
    assert "memory and swap of this machine together" in result.out
    assert result.err == ""


def test_more_memory_than_is_free_is_a_warning(qemu_run, guest, job):
    guest()
    free_mb = psutil.virtual_memory().total >> 20
    result = qemu_run.run("plan", job(memory=free_mb - 1))
    assert result.code == 0
    assert "the guest may use more memory than this machine has free" in result.err


def test_another_driver_is_named(qemu_run, job):
    name = job()
    path = qemu_run.folder / name
    path.write_text(path.read_text().replace('driver = "qemu"', 'driver = "docker"'))
    result = qemu_run.run(name)
    assert result.code == ExitCode.PLACEMENT
    assert 'a task of driver "docker" needs a Nomad cluster' in result.err


def test_fingerprint_as_a_document(qemu_run):
    document = json.loads(qemu_run.run("fingerprint", "--json").out)
    assert set(document) == {"attributes", "meta", "node"}
    assert document["attributes"]["driver.qemu"] == "1"
    assert all(isinstance(value, str) for value in document["attributes"].values())


def test_an_attribute_that_is_not_there(qemu_run):
    result = qemu_run.run("fingerprint", "no.such.attribute")
    assert (result.code, result.out) == (1, "")
    assert "no.such.attribute" in result.err


@pytest.mark.parametrize(("static", "has_static"), [("", False), ("static = 23456", True)])
def test_a_port_of_two_tasks_has_the_advice_that_fits(qemu_run, guest, job, static, has_static):
    guest()
    other = """task "other" {
      driver = "qemu"
      config {
        image_path  = "disk.img"
        accelerator = "tcg"
      }
    }"""
    group = f'network {{\n port "http" {{\n to = 80\n {static}\n }}\n }}\n {other}'
    result = qemu_run.run("plan", "--snapshot", job(group=group))
    assert result.code == ExitCode.PLACEMENT
    assert ("leave static out" in result.out) == has_static
    assert "port_map" in result.out


def test_a_port_that_qemu_chooses_is_called_so(qemu_run, guest, job):
    guest()
    result = qemu_run.run("plan", job(config='args = ["-nic", "user,hostfwd=tcp::0-:22"]'))
    assert "0.0.0.0:dynamic -> guest 22  (QEMU chooses it at start)" in result.out
    assert 'port "hostfwd" is open to every network' in result.err
    assert "0.0.0.0, on a port that QEMU chooses; 127.0.0.1 keeps it here" in result.err


def test_what_copies_of_a_task_share_is_said_once(qemu_run, guest, job):
    guest()
    group = 'count = 3\n network {\n port "ssh" {}\n }'
    config = 'args = ["-nic", "user,hostfwd=tcp::${NOMAD_PORT_ssh}-:22"]'
    result = qemu_run.run("plan", "--snapshot", job(group=group, config=config))
    assert result.code == 0
    assert result.err.count("is open to every network of this machine") == 1


def test_a_further_copy_of_a_task_is_told_by_what_it_has_otherwise(qemu_run, guest, job):
    guest("disk-0.img")
    guest("disk-1.img")
    group = 'count = 2\n network {\n port "http" {\n to = 80\n }\n }'
    name = job(group=group, image="disk-${NOMAD_ALLOC_INDEX}.img")
    told = qemu_run.run("plan", name).out
    first, further = told.split(", allocation 1: as allocation 0 (--json has its command)\n")
    assert "group g, task vm, allocation 0\n" in first
    rows = further.partition("\n\n")[0].splitlines()
    assert [row.split()[0] for row in rows] == ["disk", "ports"]
    assert "disk-1.img" in rows[0]
    with_variables = qemu_run.run("plan", "--env", name).out
    assert "NOMAD_ALLOC_INDEX=1" in with_variables


def test_constraints_that_are_ignored_are_marked_and_not_offered_to_be(qemu_run, guest, job):
    guest()
    name = job(group=UNMET["missing-meta"], config='emulator = "qemu-system-nonsense"')
    both = ("--ignore-constraints", name)
    assert re.search(r"meta\.rack = +r1 +not set +ignored$", qemu_run.run("plan", *both).out, re.MULTILINE)
    blocked = qemu_run.run(*both)
    assert blocked.code == ExitCode.PLACEMENT
    assert "run it all the same" not in blocked.err
    assert "run it all the same: --ignore-constraints (line 4)" in qemu_run.run(name).err


@pytest.mark.parametrize("kind", ["node.class", "meta.nothing"])
def test_what_is_empty_is_called_not_set(qemu_run, guest, job, kind):
    guest(end_at_once=True)
    name = job(group=constraint(f"${{{kind}}}", "=", "laptop"))
    assert re.search(rf"{kind} = +laptop +not set +no$", qemu_run.run(name).err, re.MULTILINE)
    assert "wanted laptop, found not set" in qemu_run.run("--ignore-constraints", name).err


@pytest.mark.parametrize(
    ("options", "config", "way_out"),
    [
        (("--bind", "192.0.2.77"), "", "--bind may name only an address"),
        ((), 'args = ["-nic", "user,hostfwd=tcp:192.0.2.77:22022-:22"]', "args may name only an address"),
    ],
)
def test_an_address_that_is_not_here_is_to_blame_and_not_its_port(
    qemu_run, guest, job, options, config, way_out
):
    guest(end_at_once=True)
    group = 'network {\n port "ssh" {\n static = 22022\n to = 22\n }\n }'
    result = qemu_run.run(*options, job(group=group, config=config))
    assert result.code == ExitCode.PLACEMENT
    assert way_out in result.err
    assert "choose another" not in result.err
    found = [
        line[line.index("192.0.2.77 is") :] for line in result.err.splitlines() if "192.0.2.77 is" in line
    ]
    assert re.fullmatch(r"192\.0\.2\.77 is no address of this +no", found[0])
    assert re.search(r"^ {20,}machine$", result.err, re.MULTILINE)


def test_a_long_finding_goes_on_below_itself(qemu_run, guest, job):
    folder = qemu_run.folder / "a-folder-with-a-long-name" / "and-another-one-below-it"
    folder.mkdir(parents=True)
    guest(str((folder / "disk.img").relative_to(qemu_run.folder)))
    (qemu_run.folder / "client.hcl").write_text(
        'plugin "qemu" {\n config {\n image_paths = ["/srv/images"]\n }\n }'
    )
    name = job(image="a-folder-with-a-long-name/and-another-one-below-it/disk.img")
    result = qemu_run.run("--config", "client.hcl", name)
    assert result.code == ExitCode.PLACEMENT
    shown = result.err.partition("image_paths")[2].partition("the client configuration")[0]
    words = shown.replace("/srv/images", "").replace(" no\n", "\n").split()
    assert "".join(words) == str((folder / "disk.img").resolve())
    assert max(map(len, words)) <= 32


@pytest.mark.parametrize(
    ("count", "way_out"),
    [
        (2, "count = 2 starts it twice: leave static out, or count = 1"),
        (3, "count = 3 starts it 3 times: leave static out, or count = 1"),
    ],
)
def test_copies_of_a_task_that_want_one_port(qemu_run, guest, job, count, way_out):
    guest(end_at_once=True)
    group = f'count = {count}\n network {{\n port "ssh" {{\n static = 22022\n to = 22\n }}\n }}'
    result = qemu_run.run("--snapshot", job(group=group))
    assert result.code == ExitCode.PLACEMENT
    assert way_out in result.err
    assert "name the task" not in result.err


@pytest.mark.parametrize(
    ("overlay", "code", "said"),
    [
        ("nodir/mine.qcow2", ExitCode.HOST, "mkdir -p"),
        ("other.qcow2", ExitCode.PLACEMENT, "the overlay was made for another image"),
        ("text.qcow2", ExitCode.PLACEMENT, "the file is not an overlay of qemu-run"),
    ],
)
def test_a_plan_refuses_the_overlays_that_a_run_refuses(qemu_run, guest, job, overlay, code, said):
    guest("other.img", end_at_once=True)
    guest(end_at_once=True)
    other = job("other.hcl", image="other.img")
    assert qemu_run.run("run", "-q", "--overlay", "other.qcow2", other).code == 0
    (qemu_run.folder / "text.qcow2").write_text("a text")
    for command in ("plan", "run"):
        result = qemu_run.run(command, "--overlay", overlay, job())
        assert (result.code, said in result.err) == (code, True), result.err
    planned = qemu_run.run("plan", "--json", "--overlay", overlay, job())
    assert (planned.code, json.loads(planned.out)["fits"]) == (code, False)
    assert qemu_run.run("plan", "--overlay", "other.qcow2", other).code == 0
