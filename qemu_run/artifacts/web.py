"""One exchange with a web server by `requests`, whose many failures become ours.

Sources: RFC 9110 for conditional and range requests; nothing is asked to be encoded for the way.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from qemu_run import __version__
from qemu_run.artifacts import address
from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.words import clean, masked
from qemu_run.records import record

if TYPE_CHECKING:
    import requests
    from requests.auth import AuthBase

_MOST_REDIRECTS = 10
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers that may be others in a moment."""
_MOST_DIGITS = 18
"""Of a length in bytes: more is nonsense."""
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class TransientError(Exception):
    """A failure that may pass: it is worth trying again."""

    def __init__(self, failure: FetchError, *, after_seconds: float | None = None, cost: int = 1) -> None:
        super().__init__(failure.summary)
        self.failure = failure
        self.after_seconds = after_seconds
        """How long the server asks to wait."""
        self.cost = cost
        """How many tries it counts for: one that took a long time counts for more."""


@record(kw_only=True)
class WebRequest:
    """What is asked of a server."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    """The job's: for this host only."""
    conditions: Mapping[str, str] = field(default_factory=dict)
    """Ours: ranges and validators."""
    insecure: bool = False
    """Do not verify the server's certificate."""
    is_verified: bool = False
    """A checksum says what must come, so that the way there may be plain."""
    is_artifact: bool = True
    """It is an artifact of a job, or its checksum file: the job's author can say more about it."""

    def cure(self, hint: str, *, otherwise: str = "") -> tuple[str, ...]:
        """The hints for whoever wrote the job, or those for another request."""
        return tuple(filter(None, (hint if self.is_artifact else otherwise,)))

    @property
    def printable(self) -> str:
        """The address without secrets."""
        return address.printable(self.url)


@record(kw_only=True)
class Answer:
    """The head of a server's answer."""

    status: int
    url: str
    """Where it came from in the end."""
    length: int | None
    """Of the body, in bytes."""
    headers: Mapping[str, str]

    @property
    def printable(self) -> str:
        """The address without secrets."""
        return address.printable(self.url)

    @property
    def may_be_cut(self) -> bool:
        """Nothing tells whether the body came whole: it ends where the connection does."""
        return self.length is None and self.headers.get("transfer-encoding", "").strip().lower() != "chunked"

    @property
    def content_type(self) -> str:
        """As the server says it."""
        return clean(self.headers.get("content-type", ""))


def header_problem(name: str, value: str) -> str:
    """What is wrong with a header of a request, in a few words; empty when nothing is."""
    if not _TOKEN.fullmatch(name):
        return f'"{clean(name)}" is not the name of a header'
    if "\r" in value or "\n" in value or "\0" in value:
        return f'the value of "{name}" has a line break or a NUL in it'
    return ""


@contextmanager
def open_answer(
    request: WebRequest, connect_seconds: float, stall_seconds: float
) -> "Iterator[tuple[Answer, requests.Response]]":
    """The answer at the end of all redirects, its body unread.

    Raises:
        TransientError, FetchError: there is none that we take.
    """
    import requests

    if request.insecure:
        import urllib3

        urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
    url, user = address.without_user(request.url)
    headers: Mapping[str, str] = request.headers
    for _ in range(_MOST_REDIRECTS + 1):
        # A connection for each: one that a server has quietly closed is not used a second time.
        with requests.Session() as session:
            session.headers.clear()
            session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
            with session.get(
                url,
                headers=_sent(headers, request.conditions),
                auth=_authorisation(user, headers),
                stream=True,
                allow_redirects=False,
                timeout=(connect_seconds, stall_seconds),
                verify=not request.insecure,
            ) as response:
                if response.status_code not in _REDIRECTS or "location" not in response.headers:
                    yield _accepted(response, url, request), response
                    return
                target = _next_address(url, response.headers["location"], request)
        if not address.may_take_secrets(url, target):
            headers, user = {}, None
        url, new_user = address.without_user(target)
        user = new_user or user
    raise FetchError(
        f"the server redirects more than {_MOST_REDIRECTS} times", detail=f"from {request.printable}"
    )


def _sent(headers: Mapping[str, str], conditions: Mapping[str, str]) -> "dict[str, str | bytes]":
    ours = {"User-Agent": f"qemu-run/{__version__}", "Accept": "*/*", "Accept-Encoding": "identity"}
    theirs = {name.lower() for name in headers}
    kept = {name: value for name, value in ours.items() if name.lower() not in theirs}
    return {**kept, **{name: value.encode() for name, value in headers.items()}, **conditions}


