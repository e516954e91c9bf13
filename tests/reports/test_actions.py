"""Under GitHub Actions: no guest speaks to the runner, and we do."""

import re

import pytest

from qemu_run.errors import ExitCode
from qemu_run.terminal.runner import command, harmless

ACTIONS = {"GITHUB_ACTIONS": "true"}
FENCE = re.compile(r"\A::stop-commands::([0-9a-f]{32})\n(.*)^::\1::\n(.*)\Z", re.DOTALL | re.MULTILINE)


@pytest.fixture
def hostile(failing):
    """A job whose guest tries to speak to the runner, and then ends badly."""
    return failing("\r\n::error::owned\r\n##[error]owned\r\n")


def test_the_console_stands_where_the_runner_takes_no_commands(qemu_run, hostile):
    first, second = (qemu_run.run(hostile, env=ACTIONS) for _ in range(2))
    token, console, after = FENCE.match(first.out).groups()
    assert "::error::owned\n" in console
    assert token not in console
    assert "owned" not in after
    assert FENCE.match(second.out)[1] != token


def test_elsewhere_the_console_is_the_guests_words_only(qemu_run, hostile):
    assert "stop-commands" not in qemu_run.run(hostile).out


def test_a_run_without_a_console_has_nothing_to_say_to_it(qemu_run, mistaken):
    result = qemu_run.run(mistaken, env=ACTIONS)
    assert "stop-commands" not in result.out
    (annotation,) = result.out.splitlines()
    assert annotation.startswith(f"::error file={qemu_run.folder}/web.nomad.hcl,line=11,endLine=11,col=")
    assert "image_pat" in annotation


def test_files_are_named_from_the_root_of_the_repository(qemu_run, mistaken):
    env = {**ACTIONS, "GITHUB_WORKSPACE": str(qemu_run.folder.parent)}
    out = qemu_run.run(mistaken, env=env).out
    assert f"::error file={qemu_run.folder.name}/web.nomad.hcl,line=11," in out


def test_a_bad_end_is_an_annotation_of_the_job(qemu_run, hostile):
    *_, after = FENCE.match(qemu_run.run(hostile, env=ACTIONS).out).groups()
    assert re.fullmatch(
        r"::error file=.*web\.nomad\.hcl,line=1,.*title=web::the guest reset after .*\(exit 104\)\n", after
    )


def test_a_good_end_is_none(qemu_run, guest, job):
    guest(end_at_once=True)
    result = qemu_run.run(job(), env=ACTIONS)
    assert result.code == 0
    assert "::error" not in result.out + result.err


def test_the_document_stays_one_document(qemu_run, hostile):
    result = qemu_run.run("run", "--json", hostile, env=ACTIONS)
    assert result.out.startswith("{\n")
    assert result.out.endswith("}\n")
    assert "::error file=" in result.err


def test_what_a_guest_said_is_no_command_below_the_verdict_either(qemu_run, hostile):
    result = qemu_run.run("--output", "evidence", hostile, env=ACTIONS)
    assert "::error::owned" in result.err
    assert not re.search(r"^\s*::error::owned|##\[", result.err, re.MULTILINE)


def test_the_page_of_the_run_tells_how_it_ended(qemu_run, hostile):
    env = {**ACTIONS, "GITHUB_STEP_SUMMARY": str(qemu_run.folder / "summary.md")}
    (qemu_run.folder / "summary.md").write_text("of a step before\n")
    assert qemu_run.run(hostile, env=env).code == ExitCode.REBOOT_LOOP
    text = (qemu_run.folder / "summary.md").read_text()
    assert text.startswith("of a step before\n### :x: web: the guest reset after")
    assert "\n| web.vm | the guest reset after" in text
    assert "  | ::error::owned\n" in text


def test_a_summary_that_cannot_be_written_changes_nothing(qemu_run, guest, job):
    guest(end_at_once=True)
    result = qemu_run.run(job(), env={**ACTIONS, "GITHUB_STEP_SUMMARY": "/dev/full"})
    assert result.code == 0
    assert "nothing is written to /dev/full: No space left on device" in result.err


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("::error::x", ": :error::x"),
        ("  ::set-env name=a::b", "  : :set-env name=a::b"),
        ("before ##[error] after", "before ## [error] after"),
        ("web.vm  said ::error::", "web.vm  said ::error::"),
        ("::::", ": :::"),
    ],
)
def test_our_lines_are_no_commands(text, wanted):
    assert harmless(text) == wanted


def test_a_command_keeps_what_it_is_about_apart():
    said = command("error", "100% of\n::it::", file="a,b:c", line=3, col=None)
    assert said == "::error file=a%2Cb%3Ac,line=3::100%25 of%0A::it::"


@pytest.mark.parametrize("words", [["validate"], ["plan"], ["validate", "--json"]])
def test_mistakes_found_without_a_run_are_annotations_too(qemu_run, mistaken, words):
    result = qemu_run.run(*words, mistaken, env=ACTIONS)
    assert result.code == ExitCode.JOB
    (annotation,) = (line for line in result.err.splitlines() if line.startswith("::"))
    assert annotation.startswith(f"::error file={qemu_run.folder}/web.nomad.hcl,line=11,endLine=11,col=")
    assert "::error" not in qemu_run.run(*words, mistaken).err
