"""What an undeclared letter is: a matrix, a vector or a scalar, by its alphabet and by how it is used."""

from __future__ import annotations

import re

from matcalc.expr import nodes
from matcalc.expr.errors import AmbiguityError, ParseError, ShapeError, instead
from matcalc.expr.nodes import variable_shape
from matcalc.expr.table import CALLS, SCALAR, SYNONYMS, Type
from matcalc.notation.kinds.letter_habits import usual_kind
from matcalc.notation.lex.habits import PI, base_of, is_letter
from matcalc.notation.lex.latex_names import slice_bases, spellings
from matcalc.notation.lex.syntax import DIGIT, Ast, walk
from matcalc.notation.meaning.hints import nearest
from matcalc.notation.meaning.tape import Scope

NO_VALUES = {"EE": "expectations are", "RR": "sets of numbers are", "inf": "infinity is"}


def conventional(scope: Scope, text: str, at: Ast) -> Type:
    """Type by the first letter: capital Latin matrix, lower-case vector, Greek scalar. Raises ``ParseError``."""
    if text in scope.own or text in scope.known_functions or text in scope.generic or text in CALLS or text in SYNONYMS:
        raise ParseError(f"'{text}' is a function here, and needs an argument", span=at.span, hint=f"write {text}(x)")
    if text in NO_VALUES:
        raise ParseError(f"{NO_VALUES[text]} not part of the notation", span=at.span, hint="type the function itself")
    if at.mark == "operator":
        raise AmbiguityError(
            f"'{scope.source[at.start : at.end]}(…)' has two readings: an operator applied to what follows, or a product",
            span=at.span, hint="write the product with *, or declare the matrix: --dim NAME=n,m; an expectation, "
            "a projection or a remainder is not read",
        )  # fmt: skip
    if kind := _kind(scope, text):
        return _of_kind(scope, kind)
    known = ", ".join([*scope.declared, *scope.values]) or "none"
    near = nearest(text, [*scope.declared, *scope.values])
    raise ParseError(
        f"'{text}' is not declared (declared names: {known})",
        span=at.span,
        hint=(f"did you mean {near}? else " if near else "") + f"declare its sizes: --dim {text}=n,m or dims={{'{text}': …}}",
    )


def _kind(scope: Scope, text: str) -> str | None:
    """As the inference found it, or by the letter; None for a word that it has not met."""
    if text in scope.rows:
        return scope.rows[text]
    if text in scope.facts.kinds:
        return scope.facts.kinds[text]
    if text in scope.facts.qualities and text in scope.facts.matrices:
        return "m"
    found = scope.letters()
    if kind := found.kinds.get(text) or found.member_kind(base_of(text)):
        return kind
    letter = base_of(text).rstrip("0123456789")
    one = is_letter(text) or (len(letter) == 1 and letter.isalpha()) or text.endswith(("_hat", "_tilde", "_bar"))
    return usual_kind(text) if one else None


def refuse_unbound(scope: Scope, text: str, at: Ast) -> None:
    """``x_j`` where index= says what ``x_i`` is, or where x is declared, and no sum runs over j: no new symbol.

    Raises ``ParseError``, ``AmbiguityError``.
    """
    _refuse_number_beside_slice(scope, text, at)
    if "^" in text:
        _refuse_power_or_label(scope, text, at)
    base, _, label = text.partition("_")
    array = scope.declared[base].kind if base in scope.declared else "c" if base in {s.name for s in scope.statements} else "s"
    if (
        array != "s"
        and not _is_part(scope, base, text)
        and (label.isdigit() or len(label.strip("{}")) <= (2 if array == "m" else 1))
    ):
        entry = f"write {base}[{label}] for the first, " if label.isdigit() and array == "c" else ""
        raise AmbiguityError(
            f"'{text}' has two readings: an entry or a slice of {base}, or an object of its own",
            span=at.span,
            hint=f"{entry}declare '{text}' in dims for the second; an index that no sum binds has no value",
            ways=[*([instead(at.span, _entry(scope, base, label))] if entry else ()), {"dims": {text: ()}}],
        )
    for token, (array, places) in scope.slices.items():
        slice_of = base in slice_bases(token)
        if text == token or (slice_of and label.isalpha() and len(label) == sum(p != ":" for p in places)):
            raise ParseError(
                f"'{text}' has an index that no sum binds here, and '{token}' is a slice of {array}",
                span=at.span,
                hint=f"write \\sum_{{{label}}} in front, or declare '{text}' in dims if it is an object of its own",
            )