def _authorisation(
    user: tuple[str, str] | None, headers: Mapping[str, str]
) -> "AuthBase | Callable[[requests.PreparedRequest], requests.PreparedRequest] | None":
    """What `requests` gets as `auth`: None lets it look into .netrc, which a header of the job forbids."""
    if user is not None:
        from requests.auth import HTTPBasicAuth

        return HTTPBasicAuth(user[0].encode(), user[1].encode())
    if any(name.lower() == "authorization" for name in headers):
        return lambda prepared: prepared
    return None


def _next_address(url: str, location: str, request: WebRequest) -> str:
    """Where a redirect leads.

    Raises:
        FetchError: nowhere that we go.
    """
    try:
        location = location.encode("latin-1").decode("utf-8", "replace").strip().replace(" ", "%20")
        target = urljoin(url, location)
        scheme = address.origin(target)[0]
    except ValueError:
        target, scheme = location, ""
    detail = f"from {address.printable(url)}\nto   {masked(target)}"
    if scheme and scheme not in address.WEB_SCHEMES:
        raise FetchError(f"the server redirects to {scheme}, which is never followed", detail=detail)
    if trouble := address.problem(target):
        raise FetchError(f"the server redirects to a malformed address: {trouble}", detail=detail)
    if address.origin(url)[0] == "https" and scheme == "http" and not request.is_verified:
        raise FetchError(
            "the server redirects from https to plain http",
            detail=detail,
            hints=request.cure("with a checksum in the artifact it is followed: that says what must come"),
        )
    return target


def _accepted(response: "requests.Response", url: str, request: WebRequest) -> Answer:
    """The head of an answer that we take: 200, 206 to a range, 304 and 416 to a condition.

    Raises:
        TransientError, FetchError: it is another.
    """
    status = response.status_code
    asked = {name.lower() for name in request.conditions}
    wanted = {200} | ({206, 416} if "range" in asked else set())
    wanted |= {304} if asked & {"if-none-match", "if-modified-since"} else set()
    if status in wanted:
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=status, url=url, length=_length(headers, url, request), headers=headers)
    failure = FetchError(
        f"the server answered {status} {response.reason or ''}".rstrip(),
        detail=f"from {address.printable(url)}",
        hints=_status_hints(status, request),
    )
    if status in _PASSING:
        raise TransientError(failure, after_seconds=_retry_after(response.headers.get("retry-after", "")))
    raise failure


def _length(headers: Mapping[str, str], url: str, request: WebRequest) -> int | None:
    """How many bytes the body has by the server's word; None where it does not say.

    Raises:
        FetchError: what it says is not understood, and no checksum would tell a body that was cut.
    """
    encoding, said = headers.get("transfer-encoding", "").strip(), headers.get("content-length", "").strip()
    trouble = ""
    if encoding:  # it has its own end, and wins over a length
        trouble = "" if encoding.lower() == "chunked" else f'Transfer-Encoding "{clean(encoding)}"'
    elif said.isascii() and said.isdecimal() and len(said) <= _MOST_DIGITS:
        return int(said)
    elif said:
        trouble = f'Content-Length "{clean(said)}"'
    if trouble and not request.is_verified:
        raise FetchError(
            f"the server does not say where the file ends: {trouble}",
            detail=f"from {address.printable(url)}",
            hints=request.cure(
                "with a checksum in the artifact it is fetched: that tells a part from the whole"
            ),
        )
    return None


def _status_hints(status: int, request: WebRequest) -> tuple[str, ...]:
    if status == 206 and any(name.lower() == "range" for name in request.headers):
        return ("the job's own headers ask for a Range: leave it out, an artifact is fetched whole",)
    if status in {401, 403}:
        return request.cure(
            "credentials stand in the artifact's headers, in the address, or in ~/.netrc",
            otherwise="credentials stand in the address, or in ~/.netrc",
        )
    return _STATUS_HINTS.get(status, ())


_STATUS_HINTS: Mapping[int, tuple[str, ...]] = {
    206: ("a part came where the whole was asked for: the server, or a proxy before it, is broken",),
    404: ("look at the address in a browser: the file may have moved",),
}


def _retry_after(text: str) -> float | None:
    """The seconds a server asks to wait; it may name a moment instead."""
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    if text.strip().isdecimal():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
