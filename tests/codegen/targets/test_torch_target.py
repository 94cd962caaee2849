"""PyTorch source: tensors of the precision that is given, through which torch differentiates once more."""

from __future__ import annotations

import pytest

import matcalc


def test_precision_and_second_derivatives() -> None:
    torch = pytest.importorskip("torch")
    d = matcalc.derive("sum(log(1 + exp(A*x))) + norm2(x)", dims={"A": ("m", "n"), "x": ("n",)}, wrt="x", check=False)
    run = d.function("torch")
    for precision in (torch.float32, torch.float64):
        A, x = torch.ones((4, 3), dtype=precision), torch.ones(3, dtype=precision, requires_grad=True)
        value, gradient = run(A, x)
        assert value.dtype == gradient.dtype == precision
        (by_torch,) = torch.autograd.grad(value, x, create_graph=True)
        assert torch.allclose(by_torch, gradient)
        (second,) = torch.autograd.grad(gradient.sum(), x)
        assert torch.isfinite(second).all()


def test_a_result_is_not_the_memory_of_an_argument() -> None:
    torch = pytest.importorskip("torch")
    d = matcalc.derive("y'*x", dims={"y": ("n",), "x": ("n",)}, check=False)
    x, y = torch.ones(3), torch.ones(3)
    _, (by_y, _) = d.function("torch")(y, x)
    by_y += 1
    assert torch.equal(x, torch.ones(3))


def test_a_name_is_no_function_of_the_library() -> None:
    pytest.importorskip("torch")
    d = matcalc.derive("sum(f(x))", dims={"x": ("n",)}, check=False)
    with pytest.raises(matcalc.UsageError, match="torch code takes functions of that library"):
        d.function("torch")([1.0, 2.0], f="tanh")


def test_a_condition_on_a_number_is_a_tensor() -> None:
    """torch.where(2 >= 0, …) is refused by torch: sigmoid(2) had no value."""
    source = matcalc.derive("x/sigmoid(2)", "x", dims={"x": ("n",)}, check=False).to_code("torch")
    (line,) = [line for line in source.split("\n") if "torch.where(" in line]
    assert "torch.where(torch.tensor(2," in line
