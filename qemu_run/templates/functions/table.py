"""All functions of templates by name, and what is said of a name that is not among them."""

from functools import cache

from qemu_run.errors import did_you_mean
from qemu_run.templates.declare import Functions, GoFunction
from qemu_run.templates.functions import arithmetic, builtin, collections, encoding, text
from qemu_run.templates.functions.refused import INSTEAD, REFUSED
from qemu_run.templates.functions.sprig import dates, dicts, encodings, lists, math, texts
from qemu_run.templates.work import TemplateError

SPRIG = "sprig_"


@cache
def functions() -> Functions:
    """Every function that a template can call."""
    table: dict[str, GoFunction] = {}
    for room in (text, arithmetic, collections, encoding):
        table |= room.FUNCTIONS
    for room in (texts, lists, dicts, math, dates, encodings):
        table |= {f"{SPRIG}{name}": function for name, function in room.FUNCTIONS.items()}
    return {**table, **builtin.FUNCTIONS}


def mistake(name: str) -> TemplateError | None:
    """What is wrong with calling a function of this name; None: nothing."""
    if name in functions():
        return None
    if (reason := REFUSED.get(name)) is not None:
        return TemplateError(
            f'the function "{name}" cannot be used here: {reason}', hint=INSTEAD.get(name, "")
        )
    hint = did_you_mean(name, [*functions(), *REFUSED])
    if f"{SPRIG}{name}" in functions():
        hint = f'did you mean "{SPRIG}{name}"?'
    return TemplateError(f'there is no function "{name}"', hint=hint)
