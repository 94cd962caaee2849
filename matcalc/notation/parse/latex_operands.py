"""Operands that a word starts: functions with or without brackets, fractions, roots, environments."""

from __future__ import annotations

from fractions import Fraction

from matcalc.expr.errors import AmbiguityError, NoRuleError, ParseError, bracketed, instead
from matcalc.expr.formulas import composite
from matcalc.notation.lex.macros import PIECES, takes_parameter
from matcalc.notation.lex.syntax import FRACTION, Ast, Token
from matcalc.notation.parse import questions
from matcalc.notation.parse.bigops import parse_bigop
from matcalc.notation.parse.by_cases import cases
from matcalc.notation.parse.cursor import Cursor
from matcalc.notation.parse.named_calls import PRODUCTS, divergence, settled_call

# Functions of matrices take all the factors that follow: tr X A X'. Others take one.
INVERTIBLE = ("sin", "cos", "tan", "sinh", "cosh", "tanh")
GREEDY = ("tr", "det", "logdet", "vec", "rank", "diag", "inv")


def function(p: Cursor, t: Token) -> Ast:
    """A known function of LaTeX: with brackets, or followed by its argument."""
    primes = 0
    while p.at("op", "'") and p.tokens[p.i + 1].kind == "open":
        p.take()
        primes += 1
    parameter = _parameter(p, t)
    power = None
    if p.at("op", "^") and t.text != "exp":
        p.take()
        power = p.exponent(Ast("name", t.start, t.end, (), t.text))
        _refuse_inverse(p, t, power)
    if composite(t.text) == "kl" and p.at("open", "("):
        return divergence(p, t)
    if p.at("open", "(", "[", "\\{"):
        node = p.call(t, primes)
        if parameter is not None:
            return node._replace(args=(*node.args, parameter))
        if p.latex and p.at("op", "^") and t.text in ("logdet", "tr") and power is None:
            return _of_power(p, t, node)
    elif t.text in ("argmin", "argmax"):
        message = f"{_shown(p, t)} is a place, and no value that has a derivative"
        raise NoRuleError(message, span=t.span, hint="type the function that is minimised or maximised")
    elif p.starts_operand():
        node = _bare_argument(p, t)
    else:
        raise ParseError(f"{_shown(p, t)} needs an argument", span=t.span, hint=f"write {_shown(p, t)}(x)")
    if p.latex and t.text == "exp" and not node.mark:
        node = node._replace(mark="tex")
    return node if power is None else Ast("pow", node.start, node.end, (node, power), "^")


def _parameter(p: Cursor, t: Token) -> Ast | None:
    """The subscript of a function that has a parameter: ``\\mathrm{swish}_\\beta(x)``."""
    if not p.at("op", "_") or not takes_parameter(t.text):
        return None
    p.take()
    return p.group()


def _of_power(p: Cursor, t: Token, node: Ast) -> Ast:
    """``\\log\\det(A)^{-1}``, ``\\operatorname{tr}(A)^{-1}``: is the power taken of the argument or of the value?"""
    start = p.i
    p.take()
    power = p.exponent(node)
    end = p.tokens[p.i - 1].end
    inverse = power.kind == "neg" and power.args[0].kind == "num" and power.args[0].value == 1
    if t.text == "logdet" and inverse:  # log(1/det A) and log det(A^{-1}) are one
        of = node._replace(value=("det", 0))
        return Ast("call", t.start, end, (Ast("pow", node.start, end, (of, power), "^"),), ("log", 0))
    if t.text == "tr" and power.kind != "neg":
        p.i = start
        return node
    inner = ((t.start, t.end, r"\log(\det "), (end, end, ")")) if t.text == "logdet" else bracketed((t.end, end))
    one, other = (
        (r"\log(\det(A)^p)", r"(\log\det A)^p") if t.text == "logdet" else (r"\operatorname{tr}(A^p)", r"(\operatorname{tr}A)^p")
    )
    raise AmbiguityError(
        f"this power has two readings: {one} or {other}, where A is the argument and p the exponent",
        span=(t.start, end),
        hint="write the one that is meant, with brackets",
        ways=(inner, bracketed((t.start, node.end))),
    )


def _shown(p: Cursor, t: Token) -> str:
    return rf"\{t.text}" if p.latex else t.text


def _refuse_inverse(p: Cursor, t: Token, power: Ast) -> None:
    minus_one = power.kind == "neg" and power.args[0].kind == "num" and power.args[0].value == 1
    if minus_one and t.text in INVERTIBLE:
        at = t.start, p.tokens[p.i - 1].end
        inverse = rf"\operatorname{{arc{t.text}}}" if p.latex else f"arc{t.text}"
        raise AmbiguityError(
            f"{_shown(p, t)}^{{-1}} has two readings: the inverse function arc{t.text}, or 1/{t.text}",
            span=at,
            hint=f"write {inverse}(x) or " + (rf"\frac{{1}}{{\{t.text}(x)}}" if p.latex else f"1/{t.text}(x)"),
            ways=[instead(at, inverse)],
        )


