"""The lines that say how each sum over indices became an expression without indices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple, cast

from matcalc.algebra.pullbacks import Compiler
from matcalc.engine.derivation import Formula, Step
from matcalc.expr.nodes import Expr, postorder
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.problem import Lift, Problem
from matcalc.notation.write.render import LATEX, TEXT, render
from matcalc.notation.write.signs import quoting
from matcalc.notation.write.spelled import spellings
from matcalc.notation.write.style import Spelled
from matcalc.notation.write.sums_as_written import POST, written

RULE = "vectorised-sum"
Text = tuple[str, str]  # in Unicode and in LaTeX
Clause = tuple[str, list[Text]]  # words, and the formulas for each {} in them


def vectorised(compiler: Compiler, problem: Problem) -> tuple[Step, ...]:
    """A line for each sum of the input that the expression contains."""
    if not problem.lifts:
        return ()
    present = set(postorder((problem.output,)))
    source = compiler.book.source(compiler.book.rows()[RULE])
    steps: dict[tuple[Expr, Text], Step] = {}
    spelled = spellings(problem)
    for lift in problem.lifts:
        e, shown = lift.expr, written(lift.node, spelled=spelled)
        if e in present and (e, shown) not in steps:
            names = {d: n for n, d in problem.definitions if d.args and d is not e}
            note, about = sentence(lift, names, spelled)
            sides = Formula(e, names, shown), Formula(e, names)
            formulas = tuple([Formula(e, names, t) for t in about])
            steps[e, shown] = Step("rewrite", RULE, source, *sides, note=note, about=formulas)
    return tuple(steps.values())


def sentence(lift: Lift, names: Mapping[Expr, str], spelled: Spelled = ()) -> tuple[str, list[Text]]:
    """What makes the two sides equal, in words, and the formulas in it."""
    found = _Found(lift, names, spelled)
    clauses = list(found.clauses())
    words = ", ".join(text for text, _ in clauses).replace(", and the", " and the")
    about = [t for _, texts in clauses for t in texts]
    return words, about


class Factor(NamedTuple):
    """A factor of a product: a slice (``letter`` is its index), else a constant of some kind."""

    node: Ast
    kind: str  # of the array: s, c, r, m, or "" for what is neither a slice nor a constant
    turned: bool
    letter: str = ""
    array: Text = ("", "")
    rows: bool = True  # the slices are the rows of the array

    @property
    def is_row(self) -> bool:
        return self.turned or (not self.letter and self.kind == "r")

    @property
    def upright(self) -> Text:
        """The matrix whose rows are the vectors."""
        return self.array if self.rows else transposed(self.array)

    @property
    def sideways(self) -> Text:
        return transposed(self.array) if self.rows else self.array


def transposed(t: Text) -> Text:
    return TEXT.transpose(t[0]), LATEX.transpose(t[1])


def joined(a: Text, b: Text) -> Text:
    return TEXT.product(a[0], b[0], "matmul"), LATEX.product(a[1], b[1], "matmul")


class _Found:
    """What occurs in one sum: the tree as it was written, beside the tree whose names are understood."""

    def __init__(self, lift: Lift, names: Mapping[Expr, str], spelled: Spelled) -> None:
        self.values = lift.values
        self.names = names
        self.spelled = spelled
        self.bound: list[str] = []
        self.slices: dict[tuple[Text, bool], Clause] = {}
        self.entries: dict[Text, None] = {}
        self.masks: list[Text] = []
        self.products: list[Clause] = []
        self.repeated: list[Text] = []
        self.look(lift.node, lift.body)

    def clauses(self) -> Iterator[Clause]:
        yield from list(self.slices.values())[:2]
        if self.products:
            yield min(self.products, key=lambda clause: "rows" in clause[0])
        elif self.slices or self.entries:
            if not self.slices:
                arrays = list(self.entries)
                listed = ", ".join(["{}"] * (len(arrays) - 1)) + " and {}" if len(arrays) > 1 else "{}"
                yield f"the terms are made of entries of {listed}", arrays
            yield "so operations on whole arrays do all terms at once", []
        if self.repeated:
            words = "each {} times" if self.slices or self.entries else "all {} terms are equal"
            yield words, self.repeated[:1]
        if self.masks:
            yield "where the zeros of {} leave out the other terms", self.masks[:1]

    def text(self, node: Ast, level: int = 0) -> Text:
        return written(node, self.bound, level, self.spelled)

    def array(self, k: int) -> Text:
        text, latex = (quoting(style, frozenset(), self.spelled) for style in (TEXT, LATEX))
        return render(self.values[k], text, self.names), render(self.values[k], latex, self.names)

    def look(self, node: Ast | None, understood: Ast) -> None:
        if understood.kind == "entry":
            self.entry(*understood.value)
            return
        if understood.kind == "bigop":
            self.bigop(understood)
        if node is not None and understood.kind == "prod":
            self.product(node, understood)
        if node is not None and understood.kind == "angle":
            left, right = (self.factor(*pair) for pair in zip(node.args, understood.args, strict=True))
            self.products += self.pair(left._replace(turned=True), right, self.text(node))
        below = node.args if node is not None and understood.kind != "applied" else ()
        for i, part in enumerate(understood.args):
            self.look(below[i] if i < len(below) else None, part)

    def bigop(self, understood: Ast) -> None:
        binder = understood.value[1]
        self.bound += binder.names
        self.masks += [self.array(a.value[0]) for a in understood.args[1:] if a.kind == "entry"]
        used = set(_places(understood.args[0]))
        if binder.upper is not None and not used.issuperset(binder.names):
            count = binder.upper
            self.repeated.append(self.array(count.value) if count.kind == "value" else self.text(count))

    def entry(self, k: int, places: tuple[str, ...], node: Ast) -> None:
        if ":" not in places:
            self.entries.setdefault(self.array(k))
        else:
            rows, token = places[-1] == ":", self.text(node)
            which, shown = ("rows", transposed(token)) if rows else ("columns", token)
            words = f"{'and ' if self.slices else ''}the {which} of {{}} are {{}}"
            self.slices.setdefault((self.array(k), rows), (words, [self.array(k), shown]))

    # -- products --------------------------------------------------------------------------

    def product(self, node: Ast, understood: Ast) -> None:
        factors = [self.factor(n, u) for n, u in zip(node.args, understood.args, strict=True)]
        for k, (left, right) in enumerate(pairwise(factors)):
            sign = node.value[k]
            if sign not in (" ", "*", "@", "dot"):
                continue
            whole = self.text(node if len(factors) == 2 else _tree("prod", left.node, right.node, value=(sign,)))
            if sign == "dot" and not left.is_row:
                left = left._replace(turned=True)
            if left.letter and right.letter and right.is_row and not left.is_row:
                self.products += self.outer(factors, k, self.text(node))
            else:
                self.products += self.pair(left, right, whole)

    def factor(self, node: Ast, understood: Ast) -> Factor:
        turned = understood.kind == "T"
        leaf = understood.args[0] if turned else understood
        if leaf.kind == "num":
            return Factor(node, "s", turned)
        if leaf.kind == "value":
            return Factor(node, self.values[leaf.value].type.kind, turned)
        if leaf.kind != "entry":
            return Factor(node, "", turned)
        k, places, _ = leaf.value
        if ":" not in places:
            return Factor(node, "s", turned)
        index = next(p for p in places if p != ":")
        return Factor(node, "c", turned, index, self.array(k), places[-1] == ":")

    def pair(self, left: Factor, right: Factor, whole: Text) -> Iterator[Clause]:
        """What is true of all products of the one with the other."""
        if left.letter and right.letter:
            if left.is_row and not right.is_row:
                yield from self.inner(left, right, whole)
        elif left.letter and left.is_row and right.kind in ("c", "m"):
            words = "so {} has the rows {}" if right.kind == "m" else "so {} holds all {} at once"
            yield words, [joined(left.upright, self.text(right.node, POST)), whole]
        elif right.letter and not right.is_row and left.kind == "m":
            product = joined(right.upright, self.text(_flipped(left.node), POST))
            row = self.text(_tree("T", _tree("prod", left.node, right.node, value=(" ",))))
            yield "so {} has the rows {}", [product, row]
        elif right.letter and not right.is_row and left.is_row and left.kind in ("c", "r"):
            plain = left.node if left.turned and left.node.kind != "T" else _flipped(left.node)
            yield "so {} holds all {} at once", [joined(right.upright, self.text(plain, POST)), whole]

    def inner(self, left: Factor, right: Factor, whole: Text) -> Iterator[Clause]:
        if left.letter != right.letter:
            yield "so {} holds all {} at once", [joined(left.upright, right.sideways), whole]
        elif left.rows == right.rows:
            a, b = left.array, right.array
            both = TEXT.hadamard(a[0], b[0], ""), LATEX.hadamard(a[1], b[1], "")
            yield f"so the {'row' if left.rows else 'column'} sums of {{}} are all {{}}", [both, whole]

    def outer(self, factors: list[Factor], k: int, whole: Text) -> Iterator[Clause]:
        """Outer products of vectors of one index, with scalars in front."""
        left, right = factors[k : k + 2]
        if left.letter != right.letter or k + 2 != len(factors) or any(f.kind != "s" for f in factors[:k]):
            return
        if not k:
            yield "so {} adds up all {}", [joined(left.sideways, right.upright), whole]
        else:
            yield "so {} times {} with weighted rows adds up all {}", [left.sideways, right.upright, whole]


def _flipped(node: Ast) -> Ast:
    return cast(Ast, node.args[0]) if node.kind == "T" else _tree("T", node)


def _tree(kind: str, *args: Ast, value: tuple[str, ...] | None = None) -> Ast:
    return Ast(kind, 0, 0, args, value)


def _places(node: Ast) -> Iterator[str]:
    if node.kind in ("entry", "index", "label"):
        yield from node.value if node.kind == "index" else node.value[1]
    for a in node.args:
        yield from _places(a)


__all__ = ["RULE", "sentence", "vectorised"]
