"""Which reading of a text is taken: the cheapest kinds of its letters that fit, or a question where another is near."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from shlex import quote
from typing import NamedTuple

from matcalc.expr import dims, groups
from matcalc.expr.dims import Dim
from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ShapeError
from matcalc.expr.errors import Reading as SaidReading
from matcalc.expr.nodes import postorder, type_of
from matcalc.notation.kinds.elimination import INFINITE
from matcalc.notation.kinds.inference import Letters, searched
from matcalc.notation.kinds.letter_habits import is_word, letter_costs, usual_kind
from matcalc.notation.kinds.search import NOTHING, Reading
from matcalc.notation.kinds.walk import DOUBTFUL, NEAR, Asked
from matcalc.notation.lex.habits import MEMBER, OUTPUT, SAMPLES, SIZES, SUMS, TIME
from matcalc.notation.lex.syntax import Span, walk
from matcalc.notation.meaning.hints import declaration
from matcalc.notation.meaning.one_reading import Given, read_with, slices_of
from matcalc.notation.meaning.powers import OF_VECTOR
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.program import readable

Attempt = Callable[[Callable[[], Reading]], Problem]  # the text, with kinds of letters that are inferred when asked for
FARTHEST = 30  # tenths: a reading that costs more than this beyond the cheapest is not looked for
MOST = 8  # readings that are tried
FAR = NEAR + OUTPUT  # from here on a capital letter that is a number is so for want of another reading
WORDS = {"s": "a scalar", "c": "a vector", "r": "a row", "m": "a matrix"}
SHAPES: dict[str, tuple[Dim, ...]] = {"s": (), "c": SIZES[:1], "r": (1, *SIZES[:1]), "m": SIZES[:2]}


class Other(NamedTuple):
    """A reading that costs more, and the kinds in which it differs from the cheapest."""

    more: int
    reading: Reading
    changed: Mapping[str, str]


def understood(given: Given, products: frozenset[Span]) -> Problem:
    """The text with the cheapest kinds that fit. Raises ``AmbiguityError`` where another reading is near."""
    text, attempt = given.asked, partial(read_with, given, products)
    letters = Letters(text)
    try:
        problem = attempt(letters)
    except ShapeError as error:
        if letters.found is None or letters.found is NOTHING:
            raise
        return _instead(text, attempt, searched(text) or NOTHING, error)
    except NoRuleError:
        text, letters.found = _of_entries(text, letters.found or NOTHING)
        found = _tried(attempt, letters.found) if letters.found is not None else None
        if found is None:
            raise
        problem = found
    best = letters.found
    if best is not None and (best.group or best.members):  # else nobody asked, or what is usual is the one reading
        problem = _settled(text, attempt, best, problem)
    notes = [
        f"'{n}' is read as a scalar: {declaration(n, SHAPES['m'])} says otherwise" for n in _counts_before_arrays(text, problem)
    ]
    return problem._replace(warnings=(*problem.warnings, *notes)) if notes else problem


def _counts_before_arrays(text: Asked, problem: Problem) -> list[str]:
    """The N of ``c - N z``: a number by its letter, and a capital letter that stands before a vector as a matrix does."""
    capitals = {n for n in problem.symbols if n.isupper() and usual_kind(n) == "s" and n not in text.declared}
    products = (n for s in text.statements for b in (s.body, *s.others) for n in walk(b) if n.kind == "prod") if capitals else ()
    pairs = (pair for n in products for pair in zip(n.args, n.value, n.args[1:], strict=False))
    found = {a.value for a, sign, b in pairs if a.kind == "name" and sign in " *" and b.kind == "name" and b.value not in capitals}
    return sorted(n for n in found & capitals if problem.symbols[n].kind == "s")


def _of_entries(text: Asked, found: Reading) -> tuple[Asked, Reading | None]:
    r"""Sums over matrices are not read: of ``\sum_i X_i Y_i``, where all may be numbers, the reading in which they are."""
    stacks = any(kind == "m" and key not in text.members for key, (kind, _) in found.members.items())
    text = text._replace(members={**dict.fromkeys(found.members, "sc"), **text.members})
    reading = searched(text) if stacks else None
    kinds = {kind for kind, _ in reading.members.values()} | {reading.kinds[n] for n in reading.group} if reading else set()
    return text, reading if kinds == {"s"} else None


def _settled(text: Asked, attempt: Attempt, best: Reading, problem: Problem) -> Problem:
    """The problem with its notices, where no other reading is near. Raises ``AmbiguityError``, ``ShapeError``."""
    defined = {s.name for s in text.statements}
    forced = _forced(best, defined) and _forced(_undemanded(text, best), defined, INFINITE if text.scalar else FAR)
    of_code = [n for n in forced if best.kinds[n] == "m"] if text.code else []  # np.linalg.det(x): small letters are matrices, too
    forced = [n for n in forced if n not in _beside_numbers(problem) and n not in of_code]
    numbers = any(k == "s" and best.usual.get(n) == "c" for n, k in best.kinds.items() if n not in defined)  # x² y: y, too?
    for other in _others(text, best, NEAR + numbers):
        if other.more == NEAR and set(other.changed.values()) != {"s"}:
            continue
        found = _tried(attempt, other.reading, asked=True) if other.changed.keys() >= set(forced) else None
        if found is not None and found.output is not problem.output and other.changed.keys() & problem.symbols.keys():
            names = {**_open(best), **other.changed}
            both = problem, found
            raise _question(
                (*both, *_all_numbers(text, attempt, best, both, names)), names, best.group, _place(text, other.changed)
            )
    if (question := _rows_or_numbers(text, best)) is not None:
        raise question
    if forced:
        usual = _as_usual(text, attempt, best, problem, forced)
        if text.scalar and usual is not None and type_of(usual.output.shape).kind != "s":
            return usual  # whose derivative of this kind is refused
    return _noticed(problem, best, text)


def _undemanded(text: Asked, best: Reading) -> Reading:
    """The same kinds with the margins of a text of which no scalar is demanded: the c of x'Ax + b'x + c is a number in any case."""
    free = searched(text._replace(scalar=None)) if text.scalar else None
    return free if free is not None and free.kinds == best.kinds else best


def _open(best: Reading) -> dict[str, str]:
    """Names of which another kind is near: all are asked about at once."""
    return {n: best.kinds[n] for n, m in best.margins.items() if n in best.group and any(0 < more < NEAR for more in m.values())}


def _forced(best: Reading, defined: Collection[str | None], most: int = FAR) -> list[str]:
    """Latin letters that are numbers, or small ones that are matrices, only since nothing else fits: capitals, or beside arrays."""
    numbers = all(kind == "s" for kind in best.kinds.values())
    letters = [(n, kind) for n, kind in best.kinds.items() if n not in defined and n not in TIME and n[0].isascii()]
    found = [n for n, kind in letters if best.usual.get(n, kind) != kind and kind in "sm"]
    found = [n for n in found if len(best.group[n]) == 1 and best.usual[n] in "cm"]
    far = {n: most if best.usual[n] == "m" and len(n) == 1 else INFINITE for n in found}
    found = [n for n in found if best.margins[n].get(best.usual[n], INFINITE) >= far[n]]
    return [] if numbers and all(best.usual[n] == "c" for n in found) else found


def _paid(best: Reading) -> int:
    """What a reading costs beside its letters: x^2 + a'x of numbers has one that is transposed."""
    return best.cost - sum({group: letter_costs(n, False).get(best.kinds[n], 0) for n, group in best.group.items()}.values())


