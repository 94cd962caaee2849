"""Expressions in exponentials: tanh and its like by exp, and the exponential of a sum as a product of powers.

Then tanh(z) = 2 sigmoid(2z) − 1 is an equation between rational functions of exp(z), which exact arithmetic decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import reduce
from math import lcm

from matcalc.algebra.rewriting import rewritten
from matcalc.algebra.rule import Book, Rule
from matcalc.algebra.written_out import written_out
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, make, num, postorder, times

MOST = 64  # the largest power of an exponential that is written out


def in_exponentials(book: Book, e: Expr) -> Expr:
    """The same by exponentials whose arguments are no sums, each with a whole exponent."""
    return _split(_by_rows(written_out(book), e))


def _by_rows(rows: Mapping[str, tuple[Rule, ...]], e: Expr) -> Expr:
    done: dict[Expr, Expr] = {}
    for node in postorder((e,)):
        args = tuple([done[a] for a in node.args])
        new = node if args == node.args else make(node.op, args, node.attr, node.type)
        found = rewritten(rows.get(new.op, ()), new)
        done[node] = new if found is None else _by_rows(rows, found[1])
    return done[e]


def _split(e: Expr) -> Expr:
    """exp(a + b/2) as exp(a)·exp(b/2), and where exp(b) stands somewhere else, that as exp(b/2)²."""
    order = postorder((e,))
    linear = {n: _terms(n.args[0]) for n in order if n.op == "exp"}
    whole: dict[Expr, int] = {}
    for terms in linear.values():
        for atom, c in terms.items():
            whole[atom] = lcm(whole.get(atom, 1), c.denominator)
    done: dict[Expr, Expr] = {}
    for node in order:
        args = tuple([done[a] for a in node.args])
        new = node if args == node.args else make(node.op, args, node.attr, node.type)
        terms = {atom: c * whole[atom] for atom, c in linear.get(node, {}).items()}
        if terms and all(abs(k) <= MOST for k in terms.values()):
            factors = [_power(make("exp", (_over(done.get(atom, atom), whole[atom]),)), int(k)) for atom, k in terms.items()]
            new = reduce(_product, factors)
        done[node] = new
    return done[e]


def _terms(e: Expr) -> Mapping[Expr, Fraction]:
    """A sum as its terms with rational factors; what is none is a term itself."""
    found: dict[Expr, Fraction] = {}
    stack = [(e, Fraction(1))]
    while stack:
        node, c = stack.pop()
        factor = _rational(node.args[0]) if node.op == "scale" else None
        divisor = _rational(node.args[1]) if node.op == "div" else None
        if node.op in SUMS:
            stack += [(node.args[1], -c if node.op == "sub" else c), (node.args[0], c)]
        elif node.op == "neg":
            stack.append((node.args[0], -c))
        elif factor is not None and node.args[1].op != "num":
            stack.append((node.args[1], c * factor))
        elif divisor:
            stack.append((node.args[0], c / divisor))
        elif node.op == "num" and node.attr:
            found[num(1)] = found.get(num(1), Fraction(0)) + c * Fraction(node.attr)
        else:
            found[node] = found.get(node, Fraction(0)) + c
    return {atom: c for atom, c in found.items() if c}


def _rational(e: Expr) -> Fraction | None:
    """A number as it is written."""
    if e.op == "num":
        return Fraction(e.attr)
    if e.type.kind != "s" or not e.args:
        return None
    first = _rational(e.args[0])
    if e.op == "neg":
        return None if first is None else -first
    divisor = _rational(e.args[1]) if e.op == "div" else None
    return first / divisor if first is not None and divisor else None


def _over(e: Expr, k: int) -> Expr:
    return e if k == 1 else make("div", (e, num(k)))


def _power(e: Expr, k: int) -> Expr:
    return e if k == 1 else make("pow" if e.type.kind == "s" else "hpow", (e, num(k)))


def _product(a: Expr, b: Expr) -> Expr:
    return times(a, b) if a.type.kind == "s" else make("hadamard", (a, b))
