"""Programs give a name several values, one after the other: each value becomes a name of its own.

``h = tanh(W @ x)``, ``h = tanh(V @ h)`` are h1 and h; of ``x = A @ x + b`` the x on the right is what is given, and stays x,
and the new value is x1. ``loss += r`` is ``loss = loss + (r)``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import accumulate, chain, count, pairwise
from typing import NamedTuple

from matcalc.expr.errors import ParseError
from matcalc.notation.lex.mathematica import is_mathematica, translated
from matcalc.notation.lex.python_functions import DEF, taken_in
from matcalc.notation.lex.python_names import ASSIGNED, LAYERS
from matcalc.notation.lex.python_tokens import arrows, only_in_numpy
from matcalc.notation.lex.syntax import Token, closing

AUGMENTED = ("+", "-", "*", "/", "@")


class Sequential(NamedTuple):
    tokens: list[Token]
    latest: Mapping[str, str] = {}  # name in the text to the name of its last value, where that is another
    notes: tuple[str, ...] = ()


def in_order(tokens: list[Token], declared: Collection[str]) -> Sequential:
    """The tokens of a plain text, with one name for each value; as most texts need neither, what shows them is looked for."""
    kinds, texts = {t.kind for t in tokens}, {t.text for t in tokens}
    if "attr" in kinds or DEF in kinds or "<" in texts:
        tokens = arrows(apart(taken_in(tokens)))
        kinds, texts = {t.kind for t in tokens}, {t.text for t in tokens}
    if not texts.isdisjoint(LAYERS):
        tokens = applied(tokens)
    if ("[" in texts or "attr" in kinds) and is_mathematica(tokens):
        tokens = translated(tokens)
    program = "=" in texts and any(map(only_in_numpy, tokens))
    return sequential(tokens, program, declared) if program or ("=" in texts and _repeats(tokens)) else Sequential(tokens)


def _repeats(tokens: list[Token]) -> bool:
    """Whether a name stands before two signs of equality, or an operator before one."""
    before = [t for t, after in pairwise(tokens) if after.text == "="]
    return any([t.kind == "op" for t in before]) or len({t.text for t in before}) < len(before)


def sequential(tokens: list[Token], program: bool, declared: Collection[str]) -> Sequential:
    """The tokens with one name for each value. ``program``: whether the text is code for other reasons."""
    statements = [_of_whole(s) for s in _split(tokens)]
    assigned = [(s[0].text, _is_augmented(s), any(t.kind == "name" and t.text == s[0].text for t in s[2:]))
                for s in statements if _is_assignment(s)]  # fmt: skip
    times = Counter(name for name, _, _ in assigned)
    program = program or any(augmented for _, augmented, _ in assigned)
    program = program or any(itself and times[name] > 1 for name, _, itself in assigned)
    given = _given(statements)
    last = statements[-1] if statements[-1] else statements[-2]
    later = (
        given if not _is_assignment(last) or last[0].text not in given else set()
    )  # s = u.T @ h; h = f(z): definitions, turned round
    if not program or not any(times[name] > 1 or itself or augmented or name in later for name, augmented, itself in assigned):
        return Sequential(tokens)
    _require_own(statements)
    _require_settled(statements, {n for n, k in times.items() if k > 1 or n in given})
    taken = {t.text for t in tokens if t.kind == "name"} | set(declared)
    names = {name: _versions(name, n, name in given, taken) for name, n in times.items() if n > 1 or name in given}
    out: list[Token] = []
    current: dict[str, str] = {}
    for s in map(_written_out, statements):
        assignment = _is_assignment(s)
        read = [t._replace(text=current[t.text]) if t.kind == "name" and t.text in current else t for t in s[assignment:]]
        if assignment and s[0].text in names:
            current[s[0].text] = names[s[0].text].pop(0)
        out += [s[0]._replace(text=current.get(s[0].text, s[0].text)), *read] if assignment else read
    latest = {name: new for name, new in current.items() if new != name}
    return Sequential([*out, tokens[-1]], latest, tuple(_said(name, current, name in given) for name in names))


def _require_own(statements: list[list[Token]]) -> None:
    """Refuse ``out = R; out *= 2`` where R is read later: in Python both names are one array. Raises ``ParseError``."""
    same: dict[str, str] = {}
    for i, s in enumerate(statements):
        if not _is_assignment(s):
            continue
        name, value = s[0].text, [t for t in s[2:] if t.text != ";"]
        if not _is_augmented(s):
            same.pop(name, None)
            if len(value) == 1 and value[0].kind == "name":
                same[name] = same.get(value[0].text, value[0].text)
            continue
        others = {n for n in (*same, *same.values()) if n != name and same.get(n, n) == same.get(name, name)}
        later = {t.text for rest in statements[i + 1 :] for t in rest[_is_assignment(rest) and not _is_augmented(rest) :]}
        for other in sorted(others & later):
            own = f"{name} = {name} {s[1].text} ({' '.join([t.text for t in value[1:]])})"
            raise ParseError(f"'{name}' and '{other}' are one array here, so '{name} {s[1].text}=' changes both",
                             span=(s[0].start, s[2].end), hint=f"for a value of its own: {own}")  # fmt: skip


def _require_settled(statements: list[list[Token]], several: set[str]) -> None:
    """Refuse a function that reads a name with several values: where it is called decides between them. Raises ``ParseError``."""
    for s in filter(_is_function, statements):
        own = _parameters(s)
        for t in s[2 * len(own) + 2 :]:
            if t.kind == "name" and t.text in several - own:
                raise ParseError(f"'{s[0].text}' reads '{t.text}', which gets several values", span=t.span,
                                 hint=f"hand '{t.text}' over as an argument, or give its values names of their own")  # fmt: skip


def _is_function(s: list[Token]) -> bool:
    """``f(x, y) = …``"""
    texts = [t.text for t in s]
    return len(s) > 4 and s[0].kind == "name" and texts[1] == "(" and ")" in texts and texts[texts.index(")") + 1 :][:1] == ["="]


def _parameters(s: list[Token]) -> set[str]:
    return {t.text for t in s[2 : [t.text for t in s].index(")")] if t.kind == "name"} if _is_function(s) else set()


def _said(name: str, current: Mapping[str, str], given: bool) -> str:
    if given:
        return f"'{name}' is given and gets another value, which is called {current[name]}"
    return f"'{name}' gets several values: those before the last have numbers"


def _versions(name: str, times: int, given: bool, taken: set[str]) -> list[str]:
    """One name for each value, the last being the name itself unless that is given."""
    fresh = (n for n in (f"{name}{k}" for k in count(1)) if n not in taken)
    found = [next(fresh) for _ in range(times if given else times - 1)]
    return found if given else [*found, name]


def _given(statements: list[list[Token]]) -> set[str]:
    """Names that are read before they get a value."""
    known: set[str] = set()
    found: set[str] = set()
    for s in statements:
        assignment = _is_assignment(s)
        own = known | _parameters(s)
        found.update(t.text for t in s[assignment and not _is_augmented(s) :] if t.kind == "name" and t.text not in own)
        known.update([s[0].text] if assignment else [])
    return found


def _split(tokens: list[Token]) -> list[list[Token]]:
    """The statements, each with the ``;`` that ends it."""
    out: list[list[Token]] = [[]]
    for t in tokens[:-1]:
        out[-1].append(t)
        if t[:2] == ("op", ";"):
            out.append([])
    return out


def _of_whole(s: list[Token]) -> list[Token]:
    """``m[np.arange(N), y] = 0``, which gives m another value: ``m = assigned(m[np.arange(N), y], 0)``."""
    texts = [t.text for t in s]
    depths = list(accumulate((t.kind == "open") - (t.kind == "close") for t in s))
    end = depths.index(0, 1) if s and s[0].kind == "name" and texts[1:2] == ["["] and 0 in depths[1:] else 0
    if not {"arange", "range"}.intersection(texts[:end]) or texts[end + 1 : end + 2] != ["="]:
        return s
    name, equal = s[0], s[end + 1]
    value, last = (s[end + 2 : -1], s[-1:]) if texts[-1] == ";" else (s[end + 2 :], [])
    if not value:
        return s
    call = Token("np", f"numpy.{ASSIGNED.rpartition('.')[2]}", name.start, name.end)
    opener, comma, closer = (
        Token(kind, text, equal.start, equal.end) for kind, text in (("open", "("), ("op", ","), ("close", ")"))
    )
    return [name, equal, call, opener, *s[: end + 1], comma, *value, closer, *last]


def _is_assignment(s: list[Token]) -> bool:
    return len(s) > 2 and s[0].kind == "name" and (s[1][:2] == ("op", "=") or _is_augmented(s))


def _is_augmented(s: list[Token]) -> bool:
    return len(s) > 3 and s[0].kind == "name" and s[1].kind == "op" and s[1].text in AUGMENTED and s[2][:3] == ("op", "=", s[1].end)


def _written_out(s: list[Token]) -> list[Token]:
    """``loss += r`` as ``loss = loss + (r)``."""
    if not _is_augmented(s):
        return s
    name, op, equal, *rest = s
    end = rest.pop() if rest and rest[-1][:2] == ("op", ";") else None
    place = rest[-1].end if rest else equal.end
    opener, closer = Token("open", "(", equal.end, equal.end), Token("close", ")", place, place)
    return [name, equal, name._replace(space=True), op, opener, *rest, closer, *([end] if end else [])]


# Assignments to several names at once, ``n, d = X.shape`` and ``sign, value = np.linalg.slogdet(S)``: one for each name that is


PARTS = ("shape", "slogdet")  # what has parts


def apart(tokens: list[Token]) -> list[Token]:
    """The tokens with one assignment a name. Raises ``ParseError`` where the sign of a determinant is read."""
    if "attr" not in [t.kind for t in tokens]:
        return tokens
    out: list[Token] = []
    for line in _lines(tokens):
        count = next((k for k, t in enumerate(line) if t.text == "="), 0)
        part = next((t for t in line[count:] if t.kind == "attr" and t.text in PARTS), None)
        if part is None or count < 3 or {t.text for t in line[1:count:2]} != {","}:
            out += line
            continue
        later = {t.text for t in tokens if t.start > line[-1].start and t.kind == "name"}
        for k, name in enumerate(line[:count:2]):
            if name.text in later:
                out += _of_part(name, k, part, line[count:])
    return out


def _of_part(name: Token, k: int, part: Token, value: Sequence[Token]) -> Iterator[Token]:
    """``name = value[k];``"""
    if part.text == "slogdet" and k != 1:
        raise ParseError(f"'{name.text}' is the sign of a determinant, and is not read as a value", span=name.span,
                         hint="leave it out, where the determinant is positive")  # fmt: skip
    *inside, end = value if value[-1].text == ";" else [*value, Token("op", ";", value[-1].end, value[-1].end)]
    yield name
    yield from inside
    yield from (Token(kind, text, part.start, part.end) for kind, text in (("open", "["), ("num", str(k)), ("close", "]")))
    yield end


def _lines(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The statements, each with what ends it."""
    line: list[Token] = []
    for t in tokens:
        line.append(t)
        if t[:2] == ("op", ";") or t.kind == "end":
            yield line
            line = []


