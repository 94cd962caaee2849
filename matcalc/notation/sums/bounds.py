"""The indices of a big operator: which names they stand in, and between which limits they run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ParseError, ShapeError, Way, instead
from matcalc.notation.kinds.letter_habits import usual_kind
from matcalc.notation.kinds.written import JOINED
from matcalc.notation.lex.latex_names import slice_bases
from matcalc.notation.lex.syntax import Ast, Binder, walk
from matcalc.notation.meaning.tape import Scope, read_size
from matcalc.notation.sums.family import Family, axis_size

_OWN_INDEX = re.compile(r"_([a-z]+)\)?\Z")


def places_of(scope: Scope, name: str) -> tuple[str, ...] | None:
    """Indices that a name stands for: those of a declared slice, or those in the name of a declared array (π_k, X_ij)."""
    if name in scope.slices:
        return scope.slices[name][1]
    m = _OWN_INDEX.search(name) if name in scope.declared else None
    if m and set(m[1]) <= scope.bound and len(m[1]) == {"c": 1, "m": 2}.get(scope.declared[name].kind, 0):
        return tuple(m[1])
    return None


def counts(bodies: Iterable[Ast], slices: Mapping[str, tuple[str, tuple[str, ...]]]) -> frozenset[str]:
    """The names n of Σ_{i=1}^n over entries: they count these, so they are sizes wherever else they stand."""
    found: set[str] = set()
    todo = list(bodies)
    while todo:
        node = todo.pop()
        todo.extend(a for a in node.args if isinstance(a, Ast))
        binder = node.value[1] if node.kind == "bigop" else None
        if binder is None or binder.upper is None:
            continue
        names = _factors(binder.upper) if binder.lower is None or (binder.lower.kind == "num" and binder.lower.value > 0) else []
        if names and any(_has_entry(a, binder.names, slices) for a in node.args):
            found.update(names)
    return frozenset(found)


def _factors(upper: Ast) -> list[str]:
    """n of n and 2n."""
    if upper.kind == "sum":  # n - 1
        upper = Ast("prod", upper.start, upper.end, upper.args, (" ",))
    parts = upper.args if upper.kind == "prod" and set(upper.value) <= {" ", "*"} else (upper,)
    return [str(p.value) for p in parts if p.kind == "name"] if all(p.kind in ("name", "num") for p in parts) else []


def _has_entry(node: Ast, names: tuple[str, ...], slices: Mapping[str, tuple[str, tuple[str, ...]]]) -> bool:
    """Whether an operand has one of the indices."""
    if node.kind == "index" and any(n.kind == "name" and n.value in names for a in node.args[1:] for n in walk(a)):
        return True
    if node.kind == "name" and node.value in slices:
        return bool(set(names).intersection(slices[node.value][1]))
    if node.kind == "name" and node.value.endswith(tuple([f"^({n})" for n in names])):  # x^{(i)}
        return True
    return any(isinstance(a, Ast) and _has_entry(a, names, slices) for a in node.args)


def template(scope: Scope, base: str, count: int) -> tuple[str, tuple[str, ...]] | None:
    """x_j where x_i was said to be X[i,:]."""
    for token, (array, places) in scope.slices.items():
        if base in slice_bases(token) and sum(p != ":" for p in places) == count:
            return array, places
    return None


def mentions(scope: Scope, node: Ast) -> bool:
    """Whether an index of the sums around occurs; a sum inside has its own, also of the same name."""
    if node.kind == "bigop" and scope.bound.intersection(node.value[1].names):
        outside = scope.bound
        scope.bound = outside.difference(node.value[1].names)
        try:
            return any(mentions(scope, a) for a in node.args)
        finally:
            scope.bound = outside
    if node.kind == "name":
        return node.value in scope.bound or bool(set(places_of(scope, node.value) or ()) & scope.bound)
    if node.kind == "label":
        return bool(scope.bound.intersection(node.value[1]))
    return any(isinstance(a, Ast) and mentions(scope, a) for a in node.args)


def other_count(scope: Scope, core: int, places: tuple[str, ...], node: Ast) -> MatcalcError:
    """An array with more or fewer indices than it has axes."""
    kind, count, name = scope.type(core).kind, len(places), scope.text(core).lstrip("\\")
    if kind == "t" and count == 1:
        return _stack(scope, node)
    token, given = scope.source[node.start : node.end].lstrip("\\"), "one index" if count == 1 else f"{count} indices"
    hint = f"declare {name} with its sizes: --dim {name}={','.join('nmpq'[:count])}"
    ways: list[Way] = []
    if kind == "m" and count == 1:
        array = name.upper() if len(name) == 1 and name not in scope.declared else name
        hint = f"say which slice '{token}' is: --index {token}={array}[{places[0]},:] for a row"
        ways = _row_way(scope, node)
        ways += [{"index": {token: f"{array}[{part}]"}} for part in (f"{places[0]},:", f":,{places[0]}")]
    error = ShapeError(f"'{name}' is {scope.size(core)} and has {given} here", span=node.span, hint=hint)
    error.ways = tuple(ways)
    return error


def _row_way(scope: Scope, node: Ast) -> list[Way]:
    r"""``W_j v`` as ``W_{j\cdot} v``, in LaTeX, where nothing stands before it as in ``x^T A_k x``."""
    products = (n for s in scope.statements for b in (s.body, *s.others) for n in walk(b) if n.kind == "prod")
    first = any(n.args[0][:3] == node[:3] for n in products)
    if not (first and scope.latex and node.kind == "index" and len(node.args) == 2):
        return []
    base, k = (scope.source[n.start : n.end].strip("{}") for n in node.args)
    return [instead(node.span, rf"{base}_{{{k}\cdot}}")]


def _stack(scope: Scope, node: Ast) -> NoRuleError:
    """A matrix for each index, ``\\Sigma_k``; the term of a sum over k is read, and a row of a matrix."""
    token = scope.source[node.start : node.end]
    bodies = [b for s in scope.statements for b in (s.body, *s.others)]
    sums = [n for b in bodies for n in walk(b) if n.kind == "bigop" and n.start <= node.start and node.end <= n.end]
    one = sums[0] if len(sums) == 1 else None  # of several, what is left of the others has no meaning by itself
    ways = []
    if one is not None and any(_is_term(one, b) for b in bodies):
        said = scope.source[one.args[0].start : one.args[0].end]
        ways.append(f"derivatives of a sum are the sums of those of its terms: write {said}")
    elif one is not None:
        ways.append("give each term of the sum names of its own, with numbers below, and add them up")
    if scope.latex and node.args and len(node.args[0].value) == 1 and node.args[0].value not in scope.declared:
        base, k = (scope.source[n.start : n.end] for n in node.args[:2])
        ways.insert(0, rf"where '{token}' is a row, {base}_{{{k}\cdot}} says so")
    span = node.span if one is None else one.span
    error = NoRuleError(f"'{token}' is a matrix for each index, and sums over such stacks are not read", span=span,
                        hint="; ".join(ways) or None)  # fmt: skip
    error.ways = tuple(_row_way(scope, node))
    return error


def _is_term(node: Ast, root: Ast) -> bool:
    """Whether it stands in no function: differentiation goes into it."""
    return node is root or (root.kind in JOINED and any(_is_term(node, a) for a in root.args if isinstance(a, Ast)))


def refuse_as_entry(scope: Scope, node: Ast) -> None:
    """``x_i`` where a vector must stand, in ``w^T x_i`` or ``x_i^T``, and nobody said what x is. Raises ``AmbiguityError``."""
    stack = [node]
    while stack:
        at = stack.pop()
        stack += [a for a in at.args if isinstance(a, Ast)]
        if at.kind != "index" or len(at.args) != 2 or at.args[0].kind != "name" or not mentions(scope, at):
            continue
        base, label = at.args[0].value, scope.source[at.args[1].start : at.args[1].end].strip("{} ")
        if base in scope.declared or base in scope.values or template(scope, base, 1) is not None:
            continue
        if scope.letters().members.get((base, 1), ("",))[0] == "m":
            raise _stack(scope, at)
        token, array = f"{base}_{label}", base.upper() if base.islower() and len(base) == 1 else f"{base}s"
        raise AmbiguityError(
            f"'{token}' has two readings: an entry of one vector {base}, or one of several vectors, as it stands here",
            span=at.span,
            hint=f"say that it is a row of a matrix: --index {token}={array}[{label},:] "
            f"(index={{'{token}': '{array}[{label},:]'}}), "
            f"or declare the vector {base}: --dim {base}=n (dims={{'{base}': ('n',)}})",
            ways=[{"index": {token: f"{array}[{label},:]"}}, {"dims": {base: ("n",)}}],
        )


def is_guess(scope: Scope, exponent: int) -> bool:
    """Whether the exponent is a letter that is a number only since it is an exponent."""
    entry = scope.original(exponent)
    return entry.op == "sym" and entry.attr not in scope.declared and usual_kind(entry.attr) != "s"


def refuse_exponent(scope: Scope, exponent: int, node: Ast) -> None:
    """``x_i^w`` under a sum, where w is no scalar. Raises ``AmbiguityError`` for an undeclared letter, else ``ShapeError``."""
    base, power, span = node.args[0], scope.text(exponent).strip("{} "), node.span
    entry, named = scope.original(exponent), base.kind == "index" and len(base.args) == 2 and base.args[0].kind == "name"
    if entry.op == "sym" and entry.attr not in scope.declared and named:
        letter, label = base.args[0].value, scope.source[base.args[1].start : base.args[1].end].strip("{} ")
        token, array = f"{letter}_{label}^{power}", letter.upper() if letter.islower() and len(letter) == 1 else f"{letter}s"
        raise AmbiguityError(
            f"'{token}' has two readings: a power, or {letter}_{label} of the kind '{power}'", span=span,
            hint=f"declare the exponent: --dim {power}= (dims={{'{power}': ()}}), or say what it is: --index "
            f"'{token}={array}[{label},:]' for a row, '{token}={letter}[{label}]' for an entry (index={{'{token}': …}})",
            ways=[{"dims": {power: ()}}, {"index": {token: f"{letter}[{label}]"}}, {"index": {token: f"{array}[{label},:]"}}],
        )  # fmt: skip
    raise ShapeError(f"the exponent '{power}' is {scope.size(exponent)}, not a scalar", span=span,
                     hint="with an index it is the exponent of each: x_i^{w_i}")  # fmt: skip


def refuse_taken(scope: Scope, binder: Binder, node: Ast) -> None:
    for index in binder.names:
        if binder.names.count(index) > 1:
            raise ParseError(f"the index '{index}' is bound twice by this sum", span=node.span, hint="name it once")
        if index in scope.values or (index in scope.declared and index in scope.symbols):
            raise ParseError(f"'{index}' is both a summation index and a value", span=node.span,
                             hint="use another index")  # fmt: skip


def check_bounds(scope: Scope, body: Family, binder: Binder, node: Ast) -> None:
    """Σ from 1 to N over an axis of size n: N and n must be the same."""
    lower = binder.lower.value if binder.lower is not None and binder.lower.kind == "num" else binder.lower or 1
    whole = all(index in body.labels for index in binder.names)
    if lower != 1 and not (lower == 0 and whole):
        raise NoRuleError("a sum over a part of an axis has no matrix form here", span=node.span,
                          hint="sum from 1, or declare the part as an array of its own")  # fmt: skip
    if binder.upper is not None and mentions(scope, binder.upper):
        raise NoRuleError("a sum up to another index has no matrix form here", span=node.span,
                          hint=r"declare a matrix M of zeros and ones, and write \sum_{(i,j) \in M}")  # fmt: skip
    for index in binder.names:
        if binder.upper is not None and index in body.labels:
            _check_upper(scope, axis_size(scope, body, index), index, bool(lower), node)


def _check_upper(scope: Scope, size: Dim, index: str, from_one: bool, node: Ast) -> None:
    try:
        upper = read_size(scope, node.value[1].upper, differences=not from_one)
    except MatcalcError as error:
        raise NoRuleError("a sum over a part of an axis has no matrix form here", span=error.span or node.span,
                          hint="declare the part as an array of its own") from None  # fmt: skip
    if not from_one and dims.walk(size) == dims.walk(upper):
        scope.warnings.append(f"the sum from 0 to {dims.text(upper)} is read as a sum over all {dims.text(size)} entries")
        return
    count, known = (upper if from_one else dims.add(upper, 1)), dims.text(size)
    if not scope.unifier.unify(count, size):
        names = ", ".join(sorted(set(_bases(scope, node.args[0], index))))
        runs = f"the sum runs to {dims.text(upper)}" if from_one else f"the sum has {dims.text(count)} terms"
        raise ShapeError(
            f"{runs}, and {names} {'have' if ',' in names else 'has'} {dims.text(size)} entries along {index}",
            span=node.span, hint=f"declare the sizes equal, or write {_unlimited(scope, node)}",
        )  # fmt: skip
    if not from_one:
        number = dims.text(count)
        entries = f"all {number} entries" if known == number else f"{number} entries" if known == "?" else f"{known} = {number}"
        scope.warnings.append(f"the index {index} runs from 0 to {dims.text(upper)}: {entries}")


def identity_or_matrix(scope: Scope, node: Ast, letters: Sequence[str]) -> AmbiguityError:
    """``I_{ij}``: an entry of the identity, where both indices run to the same end, or of a matrix of that name."""
    binders = [n.value[1] for s in scope.statements for n in walk(s.body) if n.kind == "bigop"]
    ends = [next((b.upper for b in binders if x in b.names and b.upper), None) for x in letters]
    sizes = tuple(new if e is None else scope.source[e.start : e.end].strip("{} ") for e, new in zip(ends, "nmk", strict=False))
    places, shown = node.span, scope.source[node.start : node.end]
    one = rf"1\{{{'='.join(letters)}\}}"
    alike = len(set(sizes)) == 1 or None in ends
    return AmbiguityError(
        f"'{shown}' has two readings: an entry of the identity, or of a matrix that is called I", span=places,
        hint=f"declare the matrix: --dim I={','.join(sizes)}" + (f", or write {one} for the identity" if alike else ""),
        ways=[{"dims": {"I": sizes}}, instead(places, one)],
    )  # fmt: skip


def _unlimited(scope: Scope, node: Ast) -> str:
    """The sum without the ends of its indices."""
    return rf"\sum_{{{','.join(node.value[1].names)}}} {scope.source[node.args[0].start : node.end].strip()}"


def _bases(scope: Scope, node: Ast, index: str) -> list[str]:
    """The arrays that have the index, as they are called in the text."""
    if node.kind == "name":
        return [scope.slices.get(node.value, (node.value,))[0]] if index in (places_of(scope, node.value) or ()) else []
    if node.kind == "index" and node.args[0].kind == "name":
        return [node.args[0].value] if any(a.value == index for a in node.args[1:]) else []
    return [b for a in node.args if isinstance(a, Ast) for b in _bases(scope, a, index)]
