"""Runs of letters in plain text: a name, a function, or a product of letters that are known."""

from __future__ import annotations

import re
from itertools import accumulate

from matcalc.expr.errors import AmbiguityError, MatcalcError, ParseError, Way, instead
from matcalc.expr.formulas import composite
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.habits import CONSTANTS, FUNCTION_LETTERS, VECTORS, is_letter
from matcalc.notation.lex.macros import SUBSCRIPTED
from matcalc.notation.lex.syntax import Token
from matcalc.notation.parse.cursor import BUILDERS


def split_names(piece: list[Token], known: set[str], functions: set[str]) -> list[Token]:
    """``Wx`` as ``W x``: a run of letters that is not known, when all its letters are (or by convention can be)."""
    out: list[Token] = []
    # np.sum(Wx), (a - b).mean(): Python, where nothing is multiplied without a sign
    code = not {"np", "attr"}.isdisjoint([t.kind for t in piece])
    for i, t in enumerate(piece):
        if t.kind != "name":
            out.append(t)
            continue
        word = t.text
        if out and out[-1].kind == "name" and out[-1].end == t.start and out[-1].text + word in known:
            out[-1] = out[-1]._replace(text=out[-1].text + word, end=t.end)  # Δx, declared
            continue
        if word not in known and (meant := _meant(t, known, piece[i + 1])):
            out.append(meant)
            continue
        if (word in CALLS or word in SYNONYMS) and word not in known and _takes_next(piece, i):
            out.append(t._replace(kind="fn", text=SYNONYMS.get(word, word)))
            continue
        whole = word in known or code or _beside_sign(piece, i) or t.end - t.start != len(word)
        if not whole and (parts := _labelled(word) or _behind_label(word, known, piece)):
            out += _parted(t, parts)
            continue
        if len(word) < 2 or not word.isalpha() or word in known or _is_known_word(word, functions):
            out.append(t)
            continue
        applied = piece[i + 1].text == "(" and not piece[i + 1].space
        argument = piece[i + 1].text == "=" and i > 0 and piece[i - 1].text in (",", "(")
        label = bool(out) and out[-1].text == "_"  # of a norm
        spelled = t.end - t.start != len(word)  # a Greek letter
        new = not all(c in known for c in word)
        sibling = new and any(len(k) == len(word) and k[0] == word[0] and k.isalpha() for k in known)  # Sy beside the name Sx
        signed = new and not (applied or _is_keyword(word) or composite(word)) and (code or _beside_sign(piece, i))
        if spelled or label or argument or sibling or signed or (applied and composite(word)):
            out.append(t)  # x'*Sw*x: where products have signs, a run of letters is a name
        elif not code and (not new or is_conventional(word, applied, _is_turned(piece[i + 1 :]))):
            out += _parted(t, list(word))
        elif applied:
            out.append(t)
        else:
            raise _undeclared(t, known, bool(out) and out[-1].text == "^", piece[i + 1].text in ("^", ".^", "'"))
    return out


def _is_turned(after: list[Token]) -> bool:
    """Whether a sign of the transpose follows: ``'``, ``^T``, ``.T``."""
    return after[0].kind == "T" or after[0].text == "'" or (after[0].text == "^" and after[1].text == "T")


def _labelled(word: str) -> list[str]:
    """The factors of ``x_1x_2``, ``W_1x``, ``Ax_1`` and ``W_2relu``: letters with numbers for labels; ``fc1`` is one name."""
    base = word.rstrip("_0123456789")
    found = None if base.isalpha() and not is_conventional(base, False) else _FACTORS.fullmatch(word)
    last = found["last"] if found else ""
    if found is None or (len(last) > 1 and last not in CALLS and last not in SYNONYMS):
        return []
    return _FACTOR.findall(word.removesuffix(last)) + [last] * bool(last)


def _behind_label(word: str, known: set[str], piece: list[Token]) -> list[str]:
    """The factors of ``S_bW``, where S_b is known or W stands alone."""
    parts = [word[:3], word[3:]] if word[1:2] == "_" and len(word) == 4 and word[3].isupper() and word[2].islower() else []
    return parts if parts and (parts[0] in known or parts[1] in known.union([t.text for t in piece])) else []


_FACTOR = re.compile(r"[A-Za-z](?:_?\d+)?")
_FACTORS = re.compile(r"(?:[A-Za-z]_?\d+|[A-Z]{1,2}(?=[A-Za-z]_?\d))(?:[A-Za-z]_?\d+)*(?P<last>[A-Za-z]*)")