def _beside_numbers(problem: Problem) -> set[str]:
    """Names of numbers that are added to numbers, as b is in ``1/(1 + exp(-w'*x - b))``: what a sum adds up is of one kind."""
    found = set()
    for node in postorder((problem.output, *(value for _, value in problem.definitions))):
        if node.op in groups.SUMS and all(a.type.kind == "s" for a in node.args):
            terms = (a.args[0] if a.op == "neg" else a for a in node.args)
            found |= {str(a.attr) for a in terms if a.op == "sym"}
    return found


QUOTIENTS = ("div cm", "div sm")  # of a vector or a number by a matrix: there is none, so what stands below is a number


def _numbers(text: Asked, error: ShapeError) -> set[str]:
    """The names that the error says to be numbers: in the base of a power, s², and below the line of a quotient that there is
    not, softmax(z/T)."""
    if error.span is None or error.operands not in (OF_VECTOR, *QUOTIENTS):
        return set()
    start, end = error.span
    nodes = [n for s in text.statements for body in (s.body, *s.others) for n in walk(body) if start <= n.start and n.end <= end]
    if error.operands in QUOTIENTS:
        quotients = (n for n in nodes if n.kind == "prod" and n.start == start)
        below = (f for n in quotients for sign, f in zip(n.value, n.args[1:], strict=True) if sign == "/" and f.end <= end)
        nodes = [n for f in below for n in walk(f)]
    return {n.value for n in nodes if n.kind == "name"}


