"""Sums over indices: vectorised when they are read, and right.

Each case has its own numpy loop here; the value is compared with it, the derivative with differences of
it, and the line of the derivation that states the vectorisation must be there, checked and readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

import matcalc
from matcalc.check import loops
from matcalc.engine.derivation import Step
from matcalc.engine.vectorised import RULE
from matcalc.expr.errors import AmbiguityError, CheckError, MatcalcError, NoRuleError, ParseError, ShapeError
from matcalc.notation.sums import families, family_algebra, neighbours
from matcalc.notation.sums.family import Family
from tests.system.render import tools

Loop = Callable[[Any], Any]

SIZES = {"n": 4, "d": 3, "m": 5, "p": 2}
SHAPES: dict[str, tuple[str, ...]] = {
    "X": ("n", "d"), "Z": ("n", "d"), "U": ("m", "d"), "P": ("d", "n"), "W": ("d", "p"), "Y": ("n", "p"),
    "M": ("n", "m"), "Q": ("n", "n"), "A": ("d", "d"), "T": ("n", "m", "p"), "Omega": ("n", "m"), "a": ("n", "p"),
    "w": ("d",), "v": ("d",), "y": ("n",), "b": ("n",), "r": ("m",), "c": (), "s": ("p",), "pi_k": ("p",), "D": ("p", "d"),
}  # fmt: skip
INDEX = {
    "x_i": "X[i,:]", "z_i": "Z[i,:]", "u_j": "U[j,:]", "p_i": "P[:,i]", "Y_{ik}": "Y[i,k]", "y_i": "y[i]", "b_i": "b[i]",
    "r_j": "r[j]", "M_{ij}": "M[i,j]", "T_{ijk}": "T[i,j,k]", "a_{ik}": "a[i,k]", "d_k": "D[k,:]",
}  # fmt: skip
N, M, P = (range(SIZES[s]) for s in "nmp")


def sigmoid(t: Any) -> Any:
    return 1 / (1 + np.exp(-t))


def softmax(t: Any) -> Any:
    return np.exp(t) / np.exp(t).sum()


class Case(NamedTuple):
    """``note``: a part of the sentence that explains the line."""

    text: str
    wrt: str
    loop: Loop
    note: str = ""


CASES: dict[str, Case] = {
    "least-squares": Case(
        r"\sum_{i=1}^n (y_i - w^\top x_i)^2", "w",
        lambda a: sum((a.y[i] - a.w @ a.X[i]) ** 2 for i in N),
        "the rows of X are x_iᵀ, so X w holds all wᵀ x_i at once",
    ),
    "mean-square": Case(
        r"\frac{1}{2n}\sum_{i=1}^n \left(y_i - \langle w, x_i\rangle\right)^2 + \frac{c}{2}\|w\|^2", "w",
        lambda a: sum((a.y[i] - a.w @ a.X[i]) ** 2 for i in N) / 8 + a.c / 2 * a.w @ a.w,
        "so X w holds all ⟨w, x_i⟩ at once",
    ),
    "weights": Case(
        r"\sum_i b_i (y_i - x_i^\top w)^2", "X",
        lambda a: sum(a.b[i] * (a.y[i] - a.X[i] @ a.w) ** 2 for i in N),
    ),
    "logistic": Case(
        r"-\sum_{i=1}^n \left[y_i \log \sigma(w^\top x_i) + (1 - y_i)\log(1 - \sigma(w^\top x_i))\right]", "w",
        lambda a: -sum(
            a.y[i] * np.log(sigmoid(a.w @ a.X[i])) + (1 - a.y[i]) * np.log(1 - sigmoid(a.w @ a.X[i])) for i in N
        ),
    ),
    "margin-logistic": Case(
        r"\sum_{i=1}^n \log\left(1 + e^{-y_i w^\top x_i}\right)", "w",
        lambda a: sum(np.log(1 + np.exp(-a.y[i] * (a.w @ a.X[i]))) for i in N),
    ),
    "hinge": Case(
        r"\sum_i \max(0, 1 - y_i (w \cdot x_i))", "w",
        lambda a: sum(max(0, 1 - a.y[i] * (a.w @ a.X[i])) for i in N),
        "so X w holds all w · x_i at once",
    ),
    "poisson": Case(
        r"\sum_{i=1}^n \left(e^{x_i^\top w} - y_i x_i^\top w\right)", "w",
        lambda a: sum(np.exp(a.X[i] @ a.w) - a.y[i] * (a.X[i] @ a.w) for i in N),
    ),
    "huber": Case(
        r"c^2 \sum_i \left(\sqrt{1 + ((x_i^\top w - y_i)/c)^2} - 1\right)", "w",
        lambda a: a.c**2 * sum(np.sqrt(1 + ((a.X[i] @ a.w - a.y[i]) / a.c) ** 2) - 1 for i in N),
    ),
    "softmax-regression": Case(
        r"-\frac1n\sum_{i=1}^{n}\sum_{k=1}^{p} Y_{ik}\log\operatorname{softmax}(x_i^\top W)_k", "W",
        lambda a: -sum(a.Y[i, k] * np.log(softmax(a.X[i] @ a.W)[k]) for i in N for k in P) / 4,
        "so X W has the rows x_iᵀ W",
    ),
    "log-sum-exp": Case(
        r"\sum_i \log \sum_k e^{(W^\top x_i)_k}", "X",
        lambda a: sum(np.log(sum(np.exp((a.W.T @ a.X[i])[k]) for k in P)) for i in N),
        "so X W has the rows (Wᵀ x_i)ᵀ",
    ),
    "mixture": Case(
        r"\log\sum_{k=1}^{p}\pi_k\exp\left(-\tfrac12(v-d_k)^\top A(v-d_k)\right)", "D",
        lambda a: np.log(sum(a.pi_k[k] * np.exp(-0.5 * (a.v - a.D[k]) @ a.A @ (a.v - a.D[k])) for k in P)),
        "the rows of D are d_kᵀ",
    ),
    "pairs": Case(
        r"\sum_{i,j} M_{ij}\left(x_i^\top u_j + b_i + r_j - \log M_{ij}\right)^2", "X",
        lambda a: sum(
            a.M[i, j] * (a.X[i] @ a.U[j] + a.b[i] + a.r[j] - np.log(a.M[i, j])) ** 2 for i in N for j in M
        ),
        "the rows of X are x_iᵀ and the rows of U are u_jᵀ, so X Uᵀ holds all x_iᵀ u_j at once",
    ),
    "mask": Case(
        r"\frac12\sum_{(i,j)\in\Omega} (M_{ij} - x_i^\top u_j)^2", "U",
        lambda a: sum(a.Omega[i, j] * (a.M[i, j] - a.X[i] @ a.U[j]) ** 2 for i in N for j in M) / 2,
        "the zeros of Ω leave out the other terms",
    ),
    "weighted-pairs": Case(
        r"\sum_i\sum_j Q_{ij} x_i^\top x_j", "X",
        lambda a: sum(a.Q[i, j] * a.X[i] @ a.X[j] for i in N for j in N),
    ),
    "bilinear": Case(
        r"\sum_{i,j} y_i Q_{ij} b_j", "y",
        lambda a: sum(a.y[i] * a.Q[i, j] * a.b[j] for i in N for j in N),
        "the terms are made of entries of y, Q and b",
    ),
    "row-sums": Case(
        r"\sum_i \left(\sum_j Q_{ij}\right)^2", "Q",
        lambda a: sum(sum(a.Q[i, j] for j in N) ** 2 for i in N),
    ),
    "outer-products": Case(
        r"\log\det\left(\sum_{i=1}^n b_i x_i x_i^\top\right)", "b",
        lambda a: np.log(np.linalg.det(sum(a.b[i] * np.outer(a.X[i], a.X[i]) for i in N))),
        "so Xᵀ times X with weighted rows adds up all b_i x_i x_iᵀ",
    ),
    "scatter": Case(
        r"\left\|\sum_i (x_i - v)(x_i - v)^\top\right\|_F^2", "v",
        lambda a: (np.sum([np.outer(a.X[i] - a.v, a.X[i] - a.v) for i in N], axis=0) ** 2).sum(),
    ),
    "weighted-vectors": Case(
        r"\left\|\sum_i y_i x_i\right\|^2", "X",
        lambda a: (sum(a.y[i] * a.X[i] for i in N) ** 2).sum(),
    ),
    "columns": Case(
        r"\sum_{i=1}^n \log(1 + e^{-p_i^\top v})", "P",
        lambda a: sum(np.log(1 + np.exp(-a.P[:, i] @ a.v)) for i in N),
        "the columns of P are p_i, so Pᵀ v holds all p_iᵀ v at once",
    ),
    "quadratic-forms": Case(
        r"\sum_i x_i^\top A z_i", "A",
        lambda a: sum(a.X[i] @ a.A @ a.Z[i] for i in N),
    ),
    "norms": Case(
        r"\sum_i \|x_i - v\|_2 + \sum_i \|z_i\|_1", "v",
        lambda a: sum(np.linalg.norm(a.X[i] - a.v) + np.abs(a.Z[i]).sum() for i in N),
    ),
    "product": Case(
        r"\prod_{i=1}^n (1 + y_i^2)", "y",
        lambda a: np.prod([1 + a.y[i] ** 2 for i in N]),
    ),
    "largest": Case(
        r"\max_i\,(x_i^\top w + b_i)", "w",
        lambda a: max(a.X[i] @ a.w + a.b[i] for i in N),
    ),
    "smallest": Case(r"\min_{i,j} M_{ij}", "M", lambda a: min(a.M[i, j] for i in N for j in M)),
    "entropy": Case(
        r"-\sum_k q_k \log q_k; q = \operatorname{softmax}(s)", "s",
        lambda a: -sum(softmax(a.s)[k] * np.log(softmax(a.s)[k]) for k in P),
        "the terms are made of entries of q",
    ),
    "diagonal": Case(r"2\sum_{i=1}^n \log Q_{ii}", "Q", lambda a: 2 * sum(np.log(a.Q[i, i]) for i in N)),
    "constants": Case(
        r"\sum_{i=1}^n c^2 + \sum_{i=1}^n\sum_{j=1}^m y_i", "c",
        lambda a: sum(a.c**2 for i in N) + sum(a.y[i] for i in N for j in M),
        "all n terms are equal",
    ),
    "entries": Case(
        r"\sum_i \sqrt{(X w - y)_i^2 + c^2}", "w",
        lambda a: sum(np.sqrt((a.X @ a.w - a.y)[i] ** 2 + a.c**2) for i in N),
        "entries of X w - y",
    ),
    "tensor": Case(
        r"\sum_{i,j,k}\left(T_{ijk} - a_{ik} r_j\right)^2", "a",
        lambda a: sum((a.T[i, j, k] - a.a[i, k] * a.r[j]) ** 2 for i in N for j in M for k in P),
    ),
    "normalised": Case(
        r"\sum_i \frac{x_i^\top w}{\|x_i\|}", "X",
        lambda a: sum(a.X[i] @ a.w / np.linalg.norm(a.X[i]) for i in N),
    ),
    "entrywise": Case(
        r"\sum_i w^\top (1 \oslash x_i) + v^\top \sum_i \max(0, z_i - v)", "v",
        lambda a: sum(a.w @ (1 / a.X[i]) + a.v @ np.maximum(0, a.Z[i] - a.v) for i in N),
    ),
    "own-function": Case(
        r"\sum_i \ell(y_i x_i^\top w); \ell(t) = \log(1 + e^{-t})", "w",
        lambda a: sum(np.log(1 + np.exp(-a.y[i] * (a.X[i] @ a.w))) for i in N),
    ),
    "own-function-with-parameters": Case(
        r"\sum_i q(x_i - v) + \sum_i h(y_i); q(t) = t^\top A t; h(s) = c s^2 + s", "v",
        lambda a: sum((a.X[i] - a.v) @ a.A @ (a.X[i] - a.v) + a.c * a.y[i] ** 2 + a.y[i] for i in N),
    ),
    "definitions": Case(
        r"\sum_i f_i^2 (1 + f_i); f = X w - y", "w",
        lambda a: sum((a.X @ a.w - a.y)[i] ** 2 * (1 + (a.X @ a.w - a.y)[i]) for i in N),
    ),
    "zero-based": Case(r"\sum_{i=0}^{n} y_i^3", "y", lambda a: sum(a.y[i] ** 3 for i in N)),
    "user-function": Case(r"\sum_i \phi(x_i^\top w)", "w", lambda a: sum(np.tanh(a.X[i] @ a.w) for i in N)),
}  # fmt: skip

each_case = pytest.mark.parametrize("name", CASES)


def arrays(seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    out = {name: rng.uniform(0.4, 1.6, [SIZES[s] for s in shape]) for name, shape in SHAPES.items()}
    return out | {"Omega": (out["M"] > 1).astype(float), "A": np.eye(3) + 0.1 * out["A"]}


def derived(name: str, **more: Any) -> Any:
    case = CASES[name]
    functions = {"phi": "tanh"} if "phi" in case.text else {}
    return matcalc.derive(case.text, case.wrt, SHAPES, index=INDEX, functions=functions, notation="latex", **more)


def lines(d: Any) -> list[Any]:
    return [s for s in d.steps if s.rule == RULE]


def differences(loop: Loop, at: dict[str, Any], wrt: str) -> Any:
    """The gradient of a loop by fourth-order central differences."""
    x, h = at[wrt], 1e-3
    out = np.zeros(np.shape(x))

    def value(place: tuple[int, ...], t: float) -> float:
        moved = np.array(x)
        moved[place] += t
        return float(loop(SimpleNamespace(**{**at, wrt: moved})))

    for place in np.ndindex(*np.shape(x)):
        near, far = (value(place, t) - value(place, -t) for t in (h, 2 * h))
        out[place] = (8 * near - far) / (12 * h)
    return out


def said(step: Step) -> str:
    """The note of a line, with its formulas."""
    return step.note.format(*[f.text for f in step.about])


@pytest.mark.sample(5)
@each_case
def test_value_and_gradient_are_those_of_the_loop(name: str) -> None:
    case, d = CASES[name], derived(name)
    for seed in (1, 2):
        at = arrays(seed)
        want = float(case.loop(SimpleNamespace(**at)))
        functions: dict[str, Any] = {"phi": (np.tanh, lambda t: 1 / np.cosh(t) ** 2)}
        assert d.value.evaluate(at, functions=functions) == pytest.approx(want, rel=1e-10)
        got = d.result.evaluate(at, functions=functions)
        np.testing.assert_allclose(got, differences(case.loop, at, case.wrt), rtol=1e-7, atol=1e-8)


@each_case
def test_the_derivation_says_how_and_checks_it(name: str) -> None:
    d = derived(name)
    found = lines(d)
    assert found and len(found) == len(d.problem.lifts)
    for step in found:
        assert step.lhs.text[:3] in {"max", "min"} or step.lhs.text[0] in "ΣΠ"
        assert step.note and step.lhs.text != step.rhs.text
        assert step.check.method == "term by term" and step.check.max_relative_error < 1e-10
    assert CASES[name].note in "; ".join(map(said, found))
    text = " ".join(d.to_text(width=400).split())
    assert all(f"{s.lhs.text} = {s.rhs.text}" in text and said(s) in text for s in found)


@each_case
def test_what_was_written_reads_back(name: str) -> None:
    _, *definitions = CASES[name].text.split("; ")
    d = derived(name)
    for lift, step in zip(d.problem.lifts, lines(d), strict=True):
        heads = [re.escape(re.split("[( ]", one)[0]) for one in definitions]
        found = [bool(re.search(rf"(?<![A-Za-z\\]){head}(?![A-Za-z])", step.lhs.latex)) for head in heads]
        used = [one for one, there in zip(definitions, found, strict=True) if there]
        text = "; ".join([step.lhs.latex, *used])
        again = matcalc.parse(text, SHAPES, index=INDEX, notation="latex", functions={"phi": "tanh"})
        assert again.node is lift.expr


@pytest.mark.parametrize("kind", ["hessian", "differential", "gradient"])
@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
def test_the_line_stands_first_in_every_kind_and_style(kind: str, style: str) -> None:
    d = derived("logistic", kind=kind, style=style)
    assert d.steps[0].rule == RULE and d.steps[0].check is not None


def test_vectors_and_matrices_as_outputs() -> None:
    at = arrays()
    for text, want in (
        (r"\sum_i y_i x_i", at["X"].T @ at["y"]),
        (r"\sum_i y_i x_i^\top", at["X"].T @ at["y"]),
        (r"\sum_i x_i z_i^\top", at["X"].T @ at["Z"]),
        (r"\sum_i b_i (x_i v^\top)", np.outer(at["X"].T @ at["b"], at["v"])),
    ):
        d = matcalc.derive(text, "X", SHAPES, "jacobian", index=INDEX, notation="latex")
        np.testing.assert_allclose(d.value.evaluate(at), want)
        assert len(lines(d)) == 1


def test_a_recorded_derivation_is_replayed() -> None:
    d = derived("least-squares")
    assert d.replay()


def test_only_sums_of_the_expression_have_a_line() -> None:
    d = matcalc.derive("s = q + c; q = x'*x", "x", {"x": ("n",), "c": ()})
    assert lines(d) == []


def test_two_readings_of_one_expression_are_two_lines() -> None:
    d = matcalc.derive(r"\sum_i y_i^2 + \sum_j y_j^2", "y", {"y": ("n",)}, notation="latex")
    assert [s.lhs.text for s in lines(d)] == ["Σ_i y_i²", "Σ_j y_j²"]


# -- refusals -------------------------------------------------------------------------------

REFUSED: list[tuple[str, type[MatcalcError], str]] = [
    (r"\sum_{i=1}^m y_i", ShapeError, "runs to m, and y has n entries along i"),
    (r"\sum_{i,j=1}^n M_{ij}", ShapeError, "has m entries along j"),
    (r"\sum_{i=1}^3 y_i", ShapeError, "runs to 3"),
    (r"\sum_i M_{ij}", ParseError, "the index j is not bound"),
    (r"\sum_{i=1}^n i y_i", NoRuleError, "the index i is used as a number"),
    (r"\sum_{i=1}^n y_i^i", NoRuleError, "the index i is used as a number"),
    (r"\sum_{i=2}^n y_i", NoRuleError, "a part of an axis"),
    (r"\sum_{i=k}^n y_i", NoRuleError, "a part of an axis"),
    (r"\sum_{i=1}^{n-1} y_i", NoRuleError, "a part of an axis"),
    (r"\sum_{i=0}^n c", NoRuleError, "a part of an axis"),
    (r"\sum_{i=1}^n \sum_{j=1}^{2i} Q_{ij}", NoRuleError, "up to another index"),
    (r"\max_{i \ne j} Q_{ij}", NoRuleError, "no matrix form"),
    (r"\sum_i c", ParseError, "how many terms"),
    (r"\max_{(i,j) \in \Omega} M_{ij}", NoRuleError, "no matrix form"),
    (r"\sum_i A \otimes x_i", NoRuleError, "no matrix form"),
    (r"\sum_i x_i^\top \otimes z_i", NoRuleError, "no matrix form"),
    (r"\sum_i \|x_i z_i^\top\|_F^2", NoRuleError, "no matrix form"),
    (r"\sum_i \exp(x_i z_i^\top)", NoRuleError, "no matrix form"),
    (r"\sum_i (x_i x_i^\top + z_i z_i^\top)", NoRuleError, "no matrix form"),
    (r"\sum_i \max(0, y_i, b_i)", NoRuleError, "no matrix form"),
    (r"\sum_i q(x_i); q(t) = \sum_i t_i^2", NoRuleError, "no matrix form"),
    (r"\sum_{i,j} T_{iij}", ShapeError, "the index i has the sizes n in 'T_{iij}', m in 'T_{iij}'"),
]  # fmt: skip


@pytest.mark.parametrize("text, kind, words", REFUSED, ids=[text for text, _, _ in REFUSED])
def test_refusals(text: str, kind: type[MatcalcError], words: str) -> None:
    with pytest.raises(kind) as caught:
        matcalc.parse(text, SHAPES, index=INDEX, notation="latex")
    assert words in str(caught.value)


def test_without_declared_sizes_a_bound_names_the_axis() -> None:
    assert matcalc.parse(r"\sum_{i=1}^N y_i^2").shape == ()
    with pytest.raises(NoRuleError, match="up to another index"):
        matcalc.parse(r"\sum_{i=1}^N \sum_{j=1}^{2i} y_i z_j")


@pytest.mark.parametrize("text", [r"\sum_{i=0}^{n-1} y_i^2 b_i", r"\sum_{0 \le i \le n-1} y_i^2 b_i"])
def test_a_sum_from_zero_counts_all_entries_and_says_so(text: str) -> None:
    d = matcalc.derive(text, "y", SHAPES, notation="latex")
    assert "the index i runs from 0 to n-1: all n entries" in d.warnings
    y, b = np.arange(1.0, 5), np.arange(3.0, 7)
    assert np.allclose(d.value.evaluate({"y": y, "b": b}), sum(y[i] ** 2 * b[i] for i in range(4)))


@pytest.mark.parametrize(
    "text", [r"\sum_{i=0}^{n-1} y_i^2 + y_1", r"y_2 f; f = \sum_{j=0}^{n-1} b_j", r"\sum_{i,j=0}^{n-1} Q_{ij} - Q_{1,2}"]
)
def test_an_entry_beside_a_sum_from_zero_has_two_readings(text: str) -> None:
    with pytest.raises(
        AmbiguityError, match=r"beside a sum from [ij] = 0 has two readings: counted from 0 as in the sum, or from 1"
    ):
        matcalc.parse(text, SHAPES, notation="latex")
    matcalc.parse(text.replace("=0}^{n-1}", "=1}^n"), SHAPES, notation="latex")


@pytest.mark.parametrize(
    "text", ["sum(b[i]*y[i] for i in range(n))", "np.sum([y[i]**2 for i in range(n)])", "for i in range(n): s = y"]
)
def test_a_loop_of_pythons_is_told_what_to_write(text: str) -> None:
    with pytest.raises(ParseError, match="'for' is a word of Python") as caught:
        matcalc.parse(text, SHAPES)
    assert "(c*x).sum()" in str(caught.value.hint)


def test_a_sum_from_zero_is_read_with_a_warning() -> None:
    assert any("the sum from 0 to n" in w for w in derived("zero-based").warnings)


# -- the check sees wrong vectorisations ------------------------------------------------------


def swapped_products(scope: Any, a: Any, b: Any, node: Any) -> Any:
    """x_iᵀ A as A x_i: a transpose is missing."""
    return a._replace(core=scope.apply("matmul", (a.core, scope.apply("T", (b.core,), node)), node))


def untransposed(scope: Any, a: Any, b: Any, node: Any) -> Any:
    """A x_i as A' x_i."""
    return b._replace(core=scope.apply("matmul", (b.core, a.core), node))


