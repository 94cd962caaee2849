"""Rules as data: one equation in the tool's own notation, with dimensions and a source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from matcalc.expr import dims
from matcalc.expr.errors import MatcalcError, UsageError
from matcalc.expr.nodes import Expr, postorder, substitute
from matcalc.expr.table import CALLS, SCALAR, TABLE, Op, Type, parse_dim
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.finish import finish
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.typing import infer
from matcalc.notation.parse.cursor import Words
from matcalc.rules.row import R

_VARIABLE = re.compile(r"([A-Za-z]\w*)\[([^\]]*)\]\s*((?:[a-z]+(?:-[a-z]+)*(?![\w\[])\s*)*),?\s*")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_EQUALS = re.compile(r"=(?![^()]*\))")  # none in brackets: sum(X, axis=0)
_HEAD = re.compile(r"(?:<\w, )?([A-Za-z]\w*)\(")
_OPENING = {"differential": "d(", "compound": "d(", "vec": "vec("}  # what stands around that which the rows of a group are about
FUNCTIONS = frozenset(("d", "f", "g"))


@dataclass(frozen=True, eq=False)
class Rule:
    """A row of the rules in its group, with its source in words."""

    name: str
    equation: str
    where: str
    cite: str
    disabled: str = ""  # a counterexample: the rule is tempting and wrong
    group: str = ""
    source: str = ""
    label: str = ""  # how a student knows it, with {} for what a line says it of
    role: str = ""  # "ring", "minor" or "silent"
    by: tuple[str, ...] = ()  # rows by which it follows from those before it
    operators: Mapping[str, tuple[Op, ...]] = field(default_factory=dict)  # that a file of a user's defines

    def __repr__(self) -> str:
        return f"Rule({self.name}: {self.equation})"

    @cached_property
    def variables(self) -> dict[str, tuple[Type, frozenset[str]]]:
        """Types and conditions of the variables. Raises ``UsageError`` for a where that is not understood."""
        if not _NAME.match(self.name):
            raise UsageError(f"rule name '{self.name}' is not kebab-case")
        found: dict[str, tuple[Type, frozenset[str]]] = {}
        position = 0
        while position < len(self.where):
            m = _VARIABLE.match(self.where, position)
            if m is None:
                raise UsageError(
                    f"rule {self.name}: where is not understood at '{self.where[position:]}'", hint="write X[m,n] invertible"
                )
            found[m[1]] = (_type(m[2]), frozenset(m[3].split()))
            position = m.end()
        return found

    @cached_property
    def words(self) -> str:
        """The label, said of variables of the row."""
        letters = {name: name for name in self.variables}
        return self.label.format(*letters, *["…"] * self.label.count("{}"), **letters) if "{" in self.label else self.label

    @property
    def holds_always(self) -> bool:
        """Whether it asks nothing of its variables."""
        return not any(conditions for _, conditions in self.variables.values())

    @cached_property
    def sides(self) -> tuple[Expr, ...]:
        """The equation as expressions: (left, right), or for ⟨G, L⟩ = ⟨H, l⟩ (G, L, H, l)."""
        return _parse(self)

    @property
    def subject(self) -> Expr:
        """What the row is about: what it takes the differential or the vec of, the linear map of a pairing, else its left side."""
        left = self.sides[len(self.sides) == 4]
        return left.args[0] if self.group == "vec" and left.op == "vec" else left

    @cached_property
    def _head(self) -> str:
        m = _HEAD.match(self.equation.removeprefix(_OPENING.get(self.group, "")))
        return m[1] if m else ""

    def may_be_about(self, op: str) -> bool:
        """Whether that can be an operator, as far as the text tells: to parse all rows takes longer than a derivation."""
        name = "f" if op == "fn" else TABLE[op].plain.partition("(")[0]
        return self._head == name or (not self._head and name not in CALLS)


def _type(sizes: str) -> Type:
    parts = [parse_dim(s.strip()) for s in sizes.split(",") if s.strip()]
    if not parts:
        return SCALAR
    if len(parts) == 1:
        return Type("c", parts[0], 1)
    return Type("r", 1, parts[1]) if parts[0] == 1 else Type("m", parts[0], parts[1])


def differential_name(name: str) -> str:
    """Name of the symbol that stands for the differential of a rule's variable."""
    return f"d {name}"


