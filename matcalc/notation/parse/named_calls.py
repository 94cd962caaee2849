r"""Calls in the form of a field or a library: ``\mathcal N(x|\mu,\Sigma)``, ``KL(p\|q)``, ``\Phi(x)``, ``sum(abs2, x)``."""

from __future__ import annotations

import re

from matcalc.expr.errors import NoRuleError, ParseError
from matcalc.expr.formulas import ENTRYWISE, composite
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.habits import DENSITIES, NORMAL, SAMPLE_INDEX
from matcalc.notation.lex.python_names import ARRAYS
from matcalc.notation.lex.syntax import DIAGONAL, EACH, Ast, Token, closing, signs_in, walk
from matcalc.notation.parse.bracketed_rows import array
from matcalc.notation.parse.cursor import Cursor

REDUCERS = frozenset(("sum", "prod", "mean", "maximum", "minimum", "max", "min"))
TOTALS = frozenset(("sum", "mean", "diag"))
DIVERGENCES = frozenset(("KL", "D_KL"))
BARS = ("|", "||", ";")  # between what a density is of, and what it depends on
_BAR, _INDEXED = re.compile(r"\||;"), re.compile(rf"_[{SAMPLE_INDEX}](?![A-Za-z])")
PRODUCTS = frozenset((" ", "*", "times", "dot"))


def distribution(p: Cursor, t: Token) -> Ast | None:
    """What stands after the name ``t``, just taken, where that is a distribution or a divergence; else None.

    Raises ``NoRuleError`` for what has no formula of its own.
    """
    if t.text in p.values or t.text in p.words.functions:
        return None
    if (p.at("open", "[") or (t.text == "EE" and p.at("op", "_"))) and (
        t.text == "EE" or (t.text == "E" and not p.latex and not _is_index(p))
    ):
        raise NoRuleError("expectations are not part of the notation", span=(t.start, p.here.end),
                          hint="type the function itself, or its mean over samples: \\frac1n\\sum_{i=1}^n")  # fmt: skip
    if t.text == "K" and p.at("name", "L") and p.tokens[p.i + 1].text == "(" and "L" not in p.values and _bar(p, p.i + 1):
        p.take()
        t = t._replace(text="KL")
    if t.text in DIVERGENCES and p.at("open", "(", "[", "\\{"):
        return divergence(p, t)
    if not p.at("open", "("):
        return None
    of, _, label = t.text.partition("_")
    if of == "N" and (t.mark == "cal" or (not label and _bar(p, p.i))):
        return _normal(p, t, label)
    if t.text in NORMAL and _is_distribution_function(p):
        node = p.call(t)
        return node._replace(value=("normcdf" if t.text == "Phi" else "normpdf", 0), mark=t.text)
    bar = _bar(p, p.i) if p.latex else None
    if bar is not None and (t.text in DENSITIES or bar.text == "|"):
        return _conditional(p, t)
    return None


def _conditional(p: Cursor, t: Token) -> Ast:
    """``p(y|x)`` as one name of a number, of which nothing more is said here."""
    start, end = p.i, closing(p.tokens, p.i)
    if p.tokens[end].kind == "end":
        raise p.fail(f"the bracket behind '{t.text}' is never closed", p.tokens[start], hint="add the missing bracket")
    p.i = end + 1
    text = "".join(u.text for u in p.tokens[start : p.i] if u.text not in ("{", "}"))
    return Ast("name", t.start, p.tokens[end].end, (), f"{t.text}{text}", t.mark)


def _conditionals(node: Ast) -> list[Ast]:
    return [n for n in walk(node) if n.kind == "name" and "(" in str(n.value) and _BAR.search(str(n.value))]


def is_conditional(node: Ast) -> bool:
    """Whether it holds such a name."""
    return bool(_conditionals(node))


def refuse_density(node: Ast) -> None:
    """``p(x_i|\\theta)`` as a part of a formula: it depends on what stands in it, and nobody says how. Raises ``NoRuleError``."""
    for n in _conditionals(node):
        name = str(n.value)
        if re.split(r"[_(]", name)[0] in DENSITIES or _INDEXED.search(name):
            raise NoRuleError(f"the density {name[: name.index('(')]}(…|…) is no formula", span=n.span,
                              hint=r"write its formula; \mathcal N(x|\mu,\Sigma) is read")  # fmt: skip


def _is_index(p: Cursor) -> bool:
    """Whether the brackets at hand hold places: names, numbers, colons and commas."""
    inside = p.tokens[p.i + 1 : next(i for i in range(p.i, len(p.tokens)) if p.tokens[i].kind in ("close", "end"))]
    return all(t.kind in ("num", "name") or (t.kind == "op" and t.text in ":,+-") for t in inside)


def _bar(p: Cursor, start: int) -> Token | None:
    """The bar between the brackets that open at a place, where one stands there."""
    return next(signs_in(p.tokens, start, BARS), None)


def _is_distribution_function(p: Cursor) -> bool:
    r"""``\Phi`` is applied wherever it stands, so it is no matrix; ``\phi`` beside it is its derivative."""
    places = [i for i, t in enumerate(p.tokens) if t.kind == "name" and t.text == "Phi"]
    return p.latex and bool(places) and all(p.tokens[i + 1].text == "(" for i in places)


def _parts(p: Cursor) -> tuple[list[Ast], str, Token]:
    """The arguments in the brackets at hand, with a comma for the bar; the bar; the closing bracket."""
    opener = p.take()
    p.enter()
    parts, bar = [p.expression()], ""
    while p.at("op", ",", *BARS):
        sign = p.take().text
        bar = bar if sign == "," else sign
        parts.append(p.expression())
    p.depth -= 1
    return parts, bar, p.close(opener)


