"""Which values get a name, and which: those of the input, arguments and values of functions, and what is used twice."""

from __future__ import annotations

import matcalc
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.engine.waypoints import as_result, blocks, cut, given_forms
from matcalc.expr.nodes import substitute
from tests.nodes import read


def graph_of(text: str, name: str | None = None, wrt: str = "x", taken: str = ""):  # type: ignore[no-untyped-def]
    return cut(read(text), name, (), {read(wrt)}, {*"Axyb", *taken})


def names_of(graph):  # type: ignore[no-untyped-def]
    return [str(graph.symbols[node].attr) for node in graph.order]


def test_argument_and_value_of_a_function() -> None:
    graph = graph_of("sum(tanh(A*x + y))")
    assert names_of(graph) == ["z", "h", "s"] and graph.output_name == "s"
    assert graph.bodies[graph.order[1]].op == "tanh" and graph.bodies[graph.order[0]] is read("A*x + y")


def test_the_bodies_put_together_are_the_expression() -> None:
    for text in ("sum(tanh(A*x + y))", "x'*A*x", "norm2(exp(x) + exp(x) .* y)^2", "sum(exp(A*tanh(x)))"):
        graph = graph_of(text)
        whole = graph.symbols[graph.output]
        for node in reversed(graph.order):
            (whole,) = substitute((whole,), {graph.symbols[node]: graph.bodies[node]})
        assert whole is read(text)


def test_linear_parts_have_no_name() -> None:
    assert names_of(graph_of("x'*(A*x)")) == ["s"]


def test_a_name_of_the_input_is_not_given_again() -> None:
    names = names_of(graph_of("sum(tanh(A*x + y))", taken="zhs"))
    assert not set(names) & {"z", "h", "s"} and len(set(names)) == 3


def test_names_of_the_input_are_kept() -> None:
    q = read("A*x")
    graph = cut(read("sum(tanh(A*x))"), "loss", [("q", q)], {read("x")}, {"A", "x"})
    assert names_of(graph)[0] == "q" and graph.output_name == "loss" and q in graph.symbols


def names_in(text: str, **options: object) -> list[str]:
    d = matcalc.derive(text, dims=dict.fromkeys("xyb", ("n",)), check=False, **options)
    return [name for name, _ in d.trace.waypoints]


def test_blocks_of_a_concatenation_are_one_value() -> None:
    d = matcalc.derive("J = u'*tanh(A*[x; y; x + y])", dims={"x": ("n",), "y": ("n",)}, check=False)
    assert [(name, len(blocks(e))) for name, e in d.trace.waypoints if e.op == "vcat"] == [("a", 3)]  # z is x + y
    assert names_in("J = u'*tanh(A*[x; 2*b; b])", wrt="x") == ["z", "h", "J"]  # one moves: nothing is shared


def test_the_name_of_a_window() -> None:
    assert names_in("J = u'*tanh(A*[x; y; b])")[0] == "x_window"
    assert names_in("J = u'*tanh(A*[x; y])")[0] == "z"
    assert "x_window" not in names_in("J = u'*tanh(A*[x; y; x_window])", wrt="all")
    assert "x_window" not in names_in("J = u'*tanh(A*[x; y; b])", wrt=["x", "y"])


def test_only_what_the_variable_moves_needs_a_name() -> None:
    graph = graph_of("sum(exp(A*y))*sum(exp(x))")
    assert read("exp(A*y)") not in graph.needed and read("exp(x)") in graph.needed


def test_what_a_result_is_written_with() -> None:
    d = matcalc.derive("s = u'*f(W*x + b)", check=False)
    assert any("f′(z)" in box.chain[-1].text or "δ" in box.chain[-1].text for box in d.boxes)
    graph = graph_of("sum(f(A*x))")
    shown, names = as_result(graph, read("f'(A*x)"), {read("A*x"): "z"}, given_forms(graph, Normalizer()))
    assert shown is read("f'(A*x)") and set(names.values()) <= {"z"}


def test_values_are_called_after_what_they_feed() -> None:
    gates = "f = sigmoid(A*x + b); i = sigmoid(B*x + b); s = sum(f .* i)"
    assert names_in(gates, wrt="all") == ["z_f", "f", "z_i", "i", "s"]
    layers = "h_1 = tanh(A*x); h_2 = tanh(B*h_1); s = sum(h_2)"
    assert names_in(layers) == ["z_1", "h_1", "z_2", "h_2", "s"]
    assert names_in("h = tanh(A*x); s = sum(h)") == ["z", "h", "s"]  # one only
    assert "z_f" not in names_in(gates + " + sum(z_f)", wrt="all")[:1]  # a name of the input


def test_another_letter_where_z_is_taken() -> None:
    """The gates of a GRU are called z and r: what they are functions of is a_z and a_r, and δ_z the derivative by that."""
    gates = "z = sigmoid(W*x); r = tanh(U*x); h = (1 - z) .* r + z .* b; s = x'*h"
    d = matcalc.derive(gates, wrt=["W", "U", "x"], dims={"x": ("n",), "b": ("n",)}, check=False)
    assert [name for name, _ in d.trace.waypoints] == ["a_z", "z", "a_r", "r", "h", "s"]
    assert {"δ_h = ∂s/∂h", "δ_r = ∂s/∂a_r", "δ_z = ∂s/∂a_z"} <= {
        " = ".join(line.strip().split(" = ")[:2]) for line in d.to_text().splitlines()
    }


def test_softmax_has_a_name_and_one_that_a_rewriting_dissolved_keeps_it() -> None:
    assert names_in("s = sum(softmax(x) .* b)") == ["p", "s"]
    d = matcalc.derive("q = softmax(x); s = -b'*log(q)", wrt="x", check=False)
    assert d.result.text == "sum(b) q - b"


def test_what_is_read_as_it_stands_has_no_name() -> None:
    """Neither log(p) nor 1 - p where p has a name; log(z) of what a derivation calls z has one."""
    logistic = "p = sigmoid(A*x); s = -b'*log(p) - (1 - b)'*log(1 - p)"
    assert names_in(logistic) == ["z", "p", "s"]
    assert names_in("s = -log(sigmoid(x'*y)) - 2*log(1 - sigmoid(x'*y))") == ["t", "c", "s"]
    assert names_in("s = sum(log(A*x))") == ["z", "h", "s"]
