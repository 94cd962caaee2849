"""Handlers for numbers, scripts, fractions, roots and single characters."""

from __future__ import annotations

from matcalc.expr.errors import AmbiguityError, LimitError, ParseError, instead
from matcalc.notation.lex import macros
from matcalc.notation.lex.characters import SUBSCRIPTS, bad_character, mark_of
from matcalc.notation.lex.latex_reader import DIGITS, Reader
from matcalc.notation.lex.latex_scan import Raw
from matcalc.notation.lex.syntax import Token

LONGEST_NUMBER = 1000  # digits
_OPENERS = frozenset(("(", "[", r"\{", *macros.SIZES)) - {r"\right", r"\middle"}
_SCRIPTS = {"^": "exponent", ".^": "exponent", "_": "subscript"}


def number(r: Reader) -> None:
    """``2``, ``0.5``."""
    first = at = r.next()
    text = at[0] + _digits(r)
    if r.peek() == "." and not r.raw[r.pos][3] and r.peek(1) in DIGITS and not r.raw[r.pos + 1][3]:
        r.pos += 1
        text += "." + _digits(r)
    if len(text) > LONGEST_NUMBER:
        message = f"a number has more than {LONGEST_NUMBER} digits"
        raise LimitError(message, span=first[1:3], source=r.source)
    r.out.append(Token("num", text, first[1], r.end(), first[3]))


def _digits(r: Reader) -> str:
    """The unspaced digits that come next."""
    start = r.pos
    while r.peek() in DIGITS and not r.raw[r.pos][3]:
        r.pos += 1
    return "".join([t[0] for t in r.raw[start : r.pos]])


def dot(r: Reader) -> None:
    """``.5``, or a dot between operands."""
    at = r.next()
    before = r.out[-1] if r.out and not at[3] else None
    after_operand = before is not None and before.end == at[1] and before.kind not in ("op", "open")
    if after_operand and r.pos < len(r.raw) and not r.raw[r.pos][3] and r.peek()[-1:].isalpha() and r.peek() not in macros.SIZES:
        return  # X.B, a product
    if after_operand or r.peek() not in DIGITS or r.raw[r.pos][3]:
        r.emit("op", ".", at)
    else:
        r.out.append(Token("num", "0." + _digits(r), at[1], r.end(), at[3]))


def asterisk(r: Reader) -> None:
    r"""``\ast``, which between vectors is a convolution."""
    at = r.next()
    r.out.append(Token("op", "*", *at[1:], "ast"))


def script(r: Reader) -> None:
    """``^``, ``_``, ``.^`` and the group after it."""
    at = r.next()
    if at[0] == "^" and r.peek() in ("'", r"\prime"):
        return
    r.emit("op", at[0], at)
    digit = r.peek() if r.peek() in DIGITS else ""
    r.argument(at, _SCRIPTS[at[0]])
    if digit and r.peek() == "." and r.peek(1) in DIGITS and not r.raw[r.pos][3]:
        hint = f"write {at[0]}{{{digit}.{r.peek(1)}}}"
        raise r.fail(f"TeX takes only the {digit} as {_SCRIPTS[at[0]]}", r.raw[r.pos - 1], hint)


def small_scripts(r: Reader) -> None:
    """``²``, ``⁻¹``, ``₁``."""
    table, op = (macros.SUPERSCRIPTS, "^") if r.peek() in macros.SUPERSCRIPTS else (SUBSCRIPTS, "_")
    _, start, _, space = r.raw[r.pos]
    r.out += [Token("op", op, start, start, space), Token("open", "{", start, start)]
    while r.peek() in table:
        at = r.next()
        text = table[at[0]]
        r.emit("num" if text in DIGITS else "name" if text.isalpha() else "op", text, at)
    r.out.append(Token("close", "}", r.end(), r.end()))


def fraction(r: Reader) -> None:
    at = r.next()
    r.emit("cmd", "frac", at)
    r.argument(at, "numerator")
    r.argument(at, "denominator")


def root(r: Reader) -> None:
    at = r.next()
    r.emit("cmd", "sqrt", at)
    if r.peek() == "[":
        stop = r.pos
        while stop < len(r.raw) and r.raw[stop][0] != "]":
            stop = r.partner.get(stop, stop) + 1
        if stop == len(r.raw):
            raise r.fail("expected ']' to close the '[' of the root", r.raw[r.pos], "add ']'")
        r.emit("open", "[", r.raw[r.pos])
        r.inside(stop)
        r.emit("close", "]", r.raw[stop])
    r.argument(at, "radicand")


