"""One walk over the statements of a text: what each part is made of. What stands for a part is up to the one who walks."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from matcalc.expr.formulas import composite
from matcalc.expr.table import CALLS, SYNONYMS, Op
from matcalc.notation.kinds.elimination import Kinds
from matcalc.notation.kinds.letter_habits import beside_siblings, is_word, member_costs
from matcalc.notation.kinds.named_functions import ANY, class_loss, formulas, of_call, of_first, of_formula, of_operators
from matcalc.notation.kinds.overloads import SIGNS, UNARY, VALUED
from matcalc.notation.kinds.written import distinct, is_labelled, is_number, is_squared_vector, names_in, names_of, whole_names
from matcalc.notation.lex import habits
from matcalc.notation.lex.python_names import CLASS_LOSSES
from matcalc.notation.lex.syntax import DIAGONAL, EACH, Ast, Statement

CONSTANTS = {"I": "m", "eye": "m", "1vec": "c", "0vec": "c", "evec": "c", "inf": "s"}
P = TypeVar("P")  # what stands for a part
DEPTH = 40  # functions of the text inside each other
BODIES = 300  # that are gone through: beyond them a function of the text acts on each entry, for what the kinds are about


class Asked(NamedTuple):
    """What the inference is asked about."""

    statements: Sequence[Statement]
    declared: Mapping[str, str]  # kinds by name
    functions: frozenset[str]
    scalar: bool | None  # whether the output has to be one; None: nobody said
    output: str | None = None
    members: Mapping[tuple[str, int], str] = MappingProxyType({})  # kinds of x_i, by the name x and the number of indices
    operators: Mapping[str, tuple[Op, ...]] = MappingProxyType({})  # that rules of the user's define
    code: bool = False  # whether it is NumPy


class Walk(ABC, Generic[P]):
    """What the parts of a text are to each other; subclasses say what stands for a part."""

    def __init__(self, text: Asked) -> None:
        self.text = text
        self.declared = text.declared
        self.functions = text.functions
        self.rows = "r" in text.declared.values()  # vectors that nobody declared may be rows as well
        self.names: dict[str, P] = {}
        self.group: dict[str, str] = {}
        self.members: dict[tuple[str, int], P] = {}
        self.tokens: dict[tuple[str, int], str] = {}  # how a member is written
        self.bound: list[str] = []
        self.bodies = 0
        self.squashed = 0  # functions of losses around the part at hand
        self.frames: list[dict[str, P]] = []
        statements = text.statements
        self.own = {s.name: s for s in statements if s.name and s.parameters}
        self.defined = {s.name for s in statements if s.name and not s.parameters}

    @cached_property
    def whole(self) -> tuple[str, ...]:
        """Names that stand without an index, as often as they do."""
        return tuple(whole_names(self.text.statements))

    @abstractmethod
    def fixed(self, kinds: str) -> P:
        """A part that is of one of these kinds."""

    @abstractmethod
    def choice(self, arguments: tuple[P, ...], costs: Mapping[Kinds, int]) -> P:
        """A part made of others; the last kind of each entry is its own."""

    @abstractmethod
    def same(self, a: P, b: P) -> None:
        """Two parts that are of one kind."""

    @abstractmethod
    def prefer(self, part: P, costs: Mapping[Kinds, int]) -> None:
        """What each kind of a part costs."""

    @abstractmethod
    def letter(self, text: str, bold: bool) -> P:
        """A name that nobody declared."""

    def unary(self, rows: Mapping[Kinds, int], a: P) -> P:
        return self.choice((a,), rows)

    def binary(self, sign: str, a: P, b: P) -> P:
        return self.choice((a, b), SIGNS[sign])

    def read(self) -> None:
        last = None
        used = set(names_in(self.text.statements))
        for s in self.text.statements:
            if s.parameters and s.name in self.own:
                continue
            self.bound.extend(s.letters)
            bodies = s.body.args if beside_siblings(s) else (s.body, *s.others)
            values = [self.of(b) for b in bodies if len(bodies) == 1 or not self.is_label(b)] or [self.fixed(ANY)]
            for other in values[1:]:
                self.same(values[0], other)
            if s.name is not None:
                self.same(values[0], self.member(s.name, len(s.letters)) if s.letters else self.name(s.name))
            del self.bound[len(self.bound) - len(s.letters) :]
            if s.name is None or s.name not in used if self.text.output is None else s.name == self.text.output:
                last = values[0]
        if last is not None and self.text.scalar is not False:
            self.prefer(last, SCALAR_ASKED if self.text.scalar else SCALAR_LIKELY)

    def inner(self, argument: P) -> P:
        """The parameter of a function of the text, which may act on each entry of its argument."""
        return argument

    def is_label(self, node: Ast) -> bool:
        """``f(x, Y)`` on the left: a name for the whole, with what it depends on."""
        if node.kind != "call" or node.value[0] in self.own or not all(a.kind == "name" for a in node.args):
            return False
        name = SYNONYMS.get(node.value[0], node.value[0])
        return "." not in name and name not in CALLS and name not in formulas()

    def name(self, text: str, bold: bool = False) -> P:
        for frame in reversed(self.frames):
            if text in frame:
                return frame[text]
        part = self.names.get(text)
        if part is None:
            known = self.declared.get(text) or (None if text in self.defined else CONSTANTS.get(text))
            part = self.names[text] = self.fixed(known) if known else self.letter(text, bold)
        return part

    def member(self, base: str, indices: int, token: str = "", bold: bool = False) -> P:
        """``x_i`` where a sum binds i: of a declared array what is left of its axes."""
        part = self.members.get((base, indices))
        if token:
            self.tokens.setdefault((base, indices), token)
        if part is None:
            if (base, indices) in self.text.members:
                part = self.fixed(self.text.members[base, indices])
            elif base in self.declared:
                part = self.fixed(KIND_OF_RANK[max(0, min(2, RANK[self.declared[base]] - indices))])
            else:
                part = self.fixed("scm")
                if base not in self.defined:
                    self.prefer(part, member_costs(base, indices, bold))
                    self.of_array(part, base, indices)
            self.members[base, indices] = part
        return part

    @abstractmethod
    def of_array(self, part: P, base: str, indices: int) -> None:
        """A member beside its whole array."""

    def of(self, node: Ast) -> P:
        handler = _HANDLERS.get(node.kind)
        return handler(self, node) if handler else self.unknown(node)

    def unknown(self, node: Ast) -> P:
        for a in node.args:
            if isinstance(a, Ast):
                self.of(a)
        return self.fixed(ANY)


BOLD = ("bold", "arrow")
RANK = {"s": 0, "c": 1, "r": 1, "m": 2, "t": 3}
KIND_OF_RANK = "scmtttt"
SAME: Mapping[Kinds, int] = {(k, k): 0 for k in ANY}
SCALAR_ASKED: Mapping[Kinds, int] = {("s",): 0}
SCALAR_LIKELY: Mapping[Kinds, int] = {("s",): 0, **{(k,): habits.OUTPUT for k in "crmt"}}
OWN: Mapping[Kinds, int] = {
    **{(k, k, out, out): 0 for k in ANY for out in ANY},
    **{(k, "s", "s", k): 3 for k in "crm"},  # a body for a number acts on each entry
}
ARRAY: Mapping[Kinds, int] = {(k,): 0 for k in "crm"}
VECTOR: Mapping[Kinds, int] = {("c",): 0}
LABEL: Mapping[Kinds, int] = {(k,): 0 if k == "s" else habits.LABEL for k in "scrmt"}
BLOCKS: Mapping[Kinds, int] = {("m",): 0, ("s",): 10}
NEAR = 10  # tenths: what is asked about
RAISED = re.compile(r"(.+)\^\(([a-z])\)")  # x^{(i)}
DOUBTFUL = 16  # what is said of a term in NumPy, where a number may stand for an array


# -- handlers --------------------------------------------------------------------


def _num(t: Walk[P], node: Ast) -> P:
    return t.fixed("s")


def _name(t: Walk[P], node: Ast) -> P:
    if node.value in t.bound:
        return t.fixed("s")
    sample = _sample(t, node)
    return t.name(node.value, node.mark in BOLD) if sample is None else sample


def _sample(t: Walk[P], node: Ast) -> P | None:
    """``x^{(i)}`` where a sum binds i."""
    raised = RAISED.fullmatch(node.value) if "^" in node.value and node.value not in t.declared else None
    return t.member(raised[1], 1, node.value, node.mark in BOLD) if raised and raised[2] in t.bound else None


def _sum(t: Walk[P], node: Ast) -> P:
    python = node.kind == "npsum" and not all(a.kind == "name" and is_word(a.value) for a in node.args)  # pos - neg
    first: Ast | None = node.args[0]
    total, literal = t.of(node.args[0]), is_number(node.args[0])
    for term in distinct(node.args)[1:]:
        one = is_number(term)
        plain = term.kind == "name" or (first is not None and first.kind == "name")
        name = "np+" if python else "+num" if literal or one else "+" if plain else "+value"
        total, literal, first = t.binary(name, total, t.of(term)), literal and one, None
    return total


def _prod(t: Walk[P], node: Ast) -> P:
    total = t.of(node.args[0])
    if t.squashed and is_labelled(node) and node.args[0].value not in t.declared:
        t.prefer(total, LABEL)
    cross = "times" in node.value and not any(map(is_number, node.args))
    for sign, factor in zip(node.value, node.args[1:], strict=True):
        sign = "cross" if sign == "times" and cross else "./" if sign == "/" and node.mark in (EACH, DIAGONAL) else sign
        if sign not in ("npmax", "npmin") or not any(map(is_number, node.args)):
            total = t.binary(sign if sign in SIGNS else "*", total, t.of(factor))
        elif not is_number(factor):  # of each entry and a number
            total = t.of(factor)
    return total


def _one(sign: str) -> Callable[[Walk[P], Ast], P]:
    return lambda t, node: t.unary(UNARY[sign], t.of(node.args[0]))


def _pow(t: Walk[P], node: Ast) -> P:
    base, exponent = node.args
    if exponent.kind == "T":
        return t.unary(UNARY["T"], t.of(base))
    sign = ".^" if node.value == ".^" else "^each" if node.mark in (EACH, DIAGONAL) else "^num" if is_number(exponent) else "^"
    sign = "^2" if sign == "^num" and is_squared_vector(node) else sign
    return t.binary(sign, t.of(base), t.of(exponent))


def _transposed(t: Walk[P], node: Ast) -> P:
    """A number is not transposed: the π of ``πᵀx`` and ``(μ − π)ᵀ`` is none."""
    terms = [a.args[0] if a.kind == "neg" else a for a in (node.args[0].args if node.args[0].kind == "sum" else node.args)]
    for a in terms:
        if a.kind == "name" and a.value in habits.PI and a.value not in t.declared:
            t.prefer(t.name(a.value), ARRAY)
    return t.unary(UNARY["T"], t.of(node.args[0]))


def _norm(t: Walk[P], node: Ast) -> P:
    if node.value in habits.DEGREES and node.value not in t.declared:
        t.prefer(t.name(node.value), SCALAR_ASKED)
    return t.unary(UNARY["norm"], t.of(node.args[0]))


def _angle(t: Walk[P], node: Ast) -> P:
    return t.binary("<>", t.of(node.args[0]), t.of(node.args[1]))


def _bigop(t: Walk[P], node: Ast) -> P:
    name, binder = node.value
    if not binder.names:
        return t.unary(UNARY["total"], t.of(node.args[0]))
    t.bound.extend(binder.names)
    body = t.of(node.args[0])
    del t.bound[len(t.bound) - len(binder.names) :]
    return body if name == "sum" else t.unary(UNARY["extreme"], body)


def _index(t: Walk[P], node: Ast) -> P:
    base, *indices = node.args
    bound = [a for a in indices if a.kind == "label" or any(n in t.bound for n in names_of(a))]
    if base.kind == "name" and base.value in habits.BY_SIZE and len(bound) < len(indices):
        return t.fixed("m" if base.value == "I" or indices[0].kind == "prod" else "c")
    if len(indices) == 1 and _is_many(t, indices[0]):
        return t.of(base)
    if base.kind == "name" and bound and len(bound) == len(indices):
        if len(bound) == 1 and (sample := _sample(t, base)) is not None:  # x_j^{(i)}
            t.prefer(sample, VECTOR)
            return t.fixed("s")
        letter = indices[0].value[0][:1] if indices[0].kind == "label" else "".join(names_of(indices[0]))[:1]
        return t.member(base.value, len(indices), f"{base.value}_{letter}", base.mark in BOLD)
    inside = t.of(base)
    whole = sum((a.kind == "name" and a.value in (":", "*")) or a.kind == "range" or _is_many(t, a) for a in indices)
    costs = UNARY.get(f"[{len(indices)}:{whole}]")
    return t.unary(costs, inside) if costs else t.fixed(ANY)


def _is_many(t: Walk[P], place: Ast) -> bool:
    """Whether an index is a vector of integers: what it selects has an axis for them."""
    return place.kind == "label" and not place.value[1] and t.declared.get(place.value[0]) == "c"


def _blocks(t: Walk[P], node: Ast) -> P:
    """Numbers fit everywhere: [A; 0] as well as [x; 1]."""
    layout = "below" if node.value == 1 else "beside" if node.value == len(node.args) else "grid"
    layout += " number" * (layout == "beside" and any(map(is_number, node.args)))
    parts = [t.of(a) if len(node.args) == 1 else t.unary(UNARY[layout], t.of(a)) for a in node.args if not is_number(a)]
    out, *others = parts or [t.fixed("mcr")]
    for other in others:
        t.same(out, other)
    return out


def _call(t: Walk[P], node: Ast) -> P:
    t.squashed += (squashes := node.value[0] in habits.OF_MARGINS)
    part = _called(t, node)
    t.squashed -= squashes
    return part


def _called(t: Walk[P], node: Ast) -> P:
    name, order = node.value
    values = [a for a in node.args if a.kind not in ("keyword", "string")]
    if kind := t.declared.get(f"{name}("):  # a function whose values have declared sizes
        return t.choice((t.of(values[0]),), VALUED[kind])
    if name in t.own and len(t.frames) < DEPTH and t.bodies < BODIES and len(values) == len(t.own[name].parameters):
        return _own(t, t.own[name], [t.of(a) for a in values], order)
    if operators := t.text.operators.get(name):
        return _chosen(t, [t.of(a) for a in values], of_operators(name, operators, len(values), False))
    short = SYNONYMS.get(short := name.rpartition(".")[2], short)
    short = short if short in CALLS else composite(short) or short
    if name not in t.functions:
        if short in ("blkdiag", "cross", "crossmatrix"):
            for a in values:
                t.prefer(t.of(a), BLOCKS if short == "blkdiag" else VECTOR)
            return t.fixed("c" if short == "cross" else "m")
        if short in ("eye", "ones", "zeros", "vector", "matrix"):
            return t.fixed("m" if short == "eye" or len(values) > 1 else "c")
        if row := of_first(name, short, node):
            return t.unary(UNARY[row], t.of(values[0]))
        if node.mark in ("e", "tex") and (exponent := _timed(t, values[0])) is not None:
            return t.unary(UNARY["entrywise"], t.of(exponent))
        if node.mark == "e":  # e^{…}
            return t.unary(UNARY["e"], t.of(values[0]))
        if name in CLASS_LOSSES.values():
            return _class_loss(t, node)
        if name.startswith("np.") and short in UNARY:  # arrays behind or beside each other
            return _joined(t, short, values)
        if short in CALLS:
            return _chosen(t, [t.of(a) for a in values], of_call(short, values))
        if short in formulas():
            return _chosen(t, [t.of(a) for a in values], of_formula(short, tuple(map(is_number, values))))
    return t.unary(UNARY["entrywise"], t.of(values[0])) if len(values) == 1 else t.unknown(node)


def _own(t: Walk[P], function: Statement, arguments: list[P], order: int) -> P:
    """A function of the text."""
    if order:
        return t.unary(UNARY["entrywise"], arguments[0])
    inner = [t.inner(arguments[0])] if len(arguments) == 1 else arguments
    t.bodies += 1
    t.frames.append(dict(zip(function.parameters, inner, strict=True)))
    out = t.of(function.body)
    t.frames.pop()
    return t.choice((arguments[0], inner[0], out), OWN) if len(arguments) == 1 else out


def _class_loss(t: Walk[P], node: Ast) -> P:
    scores, target, each = class_loss(node)
    part = t.of(scores)
    if target is not None:
        t.same(part, t.of(target))
    return t.unary(UNARY["class losses" if each else "class loss"], part)


def _timed(t: Walk[P], exponent: Ast) -> Ast | None:
    """``e^{At}``: the time is a number, and stands beside a matrix; else None."""
    if exponent.kind == "neg":
        inner = _timed(t, exponent.args[0])
        return exponent._replace(args=(inner,)) if inner else None
    times = [a.value for a in exponent.args if isinstance(a, Ast) and a.kind == "name" and a.value in habits.TIME]
    if exponent.kind != "prod" or not times or not any(n[:1].isupper() for n in names_of(exponent)):
        return None
    for name in times:
        if name not in t.declared:
            t.prefer(t.name(name), SCALAR_ASKED)
    return exponent._replace(value=("timed",) * len(exponent.value))


def _joined(t: Walk[P], name: str, values: list[Ast]) -> P:
    first, *others = [t.of(a) for a in values if a.kind not in ("num", "neg")] or [t.fixed(ANY)]
    for other in others:
        t.same(first, other)
    return t.unary(UNARY[name], first)


def _chosen(t: Walk[P], arguments: list[P], costs: Mapping[Kinds, int]) -> P:
    return t.choice(tuple(arguments), costs) if costs else t.fixed(ANY)


_HANDLERS: dict[str, Callable[[Walk[Any], Ast], Any]] = {
    "num": _num, "name": _name, "sum": _sum, "npsum": _sum, "prod": _prod, "neg": _one("neg"), "pow": _pow,
    "indicator": lambda t, node: t.fixed("s"),
    "T": _transposed, "norm": _norm, "bars": _one("bars"), "angle": _angle, "bigop": _bigop, "index": _index,
    "blocks": _blocks, "call": _call,
}  # fmt: skip