def _parse(rule: Rule) -> tuple[Expr, ...]:
    from matcalc.notation.lex.lexer_plain import tokenize_plain
    from matcalc.notation.parse.parser import Parser

    declared = {n: t for n, (t, _) in rule.variables.items()}
    declared |= {differential_name(n): t for n, (t, _) in rule.variables.items()}

    words = Words(declared, FUNCTIONS.union(rule.operators))
    text = re.sub(r"<((?:->|[^<>])*)>", r"⟨\1⟩", rule.equation)
    main, *definitions = text.split(";")
    values: dict[str, Ast] = {}
    for definition in definitions:
        name, _, body = definition.partition("=")
        values[name.strip()] = Parser(tokenize_plain(body), words).expression()
    asts: list[Ast] = []
    try:
        for side in _EQUALS.split(main):
            parser = Parser(tokenize_plain(side), words)
            node = _expand(parser.expression(), values)
            asts.extend(node.args if node.kind == "angle" else (node,))
        return _resolve(asts, rule, declared)
    except MatcalcError as error:
        raise UsageError(f"rule {rule.name}: {error.message} in '{rule.equation}'", hint=error.hint) from error


def _expand(node: Ast, values: Mapping[str, Ast]) -> Ast:
    """Definitions put in, and d(X) written as the name of a differential."""
    if node.kind == "name" and node.value in values:
        return values[node.value]
    if node.kind == "call" and node.value == ("d", 0) and node.args[0].kind == "name":
        return Ast("name", node.start, node.end, (), differential_name(node.args[0].value))
    return node._replace(args=tuple(_expand(a, values) if isinstance(a, Ast) else a for a in node.args))


def _indices(node: Ast) -> Iterator[str]:
    """Names in brackets after an operand: they stand for any index."""
    for i, a in enumerate(node.args):
        if isinstance(a, Ast):
            if a.kind == "name" and (node.kind == "range" or (node.kind == "index" and i)):
                yield str(a.value)
            yield from _indices(a)


def _resolve(asts: list[Ast], rule: Rule, declared: Mapping[str, Type]) -> tuple[Expr, ...]:
    sizes = frozenset(a for t in declared.values() for d in t[1:] for a in dims.atoms(d) if isinstance(a, str))
    sizes |= {name for node in asts for name in _indices(node)}
    scope = Scope(infer, rule.equation, declared, sizes - frozenset(declared), frozenset(("f", "g")))
    scope.in_row, scope.operators = True, rule.operators
    roots: list[tuple[str | None, int]] = []
    for node in asts:
        if node.kind == "call" and node.value == ("d", 0):
            node = node.args[0]
        roots.append((f"#{len(roots)}", infer(scope, node)))
    problem = finish(scope, roots, "#0")
    return tuple(e for _, e in problem.definitions)


T = TypeVar("T")


class Book(NamedTuple):
    """All rows by group, the sources they cite, and the operators that rows define; ``found`` keeps what was asked of them."""

    groups: dict[str, tuple[Rule, ...]]
    sources: Mapping[str, str]
    by_name: dict[str, Rule]
    operators: Mapping[str, tuple[Op, ...]]
    found: dict[Any, tuple[Any, ...]]

    def rows(self) -> dict[str, Rule]:
        return self.by_name

    def about(self, group: str, op: str) -> tuple[Rule, ...]:
        """The rows of a group about an operator. Rows are parsed when their operator is met first."""
        return self._kept(_about, group, op)

    def headed(self, group: str, op: str) -> tuple[Rule, ...]:
        """The rows of a group on whose left side the operator stands outside."""
        return self._kept(_headed, group, op)

    def unfoldings(self, op: str) -> tuple[tuple[Rule, ...], ...]:
        """The lines from which composite rules follow, whose first line is about that operator."""
        return self._kept(_unfoldings, UNFOLDING, op)

    def _kept(self, find: Callable[[Iterable[Rule], str], Iterable[T]], group: str, op: str) -> tuple[T, ...]:
        known = self.found.get((find, op, group))
        if known is None:
            known = self.found[find, op, group] = tuple(find(self.groups.get(group, ()), op))
        return known

    @property
    def words(self) -> dict[str, str]:
        """How each row is called in a line."""
        return {name: row.words for name, row in self.by_name.items()}

    def source(self, rule: Rule) -> str:
        return rule.source


UNFOLDING = "unfolding"
MEANING = "meaning"
GROUPS = (
    "definition",
    "differential",
    "compound",
    "adjoint",
    "vec",
    "rewrite",
    "inward",
    "stable",
    "structure",
    "convention",
    "laws",
    "ring",
    "identity",
    UNFOLDING,
    MEANING,
)

