"""Classes with forward and backward: their gradients against differences and formulas of NumPy's, alone and in a chain."""

from __future__ import annotations

import ast
import re
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import UsageError
from tests.codegen import test_codegen as code

RNG = np.random.default_rng(3)


def made(text: str, **options: Any) -> Any:
    """An object of the class of the printed source."""
    return opened(matcalc.derive(text, **options))


def opened(d: Any) -> Any:
    source = d.to_code("class", name="Node")
    space: dict[str, Any] = {}
    exec(source, space)  # our own text: that it can be run as it is printed is what is tested
    return space["Node"]()


def test_a_layer_and_its_score() -> None:
    node = made("s = u^T f(W x + b)", wrt=["W", "x", "b"])
    u, W, x, b = RNG.normal(size=2), RNG.normal(size=(2, 3)), RNG.normal(size=3), RNG.normal(size=2)
    s = node.forward(u, W, x, b, np.tanh, lambda z: 1 - np.tanh(z) ** 2)
    delta = u * (1 - np.tanh(W @ x + b) ** 2)
    assert s == pytest.approx(u @ np.tanh(W @ x + b))
    for upstream, times in (((), 1.0), ((-2.5,), -2.5)):
        found = node.backward(*upstream)
        for got, want in zip(found, (np.outer(delta, x), W.T @ delta, delta), strict=True):
            np.testing.assert_allclose(got, times * want, rtol=1e-12)


@pytest.mark.parametrize("text, sizes", [
    ("softmax(W*x + b)", {"W": (4, 3), "x": (3,), "b": (4,)}),
    ("tanh(A*X*B)", {"A": (2, 3), "X": (3, 4), "B": (4, 2)}),
    ("x'*A", {"x": (3,), "A": (3, 2)}),
    ("inv(S)*x", {"S": (3, 3), "x": (3,)}),
    ("norm2(x)*x*x'", {"x": (3,)}),
])  # fmt: skip
def test_any_value_has_a_vector_jacobian_product(text: str, sizes: dict[str, tuple[int, ...]]) -> None:
    d = matcalc.derive(text, dims=sizes, wrt=list(sizes))
    at = {n: RNG.normal(size=s) + (3 * np.eye(3) if n == "S" else 0) for n, s in sizes.items()}
    node, value = opened(d), matcalc.parse(text, sizes)
    y = node.forward(**at)
    upstream = RNG.normal(size=np.shape(y))
    found = node.backward(upstream)
    for name, got in zip(sizes, found if isinstance(found, tuple) else (found,), strict=True):
        way, h = RNG.normal(size=sizes[name]), 1e-6
        ahead, behind = (value.evaluate({**at, name: at[name] + s * h * way}) for s in (1, -1))
        assert np.vdot(got, way) == pytest.approx(np.vdot(upstream, (ahead - behind) / (2 * h)), rel=1e-6, abs=1e-8)
        assert got.shape == sizes[name]


def test_a_chain_of_two_is_the_composition() -> None:
    first = made("tanh(W*x + b)", wrt=["W", "x"], dims={"W": ("n", "m"), "x": ("m",)})
    second = made("J = -y'*log(softmax(V*h))", wrt=["V", "h"], dims={"V": ("k", "n"), "h": ("n",), "y": ("k",)})
    whole = matcalc.derive("J = -y'*log(softmax(V*tanh(W*x + b)))", wrt=["V", "W", "x"],
                           dims={"V": ("k", "n"), "W": ("n", "m"), "x": ("m",), "y": ("k",)}).function()  # fmt: skip
    W, x, b, V, y = (RNG.normal(size=s) for s in ((3, 2), 2, 3, (4, 3), 4))
    J = second.forward(y=y, V=V, h=first.forward(W=W, x=x, b=b))
    grad_V, delta = second.backward()
    grad_W, grad_x = first.backward(delta)
    value, want = whole(W=W, x=x, b=b, V=V, y=y)
    assert pytest.approx(value) == J
    for got, right in zip((grad_V, grad_W, grad_x), want, strict=True):
        np.testing.assert_allclose(got, right, rtol=1e-11)


