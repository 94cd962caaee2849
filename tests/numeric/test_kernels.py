"""Each operator against NumPy or SciPy, batched and by complex step."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pytest
import scipy.linalg
import scipy.special as sp
import scipy.stats

from matcalc.codegen.lower import operators
from matcalc.expr.nodes import Expr, make, num, sym
from matcalc.expr.table import SCALAR, TABLE, Type
from matcalc.numeric import evaluation, fingerprint, kernels, modular, precise
from matcalc.numeric.kernels import At
from matcalc.numeric.properties import sample_one

SIZES = {"m": 2, "n": 3, "p": 4, "q": 5, "k": 6}


def typed(text: str) -> Type:
    """``n`` a column, ``n'`` a row, ``mn`` a matrix, ``mnp`` a tensor, ``-`` a scalar."""
    if text == "-":
        return SCALAR
    if text.endswith("'"):
        return Type("r", 1, text[0])
    if len(text) == 1:
        return Type("c", text, 1)
    return Type("m", text[0], text[1]) if len(text) == 2 else Type("t", tuple(text), 1)  # type: ignore[arg-type]


class Case(NamedTuple):
    op: str
    arguments: str
    reference: Callable[..., Any]
    property: str = ""
    attr: Any = None
    result: str = ""


def weights(rows: int, cols: int) -> Any:
    """Multiples of the golden section, without their whole parts, between -0.8 and 0.8."""
    return (1.6 * ((np.arange(rows * cols) + 1) * (5**0.5 - 1) / 2 % 1) - 0.8).reshape(rows, cols)


def scales(count: int, t: Any) -> Any:
    """What stands beside the carrier of a function of a number."""
    i = np.arange(count) + 1
    return 1.5 + np.sin((0.6 + 0.8 * (i * (5**0.5 - 1) / 2 % 1)) * t + 6 * (i * 2**0.5 % 1)) / 2


def curve(v: Any, t: Any) -> Any:
    return scales(2, t)[:, None] * (v + np.eye(2, 3) / 4) * scales(3, t)


def slope(f: Any, t: Any, order: int) -> Any:
    """By differences of the eighth order."""
    h, total = 1e-2, 0.0
    for k, above, below in ((1, 4, 5), (2, -1, 5), (3, 4, 105), (4, -1, 280)):
        at = (lambda s: f(s)) if order == 1 else (lambda s: slope(f, s, order - 1))
        total = total + above / below * (at(t + k * h) - at(t - k * h))
    return total / h


def softmax(x: Any) -> Any:
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def lse(x: Any) -> Any:
    return np.log(np.exp(x).sum(-1))


def leading(x: Any) -> Any:
    return np.asarray(x == x.max(), float)


def unitary(x: Any) -> Any:
    u, _, vt = np.linalg.svd(x, full_matrices=False)
    return u @ vt


def phi(x: Any) -> Any:
    return np.tril(x) - np.diag(np.diag(x)) / 2


def diagonal_sums(x: Any) -> Any:
    n = len(x)
    return np.array([[np.trace(x, j - i) for j in range(n)] for i in range(n)])


def expm_frechet(x: Any, e: Any) -> Any:
    return scipy.linalg.expm_frechet(x, e, compute_expm=False)


def sqrtm_frechet(x: Any, e: Any) -> Any:
    root = scipy.linalg.sqrtm(x)
    return scipy.linalg.solve_sylvester(root, root, e)


def logm_frechet(x: Any, e: Any) -> Any:
    """The inverse of the linear map D exp(log X)."""
    n = len(x)
    at = scipy.linalg.logm(x)
    basis = np.eye(n * n).reshape(n * n, n, n)
    columns = np.stack([expm_frechet(at, b).ravel() for b in basis], 1)
    return np.linalg.solve(columns, e.ravel()).reshape(n, n)


def top_eigenvector(x: Any) -> Any:
    """By the power method on a shifted matrix: no eigenvalue routine."""
    shifted = x + 10 * np.eye(len(x))
    v = np.linalg.matrix_power(shifted / 10, 4000) @ np.ones(len(x))
    v = v / np.abs(v).max()
    return v / np.linalg.norm(v) * np.sign(v[np.abs(v).argmax()])


