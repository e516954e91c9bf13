"""Every value of a job can be shown where it was written."""

from qemu_run.jobspec.api.places import NotedPlaces
from qemu_run.jobspec.model import NAME
from qemu_run.source import Source
from tests.jobspec.answers import job_of, load_text

SOURCE = Source("x", "0123456789")


def test_a_place_follows_what_it_stands_beside():
    noted, inner, outer = NotedPlaces(), {"a": 1}, {"list": [{}]}
    noted.here(inner, SOURCE.span(0, 1))
    noted.inside(inner, "a", SOURCE.span(2, 3))
    noted.name(inner, "a", SOURCE.span(1, 2))
    outer["list"].append(inner)
    assert {path: span.text for path, span in noted.paths(outer).items()} == {
        ("list", 1): "0",
        ("list", 1, "a"): "2",
        ("list", 1, "a", NAME): "1",
    }


def test_a_place_can_be_asked_for():
    noted, inner = NotedPlaces(), {"a": 1}
    noted.inside(inner, "a", SOURCE.span(2, 3))
    assert noted.of(inner, "a").text == "2"
    assert noted.of({}, "a") is None
    assert noted.at(inner) is None


def test_values_of_a_job():
    job = load_text(job_of(group='network {\n port "ssh" { to = 22 }\n}', task="env { A = 1 }")).job
    task = job.groups[0].tasks[0]
    assert task.at("Config", "image_path").text == '"x"'
    assert task.at("Config", "image_path", NAME).text == "image_path"
    assert task.at("Env", "A").text == "1"
    assert task.at().text == 'task "t"'
    assert job.groups[0].networks[0].ports[0].at("To").text == "22"


def test_the_place_of_a_value_that_is_not_written_is_the_block():
    task = load_text(job_of()).job.groups[0].tasks[0]
    assert task.at("KillTimeout") == task.at()


def test_each_block_of_a_dynamic_block_is_its_content():
    text = job_of(
        group='dynamic "network" {\n for_each = [22]\n content {\n port "a" { to = network.value }\n }\n}'
    )
    port = load_text(text).job.groups[0].networks[0].ports[0]
    assert port.at("To").text == "network.value"
