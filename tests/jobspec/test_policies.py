"""Which policies Nomad accepts, and which it refuses."""

import pytest

from tests.jobspec.answers import job_of, load_text


def reschedule(function: str, attempts: int, delay: str, interval: str) -> str:
    lines = (
        "reschedule {",
        f'delay_function = "{function}"',
        f"attempts = {attempts}",
        f'delay = "{delay}"',
        f'interval = "{interval}"',
        'max_delay = "1h"',
        "unlimited = false",
        "}",
    )
    return job_of("\n".join(lines))


def template(perms: str) -> str:
    return job_of(task=f'template {{\n data = "x"\n destination = "local/x"\n perms = {perms}\n}}')


ACCEPTED = {
    "delays that double": reschedule("exponential", 6, "2m", "92m1s"),
    "delays that double, up to the longest twice": reschedule("exponential", 7, "2m", "152m1s"),
    "delays that add up": reschedule("fibonacci", 4, "5m", "15m"),
    "delays that add up, to the longest": reschedule("fibonacci", 7, "5m", "1h"),
    "delays that add up, past the longest": reschedule("fibonacci", 8, "5m", "2h"),
    "one delay": reschedule("fibonacci", 1, "5m", "5m"),
    "a service with a disabled timetable": job_of(job="periodic {\n enabled = false\n}"),
    "permissions as a number": template("0644"),
    "a text of permissions": template('"04755"'),
}

REFUSED = {
    "delays that double": reschedule("exponential", 6, "2m", "92m"),
    "delays that double, up to the longest twice": reschedule("exponential", 7, "2m", "152m"),
    "delays that add up": reschedule("fibonacci", 4, "5m", "14m"),
    "delays that add up, past the longest": reschedule("fibonacci", 8, "5m", "119m"),
    "a service with a timetable": job_of(job='periodic {\n crons = ["@daily"]\n}'),
    "promotion without canaries, though nothing is updated": job_of(
        "update {\n max_parallel = 0\n auto_promote = true\n}"
    ),
    "permissions of too many digits": template('"10644"'),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(text):
    assert load_text(text).errors == []


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_refused_for_one_reason(text):
    assert len(load_text(text).errors) == 1
