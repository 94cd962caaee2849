"""What is printed is linear in the shared graph: sizes are counted, never seconds."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.algebra.index import index_form, paths
from matcalc.check import output_slopes, report
from matcalc.engine.derivation import is_long
from matcalc.expr.errors import CheckError
from matcalc.expr.nodes import make, postorder
from matcalc.numeric import evaluation, kernels, sampling
from matcalc.numeric.stand_ins import Exact
from matcalc.printers.mentioned import needed
from tests.work import calls


def layer_norms(n: int) -> dict[str, Any]:
    return {"expression": "u'*" + "layernorm(W*" * n + "x" + ")" * n}


def residual(n: int) -> dict[str, Any]:
    lines = "; ".join(f"h{i} = h{i - 1} + tanh(W{i}*h{i - 1})" for i in range(1, n + 1))
    return {"expression": f"s = u'*h{n}; {lines}", "dims": {"h0": ("n",), "u": ("n",)}}


def hessian_of_softmax(n: int) -> dict[str, Any]:
    return {"expression": "u'*" + "softmax(W*" * n + "x" + ")" * n, "kind": "hessian", "wrt": "x"}


def hessian_of_quadratics(n: int) -> dict[str, Any]:
    return {"expression": "*".join(f"(x'*A{i}*x)" for i in range(n)), "kind": "hessian", "wrt": "x"}


def idle_layers(n: int) -> dict[str, Any]:
    """What does not move is shared too."""
    return {"expression": "(u'*" + "layernorm(W*" * n + "y" + ")" * n + ")*x'*x", "wrt": "x"}


def squares_of_a_scalar(n: int) -> dict[str, Any]:
    """A Hessian that is linear in the graph for a scalar, whose parts are numbers."""
    lines = "; ".join(f"a{i} = a{i - 1}*a{i - 1} + a{i - 1}" for i in range(1, n + 1))
    return {"expression": f"s = a{n}; a0 = x; {lines}", "dims": {"x": ()}, "wrt": "x", "kind": "hessian"}


FAMILIES = [
    (layer_norms, 4, 8),
    (residual, 8, 16),
    (hessian_of_softmax, 2, 4),
    (hessian_of_quadratics, 6, 12),
    (idle_layers, 4, 8),
    (squares_of_a_scalar, 12, 24),
]
FAMILY = pytest.mark.parametrize(("family", "short", "long"), FAMILIES, ids=[f.__name__ for f, _, _ in FAMILIES])


def outputs(d: Any) -> dict[str, str]:
    forms = ("to_text", "to_latex", "to_markdown", "to_html", "to_typst")
    shown = {f"{form}, {detail}": getattr(d, form)(detail=detail) for form in forms for detail in ("brief", "normal", "full")}
    return {**shown, "repr": repr(d), "latex of results": "".join(r.latex for r in d.results)}


# A node.
CHARACTERS = {"to_text": 40, "to_latex": 65, "to_markdown": 65, "to_html": 340, "to_typst": 90, "repr": 20, "latex of results": 30}


@pytest.mark.slow
@FAMILY
def test_outputs_grow_with_the_graph(family: Any, short: int, long: int) -> None:
    for n in (short, long):
        d = matcalc.derive(**family(n), check=False)
        roots = [r.expr for r in d.trace.results] + [e for s in d.trace.steps for e in (s.lhs.expr, s.rhs.expr)]
        nodes = len(postorder(roots))
        for name, text in outputs(d).items():
            assert len(text) < CHARACTERS[name.split(",")[0]] * nodes, (n, name)


@pytest.mark.sample(3)
@FAMILY
def test_no_formula_repeats_what_is_long(family: Any, short: int, long: int) -> None:
    """After naming, a formula as written is not longer than a few times its own nodes."""
    d = matcalc.derive(**family(long), check=False)
    formulas = [f for s in d.trace.steps for f in (s.rhs, s.via) if f is not None] + [r.data.shown for r in d.results]
    for f in formulas:
        if is_long(f):
            seen, stack, written = set(), [f.expr], 0
            while stack:
                node = stack.pop()
                written += 1
                seen.add(node)
                stack += node.args if node not in f.names or node is f.expr else ()
            assert written <= 6 * len(seen)


@pytest.mark.slow
def test_named_parts_are_checked_lines_of_the_derivation() -> None:
    d = matcalc.derive(**hessian_of_softmax(3))
    parts = [s for s in d.steps if s.kind == "part"]
    names = [s.lhs.text for s in parts]
    assert len(parts) > 5 and len(set(names)) == len(names)
    assert all(s.check is not None and s.lhs.expr is s.rhs.expr for s in parts)
    assert not set(names) & {"u", "W", "x", "s"}
    said: set[str] = set()
    for s in d.steps:
        mentioned = {n for n in s.rhs.names.values() if re.search(rf"(?<![\w]){re.escape(n)}(?![\w])", s.rhs.plain)}
        assert {n for n in mentioned if n in {p.lhs.plain for p in parts}} <= said
        said.add(s.lhs.plain)
    text = d.to_text()
    assert text.index("p₁ = ") < text.index("p₁ ", text.index("p₁ = ") + 4)


def test_parts_with_differentials() -> None:
    """A long line in differentials is named by parts that hold them."""
    deep = "softmax(W*" * 4 + "x" + ")" * 4
    d = matcalc.derive(f"u'*{deep}", kind="differential")
    assert d.checked is not None and d.checked.passed
    assert len(d.to_text()) < 20_000


def test_ordinary_derivations_have_no_parts() -> None:
    for text, kind in (("s = u^T f(W x + b)", None), ("norm2(A*x-b)^2", "hessian"), ("u'*layernorm(W*x)", None)):
        d = matcalc.derive(text, kind=kind, wrt="x")
        assert all(s.kind != "part" for s in d.steps)


def test_names_of_parts_are_new() -> None:
    taken = {f"{letter}{i}" for letter in "cpPT" for i in range(1, 8)}
    d = matcalc.derive("u'*softmax(p1*softmax(p2*softmax(P1*p3)))", "p3", kind="hessian",
                       dims={"p1": ("n", "n"), "p2": ("n", "n"), "P1": ("n", "n"), "p3": ("n",), "u": ("n",)})  # fmt: skip
    parts = {s.lhs.plain for s in d.steps if s.kind == "part"}
    assert parts and not parts & {"p1", "p2", "p3", "P1"} and parts & taken
    assert all(a != b for a, b in pairwise(sorted(parts)))


def squares_and_more(n: int) -> dict[str, Any]:
    lines = "; ".join(f"a{i} = a{i - 1}*a{i - 1} + a{i - 1}" for i in range(1, n + 1))
    return {"expression": f"a{n}; a0 = x'*x; {lines}", "dims": {"x": ("n",), "v": ("n",)}, "wrt": "x"}


def softmax_of_a_matrix(n: int) -> dict[str, Any]:
    text = "tr(" + "softmax(W*" * n + "X" + ")" * n + ")"
    return {"expression": text, "wrt": "X", "dims": {"X": ("n", "n"), "W": ("n", "n")}, "kind": "hessian"}


@pytest.mark.parametrize(("problem", "count"), [
    (softmax_of_a_matrix(6), f"{4 * (4**6 - 1) // 3:,}"), (softmax_of_a_matrix(60), "about 10^36"),
])  # fmt: skip
def test_what_doubles_at_every_step_is_refused_before_it_is_written(
    problem: dict[str, Any], count: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Terms of the Hessian of nested softmax by a matrix: four times as many at each step, of four axes each."""
    expanded: list[int] = []
    original = index_form.close
    monkeypatch.setattr(paths, "close", lambda *a: (expanded.append(1), original(*a))[1])
    with pytest.raises(matcalc.LimitError, match=re.escape(count)) as caught:
        matcalc.derive(**{**problem, "kind": "hessian"})
    assert len(expanded) < 2000 and "kind='hvp'" in str(caught.value) and caught.value.exit_code == 2


