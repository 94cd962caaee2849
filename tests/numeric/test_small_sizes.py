"""Numbers given as sizes are the user's, not the check's: it runs at small ones that keep every relation between them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check.report import check_trace
from matcalc.engine.derivation import Formula
from matcalc.expr import dims
from matcalc.expr.nodes import make, num, postorder
from matcalc.expr.table import parse_dim
from matcalc.numeric import small_sizes
from matcalc.numeric.small_sizes import relations, solve

N, M = 10**6, 784_000  # no array of N × M entries can exist here


def outputs(d: matcalc.Derivation) -> str:
    printed = [d.to_text(), d.to_latex(), d.to_json(), d.to_markdown(), d.to_html(), d.to_code()]
    return "\n".join([*printed, *(r.plain for r in d.results), *(r.vec.plain for r in d.results)])


# Each with its sizes by name; ``n`` and ``m`` become N and M.
SAME: dict[str, dict[str, Any]] = {
    "W*x + b": {"dims": {"W": ("n", "m")}},
    "norm2(A*x-b)^2": {"dims": {"A": ("n", "m")}},
    "x'*x": {"dims": {"x": ("n",)}},
    "mean(x)": {"dims": {"x": ("n",)}},
    "var(x)": {"dims": {"x": ("n",)}},
    "std(x)": {"dims": {"x": ("n",)}},
    "tr(A*X*B*X')": {"dims": {"X": ("n", "m")}, "wrt": "X", "kind": "hessian"},
    "log(sum(exp(A*x)))": {"dims": {"A": ("n", "m")}, "wrt": "x", "kind": "hessian"},
    "logdet(X'*X)": {"dims": {"X": ("n", "m")}},
    "sum(layernorm(W*x).*y)": {"dims": {"W": ("n", "m")}},
    "tr(eye(n)*A)": {"dims": {"A": ("n", "n")}},
    "kron(A, x)": {"dims": {"A": ("n", "m"), "x": ("m",)}, "wrt": "A"},
    "vec(A)'*z": {"dims": {"A": ("n", "m")}},
    "-y'*log(softmax(W*x + b))": {"dims": {"W": ("n", "m")}, "style": "differential"},
    "u'*tanh(W*x + b)": {"dims": {"W": ("n", "m")}, "wrt": "W", "style": "elementwise"},
    "sum(conv(x, h))": {"dims": {"x": ("n",), "h": ("m",)}},
    "np.mean(X, axis=0) @ w": {"dims": {"X": ("n", "m")}},
    "x[3:n]'*y": {"dims": {"x": ("n",)}},
}  # fmt: skip


def with_sizes(text: str, n: int, m: int) -> matcalc.Derivation:
    put = {"n": n, "m": m}
    given = {**SAME[text], "dims": {k: tuple(put.get(s, s) for s in shape) for k, shape in SAME[text]["dims"].items()}}
    return matcalc.derive(re.sub(r"\bn\b", str(n), text), **given)


@pytest.mark.sample(5)
@pytest.mark.parametrize("text", SAME)
def test_numbers_give_what_names_give(text: str) -> None:
    """Huge numbers cost what names cost; the values at arrays are those of the answer by name."""
    by_name, huge = matcalc.derive(text, **SAME[text]), with_sizes(text, N, M)
    assert huge.checked and huge.checked.passed and outputs(huge)
    put = {"n": N, "m": M}
    for a, b in zip(by_name.results, huge.results, strict=True):
        assert b.shape == tuple(dims.value(parse_dim(str(s)), put) if set(str(s)) & {"n", "m"} else s for s in a.shape)
    n, m = (14, 11) if "logdet" not in text and "eye" not in text else (14, 14) if "eye" in text else (14, 9)
    found = with_sizes(text, n, m)
    put, rng = {"n": n, "m": m}, np.random.default_rng(0)
    free = iter(range(9, 99))
    for shape in by_name.dims.values():
        put |= {s: next(free) for s in shape if isinstance(s, str) and s not in put}
    arrays = {name: rng.standard_normal([dims.value(s, put) for s in shape]) for name, shape in by_name.dims.items()}
    if "x[3:n]" in text:
        arrays["y"] = rng.standard_normal(n - 2)
    for a, b in zip(by_name.results, found.results, strict=True):
        assert np.allclose(a.evaluate(arrays), b.evaluate(arrays), rtol=1e-10)
        assert np.allclose(a.vec.evaluate(arrays), b.vec.evaluate(arrays), rtol=1e-10)


ONLY_NUMBERS: dict[str, dict[str, Any]] = {
    "z'*[x;y]": {"dims": {"z": (784_000,), "x": (300_000,)}},
    "[x;y;w]'*z": {"dims": {"z": (10**9,)}},
    "norm2(x[500:1000])^2 + x[700]": {"dims": {"x": (2000,)}},
    "sum(x[3:1000])": {},
    "A[1:300000,:]*x": {"dims": {"A": (10**6, 10**6)}},
    "kron(A,B)*x": {"dims": {"A": (1000, 300), "B": (40, 50)}, "wrt": "x"},
    "vec(kron(X, eye(300)))'*y": {"dims": {"X": (100, 200)}, "wrt": "X"},
    "tr(eye(500000)*A)": {},
    "[A, B; C, D]*x": {"dims": {"A": (300_000, 500_000), "D": (700_000, 200_000)}, "wrt": "x"},
    "1/1000*sum(x)": {"dims": {"x": (1000,)}},
    "2*mean(x)^2": {"dims": {"x": (10**9,)}},
    "norm2(kron(x, y))^2": {"dims": {"x": (10**50,), "y": (10**50 + 1,)}},
    r"\frac{1}{1000000}\sum_{i=1}^{1000000}(y_i-w^\top x_i)^2": {
        "wrt": "w", "dims": {"X": (10**6, 2000), "y": (10**6,)}, "index": {"x_i": "X[i,:]"}},
    r"\sum_{i=1}^{1000000} (y_i - 3)^2 + \sum_{j=1}^{1000000} z'z": {"dims": {"y": (10**6,), "z": ("q",)}},
    "norm2(X[:,5:800000])^2": {"dims": {"X": (3, 10**6)}},
}  # fmt: skip


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", ONLY_NUMBERS)
def test_relations_between_numbers(text: str) -> None:
    d = matcalc.derive(text, **ONLY_NUMBERS[text])
    assert d.checked and d.checked.passed and outputs(d)


ZERO = {
    "sum(x)/1000 - mean(x)": {"x": (1000,)},
    "0.001*sum(x) - mean(x)": {"x": (1000,)},
    "var(x) - (sum(x.^2)/1000 - (sum(x)/1000)^2)": {"x": (1000,)},
    "mean(X.^2) - tr(X'*X)/15000000": {"X": (5000, 3000)},
    "tr(eye(5000))*sum(x) - 5000*sum(x)": {"x": ("n",)},
}


@pytest.mark.parametrize("text", ZERO)
def test_a_number_in_the_text_can_be_a_size(text: str) -> None:
    name = next(iter(ZERO[text]))
    d = matcalc.derive(text, name, ZERO[text])
    assert d.result.plain.startswith("zeros(")


def test_other_numbers_stay_numbers() -> None:
    d = matcalc.derive("mean(x).^1000 + 999*mean(x)", "x", {"x": (1000,)}, check=False)
    values = {n.attr for n in postorder([d.problem.output]) if n.op == "num"}
    assert {1000, 999} <= values
    for text in ("sum(x)/999 - mean(x)", "sum(x)/5 - mean(x)", "sum(x)/3 - mean(x)"):
        assert not matcalc.derive(text, "x", {"x": (1000,)}).result.plain.startswith("zeros")


def test_values_at_arrays_of_the_true_sizes() -> None:
    rng = np.random.default_rng(1)
    x, w, a = rng.standard_normal(40), rng.standard_normal(40), rng.standard_normal((30, 40))
    d = matcalc.derive("norm2(A*x)^2/40 + mean(x.*w)^2", "x", {"x": (40,), "A": (30, 40)})
    wanted = 2 * a.T @ (a @ x) / 40 + 2 * (x @ w / 40) * w / 40
    given = {"A": a, "x": x, "w": w}
    assert np.allclose(d.result.evaluate(given), wanted)
    assert np.allclose(matcalc.parse(d.result.plain, dims=d.dims).evaluate(given), wanted)
    value, slope = d.function()(**given)
    assert np.allclose(slope, wanted) and np.allclose(value, (a @ x) @ (a @ x) / 40 + (x @ w / 40) ** 2)
    for call in (d.result.evaluate, lambda at: d.function()(**at)):
        with pytest.raises(matcalc.ShapeError, match="40"):
            call({**given, "x": x[:39]})


@pytest.mark.parametrize(
    ("text", "sizes", "said"),
    [
        ("z'*[x;y]", {"z": (784,), "x": (300,), "y": (485,)}, ["[1×784]", "[785×1]", "784 and 785 differ"]),
        ("x'*y", {"x": (10**9,), "y": (10**9 + 1,)}, ["[1×1000000000]", "[1000000001×1]"]),
        ("A*x", {"A": (5000, 3000), "x": (5000,)}, ["'A' is [5000×3000]", "[5000×1]"]),
        ("x[3:1000]", {"x": (999,)}, ["1000", "999"]),
        ("x'*kron(y,z)", {"x": (10**6,), "y": (1000,), "z": (1001,)}, ["1001000"]),
        ("[x;x;y]'*z", {"z": (5,), "x": (1000,)}, ["5"]),
    ],
)  # fmt: skip
def test_errors_say_the_users_numbers(text: str, sizes: dict[str, Any], said: list[str]) -> None:
    with pytest.raises(matcalc.ShapeError) as caught:
        matcalc.derive(text, dims=sizes)
    assert all(s in str(caught.value) for s in said)


@pytest.mark.parametrize(("size", "said"), [(0, "0"), (-5, "-5"), (True, "True"), (2.5, "2.5"), ("0", "0"), ("-3", "-3")])
def test_what_is_no_size(size: Any, said: str) -> None:
    with pytest.raises(matcalc.UsageError, match=re.escape(said)):
        matcalc.derive("x'*x", dims={"x": (size,)})


def test_a_size_of_a_hundred_digits() -> None:
    d = matcalc.derive("mean(x)^2", dims={"x": (10**100,)})
    assert str(10**100) in d.result.plain and d.result.shape == (10**100,) and outputs(d)


def test_a_false_line_is_found_at_stand_ins() -> None:
    d = matcalc.derive("mean(x)^2", dims={"x": (10**6,)}, check=False)
    trace = d.trace
    for k, step in enumerate(trace.steps):
        wrong = make("scale", (num(2), step.rhs.expr))
        steps = (*trace.steps[:k], step._replace(rhs=Formula(wrong)), *trace.steps[k + 1 :])
        with pytest.raises(matcalc.CheckError):
            check_trace(d.problem, steps, trace.results, trace.waypoints)


# ---------------------------------------------------------------- the relations themselves

GRAPHS = [
    ("kron(A,B)*x", {"A": (1000, 300), "B": (40, 50)}),
    ("[A, B; C, D]*x", {"A": (300, 500), "D": (700, 200), "B": (300, 200)}),
    ("norm2(x[500:1000])^2 + x[700]", {"x": (2000,)}),
    ("vec(A)'*z + sum(conv(x,h)) + w'*[x;h]", {"A": (11, 13), "x": (100,), "h": (9,)}),
    ("vec(kron(X, eye(300)))'*y", {"X": (100, 200)}),
    ("[x;y]'*z", {"x": (300,), "y": (484,), "z": (784,)}),
    ("x'*x + y'*y + z'*z", {"x": (20,), "y": (30,), "z": (600,)}),
    ("kron(eye(7), A)*x", {"A": (7, 5)}),
]


@pytest.mark.parametrize(("text", "sizes"), GRAPHS)
def test_relations_hold_for_the_true_numbers_and_for_the_stand_ins(text: str, sizes: dict[str, Any]) -> None:
    d = matcalc.derive(text, dims=sizes, check=False)
    nodes = postorder([d.problem.output, *(s.rhs.expr for s in d.trace.steps)])
    found = relations(nodes, d.problem.ties)
    true = {str(n): n for n in found.numbers}
    small = solve(found, frozenset())
    assert small is not None
    for at in (true, {str(k): v for k, v in small.items()}):
        assert all(dims.value(a, at) == dims.value(b, at) for a, b in (*found.ties, *found.besides))
        assert all(dims.value(a, at) <= dims.value(b, at) for a, b in found.limits)
    chosen = [small[n] for n in found.numbers]
    assert chosen == sorted(set(chosen)), "the smaller stays smaller, and different ones stay different"
    assert max(chosen) <= max(found.numbers) and len(chosen) == len(found.numbers)


def test_every_shape_rule_is_kept_by_stand_ins() -> None:
    """Every node has at stand-ins the size that its kernel gives it."""
    from matcalc.numeric import evaluation
    from matcalc.numeric.kernels import extent
    from matcalc.numeric.sampling import sample

    for text, sizes in GRAPHS:
        d = matcalc.derive(text, dims=sizes, check=False)
        nodes = postorder([d.problem.output])
        small = dict(solve(relations(nodes, d.problem.ties), frozenset()) or {})
        env = sample([n for n in nodes if n.op == "sym"], small)
        known = evaluation.values([d.problem.output], env, small)
        assert all(known[n].shape == extent(n.type, small) for n in nodes), text


def test_numbers_without_stand_ins_are_checked_as_they_are_or_refused() -> None:
    twice = small_sizes.Relations((20, 30), (("20", 20), (dims.mul(2, "30"), 60)))
    assert solve(twice, frozenset()) == {20: 20, 30: 30}
    none = small_sizes.Relations((1000,), ((dims.mul("1000", "1000"), 7),))
    assert solve(none, frozenset()) is None
