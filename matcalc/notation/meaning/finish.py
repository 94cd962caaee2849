"""From the tape to expressions: every size solved or named, every node made."""

from __future__ import annotations

from itertools import chain, count

from matcalc.expr import dims
from matcalc.expr import nodes as expr
from matcalc.expr.errors import AmbiguityError
from matcalc.expr.groups import SIZED
from matcalc.expr.nodes import Expr
from matcalc.expr.own_operators import Own, formula
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex import habits
from matcalc.notation.meaning.counts import counts, exponents, literal
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.sums.lifts import finished


def atoms(t: Type) -> list[str]:
    """The names of sizes in a type."""
    found: list[str] = []
    for d in t.rows if t.kind == "t" else t[1:]:
        if d.__class__ is str:  # as nearly all are
            found.append(d)
        elif d.__class__ is not int:
            found += [a for a in dims.atoms(d) if a.__class__ is str]
    return found


def finish(scope: Scope, roots: list[tuple[str | None, int]], final: str | None) -> Problem:
    _name_sizes(scope)
    nodes: list[Expr] = []
    sizes = counts(scope)
    powers = exponents(scope) if sizes else frozenset()
    for i, (op, args, attr, type) in enumerate(scope.tape):
        if op == "T" and scope.original(args[0]).op == "T":
            nodes.append(nodes[scope.original(args[0]).args[0]])
        elif op == "copy":
            nodes.append(nodes[args[0]])
        elif op == "num" and sizes and i not in powers:
            nodes.append(literal(attr, sizes) or expr.num(attr))
        elif op == "dim":
            nodes.append(expr.dimension(dims.walk(attr)))
        elif isinstance(op, Own) and not (op.whole or scope.in_row):  # of the user's, without a differential: its formula
            nodes.append(formula(op, tuple([nodes[a] for a in args])))
        else:
            attr = tuple([dims.walk(d) for d in attr]) if op == "rows" else attr
            nodes.append(expr.make(op, tuple([nodes[a] for a in args]), attr, _known(type)))
    definitions = tuple((name, nodes[i]) for name, i in roots if name is not None)
    output = next(nodes[i] for name, i in reversed(roots) if name == final)
    symbols = {name: nodes[i] for name, i in scope.symbols.items()}
    types = {**{name: e.type for name, e in symbols.items()}, **{n: t for n, t in scope.declared.items() if n not in symbols}}
    shapes = {name: expr.variable_shape(t) for name, t in types.items()}
    ties = tuple((dims.walk(a), dims.walk(b)) for a, b in scope.unifier.tied)
    return Problem(
        definitions, output, final, symbols, shapes, ties, tuple(scope.generic), tuple(dict.fromkeys(scope.warnings)),
        scope.source, scope.bodies,
        assumed=dict(scope.assumed),
        ops=frozenset([e.op for e in scope.tape]) - {"copy"},
        meanings=tuple(scope.meanings),
        lifts=tuple([finished(d, nodes, sizes) for d in scope.lifts]), bodies=tuple([(n, scope.spans[i]) for n, i in roots]),
        equal=tuple([(nodes[a], nodes[b], scope.spans[b]) for a, b in scope.equal]),
        indexed={token: f"{array}[{','.join(places)}]" for token, (array, places) in scope.slices.items()},
        labels=frozenset(scope.labels).intersection(scope.symbols),
        carried=_carried(scope),
        operators=scope.operators, places={name: scope.spans[i] for name, i in scope.symbols.items()},
    )  # fmt: skip


def _carried(scope: Scope) -> dict[str, Type]:
    """The sizes of the values of unspecified functions of vectors and numbers that occur."""
    used = {e.attr for e in scope.tape if e.op == "sym"} if scope.carried else ()
    return {name: Type(t.kind, dims.walk(t.rows), dims.walk(t.cols)) for name, t in scope.carried.items() if name in used}


def _known(t: Type) -> Type:
    """With the sizes that were found."""
    kind, rows, cols = t
    if kind == "s":
        return SCALAR
    if kind == "t":
        return Type(kind, tuple([dims.walk(d) for d in rows]), cols)
    n, m = dims.walk(rows), dims.walk(cols)
    return t if n is rows and m is cols else Type(kind, n, m)


_SIZED = SIZED | {"sym", "dim", "fill", "einsum", "padrows"}  # whose sizes the text may name


# How a size is given, for what is written without one.
GIVE_IT = {"unit": r"give it: \mathrm{{unit}}(n, {0}); or declare the vector, --dim e_{0}=n, where it is a variable"}


def _name_sizes(scope: Scope) -> None:
    """Give the sizes that stayed free a name each, in the order of the symbols that have them."""
    said = {a for e in scope.tape if e.op in _SIZED for a in atoms(e.type)}
    used = said.union(scope.sizes, scope.symbols, scope.values, scope.declared, scope.avoided)
    free = chain((s for s in habits.SIZES if s not in used), (f"n_{k}" for k in count(1)))
    for kind, rows, cols in (*[scope.tape[index].type for index in scope.symbols.values()], *scope.carried.values()):
        for d in rows if kind == "t" else (rows, cols):
            if (d := dims.walk(d)).__class__ is dims.Var:
                d.ref = next(free)
    for i, entry in enumerate(scope.tape):
        sized = (entry.op in SIZED or entry.op == "dim" or entry.op in GIVE_IT) and entry.type.kind != "t"
        if sized and any(isinstance(a, dims.Var) for d in entry.type[1:] for a in dims.atoms(d)):
            raise AmbiguityError(
                f"the size of '{scope.text(i)}' does not follow from the context",
                span=scope.spans[i],
                hint=GIVE_IT.get(entry.op, "give it: ones(n), eye(n)").format(*(entry.attr if entry.op == "unit" else ())),
            )