def test_the_hint_of_the_limit_works() -> None:
    problem = softmax_of_a_matrix(6)
    d = matcalc.derive(**{**problem, "kind": "hvp", "dims": {**problem["dims"], "V": ("n", "n")}}, direction="V")
    assert d.checked is not None and d.checked.passed


def test_rules_of_many_ways_are_named_once() -> None:
    d = matcalc.derive(**squares_and_more(40), check=False)
    assert all(len(s.rules) < 200 for s in d.steps)


def test_the_check_bounds_the_memory_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays that are moved one in a batch entry each: no more at once than may be held."""
    held: list[int] = []
    original = evaluation.directional

    def counted(roots: Any, env: Any, direction: Any, *rest: Any) -> Any:
        batch = max((m.shape[0] for m in direction.values() if m.ndim > 2), default=1)
        held.append(batch * sum(n.size for n in env.values()))
        return original(roots, env, direction, *rest)

    monkeypatch.setattr(output_slopes, "ENTRIES", 10_000)
    monkeypatch.setattr(evaluation, "directional", counted)
    blocks = "; ".join(", ".join(f"A{i}{j}" for j in range(4)) for i in range(4))
    dims = {f"A{i}{j}": (f"n{i}", f"m{j}") for i in range(4) for j in range(4)}
    d = matcalc.derive(f"u'*[{blocks}]*v", dims=dims)
    assert d.checked is not None and d.checked.passed and max(held) <= 30_000


@pytest.mark.slow
def test_small_derivatives_of_deep_networks_need_no_many_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A gradient that vanishes through 48 layers is no rounding error; one that is rounding errors is not taken for small."""

    def never(*args: Any) -> None:
        raise AssertionError("judged with many digits")

    lines = "; ".join(f"h{i} = f(W{i}*h{i - 1} + b{i})" for i in range(1, 49))
    with monkeypatch.context() as patch:
        patch.setattr(report, "_judged_precisely", never)
        d = matcalc.derive(f"s = u'*h48; {lines}", dims={"h0": ("n",), "u": ("n",)})
    assert d.checked is not None and d.checked.passed
    for text in ("c'*(sin(x).^2 + cos(x).^2 - vector(1))", "c'*(sqrt(exp(2*x)) - exp(x))"):
        for seed in range(4):
            judged: list[bool] = []
            original = report._judged_precisely
            with monkeypatch.context() as patch:
                patch.setattr(report, "_judged_precisely", lambda *a, o=original, j=judged: (j.append(True), o(*a))[1])
                try:
                    shown = matcalc.derive(text, "c", seed=seed)["c"].plain
                except matcalc.CheckError:
                    shown = "0"
            assert judged or "zeros" in shown or shown == "0"


