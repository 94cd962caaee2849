"""Names that somebody's work uses: those of the problem, those that were explained beside it, those that its lines define."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import count
from typing import NamedTuple

from matcalc.check.work.derivative_signs import DIFFERENTIAL, Marked, Sign, marked
from matcalc.check.work.row_forms import by_rows
from matcalc.check.work.world import (
    Formula,
    Values,
    World,
    derivative,
    evaluated,
    formula,
    named,
    readings,
    slopes,
    starred,
    typed,
)
from matcalc.expr.errors import MatcalcError, ShapeError
from matcalc.expr.nodes import Expr, postorder, substitute, sym
from matcalc.numeric.entrywise_functions import NAMED


def words() -> Iterator[str]:
    """Words that stand for derivatives, which nobody uses as names."""
    for k in count():
        yield "qq" + "".join(chr(ord("a") + int(digit)) for digit in str(k))


_POSITIVE = re.compile(
    r"(?:(?:\\math(?:bf|bb|bbm|ds)\s*\{\s*[1I]\s*\}|𝟏|\\mathbb\s*1|(?<![\w^_])[1I])\s*_?\s*)?(?:\\left\s*)?(?:\\\{|[(\[{])\s*"
    r"([^<>=(){}\[\]]+?)\s*>\s*0\s*(?:\\right\s*)?(?:\\\}|[)\]}])"
)


def with_steps(text: str, latex: bool) -> str:
    r"""Indicators of what is positive, ``\mathbf{1}\{z > 0\}``, ``(z > 0)``, as steps."""
    return _POSITIVE.sub((r" \\operatorname{step}(\1)" if latex else r"step(\1)"), text) if ">" in text else text


def with_functions(text: str, functions: Mapping[str, str], values: Collection[str], latex: bool) -> str:
    r"""The text with functions by the words that stand for them, ``\sigma`` for the sigmoid. One without an argument, as in
    σ' = σ(1 - σ), has the argument t everywhere, unless it is the name of a value too."""
    text = _PRIMED.sub(
        lambda m: (rf"\mathrm{{{word(f)}}}'" if latex else f"{word(f)}'") if is_function(f := m[2].lower()) else m[0], text
    )
    for name, known in functions.items():
        shown = rf"\mathrm{{{word(known)}}}" if latex else word(known)
        pattern = (
            (r"(?<![A-Za-z\\])" if name[:1].isalpha() else "") + re.escape(name) + (r"(?![A-Za-z])" if name[-1:].isalpha() else "")
        )
        applied = rf"{pattern}('*|\^\{{?\\prime\}}?)(?=\s*(?:\\left\s*)?\()"
        bare = re.search(pattern, re.sub(applied, "", text))
        if named(name) in values:
            text = re.sub(applied, lambda m, s=shown: s + "'" * bool(m[1]), text)  # type: ignore[misc]
        else:
            text = re.sub(rf"{pattern}('*)", lambda m, s=shown, b=bare: s + m[1] + ("(t)" if b else ""), text)  # type: ignore[misc]
    return text


_PRIMED = re.compile(r"(?<![A-Za-z])((?:\\(?:operatorname|mathrm|text)\{)?\\?([A-Za-z]{2,})\}?)\s*(?:['′]|\^\{?\s*\\prime)")


def primed(work: str) -> set[str]:
    """Known functions of which the work writes the derivative: relu'(z)."""
    return {m[2].lower() for m in _PRIMED.finditer(work) if is_function(m[2].lower())}


def without_arguments(text: str, heads: Collection[str]) -> str:
    """r for the r(x) of which a line says what it is."""
    for shown in heads:
        name, _, args = shown.partition("(")
        pattern = (
            rf"(?<![A-Za-z\\]){re.escape(name.strip())}\s*(?:\\left\s*)?\(\s*{re.escape(args.strip(' )'))}\s*(?:\\right\s*)?\)"
        )
        text = re.sub(pattern, lambda m, name=name: name.strip(), text)  # type: ignore[misc]
    return text


def word(function: str) -> str:
    """The name by which a known function stands in a formula, so that it may have a prime."""
    return f"qq{function}"


def by_their_names(text: str) -> str:
    """A formula with known functions by their own names again."""
    return re.sub(r"\bqq(\w+)", lambda m: m[1] if is_function(m[1]) else m[0], text)


def applied_function(value: str) -> str | None:
    """The function whose value a name is: the sigmoid of ``sigmoid(X*w)``."""
    m = re.fullmatch(r"\s*(\w+)\s*\(.*\)\s*", value)
    return m[1] if m and is_function(m[1]) else None


_ACCENT = re.compile(
    r"\\(hat|bar|tilde|vec|dot)\s*\{?\s*(?:\\(?:mathbf|boldsymbol|bm|mathrm)\s*)?\{?\s*(\\?[A-Za-z]+)\s*\}{0,2}(?=\s*(?:$|[_(]))"
)


