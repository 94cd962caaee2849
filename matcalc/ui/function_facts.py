"""What ``matcalc functions`` says of a function: facts from its rows, and its derivative, derived and checked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TextIO

from matcalc.expr import activations, formulas
from matcalc.expr.activations import Activation
from matcalc.expr.errors import NoRuleError, UsageError
from matcalc.expr.shapes import Op
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.printers.terminal import limit_of, table

if TYPE_CHECKING:
    from matcalc.results import Derivation

WIDEST = 100  # columns of a list of names
KINDS = {"s": "scalar", "*": "anything"}


class Sheet(NamedTuple):
    """A title, and what is said below it, by what it is about."""

    title: str
    facts: tuple[tuple[str, str], ...]

    def text(self) -> str:
        width = max(len(label) for label, _ in self.facts)
        return "\n".join([self.title, *(f"  {label:<{width}}  {said}" for label, said in self.facts)])


def known() -> list[str]:
    """All functions, under the names in which they are printed."""
    return sorted({*CALLS, *formulas.NAMES, *(row.name for row in activations.ROWS)}, key=lambda name: (name.lower(), name))


def named(text: str) -> str:
    """The name in the tables of a function as people write it: ``hard tanh``, ``Leaky-ReLU``. Raises ``UsageError``."""
    word = _folded(text)
    others = {_folded(name): name for name in known()} | {_folded(said): name for said, name in SYNONYMS.items()}
    found = others.get(word) or formulas.composite(word)
    if found is not None:
        return found
    near = [others[name] for name in get_close_matches(word, others, 3)]
    hint = f"did you mean {', '.join(dict.fromkeys(near))}?" if near else "matcalc functions lists them"
    raise UsageError(f"there is no function '{text}'", hint=hint)


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]", "", text).lower()


def sheets(name: str) -> tuple[Sheet, ...]:
    """All that is known of a function, a sheet for each way to call it. Raises ``UsageError`` for one that there is not."""
    called = named(name)
    rows = [row for row in activations.ROWS if row.name == called]
    if rows:
        return tuple(map(_of_activation, rows))
    return tuple([*map(_of_operator, CALLS.get(called, ())), *_of_formulas(called)])


# ---------------------------------------------------------------- activations


def derivative(call: str, arguments: Sequence[str]) -> Derivation:
    """The derivative of a function of one entry by its first argument, derived and checked."""
    from matcalc import api

    return api.derive(call, wrt=arguments[0], dims={name: () for name in arguments})


def _of_activation(row: Activation) -> Sheet:
    d = derivative(row.call, row.arguments)
    facts = [("formula", formula(row)), ("case by case", row.cases), ("derivative", d.result.plain)]
    facts += [("range", row.range), ("derivative in", row.slopes)]
    facts += [("saturation", saturation(row)), ("kinks", kinks(row, d)), ("note", row.note)]
    facts += [("also", ", ".join(spellings(row.name))), *_sources(row)]
    return Sheet(row.call, tuple((label, _signs(said)) for label, said in facts if said))


def formula(row: Activation) -> str:
    """In other functions: the row's own, that of a rule, or that of the table of formulas."""
    from matcalc.algebra.book import book
    from matcalc.algebra.written_out import formula_of

    operators = CALLS.get(row.name, ()) if len(row.arguments) == 1 else ()
    by_rule = next((found for op in operators if (found := formula_of(book(), op.name))), None)
    written = [r.body for r in _rows(row.name) if len(r.arguments) == len(row.arguments)]
    return row.formula or by_rule or "".join(written)


def saturation(row: Activation) -> str:
    """Where the derivative goes to 0, and what the value does there."""
    ends = (("-inf", *row.low), ("inf", *row.high))
    found = [f"{row.arguments[0]} -> {end}: value -> {value}, derivative -> 0" for end, value, slope in ends if slope == "0"]
    return "; ".join([*(found or ["none"]), *([f"the derivative is exactly 0 for {row.flat}"] if row.flat else [])])


def kinks(row: Activation, d: Derivation) -> str:
    """What meets where it is not differentiable, and which derivative is taken there."""
    from math import inf, nextafter

    values = {name: float(Fraction(value)) for name, value in row.parameters.items()}
    said = []
    for place in row.kinks:
        at = float(values[place] if place in values else Fraction(place))
        left, here, right = (_slope(d, row, x, values) for x in (nextafter(at, -inf), at, nextafter(at, inf)))
        meets = f"slopes {left:.6g} and {right:.6g} meet" if left != right else "the value jumps"
        said.append(f"{row.arguments[0]} = {place}: {meets}, {here:.6g} is taken")
    example = f" (with {row.example})" if said and row.example else ""
    return ("; ".join(said) or "none") + example


def _slope(d: Derivation, row: Activation, x: float, values: dict[str, float]) -> float:
    return float(d.result.evaluate({row.arguments[0]: x, **values}))


# ---------------------------------------------------------------- other functions


