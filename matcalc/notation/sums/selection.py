"""What integer labels select, and how indices are related: products with one-hot vectors, and masks of zeros and ones."""

from __future__ import annotations

from fractions import Fraction

from matcalc.expr.dims import Dim
from matcalc.expr.errors import NoRuleError
from matcalc.expr.table import SCALAR, TABLE, Type
from matcalc.notation.lex.habits import is_letter
from matcalc.notation.lex.syntax import Ast, Binder, Relation
from matcalc.notation.meaning.conventions import look_up, symbol
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.sums.bounds import template
from matcalc.notation.sums.family import Family, no_form
from matcalc.notation.sums.family_algebra import multiply, spread, turned
from matcalc.notation.sums.neighbours import at_places

OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
INSIDE = {"unit-interval": Fraction(1, 2), "above-one": Fraction(2)}  # a value at which a function is smooth, where 1 is none


def one_hot(scope: Scope, label: Ast) -> Family:
    """The one-hot vector of a label; one for each sample, if it has samples: where no index runs over them, all as rows."""
    name, letters = label.value
    many = scope.labels[name].samples
    if name not in scope.symbols:
        _say(scope, name)
        fresh = scope.unifier.fresh
        wanted = Type("m", fresh(), fresh()) if many else Type("c", fresh(), 1)
        known = scope.declared.get(name, wanted)
        if many and known.kind == "c":  # how many integers there are
            wanted = wanted._replace(rows=known.rows)
        symbol(scope, name, known if known.kind == wanted.kind else wanted, label)
    return Family(scope.symbols[name], letters, "c" if letters or not many else "m")


def _say(scope: Scope, name: str) -> None:
    """What the name stands for, in *Given*."""
    scope.assumed[name] = "one-hot"
    label = scope.labels[name]
    what = f"a matrix with the one-hot rows e_{{{label.example}}}" if label.samples else "the one-hot vector of it"
    each = "are integer labels" if label.samples else "is an integer label"
    scope.warnings.append(f"'{label.example}' {each}: in the formulas '{name}' is {what}; code takes the integers, counted from 0")


def picked(scope: Scope, node: Ast, inner: Family | None) -> Family:
    """``f_{y_i}``, ``W_{y_i}``, ``F_{i,y_i}``: an entry or a row, for each sample; ``inner`` is what stands before the index,
    where that is no array."""
    base, *places = node.args
    label = next(a for a in places if a.kind == "label")
    hot = one_hot(scope, label)
    if hot.inner == "m":
        return _of_all(scope, node, hot, inner)
    if inner is None:
        found = template(scope, base.value, len(places)) if base.kind == "name" else None
        core = look_up(scope, found[0], base) if found else scope.infer(base)
        given = iter(places)
        axes = [a if a == ":" else next(given) for a in found[1]] if found else list(places)
        if scope.type(core).kind == "m":
            return _of_matrix(scope, core, axes if len(axes) == 2 else [*axes, ":"], hot, node)
        inner, places = Family(core, (), scope.type(core).kind), axes
    if inner.inner == "m" and len(places) == 1:
        return _of_matrix(scope, inner.core, [*places, ":"], hot, node)
    if inner.inner not in "cr" or len(places) > 1:
        raise no_form(scope, node)
    column = inner if inner.inner == "c" else turned(scope, inner, node)
    return multiply(scope, turned(scope, hot, node), column, node)


def _of_all(scope: Scope, node: Ast, hot: Family, inner: Family | None) -> Family:
    """``L[idx,:]``, ``L[:,idx]``, ``b[idx]`` of a vector of integers: the rows, columns or entries, repeated ones too."""
    base, *places = node.args
    core = scope.infer(base) if inner is None else inner.core
    kind, at = scope.type(core).kind, [a.kind == "label" for a in places]
    whole = all(label or a.value == ":" for a, label in zip(places, at, strict=True))
    if (inner is not None and inner.labels) or not whole or sum(at) != 1 or len(at) > {"c": 1, "m": 2}.get(kind, 0):
        raise no_form(scope, node)
    if at[0]:
        return Family(scope.apply("matmul", (hot.core, core), node), (), kind)
    return Family(scope.apply("matmul", (core, scope.apply("T", (hot.core,), node)), node), (), "m")


def _of_matrix(scope: Scope, core: int, axes: list[Ast | str], hot: Family, node: Ast) -> Family:
    """A row, a column or an entry of a matrix, of which one axis has the label."""
    axis = next(i for i, a in enumerate(axes) if isinstance(a, Ast) and a.kind == "label")
    other = axes[1 - axis]
    if other == ":" or (isinstance(other, Ast) and other.value == ":"):
        across = core if axis else scope.apply("T", (core,), node)
        return multiply(scope, Family(across, (), "m"), hot, node)
    if not isinstance(other, Ast) or other.kind != "name" or other.value not in scope.bound:
        raise no_form(scope, node)
    letter = str(other.value)
    return multiply(scope, turned(scope, hot, node), at_places(scope, core, (letter, ":") if axis else (":", letter), node), node)


def as_rows(scope: Scope, node: Ast) -> Ast:
    """The product u_i v_jᵀ of rows, as one of columns."""
    left, right = node.args[0], node.args[1].args[0]
    one, other = (scope.source[a.start : a.end] for a in (left, right))
    scope.warnings.append(f"'{one}' and '{other}' are read as rows: their product is a number, as what stands beside it")
    made = node._replace(args=(node._replace(kind="T", args=(left,), value=None), right))
    scope.expansions[id(node)] = node, made
    return made


