"""Functions with a backward pass of their own in PyTorch: both derivatives against torch's own of the same formula."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.expr.errors import NoRuleError, UsageError
from tests.codes import namespace

PROBLEMS = [  # (text, sizes, the same in torch)
    ("s = u' * tanh(W*x + b)", {"u": (3,), "W": (3, 4), "x": (4,), "b": (3,)}, "u @ torch.tanh(W @ x + b)"),
    ("y = W*x + b", {"W": (3, 4), "x": (4,), "b": (3,)}, "W @ x + b"),
    ("softmax(W*x)", {"W": (3, 4), "x": (4,)}, "torch.softmax(W @ x, 0)"),
    ("logdet(X'*X + eye)", {"X": (4, 3)}, "torch.logdet(X.T @ X + torch.eye(3).to(X))"),
    ("tanh(A*X*B)", {"A": (2, 3), "X": (3, 4), "B": (4, 2)}, "torch.tanh(A @ X @ B)"),
    ("norm2(X - a*1')^2/(1 + a'*a)", {"X": (3, 5), "a": (3,)}, "(X - a[:, None]).square().sum() / (1 + a @ a)"),
]


def opened(text: str, sizes: dict[str, tuple[int, ...]], **options: Any) -> dict[str, Any]:
    return namespace(text, sizes, "torch-function", **options)


@pytest.mark.parametrize(("text", "sizes", "same"), PROBLEMS, ids=[text for text, *_ in PROBLEMS])
def test_first_and_second_derivatives(text: str, sizes: dict[str, tuple[int, ...]], same: str) -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    space = opened(text, sizes, wrt=list(sizes))
    order = space["run"].__code__.co_varnames[: space["run"].__code__.co_argcount]
    at = {n: torch.randn(sizes[n], dtype=torch.float64, requires_grad=True) for n in order}
    theirs = eval(compile(same, "same", "eval"), {"torch": torch, **at})
    ours = space["run"](*at.values())
    assert torch.allclose(ours, theirs)
    upstream = torch.randn_like(ours)
    firsts = [torch.autograd.grad(y, [*at.values()], upstream, create_graph=True) for y in (ours, theirs)]
    along = [torch.randn_like(x) for x in at.values()]
    seconds = []
    for first in firsts:
        total = sum((g * v).sum() for g, v in zip(first, along, strict=True))
        linear = not total.requires_grad
        seconds.append([] if linear else torch.autograd.grad(total, [*at.values()], allow_unused=True))
    for a, b in zip(*firsts, strict=True):
        assert torch.allclose(a, b)
    for x, a, b in zip(at.values(), *seconds, strict=True):
        assert torch.allclose(torch.zeros_like(x) if a is None else a, torch.zeros_like(x) if b is None else b), text
    small = {n: x.detach().requires_grad_() for n, x in at.items()}
    assert torch.autograd.gradgradcheck(space["run"], tuple(small.values()))


def test_what_no_gradient_was_derived_by_is_refused() -> None:
    torch = pytest.importorskip("torch")
    run = opened("s = u' * tanh(W*x)", {"u": (3,), "W": (3, 4), "x": (4,)}, wrt="W")["run"]
    u, W, x = torch.ones(3), torch.ones(3, 4, requires_grad=True), torch.ones(4)
    run(u, W, x).backward()
    assert W.grad.shape == (3, 4)
    with pytest.raises(ValueError, match="no gradient by x was derived"):
        run(u, W, x.requires_grad_())


def test_a_third_derivative_is_refused_by_torch() -> None:
    torch = pytest.importorskip("torch")
    run = opened("sum(exp(x))", {"x": (3,)})["run"]
    x = torch.ones(3, requires_grad=True)
    (first,) = torch.autograd.grad(run(x), x, create_graph=True)
    (second,) = torch.autograd.grad(first.sum(), x, create_graph=True)
    with pytest.raises(RuntimeError):
        torch.autograd.grad(second.sum(), x)


def test_the_source_names_what_it_keeps() -> None:
    source = matcalc.derive("s = u' * tanh(W*x + b)", check=False).to_code("torch-function")
    assert "class SValue(torch.autograd.Function):" in source and "save_for_backward(u, W, x, b, h)" in source
    assert "s_products_back(" in source and "Value of s = u' * tanh(W*x + b)." in source


def test_where_a_second_derivative_has_no_rule_the_first_is_there() -> None:
    torch = pytest.importorskip("torch")
    run = opened("eigmax(S)", {"S": (3, 3)}, assume={"S": "symmetric"})["run"]
    S = torch.diag(torch.tensor([1.0, 3.0, 2.0])).requires_grad_()
    (first,) = torch.autograd.grad(run(S), S, create_graph=True)
    assert torch.allclose(first, torch.diag(torch.tensor([0.0, 1.0, 0.0])))
    with pytest.raises(NotImplementedError, match="no second derivative: no differential rule for the operator 'eigvecmax'"):
        first.sum().backward()


@pytest.mark.parametrize("said", [{"functions": {"f": "gelu"}}, {"define": ["f(t) = gelu(t)"]}], ids=["named", "defined"])
def test_a_function_that_is_named_has_a_second_derivative_as_where_it_is_defined(said: dict[str, Any]) -> None:
    """The source called the second pullback without the functions that it took: a TypeError in the user's training."""
    source = matcalc.derive("sum(f(x))", check=False, **said).to_code("torch-function")
    assert "s_products_back(x, upstream, along_x)" in source and "NotImplementedError" not in source
    torch = pytest.importorskip("torch")
    run = opened("sum(f(x))", {"x": (3,)}, **said)["run"]
    assert torch.autograd.gradgradcheck(run, torch.tensor([0.3, -1.0, 2.0], dtype=torch.float64, requires_grad=True))


def test_what_has_no_place_in_such_a_function_is_named() -> None:
    with pytest.raises(NoRuleError, match="'f' is a function that each call gives"):
        matcalc.derive("sum(f(x))", dims={"x": ("n",)}, check=False).to_code("torch-function")
    with pytest.raises(UsageError, match="no backward pass"):
        matcalc.derive("x'*x", kind="hessian", check=False).to_code("torch-function")
    with pytest.raises(UsageError, match="no gradient of an argument"):
        matcalc.derive("s = u'*tanh(W*x)", wrt="W[2,:]", check=False).to_code("torch-function")
