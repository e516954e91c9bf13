"""Command lines taken apart: the first word, options in both spellings, and every way to be wrong."""

import pytest

from qemu_run.cli.commands import COMMANDS
from qemu_run.cli.elsewhere import INSTEAD
from qemu_run.cli.fast_path import understand
from qemu_run.cli.first_word import command_of
from qemu_run.cli.nomad_flags import our_spelling
from qemu_run.cli.options import ACCELERATOR, CONFIG, QUIET, STRICT, TASK, VAR, VAR_FILE
from qemu_run.errors import UsageError


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def line(*words):
    spelled, notes = our_spelling(words)
    name, rest = command_of(spelled)
    read = understand(COMMANDS[name], rest)
    read.notes = tuple(notes)
    return read


def mistakes(*words):
    with pytest.raises(UsageError) as raised:
        line(*words)
    return [(each.summary, each.hints) for each in raised.value.diagnostics]


@pytest.mark.parametrize(
    ("typed", "command", "operands"),
    [
        (["web.hcl"], "run", ["web.hcl"]),
        (["-"], "run", ["-"]),
        (["./web"], "run", ["./web"]),
        (["http://host/web"], "run", ["http://host/web"]),
        (["--quiet", "web"], "run", ["web"]),
        (["run", "validate"], "run", ["validate"]),
        (["run", "--", "-var"], "run", ["-var"]),
        (["job", "run", "web"], "run", ["web"]),
        (["job", "validate", "a", "b"], "validate", ["a", "b"]),
        (["job", "plan", "web"], "plan", ["web"]),
        (["job", "inspect", "web"], "inspect", ["web"]),
        (["--help"], "help", []),
        (["-help"], "help", []),
        (["help", "plan"], "help", ["plan"]),
        (["help", "job", "run"], "help", ["run"]),
        (["help", "cache", "prune", "--all"], "help", ["cache"]),
        (["plan", "--help"], "help", ["plan"]),
        (["plan", "web.hcl", "--nonsense", "-h"], "help", ["plan"]),
        (["web.hcl", "--help"], "help", ["run"]),
        (["job", "run", "--help"], "help", ["run"]),
        (["--version"], "version", []),
        (["-version"], "version", []),
        (["version"], "version", []),
        ([], "help", []),
    ],
)
def test_what_a_line_asks_for(typed, command, operands):
    read = line(*typed)
    assert (read.command.name, read.operands) == (command, operands)


def test_what_stands_behind_two_dashes():
    read = line("web.hcl", "--quiet", "--", "curl", "--fail", "--help")
    assert (read.operands, read.behind) == (["web.hcl"], ("curl", "--fail", "--help"))
    assert line("validate", "a", "--", "-b").operands == ["a", "-b"]


def test_after_two_dashes_nothing_asks_for_help():
    assert line("run", "--", "--help").operands == ["--help"]


def test_a_command_behind_options_may_be_a_file(tmp_path):
    (tmp_path / "plan").touch()
    assert line("--quiet", "--var", "a=1", "plan").operands == ["plan"]


@pytest.mark.parametrize("name", ["web", "valdate", "ps", "job"])
def test_a_file_that_is_there_is_a_job(tmp_path, name):
    (tmp_path / name).touch()
    assert line(name).operands == [name]


@pytest.mark.parametrize(("name", "is_job"), [("jobs", True), ("logs", False), ("plans", False)])
def test_a_folder_is_one_only_where_no_command_can_be_meant(tmp_path, name, is_job):
    (tmp_path / name).mkdir()
    if is_job:
        assert line(name).operands == [name]
    else:
        assert mistakes(name)


@pytest.mark.parametrize(
    ("typed", "option", "values"),
    [
        (["-var", "a=1"], VAR, ("a=1",)),
        (["-var=a=b=c", "--var", "d="], VAR, ("a=b=c", "d=")),
        (["--var", "a=-1", "--var=b=--quiet"], VAR, ("a=-1", "b=--quiet")),
        (["-var-file=x", "-var-file", "y", "--var-file", "z"], VAR_FILE, ("x", "y", "z")),
        (["--task", "a", "--task=b"], TASK, ("a", "b")),
        (["--accelerator", "kvm:tcg"], ACCELERATOR, ("kvm:tcg",)),
        (["--config", "a", "--config", "b"], CONFIG, ("a", "b")),
    ],
)
def test_options_with_values(typed, option, values):
    read = line("run", *typed, "web")
    assert (read.every(option), read.last(option), read.operands) == (values, values[-1], ["web"])


