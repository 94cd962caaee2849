"""How rules, kinds and verdicts are said in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from matcalc.printers.languages import ENGLISH, said


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
    meaning: str  # the name of an operator: what its row says; the letters that stand there for {}


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
    Sign(r"\[\w+ = \w+\]", "[i = j]", "[i = j]", "1 where {}, otherwise 0"),
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

# What stands before the lines, of formulas.
TITLE, TITLE_BY = "{0} of {1}", "{0} of {1} with respect to {2}"
ACTS, CHECKED_AS = "{0} acts on each entry, {1} is its derivative", " (checked as {0})"
MEANT = "What it means:"
UNSPECIFIED, MEANS = "{0} is unspecified, {1} is its derivative", "{0} means {1}"

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


def verdict(report: Report | None, lines: int, equations: int, unseen: int, lang: str = ENGLISH) -> str:
    """What the numeric check said of the lines that are shown, in one sentence; ``unseen`` are too long to check."""
    if report is None:
        return said("not checked", lang)
    told = "{0} checked at {1} ({2}, derivatives against differences), largest relative error {3}"
    told = told if report.passed else told.replace("checked", "checked and found false")
    counts = _count(lines, "line", lang), _count(report.points, "random point", lang), _count(equations, "equation", lang)
    apart = said("; {0} of too many terms not checked", lang).format(_count(unseen, "line", lang)) if unseen else ""
    return said(told, lang).format(*counts, number(report.max_relative_error)) + apart


def _count(n: int, what: str, lang: str) -> str:
    return said(f"{{}} {what}" if n == 1 else f"{{}} {what}s", lang).format(n)
