"""What libraries throw when a server, a proxy or the way there fails, in our words."""

from qemu_run.artifacts import address
from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.web import TransientError, WebRequest
from qemu_run.artifacts.words import clean, masked

_PROXIES = "look at the address; a proxy is named by https_proxy or http_proxy, exceptions by no_proxy"
_NAMED_BY = "https_proxy, http_proxy or all_proxy name it, as in http://proxy.example.com:3128"
_NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"})
"""What OpenSSL says of an answer in plain text."""


def explained(error: Exception, request: WebRequest) -> Exception:
    """What a library threw, in our words; transient where another try may succeed."""
    import socket
    from http.client import BadStatusLine

    import requests
    from urllib3.exceptions import NewConnectionError

    where = request.printable
    if failure := _untrusted(error, request) or _unusable_proxy(error, request):
        return failure
    if isinstance(error, requests.exceptions.ProxyError):
        return FetchError("cannot reach the proxy", detail=f"for {where}: {_cause(error)}")
    causes = _causes(error)
    if any(isinstance(cause, NewConnectionError) for cause in causes):
        hints = (_PROXIES, *request.cure("--offline uses what is in the cache"))
        failure = FetchError("cannot reach the server", detail=f"{where}: {_cause(error)}", hints=hints)
        passing = any(
            isinstance(cause, socket.gaierror) and cause.errno == socket.EAI_AGAIN for cause in causes
        )
        return TransientError(failure) if passing else failure
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return TransientError(FetchError("the server cannot be reached in time", detail=where))
    if isinstance(error, requests.exceptions.Timeout) or any(isinstance(c, TimeoutError) for c in causes):
        return TransientError(FetchError("the server stalls", detail=where), cost=2)
    if any("got more than" in str(cause) for cause in causes):
        return FetchError("the head of the server's answer is too large", detail=where)
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return FetchError("the address is malformed", detail=f"{where}: {_cause(error)}")
    is_http = all(type(cause) is not BadStatusLine for cause in causes)  # some of its kind say: nothing came
    summary = "the download broke off" if is_http else "what answers does not speak HTTP"
    return TransientError(FetchError(summary, detail=f"{where}: {_cause(error)}"))


def _untrusted(error: Exception, request: WebRequest) -> FetchError | None:
    """A certificate that is not trusted, or a server that does not speak TLS, or not ours."""
    import ssl

    import requests

    if not isinstance(error, requests.exceptions.SSLError):
        return None
    where = request.printable
    causes = [cause for cause in _causes(error) if isinstance(cause, ssl.SSLError) and cause.reason]
    reason = str(causes[-1].reason) if causes else ""
    if not causes or any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        hints = request.cure("insecure = true in the artifact skips this check")
        detail = f"{where}: {_cause(error)}"
        return FetchError("the server's certificate is not trusted", detail=detail, hints=hints)
    hints = ("a server without TLS has an address that begins with http://",)
    detail = f"{where}: {reason.lower().replace('_', ' ')}"
    return FetchError("no TLS with the server", detail=detail, hints=hints if reason in _NOT_TLS else ())


def _unusable_proxy(error: Exception, request: WebRequest) -> FetchError | None:
    """A proxy with an address that is none: ours was looked at before it was asked for."""
    import requests
    from urllib3.exceptions import LocationValueError

    exceptions = requests.exceptions
    if not isinstance(error, (exceptions.InvalidURL, exceptions.InvalidSchema, LocationValueError)):
        return None
    proxy = requests.utils.select_proxy(request.url, requests.utils.get_environ_proxies(request.url))
    if not proxy:
        return None
    shown = address.printable(proxy if "://" in proxy else f"http://{proxy}")
    hints = ("pip install pysocks brings what SOCKS needs" if "SOCKS" in str(error) else _NAMED_BY,)
    detail = f"{shown}: {masked(str(error))}"
    return FetchError("the proxy cannot be used", detail=detail, hints=hints)


def _causes(error: BaseException) -> list[BaseException]:
    """An exception and all that libraries wrapped it around, outermost first."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting:
        inner = waiting.pop(0)
        if isinstance(inner, BaseException) and inner not in found:
            found.append(inner)
            waiting += [getattr(inner, "reason", None), inner.__cause__, inner.__context__, *inner.args]
    return found


def _cause(error: BaseException) -> str:
    """The innermost reason of an exception that libraries wrapped several times."""
    innermost = _causes(error)[-1]
    text = getattr(innermost, "strerror", None) or str(innermost) or type(innermost).__name__
    return clean(masked(text.rpartition(": ")[2]))
