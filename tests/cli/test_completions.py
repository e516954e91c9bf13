"""Completion in the three shells, with the real ones: what a tab offers, and what it does not."""

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from qemu_run.cli.commands import CACHE_ACTIONS, COMMANDS, SHELLS

RUN_OPTIONS = [option.opposite or option.name for option in COMMANDS["run"].options]
FOLDERS = {"folder"}
JOBS = {"web.nomad.hcl", "my job.hcl", "api.json", *FOLDERS}
FILES = {*JOBS, "client.conf", "notes.txt"}
JOB = 'variable "size" {}\njob "j" {\n  group "g" {\n    task "db" {}\n    task "web" {\n    }\n  }\n}\n'
OURS = {"setup", "offered"}
SECONDS = 30


@pytest.fixture
def folder(qemu_run, monkeypatch):
    """A folder of jobs and other files, with `qemu-run` on the path of `environment`."""
    programs = qemu_run.folder / "bin"
    programs.mkdir()
    program = programs / "qemu-run"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m qemu_run "$@"\n')
    program.chmod(0o755)
    here = qemu_run.folder / "here"
    (here / "folder").mkdir(parents=True)
    (here / "test-it").write_text("#!/bin/sh\n")
    (here / "test-it").chmod(0o755)
    for name in FILES - FOLDERS:
        (here / name).write_text(JOB)
    monkeypatch.chdir(here)
    for name, value in qemu_run.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return here


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.stderr == ""
    return done.stdout


def at_a_terminal(shell, setup, words):
    """What a tab behind `words` makes an interactive shell write to the file `offered`, a line each."""
    Path("offered").unlink(missing_ok=True)
    Path("setup").write_text(setup)
    child, terminal = pty.fork()
    if child == 0:
        os.execvp(shell[0], shell)  # noqa: S606  # in the child that pty made
    try:
        os.write(terminal, b"PS1=; source ./setup\n")
        _read_until(terminal, b"[ready]\r\n")
        line = " ".join([*map(shlex.quote, words[:-1]), words[-1]])
        os.write(terminal, line.encode() + b"\t")
        _read_until(terminal, b"[done]\r\n")
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    offered = Path("offered")
    return offered.read_text().splitlines() if offered.exists() else []


BASH = """
eval "$(qemu-run completion bash)"
spy() {
  _qemu_run "$@"
  ((${#COMPREPLY[@]})) && printf '%s\\n' "${COMPREPLY[@]}" > offered
  printf '[%s]\\n' done
}
complete -F spy qemu-run
PS1= ; printf '[%s]\\n' ready
"""


def in_bash(words):
    """What readline is given: of a word with = or : in it, what stands behind the last."""
    return at_a_terminal(["bash", "--norc", "-i"], BASH, words)


def in_fish(words):
    line = " ".join([*map(shlex.quote, words[:-1]), words[-1]])
    script = f"qemu-run completion fish | source; complete -C {shlex.quote(line)}"
    return [
        line.partition("\t")[0].rstrip("/") for line in run("fish", "--no-config", "-c", script).splitlines()
    ]


ZSH = """
autoload -Uz compinit; compinit -D -u
eval "$(qemu-run completion zsh)"
compadd() {
  if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  (( $#hits )) && print -rl -- "${(@)hits}" >> offered
  builtin compadd "$@"
}
tab() { zle list-choices; print -r -- "[done]" }
zle -N tab; bindkey '^I' tab
PS1= ; print -r -- "[ready]"
"""


def in_zsh(words):
    found = at_a_terminal(["zsh", "-f", "-i"], ZSH, words)
    names = [name.rstrip("/").replace("\\ ", " ") for name in found]
    # Where nothing else is left to type, zsh shows the options unasked.
    return [name for name in names if words[-1].startswith("-") or not name.startswith("-")]


def _read_until(terminal, mark):
    seen, end = b"", time.monotonic() + SECONDS
    while mark not in seen:
        assert select.select([terminal], [], [], max(0, end - time.monotonic()))[0], seen
        seen += os.read(terminal, 4096)


