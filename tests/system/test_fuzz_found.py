"""What the fuzzer found, by its kind: zeros judged with their rounding, sizes found without trying all, long products."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check import report
from matcalc.engine.vecform import vec_form
from matcalc.expr.dims import Dim, add, mul
from matcalc.expr.nodes import make, sym, type_of, zeros
from matcalc.expr.size_equations import solutions
from matcalc.numeric import kernels
from matcalc.numeric.precise import precise
from tests.work import calls

ZERO = {  # a line that says 0, whose terms cancel on both ways up to rounding
    "(([-(c*(arcsinh(y))); (c.^-1)*(einsum('ij,j->i', v*(y'), c*h))])')*(ones(n+k))": {
        "dims": {"c": (), "y": ("n",), "v": ("k",), "h": ("n",)}
    },
    "((v')*(V*v) - (tr(eye(n))))*(arcsinh(t*(a ./ a)))": {
        "dims": {"v": ("n",), "V": ("n", "n"), "t": (), "a": ("m",)},
        "wrt": "a",
    },
    "s = norm1(arctan(((einsum('ik,kj->ij', H, B))')*(diag(H)))) + sum(e); "
    "e = softmax((((einsum('ik,kj->ij', ones(n, k), eye(k)))*(expm(S)))')*(x/(t.^2 + 1) + erf(x)))": {
        "dims": {"S": ("k", "k"), "x": ("n",), "t": (), "H": ("n", "n"), "B": ("n", "k")},
        "wrt": "t",
    },
    "log(abs(det(min(inv(A)*A, normnuc(B)))))": {"dims": {"A": ("n", "n"), "B": ("n", "m")}, "style": "elementwise"},
    "sum((B*q)*((softmax(x))'))": {"dims": {"B": ("n", "n"), "q": ("n",), "x": ("p",)}, "style": "elementwise"},
}


@pytest.mark.slow
@pytest.mark.rounding
@pytest.mark.parametrize("text", ZERO)
def test_zeros_are_judged_with_the_rounding_of_their_terms(text: str) -> None:
    d = matcalc.derive(text, **ZERO[text])
    for seed in range(1, 3):
        assert d.check(seed).passed


@pytest.mark.parametrize("size", ["1", "1e-6", "1e6"])
def test_a_planted_zero_is_caught(size: str, monkeypatch: pytest.MonkeyPatch) -> None:
    d = matcalc.derive(f"sum(z .* z); z = {size}*c*(A*x)", dims={"A": ("n", "n"), "x": ("n",), "c": ()}, wrt="c")
    steps = d.trace.steps
    lines = [i for i, s in enumerate(steps) if s.kind == "local"]
    assert lines
    for i in lines:
        s = steps[i]
        wrong = s._replace(rhs=s.rhs._replace(expr=zeros(s.rhs.type)), via=None, members=())
        with pytest.raises(matcalc.CheckError):
            report.check_trace(d.problem, [*steps[:i], wrong, *steps[i + 1 :]], d.trace.results, d.trace.waypoints)


def chain(n: int) -> tuple[list[tuple[Dim, Dim]], list[str]]:
    """Block rows with parts of their own: a1 + b1 = a2 + b2 = …"""
    names = [f"{x}{i}" for i in range(n) for x in "ab"]
    return [(add(f"a{i}", f"b{i}"), add(f"a{i + 1}", f"b{i + 1}")) for i in range(n - 1)], names


def test_sizes_are_found_without_trying_all() -> None:
    def work(n: int) -> int:
        ties, names = chain(n)
        return calls(lambda: next(solutions(ties, sorted(names), 12)))

    assert work(16) < 25 * work(4)  # 12 times as many for each name, if all were tried
    names = list("abcdefgh")
    even: Dim = 0
    for name in names:
        even = add(even, mul(2, name))
    assert calls(lambda: list(solutions([(even, 31)], names, 12))) < 500  # no sum of even sizes is odd


def test_solutions_are_all_solutions() -> None:
    ties: list[tuple[Dim, Dim]] = [(add("m", mul("n", "p")), add(add("q", "p"), 2))]
    limits: list[tuple[Dim, Dim]] = [("m", "n")]
    span = range(2, 7)
    want = {(m, n, p, q) for m in span for n in span for p in span for q in span if m + n * p == q + p + 2 and m <= n}
    got = [tuple(s[x] for x in "mnpq") for s in solutions(ties, list("mnpq"), 6, limits)]
    assert set(got) == want and len(got) == len(want)


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", [f"tr({'*'.join('A' * 30)})", f"sum({'*'.join('A' * 24)})"])
def test_long_products_by_entries_have_letters(text: str) -> None:
    d = matcalc.derive(text, dims={"A": ("n", "n")}, style="elementwise")
    assert d.checked.passed and all(write(d) for write in WRITERS)


WRITERS: list[Callable[[Any], str]] = [lambda d: d.to_text(), lambda d: d.to_latex(), lambda d: d.to_json()]


def test_longer_ones_are_refused_with_a_hint() -> None:
    with pytest.raises(matcalc.LimitError, match="indices, and 52 is the limit") as error:
        matcalc.derive(f"tr({'*'.join('A' * 80)})", dims={"A": ("n", "n")}, style="elementwise")
    assert "style='backprop'" in str(error.value)
    assert matcalc.derive(f"tr({'*'.join('A' * 80)})", dims={"A": ("n", "n")}, style="backprop").results


def test_products_of_many_factors_with_eighty_digits() -> None:
    rng = np.random.default_rng(0)
    arrays = [rng.standard_normal(s) for s in ((3, 4), (4,), (2,), (2, 5), (5,))]
    letters = ["ij", "j", "k", "kl", "l"]
    for out in ("", "i"):
        want = np.einsum(",".join(letters) + "->" + out, *arrays)
        got = kernels._contracted(letters, [precise(a) for a in arrays], out)
        assert np.allclose(np.asarray(got, float), want)


def test_sums_of_thousands_of_terms_have_a_vec_form() -> None:
    a, b = (sym(x, type_of(("n", "n"))) for x in "ab")
    term = make("einsum", (a, b), "ik,jl->ijkl", type_of(("n", "n", "n", "n")))
    total = term
    for _ in range(5000):
        total = make("add", (total, term))
    assert vec_form(total, 2, 2).type == type_of((mul("n", "n"), mul("n", "n")))


def test_an_inverse_of_a_diagonal_with_a_vector_that_is_a_product() -> None:
    d = matcalc.derive("det(inv(diag(B*b)))", dims={"B": ("n", "k"), "b": ("k",)}, kind="differential")
    assert d.checked.passed


def test_only_lines_in_doubt_are_judged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    judged: list[tuple[bool, int]] = []
    plain = report._Judging.at

    def counted(self: Any, spot: Any, settled: Any = frozenset()) -> report.Look:
        judged.append((self.digits is not None, len(self.trace.steps) - len(settled)))
        return plain(self, spot, settled)

    monkeypatch.setattr(report._Judging, "at", counted)
    monkeypatch.setattr(report, "_judged_together", lambda *_: None)
    d = matcalc.derive("sum((B*q)*((softmax(x))'))", dims={"B": ("n", "n"), "q": ("n",), "x": ("p",)}, style="elementwise")
    assert d.checked.passed
    first, again = ([lines for digits, lines in judged if digits is which] for which in (False, True))
    assert again and 0 < max(again) < min(first) / 2
