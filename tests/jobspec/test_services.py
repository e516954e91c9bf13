"""Which services, checks and ports may stand together: what Nomad accepts, and what it refuses."""

import pytest

from tests.jobspec.answers import job_of, load_text

TIMES = 'interval = "5s"\n timeout = "1s"\n path = "/"'
NETWORK = 'network {\n mode = "bridge"\n port "web" {}\n}'
SIDECAR = "connect {\n sidecar_service {}\n}"
OWN_TASK, NO_TASK, BY_DRIVER = 'task = "t"', 'task = "x"', 'address_mode = "driver"'
EXPOSE, THRESHOLD, COMMAND = "expose = true", "success_before_passing = 2", 'command = "/bin/true"'
COLLISION = 'network {\n port "a" { static = 80 }\n port "b" {\n static = 80\n ignore_collision = true\n }\n}'


def service(*inner: str, port: str = "web") -> str:
    return "\n".join(["service {", f'port = "{port}"', 'name = "web"', *inner, "}"])


def another_task(*inner: str) -> str:
    return "\n".join(['task "u" {', 'driver = "docker"', *inner, "}"])


def check(kind: str, *inner: str) -> str:
    return "\n".join(["check {", *inner, f'type = "{kind}"', TIMES, "}"])


def artifact(checksum: str) -> str:
    return f'artifact {{\n source = "x"\n options {{ checksum = "{checksum}" }}\n}}'


def in_group(*inner: str) -> str:
    return job_of("\n".join([NETWORK, *inner]))


def in_task(*inner: str, group: str = "") -> str:
    return job_of(f"{NETWORK}\n{group}", task="\n".join(inner))


ACCEPTED = {
    "unnamed checks of a group": in_group(service(check("http"), check("tcp"))),
    "the same in a group and its task": in_task(service(), group=service()),
    "the same in two tasks": in_task(service(), group=another_task(service())),
    "a check that names its own task": in_task(service(check("http", OWN_TASK))),
    "an http check of a group with a task": in_group(service(check("http", OWN_TASK))),
    "a group's check by driver, of no task": in_group(service(check("http", BY_DRIVER))),
    "a group's port that is none of its network": in_group(service(port="8080")),
    "an http check beside a sidecar": in_group(service(check("http"), SIDECAR)),
    "an http check that is exposed": in_group(service(check("http", EXPOSE, THRESHOLD), SIDECAR)),
    "a script check with the task that runs it": in_group(service(check("script", COMMAND, OWN_TASK))),
    "a service that is native itself": in_group(service("connect { native = true }")),
    "a script check with a port that is none": in_task(service(check("script", COMMAND, 'port = "x"'))),
    "a check by driver with a number": in_task(service(check("http", BY_DRIVER, 'port = "80"'))),
    "a network mode unknown to us": job_of('network {\n mode = "weave"\n hostname = "my host"\n}'),
    "one static port twice, on purpose": job_of(COLLISION),
    "a checksum among blanks": in_task(artifact(" md5:b8a4f3f72ecab0510a6a31e997461c5f ")),
}

REFUSED = {
    "the same twice in a group": in_group(service(), service()),
    "the same twice in a task": in_task(service(), service()),
    "unnamed checks of a task": in_task(service(check("http"), check("tcp"))),
    "a check that names another task": in_task(service(check("http", 'task = "u"')), group=another_task()),
    "a service of a task that is none": in_group(service(NO_TASK, check("http"))),
    "a group's check by driver, of a task": in_group(service(check("http", OWN_TASK, BY_DRIVER))),
    "a task's port that is none of its network": in_task(service(port="${NOMAD_PORT_web}")),
    "a tcp check after a sidecar": in_group(service(check("tcp"), SIDECAR)),
    "a tcp check that is exposed": in_group(service(check("tcp", EXPOSE))),
    "a script check with a threshold": in_task(service(check("script", COMMAND, THRESHOLD))),
    "a threshold below zero": in_task(service(check("http", "failures_before_warning = -1"))),
    "notes of 256 characters": in_task(service(check("http", f'notes = "{256 * "n"}"'))),
    "connect without a word": in_group(service("connect {}")),
    "a sidecar and native too": in_group(service("connect {\n native = true\n sidecar_service {}\n}")),
    "a task's service with a sidecar": in_task(service(check("http"), SIDECAR)),
    "a task's service that names another": in_task(service('task = "u"'), group=another_task()),
    "a task's check by the allocation": in_task(service(check("http", 'address_mode = "alloc"'))),
    "a check of a numbered port": in_task(service(check("http"), BY_DRIVER, port="80")),
    "a collision in a bridge": job_of(COLLISION.replace("network {", 'network {\n mode = "bridge"')),
    "one static port twice": job_of(COLLISION.replace("ignore_collision = true", "")),
    "a checksum that is empty": in_task(artifact("")),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(text):
    assert load_text(text).errors == []


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused_for_one_reason(text):
    assert len(load_text(text).errors) == 1
