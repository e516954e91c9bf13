"""Hashes, identifiers and secrets. What needs a library beyond Python's own is imported when it is called."""

import base64
import binascii
from collections.abc import Callable

from qemu_run.expressions.functions.arguments import number, string, whole
from qemu_run.expressions.scope import Function, Scope
from qemu_run.expressions.values import ExpressionError, Number

INSTALL = "this function needs more: pip install qemu-run[crypto]"


def _hash(algorithm: str) -> Callable[[str], str]:
    def digest(text: str) -> str:
        import hashlib

        return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()

    return digest


MOST_COST = 14
STEPS_OF_A_ROUND = 20


def bcrypt(scope: Scope, text: str, *costs: Number) -> str:
    """A password's hash as shadow files hold it."""
    if len(costs) > 1:
        msg = "one or two arguments are wanted"
        raise ExpressionError(msg, 2)
    cost = whole(costs[0], 1) if costs else 10
    cost = 10 if cost < 4 else cost  # below the smallest, Go's library takes its default
    if cost > 31:
        msg = "the cost must be from 4 to 31"
        raise ExpressionError(msg, 1)
    if cost > MOST_COST:
        raise ExpressionError(f"a cost above {MOST_COST} takes more than a second", 1)
    if len(text.encode()) > 72:
        msg = "a password can have 72 bytes at most"
        raise ExpressionError(msg, 0)
    scope.budget.spend(STEPS_OF_A_ROUND << cost)
    try:
        import bcrypt as library
    except ImportError:
        raise ExpressionError(INSTALL) from None
    return library.hashpw(text.encode(), library.gensalt(cost, b"2a")).decode()


def rsa_decrypt(ciphertext: str, key: str) -> str:
    """A text from its encrypted form in base64, PKCS #1 version 1.5."""
    try:
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise ExpressionError(INSTALL) from None
    try:
        encrypted = base64.b64decode(ciphertext, validate=True)
    except (binascii.Error, ValueError):
        msg = "this is not base64"
        raise ExpressionError(msg, 0) from None
    try:
        private_key = load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError):
        msg = "this is not a private key in PEM form without a password"
        raise ExpressionError(msg, 1) from None
    if not isinstance(private_key, RSAPrivateKey) or len(encrypted) != private_key.key_size // 8:
        msg = "it was not encrypted for this key"
        raise ExpressionError(msg, 0)
    try:
        return private_key.decrypt(encrypted, PKCS1v15()).decode()
    except ValueError:
        msg = "it was not encrypted for this key"
        raise ExpressionError(msg, 0) from None


NAMESPACES = {
    "dns": "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    "url": "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
    "oid": "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
    "x500": "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
}
"""As RFC 4122 names them."""


def uuid_v4() -> str:
    """An identifier that was never before."""
    from uuid import uuid4

    return str(uuid4())


def uuid_v5(namespace: str, name: str) -> str:
    """The identifier of a name in a namespace: always the same."""
    from uuid import UUID, uuid5

    try:
        space = UUID(NAMESPACES.get(namespace, namespace))
    except ValueError:
        msg = "a namespace is dns, url, oid, x500 or a UUID"
        raise ExpressionError(msg, 0) from None
    return str(uuid5(space, name))


FUNCTIONS = {
    "bcrypt": Function(bcrypt, (string(),), number("cost"), takes="scope and values"),
    "md5": Function(_hash("md5"), (string(),)),
    "rsadecrypt": Function(rsa_decrypt, (string("ciphertext"), string("privatekey"))),
    "sha1": Function(_hash("sha1"), (string(),)),
    "sha256": Function(_hash("sha256"), (string(),)),
    "sha512": Function(_hash("sha512"), (string(),)),
    "uuidv4": Function(uuid_v4),
    "uuidv5": Function(uuid_v5, (string("namespace"), string("name"))),
}
