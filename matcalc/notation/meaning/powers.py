"""What a power means: of a scalar, of each entry, or of a square matrix."""

from __future__ import annotations

from fractions import Fraction

from matcalc.expr import dims
from matcalc.expr.errors import AmbiguityError, LimitError, NoRuleError, ShapeError, instead
from matcalc.expr.groups import POWERS
from matcalc.expr.table import SCALAR, TABLE
from matcalc.notation.kinds.written import is_squared_vector, names_of
from matcalc.notation.lex.syntax import DIAGONAL, EACH, Ast
from matcalc.notation.meaning.hints import in_brackets, size_hint, turned
from matcalc.notation.meaning.operations import pairwise
from matcalc.notation.meaning.tape import Entry, Scope

MAX_EXPONENT = 10**12
HALF = Fraction(1, 2)
OF_VECTOR = "pow c"  # of a vector by itself: there is none


def as_fraction(scope: Scope, i: int) -> Fraction | None:
    """The exact value of a numeric entry on the tape, if it is one."""
    entry = scope.original(i)
    if entry.op == "num":
        return Fraction(entry.attr)
    if entry.op == "neg":
        inner = as_fraction(scope, entry.args[0])
        return None if inner is None else -inner
    if entry.op == "div":
        top, bottom = as_fraction(scope, entry.args[0]), as_fraction(scope, entry.args[1])
        return top / bottom if top is not None and bottom else None
    return None


def power(scope: Scope, node: Ast) -> int:
    base = scope.infer(node.args[0])
    exponent = scope.infer(node.args[1])
    if node.args[1].kind == "T" and scope.type(exponent)[0] == "s":  # a scalar k: x.^(k') is read as (x.^k)'
        return scope.apply("T", (power(scope, node._replace(args=(node.args[0], node.args[1].args[0]))),), node)
    if scope.type(exponent)[0] != "s":
        return _power_for_each(scope, base, exponent, node)
    value = as_fraction(scope, exponent)
    _require_small(scope, base, value, node)
    kind = scope.type(base)[0]
    if kind == "s":
        return _scalar_power(scope, base, exponent, value, node)
    if node.value == ".^":
        return scope.put("hpow", (base, exponent), None, scope.type(base), node)
    text = scope.text(base)
    if kind == "c" and is_squared_vector(node):
        scope.warnings.append(f"{scope.source[node.start : node.end]} of a vector is read as its product with itself, a number")
        return scope.apply("sqnorm", (base,), node)
    if node.mark == EACH and kind == "m" and not scope.latex and not scope.declared.keys() >= set(names_of(node.args[0])):
        _ask_of_entries(scope, base, exponent, node)
    if kind != "m" and node.mark in (EACH, DIAGONAL):
        scope.warnings.append(f"{scope.source[node.start : node.end]} of a vector is read as the power of each entry")
        return scope.put("hpow", (base, exponent), None, scope.type(base), node)
    if kind != "m":
        raise _power_of_vector(scope, base, exponent, value, node)
    if value is None and _has_symbol(scope, exponent):
        return scope.apply("powm", (base, exponent), node)
    if value is None:
        raise NoRuleError(
            f"matrix power '{text}^{scope.text(exponent)}' with an exponent that is no fraction is not supported",
            span=node.span,
            hint=f"give the exponent a name: {text}^p, or write {text}.^p for the entries",
        )
    if value.denominator == 1:
        return matrix_power(scope, base, int(value), node)
    return _fractional_power(scope, base, exponent, value, node)


def _ask_of_entries(scope: Scope, base: int, exponent: int, node: Ast) -> None:
    """``mean((X*W - Y)^2)``: nobody sums up the entries of a product of a matrix with itself without saying so."""
    text, power = scope.text(base), scope.text(exponent)
    value = as_fraction(scope, exponent)
    times = int(value) if value is not None and value in (2, 3, 4) else 0
    product = f"({'*'.join([text] * times)})"
    raise AmbiguityError(
        f"'{scope.source[node.start : node.end]}' is summed up and has two readings: the power of each entry, or of the matrix",
        span=node.span, hint=f"write {text}.^{power} for the entries" + f", {product} for the matrix" * bool(times),
        ways=[instead(node.span, f"{text}.^{power}"), *[instead(node.span, product)] * bool(times)],
    )  # fmt: skip


def _fractional_power(scope: Scope, base: int, exponent: int, value: Fraction, node: Ast) -> int:
    """The principal power of a matrix (Higham, Functions of Matrices, ch. 7); a root is one of its own."""
    if not (scope.latex or scope.frame):
        text, power = scope.text(base), scope.text(exponent)
        scope.warnings.append(f"{text}^{power} is read as a power of the matrix; {text}.^{power} is of each entry")
    if abs(value) != HALF:
        return scope.apply("powm", (base, scope.put("num", (), value, SCALAR, node)), node)
    root = scope.apply("sqrtm", (base,), node)
    return root if value > 0 else scope.apply("inv", (root,), node)