def head(text: str) -> str | None:
    """The name that stands alone as a left side, its arguments left out: ``f(x)``; with accents as they are named: ``\\hat{y}``."""
    text = _ACCENT.sub(r"\\\1{\2}", text) if "\\" in text else text
    m = re.fullmatch(r"(\\?[^\W\d_][\w{}\\^]*?)\s*(?:\([\w\s,\\]*\))?", text.strip())
    return m[1] if m else None


def is_function(value: str) -> bool:
    return value in NAMED


def differentials(world: World) -> set[str]:
    """How the names with a differential may be written."""
    return spellings({*world.problem.symbols, *world.names})


def spellings(names: Iterable[str]) -> set[str]:
    known = {*names}
    return known | {f"\\{n}" for n in known} | {f"\\{n.partition('_')[0]}" + n[len(n.partition("_")[0]) :] for n in known}


def sign_free(world: World, one: Formula) -> Expr | None:
    """The formula over the problem's variables, where it holds no derivative and no name that is one."""
    if one.signs:
        return None
    e = typed(world, one, {})
    inside = {str(n.attr) for n in postorder((e,)) if n.op == "sym"}
    if inside - world.problem.symbols.keys() - world.formulas.keys():
        return None
    put = {sym(n, world.names[n].type): world.formulas[n] for n in inside & world.formulas.keys()}
    return substitute((e,), put)[0]


def with_name(world: World, name: str, one: Formula, found: Mapping[str, list[Values]]) -> World:
    """The world with what a line defines. Raises ``MatcalcError`` where the formula cannot be read."""
    e = _as_meant(world, one)
    value = evaluated(world, e, {}) if e is not None else next(readings(world, one, found))
    formulas = {**world.formulas, name: e} if e is not None else world.formulas
    return world._replace(names={**world.names, name: value}, formulas=formulas)


def _as_meant(world: World, one: Formula) -> Expr | None:
    """The same; where no sizes fit so, with products entry by entry, or with X_i for a row. Raises ``MatcalcError``."""
    try:
        return sign_free(world, one)
    except MatcalcError as error:
        if isinstance(error, ShapeError) and re.search(r"[*^]", one.text.source):
            with suppress(MatcalcError):
                return sign_free(world, starred(world._replace(stars=True), one, {}))
        for body in by_rows(one.body, world.types):
            with suppress(MatcalcError):
                return sign_free(world, one.with_body(body))
        raise


def explained(world: World, values: Mapping[str, str]) -> World:
    """With names that are explained by formulas in plain notation, in any order. Raises ``MatcalcError``."""
    left = dict(values)
    while left:
        error: MatcalcError | None = None
        for name, value in left.items():
            try:
                world = with_name(world, name, formula(world, marked(value, False, (), words())), {})
            except MatcalcError as refused:
                error = error or refused
        known = left.keys() & world.names.keys()
        if not known and error is not None:
            raise error
        left = {n: v for n, v in left.items() if n not in known}
    return world


class NotInside(MatcalcError):
    """A derivative by what does not stand in what is differentiated."""

    def __init__(self, sign: Sign) -> None:
        super().__init__(f"the derivative by '{sign.by}' is not judged: '{sign.by}' does not stand in what is differentiated")


class Reader(NamedTuple):
    """Finds out what derivative signs speak of; ``objective`` are names of what the whole problem is about."""

    objective: frozenset[str]

    def of(self, world: World, sign: Sign) -> Expr:
        """What is differentiated. Raises ``MatcalcError``."""
        name = named(sign.of)
        if not sign.of or name in self.objective or named(head(sign.of) or "") in self.objective:
            return world.problem.output
        return self._value(world, sign.of)

    def by(self, world: World, sign: Sign) -> Expr | None:
        if sign.kind == DIFFERENTIAL:
            return None
        if not sign.by:
            return world.problem.symbols[world.variables[0]]
        return self._value(world, sign.by)

    def _value(self, world: World, text: str) -> Expr:
        name = named(text)
        if name in world.formulas:
            return world.formulas[name]
        if name in world.problem.symbols:
            return world.problem.symbols[name]
        known = dict(world.problem.definitions)
        if name in known:
            return known[name]
        one = formula(world, marked(text, world.latex, (), words()))
        e = sign_free(world, one)
        if e is None:
            raise MatcalcError(f"what '{text}' is made of is not known here")
        return e

    def slopes(self, world: World, one: Marked | Formula) -> dict[str, list[Values]]:
        """The values of all derivative signs of a formula."""
        out: dict[str, list[Values]] = {}
        for sign in one.signs:
            found = slopes(world, sign, self.of(world, sign), self.by(world, sign))
            if not found:
                raise NotInside(sign)
            out[sign.word] = self._by_entries(world, sign) if sign.entry else found
        return out

    def _by_entries(self, world: World, sign: Sign) -> list[Values]:
        """A derivative of which entries are meant: its axes are those of the value, then those of the variable."""
        of, by = self.of(world, sign), self.by(world, sign)
        return [derivative(world, of, by)] if by is not None else slopes(world, sign, of, by)
