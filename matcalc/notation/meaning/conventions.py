"""What an undeclared letter is: a matrix, a vector or a scalar, by its alphabet and by how it is used."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import combinations

from matcalc.expr import dims
from matcalc.expr.errors import AmbiguityError, MatcalcError, ParseError, ShapeError
from matcalc.expr.table import CALLS, SCALAR, SYNONYMS, Type
from matcalc.notation.lex.latex_names import slice_bases, spellings
from matcalc.notation.lex.letters import MATRIX_GREEK, base_of, is_scalar_letter
from matcalc.notation.lex.syntax import Ast, Statement
from matcalc.notation.meaning.hints import nearest
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.meaning.tape import Scope

Attempt = Callable[[frozenset[str]], "Problem"]  # reads the text, with some letters as arrays

NO_VALUES = {"EE": "expectations are", "RR": "sets of numbers are", "inf": "infinity is"}
MOST = 5  # letters of which other readings are tried


def conventional(scope: Scope, text: str, at: Ast) -> Type:
    """Type by the first letter: capital Latin matrix, lower-case vector, Greek scalar. Raises ``ParseError``."""
    if text in scope.own or text in scope.known_functions or text in scope.generic or text in CALLS or text in SYNONYMS:
        raise ParseError(f"'{text}' is a function here, and needs an argument", span=(at.start, at.end), hint=f"write {text}(x)")
    if text in NO_VALUES:
        raise ParseError(f"{NO_VALUES[text]} not part of the notation", span=(at.start, at.end), hint="type the function itself")
    if at.mark == "operator":
        raise AmbiguityError(
            f"'{scope.source[at.start : at.end]}(…)' has two readings: an operator applied to what follows, or a product",
            span=(at.start, at.end), hint="write the product with *, or declare the matrix: --dim NAME=n,m; an expectation, "
            "a projection or a remainder is not read",
        )  # fmt: skip
    if is_scalar_letter(text):
        if text in scope.arrays or text in turned(scope):
            _notice(scope, text, at)
            return _array(scope, base_of(text))
        scope.flexible[text] = at
        return SCALAR
    base = base_of(text)
    letter = base.rstrip("0123456789")
    if base in MATRIX_GREEK or (len(letter) == 1 and letter.isalpha()) or text.endswith(("_hat", "_tilde", "_bar")):
        return _array(scope, base)
    known = ", ".join([*scope.declared, *scope.values]) or "none"
    near = nearest(text, [*scope.declared, *scope.values])
    word, _, letter = text.partition("_")
    if word in ("sum", "prod") and letter:
        what = "a sum" if word == "sum" else "a product"
        raise ParseError(f"'{text}' is not declared: is it {what} over {letter}?", span=(at.start, at.end),
                         hint=rf"{what} over an index is read in LaTeX: \{word}_{letter} x_{letter}^2")  # fmt: skip
    raise ParseError(
        f"'{text}' is not declared (declared names: {known})",
        span=(at.start, at.end),
        hint=(f"did you mean {near}? else " if near else "") + f"declare its sizes: --dim {text}=n,m or dims={{'{text}': …}}",
    )


def refuse_turned_number(scope: Scope, text: str, at: Ast, after_row: bool = False) -> None:
    """``πᵀx`` and ``xᵀπ``: probabilities, and not the number 3.14. Raises ``AmbiguityError``."""
    if after_row or text in turned(scope):
        raise AmbiguityError(
            "pi stands as a vector here, and has two readings: the number 3.14159…, or a vector",
            span=(at.start, at.end), hint="declare the vector: --dim pi=n (dims={'pi': ('n',)})",
        )  # fmt: skip


def refuse_unbound(scope: Scope, text: str, at: Ast) -> None:
    """``x_j`` where index= says what ``x_i`` is, or where x is declared, and no sum runs over j: no new symbol.

    Raises ``ParseError``, ``AmbiguityError``.
    """
    _refuse_number_beside_slice(scope, text, at)
    if "^" in text:
        _refuse_power_or_label(scope, text, at)
    base, _, label = text.partition("_")
    array = scope.declared[base].kind if base in scope.declared else "c" if base in {s.name for s in scope.statements} else "s"
    if array != "s" and (label.isdigit() or len(label.strip("{}")) <= (2 if array == "m" else 1)):
        entry = f"write {base}[{label}] for the first, " if label.isdigit() and array == "c" else ""
        raise AmbiguityError(
            f"'{text}' has two readings: an entry or a slice of {base}, or an object of its own",
            span=(at.start, at.end),
            hint=f"{entry}declare '{text}' in dims for the second; an index that no sum binds has no value",
        )
    for token, (array, places) in scope.slices.items():
        slice_of = base in slice_bases(token)
        if text == token or (slice_of and label.isalpha() and len(label) == sum(p != ":" for p in places)):
            raise ParseError(
                f"'{text}' has an index that no sum binds here, and '{token}' is a slice of {array}",
                span=(at.start, at.end),
                hint=f"write \\sum_{{{label}}} in front, or declare '{text}' in dims if it is an object of its own",
            )


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
                span=(at.start, at.end),
                hint=rf"write \left[{array}\right]_{{{part}}} in LaTeX, {array}[{part}] else, for the first; "
                f"declare '{text}' in dims for the second",
            )


def _refuse_power_or_label(scope: Scope, text: str, at: Ast) -> None:
    """``A^{(2)}`` where A is declared and ``A^{(2)}`` is not; ``z^{(i)}`` under a sum over i. Raises ``AmbiguityError``."""
    base, _, label = text.partition("^")
    index = label.strip("({})")
    if index in scope.bound:
        row = f"{base.upper() if base.islower() and len(base) == 1 else f'{base}s'}[{index},:]"
        raise AmbiguityError(
            f"'{text}' has two readings: an entry of one vector {base}, or one of several vectors, one for each {index}",
            span=(at.start, at.end),
            hint=f"say that it is a row of a matrix: --index '{text}={row}' (index={{'{text}': '{row}'}}), "
            f"or an entry of a vector: --index '{text}={base}[{index}]' (index={{'{text}': '{base}[{index}]'}})",
        )
    if base in scope.declared:
        raise AmbiguityError(
            f"'{text}' has two readings: a power of {base}, or an object of its own",
            span=(at.start, at.end), hint=f"write the power without brackets, or declare '{text}' in dims",
        )  # fmt: skip


def _array(scope: Scope, base: str) -> Type:
    fresh = scope.unifier.fresh
    return Type("m", fresh(), fresh()) if base[0].isupper() else Type("c", fresh(), 1)


def _word(text: str) -> str:
    return "matrix" if base_of(text)[0].isupper() else "vector"


def _notice(scope: Scope, text: str, at: Ast) -> None:
    if text in scope.arrays:
        why = "nothing else fits"
    elif turned(scope).get(text) in ("norm", "angle"):
        why = "it stands in a norm or an inner product"
    elif turned(scope).get(text) in OF_MATRICES.values():
        why = f"its {turned(scope)[text]} is taken"
    else:
        return  # transposed or bold: the input says it
    scope.warnings.append(f"'{text}' is read as a {_word(text)}: {why}; dims={{'{text}': ()}} says otherwise")


def turned(scope: Scope) -> Mapping[str, str]:
    """Names that are no scalars by how they stand: transposed, in a norm or an inner product (and which), in bold type."""
    if scope.turned is None:
        scope.turned = _turned(scope.statements)
    return scope.turned


def _turned(statements: Iterable[Statement]) -> dict[str, str]:
    found: dict[str, str] = {}
    bold: dict[str, str] = {}
    for s in statements:
        for body in (s.body, *s.others):
            stack = [body]
            while stack:
                node = stack.pop()
                stack.extend(a for a in node.args if isinstance(a, Ast))
                if node.kind in ("T", "norm", "angle"):
                    found.update({a.value: node.kind for a in node.args if a.kind == "name" and found.get(a.value) != "T"})
                if node.mark in ("bold", "arrow"):
                    bold[node.value] = node.mark
                word = OF_MATRICES.get(SYNONYMS.get(node.value[0], node.value[0])) if node.kind == "call" else None
                if word and node.args[0].kind == "name" and base_of(node.args[0].value)[:1].isupper():
                    found.setdefault(node.args[0].value, word)
    return {**bold, **found}


OF_MATRICES = {"det": "determinant", "tr": "trace", "inv": "inverse"}  # of a scalar, nobody writes them


def doubt_scalars(scope: Scope, node: Ast, word: str) -> None:
    """``det(2 C)``: the letters in it are scalars by convention, and may be matrices."""
    for name, at in scope.flexible.items():
        if node.start <= at.start < node.end and name[0].isupper():
            scope.doubts.setdefault(name, (node, f"the {word} of a {{}}, or of a scalar"))


def names_in(statements: Iterable[Statement]) -> Iterator[str]:
    for s in statements:
        stack = [s.body]
        while stack:
            node = stack.pop()
            stack.extend(a for a in node.args[::-1] if isinstance(a, Ast))
            if node.kind == "name" and node.value not in s.parameters:
                yield node.value


def another_reading(attempt: Attempt, statements: Collection[Statement], scope: Scope, error: ShapeError) -> Problem:
    """The one reading that fits, with some letters as vectors instead of scalars. Raises ``error`` where there is none.

    Raises ``AmbiguityError`` where several fit.
    """
    known = {*scope.declared, *scope.sizes, *(s.name for s in statements)}
    letters = [n for n in dict.fromkeys(names_in(statements)) if is_scalar_letter(n) and n not in known]
    if not scope.flexible or len(letters) > MOST:
        raise error
    for count in range(1, len(letters) + 1):
        fitting = [(chosen, p) for chosen in combinations(letters, count) if (p := _tried(attempt, chosen)) is not None]
        if len(fitting) > 1:
            sets = [" and ".join(chosen) for chosen, _ in fitting]
            raise AmbiguityError(
                f"{error.message}; it fits if {' or if '.join(sets)} is a vector",
                span=error.span, hint=f"declare them: --dim {fitting[0][0][0]}=n",
            )  # fmt: skip
        if fitting:
            return fitting[0][1]
    raise error


def _tried(attempt: Attempt, arrays: Iterable[str]) -> Problem | None:
    try:
        return attempt(frozenset(arrays))
    except MatcalcError:
        return None


def _fits(attempt: Attempt, arrays: Iterable[str]) -> bool:
    """Whether there is such a reading, or several."""
    try:
        attempt(frozenset(arrays))
    except AmbiguityError:
        return True
    except MatcalcError:
        return False
    return True


def ask_about_doubts(attempt: Attempt, scope: Scope) -> None:
    """X β, where β is a scalar by convention, may be a product all the same. Raises ``AmbiguityError``."""
    names = list(scope.doubts)
    for chosen in [*([n] for n in names), names] if len(names) > 1 else [names]:
        if _fits(attempt, chosen):
            (at, readings), letters = scope.doubts[chosen[0]], " and ".join(chosen)
            word = _word(chosen[0])
            sizes = "n,m" if word == "matrix" else "n"
            raise AmbiguityError(
                f"{letters} in '{scope.source[at.start : at.end]}' has two readings: {readings.format(word)}",
                span=(at.start, at.end),
                hint=f"declare {letters}: dims={{'{chosen[0]}': {tuple(sizes.split(','))}}} (--dim {chosen[0]}={sizes}) "
                f"or dims={{'{chosen[0]}': ()}} (--dim {chosen[0]}=)",
            )


def ask_about_loose(scope: Scope, left: int, right: int, at: Ast) -> None:
    """``wᵀx + b``, and nothing else says that b is a vector: asked when the sizes are known."""
    for one, other in ((left, right), (right, left)):
        letter, entry = scope.original(one), scope.original(other)
        if scope.type(other).kind == "s" and entry.op not in ("num", "dim"):
            _notice_scalar_function(scope, one)
        if letter.op == "sym" and letter.type.kind == "c" and entry.op not in ("num", "dim", "sym"):
            name = letter.attr
            if name not in scope.declared and name not in turned(scope) and name not in scope.values:
                scope.deferred.append(partial(_loose, scope, name, one, at))


def refuse_sum_of_letters(scope: Scope, node: Ast) -> None:
    """``sum(σ .^ 2)``: one number has no entries, so σ may be a vector. Raises ``AmbiguityError``."""
    letters = [n for n, at in scope.flexible.items() if node.start <= at.start < node.end]
    if letters:
        raise AmbiguityError(
            f"the sum has two readings: {' and '.join(letters)} as scalars, so that nothing is added up, or as vectors",
            span=(node.start, node.end),
            hint=f"declare {letters[0]}: --dim {letters[0]}=n (dims={{'{letters[0]}': ('n',)}}), "
            f"or --dim {letters[0]}= for a scalar",
        )


def _notice_scalar_function(scope: Scope, i: int) -> None:
    """``f(x) + λᵀ(Ax - b)``: an unspecified f acts on each entry, and the number beside it hints at another reading."""
    entry = scope.original(i)
    while entry.op in ("neg", "scale", "div"):
        entry = scope.original(entry.args[0 if entry.op == "div" else -1])
    f = str(entry.attr[0]) if entry.op == "fn" else ""
    if f in scope.generic and f not in scope.known_functions and not scope.frame:
        scope.warnings.append(
            f"{f} is read as acting on each entry, so the number beside it is added to each entry; sum({f}(…)) is a number"
        )


def _loose(scope: Scope, name: str, i: int, at: Ast) -> AmbiguityError | None:
    size = dims.walk(scope.type(i).rows)
    alone = not isinstance(size, str | int) and sum(size in _sizes(scope, s) for s in scope.symbols.values()) == 1
    if not alone or sum(n == name for n in names_in(scope.statements)) > 1:
        return None
    return scalar_or_vector(scope, name, i, at)


def scalar_or_vector(scope: Scope, name: str, i: int, at: Ast) -> AmbiguityError:
    return AmbiguityError(
        f"'{name}' in '{scope.source[at.start : at.end]}' has two readings: "
        "a scalar, or a vector to each entry of which the rest is added",
        span=scope.spans[i],
        hint=f"declare {name}: --dim {name}= (dims={{'{name}': ()}}) for a scalar, "
        f"or --dim {name}=m (dims={{'{name}': ('m',)}}) for a vector",
    )


def _sizes(scope: Scope, i: int) -> tuple[dims.Dim, ...]:
    _, rows, cols = scope.type(i)
    return tuple([dims.walk(d) for d in (rows if isinstance(rows, tuple) else (rows, cols))])
