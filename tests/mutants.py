"""Mutation testing: what share of small faults in rules, normal form and engine does the suite notice?

``python -m tests.mutants rows`` changes the equations of the rule rows (a sign, a transpose, a factor, the order, a
term) and lets the rule tester judge each. ``python -m tests.mutants code --n 100 --seed 1 matcalc/algebra/normal/normal_form.py …``
changes the source of modules in copies of the tree and runs the tests that should notice. A mutant that no test
notices is printed: it is either equivalent (the program means the same) or a gap in the tests.
"""

from __future__ import annotations

import argparse
import ast
import copy
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from tests.places import ROOT

TESTS = (
    "algebra/normal/test_normal_form.py", "system/test_known_failures.py", "check/replay/test_replayer.py",
    "engine/test_jacobian.py", "test_api.py", "system/test_corpus.py", "system/test_engine_faults.py", "system/test_soundness.py",
)  # fmt: skip


# ---------------------------------------------------------------- rows


def row_mutants(equation: str) -> Iterator[str]:
    """The equation with one small fault on its right side."""
    left, _, right = equation.partition(" = ")
    body, semicolon, rest = right.partition(";")
    tail = semicolon + rest
    for match in re.finditer(r" ([+-]) ", body):
        other = "-" if match[1] == "+" else "+"
        yield f"{left} = {body[: match.start(1)]}{other}{body[match.end(1) :]}{tail}"
    for match in re.finditer("'", body):
        yield f"{left} = {body[: match.start()]}{body[match.end() :]}{tail}"
    for match in re.finditer(r"(?<![A-Za-z)'])([A-Za-z]\w*'?)\*([A-Za-z]\w*'?)(?![\w('])", body):
        yield f"{left} = {body[: match.start()]}{match[2]}*{match[1]}{body[match.end() :]}{tail}"
    for match in re.finditer(r"(?<![\w(])([A-Z])(?![\w('])", body):
        yield f"{left} = {body[: match.end()]}'{body[match.end() :]}{tail}"
    if not body.startswith("<"):
        yield f"{left} = -({body}){tail}"
        yield f"{left} = 2*({body}){tail}"
    for term in terms(body):
        yield f"{left} = {body.replace(term, '', 1).strip().removeprefix('+ ')}{tail}"


def terms(body: str) -> list[str]:
    """The terms of a sum at the top level, each with the sign before it."""
    cuts, depth = [0], 0
    for i, c in enumerate(body):
        depth += (c in "([<") - (c in ")]>")
        if depth == 0 and body[i : i + 3] in (" + ", " - "):
            cuts.append(i)
    return [body[a:b] for a, b in zip(cuts, [*cuts[1:], len(body)], strict=True)] if len(cuts) > 1 else []


def judge_rows() -> None:
    from matcalc.api import book
    from matcalc.check.rows.tester import check_rule
    from matcalc.expr.errors import MatcalcError

    killed, alive = 0, []
    for name, row in book().rows().items():
        if row.disabled:
            continue
        for equation in dict.fromkeys(row_mutants(row.equation)):
            if equation == row.equation:
                continue
            mutant = replace(row, equation=equation)
            try:
                passed = check_rule(mutant).passed
            except (MatcalcError, KeyError, AssertionError, ValueError):
                passed = False
            if passed:
                alive.append(f"{name}: {equation}   (was {row.equation})")
            else:
                killed += 1
    report("rows", killed, alive)


# ---------------------------------------------------------------- source


class Mutant(NamedTuple):
    path: str
    line: int
    what: str
    source: str


Change = Callable[[Any], str | None]  # changes a copy of the node in place; says what it did


