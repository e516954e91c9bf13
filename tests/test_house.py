"""The house keeps its measures: small modules and functions, and public names that say what they are."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "qemu_run"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES_OF_A_MODULE = 360
MOST_LINES_OF_A_FUNCTION = 60
FORBIDDEN = ("manager", "helper", "util")


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_is_small_and_says_what_it_is(path):
    text = path.read_text()
    tree = ast.parse(text)
    assert len(text.splitlines()) <= MOST_LINES_OF_A_MODULE
    assert ast.get_docstring(tree)
    assert not any(word in path.stem for word in FORBIDDEN)
    for function in functions(tree):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= MOST_LINES_OF_A_FUNCTION, f"{function.name} has {length} lines"


def test_every_folder_says_what_it_is():
    for folder in {path.parent for path in MODULES}:
        assert ast.get_docstring(ast.parse((folder / "__init__.py").read_text())), folder
