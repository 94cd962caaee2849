"""Calls as Python writes them, ``np.sum(X)`` and ``X.sum()``: parsed, and put in the terms of the syntax tree."""

from __future__ import annotations

from fractions import Fraction

from matcalc.expr.errors import ParseError
from matcalc.notation.lex import python_names as names
from matcalc.notation.lex.syntax import CALLED, Ast, Token, signs_in, whole_number
from matcalc.notation.parse.bracketed_rows import array
from matcalc.notation.parse.by_cases import where
from matcalc.notation.parse.cursor import Cursor

METHOD = "method"  # the family of what follows a dot
# What a vector becomes, by the method and the numbers in its brackets.
SHAPES: dict[tuple[str, tuple[int | None, ...]], str] = {
    ("reshape", (-1, 1)): "np.column",
    ("reshape", (1, -1)): "np.row",
    ("reshape", (-1,)): "np.flat",
    ("ravel", ()): "np.flat",
    ("squeeze", ()): "np.squeeze",
    ("unsqueeze", (0,)): "np.row",
    ("unsqueeze", (1,)): "np.column",
    ("unsqueeze", (-1,)): "np.column",
}
UNSCALED = frozenset(("eye", "ones", "zeros"))  # calls whose arguments are sizes


def function(p: Cursor) -> Ast:
    """``np.sum(X)``, the token of its name at hand."""
    t = p.take()
    family, _, name = t.text.partition(".")
    if name == "slogdet":
        return _slogdet(p, t, t.start, ())
    if name == "where":
        return where(p, p.take())
    arguments, end = _arguments(p)
    return _lowered(p, family, name, arguments, Ast("call", t.start, end.end), t)


def attribute(p: Cursor, node: Ast) -> Ast:
    """``X.sum()``, ``X.shape[0]`` after an operand; that it is known was seen before."""
    t = p.take()
    family, _, name = t.text.rpartition(".")
    if name == "mT":
        return Ast("T", node.start, t.end, (node,))
    if name == "shape":
        return _shape(p, node, t)
    if name == "size" and not p.at("open", "("):
        return Ast("call", node.start, t.end, (node,), ("np.size", METHOD))
    if name == "slogdet":
        return _slogdet(p, t, node.start, (node,))
    arguments, end = _arguments(p)
    return _lowered(p, family or METHOD, name, (node, *arguments), Ast("call", node.start, end.end), t)


def _arguments(p: Cursor) -> tuple[tuple[Ast, ...], Token]:
    """What stands in the brackets at hand; a tuple of sizes counts as its parts."""
    opener = p.take()
    p.enter()
    inner = p.take() if p.at("open", "(") and any(signs_in(p.tokens, p.i, ",")) else None  # ((m, n))
    found: list[Ast] = []
    while not p.at("close", ")"):
        found.append(p.argument())
        if inner and p.at("close", ")"):
            p.close(inner)
            inner = None
        if not p.at("op", ","):
            break
        p.take()
    p.depth -= 1
    return tuple(found), p.close(opener)


def _slogdet(p: Cursor, t: Token, start: int, given: tuple[Ast, ...]) -> Ast:
    """``slogdet(A)[1]``, the logarithm of the determinant."""
    arguments, _ = _arguments(p)
    if [x.text for x in p.tokens[p.i : p.i + 3]] not in (["[", "1", "]"], ["[", "-", "1"]):
        hint = "write slogdet(A)[1] for the logarithm of the determinant"
        raise p.fail("slogdet gives a sign and a logarithm", t, hint)
    while not p.at("close", "]"):
        p.take()
    end = p.take()
    return Ast("call", start, end.end, (*given, *arguments), ("logdet", 0))


def _shape(p: Cursor, node: Ast, t: Token) -> Ast:
    """``X.shape[0]``: a size, as a number."""
    texts = [x.text for x in p.tokens[p.i : p.i + 4]]
    length = 3 if texts[:3] in (["[", "0", "]"], ["[", "1", "]"]) else 4 if texts[:3] == ["[", "-", "1"] else 0
    if not length:
        raise p.fail("a shape is read with the number of an axis only", t, "write X.shape[0] or X.shape[1]")
    axis = "".join(texts[1 : length - 1])
    p.i += length
    return Ast("call", node.start, p.tokens[p.i - 1].end, (node,), (f"np.shape{axis}", METHOD))


