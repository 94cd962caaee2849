"""Handlers for groups, fonts, words and accents."""

from __future__ import annotations

import re

from matcalc.expr.errors import AmbiguityError, bracketed, instead
from matcalc.notation.lex import macros
from matcalc.notation.lex.habits import CONSTANTS, is_letter
from matcalc.notation.lex.latex_reader import Reader
from matcalc.notation.lex.latex_scan import Raw
from matcalc.notation.lex.syntax import Token, depths

MARKS = frozenset(("bold", "arrow", "cal"))  # styles that a name keeps
LETTERS = {"sf": "sf", "frak": "frak", "bb": "bb", "word": "word", "text": "word"}  # what a single letter keeps of others
_WORD = re.compile(r"[A-Za-z](?:[A-Za-z0-9.]|\\_)*|[A-Za-z][A-Za-z0-9]+(-[A-Za-z0-9]{2,})+")


def group(r: Reader) -> None:
    """Braces for grouping; those around a single name or bracket, or around nothing, are dropped."""
    first, close = r.raw[r.pos], r.partner[r.pos]
    if r.peek(1) in macros.SWITCHES:
        r.pos += 1
        _styled(r, first, macros.SWITCHES[r.peek()], close)
        return
    over = _over(r, close)
    if over:
        _fraction(r, over, close)
        return
    mark = len(r.out)
    r.emit("open", "{", first)
    r.inside(close)
    content = r.out[mark + 1 :]
    if not content or (len(content) == 1 and content[0].kind in ("name", "open", "close", "bar")):
        r.out[mark:] = [t._replace(start=first[1], end=r.end(), space=first[3]) for t in content]
    elif any(t[:2] == ("op", ",") and not depth for t, depth in depths(content)):
        r.out[mark:] = content  # {a, b} inside of other brackets
    else:
        r.emit("close", "}", r.raw[close])


def _over(r: Reader, close: int) -> int:
    r"""Where ``\over`` stands in the braces at hand, outside of inner ones; 0 where it does not."""
    i = r.pos + 1
    while i < close:
        if r.raw[i][0] == r"\over":
            return i
        i = r.partner.get(i, i) + 1
    return 0


def _fraction(r: Reader, over: int, close: int) -> None:
    r"""``{a \over b}`` as a fraction."""
    opener, sign, end = r.raw[r.pos], r.raw[over], r.raw[close]
    r.emit("cmd", "frac", (opener[0], opener[1], opener[1], opener[3]))
    r.emit("open", "{", opener)
    r.inside(over)
    for kind, text in (("close", "}"), ("open", "{")):
        r.emit(kind, text, sign)
    r.read(close)
    r.pos = close + 1
    r.emit("close", "}", end)


def switch(r: Reader) -> None:
    r"""``\bf`` at the top: nothing."""
    r.pos += 1


def font(r: Reader) -> None:
    at = r.next()
    if r.peek() == "*":  # \operatorname*
        r.pos += 1
    if at[0] == r"\vec" and r.peek() in ("(", "[", r"\left"):
        r.emit("fn", "vec", at)
        return
    r.require(at, "argument")
    _styled(r, at, macros.FONTS[at[0]], r.partner.get(r.pos, -1))


def box(r: Reader) -> None:
    r"""``\boxed{…}``, ``\underbrace{…}_{…}``: a group; what stands at the brace is dropped."""
    at = r.next()
    if r.require(at, "argument")[0] == "{":
        group(r)
    else:
        r.unit()
    if at[0] in (r"\underbrace", r"\overbrace") and r.peek() in ("_", "^"):
        r.pos += 1
        r.skip_words()


def _styled(r: Reader, at: Raw, style: str, close: int) -> None:
    """A font on what follows: one unit if ``close`` is -1, else after a brace all up to ``raw[close]``."""
    mark, braced = len(r.out), close >= 0
    start = r.pos + braced
    stop = close if braced else start + 1
    text = r.plain_text(start, stop)
    if _as_a_whole(r, style, text, at, r.peek(stop + braced - r.pos)):
        r.pos = stop + braced
    elif braced:
        r.inside(close)
        if r.peek() in ("^", "_", "'") and not _one_symbol(r.out[mark:]):
            message = f"the '{r.peek()}' after '{text.strip()}' has two readings: on the last symbol, or on all"
            hint = "put the last symbol in braces of its own, or all in parentheses"
            first, last, end = r.raw[start][1], r.out[-1].start, r.end()
            apart = rf"{at[0]}{{{r.source[first:last]}}}{at[0]}{{{r.source[last : r.raw[close][1]]}}}"
            ways = [instead((at[1], end), apart), bracketed((at[1], end))]
            raise AmbiguityError(message, span=(at[1], end + 1), source=r.source, hint=hint, ways=ways)
    else:
        r.unit()
    if style in MARKS:
        r.out[mark:] = _marked(r.out[mark:], style)
    elif style in LETTERS and at[0] not in macros.ITALIC:
        kept = LETTERS[style]
        r.out[mark:] = [t._replace(mark=kept) if t.kind == "name" and not t.mark and is_letter(t.text) else t for t in r.out[mark:]]
    if len(r.out) == mark + 1:
        r.out[mark] = r.out[mark]._replace(start=at[1], end=r.end(), space=at[3])