def top_direction(x: Any) -> Any:
    u, _, vt = np.linalg.svd(x)
    return np.outer(u[:, 0], vt[0])


WHOLE = [Case(op, a, f) for a in ("-", "n", "n'", "mn", "mnp") for op, f in [
    ("sum", np.sum), ("norm1", lambda x: abs(x).sum()), ("norm2", lambda x: np.sqrt((x**2).sum())),
    ("max", np.max), ("min", np.min), ("argmax1", leading), ("argmin1", lambda x: leading(-x)),
    ("neg", np.negative), ("variance", np.var), ("sqnorm", lambda x: (x * x).sum()),
]]  # fmt: skip
PAIRS = [Case(op, f"{a} {a}", f) for a in ("-", "n", "n'", "mn", "mnp") for op, f in [
    ("add", np.add), ("sub", np.subtract), ("hadamard", np.multiply), ("hdiv", np.divide),
    ("max2", np.maximum), ("min2", np.minimum), ("inner", lambda x, y: (x * y).sum()),
]]  # fmt: skip
HUBER = [Case("huber2", f"{a} {a}", lambda x, y: sp.huber(y, x), "positive") for a in ("-", "n", "mn")]
POWERS = [Case("epow", f"{a} {a}", np.power, "positive") for a in ("n", "n'", "mn")]
SCALED = [case for a in ("-", "n", "n'", "mn", "mnp") for case in [
    Case("scale", f"- {a}", np.multiply), Case("div", f"{a} -", np.divide),
    Case("hpow", f"{a} -", np.power, "positive"), Case("fill", "-", lambda s, a=a: np.full(
        [SIZES[c] for c in a if c in SIZES], s), result=a),
]]  # fmt: skip
PRODUCTS = [Case("matmul", a, np.matmul) for a in ("n' n", "mn n", "m' mn", "mn np")]
KRONS = [Case("kron", a, f) for a, f in [
    ("mn pq", np.kron), ("m n", np.kron), ("m' n'", np.kron),
    ("mn p", lambda x, y: np.kron(x, y[:, None])), ("p mn", lambda x, y: np.kron(x[:, None], y)),
    ("mn p'", lambda x, y: np.kron(x, y[None])), ("p' mn", lambda x, y: np.kron(x[None], y)),
]]  # fmt: skip
ELEMENTWISE = [Case(op, a, f, domain) for a in ("-", "n", "mn") for op, f, domain in [
    ("exp", np.exp, ""), ("log", np.log, "positive"), ("sqrt", np.sqrt, "positive"), ("sin", np.sin, ""),
    ("cos", np.cos, ""), ("tan", np.tan, "small"), ("sinh", np.sinh, ""), ("cosh", np.cosh, ""),
    ("tanh", np.tanh, ""), ("asin", np.arcsin, "unit-interval"), ("acos", np.arccos, "unit-interval"),
    ("asinh", np.arcsinh, ""), ("acosh", np.arccosh, "above-one"), ("atanh", np.arctanh, "unit-interval"),
    ("atan", np.arctan, ""), ("sigmoid", sp.expit, ""), ("softplus", lambda x: np.logaddexp(0, x), ""),
    ("logsigmoid", sp.log_expit, ""), ("relu", lambda x: x.clip(0), ""),
    ("step", lambda x: 1.0 * (x > 0), ""),
    ("abs", abs, ""), ("sign", np.sign, ""), ("erf", sp.erf, ""), ("lgamma", sp.gammaln, "positive"),
    ("digamma", sp.digamma, "positive"), ("erfc", sp.erfc, ""), ("normcdf", scipy.stats.norm.cdf, ""),
    ("normpdf", scipy.stats.norm.pdf, ""), ("gelu", lambda x: x * scipy.stats.norm.cdf(x), ""),
    ("silu", lambda x: x * sp.expit(x), ""), ("elu", lambda x: np.where(x > 0, x, np.exp(x) - 1), ""),
    ("softsign", lambda x: x / (1 + abs(x)), ""), ("hardtanh", lambda x: np.clip(x, -1, 1), "unit-interval"),
        ("log1p", np.log1p, "positive"), ("expm1", np.expm1, ""), ("cbrt", np.cbrt, ""),
]]  # fmt: skip
MATRICES = [
    Case("powm", "nn -", scipy.linalg.fractional_matrix_power, "near-identity"),
    Case("trpowm", "nn -", lambda x, k: np.trace(scipy.linalg.fractional_matrix_power(x, k)), "near-identity"),
    Case("matmul", "m n'", np.outer), Case("T", "mn", np.transpose), Case("T", "n", np.asarray),
    Case("T", "n'", np.asarray),
    Case("pow", "- -", np.power, "positive"), Case("tr", "nn", np.trace), Case("tr", "-", lambda x: x),
    Case("mpow", "nn", lambda x: x @ x @ x, attr=3),
    Case("mpow", "nn", lambda x: np.linalg.inv(x @ x), attr=-2),
    Case("trpow", "nn", lambda x: np.trace(x @ x @ x), attr=3),
    Case("diagm", "n", np.diag), Case("diagv", "nn", np.diag), Case("vec", "mn", lambda x: x.ravel("F")),
    Case("vec", "n", np.asarray), Case("unvec", "k", lambda x: x.reshape(3, 2).T, result="mn"),
    Case("rowsum", "mn", lambda x: x.sum(1)), Case("colsum", "mn", lambda x: x.sum(0)),
    Case("inv", "nn", np.linalg.inv), Case("inv", "-", lambda x: 1 / x), Case("det", "nn", np.linalg.det),
    Case("det", "-", lambda x: x), Case("logdet", "nn", lambda x: np.log(abs(np.linalg.det(x)))),
    Case("adj", "nn", lambda x: np.linalg.det(x) * np.linalg.inv(x)),
    Case("softmax", "n", softmax), Case("softmax", "n'", softmax), Case("softmaxr", "mn", softmax),
    Case("logsumexp", "n", lse), Case("logsumexp", "n'", lse), Case("logsumexpr", "mn", lse),
    Case("logsoftmax", "n", lambda x: x - lse(x)), Case("logsoftmax", "n'", lambda x: x - lse(x)),
    Case("logsoftmaxr", "mn", lambda x: x - lse(x)[:, None]), Case("expm", "nn", scipy.linalg.expm),
    Case("logm", "nn", scipy.linalg.logm, "near-identity", result="nn"),
    Case("sqrtm", "nn", scipy.linalg.sqrtm, "near-identity", result="nn"),
    Case("sinm", "nn", scipy.linalg.sinm, result="nn"), Case("cosm", "nn", scipy.linalg.cosm, result="nn"),
]  # fmt: skip
LATER = [
    Case("normnuc", "mn", lambda x: np.linalg.norm(x, "nuc"), result="-"),
    Case("normnuc", "pm", lambda x: np.linalg.norm(x, "nuc"), result="-"),
    Case("normspec", "mn", lambda x: np.linalg.norm(x, 2), result="-"),
    Case("normspec", "nm", lambda x: np.linalg.norm(x, 2), result="-"),
    Case("polar", "mn", unitary, result="mn"), Case("polar", "pm", unitary, result="pm"),
    Case("chol", "nn", lambda x: np.linalg.cholesky((x + x.T) / 2), "spd", result="nn"),
    Case("eigmax", "nn", lambda x: np.linalg.eigvalsh((x + x.T) / 2)[-1], result="-"),
    Case("eigvals", "nn", lambda x: np.linalg.eigvalsh((x + x.T) / 2), result="n"),
    Case("svdvals", "nm", lambda x: np.linalg.svd(x, compute_uv=False)), Case("svdvals", "nn", lambda x: np.linalg.svd(x)[1]),
    Case("conv", "m n", np.convolve, result="p"), Case("conv", "n m", np.convolve, result="p"),
    Case("vmap", "m n", lambda v, x: np.sin(weights(2, 3) @ x + v + 0.4)),
    Case("vmapjac", "m n", lambda v, x: np.cos(weights(2, 3) @ x + v + 0.4)[:, None] * weights(2, 3)),
    Case("curve", "mn -", lambda v, t: curve(v, t)),
    Case("curve", "n -", lambda v, t: scales(3, t) * (v + np.eye(3)[0] / 4) * scales(1, t)),
    *(Case(f"curve{k}", "mn -", lambda v, t, k=k: slope(lambda s: curve(v, s), t, k)) for k in (1, 2)),
    Case("convmatrix", "m", lambda w: np.array([np.convolve(w, e) for e in np.eye(3)]).T, result="pn"),
    Case("hankel", "p", lambda x: scipy.linalg.hankel(x[:3], x[2:]), result="nm"),
    Case("corr", "p n", lambda x, w: np.correlate(x, w, "valid"), result="m"),
    Case("pinv", "mn", np.linalg.pinv, result="nm"), Case("pinv", "pm", np.linalg.pinv, result="mp"),
    Case("rowmax", "mn", lambda x: x.max(1), result="m"),
    Case("rowargmax1", "mn", lambda x: np.eye(x.shape[1])[x.argmax(1)], result="mn"),
    Case("phi", "nn", phi, result="nn"), Case("tril", "nn", np.tril, result="nn"),
    Case("vcat", "n n", lambda *x: np.concatenate(x), result="n"),
    Case("hcat", "n n", lambda *x: np.stack(x, 1), result="nm"),
    Case("vcat", "n' n'", lambda *x: np.stack(x), result="mn"),
    Case("hcat", "n' m'", lambda *x: np.concatenate(x), result="q'"),
    Case("vcat", "mn pn", lambda *x: np.concatenate(x), result="kn"),
    Case("hcat", "nm nn", lambda *x: np.hstack(x), result="nq"),
    Case("vcat", "n m", lambda *x: np.concatenate(x), result="q"),
    Case("hcat", "mn m", lambda a, x: np.hstack([a, x[:, None]]), result="mp"),
    Case("hcat", "m mn", lambda x, a: np.hstack([x[:, None], a]), result="mp"),
    Case("entry", "n", lambda x: x[1], attr=(2,), result="-"), Case("col", "mn", lambda x: x[:, 2], attr=(3,), result="m"),
    Case("rows", "n", lambda x: x[1:3], attr=(2, 3), result="m"), Case("rows", "qn", lambda x: x[1:5], attr=(2, 5), result="pn"),
    Case("padrows", "m", lambda x: np.pad(x, (1, 2)), attr=(2, 5), result="q"),
    Case("padrows", "mn", lambda x: np.pad(x, ((2, 0), (0, 0))), attr=(3, 4), result="pn"),
    Case("trigamma", "n", lambda x: sp.polygamma(1, x), "positive"), Case("prod", "n", np.prod),
    Case("prodothers", "n", lambda x: np.prod(x) / x),
    Case("prodpairs", "p", lambda x: np.prod(x) / np.outer(x, x) * (1 - np.eye(len(x)))),
    Case("diagonalsums", "nn", diagonal_sums),
    Case("dexpm", "nn nn", expm_frechet), Case("dlogm", "nn nn", logm_frechet, "near-identity"),
    Case("dsqrtm", "nn nn", sqrtm_frechet, "near-identity"),
    Case("dsinm", "nn nn", lambda x, e: expm_frechet(1j * x, 1j * e).imag),
    Case("dcosm", "nn nn", lambda x, e: expm_frechet(1j * x, 1j * e).real),
    *(Case("einsum", a, lambda *x, s=s: np.einsum(s, *x), attr=s, result=r) for s, a, r in [
        ("ij,jk->ik", "mn np", "mp"), ("ij,j->i", "mn n", "m"), ("i,i->", "n n'", "-"), ("ij->j", "mn", "n'"),
        (",ij->ij", "- mn", "mn"), ("ijk,j,k->i", "mnp n p", "m"), ("ir,jr,kr->ijk", "mq nq pq", "mnp"),
        ("ii->", "nn", "-"), ("ijk->kji", "mnp", "pnm"),
    ]),
]  # fmt: skip


