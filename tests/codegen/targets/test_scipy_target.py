"""The text of the flat form."""

from __future__ import annotations

from matcalc.codegen.targets.scipy_target import Called, source


def test_one_vector_of_two_variables() -> None:
    text = source(["W", "b"], ["W", "b", "X"], Called("f", ["W", "b", "X"]), None, "")
    assert "W, b = unpack(theta, W, b)" in text and "return float(value), pack(*found)" in text and "hess" not in text


def test_names_give_way_to_those_of_the_user() -> None:
    text = source(["fun"], ["fun", "theta"], Called("f", ["fun", "theta"]), Called("g", ["fun", "theta"]), "")
    assert "def fun2(theta2, fun, theta):" in text and "def hess(theta2, fun, theta):" in text
