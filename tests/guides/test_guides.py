"""What the guides promise, seen from outside: real guests, and the commands of the pipelines."""

import json
import re

import pytest
import yaml

from qemu_run.errors import ExitCode
from tests.conftest import ROOT
from tests.guides.conftest import EXAMPLES, MAKE_KEY, commands, put_blank


def test_a_check_makes_the_guest_ready(guide, linux):
    ports = guide("ports-and-checks")
    linux(ports.folder / "disk.img")
    result = ports.run("run", "web.nomad.hcl", "--", "sh", "-c", "curl -sf http://$NOMAD_ADDR_http")
    assert result.code == 0
    assert "hello from the guest" in result.out
    assert result.err.index('check "web" is healthy') < result.err.index("web.vm  ready")


def test_the_commands_of_the_readme_that_ask_a_guest(guide, linux, in_shell):
    """Those that tests/test_readme.py has no guest for."""
    ports = guide("ports-and-checks")
    linux(ports.folder / "disk.img")
    asking = [command for command in commands(ROOT / "README.md") if " -- " in command]
    assert asking
    for command in asking:
        done = in_shell(command, ports.folder)
        assert (done.returncode, "hello from the guest" in done.stdout) == (0, True), done.stderr


def test_a_guest_reads_what_templates_wrote(guide, linux):
    templates = guide("templates")
    linux(templates.folder / "disk.img")
    seen = ("--expect", "app.conf on CIDATA says", "--expect", r"ready .*cpus=\d")
    result = templates.run("app.nomad.hcl", "--var", "image=disk.img", *seen)
    assert result.code == 0
    assert re.search(r"app.conf on CIDATA says listen = 127\.0\.0\.1:\d+", result.out)
    assert "cpus=2" in result.out


def test_the_texts_that_the_page_shows_are_those_of_the_plan(guide):
    document = json.loads(guide("templates").run("plan", "--json", "app.nomad.hcl").out)
    text = document["tasks"][0]["templates"][0]["text"]
    page = (EXAMPLES / "templates/README.md").read_text()
    shown = page.partition("becomes\n\n")[2].partition("\n\nIt is")[0].replace("    ", "")
    assert re.sub(r":\d+", ":24680", text).strip() == shown


def test_a_cloud_image_is_told_who_may_log_in(guide):
    """As YAML, which is how cloud-init reads it."""
    cloud = guide("cloud-image")
    (cloud.folder / "key.hcl").write_text('ssh_key = "ssh-ed25519 AAAA me"\n')
    result = cloud.run("plan", "--json", "debian.nomad.hcl", "--var-file", "key.hcl")
    document = json.loads(result.out)
    meta_data, user_data = (template["text"] for template in document["tasks"][0]["templates"])
    assert yaml.safe_load(meta_data)["local-hostname"] == "debian"
    assert user_data.startswith("#cloud-config\n")
    assert yaml.safe_load(user_data)["ssh_authorized_keys"] == ["ssh-ed25519 AAAA me"]
    assert [port["guest_port"] for port in document["ports"]] == [22, 22]


def test_a_guest_lets_in_whom_the_job_names(guide, linux, in_shell):
    cloud = guide("cloud-image")
    linux(cloud.folder / "disk.img")
    run = "qemu-run run debian.nomad.hcl --var image=disk.img --var-file key.hcl --ready 'debian may come in'"
    done = in_shell(f"{MAKE_KEY}; {run} -- ./in-guest -i key 'uname -s; id -un; exit 3'", cloud.folder)
    assert (done.returncode, done.stdout.split()[-2:]) == (3, ["Linux", "debian"]), done.stderr
    other = "ssh-keygen -q -t ed25519 -N '' -f other"
    done = in_shell(f"{other}; {run} -- ./in-guest -i other -o BatchMode=yes uname", cloud.folder)
    assert done.returncode == 255, done.stderr
    assert "Permission denied" in done.stdout + done.stderr