# ---------------------------------------------------------------- what each call is


def _lowered(p: Cursor, family: str, name: str, arguments: tuple[Ast, ...], at: Ast, t: Token) -> Ast:
    """The call in terms of the syntax tree. Raises ``ParseError`` for a wrong number of arguments."""
    if not arguments:
        raise ParseError(f"{name}() needs an argument", span=at.span, hint=f"write {name}(x)")
    if name in names.ARRAYS:
        return array(p, at._replace(args=arguments, value=(name, 0)))
    if name in names.REDUCE:
        return at._replace(args=arguments, value=(f"np.{names.REDUCE[name]}", family))
    if name in names.FLAT:
        return at._replace(args=_count(p, name, arguments, 2, t), value=(f"np.{name}", METHOD))
    if name in names.SIGNS or name in names.POWERS or name in names.TWO:
        return _pair(name, _count(p, name, arguments, 2, t), at)
    if name in names.LOSSES:
        return _loss(name, arguments, at)
    if name in names.CLASS_LOSSES:
        return _class_loss(name, arguments, at, family)
    if name in names.NORMALISED and family in ("functional", "torch"):
        return _normalised(name, arguments, at)
    if name == "linear":
        return _layer(_count(p, name, arguments, 3 if len(arguments) > 2 else 2, t), at)
    if name in names.JOINED:
        return _joined(name, arguments, at)
    if name in names.FILLED:
        return at._replace(args=arguments, value=(names.FILLED[name], 0))
    if name in names.TURNED:
        _transposition(p, name, arguments[1:], t)
        return at._replace(kind="T", args=arguments[:1])
    if name in names.SHAPED:
        return _shaped(p, name, arguments, at, t)
    if name in ("clip", "clamp"):
        return _clipped(p, name, arguments, at, t)
    if name == "size":
        return _sized(p, _count(p, name, arguments, 2, t), at, t)
    if names.ASSIGNED.endswith(f".{name}"):
        return _assigned(p, arguments, at, t)
    if name == "arange":
        raise p.fail("arange is no array that is read", t, "scores[np.arange(N), y] is read, of labels y")
    if name in names.LIKE or name in ("len", "negative", "neg", "reciprocal", "item", "copy", "clone"):
        return _single(name, _count(p, name, arguments, 1, t)[0], at)
    if name == "einsum" and arguments[0].kind == "string":
        arguments = (arguments[0]._replace(value=_explicit(arguments[0].value.replace(" ", ""))), *arguments[1:])
    return at._replace(args=arguments, value=(names.SAME.get(name, name), 0))


def _joined(name: str, arguments: tuple[Ast, ...], at: Ast) -> Ast:
    inner = arguments[0].args if arguments[0].kind == "blocks" else ()
    return at._replace(args=(*inner, *arguments[bool(inner) :]), value=(f"np.{names.SAME_JOIN.get(name, name)}", METHOD))


def _class_loss(name: str, arguments: tuple[Ast, ...], at: Ast, family: str) -> Ast:
    """The loss with its scores and its target in front, whether they are named or not."""
    named = {a.value: a.args[0] for a in arguments if a.kind == "keyword"}
    places = [a for a in arguments if a.kind != "keyword"]
    places += [named[key] for key in ("input", "target") if key in named]
    if len(places) != 2:
        raise ParseError(f"F.{name} takes scores and a target", span=at.span, hint=f"write F.{name}(scores, y)")
    others = [a for a in arguments if a.kind == "keyword" and a.value not in ("input", "target")]
    return at._replace(args=(*places, *others), value=(names.CLASS_LOSSES[name], family))


