"""Functions that write values as text of some form, and read them back."""

import base64
import binascii

from qemu_run.expressions.functions.arguments import string
from qemu_run.expressions.functions.csv_text import from_csv
from qemu_run.expressions.functions.json_text import from_json, to_json
from qemu_run.expressions.functions.yaml_text import from_yaml, to_yaml
from qemu_run.expressions.scope import Function, Parameter
from qemu_run.expressions.types import DYNAMIC
from qemu_run.expressions.values import ExpressionError


def base64_encode(text: str) -> str:
    """The bytes of a text in base64."""
    return base64.b64encode(text.encode()).decode()


def base64_decode(text: str) -> str:
    """The text that base64 stands for; line ends in it do not count."""
    try:
        decoded = base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        msg = "this is not base64"
        raise ExpressionError(msg, 0) from None
    try:
        return decoded.decode()
    except UnicodeDecodeError:
        msg = "what it stands for is not UTF-8 text"
        raise ExpressionError(msg, 0) from None


def url_encode(text: str) -> str:
    """The text as part of a query: `+` for a blank, percent signs for what means something in a URL."""
    from urllib.parse import quote_plus

    return quote_plus(text, safe="~")


ANYTHING = Parameter("val", DYNAMIC, nullable=True)
FUNCTIONS = {
    "base64decode": Function(base64_decode, (string(),)),
    "base64encode": Function(base64_encode, (string(),)),
    "csvdecode": Function(from_csv, (string(),)),
    "jsondecode": Function(from_json, (string(),)),
    "jsonencode": Function(to_json, (ANYTHING,)),
    "urlencode": Function(url_encode, (string(),)),
    "yamldecode": Function(from_yaml, (string("src"),)),
    "yamlencode": Function(to_yaml, (Parameter("value", DYNAMIC, nullable=True),)),
}
