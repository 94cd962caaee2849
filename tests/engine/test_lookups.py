"""The remark which rows of a matrix move: said where it is so, and true."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.printers.text import to_text

DIMS = {"L": ("V", "d"), "idx": ("N",)}


def remarks(text: str, **options: object) -> list[str]:
    d = matcalc.derive(text, wrt="L", dims={k: v for k, v in DIMS.items() if k in text}, **options)  # type: ignore[arg-type]
    return [s.note.format(*[a.text for a in s.about]) for s in d.steps if "move" in s.note]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a'*L[i,:]", "only row i of L moves, the others stay"),
        ("a'*L[3,:]", "only row 3 of L moves, the others stay"),
        ("a'*L[3,:] + b'*L[3,:]", "only row 3 of L moves, the others stay"),
        ("u'*tanh(W*[L[i1,:]; L[i2,:]; L[3,:]])", "only rows 3, i₁ and i₂ of L move"),
        ("u'*tanh(W*(L[i1,:] + L[i2,:] - 2*L[3,:])/3)", "only rows i₁, i₂ and 3 of L move"),
        ("u'*tanh(W*(L[i1,:] + L[i1,:] + L[i2,:]))", "only rows i₁ and i₂ of L move"),
        ("sum(tanh(L[idx,:]*W))", "only rows idx of L move, the others stay; a row that is looked up twice gets the sum"),
    ],
)
def test_only_these_rows(text: str, said: str) -> None:
    for style in ("backprop", "differential"):
        found = remarks(text, style=style)
        assert [x for x in found if said in x] or (style == "differential" and not found), (style, found)
    assert remarks(text)


@pytest.mark.parametrize(
    "text", ["sum(L[idx,:]) + sum(L.^2)", "sum(tanh(L*x))", "sum(tanh(L[:,idx]))", "a'*L*x", "e'*tanh(L*x)", "(L[i1,:] + L'*q)'*v"]
)
def test_nothing_is_said_where_any_row_may_move(text: str) -> None:
    assert not remarks(text)


def test_television_stays() -> None:
    """TV and telly are looked up, television is not: a step moves the first two only."""
    words = ["TV", "telly", "television"]
    d = matcalc.derive("J = sum(log(1 + exp(-y .* (L[idx,:]*w))))", wrt="L", dims={"L": ("V", "d"), "idx": ("N",), "y": ("N",)})
    rng = np.random.default_rng(0)
    at = {"L": rng.normal(size=(3, 4)), "w": rng.normal(size=4), "y": np.ones(3), "idx": np.array([0, 1, 0])}
    _, gradient = d.function()(*(at[n] for n in d.problem.symbols))
    moved = dict(zip(words, gradient.any(axis=1), strict=True))
    assert moved == {"TV": True, "telly": True, "television": False}
    assert "only rows idx of L move" in " ".join(to_text(d).split())