def _assigned(p: Cursor, arguments: tuple[Ast, ...], at: Ast, t: Token) -> Ast:
    """An assignment to the entries of classes. Raises ``ParseError`` for one to other parts."""
    entry, value = arguments[0], arguments[-1]
    if len(arguments) != 2 or entry.value != (names.PICKED, METHOD):
        raise p.fail("an assignment to a part of an array is not read", t, "m[np.arange(N), y] = 0 is read, of labels y")
    return at._replace(args=(*entry.args, value), value=(names.ASSIGNED, METHOD))


def _explicit(subscripts: str) -> str:
    """Subscripts with their result, which NumPy makes of the letters that occur once, in order."""
    if "->" in subscripts:
        return subscripts
    letters = sorted(c for c in set(subscripts) if c.isalpha() and subscripts.count(c) == 1)
    return f"{subscripts}->{'...' * ('...' in subscripts)}{''.join(letters)}"


def _count(p: Cursor, name: str, arguments: tuple[Ast, ...], count: int, t: Token) -> tuple[Ast, ...]:
    keyword = next((a for a in arguments if a.kind in ("keyword", "string")), None)
    if keyword is not None:
        raise ParseError(f"'{keyword.value}' is not an argument that is read with {name}", span=keyword.span,
                         hint="leave it out, if it changes nothing")  # fmt: skip
    if len(arguments) != count:
        raise p.fail(
            f"{name} takes {count} argument{'s' * (count > 1)}, {len(arguments)} given",
            t,
            f"write {name}({', '.join('ab'[:count])})",
        )
    return arguments


def _pair(name: str, operands: tuple[Ast, ...], at: Ast) -> Ast:
    if name in names.POWERS:
        return at._replace(kind="pow", args=operands, value=names.POWERS[name])
    if name == "logaddexp":  # a + log(1 + exp(b - a))
        a, b = operands
        if a.kind == "num" and a.value == 0:
            return at._replace(args=(b,), value=("softplus", 0))
        difference = at._replace(kind="npsum", args=(b, a), value="+-")
        return at._replace(kind="npsum", args=(a, at._replace(args=(difference,), value=("softplus", 0))), value="++")
    if name == "solve":
        inverse = at._replace(args=operands[:1], value=("inv", 0))
        return at._replace(kind="prod", args=(inverse, operands[1]), value=("np@",), mark=CALLED)
    sign = names.SIGNS[name]
    if sign in "+-":
        return at._replace(kind="npsum", args=operands, value="+" + sign)
    return at._replace(kind="prod", args=operands, value=(sign,), mark=CALLED)


def _loss(name: str, arguments: tuple[Ast, ...], at: Ast) -> Ast:
    """A loss of PyTorch: the mean over all entries, unless ``reduction`` says something else. Raises ``ParseError``."""
    entries: list[Ast] = []
    found = "mean"
    for a in arguments:
        if a.kind == "keyword" and a.value == "reduction" and a.args[0].kind == "string":
            found = a.args[0].value
        elif a.kind == "keyword" and a.value in ("beta", "delta", "margin", "var") and len(entries) >= 2:
            entries.append(a.args[0])
        elif a.kind == "keyword" and a.value not in ("input", "target"):
            raise ParseError(f"'{a.value}' is not an argument that is read with {name}", span=a.span,
                             hint="reduction='mean', 'sum' and 'none' are read")  # fmt: skip
        else:
            entries.append(a.args[0] if a.kind == "keyword" else a)
    each = at._replace(args=tuple(entries), value=(names.LOSSES[name], 0))
    if found == "none":
        return each
    if found == "batchmean" and name == "kl_div":
        total = at._replace(args=(each,), value=("np.sum", METHOD))
        return at._replace(
            kind="prod", args=(total, at._replace(args=tuple(entries[:1]), value=("np.shape0", METHOD))), value=("np/",)
        )
    if found not in ("mean", "sum"):
        raise ParseError(f"the reduction '{found}' is not read", span=at.span, hint="'mean', 'sum' and 'none' are read")
    return at._replace(args=(each,), value=(f"np.{found}", METHOD))


