"""Templates in a job: checked at validate, shown by plan, written before a real guest starts."""

import json
import re
import shutil
import stat

import pytest

TASK = """
      env {
        COLOUR = "blue"
      }
      template {
        data        = <<-EOH
          # made for {{ env "NOMAD_TASK_NAME" }}
          {{- range $i, $name := split "," "a,b" }}
          {{ $i }}={{ $name }}
          {{- end }}
        EOH
        destination = "local/deep/list.txt"
        perms       = "0600"
      }
      template {
        data        = <<EOH
ARGUMENT={{ env "COLOUR" }}-{{ env "attr.kernel.name" }}
QUOTED='a b' # said
EOH
        destination = "secrets/file.env"
        env         = true
      }
"""
TEXT = "# made for vm\n0=a\n1=b\n"


def task_of(document):
    return json.loads(document)["tasks"][0]


def test_the_plan_shows_what_is_rendered(qemu_run, guest, job):
    guest(end_at_once=True)
    result = qemu_run.run("plan", "--json", job(task=TASK, config='args = ["-name", "${ARGUMENT}"]'))
    assert result.code == 0, result.err
    task = task_of(result.out)
    assert task["templates"] == [
        {"destination": "vm/local/deep/list.txt", "text": TEXT, "environment": False},
        {
            "destination": "vm/secrets/file.env",
            "text": "ARGUMENT=blue-linux\nQUOTED='a b' # said\n",
            "environment": True,
        },
    ]
    assert task["environment"]["QUOTED"] == "a b"
    at = task["command"].index("-name")
    assert task["command"][at : at + 2] == ["-name", "blue-linux"]


def test_the_plan_for_people_names_the_files(qemu_run, guest, job):
    guest(end_at_once=True)
    result = qemu_run.run("plan", job(task=TASK))
    assert "vm/local/deep/list.txt, 3 lines\n" in result.out
    assert "vm/secrets/file.env, 2 lines, variables of the task\n" in result.out


def kept(qemu_run, job, name):
    """The files of a run that is kept, and its directory removed."""
    result = qemu_run.run("run", "--keep", job)
    (allocation,) = qemu_run.leftovers()
    try:
        path = allocation / name
        found = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) if path.exists() else None
        return result, found
    finally:
        shutil.rmtree(allocation)


def test_a_real_guest_starts_with_its_files(qemu_run, guest, job):
    guest(end_at_once=True)
    result, found = kept(qemu_run, job(task=TASK), "vm/local/deep/list.txt")
    assert result.code == 0, result.err
    assert found == (TEXT.encode(), 0o600)


def test_the_default_permissions_and_bytes_that_are_no_text(qemu_run, guest, job):
    guest(end_at_once=True)
    task = 'template {\n data = "{{ base64Decode \\"/w==\\" }}"\n destination = "alloc.bin"\n }'
    assert task_of(qemu_run.run("plan", "--json", job(task=task)).out)["templates"][0]["text"] == "\ufffd"
    result, found = kept(qemu_run, job(task=task), "vm/alloc.bin")
    assert result.code == 0, result.err
    assert found == (b"\xff", 0o644)


def test_qemu_reads_a_rendered_file(qemu_run, guest, job):
    """QEMU itself reads its options from what a template wrote: the file is there in time."""
    guest(end_at_once=True)
    name = 'from-{{ env "NOMAD_TASK_NAME" }}'
    task = f'template {{\n data = <<EOH\n[name]\n  guest = "{name}"\nEOH\n destination = "local/q.cfg"\n }}'
    result = qemu_run.run("run", job(task=task, config='args = ["-readconfig", "local/q.cfg"]'))
    assert result.code == 0, result.err


def test_a_template_may_read_what_an_artifact_brought(qemu_run, guest, job, tmp_path):
    guest(end_at_once=True)
    (tmp_path / "words.txt").write_text("b\na\n")
    task = f"""
      artifact {{
        source = "{tmp_path}/words.txt"
      }}
      template {{
        data        = "{{{{ file (print (env \\"NOMAD_TASK_DIR\\") \\"/words.txt\\") | toUpper }}}}"
        destination = "local/copy.txt"
      }}
      template {{
        source      = "local/words.txt"
        destination = "local/same.txt"
      }}
    """
    plan = qemu_run.run("plan", "--json", job(task=task))
    assert [each["text"] for each in task_of(plan.out)["templates"]] == [None, None]
    assert "rendered at start" in qemu_run.run("plan", job(task=task)).out
    result, found = kept(qemu_run, job(task=task), "vm/local/copy.txt")
    assert result.code == 0, result.err
    assert found == (b"B\nA\n", 0o644)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ('"/etc/hostname"', "outside the task's directory"),
        ('(print (env "NOMAD_TASK_DIR") "/../../../../../../etc/hostname")', "outside the task's directory"),
        ('(print (env "NOMAD_ALLOC_DIR") "/data/x")', "outside the task's directory"),
        ('"local/none"', 'a path begins with env "NOMAD_TASK_DIR"'),
        ('(print (env "NOMAD_TASK_DIR") "/none")', "nothing of the task brings such a file"),
    ],
)
@pytest.mark.parametrize("command", ["plan", "run"])
def test_a_template_reads_no_other_file(qemu_run, guest, job, command, path, said):
    guest(end_at_once=True)
    task = f'template {{\n data = <<EOH\n{{{{ file {path} }}}}\nEOH\n destination = "local/x"\n }}'
    result = qemu_run.run(command, job(task=task))
    assert result.code == 110
    assert said in result.err


