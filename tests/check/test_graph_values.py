"""Numbers on graphs, against values by hand and against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.check import graph_values
from matcalc.check.graph_values import with_numbers
from matcalc.expr.errors import CheckError, ShapeError, UsageError
from matcalc.expr.nodes import make, num

SCALARS = {"x": (), "y": (), "z": ()}
LECTURE = "f = (x+y)*max(y,z)"


def lecture(**at: float) -> Any:
    return matcalc.derive(LECTURE, dims=SCALARS, check=False).graph(at).data


def by_name(found: Any) -> dict[str, Any]:
    return {str(q.attr): x.tolist() for q, x in found.items()}


def test_the_worked_example_of_the_lecture() -> None:
    """CS224n: at (1, 2, 0) a = 3, b = 2, f = 6; ∂f/∂x = 2, ∂f/∂y = 3 + 2 = 5, ∂f/∂z = 0."""
    found = lecture(x=1, y=2, z=0)
    assert by_name(found.numbers.values) == {"x": 1, "y": 2, "z": 0, "a": 3, "b": 2, "f": 6}
    assert by_name(found.numbers.gradients) == {"x": 2, "y": 5, "z": 0, "a": 2, "b": 3, "f": 1}
    sent = {(str(a.attr), str(b.attr)): float(x) for (a, b), x in found.numbers.sent.items()}
    assert sent == {("x", "a"): 2, ("y", "a"): 2, ("y", "b"): 3, ("z", "b"): 0, ("a", "f"): 2, ("b", "f"): 3}
    assert found.points == 3 and found.error < 1e-12 and not found.numbers.kinks


def test_gradients_have_the_shapes_of_their_values_and_are_those_of_derive() -> None:
    rng = np.random.default_rng(5)
    at = {"W": rng.standard_normal((2, 3)), "x": rng.standard_normal(3), "b": rng.standard_normal(2), "u": rng.standard_normal(2)}
    d = matcalc.derive("s = u^T tanh(W x + b)", check=False)
    found = d.graph(at).data.numbers
    assert found is not None
    for q, gradient in found.gradients.items():
        assert gradient.shape == found.values[q].shape
        assert str(q.attr) not in at or np.allclose(gradient, d[str(q.attr)].evaluate(at))
    assert not any(x.flags.writeable for x in (*found.values.values(), *found.gradients.values(), *found.sent.values()))


TEXTS = ("-y'*log(softmax(W*x + b))", "x'*A*x + tr((A*X-B)'*(A*X-B))", "sum(relu(X*W))", "sum(X[1,:])*norm2(X)",
         "logdet(A'*A + B'*B)", "tr(inv(A)*B)")  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_a_sampled_point_is_the_same_every_time(text: str) -> None:
    d = matcalc.derive(text, check=False)
    one, other, further = (d.graph("random", seed).data for seed in (3, 3, 4))
    assert one.numbers and other.numbers and further.numbers
    assert all((x == other.numbers.gradients[q]).all() for q, x in one.numbers.gradients.items())
    assert any((x != further.numbers.values[q]).any() for q, x in one.numbers.values.items())
    assert one.error < graph_values.TOLERANCE


def test_at_a_kink_the_convention_counts_and_is_named() -> None:
    found = lecture(x=1, y=2, z=2)
    assert by_name(found.numbers.gradients)["z"] == 3 and by_name(found.numbers.gradients)["y"] == 2
    assert [str(q.attr) for q in found.numbers.kinks] == ["b"] and "the two arguments tie" in str(found.numbers.kinks)


@pytest.mark.parametrize("which", ["edge", "sum", "local"])
def test_a_wrong_gradient_is_not_shown(which: str) -> None:
    d = matcalc.derive(LECTURE, dims=SCALARS, check=False)
    graph = d.graph().data
    first = graph.edges[0]
    assert first.sent is not None
    wrong = graph.output.body if which == "edge" else first.sent.expr
    edges = (first._replace(sent=first.sent._replace(expr=wrong)), *graph.edges[1:])
    if which == "local":
        assert first.local is not None
        edges = (first._replace(local=(first.local[0], first.sent)), *graph.edges[1:])
    edges = edges if which != "sum" else (*edges, edges[-1]._replace(source=first.source, sent=first.sent))
    with pytest.raises(CheckError, match="is not what differences give"):
        with_numbers(graph._replace(edges=edges), d.problem, {"x": 1, "y": 2, "z": 0}, {}, {}, 0)


def test_what_does_not_fit_is_refused_by_name() -> None:
    with pytest.raises(UsageError, match="no value was given for 'z'") as missing:
        lecture(x=1, y=2)
    assert missing.value.hint == "the inputs are: x, y, z"
    with pytest.raises(UsageError, match="'w' is no input of this graph"):
        lecture(x=1, y=2, z=0, w=3)
    with pytest.raises(ShapeError, match="x is a scalar"):
        lecture(x=[1, 2], y=2, z=0)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="'f' is any function") as any_function:
        matcalc.derive("s = u^T f(W x + b)", check=False).graph("random")
    assert any_function.value.hint == "say which it is: --function f=tanh"
    with pytest.raises(UsageError, match=r"there is no value at these numbers: \w is not finite"):
        matcalc.derive("log(x)", dims={"x": ()}, check=False).graph({"x": -1})
    with pytest.raises(UsageError, match="at is 'typical', not a mapping of names to arrays, or 'random'"):
        matcalc.derive("log(x)", dims={"x": ()}, check=False).graph("typical")


def test_the_hint_about_a_function_works() -> None:
    d = matcalc.derive("s = u^T f(W x + b)", check=False, functions={"f": "tanh"})
    assert d.graph("random").data.numbers is not None


def test_functions_of_the_text_have_numbers() -> None:
    found = matcalc.derive("g(t) = t^3; s = g(x)*y", dims={"x": (), "y": ()}, check=False).graph({"x": 2, "y": 5}).data
    assert by_name(found.numbers.gradients)["x"] == 60 and by_name(found.numbers.gradients)["y"] == 8  # 3·2²·5, 2³


def test_a_point_is_found_where_the_gradients_have_values() -> None:
    """The rule of a determinant divides by it, and X'AX is singular where X has more columns than rows."""
    found = matcalc.derive("det(X'*A*X)", dims={"X": ("m", "n")}, check=False).graph("random").data
    assert found.numbers is not None and found.error < 1e-9


def test_local_gradients_of_a_vector_are_compared_too() -> None:
    d = matcalc.derive("z = W x + b", check=False)
    graph = d.graph().data
    assert graph.error < 1e-9 and graph.points == 2
    wrong = next(e for e in graph.edges if e.local and e.local[0].expr.op == "d")
    assert wrong.local is not None
    twice = wrong._replace(local=(wrong.local[0], wrong.local[1]._replace(expr=make("scale", (num(2), wrong.local[1].expr)))))
    edges = tuple(twice if e is wrong else e for e in graph.edges)
    with pytest.raises(CheckError, match="da is not what differences give"):
        graph_values.checked(graph._replace(edges=edges), d.problem, {}, {}, 0)


@pytest.mark.parametrize("text", ["kron(b, b)'*vec(D)", "tr(B-X)*(kron(y, y)'*kron(E, W)*vec(W1)*sum(A))^2"])
def test_what_random_expressions_found(text: str) -> None:
    found = matcalc.derive(text, dims={"b": ("n",), "y": ("n",)}, check=False).graph("random").data
    assert found.numbers is not None and found.error < graph_values.TOLERANCE
