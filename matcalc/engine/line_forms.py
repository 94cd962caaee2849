"""In which form a line of backpropagation gives a derivative, and the lines that bring it into a shorter one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from matcalc.algebra.normal.normal_form import SIGNS, Normalizer
from matcalc.algebra.normal.shortest import shortest
from matcalc.algebra.normal.terms import SUMS_TO_ONE, SYMMETRIC
from matcalc.algebra.normal.tidied import tidied
from matcalc.algebra.rule import Book, Rule
from matcalc.engine.derivation import Formula, Step, printed_length, sum_terms
from matcalc.engine.reaching import Forms, Known, Move, lines, moves, roles
from matcalc.expr.groups import QUOTIENTS, SUMS
from matcalc.expr.nodes import Expr, fill, make, names_in, postorder, rebuild, substitute, transpose

MOST = 3  # reasons of a line
SHORT = (36, 0)  # printed, of what a derivative is that is better put in
SAID = SUMS_TO_ONE | SYMMETRIC
SPREADING = (SIGNS | {"div"}) - {"T"}  # a sign or a number, before a row or behind it


def as_written(n: Normalizer, e: Expr, names: Mapping[Expr, str]) -> Expr:
    """In normal form; or term by term, where no scalar before all of them makes the line shorter. A row that adds up transposes
    is the transpose of their sum, (ŷ - y)ᵀ."""
    written = _as_written(n, e, names)
    return gathered(written) if written.type[0] == "r" else written


def gathered(e: Expr) -> Expr:
    """A row as the transpose of a sum, where all its terms are transposes."""
    if e.op in SUMS:
        column = _column(e)
        return e if column is None else transpose(column)
    if e.op not in SPREADING:
        return e
    at = 1 if e.op == "scale" else 0
    return rebuild(e, tuple([gathered(a) if i == at else a for i, a in enumerate(e.args)]))


def _column(e: Expr) -> Expr | None:
    """What the row is the transpose of, if it adds up transposes; of any number of terms."""
    order = [e]
    for node in order:  # which grows meanwhile
        if node.op in SUMS or node.op in SPREADING:
            order += [a for a in node.args if a.type[0] != "s"]
        elif node.op not in ("T", "fill"):
            return None
    turned: dict[Expr, Expr] = {}
    for node in reversed(order):
        if node.op == "fill":
            turned[node] = fill(node.args[0], transpose(node).type)
            continue
        turned[node] = node.args[0] if node.op == "T" else rebuild(node, tuple([turned.get(a, a) for a in node.args]))
    return turned[e]


def _as_written(n: Normalizer, e: Expr, names: Mapping[Expr, str]) -> Expr:
    whole, spread = n.normal(e), _spread(e)
    terms = sum_terms(spread)
    if (whole.args[0] if whole.op == "T" else whole).op not in SIGNS or len(terms) == 1:
        return whole
    apart = tidied(substitute((spread,), {t: n.normal(t) for t in terms})[0])
    return min(whole, apart, key=lambda form: printed_length(Formula(form, dict(names))))


def _spread(e: Expr) -> Expr:
    """The transpose of a sum as the sum of transposes."""
    if e.op != "T" or e.args[0].op not in SUMS:
        return e
    found, waiting = [], [e.args[0]]
    while waiting:
        found.append(node := waiting.pop())
        waiting += node.args if node.op in SUMS else ()
    turned: dict[Expr, Expr] = {}
    for node in reversed(found):
        turned[node] = make(node.op, tuple([turned[a] for a in node.args])) if node.op in SUMS else transpose(node)
    return turned[e.args[0]]


def reasons(main: Rule, rules: Iterable[Rule]) -> str:
    """Why a line holds by several rules: its own, and those of the operators that it comes from. Empty where that is all."""
    labels = dict.fromkeys([main.label, *(r.label for r in rules if r.group == "differential" and not r.role)])
    return "; ".join(labels) if 1 < len(labels) <= MOST and "{}" not in main.label else ""


def without_said(n: Normalizer) -> Normalizer:
    """That y sums to 1, and that A is symmetric, is said by a line of its own."""
    if not any(held & SAID for held in n.properties.values()):
        return n
    return Normalizer({name: held - SAID for name, held in n.properties.items()})


def held_laws(n: Normalizer, e: Expr, book: Book) -> tuple[tuple[Rule, Expr | None], ...]:
    """The laws by which an expression is multiplied out that hold by what is declared: y sums to 1, S is symmetric."""
    laws = [(book.rows()[law], of) for law, of in n.expanding.grounds(e)] if n.properties else []
    return tuple([(row, of) for row, of in laws if OF_ROWS.search(row.where) or row.name in ROWS])


def summed(step: Step, n: Normalizer, book: Book) -> Step | None:
    """The line behind one, by what sums to 1 or is symmetric; None where nothing does."""
    form = gathered(n.normal(step.rhs.expr))
    laws = [(book.rows()[law], of) for law, of in n.grounds(step.rhs.expr)] if form is not step.rhs.expr else []
    if not any(OF_ROWS.search(row.where) or row.name in ROWS for row, _ in laws):
        return None
    told = [(row, of) for row, of in laws if row.role != "silent"]
    note = "; ".join(row.label for row, _ in told)
    names, about = tuple(row.name for row, _ in told), tuple(Formula(of, step.rhs.names) for _, of in told if of is not None)
    rhs, source = step.rhs._replace(expr=form), book.source(told[0][0])
    return Step("reached", names[0], source, step.lhs, rhs, None, names, step.node, (), note, about)


def cancelled(
    step: Step, slopes: Mapping[Expr, Expr], bodies: Mapping[Expr, Expr], n: Normalizer, book: Book
) -> Iterable[Step]:  # fmt: skip
    """The lines behind one in which what a derivative is divided by cancels: (p - y)ᵀ for (p ∘ (∂L/∂p)ᵀ ∘ (1 - p))ᵀ."""
    e = step.rhs.expr
    here = dict.fromkeys(postorder((e,)))
    known = {p: slopes[p] for p in here if p in slopes and any(x.op in QUOTIENTS for x in postorder((slopes[p],)))}
    if not known and not any(x.op in QUOTIENTS for x in here):
        return ()
    kept = {p: p for p in postorder((e, *known.values())) if p.op == "partial"}  # ∂s/∂z says z, whatever z is
    (by_values,) = substitute((e,), {**{q: body for q, body in bodies.items() if body in here}, **kept})
    slopes_by_values = substitute(tuple(known.values()), {**bodies, **kept})
    near = {p: s for p, s in zip(known, slopes_by_values, strict=True) if _divides(here, s)}
    if not near and by_values is e:
        return ()
    row = e.op == "T"
    names = dict(step.rhs.names)  # as they are now: the derivatives get their last names when all lines are there
    before = Formula(transpose(by_values) if row else by_values, names)
    filled, own = substitute((before.expr,), near)[0], Normalizer(n.properties)
    box = before._replace(expr=shortest(own, filled))
    named = {body: q for q, body in bodies.items()}
    if len({shortest(own, substitute((e,), named)[0]) for e in (filled, box.expr)}) > 1:  # by what a value is: no line says that
        return ()
    chain, shown = moves(before, box, Known(near, {}, roles(book), Forms(n.properties)))
    whole = before._replace(expr=filled)
    if not any(move.laws for move in chain) or printed_length(shown) >= max(
        printed_length(before), min(printed_length(whole), SHORT)
    ):
        return ()
    return tuple(lines(step, [_in_line(step, move, row) for move in chain], book))


def _in_line(step: Step, move: Move, row: bool) -> Move:
    """The move by the names of the step, of what its line is: a row where the column was rewritten."""
    rhs = Formula(transpose(move.rhs.expr) if row else move.rhs.expr, step.rhs.names)
    return move._replace(rhs=rhs, put_in=tuple([f._replace(names=step.rhs.names) for f in move.put_in]))


def _divides(here: Mapping[Expr, None], slope: Expr) -> bool:
    """Whether something in a line is what the derivative is divided by."""
    return any(e.op in QUOTIENTS and e.args[1] in here and names_in((e.args[1],)) for e in postorder((slope,)))


ROWS = ("rows-sum-to-one", "sum-of-probabilities")
OF_ROWS = re.compile("probability|symmetric")  # conditions of others