TABS = [
    (["qemu-run", ""], {*COMMANDS, *JOBS}),
    (["qemu-run", "va"], {"validate"}),
    (["qemu-run", "run", ""], JOBS),
    (["qemu-run", "run", "web.nomad.hcl", ""], set()),
    (["qemu-run", "validate", "web.nomad.hcl", "a"], {"api.json"}),
    (["qemu-run", "web.nomad.hcl", "--ke"], {"--keep"}),
    (["qemu-run", "plan", "--en"], {"--env"}),
    (["qemu-run", "plan", "--config", "c"], {"client.conf"}),
    (["qemu-run", "plan", "--accelerator", ""], {"tcg", "kvm", "kvm:tcg", "auto"}),
    (["qemu-run", "run", "web.nomad.hcl", "--task", ""], {"db", "web"}),
    (["qemu-run", "my job.hcl", "--task", "d"], {"db"}),
    (["qemu-run", "fingerprint", "driver.qemu.v"], {"driver.qemu.version"}),
    (["qemu-run", "fingerprint", "notes.t"], set()),
    (["qemu-run", "completion", ""], set(SHELLS)),
    (["qemu-run", "help", "fing"], {"fingerprint"}),
    (["qemu-run", "init", ""], FOLDERS),
    (["qemu-run", "init", "--template", "po"], {"ports"}),
    (["qemu-run", "cache", ""], set(CACHE_ACTIONS)),
    (["qemu-run", "cache", "prune", "--ol"], {"--older"}),
    (["qemu-run", "run", "web.nomad.hcl", "--events", "n"], {"notes.txt"}),
    (["qemu-run", "run", "web.nomad.hcl", "--output", ""], FOLDERS),
    (["qemu-run", "version", ""], set()),
    (["qemu-run", "job", ""], {"run", "validate", "plan", "inspect", "init"}),
    (["qemu-run", "job", "run", "w"], {"web.nomad.hcl"}),
    (["qemu-run", "run", "--var", "size=10", "w"], {"web.nomad.hcl"}),
    (["qemu-run", "--accelerator", "tcg", "w"], {"web.nomad.hcl"}),
    (["qemu-run", "web.nomad.hcl", "--", "./test-"], {"test-it"}),
    (["qemu-run", "run", "web.nomad.hcl", "--", "true", "--task"], set()),
    (["qemu-run", "config", ""], set()),
]
OFFER = {"bash": in_bash, "fish": in_fish, "zsh": in_zsh}


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_tab_offers(folder, shell):
    assert shutil.which(shell), f"this test asks a real {shell}: install it"
    wrong = {}
    for words, wanted in TABS:
        offered = {name.removeprefix("./") for name in OFFER[shell](words)} - OURS
        if offered != wanted:
            wrong[" ".join(words)] = (sorted(offered - wanted), sorted(wanted - offered))
    assert wrong == {}, wrong


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_of_a_run_is_offered(folder, shell):
    offered = OFFER[shell](["qemu-run", "web.nomad.hcl", "--"])
    assert {*RUN_OPTIONS, "--help"} <= {word.rstrip("=") for word in offered}


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["--task=d"], ["db"]),
        (["--accelerator", "kvm:"], ["tcg"]),
        (["--accelerator=kvm:t"], ["tcg"]),
        (["--var=s"], ["size="]),
        (["--overlay=n"], ["notes.txt"]),
    ],
)
def test_bash_completes_behind_the_signs_where_it_takes_words_apart(folder, typed, offered):
    assert in_bash(["qemu-run", "run", "web.nomad.hcl", *typed]) == offered


def test_bash_quotes_what_has_blanks(folder):
    (folder / "web.nomad.hcl").write_text(JOB.replace("db", "d b"))
    assert in_bash(["qemu-run", "web.nomad.hcl", "--task", "d"]) == ["d\\ b"]
    assert in_bash(["qemu-run", "web.nomad.hcl", "--task", '"d']) == ["d b"]


@pytest.mark.parametrize("typed", ["my\\ j", "'my j", '"my j'])
@pytest.mark.parametrize("shell", ["bash", "fish"])
def test_names_with_blanks_are_completed_however_they_are_quoted(folder, shell, typed):
    assert OFFER[shell](["qemu-run", "validate", typed]) == ["my job.hcl"]


def test_variables_of_the_job_in_bash_and_fish(folder):
    words = ["qemu-run", "run", "web.nomad.hcl", "--var", ""]
    assert [in_bash(words), in_fish(words)] == [["size="], ["size="]]


@pytest.mark.parametrize(
    ("shell", "name"), [("bash", "qemu-run.bash"), ("zsh", "_qemu-run"), ("fish", "qemu-run.fish")]
)
def test_the_scripts_for_packages_are_current(qemu_run, request, shell, name):
    script = qemu_run.run("completion", shell).out
    path = Path(__file__).parents[2] / "completions" / name
    if request.config.getoption("--update-golden"):
        path.write_text(script)
    assert path.read_text() == script, "run pytest tests/cli/test_completions.py --update-golden"


@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_names_every_command_and_option(qemu_run, shell):
    script = qemu_run.run("completion", shell).out
    words = {word.removeprefix("--") for word in re.findall(r"[\w-]+", script)}
    for command in COMMANDS.values():
        spellings = {(option.opposite or option.name).removeprefix("--") for option in command.options}
        assert {command.name, *spellings} <= words
    syntax = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)
    assert (syntax.returncode, syntax.stderr) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [(), ("nonsense",), ("tasks",), ("tasks", "run"), ("tasks", "run", "gone.hcl"), ("tasks", "valdate")],
)
def test_where_there_is_nothing_to_offer_nothing_is_said(qemu_run, arguments):
    result = qemu_run.run("__offers", *arguments)
    assert (result.code, result.out, result.err) == (0, "", "")
