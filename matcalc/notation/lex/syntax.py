"""Tokens and the syntax tree, shared by the plain and the LaTeX notation."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

Span = tuple[int, int]


class Token(NamedTuple):
    """A token; ``start`` and ``end`` index the untouched source.

    Kinds: ``num``; ``name`` (a value, ``text`` is its canonical spelling); ``fn`` (surely a known function);
    ``op`` (``+ - * / .* ./ .^ ^ _ ' @ , ; = : | ||``, ``kron``); ``open``/``close`` (``( [ { |`` and theirs);
    ``cmd`` (a LaTeX structure such as ``frac``, ``sqrt``, ``sum``); ``T`` (postfix transpose);
    ``end``. ``space`` tells whether white space stands before it; ``mark`` how it is written, where that says
    something: a name in ``bold``, under an ``arrow``, in ``cal`` (calligraphic), ``frak``, ``sf``, ``bb`` or upright (``word``)
    type, ``^`` of a transpose that is written as a power T, ``.T`` and ``**`` as Python has them, ``e`` of an exponential
    that is written as a power of e.
    """

    kind: str
    text: str
    start: int
    end: int
    space: bool = False
    mark: str = ""

    @property
    def span(self) -> Span:
        return self.start, self.end


def depths(tokens: Sequence[Token], start: int = 0) -> Iterator[tuple[Token, int]]:
    """The tokens from a place on, each with how many brackets it stands in; one that closes stands outside of its own."""
    depth = 0
    for t in islice(tokens, start, None):
        depth += (t.kind == "open") - (t.kind == "close")
        yield t, depth


def closing(tokens: Sequence[Token], start: int) -> int:
    """Where the bracket at ``start`` closes; the last place where it does not."""
    return next((i for i, (_, depth) in enumerate(depths(tokens, start), start) if depth <= 0), len(tokens) - 1)


def signs_in(tokens: Sequence[Token], start: int, signs: Container[str]) -> Iterator[Token]:
    """These operators in the bracket that opens at a place, and in none inside of it."""
    for t, depth in depths(tokens, start):
        if depth <= 0:
            return
        if depth == 1 and t.kind == "op" and t.text in signs:
            yield t


FACTORIAL = "factorials are not part of the notation"
GAMMA = "for log n! type lgamma(n + 1); what no variable reaches may be left out"
EACH, DIAGONAL = "each", "diagonal"  # mark a power in what is summed up, or on a diagonal: of a vector it is of each entry


class Ast(NamedTuple):
    """A node of the syntax tree.

    ============  =======================================  ==============================
    kind          args                                     value
    ============  =======================================  ==============================
    num           ()                                       Fraction
    name          ()                                       canonical name; ``mark`` is that of the token, or ``operator``
                                                           where it stands as one before a bracket: ``E(…)``
    sum           terms                                    signs, a string of + and -
    prod          factors                                  operators between them, a tuple of
                                                           ``" "`` (juxtaposed) ``* / .* ./ @ kron dot``;
                                                           ``mark`` is that of a fraction, one above the other
    neg           (operand,)
    pow           (base, exponent)                         ``^`` or ``.^``; ``mark`` may be ``EACH`` or ``DIAGONAL``
    T             (operand,)                               ``^`` where it is written as a power T
    call          arguments                                (function name, derivative order)
    keyword       (value,)                                 name of the argument: ``axis=0``
    norm          (operand,)                               ``1 2 F inf * spec`` or ``""``
    bars          (operand,)                               ``|x|``: abs or det, by kind
    angle         (left, right)                            ⟨a, b⟩
    blocks        entries, row by row                      number of columns; ``mark`` is ``[`` for plain brackets
    index         (base, i) or (base, i, j)                indices are Ast or ``":"`` names; ``mark`` is ``(`` after brackets
    range         (first, last), as an index
    bigop         (body,)                                  (``sum`` | ``prod`` | ``max`` | ``min``, (Binder, ...))
    indicator     (left, right)                            ``=`` or one of ``RELATIONS``: ``1\\{y_i = k\\}``
    label         ()                                       an integer as an index: (name, the letters of its samples)
    einsum        operands                                 subscript string
    ============  =======================================  ==============================
    """

    kind: str
    start: int
    end: int
    args: tuple[Any, ...] = ()
    value: Any = None
    mark: str = ""

    @property
    def span(self) -> Span:
        return self.start, self.end


FRACTION = "frac"  # the mark of a quotient that is written as one above the other
LOWERED = "lowered"  # of a norm whose label stands on the line, ‖x‖2
DIGIT = "1"  # of a vector of ones that is written as a number
QUAD = "quad"  # of blocks beside each other with spaces between them, as in the lecture: never a commutator
BRAKET = "braket"  # of an inner product with bars: ⟨x|A|y⟩
LETTERS = "letters"  # of the sign of a sum or of a product that is typed so: sum_i, Σᵢ
CALLED = "called"  # of a product that is written as a function: np.dot(A, B)


def walk(root: Ast) -> Iterator[Ast]:
    """The node and all below it from left to right, at last the sides of relations under a sum."""
    stack = [root]
    while stack:
        node = stack.pop()
        yield node
        if node.kind == "bigop":
            stack.extend(side for r in node.value[1].where for side in (r.left, r.right))
        if args := node.args:
            stack += [a for a in reversed(args) if a.__class__ is Ast]


def whole_number(node: Ast) -> int | None:
    """The whole number that the tree is, as of an axis: -1 is the last."""
    if node.kind == "neg" and node.args[0].kind == "num":
        found = whole_number(node.args[0])
        return None if found is None else -found
    return int(node.value) if node.kind == "num" and node.value.denominator == 1 else None


class Relation(NamedTuple):
    """``i < j``, ``j ≠ y_i``: what restricts a sum; ``sign`` is one of ``RELATIONS``."""

    left: Ast
    sign: str
    right: Ast


RELATIONS = ("!=", "<", "<=", ">", ">=")


class Binder(NamedTuple):
    """``i``, ``i = 1 … N``, ``j ≠ i``, ``(i, j) ∈ Ω`` under a big operator."""

    names: tuple[str, ...]
    lower: Ast | None = None
    upper: Ast | None = None
    where: tuple[Relation, ...] = ()
    member: str | None = None


class Statement(NamedTuple):
    """``name = body`` or a bare ``body``; ``parameters`` for ``name(z) = body``."""

    name: str | None
    parameters: tuple[str, ...]
    body: Ast
    span: Span
    name_span: Span = (0, 0)
    others: tuple[Ast, ...] = ()  # further members of a chained equality
    letters: tuple[str, ...] = ()  # of ``p_j = body``, where ``name`` is p: one entry for each j
    extreme: tuple[str, str] | None = None  # the sign and the variables of ``\\min_w body``
    by: tuple[str, ...] = ()  # variables of a derivative sign in front
    order: int = 0  # of that derivative
    claims: tuple[Span, ...] = ()  # what that derivative is said to be
    tex: Span | None = None  # where the body of ``name(z) = body`` stands in LaTeX


class Text(NamedTuple):
    """A text that has been read: its statements, and what the lexer saw that holds for all of it."""

    statements: list[Statement]
    source: str  # which all spans point into
    latex: bool
    numpy: str = ""  # the first sign or name that only NumPy has, as it is written
    sums: bool = False  # whether there are sums over an index
    latest: Mapping[str, str] = MappingProxyType({})  # names that get several values, and what the last is called
    notes: tuple[str, ...] = ()  # what is to be said of the text
    labels: bool = True  # whether anything stands above or below a name
    names: Mapping[str, Token] = MappingProxyType({})  # in LaTeX, where each name stands first
    program: bool = False  # whether it is read as Python
    by: tuple[str, ...] = ()  # with respect to what words ask to differentiate
    order: int = 0  # of the derivative that words ask for
