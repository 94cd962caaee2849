"""User-defined elementwise functions: one formula for the body, its derivatives by SymPy, each verified by itself.

A body has two readers where it is LaTeX, latex2sympy2 and our own parser, and they must agree. A derivative must agree
with a complex step of the formula that it is the derivative of. SymPy is imported when a derivative is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from matcalc.derivation import Check, Formula, Step, Trace
from matcalc.errors import CheckError, LimitError, MatcalcError, UsageError
from matcalc.expr import Expr, make, num, postorder, substitute
from matcalc.notation.own import Own
from matcalc.notation.printer import render
from matcalc.notation.resolve import Problem
from matcalc.notation.statements import looks_like_latex
from matcalc.ops import CALLS, SYNONYMS

if TYPE_CHECKING:
    from matcalc.numeric import Elementwise

MAX_ORDER = 8
MAX_CLOSED = 1000  # nodes of a formula with all defined functions in it written out
MAX_CHAIN = 20  # functions defined by functions defined by …
AGREE, TOLERANCE = 1e-10, 1e-8
# No round numbers: kinks and poles of what people write are at those.
POINTS = (0.3137, -0.3137, 0.8127, -0.8127, 1.6729, -1.6729, 0.0413, -0.0413, 2.4173, -2.4173, 0.5671, -0.5671,
          3.7319, -3.7319, 6.1237, -6.1237, 12.739, -12.739, 31.417, 101.3)  # fmt: skip

Differentiate = Callable[[Expr, Expr], Expr]


class Scalar(NamedTuple):
    """A function that the text defines: ``bodies[k]`` is its k-th derivative, in the symbol ``parameter``."""

    parameter: Expr
    bodies: Bodies


class Bodies(Sequence[Expr]):
    """The body of a function and its derivatives, each made and verified when it is first asked for.

    Bodies may hold ``fn`` nodes of defined functions: σ′(z) = σ(z)(1 − σ(z)).
    """

    def __init__(self, name: str, parameter: Expr, body: Expr, others: Mapping[str, Scalar], rules: Differentiate) -> None:
        self.name = name
        self.parameter = parameter
        self.others = others
        self.rules = rules  # our own differentiation, where SymPy cannot be had
        self.known = [body]
        self.sources = ["given"]
        self.errors = [0.0]

    def __len__(self) -> int:
        return len(self.known)

    @overload
    def __getitem__(self, order: int) -> Expr: ...
    @overload
    def __getitem__(self, order: slice) -> list[Expr]: ...
    def __getitem__(self, order: int | slice) -> Expr | list[Expr]:
        if isinstance(order, slice):
            return self.known[order]
        if order > MAX_ORDER:
            raise LimitError(f"a derivative of '{self.name}' of order {order} is not made", hint=f"the limit is {MAX_ORDER}")
        while order >= len(self.known):
            self._extend()
        return self.known[order]

    def _extend(self) -> None:
        found, source = differentiated(self)
        error = disagreement(self.known[-1], found, self)
        if not error <= TOLERANCE:
            line = f"{self.name}{chr(39) * len(self.known)}({self.parameter.attr}) = {render(found)}"
            raise CheckError(f"a derivative failed its numeric check (relative error {error:.1e}) and is not shown: {line}",
                             hint=f"it came from {source}; please report it")  # fmt: skip
        self.known.append(found)
        self.sources.append(source)
        self.errors.append(error)

    def applied(self, order: int) -> Expr:
        """σ″(z)"""
        return make("fn", (self.parameter,), (self.name, order))


# ---------------------------------------------------------------- reading


def complete(problem: Problem, given: Mapping[str, Any], rules: Differentiate) -> Problem:
    """The problem with its functions ready to use. Raises ``MatcalcError`` for a body with no one meaning."""
    scalars: dict[str, Scalar] = {}
    try:
        for name, own in problem.scalars.items():
            if given.get(name) is not None:
                raise UsageError(f"'{name}' is defined in the input and given in functions", span=own.span, hint="keep one of them")
            body = _body(name, own, problem.source)
            scalars[name] = Scalar(own.parameter, Bodies(name, own.parameter, body, scalars, rules))
        for name, own in problem.scalars.items():
            _check_size(name, scalars, own)
            _check_meaning(name, own, scalars[name])
    except MatcalcError as error:
        error.source = problem.source if error.source is None else error.source
        raise
    return problem._replace(scalars=scalars)


def _body(name: str, own: Own, source: str) -> Expr:
    """The body by our own reading; by latex2sympy2's where ours does not know the form. They agree where both read it."""
    statement = source[own.span[0] : own.span[1]]
    other = None
    if looks_like_latex(statement):
        from matcalc.latex_scalar import read

        other = read(statement.split("=")[1], own.parameter)
    if own.body is None:
        if other is None:
            assert own.error is not None
            raise own.error
        return other
    if other is not None:
        _agree(own, (name, own.body, other), "latex2sympy2", {})
    return own.body