def columns_led_by_positive(v: Any) -> Any:
    return np.array([c * np.sign(max(c, key=abs)) for c in v.T]).T


def right_vectors(x: Any) -> Any:
    """From the eigenvectors of x'x."""
    return columns_led_by_positive(np.linalg.eigh(x.T @ x)[1][:, ::-1])


REAL_ONLY = [  # no complex step leads through these
    Case("eigvecmax", "nn", top_eigenvector, "symmetric", result="n"),
    Case("eigvecs", "nn", lambda x: columns_led_by_positive(np.linalg.eigh(x)[1]), "symmetric"),
    Case("svdright", "nm", right_vectors), Case("svdleft", "nm", lambda x: x @ right_vectors(x) / np.linalg.svd(x)[1]),
    Case("topdirection", "mn", top_direction), Case("topdirection", "nm", top_direction),
]  # fmt: skip
CASES = [*WHOLE, *PAIRS, *HUBER, *POWERS, *SCALED, *PRODUCTS, *KRONS, *ELEMENTWISE, *MATRICES, *LATER]
LEAVES = {"sym", "num", "const", "dim", "eye", "ones", "zeros", "fn", "partial", "d"}


def build(case: Case, rng: np.random.Generator) -> tuple[Expr, dict[Expr, Any], list[Any]]:
    """The node, its arguments in the internal form, and as users have them."""
    types = [typed(a) for a in case.arguments.split()]
    symbols = [sym(f"x{i}", t) for i, t in enumerate(types)]
    public = []
    for text, t in zip(case.arguments.split(), types, strict=True):
        shape = tuple(SIZES[c] for c in text if c in SIZES)
        plain = case.property == "near-identity" and not shape  # a number beside the matrix that has the property
        public.append(sample_one(shape, frozenset() if plain else frozenset({case.property} - {""}), rng))
        assert t.kind == "scrmt"[0 if text == "-" else 2 if "'" in text else (1, 1, 3, 4)[len(shape)]]
    node = make(case.op, tuple(symbols), case.attr, typed(case.result) if case.result else None)
    return node, {s: evaluation.to_internal(x, s.type) for s, x in zip(symbols, public, strict=True)}, public


