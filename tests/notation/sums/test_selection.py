from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import matcalc
from matcalc.notation.sums.selection import INSIDE, OPPOSITE


def test_signs_and_their_opposites() -> None:
    assert all(OPPOSITE[OPPOSITE[sign]] == sign for sign in OPPOSITE)
    assert all(x > 0 for x in INSIDE.values())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (r"\max_{j \ne y} s_j", "a max over a part of an axis has no matrix form here"),
        (r"\prod_{i<j} (x_j - x_i)", "a prod over a part of an axis has no matrix form here"),
        (r"\sum_{j > 2} s_j", "the condition 'j > 2' has no matrix form here"),
        (r"\sum_{j < y} s_j", "the condition 'j < y' has no matrix form here"),
        (r"\sum_{i \in S} x_i", "the set S is not declared"),
    ],
)
def test_what_has_no_form_is_refused_by_name(text: str, message: str) -> None:
    with pytest.raises(matcalc.NoRuleError) as error:
        matcalc.parse(text)
    assert error.value.message == message and error.value.hint


def test_an_undeclared_capital_i_with_indices_is_asked_about() -> None:
    with pytest.raises(matcalc.AmbiguityError, match="two readings: an entry of the identity, or of a matrix that is called I"):
        matcalc.parse(r"\sum_{i,j} I_{ij} x_i y_j")
    assert matcalc.parse(r"\sum_{i,j} I_{ij} x_i y_j", dims={"I": ("n", "m")}).plain == "x'*(I*y)"
    assert matcalc.parse(r"\sum_{i,j} 1\{i=j\} x_i y_j").plain == "x'*(eye(n)*y)"


def test_rows_beside_a_number_are_multiplied_as_rows() -> None:
    index = {"u_i": "U[i,:]", "v_j": "V[j,:]"}
    d = matcalc.derive(r"\sum_{(i,j)\in\Omega}(M_{ij}-u_iv_{j}^T)^2", wrt="U", index=index)
    assert d.results[0].plain == "2*(Omega .* (U*V' - M))*V"
    assert "'u_i' and 'v_{j}' are read as rows: their product is a number, as what stands beside it" in d.warnings
    assert d.reading.assume["Omega"] == ("binary",)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("sum(u'*L[idx,:])", lambda L, b, u, idx: (u @ L[idx]).sum()),
        ("u'*b[idx]", lambda L, b, u, idx: u @ b[idx]),
        ("sum(L[:,idx]*u)", lambda L, b, u, idx: (L[:, idx] @ u).sum()),
        ("sum(vec(L[idx,:]').^3)", lambda L, b, u, idx: (L[idx].ravel() ** 3).sum()),
        ("sum(L[idx]'*u)", lambda L, b, u, idx: (L[idx].T @ u).sum()),
    ],
)
def test_what_a_vector_of_integers_selects(text: str, want: Callable[..., float]) -> None:
    """As NumPy indexes with an array of integers; repeated ones are there repeatedly."""
    rng = np.random.default_rng(1)
    at = {"L": rng.normal(size=(5, 5)), "b": rng.normal(size=5), "u": rng.normal(size=3), "idx": np.array([4, 0, 4])}
    dims = {"L": ("V", "d"), "b": ("V",), "idx": ("N",)}
    d = matcalc.derive(text, dims={k: v for k, v in dims.items() if k in text})
    value, _ = d.function()(*(at[n] for n in d.problem.symbols))
    assert np.isclose(value, want(**at), rtol=1e-13)