def unweighted(scope: Any, a: Any, b: Any, node: Any) -> Any:
    """s_i x_i as x_i."""
    return (a if b.inner == "s" else b)._replace(labels=a.labels or b.labels)


def column_sums(scope: Any, f: Any, index: str, node: Any) -> Any:
    rest = tuple(x for x in f.labels if x != index)
    if not rest:
        return Family(scope.apply("sum", (f.core,), node), (), "s")
    return Family(scope.apply("colsum" if index == f.labels[1] else "rowsum", (f.core,), node), rest, "s")


def added(scope: Any, a: Any, b: Any, node: Any) -> Any:
    return a._replace(core=scope.apply("add", (a.core, b.core), node))


def one_term_less(scope: Any, f: Any, binder: Any, node: Any) -> Any:
    return f


FAULTS: dict[str, tuple[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "transpose lost, row times matrix": (
        r"\sum_i x_i^\top A z_i", lambda p: p.setitem(family_algebra._PRODUCTS, ("r", "m"), swapped_products),
    ),
    "transpose lost, matrix times column": (
        r"\sum_i z_i^\top (A x_i)", lambda p: p.setitem(family_algebra._PRODUCTS, ("m", "c"), untransposed),
    ),
    "weights lost": (r"\sum_i y_i x_i^\top v", lambda p: p.setitem(family_algebra._PRODUCTS, ("s", "s"), unweighted)),
    "weights of vectors lost": (
        r"v^\top\sum_i y_i x_i", lambda p: p.setitem(family_algebra._PRODUCTS, ("s", "c"), unweighted),
    ),
    "sum for product": (r"\sum_i y_i b_i", lambda p: p.setitem(family_algebra._PRODUCTS, ("s", "s"), added)),
    "column sums for row sums": (
        r"\sum_i y_i \left(\sum_j Q_{ij}\right)^2", lambda p: p.setattr(family_algebra, "_sum_scalars", column_sums),
    ),
    "equal terms counted once": (
        r"\sum_{i=1}^n y_i + \sum_{i=1}^n c", lambda p: p.setattr(family_algebra, "_repeat", one_term_less),
    ),
    "largest for smallest": (r"\max_i y_i", lambda p: p.setitem(family_algebra.REDUCERS, "max", family_algebra.REDUCERS["min"])),
    "bounds ignored": (r"\sum_{i=1}^m y_i", lambda p: p.setattr(families, "check_bounds", lambda *a: None)),
    "first entry for index": (
        r"\sum_i Q_{ii}^2", lambda p: p.setattr(neighbours, "diagonal_if_repeated",
                                             lambda s, core, places, node: Family(core, places, "s")),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text, plant = FAULTS[name]
    if name != "bounds ignored":
        matcalc.derive(text, "y" if "y" in text else "X", SHAPES, index=INDEX, notation="latex")
    plant(monkeypatch)
    with pytest.raises(CheckError):
        matcalc.derive(text, "y" if "y" in text else "X", SHAPES, index=INDEX, notation="latex")


def test_a_sum_that_is_too_long_for_a_loop_has_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LIMIT", 3)
    d = derived("row-sums")
    assert [s.check for s in lines(d)] == [None]
    assert all(s.check for s in d.steps if s.rule != RULE)


# -- as it is set -------------------------------------------------------------------------------


def test_latex_compiles() -> None:
    tools.require("node", "katex")
    formulas = []
    for name in CASES:
        d = derived(name)
        formulas += tools.displays(d.to_latex()) + tools.displays(d.to_markdown())
        formulas += [side.latex for s in lines(d) for side in (s.lhs, s.rhs, *s.about)]
    assert tools.katex(formulas) == []


def test_the_sentence_is_set_with_its_formulas() -> None:
    latex = derived("least-squares").to_latex()
    assert r"\sum_{i=1}^{n} (y_{i} - w^{\top} x_{i})^{2} &= " in latex
    assert r"\text{The rows of }X\text{ are }x_{i}^{\top}\text{, so }X w" in latex
    assert r"\text{holds all }w^{\top} x_{i}\text{ at once.}" in latex


@pytest.mark.parametrize("name", ["x_%", "x_$y", r"\bad", "y^&"])
def test_no_character_of_the_input_reaches_latex_as_it_stands(name: str) -> None:
    from matcalc.notation.lex.syntax import Ast, Binder
    from matcalc.notation.write.sums_as_written import written

    node = Ast("bigop", 0, 0, (Ast("norm", 0, 0, (Ast("name", 0, 0, (), "v"),), name),), ("sum", Binder(("i",), member=name)))
    latex = written(node)[1]
    assert not any(c in latex.replace(r"\%", "").replace(r"\$", "").replace(r"\&", "") for c in "%$&") and r"\bad" not in latex


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("logdet(X'*X + eye(n))", {}),
        ("ones(n)'*X*w", {}),
        (r"\sum_{i=1}^n (y_i - w^\top x_i)^2", {"x_i": "X[i,:]"}),
        ("norm2(np.linalg.inv(X.T @ X + np.eye(n)) @ X.T @ y)", {}),
    ],
)
def test_a_size_that_the_text_names_is_not_given_to_another(text: str, index: dict[str, str]) -> None:
    rows, cols = matcalc.derive(text, index=index, check=False).dims["X"]
    assert rows != cols and "n" in (rows, cols)


def test_letters_with_numbers_are_names_in_latex_too() -> None:
    d = matcalc.derive(r"s = \left\| W2 \tanh(W1 x + b1) - y \right\|^2", wrt=["W1", "W2"])
    rng = np.random.default_rng(3)
    at = {n: rng.standard_normal([{"n": 2, "m": 3, "k": 4}[k] for k in d.dims[n]]) for n in ("W1", "W2", "x", "b1", "y")}
    h = np.tanh(at["W1"] @ at["x"] + at["b1"])
    back = at["W2"].T @ (2 * (at["W2"] @ h - at["y"])) * (1 - h * h)
    assert np.allclose(d["W1"].evaluate(at), np.outer(back, at["x"]))
    assert np.allclose(d["W2"].evaluate(at), np.outer(2 * (at["W2"] @ h - at["y"]), h))


@pytest.mark.parametrize("text, index, numpy", [
    (r"\frac{1}{n}\sum_{i=1}^n (y_i - x_i)^2", {}, lambda v: ((v["y"] - v["x"]) ** 2).mean()),
    (r"\frac{1}{2n}\sum_{i=1}^n x_i^2", {}, lambda v: (v["x"] ** 2).mean() / 2),
    (r"\frac1m\sum_{i=1}^m\log(1+e^{z^{(i)}})", {"z^{(i)}": "z[i]"}, lambda v: np.log(1 + np.exp(v["z"])).mean()),
])  # fmt: skip
def test_what_a_sum_counts_is_a_size_in_front_of_it_too(text: str, index: dict[str, str], numpy: Any) -> None:
    """The mean over n terms: n is no variable, and the function takes none."""
    d = matcalc.derive(text, index=index)
    rng = np.random.default_rng(3)
    arrays = {name: rng.standard_normal(4) for name in d.wrt}
    assert not {"n", "m"} & set(d.wrt)
    value, gradients = d.function()(**arrays)
    assert value == pytest.approx(numpy(arrays))
    for name, got in zip(d.wrt, gradients if len(d.wrt) > 1 else [gradients], strict=True):
        e = np.eye(4) * 1e-6
        slopes = [(numpy({**arrays, name: arrays[name] + h}) - numpy({**arrays, name: arrays[name] - h})) / 2e-6 for h in e]
        assert np.allclose(got, slopes, rtol=1e-5, atol=1e-8)
