"""A user's own rules: literal rows that are tested before they are used; nothing of the file runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.check.rows.own_rules import group_of, load_rules, with_rules
from matcalc.expr.errors import UsageError
from matcalc.rules.row import R


def file(folder: Path, text: str) -> str:
    path = folder / "own.py"
    path.write_text(text, "utf-8")
    return str(path)


GOOD = '"""Mine."""\nfrom matcalc.rules.row import R\nR("my-log", "d(log(X)) = d(X) ./ X", "X[m,n] positive", "mine:3")\n'


def test_rows_in_every_form(tmp_path: Path) -> None:
    assert load_rules(file(tmp_path, GOOD)) == (R("my-log", "d(log(X)) = d(X) ./ X", "X[m,n] positive", "mine:3"),)
    listed = 'ROWS = [R("a", "d(X) = d(X)", "X[m,n]", "s"), R("b", "X = X", "X[m,n]", "s")]'
    assert [row.name for row in load_rules(file(tmp_path, listed))] == ["a", "b"]
    assert load_rules(file(tmp_path, "")) == ()


@pytest.mark.parametrize(
    "text",
    [
        'open("gone", "w")', 'R("a", "b", "c")',
        'R("a", "b", "c", f"d")', 'R("a", "b", "c", "d", "e")', 'R("a", "b", where="c", cite="d")',
        "import os\nos.remove('x')", "for x in y: R(x)", 'S("a", "b", "c", "d")', 'ROWS = [R("a", "b", "c", "d"), evil()]',
    ],
)  # fmt: skip
def test_nothing_but_literal_rows(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match="not a rule row"):
        load_rules(file(tmp_path, text))
    assert not (tmp_path / "gone").exists()


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_rules(str(tmp_path / "none.py"))
    with pytest.raises(UsageError, match="not a list of rows"):
        load_rules(file(tmp_path, "R("))


def test_groups_by_form() -> None:
    forms = {
        "comm(A, B) = A*B - B*A": "definition",
        "d(X) = Y": "differential",
        "<G, L> = <G, L>": "adjoint",
        " vec(L) = vec(L)": "vec",
        "X = X": "rewrite",
    }
    assert {form: group_of(R("a", form, "", "")) for form in forms} == forms


def test_own_rows_stand_in_front(tmp_path: Path) -> None:
    found = with_rules(book(), file(tmp_path, GOOD))
    names = [row.name for row in found.groups["differential"]]
    assert names == ["my-log", *(row.name for row in book().groups["differential"])]
    assert found.source(found.rows()["my-log"]) == "3"


def test_a_false_row_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'my-log' of .* failed its numeric test"):
        with_rules(book(), file(tmp_path, GOOD.replace("d(X) ./ X", "X .* d(X)")))


# ---------------------------------------------------------------- operators of one's own

OPERATORS = """
R("comm", "comm(A, B) = A*B - B*A", "A[n,n] B[n,n]", "mine:3")
R("commutator", "d(comm(A, B)) = d(A)*B - B*d(A) + A*d(B) - d(B)*A", "A[n,n] B[n,n]", "mine:3")
R("rayleigh", "rayleigh(A, x) = x'*A*x/(x'*x)", "A[n,n] x[n]", "mine:5")
R("rayleigh-rule", "d(rayleigh(A, x)) = (x'*d(A)*x + d(x)'*(A*x + A'*x) - 2*rayleigh(A, x)*(x'*d(x)))/(x'*x)",
  "A[n,n] x[n]", "mine:5")
