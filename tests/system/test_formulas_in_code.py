"""Mathematics stands in rules/: a function that puts three operators around each other is a formula built in code.

The referees are apart: they are independent of the rules on purpose. What remains is listed here, each with the reason why
it is no equation of fixed length.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcalc.expr.table import TABLE
from tests.places import parsed

pytestmark = pytest.mark.source

ROOT = Path(__file__).resolve().parents[2] / "matcalc"
NESTED = 3  # operators, one around the other
LEAVES = frozenset(
    ("sym", "num", "const", "dim", "eye", "ones", "zeros", "fill", "partial", "d", "T", "einsum")
)  # no mathematics yet
PRODUCTS = frozenset(("times", "hadamard"))

REFEREES = ("numeric/", "check/loops.py", "check/replay/")  # that have formulas of their own, to judge the rows by
ALLOWED = {
    "algebra/closures.py power_tangent": "the product rule n times: as many terms as the exponent says",
    "algebra/index/common_entries.py written": "how a number is written before a term: as a sign, a factor or a divisor",
    "algebra/normal/written_terms.py scaled": "how a number is written before a term: as a sign, a factor or a divisor",
    "check/counterexamples.py _logarithm": "how a number that was found by its value is written",
    "check/equality.py _moved": "entries of an array, each times a factor of its own: as many terms as it has entries",
    "codegen/ir/entrywise_values.py hadamard": "puts a product together from the factors that it was taken apart into",
    "codegen/lower/operators.py einsum": "collects the scalars of any number of operands",
    "codegen/lower/stable_products.py _distribute": "a sum of any length, multiplied out",
    "codegen/plan/planning.py softmax": "shifted by the largest entry: the parts are kernels that the whole family shares",
}


def constructor(call: ast.Call) -> bool:
    """Whether the call makes a node of an operator that is named in the text."""
    name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
    first = call.args[0] if call.args else None
    op = first.value if isinstance(first, ast.Constant) else None
    return name in PRODUCTS or (name in ("make", "map") and op in TABLE and op not in LEAVES)


def depth(node: ast.AST, known: dict[str, int]) -> int:
    """Constructors around each other, those that stand behind a name included."""
    if isinstance(node, ast.Name):
        return known.get(node.id, 0)
    if isinstance(node, (ast.FunctionDef, ast.Lambda)):
        return 0  # a function of its own
    return max([depth(n, known) for n in ast.iter_child_nodes(node)], default=0) + (
        isinstance(node, ast.Call) and constructor(node)
    )


def deepest(function: ast.FunctionDef | ast.Lambda) -> int:
    if isinstance(function, ast.Lambda):
        return depth(function.body, {})
    known: dict[str, int] = {}
    found = 0
    statements = [n for n in ast.walk(function) if isinstance(n, (ast.Assign, ast.AnnAssign, ast.Return, ast.Expr)) and n.value]
    for statement in sorted(statements, key=lambda n: n.lineno):
        assert statement.value is not None
        here = depth(statement.value, known)
        found = max(found, here)
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        for name in [n for t in targets if t is not None for n in ast.walk(t) if isinstance(n, ast.Name)]:
            known[name.id] = max(known.get(name.id, 0), here)
    return found


def formulas(tree: ast.Module) -> Iterator[str]:
    """The functions in which an expression is built of three operators around each other; inner ones go by the outermost."""
    if sum(isinstance(n, ast.Call) and constructor(n) for n in ast.walk(tree)) < NESTED:
        return
    outermost = {inner: f for f in reversed(list(ast.walk(tree))) if isinstance(f, ast.FunctionDef) for inner in ast.walk(f)}
    for f in ast.walk(tree):
        if isinstance(f, (ast.FunctionDef, ast.Lambda)) and deepest(f) >= NESTED:
            yield outermost[f].name if f in outermost else f"line {f.lineno}"


def test_no_formula_is_built_in_code() -> None:
    files = {p.relative_to(ROOT).as_posix(): p for p in sorted(ROOT.rglob("*.py"))}
    judged = [name for name in files if not name.startswith(("rules/", *REFEREES))]
    found = {f"{name} {function}" for name in judged for function in formulas(parsed(files[name]))}
    assert found - ALLOWED.keys() == set(), "an equation is a row in rules/"
    assert ALLOWED.keys() - found == set(), "no formula any more"


def test_a_planted_formula_is_found() -> None:
    nested = 'def f(x):\n    return make("exp", (make("neg", (make("div", (x, two)),)),))\n'
    named = 'def f(x):\n    half = make("div", (x, two))\n    low = make("neg", (half,))\n    return g.make("exp", (low,))\n'
    table = 'T = {"silu": lambda z: times(z, make("exp", (make("neg", (z,)),)))}\n'
    inside = "class A:\n def f(self, x):\n  def g(y):\n   return times(x, times(y, times(x, y)))\n  return g\n"
    assert [[*dict.fromkeys(formulas(ast.parse(text)))] for text in (nested, named, table, inside)] == [
        ["f"],
        ["f"],
        ["line 1"],
        ["f"],
    ]
    assert not list(formulas(ast.parse('def f(x):\n    return make("neg", (make(op, (make("T", (x,)),)),))\n')))
