"""Products by the subscripts of their axes, ``einsum('bij,bj->bi', A, x)``, and the products of stacks of matrices."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from functools import reduce as fold

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import ParseError, ShapeError
from matcalc.expr.nodes import shape_of, type_of
from matcalc.expr.subscripts import parse_subscripts
from matcalc.expr.table import Type
from matcalc.notation.lex.habits import EINSUM
from matcalc.notation.lex.syntax import Ast, Statement, walk
from matcalc.notation.meaning.tape import Scope

_AXES = r"(?:[A-Za-z]|\([A-Za-z]+\))*"
_SUBSCRIPTS = rf"{_AXES}(?:,{_AXES})*->{_AXES}"  # compiled when it is used: few texts need it
REST = "..."  # the axes that an operand has before those with letters
# ``@`` of stacks, which goes matrix by matrix, for the kinds of the two sides.
STACKS = {"tt": "bij,bjk->bik", "tm": "bij,jk->bik", "mt": "ij,bjk->bik", "tc": "bij,j->bi", "ct": "j,bjk->bk"}


def ranks(statements: Iterable[Statement], known: Collection[str | None]) -> dict[str, str]:
    """Kinds of names that nobody declared, by the number of axes that subscripts give them."""
    found: dict[str, set[int]] = {}
    for node in (n for s in statements for n in walk(s.body)):
        if node.kind == "call" and node.value[0] == "einsum" and node.args and node.args[0].kind == "string":
            for letters, operand in zip(str(node.args[0].value).partition("->")[0].split(","), node.args[1:], strict=False):
                if operand.kind == "name" and operand.value not in known and letters.isalpha():
                    found.setdefault(operand.value, set()).add(len(letters))
    return {name: "scmt"[min(counts)] for name, counts in found.items() if len(counts) == 1 and min(counts) < 4}


def _subscripts(node: Ast, shapes: Sequence[Sequence[Dim]]) -> tuple[str, list[list[str]], list[str]]:
    """The text of the first argument, and the axes in it. Raises ``ParseError``."""
    if not node.args or node.args[0].kind != "string":
        raise ParseError("einsum needs subscripts first: einsum('ij,jk->ik', A, B)", span=node.span)
    text, span = _written_out(str(node.args[0].value), shapes), node.args[0].span
    if not re.fullmatch(_SUBSCRIPTS, text):
        once = "".join(sorted(c for c in set(text) if c.isalpha() and text.count(c) == 1))  # what NumPy takes
        given = f"{text}->{once}" if re.fullmatch(r"[A-Za-z]+(,\s*[A-Za-z]+)*", text) else "ij,jk->ik"
        raise ParseError(f"'{text}' does not say which axes go into which", span=span,
                         hint=f"write the axes of each operand and of the result: '{given}'")  # fmt: skip
    inputs, output = parse_subscripts(text)
    flat = "".join(output)
    twice = [c for c in flat if flat.count(c) > 1]
    if twice:
        raise ParseError(f"einsum: the result has the index {twice[0]} twice", span=span,
                         hint="name each axis of the result once; a diagonal matrix is diag(x)")  # fmt: skip
    return text, inputs, output


def einsum(scope: Scope, node: Ast) -> int:
    """einsum('ij,jk->ik', A, B), with composite axes in parentheses: 'ij,kl->(ik)(jl)'."""
    operands = tuple([scope.infer(a) for a in node.args[1:]])
    text, inputs, output = _subscripts(node, [shape_of(scope.type(i)) for i in operands])
    if len(inputs) != len(operands):
        raise ParseError(f"'{text}' describes {len(inputs)} operands, {len(operands)} given", span=node.span,
                         hint="write the axes of each operand, with commas between: einsum('ij,jk->ik', A, B)")  # fmt: skip
    sizes: dict[str, Dim] = {}
    axes: list[tuple[str, Dim]] = []
    if not any(inputs) and all(scope.type(i)[0] == "s" for i in operands):
        return fold(lambda a, b: scope.apply("scale", (a, b), node), operands)
    if not scope.numpy:  # there an array has the axes that it has
        operands = _with_axes_of_one(scope, inputs, output, operands, node)
    for letters, operand in zip(inputs, operands, strict=True):
        shape = shape_of(scope.type(operand))
        if len(letters) != len(shape):
            sizes_of = f"{scope.text(operand)}={','.join('nmp'[: len(letters)])}"
            declared = f", or declare it: --dim {sizes_of}" if scope.tape[operand].op == "sym" and len(letters) < 4 else ""
            raise ShapeError(
                f"einsum: '{scope.text(operand)}' is {scope.size(operand)}, and '{''.join(letters)}' names {len(letters)} axes",
                span=node.span,
                hint=f"name {len(shape)} {'axis' if len(shape) == 1 else 'axes'}{declared}",
            )
        axes.extend(zip(letters, shape, strict=True))
    for name, size in sorted(axes, key=lambda pair: len(pair[0]) > 1):  # plain indices first: they give the parts of composite ones
        _bind_axis(scope, node, sizes, name, size)
    missing = [c for axis in output for c in axis if c not in sizes]
    if missing:
        raise ParseError(f"einsum: the index {missing[0]} of the result is in no operand", span=node.span,
                         hint="give it to an operand, such as ones(n)")  # fmt: skip
    return scope.put("einsum", operands, text, type_of(tuple(_axis_size(sizes, axis) for axis in output)), node)


# The letters that stand for no axis of a kind, by how many letters there are: an n×1 value has one more than a column.
_OF_ONE = {("c", 2): (1,), ("r", 2): (0,), ("s", 2): (0, 1), ("s", 1): (0,)}


def _with_axes_of_one(
    scope: Scope, inputs: list[list[str]], output: list[str], operands: tuple[int, ...], node: Ast
) -> tuple[int, ...]:
    """Declared columns, rows and numbers as the n×1, 1×n and 1×1 matrices that their letters say, as results are printed.

    Not where a letter is known to have another size, or may have, or stands nowhere else: there the kind is wrong, not the size.
    """
    places = Counter([c for axes in (*inputs, output) for c in {*axes}])
    shapes = [shape_of(scope.type(i)) for i in operands]
    fits = [(axes, shape) for axes, shape in zip(inputs, shapes, strict=True) if len(axes) == len(shape)]
    longer = {c for axes, shape in fits for c, size in zip(axes, shape, strict=True) if dims.walk(size) != 1}
    said = {*scope.declared, *scope.sizes}
    found = []
    for letters, i, at in zip(inputs, operands, node.args[1:], strict=True):
        kind, rows, cols = scope.type(i)
        ones = [letters[k] for k in _OF_ONE.get((kind, len(letters)), ()) if letters[k] not in longer and places[letters[k]] > 1]
        plain = len({*letters}) == len("".join(letters))  # no axis is a composite one, or taken twice
        names = [n.value for n in walk(at) if n.kind == "name"]
        if plain and len(ones) + len(shape_of(scope.type(i))) == len(letters) and ones and said.issuperset(names):
            text = ",".join(["".join([c for c in letters if c not in ones]), *ones]) + "->" + "".join(letters)
            column = scope.put("ones", (), None, Type("c", 1, 1), at)
            wide = Type("m", rows, cols) if len(letters) == 2 else Type("c", 1, 1)
            i = scope.put("einsum", (i, *[column for _ in ones]), text, wide, at)
        found.append(i)
    return tuple(found)


def _bind_axis(scope: Scope, node: Ast, sizes: dict[str, Dim], name: str, size: Dim) -> None:
    if len(name) > 1:
        known = [c for c in name if c in sizes]
        if len(known) == len(name) and not scope.unifier.unify(_axis_size(sizes, name), size):
            raise ShapeError(f"einsum: the composite index ({name}) does not fit", span=node.span)
        for c in name:
            sizes.setdefault(c, scope.unifier.fresh())
        scope.unifier.unify(_axis_size(sizes, name), size)
    elif name not in sizes:
        sizes[name] = size
    elif not scope.unifier.unify(sizes[name], size):
        one, two = dims.text(sizes[name]), dims.text(size)
        raise ShapeError(f"einsum: the index {name} has the sizes {one} and {two}", span=node.span,
                         hint="give axes of different sizes different letters, or declare the sizes equal")  # fmt: skip


def _axis_size(sizes: dict[str, Dim], axis: str) -> Dim:
    total: Dim = 1
    for c in axis:
        total = dims.mul(total, sizes[c])
    return total


def _written_out(text: str, shapes: Sequence[Sequence[Dim]]) -> str:
    """With letters in place of the axes that three dots stand for: the last of them are the same everywhere."""
    if REST not in text:
        return text
    inputs, arrow, output = text.partition("->")
    parts = inputs.split(",")
    free = [c for c in EINSUM if c not in text]
    counts = [len(shape) - len(part.replace(REST, "")) for part, shape in zip(parts, shapes, strict=False)]
    most = max([count for part, count in zip(parts, counts, strict=False) if REST in part], default=0)
    rest = "".join(free[:most])
    told = [part.replace(REST, rest[most - max(count, 0) :]) for part, count in zip(parts, counts, strict=False)]
    return ",".join([*told, *parts[len(told) :]]) + arrow + output.replace(REST, rest)


def stacked(scope: Scope, left: int, right: int, at: Ast) -> int | None:
    """``A @ B`` where one of both is a stack of matrices; None where neither is."""
    text = STACKS.get(scope.type(left)[0] + scope.type(right)[0])
    if text is None:
        return None
    operands = [Ast("name", *scope.spans[i], (), name) for i, name in ((left, "#left"), (right, "#right"))]
    call = at._replace(kind="call", args=(at._replace(kind="string", args=(), value=text), *operands), value=("einsum", 0))
    return scope.infer_with({"#left": left, "#right": right}, call)