def _agree(own: Own, formulas: tuple[str, Expr, Expr], who: str, scalars: Mapping[str, Scalar]) -> None:
    name, ours, theirs = formulas
    place = difference(ours, theirs, own.parameter, scalars)
    if place is not None:
        at, a, b = place
        raise CheckError(
            f"the formula of '{name}' has two readings: {render(ours)} (matcalc), {render(theirs)} ({who}); "
            f"at {own.parameter.attr} = {at:g} they are {a:.6g} and {b:.6g}",
            span=own.span,
            hint=r"make it plain with brackets, \cdot and \frac",
        )


def _check_size(name: str, scalars: Mapping[str, Scalar], own: Own) -> None:
    """How much a function comes to with all that it calls written out; nothing here is expanded yet."""
    sizes: dict[str, tuple[int, int]] = {}

    def measure(f: str, depth: int) -> tuple[int, int]:
        if depth > MAX_CHAIN:
            raise LimitError(f"'{name}' is defined by more than {MAX_CHAIN} functions in a row", span=own.span)
        if f not in sizes:
            nodes: dict[Expr, int] = {}
            for n in postorder((scalars[f].bodies[0],)):
                inner = measure(n.attr[0], depth + 1)[0] if n.op == "fn" else 0
                nodes[n] = min(1 + inner + sum(nodes[a] for a in n.args), 10**9)
            sizes[f] = nodes[scalars[f].bodies[0]], depth
        return sizes[f]

    total = measure(name, 0)[0]
    if total > MAX_CLOSED:
        raise LimitError(f"the formula of '{name}' has {total} parts when written out; the limit is {MAX_CLOSED}",
                         span=own.span, hint="define simpler functions")  # fmt: skip


def _check_meaning(name: str, own: Own, scalar: Scalar) -> None:
    """Members of a chained equality agree; a known name keeps its meaning."""
    body, others = scalar.bodies[0], scalar.bodies.others
    for member in own.others:
        _agree(own, (name, body, member), "the other side", others)
    for op in CALLS.get(SYNONYMS.get(name, name), ()):
        if op.elementwise and op.arity == 1:
            known = make(op.name, (scalar.parameter,))
            if difference(body, known, scalar.parameter, others) is not None:
                raise UsageError(f"'{name}' is a known function, and this definition gives it another meaning",
                                 span=own.span, hint="give yours another name")  # fmt: skip


# ---------------------------------------------------------------- derivatives


def differentiated(bodies: Bodies) -> tuple[Expr, str]:
    """The next derivative in its shortest form, and who found it."""
    try:
        found = _by_sympy(bodies.known[-1], bodies.parameter)
        return in_terms_of_itself(bodies, found) or found, "SymPy"
    except Exception:  # SymPy is missing or broken, or lacks a function that we have
        return bodies.rules(bodies.known[-1], bodies.parameter), "matcalc's rules"


@lru_cache(maxsize=256)
def _by_sympy(body: Expr, parameter: Expr) -> Expr:
    from matcalc.sympy_bridge import derivative

    return derivative(body, parameter)


def in_terms_of_itself(bodies: Bodies, found: Expr) -> Expr | None:
    """σ′ = σ(1 − σ), tanh′ = 1 − tanh²: a derivative as a polynomial in the function itself, where that is shorter."""
    from matcalc.sympy_bridge import shortest, size

    if len(bodies) > 1 or not any(n.op in ("exp", "tanh", "tan", "sigmoid", "fn") for n in postorder(bodies[:1])):
        return None
    coefficients = _polynomial(bodies[0], found, bodies)
    if coefficients is None:
        return None
    terms = [make("scale", (num(c), make("pow", (bodies.parameter, num(k))))) for k, c in enumerate(coefficients) if c]
    total = terms[0]
    for t in terms[1:]:
        total = make("add", (total, t))
    formula = substitute((shortest(total),), {bodies.parameter: bodies.applied(0)})[0]
    return formula if size(formula) < size(found) else None


def _polynomial(body: Expr, found: Expr, bodies: Bodies) -> list[Fraction] | None:
    """Small rational coefficients with which ``found`` is a polynomial in ``body`` at all points."""
    import numpy as np

    x, (y, d) = _finite((body, found), bodies.parameter, bodies.others, POINTS[:12])
    if len(x) < 6 or np.ptp(y) < 1e-6:
        return None
    powers = np.vander(y, 3, increasing=True)
    fitted = np.linalg.lstsq(powers, d, rcond=None)[0]
    exact = [Fraction(float(c)).limit_denominator(12) for c in fitted]
    if not any(exact) or np.abs(powers @ np.array(exact, float) - d).max() > AGREE * max(1.0, np.abs(d).max()):
        return None
    return exact


# ---------------------------------------------------------------- numbers


def tables(scalars: Mapping[str, Scalar]) -> dict[str, Elementwise]:
    """The functions as the numeric layer takes them, complex-safe, with derivatives of every order."""
    if not scalars:
        return {}
    from matcalc.numeric import Elementwise

    def of(scalar: Scalar) -> Elementwise:
        return Elementwise(lambda order: lambda x: _values(scalar.bodies[order], scalar.parameter, scalars, x), True)

    return {name: of(scalar) for name, scalar in scalars.items()}


