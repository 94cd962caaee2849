"""The text of generated code: what is in it and what is not, names, docstrings, extreme arguments, deep graphs."""

from __future__ import annotations

import ast
import inspect
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen import Doc, Task, numpy_source
from matcalc.codegen.products.runtime import compile_source
from matcalc.codegen.targets.linear_operator_target import Product
from matcalc.codegen.targets.linear_operator_target import source as operator_source
from matcalc.expr.nodes import Expr, make, postorder, sym
from matcalc.expr.table import SCALAR, Type

DIMS: dict[str, tuple[str, ...]] = {
    **{"A": ("m", "n"), "B": ("n", "k"), "C": ("n", "m"), "D": ("n", "m"), "S": ("n", "n"), "P": ("n", "n"), "a": ()},
    **{"x": ("n",), "y": ("n",), "v": ("n",), "w": ("m",), "z": ("k",), "b": ("m",), "X": ("N", "n"), "t": ("N",)},
}


def body(text: str, **options: Any) -> str:
    """The generated function below its docstring."""
    source = matcalc.derive(text, dims=DIMS, check=False, **options).to_code()
    return source[source.rindex('"""') + 3 :]


def squeezed(text: str) -> str:
    return "".join(text.split())


# ---------------------------------------------------------------- what is computed


@pytest.mark.parametrize(
    "text, wrt, wanted",
    [
        ("w'*(A*B*z)", "w", ["A @ (B @ z)"]),
        ("norm2((A*B)*z)^2", "z", ["A @ (B @ z)", "B.T @ (A.T @ "]),
        ("tr(S*P*x*y')", "x", ["P.T @ (S.T @ y)"]),
        ("w'*(diag(w)*A*diag(v)*x)", "x", ["v * x"]),
        ("sum((diag(w)*A).^2)", "A", ["[:, None] * A"]),
        ("sum((A*diag(v)).^2)", "A", ["t * A"]),
        ("logdet(S + a*eye)", "S", [".flat[::", "+= a", "_lu("]),
        ("sum(A*x)", "x", [".sum(axis=0)"]),
        ("w'*A*ones(n)", "w", [".sum(axis=1)"]),
        ("tr(C*A)", "A", ['np.einsum("ij,ji->", ']),
        ("tr(C'*D)", "C", ["np.vdot(C, D)"]),
        ("v'*diag(C*A)", "v", ['np.einsum("ij,ji->i", C, A)']),
        ("x'*inv(S)*y", "y", ["solve(S"]),
        ("norm2(x*y' - S)^2", "S", ["np.outer(x, y)"]),
        ("sum(log(1 + exp(X*x)))", "x", [", 0) + np.log1p(e)", "np.exp(-np.abs("]),
        ("log(sum(exp(x)))", "x", ["x - top", "top + np.log(total)", "e / total"]),
        ("u'*f(A*x)", "x", ["df("]),
    ],
)
def test_contains(text: str, wrt: str, wanted: list[str]) -> None:
    code = squeezed(body(text, wrt=wrt))
    assert [w for w in wanted if squeezed(w) not in code] == [], body(text, wrt=wrt)


@pytest.mark.parametrize(
    "text",
    [
        "w'*diag(w)*A*x",
        "sum((diag(w)*A*diag(v)).^2)",
        "x'*(S + a*eye)*y",
        "x'*diag(v)*S*diag(v)*x",
        "norm2(S - a*eye)^2",
        "tr(S*diag(x)*P)",
        "logdet(S + diag(x))",
        "sum(A + b*ones(n)' + ones(m)*x')",
        "ones(m)'*A*ones(n)",
        "x'*(diag(v) - v*v')*y",
        "logdet(S) + x'*inv(S)*x",
        "sum(softmax(x).*y)",
    ],
)
def test_nothing_structured_is_materialised(text: str) -> None:
    code = body(text)
    assert not any(word in code for word in ("np.diag(", "np.eye(", "np.ones(", "np.linalg.inv(", "linalg.det(")), code


def test_one_factorisation_serves_all() -> None:
    code = body("logdet(S) + x'*inv(S)*x + y'*inv(S)*v")
    assert code.count("= _lu(") == 1 and "slogdet" not in code and "np.linalg.solve" not in code
    spd = body("logdet(S) + x'*inv(S)*x", assume={"S": "spd"})
    assert spd.count("cho_factor(") == 1 and "_lu(" not in spd and "trans=" not in spd
    ridge = body("v'*inv(X'*X + a*eye)*v", assume={"a": "positive"})
    assert "cho_factor(" in ridge


