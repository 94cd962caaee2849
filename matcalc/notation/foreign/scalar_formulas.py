"""Scalar expressions to SymPy and back, through allow-lists of node types."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache
from typing import Any

from matcalc.expr.errors import LimitError, NoRuleError
from matcalc.expr.nodes import Expr, make, num, postorder, sym
from matcalc.expr.table import SCALAR, TABLE

MAX_NODES = 2000
MAX_BITS = 4096
Slope = Callable[[Expr], Expr]  # f(z) to f'(z)

# Our operators and the names of SymPy's functions.
FUNCTIONS = {
    "exp": "exp", "log": "log", "sqrt": "sqrt", "sin": "sin", "cos": "cos", "tan": "tan", "sinh": "sinh",
    "cosh": "cosh", "tanh": "tanh", "asin": "asin", "acos": "acos", "atan": "atan", "asinh": "asinh", "acosh": "acosh",
    "atanh": "atanh", "abs": "Abs",
    "sign": "sign", "erf": "erf", "lgamma": "loggamma", "digamma": "digamma", "max2": "Max", "min2": "Min",
}  # fmt: skip
BACK = {v: k for k, v in FUNCTIONS.items() if k not in ("sqrt", "max2", "min2")}
KEPT = frozenset(("fn", "sigmoid", "softplus", "logsigmoid"))  # that have a name in SymPy too, where that is asked for
RECIPROCAL = {"sec": "cos", "csc": "sin", "cot": "tan", "sech": "cosh", "csch": "sinh", "coth": "tanh"}


def to_sympy(e: Expr, named: bool = False, slope: Slope | None = None) -> Any:
    """A scalar expression as SymPy's, its symbols real. Raises ``NoRuleError`` or ``LimitError``.

    With ``named``, σ and functions that the text defines stay functions with a name; their derivative is ``slope``.
    """
    import sympy

    order = postorder((e,))
    if len(order) > MAX_NODES:
        raise LimitError(f"the formula has {len(order)} parts; the limit is {MAX_NODES}", hint="split it")
    done: dict[Expr, Any] = {}
    for node in order:
        if node.type[0] != "s":
            raise NoRuleError(f"'{node.op}' of {node.type[0]} is not a scalar expression", hint="see to_sympy_matrix")
        done[node] = _to(sympy, node, [done[a] for a in node.args], named, slope)
    return done[e]


def _to(S: Any, node: Expr, args: list[Any], named: bool, slope: Slope | None) -> Any:
    op = node.op
    if named and op in KEPT:
        return _named(op, node.attr, slope)(args[0])
    if op in _ARITHMETIC:
        return _ARITHMETIC[op](S, node, *args)
    if op in ("pow", "hpow"):
        return _power(S, *args)
    if op == "fn":
        return _unspecified(S, node, args[0])
    if op in FUNCTIONS:
        return getattr(S, FUNCTIONS[op])(*args)
    raise NoRuleError(f"'{TABLE[op].words}' has no counterpart in SymPy's scalars")


_ARITHMETIC: dict[str, Callable[..., Any]] = {
    "sym": lambda S, node: S.Symbol(node.attr, real=True),
    "num": lambda S, node: S.Rational(node.attr.numerator, node.attr.denominator),
    "const": lambda S, node: {"pi": S.pi, "e": S.E}[node.attr],
    "dim": lambda S, node: (
        S.Integer(node.attr) if isinstance(node.attr, int) else S.Symbol(str(node.attr), integer=True, positive=True)
    ),
    "add": lambda S, node, a, b: a + b,
    "sub": lambda S, node, a, b: a - b,
    "neg": lambda S, node, a: -a,
    "scale": lambda S, node, a, b: a * b,
    "hadamard": lambda S, node, a, b: a * b,
    "div": lambda S, node, a, b: a / b,
    "hdiv": lambda S, node, a, b: a / b,
    "fill": lambda S, node, a: a,
    "sum": lambda S, node, a: a,
    "sigmoid": lambda S, node, a: 1 / (1 + S.exp(-a)),
    "logsigmoid": lambda S, node, a: -S.log(1 + S.exp(-a)),
    "softplus": lambda S, node, a: S.log(1 + S.exp(a)),
    "relu": lambda S, node, a: S.Max(a, 0),
    "step": lambda S, node, a: S.Heaviside(a, 0),
}


def _power(S: Any, base: Any, exponent: Any) -> Any:
    if base.is_Rational and exponent.is_Rational:
        bits = max(int(base.p).bit_length(), int(base.q).bit_length()) * abs(exponent)
        if bits > MAX_BITS:
            raise LimitError(f"the number {base}^{exponent} is too large", hint=f"numbers may have up to {MAX_BITS} bits")
    return S.Pow(base, exponent)


@cache
def _named(op: str, attr: Any, slope: Slope | None) -> Any:
    """The class of SymPy functions that stands for our operator."""
    import sympy

    def fdiff(self: Any, argindex: int = 1) -> Any:
        if op == "fn":
            return _named(op, (attr[0], attr[1] + 1), slope)(self.args[0])
        assert slope is not None
        z = sym("#z", SCALAR)
        return to_sympy(slope(make(op, (z,))), True, slope).xreplace({to_sympy(z): self.args[0]})

    name = f"{attr[0]}{'_' * attr[1]}" if op == "fn" else op
    return type(name, (sympy.Function,), {"fdiff": fdiff, "ours": (op, attr), "nargs": 1})


def _unspecified(S: Any, node: Expr, argument: Any) -> Any:
    name, order = node.attr
    function = S.Function(name)
    if not order:
        return function(argument)
    t = S.Dummy("t", real=True)
    return S.Subs(function(t).diff(t, order), t, argument)


# ---------------------------------------------------------------- from SymPy


def from_sympy(e: Any, symbols: Mapping[str, Expr] | None = None) -> Expr:
    """A SymPy scalar as our expression. Raises ``NoRuleError`` for what the allow-list lacks."""
    import sympy

    if not isinstance(e, sympy.Expr):
        raise NoRuleError(f"{type(e).__name__} is not a scalar expression")
    count = sum(1 for _ in sympy.preorder_traversal(e))
    if count > MAX_NODES:
        raise LimitError(f"the formula has {count} parts; the limit is {MAX_NODES}", hint="split it")
    return _Reader(sympy, symbols).read(e)


class _Reader:
    """SymPy to our nodes, written as people write: quotients, roots, differences."""

    def __init__(self, S: Any, symbols: Mapping[str, Expr] | None) -> None:
        self.S = S
        self.symbols = symbols

    def read(self, e: Any) -> Expr:
        if e.is_Rational or e.is_Float:
            return num(_fraction(e))
        if e.is_Symbol:
            return self.symbol(e)
        if e is self.S.pi:
            return make("const", (), "pi", SCALAR)
        if e is self.S.E:
            return make("exp", (num(1),))
        if e.is_Add:
            return self.sum(e)
        if e.is_Mul:
            negative, positive = self.signed(e)
            return make("neg", (positive,)) if negative else positive
        if e.is_Pow:
            return self.power(e.base, e.exp)
        return self.function(e)

    def symbol(self, e: Any) -> Expr:
        if self.symbols is None:
            return sym(e.name, SCALAR)
        if e.name not in self.symbols:
            raise NoRuleError(f"the symbol '{e.name}' is not known here")
        return self.symbols[e.name]

    def sum(self, e: Any) -> Expr:
        terms = [self.signed(t) for t in (e.as_ordered_terms() if len(e.args) < 50 else e.args)]
        first = next((i for i, (negative, _) in enumerate(terms) if not negative), 0)
        terms.insert(0, terms.pop(first))
        negative, total = terms[0]
        total = _negated(total) if negative else total
        for negative, term in terms[1:]:
            total = make("sub" if negative else "add", (total, term))
        return total

    def signed(self, e: Any) -> tuple[bool, Expr]:
        """Whether a minus stands in front, and what follows it."""
        if not e.is_Mul:
            value = self.read(e)
            if value.op == "num" and value.attr < 0:
                return True, num(-value.attr)
            return (True, value.args[0]) if value.op == "neg" else (False, value)
        coefficient, factors = Fraction(1), []
        for a in e.args:
            if a.is_Rational or a.is_Float:
                coefficient *= _fraction(a)
            else:
                factors.append(a)
        negative = coefficient < 0
        if negative:
            flip = next((i for i, f in enumerate(factors) if f.is_Add and _mostly_negative(f)), None)
            if flip is not None:
                factors[flip], negative = self.S.Add(*[-t for t in factors[flip].args]), False
        return negative, self.product(abs(coefficient), factors)

    def product(self, c: Fraction, factors: list[Any]) -> Expr:
        top: list[Expr] = [num(c.numerator)] if c.numerator != 1 else []
        bottom: list[Expr] = [num(c.denominator)] if c.denominator != 1 else []
        for f in sorted(factors, key=lambda f: bool(f.is_Add or (f.is_Pow and f.base.is_Add))):  # sums last
            if f.is_Pow and (f.exp.is_Rational or f.exp.is_Float) and f.exp < 0:
                bottom.append(self.power(f.base, -f.exp))
            else:
                top.append(self.read(f))
        over = _times(top) if top else num(1)
        return make("div", (over, _times(bottom))) if bottom else over

    def power(self, base: Any, exponent: Any) -> Expr:
        if base is self.S.E:
            return make("exp", (self.read(exponent),))
        if exponent.is_Rational or exponent.is_Float:
            k = _fraction(exponent)
            if k < 0:
                return make("div", (num(1), self.power(base, -exponent)))
            if k == Fraction(1, 2):
                return make("sqrt", (self.read(base),))
            return self.read(base) if k == 1 else make("pow", (self.read(base), num(k)))
        return make("pow", (self.read(base), self.read(exponent)))

    def function(self, e: Any) -> Expr:
        name, (op, attr) = e.func.__name__, getattr(e.func, "ours", ("", None))
        if op:
            return make(op, (self.read(e.args[0]),), attr)
        if name in ("Max", "Min"):
            args = [self.read(a) for a in e.args]
            total = args[0]
            for a in args[1:]:
                total = make("max2" if name == "Max" else "min2", (total, a))
            return total
        if name == "log" and len(e.args) == 2:
            top, base = (make("log", (self.read(a),)) for a in e.args)
            return top if e.args[1] is self.S.E else make("div", (top, base))
        if name == "Heaviside":
            return make("step", (self.read(e.args[0]),))
        if name == "DiracDelta":  # zero but for one point
            return num(0)
        if name == "polygamma" and e.args[0] == 0:
            return make("digamma", (self.read(e.args[1]),))
        return self.named(name, e)

    def named(self, name: str, e: Any) -> Expr:
        if getattr(self.S, name, None) is not e.func or len(e.args) != 1:
            raise NoRuleError(f"'{name}' is not an elementwise function that matcalc knows")
        x = self.read(e.args[0])
        if name in BACK:
            return make(BACK[name], (x,))
        if name in RECIPROCAL:
            return make("div", (num(1), make(RECIPROCAL[name], (x,))))
        raise NoRuleError(f"'{name}' is not an elementwise function that matcalc knows")


def _fraction(e: Any) -> Fraction:
    return Fraction(int(e.p), int(e.q)) if e.is_Rational else Fraction(repr(float(e)))


def _mostly_negative(e: Any) -> bool:
    return 2 * sum(1 for t in e.args if t.could_extract_minus_sign()) >= len(e.args)


def _negated(e: Expr) -> Expr:
    return num(-e.attr) if e.op == "num" else make("neg", (e,))


def _times(factors: list[Expr]) -> Expr:
    total = factors[0]
    for f in factors[1:]:
        total = make("scale", (total, f))
    return total
