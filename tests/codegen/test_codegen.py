"""Generated functions against the referee: the same numbers as ``evaluate``, for every operator and the corpus."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen import Doc, Task, function_of, numpy_source
from matcalc.codegen.products.generated import Generated
from matcalc.codegen.products.signatures import signature
from matcalc.expr.groups import CARRIED
from matcalc.expr.nodes import Expr, make, postorder, shape_of, substitute, sym, transpose
from matcalc.expr.table import SCALAR, TABLE, Type
from matcalc.numeric import evaluation
from tests.numeric import test_kernels as kernels
from tests.places import CORPUS
from tests.slices import slices

FUNCTIONS = {
    "f": (np.tanh, lambda x: 1 - np.tanh(x) ** 2, lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)),
    "g": (np.sin, np.cos, lambda x: -np.sin(x)),
}
SIZES = {"n": 3, "m": 4, "k": 5, "d": 2}
DIMS: dict[str, tuple[str, ...]] = {
    **{"a": (), "c": (), "x": ("n",), "y": ("n",), "b": ("m",), "u": ("m",), "v": ("n",), "w": ("n",)},
    **{"z": ("k",), "A": ("m", "n"), "B": ("m", "n"), "C": ("n", "k"), "S": ("n", "n"), "Q": ("n", "n")},
    **{"P": ("n", "n"), "Y": ("m", "k"), "V": ("n", "k")},
}
POSITIVE = "sxyvw"

# What is derived by all variables, and compared with evaluate().
GRADIENTS = """
u'*f(A*x + b)
u'*f(A*g(S*x) + b)
norm2(A*x - b)^2
norm2(A*x - b)
norm2(S*C)
norm2(x)^3
x'*S*x
x'*(S + P)*y
x'*(S + v*w')*x
tr(S*P*Q)
tr(S*P)
tr(S)^2*tr(P)
tr(A'*B)
tr(inv(S)*P)
tr(S^3)
tr(S^5*P)
x'*S^4*y
x'*inv(S)*y
x'*inv(S)*inv(P)*y
logdet(S) + x'*inv(S)*x
log(det(S))
det(S)
det(S*P + eye)
logdet(A'*A + a*eye)
b'*A*inv(A'*A + a*eye)*A'*b
sum(A .* B)
sum(A*C)
sum(A ./ (B.^2 + 1))
sum((diag(x)*S*diag(y)).^2)
sum(diag(S*P))
x'*diag(y)*S*w
tr(diag(x)*S*P)
norm2(diag(x) - S)^2
norm2(S - a*eye)^2
sum(exp(x*vector(1)' + vector(1)*z' - C))
sum(tanh(A*C + b*vector(1)'))
sum((x*vector(1)').*S)
norm1(A*x - b)
max(A*x) + min(S*x)
sum(max(A*x, b)) + sum(min(A*x, 0.5))
sum(relu(A*x + b).^2)
sum(abs(S).*sign(P))
sum(sigmoid(A*x)) + sum(softplus(A*x)) + sum(log(sigmoid(A*x)))
sum(log(1 + exp(-b .* (A*x))))
-b'*log(softmax(A*x))
logsumexp(A*x) - u'*(A*x)
log(sum(exp(A*x)))
sum(softmax(A*C).*Y)
-sum(Y .* logsoftmax(A*C))/m + a/2*norm2(C)^2
sum(logsumexp(A*C).*b)
sum(sqrt(x.^2 + y.^2))
sum((x.^2 + 1).^1.5) + sum(x.^a)
x'*y/(norm2(x)*norm2(y))
exp(-a*norm2(x - y)^2)*c
sum(sin(x).*cos(y)) + sum(x.*tan(y/4)) + sum(sinh(x)./cosh(x))
sum(erf(x)) + sum(lgamma(x)) + sum(arctan(y))
vec(A)'*vec(B)
vec(S)'*kron(S, P)*vec(P)
sum(kron(A, C))
(b'*A*x)^2*a^3
sum(A)*sum(B)/(n*m)
a*sum(S*x) - c*sum(ones(n)*a)
sum(f(S)*x) + sum(g(S'))
sum((S*P - P*S).^2)
norm2(A - u*x')^2
norm2(A*C - Y)^2
tr((A - B)'*(A - B)) + sum(S')
s = h'*h + sum(h); h = z1 .* exp(-z1); z1 = A*x - b
s = sum(r.^2) + sum(tanh(r)); r = q - b; q = A*x
tr(expm(S/4)) + x'*expm(P/4)*y
eigmax(S + S') + normspec(A) + normnuc(B)

"""
JACOBIANS = """
A*x + b
f(A*x + b)
softmax(A*x)
x*y'
x*(y'*x)
inv(S)*x
diag(x)*S*y
A*C
S*x/norm2(x)
x .* y
vec(S*P)
"""
HESSIANS = ["sum(log(1 + exp(A*x)))", "norm2(A*x - b)^2", "x'*S*x", "logsumexp(x)", "u'*f(A*x)", "norm2(x)"]


def lines(text: str) -> list[str]:
    return [line for line in text.strip().split("\n") if line]


def arrays(names: Any, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    out = {n: np.asarray(0.3 + rng.random([SIZES[d] for d in DIMS[n]])) for n in sorted(names)}
    for n in {"S", "P", "Q"} & set(names):
        out[n] = out[n] * 0.5 + np.eye(3) * 1.5
    return out


def close(got: Any, want: Any, scale: float = 0.0) -> bool:
    got, want = np.asarray(got), np.asarray(want)
    top = max(float(np.abs(want).max(initial=0.0)), scale, 1e-12)
    return got.shape == want.shape and bool(np.abs(got - want).max(initial=0.0) <= 1e-9 * top)


def agrees(d: Any, at: dict[str, Any], functions: Any = FUNCTIONS) -> None:
    """The function's value and derivatives are those of ``evaluate``."""
    run = d.function()
    used = {f: functions[f] for f, order in run.functions if order == 0}
    value, found = run(**{str(s.attr): at[str(s.attr)] for s in run.symbols}, **used)
    assert close(value, d.value.evaluate(at, functions))
    derivatives = found if len(d.results) > 1 else (found,)
    wanted = [r.evaluate(at, functions) for r in d.results]
    scale = 1e-6 * max(float(np.abs(w).max(initial=0.0)) for w in wanted)
    for r, got, want in zip(d.results, derivatives, wanted, strict=True):
        assert close(got, want, scale), f"{r.wrt}: {np.asarray(got)} instead of {want}\n{run.source}"


@pytest.mark.parametrize("text", lines(GRADIENTS))
def test_gradients(text: str) -> None:
    d = matcalc.derive(text, dims=DIMS, check=False)
    agrees(d, arrays(d.dims.keys() & DIMS.keys()))


@pytest.mark.parametrize("text", lines(JACOBIANS))
def test_jacobians(text: str) -> None:
    d = matcalc.derive(text, dims=DIMS, check=False)
    agrees(d, arrays(d.dims.keys() & DIMS.keys()))


@pytest.mark.parametrize("text", HESSIANS)
def test_hessians(text: str) -> None:
    d = matcalc.derive(text, wrt="x", dims=DIMS, kind="hessian", check=False)
    agrees(d, arrays(d.dims.keys() & DIMS.keys()))


@pytest.mark.parametrize("layout", ["numerator", "denominator"])
def test_layouts(layout: str) -> None:
    d = matcalc.derive("u'*f(A*x + b)", dims=DIMS, layout=layout, check=False)
    agrees(d, arrays(d.dims.keys() & DIMS.keys()))


def test_the_list_is_long_enough() -> None:
    assert len(lines(GRADIENTS)) + len(lines(JACOBIANS)) + len(HESSIANS) >= 60


# ---------------------------------------------------------------- every operator

KINDS = {"s": "-", "c": "n", "r": "n'", "m": "mn"}
BEYOND = [
    kernels.Case(op, a, lambda *x: None, "near-identity" if op[1:] in ("logm", "sqrtm") else "", None, r)
    for op, a, r in [
        *((f"d{f}", "nn nn", "nn") for f in ("expm", "logm", "sqrtm", "sinm", "cosm")),
        *(("prod", "n", ""), ("eigvecmax", "nn", ""), ("topdirection", "mn", ""), ("diagonalsums", "nn", "")),
        *((op, "n", "") for op in ("erf", "trigamma")),
        *((op, "nm", "") for op in ("svdleft", "svdright")),
        ("eigvecs", "nn", ""),
    ]
    if op in TABLE
]
OPERATORS = [
    c
    for c in (*kernels.CASES, *BEYOND)  # an unspecified function has no code
    if (c.op, c.arguments) not in {("kron", "m n'"), ("kron", "n' m")} and c.op not in CARRIED
]
MATRICES = [c for c in OPERATORS if any(len(a.strip("'")) == 2 for a in c.arguments.split())]
LEAVES = {"sym", "num", "const", "dim", "eye", "ones", "zeros", "fn", "commutation", "unit"}
NOT_COMPUTED = {"partial", "d"}  # notation only


SIZED = sym("sized", Type("t", ("m", "n", "p", "k"), 1))  # an argument that has all the sizes


def generated(roots: list[Expr]) -> Generated:
    """A function that returns the first of ``roots`` as value and the others as results."""
    symbols = [*[e for e in postorder(roots) if e.op == "sym"], SIZED]
    results = [(f"r{i}", e) for i, e in enumerate(roots[1:])]
    source = numpy_source(Task(roots[0], results, symbols, [], [], "run", Doc()))
    return Generated(source, "run", symbols, signature(roots[0], results, symbols, []).functions, {})


@pytest.mark.parametrize("case", OPERATORS, ids=kernels.label)
def test_operator(case: Any) -> None:
    node, env, _ = kernels.build(case, np.random.default_rng(5))
    compare(node, env)


@pytest.mark.parametrize("case", MATRICES, ids=kernels.label)
def test_operator_on_transposes(case: Any) -> None:
    node, env, _ = kernels.build(case, np.random.default_rng(5))
    other = {s: sym(f"t{s.attr}", Type("m", s.type.cols, s.type.rows)) for s in env if s.kind == "m"}
    (node,) = substitute((node,), {s: transpose(t) for s, t in other.items()})
    compare(node, {other.get(s, s): np.swapaxes(x, -1, -2) if s in other else x for s, x in env.items()})


def compare(node: Expr, env: dict[Expr, Any]) -> None:
    """By itself and times a number, against the reference evaluation."""
    scaled = make("scale", (sym("scale", SCALAR), node)) if node.kind != "t" else node
    env[sym("scale", SCALAR)] = np.full((1, 1), -1.7)
    env[SIZED] = np.zeros([kernels.SIZES[d] for d in "mnpk"])
    wanted = evaluation.evaluate([node, scaled], env, kernels.SIZES)
    run = generated([node, scaled])
    given = [evaluation.to_public(env[s], s.type) for s in run.symbols]
    value, result = run(*given)
    for got, want in ((value, wanted[0]), (result[0] if isinstance(result, tuple) else result, wanted[1])):
        assert close(got, evaluation.to_public(want, node.type)), run.source


def test_every_operator_is_covered() -> None:
    """A new row of the operator table needs a rule in matcalc/codegen/lower/operators.py, or a NumPy form, and a case here."""
    assert TABLE.keys() - NOT_COMPUTED - LEAVES - CARRIED - {c.op for c in OPERATORS} == set()
    assert LEAVES - {"fn", "commutation"} <= TABLE.keys()


def test_leaves() -> None:
    x = sym("x", Type("m", "m", "n"))
    t = {"m": Type("m", "m", "n"), "r": Type("r", 1, "n"), "c": Type("c", "m", 1)}
    leaves = [make(op, (), None, k) for op in ("ones", "zeros") for k in t.values()]
    leaves += [make("eye", (), None, Type("m", "n", "n")), make("const", (), "pi", SCALAR), make("dim", (), "n", SCALAR)]
    leaves += [make("unit", (), (2,), t["c"]), make("unit", (), ("n",), Type("c", "n", 1))]
    leaves += [make("commutation", (), ("m", "n"), Type("m", 6, 6))] if "commutation" in TABLE else []
    run = generated([x, *leaves])
    _, found = run(np.ones((2, 3)), np.zeros((2, 3, 1, 1)))
    for got, e in zip(found, leaves, strict=True):
        (want,) = evaluation.evaluate([e], {}, {"m": 2, "n": 3})
        assert np.array_equal(got, evaluation.to_public(want, e.type)) and np.shape(got) == np.shape(got)


@pytest.mark.parametrize("kind", "scrmt")
def test_everything_elementwise_on_repeated_entries(kind: str) -> None:
    """f(u 1') is computed on u and repeated."""
    t = {"s": SCALAR, "c": Type("c", "m", 1), "r": Type("r", 1, "m"), "m": Type("m", "m", "n")}.get(kind)
    t = t or Type("t", ("m", "n", "p"), 1)
    a = sym("a", SCALAR)
    e = make("exp", (make("fill", (a,), None, t),)) if kind != "s" else make("exp", (a,))
    run = generated([sym("x", t), make("tanh", (e,))])
    shape = [kernels.SIZES[str(d)] for d in shape_of(t)]
    _, got = run(x=np.zeros(shape), a=0.3, sized=np.zeros([kernels.SIZES[d] for d in "mnpk"]))
    assert close(got, np.full(shape, np.tanh(np.exp(0.3))))


# ---------------------------------------------------------------- the corpus


PARTS = 8  # of the corpus, of which one is quick


def corpus() -> list[dict[str, Any]]:
    path = CORPUS / "cases.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()] if path.exists() else []


@pytest.mark.slow
@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
@pytest.mark.parametrize("part", slices(range(PARTS), PARTS))
def test_corpus(part: int) -> None:
    """Every case that can be derived gives code that computes what is printed."""
    from tests.system.test_corpus import judge

    module, failed, derived = judge(), [], 0
    for case in corpus()[part::PARTS]:
        options: dict[str, Any] = {"wrt": case["wrt"], "kind": case["kind"], "check": False}
        options |= {k: case[k] for k in ("output", "direction") if case.get(k)}
        dims = {k: tuple(v) for k, v in case["dims"].items()}
        try:
            d = matcalc.derive(case["plain"], dims=dims, assume=case.get("domain") or None, **options)
        except matcalc.MatcalcError:
            continue
        derived += 1
        try:
            for k in range(2):
                agrees(d, module.verify.sample(case, k), module.funcs(case))
        except Exception as error:
            failed.append(f"{case['id']}: {type(error).__name__}: {str(error)[:200]}")
    assert failed == []
    assert derived > 250 // PARTS


# ---------------------------------------------------------------- calls


def test_no_result_is_an_argument_or_another_result() -> None:
    d = matcalc.derive("x'*y + sum(u) + tr(A'*B) + b'*u", dims=DIMS, check=False)
    at = arrays("xyuABb")
    value, found = d.function()(**at)
    assert value == value
    parts = [np.asarray(g) for g in found]
    for i, g in enumerate(parts):
        assert not any(np.shares_memory(g, x) for x in at.values())
        assert not any(np.shares_memory(g, h) for h in parts[:i])
        assert g.flags.writeable or not g.ndim


def test_function_of_is_what_api_calls() -> None:
    d = matcalc.derive("x'*x", check=False)
    x = np.array([1.0, 2.0])
    assert function_of(d)(x)[0] == 5 and d.function()(x)[0] == 5
    with pytest.raises(matcalc.UsageError):
        d.to_code(name="not a name")
    assert "def loss(" in d.to_code(name="loss")


def test_warnings_do_not_come_from_generated_code() -> None:
    d = matcalc.derive("sum(log(1 + exp(x))) + norm2(x) + logsumexp(x)", check=False)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        _, g = d.function()(x=np.array([1000.0, -1000.0, 0.0]))
    assert np.isfinite(g).all()