def test_shared_work_has_the_users_names() -> None:
    code = body("s = w'*h; h = f(q); q = A*x + b")
    statements = [line.strip() for line in code.strip().split("\n")]
    assert statements[:5] == ["A, x, b, w = _floats(A, x, b, w)", "q = A @ x + b", "h = f(q)", "s = w @ h", "delta = w * df(q)"]
    assert code.count("A @ x") == 1 and code.count("df(") == 1
    again = body("norm2(r - y)^2 + sum(exp(r)); r = S*x + v")
    assert again.count("S @ x") == 1 and "r - y" in again


def test_the_symmetric_product_is_a_product_with_itself() -> None:
    """NumPy computes half of Y.T @ Y."""
    code = body("sum(log(1 + exp(X*x)))", wrt="x", kind="hessian")
    name = code.split("hess_x = ")[1].split(".T")[0]
    assert f"hess_x = {name}.T @ {name}\n" in code


def test_second_derivatives_of_functions_are_parameters() -> None:
    source = matcalc.derive("w'*f(A*x)", wrt="x", kind="hessian", dims=DIMS, check=False).to_code()
    assert "(w, A, x, f, df, d2f):" in source


# ---------------------------------------------------------------- names and text


def test_names_that_python_or_numpy_has() -> None:
    dims = {"lambda": (), "def": ("n",), "np": ("n",), "scipy": ("n",), "f": ("n",), "lambda_": (), "df": ("n",)}
    text = "lambda*sum(def.*np) + norm2(f)^2 + lambda_*sum(scipy.*df)"
    d = matcalc.derive(text, dims=dims, check=False)
    run = d.function()
    assert set(run.parameters) == {"lambda_", "def_", "np_", "scipy_", "f", "lambda__", "df"}
    at = {n: np.asarray(float(i) + 1) if not s else np.arange(3.0) + i for i, (n, s) in enumerate(dims.items())}
    value, found = run(**at)
    assert value == pytest.approx(float(d.value.evaluate(at)))
    for name, got in zip(d.wrt, found, strict=True):
        assert np.allclose(got, d[name].evaluate(at)), name


def test_a_variable_beside_the_derivative_of_a_function() -> None:
    d = matcalc.derive("df'*f(x)", dims={"df": ("n",), "x": ("n",)}, check=False)
    run, x = d.function(), np.array([0.1, 0.2])
    assert run.parameters == ("df_", "x", "f", "df")
    _, (first, second) = run(df=x, x=2 * x, f=(np.sin, np.cos))
    assert np.allclose(first, np.sin(2 * x)) and np.allclose(second, x * np.cos(2 * x))


HOSTILE = [
    *("__import__('os').system('true')", "W^Q", "W_Q", "W Q", "x'", "x_prime", "1x", "", "é", "µ", "μ", "ﬁ", "fi", "𝒙", "x"),
    *("a\nb", "a;b", "class", "class_", "class__", "None", "print", "_", "__", "_norm", "np", "λ", "\u202e", "a" * 200),
    *("a" * 201, '"""', "\\", "#", "x\x00", "self", "s", "e", "delta", "t", "n", "if_", "if"),
]


def test_hostile_names_work() -> None:
    symbols = [sym(name, Type("c", "n", 1)) for name in HOSTILE]
    total: Expr = symbols[0]
    for s in symbols[1:]:
        total = make("add", (total, s))
    value = make("sum", (make("hadamard", (total, total)),))
    doc = Doc('"""\\', "\\x41\n\u202e", ('""""', "a\\"), 'it\'s "checked"""', "gradient", ("\x00 \\N{DASH}",))
    source = numpy_source(Task(value, [(HOSTILE[0], total)], symbols, [(n, total) for n in HOSTILE], [], "run", doc))
    run = compile_source(source, "run")
    vectors = [np.array([float(i), 1.0]) for i in range(len(symbols))]
    got, gradient = run(*vectors)
    assert np.allclose(gradient, sum(vectors)) and got == pytest.approx(float((sum(vectors) ** 2).sum()))
    assert "\u202e" not in source and "\x00" not in source


