"""How results of a check become health, and when patience with it ends."""

import asyncio
from dataclasses import replace

import pytest

from qemu_run.planning.checks import CheckPlan, RestartRule
from qemu_run.runtime.checks import Health, Patience

CHECK = CheckPlan(
    name="web",
    kind="tcp",
    ip="127.0.0.1",
    port=1,
    guest_port=1,
    http=None,
    interval_seconds=0.05,
    timeout_seconds=1,
    passes_after=1,
    fails_after=1,
    restart=None,
    counts_for_readiness=True,
    span=None,
)


@pytest.mark.parametrize(
    ("passes_after", "fails_after", "results", "told"),
    [
        (1, 1, ["", "", ""], [True, False, False]),
        (1, 1, ["x", "", "x"], [True, True, True]),
        (1, 1, ["x", "x", "y"], [True, False, True]),
        (3, 1, ["", "", "", ""], [False, False, True, False]),
        (2, 1, ["", "x", "", ""], [False, True, False, True]),
        (1, 2, ["", "x", "", "x", "x"], [True, False, False, False, True]),
    ],
)
def test_what_is_told(passes_after, fails_after, results, told):
    health = Health(replace(CHECK, passes_after=passes_after, fails_after=fails_after))
    assert [health.learn(why) for why in results] == told


def gives_up(rule, script, wait=0.4):
    """Whether patience ended, after `script` (seconds, healthy)."""

    async def run():
        ended = asyncio.Event()
        patience = Patience(replace(CHECK, restart=rule), ended.set)
        for seconds, healthy in script:
            await asyncio.sleep(seconds)
            patience.learn(healthy=healthy)
        try:
            await asyncio.wait_for(ended.wait(), wait)
        except TimeoutError:
            return False
        finally:
            patience.close()
        return True

    return asyncio.run(run())


def rule(limit, grace):
    return RestartRule(limit=limit, grace_seconds=grace, whole_group=False)


@pytest.mark.parametrize(
    ("restart", "script", "ends"),
    [
        (None, [(0, False)], False),
        (rule(1, 0.05), [], True),  # what is not known to be healthy is not
        (rule(1, 0.05), [(0, True)], False),
        (rule(1, 60), [(0, False)], False),
        (rule(2, 0.01), [(0, False), (0.02, True)], False),
        (rule(3, 0.01), [(0, True), (0.05, False)], True),
    ],
)
def test_when_patience_ends(restart, script, ends):
    assert gives_up(restart, script) is ends
