"""Generated source owns what it returns and takes arrays of any kind: integers, lists, views, locked and turned arrays.

The printed source itself is run here, not the wrapper of ``function()``.
"""

from __future__ import annotations

import copy
import inspect
import itertools
import os
import pickle
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen.products.runtime import compile_source
from matcalc.expr import dims
from matcalc.numeric import evaluation
from tests.codegen import test_codegen as code
from tests.numeric import test_kernels as kernels
from tests.slices import slices

Run = Callable[..., Any]


def raw(d: Any) -> tuple[Run, list[str]]:
    """The function of the printed source, and the names of its arrays in the text."""
    generated = d.function()
    return compile_source(d.to_code(), generated.__name__), generated.originals


def flat(found: Any) -> list[Any]:
    value, derivative = found
    return [value, *(derivative if isinstance(derivative, tuple) else (derivative,))]


def faults(run: Run, given: list[Any], rest: tuple[Any, ...] = ()) -> Iterator[str]:
    """What is wrong with the ownership of the results: memory that is shared, locked, or changed by ``g *= 0.5``."""
    before = copy.deepcopy(given)
    results = flat(run(*given, *rest))
    if any(not same(a, b) for a, b in zip(given, before, strict=True)):
        yield "an argument was changed by the call"
    arrays = [(f"argument {i}", x) for i, x in enumerate(given) if isinstance(x, np.ndarray)]
    arrays += [(f"result {i}", x) for i, x in enumerate(results) if isinstance(x, np.ndarray)]
    for (a, x), (b, y) in itertools.combinations(arrays, 2):
        if b.startswith("result") and (x is y or np.shares_memory(x, y)):
            yield f"{b} is memory of {a}"
    for i, x in enumerate(results):
        others = copy.deepcopy([r for k, r in enumerate(results) if k != i])
        if not isinstance(x, np.ndarray):
            continue
        if not x.flags.writeable:
            yield f"result {i} cannot be written to"
            continue
        x *= 0.5
        if any(not same(a, b) for a, b in zip(given, before, strict=True)):
            yield f"writing to result {i} changes an argument"
        if not all(same(a, b) for a, b in zip(others, [r for k, r in enumerate(results) if k != i], strict=True)):
            yield f"writing to result {i} changes another"


def same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(a, b, equal_nan=True))


def locked(x: Any) -> Any:
    x = np.array(x)
    x.flags.writeable = False
    return x


def strided(x: Any) -> Any:
    wide = np.zeros([3 * n for n in x.shape])
    wide[tuple(slice(1, None, 3) for _ in x.shape)] = x
    return wide[tuple(slice(1, None, 3) for _ in x.shape)]


def reversed_(x: Any) -> Any:
    back = (slice(None, None, -1),) * x.ndim
    return np.array(x[back])[back]


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "Fortran order": lambda x: np.array(x, order="F"),
    "read-only": locked,
    "not contiguous": strided,
    "negative strides": reversed_,
    "lists": lambda x: x.tolist(),
    "other byte order": lambda x: x.astype(x.dtype.newbyteorder()),
}
WHOLE: dict[str, Callable[[Any], Any]] = {
    "int64": lambda x: x.astype(np.int64),
    "int8": lambda x: x.astype(np.int8),
    "lists of int": lambda x: x.astype(int).tolist(),
    "objects": lambda x: x.astype(int).astype(object),
}
SHIFTED = {"uint8": np.uint8, "bool": np.bool_}  # on arrays of 0 and 1


def outcome(run: Run, given: list[Any], rest: tuple[Any, ...]) -> Any:
    """Values, or the kind of error: a singular matrix is one however its numbers came."""
    try:
        with np.errstate(all="ignore"):
            return [np.asarray(x) for x in flat(run(*given, *rest))]
    except (np.linalg.LinAlgError, ValueError) as error:
        return type(error)