@pytest.mark.parametrize("text", ["x'*x", "s = w'*f(A*x + b)", "logdet(S)", "det(S)", "norm2(x)", "sum(A*x)/n"])
def test_docstrings(text: str) -> None:
    d = matcalc.derive(text, dims=DIMS)
    tree = ast.parse(d.to_code())
    function = tree.body[-1]
    assert isinstance(function, ast.FunctionDef)
    doc = inspect.cleandoc(ast.get_docstring(function) or "")
    assert [part for part in ("Parameters\n----------", "Returns\n-------", "Notes\n-----") if part not in doc] == []
    for result in d.results:
        assert squeezed(result.plain)[:200] in squeezed(doc)
    for name in d.problem.symbols:
        shape = d.dims[name]
        kind = f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)}) array" if shape else "float"
        assert f"{name} : {kind}" in doc
    assert "Verified at 2 random points" in doc
    assert max(map(len, d.to_code().split("\n"))) <= 100


def test_source_stands_alone() -> None:
    source = matcalc.derive("logdet(S) + x'*inv(S)*x + norm2(x)", dims=DIMS, check=False).to_code()
    imports = [n for n in ast.parse(source).body if isinstance(n, ast.Import)]
    assert [a.name for n in imports for a in n.names] == ["numpy", "scipy.linalg"]
    assert "import scipy" not in matcalc.derive("x'*x", check=False).to_code()


# ---------------------------------------------------------------- extreme arguments

TINY, HUGE = 1e-200, 1e200
EXTREME: list[tuple[str, dict[str, Any], float, dict[str, Any]]] = [
    ("log(sum(exp(x)))", {"x": [1000.0, 999.0]}, 1000.3132616875182, {"x": [0.7310585786300049, 0.2689414213699951]}),
    ("sum(1 ./ (1 + exp(-x)))", {"x": [-1000.0, 1000.0]}, 1.0, {"x": [0, 0]}),
    ("1/(1 + exp(-a))", {"a": -1000.0}, 0.0, {"a": 0.0}),
    ("sum(log(1 + exp(x)))", {"x": [1000.0, -1000.0]}, 1000.0, {"x": [1, 0]}),
    ("log(1 + exp(a))", {"a": 1000.0}, 1000.0, {"a": 1.0}),
    ("sum(log(sigmoid(x)))", {"x": [-1000.0, 1000.0]}, -1000.0, {"x": [1, 0]}),
    ("sum(log(1 ./ (1 + exp(-x))))", {"x": [-1000.0, 40.0]}, -1000.0, {"x": [1, 4.248354255291589e-18]}),
    ("sum(exp(x) ./ (1 + exp(x)))", {"x": [1000.0, -1000.0]}, 1.0, {"x": [0, 0]}),
    ("log(det(S))", {"S": 1e-200 * np.eye(2)}, -921.0340371976183, {"S": 1e200 * np.eye(2)}),
    ("det(S)", {"S": np.diag([1.0, 2.0, 0.0])}, 0.0, {"S": np.diag([0.0, 0.0, 2.0])}),
    ("norm2(x)", {"x": [0.0, 0.0]}, 0.0, {"x": [0, 0]}),
    ("norm2(x)", {"x": [TINY, TINY]}, 2**0.5 * TINY, {"x": [0.5**0.5, 0.5**0.5]}),
    ("norm2(x)", {"x": [HUGE, HUGE]}, 2**0.5 * HUGE, {"x": [0.5**0.5, 0.5**0.5]}),
    ("sqrt(sum(x.^2))", {"x": [TINY, TINY]}, 2**0.5 * TINY, {"x": [0.5**0.5, 0.5**0.5]}),
    ("norm2(S*x - y)", {"S": np.eye(2), "x": [1.0, 2.0], "y": [1.0, 2.0]}, 0.0, {"x": [0, 0], "y": [0, 0]}),
    ("sum(abs(x))", {"x": [0.0, -2.0]}, 2.0, {"x": [0, -1]}),
    ("norm1(x)", {"x": [0.0, -2.0]}, 2.0, {"x": [0, -1]}),
    ("sum(relu(x))", {"x": [0.0, -2.0, 1.0]}, 1.0, {"x": [0, 0, 1]}),
    ("y'*log(softmax(x))", {"x": [1000.0, 0.0], "y": [0.0, 1.0]}, -1000.0, {"x": [-1, 1], "y": [0, -1000]}),
    ("y'*log(exp(x)/sum(exp(x)))", {"x": [1000.0, 0.0], "y": [0.0, 1.0]}, -1000.0, {"x": [-1, 1], "y": [0, -1000]}),
    ("y'*(exp(x)/sum(exp(x)))", {"x": [1000.0, 0.0], "y": [2.0, 1.0]}, 2.0, {"x": [0, 0], "y": [1, 0]}),
    ("sum(log(cosh(x)))", {"x": [1000.0, -1000.0]}, 2000 - 2 * np.log(2), {"x": [1, -1]}),
    ("sum(g(x)); g(z) = z/(1 + exp(-z))", {"x": [1000.0, -1000.0]}, 1000.0, {"x": [1, 0]}),
    ("sum(x.*sigmoid(x))", {"x": [1000.0, -1000.0]}, 1000.0, {"x": [1, 0]}),
    ("sum(tanh(x))", {"x": [1000.0, -1000.0]}, 0.0, {"x": [0, 0]}),
    ("sum(log(exp(S)*ones(n)))", {"S": [[1000.0, 0], [0, -1000.0]]}, 1000.0, {"S": [[1, 0], [1, 0]]}),
]


