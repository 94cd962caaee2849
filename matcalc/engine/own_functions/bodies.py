"""A function that the text defines: its body, and derivatives of every order, each verified by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache
from threading import Lock

from matcalc.algebra.slopes import slope
from matcalc.engine.own_functions import numbers
from matcalc.expr.errors import CheckError, LimitError
from matcalc.expr.groups import CHOICES
from matcalc.expr.nodes import Expr, added, make, num, postorder, substitute
from matcalc.notation.meaning.problem import Known, Scalar
from matcalc.notation.write.render import render

MAX_ORDER = 8
TOLERANCE = 1e-7

Differentiate = Callable[[Expr, Expr], Expr] | None


_APPENDING = Lock()


class Bodies:
    """The body of a function and its derivatives, each made and verified when it is first asked for.

    They may hold ``fn`` nodes of functions that the text defines, its own included: σ′(z) = σ(z)(1 − σ(z)).
    """

    def __init__(self, name: str, parameter: Expr, body: Expr, others: Mapping[str, Scalar], rules: Differentiate) -> None:
        self.name = name
        self.parameter = parameter
        self.others = others  # all functions that the text defines
        self.rules = rules  # our own differentiation, where SymPy cannot be had
        self.known = [Known(body, "given", 0.0)]

    def __getitem__(self, order: int) -> Expr:
        if order > MAX_ORDER:
            message = f"the derivative of order {order} of '{self.name}' is not made: the limit is {MAX_ORDER}"
            raise LimitError(message)
        while order >= len(self.known):
            self._extend(len(self.known))
        return self.known[order].formula

    def _extend(self, order: int) -> None:
        below = self.known[order - 1].formula
        found, source = differentiated(self, below)
        error = numbers.disagreement(below, found, self.parameter, self.others)
        if not error <= TOLERANCE:
            line = f"{render(self.applied(order))} = {render(found)}"
            message = f"a derivative failed its numeric check (relative error {error:.1e}) and is not shown"
            raise CheckError(f"{message}: {line}", hint=f"it came from {source}; please report it")
        with _APPENDING:
            if len(self.known) == order:  # else another thread was here first
                self.known.append(Known(found, source, error))

    def applied(self, order: int) -> Expr:
        """σ″(z)"""
        return make("fn", (self.parameter,), (self.name, order))


def differentiated(bodies: Bodies, below: Expr) -> tuple[Expr, str]:
    """The derivative of one of the bodies in its shortest form, and who found it."""
    if bodies.rules is not None and _has_ties(below):
        return bodies.rules(below, bodies.parameter), "matcalc's rules"
    try:
        found = _by_sympy(below, bodies.parameter)
        own = in_terms_of_itself(bodies, found) if below is bodies[0] else None
        return own or found, "SymPy"
    except Exception:  # SymPy is missing or broken, or lacks a function that we have
        if bodies.rules is None:
            raise
        return bodies.rules(below, bodies.parameter), "matcalc's rules"


def _has_ties(body: Expr) -> bool:
    """Whether two arguments that vary may tie: SymPy's derivative of max(t, 2t) is read as 0 at 0, which is no subgradient."""
    pairs = [n.args for n in postorder((body,)) if n.op in CHOICES]
    return any(all(any(x.op == "sym" for x in postorder((a,))) for a in pair) for pair in pairs)


@lru_cache(maxsize=256)
def _by_sympy(body: Expr, parameter: Expr) -> Expr:
    from matcalc.notation.foreign import derivative

    return derivative(body, parameter, slope)


def in_terms_of_itself(bodies: Bodies, found: Expr) -> Expr | None:
    """σ′ = σ(1 − σ), tanh′ = 1 − tanh²: a derivative as a polynomial in the function itself, if shorter."""
    from matcalc.notation.foreign import shortest, size

    transcendental = ("exp", "tanh", "tan", "sigmoid", "fn")
    if not any(n.op in transcendental for n in postorder((bodies[0],))):
        return None
    coefficients = _polynomial(bodies, found)
    if coefficients is None:
        return None
    z = bodies.parameter
    terms = [make("scale", (num(c), make("pow", (z, num(k))))) for k, c in enumerate(coefficients) if c]
    (formula,) = substitute((shortest(added(terms)),), {z: bodies.applied(0)})
    return formula if size(formula) < size(found) else None


def _polynomial(bodies: Bodies, found: Expr) -> list[Fraction] | None:
    """Small rational coefficients with which ``found`` is c₀ + c₁ y + c₂ y² for the function y."""
    import numpy as np

    near = numbers.POINTS[:12]
    x, (y, d) = numbers.finite((bodies[0], found), bodies.parameter, bodies.others, near)
    if len(x) < 6 or np.ptp(y) < 1e-6:
        return None
    powers = np.vander(y, 3, increasing=True)
    fitted = np.linalg.lstsq(powers, d, rcond=None)[0]
    exact = [Fraction(float(c)).limit_denominator(12) for c in fitted]
    error = np.abs(powers @ np.array(exact, float) - d).max()
    return exact if any(exact) and error <= numbers.AGREE * max(1.0, float(np.abs(d).max())) else None


__all__ = ["Bodies", "Differentiate"]
