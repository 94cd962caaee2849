"""Computation graphs: nodes, edges and gradients as a lecture draws them by hand."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.engine.computation import Computation
from matcalc.expr.nodes import postorder

SCALARS = {"x": (), "y": (), "z": ()}


def graph(text: str, dims: object = None, **more: object) -> Computation:
    return matcalc.derive(text, dims=dims, check=False, **more).graph().data  # type: ignore[arg-type]


def lines(found: Computation) -> dict[str, str]:
    return {str(v.symbol.attr): " = ".join(m.text for m in v.gradient) for v in found.values}


def bodies(found: Computation) -> dict[str, str]:
    return {str(v.symbol.attr): repr(v.body) for v in found.values if v.body is not v.symbol}


def test_each_operation_gets_a_node_without_being_told() -> None:
    """CS224n, computation graphs: f = (x + y) max(y, z)."""
    found = graph("f = (x+y)*max(y,z)", SCALARS)
    assert bodies(found) == {
        "a": "add(sym[x](), sym[y]())",
        "b": "max2(sym[y](), sym[z]())",
        "f": "scale(sym[a](), sym[b]())",
    }
    assert {(e.source.attr, e.target.attr) for e in found.edges} == {
        ("x", "a"), ("y", "a"), ("y", "b"), ("z", "b"), ("a", "f"), ("b", "f")
    }  # fmt: skip
    assert found.output.symbol.attr == "f"


def test_branches_that_meet_are_summed() -> None:
    found = lines(graph("f = (x+y)*max(y,z)", SCALARS))
    assert found["y"].startswith("∂f/∂y = ∂f/∂a ∂a/∂y + ∂f/∂b ∂b/∂y = ")
    assert found["a"] == "∂f/∂a = b" and found["b"] == "∂f/∂b = a" and found["f"] == "1"


def test_the_layer_of_a_net() -> None:
    """s = uᵀ f(W x + b): four operations; each has a local gradient for each of its inputs."""
    found = graph("s = u^T f(W x + b)")
    assert list(bodies(found)) == ["a", "z", "h", "s"]
    local = {(str(e.source.attr), str(e.target.attr)): " = ".join(f.text for f in e.local or ()) for e in found.edges}
    assert local == {
        ("W", "a"): "da = dW x", ("x", "a"): "∂a/∂x = W", ("a", "z"): "∂z/∂a = I", ("b", "z"): "∂z/∂b = I",
        ("z", "h"): "∂h/∂z = diag(f′(z))", ("u", "s"): "∂s/∂u = hᵀ", ("h", "s"): "∂s/∂h = uᵀ",
    }  # fmt: skip
    said = lines(found)
    assert said["W"] == "∂s/∂W = (∂s/∂a)ᵀ xᵀ" and said["x"] == "∂s/∂x = ∂s/∂a ∂a/∂x = ∂s/∂a W"


def test_a_value_that_goes_in_twice_is_one_edge() -> None:
    found = graph("x'*x", {"x": ("n",)})
    assert len(found.edges) == 1 and lines(found)["x"] == "∂s/∂x = 2xᵀ"


def test_names_of_the_text_are_kept_and_no_name_is_given_twice() -> None:
    found = graph("g = h*c; h = a + b; c = a*b", {"a": (), "b": ()})
    assert set(bodies(found)) == {"h", "c", "g"}
    names = [v.symbol.attr for v in graph("tr(a*(A*B + C)*(A*B - C)) + b*tr(A)", {"a": (), "b": ()}).values]
    assert len(names) == len(set(names))


def test_transposes_and_constants_are_read_with_what_they_go_into() -> None:
    found = graph("2*x'*A'*x", {"x": ("n",)})
    assert all("T" not in [v.body.op] for v in found.values) and {v.symbol.attr for v in found.values if v.body is v.symbol} == {
        "x",
        "A",
    }


def test_a_vector_has_local_gradients_and_no_gradient() -> None:
    found = graph("z = W x + b")
    assert not any(v.gradient for v in found.values) and all(e.local and e.sent is None for e in found.edges)


def test_labels_have_no_gradient() -> None:
    d = matcalc.derive(r"J=-\log \frac{e^{f_y}}{\sum_{c=1}^{C} e^{f_c}}", check=False)
    assert d.problem.labels
    found = d.graph().data
    labels = [v for v in found.values if str(v.symbol.attr) in d.problem.labels]
    assert labels and not any(v.gradient for v in labels) and not any(e.local for v in labels for e in found.out_of(v))


def test_nothing_of_it_can_be_changed() -> None:
    found = graph("x*y", {"x": (), "y": ()})
    with pytest.raises(AttributeError):
        found.edges[0].source = found.output.symbol  # type: ignore[misc]


def test_an_input_that_is_the_output() -> None:
    found = graph("s = x", {"x": ()})
    assert lines(found) == {"x": "∂s/∂x = 1", "s": "1"} and len(found.edges) == 1


def test_what_comes_back_is_written_as_upstream_times_local() -> None:
    said = lines(graph("s = u' softmax(tanh(z))", {"z": ("n",)}))
    assert said["z"] == "∂s/∂z = ∂s/∂h ∂h/∂z = ∂s/∂h diag(1 - h^∘2)"
    assert said["h"] == "∂s/∂h = ∂s/∂p ∂p/∂h = ∂s/∂p (diag(p) - p pᵀ)"


def test_a_column_without_a_matrix_for_its_local_gradient() -> None:
    """Of kron(b, b) the derivative is shown along db, and what comes back is no product with it."""
    found = graph("kron(b, b)'*vec(D)", {"b": ("n",), "D": ("n", "n")})
    (edge,) = [e for e in found.edges if e.source.attr == "b"]
    assert edge.local and edge.sent and edge.local[0].expr.op == "d"
    assert edge.sent.type.kind == "r" and not any(e.op == "d" for e in postorder((edge.sent.expr,)))