@pytest.mark.parametrize(
    "text, at, value, gradients", EXTREME, ids=[f"{t} {next(iter(a.values()))}"[:60] for t, a, _, _ in EXTREME]
)
def test_extremes(text: str, at: dict[str, Any], value: float, gradients: dict[str, Any]) -> None:
    dims = {"a": (), "x": ("n",), "y": ("n",), "S": ("n", "n")}
    d = matcalc.derive(text, wrt=list(gradients), dims=dims, check=False)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        got, found = d.function()(**at)
    assert got == pytest.approx(value, rel=1e-11, abs=1e-300)
    for name, g in zip(gradients, found if len(gradients) > 1 else (found,), strict=True):
        assert np.allclose(g, gradients[name], rtol=1e-11, atol=1e-300), (name, g)


def test_log_det_of_a_small_multiple_of_the_identity() -> None:
    for text in ("logdet(S)", "log(det(S))"):
        value, gradient = matcalc.derive(text, dims={"S": ("n", "n")}, check=False).function()(S=0.01 * np.eye(400))
        assert value == pytest.approx(400 * np.log(0.01)) and np.allclose(gradient, 100 * np.eye(400))


# ---------------------------------------------------------------- large graphs


def chain_of_layers(count: int) -> Expr:
    x = sym("x0", Type("c", "n", 1))
    for k in range(count):
        w, b = sym(f"W{k}", Type("m", "n", "n")), sym(f"b{k}", Type("c", "n", 1))
        x = make("tanh", (make("add", (make("matmul", (w, x)), b)),))
    return make("sum", (x,))