def label(case: Case) -> str:
    return f"{case.op}({case.arguments}){case.attr or ''}{case.result}"


@pytest.mark.parametrize("case", CASES, ids=label)
def test_operator(case: Case) -> None:
    rng = np.random.default_rng(5)
    points = [build(case, rng) for _ in range(3)]
    node = points[0][0]
    results = []
    for _, env, public in points:
        (value,) = evaluation.evaluate([node], env, SIZES)
        expected = np.asarray(case.reference(*public))
        got = evaluation.to_public(value, node.type)
        assert got.shape == expected.shape
        assert np.allclose(got, expected, rtol=1e-10, atol=1e-12)
        results.append(value)
    stacked = {s: np.stack([env[s] for _, env, _ in points]) for s in points[0][1]}
    (batched,) = evaluation.evaluate([node], stacked, SIZES)
    assert np.allclose(batched, np.stack(results), rtol=1e-10, atol=1e-12)
    direction = {s: rng.standard_normal(x.shape) for s, x in stacked.items()}
    (step,) = evaluation.directional([node], stacked, direction, SIZES)
    (central,) = evaluation.differences([node], stacked, direction, SIZES)
    assert np.allclose(step, central, rtol=1e-7, atol=1e-8 * max(1, np.abs(central).max()))


def test_complex_step_is_exact() -> None:
    """Where the derivative is known, the step gives it to the last digits (it does not drown in rounding)."""
    x = sym("x", Type("c", "n", 1))
    at = {x: np.array([[0.3], [1.2], [0.7]])}
    known = {
        "log": lambda v: 1 / v,
        "lgamma": sp.digamma,
        "digamma": lambda v: sp.polygamma(1, v),
        "tanh": lambda v: 1 / np.cosh(v) ** 2,
        "erf": lambda v: 2 / np.sqrt(np.pi) * np.exp(-v * v),
        "atan": lambda v: 1 / (1 + v * v),
        "sqrt": lambda v: 0.5 / np.sqrt(v),
        "asinh": lambda v: 1 / np.sqrt(1 + v * v),
    }
    for op, derivative in known.items():
        (slope,) = evaluation.directional([make(op, (x,))], at, {x: np.ones((3, 1))}, SIZES)
        assert np.allclose(slope, derivative(at[x]), rtol=1e-11, atol=0), op


