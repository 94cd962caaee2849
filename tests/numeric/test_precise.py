"""Many digits as a second opinion: kernels that agree with the first, and mistakes that rounding would have hidden."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.report import Trace as Judged
from matcalc.check.report import _fault, _judged, _judged_precisely, _judged_together
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import make, num, sym
from matcalc.expr.table import TABLE, Type
from matcalc.numeric import evaluation, kernels
from matcalc.numeric.precise import FUNCTIONS, KERNELS, _expm, _product, many_digits, mp, precise
from matcalc.numeric.properties import REFINE, refined, sample_one
from tests.slices import draws, slices
from tests.work import calls

RNG = np.random.default_rng(7)
SIZES = {"m": 3, "n": 4}
A, X, C = sym("A", Type("m", "m", "n")), sym("X", Type("m", "n", "n")), sym("c", Type("c", "n", 1))
VALUES = {
    A: RNG.uniform(0.1, 0.9, (3, 4)),
    X: RNG.uniform(0.1, 0.9, (4, 4)) + 2 * np.eye(4),
    C: RNG.uniform(0.1, 0.9, (4, 1)),
}


def both(e: Any) -> tuple[np.ndarray, np.ndarray]:
    """The value in double precision and with many digits."""
    plain = evaluation.evaluate([e], VALUES, SIZES, evaluation.WithGeneric())[0]
    with many_digits({}) as digits:
        exact = evaluation.evaluate([e], {s: precise(v) for s, v in VALUES.items()}, SIZES, digits)[0]
    return plain, exact.astype(float)


@pytest.mark.parametrize("name", sorted(set(KERNELS) & {row for row in TABLE if not TABLE[row].elementwise}))
def test_operators_agree_with_the_kernels(name: str) -> None:
    makers: dict[str, Callable[[], Any]] = {
        "col": lambda: make("col", (A,), (2,), Type("c", "m", 1)),
        "commutation": lambda: make("commutation", (), ("m", "n"), Type("m", 12, 12)),
        "const": lambda: make("const", (), "pi", Type("s", 1, 1)),
        "dim": lambda: make("dim", (), "n", Type("s", 1, 1)),
        "diagm": lambda: make("diagm", (C,)),
        "einsum": lambda: make("einsum", (A, X), "ij,jk->ik", Type("m", "m", "n")),
        "entry": lambda: make("entry", (C,), (2,), Type("s", 1, 1)),
        "eye": lambda: make("eye", (), None, Type("m", "n", "n")),
        "fill": lambda: make("fill", (make("sum", (C,)),), None, Type("m", "m", "n")),
        **{f"curve{k}": lambda k=k: make(f"curve{k}", (A, make("sum", (C,)))) for k in ("", 1, 2)},
        "convmatrix": lambda: make("convmatrix", (C,), None, Type("m", 6, 3)),
        "hankel": lambda: make("hankel", (C,), None, Type("m", 2, 3)),
        "hpow": lambda: make("hpow", (A, make("num", (), 3, Type("s", 1, 1)))),
        "mpow": lambda: make("mpow", (X,), 3),
        "num": lambda: make("num", (), 2, Type("s", 1, 1)),
        "ones": lambda: make("ones", (), None, Type("m", "m", "n")),
        "padrows": lambda: make("padrows", (C,), (2, 6), Type("c", 6, 1)),
        "pow": lambda: make("pow", (make("sum", (C,)), make("sum", (A,)))),
        "rows": lambda: make("rows", (A,), (2, 3), Type("m", 2, "n")),
        "trpow": lambda: make("trpow", (X,), 3, Type("s", 1, 1)),
        "unit": lambda: make("unit", (), (2,), Type("c", "n", 1)),
        "unvec": lambda: make("unvec", (make("vec", (A,)),), None, A.type),
        "vcat": lambda: make("vcat", (A, X)),
        "hcat": lambda: make("hcat", (X, C)),
        "zeros": lambda: make("zeros", (), None, Type("m", "m", "n")),
        "div": lambda: make("div", (A, make("sum", (C,)))),
        "scale": lambda: make("scale", (make("sum", (C,)), A)),
        "matmul": lambda: make("matmul", (A, X)),
        "T": lambda: make("T", (A,), None, Type("m", "n", "m")),
    }
    candidates = [lambda a=a: make(name, a) for a in ((X,), (C,), (A,), (X, X), (C, C), (A, A))]
    for maker in (makers[name],) if name in makers else candidates:
        try:
            e = maker()
        except KeyError:
            continue
        plain, exact = both(e)
        assert plain.shape == exact.shape and np.allclose(plain, exact, rtol=1e-11, atol=1e-12)
        return
    pytest.fail(f"no operands for {name}")


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_functions_agree_with_the_kernels(name: str) -> None:
    plain, exact = both(make(name, (make("add", (A, make("ones", (), None, A.type))) if name == "acosh" else A,)))
    assert np.allclose(plain, exact, rtol=1e-11)
    plain, exact = both(make(name, (make("neg", (A,)),)))
    assert np.allclose(plain, exact, rtol=1e-11, equal_nan=True) or np.isnan(plain).any()


def test_the_digits_are_there() -> None:
    with many_digits({}) as digits:
        (third,) = evaluation.evaluate(
            [make("div", (make("num", (), 1, Type("s", 1, 1)), make("num", (), 3, Type("s", 1, 1))))], {}, {}, digits
        )
        assert abs(third[0, 0] * 3 - 1) < mp.mpf(10) ** -79
        (slope,) = evaluation.directional([make("exp", (C,))], {C: precise(VALUES[C])}, {C: np.ones((4, 1))}, SIZES, digits)
        assert max(abs(s - mp.exp(float(v))) for s, v in zip(slope.ravel(), VALUES[C].ravel(), strict=True)) < mp.mpf(10) ** -40
    assert kernels.run(kernels.At(make("sum", (C,)), SIZES, {}), [VALUES[C]]).dtype == float


# Expressions whose derivatives double precision cannot tell from rounding errors.
HIDDEN = [
    "erf(norm2(x)^2 + 6)",
    "tanh(norm2(x)^2 + 20)",
    "norm1(softmax(x*s))",
    "logsumexp(logsoftmax(x))",
    "exp(s/s)",
    "norm2(x ./ norm2(x))",
]


def judged(text: str, change: Callable[[Any], Any] | None = None) -> CheckError | None:
    """What both opinions say of a derivation, each line changed by ``change``."""
    d = matcalc.derive(text, wrt="x" if "x" in text else "s", dims={"x": ("n",), "s": ()}, check=False)
    steps = [
        s if change is None or s.kind != "chain" else s._replace(rhs=s.rhs._replace(expr=change(s.rhs.expr))) for s in d.trace.steps
    ]
    results = [
        r if change is None else r._replace(expr=change(r.expr), named=r.named._replace(expr=change(r.expr)))
        for r in d.trace.results
    ]
    trace = Judged(d.problem, steps, results, d.trace.waypoints, {}, {}, 0, 2)
    first = _judged(trace)
    fault = _fault(trace, first)
    if fault is None:
        return None
    second = _judged_precisely(trace, first)
    return fault if second is None else _fault(trace, second)


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", HIDDEN)
def test_what_rounding_hides_is_derived(text: str) -> None:
    assert judged(text) is None
    assert matcalc.derive(text, wrt="x" if "x" in text else "s", dims={"x": ("n",), "s": ()}).checked is not None


@pytest.mark.parametrize("text", HIDDEN[:2])
def test_a_factor_two_that_rounding_hides_is_seen(text: str) -> None:
    assert judged(text, lambda e: make("add", (e, e))) is not None


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", HIDDEN[2:])
def test_a_term_where_zero_belongs_is_seen(text: str) -> None:
    tiny = num(Fraction(1, 10**15))
    assert judged(text, lambda e: make("add", (e, make("fill", (tiny,), None, e.type) if e.type.kind != "s" else tiny))) is not None


@pytest.mark.slow
@pytest.mark.rounding
def test_one_false_line_among_those_in_doubt_is_seen() -> None:
    """Lines that rounding hides are judged together; each of them, made false by itself, is still found."""
    d = matcalc.derive("u'*" + "layernorm(W*" * 4 + "x" + ")" * 4, check=False)
    steps = list(d.trace.steps)
    trace = Judged(d.problem, steps, d.trace.results, d.trace.waypoints, {}, {}, 0, 2)
    first = _judged(trace)
    doubted = [i for i, s in enumerate(steps) if s.rhs.expr in first.hidden]
    with many_digits({}) as digits:
        right = _judged_together(trace, first, digits)
        assert len(doubted) == 3 and right is not None and _fault(trace, right) is None
        for i in doubted:
            for small in (Fraction(1, 10**15), Fraction(1, 10**30)):
                wrong = make("add", (steps[i].rhs.expr, num(small)))
                changed = [*steps[:i], steps[i]._replace(rhs=steps[i].rhs._replace(expr=wrong)), *steps[i + 1 :]]
                assert (
                    _judged_together(trace._replace(steps=changed), first._replace(hidden=first.hidden | {wrong}), digits) is None
                )


@pytest.mark.slow
@pytest.mark.parametrize("seeds", draws(3, 12))
def test_functions_of_the_users_are_judged_in_exact_arithmetic(seeds: range) -> None:
    """There are no eighty digits of them; that the entries of a softmax add up to 1 holds whatever they are."""
    for seed in seeds:  # rounding that looked like a value at one point made a false line of it
        d = matcalc.derive("norm1(softmax(f(x)))", wrt="x", functions={"f": (np.exp, np.exp)}, seed=seed)
    assert not np.round(d.result.evaluate({"x": np.array([0.3, -0.2, 0.5])}), 12).any()


@pytest.mark.slow
def test_what_neither_digits_nor_exact_arithmetic_can_tell_is_refused() -> None:
    """tanh(f) = 2σ(2f) − 1 is no identity of rational functions, and f has no eighty digits."""
    with pytest.raises(CheckError, match="cancel to zero"):
        matcalc.derive("sum(tanh(f(x)) - 2*sigmoid(2*f(x)))", wrt="x", functions={"f": (np.exp, np.exp)})


@pytest.mark.sample(6)
@pytest.mark.parametrize("style", ["backprop", "differential", "elementwise"])
@pytest.mark.parametrize("text, assume", [
    ("logsumexp(softmax(Y*ones(n)))", "probability"),
    ("logsumexp(softmax(Y*ones(n)))", "laplacian"),
    ("logsumexp(softmax(Y*ones(n)))", "one-hot"),
    ("variance(diag(exp(Y'*Y)))", "orthogonal"), ("variance(sum(Y.^2)*ones(n))", "unit"),
])  # fmt: skip
def test_what_is_declared_holds_to_all_digits(text: str, assume: str, style: str) -> None:
    """At such points an argument is constant, and its derivative, with all entries free, 0: doubles fulfil what is declared to
    sixteen digits only, and with eighty the line was false."""
    d = matcalc.derive(text, "Y", dims={"Y": ("n", "n")}, assume={"Y": assume}, style=style)
    size = 3
    at = sample_one((size, size), frozenset({assume}), np.random.default_rng(0))
    assert np.abs(d.result.evaluate({"Y": at})).max() < 1e-12


@pytest.mark.parametrize("declared", sorted(REFINE))
def test_refined_values_have_the_property_to_all_digits(declared: str) -> None:
    with many_digits({}, 200) as digits:
        x = refined(digits.array(sample_one((4, 4), frozenset({declared}), np.random.default_rng(1))), frozenset({declared}))
        rest = {"probability": lambda: x.sum(-1) - 1, "unit": lambda: (x * x).sum() - 1,
                "orthogonal": lambda: x.T @ x - np.eye(4, dtype=int),
                "laplacian": lambda: x.sum(0)}[declared]()  # fmt: skip
        assert np.max(np.abs(rest)) < digits.power_of_ten(-190)


@pytest.mark.sample(2)
@pytest.mark.parametrize("seed", slices(range(4), 4))
@pytest.mark.parametrize("text", [
    "1e12*logdet(A*A') + b'*A*b + 1e12*normnuc(A)", "b'*A*b + 1e14*normspec(A)",
    "b'*A*b + 1e13*sum(svdvals(A))", "b'*A*b + 1e12*normnuc(A)",
])  # fmt: skip
def test_terms_beside_norms_of_spectra(text: str, seed: int) -> None:
    """b'Ab is lost beside them in doubles, on every BLAS kernel: many digits judge its derivative (A + A') b."""
    d = matcalc.derive(text, ["A", "b"], dims={"A": ("n", "n"), "b": ("n",)}, seed=seed)
    at = {"A": np.array([[2.0, 1], [0, 1]]), "b": np.array([3.0, 1])}
    assert d["b"].evaluate(at) == pytest.approx([13.0, 5.0])


@pytest.mark.sample(4)
@pytest.mark.parametrize("digits", [80, 400])
@pytest.mark.parametrize(("n", "size"), [(1, 1.0), (3, 1e-3), (3, 20.0), (4, 1.0), (2, 0.0)])
def test_the_exponential_of_a_matrix_and_its_derivative_have_all_digits(digits: int, n: int, size: float) -> None:
    """Against mpmath, which knows no derivative: exp [[X, E], [0, X]] has it as a block (Higham, eq. 3.16)."""
    rng = np.random.default_rng(n)
    x, e = size * rng.standard_normal((n, n)), rng.standard_normal((n, n))
    with many_digits({}, digits):
        whole = np.array(mp.expm(mp.matrix(np.block([[x, e], [0 * x, x]]).tolist())).tolist(), object).reshape(2 * n, 2 * n)
        found = _expm(np.stack([x, 2 * x]), e)  # over a batch axis
        for got, want in zip(found, (whole[:n, :n], whole[:n, n:]), strict=True):
            assert abs(got[0] - want).max() <= mp.mpf(10) ** (5 - digits) * abs(want).max()
        np.testing.assert_array_equal(_expm(x)[0], found[0][0])


def test_zeros_with_exponentials_of_matrices_are_found_by_few_products(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eighty and a thousand digits at all sizes, 2√K products for K terms: with K products it took ten seconds."""
    count, plain = [0], _product

    def counted(a: tuple[Any, ...], b: tuple[Any, ...]) -> tuple[Any, ...]:
        count[0] += 1
        return plain(a, b)

    monkeypatch.setattr("matcalc.numeric.precise._product", counted)
    with many_digits({}, 1000):
        _expm(np.eye(3))
    assert count[0] < 60


