"""Handlers for delimiters, environments, and macros with arguments that are not mathematics."""

from __future__ import annotations

from matcalc.notation.lex import macros
from matcalc.notation.lex.latex_reader import Reader
from matcalc.notation.lex.latex_scan import Raw
from matcalc.notation.lex.syntax import Token

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
