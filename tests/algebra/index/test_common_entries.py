"""What terms have in common, entry by entry: the value stays, and the writing is the short one."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.algebra.index.common_entries import factored, opened
from matcalc.engine.derivation import Formula
from tests.nodes import evaluated, read

RNG = np.random.default_rng(31)
ARRAYS = {
    "s": np.float64(1.5),
    "A": RNG.normal(size=(3, 3)),
    "B": RNG.normal(size=(3, 3)),
    "x": RNG.normal(size=3),
    "p": RNG.normal(size=3),
}


@pytest.mark.parametrize(("text", "entries"), [
    ("diag(p) - p*p'", "p_i ([i = j] - p_j)"),
    ("diag(p) - p*x'", "p_i ([i = j] - x_j)"),
    ("p*p' - diag(p)", "p_i (p_j - [i = j])"),
    ("diag(p) + diag(x)", "[i = j] (p_i + x_i)"),
    ("diag(p) + eye(3)", "[i = j] (p_i + 1)"),
    ("2*x*p' - 2*x*x'", "2 x_i (p_j - x_j)"),
    ("x*p' - 3*x*p'", "-2 x_i p_j"),
    ("x*p' - p*x'", None),
    ("A .* B + A .* A", "A_ij (B_ij + A_ij)"),
    ("-(x*p' + x*x')/(x'*x)", "-x_i (p_j + x_j)/(xᵀ x)"),
    ("(A + B)*A", None),
    ("p .* x + p", "p_i (x_i + 1)"),
    ("(p .* x)' + p'", "p_i (x_i + 1)"),
    ("einsum('ij,k->ijk', diag(p) - p*p', x)", "p_i ([i = j] - p_j) x_k"),
    ("einsum('ij,k->ijk', A, x) - einsum('ik,j->ijk', A, x)", None),
    ("einsum('ij,jk->ik', A, B) + einsum('ij,jk->ik', A, A)", None),  # sums over an index are left alone
    ("x + x", "2 x_i"),
    ("(x'*x)*x + (x'*x)*p", "(xᵀ x) (x_i + p_i)"),
    ("s*(s*x) + s*p", "s (s x_i + p_i)"),
    ("2*x*p' - 2*p*x'", "2 (x_i p_j - p_i x_j)"),
    ("p ./ x + p", "p_i (1/x_i + 1)"),
    ("einsum('i,j,k->ijk', x, p, x) + einsum('k,j,i->ijk', x, p, x)", "2 x_i p_j x_k"),
    ("einsum('(jk)(il),ij,kl->ijkl', eye(9), B, A) + einsum('(li)(kj),ij,kl->ijkl', eye(9), B, A)",
     "B_ij A_kl ([(jk) = (il)] + [(li) = (kj)])"),
    ("einsum('i,j,jk->ijk', x, p, A) + einsum('i,(jj)(kk),jk->ijk', x, eye(9), A)", "x_i A_jk (p_j + [(jj) = (kk)])"),
])  # fmt: skip
def test_common_factors_stand_in_front(text: str, entries: str | None) -> None:
    e = read(text)
    found = factored(e)
    assert found.type == e.type
    np.testing.assert_allclose(evaluated(found, ARRAYS), evaluated(e, ARRAYS), rtol=1e-12, atol=1e-12)
    labels = tuple("ijkl"[: np.ndim(evaluated(e, ARRAYS))])
    if entries is None:
        assert found is e
    else:
        assert Formula(found, entries=labels).text == entries


def test_what_has_a_name_is_not_opened() -> None:
    e = read("diag(p) - p*p'")
    assert factored(e, {e}) is e
    outer = e.args[1]
    assert factored(e, {outer}) is e


@pytest.mark.parametrize(("text", "entries"), [
    ("A*x + p", "Σ_k A_ik x_k + p_i"), ("A'*B*x", "Σ_k,l A_ki B_kl x_l"), ("A*B", "Σ_k A_ik B_kj"),
    ("x'*A*p", "Σ_k,l x_k A_kl p_l"),
    ("sum(x)", "Σ_k x_k"), ("x'*A", "Σ_k x_k A_ki"),
    ("tr(A*B)", "Σ_k,l A_kl B_lk"), ("(A + B)*x", "Σ_k (A_ik + B_ik) x_k"),
    ("exp(A*x)", None), ("2 ./ x", None),
    ("x[2]*p", "x[2] p_i"), ("diag(x)*A", "x_i A_ij"),
    ("sum(ones(3))*x", "Σ_k x_i"), ("(p*ones(3)')*ones(3)", "Σ_k p_i"), ("tr(ones(3, 3))*x", "Σ_k x_i"),
])  # fmt: skip
def test_products_are_sums_over_an_index(text: str, entries: str | None) -> None:
    e = read(text)
    found = opened(e)
    assert found.type == e.type
    np.testing.assert_allclose(evaluated(found, ARRAYS), evaluated(e, ARRAYS), rtol=1e-12, atol=1e-12)
    labels = tuple("ij"[: np.ndim(evaluated(e, ARRAYS))])
    assert Formula(found, entries=labels).text == entries or (entries is None and "Σ" not in Formula(found, entries=labels).text)
