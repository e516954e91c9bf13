"""Words and letters: how sprig cases and wraps text.

Source: sprig's documentation, and what it does where that is silent.
"""

from qemu_run.templates.functions.text import UNICODE_SPACES
from qemu_run.templates.work import Work


def title(text: str) -> str:
    """Each word after a blank with a capital, as Go's `strings.Title`."""
    result: list[str] = []
    before = " "
    for character in text:
        result.append(_single(character.title(), character) if before in UNICODE_SPACES else character)
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
    """`foo_bar-baz` as `FooBarBaz`."""
    start = len(text) - len(text.lstrip("_- "))
    body = text[start:]
    result = [text[:start]]
    upper_next = True
    for character in body:
        if character in "_- ":
            upper_next = True
        else:
            result.append(_single(character.upper(), character) if upper_next else character)
            upper_next = False
    return "".join(result) + body[len(body.rstrip("_- ")) :]


def snake(text: str, joint: str = "_") -> str:
    """`FooBar` as `foo_bar`."""
    pieces: list[str] = []
    current = ""
    before = ""
    for place, character in enumerate(text):
        after = text[place + 1 : place + 2]
        if character in "_- ":
            pieces.append(current)
            current = ""
        elif _begins(before, character, after) and current:
            pieces.append(current)
            current = character.lower()
        else:
            current += character.lower()
        before = character
    pieces.append(current)
    return joint.join(pieces)


def _begins(before: str, character: str, after: str) -> bool:
    """Whether a character begins a word behind another."""
    if character.isupper():
        return not before.isupper() or after.islower()
    if character.isdigit():
        return not before.isdigit()
    return False


def wrap(work: Work, text: str, width: int, end: str = "\n", *, cut: bool = False) -> str:
    """A text in lines of a width, broken at blanks; a longer word is cut or stands out."""
    if width < 1:
        width = 1
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
