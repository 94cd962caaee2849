"""How a derivation is told: the members of its lines, its results as lines, and what stands before them."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.engine.exposition import by_entries, told
from matcalc.expr.nodes import is_zero


def lines(text: str, **options: str) -> list[str]:
    d = matcalc.derive(text, **options)
    return [" = ".join(f.text for f in s.chain) for s in d.steps]


def test_the_product_of_derivatives_stands_beside_what_it_gives() -> None:
    said = lines("s = u'*tanh(W*x + b)")
    assert any("∂s/∂h" in line and "∂h/∂z" in line for line in said)
    assert any(line.startswith("∂s/∂x = ") and line.count("=") >= 2 for line in said)


def test_what_stands_before_the_lines() -> None:
    front = matcalc.derive("s = u'*tanh(W*x + b)", wrt=["x", "W"], check=False).trace.front
    assert front is not None
    assert front.output.text == "s" and "tanh" in front.expression.text
    assert [f.text for f in front.variables] == ["x", "W"] and [f.text for f in front.given] == ["u", "W", "x", "b"]


def test_each_result_is_a_line() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)")
    assert [s.chain[0].text for s in d.boxes] == ["∇_u s", "∂s/∂W", "∇_x s", "∇_b s"]
    assert all(box.check is not None and box.check.max_relative_error < 1e-8 for box in d.boxes)


def test_with_more_than_two_axes_a_result_is_told_by_its_entries() -> None:
    d = matcalc.derive("A*x", wrt="A", kind="jacobian", dims={"A": ("m", "n")})
    (box, *_) = d.boxes
    assert box.chain[0].entries is not None and len(box.chain[0].entries) == 3
    assert by_entries(*matcalc.derive("A*x", wrt="x", kind="jacobian").boxes[0].chain[:2], "backprop") is None


def test_a_result_that_is_zero_says_so() -> None:
    d = matcalc.derive("sum(softmax(x))")
    assert is_zero(d.boxes[0].rhs.expr)


def test_telling_twice_says_the_same() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)", check=False)
    again = told(d.trace, d.problem, d.style, {}, [d.problem.symbols[name] for name in d.wrt], book())
    assert [b.chain[-1].text for b in again.boxes] == [b.chain[-1].text for b in d.trace.boxes]


@pytest.mark.slow
def test_what_the_fuzzer_found_in_forms_of_the_input() -> None:
    """A stays A where the input has 𝟏 ∘ A; of a row no stacked line is made from S dP; tied entries keep their line; sizes at which
    an unfolded line has no value leave it out."""
    d = matcalc.derive("(ones(p,m) .* A)[1:2,1:2]", kind="differential")
    assert [r.text for r in d.results] == ["dA[1:2,1:2]"]
    row = matcalc.derive("S*P", dims={"S": ("k", 1), "P": (1, "p")})
    assert not any("∂vec(Y)/∂P" in box.lhs.text and box.rhs.type.rows == "k" for box in row.boxes)
    tied = {"style": "differential", "structure": {"P": "symmetric-toeplitz"}}
    assert matcalc.derive("v'*h/(2*einsum('ij,ij->', P, P) + 1)", wrt="P", **tied).checked.passed
    sizes = {"M": ("m", "m"), "W": ("m", 1000), "H": (1000, "m"), "S": (1000, 1000)}
    assert matcalc.derive("logdet([M, W; H, S])", wrt="M", dims=sizes).to_text("full")


def test_a_function_that_is_called_as_in_the_input_is_left_to_the_legend() -> None:
    d = matcalc.derive("sum(G .* softmax(Z, axis=1)) + sum(mean(Z, axis=1))", wrt="Z")
    assert "means softmax" not in d.to_text() and "mean(X, axis=1) means" in d.to_text()
    assert "softmax: exponentials divided by their sum, row by row" in " ".join(d.to_text().split())