def test_complex_step_through_matrix_functions_is_exact() -> None:
    a = sym("A", Type("m", "n", "n"))
    x = sample_one((3, 3), frozenset({"near-identity"}), np.random.default_rng(1))
    e = np.random.default_rng(2).standard_normal((3, 3))
    (slope,) = evaluation.directional([make("logdet", (a,))], {a: -x}, {a: e}, SIZES)  # a negative determinant
    assert np.allclose(slope, -np.trace(np.linalg.inv(x) @ e), rtol=1e-11, atol=0)
    inverse = np.linalg.inv(x)
    trace = np.trace(inverse @ e)
    known = {"logdet": trace, "det": np.linalg.det(x) * trace, "inv": -inverse @ e @ inverse}
    for op, expected in known.items():
        (slope,) = evaluation.directional([make(op, (a,))], {a: x}, {a: e}, SIZES)
        assert np.allclose(slope, expected, rtol=1e-11, atol=0), op
    roundtrip = {"logm": "expm", "sqrtm": "mpow"}
    for op, inverse_op in roundtrip.items():
        back = make(inverse_op, (make(op, (a,), type=a.type),), 2 if inverse_op == "mpow" else None, a.type)
        (value,) = evaluation.evaluate([back], {a: x}, SIZES)
        (slope,) = evaluation.directional([back], {a: x}, {a: e}, SIZES)
        assert np.allclose(value, x, atol=1e-12) and np.allclose(slope, e, atol=1e-11), op


