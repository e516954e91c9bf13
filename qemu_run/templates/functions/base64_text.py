"""Texts in base64.

Source: Go's package `encoding/base64`.
"""

import base64
import binascii

from qemu_run.templates.values import from_bytes, to_bytes
from qemu_run.templates.work import FunctionError

STANDARD = b"+/"
"""The two characters beside letters and digits."""


def decoded(text: str, alphabet: bytes = STANDARD) -> str:
    """What a text in base64 stands for.

    Raises:
        FunctionError: it is not base64.
    """
    try:
        data = to_bytes(text.replace("\n", "").replace("\r", ""))
        if alphabet != STANDARD and set(data) & set(STANDARD):
            raise FunctionError("this is not base64 for URLs")
        return from_bytes(base64.b64decode(data, alphabet, validate=True))
    except (binascii.Error, ValueError):
        raise FunctionError(f'"{text[:40]}" is not base64') from None