def _as_usual(text: Asked, attempt: Attempt, best: Reading, problem: Problem, forced: Collection[str]) -> Problem | None:
    """What the alphabet says; of ``x*A*x`` the error, with x as a number for a way out. Raises ``ShapeError``."""
    try:
        usual = best._replace(kinds={**best.kinds, **{n: best.usual[n] for n in forced}})
        return attempt(lambda: usual)
    except ShapeError as error:
        if _paid(best) < DOUBTFUL and (numbers := _numbers(text, error).intersection(forced)):
            others = [n for n in forced if n not in numbers]
            return _as_usual(text, attempt, best, problem, others) if others else None
        names = [n for n in forced if n in problem.symbols]
        words = " and ".join(f"'{n}' is {WORDS[problem.symbols[n].kind]}" for n in names)
        ways = " ".join(declaration(n, problem.dims[n]) for n in names)
        before = f"{error.hint}{'' if error.hint.endswith('?') else ';'} or, " if error.hint else ""
        error.hint = f"{before}where {words}: {ways}"
        found = (problem, *_of_numbers(attempt, best, (problem,)))  # f = a b; a = x + y
        error.readings = tuple(_as_reading(p, [n for n in p.symbols if n in best.group]) for p in found)
        raise
    except MatcalcError:
        return None


def _of_numbers(attempt: Attempt, best: Reading, others: Collection[Problem]) -> tuple[Problem, ...]:
    """The text of numbers alone, where that is none of the others."""
    found = _tried(attempt, best._replace(kinds=dict.fromkeys(best.kinds, "s")))
    return () if found is None or any(found.output is p.output for p in others) else (found,)


def _all_numbers(
    text: Asked, attempt: Attempt, best: Reading, others: Collection[Problem], names: Collection[str]
) -> tuple[Problem, ...]:
    """The same, where it is near and another answer: ``w_1 x_1 + w_2 x_2``, of which no one letter alone says it."""
    answers = [{p.symbols[n].kind for n in names if n in p.symbols} for p in others]
    if "m" in best.kinds.values() or {"s"} in answers:
        return ()
    near = _near_numbers(text, best)
    return _of_numbers(attempt, near, others) if near is not None else ()


def _near_numbers(text: Asked, best: Reading) -> Reading | None:
    """All letters as numbers, where that costs little more."""
    found = searched(text, dict.fromkeys(best.group.values(), "s"), best.cost + NEAR)
    return found if found is not None and found.cost <= best.cost + NEAR else None


def _instead(text: Asked, attempt: Attempt, best: Reading, error: ShapeError) -> Problem:
    """The cheapest other reading whose sizes fit; ``error`` where there is none, with those that fit and are farfetched."""
    found: tuple[Other, Problem] | None = None
    listed = list[Problem]()
    for other in islice(_others(text, best, FARTHEST), MOST):
        if found is not None and other.more - found[0].more >= NEAR:
            break
        problem = _tried(attempt, other.reading)
        if problem is not None and _is_farfetched(text, other.reading):
            listed += [problem] if set(other.changed) <= _bases(text, error) else []
            continue
        if problem is None:
            continue
        if found is not None and problem.output is found[1].output:
            continue
        if found is not None:
            names = {**found[0].changed, **other.changed}
            raise _question((found[1], problem), names, best.group, _place(text, other.changed))
        found = other, problem
    if found is None:
        numbers = _near_numbers(text, best)  # (y - t)^2 with y = w x + b
        problem = _tried(attempt, numbers) if numbers is not None else None
        if problem is None or numbers is None or _paid(numbers) >= DOUBTFUL or _capital(text, numbers):
            listed += [problem] if problem is not None else []
            error.readings = tuple([_as_reading(p, [n for n in p.symbols if n in best.group]) for p in listed])
            raise error
        return _noticed(problem, numbers, text)
    return _noticed(found[1], found[0].reading, text)


def _bases(text: Asked, error: ShapeError) -> set[str]:
    """The x of the power x² that the error is about, which may be a number."""
    nodes = (n for s in text.statements for n in walk(s.body) if n.kind == "pow" and n.span == error.span)
    return {str(n.args[0].value) for n in nodes if n.args[0].kind == "name"}