def near(a: Any, b: Any) -> bool:
    if isinstance(a, type) or isinstance(b, type):
        return a is b
    return len(a) == len(b) and all(
        x.shape == y.shape and x.dtype == y.dtype and np.allclose(x, y, rtol=1e-7, atol=1e-9 * top(y), equal_nan=True)
        for x, y in zip(a, b, strict=True)
    )


def top(x: Any) -> float:
    return float(np.abs(x[np.isfinite(x)]).max(initial=1.0))


def differences(run: Run, given: list[Any], rest: tuple[Any, ...] = ()) -> Iterator[str]:
    """Kinds of arrays with which the source fails or gives other numbers than with plain float64 arrays."""
    plain = [np.array(x, float) for x in given]
    cases = [(name, plain, turn) for name, turn in LAYOUTS.items()]
    whole = [np.round(4 * x) for x in plain]
    cases += [(name, whole, turn) for name, turn in WHOLE.items()]
    bits = [np.asarray(x > np.median(x), float) for x in plain]
    cases += [(name, bits, lambda x, kind=kind: x.astype(kind)) for name, kind in SHIFTED.items()]
    for name, at, turn in cases:
        try:
            if not near(outcome(run, [turn(x) for x in at], rest), outcome(run, at, rest)):
                yield f"{name}: other numbers"
        except Exception as error:
            yield f"{name}: {type(error).__name__} {error}"


def doubled(run: Run, given: list[Any], rest: tuple[Any, ...] = ()) -> Iterator[str]:
    """Results that are in double precision though all arrays are in single."""
    single = [x.astype("f") if np.ndim(x) and np.asarray(x).dtype == float else x for x in given]
    if any(np.ndim(x) and x.dtype == np.float32 for x in single):
        with np.errstate(all="ignore"):
            found = [r.dtype for r in flat(run(*single, *rest)) if type(r) is not float]  # Python's has none
            if all(f(np.ones(2, "f")).dtype == np.float32 for f in rest):
                yield from (f"result {i} is {dtype}" for i, dtype in enumerate(found) if dtype != np.float32)


def wrong_with(d: Any, at: dict[str, Any], functions: Any) -> list[str]:
    run, names = raw(d)
    used = d.function().functions
    given = [np.asarray(at[n], float) for n in names]
    rest = tuple(functions[f][k] for f, k in used)
    return [*faults(run, given, rest), *differences(run, given, rest), *doubled(run, given, rest)]


# ---------------------------------------------------------------- the checks are strict


def test_a_planted_alias_is_caught() -> None:
    x, y = np.arange(4.0), np.ones((2, 2))
    shared = np.ones(3)
    planted: list[Run] = [
        lambda x, y: (1.0, x),
        lambda x, y: (1.0, x[1:]),
        lambda x, y: (y.T, 2 * x),
        lambda x, y: (1.0, (2 * x, y.reshape(4))),
        lambda x, y: (shared, shared[::-1]),
        lambda x, y: (1.0, np.broadcast_to(2.0, 3)),
        lambda x, y: (1.0, np.diagonal(2 * y)),
        lambda x, y: (1.0, x.__imul__(2) + 1),
    ]
    for run in planted:
        assert list(faults(run, [x.copy(), y.copy()])), run(x, y)
    assert list(faults(lambda x, y: (1.0, (x + y[0, 0], y.copy())), [x, y])) == []


def test_a_source_without_conversion_is_caught() -> None:
    assert list(differences(lambda x: (x @ x, x**-1), [np.array([0.4, 1.2])]))
    assert list(differences(lambda x: (x.sum(), 2 * np.asarray(x)), [np.array([0.4, 1.2])]))
    assert list(differences(lambda x: (np.sum(x) + 0.0, 2.0 * np.asarray(x, float)), [np.array([0.4, 1.2])])) == []


# ---------------------------------------------------------------- own cases