@pytest.mark.parametrize("op", ["inv", "expm"])
def test_a_matrix_that_stands_in_a_batch_often_is_computed_once(op: str) -> None:
    rng = np.random.default_rng(3)
    few = rng.uniform(0.1, 0.9, (2, 3, 3)) + np.eye(3)
    node, at = make(op, (sym("B", Type("m", "n", "n")),)), {"n": 3}

    def run(batch: Any) -> Any:
        with many_digits({}) as digits:
            return KERNELS[op](kernels.At(node, at, digits), precise(batch))

    often = run(few[[0, 1, 0, 0] * 8].reshape(8, 4, 3, 3))
    assert (often == run(few)[[0, 1, 0, 0] * 8].reshape(8, 4, 3, 3)).all()
    assert calls(lambda: run(few[[0, 1, 0, 0] * 8])) < 4 * calls(lambda: run(few))


@pytest.mark.slow
@pytest.mark.rounding
def test_what_differences_leave_of_a_zero_is_no_fault_of_the_lines_that_name_it() -> None:
    for seed in range(8):
        d = matcalc.derive("variance(diag(exp(Y'*Y)))", wrt="Y", dims={"Y": ("n", "n")}, assume={"Y": "orthogonal"}, seed=seed)
        assert d.checked is not None and d.checked.passed


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", ["s = (sum(x) + 10^10) - 10^10", "s = sum(x) + 10^20*sum(y)", "s = tr(A) + 10^(-20)*y'*y"])
def test_sums_of_constants_have_as_many_digits(text: str) -> None:
    """What is lost in doubles is judged finely: the ones and zeros of a line are no doubles then."""
    for seed in range(4):
        d = matcalc.derive(text, dims={"x": ("n",), "y": ("n",), "A": ("n", "n")}, seed=seed)
        assert d.checked is not None and d.checked.passed and not [n for n in d.checked.notices if "so small" in n]