def _normalised(name: str, arguments: tuple[Ast, ...], at: Ast) -> Ast:
    """``F.normalize(x, p=2, dim=1)``, ``F.cosine_similarity(x, y, dim=1)``: without the small number against division by 0."""
    count = 1 if name == "normalize" else 2
    operands = tuple([a for a in arguments if a.kind != "keyword"])
    keys = {a.value: a.args[0] for a in arguments if a.kind == "keyword"}
    for key, given in zip(("p", "dim") if count == 1 else ("dim",), operands[count:], strict=False):
        keys.setdefault(key, given)
    if len(operands) < count or len(operands) > 3 or not keys.keys() <= {"p", "dim"}:
        raise ParseError(f"{name} is not read with these arguments", span=at.span,
                         hint="write F.normalize(x, p=2, dim=1) or F.cosine_similarity(x, y, dim=1), without eps")  # fmt: skip
    axis = at._replace(kind="keyword", args=(keys.get("dim", at._replace(kind="num", value=Fraction(1))),), value="dim")
    order = [at._replace(kind="keyword", args=(keys["p"],), value="ord")] if "p" in keys else []
    if count == 1:
        kept = at._replace(kind="keyword", args=(at._replace(kind="string", value="True"),), value="keepdims")
        norm = at._replace(args=(operands[0], *order, axis, kept), value=("np.norm", METHOD))
        return at._replace(kind="prod", args=(operands[0], norm), value=("np/",))
    x, y = operands[:2]
    product = at._replace(args=(at._replace(kind="prod", args=(x, y), value=("np.*",)), axis), value=("np.sum", METHOD))
    norms = tuple([at._replace(args=(a, axis), value=("np.norm", METHOD)) for a in (x, y)])
    return at._replace(kind="prod", args=(product, at._replace(kind="prod", args=norms, value=("np.*",))), value=("np/",))


def _layer(operands: tuple[Ast, ...], at: Ast) -> Ast:
    """``F.linear(x, W, b)``: x Wᵀ + b, a sample in each row."""
    x, weights, *bias = operands
    product = at._replace(kind="prod", args=(x, at._replace(kind="T", args=(weights,))), value=("np@",), mark=CALLED)
    return at._replace(kind="npsum", args=(product, *bias), value="++") if bias else product


def _single(name: str, operand: Ast, at: Ast) -> Ast:
    if name in names.LIKE:
        number = at._replace(kind="num", value=Fraction(names.LIKE[name]))
        return at._replace(args=(number, operand), value=("fill", 0))
    if name == "len":
        return at._replace(args=(operand,), value=("np.shape0", METHOD))
    if name in ("negative", "neg"):
        return at._replace(kind="neg", args=(operand,))
    if name == "reciprocal":
        one = at._replace(kind="num", value=Fraction(1))
        return at._replace(kind="prod", args=(one, operand), value=("np/",))
    return operand


def _transposition(p: Cursor, name: str, axes: tuple[Ast, ...], t: Token) -> None:
    """Axes of a transposition: none, or the two of a matrix."""
    found = {whole_number(a) for a in axes}
    if axes and found not in ({0, 1}, {-1, -2}):
        raise p.fail(f"{name} with these axes is not read", t, "a matrix has the axes 0 and 1; write X.T")


def _shaped(p: Cursor, name: str, arguments: tuple[Ast, ...], at: Ast, t: Token) -> Ast:
    """An axis of length 1, or all the entries in one axis."""
    axes = tuple([whole_number(a) for a in arguments[1:]])
    meaning = SHAPES.get(({"view": "reshape", "flatten": "ravel"}.get(name, name), axes))
    if meaning is None:
        hint = "reshape(-1, 1), reshape(1, -1), reshape(-1), ravel(), unsqueeze(0) and unsqueeze(1) are read"
        raise p.fail(f"{name} to this shape is not read", t, hint)
    return at._replace(args=arguments[:1], value=(meaning, METHOD))


def _sized(p: Cursor, arguments: tuple[Ast, ...], at: Ast, t: Token) -> Ast:
    """``X.size(0)`` of PyTorch."""
    axis = whole_number(arguments[1])
    if axis not in (0, 1, -1):
        raise p.fail("size with this axis is not read", t, "write X.shape[0] or X.shape[1]")
    return at._replace(args=arguments[:1], value=(f"np.shape{axis}", METHOD))


