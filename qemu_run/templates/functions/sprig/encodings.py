"""Functions of sprig that encode: base64 and base32, sums, JSON, URLs.

Source: sprig's documentation.
"""

import base64
import binascii
import hashlib
import re
import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from qemu_run.templates.declare import Functions, pure, working
from qemu_run.templates.functions import json_text
from qemu_run.templates.functions.base64_text import decoded
from qemu_run.templates.functions.encoding import encoded, sha256
from qemu_run.templates.values import Map, Value, from_bytes, to_bytes
from qemu_run.templates.work import FunctionError

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation


def _decoded(text: str) -> str:
    """What base64 stands for; what is wrong with it, where it is not: sprig makes text of its errors."""
    try:
        return decoded(text)
    except FunctionError:
        wrong = re.search(r"[^A-Za-z0-9+/\r\n]", text)
        return f"illegal base64 data at input byte {wrong.start() if wrong else 0}"


def _decoded32(text: str) -> str:
    try:
        return from_bytes(base64.b32decode(to_bytes(text)))
    except (binascii.Error, ValueError):
        wrong = re.search(r"[^A-Z2-7\r\n]", text)
        return f"illegal base32 data at input byte {wrong.start() if wrong else 0}"


def _from_json(evaluation: "Evaluation", text: str) -> Value:
    try:
        return json_text.read(text, evaluation.work)
    except FunctionError:
        return None


def _to_json(evaluation: "Evaluation", value: Value, *, pretty: bool = False) -> str:
    try:
        return json_text.write(value, evaluation.work, pretty=pretty)
    except FunctionError:
        return ""


def _parts_of_url(text: str) -> Map:
    try:
        url = urlsplit(text)
        hostname = url.hostname or ""
    except ValueError as error:
        raise FunctionError(f"this is not a URL: {error}") from None
    if re.search(r"%(?![0-9a-fA-F]{2})", url.netloc + url.path + url.fragment):
        raise FunctionError('this is not a URL: "%" without two hexadecimal digits')
    if not url.scheme and not url.netloc and ":" in url.path.partition("/")[0]:
        raise FunctionError('this is not a URL: a ":" in its first part')
    user, at, host = url.netloc.rpartition("@")
    is_opaque = bool(url.scheme) and not url.netloc and not url.path.startswith("/")
    return Map(
        {
            "scheme": url.scheme,
            "userinfo": user if at else "",
            "host": host,
            "hostname": hostname,
            "path": "" if is_opaque else unquote(url.path),
            "opaque": url.path if is_opaque else "",
            "query": url.query,
            "fragment": unquote(url.fragment),
        }
    )


def _url(parts: Map) -> str:
    def part(name: str) -> str:
        value = parts.get(name, "")
        if not isinstance(value, str):
            raise FunctionError(f'"{name}" is not a string')
        return value

    host = part("host")
    if part("userinfo"):
        host = f"{part('userinfo')}@{host}"
    path = part("opaque") or quote(part("path"), safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit((part("scheme"), host, path, part("query"), part("fragment")))


_JSON: Functions = {
    "fromJson": working("string", _from_json),
    "toJson": working("any", _to_json),
    "toPrettyJson": working("any", lambda evaluation, value: _to_json(evaluation, value, pretty=True)),
    "toRawJson": working(
        "any", lambda evaluation, value: json_text.write(value, evaluation.work, escape=False)
    ),
}
FUNCTIONS: Functions = {
    **_JSON,
    "adler32sum": pure("string", lambda text: str(zlib.adler32(to_bytes(text)))),
    "b32dec": pure("string", _decoded32),
    "b32enc": pure("string", lambda text: base64.b32encode(to_bytes(text)).decode()),
    "b64dec": pure("string", _decoded),
    "b64enc": pure("string", encoded),
    "mustFromJson": working("string", lambda evaluation, text: json_text.read(text, evaluation.work)),
    "mustToJson": working("any", lambda evaluation, value: json_text.write(value, evaluation.work)),
    "mustToPrettyJson": working(
        "any", lambda evaluation, value: json_text.write(value, evaluation.work, pretty=True)
    ),
    "mustToRawJson": working(
        "any", lambda evaluation, value: json_text.write(value, evaluation.work, escape=False)
    ),
    "sha1sum": pure("string", lambda text: hashlib.sha1(to_bytes(text), usedforsecurity=False).hexdigest()),
    "sha256sum": pure("string", sha256),
    "sha512sum": pure("string", lambda text: hashlib.sha512(to_bytes(text)).hexdigest()),
    "urlJoin": pure("object", _url),
    "urlParse": pure("string", _parts_of_url),
}
