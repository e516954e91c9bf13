"""Which emulators there are, and what they answer."""

import os

import pytest

from qemu_run.node import emulators
from qemu_run.node.emulators import ask, find_emulator, list_emulators
from qemu_run.node.probe_cache import ProbeCache

VERSION = 'echo "QEMU emulator version 9.2.0 (Debian 1:9.2.0+ds-2)"'


def test_the_first_folder_with_any_emulator_has_them_all(make_program, tmp_path):
    make_program("qemu-img", VERSION, "a")
    make_program("qemu-system-x86_64", VERSION, "b")
    make_program("qemu-system-arm", VERSION, "b").chmod(0o644)
    make_program("qemu-system-mips", VERSION, "c")
    search_path = os.pathsep.join(str(tmp_path / folder) for folder in ("none", "a", "b", "c"))
    assert list(list_emulators(search_path)) == ["arm", "x86_64"]


@pytest.mark.parametrize("name", ["mips", "qemu-system-mips"])
def test_one_emulator_is_looked_for_everywhere(make_program, tmp_path, name):
    make_program("qemu-system-x86_64", VERSION, "b")
    program = make_program("qemu-system-mips", VERSION, "c")
    link = tmp_path / "d"
    link.symlink_to(program.parent)
    assert find_emulator(name, f"{tmp_path / 'b'}{os.pathsep}{link}") == program


@pytest.mark.parametrize("name", ["", "qemu-system-", "nonsense", "../bin/sh", "/bin/sh"])
def test_what_is_no_emulator_is_not_found(make_program, tmp_path, name):
    make_program("qemu-system-x86_64", VERSION)
    assert find_emulator(name, str(tmp_path / "bin")) is None


def test_the_current_folder_is_no_place_for_an_emulator(make_program, tmp_path, monkeypatch):
    monkeypatch.chdir(make_program("qemu-system-nonsense", VERSION).parent)
    for search_path in ("", ".", f":{tmp_path}", "../bin"):
        assert find_emulator("nonsense", search_path) is None
        assert "nonsense" not in list_emulators(search_path)


def test_where_path_has_none_the_usual_places_count(make_program, tmp_path, monkeypatch):
    program = make_program("qemu-system-x86_64", VERSION, "usual")
    only = make_program("qemu-kvm", VERSION, "libexec")
    monkeypatch.setattr(emulators, "OTHER_PLACES", (str(program.parent),))
    monkeypatch.setattr(emulators, "HOST_ONLY", str(only))
    assert list_emulators("/nowhere") == {"x86_64": program}
    assert find_emulator("x86_64", "/nowhere") == program
    program.unlink()
    own = emulators.host_architecture()
    assert list_emulators("/nowhere") == {own: only}
    assert find_emulator(own, "/nowhere") == only
    assert find_emulator("mips64", "/nowhere") is None


@pytest.mark.parametrize(
    ("question", "output", "answer"),
    [
        ("version", "QEMU emulator version 9.2.0 (Debian 1:9.2.0+ds-2)\\nCopyright", "9.2.0"),
        ("version", "QEMU emulator version 10.0.50 (v10.0.0-1-gabc)", "10.0.50"),
        ("version", "QEMU emulator version 8.2.0+", "8.2.0"),
        ("machine_types", "Supported machines are:\\npc   A board (alias of b)\\nq35  Another\\n", "pc,q35"),
        ("accelerators", "Accelerators supported in QEMU binary:\\ntcg\\nkvm\\n", "tcg,kvm"),
    ],
)
def test_answers_are_read(make_program, question, output, answer):
    program = make_program("qemu-system-x86_64", f'printf "{output}"')
    assert ask(program, [question], ProbeCache(None)) == {question: answer}


@pytest.mark.parametrize("script", ["exit 1", "echo no number", "kill -9 $$", VERSION + "; exit 1"])
def test_an_emulator_that_does_not_tell_has_no_answer(make_program, script):
    assert ask(make_program("qemu-system-x86_64", script), ["version"], ProbeCache(None)) == {}


def test_what_can_t_be_started_has_no_answer(make_program, tmp_path):
    program = make_program("qemu-system-x86_64", VERSION)
    program.chmod(0o644)
    assert ask(program, ["version"], ProbeCache(None)) == {}
    assert ask(tmp_path / "gone", ["version"], ProbeCache(None)) == {}


def test_an_emulator_that_hangs_is_given_up(make_program, monkeypatch):
    monkeypatch.setattr(emulators, "_ANSWER_SECONDS", 0.1)
    assert ask(make_program("qemu-system-x86_64", "sleep 60"), ["version"], ProbeCache(None)) == {}


def test_an_answer_is_asked_for_once_for_each_program(make_program, tmp_path):
    program = make_program("qemu-system-x86_64", f"echo x >> {tmp_path}/runs; {VERSION}")
    for _ in range(2):
        assert ask(program, ["version"], ProbeCache(tmp_path / "probes.json")) == {"version": "9.2.0"}
    assert (tmp_path / "runs").read_text() == "x\n"
    make_program("qemu-system-x86_64", VERSION.replace("9.2.0", "10.0.1"))
    assert ask(program, ["version"], ProbeCache(tmp_path / "probes.json")) == {"version": "10.0.1"}
