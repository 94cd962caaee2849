"""Derivatives by a matrix whose entries are tied: entry (i, j) is the derivative by the free parameter behind it."""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.algebra.book import book
from matcalc.algebra.match import instantiate, variables
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.engine.derivation import Equation, Formula, Step, Trace, with_program
from matcalc.expr.errors import ShapeError, UsageError
from matcalc.expr.nodes import Expr, make, names_in, postorder, size_text, sym, transpose
from matcalc.expr.table import SCALAR

STRUCTURES = {
    "symmetric": "entries (i, j) and (j, i) move together",
    "diagonal": "only the diagonal moves",
    "skew": "entry (i, j) rises while (j, i) falls",
    "lower-triangular": "only the lower triangle moves",
    "upper-triangular": "only the upper triangle moves",
    "toeplitz": "each diagonal moves as one",
    "symmetric-toeplitz": "opposite diagonals move as one",
}


def structured(g: Expr, structure: str) -> Expr:
    """The answer for tied entries from the Frobenius gradient (all entries free), by a row. Raises ``UsageError``, ``ShapeError``.

    Symmetric: X_ij and X_ji move together, so G + G' − diag(diag(G)); see Magnus and Neudecker, ch. 3, and arXiv 1911.06491.
    """
    if structure not in STRUCTURES:
        raise UsageError(f"structure '{structure}' is not known", hint=f"one of {', '.join(STRUCTURES)}")
    if g.type[0] != "m" or g.type[1] != g.type[2]:
        raise ShapeError(f"a {structure} variable must be a square matrix; this one is {size_text(g.type)}")
    answer = book().rows()[f"{structure}-entries"].sides[1].args[0]
    (letter,) = variables(answer)
    return instantiate(answer, {letter: g}, None)


def tie(trace: Trace, structure: Mapping[str, str], n: Normalizer, source: str) -> Trace:
    """Results by variables with tied entries replaced by the structured answer, each with a line that says so."""
    steps, results = list(trace.steps), []
    for r in trace.results:
        if r.wrt not in structure:
            results.append(r)
            continue
        name = structure[r.wrt]
        turned = r.layout == "numerator"
        value = n.normal(_laid_out(r.expr, name, turned))
        output, variable = sym(trace.waypoints[-1][0], SCALAR), sym(r.wrt, r.expr.type)
        free = make("partial", (output, variable), None, r.expr.type)
        names = {k: v for k, v in r.names.items() if k is not value}
        taken = names_in(node for _, node in trace.waypoints) | set(r.names.values())
        short = "G" in taken or len(postorder((r.named.expr,))) < 7
        letter = sym("G", r.expr.type)
        called = {} if short else {r.named.expr: "G"}
        free_gradient = f"The gradient with all entries free (Frobenius){', in this layout,' if turned else ''}"
        note = f"{{0}} is {name}: {STRUCTURES[name]}. {free_gradient} is {{1}}"
        about = Formula(variable), (Equation(Formula(letter), r.named) if called else r.named)
        where = ((letter, r.named.expr),) if called else ()
        lhs = make("partial", (output, variable), ("tied", name, "turned") if turned else ("tied", name), r.expr.type)
        via = Formula(_laid_out(r.named.expr, name, turned), {**r.named.names, **called})
        sides = (Formula(lhs), Formula(value, names), via)
        steps.append(
            Step("structure", "tied-entries", source, *sides, (f"{name}-entries",), variable, (free,), note, about, where=where)
        )
        results.append(r._replace(expr=value, named=Formula(value, names), frobenius=r.named.expr))
    return trace._replace(steps=tuple(steps), results=with_program(results))


def _laid_out(g: Expr, structure: str, turned: bool) -> Expr:
    """The structured answer; in numerator layout the gradient stands transposed, and so does the answer."""
    return transpose(structured(transpose(g), structure)) if turned else structured(g, structure)
