"""Arrays written by their entries: ``A_ik B_lj`` for an einsum, ``f′(z_i)`` for f′(z), ``∂z_k/∂W_ij`` for a derivative.

What is written is the expression itself, with an index for each of its axes; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from matcalc.expr import dims
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, is_one, make, postorder, rebuild, sym, transpose
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import SCALAR, TABLE
from matcalc.notation.lex import habits
from matcalc.notation.write.render import ATOM, ENTRYWISE, POST, PROD, SUM, Piece, pieces, wrap
from matcalc.notation.write.signs import quoting
from matcalc.notation.write.style import Spelled, Style

Labels = Sequence[str]  # one an axis: a letter or a number, ``(kr)`` for an axis of stacked columns, "" for all of an axis
PASSING = frozenset(("T", "matmul", "partial", "einsum", "fn", "sym"))  # what is written by entries where an axis is left whole


class Lettering(NamedTuple):
    """Letters that are names of sizes or variables, what indices are called instead of them, names that need quotes, and how
    the input spells its names."""

    taken: frozenset[str] = frozenset()
    instead: Mapping[str, str] = MappingProxyType({})
    quoted: frozenset[str] = frozenset()
    spelled: Spelled = ()

    def style(self, style: Style) -> Style:
        """The style as the derivation needs it."""
        return quoting(style, self.quoted, self.spelled) if self.quoted or self.spelled else style

    def text(self, letters: str) -> str:
        return "".join([self.instead.get(c, c) for c in letters])

    def applied(self, e: Expr, names: Mapping[Expr, str]) -> Expr:
        """The expression with other letters in its einsums; what has a name stays as it is."""
        if not self.instead or not any(node.op == "einsum" for node in postorder((e,))):
            return e
        done: dict[Expr, Expr] = {}
        for node in postorder((e,)):
            args = tuple([done[a] for a in node.args])
            if node in names and node is not e:
                done[node] = node
            elif node.op == "einsum":
                done[node] = make("einsum", args, self.text(str(node.attr)), node.type)
            else:
                done[node] = node if args == node.args else rebuild(node, args)
        return done[e]


def lettering(taken: Iterable[str], used: Iterable[str]) -> Lettering:
    """For the names of a problem and the letters that its indices have; nothing is left to call an index where all letters
    are names."""
    names = frozenset(x for x in taken if len(x) == 1)
    letters = set(used)
    free = (c for c in habits.ENTRIES if c not in names and c not in letters)
    return Lettering(names, {c: other for c, other in zip(sorted(letters & names), free, strict=False)})


NO_LETTERS = Lettering()


def write(e: Expr, labels: Labels, style: Style, names: Mapping[Expr, str], lettering: Lettering = NO_LETTERS) -> str:
    """The entry of ``e`` at ``labels``; nodes in ``names`` are written as their names."""
    return _Writer(style, names, lettering.taken).sum(e, tuple(labels)).text


def lowered(base: str, labels: Labels, style: Style) -> str:
    """``z_i``"""
    if not any(labels):
        return base
    longer = any(len(x) > 1 and x[0] != "(" for x in labels)
    letters = ("," if longer else "").join([x or (r"\cdot " if style.latex else "·") for x in labels]).strip()
    if not style.latex:
        return f"{base}_{{{letters}}}" if longer and "_" in letters else f"{base}_{letters}"
    return f"{{{base}}}_{{{letters}}}" if "_" in base else f"{base}_{{{letters}}}"


def _delta(i: str, j: str) -> Piece:
    """An entry of the identity, or of a unit vector: 1 where the indices are equal, else 0."""
    if i == j or (i.isdecimal() and j.isdecimal()):
        return Piece(str(int(i == j)), ATOM, "num")
    return Piece(f"[{i} = {j}]", ATOM, "eye")


class _Writer:
    def __init__(self, style: Style, names: Mapping[Expr, str], taken: frozenset[str]) -> None:
        self.style = style
        self.names = names
        self.inner = [c for c in habits.SUMS if c not in taken] + [c for c in habits.SUMS if c in taken]

    def sum(self, e: Expr, labels: Labels) -> Piece:
        """The terms of a sum, each at the same indices."""
        text, count = "", 0
        stack = [(e, False)]
        while stack:
            node, minus = stack.pop()
            inside = node.op if node not in self.names and node.type[0] != "s" else ""
            if inside in SUMS:
                stack += [(node.args[1], minus != (inside == "sub")), (node.args[0], minus)]
            elif inside == "neg":
                stack.append((node.args[0], not minus))
            elif inside == "T" and len(labels) == 1:  # a row has the entries of its column
                stack.append((node.args[0], minus))
            else:
                term = self.term(node, labels)
                sign = (" - " if text else "-") if minus else (" + " if text else "")
                text += sign + (wrap(term, PROD, self.style) if sign.strip() else term.text)
                count += 1 + (sign == "-")
        return Piece(text, SUM if count > 1 else term.level, "add" if count > 1 else term.op)

    def term(self, e: Expr, labels: Labels) -> Piece:
        if e in self.names or e.type[0] == "s":
            return self.scalar(e) if e.type[0] == "s" and e not in self.names else self.factor(e, labels)
        if e.op == "scale" and e.args[0].type[0] == "s":
            front, rest = self.scalar(e.args[0]), self.sum(e.args[1], labels)
            if rest.text == "1":
                return front
            if front.op == "matmul" or (not self.style.latex and e.args[0].op == "div" and e.args[0].args[0].op == "matmul"):
                front = Piece(self.style.parens(front.text), ATOM, "parens")  # (xᵀ A x) y_i: where the indices begin
            return Piece(f"{wrap(front, PROD, self.style)} {wrap(rest, PROD, self.style)}", PROD, "scale")
        if e.op == "div":
            top, bottom = self.sum(e.args[0], labels), self.scalar(e.args[1])
            if self.style.latex:
                return Piece(self.style.fraction(top.text, bottom.text), ATOM, "frac")
            return Piece(f"{wrap(top, PROD, self.style)}/{wrap(bottom, PROD + 1, self.style)}", PROD, "div")
        return self.factor(e, labels)

    def scalar(self, e: Expr) -> Piece:
        return self.product(e, ()) if e.op == "einsum" and e not in self.names else pieces((e,), self.style, self.names)[e]

    def factor(self, e: Expr, labels: Labels) -> Piece:
        """One array at its indices: those of a transpose change places, those of a function go to its argument."""
        style, op = self.style, e.op if e not in self.names else "sym"
        if op == "T":
            return self.factor(e.args[0], tuple(labels)[::-1])
        if op == "matmul" and len(labels) == 2 and (e.args[0].type[0] == "c" or "" in labels):
            return self.part_of_product(e.args[0], e.args[1], labels)
        if "" in labels and op not in PASSING:
            return self.whole(e, labels)
        if op == "fill":
            return self.scalar(e.args[0])
        if op == "eye":
            return _delta(*labels)
        if op == "diagm":
            return self.diagonal(e.args[0], labels)
        if op == "unit":
            return _delta(labels[0], dims.text(e.attr[0]))
        if op == "ones":
            return Piece("1", ATOM, "num")
        if op == "partial":
            return self.derivative(e, labels)
        if op == "einsum":
            return self.product(e, labels)
        if op in ("hadamard", "hdiv"):
            return self.entrywise(e, labels)
        if op == "hpow":
            base, power = self.sum(e.args[0], labels), self.scalar(e.args[1])
            return Piece(style.power(wrap(base, ATOM, style), power.text, power.level >= ATOM, "pow"), POST, "pow")
        if op == "fn":
            return Piece(style.apply(e.attr[0], e.attr[1], self.sum(e.args[0], labels).text), ATOM, "call")
        if TABLE[op].elementwise and all(a.type == e.type or a.type[0] == "s" for a in e.args):
            inside = [self.scalar(a) if a.type[0] == "s" else self.sum(a, labels) for a in e.args]
            one = make(op, tuple(sym("·", SCALAR) for _ in e.args), e.attr, SCALAR)  # of single entries
            return Piece(style.call(one, [p.text for p in inside]), ATOM, "call")
        return self.whole(e, labels)

    def diagonal(self, x: Expr, labels: Labels) -> Piece:
        """diag(x)_ij = [i = j] x_i"""
        delta, entry = _delta(*labels), self.sum(x, labels[:1])
        if delta.op == "num" or entry.text == "1":
            return entry if delta.text == "1" else delta
        return Piece(f"{delta.text} {wrap(entry, PROD, self.style)}", PROD, "hadamard")

    def whole(self, e: Expr, labels: Labels) -> Piece:
        """An array as it is written, with its indices."""
        style = self.style
        piece = pieces((e,), style, self.names)[e]
        text = piece.text
        if not any(labels):
            return piece
        simple = e.op == "sym" or e in self.names or len(text) == 1 or piece.op == "call"
        return Piece(lowered(text if simple else style.parens(text), labels, style), ATOM, "sym")

    def part_of_product(self, left: Expr, right: Expr, labels: Labels) -> Piece:
        """(x yᵀ)_ij = x_i y_j; row i of A B is Bᵀ A_i·, and column j is A B_·j, both as columns."""
        i, j = labels
        if left.type[0] == "c":
            a, b = self.sum(left, (i,)), self.sum(transpose(right), (j,))
            number, array = (a, b) if i or not j else (b, a)
            if {"0", "1"} & {number.text, array.text}:
                return array if number.text == "1" or array.text == "0" else number
            second = self.beside(array) if "" in labels else wrap(array, PROD, self.style)
            return Piece(f"{wrap(number, PROD, self.style)} {second}", PROD, "matmul")
        whole = transpose(right) if i else left
        array = self.sum(left if i else right, labels)
        return Piece(f"{self.beside(pieces((whole,), self.style, self.names)[whole])} {self.beside(array)}", PROD, "matmul")

    def beside(self, p: Piece) -> str:
        """An array as a factor."""
        return p.text if p.level >= PROD and p.op not in ENTRYWISE else self.style.parens(p.text)

    def entrywise(self, e: Expr, labels: Labels) -> Piece:
        left, right = (self.sum(a, labels) for a in e.args)
        if e.op == "hadamard":
            if {"0", "1"} & {left.text, right.text}:
                return right if left.text == "1" or right.text == "0" else left
            return Piece(f"{wrap(left, PROD, self.style)} {wrap(right, PROD + 1, self.style)}", PROD, "hadamard")
        if self.style.latex:
            return Piece(self.style.fraction(left.text, right.text), ATOM, "frac")
        return Piece(f"{wrap(left, PROD, self.style)}/{wrap(right, PROD + 1, self.style)}", PROD, "hdiv")

    def derivative(self, e: Expr, labels: Labels) -> Piece:
        """∂Y_ij/∂X_kl, or ∂²s/∂X_ij∂Y_kl for a derivative of a derivative."""
        style, (y, x) = self.style, e.args
        second = y.op == "partial"
        inner = y.args[1] if second else y
        n = len(inner.shape)
        first, then = labels[:n], labels[n:]
        if e.attr in ("turned", "numerator") and e.type.kind == "m":  # the other way round, where a matrix can be
            first, then = labels[::-1][:n], labels[::-1][n:]
        if not second:
            return Piece(style.partial(self.entry(y, first), self.entry(x, then), ATOM), ATOM, "frac")
        top, a, b = style.name(str(y.args[0].attr)), self.entry(inner, first), self.entry(x, then)
        if not style.latex:
            return Piece(f"∂²{top}/∂{a}∂{b}", ATOM, "frac")
        return Piece(rf"\frac{{\partial^2 {top}}}{{\partial {a} \, \partial {b}}}", ATOM, "frac")

    def entry(self, q: Expr, labels: Labels) -> str:
        return lowered(self.style.name(str(q.attr)), labels, self.style)

    def product(self, e: Expr, labels: Labels) -> Piece:
        """The factors of an einsum, Kronecker deltas first, and the sums over the other indices in front."""
        inputs, output = parse_subscripts(e.attr)
        letters: dict[str, str] = {}
        for place, label in zip(output, labels, strict=True):
            letters |= {place: label} if len(place) == 1 else dict(zip(place, label[1:-1], strict=True))
        summed = [c for c in dict.fromkeys("".join("".join(s) for s in inputs)) if c not in letters]
        for c in summed:
            letters[c] = next(x for x in self.inner if x not in letters.values())
        factors: list[tuple[bool, Piece]] = []
        for operand, places in zip(e.args, inputs, strict=True):
            at = ["".join(letters[c] for c in place) for place in places]
            at = [x if len(place) == 1 else f"({x})" for place, x in zip(places, at, strict=True)]
            piece = self.sum(operand, at) if at else self.scalar(operand)
            if operand.op != "ones" and not is_one(operand) and piece.text != "1":
                factors.append((piece.op != "eye", piece))
        if any(piece.text == "0" for _, piece in factors):
            return Piece("0", ATOM, "num")
        if len(factors) == 1 and not summed:
            return factors[0][1]
        told = [wrap(p, POST if "Σ" in p.text else PROD, self.style) for _, p in sorted(factors, key=lambda f: f[0])]
        body = " ".join(told) or "1"
        if not summed:
            return Piece(body, PROD if len(factors) > 1 else ATOM, "product")
        over = ",".join(letters[c] for c in summed)
        return Piece((rf"\sum_{{{over}}} " if self.style.latex else f"Σ_{over} ") + body, PROD, "sum")
