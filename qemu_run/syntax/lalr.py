"""The tables of a grammar, made by Lark (LALR), in a form of ours that does not differ from run to run."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lark import Lark
from lark.grammar import Rule as LarkRule
from lark.lexer import Lexer, TerminalDef, Token

from qemu_run.digests import name_of

_REDUCE = 1
"""What Lark calls the action that a rule is complete."""


class _NoLexer(Lexer):
    """Stands where Lark wants a lexer; ours needs no help from it."""

    def __init__(self, lexer_conf: object) -> None: ...

    def lex(self, *_: object) -> Iterator[Token]:
        return iter(())


def make_tables(grammar: str, starts: Sequence[str]) -> dict[str, Any]:
    """The tables of a Lark grammar as JSON holds them, with the name of the text they are made of.

    `grammar.Tables` says what they mean. The same grammar has the same tables, whoever makes them.
    """
    parser = Lark(grammar, parser="lalr", lexer=_NoLexer, start=list(starts))
    data, memo = parser.memo_serialize([TerminalDef, LarkRule])
    automaton = data["parser"]["parser"]
    rules = {key: _rule(entry) for key, entry in memo.items() if entry["__type__"] == "Rule"}
    rule_order = {key: number for number, key in enumerate(sorted(rules, key=lambda key: rules[key]))}
    names = automaton["tokens"]
    states = {
        state: {names[symbol]: step for symbol, step in sorted(steps.items(), key=lambda one: names[one[0]])}
        for state, steps in automaton["states"].items()
    }
    order = _state_order(states, [automaton["start_states"][start] for start in starts])
    actions: list[dict[str, int]] = [{} for _ in order]
    gotos: list[dict[str, int]] = [{} for _ in order]
    for state, number in order.items():
        for name, (kind, target) in states[state].items():
            if kind == _REDUCE:
                actions[number][name] = -1 - rule_order[target["@"]]
            else:
                (actions if name.isupper() else gotos)[number][name] = order[target]
    return {
        "grammar": name_of(grammar.encode()),
        "actions": actions,
        "gotos": gotos,
        "rules": [rules[key] for key in rule_order],
        "starts": {start: order[automaton["start_states"][start]] for start in starts},
        "ends": {start: order[automaton["end_states"][start]] for start in starts},
    }


def _state_order(states: Mapping[int, Mapping[str, Any]], starts: Sequence[int]) -> dict[int, int]:
    """A number for each state, in the order in which they are reached: Lark's own differ from run to run."""
    order: dict[int, int] = {}
    ahead = [*starts]
    for state in ahead:
        if state not in order:
            order[state] = len(order)
            ahead += [target for kind, target in states[state].values() if kind != _REDUCE]
    return order


def _rule(entry: dict[str, Any]) -> list[Any]:
    """One of Lark's rules as the arguments of `Rule`."""
    origin, expansion = entry["origin"]["name"], [symbol["name"] for symbol in entry["expansion"]]
    one = len(expansion) == 1
    passes = one and entry["alias"] is None and bool(entry["options"]["expand1"])
    spliced = origin.startswith("_")
    return [
        str(entry["alias"] or origin),
        str(origin),
        len(expansion),
        passes,
        spliced,
        any(name.startswith("_") for name in expansion),
    ]
