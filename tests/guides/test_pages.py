"""The pages of `examples/`: their commands run, their links lead somewhere, what they quote is there."""

import re
from dataclasses import dataclass, replace

import pytest

from qemu_run.errors import ExitCode
from tests.conftest import ROOT
from tests.guides.conftest import EXAMPLES, MAKE_KEY, commands, put_blank

PAGES = sorted(EXAMPLES.rglob("*.md"))
GUIDES = sorted(page.parent.name for page in EXAMPLES.glob("*/README.md"))
NEEDS_LINUX = {
    "ci": "build/disk.img",
    "cloud-image": "disk.img",
    "ports-and-checks": "disk.img",
    "several-guests": "disk.img",
}
"""Guides whose guest is a system, and what their pages call its disk."""


@dataclass(frozen=True)
class Otherwise:
    """How a command is tried that does not end well by itself here."""

    code: int = 0
    instead: str = ""
    """What is run in its place; empty: the command itself."""
    why: str = ""


GOES_ON = "the guest goes on until Ctrl-C"
NO_NETWORK = "tests do not depend on the network"
NO_KVM = "Windows is not free to ship, and KVM is not everywhere"

OTHERWISE: dict[str, dict[str, Otherwise]] = {
    "ports-and-checks": {
        "qemu-run web.nomad.hcl": Otherwise(
            instead="qemu-run web.nomad.hcl --expect 'guest: ready'", why=GOES_ON
        ),
    },
    "cloud-image": {
        'qemu-run debian.nomad.hcl --var "ssh_key=$(cat ~/.ssh/id_ed25519.pub)"': Otherwise(
            instead='qemu-run debian.nomad.hcl --var image=disk.img --var "ssh_key=ssh-ed25519 AAAA me" '
            "--expect 'user-data on CIDATA says #cloud-config'",
            why=f"{GOES_ON}; {NO_NETWORK}",
        ),
        "qemu-run debian.nomad.hcl --disk-size 20G": Otherwise(
            instead="qemu-run plan debian.nomad.hcl --disk-size 20G", why=NO_NETWORK
        ),
        "qemu-run debian.nomad.hcl --overlay debian.qcow2": Otherwise(
            instead="qemu-run plan debian.nomad.hcl --overlay debian.qcow2", why=NO_NETWORK
        ),
        "qemu-run run debian.nomad.hcl --var-file key.hcl --ready 'Cloud-init .* finished' -- "
        "./in-guest uname -a": Otherwise(
            instead=f"{MAKE_KEY}; qemu-run run debian.nomad.hcl --var image=disk.img --var-file key.hcl "
            "--ready 'debian may come in' -- ./in-guest -i key uname -a",
            why=f"the key is the test's own; {NO_NETWORK}",
        ),
    },
    "several-guests": {
        "qemu-run pair.nomad.hcl": Otherwise(
            instead="qemu-run plan pair.nomad.hcl", why=f"{GOES_ON}; another command of the page runs it"
        ),
    },
    "uefi": {
        "qemu-run plan windows.nomad.hcl": Otherwise(
            code=ExitCode.PLACEMENT, instead="qemu-run plan windows.nomad.hcl --accelerator tcg", why=NO_KVM
        ),
        "qemu-run windows.nomad.hcl": Otherwise(instead="qemu-run validate windows.nomad.hcl", why=NO_KVM),
    },
    "troubleshooting.md": {
        "qemu-run run hello.nomad.hcl --keep": Otherwise(
            instead="qemu-run run hello.nomad.hcl --keep && rm -r $XDG_STATE_HOME/qemu-run/allocations",
            why="no test leaves anything",
        ),
    },
    "client-configuration": {
        "qemu-run plan rack.nomad.hcl": Otherwise(code=ExitCode.PLACEMENT, why="so it is told"),
        "qemu-run plan --config strict.hcl rack.nomad.hcl": Otherwise(
            code=ExitCode.PLACEMENT, why="so it is told"
        ),
    },
}
PAIRS = [
    pytest.param(page, command, id=f"{page.relative_to(EXAMPLES)}: {command}")
    for page in PAGES
    for command in commands(page)
]


def boots(command):
    """Whether a guest is started."""
    return re.search(r"qemu-run (plan|validate|inspect|fingerprint|config|cache|help)\b", command) is None


def name_of(page):
    return page.parent.name if page.parent != EXAMPLES else page.name


@pytest.mark.parametrize(("page", "command"), PAIRS)
def test_its_commands_run(examples, linux, uefi, in_shell, page, command):
    folder = examples / page.parent.relative_to(EXAMPLES)
    how = OTHERWISE.get(name_of(page), {}).get(command, Otherwise())
    if folder.name in NEEDS_LINUX and boots(how.instead or command):
        linux(folder / NEEDS_LINUX[folder.name])
    elif folder.name in NEEDS_LINUX:
        put_blank(folder / NEEDS_LINUX[folder.name])
    elif folder.name == "uefi":
        uefi(folder / "disk.img")
        put_blank(folder / "windows.qcow2")
    done = in_shell(how.instead or command, folder)
    assert done.returncode == how.code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_said_of_commands_is_said_of_commands_that_are_there():
    for name, those in OTHERWISE.items():
        page = EXAMPLES / name if name.endswith(".md") else EXAMPLES / name / "README.md"
        assert set(those) <= set(commands(page))


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: str(page.relative_to(ROOT)))
def test_its_links_lead_somewhere(page):
    text = page.read_text()
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    for target in targets:
        path, _, anchor = target.partition("#")
        there = page.parent / path if path else page
        assert there.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", there.read_text(), re.MULTILINE)
            slugs = [re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings]
            assert anchor in slugs, target


def test_the_index_names_every_guide_and_job():
    index = (EXAMPLES / "README.md").read_text()
    for name in GUIDES:
        assert f"({name}/README.md)" in index
    for job in EXAMPLES.glob("*.nomad.hcl"):
        assert job.name in index


def test_every_guide_has_a_page_and_a_file_to_run():
    for folder in (each for each in EXAMPLES.iterdir() if each.is_dir() and each.name != "images"):
        assert folder.name in GUIDES
        assert list(folder.glob("*.nomad.hcl"))


@pytest.mark.parametrize(
    "job", sorted(EXAMPLES.rglob("*.nomad.hcl")), ids=lambda job: str(job.relative_to(EXAMPLES))
)
def test_its_jobs_are_valid(qemu_run, job):
    done = replace(qemu_run, folder=job.parent).run("validate", job.name)
    assert done.code == 0, done.err
    assert job.parent == EXAMPLES or "warning" not in done.err  # two of the small jobs show what is warned of


def lines_of(text):
    return {line.strip() for line in text.splitlines() if line.strip()}


@pytest.mark.parametrize("name", GUIDES)
def test_what_its_page_quotes_is_in_its_files(name):
    """So that a page shows what runs."""
    texts = [file.read_text() for file in (EXAMPLES / name).iterdir() if file.suffix != ".md"]
    lines = {line for text in texts for line in lines_of(text)}
    blocks = re.findall(r"```\w+\n(.*?)```", (EXAMPLES / name / "README.md").read_text(), re.DOTALL)
    assert {line for block in blocks for line in lines_of(block)} - lines == set()