def _normal(p: Cursor, t: Token, of: str) -> Ast:
    r"""``\mathcal N(x|\mu,\Sigma)`` and ``\mathcal N_x(\mu,\Sigma)``, densities; ``\mathcal N(\mu,\Sigma)``, a distribution."""
    parts, bar, end = _parts(p)
    if of and len(parts) == 2:
        parts = [Ast("name", t.start, t.end, (), of), *parts]
    if len(parts) != 3 and (bar or len(parts) != 2):
        raise ParseError("a normal distribution has a mean and a variance", span=(t.start, end.end),
                         hint=r"write \mathcal N(x|\mu,\Sigma), or \mathcal N(\mu,\Sigma) in a divergence")  # fmt: skip
    return Ast("call", t.start, end.end, tuple(parts), ("normaldensity" if len(parts) == 3 else "normal", 0))


def divergence(p: Cursor, t: Token) -> Ast:
    r"""``KL(p\|q)`` of two vectors of probabilities, or of two normal distributions."""
    parts, _, end = _parts(p)
    kinds = [a.value[0] if a.kind == "call" else "" for a in parts]
    if kinds == ["normal", "normal"]:
        return Ast("call", t.start, end.end, (*parts[0].args, *parts[1].args), ("normalkl", 0), "head")
    return Ast("call", t.start, end.end, tuple(parts), ("kl", 0), "head")


def between_bars(body: Ast) -> tuple[Ast, Ast] | None:
    """Of ``x|A|y`` in angles, where the bars look like those of |A|: x, and A y."""
    k = next((k for k, a in enumerate(body.args) if a.kind == "bars"), 0) if body.kind == "prod" and {*body.value} == {" "} else 0
    if not 0 < k < len(body.args) - 1:
        return None
    left, inner, right = body.args[:k], body.args[k].args[0], body.args[k + 1 :]
    return _product(left), _product((inner, *right))


def _product(factors: tuple[Ast, ...]) -> Ast:
    first, last = factors[0], factors[-1]
    return first if first is last else Ast("prod", first.start, last.end, factors, (" ",) * (len(factors) - 1))


def settled_call(p: Cursor, node: Ast) -> Ast:
    """The call as it stands, or what it is another form of."""
    name, first = node.value[0], node.args[0]
    if name in ARRAYS and not p.latex:
        return array(p, node)
    if len(node.args) == 2 and name in REDUCERS and first.kind == "name" and _is_entrywise(p, first.value):
        inner = node._replace(args=node.args[1:], value=(f"{first.value}.", 0))
        return node._replace(args=(inner,))  # sum(abs2, x) of Julia
    if name == "diag" and len(node.args) > 1 and all(a.kind not in ("keyword", "num", "neg", "string") for a in node.args):
        return node._replace(value=("blkdiag", 0))
    if name in TOTALS and len(node.args) == 1:
        return node._replace(args=(powers_of_entries(first, DIAGONAL if name == "diag" else EACH),))
    return logarithm(node) if node.value == ("log", 0) and len(node.args) == 1 else node


def powers_of_entries(node: Ast, mark: str = EACH) -> Ast:
    """What is summed up, or put on a diagonal: ``sum((X*w - y)^2)`` and ``sum(1/x)`` can only be of each entry."""
    if node.kind == "pow" and node.args[1].kind != "T":
        marked = mark if node.value == "^" else node.mark
        return node._replace(args=(powers_of_entries(node.args[0], mark), node.args[1]), mark=marked)
    if node.kind in ("neg", "sum", "prod"):
        marked = mark if "/" in (node.value or "") else node.mark
        return node._replace(args=tuple([powers_of_entries(a, mark) for a in node.args]), mark=marked)
    if node.kind == "call" and len(node.args) == 1 and any(op.elementwise for op in CALLS.get(node.value[0], ())):
        return node._replace(args=(powers_of_entries(node.args[0], mark),))  # sum(log(1/x))
    return node


def logarithm(node: Ast) -> Ast:
    """The logarithm of densities, or of a product of these over an index, as a sum."""
    of: Ast = node.args[0]
    if of.kind == "call" and of.value == ("normaldensity", 0):
        return of._replace(start=node.start, end=node.end, value=("lognormaldensity", 0))
    if of.kind == "bigop" and of.value[0] == "prod" and of.value[1].names and _has_density(of, ("normaldensity", "exp")):
        inner = logarithm(node._replace(args=of.args))
        return of._replace(start=node.start, end=node.end, args=(inner,), value=("sum", of.value[1]))
    if of.kind == "prod" and PRODUCTS.issuperset(of.value) and any(map(_has_density, of.args)):
        terms = tuple([logarithm(node._replace(args=(a,))) for a in of.args])
        return node._replace(kind="sum", args=terms, value="+" * len(terms))
    return node


def _has_density(node: Ast, names: tuple[str, ...] = ("normaldensity",)) -> bool:
    """Whether a factor is a density, which is a positive number, or one of the functions that are named."""
    if node.kind == "call" and node.value[0] in names:
        return True
    return node.kind in ("prod", "bigop") and any(_has_density(a, names) for a in node.args)


def _is_entrywise(p: Cursor, word: str) -> bool:
    """Whether the word is a function of each entry, and no value."""
    if p.latex or word in p.values:
        return False
    operators = CALLS.get(SYNONYMS.get(word, word), ())
    return any(op.elementwise for op in operators) or composite(word) in ENTRYWISE
