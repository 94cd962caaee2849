"""Sums over an index, vectorised as they are read: Σ_i (y_i − wᵀx_i)² becomes ‖y − Xw‖².

Inside a big operator every sub-expression is a *family*: one value for each value of the bound
indices it mentions. A family of scalars over i is kept as a column, over (i, j) as a matrix; a family of vectors x_i as the
matrix with rows x_iᵀ. Reducing a family over an index then is a product with ones, and a product of families under a sum is a
matrix product. What has no matrix form becomes an einsum or is refused.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from matcalc import dims
from matcalc.errors import MatcalcError, NoRuleError, ParseError, ShapeError
from matcalc.notation.builders import read_size
from matcalc.notation.family_algebra import REDUCERS, Family, add, align, axis_size, divide, multiply, no_form
from matcalc.notation.syntax import Ast, Binder
from matcalc.ops import CALLS, SYNONYMS, TABLE

if TYPE_CHECKING:
    from matcalc.notation.resolve import Scope


def bigop(scope: Scope, node: Ast) -> int:
    """A sum, product, maximum or minimum over indices, as an expression without indices."""
    family = reduce(scope, node)
    if family.labels:
        raise ParseError(
            f"the index {family.labels[0]} is not bound by a sum here", span=(node.start, node.end), hint=r"write \sum_{i} in front"
        )
    return family.core


def reduce(scope: Scope, node: Ast) -> Family:
    name, binder = node.value
    _refuse_conditions(scope, binder, node)
    outside = scope.bound
    scope.bound = outside | set(binder.names)
    try:
        body = family(scope, node.args[0])
    finally:
        scope.bound = outside
    if binder.member is not None:
        body = _masked(scope, body, binder, node)
    _check_bounds(scope, body, binder, node)
    if name == "sum" and body.inner == "s" and len(body.labels) > 1 and set(body.labels) <= set(binder.names):
        repeated = [x for x in binder.names if x not in body.labels]
        body, binder = Family(scope.apply("sum", (body.core,), node), (), "s"), binder._replace(names=tuple(repeated))
    for index in binder.names:
        body = REDUCERS[name](scope, body, index, binder, node)
    return body


def _refuse_conditions(scope: Scope, binder: Binder, node: Ast) -> None:
    if binder.unequal is not None:
        raise NoRuleError("a sum over j ≠ i has no matrix form here", span=(node.start, node.end),
                          hint="sum over all j, and subtract the term j = i")  # fmt: skip
    for index in binder.names:
        if index in scope.values or (index in scope.declared and index in scope.symbols):
            raise ParseError(
                f"'{index}' is both a summation index and a value", span=(node.start, node.end), hint="use another index"
            )


def _masked(scope: Scope, body: Family, binder: Binder, node: Ast) -> Family:
    """(i, j) ∈ Ω: Ω is a matrix of zeros and ones."""
    member = str(binder.member)
    if member not in scope.declared or len(binder.names) != 2:
        if len(binder.names) == 1 and member not in scope.declared:
            return body  # a named set such as Vocab: all values of the index
        raise NoRuleError(f"the set {member} is not declared", span=(node.start, node.end),
                          hint=f"declare {member} as a matrix of zeros and ones")  # fmt: skip
    mask = Family(scope.name(member, node), binder.names, "s")
    return multiply(scope, mask, body, node)


def _check_bounds(scope: Scope, body: Family, binder: Binder, node: Ast) -> None:
    """Σ from 1 to N over an axis of size n: N and n must be the same."""
    if binder.upper is None or len(binder.names) != 1 or binder.names[0] not in body.labels:
        return
    size = axis_size(scope, body, binder.names[0])
    lower = binder.lower.value if binder.lower is not None and binder.lower.kind == "num" else Fraction(1)
    try:
        upper = read_size(scope, binder.upper)
    except MatcalcError:
        return
    if lower == 0:
        scope.warnings.append(f"the sum from 0 to {dims.text(upper)} is read as a sum over all {dims.text(size)} entries")
    elif not scope.unifier.unify(upper, size):
        names = ", ".join(sorted(set(_bases(node.args[0]))))
        raise ShapeError(
            f"the sum runs to {dims.text(upper)}, and {names} has {dims.text(size)} entries along {binder.names[0]}",
            span=(node.start, node.end), hint=f"declare the sizes equal, or write \\sum_{{{binder.names[0]}}}",
        )  # fmt: skip


def _bases(node: Ast) -> list[str]:
    if node.kind == "index" and node.args[0].kind == "name":
        return [node.args[0].value]
    return [b for a in node.args if isinstance(a, Ast) for b in _bases(a)]


# -- families of each kind of node -------------------------------------------------


def family(scope: Scope, node: Ast) -> Family:
    """The family of a sub-expression; a constant one where no bound index occurs."""

    if not _mentions(scope, node):
        core = scope.infer(node)
        return Family(core, (), scope.type(core)[0])
    handler = _FAMILIES.get(node.kind)
    if handler is None:
        raise no_form(scope, node)
    return handler(scope, node)  # type: ignore[no-any-return]


def _mentions(scope: Scope, node: Ast) -> bool:
    if node.kind == "name":
        return bool(set(_places(scope, node.value) or ()) & scope.bound)
    if node.kind == "index":
        return any(a.kind == "name" and a.value in scope.bound for a in node.args[1:]) or _mentions(scope, node.args[0])
    return any(isinstance(a, Ast) and _mentions(scope, a) for a in node.args)


def _slice(scope: Scope, node: Ast) -> Family:
    """A token that is a slice of an array: x_i is X[i,:]."""
    array = scope.slices[node.value][0] if node.value in scope.slices else node.value
    return _place(scope, scope.name(array, node), _places(scope, node.value) or (), node)


_OWN_INDEX = re.compile(r"_([a-z]+)\)?\Z")


def _places(scope: Scope, name: str) -> tuple[str, ...] | None:
    """Indices that a name stands for: those of a declared slice, or those in the name of a declared array (π_k, X_ij)."""
    if name in scope.slices:
        return scope.slices[name][1]
    m = _OWN_INDEX.search(name) if name in scope.declared else None
    if m and set(m[1]) <= scope.bound and len(m[1]) == {"c": 1, "m": 2}.get(scope.declared[name].kind, 0):
        return tuple(m[1])
    return None


def _place(scope: Scope, core: int, places: tuple[str, ...], node: Ast) -> Family:
    t = scope.type(core)
    if len(places) != {"c": 1, "r": 1, "m": 2}.get(t.kind, len(t.rows) if t.kind == "t" else 0):
        raise ShapeError(
            f"'{scope.text(core)}' is {scope.size(core)} and has {len(places)} indices here", span=(node.start, node.end)
        )
    if ":" not in places:
        return _diagonal_if_repeated(scope, core, places, node)
    if t.kind != "m":
        raise no_form(scope, node)
    if places[0] == ":":
        core = scope.apply("T", (core,), node)
    label = next(p for p in places if p != ":")
    return Family(core, (label,), "c")


def _diagonal_if_repeated(scope: Scope, core: int, places: tuple[str, ...], node: Ast) -> Family:
    if len(places) == 2 and places[0] == places[1]:
        return Family(scope.apply("diagv", (core,), node), places[:1], "s")
    if scope.type(core)[0] == "r":
        core = scope.apply("T", (core,), node)
    return Family(core, places, "s")


def _index(scope: Scope, node: Ast) -> Family:
    base, *indices = node.args
    if any(i.kind != "name" for i in indices):
        raise no_form(scope, node)
    letters = tuple(i.value for i in indices)
    if (len(letters) == 1 and base.kind != "name") or _mentions(scope, base):
        inner = family(scope, base)
        if inner.labels and inner.inner in ("c", "r") and len(letters) == 1:
            return Family(inner.core, (*inner.labels, letters[0]), "s")
        if inner.labels:
            raise no_form(scope, node)
        return _place(scope, inner.core, letters, node)
    template = _template(scope, base.value, len(letters)) if base.kind == "name" else None
    if template is not None:
        array, places = template
        fresh = iter(letters)
        return _place(scope, scope.name(array, node), tuple(":" if p == ":" else next(fresh) for p in places), node)

    return _place(scope, scope.infer(base), letters, node)


def _template(scope: Scope, base: str, count: int) -> tuple[str, tuple[str, ...]] | None:
    """x_j where x_i was said to be X[i,:]."""
    for token, (array, places) in scope.slices.items():
        if token.partition("_")[0] == base and sum(p != ":" for p in places) == count:
            return array, places
    return None


def _sum(scope: Scope, node: Ast) -> Family:
    total = family(scope, node.args[0])
    if node.value[0] == "-":
        total = _negated(scope, total, node)
    for sign, term in zip(node.value[1:], node.args[1:], strict=True):
        total = add(scope, "add" if sign == "+" else "sub", total, family(scope, term), node._replace(end=term.end))
    return total


def _negated(scope: Scope, f: Family, node: Ast) -> Family:
    return f._replace(core=scope.apply("neg", (f.core,), node))


def _neg(scope: Scope, node: Ast) -> Family:
    return _negated(scope, family(scope, node.args[0]), node)


def _prod(scope: Scope, node: Ast) -> Family:
    total = family(scope, node.args[0])
    for op, factor in zip(node.value, node.args[1:], strict=True):
        right, at = family(scope, factor), node._replace(end=factor.end)
        if op == "/" or (op == "./" and right.inner == "s"):
            total = divide(scope, total, right, at)
        elif op in (".*", "./") and total.inner in "cr" and right.inner == total.inner:
            left, other, labels = align(scope, total, right, at)
            total = Family(scope.apply("hadamard" if op == ".*" else "hdiv", (left, other), at), labels, total.inner)
        elif op == "dot" and total.inner == right.inner == "c":
            total = multiply(scope, total._replace(inner="r") if total.labels else _turned(scope, total, at), right, at)
        else:
            total = multiply(scope, total, right, at)
    return total


def _transpose(scope: Scope, node: Ast) -> Family:
    f = family(scope, node.args[0])
    if f.inner == "s":
        return f
    if f.inner not in "cr":
        raise no_form(scope, node)
    if not f.labels:
        return Family(scope.apply("T", (f.core,), node), (), "r" if f.inner == "c" else "c")
    return f._replace(inner="r" if f.inner == "c" else "c")


def _pow(scope: Scope, node: Ast) -> Family:
    from matcalc.notation.resolve import as_fraction

    base, exponent = node.args
    power = family(scope, exponent)
    if power.labels:
        raise no_form(scope, node)
    if base.kind == "norm" and as_fraction(scope, power.core) == 2 and base.value in ("", "2", "F"):
        f = family(scope, base.args[0])
        return _rows(scope, scope.apply("hadamard", (f.core, f.core), base), f, node)
    f = family(scope, base)
    if not f.labels:
        core = scope.infer(node)
        return Family(core, (), scope.type(core)[0])
    if f.inner != "s" and node.value == "^":
        raise no_form(scope, node)
    return f._replace(core=scope.put("hpow", (f.core, power.core), None, scope.type(f.core), node))


def _rows(scope: Scope, core: int, f: Family, node: Ast) -> Family:
    """A sum over the vector axis: one scalar for each index."""
    if f.inner == "s" or len(f.labels) != 1:
        return Family(core, f.labels, "s")
    return Family(scope.apply("rowsum", (core,), node), f.labels, "s")


def _norm(scope: Scope, node: Ast) -> Family:
    f = family(scope, node.args[0])
    if f.inner == "s":
        return f._replace(core=scope.apply("abs", (f.core,), node))
    if node.value == "1":
        return _rows(scope, scope.apply("abs", (f.core,), node), f, node)
    if node.value not in ("", "2", "F"):
        raise no_form(scope, node)
    squared = _rows(scope, scope.apply("hadamard", (f.core, f.core), node), f, node)
    return squared._replace(core=scope.apply("sqrt", (squared.core,), node))


def _bars(scope: Scope, node: Ast) -> Family:
    f = family(scope, node.args[0])
    return f._replace(core=scope.apply("abs", (f.core,), node)) if f.inner == "s" else _norm(scope, node._replace(value=""))


def _angle(scope: Scope, node: Ast) -> Family:
    a, b = (family(scope, x) for x in node.args)
    return multiply(scope, a._replace(inner="r") if a.labels else _turned(scope, a, node), b, node)


def _turned(scope: Scope, f: Family, node: Ast) -> Family:
    return Family(scope.apply("T", (f.core,), node), (), "r") if f.inner == "c" else f


_ROWWISE = {"softmax": "softmaxr", "logsoftmax": "logsoftmaxr"}


def _call(scope: Scope, node: Ast) -> Family:
    name, order = node.value
    name = SYNONYMS.get(name.rstrip("."), name.rstrip("."))
    arguments = [family(scope, a) for a in node.args]
    if len(arguments) == 2 and name in ("max", "min"):
        left, right, labels = align(scope, arguments[0], arguments[1], node)
        return Family(scope.apply(name + "2", (left, right), node), labels, arguments[0].inner)
    (f,) = arguments
    if not f.labels:
        raise no_form(scope, node)
    if f.inner in "cr" and name in _ROWWISE:
        return f._replace(core=scope.apply(_ROWWISE[name], (f.core,), node))
    if f.inner in "cr" and name in ("logsumexp", "sum"):
        op = "logsumexpr" if name == "logsumexp" else "rowsum"
        return Family(scope.apply(op, (f.core,), node), f.labels, "s")
    if name == "sum" and f.inner == "s":
        return f
    rows = CALLS.get(name, ())
    if name == "sigma" and "sigma" not in scope.known_functions:
        scope.warnings.append("σ(…) is read as the logistic sigmoid; functions={'sigma': …} says otherwise")
        rows = (TABLE["sigmoid"],)
    if rows and rows[0].elementwise and not order:
        return f._replace(core=scope.apply(rows[0].name, (f.core,), node))
    if not rows and (name in scope.known_functions or len(name) == 1 or name in ("phi", "psi", "varphi")):
        scope.generic[name] = None
        return f._replace(core=scope.apply("fn", (f.core,), node, (name, order)))
    raise no_form(scope, node)


_FAMILIES: dict[str, Any] = {
    "name": _slice, "index": _index, "sum": _sum, "neg": _neg, "prod": _prod, "T": _transpose, "pow": _pow,
    "norm": _norm, "bars": _bars, "angle": _angle, "call": _call, "bigop": lambda scope, node: reduce(scope, node),
}  # fmt: skip