@pytest.mark.parametrize("case", REAL_ONLY, ids=label)
def test_operator_of_real_matrices(case: Case) -> None:
    """The value, alone and in a batch; the derivative is that of differences, never a zero."""
    rng = np.random.default_rng(5)
    points = [build(case, rng) for _ in range(3)]
    node = points[0][0]
    expected = [case.reference(*public) for _, _, public in points]
    for (_, env, _), value in zip(points, expected, strict=True):
        (got,) = evaluation.evaluate([node], env, SIZES)
        assert np.allclose(evaluation.to_public(got, node.type), value, rtol=1e-7, atol=1e-9)
    stacked = {s: np.stack([env[s] for _, env, _ in points]) for s in points[0][1]}
    (batched,) = evaluation.evaluate([node], stacked, SIZES)
    assert np.allclose(evaluation.to_public(batched[1], node.type), expected[1], rtol=1e-7, atol=1e-9)
    direction = {s: np.ones_like(x) for s, x in stacked.items()}
    (step,) = evaluation.directional([node], stacked, direction, SIZES)
    (central,) = evaluation.differences([node], stacked, direction, SIZES)
    assert np.abs(central).max() > 0.01 and np.allclose(step, central, rtol=1e-5, atol=1e-7)


def test_commutation_matrix() -> None:
    x = np.arange(6.0).reshape(2, 3)
    (k,) = evaluation.evaluate([make("commutation", (), ("m", "n"), Type("m", "m*n", "m*n"))], {}, SIZES)
    assert np.array_equal(k @ x.ravel("F"), x.T.ravel("F"))


def test_every_operator_has_a_kernel_and_a_case() -> None:
    kernel_names = kernels.PLAIN.keys() | kernels.TYPED.keys() | {"sym"}
    assert TABLE.keys() - {"partial", "d"} <= kernel_names
    assert kernel_names - LEAVES - {"commutation", "unit"} == {c.op for c in (*CASES, *REAL_ONLY)}


def test_leaves() -> None:
    m = Type("m", "m", "n")
    expected = {
        num(3): np.full((1, 1), 3),
        make("const", (), "pi", SCALAR): np.full((1, 1), np.pi),
        make("dim", (), "n", SCALAR): np.full((1, 1), 3),
        make("eye", (), None, m): np.eye(2, 3),
        make("ones", (), None, Type("r", 1, "n")): np.ones((1, 3)),
        make("zeros", (), None, typed("mnp")): np.zeros((2, 3, 4)),
    }
    for a, b in zip(evaluation.evaluate(list(expected), {}, SIZES), expected.values(), strict=True):
        assert a.shape == b.shape and np.array_equal(a, b)


