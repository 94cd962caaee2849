"""Indices and labels on the left of an equation."""

from __future__ import annotations

import matcalc


def test_what_stands_below_the_name_on_the_left_is_a_label_where_it_is_a_value_on_the_right() -> None:
    d = matcalc.derive(r"L_q = -\log \sum_i e^{q^T k_i}", wrt="q", dims={"q": ("d",)}, index={"k_i": "K[i,:]"})
    assert d.value.plain == "-log(sum(exp(K*q)))" and d["q"].plain == "-K'*softmax(K*q)" and not d.warnings


def test_what_stands_below_it_on_both_sides_is_an_index() -> None:
    d = matcalc.derive(r"z_i = a_i^T q + c_i", wrt="q", notation="latex", index={"a_i": "A[i,:]"})
    assert d.value.plain == "A*q + c" and d.value.shape == ("n",)
