"""docs/rules: what stands there is made from the rows, and what outputs link to is there."""

from __future__ import annotations

import importlib.util
import re
import sys
from types import ModuleType

import numpy as np
import pytest

import matcalc
from matcalc.algebra.book import book
from tests.mathml_reader import formulas, said
from tests.places import ROOT

pytestmark = pytest.mark.source


def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("rules_make", ROOT / "docs" / "rules" / "make.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


make = tool()


@pytest.mark.slow
def test_the_pages_are_made_from_the_rows() -> None:
    for path, text in make.pages().items():
        assert path.read_text("utf-8") == text, "python docs/rules/make.py makes them again; git diff says what is new"


def test_every_row_has_a_place() -> None:
    for name, rows in book().groups.items():
        text = (make.HERE / f"{name}.md").read_text("utf-8")
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [row.name for row in rows]


def test_an_example_is_true() -> None:
    text = (make.HERE / "ring.md").read_text("utf-8")
    (found,) = re.findall(r"## trace-is-cyclic\n.*?For (A = .*?) both sides are `(.*?)`", text, re.DOTALL)
    a, b = (np.array([[float(x) for x in row.split(",")] for row in m.split(";")]) for m in re.findall(r"`\[(.*?)\]`", found[0]))
    assert np.isclose((a * b.T).sum(), float(found[1])) and a.any() and b.any()


def test_an_example_of_a_line_is_at_the_operands_not_at_the_names_that_it_gives() -> None:
    text = (make.HERE / "unfolding.md").read_text("utf-8")
    (found,) = re.findall(r"## softmax-unfolded-6\n.*?For x = (.*?), dx = (.*?) both sides are (.*?)\.\n", text, re.DOTALL)
    x, dx, both = (np.array([float(n) for n in re.findall(r"-?[\d.]+", m)]) for m in found)
    p = np.exp(x) / np.exp(x).sum()
    assert np.allclose(both, p * dx - p * (p @ dx), atol=1e-4)
    assert not re.search(r"For .*\bdd\w+ =", text)


def test_a_proof_by_entries() -> None:
    told = make.proof(book().rows()["trace-is-cyclic"])
    assert told.startswith("By entries: `Σ_i Σ_j A_ij B_ji` on the left and `Σ_i Σ_j B_ij A_ji` on the right are one sum")
    proved = {name for name, row in book().rows().items() if make.proof(row)}
    assert {"chain", "product-left", "transpose-of-product", "sum-as-trace"} <= proved
    assert not proved & {"terms-cancel", "inverse-cancels", "product", "put-in", "symmetric"}


def test_sides_that_differ_by_entries_have_no_proof() -> None:
    from matcalc.algebra.rule import make_book
    from matcalc.rules.row import R

    for equation in ("tr(A*B) = tr(A*B')", "A*B = B*A", "(A*B)' = A'*B'", "A*B + A = A*B - A"):
        (row,) = make_book({"ring": (R("wrong", equation, "A[n,n] B[n,n]", "s"),)}, {"s": "nowhere"}).groups["ring"]
        assert make.proof(row) == "", equation


def test_a_row_whose_sides_differ_stops_it() -> None:
    from matcalc.algebra.rule import make_book
    from matcalc.rules.row import R

    (row,) = make_book({"ring": (R("wrong", "tr(A*B) = tr(A)", "A[n,n] B[n,n]", "s"),)}, {"s": "nowhere"}).groups["ring"]
    with pytest.raises(ValueError, match="wrong"):
        list(make._example(row))


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_what_outputs_link_to_is_there(form: str) -> None:
    d = matcalc.derive("s = logdet(A*X*B + C) + x'*A*x", style="differential", check=False)
    links = re.findall(r"(docs/rules/[\w-]+\.md)#([\w-]+)", d.to(form, detail="full"))
    assert len(set(links)) > 2
    for page, anchor in links:
        assert f"\n## {anchor}\n" in (ROOT / page).read_text("utf-8")


def test_a_label_stands_with_what_it_says() -> None:
    d = matcalc.derive("s = tr(A*X)*tr(X)", wrt="X", style="differential", check=False)
    assert "trace: d(tr(X)) = tr(dX)" in matcalc.derive("tr(X)", check=False, style="differential").to_text("full")
    page = d.to_html()
    rules = dict(re.findall(r'<li id="(rule-[a-z-]+)">(.*?)</li>', page))
    assert {said(one) for one in formulas(rules["rule-scaling"])} == {"d(aX)=(da)X+adX"}
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(rules)
    assert any(step["identity"] and step["words"] == "product rule" for step in d.to_dict()["steps"])
    assert "d(a X) = da X + a dX" not in d.to_text()
