"""Length of the answers: nodes of our result against nodes of the published closed form, over the corpus.

``python benchmarks/size.py [--show N]`` compares, for each case of ../shared/corpus/cases.jsonl whose closed form is one
expression (assignments put in place; loops, einsum and indexing left out), the distinct subexpressions of both. A vector
has no transpose in NumPy, a scalar in a sum no vector of ones; so neither is counted on our side, nor broadcasting on the other.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import statistics
from pathlib import Path
from typing import Any

import matcalc
from matcalc.expr.nodes import Expr, postorder

CORPUS = Path(os.environ.get("MATCALC_CORPUS", Path(__file__).resolve().parents[2] / "shared" / "corpus"))
FREE = {"asarray", "keepdims"}
UNREADABLE = (ast.For, ast.While, ast.ListComp, ast.GeneratorExp, ast.Lambda, ast.Subscript, ast.Compare, ast.If)


def closed_form(code: str) -> Any:
    """The formula as nested tuples, its assignments put in place; None where it is not one expression."""
    body = ast.parse(code).body
    if any(isinstance(n, UNREADABLE) or (isinstance(n, ast.Name) and n.id == "einsum") for s in body for n in ast.walk(s)):
        return None
    values: dict[str, Any] = {}
    for statement in body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            values[statement.targets[0].id] = formula(statement.value, values)
        elif isinstance(statement, (ast.Return, ast.Expr)) and statement.value is not None:
            return formula(statement.value, values)
        else:
            return None
    return None


def formula(node: ast.expr, values: dict[str, Any]) -> Any:
    if isinstance(node, ast.Name):
        return values.get(node.id, ("name", node.id))
    if isinstance(node, ast.Constant):
        return ("number", node.value)
    if isinstance(node, ast.UnaryOp):
        return (type(node.op).__name__, formula(node.operand, values))
    if isinstance(node, ast.BinOp):
        return (type(node.op).__name__, formula(node.left, values), formula(node.right, values))
    if isinstance(node, ast.Attribute):
        if node.attr == "T":
            return ("T", formula(node.value, values))
        return ("size", ast.unparse(node)) if node.attr == "size" else ("name", node.attr)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        if name == "einsum":
            raise ValueError(name)
        own = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) not in ("np", "np.linalg")
        receiver = [formula(node.func.value, values)] if own and isinstance(node.func, ast.Attribute) else []
        if name in ("eye", "ones", "zeros", "ones_like", "zeros_like"):
            return (name, ast.unparse(node.args[0]))
        return (name, *receiver, *(formula(a, values) for a in node.args))
    raise ValueError(ast.unparse(node))


def closed_size(tree: Any) -> int:
    """Distinct subexpressions."""
    seen: set[Any] = set()
    stack = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, tuple) and node not in seen:
            seen.add(node)
            stack.extend(node[1:] if node[0] not in ("name", "number", "size") else ())
    return len(seen)


def our_size(e: Expr) -> int:
    """Distinct subexpressions, without what NumPy does not write: a turned vector, a scalar spread over entries."""
    unwritten = 0
    nodes = postorder((e,))
    for n in nodes:
        unwritten += n.op == "fill" or (n.op == "T" and "r" in (n.type[0], n.args[0].type[0]))
    return len(nodes) - unwritten


def derived(case: dict[str, Any]) -> Expr | None:
    wrt = case["wrt"]
    assume = {n: ", ".join(p) if isinstance(p, list) else p for n, p in case.get("domain", {}).items()}
    known = {n: p for n, p in assume.items() if p in USED}
    options = {"direction": case["direction"]} if case["kind"] == "hvp" else {}
    try:
        d = matcalc.derive(
            case["plain"], wrt=wrt, dims={n: tuple(s) for n, s in case["dims"].items()}, kind=case["kind"],
            output=case.get("output"), assume=known, check=False, **options,
        )  # fmt: skip
    except matcalc.MatcalcError:
        return None
    return d.results[0].expr


USED = ("symmetric", "spd", "diagonal", "orthogonal", "skew", "one-hot", "probability", "positive", "invertible", "unit")


def measured() -> list[tuple[float, int, int, str, str, str]]:
    rows = []
    for line in (CORPUS / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        try:
            closed = closed_form(case["expected_numpy"])
        except ValueError:
            continue
        result = derived(case) if closed is not None else None
        if result is not None:
            ours, theirs = our_size(result), closed_size(closed)
            rows.append((ours / theirs, ours, theirs, case["id"], matcalc.results.render(result), case["expected_numpy"]))
    return sorted(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", type=int, default=0, help="print this many of the longest answers")
    shown = parser.parse_args().show
    rows = measured()
    ratios = [r[0] for r in rows]
    within = sum(r <= 1.3 for r in ratios) / len(ratios)
    print(f"{len(rows)} cases: nodes of ours / of the closed form: median {statistics.median(ratios):.2f}, "
          f"worst {ratios[-1]:.2f}; {100 * within:.1f} % at most 1.3")  # fmt: skip
    for ratio, ours, theirs, name, text, code in reversed(rows[-shown:] if shown else []):
        print(f"{ratio:5.2f} {ours:4d} {theirs:4d}  {name}\n        {text}\n        {code}")


if __name__ == "__main__":
    main()
