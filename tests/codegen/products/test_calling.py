"""From a derivation to source and function: names, arguments, what the docstring says of it."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.codegen.products.calling import document_of, function_name, function_of, output_of, promised, source_of, task_of
from matcalc.expr.errors import UsageError

D = matcalc.derive("loss = u'*tanh(W*x + b)")


@pytest.mark.parametrize(
    ("options", "name"),
    [({}, "loss_and_gradients"), ({"wrt": "x"}, "loss_and_gradient"), ({"wrt": "x", "kind": "hessian"}, "loss_and_hessian")],
)
def test_the_function_is_called_after_what_it_returns(options: dict[str, str], name: str) -> None:
    d = matcalc.derive("loss = u'*tanh(W*x + b)", check=False, **options)
    assert task_of(d, None).name == name and f"def {name}(" in source_of(d)


@pytest.mark.parametrize("name", ["class", "np", "a b", "1x", "", "x" * 0 + "f(", 7])
def test_names_that_no_function_can_have(name: object) -> None:
    with pytest.raises(UsageError, match="cannot be the name"):
        function_name(D, name, 1)  # type: ignore[arg-type]
    assert function_name(D, "my_loss", 1) == "my_loss"


def test_arguments_are_the_variables_in_their_order() -> None:
    assert task_of(D, None).signature.arguments == ["u", "W", "x", "b"] and output_of(D) == "loss"
    assert (
        promised(matcalc.derive("x'*x", kind="hvp", direction="v", dims={"x": ("n",), "v": ("n",)}, check=False), ["x"])[-1] == "v"
    )


def test_the_function_is_the_source() -> None:
    f = function_of(D)
    rng = np.random.default_rng(0)
    u, W, x, b = rng.normal(size=2), rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=2)
    value, gradients = f(u, W, x, b)
    assert np.isclose(value, u @ np.tanh(W @ x + b)) and np.allclose(gradients[0], np.tanh(W @ x + b))
    assert "tanh" in source_of(D)


def test_the_docstring_says_how_it_was_checked() -> None:
    assert document_of(D).check.startswith("Verified at 2 random points, largest relative error ")
    assert document_of(matcalc.derive("x'*x", check=False)).check == "Not checked."
    assert document_of(D).formulas[0] == "tanh(W*x + b)"


def test_the_derivative_alone() -> None:
    d = matcalc.derive("norm2(A*x - b)^2 + log(x'*x)", dims={"A": ("m", "n")}, wrt=["x", "A"], check=False)
    source = d.to_code(value=False)
    assert "def s_gradients(" in source and "log" not in source[source.rindex('"""') :]
    rng = np.random.default_rng(0)
    at = {"A": rng.normal(size=(4, 3)), "x": rng.normal(size=3), "b": rng.normal(size=4)}
    alone, (_, both) = d.function(value=False)(**at), d.function()(**at)
    assert all(np.allclose(a, b) for a, b in zip(alone, both, strict=True))
    one = matcalc.derive("x'*x", check=False)
    assert np.array_equal(one.function(value=False)([1.0, 2.0]), [2.0, 4.0])
    for target in ("class", "scipy"):
        with pytest.raises(matcalc.UsageError, match="has the value"):
            one.to_code(target, value=False)