@pytest.mark.parametrize("layers", [24, pytest.param(64, marks=pytest.mark.slow)])
def test_lines_in_doubt_are_judged_together(layers: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a deep norm's variances the derivative is 0, which rounding hides: one difference with many digits for all of them."""
    moved: list[int] = []
    original = evaluation.directional

    def counted(roots: Any, env: Any, direction: Any, *rest: Any) -> Any:
        if isinstance(rest[1], Exact):
            moved.append(max((m.shape[0] for m in direction.values() if m.ndim > 2), default=1))
        return original(roots, env, direction, *rest)

    monkeypatch.setattr(evaluation, "directional", counted)
    d = matcalc.derive(**layer_norms(layers))
    assert d.checked is not None and d.checked.passed and moved and max(moved) == 1 and len(moved) <= 8


def nested(layer: str, n: int) -> str:
    return f"sum({layer * n}x{')' * n})"


def second(layer: str, n: int, wrt: Any, kind: str = "hessian") -> Any:
    dims = {"A": ("n", "n"), "x": ("n",)} if "A" in layer else {"x": ("n",)}
    return matcalc.derive(nested(layer, n), wrt, dims=dims, kind=kind, check=False)


@pytest.mark.slow
@pytest.mark.parametrize(("layer", "wrt", "n", "most"), [("exp(", "x", 10, 4.2), ("tanh(A*", "A", 3, 4)])
def test_second_derivatives_of_deep_functions(layer: str, wrt: str, n: int, most: float) -> None:
    """There are as many terms as pairs of layers; what is done for a term must not be done again for each other one."""
    second(layer, 2, wrt)  # what is loaded once
    assert calls(lambda: second(layer, 2 * n, wrt)) < most * calls(lambda: second(layer, n, wrt))


@pytest.mark.slow
def test_long_results_are_told_and_read_in_time() -> None:
    def work(n: int) -> tuple[int, int]:
        d = second("tanh(A*", n, ["A", "x"], "mixed")
        told = calls(lambda: d.trace)
        return told, calls(lambda: needed(d.steps, [box.chain[-1] for box in d.boxes]))

    (told, read), (more, longer) = work(6), work(12)
    assert more < 4 * told and longer < 8 * read


def test_what_is_known_is_not_looked_at_again() -> None:
    """One line more costs what is new in it, however much is known."""

    class Known(dict[Any, Any]):
        def __iter__(self) -> Any:
            raise AssertionError("all that is known was looked at")

    known = Known()
    x = matcalc.parse("x'*x", {"x": ("n",)}).node
    evaluation.values([x], {"x": np.ones((3, 1))}, {"n": 3}, done=known)
    evaluation.values([make("exp", (x,))], {"x": np.ones((3, 1))}, {"n": 3}, done=known)
    assert known[make("exp", (x,))] == pytest.approx(np.exp(3.0))


@pytest.mark.parametrize("text", ["x+" * 49_000, r"\alpha + " * 30_000, "x .* " * 17_000])
def test_text_of_too_many_signs_is_refused_before_it_is_read(text: str) -> None:
    def refused() -> None:
        with pytest.raises(matcalc.LimitError, match="names, numbers and signs; the limit is 50,000"):
            matcalc.derive(text)

    refused()
    assert calls(refused) < 500


def test_comments_are_not_counted_as_text() -> None:
    assert matcalc.derive("# a b c d e f" * 20_000 + "\nx'*x", "x", dims={"x": ("n",)})["x"].plain == "2*x"


def test_what_does_not_fit_into_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    d = matcalc.derive("C*u", "C", dims={"C": ("m", "n"), "u": ("n",)})

    def full(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(kernels, "_contracted", full)
    with pytest.raises(matcalc.LimitError, match="a value of 3×3×2 entries does not fit into the memory"):
        d["C"].evaluate({"C": np.ones((3, 2)), "u": np.ones(2)})


@pytest.mark.slow
def test_where_there_is_no_point_is_found_out_once_and_explained_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Centred and scaled, one entry is no number: the check goes elsewhere, with many digits too, and asks for no reason."""
    barren: list[Any] = []
    explained: list[Any] = []
    kernels_run = [0]

    class Noted(report.Point):
        def __init__(self, *asked: Any) -> None:
            try:
                super().__init__(*asked)
            except CheckError:
                barren.append((asked[6], asked[10]))  # seed and sizes
                raise

    def run(*given: Any) -> Any:
        kernels_run[0] += 1
        return real(*given)

    real = kernels.run
    d = matcalc.derive(**layer_norms(32), check=False)
    nodes = len(postorder([r.expr for r in d.trace.results]))
    monkeypatch.setattr(report, "Point", Noted)
    monkeypatch.setattr(sampling, "obstacle", lambda *a: explained.append(a))
    monkeypatch.setattr(kernels, "run", run)
    d.check()
    assert barren and len(set(barren)) == len(barren)
    assert not explained
    assert kernels_run[0] < 150 * nodes


@pytest.mark.slow
def test_notices_are_no_longer_than_a_line() -> None:
    """What a derivative divides by is nested as deep as the expression: written out it has a million characters."""
    lines = "; ".join(f"h{i} = layernorm(W{i}*h{i - 1})/norm1(h{i - 1})" for i in range(1, 13))
    d = matcalc.derive(f"s = u'*h12*det(h12*h12'); {lines}", dims={"h0": ("n",), "u": ("n",)}, check=False)
    assert all(len(w) < 400 for w in d.warnings)
