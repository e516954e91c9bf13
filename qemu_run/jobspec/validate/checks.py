"""Rules of a service's checks, common and by provider.

Source: Nomad's server (`nomad/structs/services.go`), version 2.0.
"""

from collections.abc import Mapping
from datetime import timedelta

from qemu_run.errors import Diagnostics
from qemu_run.jobspec.api.view import Part
from qemu_run.jobspec.model import Check, Service

TYPES: Mapping[str, tuple[str, ...]] = {
    "nomad": ("http", "tcp"),
    "consul": ("http", "tcp", "grpc", "script"),
}
NEED_PORT = ("http", "tcp", "grpc")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE")
SHORTEST = timedelta(seconds=1)

ONLY_CONSUL: Mapping[str, str] = {
    "Expose": "expose",
    "SuccessBeforePassing": "success_before_passing",
    "FailuresBeforeCritical": "failures_before_critical",
    "FailuresBeforeWarning": "failures_before_warning",
    "TLSServerName": "tls_server_name",
}
"""Fields of a check that the provider nomad does not know, with their names in a file."""

THRESHOLDS = tuple(field for field, name in ONLY_CONSUL.items() if "_before_" in name)
LONGEST_NOTES = 255


def check_check(check: Check, service: Service, diagnostics: Diagnostics) -> None:
    """Check one check of `service`."""
    part = Part.of(check)
    kind = check.type.lower()
    allowed = TYPES.get(service.provider, TYPES["consul"])
    if kind not in allowed:
        diagnostics.error(
            f'"{check.type}" is not a check type' if check.type else "a check without a type",
            check.at("Type"),
            f"with provider {service.provider} one of {', '.join(allowed)}",
        )
    if kind in NEED_PORT and not check.port and not service.port:
        diagnostics.error(
            f"the {kind} check has no port", check.at(), "neither the check nor its service names a port"
        )
    _http(check, kind, service.provider, diagnostics)
    _script(part, kind, diagnostics)
    _times(check, diagnostics)
    _restart(check, diagnostics)
    if service.provider == "nomad":
        _nomad(check, part, diagnostics)
    else:
        _consul(check, part, kind, diagnostics)


def _http(check: Check, kind: str, provider: str, diagnostics: Diagnostics) -> None:
    if kind != "http":
        return
    if not check.path:
        diagnostics.error("an http check without a path", check.at(), 'path is required, such as "/"')
    elif "://" in check.path.split("?", maxsplit=1)[0]:
        diagnostics.error(
            f'"{check.path}" is a whole URL', check.at("Path"), 'only the path, such as "/health"'
        )
    if (
        provider == "nomad"
        and check.method
        and check.method.upper() not in METHODS
        and "${" not in check.method
    ):
        diagnostics.error(
            f'"{check.method}" is not an HTTP method', check.at("Method"), f"one of {', '.join(METHODS)}"
        )


def _script(part: Part, kind: str, diagnostics: Diagnostics) -> None:
    if kind == "script" and not part.text("Command"):
        diagnostics.error("a script check without a command", part.at(), "command is required")


def _times(check: Check, diagnostics: Diagnostics) -> None:
    for field, name, value in (
        ("Interval", "interval", check.interval),
        ("Timeout", "timeout", check.timeout),
    ):
        if not value:
            diagnostics.error(
                f"a check without {name}", check.at(field), f'{name} is required, such as "10s"'
            )
        elif value < SHORTEST:
            diagnostics.error(f"the {name} of a check is too short", check.at(field), "1s or more")


def _restart(check: Check, diagnostics: Diagnostics) -> None:
    if check.restart is None:
        return
    if check.on_update == "ignore":
        diagnostics.error(
            'check_restart and on_update = "ignore" exclude each other', check.restart.at(), "leave one out"
        )
    elif check.on_update == "ignore_warnings" and not check.restart.ignore_warnings:
        diagnostics.error(
            'on_update = "ignore_warnings" needs the same in check_restart',
            check.restart.at(),
            "add ignore_warnings = true",
        )


def _nomad(check: Check, part: Part, diagnostics: Diagnostics) -> None:
    refused = [(field, name) for field, name in ONLY_CONSUL.items() if part.value.get(field)]
    if check.on_update == "ignore_warnings":
        refused.append(("OnUpdate", 'on_update = "ignore_warnings"'))
    if check.address_mode == "driver":
        refused.append(("AddressMode", 'address_mode = "driver"'))
    for field, name in refused:
        diagnostics.error(f"{name} needs Consul", check.at(field), 'not with provider = "nomad"')
    if check.restart and check.restart.ignore_warnings:
        diagnostics.error(
            "ignore_warnings needs Consul", check.restart.at("IgnoreWarnings"), 'not with provider = "nomad"'
        )


def _consul(check: Check, part: Part, kind: str, diagnostics: Diagnostics) -> None:
    if part.flag("Expose") and kind in {"tcp", "script"}:
        diagnostics.error(
            f"a {kind} check cannot be exposed", check.at("Expose"), "only an http or grpc check"
        )
    for field in THRESHOLDS:
        if part.integer(field) > 0 and kind == "script":
            diagnostics.error(
                f"a {kind} check has no {ONLY_CONSUL[field]}",
                check.at(field),
                "only an http, tcp or grpc check",
            )
    if len(part.text("Notes").encode()) > LONGEST_NOTES:
        diagnostics.error(
            "the notes of a check are too long", check.at("Notes"), f"at most {LONGEST_NOTES} bytes"
        )