def test_whole_powers_of_negative_numbers() -> None:
    x = sym("x", Type("c", "n", 1))
    at = {x: np.array([[-1.5], [0.0], [2.0]])}
    for k in (0, 1, 2, 3, 7):
        (slope,) = evaluation.directional([make("hpow", (x, num(k)))], at, {x: np.ones((3, 1))}, SIZES)
        assert np.allclose(slope, k * at[x] ** max(k - 1, 0) if k else 0, rtol=1e-11, atol=1e-30)
    at = {x: np.array([[-1.5], [-0.5], [2.0]])}
    (slope,) = evaluation.directional([make("hpow", (x, num(-2)))], at, {x: np.ones((3, 1))}, SIZES)
    assert np.allclose(slope, -2 * at[x] ** -3.0, rtol=1e-11, atol=0)


def test_adjugate_of_singular_matrices() -> None:
    a = sym("A", Type("m", "n", "n"))
    (adjugate,) = evaluation.evaluate([make("adj", (a,))], {a: np.diag([1.0, 2.0, 0.0])}, SIZES)
    assert np.allclose(adjugate, np.diag([0.0, 0.0, 2.0]))
    one = sym("A", Type("m", 1, 1))
    assert evaluation.evaluate([make("adj", (one,))], {one: np.zeros((1, 1))}, {})[0] == 1


def test_extreme_arguments_stay_finite() -> None:
    x = sym("x", Type("c", "n", 1))
    large, tiny = {x: np.array([[1000.0], [999.0], [-1000.0]])}, {x: np.full((3, 1), 1e-200)}
    for op in ("softmax", "logsumexp", "logsoftmax", "sigmoid", "softplus", "logsigmoid"):
        (slope,) = evaluation.directional([make(op, (x,))], large, {x: np.ones((3, 1))}, SIZES)
        assert np.isfinite(slope).all(), op
    (slope,) = evaluation.directional([make("norm2", (x,))], tiny, {x: np.full((3, 1), 1e-200)}, SIZES)
    assert np.allclose(slope, np.sqrt(3) * 1e-200, rtol=1e-11, atol=0)


def test_real_matrix_functions_without_a_real_value_are_nan() -> None:
    a = sym("A", Type("m", "m", "m"))
    (root,) = evaluation.evaluate([make("sqrtm", (a,), type=a.type)], {a: np.diag([1.0, -1.0])}, SIZES)
    assert np.isnan(root).all()


def test_no_kernel_is_left_of_an_operator_that_is_gone() -> None:
    for table in (
        kernels.PLAIN,
        kernels.TYPED,
        modular.KERNELS,
        precise.KERNELS,
        precise.FUNCTIONS,
        operators.RULES,
        fingerprint.VALUES,
    ):
        assert set(table) - set(TABLE) == set()


@pytest.mark.parametrize("case", [c for c in CASES if c.op in kernels.POLYNOMIAL], ids=label)
def test_kernels_that_add_and_multiply_take_numbers_of_any_kind(case: Case) -> None:
    """Fractions stay fractions."""
    node, env, _ = build(case, np.random.default_rng(5))
    whole = [np.random.default_rng(i).integers(-9, 9, x.shape) for i, x in enumerate(env.values())]
    exact = kernels.run_plainly(At(node, SIZES, {}), [np.vectorize(Fraction, otypes=[object])(x) for x in whole])
    assert all(isinstance(v, (Fraction, int)) for v in exact.ravel())
    assert np.allclose(exact.astype(float), kernels.run_plainly(At(node, SIZES, {}), [x.astype(float) for x in whole]))


def test_every_operator_that_is_linear_in_each_argument_takes_numbers_of_any_kind() -> None:
    assert {op for op in TABLE if TABLE[op].multilinear} - kernels.POLYNOMIAL == {"d"}