def _clipped(p: Cursor, name: str, arguments: tuple[Ast, ...], at: Ast, t: Token) -> Ast:
    """The larger of an entry and the lower bound, the smaller of that and the upper bound."""
    x, *rest = arguments
    bounds: dict[str, Ast | None] = dict(zip(("max", "min"), (a for a in rest if a.kind != "keyword"), strict=False))
    keys = {"min": "max", "a_min": "max", "max": "min", "a_max": "min"}  # from below: the maximum of both
    for a in rest:
        if a.kind == "keyword":
            if a.value not in keys or keys[a.value] in bounds:
                raise ParseError(f"'{a.value}' is not an argument that is read with {name}", span=a.span,
                                 hint=f"write {name}(x, low, high)")  # fmt: skip
            bounds[keys[a.value]] = a.args[0]
    bounds = {f: b for f, b in bounds.items() if b is not None and b.kind != "string"}
    if not bounds or len(rest) > 2:
        raise p.fail(f"{name} takes a lower and an upper bound", t, f"write {name}(x, low, high)")
    if len(bounds) == 2:
        return at._replace(args=(x, bounds["max"], bounds["min"]), value=("clip", 0))
    ((f, bound),) = bounds.items()
    return at._replace(args=(x, bound), value=(f, 0))


def in_numpys_brackets(p: Cursor, node: Ast) -> Ast | None:
    """What the bracket at hand means in NumPy alone."""
    return new_axis(p, node) or picked(p, node)


def picked(p: Cursor, node: Ast) -> Ast | None:
    """``scores[np.arange(N), y]``, also with ``range(N)``, the bracket at hand: of each row the entry that a label says."""
    function = p.tokens[p.i + 1]
    if function.text.rpartition(".")[2] not in ("arange", "range") or p.tokens[p.i + 2].text != "(":
        return None
    opener = p.take()
    p.take()
    counts, _ = _arguments(p)
    hint = "scores[np.arange(N), y] is read, where y, a name, holds an integer for each row"
    if len(counts) != 1 or not p.at("op", ",") or [p.tokens[p.i + n].kind for n in (1, 2)] != ["name", "close"]:
        raise p.fail("numbers of rows are read beside labels only", function, hint)
    p.take()
    t = p.take()
    target = Ast("name", t.start, t.end, (), t.text)
    return Ast("call", node.start, p.close(opener).end, (node, target, *counts), (names.PICKED, METHOD))


def new_axis(p: Cursor, node: Ast) -> Ast | None:
    """``x[:, None]`` and ``x[None, :]``, the bracket at hand. Raises ``ParseError`` for more axes."""
    texts = [t.text for t in p.tokens[p.i : p.i + 8]]
    inside = "".join(texts[: texts.index("]") + 1]) if "]" in texts else ""
    if "'None'" not in inside:
        return None
    meaning = {"[:,'None']": "np.column", "['None',:]": "np.row"}.get(inside)
    if meaning is None:
        hint = "x[:, None] and x[None, :] of a 1-D array are read"
        raise p.fail("a new axis that makes no matrix of a vector is not read", hint=hint)
    p.i += 5
    return Ast("call", node.start, p.tokens[p.i - 1].end, (node,), (meaning, METHOD))


# ---------------------------------------------------------------- signs


def marked(node: Ast, star: str) -> Ast:
    """The tree with the signs that mean another thing in Python than in mathematics: products, quotients, sums.

    ``star`` is what ``*`` becomes.
    """
    if (node.kind == "call" and node.value[0] in UNSCALED) or node.kind in ("bigop", "index"):
        return node
    args = tuple([marked(a, star) if isinstance(a, Ast) else a for a in node.args])
    if node.kind == "sum":
        return node._replace(kind="npsum", args=args)
    if node.kind == "prod":
        return node._replace(args=args, value=tuple([star if op == "*" else f"np{op}" if op in "/@" else op for op in node.value]))
    return node._replace(args=args)
