"""JSON, schema 2: every formula in plain notation is read back together with the definitions, and is what it says."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import ParseError, ShapeError
from matcalc.printers.jsonout import dumps, error_dict, to_dict, to_json
from tests.printers.test_latex import derived, each

CASES: list[tuple[str, dict[str, Any]]] = [
    ("s = u^T f(W x + b)", {"functions": {"f": "tanh"}}),
    ("u'*layernorm(W*layernorm(W*x))", {}),
    ("sigma(z) = 1/(1 + exp(-z)); u'*sigma(W*sigma(V*x))", {"dims": {"W": ("k", "n"), "V": ("n", "m")}}),
    ("h = tanh(W*x); c = h .* h; s = u'*c + sum(c)", {}),
    ("u'*softmax(W*softmax(W*softmax(W*x)))", {"kind": "hessian", "wrt": "x"}),
    ("norm2(A*x-b)^2", {"kind": "hessian", "wrt": "x"}),
    ("norm2(A*x-b)^2", {"style": "differential"}),
    ("tanh(A*x)", {"wrt": "x", "kind": "jacobian", "dims": {"A": ("n", "m")}}),
    ("tr(X*A*X'*X*B)", {"wrt": "X"}),
    ("a3; a0 = x'*x; a1 = a0*a0 + a0; a2 = a1*a1 + a1; a3 = a2*a2 + a2", {"kind": "hessian", "dims": {"x": ("n",)}}),
]
SIZES = {"n": 3, "m": 4, "k": 5}
_FRACTION = re.compile(r"(?<!\w)d\((\w+)\)/d\((\w+)\)")
_DIFFERENTIAL = re.compile(r"(?<!\w)d\((\w+)\)")


def as_names(plain: str) -> str:
    """Derivatives and differentials as names of their own, as docs/json.md says: ``d(s)/d(z)`` is ``D_s_z``."""
    while True:
        new = _FRACTION.sub(r"D_\1_\2", plain)
        new = new if new != plain else _DIFFERENTIAL.sub(r"D_\1", plain)
        if new == plain:
            return plain
        plain = new


def program(plain: str, data: dict[str, Any]) -> str:
    lines = [f"{as_names(x['name'])} = {as_names(x['plain'])}" for x in data["definitions"]]
    return "; ".join([*lines, f"out__ = {as_names(plain)}"])


@pytest.mark.sample(8)
@pytest.mark.parametrize(("text", "more"), CASES)
def test_every_formula_is_read_back(text: str, more: dict[str, Any]) -> None:
    functions = {f: (np.tanh, lambda x: 1 - np.tanh(x) ** 2) for f in more.get("functions", ())}
    d = matcalc.derive(text, **more)
    data = json.loads(d.to_json())
    assert data["schema"] == 2
    dims = {name: tuple(s) for name, s in data["dims"].items()}
    dims |= {f"d{name}": shape for name, shape in dims.items()}
    rng = np.random.default_rng(3)
    sizes = {a: SIZES.get(a, 4) for shape in dims.values() for a in shape}
    arrays = {n: rng.standard_normal([sizes[a] for a in shape]) for n, shape in dims.items()}
    used = {n: a for n, a in arrays.items() if n in data["dims"]}

    def value(plain: str) -> Any:
        read = matcalc.parse(program(plain, data), dims, output="out__", functions=more.get("functions"))
        return np.asarray(read.evaluate(arrays, functions))

    for step in data["steps"]:
        if step["lhs"]["plain"].endswith("(z)") and step["rule"] in ("definition", "scalar-derivative"):
            continue  # a function of the input, which is its own definition
        got = value(step["rhs"]["plain"])
        assert got.size == np.prod([sizes[a] for a in step["rhs"]["shape"]], dtype=int)
    for r, entry in zip(d.results, data["results"], strict=True):
        want = r.evaluate(used, functions)
        alone = matcalc.parse(r.plain, {n: dims[n] for n in data["dims"]}, functions=more.get("functions"))
        np.testing.assert_allclose(alone.evaluate(used, functions), want, rtol=1e-9, atol=1e-9)
        if ";" in entry["plain"]:
            assert entry["plain"] == r.plain
        else:
            np.testing.assert_allclose(value(entry["plain"]), want, rtol=1e-9, atol=1e-9)
        line = next(
            s for s in reversed(data["steps"]) if s["lhs"]["plain"].endswith(f"/d({r.wrt})") and s["rhs"]["shape"] == entry["shape"]
        )
        np.testing.assert_allclose(value(line["rhs"]["plain"]), want, rtol=1e-9, atol=1e-9)


def test_reading() -> None:
    d = matcalc.derive(r"s = u^T \phi(W x + b) + mean(b)", assume={"W": "small"}, dims={"b": ("n",)})
    r = d.reading
    assert dict(r.kinds) == {"u": "column", "phi": "function", "W": "matrix", "x": "column", "b": "column"}
    assert r.dims["W"] == d.dims["W"] and r.assume == {"W": ("small",)} and r.index == {}
    assert any("mean" in note for note in r.notes)
    assert matcalc.equal(r.plain, d.value.plain, r.dims)
    assert d.to_dict()["reading"]["kinds"] == dict(r.kinds)
    r.dims["W"] = ()  # type: ignore[index]  # a mapping of the caller's own
    assert d.reading.dims["W"] == d.dims["W"] != ()
    with pytest.raises((TypeError, AttributeError)):
        r.plain = ""  # type: ignore[misc]


def test_reading_says_what_indexed_names_are() -> None:
    d = matcalc.derive(r"\sum_i (y_i - w^T x_i)^2", index={"x_i": "X[i,:]"})
    assert d.reading.index == {"x_i": "X[i,:]"}


DEEP: dict[str, Any] = {"dims": {"h0": ("n",), "u": ("n",)}, "check": False}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "layer"), [(16, "h{0} + tanh(W{1}*h{0})"), (64, "h{0} + tanh(W{1}*h{0})"), (24, "layernorm(W{1}*h{0})")]
)
def test_json_is_linear(n: int, layer: str) -> None:
    lines = "; ".join(f"h{i} = {layer.format(i - 1, i)}" for i in range(1, n + 1))
    assert len(json.dumps(matcalc.derive(f"s = u'*h{n}; {lines}", **DEEP).to_dict())) < 15_000 * n


@pytest.mark.slow
@pytest.mark.parametrize("layer", ["h{0} + tanh(W{1}*h{0})", "tanh(W{1}*h{0} + b{1})"])
def test_results_by_names_are_read_back(layer: str) -> None:
    lines = "; ".join(f"h{i} = {layer.format(i - 1, i)}" for i in range(1, 61))
    d = matcalc.derive(f"s = u'*h60; {lines}", **DEEP)
    data = d.to_dict()
    rng = np.random.default_rng(5)
    arrays = {n: rng.standard_normal([3 for _ in shape]) for n, shape in d.dims.items()}
    named = [k for k, r in enumerate(data["results"]) if ";" not in r["plain"]]
    assert 10 < len(named) < len(data["results"])
    assert all(r["plain"] == d.results[k].plain for k, r in enumerate(data["results"]) if k not in named)
    for k in (named[0], named[len(named) // 2], named[-1]):
        got = matcalc.parse(program(data["results"][k]["plain"], data), d.dims, output="out__").evaluate(arrays)
        np.testing.assert_allclose(got, d.results[k].evaluate(arrays), rtol=1e-9, atol=1e-12)


def test_one_long_result_stands_alone() -> None:
    d = matcalc.derive("u'*" + "softmax(W*" * 4 + "x" + ")" * 4, "x", kind="hessian", check=False)
    assert d.to_dict()["results"][0]["plain"] == d.result.plain and ";" in d.result.plain


@each
def test_json_follows_the_schema(expression: str) -> None:
    data = json.loads(to_json(derived(expression), {"numpy": "code"}))
    assert (
        " ".join(data)
        == "schema expression value dims reading definitions results steps unfolded meanings signs check code warnings"
    )
    assert data["schema"] == 2 and data["expression"] == expression and data["code"] == {"numpy": "code"}
    assert list(data["value"]) == ["name", "plain", "latex", "shape"] and data["value"]["shape"] == []
    for result in data["results"]:
        assert list(result) == ["wrt", "kind", "layout", "shape", "plain", "latex"]
        again = matcalc.parse(result["plain"], dims={n: tuple(s) for n, s in data["dims"].items()})
        assert list(again.shape) == result["shape"]
    for step in data["steps"]:
        assert list(step) == ["rule", "source", "lhs", "rhs", "check", "words", "identity"]
        assert step["identity"] is None or list(step["identity"]) == ["text", "latex"]
        assert list(step["lhs"]) == list(step["rhs"]) == ["plain", "latex", "shape"]
        assert list(step["check"]) == ["max_relative_error", "points"]
    assert data["signs"] and all(list(sign) == ["sign", "latex", "meaning"] for sign in data["signs"])
    assert data["check"]["passed"] is True and data["check"]["points"] == 2


def test_json_without_check() -> None:
    data = to_dict(matcalc.derive("x'*A*x", check=False))
    assert data["check"] is None and all(step["check"] is None for step in data["steps"])


def test_sizes_in_json() -> None:
    data = to_dict(matcalc.derive("x'*A*x", dims={"A": (3, 3)}))
    assert data["dims"] == {"x": [3], "A": [3, 3]}


def test_errors_in_json() -> None:
    error = ShapeError("no", span=(1, 3), hint="so")
    assert error_dict(error) == {"error": {"kind": "shape", "message": "no", "span": [1, 3], "hint": "so"}}
    assert error_dict(ParseError("x"))["error"]["span"] is None
    internal = error_dict(KeyError("x"))["error"]
    assert internal["kind"] == "internal" and internal["message"] == "KeyError: 'x'"
    assert dumps({"x": "a\udc80b"}).encode("utf-8")
