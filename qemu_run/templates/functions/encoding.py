"""consul-template's functions that encode: base64, hashes, JSON, YAML and TOML.

Source: consul-template's documentation.
"""

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

from qemu_run.templates.declare import Functions, pure, working
from qemu_run.templates.functions import json_text
from qemu_run.templates.functions.base64_text import STANDARD, decoded
from qemu_run.templates.values import Map, Value, to_bytes

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation

_URL = b"-_"


def encoded(text: str, alphabet: bytes = STANDARD) -> str:
    """A text in base64."""
    return base64.b64encode(to_bytes(text), alphabet).decode()


def sha256(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(to_bytes(text)).hexdigest()


def _parse_json(evaluation: "Evaluation", text: str) -> Value:
    return json_text.read(text, evaluation.work) if text else Map()


def _parse_yaml(evaluation: "Evaluation", text: str) -> Value:
    from qemu_run.templates.functions import yaml_text

    return yaml_text.read(text, evaluation.work) if text else Map()


def _to_yaml(evaluation: "Evaluation", value: Value) -> str:
    from qemu_run.templates.functions import yaml_text

    return yaml_text.write(value, evaluation.work).strip("\n")


def _to_toml(evaluation: "Evaluation", value: Value) -> str:
    from qemu_run.templates.functions import toml_text

    return toml_text.write(value, evaluation.work).strip()


FUNCTIONS: Functions = {
    "base64Decode": pure("string", decoded),
    "base64Encode": pure("string", encoded),
    "base64URLDecode": pure("string", lambda text: decoded(text, _URL)),
    "base64URLEncode": pure("string", lambda text: encoded(text, _URL)),
    "hmacSHA256Hex": pure(
        "string, string",
        lambda text, key: hmac.new(to_bytes(key), to_bytes(text), hashlib.sha256).hexdigest(),
    ),
    "md5sum": pure("string", lambda text: hashlib.md5(to_bytes(text), usedforsecurity=False).hexdigest()),
    "parseJSON": working("string", _parse_json),
    "parseYAML": working("string", _parse_yaml),
    "sha256Hex": pure("string", sha256),
    "toJSON": working("any", lambda evaluation, value: json_text.write(value, evaluation.work)),
    "toJSONPretty": working(
        "any", lambda evaluation, value: json_text.write(value, evaluation.work, pretty=True)
    ),
    "toTOML": working("any", _to_toml),
    "toUnescapedJSON": working(
        "any", lambda evaluation, value: json_text.write(value, evaluation.work, escape=False)
    ),
    "toUnescapedJSONPretty": working(
        "any", lambda evaluation, value: json_text.write(value, evaluation.work, escape=False, pretty=True)
    ),
    "toYAML": working("any", _to_yaml),
}