def _power_of_vector(scope: Scope, base: int, exponent: int, value: Fraction | None, node: Ast) -> ShapeError:
    """With all that may be meant; each way out works as it stands."""
    (kind, *sizes), text, power = scope.type(base), scope.text(base), scope.text(exponent)
    called = node.args[0]
    if called.kind == "call" and called.args and node.args[1].start < called.args[0].start:  # sin^2 x
        name = rf"\{called.value[0]}" if scope.latex else called.value[0]
        text = f"{name}({scope.source[called.args[0].start : called.args[-1].end]})"
    text = f"({text})" if node.args[0].kind in ("prod", "sum", "neg") and not in_brackets(text) else text
    shown = power if value is not None and value >= 0 else f"({power})"
    meant = [f"{text}.^{shown}"]
    ways = [f"write {meant[0]} for the entries"]
    if value == 2:
        meant.append(f"{turned(text)}*{text}" if kind == "c" else f"{text}*{turned(text)}")
        ways.append(f"{meant[1]} for the squared norm")
    entry = scope.original(base)
    if entry.op == "sym" and (entry.attr not in scope.declared or set(map(dims.walk, sizes)) == {1}):
        ways.append(f"or declare dims={{'{entry.attr}': ()}} (--dim {entry.attr}=) where '{entry.attr}' is a scalar")
    message = f"power of a vector: '{text}' is {scope.size(base)}"
    error = ShapeError(message, span=node.span, hint=", ".join(ways))
    error.operands, error.ways = OF_VECTOR, tuple([instead(node.span, f"({m})") for m in meant])
    return error


def _require_small(scope: Scope, base: int, value: Fraction | None, node: Ast) -> None:
    """No power of a power has an exponent that is no double: whether it is odd would be lost, and with it the sign of the value."""
    total, entry = value or Fraction(0), scope.original(base)
    while entry.op in POWERS:
        total *= as_fraction(scope, entry.args[1]) or 1
        entry = scope.original(entry.args[0])
    if abs(total) > MAX_EXPONENT and entry.op != "num":
        raise _too_large(f"{float(total):.3g}" if total.denominator != 1 else str(total), node)


def _too_large(exponent: str, node: Ast) -> LimitError:
    message = f"the exponent {exponent} is too large"
    return LimitError(message, span=node.span, hint=f"the limit is {MAX_EXPONENT}")


def _power_for_each(scope: Scope, base: int, exponent: int, node: Ast) -> int:
    """An exponent with entries: ``x.^y``, and a number to each of them, ``2.^x`` or ``2^x``."""
    kind, text, power = scope.type(exponent)[0], scope.text(base), scope.text(exponent)
    at = node.args[1].span
    written = node.args[0]
    if written.kind == "name" and written.value == "e" and "e" not in scope.declared and "e" not in scope.values:
        function = r"\exp(…)" if scope.latex else f"exp({power})"
        raise AmbiguityError(
            f"'e' has two readings in '{scope.source[node.start : node.end]}': Euler's number, or a variable",
            span=written.span, hint=f"write {function}, or declare the sizes of e",
        )  # fmt: skip
    if node.value == ".^":
        return pairwise(scope, "epow", base, exponent, node)
    if scope.type(base)[0] != "s":
        message = f"the exponent '{power}' is {scope.size(exponent)}, not a scalar"
        raise ShapeError(message, span=at, hint=f"write {text}.^{power} for a power of each entry")
    if kind == "m":
        raise AmbiguityError(
            f"'{scope.source[node.start : node.end]}' has two readings: a matrix exponential, or {text} to the power of each entry",
            span=node.span, hint=f"write expm(log({text})*{power}) or {text}.^{power}",
        )  # fmt: skip
    return pairwise(scope, "epow", base, exponent, node)


def _has_symbol(scope: Scope, i: int) -> bool:
    """Whether an exponent is more than a number that is written in a roundabout way."""
    todo = [i]
    while todo:
        entry = scope.original(todo.pop())
        if entry.op in ("sym", "dim"):
            return True
        todo.extend(entry.args)
    return False


def matrix_power(scope: Scope, base: int, n: int, node: Ast) -> int:
    if abs(n) > MAX_EXPONENT:
        raise _too_large(str(n), node)
    _, rows, cols = scope.type(base)
    if not scope.unifier.unify(rows, cols):
        hint = size_hint("mpow", [scope.type(base)], [scope.text(base)])
        raise scope.misfit(TABLE["inv" if n < 0 else "mpow"].words, (base,), node, hint)
    if n < 0:
        base, n = scope.apply("inv", (base,), node), -n
    if n == 1:
        return base
    if n == 0:
        return scope.put("eye", (), None, scope.type(base), node)
    return scope.apply("mpow", (base,), node, n)


def _is_its_power(scope: Scope, norm: Entry, exponent: int, value: Fraction | None) -> bool:
    """``‖x‖_M²`` and ``‖x‖_p^p``: the power that undoes the root."""
    if norm.op == "sqrt":
        return value == 2
    root = scope.original(norm.args[1]) if norm.op == "pow" else norm
    if root.op == "num":
        return value is not None and root.attr * value == 1
    return root.op == "div" and scope.original(root.args[1]) == scope.original(exponent)


def _scalar_power(scope: Scope, base: int, exponent: int, value: Fraction | None, node: Ast) -> int:
    number = as_fraction(scope, base)
    if number is not None and value is not None and value.denominator == 1:
        bits = abs(value.numerator) * max(number.numerator.bit_length(), number.denominator.bit_length())
        if bits > 4096:
            raise LimitError(f"the number {scope.source[node.start : node.end]} is too large", span=node.span,
                             hint="numbers may have up to 4096 bits")  # fmt: skip
        if number or value > 0:
            return scope.put("num", (), number ** int(value), SCALAR, node)
    norm = scope.original(base)
    if norm.op == "norm2" and value == 2:
        return scope.apply("sqnorm", norm.args, node)
    if node.args[0].kind == "norm" and _is_its_power(scope, norm, exponent, value):
        return scope.put("copy", norm.args[:1], None, SCALAR, node)
    return scope.apply("pow", (base, exponent), node)