def _is_farfetched(text: Asked, reading: Reading) -> bool:
    """``x^2 + a'x`` of a number x and a vector a, or of a matrix x; anything of a number A: the sizes fit, and nobody means it."""
    names = _undefined(text, reading)
    kinds = {reading.kinds[n] for n in names}
    small = any(len(n) == 1 and reading.kinds[n] == "m" and reading.usual[n] == "c" for n in names)
    most = DOUBTFUL if "s" in kinds and len(kinds) > 1 else FARTHEST
    return bool(_capital(text, reading, "sc")) or small or _paid(reading) >= most


def _capital(text: Asked, reading: Reading, kinds: str = "s") -> list[str]:
    """Capital letters that are numbers, as C may be and A is not."""
    names = [n for n in _undefined(text, reading) if len(n) == 1 and reading.kinds[n] in kinds and reading.usual[n] == "m"]
    return [n for n in names if letter_costs(n, False)[reading.kinds[n]] > DOUBTFUL]


def _undefined(text: Asked, reading: Reading) -> set[str]:
    return reading.group.keys() - {s.name for s in text.statements}


def _others(text: Asked, best: Reading, within: int) -> Iterator[Other]:
    """Readings in which a letter, with its siblings, is of another kind; the cheapest first."""
    near: dict[tuple[str, str], int] = {}
    letters = _undefined(text, best)
    for name, costs in best.margins.items():
        for kind, more in costs.items():
            if name in letters and 0 <= more < within and kind != best.kinds[name]:
                near.setdefault((best.group[name], kind), more)
    for (group, kind), more in sorted(near.items(), key=lambda item: item[1]):
        reading = searched(text, {group: kind}, best.cost + more)
        if reading is not None:
            changed = {n: k for n, k in reading.kinds.items() if best.kinds.get(n) != k and n in best.group}
            yield Other(more, reading, changed)


def _place(text: Asked, names: Collection[str]) -> Span | None:
    """Where one of the names stands first."""
    nodes = (n for s in text.statements for body in (s.body, *s.others) for n in walk(body))
    return next((n.span for n in nodes if n.kind == "name" and n.value in names), None)


def _tried(attempt: Attempt, reading: Reading, asked: bool = False) -> Problem | None:
    """The text with these kinds, where they fit; ``asked``: a question that it comes to is asked. Raises ``AmbiguityError``."""
    try:
        return attempt(lambda: reading)
    except AmbiguityError:
        if asked:
            raise
        return None
    except MatcalcError:
        return None


def _question(found: Sequence[Problem], names: Iterable[str], open_names: Collection[str], at: Span | None) -> AmbiguityError:
    """The readings, and the declarations that choose each: of the names that differ in words, of all that are open as arguments."""
    names = [n for n in names if all(n in p.symbols for p in found)]
    names.sort(key=lambda n: len({p.symbols[n].kind for p in found}) == 1)  # those that differ first
    said = "; or ".join(", ".join(f"'{n}' is {WORDS[p.symbols[n].kind]}" for n in names) for p in found)
    readings = [_as_reading(p, [n for n in p.symbols if n in open_names]) for p in found]
    ways = " or ".join(" ".join(declaration(n, p.dims[n]) for n in names) for p in found)
    message = f"the text has {'two' if len(found) == 2 else 'three'} readings: {said}"
    return AmbiguityError(message, span=at, hint=f"declare which: {ways}", readings=readings)


def _as_reading(problem: Problem, names: Iterable[str]) -> SaidReading:
    shapes = {n: tuple(d if isinstance(d, int | str) else dims.text(d, "*") for d in problem.dims[n]) for n in names}
    command = " ".join(("matcalc derive", quote(problem.source), *(declaration(n, shape) for n, shape in shapes.items())))
    return SaidReading(readable(problem.output), {"dims": shapes}, command)


def _biases(text: Asked) -> set[str]:
    """In NumPy the b of ``X @ w + b``, where the rows of X are samples: a number, or a vector with an entry for each."""
    sums = [n for s in text.statements for n in walk(s.body) if n.kind == "npsum"]
    sums = [n for n in sums if any(a.kind == "prod" and a.args[0].value in SAMPLES for a in n.args)]
    return {a.value for n in sums for a in n.args if a.kind == "name"}


