"""What a name in the text stands for: a parameter, a definition, a declared object, a constant, or a letter by convention."""

from __future__ import annotations

from matcalc.expr import nodes
from matcalc.expr.errors import ShapeError
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.habits import PI
from matcalc.notation.lex.syntax import DIGIT, Ast
from matcalc.notation.meaning.conventions import conventional, refuse_unbound
from matcalc.notation.meaning.tape import Scope


def look_up(scope: Scope, text: str, at: Ast) -> int:
    if text in scope.frame:
        return scope.frame[text]
    if text in scope.values:
        return scope.values[text]
    if text in scope.symbols:
        return scope.symbols[text]
    if text in scope.declared:
        return symbol(scope, text, scope.declared[text], at)
    if text in scope.sizes:
        return scope.put("dim", (), text, SCALAR, at)
    if text in PI and scope.letters().kinds.get(text, "s") == "s":
        return scope.put("const", (), "pi", SCALAR, at)
    if text in ("eye", "I"):
        n = scope.unifier.fresh()
        return scope.put("eye", (), None, Type("m", n, n), at)
    if text == "1vec":
        scope.warnings += ["1 is read as the vector of ones"] * (at.mark == DIGIT)
        return scope.put("ones", (), None, Type("c", scope.unifier.fresh(), 1), at)
    if text in scope.slices and (chosen := selected(scope, text, at)) is not None:
        return chosen
    if ("_" in text or "^" in text) and text not in scope.apart:
        refuse_unbound(scope, text, at)
    return symbol(scope, text, conventional(scope, text, at), at)


def symbol(scope: Scope, text: str, type: Type, at: Ast) -> int:
    if text in scope.square and type.kind == "m" and not scope.unifier.unify(type.rows, type.cols):
        raise ShapeError(
            f"'{text}' is declared square by its property, and its sizes are {nodes.size_text(type)}",
            span=at.span, hint="declare equal sizes, or drop the property",
        )  # fmt: skip
    index = scope.put("sym", (), text, type, at)
    scope.symbols[text] = index
    return index


def selected(scope: Scope, token: str, at: Ast) -> int | None:
    """``u_o`` where it is U[:,o] and o is a declared vector: the column that the one-hot o selects, U o."""
    array, places = scope.slices[token]
    chosen = [p for p in places if p in scope.declared and scope.declared[p].kind == "c"]
    if len(chosen) != 1 or any(p != ":" and p not in chosen for p in places):
        return None
    scope.warnings.append(f"'{token}' is the part of {array} that the one-hot vector {chosen[0]} selects")
    i, o = look_up(scope, array, at), look_up(scope, chosen[0], at)
    row = places[0] != ":" or scope.type(i).kind == "c"
    return scope.apply("matmul", (scope.apply("T", (i,), at) if row else i, o), at)
