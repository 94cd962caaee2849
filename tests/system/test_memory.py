"""What is derived leaves nothing behind: the table of nodes, and what the rules were compiled to."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from typing import Any

import pytest

import matcalc
from matcalc.deriving import compiler
from matcalc.expr import nodes
from matcalc.expr.nodes import Expr, make, sym
from matcalc.expr.table import SCALAR, Type


def live() -> set[Expr]:
    gc.collect()
    nodes._sweep()
    return {node for table in nodes._INTERNED.values() for node in [r() for r in table.values()] if node is not None}


def entries() -> int:
    return sum(map(len, nodes._INTERNED.values()))


def derive_with_own_names(k: int) -> None:
    n, m = f"n_{k}", f"m_{k}"
    dims = {f"W_{k}": (n, m), f"u_{k}": (n,), f"x_{k}": (m,)}
    d = matcalc.derive(f"s_{k} = u_{k}'*tanh(W_{k}*x_{k})", dims=dims, check=k % 20 == 0)
    d.to_text()
    if k % 20 == 0:
        assert all((d.to_latex(), d.to_json(), d.to_html(), d.to_code()))
    matcalc.derive(f"sum(X_{k}.^{k + 3})", dims={f"X_{k}": (n, m)}, check=False)


def left_behind(first: int, last: int) -> set[Expr]:
    """The nodes that live on after derivations with names of their own."""
    for k in range(first, first + 21):  # what is compiled once is compiled
        derive_with_own_names(k)
    before = live()
    for k in range(first + 21, last):
        derive_with_own_names(k)
    return live() - before


@pytest.mark.slow
def test_derivations_with_new_names_leave_no_node() -> None:
    left = left_behind(0, 81)
    assert not [e for e in left if any(c.isdigit() for c in f"{e.attr} {e.type}") and "_" in f"{e.attr} {e.type}"]
    assert len(left) <= 5


@pytest.mark.slow
def test_a_planted_leak_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[Expr] = []

    def held(node: Expr) -> Any:
        if len(kept) < 50_000 and "_" in str(node.attr):  # as a cache by names would
            kept.append(node)
        return weakref.ref(node)

    monkeypatch.setattr(nodes, "ref", held)
    assert len(left_behind(1000, 1024)) > 5


@pytest.mark.slow
def test_the_table_is_bounded() -> None:
    """Far more nodes than may wait: what nobody holds goes, long chains in one sweep."""
    start = len(live())
    for k in range(8):
        node = sym(f"only-here-{k}", SCALAR)
        for _ in range(nodes.SPARE // 2):
            node = make("neg", (node,))
        assert entries() <= 2 * (start + nodes.SPARE) + nodes.SPARE
    del node
    nodes._sweep()
    assert entries() <= start


def test_what_rules_are_compiled_to_does_not_grow_with_exponents_and_letters() -> None:
    def tables() -> int:
        c = compiler()
        return sum(map(len, (c.pullbacks, c.locals, c.tangents, c.both)))

    def ask(k: int) -> None:
        a, b, c = (chr(ord("a") + (k + i) % 26) for i in range(3))
        matcalc.derive(f"tr(X^{k + 3}*A)", "X", kind="hessian" if k < 2 else "gradient", check=False)
        matcalc.derive(f"einsum('{a}{b},{b}{c},{c}{a}->',X,Y,Z)", dims={n: ("n", "n") for n in "XYZ"}, check=False)

    ask(0), ask(1)
    before = tables()
    for k in range(2, 12):
        ask(k)
    assert tables() == before


def test_threads_that_make_the_same_nodes_get_the_same_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    """While the table is swept all the time, and every thread is interrupted between look-up and entry."""

    def late(node: Expr) -> Any:
        time.sleep(1e-6)
        return weakref.ref(node)

    monkeypatch.setattr(nodes, "ref", late)
    monkeypatch.setattr(nodes, "SPARE", 50)
    monkeypatch.setattr(nodes, "_sweep_at", 50)
    made: list[list[Expr]] = [[] for _ in range(8)]
    gate = threading.Barrier(8)

    def work(mine: list[Expr]) -> None:
        gate.wait()
        for k in range(100):
            x = sym(f"shared{k}", Type("c", "n", 1))
            mine.append(make("tanh", (make("add", (x, x)),)))
            make("neg", (sym(f"lost{k}", SCALAR),))  # dies at once, and is made anew by the others

    threads = [threading.Thread(target=work, args=(mine,)) for mine in made]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(len({id(mine[k]) for mine in made}) == 1 for k in range(100))