@pytest.mark.parametrize("layers", [250, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_layers(layers: int) -> None:
    text = "; ".join([f"s = u'*h{layers}", *[f"h{k + 1} = f(W{k}*h{k} + b{k})" for k in range(layers)]])
    dims: dict[str, tuple[str, ...]] = {f"W{k}": ("n", "n") for k in range(layers)} | {"h0": ("n",), "u": ("n",)}
    d = matcalc.derive(text, dims=dims | {f"b{k}": ("n",) for k in range(layers)}, check=False)
    rng = np.random.default_rng(0)
    at = {n: 0.5 * rng.standard_normal([2] * len(s)) for n, s in d.dims.items()}
    value, found = d.function()(**at, f="tanh")
    assert np.isfinite(value) and len(found) == len(d.wrt)
    assert max(map(len, d.to_code().split("\n"))) <= 100


@pytest.mark.slow
def test_deep_values_and_long_sums() -> None:
    value = chain_of_layers(1000)
    source = numpy_source(Task(value, [], [e for e in postorder([value]) if e.op == "sym"], [], [], "run", Doc()))
    compile_source(source, "run")
    names = [sym(f"v{k}", SCALAR) for k in range(3000)]
    total: Expr = names[0]
    for s in names[1:]:
        total = make("add", (total, make("scale", (s, s))))
    run = compile_source(numpy_source(Task(total, [], names, [], [], "run", Doc())), "run")
    assert run(*np.ones(3000)) == 3000
    product: Expr = names[0]
    for s in names[1:300]:
        product = make("scale", (product, s))
    run = compile_source(numpy_source(Task(product, [], names[:300], [], [], "run", Doc())), "run")
    assert run(*np.full(300, 1.01)) == pytest.approx(1.01**300)


def test_long_products_and_repeated_squares() -> None:
    matrices = [sym(f"A{k}", Type("m", "n", "n")) for k in range(120)]
    x = sym("x", Type("c", "n", 1))
    chain: Expr = matrices[0]
    for a in matrices[1:]:
        chain = make("matmul", (chain, a))
    source = numpy_source(Task(make("sum", (make("matmul", (chain, x)),)), [], [*matrices, x], [], [], "run", Doc()))
    given = [np.eye(2)] * 120
    assert compile_source(source, "run")(*given, np.ones(2)) == 2
    assert source.count("@") == 120
    power: Expr = matrices[0]
    for _ in range(12):
        power = make("matmul", (power, power))
    source = numpy_source(Task(make("tr", (power,)), [], matrices[:1], [], [], "run", Doc()))
    assert np.allclose(compile_source(source, "run")(np.eye(2)), 2)
    assert len(source) < 5000


def test_a_matrix_without_a_real_logarithm_gives_no_number() -> None:
    x = np.array([[1.0, 2, 0], [3, -1, 1], [0, 1, -2]])  # an eigenvalue is negative
    for text in ("tr(logm(X)*A)", "tr(sqrtm(X)*A)"):
        d = matcalc.derive(text, wrt="X", dims={"X": ("n", "n"), "A": ("n", "n")})
        value, gradient = d.function()(X=x, A=np.arange(9.0).reshape(3, 3))
        assert np.isnan(value) and np.isnan(gradient).all()
    d = matcalc.derive("a'*X^k*a", wrt="X", dims={"X": ("n", "n"), "a": ("n",), "k": ()})
    assert any("no eigenvalue may be zero or negative" in w for w in d.warnings)
    with pytest.raises(ValueError, match="NaN"):
        d.function()(X=x, a=np.ones(3), k=3.0)
    spd = x @ x.T + np.eye(3)
    at = {"X": spd, "a": np.array([1.0, 2, 3]), "k": 2.5}
    step = np.zeros((3, 3))
    step[0, 1] = 1e-6

    def value_of(m: Any) -> float:
        vectors = np.linalg.eig(m)
        power = (vectors[1] * vectors[0].astype(complex) ** 2.5) @ np.linalg.inv(vectors[1])
        return float((at["a"] @ power @ at["a"]).real)

    slope = (value_of(spd + step) - value_of(spd - step)) / 2e-6
    assert np.isclose(d.function()(**at)[1][0, 1], slope, rtol=1e-6)


def test_hostile_names_of_vectors_and_sizes() -> None:
    """An operator's vectors, and sizes that are held against each other."""
    size = '") or exit("\\'
    symbols = [sym(name, Type("c", size, 1)) for name in HOSTILE]
    value = make("sum", (make("hadamard", (symbols[1], symbols[1])),))
    task = Task(value, [(HOSTILE[1], make("hadamard", (symbols[0], symbols[1])))], symbols, [], [], "run", Doc(kind="hvp"))
    said = f'The product with {HOSTILE[0]} """\\'
    source = operator_source(task._replace(asserted=True), [Product("matvec", [HOSTILE[0]], 1, said)], "hessian")
    tree = ast.parse(source)
    calls = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert {type(n).__name__ for n in tree.body} == {"Import", "FunctionDef"} and not {"exit", "print", "eval"} & calls
    space: dict[str, Any] = {}
    exec(compile(tree, "operator", "exec"), space)
    vectors = [np.arange(3.0) + i for i in range(len(symbols))]
    got, operator = space["run"](*vectors[1:])
    assert np.isclose(got, vectors[1] @ vectors[1]) and np.allclose(operator @ np.ones(3), vectors[1])
    with pytest.raises(ValueError, match="the rows of"):
        space["run"](*vectors[1:-1], np.ones(2))