# Layers of PyTorch without weights, ``nn.MSELoss(reduction='sum')(x, y)``: the functions that they are, among the tokens


PATHS: tuple[list[str], ...] = ([], ["nn"], ["torch", "nn"])


def applied(tokens: list[Token]) -> list[Token]:
    """The tokens with functions in place of layers. Raises ``ParseError`` for a layer that is not applied."""
    return _read(tokens, {})


def _read(tokens: list[Token], named: dict[str, list[Token]]) -> list[Token]:
    """``named``: layers by the names that they got, with their arguments."""
    out: list[Token] = []
    i = 0
    while i < len(tokens):
        t = tokens[i]
        if t.text in LAYERS and t.kind in ("attr", "name") and _text(tokens, i + 1) == "(":
            layer = [*_path(out, t), *_bracketed(tokens, i + 1)]
            i += 1 + _length(tokens, i + 1)
            begins = [x.text for x in out[-2:]][1:] == ["="] and out[-2].kind == "name"
            if begins and _text(tokens, i) != "(" and (len(out) == 2 or out[-3].text == ";"):
                named[out[-2].text] = layer
                del out[-2:]
                i += _text(tokens, i) == ";"
            else:
                i = _call(tokens, i, layer, named, out)
        elif t.kind == "name" and t.text in named and _text(tokens, i + 1) == "(":
            i = _call(tokens, i + 1, [x._replace(start=t.start, end=t.end) for x in named[t.text]], named, out)
        else:
            out.append(t)
            i += 1
    return out


