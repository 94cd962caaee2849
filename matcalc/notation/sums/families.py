"""Sums over an index, vectorised as they are read: Σ_i (y_i − wᵀx_i)² becomes ‖y − Xw‖².

Inside a big operator every sub-expression is a *family*: one value for each value of the bound
indices it mentions. A family of scalars over i is kept as a column, over (i, j) as a matrix; a family of
vectors x_i as the matrix with rows x_iᵀ. Reducing a family over an index then is a product with ones, and a
product of families under a sum is a matrix product. What has no matrix form becomes an einsum or is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import reduce as fold

from matcalc.expr.errors import LimitError, NoRuleError, ParseError
from matcalc.expr.nodes import shape_of
from matcalc.expr.table import CALLS, SCALAR, SYNONYMS, TABLE
from matcalc.notation.lex.habits import GENERIC
from matcalc.notation.lex.syntax import Ast, Relation
from matcalc.notation.meaning import formula_calls, norms
from matcalc.notation.meaning.broadcasting import product
from matcalc.notation.meaning.conventions import look_up
from matcalc.notation.meaning.powers import as_fraction
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.meaning.user_functions import ENTRIES, NAMED, kind, rewritten
from matcalc.notation.sums import bounds, neighbours
from matcalc.notation.sums.bounds import check_bounds, mentions, refuse_as_entry, refuse_taken, template
from matcalc.notation.sums.family import Family, einsum, no_form
from matcalc.notation.sums.family_algebra import REDUCERS, SUMS, add, align, divide, multiply, negated, squared_norm, turned
from matcalc.notation.sums.lifts import draft, indices, replaced
from matcalc.notation.sums.neighbours import at_places, diagonal_if_repeated, of_part, of_token
from matcalc.notation.sums.selection import as_rows, conditions, guarded, picked, related


def bigop(scope: Scope, node: Ast) -> int:
    """A sum, product, maximum or minimum over indices, as an expression without indices."""
    if not node.value[1].names:
        return _over_entries(scope, node)
    outermost = not scope.bound
    if outermost:
        scope.readings.clear()
        scope.expansions.clear()
    family = reduce(scope, node)
    if family.labels:
        raise ParseError(
            f"the index {family.labels[0]} is not bound by a sum here",
            span=node.span,
            hint=rf"write \sum_{{{family.labels[0]}}} in front, or all entries at once in matrix form, such as A*x",
        )
    if outermost:
        scope.lifts.append(draft(scope, node, family.core))
    return family.core


def apart(scope: Scope, node: Ast) -> int:
    """An entry that an integer label selects, or an indicator, without sums around."""
    found = _FAMILIES[node.kind](scope, node)
    if found.labels:
        raise no_form(scope, node)
    return found.core


def _over_entries(scope: Scope, node: Ast) -> int:
    r"""``\\sum x`` without an index: over all entries."""
    body = scope.infer(node.args[0])
    if scope.type(body)[0] == "s":
        name = node.value[0]
        raise ParseError(f"the {name} has no index, and '{scope.text(body)}' no entries", span=node.span,
                         hint=rf"write \\{name}_{{i}} and say what i stands in")  # fmt: skip
    return scope.apply(node.value[0], (body,), node)


def reduce(scope: Scope, node: Ast) -> Family:
    name, binder = node.value
    refuse_taken(scope, binder, node)
    outside, around, masks = scope.bound, scope.runs, len(scope.masks)
    scope.bound = outside | set(binder.names)
    parts = neighbours.runs(scope, node)
    scope.runs = {x: run for x, run in {**around, **parts}.items() if x in parts or x not in binder.names}
    if parts:
        binder = neighbours.unlimited(scope, node).value[1]
    try:
        kept = conditions(scope, name, binder, node)
        body = family(scope, node.args[0])
        for mask in kept:
            body = multiply(scope, mask, body, node)
    finally:
        scope.bound, scope.runs = outside, around
        del scope.masks[masks:]
    if body.inner in SUMS:
        raise no_form(scope, node.args[0])
    check_bounds(scope, body, binder, node)
    if name == "sum" and body.inner == "s" and body.is_tensor(binder.names):
        return einsum(scope, body, binder.names, node)
    if name == "sum" and body.contracts():
        binder = binder._replace(names=binder.names[::-1])
    elif name == "sum" and body.inner == "s" and len(body.labels) > 1 and set(body.labels) <= set(binder.names):
        repeated = [x for x in binder.names if x not in body.labels]
        body, binder = Family(scope.apply("sum", (body.core,), node), (), "s"), binder._replace(names=tuple(repeated))
    for index in binder.names:
        body = REDUCERS[name](scope, body, index, binder, node)
    return body


# -- families of each kind of node -------------------------------------------------


def family(scope: Scope, node: Ast) -> Family:
    """The family of a sub-expression; a constant one where no bound index occurs."""
    if not mentions(scope, node):
        core = scope.infer(node)
        return Family(core, (), scope.type(core)[0])
    handler = _FAMILIES.get(node.kind)
    if handler is None:
        raise no_form(scope, node)
    return handler(scope, node)


def _index(scope: Scope, node: Ast) -> Family:
    base, *indices = node.args
    if any(i.kind == "label" for i in indices):
        plain = base.kind == "name" or not mentions(scope, base)
        return picked(scope, node, None if plain else family(scope, base))
    if scope.runs and base.kind == "name" and (cut := of_part(scope, node)) is not None:
        return cut
    if any(i.kind != "name" for i in indices):
        raise no_form(scope, node)
    letters = tuple(i.value for i in indices)
    if (len(letters) == 1 and base.kind != "name") or mentions(scope, base):
        inner = family(scope, base)
        if inner.labels and inner.inner in ("c", "r") and len(letters) == 1:
            if letters == inner.labels:
                return diagonal_if_repeated(scope, inner.core, letters * 2, node)
            return Family(inner.core, (*inner.labels, letters[0]), "s")
        if inner.labels:
            raise no_form(scope, node)
        return at_places(scope, inner.core, letters, node)
    if base.kind == "name" and base.value == "I" and "I" not in scope.declared:
        raise bounds.identity_or_matrix(scope, node, letters)
    found = template(scope, base.value, len(letters)) if base.kind == "name" else None
    if found is not None:
        array, places = found
        fresh = iter(letters)
        return at_places(scope, look_up(scope, array, node), tuple(":" if p == ":" else next(fresh) for p in places), node)
    return at_places(scope, scope.infer(base), letters, node)


def _rows_meant(scope: Scope, node: Ast) -> Ast:
    """``M_{ij} - u_i v_j^T``: beside a number u_i v_jᵀ is a number, of rows u_i and v_j."""
    pairs = [t for t in node.args if t.kind == "prod" and [a.kind == "T" for a in t.args] == [False, True]]
    pairs = [t for t in pairs if [family(scope, a).inner for a in t.args] == ["c", "r"]]
    if not pairs or not any(t not in pairs and family(scope, t).inner == "s" for t in node.args):
        return node
    return node._replace(args=tuple([as_rows(scope, t) if t in pairs else t for t in node.args]))


def _sum(scope: Scope, node: Ast) -> Family:
    node = _rows_meant(scope, node)
    total = family(scope, node.args[0])
    if node.value[0] == "-":
        total = negated(scope, total, node)
    for sign, term in zip(node.value[1:], node.args[1:], strict=True):
        at, f = node if term is node.args[-1] else node._replace(end=term.end), family(scope, term)
        if (total.inner, f.inner) in (("s", "c"), ("c", "s")) and (total.labels or f.labels):
            refuse_as_entry(scope, at)  # x_i - w with a vector w
        total = add(scope, "add" if sign == "+" else "sub", total, f, at)
    return total


def _neg(scope: Scope, node: Ast) -> Family:
    return negated(scope, family(scope, node.args[0]), node)


def _prod(scope: Scope, node: Ast) -> Family:
    for before, after in zip(node.args, node.args[1:], strict=False):
        if before.kind == "T" and after.kind == "index" and not mentions(scope, before):
            refuse_as_entry(scope, after)  # w^T x_i
    if set(node.value) <= {" ", "*", "@", "times"}:
        return _side_by_side(scope, [family(scope, a) for a in node.args], node)
    total = family(scope, node.args[0])
    for op, factor in zip(node.value, node.args[1:], strict=True):
        right, at = family(scope, factor), node._replace(end=factor.end)
        scalar = "s" in (total.inner, right.inner)
        if not total.labels and not right.labels:
            core = product(scope, op, total.core, right.core, at)
            total = Family(core, (), scope.type(core)[0])
        elif op == "/" or (op == "./" and right.inner == "s"):
            right = guarded(scope, "hdiv", right, at)
            total = divide(scope, total, right, at)
        elif op == "./" and total.inner == "s" and not total.labels and right.inner in "cr":
            over = scope.put("fill", (total.core,), None, scope.type(right.core), at)
            total = right._replace(core=scope.apply("hdiv", (over, right.core), at))
        elif op in (".*", "./") and total.inner in "cr" and right.inner == total.inner:
            left, other, labels = align(scope, total, right, at)
            total = Family(scope.apply("hadamard" if op == ".*" else "hdiv", (left, other), at), labels, total.inner)
        elif op == "dot" and total.inner in ("c", "C") and right.inner in ("c", "C"):
            total = multiply(scope, turned(scope, total, at), right, at)
        elif op == "./" or (op in (".*", "kron") and not scalar):
            raise no_form(scope, at)
        else:
            total = multiply(scope, total, right, at)
    return total


def _side_by_side(scope: Scope, factors: list[Family], node: Ast) -> Family:
    """Scalars commute: W_ij x_iᵀ x_j is W_ij (x_iᵀ x_j)."""
    scalars = [f for f in factors if f.inner == "s"]
    others = [f for f in factors if f.inner != "s"]
    found = [fold(lambda a, b: multiply(scope, a, b, node), fs) for fs in (scalars, others) if fs]
    if len(found) == 1:
        return found[0]
    try:
        return multiply(scope, found[0], found[1], node)
    except NoRuleError:
        refuse_as_entry(scope, node)  # A x_i
        raise


def _transpose(scope: Scope, node: Ast) -> Family:
    f = family(scope, node.args[0])
    if f.inner == "s":
        refuse_as_entry(scope, node.args[0])
    return f if f.inner == "s" else turned(scope, f, node)


def _pow(scope: Scope, node: Ast) -> Family:
    base, exponent = node.args
    power = family(scope, exponent)
    if power.labels:
        return _power_of_each(scope, _entries(scope, base), power, node)
    if base.kind == "norm" and as_fraction(scope, power.core) == 2 and (metric := norms.matrix(scope, base)) is not None:
        f = family(scope, base.args[0])
        return multiply(scope, turned(scope, f, node), multiply(scope, Family(metric, (), "m"), f, node), node)
    if base.kind == "norm" and as_fraction(scope, power.core) == 2 and base.value in norms.EUCLIDEAN:
        return _squared_norm(scope, base)
    f = _entries(scope, base)
    if not f.labels:
        core = scope.infer(node)
        return Family(core, (), scope.type(core)[0])
    if f.inner != "s" and node.value == "^":
        raise no_form(scope, node)
    if power.inner != "s" or bounds.is_guess(scope, power.core):
        bounds.refuse_exponent(scope, power.core, node)
    exact = as_fraction(scope, power.core)
    if exact is None or exact.denominator > 1 or exact < 0:
        f = guarded(scope, "hpow", f, node)
    return f._replace(core=scope.put("hpow", (f.core, power.core), None, scope.type(f.core), node))


def _power_of_each(scope: Scope, base: Family, power: Family, node: Ast) -> Family:
    """p_i^(y_i) = exp(y_i log p_i)"""
    if base.inner != "s" or power.inner != "s" or not base.labels:
        raise no_form(scope, node)
    logarithm = base._replace(core=scope.apply("log", (base.core,), node))
    exponent = multiply(scope, power, logarithm, node)
    return Family(scope.apply("exp", (exponent.core,), node), exponent.labels, "s")


def _entries(scope: Scope, node: Ast) -> Family:
    """A family whose core holds the values themselves, not two factors of them."""
    f = family(scope, node)
    if f.inner in ("o", "w", *SUMS):
        raise no_form(scope, node)
    return f


def _rows(scope: Scope, core: int, f: Family, node: Ast) -> Family:
    """A sum over the vector axis: one scalar for each index."""
    if f.inner == "s" or len(f.labels) != 1:
        return Family(core, f.labels, "s")
    return Family(scope.apply("rowsum", (core,), node), f.labels, "s")


def _squared_norm(scope: Scope, node: Ast) -> Family:
    f = family(scope, node.args[0])
    if f.inner in SUMS:
        return squared_norm(scope, f, node)
    if f.inner == "s":
        refuse_as_entry(scope, node.args[0])
    f = _entries(scope, node.args[0])
    two = scope.put("num", (), Fraction(2), SCALAR, node)
    return _rows(scope, scope.put("hpow", (f.core, two), None, scope.type(f.core), node), f, node)


def _norm(scope: Scope, node: Ast) -> Family:
    f = family(scope, node.args[0])
    if f.inner == "s":
        refuse_as_entry(scope, node.args[0])
        return f._replace(core=scope.apply("abs", (f.core,), node))
    if node.value == "1":
        f = _entries(scope, node.args[0])
        return _rows(scope, scope.apply("abs", (f.core,), node), f, node)
    if node.value not in norms.EUCLIDEAN:
        raise no_form(scope, node)
    squared = _squared_norm(scope, node)
    return squared._replace(core=scope.apply("sqrt", (guarded(scope, "sqrt", squared, node).core,), node))


def _bars(scope: Scope, node: Ast) -> Family:
    f = family(scope, node.args[0])
    return f._replace(core=scope.apply("abs", (f.core,), node)) if f.inner == "s" else _norm(scope, node._replace(value=""))


def _angle(scope: Scope, node: Ast) -> Family:
    a, b = (family(scope, x) for x in node.args)
    if a.inner not in ("c", "C") or b.inner not in ("c", "C"):
        raise no_form(scope, node)
    return multiply(scope, turned(scope, a, node), b, node)


MAX_EXPANSIONS = 200  # functions put in place under one sum
_ROWWISE = {"softmax": "softmaxr", "logsoftmax": "logsoftmaxr"}


def _call(scope: Scope, node: Ast) -> Family:
    name, order = node.value
    if name in scope.own and kind(scope, name) != NAMED:
        return family(scope, _expanded(scope, node))
    if formula_calls.knows(scope, node):
        return family(scope, _formula(scope, node))
    if name in ("norm1", "norm2") and len(node.args) == 1:
        return _norm(scope, node._replace(kind="norm", value=name[-1]))
    arguments = [_entries(scope, a) for a in node.args]
    given = name in scope.known_functions or name in scope.own
    name = name if given else SYNONYMS.get(name.rstrip("."), name.rstrip("."))
    if len(arguments) == 2 and name in ("max", "min") and not given:
        return _larger(scope, name, arguments[0], arguments[1], node)
    f = arguments[0]
    if len(arguments) != 1 or not f.labels:
        raise no_form(scope, node)
    rows = CALLS.get(name, ()) if not given else ()
    if f.inner in "cr" and rows and name in _ROWWISE:
        return f._replace(core=scope.apply(_ROWWISE[name], (f.core,), node))
    if f.inner in "cr" and rows and name in ("logsumexp", "sum"):
        op = "logsumexpr" if name == "logsumexp" else "rowsum"
        return Family(scope.apply(op, (f.core,), node), f.labels, "s")
    if rows and name == "sum" and f.inner == "s":
        return f
    if name == "sigma" and not given:
        scope.warnings.append("σ(…) is read as the logistic sigmoid; functions={'sigma': …} says otherwise")
        rows = (TABLE["sigmoid"],)
    if rows and rows[0].elementwise and not order:
        f = guarded(scope, rows[0].name, f, node)
        return f._replace(core=scope.apply(rows[0].name, (f.core,), node))
    if given or (not rows and (len(name) == 1 or name in GENERIC)):
        scope.generic[name] = None
        return f._replace(core=scope.apply("fn", (f.core,), node, (name, order)))
    raise no_form(scope, node)


def _formula(scope: Scope, node: Ast) -> Ast:
    """A function that stands for a formula entry by entry, with the formula in its place."""
    body = formula_calls.under_sum(scope, node, lambda a: _entries(scope, a).inner)
    if body is None:
        raise no_form(scope, node)
    scope.expansions[id(node)] = node, body
    return body


def _larger(scope: Scope, name: str, a: Family, b: Family, node: Ast) -> Family:
    left, right, labels = align(scope, a, b, node)
    inner = b.inner if a.inner == "s" else a.inner
    if len(labels) + (inner != "s") != len(shape_of(scope.type(left))):
        raise no_form(scope, node)
    return Family(scope.apply(name + "2", (left, right), node), labels, inner)


def _expanded(scope: Scope, node: Ast) -> Ast:
    """The body of a function that the text defines, with the arguments in place of its parameters."""
    name, order = node.value
    statement = scope.own[name]
    body = statement.body
    if order or len(node.args) != len(statement.parameters) or indices(body) & scope.bound:
        raise no_form(scope, node)
    if kind(scope, name) == ENTRIES:
        body = rewritten(scope, body, statement.parameters[0], True)
    if len(scope.expansions) > MAX_EXPANSIONS:
        raise LimitError(f"'{name}' and the functions in it expand to too much", span=node.span,
                         hint="name parts of the sum, or write the sum with matrices")  # fmt: skip
    body = replaced(body, dict(zip(statement.parameters, node.args, strict=True)))
    scope.expansions[id(node)] = node, body
    return body


def _indicator(scope: Scope, node: Ast) -> Family:
    return related(scope, Relation(node.args[0], node.value, node.args[1]), node)


_FAMILIES: dict[str, Callable[[Scope, Ast], Family]] = {
    "name": of_token, "index": _index, "sum": _sum, "neg": _neg, "prod": _prod, "T": _transpose, "pow": _pow,
    "norm": _norm, "bars": _bars, "angle": _angle, "call": _call, "bigop": reduce, "indicator": _indicator,
}  # fmt: skip