def _swap(node: Any) -> str | None:
    """Two operands of a product or a difference change places."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("make", "expr.make") and len(node.args) > 1:
        operator, operands = node.args[0], node.args[1]
        named = isinstance(operator, ast.Constant) and operator.value in ("matmul", "sub", "div", "hdiv", "kron")
        if named and isinstance(operands, ast.Tuple) and len(operands.elts) == 2:
            operands.elts.reverse()
            return "operands swapped"
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("join", "times")) and len(node.args) == 2:
        node.args.reverse()
        return "factors swapped"
    return None


def _arithmetic(node: Any) -> str | None:
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) and not _textual(node):
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
        return "sign"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        node.op = ast.Add()
        return "sum for product"
    return None


def _textual(node: ast.BinOp) -> bool:
    return any(isinstance(n, (ast.Constant, ast.JoinedStr, ast.List, ast.Tuple)) for n in (node.left, node.right))


def _operator(node: Any) -> str | None:
    pairs = {"add": "sub", "sub": "add", "hadamard": "hdiv", "hdiv": "hadamard"}
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("make", "expr.make") and isinstance(node.args[0], ast.Constant):
        other = pairs.get(str(node.args[0].value))
        if other is not None:
            node.args[0].value = other
            return f"{other} made"
    return None


def _sign(node: Any) -> str | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        node.op = ast.UAdd()
        return "sign dropped"
    return None


def _unwrap(node: Any) -> str | None:
    """transpose(x), reverse(x) … become x."""
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.Call) and len(value.args) == 1 and not value.keywords:
            name = ast.unparse(value.func).rpartition(".")[2]
            if name in ("transpose", "reverse", "reversed", "turn", "abs"):
                setattr(node, field, value.args[0])
                return f"{name} dropped"
    return None


def _condition(node: Any) -> str | None:
    if isinstance(node, ast.If) and not isinstance(node.test, ast.Name):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return "condition turned"
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.Lt, ast.Gt)):
        node.ops[0] = ast.GtE() if isinstance(node.ops[0], ast.Lt) else ast.LtE()
        return "comparison turned"
    return None


CHANGES: tuple[Change, ...] = (_swap, _arithmetic, _operator, _sign, _unwrap, _condition)


def source_mutants(path: Path) -> list[Mutant]:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    found = []
    for index, node in enumerate(ast.walk(tree)):
        for change in CHANGES:
            if change(copy.deepcopy(node)) is None:
                continue
            other = copy.deepcopy(tree)
            target = next(n for i, n in enumerate(ast.walk(other)) if i == index)
            what = change(target)
            if what is not None:
                where = str(path.relative_to(ROOT))
                found.append(Mutant(where, getattr(node, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(other))))
    return found


def survives(mutant: Mutant, tests: tuple[str, ...]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", "__pycache__", ".*_cache", "docs"))
        shared = ROOT.parent / "shared"
        if shared.exists():
            (Path(folder) / "shared").symlink_to(shared.resolve())
        (tree / mutant.path).write_text(mutant.source, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *(f"tests/{t}" for t in tests)]
        command += [] if tests else ["tests", "-m", "not packaging"]
        try:
            done = subprocess.run(command, cwd=tree, capture_output=True, timeout=1200, check=False)
        except subprocess.TimeoutExpired:
            return False  # it does not end: noticed
    return done.returncode == 0


def judge_code(paths: list[str], n: int, seed: int, processes: int) -> None:
    rng = random.Random(seed)
    every = [m for p in paths for m in source_mutants(ROOT / p)]
    chosen = rng.sample(every, min(n, len(every)))
    killed, alive = 0, []
    with ThreadPoolExecutor(processes) as pool:
        unnoticed = pool.map(lambda m: survives(m, TESTS) and survives(m, ()), chosen)  # the quick tests, then all
        for mutant, lives in zip(chosen, unnoticed, strict=True):
            killed += not lives
            if lives:
                alive.append(f"{mutant.path}:{mutant.line} {mutant.what}")
                print("alive:", alive[-1], flush=True)
    report(f"{len(every)} places in {len(paths)} modules", killed, alive)


def report(what: str, killed: int, alive: list[str]) -> None:
    for line in alive:
        print("alive:", line)
    total = killed + len(alive)
    print(f"{what}: {total} mutants, {killed} noticed ({100 * killed / max(total, 1):.1f} %)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("rows", "code"))
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_intermixed_args()
    if given.what == "rows":
        judge_rows()
    else:
        judge_code(given.paths, given.n, given.seed, given.processes)


if __name__ == "__main__":
    main()
