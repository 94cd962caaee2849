"""Typing of each kind of syntax node: which operator it is, for the kinds of its operands."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce as fold

from matcalc.expr import dims
from matcalc.expr.errors import AmbiguityError, NoRuleError, ParseError, ShapeError, bracketed, instead
from matcalc.expr.groups import CALLED_PAIRWISE, CARRIED
from matcalc.expr.table import CALLS, SCALAR, SYNONYMS, TABLE, Op, Type
from matcalc.notation.kinds.written import is_vectorial
from matcalc.notation.lex.habits import BY_SIZE, FUNCTION_LETTERS, NORMAL, TIME
from matcalc.notation.lex.syntax import BRAKET, CALLED, DIAGONAL, EACH, FRACTION, Ast, walk
from matcalc.notation.meaning import broadcasting, carried_functions, formula_calls
from matcalc.notation.meaning.block_matrices import blocks, index
from matcalc.notation.meaning.broadcasting import product
from matcalc.notation.meaning.builders import BUILDERS, unit_vector
from matcalc.notation.meaning.conventions import look_up
from matcalc.notation.meaning.hints import in_brackets
from matcalc.notation.meaning.norms import norm, which_norm
from matcalc.notation.meaning.operations import negated, pairwise
from matcalc.notation.meaning.powers import power
from matcalc.notation.meaning.tape import Scope, Typed, read_size
from matcalc.notation.meaning.unknown import primed, two_sigmas, unknown_function
from matcalc.notation.parse.indices import POSITIVE


def infer(scope: Scope, node: Ast) -> int:
    """Index on the tape of the typed node."""
    index = _HANDLERS[node.kind](scope, node)
    if scope.bound:
        scope.readings[id(node)] = node, index  # the node too: its id is its own as long as it is kept
    return index


def _num(scope: Scope, node: Ast) -> int:
    return scope.put("num", (), node.value, SCALAR, node)


def _name(scope: Scope, node: Ast) -> int:
    if node.value in scope.declared and node.value in CALLS:
        raise AmbiguityError(
            f"'{node.value}' is both a declared object and a function", span=node.span, hint="declare it under another name"
        )
    i = look_up(scope, node.value, node)
    if (scope.spans[i][0], scope.spans[i][1]) != node.span:
        entry = scope.tape[i]
        return scope.put("copy", (i,), None, entry.type, node)  # keeps the span of this use for messages
    return i


def _neg(scope: Scope, node: Ast) -> int:
    return negated(scope, infer(scope, node.args[0]), node)


def _sum(scope: Scope, node: Ast) -> int:
    """A sum of terms; in Python with broadcasting."""
    combined = broadcasting.entries if node.kind == "npsum" else pairwise
    total = infer(scope, node.args[0])
    if node.value[0] == "-":
        total = negated(scope, total, node.args[0])
    for sign, term in zip(node.value[1:], node.args[1:], strict=True):
        right = infer(scope, term)
        at = node if term is node.args[-1] else node._replace(end=term.end)
        total = combined(scope, broadcasting.ENTRIES[sign], total, right, at)
    return total


def _prod(scope: Scope, node: Ast) -> int:
    total = infer(scope, node.args[0])
    folded = False
    for op, factor in zip(node.value, node.args[1:], strict=True):
        right = infer(scope, factor)
        if op in (".*", "./"):
            _refuse_mixed(scope, node, node.args[node.args.index(factor) - 1], factor, op)
        if op == "/" and node.mark in (EACH, DIAGONAL) and scope.type(right)[0] == "c":
            scope.warnings.append(f"{scope.source[node.start : factor.end]} of a vector is read as the quotient of each entry")
            op = "./"
        whole = node.mark in (FRACTION, CALLED)
        at = node if whole else Ast(node.kind, node.args[0].start, factor.end, node.args, node.value, node.mark)
        left = scope.tape[total]
        if op in FOLDED and left.op == "scale" and left.type[0] != "s" != scope.type(right)[0] and folded:
            inner = product(scope, op, left.args[1], right, at)  # 2*A*x is 2*(A*x): scalars stay in front
            total = scope.apply("scale", (left.args[0], inner), at)
        else:
            total = product(scope, op, total, right, at)
        folded = True
    return total


FOLDED = frozenset(("*", "times", " ", "@", "dot", "np*", "np*@", "np@"))


def _refuse_mixed(scope: Scope, node: Ast, left: Ast, right: Ast, op: str) -> None:
    """A ⊙ B C without brackets: the entrywise product first, or the matrix product?"""
    for side in (left, right):
        bare = side.kind == "prod" and " " in side.value and side.start == side.args[0].start
        if bare and sum(scope.type(infer(scope, a))[0] != "s" for a in side.args) > 1:
            nearest = (side.args[-1], right) if side is left else (left, side.args[0])
            if not _alike(*(scope.type(infer(scope, a)) for a in nearest)):
                continue
            parts = (*side.args[-2:], right) if side is left else (left, *side.args[:2])
            a, b, c = (scope.source[x.start : x.end] for x in parts)
            one, two = f"({a}*{b}) {op} {c}", f"{a}*({b} {op} {c})"
            if side is right:
                one, two = f"({a} {op} {b})*{c}", f"{a} {op} ({b}*{c})"
            raise AmbiguityError(
                f"an entrywise product beside a matrix product has two readings: {one} or {two}",
                span=(left.start, right.end),
                hint="add parentheses",
                ways=[bracketed((parts[k].start, parts[k + 1].end)) for k in (0, 1)],
            )


def _alike(a: Type, b: Type) -> bool:
    """Whether an entrywise product of the two could be meant: not of a matrix and a column, nor of two declared sizes."""
    if a.kind == "s" or b.kind == "s":
        return True
    fits = [
        dims.walk(m) == dims.walk(n) or not isinstance(m, str) or not isinstance(n, str) for m, n in zip(a[1:], b[1:], strict=True)
    ]
    return a.kind == b.kind and all(fits)


def _transpose(scope: Scope, node: Ast) -> int:
    i = infer(scope, node.args[0])
    kind = scope.type(i)[0]
    if kind in "sm" and "T" in scope.declared and scope.declared["T"].kind == "s" and node.value == "^":
        name, turned = scope.text(i), rf"{scope.text(i)}^\top" if scope.latex else f"{scope.text(i)}'"
        raise AmbiguityError(
            f"'{scope.source[node.start : node.end]}' has two readings: {name} transposed, or to the power of the declared T",
            span=node.span, hint=f"write {turned} for the transpose, or give the number T another name",
            ways=[instead(node.span, turned)],
        )  # fmt: skip
    return i if kind == "s" else scope.apply("T", (i,), node)


def _call(scope: Scope, node: Ast) -> int:
    name, order = node.value
    name = name.rstrip(".")  # exp.(X): of each entry
    if name == "norm" and len(node.args) == 2:
        return norm(scope, node._replace(args=node.args[:1], value=which_norm(node.args[1])))
    if name == "norminf" and len(node.args) == 1:
        return norm(scope, node._replace(value="inf"))
    if formula_calls.knows(scope, node):
        return formula_calls.apply(scope, node)
    name = SYNONYMS.get(name, name)
    if node.mark in READ_AS:
        scope.warnings.append(READ_AS[node.mark])
    if name in BUILDERS:
        return BUILDERS[name](scope, node)
    if name == "normal":
        raise NoRuleError("a normal distribution is no value", span=node.span,
                          hint=r"write its density, \mathcal N(x|\mu,\Sigma)")  # fmt: skip
    arguments = tuple([infer(scope, a) for a in node.args])
    if len(arguments) == 1 and scope.type(arguments[0])[0] == "s" and name in TABLE and TABLE[name].gate == "routes-entry":
        scope.warnings.append(f"the {name} of a number is that number: what is differentiated is the function behind it")
        return arguments[0]
    if node.mark == POSITIVE:
        shown = scope.source[node.start : node.end]
        scope.warnings.append(f"'{shown}' is read as the positive part max({scope.text(arguments[0])}, 0)")
    if node.value[0] in scope.own:
        from matcalc.notation.meaning.user_functions import apply

        return apply(scope, node, arguments)
    if name in scope.operators and not order:
        return _known(scope, name, arguments, node)
    if scope.in_row and name in CARRIED:
        return scope.apply(name, arguments, node)
    if carried_functions.is_one(scope, name):
        return carried_functions.apply(scope, node, arguments)
    return _of_each_entry(scope, node, name, arguments)


def _of_each_entry(scope: Scope, node: Ast, name: str, arguments: tuple[int, ...]) -> int:
    """A function that nobody defined: a known one, or one that acts on each entry."""
    order = node.value[1]
    if node.value[0] in scope.known_functions:
        return _generic(scope, node, node.value[0], order, arguments)
    if name in CALLS and not order:
        return _known(scope, name, arguments, node)
    if name == "sigma" and not order:
        scope.warnings.append("σ(…) is read as the logistic sigmoid; functions={'sigma': …} says otherwise")
        return scope.apply("sigmoid", _one(scope, node, arguments), node)
    if name == "sigma" and any(n.kind == "call" and n.value == ("sigma", 0) for s in scope.statements for n in walk(s.body)):
        raise two_sigmas(scope, node)
    if len(name) == 1 or name in FUNCTION_LETTERS:
        return _generic(scope, node, name, order, arguments)
    raise primed(scope, node, name) if order and name in CALLS else unknown_function(scope, node, name)


_FUNCTION = "is read as the {0} of the standard normal distribution; functions={{'{1}': None}} says otherwise"
READ_AS = {
    "\\": r"A \ b is read as inv(A)*b, the solution of a system of equations",
    "Phi": "Φ(…) " + _FUNCTION.format("distribution function", "Phi"),
    **{name: "φ(…) " + _FUNCTION.format("density", name) for name in NORMAL - {"Phi"}},
}


def _keyword(scope: Scope, node: Ast) -> int:
    raise ParseError(
        f"'{scope.source[node.start : node.end]}' is not an argument that this function has",
        span=node.span,
        hint="named arguments are understood as in sum(X, axis=0), softmax(X, axis=0), layernorm(x, eps=1e-5)",
    )


def _generic(scope: Scope, node: Ast, name: str, order: int, arguments: tuple[int, ...]) -> int:
    (only,) = _one(scope, node, arguments)
    if name in scope.symbols:
        raise AmbiguityError(
            f"'{name}' is a value and a function here", span=node.span,
            hint=f"write {name}*(…) for a product, or give the value another name",
        )  # fmt: skip
    scope.generic[name] = None
    return scope.apply("fn", (only,), node, (name, order))


def _one(scope: Scope, node: Ast, arguments: tuple[int, ...]) -> tuple[int]:
    if len(arguments) != 1:
        raise ParseError(
            f"{node.value[0]} takes 1 argument, {len(arguments)} given", span=node.span, hint=f"write {node.value[0]}(x)"
        )
    return (arguments[0],)


def _known(scope: Scope, name: str, arguments: tuple[int, ...], node: Ast) -> int:
    rows = scope.operators.get(name) or CALLS[name]
    fitting = [r for r in rows if r.arity == len(arguments)]
    if not fitting:
        need = " or ".join(str(a) for a in sorted({r.arity for r in rows}))
        message = f"{name} takes {need} argument{'' if need == '1' else 's'}, {len(arguments)} given"
        raise ParseError(message, span=node.span, hint=f"write {name}({', '.join('ABC'[: rows[0].arity])})")
    if len(arguments) == 2 and fitting[0].name in CALLED_PAIRWISE:
        return pairwise(scope, fitting[0].name, *arguments, node)
    kinds = "".join(scope.type(i)[0] for i in arguments)
    op = next((r for r in fitting if kinds in r.alternatives), fitting[0])
    if scope.python.upright:
        broadcasting.refuse_upright(scope, op.name, arguments, node)
    power = scope.original(arguments[0])
    if op.name == "tr" and power.op == "mpow":
        return scope.apply("trpow", power.args, node, power.attr)
    if op.name == "tr" and power.op == "powm":
        return scope.apply("trpowm", power.args, node)
    if (scope.latex or node.mark == "e") and op.twin and kinds == "m" and not (node.value[1] or node.value[0].endswith(".")):
        if _is_of_matrix(scope, arguments[0]):
            entries = rf"\operatorname{{{op.name}}}.(…)" if scope.latex else f"{op.name}(…)"
            said = f"is read as the matrix function {op.twin}; {entries} is of each entry"
            scope.warnings.append(f"'{scope.source[node.start : node.end]}' {said}")
            return scope.apply(op.twin, arguments, node)
        _ask_about_matrix_function(scope, op, arguments[0], node)
    if op.name == "kron" and kinds in ("cr", "rc"):
        column, row = arguments if kinds == "cr" else arguments[::-1]
        return scope.apply("matmul", (column, row), node)
    if op.name == "kron" and "s" in kinds:
        return product(scope, "*", arguments[0], arguments[1], node)
    if op.name == "vec" and kinds == "s" and not scope.in_row:
        return arguments[0]
    if op.name == "inv" and kinds == "s":
        one = scope.put("num", (), Fraction(1), SCALAR, node)
        return scope.apply("div", (one, arguments[0]), node)
    return scope.apply(op.name, arguments, node)


def _is_of_matrix(scope: Scope, i: int) -> bool:
    """``e^{At}``, a matrix and the time; and a matrix with a declared property that only square ones have."""
    entry, timed = scope.original(i), False
    while entry.op in ("scale", "div", "neg"):
        factor = scope.original(entry.args[0 if entry.op == "scale" else -1])
        timed |= entry.op == "scale" and factor.op == "sym" and factor.attr in TIME
        entry = scope.original(entry.args[0 if entry.op == "div" else -1])
    return timed or (entry.op == "sym" and entry.attr in scope.square)


def _ask_about_matrix_function(scope: Scope, op: Op, argument: int, node: Ast) -> None:
    """``\\exp(X)``, ``e^X`` of a square matrix: of the matrix, or of each entry? Asked when the sizes are known."""
    text, source, span = scope.text(argument), scope.source[node.start : node.end], node.span
    text = text[1:-1] if (text.startswith("{") and text.endswith("}")) or (text.startswith("(") and in_brackets(text)) else text
    latex = (rf"\operatorname{{{op.twin}}}({text})", rf"\operatorname{{{op.name}}}.({text})")
    whole, each = latex if scope.latex else (f"{op.twin}({text})", f"{op.name}({text})")

    def question() -> AmbiguityError | None:
        _, rows, cols = scope.type(argument)
        rows, cols = dims.walk(rows), dims.walk(cols)
        if rows != cols and not isinstance(rows, dims.Var) and not isinstance(cols, dims.Var):
            return None
        what = "square matrix" if rows == cols else "matrix that may be square"
        return AmbiguityError(
            f"'{source}' of a {what} has two readings: the matrix function {op.twin}, or {op.name} of each entry",
            span=span, hint=f"write {whole} or, for the entries, {each}", ways=[instead(span, whole), instead(span, each)],
        )  # fmt: skip

    scope.deferred.append(question)


def _bars(scope: Scope, node: Ast) -> int:
    i = infer(scope, node.args[0])
    kind, rows, cols = scope.type(i)
    if kind == "s":
        return scope.apply("abs", (i,), node)
    if kind == "m" and (dims.walk(rows) == dims.walk(cols) or dims.Var in (type(dims.walk(rows)), type(dims.walk(cols)))):
        return scope.apply("det", (i,), node)
    text = scope.text(i)
    if kind == "m":  # not square, so not a determinant
        return scope.apply("abs", (i,), node)
    if node.mark == "number" or is_vectorial(node.args[0]):
        scope.warnings.append(f"|{text}| of a vector is read as its norm; abs({text}) is of each entry")
        return scope.apply("norm2", (i,), node)
    raise AmbiguityError(
        f"|{text}| has two readings: the norm or the absolute value of each entry",
        span=node.span,
        hint=f"write norm2({text}) (‖·‖) or abs({text})",
        ways=[instead(node.span, way) for way in _norm_or_abs(scope, text)],
    )


def _norm_or_abs(scope: Scope, x: str) -> tuple[str, str]:
    return (rf"\|{x}\|", rf"\operatorname{{abs}}({x})") if scope.latex else (f"norm2({x})", f"abs({x})")


def _angle(scope: Scope, node: Ast) -> int:
    if node.mark == BRAKET:
        scope.warnings.append("⟨…| is read as a transpose, for numbers are real here: ⟨x|A|y⟩ is xᵀ A y")
    left, right = infer(scope, node.args[0]), infer(scope, node.args[1])
    if scope.type(left)[0] == "c" and scope.type(right)[0] == "c":
        return scope.apply("matmul", (scope.apply("T", (left,), node), right), node)
    both = scope.apply("scale" if scope.type(left)[0] == scope.type(right)[0] == "s" else "hadamard", (left, right), node)
    return both if scope.type(both)[0] == "s" else scope.apply("sum", (both,), node)


def _index(scope: Scope, node: Ast) -> int:
    r"""``I_n``, ``I_{n \times n}``, ``\mathbf{1}_n`` and ``\mathbf{0}_{m \times n}``: sizes as subscript; ``\mathbf{e}_1``."""
    base, *entries = node.args
    if any(a.kind == "label" for a in entries):
        return _family(scope, node)
    places = node.value == "," or any(a.value == ":" for a in entries)  # I_{:,1} and I_{\cdot 1} are columns
    if base.kind != "name" or base.value not in BY_SIZE or base.value in scope.declared or places:
        return index(scope, node)
    if base.value == "evec":
        return unit_vector(scope, node, entries[0])
    axes = entries[0].args if entries[0].kind == "prod" and entries[0].value in (("*",), ("times",)) else None
    if axes:
        m, n = (read_size(scope, a) for a in axes)
        if base.value != "I":
            return scope.put(LEAVES[base.value], (), None, Type("m", m, n), node)
        if not scope.unifier.unify(m, n):
            message = f"an identity is square, and '{scope.source[node.start : node.end]}' is [{dims.text(m)}×{dims.text(n)}]"
            raise ShapeError(message, span=node.span, hint="write I_n for the identity of size n")
    size = fold(dims.mul, [read_size(scope, a) for a in (axes[:1] if axes else entries)])
    if base.value == "I":
        return scope.put("eye", (), None, Type("m", size, size), node)
    return scope.put(LEAVES[base.value], (), None, Type("c", size, 1), node)


LEAVES = {"1vec": "ones", "0vec": "zeros"}


def _unsupported(scope: Scope, node: Ast) -> int:
    words = {"bigop": "sums over an index", "string": "einsum"}
    raise NoRuleError(
        f"{words.get(node.kind, node.kind)} ('{scope.source[node.start : node.end]}') cannot be read yet",
        span=node.span,
        hint="write the expression in matrix form, such as sum(x) or ones(n)'*x",
    )


def _bigop(scope: Scope, node: Ast) -> int:
    from matcalc.notation.sums.families import bigop

    return bigop(scope, node)


def _family(scope: Scope, node: Ast) -> int:
    """What integer labels select, outside of sums."""
    from matcalc.notation.sums.families import apart

    return apart(scope, node)


_HANDLERS: dict[str, Typed] = {
    "num": _num,
    "name": _name,
    "neg": _neg,
    "sum": _sum,
    "npsum": _sum,
    "prod": _prod,
    "pow": power,
    "T": _transpose,
    "call": _call,
    "keyword": _keyword,
    "bars": _bars,
    "norm": norm,
    "angle": _angle,
    "index": _index,
    "bigop": _bigop,
    "indicator": _family,
    "blocks": blocks,
    "string": _unsupported,
}