def _bare_argument(p: Cursor, t: Token) -> Ast:
    factors = [p.factor()]
    while p.starts_operand() and p.here.kind != "fn":
        factors.append(p.factor())
    argument = factors[0]
    if t.text in ("det", "logdet") and argument.kind == "bars" and len(factors) == 1:
        argument = argument.args[0]  # det|A| is det A
    if len(factors) > 1:
        argument = Ast("prod", factors[0].start, factors[-1].end, tuple(factors), (" ",) * (len(factors) - 1))
    if _goes_on(p, t, factors):
        following = p.tokens[p.i + 1].end if p.at("op") else argument.end
        while p.starts_operand() and t.text in OF_ALL:
            factors.append(p.factor())
        raise AmbiguityError(
            f"the argument of {_shown(p, t)} has two readings: one factor or all that follow",
            span=(t.start, following),
            hint=f"write {_shown(p, t)}(…)",
            ways=[bracketed((f[0].start, f[-1].end)) for f in dict.fromkeys((tuple(factors[:1]), tuple(factors)))],
        )
    return settled_call(p, Ast("call", t.start, argument.end, (argument,), (t.text, 0)))


OF_ALL = frozenset(("sum", "mean", "prod", "tr"))  # what is made of a whole product


def _goes_on(p: Cursor, t: Token, factors: list[Ast]) -> bool:
    """Whether it is open where the argument ends."""
    if not p.latex:  # sin 2x is said in one way, tr A B and sin x * y are not
        one = len(factors) == 1 or (len(factors) == 2 and factors[0].kind == "num")
        inside = p.here.kind == "fn" and t.text in OF_ALL  # sum p log p
        return not one or inside or p.at("op", "*", "times", "/", ".*", "./", "@", "kron", "dot")
    if len(factors) < 2 or t.text in GREEDY:
        return False
    first = factors[0]
    if first.kind == "name" and not str(first.value)[0].isupper():  # \sin\theta x
        return True
    rows = [i for i, f in enumerate(factors) if f.kind == "T" and f.args[0].kind in ("name", "index") and _is_vector(f.args[0])]
    if any(factors[i - 1].kind != "T" for i in rows[1:]):  # \\log aᵀx bᵀx: of the first product, or of both?
        return True
    return not all(f.kind in ("num", "name", "index", "T", "pow", "call") for f in factors)


def _is_vector(node: Ast) -> bool:
    name = str((node.args[0] if node.kind == "index" else node).value)
    return name[:1].islower()


def command(p: Cursor) -> Ast:
    t = p.take()
    if t.text == "frac":
        top = _braced(p, t, "numerator")
        bottom = as_number(_braced(p, t, "denominator"))
        return Ast("prod", t.start, bottom.end, (top, bottom), ("/",), FRACTION)
    if t.text == "sqrt":
        root = None
        if p.at("open", "["):
            root = p.group()
        body = _braced(p, t, "argument")
        if root is None:
            return Ast("call", t.start, body.end, (body,), ("sqrt", 0))
        one = Ast("num", t.start, t.end, (), Fraction(1))
        exponent = Ast("prod", t.start, body.end, (one, root), ("/",))
        return Ast("pow", t.start, body.end, (body, exponent), "^")
    if t.text in ("sum", "prod", "max", "min"):
        return parse_bigop(p, t)
    if t.text.removeprefix("begin:") in PIECES:
        return cases(p, t)
    if t.text.startswith("begin:"):
        return _environment(p, t)
    if t.text == "nabla" and p.at("op", "times", "dot"):
        raise NoRuleError("curl and divergence are not part of the notation", span=(t.start, p.here.end),
                          hint="type the field alone: their entries are those of its Jacobian")  # fmt: skip
    if t.text in ("nabla", "partial", "d"):
        raise questions.open_scope(t.span)
    raise p.fail(f"'{t.text}' is not understood here", t)


def as_number(below: Ast) -> Ast:
    """A denominator, in which ``|v|`` is a number: nothing is divided by a vector, so of a vector it is the norm."""
    if below.kind == "bars":
        return below._replace(mark="number")
    if below.kind == "prod" and all(op in PRODUCTS for op in below.value):
        return below._replace(args=tuple([as_number(a) if a.kind == "bars" else a for a in below.args]))
    return below


def _braced(p: Cursor, command: Token, part: str) -> Ast:
    if not p.at("open", "{"):
        raise p.fail(f"\\{command.text} lacks its {part}", command)
    if p.tokens[p.i + 1].kind == "close":
        raise p.fail(f"the {part} of \\{command.text} is empty", p.here)
    return p.group()


def _environment(p: Cursor, opener: Token) -> Ast:
    """A matrix environment, read as blocks."""
    p.enter()
    rows = [[p.expression()]]
    while p.at("op", "&", "\\\\"):
        if p.take().text == "&":
            rows[-1].append(p.expression())
        elif not p.at("cmd", "end:" + opener.text[6:]):
            rows.append([p.expression()])
    if not p.at("cmd", "end:" + opener.text[6:]):
        raise p.fail(f"\\begin{{{opener.text[6:]}}} is never closed", opener)
    end = p.take()
    p.depth -= 1
    if len({len(r) for r in rows}) > 1:
        raise p.fail("the rows of the matrix have different lengths", opener)
    blocks = Ast("blocks", opener.start, end.end, tuple(x for r in rows for x in r), len(rows[0]))
    if opener.text == "begin:vmatrix":
        return Ast("call", opener.start, end.end, (blocks,), ("det", 0))
    return Ast("norm", opener.start, end.end, (blocks,), "") if opener.text == "begin:Vmatrix" else blocks
