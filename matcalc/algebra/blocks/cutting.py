"""Entries, columns and runs of rows of what is itself made of blocks, slices, zeros, ones and unit vectors."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.expr import dims, nodes
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import Expr, make, num, transpose
from matcalc.expr.slices import indexed, unit
from matcalc.expr.table import Type


def same(a: Dim, b: Dim) -> bool:
    return dims.sub(a, b) == 0


def below(a: Dim, b: Dim) -> bool:
    """Whether a < b for all sizes."""
    return dims.at_most(dims.add(a, 1), b) is True


def shifted(i: Dim, by: Dim) -> Dim:
    return dims.add(i, dims.sub(by, 1))


def ending(first: Dim, x: Expr) -> Dim:
    """The last row of x, when its first one is ``first``."""
    return shifted(first, x.type.rows)


def stack(e: Expr) -> tuple[Expr, Expr] | None:
    """The two parts of which one stands below the other, also where they are the transpose of two beside each other."""
    if e.op == "vcat":
        return e.args[0], e.args[1]
    if e.op == "T" and e.args[0].op == "hcat" and all(a.type[0] == "m" for a in e.args[0].args):
        a, b = e.args[0].args
        return transpose(a), transpose(b)
    return None


def cut_rows(x: Expr, first: Dim, last: Dim) -> Expr:
    """x[first:last,:]"""
    n = x.type.rows
    if same(first, 1) and same(last, n):
        return x
    count = dims.add(dims.sub(last, first), 1)
    cut = x.type._replace(rows=count)
    if x.op in ("ones", "zeros"):
        return make(x.op, (), None, cut)
    if x.op == "rows":
        return cut_rows(x.args[0], shifted(first, x.attr[0]), shifted(last, x.attr[0]))
    if x.op == "unit" and (inside := _where(x.attr[0], first, last)) is not None:
        return unit(count, dims.add(dims.sub(x.attr[0], first), 1)) if inside else nodes.zeros(cut)
    if x.op == "padrows":
        found = _cut_padding(x, first, last)
        if found is not None:
            return found
    parts = stack(x)
    if parts:
        upper, lower = parts
        m = upper.type.rows
        if dims.at_most(last, m) is True:
            return cut_rows(upper, first, last)
        if below(m, first):
            return cut_rows(lower, dims.sub(first, m), dims.sub(last, m))
        if dims.at_most(first, m) is True and below(m, last):
            return stacked([cut_rows(upper, first, m), cut_rows(lower, 1, dims.sub(last, m))])
    if x.op == "T" and x.args[0].op == "vcat" and all(a.type[0] == "m" for a in x.args[0].args):  # columns of blocks
        return transpose(stacked([transpose(cut_rows(transpose(a), first, last)) for a in x.args[0].args]))
    run = x.args[0] if x.op == "T" else None
    if run is not None and run.op == "rows" and run.args[0].op == "T":  # a block of a matrix: its rows first
        return transpose(indexed("rows", transpose(cut_rows(run.args[0].args[0], first, last)), *run.attr))
    return indexed("rows", x, first, last)


def _where(i: Dim, first: Dim, last: Dim) -> bool | None:
    """Whether i is between the ends; None where that depends on the sizes."""
    if dims.at_most(first, i) is True and dims.at_most(i, last) is True:
        return True
    return False if below(i, first) or below(last, i) else None


def _cut_padding(x: Expr, first: Dim, last: Dim) -> Expr | None:
    """Rows of something with zeros above and below: its own rows, or zeros only."""
    inner, start = x.args[0], x.attr[0]
    end = shifted(start, inner.type.rows)
    if dims.at_most(start, first) is True and dims.at_most(last, end) is True:
        return cut_rows(inner, dims.add(dims.sub(first, start), 1), dims.add(dims.sub(last, start), 1))
    if below(last, start) or below(end, first):
        return nodes.zeros(x.type._replace(rows=dims.add(dims.sub(last, first), 1)))
    if dims.at_most(first, start) is True and dims.at_most(end, last) is True:
        return padded(inner, dims.add(dims.sub(start, first), 1), dims.add(dims.sub(last, first), 1))
    return None


def cut_entry(x: Expr, i: Dim) -> Expr:
    """x[i]"""
    if x.op in ("ones", "zeros"):
        return num(int(x.op == "ones"))
    if x.op == "unit" and (same(i, x.attr[0]) or below(i, x.attr[0]) or below(x.attr[0], i)):
        return num(int(same(i, x.attr[0])))
    if x.op == "rows":
        return cut_entry(x.args[0], shifted(i, x.attr[0]))
    if x.op == "padrows" and (inside := _where(i, x.attr[0], shifted(x.attr[0], x.args[0].type.rows))) is not None:
        return cut_entry(x.args[0], dims.add(dims.sub(i, x.attr[0]), 1)) if inside else num(0)
    if x.op == "vcat":
        m = x.args[0].type.rows
        if dims.at_most(i, m) is True:
            return cut_entry(x.args[0], i)
        if below(m, i):
            return cut_entry(x.args[1], dims.sub(i, m))
    if x.op == "fill" and same(x.type.rows, 1):
        return x.args[0]
    if x.op == "diagv":
        return indexed("entry", cut_col(x.args[0], i), i)
    if x.op == "col" and x.args[0].op == "T":  # one way to write an entry of a matrix
        return indexed("entry", cut_col(x.args[0].args[0], i), *x.attr)
    return indexed("entry", x, i)


def cut_col(x: Expr, j: Dim) -> Expr:
    """x[:,j]"""
    m = x.type.rows
    column = Type("c", m, 1)
    if x.op in ("ones", "zeros"):
        return make(x.op, (), None, column)
    if x.op == "eye":
        return unit(m, j)
    if x.op == "rows":
        return cut_rows(cut_col(x.args[0], j), *x.attr)
    if x.op == "padrows":
        return padded(cut_col(x.args[0], j), *x.attr)
    parts = stack(x)
    if parts:
        return stacked([cut_col(p, j) for p in parts])
    if x.op == "hcat":
        return _column_of_blocks(x, x.args[0], x.args[1], j)
    if x.op == "T" and x.args[0].op == "vcat":
        return _column_of_blocks(x, transpose(x.args[0].args[0]), transpose(x.args[0].args[1]), j)
    turned = x.args[0] if x.op == "T" else None
    if turned is not None and turned.op == "rows":
        return cut_col(transpose(turned.args[0]), shifted(j, turned.attr[0]))
    if turned is not None and turned.op == "padrows":
        start, inner = turned.attr[0], turned.args[0]
        inside = _where(j, start, shifted(start, inner.type.rows))
        if inside is not None:
            return cut_col(transpose(inner), dims.add(dims.sub(j, start), 1)) if inside else nodes.zeros(column)
    return indexed("col", x, j)


def _column_of_blocks(x: Expr, left: Expr, right: Expr, j: Dim) -> Expr:
    n = left.type.cols
    if dims.at_most(j, n) is True:
        return left if left.type[0] == "c" else cut_col(left, j)
    if below(n, j):
        return right if right.type[0] == "c" else cut_col(right, dims.sub(j, n))
    return indexed("col", x, j)


def padded(x: Expr, first: Dim, total: Dim) -> Expr:
    """Zeros with ``total`` rows, x from row ``first`` on."""
    if same(x.type.rows, total):
        return x
    if x.op == "zeros":
        return nodes.zeros(x.type._replace(rows=total))
    if x.op == "padrows":
        return padded(x.args[0], shifted(x.attr[0], first), total)
    if x.op == "unit":
        return unit(total, shifted(x.attr[0], first))
    if x.op == "ones" and x.type == Type("c", 1, 1):
        return unit(total, first)
    return indexed("padrows", x, first, total)


def stacked(parts: Sequence[Expr]) -> Expr:
    """The parts below each other: neighbours that belong together become one, zeros at an end become padding."""
    flat = [p for part in parts for p in _flat(part)]
    out: list[Expr] = []
    for p in flat:
        joined = _joined(out[-1], p) if out else None
        if joined is None:
            out.append(p)
        else:
            out[-1] = joined
    if len(out) > 1 and (nodes.is_zero(out[0]) or nodes.is_zero(out[-1])):
        total: Dim = 0
        for p in out:
            total = dims.add(total, p.type.rows)
        head = out[0].type.rows if nodes.is_zero(out[0]) else 0
        inner = [p for i, p in enumerate(out) if not (nodes.is_zero(p) and i in (0, len(out) - 1))]
        return padded(stacked(inner), dims.add(head, 1), total) if inner else nodes.zeros(out[0].type._replace(rows=total))
    whole = out[0]
    for p in out[1:]:
        whole = make("vcat", (whole, p))
    return whole


def _flat(e: Expr) -> list[Expr]:
    out: list[Expr] = []
    while e.op == "vcat":
        out[:0] = _flat(e.args[1])
        e = e.args[0]
    return [e, *out]


def _joined(a: Expr, b: Expr) -> Expr | None:
    """One expression for two neighbours: runs that follow each other, ones, zeros."""
    if a.op == b.op and a.op in ("ones", "zeros"):
        return make(a.op, (), None, a.type._replace(rows=dims.add(a.type.rows, b.type.rows)))
    if a.op == b.op == "rows" and a.args == b.args and same(dims.add(a.attr[1], 1), b.attr[0]):
        return cut_rows(a.args[0], a.attr[0], b.attr[1])
    return None