def test_forward_keeps_exactly_what_backward_reads() -> None:
    for text in ("s = u^T f(W x + b)", "softmax(W*x + b)", "a'*x", "logdet(X'*X)", "norm2(A*x-b)^2"):
        tree = ast.parse(matcalc.derive(text, check=False).to_code("class"))
        methods = {n.name: n for c in tree.body if isinstance(c, ast.ClassDef) for n in c.body if isinstance(n, ast.FunctionDef)}
        unpacking = next(
            n for n in ast.walk(methods["backward"]) if isinstance(n, ast.Assign) and isinstance(n.targets[0], ast.Tuple)
        )
        kept = {n.id for n in ast.walk(unpacking.targets[0]) if isinstance(n, ast.Name)}
        read = {n.id for n in ast.walk(methods["backward"]) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
        assert kept <= read and not read & {a.arg for a in methods["forward"].args.args} - kept - {"self"}


@pytest.mark.parametrize(
    "text", ["softmax(Q*K'/sqrt(d))*V", "kron(eye(2), Q) + log(2*pi)", "[diag(a); ones(n)']*log(n)", "tr(Q*K')^2"]
)
def test_what_is_made_of_nothing_given_has_the_precision_of_what_is(text: str) -> None:
    declared = {"Q": ("n", "d"), "K": ("n", "d"), "V": ("n", "d"), "a": ("n",)}
    names = [name for name in declared if name in re.findall(r"\w+", text)]
    node = made(text, dims={name: declared[name] for name in names})
    y = node.forward(*(np.full((3, 2)[: len(declared[name])], 0.5, "f") for name in names))
    found = node.backward(np.ones(y.shape))
    assert {np.asarray(r).dtype for r in (y, *(found if isinstance(found, tuple) else (found,)))} == {np.dtype("f")}


def test_twice_and_in_single_precision_and_owned() -> None:
    node = made("tanh(x)", dims={"x": ("n",)})
    y = node.forward(np.ones(3, "f"))
    assert y.dtype == np.float32 and node.backward(np.ones(3)).dtype == np.float32
    y[:] = 7  # the caller's own
    first, second = node.backward([1, 2, 3]), node.backward([1, 2, 3])
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(first, np.array([1, 2, 3]) * (1 - np.tanh(1.0) ** 2), rtol=1e-6)


def test_what_does_not_fit_is_said() -> None:
    node = made("tanh(x)", dims={"x": ("n",)})
    with pytest.raises(RuntimeError, match="forward comes before backward"):
        node.backward(np.ones(3))
    node.forward(np.ones(3))
    with pytest.raises(ValueError, match=r"upstream has the shape \(2,\), and the value \(3,\)"):
        node.backward(np.ones(2))
    with pytest.raises(UsageError, match="a hessian has no backward pass"):
        matcalc.derive("x'*x", kind="hessian", wrt="x").to_code("class")


def test_names_of_the_user_that_are_ours() -> None:
    dims = {"self": (3, 4), "upstream": (4,), "shape": (3,), "dtype": ()}
    node = made("shape'*self*upstream*dtype", dims=dims, wrt=["self", "dtype"])
    at = {n: RNG.normal(size=s) for n, s in dims.items()}
    value = node.forward(**{"self_" if n == "self" else n: x for n, x in at.items()})
    assert value == pytest.approx(at["shape"] @ at["self"] @ at["upstream"] * at["dtype"])
    by_self, by_dtype = node.backward(2.0)
    np.testing.assert_allclose(by_self, 2 * at["dtype"] * np.outer(at["shape"], at["upstream"]))
    assert by_dtype == pytest.approx(2 * at["shape"] @ at["self"] @ at["upstream"])


def test_labels_are_integers() -> None:
    node = made(r"J = -\log \frac{e^{f_y}}{\sum_{c=1}^{C} e^{f_c}}", wrt="f")
    f = np.array([0.5, -1.0, 2.0])
    p = np.exp(f) / np.exp(f).sum()
    assert node.forward(1, f) == pytest.approx(-np.log(p[1]))
    np.testing.assert_allclose(node.backward(3.0), 3 * (p - np.eye(3)[1]))


@pytest.mark.slow
@pytest.mark.skipif(not code.CORPUS.is_dir(), reason="the shared corpus is not here")
def test_a_slice_of_the_corpus_gives_what_the_function_gives() -> None:
    from tests.system.test_corpus import judge

    module, compared = judge(), 0
    for case in code.corpus()[::9]:
        declared = {k: tuple(v) for k, v in case["dims"].items()}
        if case["kind"] != "gradient" or case.get("functions"):
            continue
        d = matcalc.derive(
            case["plain"], case["wrt"], declared, assume=case.get("domain") or None, output=case.get("output"), check=False
        )
        run, node, at = d.function(), opened(d), module.verify.sample(case, 0)
        if run.functions:
            continue
        value, want = run(**{n: at[n] for n in run.originals})
        assert node.forward(*[at[n] for n in run.originals]) == pytest.approx(value, rel=1e-9)
        for got, right in zip(*(f if isinstance(f, tuple) else (f,) for f in (node.backward(-2.0), want)), strict=True):
            np.testing.assert_allclose(
                got, -2 * np.asarray(right), rtol=1e-6, atol=1e-9 * (1 + np.abs(right).max()), err_msg=case["id"]
            )
        compared += 1
    assert compared > 12