VIEWS = [  # results that are parts of what was given
    ("x'*T[:,2]", "x"), ("x'*A[1,:]", "x"), ("[x; y]'*z", "all"), ("A[:,1]", "A"), ("x'*y", "x"), ("x'*y", "all"),
    ("tr(A'*X)", "X"), ("tr(A*X)", "X"), ("tr(A'*X')", "X"), ("vec(A)'*z9", "A"), ("x", "x"), ("A", "A"), ("A'", "A"),
    ("x'*diag(S)", "x"), ("x'*diag(S')", "all"), ("a*x", "a"), ("a*sum(x)", "all"), ("a*b", "all"), ("A*x", "x"),
    ("kron(x, y)'*z9", "all"), ("x[2]*y[1]", "all"), ("relu(a)*(b + c)", "all"), ("S[1:2,:]*x", "x"), ("x[1:2]", "x"),
    ("tr(S)", "S"), ("sum(S .* diag(x))", "S"), ("sum(x .* y)", "all"), ("unvec(z9, A)*x", "x"), ("x'*f(y)", "x"), ("f(x)", "x"),
    ("tr((S + a*eye)*X)", "X"), ("max(x)", "x"), ("x'*S[:,1]*(S[2,:]'*y)", "all"), ("S + diag(x)", "x"), ("sum(x)", "x"),
]  # fmt: skip
SHAPES: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys("xy", ("n",)), **dict.fromkeys("ATXS", ("n", "n")), **dict.fromkeys("abc", ()), "z9": ("n*n",), "z": ("2*n",),
}  # fmt: skip


@pytest.mark.parametrize("text, wrt", VIEWS)
def test_parts_of_arguments(text: str, wrt: str) -> None:
    declared = {k: v for k, v in SHAPES.items() if k in text and k not in ("z9", "z")}
    d = matcalc.derive(text, wrt=wrt, dims=declared, check=False)
    rng = np.random.default_rng(3)
    sizes = {n: 3 for n in "nmk"}
    at = {n: rng.standard_normal([int(size_of(s, sizes)) for s in shape]) for n, shape in d.dims.items()}
    keep = np.array([5.0, 6.0, 7.0])
    for f in (np.tanh, lambda x: x, lambda x: keep if np.ndim(x) else keep[0]):
        assert wrong_with(d, at, {"f": (f, np.cos)}) == []
        assert same(keep, [5.0, 6.0, 7.0])
        if "f(" not in text:
            break


def size_of(size: Any, sizes: dict[str, int]) -> int:
    """A size such as ``n*n`` or ``2*n``."""
    product = 1
    for part in dims.text(size, "*").split("*"):
        product *= int(part) if part.isdigit() else sizes[part]
    return product


@pytest.mark.parametrize("case", slices(code.OPERATORS, 3), ids=kernels.label)
def test_operators_own_what_they_return(case: Any) -> None:
    node, env, _ = kernels.build(case, np.random.default_rng(5))
    env[code.SIZED] = np.zeros([kernels.SIZES[d] for d in "mnpk"])
    run = code.generated([node, node])
    given = [evaluation.to_public(env[s], s.type) for s in run.symbols]
    assert [*faults(run.run, given), *doubled(run.run, given)] == []


OWN = [*[(t, "all", None) for t in code.lines(code.GRADIENTS)], *[(t, "all", None) for t in code.lines(code.JACOBIANS)],
       *[(t, "x", "hessian") for t in code.HESSIANS]]  # fmt: skip


@pytest.mark.sample(2)
@pytest.mark.parametrize("case", slices(OWN, 7), ids=str)
def test_own_cases(case: tuple[str, str, str | None]) -> None:
    text, wrt, kind = case
    d = matcalc.derive(text, wrt=wrt, dims=code.DIMS, kind=kind, check=False)
    assert wrong_with(d, code.arrays(d.dims.keys() & code.DIMS.keys()), code.FUNCTIONS) == []