def _values(body: Expr, parameter: Expr, scalars: Mapping[str, Scalar], x: Any) -> Any:
    """The formula at each entry of ``x``."""
    import numpy as np

    from matcalc import numeric

    x = np.asarray(x)
    (value,) = numeric.evaluate([body], {parameter: x[..., None, None]}, {}, tables(scalars))
    return np.broadcast_to(value, (*x.shape, 1, 1))[..., 0, 0]


def _finite(
    formulas: Sequence[Expr], parameter: Expr, scalars: Mapping[str, Scalar], points: Sequence[float] = POINTS
) -> tuple[Any, list[Any]]:
    """The points at which all formulas have a finite real value, and their values there."""
    import numpy as np

    x = np.array(points)
    found = [_values(f, parameter, scalars, x) for f in formulas]
    good = np.all([np.isfinite(v) for v in found], axis=0)
    return x[good], [v[good] for v in found]


def difference(a: Expr, b: Expr, parameter: Expr, scalars: Mapping[str, Scalar]) -> tuple[float, float, float] | None:
    """A point at which two formulas differ, with both values; None where they agree. Raises ``CheckError`` at no point."""
    import numpy as np

    x, (u, v) = _finite((a, b), parameter, scalars)
    if not len(x):
        raise _nowhere(a)
    apart = np.abs(u - v) > AGREE * np.maximum(np.abs(u), np.abs(v)) + 1e-14 * np.abs(u).max()
    if not apart.any():
        return None
    i = int(apart.argmax())
    return float(x[i]), float(u[i]), float(v[i])


def disagreement(body: Expr, found: Expr, bodies: Bodies) -> float:
    """Largest relative error of a derivative against complex steps of the formula."""
    import numpy as np

    x, (y, got) = _finite((body, found), bodies.parameter, bodies.others)
    want = np.imag(_values(body, bodies.parameter, bodies.others, x + 1e-20j)) / 1e-20
    x, y, got, want = (v[np.isfinite(want)] for v in (x, y, got, want))
    if not len(x):
        raise _nowhere(body)
    floor = np.maximum(1e-6 * np.abs(y), 1e-7 * np.median(np.abs(want)))  # far out, 1 - σ(z) has no digits left
    scale = np.maximum(np.maximum(np.abs(got), np.abs(want)), floor)
    return float(np.max(np.abs(got - want) / np.where(scale > 0, scale, 1)))


def _nowhere(formula: Expr) -> CheckError:
    return CheckError(f"no point was found at which {render(formula)} has a value, so it cannot be checked",
                      hint="is it what was meant?")  # fmt: skip


# ---------------------------------------------------------------- on paper


def in_use(roots: Iterable[Expr], scalars: Mapping[str, Scalar]) -> dict[str, int]:
    """The functions below ``roots`` and in the bodies of those, each with the highest order of derivative there."""
    found: dict[str, int] = {}
    todo = list(roots)
    while todo:
        for node in postorder((todo.pop(),)):
            name, order = node.attr if node.op == "fn" else ("", 0)
            if name in scalars:
                todo.extend(scalars[name].bodies[k] for k in range(found.get(name, -1) + 1, order + 1))
                found[name] = max(order, found.get(name, 0))
    return {name: found[name] for name in scalars if name in found}


def definitions(roots: Iterable[Expr], scalars: Mapping[str, Scalar]) -> tuple[str, ...]:
    """``sigma(z) = 1/(1 + exp(-z))`` for every function in use: what makes plain notation stand alone."""
    lines = []
    for name in in_use(roots, scalars):
        bodies = scalars[name].bodies
        lines.append(f"{render(bodies.applied(0))} = {render(bodies[0])}")
    return tuple(lines)


def with_definitions(trace: Trace, scalars: Mapping[str, Scalar]) -> Trace:
    """The trace with results whose plain notation says what the functions in them are."""
    return trace._replace(results=tuple(replace(r, definitions=definitions((r.expr,), scalars)) for r in trace.results))


def steps(trace: Trace, scalars: Mapping[str, Scalar]) -> tuple[Step, ...]:
    """``σ(z) = …`` as given, and ``σ′(z) = …`` with its check, for what the lines and results hold."""
    if not scalars:
        return ()
    lines = []
    used = in_use([s.rhs.expr for s in trace.steps] + [r.expr for r in trace.results], scalars)
    for name, top in used.items():
        bodies = scalars[name].bodies
        for order in range(top + 1):
            lhs, rhs = Formula(bodies.applied(order)), Formula(bodies[order])
            rule = "scalar-derivative" if order else "definition"
            check = Check(bodies.errors[order], len(POINTS), "complex step")
            lines.append(Step("definition", rule, bodies.sources[order], lhs, rhs, check=check))
    return tuple(lines)


__all__ = ["Bodies", "Scalar", "complete", "definitions", "steps", "tables", "with_definitions"]
