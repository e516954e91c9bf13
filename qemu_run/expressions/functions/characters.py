"""What a reader takes for a character: a grapheme cluster. And how many of them are too many."""

from qemu_run.expressions.values import LONGEST_STRING, ExpressionError


def characters(text: str) -> list[str]:
    """The grapheme clusters of a text."""
    if text.isascii() and "\r" not in text:
        return list(text)
    import regex

    clusters: list[str] = regex.findall(r"\X", text)
    return clusters


def check_length(length: int) -> None:
    """Refuse to make a string that is too long.

    Raises:
        ExpressionError: when it is.
    """
    if length > LONGEST_STRING:
        raise ExpressionError(f"the string would be too long: more than {LONGEST_STRING:,} characters")
