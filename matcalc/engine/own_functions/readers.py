"""From what the text says to functions with one meaning: two readers, known names, limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matcalc.engine.own_functions.bodies import Bodies, Differentiate
from matcalc.engine.own_functions.numbers import LARGEST, constant_is_small, difference, tables
from matcalc.expr.errors import CheckError, LimitError, MatcalcError, UsageError
from matcalc.expr.nodes import Expr, depends, make, postorder, substitute
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.meaning.problem import Own, Problem, Scalar
from matcalc.notation.write.render import render

if TYPE_CHECKING:
    from matcalc.numeric.evaluation import Elementwise

MAX_CLOSED = 1000  # nodes of a formula with all defined functions in it written out
MAX_CHAIN = 20  # functions defined by functions defined by …


def complete(problem: Problem, given: Mapping[str, object], rules: Differentiate) -> Problem:
    """The problem with its functions ready to use. Raises ``MatcalcError`` for a body with no one meaning."""
    scalars: dict[str, Scalar] = {}
    try:
        for name, own in problem.own.items():
            if given.get(name) is not None:
                message = f"'{name}' is defined in the input and given in functions"
                raise UsageError(message, span=own.span, hint="keep one of them")
            body = _body(name, own, problem.source)
            scalars[name] = Scalar(own.parameter, Bodies(name, own.parameter, body, scalars, rules))
        for name, own in problem.own.items():
            _check_size(name, own, scalars)
        for name, own in problem.own.items():
            _check_numbers(name, own, scalars)
            _check_meaning(name, own, scalars)
    except MatcalcError as error:
        error.source = problem.source if error.source is None else error.source
        raise
    return problem._replace(scalars=scalars)


def _body(name: str, own: Own, source: str) -> Expr:
    """The body by our own reading; by latex2sympy2's where ours does not know the form."""
    other = None
    if own.tex is not None:
        from matcalc.notation.foreign.latex_scalar import read

        other = read(own.tex, own.parameter)
    if own.body is None:
        if other is None:
            assert own.error is not None
            own.error.source = source
            raise own.error
        return other
    if other is not None:
        _agree(own, (name, own.body, other), "latex2sympy2", {})
    return own.body


def _agree(own: Own, formulas: tuple[str, Expr, Expr], who: str, scalars: Mapping[str, Scalar]) -> None:
    name, ours, theirs = formulas
    place = difference(ours, theirs, own.parameter, scalars)
    if place is not None:
        z, a, b = place
        raise CheckError(
            f"the formula of '{name}' has two readings: {render(ours)} (matcalc) and "
            f"{render(theirs)} ({who}); at {own.parameter.attr} = {z:g} they are {a:.6g} and {b:.6g}",
            span=own.span,
            hint=r"write it with more brackets, with \cdot and \frac",
        )


def _check_size(name: str, own: Own, scalars: Mapping[str, Scalar]) -> None:
    """How much a function comes to with all that it calls written out; nothing is expanded for this."""
    sizes: dict[str, int] = {}

    def measure(f: str, depth: int) -> int:
        if depth > MAX_CHAIN:
            message = f"'{name}' is defined by more than {MAX_CHAIN} functions in a row"
            raise LimitError(message, span=own.span, hint="put some of them in place")
        if f not in sizes:
            nodes: dict[Expr, int] = {}
            for n in postorder((scalars[f].bodies[0],)):
                inner = measure(n.attr[0], depth + 1) if n.op == "fn" else 0
                nodes[n] = min(1 + inner + sum(nodes[a] for a in n.args), 10**9)
            sizes[f] = nodes[scalars[f].bodies[0]]
        return sizes[f]

    if measure(name, 0) > MAX_CLOSED:
        message = f"the formula of '{name}' has {sizes[name]} parts when written out; the limit is {MAX_CLOSED}"
        raise LimitError(message, span=own.span, hint="define simpler functions")


def _check_numbers(name: str, own: Own, scalars: Mapping[str, Scalar]) -> None:
    """No part without the parameter is a number beyond all bounds: exact arithmetic would not end."""
    z, bodies = scalars[name]
    moving = depends(bodies[0], {z})
    for node in postorder((bodies[0],)):
        if node not in moving and not constant_is_small(node, z, scalars):
            message = f"the number {render(node)[:60]} in the formula of '{name}' is too large"
            raise LimitError(message, span=own.span, hint=f"numbers go up to {LARGEST:g}")


def _check_meaning(name: str, own: Own, scalars: Mapping[str, Scalar]) -> None:
    """The members of a chained equality agree, and a known name keeps its meaning."""
    z, bodies = scalars[name]
    for member in own.others:
        _agree(own, (name, bodies[0], member), "the other side", scalars)
    for op in CALLS.get(SYNONYMS.get(name, name), ()):
        known = make(op.name, (z,)) if op.elementwise and op.arity == 1 else None
        if known is not None and difference(bodies[0], known, z, scalars) is not None:
            message = f"'{name}' is a known function, and this definition gives it another meaning"
            raise UsageError(message, span=own.span, hint="give yours another name")


# ---------------------------------------------------------------- two texts


def told_apart(left: Problem, right: Problem) -> tuple[Problem, dict[str, Elementwise]]:
    """``right`` with its functions under other names where ``left`` means others by them; values of all."""
    new = {f: f"{f} of the other" for f in right.functions if f in left.functions and not _same(f, left, right)}
    done: dict[Expr, Expr] = {}
    for node in postorder((right.output,)):
        attr = (new.get(node.attr[0], node.attr[0]), node.attr[1]) if node.op == "fn" else node.attr
        done[node] = make(node.op, tuple([done[a] for a in node.args]), attr, node.type)
    theirs = {new.get(name, name): f for name, f in tables(right.scalars).items()}
    return right._replace(output=done[right.output]), {**theirs, **tables(left.scalars)}


def _same(name: str, left: Problem, right: Problem) -> bool:
    """Whether both mean the same by a function: an unspecified one, or bodies with the same values."""
    a, b = left.scalars.get(name), right.scalars.get(name)
    if a is None or b is None:
        return a is b
    (body,) = substitute((b.bodies[0],), {b.parameter: a.parameter})
    if any(n.op == "fn" for n in postorder((body, a.bodies[0]))):
        return False
    return body is a.bodies[0] or difference(a.bodies[0], body, a.parameter, {}) is None


__all__ = ["complete", "told_apart"]
