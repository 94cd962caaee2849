"""Formulas of made-up work: trees that the oracle reads, written in three notations, and single slips planted in them.

Neither the slips nor the writers share code with ``matcalc.check.work``; what a slip does is measured with the oracle.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from tests.soundness_oracle import Node

SUM, PRODUCT, POSTFIX, ATOM = range(4)
GREEK = ("alpha", "beta", "gamma", "delta", "lambda", "mu", "sigma", "theta", "phi", "omega", "eta", "rho", "tau")
CALLS = {
    "exp": r"\exp",
    "log": r"\log",
    "sin": r"\sin",
    "cos": r"\cos",
    "tanh": r"\tanh",
    "tr": r"\operatorname{tr}",
    "sigmoid": r"\sigma",
}


class Sign(NamedTuple):
    """A derivative of ``of`` by ``by``; a differential where that is empty."""

    of: str
    by: str


class Writer:
    """A tree in one notation: ``plain``, ``text`` (Unicode) or ``latex``; names of derivatives are written as their signs."""

    def __init__(self, notation: str, rng: random.Random, signs: Mapping[str, Sign]) -> None:
        self.notation, self.signs = notation, signs
        self.latex = notation == "latex"
        self.d = rng.choice((r"\mathrm{d}", "d")) if self.latex else "d"
        self.slope = rng.choice(("∂", "d") if notation != "latex" else (r"\partial ", r"\mathrm{d}"))
        self.top = (
            rng.choice((r"^\top", "^T", r"^{\top}")) if self.latex else "'" if notation == "plain" else rng.choice(("ᵀ", "'"))
        )
        self.dot = r" \odot " if self.latex else " .* " if notation == "plain" else rng.choice((" ∘ ", " ⊙ "))
        self.times = "*" if notation == "plain" else " "

    def name(self, name: str) -> str:
        if name in self.signs:
            return self.sign(self.signs[name])
        if not self.latex:
            return name
        if name in GREEK:
            return "\\" + name
        m = re.fullmatch(r"([A-Za-z])(\d)", name)
        return f"{m[1]}_{m[2]}" if m else name

    def sign(self, sign: Sign) -> str:
        of, by = self.name(sign.of), self.name(sign.by)
        if not sign.by:
            return f"{self.d} {of}" if of.startswith("\\") else f"{self.d}{of}"
        return rf"\frac{{{self.slope}{of}}}{{{self.slope}{by}}}" if self.latex else f"{self.slope}{of}/{self.slope}{by}"

    def at(self, n: Node, level: int) -> str:
        text, own = self.write(n)
        return (rf"\left({text}\right)" if self.latex and self.dot and len(text) > 12 else f"({text})") if own < level else text

    def write(self, n: Node) -> tuple[str, int]:
        a = n.args
        if n.op in "+-":
            return f"{self.at(a[0], SUM)} {n.op} {self.at(a[1], PRODUCT)}", SUM
        if n.op == "neg":
            return "-" + self.at(a[0], PRODUCT), SUM
        if n.op in ("*", ".*"):
            sign = self.times if n.op == "*" else self.dot
            own = [self.at(x, POSTFIX if x.op in ("*", ".*") and (x.op != n.op or k) else PRODUCT) for k, x in enumerate(a)]
            if (
                n.op == "*"
                and sign == " "
                and (own[1][0].isdigit() or (self.latex and own[1].startswith(("\\left(", "(")) and a[0].op == "sym"))
            ):
                sign = r" \cdot " if self.latex else " * "
            return own[0] + sign + own[1], PRODUCT
        if n.op in ("/", "./"):
            if self.latex and n.op == "/":
                return rf"\frac{{{self.at(a[0], SUM)}}}{{{self.at(a[1], SUM)}}}", ATOM
            sign = n.op if self.notation == "plain" else "/"
            return f"{self.at(a[0], POSTFIX)}{sign}{self.at(a[1], POSTFIX)}", PRODUCT if self.notation == "plain" else SUM
        if n.op in ("^", ".^"):
            power = self.at(a[1], SUM)
            if n.op == ".^" and self.notation != "plain":
                raise NotImplementedError(n.op)
            base = self.at(a[0], ATOM)
            if self.latex:
                return f"{base}^{{{power}}}", POSTFIX
            return f"{base}{n.op}{power if power.isalnum() else f'({power})'}", POSTFIX
        if n.op == "T":
            return self.at(a[0], POSTFIX if not self.latex and a[0].op == "T" else ATOM) + self.top, POSTFIX
        if n.op in ("sym", "size", "num"):
            text = self.name(str(n.attr))
            return text, PRODUCT if str(n.attr) in self.signs and (not self.latex or not self.signs[str(n.attr)].by) else ATOM
        return self.call(n), POSTFIX if n.op == "inv" else ATOM

    def call(self, n: Node) -> str:
        if n.op in ("ones", "eye") and n.shape is not None:
            of = [str(d) for d in n.shape if d != 1][: 1 if n.op == "eye" else 2]
            if not self.latex or len(of) > 1:
                return f"{n.op}({', '.join(of)})"
            return (r"\mathbf{1}" if n.op == "ones" else "I") + f"_{{{of[0]}}}"
        inside = ", ".join(self.at(x, SUM) for x in n.args)
        prime = re.fullmatch(r"([fg])(p+)", n.op)
        if prime:
            return f"{prime[1]}{chr(39) * len(prime[2])}({inside})"
        if not self.latex:
            return f"{n.op}({inside})"
        if n.op == "norm2":
            return rf"\lVert {inside} \rVert"
        if n.op == "inv":
            return f"{self.at(n.args[0], ATOM)}^{{-1}}"
        if n.op == "sqrt":
            return rf"\sqrt{{{inside}}}"
        if n.op == "logdet":
            return rf"\log\det({inside})"
        return (CALLS.get(n.op) or (n.op if n.op in "fg" else rf"\mathrm{{{n.op}}}")) + f"({inside})"


# ---------------------------------------------------------------- slips

Shapes = Callable[[Node], tuple[int, int]]


def places(tree: Node) -> Iterator[tuple[Node, Callable[[Node], Node]]]:
    """Each part of the tree, and what puts another one in its place."""
    yield tree, lambda new: new
    for k, child in enumerate(tree.args):
        for part, put in places(child):
            yield part, lambda new, k=k, put=put: tree._replace(args=(*tree.args[:k], put(new), *tree.args[k + 1 :]))


def planted(tree: Node, shape: Shapes) -> Iterator[tuple[str, Node]]:
    """Every single slip of the kinds that a formula may have, with its kind."""
    for number in ("2", "3"):
        yield "factor", Node("*", (Node("num", (), number), tree))
    yield "factor", Node("*", (Node("/", (Node("num", (), "1"), Node("num", (), "2"))), tree))
    yield "sign", Node("neg", (tree,))
    for part, put in places(tree):
        for kind, new in _of_part(part, shape):
            yield kind, put(new)


def _of_part(n: Node, shape: Shapes) -> Iterator[tuple[str, Node]]:
    a = n.args
    if n.op == "num" and n.attr in ("2", "3"):
        yield "factor", n._replace(attr="4")
    if n.op in "+-":
        yield "sign", n._replace(op="-" if n.op == "+" else "+")
        yield "missing-term", a[0]
        yield "missing-term", a[1] if n.op == "+" else Node("neg", (a[1],))
        yield "factor", n._replace(args=(a[0], Node("*", (Node("num", (), "2"), a[1]))))
    if n.op == "*":
        arrays = all(shape(x) != (1, 1) for x in a)
        if arrays:
            yield "wrong-order", n._replace(args=a[::-1])
            if a[0].op == "*":  # (x y) z
                yield "wrong-order", Node("*", (Node("*", (a[0].args[0], a[1])), a[0].args[1]))
            yield "elementwise-for-matrix", n._replace(op=".*")
        for k in (0, 1):
            if a[1 - k].op not in ("num", "/", "ones") and shape(a[1 - k]) != (1, 1):
                yield "missing-factor", a[k]
            if a[1 - k].op == "ones" or (a[1 - k].op == "T" and a[1 - k].args[0].op == "ones"):
                yield "missing-sum", a[k]
    if n.op == ".*":
        yield "elementwise-for-matrix", n._replace(op="*")
        for k in (0, 1):
            yield "missing-factor", a[k]
    if n.op == "diag" and shape(a[0])[1] == 1:
        yield "wrong-other", a[0]
    if n.op in ("sum", "tr"):
        yield "missing-sum", a[0]
    if n.op == "T" and shape(n) != (1, 1):
        yield "transpose", a[0]
    elif n.op == "sym" and 1 not in shape(n):
        yield "transpose", Node("T", (n,))
    if n.op in ("exp", "sin", "cos", "tanh", "sigmoid", "log"):
        yield "wrong-other", n._replace(op={"exp": "sigmoid", "sin": "cos", "cos": "sin"}.get(n.op, "exp"))


def squares(tree: Node, shape: Shapes) -> set[str]:
    """Names of square matrices in the tree."""
    return {str(p.attr) for p, _ in places(tree) if p.op == "sym" and shape(p)[0] == shape(p)[1] > 1}


__all__ = ["Sign", "Writer", "planted", "squares"]
