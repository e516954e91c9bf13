"""Functions of strings. A character is what a reader takes for one: a grapheme cluster."""

import re
from typing import TYPE_CHECKING

from qemu_run.expressions.functions.arguments import number, string, strings, whole
from qemu_run.expressions.functions.characters import characters, check_length
from qemu_run.expressions.scope import Function
from qemu_run.expressions.types import STRING
from qemu_run.expressions.values import ExpressionError, ListValue, Null, Number
from qemu_run.golang.regexps import compile_regexp
from qemu_run.golang.text import SPACES

if TYPE_CHECKING:
    import re2


def chomp(text: str) -> str:
    """The text without line ends at its end."""
    return text.rstrip("\r\n")


def indent(spaces: Number, text: str) -> str:
    """Every line but the first moved to the right."""
    count = whole(spaces)
    if count < 0:
        msg = "the number of spaces cannot be negative"
        raise ExpressionError(msg, 0)
    lines = text.count("\n")
    if not lines:
        return text
    check_length(len(text) + count * lines)
    return text.replace("\n", "\n" + " " * count)


def join(separator: str, *lists: ListValue) -> str:
    """The strings of all lists with a separator between them."""
    if not lists:
        msg = "at least one list is wanted"
        raise ExpressionError(msg)
    items: list[str] = []
    for place, of in enumerate(lists, start=1):
        for index, item in enumerate(of.items):
            if isinstance(item, Null):
                raise ExpressionError(f"element {index} is null", place)
            items.append(str(item))
    check_length(sum(map(len, items)) + len(separator) * len(items))
    return separator.join(items)


def lower(text: str) -> str:
    """Each letter small, one for one."""
    return text.lower() if text.isascii() else "".join(character.lower()[0] for character in text)


def _upper_one(character: str) -> str:
    for made in (character.upper(), character.title()):
        if len(made) == 1:
            return made
    return character


def upper(text: str) -> str:
    """Each letter capital, one for one."""
    return text.upper() if text.isascii() else "".join(map(_upper_one, text))


def _title_one(character: str) -> str:
    made = character.title()
    return made if len(made) == 1 else character


def _is_separator(character: str) -> bool:
    """Whether a word ends at a character, by the rule of Go's strings.Title."""
    if character.isascii():
        return not (character.isalnum() or character == "_")
    return not character.isalpha() and not character.isdigit() and character in SPACES


def title(text: str) -> str:
    """The first letter of each word capital."""
    before = " "
    made: list[str] = []
    for character in text:
        made.append(_title_one(character) if _is_separator(before) else character)
        before = character
    return "".join(made)


def replace(text: str, part: str, replacement: str) -> str:
    """The text with every occurrence of a part replaced; an empty part is between all characters."""
    check_length(len(text) + text.count(part) * len(replacement))
    return text.replace(part, replacement)


REFERENCE = re.compile(r"\$(?:\$|\{(\w+)\}|(\w+))", re.ASCII)


def _expand(replacement: str, match: "re2._Match[str]") -> str:
    """A replacement with `$1`, `${name}` and `$$` filled in; what names no group is empty."""
    groups = match.re.groupindex
    values = [match.group(0), *match.groups()]

    def fill(reference: re.Match[str]) -> str:
        name = reference[1] or reference[2]
        if name is None:
            return "$"
        if name.isdigit():
            place = int(name) if len(name) < 6 else len(values)
            return (values[place] or "") if place < len(values) else ""
        return (values[groups[name]] or "") if name in groups else ""

    return REFERENCE.sub(fill, replacement)


def regex_replace(text: str, pattern: str, replacement: str) -> str:
    """The text with every match of a regular expression replaced."""
    try:
        compiled = compile_regexp(pattern)
    except ValueError as error:
        raise ExpressionError(f"not a regular expression: {error}", 1) from None
    made: list[str] = []
    done, length = 0, 0
    for match in compiled.finditer(text):
        start, end = match.span()
        if end <= done and start != 0 and start == end:
            continue  # an empty match right after another one counts with that
        made += [text[done:start], _expand(replacement, match)]
        length += len(made[-1]) + len(made[-2])
        check_length(length)
        done = end
    return "".join(made) + text[done:]


def reverse(text: str) -> str:
    """The characters in the other order."""
    return "".join(reversed(characters(text)))


def split(separator: str, text: str) -> ListValue:
    """The parts of a text between separators; an empty separator is between all characters."""
    parts = text.split(separator) if separator else list(text)
    return ListValue(STRING, tuple(parts))


def length(text: str) -> int:
    """How many characters a text has."""
    return len(characters(text))


def substring(text: str, offset: Number, count: Number) -> str:
    """Some characters of a text; a negative offset counts from its end, a negative count takes all."""
    start, wanted = whole(offset), whole(count)
    found = characters(text)
    if start < 0:
        start = max(0, start + len(found))
        wanted = -1 if wanted == 0 else wanted  # Nomad's answer too
    return "".join(found[start:] if wanted < 0 else found[start : start + wanted])


def trim(text: str, cutset: str) -> str:
    """The text without any of the given characters at its ends."""
    return text.strip(cutset) if cutset else text


FUNCTIONS = {
    "chomp": Function(chomp, (string(),)),
    "indent": Function(indent, (number("spaces"), string())),
    "join": Function(join, (string("separator"),), strings("lists")),
    "lower": Function(lower, (string(),)),
    "regex_replace": Function(regex_replace, (string(), string("pattern"), string("replace"))),
    "replace": Function(replace, (string(), string("substr"), string("replace"))),
    "reverse": Function(reverse, (string(),)),
    "split": Function(split, (string("separator"), string())),
    "strlen": Function(length, (string(),)),
    "strrev": Function(reverse, (string(),)),
    "substr": Function(substring, (string(), number("offset"), number("length"))),
    "title": Function(title, (string(),)),
    "trim": Function(trim, (string(), string("cutset"))),
    "trimprefix": Function(str.removeprefix, (string(), string("prefix"))),
    "trimspace": Function(lambda text: text.strip(SPACES), (string(),)),
    "trimsuffix": Function(str.removesuffix, (string(), string("suffix"))),
    "upper": Function(upper, (string(),)),
}