def _entry(scope: Scope, array: str, part: str) -> str:
    """How an entry or a slice is typed."""
    return rf"\left[{array}\right]_{{{part}}}" if scope.latex else f"{array}[{part}]"


def _is_part(scope: Scope, base: str, text: str) -> bool:
    """Whether ``x = [x_1; x_2]`` is made of it."""
    bodies = [s.body for s in scope.statements if s.name == base]
    return any(text in {n.value for n in walk(b) if n.kind == "name"} for b in bodies)


_NUMBERED, _LETTERED = (re.compile(rf"(.+?)([_^])\(?({label})\)?") for label in (r"\d+", r"[A-Za-z,]+"))


def _refuse_number_beside_slice(scope: Scope, text: str, at: Ast) -> None:
    """``x_1`` where index= says that ``x_i`` is a row of X: the first row, or an object of its own? Raises ``AmbiguityError``."""
    numbered = _NUMBERED.fullmatch(text)
    for token, (array, places) in scope.slices.items() if numbered else ():
        assert numbered is not None
        bases = {m.group(1, 2) for m in map(_LETTERED.fullmatch, spellings(token)) if m}
        if numbered.group(1, 2) in bases:
            count = sum(p != ":" for p in places)
            numbers = iter(numbered[3] if len(numbered[3]) == count else [numbered[3]] * count)
            part = ",".join([p if p == ":" else next(numbers) for p in places])
            raise AmbiguityError(
                f"'{text}' has two readings: {array}[{part}], as '{token}' is {array}[{','.join(places)}], or an object of its own",
                span=at.span,
                hint=rf"write \left[{array}\right]_{{{part}}} in LaTeX, {array}[{part}] else, for the first; "
                f"declare '{text}' in dims for the second",
                ways=[instead(at.span, _entry(scope, array, part))],
            )


def _refuse_power_or_label(scope: Scope, text: str, at: Ast) -> None:
    """``A^{(2)}`` where A is declared and ``A^{(2)}`` is not; ``z^{(i)}`` under a sum over i. Raises ``AmbiguityError``."""
    base, _, label = text.partition("^")
    index = label.strip("({})")
    if index in scope.bound:
        row = f"{base.upper() if base.islower() and len(base) == 1 else f'{base}s'}[{index},:]"
        raise AmbiguityError(
            f"'{text}' has two readings: an entry of one vector {base}, or one of several vectors, one for each {index}",
            span=at.span,
            hint=f"say that it is a row of a matrix: --index '{text}={row}' (index={{'{text}': '{row}'}}), "
            f"or an entry of a vector: --index '{text}={base}[{index}]' (index={{'{text}': '{base}[{index}]'}})",
            ways=[{"index": {text: row}}, {"index": {text: f"{base}[{index}]"}}],
        )
    if base in scope.declared:
        raise AmbiguityError(
            f"'{text}' has two readings: a power of {base}, or an object of its own",
            span=at.span, hint=f"write the power without brackets, or declare '{text}' in dims",
            ways=[instead(at.span, f"{base}^{{{index}}}"), {"dims": {text: variable_shape(scope.declared[base])}}],
        )  # fmt: skip


def _of_kind(scope: Scope, kind: str) -> Type:
    fresh = scope.unifier.fresh
    if kind == "s":
        return SCALAR
    if kind == "t":
        return Type("t", (fresh(), fresh(), fresh()), 1)
    return Type("m", fresh(), fresh()) if kind == "m" else Type("c", fresh(), 1) if kind == "c" else Type("r", 1, fresh())


# What a name in the text stands for: a parameter, a definition, a declared object, a constant, or a letter by convention


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
