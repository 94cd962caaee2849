"""What letters say by themselves, as README states it."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.nodes import postorder
from matcalc.notation.kinds.letter_habits import base_of, is_word, letter_costs, member_costs, usual_kind

USUAL = {
    "m": ("A", "W", "X", "W_1", "Sigma", "Omega", "W_hh", "W^Q", "Amat"),
    "c": ("x", "u", "w_2", "y_hat", "h"),
    "s": ("lambda", "alpha", "n", "k", "N", "theta", "mu", "lr", "sigma_1"),
}


@pytest.mark.parametrize(("kind", "name"), [(k, n) for k, names in USUAL.items() for n in names])
def test_usual(kind: str, name: str) -> None:
    assert usual_kind(name) == kind


def test_a_bold_letter_is_an_array() -> None:
    assert min(letter_costs("mu", True).items(), key=lambda item: item[1])[0] == "c"
    assert min(letter_costs("Sigma", True).items(), key=lambda item: item[1])[0] == "m"
    assert letter_costs("lambda", True)["s"] > letter_costs("lambda", False)["s"]


def test_a_label_makes_a_number_likelier_and_no_cost_is_negative() -> None:
    assert letter_costs("x_1", False)["s"] < letter_costs("x", False)["s"]
    assert all(c >= 0 for name in ("n_1", "x_a", "A_0", "mu_1") for c in letter_costs(name, False).values())


def test_words_and_bases() -> None:
    assert is_word("lr") and is_word("Sw") and not is_word("lambda") and not is_word("x_1") and not is_word("W1")
    assert base_of("W^Q") == "W" and base_of("x_1") == "x" and base_of("W2") == "W"


def test_members() -> None:
    assert min(member_costs("x", 1).items(), key=lambda i: i[1])[0] == ("s",)
    assert min(member_costs("X", 1).items(), key=lambda i: i[1])[0] == ("c",)
    assert min(member_costs("x", 1, True).items(), key=lambda i: i[1])[0] == ("c",)
    assert min(member_costs("A", 2).items(), key=lambda i: i[1])[0] == ("s",)


def test_pi_is_a_number_beside_arrays() -> None:
    dims = {"y": ("n",), "c": ("n",), "U": ("n", "m"), "b": ("n",), "v": ("n",)}
    for text in ("abs(max(pi, y'*c))", "sum(max(U, pi))", "sum(max(b, pi) + v)"):
        assert "pi" not in matcalc.parse(text, dims)._problem.symbols


@pytest.mark.parametrize(
    "text", ["min(y,pi) - (min(y,pi)'*min(y,pi))*min(y,pi)", " + ".join(["(min(y, pi)'*min(y, pi))*min(y, pi)"] * 20)]
)
def test_pi_is_a_number_however_often_it_stands_beside_vectors(text: str) -> None:
    nodes = postorder((matcalc.parse(text, dims={"y": ("p",)}).node,))
    assert [n.op for n in nodes if n.attr == "pi"] == ["const"]
    assert [n.op for n in postorder((matcalc.parse("pi' * y", dims={"y": ("p",)}).node,)) if n.attr == "pi"] == ["sym"]
    assert matcalc.parse("pi' * y", dims={"y": ("p",), "pi": ()}).plain == "pi*y"