# ---------------------------------------------------------------- the corpus


@pytest.mark.slow
@pytest.mark.skipif(not code.CORPUS.is_dir(), reason="the shared corpus is not here")
@pytest.mark.parametrize("part", slices(range(12), 12))
def test_the_corpus(part: int) -> None:
    from tests.system.test_corpus import judge

    module, derived, failed = judge(), 0, []
    for case in code.corpus()[part::12]:
        options: dict[str, Any] = {"wrt": case["wrt"], "kind": case["kind"], "check": False}
        options |= {k: case[k] for k in ("output", "direction") if case.get(k)}
        declared = {k: tuple(v) for k, v in case["dims"].items()}
        d = matcalc.derive(case["plain"], dims=declared, assume=case.get("domain") or None, **options)
        derived += 1
        failed += [f"{case['id']}: {f}" for f in wrong_with(d, module.verify.sample(case, 0), module.funcs(case))]
    assert failed == [] and derived > 20


# ---------------------------------------------------------------- kinds of numbers


def test_precision() -> None:
    run, _ = raw(matcalc.derive("a*norm2(A*x)^2", wrt=["x", "a"], dims={"A": ("m", "n"), "a": ()}, check=False))
    A, x = np.ones((2, 3)), np.array([1.0, 2, 3])

    def kinds(a: Any, A: Any, x: Any) -> set[str]:
        return {np.asarray(r).dtype.name for r in flat(run(a, A, x))}

    single = A.astype("f"), x.astype("f")
    assert kinds(2.5, *single) == kinds(np.array(2.5), *single) == kinds(3, *single) == {"float32"}
    assert kinds(np.float64(2.5), A, x) == kinds(2, A, x) == kinds(2.5, A.astype(int), x.astype(bool)) == {"float64"}
    assert kinds(2.5, A.astype("f"), x) == kinds(2.5, A.astype("f2"), x.astype("f2")) == {"float64"}
    assert kinds(2.5, A.astype("g"), x) == {"float64"}
    assert kinds(2.5, A.tolist(), tuple(x.tolist())) == {"float64"}


ALONE = {  # what is made of nothing that is given
    None: ["tr(x*x')*eye(n)", "kron(eye(2), A)", "x + ones(n)*log(n)", "ones(n)*pi + x", "(x'*x)/sqrt(n)", "x'*x + n*log(2*pi)/2",
           "[1; x; sqrt(n)]", "max(n, 2)*x", "unit(n, 2)*max(A)", "sum(digamma(x))*digamma(n)", "f(n)*x", "(n - 2).^x", "x/(n - 3)",
           "sum(logm(A))", "sum(sqrtm(A))", "tr(sinm(A))", "tr(expm(A)*A)", "cumsum(x)", "sum(A[:,2].^n)", "max(x)*x", "A^3",
           "z[y]*sqrt(n)", "sum(L[y,:])", "-log(softmax(z))[y]", "sum(M[:,y])"],
    "hessian": ["x'*A*x/(n - 1)^(1/2)", "sum(f(x))*f(n)", "norm2(x)", "logdet(A)", "sum(rowmax(A))*tr(A)", "log(n)*logsumexp(x)"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ALONE.items() for text in texts])
@pytest.mark.filterwarnings("ignore")
def test_what_is_made_of_nothing_given_keeps_the_precision(text: str, kind: str | None) -> None:
    names = re.findall(r"\w+", text)
    declared = {"x": ("n",), "A": ("n", "n"), "z": ("n",), "L": ("n", "d"), "M": ("m", "n")}
    d = matcalc.derive(text, dims={k: v for k, v in declared.items() if k in names}, kind=kind, check=False)
    run, arguments = raw(d)
    at = {name: np.array([0.5, 1.5, 0.75]) for name in "xzG"} | {
        "A": np.diag([4.0, 3, 2]) + 1,
        "L": np.ones((3, 2)),
        "M": np.ones((2, 3)),
    }
    rest = (np.sin, np.cos, np.sin)[: len(d.function().functions)]
    assert list(doubled(run, [at.get(n, np.array(1)) for n in arguments], rest)) == []