R("smooth", "smooth(x, eps) = sum(sqrt(x.^2 + eps^2))", "x[n] eps[]", "mine:6")
"""


@pytest.fixture
def operators(tmp_path: Path) -> str:
    return file(tmp_path, OPERATORS)


def slopes(f: object, x: np.ndarray) -> np.ndarray:
    """Central differences, entry by entry."""
    out = np.empty(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = 1e-6
        out[i] = (f(x + step) - f(x - step)) / 2e-6  # type: ignore[operator]
    return out


def test_an_operator_stays_whole_where_it_has_a_rule(operators: str) -> None:
    d = matcalc.derive("s = tr(comm(A, X)*B)", "X", rules=operators)
    assert d.result.plain == "A'*B' - B'*A'" and "tr(comm(A, X) B)" in d.to_text()
    assert "comm(A, B) = A B - B A" in d.to_text() and "commutator" in d.to_text()
    assert d.replay()


def test_values_gradients_and_code_are_those_of_the_formula(operators: str) -> None:
    d = matcalc.derive("s = rayleigh(A, W*z)", rules=operators)
    draw = np.random.default_rng(7)
    A, W, z = draw.normal(size=(4, 4)), draw.normal(size=(4, 3)), draw.normal(size=3)

    def s(A: np.ndarray, W: np.ndarray, z: np.ndarray) -> float:
        return float((W @ z) @ A @ (W @ z) / ((W @ z) @ (W @ z)))

    value, (gA, gW, gz) = d.function()(A, W, z)
    assert value == pytest.approx(s(A, W, z))
    for found, f, x in ((gA, lambda a: s(a, W, z), A), (gW, lambda w: s(A, w, z), W), (gz, lambda v: s(A, W, v), z)):
        np.testing.assert_allclose(found, slopes(f, x), rtol=1e-6, atol=1e-7)
    assert "rayleigh(" not in d.to_code("numpy").split('"""')[2]  # the source calls nothing that it does not have
    x, once = draw.normal(size=4), matcalc.derive("s = rayleigh(A, x)", "x", rules=operators).function()
    hessian = matcalc.derive("s = rayleigh(A, x)", "x", kind="hessian", rules=operators).function()(A, x)[1]
    for i, row in enumerate(hessian):
        np.testing.assert_allclose(row, slopes(lambda v, i=i: once(A, v)[1][i], x), rtol=1e-6, atol=1e-7)


def test_an_operator_without_a_rule_is_its_formula(operators: str) -> None:
    d = matcalc.derive("smooth(A*x - b, 0.1)", "x", rules=operators)
    assert "smooth" not in d.result.plain and d.checked.passed
    assert d.result.plain == matcalc.derive("sum(sqrt((A*x - b).^2 + 0.1^2))", "x").result.plain


def test_names_of_operators_are_words_in_latex_too(operators: str) -> None:
    d = matcalc.derive(r"\operatorname{tr}(\operatorname{comm}(A, X) B)", "X", rules=operators)
    assert d.result.plain == "A'*B' - B'*A'" and r"\mathrm{comm}" in d.to_latex()


def test_what_terms_cancel_is_decided_by_the_formula(operators: str) -> None:
    assert matcalc.derive("s = tr(comm(A, X) - A*X + X*A)", "X", rules=operators).result.plain == "zeros(n, n)"


def test_a_false_differential_of_an_operator_is_refused(tmp_path: Path) -> None:
    wrong = OPERATORS.replace("- B*d(A) + A*d(B)", "+ B*d(A) + A*d(B)")
    with pytest.raises(UsageError, match=r"'commutator' of .* failed its numeric test"):
        matcalc.derive("s = tr(comm(A, X)*B)", "X", rules=file(tmp_path, wrong))


def test_an_operator_is_known_only_beside_its_file(operators: str) -> None:
    matcalc.derive("s = tr(comm(A, X)*B)", "X", rules=operators)
    with pytest.raises(matcalc.MatcalcError):
        matcalc.derive("s = tr(comm(A, X)*B)", "X")


def test_where_the_formula_of_an_operator_has_a_kink_a_notice_says_so(tmp_path: Path) -> None:
    rows = """
R("lasso", "lasso(x, t) = t*norm1(x)", "x[n] t[]", "mine:7")
R("lasso-rule", "d(lasso(x, t)) = d(t)*norm1(x) + t*(sign(x)'*d(x))", "x[n] t[]", "mine:7")
"""
    d = matcalc.derive("lasso(x - b, t)", "x", {"t": ()}, rules=file(tmp_path, rows))
    assert d.result.plain == "t*sign(x - b)"
    assert d.warnings == matcalc.derive("t*norm1(x - b)", "x", {"t": ()}).warnings and "norm1" in d.warnings[0]
