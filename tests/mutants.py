"""Mutation testing: what share of small faults in rules, normal form and engine does the suite notice?

``python -m tests.mutants rows`` changes the equations of the rule rows (a sign, a transpose, a factor, the order, a
term) and lets the rule tester judge each. ``python -m tests.mutants code --n 100 --seed 1 matcalc/algebra/normal/normal_form.py …``
changes the source of modules in copies of the tree and runs the tests that should notice. A mutant that no test
notices is printed: it is either equivalent (the program means the same) or a gap in the tests. ``twins`` does the same in
one copy, with the tests of the module's twin, then those of its room: ``python -m tests.mutants twins --n 100 matcalc/check``.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from matcalc.algebra.rule import UNFOLDING, Rule, chapter
from matcalc.expr.errors import MatcalcError
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
    if not body.startswith(("<", "0", "zeros")):  # of 0 they are the same
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


def noticed(row: Rule, equation: str) -> bool | None:
    """Whether the tester refuses the row with this equation, or a line of its unfolding behind it; None: it means the same."""
    from matcalc.algebra.normal.normal_form import normal
    from matcalc.api import book
    from matcalc.check.rows.tester import check_rule, earlier_rows

    mutant = replace(row, equation=equation)
    lines = [r for r in book().groups[row.group] if r.group == UNFOLDING and chapter(r) == chapter(row)] or [row]
    lines = [mutant if r is row else r for r in lines]
    try:
        if [normal(side) for side in mutant.sides] == [normal(side) for side in row.sides]:
            return None
        earlier = [] if len(lines) > 1 else earlier_rows(book(), row)
        return not all(check_rule(r, earlier + lines[:i]).passed for i, r in enumerate(lines))
    except (MatcalcError, KeyError, AssertionError, ValueError):
        return True


def judged_rows(rows: Iterable[Rule]) -> tuple[int, list[str], int]:
    """How many mutants of the rows are noticed, which are not, and how many are none: they mean the same."""
    killed, alive, same = 0, [], 0
    for row in rows:
        for equation in dict.fromkeys(row_mutants(row.equation)) if not row.disabled else ():
            if equation == row.equation or equation.partition(" = ")[0] == equation.partition(" = ")[2]:
                continue
            found = noticed(row, equation)
            killed += found is True
            same += found is None
            if found is False:
                alive.append(f"{row.name}: {equation}   (was {row.equation})")
    return killed, alive, same


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


class Place(NamedTuple):
    """Where a file can be changed: the node by its number, and how."""

    path: Path
    index: int
    change: Change

    def mutant(self) -> Mutant | None:
        tree = ast.parse(self.path.read_text(encoding="utf-8"))
        node = next(n for i, n in enumerate(ast.walk(tree)) if i == self.index)
        what = self.change(node)
        if what is None:
            return None
        where = str(self.path.relative_to(ROOT))
        return Mutant(where, getattr(node, "lineno", 0), what, ast.unparse(ast.fix_missing_locations(tree)))


def places_in(path: Path) -> list[Place]:
    """Each change is tried on a tree of its own, whose nodes are numbered before any of them is changed."""
    text, found = path.read_text(encoding="utf-8"), []
    for change in CHANGES:
        found += [(i, change) for i, node in enumerate([*ast.walk(ast.parse(text))]) if change(node) is not None]
    return [Place(path, i, change) for i, change in sorted(found, key=lambda place: place[0])]


def chosen(paths: Sequence[Path], n: int, seed: int) -> tuple[int, list[Mutant]]:
    """How many places there are, and the mutants of some of them."""
    every = [place for path in paths for place in places_in(path)]
    some = random.Random(seed).sample(every, min(n, len(every)))
    return len(every), [mutant for place in some if (mutant := place.mutant()) is not None]


def copied(folder: str) -> Path:
    """The tree, in a folder."""
    tree = Path(folder) / "tree"
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "docs"))
    shared = ROOT.parent / "shared"
    if shared.exists():
        (Path(folder) / "shared").symlink_to(shared.resolve())
    return tree


def passes(tree: Path, tests: Sequence[str], seconds: float) -> bool:
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *(f"tests/{t}" for t in tests)]
    command += ["-m", "not source"] if tests else ["tests", "-m", "not packaging"]
    try:
        return subprocess.run(command, cwd=tree, capture_output=True, timeout=seconds, check=False).returncode == 0
    except subprocess.TimeoutExpired:
        return False  # it does not end: noticed


def survives(mutant: Mutant, tests: tuple[str, ...]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(folder)
        (tree / mutant.path).write_text(mutant.source, encoding="utf-8")
        return passes(tree, tests, 1200)


# The tests of a room that are no twins, for what the twin of a module lets pass.
ROOMS = {
    "check": ("check", "system/test_check_faults.py", "test_api.py"),
    "codegen": ("codegen", "test_api.py"),
}


def judge_by_twins(folders: list[str], n: int, seed: int) -> None:
    files = sorted(f for folder in folders for f in (ROOT / folder).rglob("*.py"))
    places, mutants = chosen(files, n, seed)
    killed, alive, by_room = 0, [], 0
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(folder)
        for mutant in mutants:
            path = Path(mutant.path).relative_to("matcalc")
            twin = path.with_name(f"test_{path.name}")
            before = (tree / mutant.path).read_text("utf-8")
            (tree / mutant.path).write_text(mutant.source, encoding="utf-8")
            lives = not (tree / "tests" / twin).exists() or passes(tree, [str(twin)], 600)
            if lives:
                lives = passes(tree, ROOMS.get(path.parts[0], [*path.parts[:-1][:1], *TESTS]), 1200)
                by_room += not lives
            (tree / mutant.path).write_text(before, encoding="utf-8")
            killed += not lives
            alive += [f"{mutant.path}:{mutant.line} {mutant.what}"] * lives
            print("alive:" if lives else "noticed:", f"{mutant.path}:{mutant.line} {mutant.what}", flush=True)
    report(f"{places} places in {len(files)} modules, {by_room} noticed by their room alone", killed, alive)


def judge_code(paths: list[str], n: int, seed: int, processes: int) -> None:
    places, mutants = chosen([ROOT / p for p in paths], n, seed)
    killed, alive = 0, []
    with ThreadPoolExecutor(processes) as pool:
        unnoticed = pool.map(lambda m: survives(m, TESTS) and survives(m, ()), mutants)  # the quick tests, then all
        for mutant, lives in zip(mutants, unnoticed, strict=True):
            killed += not lives
            if lives:
                alive.append(f"{mutant.path}:{mutant.line} {mutant.what}")
                print("alive:", alive[-1], flush=True)
    report(f"{places} places in {len(paths)} modules", killed, alive)


def report(what: str, killed: int, alive: list[str]) -> None:
    for line in alive:
        print("alive:", line)
    total = killed + len(alive)
    print(f"{what}: {total} mutants, {killed} noticed ({100 * killed / max(total, 1):.1f} %)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("rows", "code", "twins"))
    parser.add_argument("paths", nargs="*")
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_intermixed_args()
    if given.what == "rows":
        from matcalc.api import book

        killed, alive, same = judged_rows(book().rows().values())
        report(f"rows ({same} that mean the same left out)", killed, alive)
    elif given.what == "twins":
        judge_by_twins(given.paths, given.n, given.seed)
    else:
        judge_code(given.paths, given.n, given.seed, given.processes)


if __name__ == "__main__":
    main()
