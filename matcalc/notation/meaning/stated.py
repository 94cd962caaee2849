r"""What the text states beside the formula: sizes, ``A \in \mathbb{R}^{m \times n}``, and properties, ``X \succ 0``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from types import MappingProxyType
from typing import NamedTuple

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import ParseError, ShapeError, UsageError
from matcalc.expr.nodes import size_text, variable_type
from matcalc.expr.qualities import SQUARE
from matcalc.expr.table import Type
from matcalc.notation.lex.syntax import Ast, Statement, Token, closing

Pieces = list[list[Token]]  # of the text, each with an ``end`` token
FACTS = ("stated", "holds", "kind", "maps")  # kinds of what states something
IF_SQUARE = "if square"  # mark of a property that follows only for square matrices: QᵀQ = I
SYMMETRIC = ("SS", "S")  # the set of the symmetric matrices; with ++ below, of those that are positive definite
OF_ENTRIES = {
    **dict.fromkeys(("{0,1}", "{1,0}"), "binary"), **dict.fromkeys(("{-1,1}", "{1,-1}", "{-1,+1}", "{+1,-1}"), "sign"),
    **dict.fromkeys(("(0,1)", "[0,1]"), "unit-interval"),
}  # fmt: skip
COMPARED = {">": "positive", ">=": "nonnegative", "!=": "nonzero"}  # with 0
DEFINITE = {">": "gt", ">=": "ge", "succ": "gt", "succeq": "ge"}  # P = P^T > 0, of matrices
SIGNS = frozenset(("in", "succ", "succeq", "=", *COMPARED))  # one of which every statement has


def set_apart(pieces: Pieces) -> tuple[Pieces, list[Statement]]:
    r"""The pieces that are formulas, and what ``x, y \in \mathbb{R}^n`` among them states. Raises ``ParseError``."""
    rest: Pieces = []
    found: list[Statement] = []
    for piece in pieces:
        texts = [t.text for t in piece]
        if SIGNS.isdisjoint(texts):
            if texts[1] == ":" and "->" in texts:
                found += _mapping(piece, texts.index("->"))
            else:
                rest.append(piece)
            continue
        if piece[0].kind == "cmd" and [t.text for t in piece[1:3]] == ["_", "{"] and _is_membership(piece[3:]):
            close = closing(piece, 2)  # under a minimum
            found += _facts(piece[3:4], [*piece[3:close], piece[-1]._replace(end=piece[close].start)], 1)
            rest.append(piece[:4] + piece[close:])
            continue
        first = _subject(piece)
        facts = _facts(piece[:1], piece, first)
        if not facts:
            formula, said = _of_value(piece, texts)
            rest.append(formula)
            found += said
            continue
        names = [piece[0]]
        while first == 1 and rest and len(rest[-1]) == 2 and rest[-1][0].kind == "name":  # x, y ∈ …
            names.append(rest.pop()[0])
        found += facts if len(names) == 1 else _facts(names, piece, first)
    return rest, found


def _of_value(piece: list[Token], texts: list[str]) -> tuple[list[Token], list[Statement]]:
    r"""The formula, and the sizes that are stated behind it: ``f = \tanh(z) \in \mathbb{R}^M``."""
    i = len(texts) - 1 - texts[::-1].index("in") if texts[1] == "=" and "in" in texts else 0
    member = [piece[0], *piece[i:]]
    if i < 3 or not (_is_membership(member) and _is_set(member)):
        return piece, []
    return [*piece[:i], piece[-1]._replace(start=piece[i].start, end=piece[i].start)], _facts(member[:1], member, 1)


def _mapping(piece: Sequence[Token], arrow: int) -> list[Statement]:
    r"""What ``\phi: \mathbb{R}^d \to \mathbb{R}^m`` says of φ: sizes of its argument and of its value."""
    sides = [[*piece[:1], piece[1]._replace(text="in"), *side, piece[-1]] for side in (piece[2:arrow], piece[arrow + 1 : -1])]
    if piece[0].kind not in ("name", "fn") or not all(_is_set(side) for side in sides):
        return []
    taken, given = (_scripts(side)[0] for side in sides)
    return [fact(piece[0], "maps", (taken, given), (piece[0].start, piece[-1].end))]


def _is_set(piece: Sequence[Token]) -> bool:
    r"""Whether it is one set of numbers: ``\mathbb{R}^n``, and not ``\mathbb{R}^n \times \mathbb{R}^m``."""
    return piece[2].text in ("RR", "R") and [t.text for t in piece].count(piece[2].text) == 1


def _is_membership(piece: Sequence[Token]) -> bool:
    of = [t.text for t in piece[1:4]]
    return len(piece) > 3 and piece[0].kind == "name" and (of[:2] == ["in", "RR"] or of == ["in", "R", "^"])


def _subject(piece: Sequence[Token]) -> int:
    """Where the name or the indexed name ends with which a piece begins."""
    if piece[0].kind == "name" and [t.text for t in piece[1:3]] == ["_", "{"]:
        return closing(piece, 2) + 1
    return 1


class _Said(NamedTuple):
    shape: tuple[Dim, ...] | None = None
    quality: str = ""
    mark: str = ""


def _facts(names: Sequence[Token], piece: Sequence[Token], first: int) -> list[Statement]:
    """What a piece states of names; ``first`` is where it goes on behind a name, or behind a name with an index."""
    said = _said(piece, first) if piece[0].kind == "name" and len(piece) > first + 2 else None
    if said is None:
        return []
    span = (piece[0].start, piece[-1].end)
    sized = [fact(t, "stated", said.shape, span) for t in names if said.shape is not None]
    return sized + [fact(t, "holds", said.quality, span, said.mark) for t in names if said.quality]


def fact(name: Token, kind: str, value: object, span: tuple[int, int], mark: str = "") -> Statement:
    """A statement that says something of a name."""
    return Statement(name.text, (), Ast(kind, *span, (), value, mark), span, name.span)


def _said(piece: Sequence[Token], first: int) -> _Said | None:
    sign = piece[first]
    if sign.kind == "op" and sign.text in SIGNS and sign.text != "=":
        text = "".join([t.text for t in piece[first + 1 : -1]])
        if sign.text == "in":
            return _in_set(piece, first, text)
        if text == "0":
            return _Said(quality=COMPARED.get(sign.text) or ("spd" if sign.text == "succ" else "symmetric"))
    if piece[0].text not in [t.text for t in piece[2:8]]:  # on both sides of =
        return None
    if _is_gram(piece):
        return _Said(quality="orthogonal", mark=IF_SQUARE)
    return _symmetry(piece)


def _symmetry(piece: Sequence[Token]) -> _Said | None:
    r"""``A^T = A``, ``A = -A^T``, and ``A = A^T \in …``, ``A = A^T \succ 0``; ``A = A^T`` alone is for ``dependencies``."""
    end = next((i for i, t in enumerate(piece) if i and t.text in ("in", *DEFINITE)), len(piece) - 1)
    texts = _texts(piece[:end])
    name = texts[0]
    forms = ([name, "T", "=", name], [name, "=", name, "T"])
    turned = [t for i, t in enumerate(texts) if t != "-" or texts[i - 1] != "="]
    if turned not in forms or (texts == forms[1] and end == len(piece) - 1):
        return None
    if piece[end].text in DEFINITE:
        zero = [t.text for t in piece[end + 1 : -1]] == ["0"] and turned == texts
        return _Said(quality="symmetric" if "e" in DEFINITE[piece[end].text] else "spd") if zero else None
    shape = _scripts(piece[end - 1 :])[0] if _is_membership(piece[end - 1 :]) else None
    return _Said(shape, "skew" if turned != texts else "symmetric")


def _texts(tokens: Sequence[Token]) -> list[str]:
    """The texts of the tokens, with every sign of a transpose as a T and without signs of products."""
    texts = ["T" if t.text == "'" else t.text for t in tokens if t.text not in ("*", "@")]
    return [t for i, t in enumerate(texts) if t != "^" or texts[i + 1 : i + 2] != ["T"]]


def _in_set(piece: Sequence[Token], first: int, text: str) -> _Said | None:
    """What follows from ``\\in`` and a set that has a sign. Raises ``ParseError``."""
    of = piece[first + 1]
    if _is_membership(piece):
        shape, label = _scripts(piece)
        return _Said(shape, {"+": "nonnegative", "++": "positive"}.get(label, ""))
    if of.text in SYMMETRIC and first == 1:
        shape, label = _scripts(piece)
        if label in ("", "+", "++"):
            return _Said(shape if len(shape) == 2 else shape * 2 or None, "spd" if label == "++" else "symmetric")
    plain = text.replace("\\", "").partition("^")[0]
    return _Said(quality=OF_ENTRIES[plain]) if plain in OF_ENTRIES else None


def _scripts(piece: Sequence[Token]) -> tuple[tuple[Dim, ...], str]:
    r"""The sizes above a set, ``^n``, ``^{m \times n}``, ``^{n \times 5d}``, and the sign below it, ``_+`` or ``_{++}``."""
    shape: tuple[Dim, ...] = ()
    label, i = "", 3
    while i < len(piece) - 1:
        end = closing(piece, i + 1) if piece[i + 1].text == "{" else i
        inner = piece[i + 2 : end]
        sizes = [_size(axis) for axis in _split(inner, ("*", "times"))]
        if piece[i].text == "_" and inner and all(t.text == "+" for t in inner):
            label = "+" * len(inner)
        elif piece[i].text == "^" and None not in sizes and not shape:
            shape = tuple([d for d in sizes if d is not None])
        else:
            raise ParseError(
                "this set of numbers is not understood",
                span=(piece[2].start, piece[-1].end),
                hint=r"write x \in \mathbb{R}^n or A \in \mathbb{R}^{m \times n}; properties are said with assume=…",
            )
        i = end + 1
    return shape, label


def _split(tokens: Sequence[Token], signs: tuple[str, ...]) -> list[list[Token]]:
    """What stands between the signs."""
    out: list[list[Token]] = [[]]
    for t in tokens:
        if t.text in signs:
            out.append([])
        else:
            out[-1].append(t)
    return out


def _size(axis: Sequence[Token]) -> Dim | None:
    """``n``, ``3``, ``5d`` or ``n + 1``; None for anything else."""
    total: Dim = 0
    for term in _split(axis, ("+",)):
        whole = all(t.kind == "name" or (t.kind == "num" and t.text.isdigit()) for t in term)
        if not term or not whole:
            return None
        factors: list[Dim] = [int(t.text) if t.kind == "num" else t.text for t in term]
        total = dims.add(total, reduce(dims.mul, factors))
    return total


def _is_gram(piece: Sequence[Token]) -> bool:
    """``QᵀQ = I``, also with a size below I."""
    texts = _texts(piece[:-1])
    return texts[1:5] == ["T", texts[0], "=", "I"] and texts[5:6] in ([], ["_"])


def names_of(stated: list[Statement]) -> set[str]:
    """The objects and the size symbols that the text states."""
    sized = [s for s in stated if s.body.kind == "stated"]
    shapes = [*(s.body.value for s in sized), *(shape for s in stated if s.body.kind == "maps" for shape in s.body.value)]
    return {str(s.name) for s in sized} | {str(a) for shape in shapes for d in shape for a in dims.atoms(d)}


class Facts(NamedTuple):
    """What a text states: types, kinds, properties, and properties that hold if the value is square, each with its place."""

    types: Mapping[str, Type]
    qualities: Mapping[str, str]
    if_square: Mapping[str, tuple[str, tuple[int, int]]]
    kinds: Mapping[str, str] = MappingProxyType({})  # of names that are called a matrix or a vector
    maps: Mapping[str, tuple[Type, Type]] = MappingProxyType({})  # of functions without a formula: argument and value

    @property
    def square(self) -> Iterator[str]:
        """Matrices that are square by what is said of them."""
        return (n for n, said in self.qualities.items() if not SQUARE.isdisjoint(said.split(", ")))

    @property
    def matrices(self) -> Iterator[str]:
        """Names that are matrices by what is said of them; two vectors can be orthogonal, too."""
        return (n for n, said in self.qualities.items() if not (SQUARE - {"orthogonal"}).isdisjoint(said.split(", ")))


def taken_in(statements: list[Statement], declared: Mapping[str, Type]) -> tuple[list[Statement], Facts]:
    """The formulas alone, and what the text states. Raises ``UsageError`` where a declaration says something else."""
    types: dict[str, Type] = {}
    qualities: dict[str, str] = {}
    if_square: dict[str, tuple[str, tuple[int, int]]] = {}
    kinds: dict[str, str] = {}
    maps: dict[str, tuple[Type, Type]] = {}
    for s in statements:
        name = str(s.name)
        if s.body.kind == "stated":
            t = variable_type(s.body.value)
            other = types.get(name, declared.get(name, t))
            if other != t:
                raise UsageError(
                    f"'{s.name}' is {size_text(t)} in the text, and declared as {size_text(other)}",
                    span=s.span, hint="declare it once",
                )  # fmt: skip
            types[name] = t
        elif s.body.kind == "maps":
            maps[name] = variable_type(s.body.value[0]), variable_type(s.body.value[1])
        elif s.body.kind == "kind":
            kinds[name] = s.body.value
        elif s.body.kind == "holds" and s.body.mark == IF_SQUARE:
            if_square[name] = s.body.value, s.span
        elif s.body.kind == "holds":
            qualities[name] = ", ".join(filter(None, (qualities.get(name), s.body.value)))
    formulas = [s for s in statements if s.body.kind not in FACTS]
    for s in formulas:  # of g: ℝⁿ → ℝ the formula of g has the sizes
        maps.pop(str(s.name), None)
    return formulas, Facts(types, qualities, if_square, kinds, maps)


def parts_of_columns(statements: list[Statement], types: Mapping[str, Type]) -> frozenset[str]:
    r"""The names in ``X = [X_1 \quad X_2]`` where ``X \in \mathbb{R}^{5d}`` is stated: they are vectors, as X is one."""
    if not types:
        return frozenset()
    columns = [s.body for s in statements if s.body.kind == "blocks" and s.name in types and types[str(s.name)].kind == "c"]
    known = {s.name for s in statements}
    rows = [node for node in columns if node.value == len(node.args) > 1]
    return frozenset(a.value for node in rows for a in node.args if a.kind == "name" and a.value not in known)


def disagreement(name: str, t: Type, found: str, span: tuple[int, int]) -> ShapeError:
    message = f"'{name}' is stated to be {size_text(t)}, and its definition is {found}"
    return ShapeError(message, span=span, hint="correct one of them")