def _text(tokens: list[Token], i: int) -> str:
    return tokens[i].text if i < len(tokens) else ""


def _path(out: list[Token], layer: Token) -> list[Token]:
    """``nn.functional.mse_loss`` where ``nn.MSELoss`` stands; the path is taken from ``out``."""
    length = next((n for n in (2, 1, 0) if [x.text for x in out[len(out) - n :]] == PATHS[n]), 0)
    start = out[len(out) - length].start if length else layer.start
    del out[len(out) - length :]
    parts = [("name", "nn"), ("attr", "functional"), ("attr", LAYERS[layer.text])]
    return [Token(kind, text, start, layer.end, layer.space) for kind, text in parts]


def _length(tokens: list[Token], i: int) -> int:
    """Of the brackets that open at ``i``, in tokens. Raises ``ParseError`` where they do not close."""
    if tokens[end := closing(tokens, i)].kind != "close":
        raise ParseError("'(' is never closed", span=tokens[i].span, hint="add ')'")
    return end - i + 1


def _bracketed(tokens: list[Token], i: int) -> list[Token]:
    return tokens[i + 1 : i + _length(tokens, i) - 1]


def _call(tokens: list[Token], i: int, layer: list[Token], named: dict[str, list[Token]], out: list[Token]) -> int:
    """The call at hand with the arguments of the layer behind its own; where it ends."""
    function, given = layer[:3], layer[3:]
    if _text(tokens, i) != "(" or _text(tokens, i + 1) == ")":
        name = next(n for n, f in LAYERS.items() if f == function[-1].text)
        raise ParseError(f"'nn.{name}(…)' is a function, and needs an argument", span=function[0].span,
                         hint=f"write nn.{name}()(x{', y' * name.endswith('Loss')})")  # fmt: skip
    arguments, end = _read(_bracketed(tokens, i), named), i + _length(tokens, i)
    comma = [Token("op", ",", tokens[end - 1].start, tokens[end - 1].start)] if given else []
    out.extend(chain(function, [tokens[i]], arguments, comma, given, [tokens[end - 1]]))
    return end
