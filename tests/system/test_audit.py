"""What is printed is what was checked: printed equations are read back and evaluated, and a planted false line is seen."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.printers import html, jsonout, setting, story, words
from tests import audit

SCORE = {"id": "score", "plain": "s = u'*tanh(W*x + b)", "dims": {"u": ("n",), "W": ("n", "m"), "x": ("m",), "b": ("n",)},
         "wrt": "all", "kind": "gradient", "style": "backprop", "layout": "shape"}  # fmt: skip
HESSIAN = {"id": "hessian", "plain": "s = norm2(X*w - y)^2", "dims": {"X": ("n", "m"), "w": ("m",), "y": ("n",)}, "wrt": "X",
           "kind": "hessian", "style": "backprop", "layout": "shape"}  # fmt: skip
ASKED: list[dict[str, Any]] = [
    SCORE, {**SCORE, "style": "differential"}, {**SCORE, "style": "elementwise"}, {**SCORE, "layout": "numerator"}, HESSIAN,
    {**HESSIAN, "plain": "Y = A*X*B", "dims": {"A": ("n", "m"), "X": ("m", "k"), "B": ("k", "p")}, "kind": "jacobian"},
    {**HESSIAN, "plain": "Y = x*y'", "dims": {"x": ("n",), "y": ("m",)}, "wrt": "y", "kind": "jacobian", "layout": "denominator"},
    {**HESSIAN, "plain": "s = x'*A*x", "dims": {"x": ("n",), "A": ("n", "n")}, "wrt": "x"},
    {**SCORE, "plain": "s = logdet(X) + y'*inv(X)*y", "dims": {"X": ("n", "n"), "y": ("n",)}, "wrt": "X", "domain": {"X": "spd"},
     "structure": {"X": "symmetric"}},
    {**HESSIAN, "plain": "s = sum((A*x).^3)", "dims": {"A": ("n", "m"), "x": ("m",), "v": ("m",)}, "wrt": "x", "kind": "hvp",
     "direction": "v"},
]  # fmt: skip


def faults(q: dict[str, Any]) -> list[str]:
    found = audit.audited(q)
    assert len(found) > 12
    return [f"{f.verdict} {f.line.where}: {f.line.members} {f.why}" for f in found if f.verdict in ("false", "unread")]


@pytest.mark.slow
@pytest.mark.parametrize("q", ASKED, ids=[f"{q['plain']} {q['style']} {q['kind']} {q['layout']}" for q in ASKED])
def test_every_printed_equation_is_true(q: dict[str, Any]) -> None:
    assert faults(q) == []


@pytest.mark.slow
@pytest.mark.skipif(not audit.CORPUS.exists(), reason=f"no corpus at {audit.CORPUS} (MATCALC_CORPUS says where)")
def test_the_corpus() -> None:
    """No false line, and none that is not read but for the listed kinds, in one question of twenty-four: .ci/run asks all."""
    assert audit.main(["--slice", "0/24"]) == 0


# ---------------------------------------------------------------- planted


def around(patch: pytest.MonkeyPatch, owner: Any, name: str, change: Any) -> None:
    original = getattr(owner, name)
    patch.setattr(owner, name, lambda *a: change(original(*a)))


def other_sign(patch: pytest.MonkeyPatch) -> None:
    around(patch, story, "write", lambda t: t.replace("(u ∘ ", "(-u ∘ "))


def transposed(patch: pytest.MonkeyPatch) -> None:
    around(patch, setting, "write", lambda t: t.replace(r"\delta W", r"(\delta W)^{\top}"))


def not_as_in_latex(patch: pytest.MonkeyPatch) -> None:
    around(patch, html, "mathml", lambda t: t.replace("<mo>⊙</mo>", "<mo>⊗</mo>"))


def another_side(patch: pytest.MonkeyPatch) -> None:
    around(patch, jsonout, "side", lambda s: {**s, "latex": s["latex"].replace(r"\left(u", r"2 \left(u")})


def one_line_more(patch: pytest.MonkeyPatch) -> None:
    original = story._Teller.results

    def more(self: Any) -> Any:
        lines = list(original(self))
        first, second = lines[:2]
        return iter([*lines, first._replace(chain=(first.chain[0], second.chain[-1]))])

    patch.setattr(story._Teller, "results", more)


def miscounted(patch: pytest.MonkeyPatch) -> None:
    around(patch, words, "verdict", lambda t: "9" + t)


@pytest.mark.slow
@pytest.mark.parametrize(
    "fault", [other_sign, transposed, not_as_in_latex, another_side, one_line_more, miscounted], ids=lambda f: f.__name__
)
def test_a_false_line_in_a_printer_is_seen(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fault(monkeypatch)
    assert faults({**SCORE, "layout": "numerator"}) or faults(SCORE)


@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
@pytest.mark.parametrize("plain", ["norm2(X*w-y)^2", "x'*X*x", "u'*tanh(X*w+b)", "log(sum(exp(X*w)))", "(a'*X*b)^2", "w'*X*X'*w"])
def test_a_hessian_by_a_matrix_shows_no_first_derivative(plain: str, style: str) -> None:
    shown = matcalc.derive(plain, wrt="X", kind="hessian", style=style).to_text()
    assert all("∂²" in line for line in shown.splitlines() if line.startswith("┃") and " = " in line), shown


def test_tied_and_free_derivatives_have_two_signs() -> None:
    d = matcalc.derive("tr(A*X)", wrt="X", dims={"X": ("n", "n")}, structure={"X": "symmetric"})
    assert len({s.lhs.text for s in d.steps if s.lhs.text.startswith("∂s/∂X")}) == 2
