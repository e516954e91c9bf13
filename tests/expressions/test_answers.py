"""Every kind of expression, against what Nomad makes of it."""

import json
from pathlib import Path

import pytest

from qemu_run.errors import Diagnostics
from qemu_run.expressions.evaluate import evaluate
from qemu_run.expressions.functions import FUNCTIONS
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import ObjectValue, Unknown
from qemu_run.source import Source
from qemu_run.syntax.native import parse_expression

HERE = Path(__file__).parent
ROWS = json.loads((HERE / "data/expressions.json").read_text())
EMPTY = ObjectValue({})


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_expression_is_what_nomad_makes_of_it(row):
    diagnostics = Diagnostics()
    scope = Scope({"var": EMPTY, "local": EMPTY}, FUNCTIONS, folder=HERE)
    expression = parse_expression(Source("x", f"jsonencode(({row['expr']}))"), diagnostics)
    value = evaluate(expression, scope, diagnostics) if expression else None
    if row["json"] is None:
        assert diagnostics.errors
        assert all(diagnostic.span for diagnostic in diagnostics)
    else:
        assert not diagnostics.items
        assert not isinstance(value, Unknown)
        assert value == row["json"]