def _noticed(problem: Problem, reading: Reading, text: Asked) -> Problem:
    """With a sentence for each letter that is read as its alphabet does not say, and for each array that the text does not name."""
    notes = []
    biases = _biases(text)
    for name, kind in reading.kinds.items():
        if name not in reading.group or name not in problem.symbols:
            continue
        usual = reading.usual[name]
        word = is_word(name)
        bias = name in biases and kind != "s" and reading.margins[name].get("s", DOUBTFUL) < DOUBTFUL
        if kind != usual or word or bias:
            other = "c" if kind == usual == "s" else "s" if kind in (usual, "r") else usual
            why = "one name, " if word else ""
            notes.append(f"'{name}' is read as {why}{WORDS[kind]}: {declaration(name, SHAPES[other])} says otherwise")
    for token, (array, places) in slices_of(reading, text, {}).items():
        if array in problem.symbols and token not in problem.symbols and ":" in places:
            whole = array.removesuffix("s").upper()
            beside = array[-1:] == "s" and whole in problem.symbols and whole != array
            if beside and (token.partition("_")[0], 1) not in text.members and not _multiplied(text, whole):
                free = next(c for c in SUMS if c.isupper() and c not in problem.symbols)
                raise _of_which(token, whole, free, places[0], _place(text, [token.partition("_")[0]]))
            said = f"the vectors {token} are read as the rows of a matrix {array}{f', none of {whole}' * beside}"
            if array not in text.declared:  # of which its reading has said it
                notes.append(f"{said}; --index {quote(f'{token}={array}[:,{places[0]}]')} says columns")
            notes += _numbers_beside(reading, places[0])
    return problem._replace(warnings=(*problem.warnings, *notes)) if notes else problem


def _multiplied(text: Asked, name: str) -> bool:
    """Whether a matrix is a factor somewhere, and not only the whole of which a norm is taken."""
    factors = (f for s in text.statements for n in walk(s.body) if n.kind == "prod" for f in n.args)
    return any(
        (f.args[0] if f.kind == "T" else f)[:1] == ("name",) and name in (f.value, *(a.value for a in f.args)) for f in factors
    )


def _of_which(token: str, whole: str, other: str, letter: str, at: Span | None) -> AmbiguityError:
    """``p_i`` beside a matrix P that stands as a whole: its rows, its columns, or vectors of their own?"""
    ways = [f"{whole}[{letter},:]", f"{whole}[:,{letter}]", f"{other}[{letter},:]"]
    return AmbiguityError(
        f"'{token}' stands beside {whole} and has three readings: its row {letter}, its column {letter}, or a vector of its own",
        span=at, hint="say which: " + " or ".join([f"--index {quote(f'{token}={way}')}" for way in ways]),
        ways=[{"index": {token: way}} for way in ways],
    )  # fmt: skip


def _rows_or_numbers(text: Asked, best: Reading) -> AmbiguityError | None:
    r"""``X_i\beta`` of a capital X: the row of a matrix times a vector, or a product of two numbers?"""
    numbers = {base for (base, n), (kind, _) in best.members.items() if n == 1 and kind == "s" and usual_kind(base) == "m"}
    vectors = {n for n in best.group if numbers and best.kinds[n] == "s" and letter_costs(n, False)["c"] < NEAR}
    for product in (n for s in text.statements for n in walk(s.body) if n.kind == "prod") if vectors else ():
        for sign, left, right in zip(product.value, product.args, product.args[1:], strict=False):
            row = left.kind == "index" and left.args[0].value in numbers and left.args[0].value not in text.declared
            if row and sign in (" ", "*") and right.kind == "name" and right.value in vectors:
                x, b = left.args[0].value, right.value
                return AmbiguityError(
                    f"'{x}' with an index before '{b}' has two readings: the row of a matrix times a vector, or two numbers",
                    span=left.span, hint=f"put a transpose on the row, or declare numbers: --dim {x}=n --dim {b}=",
                    ways=[((left.end, left.end, "^T"),), {"dims": {x: SIZES[:1], b: ()}}],
                )  # fmt: skip
    return None


def _numbers_beside(reading: Reading, letter: str) -> Iterator[str]:
    """A sentence for each v_i that may be a vector as well as the k_i is: only its letter or only the output speaks against it."""
    for (base, indices), (kind, token) in reading.members.items():
        may_be = reading.margins.get(token, {}).get("c", FARTHEST) < MEMBER["c"] + OUTPUT
        if kind == "s" and indices == 1 and may_be and token == f"{base}_{letter}" and usual_kind(base) == "c":
            said = quote(f"{token}={base.upper()}[{letter},:]")
            yield f"'{token}' is read as a number, an entry of the vector {base}: --index {said} says a vector"
