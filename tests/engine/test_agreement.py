"""The lines that say that several routes come to the same."""

from __future__ import annotations

import re

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.check.report import check_trace
from matcalc.engine.agreement import agreement
from matcalc.expr.errors import CheckError


def test_a_line_for_each_result_with_the_end_of_each_route() -> None:
    routes = [matcalc.derive("x'*A*y", style=style).boxes for style in ("backprop", "differential")]
    lines = list(agreement(routes, book()))
    assert [line.lhs.text for line in lines] == ["∇_x s", "∂s/∂A", "∇_y s"]
    assert all(len(line.members) == 3 and line.rule == "routes-agree" for line in lines)


def test_no_line_for_what_a_route_does_not_have() -> None:
    routes = [matcalc.derive("x'*A*y", wrt=wrt).boxes for wrt in (["x", "A"], ["A", "y"])]
    assert [line.lhs.text for line in agreement(routes, book())] == ["∂s/∂A"]


def test_entries_have_the_letters_of_the_first_route() -> None:
    d = matcalc.derive("A*X*B", wrt="X", style="all")
    entries, stacked = d.agreement
    assert {member.text for member in entries.chain[1:]} == {"A_iq B_lj"} and entries.chain[0].text == "∂Y_ij/∂X_ql"
    assert {member.text for member in stacked.chain[1:]} == {"Bᵀ ⊗ A"}


def test_routes_that_do_not_agree_are_found() -> None:
    right, wrong = (matcalc.derive(text, wrt="x", check=False) for text in ("x'*A*x", "2*x'*A*x"))
    lines = tuple(agreement([right.boxes, wrong.boxes], book()))
    assert re.fullmatch(r".*A \+ Aᵀ\) x", lines[0].chain[-1].text)
    with pytest.raises(CheckError):
        check_trace(right.problem, lines, right.trace.results, right.trace.waypoints)
