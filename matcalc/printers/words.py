"""How rules, kinds and verdicts are said in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Report(Protocol):
    """What is said of a check."""

    @property
    def passed(self) -> bool: ...
    @property
    def max_relative_error(self) -> float: ...
    @property
    def points(self) -> int: ...


class Sign(NamedTuple):
    """A sign that a reader may not know: how it looks in the text form, how it is written in text and LaTeX, and what it means."""

    look: str  # a regular expression; none where the operator tells
    text: str
    latex: str
    meaning: str  # the name of an operator: what its row says


SIGNS = (
    Sign(r" ∘ ", "∘", r"\odot", "hadamard"),
    Sign(r" ⊘ ", "⊘", r"\oslash", "hdiv"),
    Sign(r"\^∘|\.\^", "^∘", r"{\,\cdot\,}^{\odot}", "hpow"),
    Sign(r"⊗", "⊗", r"\otimes", "kron"),
    Sign(r"𝟏", "𝟏", r"\mathbf{1}", "ones"),
    Sign("", "K", "K", "commutation"),
    Sign("", "eᵢ", r"\mathbf{e}_{i}", "unit"),
    Sign(r"‖(?!₁)[^‖]*‖(?!₁)", "‖·‖", r"\lVert\cdot\rVert", "norm2"),
    Sign(r"‖₁", "‖·‖₁", r"\lVert\cdot\rVert_{1}", "norm1"),
    Sign(r"\[\w+ = \w+\]", "[i = j]", "[i = j]", "1 where i = j, otherwise 0"),
    Sign(r"1\{", "1{…}", r"\mathbf{1}\{\ldots\}", "1 where that holds, otherwise 0"),
    Sign(r"∇", "∇", r"\nabla", "gradient in the shape of its variable"),
    Sign("", "d", r"\mathrm{d}", "d"),
)

# What an operation does with the gradient that comes from above: a short word, and a sentence.
GATES = {
    "distributes": ("+ distributes", "each input gets the upstream gradient as it is"),
    "distributes-sign": ("− distributes", "the first input gets the upstream gradient as it is, the second one its negative"),
    "copies": ("sum copies", "each entry that was summed gets the upstream gradient of its sum"),
    "switches": ("× switches", "each input gets the upstream gradient multiplied by the other input"),
    "routes": ("{} routes", "entry by entry the input that was taken gets the upstream gradient, the other one gets 0"),
    "routes-entry": ("{} routes", "the entry that was taken gets the upstream gradient, the others get 0"),
    "passes": ("ReLU passes or stops", "where its input is positive the upstream gradient passes, elsewhere it gets 0"),
    "splits": ("blocks split", "each block gets its own part of the upstream gradient"),
}

KINDS = {
    "gradient": "gradient",
    "jacobian": "Jacobian",
    "hessian": "Hessian",
    "hvp": "Hessian-vector product",
    "mixed": "mixed second derivative",
    "differential": "differential",
}
ROUTES = {"backprop": "By backpropagation", "differential": "By differentials", "elementwise": "Entry by entry"}
LAYOUTS = {
    "shape": "Every gradient has the shape of its variable (shape convention). On the way, ∂a/∂b has a row "
    "for each entry of `a` and a column for each entry of `b` (numerator layout).",
    "numerator": "Numerator layout: ∂a/∂b has a row for each entry of `a` and a column for each entry of "
    "`b`, so the derivative of a scalar by a column is a row.",
    "denominator": "Denominator layout: ∂a/∂b has a row for each entry of `b` and a column for each entry of "
    "`a`, so the derivative of a scalar by a column is a column.",
}
ERRORS = "The number at the end of a line is the largest relative error that its check found."


class Row(Protocol):
    """What is said of a row of the rules."""

    @property
    def words(self) -> str: ...


def rule_words(name: str, rows: Mapping[str, Row]) -> str:
    """What gives a line, in the words of its row; a definition needs none."""
    return rows[name].words if name in rows else "" if name == "definition" else name.replace("-", " ")


def page(group: str, name: str) -> str:
    """Where the documentation has a row."""
    return f"docs/rules/{group}.md#{name}"


def kind_words(kind: str, count: int) -> str:
    word = KINDS.get(kind, kind)
    return word if count == 1 else f"{word}s"


def number(value: float) -> str:
    """An error in two digits: ``2.4e-15``, ``0``."""
    return "0" if value == 0 else f"{value:.1e}".replace("e-0", "e-").replace("e+0", "e+")


def verdict(report: Report | None, lines: int, equations: int, unseen: int) -> str:
    """What the numeric check said of the lines that are shown, in one sentence; ``unseen`` are too long to check."""
    if report is None:
        return "not checked"
    said = "checked" if report.passed else "checked and found false"
    count = f"{_count(lines, 'line')} {said} at {_count(report.points, 'random point')}"
    apart = f"; {_count(unseen, 'line')} of too many terms not checked" if unseen else ""
    forms = f"{_count(equations, 'equation')}, derivatives against differences"
    return f"{count} ({forms}), largest relative error {number(report.max_relative_error)}{apart}"


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def sentence(text: str) -> str:
    """Capital at the beginning (unless a formula stands there), full stop at the end."""
    text = text.strip()
    if not text:
        return ""
    first = text[0].upper() if text[:2].isalpha() or text[:2] in ("a ", "A ") else text[0]
    return first + text[1:] + ("" if text[-1] in ".!?:" else ".")