def _of_operator(op: Op) -> Sheet:
    from matcalc.algebra.book import book
    from matcalc.algebra.written_out import formula_of

    facts = [("what", op.words), ("arguments", _shapes(op))]
    if op.elementwise and op.arity == 1:
        facts += [("formula", formula_of(book(), op.name) or "")]
        facts += [("derivative", _if_there_is_one(f"{op.plain}(z)"))]
    which, _, domain = op.domain.rpartition(":")
    what = f"its argument {int(which) + 1}" if which else "its argument"
    facts += [("defined for", domain and f"{what} {domain}"), ("no derivative", op.kink and f"where {op.kink}")]
    facts += [("rule", f"{rule.name} ({rule.source})") for rule in book().about("differential", op.name)]
    facts += [("also", ", ".join(spellings(op.plain)))]
    return Sheet(f"{op.plain}({', '.join('zw'[: op.arity] if op.elementwise else 'XYZ'[: op.arity])})", _said(facts))


def _if_there_is_one(call: str) -> str:
    try:
        found: str = derivative(call, ("z",)).result.plain
    except NoRuleError:
        return "no rule"
    return found


def _of_formulas(name: str) -> Iterator[Sheet]:
    for row in _rows(name):
        call = f"{name}({', '.join(row.arguments)})"
        facts = [("formula", row.body), ("sizes", row.where * ("[" in row.where)), ("source", row.source)]
        if name in formulas.ENTRYWISE:
            facts.insert(1, ("derivative", derivative(call, row.arguments).result.plain))
        yield Sheet(call, _said(facts))


class _Row(NamedTuple):
    """A row of the table of formulas; of a function of each entry with its variable called z."""

    arguments: list[str]
    body: str
    where: str
    source: str


def _rows(name: str) -> Iterator[_Row]:
    for text, where, source in formulas.ROWS:
        head, _, body = text.partition(" = ")
        if head.partition("(")[0] == name:
            entries = "[" not in where
            arguments = head[len(name) + 1 : -1].split(", ")
            if entries and arguments[0] == "x" and "z" not in arguments:
                arguments, body = ["z", *arguments[1:]], re.sub(r"\bx\b", "z", body)
            yield _Row(arguments, body.replace(" .* ", "*") if entries else body, where, source)


def _shapes(op: Op) -> str:
    """``m(n,n) -> s`` as ``[n×n] → scalar``."""
    text = re.sub(r"\bm\((\S+?),(\S+?)\)(?=\s|$)", r"[\1×\2]", op.shape)
    text = re.sub(r"\bc\((\S+?)\)(?=\s|$)", r"[\1×1]", text)
    text = re.sub(r"\br\((\S+?)\)(?=\s|$)", r"[1×\1]", text)
    return " ".join(KINDS.get(word, word) for word in text.replace("->", "→").replace("|", "or").split())


# ---------------------------------------------------------------- words


def spellings(name: str) -> list[str]:
    """Under which other names a function is known."""
    found = [said for said, meant in (SYNONYMS | formulas.SPELLINGS).items() if meant == name and said != name]
    obvious = ("", rf"\mathrm{{{name}}}", rf"\{name}")
    latex = next((op.latex for op in CALLS.get(name, ()) if op.latex not in obvious and "{0}" not in op.latex), "")
    return [*dict.fromkeys(found), *([f"{latex} in LaTeX"] if latex else [])]


def _sources(row: Activation) -> list[tuple[str, str]]:
    from matcalc.algebra.book import book

    operators = CALLS.get(row.name, ()) if len(row.arguments) == 1 else ()
    found = [("rule", f"{r.name} ({r.source})") for op in operators for r in book().about("differential", op.name)]
    return found or [("source", r.source) for r in _rows(row.name) if len(r.arguments) == len(row.arguments)]


def _said(facts: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple((label, text) for label, text in facts if text)


def _signs(text: str) -> str:
    """Infinity and the like as they are written."""
    for written, sign in ((r"\binf\b", "∞"), ("->", "→"), ("~", "≈"), ("<=", "≤")):
        text = re.sub(written, sign, text)
    return text


def overview(stream: TextIO) -> str:
    """All functions: the activations with derivative, range and saturation, then the names of the others."""
    head = ("function", "derivative", "range", "derivative in", "saturates")
    told = table([head, *map(_line, activations.ROWS)], stream)
    seen = {row.name for row in activations.ROWS}
    entry = {op.plain for operators in CALLS.values() for op in operators if op.elementwise} | formulas.ENTRYWISE
    others = [name for name in known() if name not in seen]
    parts = [("Activation functions", told), ("Other functions of each entry", _wrapped([n for n in others if n in entry], stream))]
    parts += [("Functions of vectors and matrices", _wrapped([n for n in others if n not in entry], stream))]
    return "\n\n".join(f"{title}\n{body}" for title, body in parts)


def _line(row: Activation) -> tuple[str, ...]:
    ends = [end for end, (_, slope) in (("-inf", row.low), ("inf", row.high)) if slope == "0"]
    where = {2: "both ends", 1: f"at {ends[0]}" if ends else "", 0: "no"}[len(ends)]
    cells = (row.call, derivative(row.call, row.arguments).result.plain, row.range, row.slopes, where)
    return tuple(map(_signs, cells))


def _wrapped(names: Sequence[str], stream: TextIO) -> str:
    from textwrap import fill

    width = min(limit_of(stream) or WIDEST, WIDEST)
    return fill(" ".join(names), width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
