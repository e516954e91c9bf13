"""Regular expressions, by RE2 as Go has them: no pattern takes more than linear time.

Source: Go's package `regexp`.
"""

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from qemu_run.templates.values import Slice, from_bytes, joined, to_bytes
from qemu_run.templates.work import FunctionError

if TYPE_CHECKING:
    from qemu_run.templates.evaluation import Evaluation

_REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|\{(?P<braced>\w+)\}|(?P<plain>\w+))", re.ASCII)


@lru_cache(maxsize=64)
def compiled(pattern: str) -> Any:  # noqa: ANN401 - google-re2 ships no types
    """A pattern ready for use.

    Raises:
        FunctionError: it is not one.
    """
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    try:
        return re2.compile(to_bytes(pattern), options)
    except re2.error as error:
        text = error.args[0] if error.args else error
        shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        raise FunctionError(f'"{pattern[:60]}" is not a regular expression: {shown[:100]}') from None


def matches(pattern: str, text: str) -> bool:
    """Whether a text has the pattern in it."""
    return compiled(pattern).search(to_bytes(text)) is not None


def found(evaluation: "Evaluation", pattern: str, text: str, most: int = -1) -> list[Any]:
    """What of a text matches, from left to right as Go finds it."""
    expression = compiled(pattern)
    data = to_bytes(text)
    results: list[Any] = []
    last_end = -1
    for match in expression.finditer(data):
        if 0 <= most <= len(results):
            break
        if match.start() == match.end() == last_end or _inside(data, match.start()):
            continue  # Go takes no empty match right behind another, nor within a character
        evaluation.work.step()
        last_end = match.end()
        results.append(match)
    return results


def _inside(data: bytes, place: int) -> bool:
    return place < len(data) and data[place] & 0xC0 == 0x80


def replace_all(evaluation: "Evaluation", pattern: str, replacement: str, text: str) -> str:
    """Every match replaced; `$1`, `${name}` stand for what a group matched."""
    expression = compiled(pattern)
    names = {
        from_bytes(name) if isinstance(name, bytes) else name: n for name, n in expression.groupindex.items()
    }

    def expanded(match: Any) -> str:  # noqa: ANN401 - google-re2 ships no types
        def one(reference: re.Match[str]) -> str:
            if reference["dollar"]:
                return "$"
            name = reference["braced"] or reference["plain"]
            number = int(name) if name.isdigit() and len(name) < 6 else names.get(name, -1)
            if not 0 <= number <= expression.groups:
                return ""
            return from_bytes(match.group(number) or b"")

        return _REFERENCE.sub(one, replacement)

    return replaced(evaluation, found(evaluation, pattern, text), text, expanded)


def replaced(evaluation: "Evaluation", matched: list[Any], text: str, expanded: Any) -> str:  # noqa: ANN401
    """A text with its matches replaced."""
    data = to_bytes(text)
    parts: list[str] = []
    at = length = 0
    for match in matched:
        parts += [from_bytes(data[at : match.start()]), expanded(match)]
        at = match.end()
        length += len(parts[-1]) + len(parts[-2])
        evaluation.work.text(length)
    return joined([*parts, from_bytes(data[at:])])


def find(pattern: str, text: str) -> str:
    """The first match; empty where there is none."""
    match = compiled(pattern).search(to_bytes(text))
    return from_bytes(match.group()) if match else ""


def find_all(evaluation: "Evaluation", pattern: str, text: str, most: int) -> Slice:
    """Every match, so many at most; less than 0: all."""
    items = [from_bytes(match.group()) for match in found(evaluation, pattern, text, most)]
    return Slice(items, "string", is_nil=not items)


def replace_literal(evaluation: "Evaluation", pattern: str, text: str, replacement: str) -> str:
    """Every match replaced by a text as it is."""
    return replaced(evaluation, found(evaluation, pattern, text), text, lambda _: replacement)


def split(evaluation: "Evaluation", pattern: str, text: str, most: int) -> Slice:
    """The parts between matches."""
    if most == 0:
        return Slice((), "string", is_nil=True)
    if pattern and not text:
        return Slice([""], "string")
    data = to_bytes(text)
    parts: list[str] = []
    at = end = 0
    for match in found(evaluation, pattern, text):
        if 0 < most <= len(parts) + 1:
            break
        end = match.start()
        if match.end() != 0:
            parts.append(from_bytes(data[at:end]))
        at = match.end()
    if end != len(data):
        parts.append(from_bytes(data[at:]))
    return Slice(parts, "string")


def quoted(text: str) -> str:
    """A text as a pattern that matches it alone."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)
