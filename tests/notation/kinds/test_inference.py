"""Kinds of letters in formulas as they stand in books: what a reader of the formula knows of each."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError
from matcalc.notation.kinds.inference import LEVELS, infer, searched
from matcalc.notation.kinds.walk import NEAR, Asked
from matcalc.notation.parse.statements import Names, read

# text, and the kinds of its letters: s a number, c a vector, m a matrix
BOOKS: list[tuple[str, str]] = [
    ("s = u^T f(W x + b)", "u:c W:m x:c b:c"),
    (r"(\mu_1-\mu_0)^T\Sigma^{-1}(\mu_1-\mu_0)", "mu_1:c mu_0:c Sigma:m"),
    (r"\frac{1}{2}\|y - X\beta\|^2 + \lambda\|\beta\|^2", "y:c X:m beta:c lambda:s"),
    (r"\operatorname{tr}(A(B\odot C))", "A:m B:m C:m"),
    ("tr(C)^2", "C:m"),
    (r"\ln\det(N)", "N:m"),
    (r"-\frac{N}{2}\log\det\Sigma", "N:s Sigma:m"),
    (r"\frac{x^T A x}{x^T x}", "x:c A:m"),
    (r"w^T S w - \lambda(w^T w - 1)", "w:c S:m lambda:s"),
    (r"\log(1 + e^{-w^T x})", "w:c x:c"),
    (r"\sum_i (y_i - w^T x_i)^2", "w:c"),
    ("norm2(y - X @ w)**2 + alpha*norm2(w)**2", "y:c X:m w:c alpha:s"),
    (r"\langle A, X\rangle", "A:m X:m"),
    (r"\operatorname{softmax}(W h + b)", "W:m h:c b:c"),
]


def asked(text: str, scalar: bool | None = True) -> Asked:
    return Asked(read(text, Names()).statements, {}, frozenset(), scalar)


@pytest.mark.parametrize(("text", "kinds"), BOOKS, ids=[t for t, _ in BOOKS])
def test_books(text: str, kinds: str) -> None:
    found = infer(asked(text, None if "softmax" in text else True))
    assert found is not None
    wanted = dict(word.split(":") for word in kinds.split())
    assert {name: found.kinds[name] for name in wanted} == wanted


def test_members_of_a_sum() -> None:
    found = infer(asked(r"\sum_i (y_i - w^T x_i)^2"))
    assert found is not None
    assert {base: kind for (base, _), (kind, _) in found.members.items()} == {"y": "s", "x": "c"}
    pairs = infer(asked(r"\sum_{i,j} w_{ij}(f_i - f_j)^2"))
    assert pairs is not None and pairs.kinds["w"] == "m" and pairs.kinds["f"] == "c"


def test_siblings_are_of_one_kind_and_definitions_have_the_kind_of_their_value() -> None:
    found = infer(asked(r"h = W_1 x; y = W_2 h; s = y^T y"))
    assert found is not None
    assert [found.kinds[n] for n in ("W_1", "W_2", "x", "h", "y", "s")] == ["m", "m", "c", "c", "c", "s"]


def test_declared_kinds_are_facts() -> None:
    statements = read("a*x", Names()).statements
    for kind, other in (("s", "c"), ("m", "c"), ("c", "s")):
        found = infer(Asked(statements, {"a": kind}, frozenset(), None))
        assert found is not None and (found.kinds["a"], found.kinds["x"]) == (kind, other)


@pytest.mark.parametrize("text", [t for t, _ in BOOKS])
def test_looking_at_cheap_readings_first_changes_none(text: str) -> None:
    """All within ``NEAR`` of the cheapest is found on each level."""
    scalar = None if "softmax" in text else True
    whole = searched(asked(text, scalar))
    assert whole is not None
    for most in LEVELS:
        part = searched(asked(text, scalar), most=most)
        if part is None or part.cost + NEAR > most + 1:
            continue
        assert (part.cost, part.kinds) == (whole.cost, whole.kinds)
        for name, margins in whole.margins.items():
            near = {k: c for k, c in margins.items() if c < NEAR}
            assert {k: c for k, c in part.margins[name].items() if c < NEAR} == near


def test_nothing_is_consistent() -> None:
    statements = read("x*A*x", Names()).statements
    assert infer(Asked(statements, {"x": "c", "A": "m"}, frozenset(), None)) is None


def test_a_function_of_a_number_acts_on_each_entry_of_a_vector() -> None:
    found = infer(asked("s = u'*g(x); g(t) = t^2 + 1"))
    assert found is not None and (found.kinds["u"], found.kinds["x"], found.kinds["s"]) == ("c", "c", "s")
    found = infer(asked("s = g(X); g(V) = tr(V'*V)"))
    assert found is not None and (found.kinds["X"], found.kinds["s"]) == ("m", "s")


def test_the_trace_of_letters_is_of_matrices() -> None:
    """ρ was a number, and nothing was said; x'Ax is a number, and may be traced."""
    with pytest.raises(AmbiguityError, match="the matrix function logm"):
        matcalc.derive(r"\mathrm{Tr}(\rho\log\rho)", wrt=r"\rho")
    d = matcalc.derive(r"\operatorname{Tr}(\rho^2)", wrt=r"\rho")
    assert d.result.plain == "2*rho'" and any("'rho' is read as a matrix" in w for w in d.warnings)
    assert matcalc.derive(r"\operatorname{tr}(x^TAx)", wrt="x").dims["x"] == ("n",)
    assert matcalc.derive(r"\operatorname{tr}(\lambda A)", wrt="A").dims["lambda"] == ()
