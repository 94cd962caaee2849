"""The signs, functions and properties that occur in a derivation, each with what it means: those and no others.

What they mean stands in the rows of the operators, of the rules and of the properties; only signs that are no operator are
explained in :data:`matcalc.printers.words.SIGNS`.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from matcalc.engine.derivation import Equation, Formula
from matcalc.engine.spelled_out import cases, spelled_out
from matcalc.expr.nodes import Expr
from matcalc.expr.qualities import MEANING
from matcalc.expr.table import TABLE
from matcalc.printers.in_text import write
from matcalc.printers.story import Story
from matcalc.printers.words import SIGNS

HEAD = "Signs:"
EQUAL = "[i = j]"
WRITTEN = frozenset(sign.meaning for sign in SIGNS)  # operators that have a sign


class Entry(NamedTuple):
    """A sign in text and in LaTeX (none where it is a word) and its meaning in words, or the equation that says what it is."""

    text: str
    latex: str
    meaning: str
    equation: Equation | None = None

    @property
    def sentence(self) -> str:
        """In text: ``∘ elementwise product``, ``tr: trace``, ``σ(z) = 1/(1 + exp(-z))``."""
        if self.equation is not None:
            return write(self.equation)
        return f"{self.text}{self.colon} {self.meaning}"

    @property
    def colon(self) -> str:
        """What stands between a word and its meaning."""
        return ":" if any(map(str.isalnum, self.text)) else ""


def legend(story: Story) -> tuple[Entry, ...]:
    """The legend of what is shown."""
    lines = story.lines
    beside = [f for line in lines for f in (*_formulas(line.about), *_formulas(line.of))]
    beside += [story.expression, *(f for head, body, _ in story.meanings for f in (head, body))]
    shown = "\n".join(dict.fromkeys([*(text for line in lines for text in line.texts), *map(write, beside)]))
    operators = dict.fromkeys(_operators([*(f for line in lines for f in line.chain), *beside]))
    found = [*_signs(shown, operators), *_functions(shown, [op for op in operators if op not in WRITTEN])]
    properties = dict.fromkeys(word for _, said in story.given for word in said.split(", "))
    found += [Entry(story.say(word), "", MEANING[word]) for word in properties if word in MEANING]
    return tuple([entry._replace(meaning=story.say(entry.meaning)) for entry in found])


def _formulas(about: Iterable[Formula | Equation]) -> Iterator[Formula]:
    for one in about:
        yield from (one.lhs, one.rhs) if isinstance(one, Equation) else (one,)


def _signs(shown: str, operators: Container[str]) -> Iterator[Entry]:
    for sign in SIGNS:
        found = re.search(sign.look, shown) if sign.look else None
        if found and sign.text == EQUAL:  # by the letters that stand there: another may be a variable
            yield Entry(found[0], found[0], sign.meaning.format(found[0][1:-1]))
        elif found or (not sign.look and sign.meaning in operators):
            yield Entry(sign.text, sign.latex, meaning(sign.meaning))


def meaning(words: str) -> str:
    """What the row of an operator says; other words as they are."""
    row = TABLE.get(words)
    return words if row is None else row.told or row.words


def _functions(shown: str, operators: Iterable[str]) -> Iterator[Entry]:
    """The functions that are written by their names. One that is explained by another one brings that along."""
    todo = list(operators)
    for op in todo:  # which grows meanwhile
        row, equation, name = TABLE[op], spelled_out(op), _name(op)
        if f"{name}(" not in shown or not re.search(rf"(?<!\w){re.escape(name)}\(", shown):
            continue
        latex = row.latex.format(r"\cdot", r"\cdot", attr="k") if "{0}" in row.latex else row.latex
        if equation is not None and not cases(op):
            yield Entry(name, latex, "", equation)
            shown += write(equation)
            todo += [other for other in dict.fromkeys(_operators([equation.rhs])) if other not in todo]
        elif said := cases(op) or row.told or (row.words if _tells(row.words, row.plain) else ""):
            yield Entry(name, latex, said)


@lru_cache(maxsize=256)
def _name(op: str) -> str:
    """What stands before the bracket where the operator is written."""
    equation = spelled_out(op)
    return write(equation.lhs).partition("(")[0] if equation else TABLE[op].plain


def _tells(words: str, name: str) -> bool:
    """Whether the words of a row say more than its name."""
    return words.removeprefix("elementwise ") != name


def _operators(formulas: Iterable[Formula]) -> Iterator[str]:
    """The operators of what is written, names left closed."""
    known: dict[int, set[Expr]] = {}  # nodes, by the names under which they are written: formulas share most of them
    for formula in formulas:
        names = formula.names
        seen, todo = known.setdefault(id(names), set()), [formula.written]
        for node in todo:  # which grows meanwhile
            if node not in seen and node not in names:
                yield node.op
                todo += node.args
            seen.add(node)
