"""What derive gives back: a derivation, its results by name, what it holds."""

from __future__ import annotations

import gc
import json
import weakref
from typing import Any

import numpy as np
import pytest

import matcalc
from tests.test_api import ARRAYS, DIMS, QUADRATIC, TEXT, A, rng, wrong, x


def test_results_are_found_by_name() -> None:
    d = matcalc.derive(QUADRATIC, dims=DIMS)
    assert d["A"].plain == "x*x'"
    with pytest.raises(KeyError, match="no derivative by 'q'"):
        d["q"]
    error = wrong(call=lambda: d.result)
    assert "3 results" in error.message and "d[" in (error.hint or "")
    assert matcalc.derive("x'*x").result.wrt == "x"


def test_results() -> None:
    d = matcalc.derive(TEXT, dims={"W": ("n", "m")})
    r = d["W"]
    assert (r.wrt, r.kind, r.layout, r.shape) == ("W", "gradient", "shape", ("n", "m"))
    assert r.plain == "(u .* f'(W*x + b))*x'" and "\\odot" in r.latex
    assert matcalc.parse(r.plain, dims=d.dims).plain == r.plain
    assert matcalc.derive(r.plain, wrt="x", dims=d.dims, check=False).value.plain == r.plain
    with pytest.raises(AttributeError):
        r.nothing  # noqa: B018


def test_steps() -> None:
    d = matcalc.derive(TEXT, dims={"W": ("n", "m")})
    for step in d.steps:
        assert step.rule and step.source and isinstance(step.dims, str) and step.dims.startswith("[")
        for side in (step.lhs, step.rhs):
            assert side.plain and side.latex and isinstance(side.shape, tuple)
        assert step.check is not None and step.check.max_relative_error < 1e-8 and step.check.points >= 2
    with pytest.raises(AttributeError):
        step.rule = "another"  # plain data, frozen


def test_evaluate_is_the_printed_formula() -> None:
    d = matcalc.derive("logsumexp(A*x)*(b'*x)^2", dims=DIMS)
    for r in d.results:
        printed = matcalc.parse(r.plain, dims=d.dims).evaluate(ARRAYS)
        assert np.array_equal(r.evaluate(ARRAYS), printed)


@pytest.mark.parametrize(("text", "matrix"), [("W*V", lambda w, v: np.kron(v.T, np.eye(3))), ("W*V*W", None)])
def test_vec_form(text: str, matrix: Any) -> None:
    """d vec(Y) / d vec(W)', columns stacked, against differences."""
    shapes = {"W": ("n", "m"), "V": ("m", "n")}
    W, V = rng.standard_normal((3, 2)), rng.standard_normal((2, 3))
    result = matcalc.derive(text, wrt="W", dims=shapes).result.vec
    got = np.asarray(result.evaluate({"W": W, "V": V}))
    function = {"W*V": lambda w: w @ V, "W*V*W": lambda w: w @ V @ w}[text]
    columns = []
    for k in range(W.size):
        step = np.zeros(W.size)
        step[k] = 1e-6
        move = step.reshape(W.shape, order="F")
        columns.append((function(W + move) - function(W - move)).ravel(order="F") / 2e-6)
    assert np.allclose(got, np.array(columns).T, atol=1e-8)
    assert matrix is None or np.allclose(got, matrix(W, V))
    assert result.plain and result.latex


def test_text_forms() -> None:
    d = matcalc.derive(TEXT)
    for text in (d.to_text(), d.to_latex(), d.to_latex(document=True), d.to_markdown(), d.to_html()):
        assert isinstance(text, str) and len(text) > 300
    assert "\\documentclass" in d.to_latex(document=True) and "\\documentclass" not in d.to_latex()
    assert "\x1b" not in d.to_text() and "∂s/∂W" in d.to_text()
    assert d._repr_latex_() and d._repr_markdown_() and d._repr_html_()
    assert "u ∘ f′(z)" in repr(d) and repr(d["b"]) == "u ∘ f′(z)"


def test_json() -> None:
    d = matcalc.derive(TEXT, dims={"W": ("n", "m")})
    found = json.loads(d.to_json())
    assert found == json.loads(json.dumps(d.to_dict()))
    assert found["schema"] == 2 and found["expression"] == TEXT
    assert found["value"]["plain"] == "u'*f(W*x + b)" and found["value"]["shape"] == [] and found["value"]["latex"]
    assert found["dims"] == {"u": ["n"], "W": ["n", "m"], "x": ["m"], "b": ["n"]}
    assert [r["wrt"] for r in found["results"]] == list(d.wrt)
    for entry, r in zip(found["results"], d.results, strict=True):
        assert (entry["plain"], entry["latex"], tuple(entry["shape"])) == (r.plain, r.latex, r.shape)
        assert entry["kind"] == "gradient" and entry["layout"] == "shape"
    assert len(found["steps"]) == len(d.steps)
    for entry, step in zip(found["steps"], d.steps, strict=True):
        assert entry["rule"] == step.rule and entry["lhs"]["plain"] == step.lhs.plain and entry["source"]
        assert entry["check"]["max_relative_error"] < 1e-8 and entry["check"]["points"] >= 2
    assert found["check"]["passed"] is True and found["warnings"] == []


def test_code_and_function() -> None:
    d = matcalc.derive(TEXT, dims={"W": ("n", "m")})
    source = d.to_code()
    assert "import numpy" in source and "def " in source
    assert "def loss(" in d.to_code("numpy", name="loss")
    assert "no target" in str(wrong("fortran", call=d.to_code)) or "fortran" in str(wrong("fortran", call=d.to_code))
    W, u, w, c = (
        rng.standard_normal((2, 3)),
        rng.standard_normal(2),
        rng.standard_normal(3),
        rng.standard_normal(2),
    )
    value, gradients = d.function()(u=u, W=W, x=w, b=c, f=np.sin, df=np.cos)
    z = W @ w + c
    assert np.allclose(value, u @ np.sin(z))
    wants = {"u": np.sin(z), "W": np.outer(u * np.cos(z), w), "x": W.T @ (u * np.cos(z)), "b": u * np.cos(z)}
    assert len(gradients) == 4
    for name, got in zip(d.wrt, gradients, strict=True):
        assert np.allclose(got, wants[name])
    value, gradient = matcalc.derive("x'*A*x", wrt="x", dims=DIMS).function()(x=x, A=A)
    assert np.allclose(value, x @ A @ x) and np.allclose(gradient, (A + A.T) @ x)


@pytest.mark.slow
def test_a_derivation_is_freed_without_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        gone = weakref.ref(matcalc.derive("q'*g(P*k + r)", check=False)["P"].data.expr)
        assert gone() is None
    finally:
        gc.enable()