ROLES = ("", "ring", "minor", "silent")


def make_book(
    groups: Mapping[str, Iterable[R | Rule]],
    sources: Mapping[str, str],
    operators: Mapping[str, tuple[Op, ...]] = MappingProxyType({}),
) -> Book:
    """Check groups, names and citation keys, at load; ``operators`` are those that rows define. Raises ``UsageError``."""
    seen: dict[str, Rule] = {}
    made: dict[str, tuple[Rule, ...]] = {}
    for group, rows in groups.items():
        if group not in GROUPS:
            raise UsageError(f"group '{group}' of rules is not known", hint=f"one of {', '.join(GROUPS)}")
        made[group] = tuple([_rule(each, group, sources, seen, operators) for row in rows for each in _each(row)])
        for row in made[group]:
            if row.name in seen:
                raise UsageError(f"rule name '{row.name}' is used twice")
            seen[row.name] = row
    return Book(made, sources, seen, operators, {})


def _about(rows: Iterable[Rule], op: str) -> Iterator[Rule]:
    return (r for r in rows if not r.disabled and r.may_be_about(op) and r.subject.op == op)


def _headed(rows: Iterable[Rule], op: str) -> Iterator[Rule]:
    return (r for r in rows if not r.disabled and r.sides[0].op == op)


def _unfoldings(rows: Iterable[Rule], op: str) -> Iterator[tuple[Rule, ...]]:
    heads = (lines for lines in _chapters(rows) if lines[0].may_be_about(op))
    return (lines for lines in heads if lines[0].sides[0].op == op)


def chapter(row: Rule) -> str:
    """What the numbered rows of one unfolding have in common."""
    return row.name.rpartition("-")[0]


def own_names(lines: Sequence[Rule]) -> dict[Expr, Expr]:
    """What the lines of an unfolding name, in their order, and what that is of their operands. Raises ``UsageError``."""
    left, right = lines[0].sides
    if right.op != "sym":
        raise UsageError(f"rule {lines[0].name}: '{lines[0].equation}' gives no name", hint="the first line is OPERATOR = NAME")
    named = {right: left}
    operands = set(postorder((left,)))
    for row in lines[1:]:
        left, right = row.sides
        if left.op == "sym" and str(left.attr) in row.variables and left not in operands | named.keys():
            named[left] = substitute((right,), named)[0]
    return named


def _chapters(rows: Iterable[Rule]) -> Iterator[tuple[Rule, ...]]:
    for _, lines in groupby(rows, chapter):
        yield tuple(lines)


def _each(row: R | Rule) -> Iterator[R | Rule]:
    """The row, or those of the operators that it is about, or of its lines."""
    if isinstance(row, Rule) or not (row.of or row.lines):
        yield row
        return
    for i, (equation, by) in enumerate(((row.equation, ""), *row.lines), 1) if row.lines else ():
        where = "".join(m[0] for m in _VARIABLE.finditer(row.where) if re.search(rf"\b{m[1]}\b", equation))
        yield row._replace(name=f"{row.name}-{i}", equation=equation, where=where, by=by, lines=())
    for op in row.of.split():
        yield row._replace(name=f"{op}-{row.name}", equation=row.equation.replace("F(", f"{op}("), of="")


def _rule(
    row: R | Rule, group: str, sources: Mapping[str, str], earlier: Mapping[str, Rule], operators: Mapping[str, tuple[Op, ...]]
) -> Rule:
    if isinstance(row, Rule):  # of another book
        return row
    key, _, place = row.cite.partition(":")
    if key not in sources:
        raise UsageError(f"rule {row.name} cites '{row.cite}', which is not in the sources")
    if row.role not in ROLES:
        raise UsageError(f"rule {row.name} has the role '{row.role}', which is not known", hint=f"one of {', '.join(ROLES[1:])}")
    label = row.words or row.name.replace("-", " ")
    if _NAME.match(row.equation) and row.equation not in earlier:
        raise UsageError(f"rule {row.name} has the equation of '{row.equation}', which is no rule of a group before it")
    if unknown := [name for name in row.by.split() if name not in earlier]:
        raise UsageError(f"rule {row.name} follows by '{unknown[0]}', which is no rule of a group before it")
    said = earlier.get(row.equation, row)
    source, by = sources[key].format(place), tuple(row.by.split())
    return Rule(row.name, said.equation, said.where, row.cite, row.disabled, group, source, label, row.role, by, operators)


__all__ = ["CALLS", "Book", "Rule", "chapter", "differential_name", "make_book", "own_names"]
