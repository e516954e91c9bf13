"""Runs the parsing tables over tokens: shift, reduce, and leave to others what to do when neither fits."""

from collections.abc import Callable, Mapping
from typing import Any

from qemu_run.syntax.grammar import Tables, unfit_grammar
from qemu_run.syntax.tokens import END, Token

Lower = Callable[[list[Any]], Any]
"""Makes a node from a rule's children: tokens and nodes in the order of writing."""


class Automaton:
    """One run of the tables: a stack of states, and beside it the values made so far."""

    def __init__(self, tables: Tables, start: str, lowering: Mapping[str, Lower]) -> None:
        self._actions = tables.actions
        self._gotos = tables.gotos
        self._end = tables.ends[start]
        unknown = {rule.name for rule in tables.rules if not rule.spliced} - lowering.keys()
        if unknown:
            raise unfit_grammar(f"it has rules of its own: {', '.join(sorted(unknown))}")
        self._rules = [
            (rule, None if rule.spliced else lowering[rule.name], rule.origin, rule.size)
            for rule in tables.rules
        ]
        self.states = [tables.starts[start]]
        self.values: list[Any] = []

    def feed(self, token: Token) -> bool:
        """Take a token in; false, with nothing changed that matters, when it does not fit."""
        states, values, actions, gotos, rules = (
            self.states,
            self.values,
            self._actions,
            self._gotos,
            self._rules,
        )
        kind = token.kind
        while True:
            action = actions[states[-1]].get(kind)
            if action is None:
                return kind == END and states[-1] == self._end
            if action >= 0:
                states.append(action)
                values.append(token)
                return True
            rule, lower, origin, size = rules[-1 - action]
            if rule.passes:
                states[-1] = gotos[states[-2]][origin]
                continue
            children = values[len(values) - size :]
            if rule.splices:
                children = _spliced(children)
            if size:
                del states[-size:], values[-size:]
            states.append(gotos[states[-1]][origin])
            values.append(children if lower is None else lower(children))

    def accepts(self, kind: str) -> bool:
        """Whether a token of a kind would fit now."""
        states = self.states.copy()
        while True:
            action = self._actions[states[-1]].get(kind)
            if action is None:
                return kind == END and states[-1] == self._end
            if action >= 0:
                return True
            rule = self._rules[-1 - action][0]
            if rule.size:
                del states[-rule.size :]
            states.append(self._gotos[states[-1]][rule.origin])

    def expected(self) -> set[str]:
        """The terminals that would fit now."""
        return {kind for kind in self._actions[self.states[-1]] if self.accepts(kind)}

    def back_to(self, depth: int) -> None:
        """Forget all that was taken in since there were `depth` states."""
        del self.states[depth:], self.values[depth - 1 :]


def _spliced(children: list[Any]) -> list[Any]:
    """Children with the lists among them unfolded; the first list has one owner and is extended in place."""
    first = children[0]
    flat = first if isinstance(first, list) else [first]
    for child in children[1:]:
        if isinstance(child, list):
            flat += child
        else:
            flat.append(child)
    return flat