def test_a_link_that_an_artifact_might_be_is_not_followed(qemu_run, guest, job, tmp_path):
    """The image a guest boots from is linked into the task: not even that is read."""
    guest("from.img", end_at_once=True)
    task = f"""
      artifact {{
        source = "{tmp_path}/from.img"
      }}
      template {{
        data        = "{{{{ file (print (env \\"NOMAD_TASK_DIR\\") \\"/from.img\\") }}}}"
        destination = "local/x"
      }}
    """
    result = qemu_run.run("run", job(task=task, image="local/from.img"))
    assert result.code == 110
    assert "cannot read" in result.err


MISTAKES = """
      template {
        data        = <<-EOH
          one {{ key "a/b" }}
            {{ upper "x" }}
        EOH
        destination = "local/a"
      }
      template {
        data        = "say \\"{{ if true }}\\""
        destination = "local/b"
      }
      template {
        data        = <<EOH
{{ range nomadService "db" }}
{{ .Address }}
EOH
        destination = "local/c"
      }
      template {
        data        = <<EOH
%{ if true }a%{ endif } $${b} <% ls "x" %>
EOH
        destination = "local/d"
        left_delimiter  = "<%"
        right_delimiter = "%>"
      }
"""


def test_mistakes_are_shown_inside_the_template(qemu_run, guest, job, golden):
    guest(end_at_once=True)
    result = qemu_run.run("validate", job(task=MISTAKES))
    assert result.code == 110
    golden("mistakes.txt", result.err)


def test_what_fails_when_rendered_is_shown_inside_the_template(qemu_run, guest, job):
    guest(end_at_once=True)
    task = 'template {\n data = <<EOH\nfine\n  {{ "x" | parseInt }}\nEOH\n destination = "local/a"\n }'
    result = qemu_run.run("plan", job(task=task))
    assert result.code == 110
    assert '"x" is not an integer' in result.err
    assert re.search(r'\| +\{\{ "x" \| parseInt \}\}\n +\| +\^+', result.err), result.err


def test_lines_that_are_no_variables(qemu_run, guest, job):
    guest(end_at_once=True)
    task = 'template {\n data = "A=1\\nB\\n"\n destination = "local/a"\n env = true\n }'
    result = qemu_run.run("plan", job(task=task))
    assert result.code == 110
    assert "line 2 of this template's text is not a variable" in result.err


def test_a_destination_that_a_variable_leads_outside(qemu_run, guest, job):
    guest(end_at_once=True)
    task = 'env {\n UP = "../../.."\n }\n template {\n data = "x"\n destination = "${UP}/x"\n }'
    result = qemu_run.run("plan", job(task=task))
    assert result.code == 110
    assert "may not leave the allocation" in result.err


@pytest.mark.parametrize("command", ["validate", "plan", "run"])
@pytest.mark.parametrize(
    ("destination", "why"),
    [
        ("local", "it is a folder of the allocation"),
        ("secrets/x/..", "it is a folder of the allocation"),
        ("../alloc/data", "it is a folder of the allocation"),
        ("/", "it is a folder of the allocation"),
        ("local/" + "x" * 256, "a name in it has more than 255 bytes"),
        ("local/" + "x/" * 2000 + "y", "it has more than 3072 bytes"),
        ("${NOMAD_TASK_DIR}/", "it is a folder of the allocation"),
    ],
    ids=lambda text: text[:20],
)
def test_a_destination_where_no_file_can_be(qemu_run, guest, job, destination, why, command):
    guest(end_at_once=True)
    result = qemu_run.run(command, job(task=f'template {{\n data = "x"\n destination = "{destination}"\n }}'))
    if command == "validate" and "${" in destination:  # only a machine knows
        assert result.code == 0
        return
    assert result.code == 110
    assert "the template cannot be written to its destination" in result.err
    assert why in result.err
    assert "web.nomad.hcl:9" in result.err
