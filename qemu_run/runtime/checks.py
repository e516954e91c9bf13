"""The checks of a guest's services, made again and again while it runs.

The first comes after half an interval, the next an interval after the one before has ended, each limited by
its timeout. A check is healthy or not by what it last found, and neither before. One with `check_restart`
ends the guest when it has not been healthy for long enough.
Source: Nomad's client, `client/serviceregistration/checks` and `check_watcher.go`.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from qemu_run.planning.checks import CheckPlan, HttpRequest
from qemu_run.planning.plan import TaskPlan
from qemu_run.runtime.events import HealthChanged, Report
from qemu_run.runtime.monitor import Monitor
from qemu_run.runtime.readiness import guest_takes
from qemu_run.verdict.cause import StopRequest, Unhealthy

if TYPE_CHECKING:
    import httpx

_MOST_REDIRECTS = 10
_FIRST_FAILURE = 400

End: TypeAlias = Callable[[StopRequest], None]


class HealthWatch:
    """All checks of one running guest."""

    def __init__(
        self,
        plan: TaskPlan,
        report: Report,
        *,
        became_ready: Callable[[], None],
        end_task: End,
        end_group: End,
    ) -> None:
        """`became_ready` is called when all checks that count have passed, the others where one gives up."""
        self._plan = plan
        self._report = report
        self._became_ready = became_ready
        self._ends = {False: end_task, True: end_group}
        self._waiting = {check for check in plan.checks if check.counts_for_readiness}

    @property
    def lacking(self) -> str:
        """What keeps the guest from being ready, in words; empty: nothing does."""
        return never_passed(check for check in self._plan.checks if check in self._waiting)

    async def run(self, monitor: Monitor) -> None:
        """Make the checks until cancelled."""
        await asyncio.gather(*(self._watch(check, monitor) for check in self._plan.checks))

    async def _watch(self, check: CheckPlan, monitor: Monitor) -> None:
        health = Health(check)
        patience = Patience(check, lambda: self._give_up(check))
        try:
            await asyncio.sleep(check.interval_seconds / 2)
            while True:
                why = await probe(check, monitor)
                if health.learn(why):
                    self._changed(check, why)
                    patience.learn(healthy=not why)
                await asyncio.sleep(check.interval_seconds)
        finally:
            patience.close()

    def _changed(self, check: CheckPlan, why: str) -> None:
        """The check has become healthy, or unhealthy, or unhealthy for another reason."""
        self._report(HealthChanged(task=self._plan.id, check=check.name, is_healthy=not why, why=why))
        if not why and check in self._waiting:
            self._waiting.discard(check)
            if not self._waiting:
                self._became_ready()

    def _give_up(self, check: CheckPlan) -> None:
        whole_group = check.restart is not None and check.restart.whole_group
        self._ends[whole_group](StopRequest(cause=Unhealthy(check.name)))


def never_passed(checks: Iterable[CheckPlan]) -> str:
    """Why a guest was not ready; empty without checks."""
    names = [f'"{check.name}"' for check in checks]
    return f"check{'s' if names[1:] else ''} {', '.join(names)} never passed" if names else ""


class Health:
    """What the results of one check say: nothing at first, then healthy or why not."""

    def __init__(self, check: CheckPlan) -> None:
        self._wanted = {True: check.passes_after, False: check.fails_after}
        self._last: bool | None = None
        self._in_a_row = 0
        self._told: str | None = None

    def learn(self, why: str) -> bool:
        """Take one result, why it failed or nothing; whether there is something new to tell."""
        passed = not why
        self._in_a_row = self._in_a_row + 1 if passed is self._last else 1
        self._last = passed
        if self._told == why or self._in_a_row < self._wanted[passed]:
            return False
        self._told = why
        return True


class Patience:
    """How long a check with `check_restart` may be unhealthy: so many intervals, once its grace is over."""

    def __init__(self, check: CheckPlan, give_up: Callable[[], None]) -> None:
        """Begin to wait; a check without `check_restart` is never given up."""
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._is_healthy = False
        self._has_grace = check.restart is not None
        self._timer: asyncio.TimerHandle | None = None
        self._grace: asyncio.TimerHandle | None = None
        if check.restart is not None:
            self._seconds = check.interval_seconds * (check.restart.limit - 1)
            self._grace = self._loop.call_later(check.restart.grace_seconds, self._grace_is_over)
        self._is_watched = check.restart is not None

    def _grace_is_over(self) -> None:
        self._has_grace = False
        self._look()

    def learn(self, *, healthy: bool) -> None:
        """The check has become healthy, or unhealthy."""
        self._is_healthy = healthy
        self._look()

    def _look(self) -> None:
        if not self._is_watched or self._has_grace:
            return
        if self._is_healthy:
            self._stop_the_clock()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._give_up)

    def _stop_the_clock(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def close(self) -> None:
        """Nobody waits any more."""
        self._stop_the_clock()
        if self._grace is not None:
            self._grace.cancel()


async def probe(check: CheckPlan, monitor: Monitor) -> str:
    """Make a check once: why it failed, or nothing when it passed."""
    try:
        async with asyncio.timeout(check.timeout_seconds):
            if check.http is not None:
                return await _ask(check.http)
            return await guest_takes(monitor, check.ip, check.port, check.guest_port)
    except TimeoutError:
        return "no answer in time"


async def _ask(request: HttpRequest) -> str:
    """An http check: an answer below 400 is a good one. Its body is not read.

    A redirection is followed only where it leads back to the guest: it makes the host ask nobody else.
    """
    import httpx

    try:
        async with httpx.AsyncClient(verify=request.verify, trust_env=False, timeout=None) as client:  # noqa: S113  # our caller limits it
            sent = _request(client, request)
            home = (sent.url.host, sent.url.port)
            for _ in range(_MOST_REDIRECTS):
                response = await client.send(sent, stream=True)
                await response.aclose()
                following = response.next_request
                if following is None or (following.url.host, following.url.port) != home:
                    return f"{response.status_code}" if response.status_code >= _FIRST_FAILURE else ""
                sent = following
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OSError) as error:
        return _in_words(error)
    return f"more than {_MOST_REDIRECTS} redirections"


def _request(client: "httpx.AsyncClient", request: HttpRequest) -> "httpx.Request":
    extensions = {"sni_hostname": request.server_name} if request.server_name else None
    return client.build_request(
        request.method,
        request.url,
        headers=[("User-Agent", "qemu-run"), *request.headers],
        content=request.body or None,
        extensions=extensions,
    )


def _in_words(error: Exception) -> str:
    names: Sequence[tuple[str, str]] = (
        ("ConnectError", "no connection"),
        ("RemoteProtocolError", "the connection was closed without an answer"),
        ("ReadError", "the connection was reset"),
    )
    return dict(names).get(type(error).__name__) or str(error) or type(error).__name__