def _marked(tokens: list[Token], style: str) -> list[Token]:
    """The names in a font; an index is set as the letter that bears it."""
    out: list[Token] = []
    below = 0  # open braces, from that of a subscript on
    for t in tokens:
        if t.text == "{" and (below or (out and out[-1].text == "_")):
            below += 1
        elif t.text == "}" and below:
            below -= 1
        out.append(t._replace(mark=style) if t.kind == "name" and not below and t.mark != "bold" else t)
    return out


def _one_symbol(tokens: list[Token]) -> bool:
    """A single token, or a name with nothing but its scripts."""
    if len(tokens) < 2:
        return True
    depth = 0
    for t, before in zip(tokens[1:], tokens, strict=False):
        depth += (t.kind == "open" and t.text == "{") - (before.kind == "close" and before.text == "}")
        if depth == 0 and t.text not in ("_", "^", "'"):
            return False
    return tokens[0].kind == "name"


def _as_a_whole(r: Reader, style: str, text: str, at: Raw, after: str) -> bool:
    """Emit what ``text`` means as one piece in this font, if it does; ``after`` is what follows it."""
    bare = text.strip()
    if style in ("word", "text"):
        return _word(r, style, bare, text, at)
    if style in ("bold", "arrow", "bb") and bare and not bare.strip("1"):
        for _ in bare:
            r.emit("name", "1vec", at)
    elif style in ("bold", "arrow") and bare == "0" and after == "_":  # elsewhere it is the number, of any size
        r.emit("name", "0vec", at)
    elif style == "bb" and bare in macros.BLACKBOARD:
        r.emit("name", macros.BLACKBOARD[bare], at)
    elif len(bare) > 1 and bare.isalpha() and not _declared_letters(r, bare) and macros.function_name(bare):
        r.emit("fn", macros.function_name(bare) or bare, at)
    else:
        return False
    return True


def _declared_letters(r: Reader, word: str) -> bool:
    return word not in r.names and all(c in r.names for c in word)


def _word(r: Reader, style: str, bare: str, text: str, at: Raw) -> bool:
    """An upright word: a function, a name, or prose."""
    if bare.rstrip(".") in CONSTANTS and r.out and r.out[-1][:2] in (("op", "+"), ("op", "=")):
        r.emit("name", bare.rstrip("."), at)
        return True
    compact = bare.replace(" ", "")
    prose = bool(bare) and all(w in macros.WORDS or w.rstrip(".,") in macros.WORDS for w in bare.split())
    if style == "text" and not prose:
        prose = " " in text or "$" in text or not (_WORD.fullmatch(bare) or "\\" in bare or bare.isdigit())
    if bare == "d" and style == "word" and "d" not in r.names:
        r.emit("cmd", "d", at)
    elif len(bare) > 1 and compact not in r.names and (function := macros.function_name(compact)):
        r.emit("fn", function, at)
    elif prose and bare:
        r.emit("op" if bare in (",", ";") else "words", bare, at)
    elif not _WORD.fullmatch(bare) or len(bare) == 1 or (style == "word" and _declared_letters(r, bare)):
        return not bare
    else:
        r.emit("name", bare.replace("\\_", "_"), at)
    return True


def accent(r: Reader) -> None:
    r"""``\hat A`` is the name ``A_hat``."""
    at = r.next()
    mark = len(r.out)
    r.bare(at)
    made = r.out[mark:]
    if not made or made[0].kind != "name" or not _one_symbol(made):
        hint = r"give the whole a name of its own, for example \mathrm{mean}"
        raise r.fail(f"{at[0]} must stand over a single symbol", at, hint)
    end = made[0].end if len(made) > 1 else r.end()
    r.out[mark] = Token("name", f"{made[0].text}_{macros.ACCENTS[at[0]]}", at[1], end, at[3], made[0].mark)