@pytest.mark.parametrize("a, A, x", [(2.5 + 1j, 1.0, 1.0), (2.5, 1j, 1.0), (2.5, 1.0, 1j), (1, np.complex64(1), 1.0)])
def test_complex_numbers_are_refused(a: Any, A: Any, x: Any) -> None:
    """In lists, arrays and numbers, in the function, in its source alone and in evaluate(), which read the real part only."""
    d = matcalc.derive("a*norm2(A*x)^2", wrt=["x", "a"], dims={"A": ("m", "n"), "a": ()}, check=False)
    at = {"a": a, "A": A * np.ones((2, 3)), "x": list(x * np.ones(3))}
    for call in (lambda: d.function()(**at), lambda: d.value.evaluate(at), lambda: d["x"].evaluate(at)):
        with pytest.raises(matcalc.UsageError, match="has complex entries, and all arithmetic here is real"):
            call()
    with pytest.raises(TypeError, match="complex numbers have no meaning here"):
        raw(d)[0](**at)


def test_numbers_as_arrays_without_axes() -> None:
    run, _ = raw(matcalc.derive("a*b", dims={"a": (), "b": ()}, check=False))
    a, b = np.array(2.0), np.array(3.0)
    value, (first, second) = run(a, b)
    first *= 7
    second *= 7
    assert (a, b) == (2.0, 3.0) and value == 6


# ---------------------------------------------------------------- what is promised as an argument


@pytest.mark.parametrize("text", ["a'*x + b'*x - b'*x", "a'*x", "norm2(x)^2*a'*a", "sum(sign(x) .* a)"])
def test_a_direction_is_an_argument_also_where_it_does_not_matter(text: str) -> None:
    d = matcalc.derive(text, wrt="x", kind="hvp", direction="v", dims={"x": ("n",), "v": ("n",), "a": ("n",)}, check=False)
    run = d.function()
    at = {n: np.arange(1.0, 4) for n in d.dims}
    assert "v" in run.parameters and run(**at)[1].shape == (3,)


def test_variables_that_cancel_or_are_absent_are_arguments() -> None:
    d = matcalc.derive("a'*x + b'*x - b'*x", wrt=["x", "t"], dims={"x": ("n",), "t": ("k",)}, check=False)
    run = d.function()
    assert set(run.parameters) == {"a", "x", "b", "t"}
    _, (gx, gt) = run(a=[1, 2], x=[3, 4], b=[5, 6], t=[1, 2, 3])
    assert same(gx, [1, 2]) and same(gt, [0, 0, 0])
    mixed = matcalc.derive("x'*x + q'*q", wrt=["x", "q"], kind="mixed", dims={"x": ("n",), "q": ("k",)}, check=False).function()
    assert mixed(x=[1, 2], q=[1, 2, 3])[1].shape == (2, 3)


# ---------------------------------------------------------------- copies of the function


def test_functions_are_pickled_and_copied() -> None:
    d = matcalc.derive("u'*f(A*x + `b^1`) + norm2(x)", functions={"f": "tanh"}, dims={"A": ("m", "n")}, check=False)
    run = d.function()
    at = {"u": [1, 2], "A": [[1, 2, 3], [4, 5, 6]], "x": [0.1, 0.2, 0.3], "b^1": [1, 1]}
    for again in (pickle.loads(pickle.dumps(run)), copy.copy(run), copy.deepcopy(run)):
        assert again.source == run.source and repr(again) == repr(run) and again.__doc__ == run.__doc__
        assert all(same(a, b) for a, b in zip(flat(again(**at)), flat(run(**at)), strict=True))
    assert inspect.getsource(run).startswith(f"def {run.__name__}(")
    assert list(inspect.signature(run).parameters) == list(run.parameters)


