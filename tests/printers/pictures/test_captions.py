"""What a picture says."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.expr.table import TABLE
from matcalc.printers.pictures.captions import MOST, Label, cut, number
from matcalc.printers.words import GATES
from tests.printers.pictures.drawn import lecture, net


def test_values_forward_and_gradients_back() -> None:
    picture = lecture().picture
    names = [box.lines[0].text if box.lines else "" for box in picture.boxes]
    carried = {(names[a.source], names[a.target]): (a.above.text, a.below.text) for a in picture.arrows}
    assert carried == {
        ("x", "a = x + y"): ("1", "2"), ("y", "a = x + y"): ("2", "2"), ("y", "b = max(y, z)"): ("2", "3"),
        ("z", "b = max(y, z)"): ("0", "0"), ("a = x + y", "f = a b"): ("3", "2"), ("b = max(y, z)", "f = a b"): ("2", "3"),
        ("f = a b", ""): ("6", "1"),
    }  # fmt: skip


def test_the_picture_says_that_branches_are_summed() -> None:
    (y,) = [box for box in lecture().picture.boxes if box.lines and box.lines[0].text == "y"]
    assert y.lines[1].text == "∂f/∂y = 2 + 3 = 5"
    sums = next(s for s in lecture().picture.sections if "summed" in s.title)
    assert [line.text for line in sums.lines] == ["∂f/∂y = ∂f/∂a ∂a/∂y + ∂f/∂b ∂b/∂y = 2 + 3 = 5"] and not sums.minor


def test_gates_in_words() -> None:
    shorts = {box.lines[0].text[0]: box.lines[1].text for box in lecture().picture.boxes if box.role in ("operation", "output")}
    assert shorts == {"a": "+ distributes", "b": "max routes", "f": "× switches"}
    least = matcalc.derive("min(x, y)", dims={"x": (), "y": ()}, check=False).graph().picture
    assert "min routes" in [line.text for box in least.boxes for line in box.lines]
    assert {row.gate for row in TABLE.values()} - {""} == set(GATES)


def test_a_gate_needs_two_inputs() -> None:
    """2x, or a constant added, distributes and switches nothing between inputs."""
    picture = matcalc.derive("2*x + 3", dims={"x": ()}, check=False).graph().picture
    assert not any("switches" in line.text or "distributes" in line.text for box in picture.boxes for line in box.lines)


def test_formulas_have_sizes() -> None:
    back = next(s for s in net().sections if s.title.startswith("Backward"))
    said = [line.text for line in back.lines]
    assert any(line.startswith("∂s/∂W₁ = ") and line.split("   ")[1] == "[m×n] = [m×1][1×n]" for line in said)
    assert [box.lines[0].text for box in net().boxes if box.role == "input"] == ["u", "W₁", "h₀", "b₁", "c"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (6.0, "6"), (-0.0, "0"), (1 / 3, "0.3333"), ([1.0, -2.0], "(1, -2)"), ([[1.0, 2.0], [3.0, 4.0]], "[1 2; 3 4]"),
        ([3.0, 4.0] + [0.0] * 7, "(9, norm 5)"), (np.full((2, 2, 2), 0.5), "(2×2×2, norm 1.414)"),
    ],
)  # fmt: skip
def test_arrays_in_few_letters(value: object, text: str) -> None:
    assert number(np.asarray(value)).text == text


def test_a_negative_term_of_a_sum_is_in_brackets() -> None:
    picture = matcalc.derive("x*y - x", dims={"x": (), "y": ()}, check=False).graph({"x": 1, "y": 4}).picture
    assert any("= 4 + (-1) = 3" in line.text for s in picture.sections for line in s.lines)


def test_long_formulas_are_cut_in_boxes() -> None:
    assert cut(Label("x" * MOST, "x")).text == "x" * MOST and cut(Label("x" * 100, "x")).text == "x" * (MOST - 1) + "…"


GATED = {"add": "X + Y", "sub": "X - Y", "hadamard": "X .* Y", "max2": "max(X, Y)", "min2": "min(X, Y)"}


@pytest.mark.parametrize("op", sorted(GATED))
def test_what_is_said_of_gates_is_so(op: str) -> None:
    """Of sums, products and maxima: in numbers that were compared with differences."""
    data = matcalc.derive(f"tr(U'*({GATED[op]}))", dims={"X": ("m", "n")}, check=False).graph("random").data
    assert data.numbers is not None
    sent, values, gradients = data.numbers.sent, data.numbers.values, data.numbers.gradients
    (gate,) = [v for v in data.values if v.body.op == op]
    up, (x, y) = gradients[gate.symbol], [e.source for e in data.into(gate)]
    a, b = sent[x, gate.symbol], sent[y, gate.symbol]
    match TABLE[gate.body.op].gate:
        case "distributes":
            assert (a == up).all() and (b == up).all()
        case "distributes-sign":
            assert (a == up).all() and (b == -up).all()
        case "routes":
            assert ((a == up) | (a == 0)).all() and np.allclose(a + b, up)
            assert ((a != 0) == (values[gate.symbol] == values[x])).all()
        case "switches":
            assert np.allclose(a, up * values[y]) and np.allclose(b, up * values[x])


def test_a_check_claims_no_more_than_it_did() -> None:
    """At a kink differences say nothing."""
    d = matcalc.derive("max(x, y)", dims={"x": (), "y": ()}, check=False)
    smooth, kink, formulas = (d.graph(at).to_text() for at in ({"x": 1, "y": 2}, {"x": 1, "y": 1}, None))
    claim = "✓ every gradient is what differences give, at 2 random points"
    assert f"{claim}, and every number here\n" in smooth and f"{claim}\n" in kink and f"{claim}\n" in formulas
    assert "max(x, y) is not differentiable here: the two arguments tie" in kink and "not differentiable" not in smooth