# -- relations ------------------------------------------------------------------------------


def related(scope: Scope, r: Relation, node: Ast) -> Family:
    """1 where the relation holds, else 0: ``i < j``, ``j \\ne y_i``, ``y_i = k``."""
    labels = [s for s in (r.left, r.right) if s.kind == "label"]
    letters = [str(s.value) for s in (r.left, r.right) if s.kind == "name" and s.value in scope.bound]
    if len(letters) == 2 and letters[0] != letters[1]:
        return Family(_pairs(scope, r.sign, node, scope.unifier.fresh()), tuple(letters), "s")
    if len(labels) + len(letters) < 2 or len(letters) > 1 or r.sign not in ("=", "!="):
        text = scope.source[r.left.start : r.right.end]
        raise NoRuleError(f"the condition '{text}' has no matrix form here", span=(r.left.start, r.right.end),
                          hint=r"indices can be compared with each other, labels with = and \ne")  # fmt: skip
    hot = one_hot(scope, labels[0])
    if letters:
        found = Family(hot.core, (*hot.labels, letters[0]), "s")
    else:
        found = multiply(scope, turned(scope, hot, node), one_hot(scope, labels[1]), node)
    return found if r.sign == "=" else opposite(scope, found, node)


def opposite(scope: Scope, f: Family, node: Ast) -> Family:
    """1 - f"""
    t = scope.type(f.core)
    one = scope.put("num", (), Fraction(1), SCALAR, node) if t.kind == "s" else scope.put("ones", (), None, t, node)
    return f._replace(core=scope.apply("sub", (one, f.core), node), parts=(-1, ()))


def conditions(scope: Scope, name: str, binder: Binder, node: Ast) -> list[Family]:
    """Masks of zeros and ones: where the terms of a restricted sum are. What is not smooth is guarded by them."""
    found = [related(scope, r, node) for r in binder.where]
    rest = [complement(scope, r, f, node) for r, f in zip(binder.where, found, strict=True)]
    if binder.member is not None and (mask := _member(scope, binder, node)):
        found.append(mask)
        rest.append(opposite(scope, mask, node).core)
    if found and name != "sum":
        raise NoRuleError(f"a {name} over a part of an axis has no matrix form here", span=node.span,
                          hint="declare the part as an array of its own")  # fmt: skip
    scope.masks += [(f.core, other, f.labels) for f, other in zip(found, rest, strict=True) if len(f.labels) > 1]
    return found


def _member(scope: Scope, binder: Binder, node: Ast) -> Family | None:
    """(i, j) ∈ Ω: Ω is a matrix of zeros and ones."""
    member = str(binder.member)
    if len(binder.names) == 2 and (member in scope.declared or (is_letter(member) and member not in scope.values)):
        if member not in scope.symbols and member not in scope.declared:
            i, j = binder.names
            scope.assumed[member] = "binary"
            scope.warnings.append(f"'{member}' is read as a matrix of zeros and ones: 1 where ({i}, {j}) is in the set")
            symbol(scope, member, Type("m", scope.unifier.fresh(), scope.unifier.fresh()), node)
        return Family(look_up(scope, member, node), binder.names, "s")
    if len(binder.names) == 1 and not is_letter(member) and member not in scope.declared:
        scope.warnings.append(f"'{member}' is read as all values of {binder.names[0]}")
        return None
    raise NoRuleError(f"the set {member} is not declared", span=node.span,
                      hint=f"declare {member} as a matrix of zeros and ones, or multiply by a 0-1 vector")  # fmt: skip


def _pairs(scope: Scope, sign: str, node: Ast, n: Dim) -> int:
    """The matrix of zeros and ones over two indices of one range, of n values."""
    eye, ones = scope.put("eye", (), None, Type("m", n, n), node), scope.put("ones", (), None, Type("m", n, n), node)
    lower = scope.apply("tril", (ones,), node) if "<" in sign or ">" in sign else eye
    made = {
        "=": lambda: eye,
        "!=": lambda: scope.apply("sub", (ones, eye), node),
        "<": lambda: scope.apply("sub", (ones, lower), node),
        "<=": lambda: scope.apply("T", (lower,), node),
        ">": lambda: scope.apply("sub", (lower, eye), node),
        ">=": lambda: lower,
    }
    return made[sign]()


def guarded(scope: Scope, op: str, f: Family, node: Ast) -> Family:
    """The argument of a function that is not smooth everywhere, with a harmless value where the sums around leave terms out:
    ``\\sum_{i \\ne j} \\|x_i - x_j\\|`` takes no root of 0."""
    row = TABLE[op]
    if not scope.masks or not (row.domain or row.kink or row.breaks) or f.inner != "s":
        return f
    for core, rest, labels in scope.masks:
        if set(labels) <= set(f.labels):
            mask, free = (spread(scope, Family(x, labels, "s"), f.labels, f, node) for x in (core, rest))
            value = INSIDE.get(row.domain)
            if value is not None:
                free = scope.apply("scale", (scope.put("num", (), value, SCALAR, node), free), node)
            kept = scope.apply("hadamard", (mask, f.core), node)
            f = f._replace(core=scope.apply("add", (kept, free), node), parts=(-1, ()))
    return f


def complement(scope: Scope, r: Relation, f: Family, node: Ast) -> int:
    """1 - f of a relation between two indices, where it is written shortest: 1 - (1 - I) is I."""
    both = r.left.kind == r.right.kind == "name"
    return _pairs(scope, OPPOSITE[r.sign], node, scope.type(f.core)[1]) if both else opposite(scope, f, node).core