@pytest.mark.parametrize(
    ("typed", "strict"),
    [
        ([], True),
        (["-hcl2-strict=false"], False),
        (["--hcl2-strict=true"], True),
        (["-hcl2-strict"], True),
        (["--no-hcl2-strict"], False),
        (["--no-hcl2-strict", "--hcl2-strict"], True),
    ],
)
def test_a_switch_that_is_on(typed, strict):
    assert line("validate", *typed, "web").has(STRICT) == strict


def test_a_switch_that_is_off():
    assert not line("run", "web").has(QUIET)
    assert line("run", "-q", "web").has(QUIET)


@pytest.mark.parametrize("typed", [["-json=false"], []])
def test_nomads_json_can_be_denied(typed):
    assert line("inspect", *typed, "web").given == {}


@pytest.mark.parametrize("typed", [["-var", "x"], ["-var=x"], ["-var", ""]])
def test_nomads_var_without_a_value_is_a_warning(typed):
    read = line("run", *typed, "web")
    assert (read.every(VAR), read.operands, len(read.notes)) == ((), ["web"], 1)
    assert read.notes[0].severity == "warning"


@pytest.mark.parametrize(
    ("typed", "summary", "hint"),
    [
        (["valdate", "web.hcl"], 'no command "valdate"', 'did you mean "validate"?'),
        (["fingerprnt"], 'no command "fingerprnt"', 'did you mean "fingerprint"?'),
        (["insp", "x"], 'no command "insp"', 'did you mean "inspect"?'),
        (["runn", "x"], 'no command "runn"', 'did you mean "run"?'),
        (["job", "vaildate", "x"], 'no command "job vaildate"', 'did you mean "job validate"?'),
        (["VALIDATE", "x"], 'no command "VALIDATE"', 'did you mean "validate"?'),
        (["job"], 'no command "job"', "qemu-run run JOB"),
        (["zebra"], 'no command "zebra"', "help lists the commands"),
        (["ps"], 'no command "ps"', "pgrep"),
        (["job", "stop", "web"], 'no command "job stop"', "Ctrl-C"),
        (["run"], "needs a JOB", "write qemu-run run JOB"),
        (["validate"], "needs a JOB", "write qemu-run validate JOB..."),
        (["completion"], "needs a SHELL", "write qemu-run completion SHELL"),
        (["run", "a.hcl", "b.hcl"], 'not 2: "a.hcl", "b.hcl"', "run each by itself"),
        (["run", "a.hcl", "-"], 'not 2: "a.hcl", "-"', "run each by itself"),
        (["run", "a.hcl", "http://host/b"], 'not 2: "a.hcl"', "run each by itself"),
        (["run", "a.hcl", "./test-it"], 'not 2: "a.hcl"', "behind --: qemu-run run a.hcl -- ./test-it"),
        (["a b.hcl", "test", "it"], 'not 3: "a b.hcl"', "behind --: qemu-run run 'a b.hcl' -- test it"),
        (["run", "a.hcl", "--"], "-- wants a command behind it", "write qemu-run run JOB -- COMMAND"),
        (["a.hcl", "--quiet", "--"], "-- wants a command behind it", "--help"),
        (["web.hcl", "plan"], 'not 2: "web.hcl", "plan"', "a command comes first: qemu-run plan"),
        (["--config", "c", "plan", "w"], 'the command "plan"', "write qemu-run plan --config c w"),
        (["-q", "run", "a b.hcl"], '"-q" stands before the command "run"', "qemu-run run -q 'a b.hcl'"),
        (["--json", "ps"], 'no command "ps"', "pgrep"),
        (["-q", "valdate", "w.hcl"], 'no command "valdate"', 'did you mean "validate"?'),
        (["validate", "-", "-"], "standard input can be read once only", "write - once"),
        (["plan", "--meta", "x", "w"], 'takes KEY=VALUE, not "x"', "--meta x=VALUE"),
        (["init", "--force", "w"], 'no option "--force"', "init --help lists its options"),
        (["--version", "w"], 'qemu-run version takes no "w"', "--help"),
        (["cache", "list", "prune"], 'not 2: "list", "prune"', "give each a line of its own"),
        (["run", "--", "w", "--", "true"], "not 3", "behind --: qemu-run run w -- true"),
        (["plan", "--memory", "512", "w"], 'no option "--memory"', "resources { memory = 512 }"),
        (["run", "-it", "w"], 'no option "-it"', "--console"),
        (["run", "-cpu", "host", "w"], 'no option "-cpu"', 'args = ["-cpu", ...]'),
        (["run", ""], "name of the JOB is empty", "--help"),
        ([""], "name of the JOB is empty", "--help"),
        (["config", "x"], 'takes no "x"', "write --config x"),
        (["version", "x"], 'takes no "x"', "--help"),
        (["run", "-m", "512", "w"], 'no option "-m"', "resources { memory = 512 }"),
        (["plan", "--memory=1G", "w"], 'no option "--memory"', "resources { memory = 512 }"),
        (["run", "-p", "2222:22", "w"], 'no option "-p"', 'port "ssh" { to = 22 }'),
        (["run", "-hda", "disk.img", "w"], 'no option "-hda"', 'image_path = "disk.img"'),
        (["run", "-kernel", "x", "w"], 'no option "-kernel"', 'args = ["-kernel", ...]'),
        (["run", "--var", "x", "w"], 'takes NAME=VALUE, not "x"', "--var x=VALUE"),
        (["run", "--var", "=x", "w"], 'takes NAME=VALUE, not "=x"', "--var NAME=VALUE"),
        (["run", "w", "--var"], "--var needs a value", "--var NAME=VALUE"),
        (["run", "w", "-var"], "--var needs a value", "--var NAME=VALUE"),
        (["run", "--config=", "w"], "--config needs a value", "--config FILE"),
        (["run", "--task", "--quiet", "w"], "--task needs a value", "--task NAME"),
        (["run", "--config", "--", "w"], "--config needs a value", "--config FILE"),
        (["run", "--quiet=yes", "w"], "--quiet takes no value", "write --quiet alone"),
        (["run", "--quite", "w"], 'no option "--quite"', 'did you mean "--quiet"?'),
        (["run", "-quiet", "w"], 'no option "-quiet"', 'did you mean "--quiet"?'),
        (["plan", "--jsn", "w"], 'no option "--jsn"', 'did you mean "--json"?'),
        (["run", "--xyzzy", "w"], 'no option "--xyzzy"', "run --help"),
        (["run", "-detach", "w"], 'no option "-detach"', "cluster"),
        (["run", "-output", "w"], 'no option "-output"', "inspect"),
        (["run", "--bind", "localhost", "w"], 'not "localhost"', "0.0.0.0"),
        (["run", "--bind", "127.0.0.256", "w"], 'not "127.0.0.256"', "0.0.0.0"),
        (["run", "--accelerator", "kmv", "w"], 'no accelerator "kmv"', 'did you mean "kvm"?'),
        (["run", "--accelerator", "tcg:kvmm", "w"], 'no accelerator "kvmm"', 'did you mean "kvm"?'),
        (["init", "--template", "prots"], 'not "prots"', 'did you mean "ports"?'),
        (["completion", "bsh"], 'not "bsh"', 'did you mean "bash"?'),
    ],
)
def test_wrong_use(typed, summary, hint):
    ((said, hints),) = mistakes(*typed)
    assert summary in said
    assert any(hint in each for each in hints)


