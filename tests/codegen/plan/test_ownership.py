"""Who owns a result: a copy only where its memory would be the caller's or another result's."""

from __future__ import annotations

import pytest

from matcalc.codegen.ir.graph import Graph, Node
from matcalc.codegen.plan.ownership import is_view, lent, owned, seen_through
from matcalc.codegen.targets.printing import Text

G = Graph()
A = G.make("sym", (), "A", ("m", "n"))
turned = G.make("T", (A,), None, ("n", "m"))
made = G.make("exp", (A,), None, ("m", "n"))
number = G.make("sum", (A,))


@pytest.mark.parametrize(
    ("roots", "wanted"),
    [
        ([A], ["A.copy()"]),
        ([turned], ["A.T.copy()"]),
        ([made], ["np.exp(A)"]),
        ([made, made], ["np.exp(A)", "np.exp(A).copy()"]),
        ([number, number], ["A.sum()", "A.sum()"]),  # numbers share nothing
        ([G.make("num", (), 2)], ["2.0"]),
    ],
)
def test_copies(roots: list[Node], wanted: list[str]) -> None:
    texts = {A: "A", turned: "A.T", made: "np.exp(A)", number: "A.sum()"}
    assert owned(roots, [Text(texts.get(node, "2")) for node in roots], "{0}.copy()") == wanted


def test_a_view_of_a_result_is_copied() -> None:
    view = G.make("T", (made,), None, ("n", "m"))
    assert owned([made, view], [Text("e"), Text("e.T")], "{0}.copy()") == ["e", "e.T.copy()"]
    assert owned([made, view], [Text("e"), Text("e.T")], "") == ["e", "e.T"]


def test_what_lends_its_memory() -> None:
    assert lent(A) and lent(turned) and not lent(made) and is_view(turned) and not is_view(made)
    assert seen_through(turned) == {turned, A} and seen_through(made) == {made}
    assert is_view(G.make("einsum", (A,), "ij->ji", ("n", "m"))) and not is_view(G.make("einsum", (A, A), "ij,jk->ik", ("m", "m")))