@pytest.mark.slow
def test_a_pickled_function_runs_in_another_process() -> None:
    run = matcalc.derive("logdet(S) + x'*inv(S)*x", check=False).function()
    script = "import pickle, sys; print(repr(float(pickle.load(sys.stdin.buffer)(S=[[2, 0], [0, 2]], x=[1, 1])[0])))"
    done = subprocess.run([sys.executable, "-c", script], input=pickle.dumps(run), capture_output=True, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    assert np.isclose(float(done.stdout), np.log(4) + 1)


def test_a_changed_pickle_is_not_run() -> None:
    run = matcalc.derive("norm2(x)", check=False).function()
    rebuild, (source, *rest) = run.__reduce__()
    for changed in (source.replace("return [x.astype", "return open('f') or [x.astype"), source + "\nimport os\n"):
        with pytest.raises(matcalc.MatcalcError, match="is not run"):
            rebuild(changed, *rest)


# ---------------------------------------------------------------- names


HOSTILE = ["a\nimport os", "a(x):\n pass\ndef b", "a\u202eb", "\ufb01t", "__import__", "a" + '"""', 5, b"a", ["a"]]


@pytest.mark.parametrize("name", ["", "1a", "a b", "lambda", "None", "np", "scipy", "_floats", "_norm", "float", "print", *HOSTILE])
def test_names_that_no_function_can_have(name: Any) -> None:
    d = matcalc.derive("x'*x", check=False)
    with pytest.raises(matcalc.UsageError, match="cannot be the name") as found:
        d.to_code(name=name)
    assert "loss" in str(found.value) and str(found.value).isprintable() is ("\n" not in str(found.value))


def test_a_name_that_is_given_is_used() -> None:
    d = matcalc.derive("norm2(x)", check=False)
    for name in ("loss", "_private", "Δ", "match", "x"):
        assert f"def {name}(x):" in d.to_code(name=name)
        assert compile_source(d.to_code(name=name), name)([3, 4])[0] == 5


@pytest.mark.parametrize("assume, method", [({}, "lu"), ({"S": "spd"}, "cho")])
def test_nan_goes_through_factorisations(assume: dict[str, str], method: str) -> None:
    """As it goes through NumPy's inverse: a function of data that are not finite has no value, and no traceback."""
    f = matcalc.derive("b'*inv(S)*b", ["S", "b"], dims={"S": ("n", "n"), "b": ("n",)}, assume=assume).function()
    assert f"{method}_factor" in f.source
    value, (by_s, by_b) = f(S=np.eye(3), b=np.array([1.0, np.nan, 2.0]))
    assert np.isnan(value) and np.isnan(by_s).any() and np.isnan(by_b).any()
    assert f(S=np.eye(3), b=np.ones(3))[0] == pytest.approx(3.0)


# ---------------------------------------------------------------- singular matrices


@pytest.mark.parametrize("zero", [False, True])
@pytest.mark.parametrize(
    "text, assume",
    [("tr(inv(X))", ""), ("inv(X)*y", ""), ("tr(inv(X)*A)", ""), ("logdet(X)", ""), ("log(det(X))", ""), ("1/det(X)", ""),
     ("y'*inv(X)*y + logdet(X)", ""), ("y'*inv(X')*y", ""), ("y'*inv(X)*y", "spd"), ("logdet(X)", "spd"), ("sum(chol(X))", "spd")],
)  # fmt: skip
def test_a_singular_matrix_has_no_inverse(text: str, assume: str, zero: bool) -> None:
    """An LU factorisation of one goes through in LAPACK, and what is made of it can be finite: tr(inv(X)) was 2."""
    dims = {n: ("n", "n") for n in "XA" if n in text} | ({"y": ("n",)} if "y" in text else {})
    d = matcalc.derive(text, wrt="X", dims=dims, assume={"X": assume} if assume else None, check=False)
    X = np.zeros((2, 2)) if zero else np.array([[1.0, 2], [2, 4]])
    at = {n: X if n == "X" else np.eye(2) if n == "A" else np.ones(2) for n in dims}
    for run in (d.function(), raw(d)[0]):
        with pytest.raises(np.linalg.LinAlgError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run(**at)
    if "chol" not in text or zero:
        with pytest.raises(matcalc.UsageError, match="has no value here"):
            d.result.evaluate(at)


# ---------------------------------------------------------------- division by what is 0, in numbers of Python


@pytest.mark.parametrize("text, at, value", [
    ("b/a", {"b": 1.0, "a": 0.0}, np.inf), ("sum(x)/a", {"x": np.ones(3), "a": 0.0}, np.inf),
    ("b^2000", {"b": 10.0}, np.inf),
    ("(a-a)^-1+a", {"a": 2.0}, np.inf), ("b/(a-a)", {"a": 2.0, "b": -1.0}, -np.inf),
    ("a*0^(2-n)+sum(x)", {"a": 1.0, "x": np.ones(3)}, np.inf),
    ("(a-a)/(b-b)", {"a": 2.0, "b": 2.0}, np.nan), ("1/(n-3)+sum(x)", {"x": np.ones(3)}, np.inf),
    ("2/(n-3)*sum(x)", {"x": np.ones(3)}, np.inf),
])  # fmt: skip
def test_division_by_zero_is_that_of_numpy(text: str, at: dict[str, Any], value: float) -> None:
    """Also where all numbers are Python's own, which raise: 1/0 = inf as IEEE 754 has it."""
    d = matcalc.derive(text, dims={n: ("n",) if n == "x" else () for n in at}, check=False)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for run in (raw(d)[0], d.function()):
            np.testing.assert_equal(float(run(**at)[0]), value)


@pytest.mark.parametrize("text", ["(a-a)^-1+a", "b/(a-a)", "log(a-a)+b"])
def test_what_has_no_value_anywhere_is_refused_when_it_is_checked(text: str) -> None:
    with pytest.raises(matcalc.CheckError, match="has no value"):
        matcalc.derive(text, dims={"a": (), "b": ()})


Where = Callable[[int, int, int, int], bool]


@pytest.mark.parametrize("text, undefined, shown_so", [
    ("batchnorm(X)", lambda i, j, k, m: j == 1, None), ("layernorm(X')", lambda i, j, k, m: i == 1, None),
    ("X*diag(1 ./ b)", lambda i, j, k, m: j == m == 1 and i == k, lambda i, j, k, m: j == m == 1),
    ("diag(1 ./ b)*X'", lambda i, j, k, m: i == m == 1 and j == k, lambda i, j, k, m: i == m == 1),
])  # fmt: skip
def test_what_is_undefined_in_one_column_spoils_no_other(text: str, undefined: Where, shown_so: Where | None) -> None:
    """A column without spread, or a factor 1/0: the code has no value there, and nowhere else. So has evaluate(), but for the
    zeros beside a diagonal: it multiplies these by 1/0, and the code does not."""
    X, b = np.array([[1.0, 2], [3, 2], [-1, 2]]), np.array([2.0, 0.0])
    d = matcalc.derive(text, "X", dims={"X": ("n", "m"), **({"b": ("m",)} if "diag" in text else {})}, check=False)
    at = {"X": X, **({"b": b} if "diag" in text else {})}
    with np.errstate(all="ignore"):
        shown, (_, made) = d.result.evaluate(at), d.function()(**at)
    for found, where in ((made, undefined), (shown, shown_so or undefined)):
        want = np.vectorize(where)(*np.indices(found.shape))
        np.testing.assert_array_equal(~np.isfinite(found), want)
    assert np.allclose(made[np.isfinite(shown)], shown[np.isfinite(shown)])
