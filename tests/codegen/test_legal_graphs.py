"""Which code graphs are legal, stated as rows, and that those of the whole corpus are: what is lowered, and what is planned."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest

import matcalc
from matcalc.codegen.ir.graph import Graph, Node, broadcast, opened, shape_of
from matcalc.codegen.plan.planning import Plan
from matcalc.codegen.targets import numpy_target
from matcalc.codegen.targets.numpy_forms import PRINTERS
from matcalc.expr.table import TABLE
from tests.codegen import test_codegen as code
from tests.slices import slices

# Operators by the graph they stand in (lowered, planned or both), how many arguments, which attribute and which shape they have.
ROWS = """
both     sym                                                 0   name          any
both     num                                                 0   number        scalar
both     const                                               0   name          scalar
both     dim                                                 0   any           scalar
both     ones zeros                                          0   none          any
both     commutation                                         0   any           matrix
both     unit                                                0   any           vector
both     FUNCTION                                            1   none          same
both     fn                                                  1   any           same
both     applied                                             1   any           any
both     step                                                1   steps         same
both     guard argmax1 argmin1                               1   none          same
both     pow                                                 1   number        same
both     powv max2 min2 huber2                               2   none          broadcast
both     T                                                   1   none          turned
both     col                                                 1   none          column
both     vec                                                 1   order         vector
both     reshape                                             1   none          any
both     diagm                                               1   none          matrix
both     diagv                                               1   none          vector
both     trace det norm2 normspec normnuc eigmax variance    1   none          scalar
both     logdet                                              1   signed        scalar
both     prodall                                             1   none          scalar
both     prodothers                                          1   none          same
both     prodpairs                                           1   none          matrix
both     max min                                             1   axis          reduced
both     onehot                                              1   any           same
both     inv adj mpow expm logm sqrtm sinm cosm powm chol    1-2 any           same
both     diagonalsums eigvecs polar topdirection tril phi    1   any           same
both     pinv                                                1   none          turned
both     eigvecmax eigvals svdvals                           1   none          vector
both     svdleft                                             1   none          same
both     svdright                                            1   none          matrix
both     frechet                                             2   name          same
both     inner                                               2   any           scalar
both     kron                                                2   name          any
both     einsum                                              1+  script        any
both     conv corr                                           2   none          vector
both     convmatrix hankel                                   1   any           matrix
both     vcat hcat                                           2+  name          any
both     slice pad padrow padcol                             1   any           any
lowered  sigmoid softplus                                    1   sign          same
lowered  softmax logsoftmax                                  1   axis          same
lowered  logsumexp                                           1   axis          reduced
lowered  sumall                                              1   none          scalar
lowered  onto                                                1   none          any
lowered  lin                                                 2+  terms         any
lowered  mul                                                 1+  exponents     broadcast
lowered  term                                                1+  product       product
lowered  tracechain                                          2+  roles         scalar
lowered  diagchain                                           2+  roles         vector
planned  places                                              1+  name          vector
planned  lin                                                 1+  coefficients  broadcast
planned  prod                                                1+  quotient      broadcast
planned  square                                              1   none          same
planned  pick                                                2   sign          broadcast
planned  sum                                                 1   axis          reduced
planned  dot                                                 2   none          scalar
planned  outer                                               2   none          matrix
planned  mm                                                  2   any           any
planned  solve                                               2   any           any
planned  eye                                                 1   none          matrix
planned  expand                                              1   none          any
planned  adddiag                                             2   none          matrix
planned  gather take                                         2   axis          any
planned  agree                                               2   none          matrix
planned  addat scattered                                     2   none          any
planned  plusat                                              3   axis          same
"""
# Functions that have no kernel: the stable rows put others in their place, or the plan makes them of several.
WITHOUT = frozenset(("fn", "step", "sigmoid", "softplus", "logsigmoid", "silu", "gelu", "elu", "softsign", "normpdf"))
FUNCTIONS = [op.name for op in TABLE.values() if op.elementwise and op.name not in WITHOUT]


def reduced(node: Node) -> bool:
    shape = node.args[0].shape
    return node.shape == (() if node.attr is None else shape[: node.attr] + shape[node.attr + 1 :])


ATTRIBUTES: dict[str, Callable[[Node], bool]] = {
    "any": lambda n: True,
    "none": lambda n: n.attr is None,
    "name": lambda n: isinstance(n.attr, str),
    "number": lambda n: isinstance(n.attr, Fraction),
    "sign": lambda n: n.attr in (1, -1),
    "steps": lambda n: n.attr in (1, -1, 2, -2),
    "axis": lambda n: n.attr in (None, 0, 1),
    "order": lambda n: n.attr in ("C", "F"),
    "signed": lambda n: n.attr in (None, "signed"),
    "script": lambda n: len(n.attr.split("->")[0].split(",")) == len(n.args) and len(n.attr.split("->")[1]) == len(n.shape),
    "terms": lambda n: len(n.attr[0]) == len(n.args) >= n.attr[1] and all(n.attr[0]),
    "exponents": lambda n: len(n.attr) == len(n.args) and all(n.attr),
    "coefficients": lambda n: len(n.attr) == len(n.args) and all(n.attr),
    "quotient": lambda n: len(n.attr[1]) == len(n.args) and set(n.attr[1]) <= {1, -1},
    "roles": lambda n: len(n.attr) == len(n.args) and {role for role, _ in n.attr} <= set("MDI"),
    "product": lambda n: n.attr[1] + n.attr[2] + len(n.attr[3]) == len(n.args) and {role for role, _ in n.attr[3]} <= set("McrDIN"),
}
SHAPES: dict[str, Callable[[Node], bool]] = {
    "any": lambda n: True,
    "scalar": lambda n: n.shape == (),
    "vector": lambda n: len(n.shape) == 1,
    "matrix": lambda n: len(n.shape) == 2,
    "same": lambda n: n.shape == n.args[0].shape,
    "turned": lambda n: n.shape == n.args[0].shape[::-1],
    "column": lambda n: n.shape == (*n.args[0].shape, 1),
    "broadcast": lambda n: n.shape == broadcast([a.shape for a in n.args]),
    "reduced": reduced,
    "product": lambda n: n.shape in (shape_of(opened(n).chain), shape_of(opened(n).chain)[::-1]),
}


def rows() -> Iterator[tuple[str, str, str, str, str]]:
    for line in ROWS.strip().split("\n"):
        graph, *names, count, attribute, shape = line.split()
        for name in FUNCTIONS if names == ["FUNCTION"] else names:
            for stage in ("lowered", "planned") if graph == "both" else (graph,):
                yield stage, name, count, attribute, shape


LEGAL = {(stage, name): rest for stage, name, *rest in rows()}


def fault(stage: str, node: Node) -> str:
    """What is illegal about a node of a graph; nothing of most."""
    if (stage, node.op) not in LEGAL:
        return f"{stage}: '{node.op}' has no row"
    count, attribute, shape = LEGAL[stage, node.op]
    least, _, most = count.rstrip("+").partition("-")
    if not int(least) <= len(node.args) <= (99 if count.endswith("+") else int(most or least)):
        return f"{stage}: {len(node.args)} arguments of {node.op}"
    return (
        "" if ATTRIBUTES[attribute](node) and SHAPES[shape](node) else f"{stage}: {attribute} and {shape} of {node!r} {node.shape}"
    )


def faults(monkeypatch: pytest.MonkeyPatch, derive: Callable[[], Iterator[Any]]) -> set[str]:
    """Of all graphs that become code."""
    plans: list[Plan] = []

    class Kept(Plan):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            plans.append(self)

    monkeypatch.setattr(numpy_target, "Plan", Kept)
    for d in derive():
        d.to_code()
    nodes = [*(("lowered", n) for p in plans for n in p.order), *(("planned", n) for p in plans for n in p.k.table.values())]
    assert nodes
    return {fault(stage, n) for stage, n in nodes} - {""}


@pytest.mark.slow
@pytest.mark.skipif(not code.CORPUS.is_dir(), reason="the shared corpus is not here")
@pytest.mark.parametrize("part", slices(range(code.PARTS), code.PARTS))
def test_the_graphs_of_the_corpus_are_legal(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def derived() -> Iterator[Any]:
        for case in code.corpus()[part :: code.PARTS]:
            options = {"wrt": case["wrt"], "kind": case["kind"]} | {k: case[k] for k in ("output", "direction") if case.get(k)}
            dims = {k: tuple(v) for k, v in case["dims"].items()}
            try:
                yield matcalc.derive(case["plain"], dims=dims, assume=case.get("domain") or None, check=False, **options)
            except matcalc.MatcalcError:
                continue

    assert faults(monkeypatch, derived) == set()


TEXTS = [
    *code.lines(code.GRADIENTS),
    "sum(silu(x)) + sum(elu(x)) + sum(normpdf(S))",
    "sum(S^a)",
    "var(x)*tr(S^a)",
    "sum(rowmax(S))",
]


@pytest.mark.slow
def test_the_graphs_of_many_operators_are_legal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert faults(monkeypatch, lambda: (matcalc.derive(t, dims=code.DIMS, check=False) for t in TEXTS)) == set()


def test_every_planned_operator_can_be_written() -> None:
    by_lines = {"adddiag", "argmax1", "argmin1"}  # several lines each (see plan/body.py)
    assert {name for stage, name in LEGAL if stage == "planned"} - by_lines == PRINTERS.keys() - by_lines


def test_what_is_illegal_is_seen() -> None:
    g = Graph()
    x = g.make("sym", attr="x", shape=("n",))
    for node in (g.make("silu", (x,), None, ("n",)), g.make("exp", (x,), None, ("m",)), g.make("sigmoid", (x,), 3, ("n",))):
        assert fault("lowered", node)
    assert fault("planned", g.make("softmax", (x,), None, ("n",)))
    assert not fault("lowered", g.make("softmax", (x,), None, ("n",)))