def bars(r: Reader) -> None:
    r"""``\norm{x}`` and ``\abs{x}``."""
    at = r.next()
    shown = "||" if at[0] == r"\norm" else "|"
    r.pos += r.peek() == "*"
    r.emit("open", shown, at)
    r.bare(at)
    r.out.append(Token("close", shown, r.end(), r.end()))


def other(r: Reader) -> None:
    """A word, a Unicode character, the macro of a function; anything else is refused."""
    at = r.raw[r.pos]
    text = at[0]
    function = macros.function_name(text.lstrip("\\")) if len(text) > 1 else None
    if function and text[0] != "\\":
        _check_applied(r, at)
    if function or (len(text) > 1 and text.isalpha()):
        r.emit("fn" if function else "name", function or text, at)
        r.pos += 1
    elif text in macros.SUPERSCRIPTS or text in SUBSCRIPTS:
        small_scripts(r)
    elif text in macros.UNICODE:
        _instead(r, macros.UNICODE[text])
    elif text.startswith(r"\\"):  # \\[2pt]
        _instead(r, r"\\")
    elif 0x1D400 <= ord(text[0]) <= 0x1D7CB:  # 𝐱, 𝜎: mathematical alphabets
        import unicodedata

        _instead(r, unicodedata.normalize("NFKC", text))
        r.out[-1] = r.out[-1]._replace(mark=mark_of(text))
    else:
        raise _refusal(r, at)


def _check_applied(r: Reader, at: Raw) -> None:
    """``tr(`` is a function, ``tr X`` may be a product of letters, ``log x`` is none; ``x_{max}`` is a label."""
    label = r.pos > 1 and r.raw[r.pos - 1][0] == "{" and r.raw[r.pos - 2][0] in _SCRIPTS and r.peek(1) == "}"
    own = len(at[0]) > 2 and f"\\{at[0]}" in macros.SIMPLE
    if not (label or own) and r.peek(1) not in _OPENERS and not (r.peek(1) == "." and r.peek(2) in _OPENERS):
        message = f"'{at[0]}' has two readings: the function, or the product of {', '.join(at[0])}"
        hint = rf"write \mathrm{{{at[0]}}}(…) or {' '.join(at[0])} with blanks"
        ways = [instead(at[1:3], rf"\operatorname{{{at[0]}}}"), instead(at[1:3], " ".join(at[0]))]
        raise AmbiguityError(message, span=at[1:3], source=r.source, hint=hint, ways=ways)


def _instead(r: Reader, text: str) -> None:
    """Read ``text`` in place of the next TeX token."""
    r.raw[r.pos] = (text, *r.raw[r.pos][1:])
    r.read(r.pos + 1)


def _refusal(r: Reader, at: Raw) -> ParseError:
    text = at[0]
    if text == "$":
        return r.fail("'$' inside the formula", at, "give one formula at a time, without '$'")
    if text == "\\":
        return r.fail("a backslash stands alone", at, "write the macro's name after it")
    if not (text.isascii() and text.isprintable()):
        return bad_character(text[-1], (at[2] - 1, at[2]), r.source)
    if text[0] != "\\" or not text[1:].isalpha():
        return r.fail(f"{text!r} is not part of the notation", at, "delete it or write it in another way")
    import difflib

    define = macros.ADVICE.get(text) or rf"define it: --macro '{text}=…' (with #1, #2 for its arguments)"
    near = [] if text in macros.ADVICE else difflib.get_close_matches(text, macros.known_macros(), 1, 0.78)
    hint = f"did you mean {near[0]}? otherwise {define}" if near else define
    return r.fail(f"unknown macro {text}", at, hint)


# Handlers for delimiters, environments, and macros with arguments that are not mathematics


TABULAR = macros.MATRICES | macros.PIECES  # environments with rows and columns
_COLUMNS = frozenset(("array", "alignat", "alignedat"))  # environments with an argument


