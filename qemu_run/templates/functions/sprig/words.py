"""Words and letters: how sprig cases and wraps text.

Source: sprig's documentation, and what it does where that is silent.
"""

import re

from qemu_run.templates.functions.text import UNICODE_SPACES
from qemu_run.templates.work import Work

_JOINTS = "_- "
_LOWER = r"[^\W\d_A-Z\u00c0-\u00d6\u00d8-\u00de]"
_UPPER = r"[A-Z\u00c0-\u00d6\u00d8-\u00de]"
_NUMBER = rf"(?:\d+(?!{_LOWER}|\d))?"
_PIECE = re.compile(
    rf"(?P<word>\d+(?:{_LOWER}(?:{_LOWER}|\d)*)?|{_UPPER}+(?!{_LOWER}){_NUMBER}|{_UPPER}?{_LOWER}+{_NUMBER})|.",
    re.DOTALL,
)


def title(text: str) -> str:
    """Each word with a capital, as Go's `strings.Title`: any sign but `_` divides words."""
    result: list[str] = []
    before = " "
    for character in text:
        divides = before in UNICODE_SPACES or (before.isascii() and not (before.isalnum() or before == "_"))
        result.append(_single(character.title(), character) if divides else character)
        before = character
    return "".join(result)


def untitled(text: str) -> str:
    """Each word after a blank with a small letter first."""
    result: list[str] = []
    before = " "
    for character in text:
        result.append(_single(character.lower(), character) if before in UNICODE_SPACES else character)
        before = character
    return "".join(result)


def swapped(text: str) -> str:
    """Small letters for capitals and the other way round; a word's first becomes a title letter."""
    result: list[str] = []
    after_blank = True
    for character in text:
        if character.isupper() or character.istitle():
            result.append(_single(character.lower(), character))
        elif character.islower():
            result.append(_single(character.title() if after_blank else character.upper(), character))
        else:
            result.append(character)
        after_blank = character in UNICODE_SPACES
    return "".join(result)


def _single(changed: str, character: str) -> str:
    return changed if len(changed) == 1 else character


def initials(text: str) -> str:
    """The first letter of each word."""
    return "".join(word[0] for word in _words(text))


def _words(text: str) -> list[str]:
    blanked = "".join(" " if character in UNICODE_SPACES else character for character in text)
    return [word for word in blanked.split(" ") if word]


def camel(text: str) -> str:
    """`foo_bar-baz` as `FooBarBaz`; signs at either end stay, and of several between words all but one."""
    start = len(text) - len(text.lstrip(_JOINTS))
    body = text[start:].rstrip(_JOINTS)
    words = re.sub(r"([_\- ]*)[_\- ]([^_\- ]+)", lambda found: found[1] + _capitalised(found[2]), f"_{body}")
    return text[:start] + (words if body else "") + text[start + len(body) :]


def _capitalised(word: str) -> str:
    """A word with a capital; capitals at its beginning become small behind the first."""
    run = re.match(r"[A-Z]{2,}", word)
    if run:
        return run[0].capitalize() + word[run.end() :]
    return _single(word[0].upper(), word[0]) + word[1:]


def snake(text: str, joint: str = "_") -> str:
    """`FooBar` as `foo_bar`: a number stays with the word before it, unless small letters follow."""
    pieces: list[str] = []
    was_word = False
    for found in _PIECE.finditer(text):
        if found[0] in _JOINTS:
            pieces.append(joint)
            was_word = False
            continue
        is_word = found["word"] is not None
        if is_word and was_word:
            pieces.append(joint)
        pieces.append("".join(_single(character.lower(), character) for character in found[0]))
        was_word = is_word
    return "".join(pieces)


def wrap(work: Work, text: str, width: int, end: str = "\n", *, cut: bool = False) -> str:
    """A text in lines of a width, broken at blanks; a longer word is cut or stands out."""
    width = max(width, 1)
    end = end or "\n"
    lines: list[str] = []
    length, offset = len(text), 0
    while length - offset > width:
        work.step()
        if text[offset] == " ":
            offset += 1
            continue
        space = text.rfind(" ", 0, width + offset + 1)
        if space >= offset:
            lines.append(text[offset:space])
            offset = space + 1
        elif cut:
            lines.append(text[offset : width + offset])
            offset += width
        else:
            space = text.find(" ", width + offset)
            if space < 0:
                break
            lines.append(text[offset:space])
            offset = space + 1
    work.text(length + len(lines) * len(end))
    return end.join([*lines, text[offset:]])
