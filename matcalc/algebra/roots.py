"""Norms, standard deviations and other roots of squares: what a derivative that divides by one is where that is 0.

Where √q is 0 it is at its least, so that dq is 0 too and dq/(2√q) is 0/0; and 0 is in the subdifferential. So a derivative
counts such a root as 1 where it is 0: all that it divides is 0 there. An expression that divides by a root
itself has no value there, and no derivative.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.terms import Chain, chain_of
from matcalc.expr.groups import POWERS, QUOTIENTS
from matcalc.expr.nodes import Expr, has_more_nodes, postorder, reached, rebuild, sym, transpose
from matcalc.expr.table import TABLE

TIDIED = 100  # nodes
HALF = Fraction(1, 2)
PRODUCTS = frozenset(("scale", "hadamard", "matmul"))  # 0 where one factor is
SPREAD = frozenset(("T", "neg", "fill"))  # the same entries
TOTALS = frozenset(("sum", "rowsum", "colsum"))
THROUGH_0 = frozenset([op.name for op in TABLE.values() if op.elementwise and op.zero])  # functions of each entry
ONE_FACTOR = QUOTIENTS | SPREAD | TOTALS | THROUGH_0 | POWERS
POSITIVE = frozenset(("num", "dim", "ones", "scale", "div", "pow", "sqrt", "T", "fill"))  # positive where all below is


class Roots(NamedTuple):
    """What is a root, where the variables with the names ``definite`` are positive definite matrices."""

    definite: frozenset[str] = frozenset()

    def is_root(self, e: Expr) -> bool:
        """A norm, or the square root of what is a sum of squares."""
        if e.op in POWERS:
            return _exponent(e) == HALF and self.squares(e.args[0])
        return e.op == "norm2" or (e.op == "sqrt" and self.squares(e.args[0]))

    def squares(self, e: Expr) -> bool:
        """Whether no value is negative, because it is made of squares: at 0 it has its least value."""
        stack = [e]
        while stack:
            e = stack.pop()
            if TABLE[e.op].least:
                continue
            if e.op in POWERS:
                k = _exponent(e)
                if k < 2 or k.denominator > 1 or k % 2:
                    return False
            elif e.op == "inner" or (e.op == "matmul" and e.type.kind == "s"):
                if not (e.args[0] is e.args[1] or self._is_form(e.args if e.op == "inner" else chain_of(e))):
                    return False
            elif e.op == "scale" and sum(_is_positive(a) for a in e.args) == 1:
                stack += [a for a in e.args if not _is_positive(a)]
            elif (e.op == "div" and _is_positive(e.args[1])) or (e.op == "matmul" and e.args[1].op == "ones"):
                stack.append(e.args[0])
            elif e.op in ("add", "T", "fill") or e.op in TOTALS:
                stack += e.args
            else:
                return False
        return True

    def below(self, results: Iterable[Expr]) -> list[Expr]:
        """The roots that stand below the line in these expressions."""
        return [n for n in postorder([n.args[1] for n in postorder(results) if n.op in QUOTIENTS]) if self.is_root(n)]

    def others_below(self, results: Iterable[Expr]) -> list[Expr]:
        """Powers below the line of what is 0 at its least, and no root: of ‖x‖_3, of a sum of absolute values; squares of norms."""
        divisors = [n.args[1] for n in postorder(results) if n.op in QUOTIENTS]
        zero = set(reached(divisors, lambda e: (*self._factors(e), *self._parts(e))))  # not what is in an exponential
        return [n for n in postorder(divisors) if n in zero and (n.op == "sqnorm" or self._is_other(n))]

    def _is_other(self, e: Expr) -> bool:
        broken = e.op in ("sqrt", "cbrt") or (e.op in POWERS and _exponent(e).denominator > 1)
        if not broken or self.is_root(e):
            return False
        e = e.args[0]
        while e.op in TOTALS or e.op in SPREAD:
            e = e.args[0]
        return e.op in ("abs", "norm1") or self.squares(e) or (e.op in POWERS and e.args[0].op in ("abs", "norm1"))

    def vanishing(self, root: Expr) -> set[Expr]:
        """What is 0 where a root is."""
        return set(reached([root], self._parts))

    def poles(self, value: Expr) -> set[Expr]:
        """What an expression has no value without: what it divides by, and all that makes this 0, in normal form too."""
        nodes = postorder((value,))
        divisors = [n.args[1] for n in nodes if n.op in QUOTIENTS]
        divisors += [n.args[0] for n in nodes if n.op in POWERS and _exponent(n) < 0]
        tidy = Normalizer()
        whole = [tidy.normal(d) for d in divisors if not has_more_nodes(d, TIDIED)]
        return set(reached([*divisors, *whole], self._factors))

    def undefined(self, value: Expr) -> set[Expr]:
        """The same, and what it takes the logarithm of."""
        logarithms = [n.args[0] for n in postorder((value,)) if n.op == "log"]
        return self.poles(value) | set(reached(logarithms, self._factors))

    def is_free(self, e: Expr, poles: set[Expr]) -> bool:
        """Whether it is a root, and one by which the expression with these poles does not divide, nor by what is 0 with it."""
        return self.is_root(e) and poles.isdisjoint(reached([e], self._parts))

    def _factors(self, e: Expr) -> Iterator[Expr]:
        """What makes ``e`` vanish where it vanishes."""
        if e.op in PRODUCTS:
            yield from e.args
        elif e.op in ONE_FACTOR or self.is_root(e) or TABLE[e.op].least:
            yield e.args[0]

    def _parts(self, e: Expr) -> Iterator[Expr]:
        """What vanishes where a root, or a sum of squares, vanishes."""
        if e.op in ("norm2", "sqnorm", "sqrt", "pow", "hpow"):
            yield e.args[0]
        elif e.op in ("add", "inner", "scale", "div", "matmul", "fill", "sum") and self.squares(e):
            yield from (a for a in e.args if not _is_positive(a))

    def apart(self, e: Expr, poles: set[Expr]) -> tuple[Expr, dict[Expr, Expr]]:
        """The expression with a variable in the place of each free root that is a factor below its lines, and these."""
        found: dict[Expr, Expr] = {}
        above: dict[Expr, Expr] = {}
        below: dict[Expr, Expr] = {}
        for n in postorder((e,)):
            second = below if n.op in QUOTIENTS else above
            args = tuple([(second if i else above)[a] for i, a in enumerate(n.args)])
            above[n] = below[n] = n if args == n.args else rebuild(n, args)
            if self.is_free(n, poles):
                below[n] = found.setdefault(n, sym(f"~{len(found)}", n.type))
            elif n.op in PRODUCTS or n.op in SPREAD:
                below[n] = rebuild(n, tuple([below[a] for a in n.args]))
            elif n.op in QUOTIENTS:
                below[n] = rebuild(n, (below[n.args[0]], above[n.args[1]]))
        return above[e], {s: n for n, s in found.items()}

    def _is_form(self, chain: Chain) -> bool:
        """x'x, or x'Ax and x'A⁻¹x with a positive definite A: the second half is the first, transposed."""
        half, odd = divmod(len(chain), 2)
        turned = all(a is b or transpose(a) is b for a, b in zip(chain[:half], chain[::-1][:half], strict=True))
        return turned and (not odd or self._is_definite(chain[half]))

    def _is_definite(self, e: Expr) -> bool:
        while e.op in ("inv", "T"):
            e = e.args[0]
        return e.op == "sym" and str(e.attr) in self.definite


def roots_with(assume: Mapping[str, frozenset[str]]) -> Roots:
    """Of an expression whose variables are declared to be something."""
    return Roots(frozenset(name for name, declared in assume.items() if "spd" in declared))


def _exponent(e: Expr) -> Fraction:
    """Of a power; 0 where it is not a number."""
    (_, b) = e.args
    if b.op == "div" and all(a.op == "num" for a in b.args) and b.args[1].attr:
        return Fraction(b.args[0].attr) / Fraction(b.args[1].attr)
    return Fraction(b.attr) if b.op == "num" else Fraction(0)


def _is_positive(e: Expr) -> bool:
    """Whether it is above 0 whatever the variables are: made of numbers and sizes."""
    return not has_more_nodes(e, TIDIED) and all(n.op in POSITIVE and (n.op != "num" or n.attr > 0) for n in postorder((e,)))
