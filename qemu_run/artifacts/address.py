"""Web addresses: whether one is an address at all, before anybody is asked for it.

Source: RFC 3986; the lengths of host names from RFC 1035.
"""

import re
from urllib.parse import SplitResult, urlsplit, urlunsplit

WEB_SCHEMES = ("http", "https")
_PORTS = {"http": 80, "https": 443}
_LONGEST_LABEL = 63
_LONGEST_HOST = 253
_HOST = re.compile(r"[A-Za-z0-9_.-]+")
_BLANK = re.compile(r"[\x00-\x20\x7f]")


def problem(url: str) -> str:
    """What is wrong with a web address, in a few words; empty when it is one."""
    if blank := _BLANK.search(url):
        return "a blank in it is written %20" if blank[0] == " " else "it has a control character in it"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        return _words(str(error))
    if not host:
        return "it names no host"
    if port == 0:
        return "there is no port 0"
    return "" if ":" in host else _host_problem(host)


def _words(reason: str) -> str:
    if "Port" in reason:
        return "a port is a number up to 65535"
    if "IPv6" in reason or "netloc" in reason or "address" in reason:
        return "an IPv6 address stands in brackets, as in http://[::1]:8080/"
    return reason


def _host_problem(host: str) -> str:
    """What is wrong with a host's name."""
    try:
        name = host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        return "its host is not a name"
    if not _HOST.fullmatch(name):
        return "its host is not a name"
    labels = name.removesuffix(".").split(".")
    if not all(labels):
        return "its host has nothing between two dots"
    if max(map(len, labels)) > _LONGEST_LABEL:
        return f"a part of a host's name has at most {_LONGEST_LABEL} letters"
    if len(name) > _LONGEST_HOST:
        return f"a host's name has at most {_LONGEST_HOST} letters"
    return ""


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme)


def may_take_secrets(old: str, new: str) -> bool:
    """Whether what is secret and was meant for address `old` may go to `new`: the same host, no plainer."""
    before, after = origin(old), origin(new)
    upgraded = before == ("http", after[1], 80) and after == ("https", after[1], 443)
    return before == after or upgraded


def without_user(url: str) -> tuple[str, tuple[str, str] | None]:
    """The address without user and password, and these."""
    from urllib.parse import unquote

    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    name, _, password = user.partition(":")
    return urlunsplit(parts._replace(netloc=host)), (unquote(name), unquote(password))


def printable(url: str) -> str:
    """The address without what may be secret: user, password and query."""
    try:
        parts: SplitResult = urlsplit(url)
    except ValueError:
        from qemu_run.artifacts.words import masked

        return masked(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "...=..." if parts.query else "", ""))