def _parted(t: Token, parts: list[str]) -> list[Token]:
    starts = list(accumulate(map(len, parts), initial=t.start))
    return [Token("name", w, at, at + len(w), t.space and at == t.start) for w, at in zip(parts, starts, strict=False)]


def _is_keyword(word: str) -> bool:
    import keyword

    return keyword.iskeyword(word)


def _beside_sign(piece: list[Token], i: int) -> bool:
    """Whether a sign of a product joins the token to something else than a number."""
    before, after = piece[i - 1 : i], piece[i + 1]
    left = bool(before) and before[0].text in WRITTEN and (i < 2 or piece[i - 2].kind != "num")
    return left or (after.text in WRITTEN and piece[i + 2].kind != "num")


WRITTEN = ("*", "@", ".*", "./")  # signs of products


def _meant(t: Token, known: set[str], after: Token) -> Token | None:
    """``λ_max(A)`` as the function, and a name in its other spelling."""
    function, other = SUBSCRIPTED.get(t.text.partition("_")[::2]), _other_spelling(t.text)
    if function and after.text == "(":
        return t._replace(kind="fn", text=function)
    return t._replace(text=other) if other in known else None


def _other_spelling(word: str) -> str:
    """``x1`` for ``x_1``, and the other way round."""
    base = word.rstrip("0123456789")
    if base == word or not base:
        return ""
    return base[:-1] + word[len(base) :] if base[-1] == "_" else f"{base}_{word[len(base) :]}"


def _takes_next(piece: list[Token], i: int) -> bool:
    """Whether a function stands before its argument without brackets: ``sin x``, ``sin^2 x``."""
    j = i + 1
    if piece[j].text == "^" and piece[j].kind == "op" and piece[j + 1].kind == "num":
        j += 2
        if piece[j].kind == "open" and piece[j].text == "(":
            return True
    after = piece[j]
    return after.kind in ("name", "num") or (after.kind == "open" and after.text != "(")


def _is_known_word(word: str, functions: set[str]) -> bool:
    return (
        word in functions or word in CALLS or word in SYNONYMS or word in BUILDERS | CONSTANTS or word == "inf" or is_letter(word)
    )


def is_conventional(word: str, applied: bool, turned: bool = False) -> bool:
    """Matrices in front of one vector or function: ``Wx``, ``ABx``, ``Wf(``; ``xx'``, ``xy'`` and ``Axy'``."""
    if turned and (word[-2:-1] == word[-1] or set(word[-2:]) <= VECTORS) and (len(word) == 2 or word[:-2].isupper()):
        return len(word) <= 4
    return len(word) <= 3 and word[:-1].isupper() and (not applied or word[-1] in FUNCTION_LETTERS)


def _undeclared(t: Token, known: set[str], exponent: bool, raised: bool) -> MatcalcError:
    import difflib
    import keyword

    if len(t.text) > 2 and keyword.iskeyword(t.text):
        return ParseError(
            f"'{t.text}' is a word of Python, and its loops and conditions are not read", span=t.span,
            hint="say it with whole arrays, as in (c*x).sum(), or with an index in LaTeX: \\sum_{i=1}^{n} c_i x_i",
        )  # fmt: skip
    near = difflib.get_close_matches(t.text, [k for k in known if len(k) > 1], 1, 0.75)
    letters = "*".join(t.text)
    declared = f"; declared: {', '.join(sorted(known))}" if known else ""
    if composite(t.text):
        near = [f"the function {t.text}(…)"]
    whole: list[Way] = [] if exponent or raised or t.text[:1].isupper() else [{"dims": {t.text: ()}}]
    ways = [*whole, instead(t.span, f"({letters})"), *([instead(t.span, letters)] if raised else [])]
    if exponent and letters[0] in "tT":  # X^tA: the transpose, and a factor
        near = [f"T*{letters[2:]}"]
        ways.insert(0, instead(t.span, near[0]))
    return AmbiguityError(
        f"'{t.text}' is not declared: a name of several letters, or the product {letters}?{declared}",
        span=t.span,
        hint=(f"did you mean {near[0]}? else " if near else "")
        + ("" if exponent else f"declare it ({_declared(t.text)}) or ")
        + f"write the product as {f'({letters})' if exponent else letters}",
        ways=ways,
    )


def _declared(name: str) -> str:
    return f"--dim {name}=n,m" if name[:1].isupper() else f"--dim {name}=, or {name}=n for a vector"
