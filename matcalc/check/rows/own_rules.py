"""A user's own rule file: literal rows, read without being executed, and tested before they are used."""

from __future__ import annotations

import ast
from pathlib import Path

from matcalc.algebra.operator_rows import defines, operators
from matcalc.algebra.rule import Book, Rule, make_book
from matcalc.expr.errors import UsageError
from matcalc.notation.lex.python_trees import tree_of
from matcalc.rules.row import R


def load_rules(path: str) -> tuple[R, ...]:
    """Rows of a file of ``R("name", "equation", "where", "cite")`` lines. Raises ``UsageError`` with file and line."""
    try:
        tree = tree_of(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"the rule file '{path}' cannot be read: {error.strerror}") from error
    except (SyntaxError, ValueError) as error:
        raise UsageError(f"the rule file '{path}' is not a list of rows: {error}", hint=_FORM) from error
    rows: list[R] = []
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            continue
        value = node.value if isinstance(node, (ast.Assign, ast.Expr)) else None
        calls = value.elts if isinstance(value, (ast.Tuple, ast.List)) else [value]
        rows.extend(_row(call, path, node.lineno) for call in calls)
    return tuple(rows)


_FORM = 'each row is R("name", "d(op(X)) = …", "X[m,n] condition", "source:place"), literal text only'


def _row(call: ast.expr | None, path: str, line: int) -> R:
    """One row; nothing but literal strings is accepted."""
    if (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "R"
        and len(call.args) == 4
        and not call.keywords
    ):
        texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if len(texts) == 4:
            name, equation, where, cite = texts
            return R(name, equation, where, cite)
    raise UsageError(f"{path}, line {getattr(call, 'lineno', line)}: not a rule row", hint=_FORM)


def group_of(row: R) -> str:
    """The group of a row, by the form of its equation."""
    text = row.equation.lstrip()
    return (
        "differential"
        if text.startswith("d(")
        else "adjoint"
        if text.startswith("<")
        else "vec"
        if text.startswith("vec(")
        else "definition"
        if defines(row)
        else "rewrite"
    )


def extended(book: Book, path: str) -> tuple[Book, list[str]]:
    """The book with the rows of a file in front of its own, and their names; nothing is tested. Raises ``UsageError``."""
    own = load_rules(path)
    sources = {**book.sources, **{r.cite.partition(":")[0]: "{}" for r in own if r.cite.partition(":")[0] not in book.sources}}
    before = {"definition": (), **book.groups}
    groups: dict[str, tuple[R | Rule, ...]] = {g: (*(r for r in own if group_of(r) == g), *rows) for g, rows in before.items()}
    return make_book(groups, sources, operators(own)), [r.name for r in own]


def with_rules(book: Book, path: str) -> Book:
    """The book with the rows of a file in front of its own. Raises ``UsageError`` for a row that fails its numeric test."""
    from matcalc.check.rows.tester import check_rules

    found, names = extended(book, path)
    for verdict in check_rules(found, names):
        if not verdict.passed:
            raise UsageError(f"rule '{verdict.name}' of {path} failed its numeric test: {verdict.message}",
                             hint="correct the equation, or its conditions")  # fmt: skip
    return found
