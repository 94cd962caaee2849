"""Lifting: sums over indices back as products of matrices, with the value of NumPy's einsum."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.algebra.index.lifting import lift, lift_sum, matrix_form
from matcalc.algebra.index.paths import lower
from matcalc.expr.nodes import postorder
from matcalc.notation.write.program import plain
from tests.nodes import evaluated, read

RNG = np.random.default_rng(12)
ARRAYS = {"A": RNG.normal(size=(3, 3)), "B": RNG.normal(size=(3, 3)), "W": RNG.normal(size=(2, 3))}
ARRAYS |= {"x": RNG.normal(size=3), "y": RNG.normal(size=3), "b": RNG.normal(size=2)}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("ij,jk->ik", "AB"), ("ji,jk->ik", "AB"), ("ij,kj->ik", "AB"), ("ij,jk->ki", "AB"), ("ij,j->i", "Wx"), ("ij,i->j", "Wb"),
        ("i,j->ij", "bx"), ("i,i->", "xy"), ("ij,ij->", "AB"), ("ij,ji->", "AB"), ("ij,jk,k->i", "ABx"), ("ij,i,j->", "Wbx"),
        ("i,ij->ij", "xA"), ("ij,j->ij", "Ax"), ("ij->i", "W"), ("ij->", "W"), ("ii->i", "A"), ("ij,jk,ki->", "ABA"),
        ("i,i->i", "xy"), ("i,i,ij->j", "xyA"), ("ij,jk,kl->il", "ABA"), ("i,j->i", "xb"),
    ],
)  # fmt: skip
def test_a_sum_with_at_most_two_axes_is_a_matrix_formula(text: str, names: str) -> None:
    node = read(f"einsum('{text}', {', '.join(names)})")
    found = matrix_form(node)
    assert found is not None and not any(e.op == "einsum" for e in postorder((found,)))
    want = np.einsum(text, *[ARRAYS[name] for name in names])
    assert found.type == node.type and np.allclose(evaluated(found, {name: ARRAYS[name] for name in names}, {"m": 2}), want)


@pytest.mark.parametrize(("text", "names"), [("i,j,k->ijk", "xyx"), ("ij,kl->ijkl", "AB"), ("ij,ij,ik->jk", "ABA")])
def test_what_is_no_matrix_formula_stays(text: str, names: str) -> None:
    node = read(f"einsum('{text}', {', '.join(names)})")
    found = matrix_form(node)
    if found is not None:  # Hadamard products and the like
        assert np.allclose(evaluated(found, {name: ARRAYS[name] for name in names}), np.einsum(text, *[ARRAYS[n] for n in names]))
    else:
        assert any(len(part) > 2 for part in text.split("->")[1:]) or text.count(",") > 1


def test_terms_are_lifted_as_a_textbook_writes_them() -> None:
    (term,) = lower(read("x'*A*y"), read("A"))
    assert plain(lift(term)) == "x*y'"
    (term,) = lower(read("A*x"), read("x"))
    assert plain(lift(term)) == "A"
    assert lift_sum([]) is None


def test_a_factor_that_terms_of_a_tensor_share_is_pulled_out() -> None:
    """Σ of x_i (V A')_jk and x_i (V B')_jk is x_i (V A' + V B')_jk: one einsum and not two."""
    total = lift_sum(lower(read("tr(A*V'*W)*x + tr(B*V'*W)*x"), read("W")))
    assert total is not None
    assert sum(e.op == "einsum" for e in postorder((total,))) == 1
    arrays = {**{k: ARRAYS[k] for k in ("A", "B", "x")}, "V": ARRAYS["W"]}
    want = np.einsum("i,jk->ijk", ARRAYS["x"], ARRAYS["W"] @ (ARRAYS["A"] + ARRAYS["B"]).T)
    assert np.allclose(evaluated(total, arrays), want)