def delimiter(r: Reader) -> None:
    r"""``\left(``, ``\bigr|`` and their like."""
    at = r.next()
    text = r.peek()
    kind, shown = macros.SIMPLE.get(text, ("", ""))
    if text in ("<", ">"):
        kind = "open" if text == "<" else "close"
    if text != "." and text != "/" and kind not in ("open", "close", "bar"):
        raise r.fail(f"{at[0]} needs a delimiter", at, rf"for example {at[0]}( or {at[0]}.")
    if kind == "bar":
        kind = macros.SIZES[at[0]]
    if at[0] == r"\left":
        r.lefts.append((at, text, len(r.out)))
    elif at[0] == r"\right":
        kind = _right(r, at, text, kind)
    r.pos += 1
    if text != ".":
        r.out.append(Token(kind, shown, at[1], r.end(), at[3]))


def _is_bar(text: str) -> bool:
    return macros.SIMPLE.get(text, ("",))[0] == "bar"


def _right(r: Reader, at: Raw, text: str, kind: str) -> str:
    r"""The kind of the delimiter after ``\right``; a bar whose partner is invisible is an operator."""
    if not r.lefts:
        raise r.fail(rf"\right{text} has no \left", at, r"delete \right or add \left")
    _, partner, where = r.lefts.pop()
    if text == "." and _is_bar(partner):
        r.out[where] = r.out[where]._replace(kind="op")
    return "op" if partner == "." and _is_bar(text) else kind


def begin(r: Reader) -> None:
    at = r.next()
    r.require(at, "environment")
    name = r.plain_text(*r.skip_argument()).strip()
    plain = name.rstrip("*")
    if plain in TABULAR:
        r.out.append(Token("cmd", "begin:" + plain, at[1], r.end(), at[3]))
    elif plain not in macros.DISPLAYS:
        hint = "known are " + ", ".join(sorted(TABULAR | macros.DISPLAYS))
        raise r.fail(f"unknown environment {name!r}", (name, at[1], r.end(), False), hint)
    if plain in _COLUMNS and r.peek() == "{":
        r.skip_argument()
    r.environments.append((name, at))


def end(r: Reader) -> None:
    at = r.next()
    r.require(at, "environment")
    name = r.plain_text(*r.skip_argument()).strip()
    opened = r.environments.pop()[0] if r.environments else None
    if opened != name:
        hint = rf"\begin{{{opened}}} must be closed first" if opened else f"no environment {name!r} is open"
        raise r.fail(rf"\end{{{name}}} has no \begin{{{name}}}", (name, at[1], r.end(), False), hint)
    if name.rstrip("*") in TABULAR:
        if r.out[-1].text == r"\\":
            r.out.pop()
        r.out.append(Token("cmd", "end:" + name.rstrip("*"), at[1], r.end(), at[3]))


def _in_table(r: Reader) -> bool:
    return bool(r.environments) and r.environments[-1][0].rstrip("*") in TABULAR


def newline(r: Reader) -> None:
    at = r.next()
    if r.environments and r.environments[-1][0] == r"\substack":
        r.emit("op", ",", at)
    else:
        r.emit("op" if _in_table(r) else "line", r"\\", at)


def ampersand(r: Reader) -> None:
    at = r.next()
    if _in_table(r):
        r.emit("op", "&", at)


def drop(r: Reader) -> None:
    r"""``\label{eq:1}``."""
    r.pos += 1
    r.pos += r.peek() == "*"
    r.skip_words()


def stack(r: Reader) -> None:
    r"""``\overset{a}{b}`` is b; under a big operator b, a is its range."""
    at = r.next()
    r.require(at, "argument")
    start, stop = r.skip_words()
    mark = len(r.out)
    r.bare(at)
    big = (*macros.BIG_OPERATORS, "argmax", "argmin")
    if at[0] == r"\underset" and len(r.out) == mark + 1 and r.out[mark].text in big:
        r.out += [Token("op", "_", at[1], at[1]), Token("open", "{", at[1], at[1])]
        r.read_again(start, stop)
        r.out.append(Token("close", "}", at[2], at[2]))


def substack(r: Reader) -> None:
    r"""``\substack{i \\ j}``: lines are separated by commas."""
    at = r.next()
    r.require(at, "argument")
    r.environments.append((r"\substack", at))
    r.read_again(*r.skip_argument())
    r.environments.pop()
