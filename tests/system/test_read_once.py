"""A text is read once: lexed, each member parsed, and typed once; what the lexer saw is not looked for in the source again."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from matcalc.api import read_problem
from matcalc.notation.lex import lexer_latex
from matcalc.notation.meaning import one_reading
from matcalc.notation.parse import statements

NOTATION = Path(statements.__file__).parents[1]

# Ordinary texts of each notation, and how many expressions they hold.
TEXTS: list[tuple[str, int, dict[str, Any]]] = [
    ("s = u' * f(W*x + b)", 1, {}),
    ("uᵀf(Wx+b)", 1, {}),
    ("s = u'*h; h = f(z)\nz = W*x + b", 3, {}),
    ("np.sum((X @ w - y)**2)", 1, {"dims": {"X": ("n", "m"), "y": ("n",)}}),
    ("return loss\nloss = ((A @ x - b)**2).mean()", 2, {}),
    (r"\frac{1}{2} \mathbf{x}^\top A \mathbf{x} - \mathbf{b}^\top \mathbf{x}", 1, {}),
    (r"L = \sum_{i=1}^{n} \log(1 + e^{-y_i w^\top x_i})", 1, {"index": {"x_i": "X[i,:]", "y_i": "y[i]"}}),
    (r"s = u^T \sigma(W x), \sigma(z) = \frac{1}{1 + e^{-z}}", 2, {}),
    (r"s = u^T \sigma(W x), \sigma(z) = \log_2 (1 + e^{z})", 2, {}),  # a body that our parser does not read
    (r"A \in \mathbb{R}^{m \times n}, \|A x - b\|^2", 1, {}),
    ("s = u'*g(x)", 2, {"define": ["g(z) = z*tanh(z)"]}),
]


@pytest.mark.sample(2)
@pytest.mark.parametrize("text, members, given", TEXTS, ids=[t for t, *_ in TEXTS])
def test_a_text_is_read_once(text: str, members: int, given: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    if "log_2" in text:
        pytest.importorskip("latex2sympy2")  # which reads what our parser does not
    read_problem(text, **given)  # formulas of the table are read at their first use
    seen: Counter[str] = Counter()

    def counted(owner: Any, name: str) -> None:
        function = getattr(owner, name)

        def call(*args: Any, **more: Any) -> Any:
            seen[name.removesuffix("_plain").removesuffix("_latex")] += 1
            return function(*args, **more)

        monkeypatch.setattr(owner, name, call)

    counted(statements, "tokenize_plain")
    counted(lexer_latex, "tokenize_latex")
    counted(statements, "Parser")
    counted(one_reading, "_resolved")
    read_problem(text, **given)
    assert seen["tokenize"] == 1 + len(given.get("define", ()))
    assert seen["Parser"] == members
    assert seen["_resolved"] == 1


def asked(tree: ast.Module) -> Iterator[str]:
    """Where a source text is searched or compared, not quoted: ``re.search(…, scope.source)``, ``source[i] == "["``."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and ast.unparse(node) in ("scope.source", "self.source", "text.source")):
            continue
        above = parents[node]
        if isinstance(above, ast.Subscript):  # a part of it
            node, above = above, parents[above]
        while isinstance(above, ast.Attribute) and above.attr in ("strip", "lstrip"):
            node, above = parents[above], parents[parents[above]]
        match above:
            case ast.Call(func=ast.Name(id="Scope" | "Problem" | "Text" | "instead")):  # handed on, quoted in a reading
                continue
            case ast.Call() | ast.Compare() | ast.Attribute():
                yield f"line {node.lineno}: {ast.unparse(above)}"


@pytest.mark.parametrize(
    "path", sorted(p for p in NOTATION.rglob("*.py") if p.parent.name in ("parse", "meaning", "sums")), ids=str
)
def test_nobody_asks_the_source_again(path: Path) -> None:
    assert list(asked(ast.parse(path.read_text("utf-8")))) == []


@pytest.mark.parametrize(
    "source",
    [
        "_BOLD.match(scope.source, at.start)",
        "if _T.search(scope.source[: node.end]): pass",
        "scope.source[a : b].strip() == '['",
        "scope.source.index('^')",
        "'@' in text.source",
    ],
)
def test_a_question_to_the_source_is_seen(source: str) -> None:
    assert list(asked(ast.parse(source)))
    assert not list(asked(ast.parse("f'{scope.source[a:b].strip()}'; Scope(infer, scope.source); error.source = text.source")))