def test_uefi_starts_a_disk_and_remembers(guide, qemu_run, uefi, in_shell):
    uefi_guide = guide("uefi")
    uefi(uefi_guide.folder / "disk.img")
    for boots in (1, 2):
        done = in_shell("qemu-run uefi.nomad.hcl", uefi_guide.folder)
        assert done.returncode == 0, done.stderr
        assert f"boots={boots} by UEFI" in done.stdout
    (variables,) = (qemu_run.folder / "state/qemu-run/firmware").iterdir()
    assert variables.name in uefi_guide.run("plan", "uefi.nomad.hcl").out


def test_uefi_starts_a_disk_in_a_shell_without_us(guide, qemu_run, uefi, in_shell):
    uefi_guide = guide("uefi")
    uefi(uefi_guide.folder / "disk.img")
    plan = uefi_guide.run("plan", "uefi.nomad.hcl").out
    command = plan.partition("\ncommand")[2].partition("\n")[2].partition("\n\n")[0]
    done = in_shell(command, uefi_guide.folder)
    assert (done.returncode, "boots=1 by UEFI" in done.stdout) == (0, True), done.stderr
    assert not (qemu_run.folder / "state/qemu-run/firmware").exists()


def test_windows_gets_what_its_page_says(guide):
    uefi_guide = guide("uefi")
    put_blank(uefi_guide.folder / "windows.qcow2")
    plan = uefi_guide.run("plan", "--accelerator", "tcg", "windows.nomad.hcl").out
    for part in ("if=pflash,unit=1", "type=q35", "if=ide", "-vnc 127.0.0.1:1", "-> guest 3389", "hv_relaxed"):
        assert part in plan
    assert "vnc  127.0.0.1:5901" in plan


def test_a_machine_that_says_what_it_is_may_run_the_job(guide):
    clients = guide("client-configuration")
    refused = clients.run("run", "rack.nomad.hcl")
    assert refused.code == ExitCode.PLACEMENT
    assert "the client configuration's meta has no rack" in refused.err
    assert clients.run("--config", "client.hcl", "rack.nomad.hcl").code == 0


def github():
    steps = yaml.safe_load((EXAMPLES / "ci/github.yml").read_text())["jobs"]["boot"]["steps"]
    return [step["run"] for step in steps if "run" in step]


def gitlab():
    return yaml.safe_load((EXAMPLES / "ci/gitlab-ci.yml").read_text())["boot"]["script"]


@pytest.mark.parametrize("pipeline", [github, gitlab])
def test_a_pipeline_boots_tests_and_keeps_the_evidence(guide, linux, in_shell, pipeline):
    """Not what installs, nor what uploads: that is the runner's."""
    ci = guide("ci")
    linux(ci.folder / "build/disk.img")
    (line,) = [line for line in pipeline() if line.startswith("qemu-run ")]
    done = in_shell(line, ci.folder)
    assert done.returncode == 0, done.stderr
    assert "hello from the guest" in done.stdout
    assert "failures" in (ci.folder / "results.xml").read_text()
    assert json.loads((ci.folder / "evidence/outcome.json").read_text())["code"] == 0


def test_a_pipeline_fails_with_the_test(guide, linux, in_shell):
    ci = guide("ci")
    linux(ci.folder / "build/disk.img")
    (ci.folder / "test-it").write_text("#!/bin/sh\nexit 7\n")
    (line,) = gitlab()
    assert in_shell(line, ci.folder).returncode == 7
    assert "<failure" in (ci.folder / "results.xml").read_text()


def test_one_guest_reads_the_page_of_the_other(guide, linux):
    pair = guide("several-guests")
    linux(pair.folder / "disk.img")
    result = pair.run("run", "pair.nomad.hcl", "--expect", "fetched hello")
    assert result.code == 0
    assert "pair.reader" in result.out + result.err
    assert re.search(r"http +127\.0\.0\.1:\d+ -> guest 80", result.err)