@pytest.mark.parametrize(("mode", "hint"), [(0o644, "run each by itself"), (0o755, "goes behind --")])
def test_a_second_file_is_a_job_unless_it_can_be_executed(tmp_path, mode, hint):
    (tmp_path / "web").touch(mode)
    (tmp_path / "web").chmod(mode)
    ((_, hints),) = mistakes("run", "a.hcl", "web")
    assert hint in hints[0]


def test_two_dashes_without_a_command_are_nothing_where_none_can_be(tmp_path):
    assert line("validate", "a", "--").operands == ["a"]


def test_all_mistakes_of_a_line_are_told():
    told = mistakes("run", "--quite", "--var", "x", "--bind", "y", "web")
    assert len(told) == 3


def test_the_suffix_that_was_left_out(tmp_path):
    (tmp_path / "web.nomad.hcl").touch()
    ((_, hints),) = mistakes("web")
    assert "did you mean web.nomad.hcl?" in hints


def test_no_command_is_said_to_be_elsewhere():
    assert INSTEAD.keys() & COMMANDS.keys() == set()


@pytest.mark.parametrize(
    "word", ["logs", "stop", "exec", "console", "port", "attach", "ssh", "fmt", "submit"]
)
def test_words_of_others_are_answered(word):
    ((_, (hint,)),) = mistakes(word, "web")
    assert hint == INSTEAD[word]
