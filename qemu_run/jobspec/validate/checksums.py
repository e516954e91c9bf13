"""What Nomad accepts as the checksum of an artifact: `type:hex`.

Source: Nomad's server (`validateChecksum` in `nomad/structs/structs.go`), version 2.0. The forms of go-getter
without a type and with a sums file are refused there; a checksum with a run-time reference is not looked at.
"""

DIGITS = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
"""Hexadecimal digits by type."""


def checksum_problem(checksum: str) -> str:
    """What is wrong with a checksum, in a few words; empty when nothing is."""
    if "${" in checksum:
        return ""
    kind, colon, digits = checksum.strip().partition(":")
    if not colon:
        return "its type is missing"
    if kind not in DIGITS:
        return f'"{kind}" is none of {", ".join(DIGITS)}'
    if not digits or not set(digits.lower()) <= set("0123456789abcdef"):
        return "hexadecimal digits are wanted after the colon"
    if len(digits) != DIGITS[kind]:
        return f"{kind} has {DIGITS[kind]} digits, not {len(digits)}"
    return ""
