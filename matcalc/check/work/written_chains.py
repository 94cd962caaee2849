"""The lines of a text that somebody wrote: chains of members between signs of equality, each with its place.

LaTeX (``align``, ``\\\\``, ``&``), Markdown with ``$$`` and plain lines; what has no formula is prose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import NamedTuple

from matcalc.expr.errors import LimitError
from matcalc.notation.lex.habits import DENSITIES, LIKELIHOODS
from matcalc.notation.lex.lexer_plain import GREEK
from matcalc.notation.lex.syntax import Span
from matcalc.notation.parse.statements import MAX_LENGTH

# Environments that only arrange lines; all others are parts of formulas.
_FRAMES = r"(?:align|aligned|equation|gather|gathered|split|eqnarray|multline|displaymath|math)\*?"
_FRAME = re.compile(rf"\\(?:begin|end)\{{{_FRAMES}\}}")
_MATH = re.compile(rf"\\begin\{{({_FRAMES})\}}(.+?)\\end\{{\1\}}|\$\$(.+?)\$\$|\$([^$]+)\$|\\\[(.+?)\\\]|\\\((.+?)\\\)", re.DOTALL)
# What stands before a formula in a line of plain text: "Then", "so that", "Problem:".
_LEAD = re.compile(
    r"(?:^|(?<=[,;]))[ \t]*(?:[A-Z][A-Za-z ]+:[ \t]|(?:[A-Za-z]{2,}[ \t]+)*"
    r"(?:so|that|then|thus|hence|therefore|let|where|gives|get|with|now|define|using|since|because|recall|note|also|together|"
    r"otherwise|finally|first|second|next|similarly|likewise|again|combining|overall|clearly|moreover|furthermore|consequently|"
    r"means|namely|yields|becomes|obtain|have|write|put|set|and|but|is|use|apply|from|see)[,:]?[ \t]+)",
    re.MULTILINE | re.IGNORECASE,
)
_SENTENCE = re.compile(r"\.[ \t]+[A-Z][a-z]+[^=\n]*$|\.[ \t]+(?=[A-Z][a-z]+[ \t])", re.MULTILINE)
# Words of a sentence before a formula, "Compute the derivative of f(X) = …", and behind it.
_FUNCTIONS = "tr|det|logdet|log|ln|exp|sin|cos|tan|tanh|diag|vec|sum|mean|inv|norm|max|min|rank"
_PROSE = re.compile(
    rf"(?:^|(?<=;))[ \t]*(?:(?!(?:{_FUNCTIONS})\b)(?:[A-Za-z]{{2,}}|[aI])[,:]?[ \t]+(?!=))+(?=[^\n;]*=)", re.MULTILINE
)
_ENGLISH = re.compile(
    r"\b(?:an?|and|are|as|be|because|by|chain|compute|derivative|differentiate|every|find|first|for|from|gets?|gives|gradient|has|have|"
    r"hence|is|its?|let|next|note|now|obtain|of|on|our|product|respect|rule|second|show|since|so|that|the|their|then|therefore|this|"
    r"thus|to|trace|using|we|where|which|with)\b",
    re.IGNORECASE,
)
_TASK = re.compile(r"\b(?:find|show|prove|compute|calculate|derive|given|answer|question|problem|let|want)\b|\?\s*$", re.IGNORECASE)
_BEHIND = re.compile(
    r"[ \t]+(?:with respect to|w\.r\.t\.?|wrt|as (?:required|desired|claimed|before|above)|by the|since|because|using|"
    r"for (?:all|each|every|any))\b(?![^\n]*=)[^\n]*$|,?[ \t]+(?:so|and|hence|thus|then|therefore|i\.e\.|that is)[,:]?[ \t]*$",
    re.MULTILINE,
)
_AND = re.compile(  # r'*r where r = A*x - b
    r"[ \t](?:where|with|and)(?=[ \t]+[^\s=,;]+[ \t]*=[^=])|,?[ \t]+(?:i\.e\.|that is),?(?=[ \t])"
)
# Words in brackets behind a formula: (vector of ones), (since A is symmetric); and marks of Markdown before one.
_ASIDE = re.compile(
    r"(?P<blanks>[ \t]+)(?:\((?P<inside>[^()\n]*(?:\([^()\n]*\)[^()\n]*)*)\)|\[(?P<square>[A-Za-z][A-Za-z .,:]+)\])"
    r"(?=[ \t]*[.,;:]?[ \t]*$)",
    re.MULTILINE,
)
_MARKDOWN = re.compile(
    r"^[ \t]*(?:>[ \t]*)+|^[ \t]*(?:[-*+•][ \t]+(?=[A-Za-z∂∇\\($*]+[^\n]*=)|\(?\d{1,2}[.)][ \t]+|\([a-h]\)[ \t]+)"
    r"|(?P<strong>\*\*|__)(?=[A-Za-z])[A-Za-z0-9 ,.:'’-]+(?P=strong):?|(?<![\w)\]'*])[*_](?=[A-Z][a-z])[A-Za-z ,.:]+[*_](?!\w)",
    re.MULTILINE,
)
_CASE = re.compile(
    r"(?:\b(?i:for|if|when|case)[ \t]+|,[ \t]*)?(?<![A-Za-z\\_^])([a-z])\s*"
    r"(?:≠|!=|<>|\\neq?(?![A-Za-z])|\\not\s*=)\s*([a-z])(?![A-Za-z(])"
)
_SAME = re.compile(r"\b(?i:for|if|when|case)[ \t]+([a-z])[ \t]*==?[ \t]*([a-z])(?![ \t]*[\w(*^'+/-])")
_ONE_SAMPLE = re.compile(
    r"\b(?:single|one|per|each|a) (?:training )?(?:sample|example|point|term|observation|data ?point)", re.IGNORECASE
)
_SAYS = re.compile(
    r"≠|!=|<>|\\neq?(?![A-Za-z])|\\not\s*=|\b(?:case|diagonal|otherwise|distinct|different|unequal)\b|"
    r"\b(?:right|correct|true|target|wrong|other) class\b|(?<![A-Za-z\\_^])[a-z]\s*==?\s*[a-z](?![A-Za-z(_^'])",
    re.IGNORECASE,
)
_SIZES = re.compile(r"\\in(?![A-Za-z])|∈")  # W ∈ R^{n×m} is no line of a derivation
_ANY = re.compile(r"[^\n]")
_FENCE = re.compile(r"^\s*```.*$", re.MULTILINE)
_FOLLOWS = re.compile(
    r"\\(?:Rightarrow|Longrightarrow|implies|iff|Leftrightarrow|therefore|to|longrightarrow)(?![A-Za-z])|[⇒⟹⟺∴]|=>|<=>"
)
_WORDS = re.compile(
    r"\\(?:text|mbox|textrm|textit|textbf|tag|label|intertext)\*?\{[^{}]*\}|\\(?:nonumber|notag|qedhere|qed|blacksquare|hfill|qquad|quad|displaystyle|big|Big)(?![A-Za-z])"
)
_NOTE = re.compile(r"(?<!\\)%[^\n]*|(?<![\w'])#[^\n]*")
_OPEN, _CLOSE = "([{⟨", ")]}⟩"
_INNER = re.compile(r"<([^<>=\n]+,[^<>=\n]+)>")  # <a, b>
_BLOCK = re.compile(r"\\(begin|end)\{")
_PART = re.compile(r"\\left\b|\\right\b|\\[lr](?:vert|Vert|angle|brace)")


class Member(NamedTuple):
    """One side of an equality: its text, and where it stands in the work."""

    text: str
    span: Span


class Chain(NamedTuple):
    """``left = member = …`` on one line; the left side is empty where the line goes on from the one before."""

    line: int  # of the work, from 0
    members: tuple[Member, ...]
    continued: bool


def line_at(work: str, place: int) -> int:
    """The line of the text in which a place is, from 1."""
    return work.count("\n", 0, place) + 1


HESSIAN = "H"  # how people call it
_HESSIAN = re.compile(
    r"(?:\\nabla|∇)\s*(?:_\{?\w+\}?\s*)?(?:\^\s*\{?2\}?|²)\s*(?:_\{?\w+\}?\s*)?(?:\\?\w+)?(?:\([^()]*\))?|"
    r"\\[dt]?frac\s*\{\s*\\partial\^\{?2\}?\s*\\?\w+\s*\}\s*\{.*\}|[∂d](?:²|\^2)\s*\w*\s*/\s*\(?[∂d].*|\\?(?:H|Hess)(?:_\{?\w+\}?)?(?:\([^()]*\))?",
    re.DOTALL,
)


_LIKELIHOOD = re.compile(r"(?:\\(?:log|ln)\s*|(?<![A-Za-z\\])(?:log|ln)\s+)[pP]\s*(?:\\left\s*)?\([^()=]*\)")
_SLOPE_OF = re.compile(
    r"\s*(?:\\[dt]?frac\s*\{\s*\\?(?:partial|d)[^{}]*\}\s*\{[^{}]*\}|(?:\\nabla|∇)(?:_\{?\\?\w+\}?)?)\s*" + _LIKELIHOOD.pattern
)
_TO_ZERO = re.compile(r"\b(?:set|sets|setting|equate|equating|put|putting)\b[^=.]{0,60}\b(?:zero|0)\b", re.IGNORECASE)


def is_hessian(text: str) -> bool:
    """Whether a member is the sign of a second derivative."""
    return bool(_HESSIAN.fullmatch(text.strip())) and text.strip().lstrip("\\")[:1] != "H"


def with_hessians(chain: Chain) -> Chain:
    """A chain with one name for the Hessian, however it is written as a member: ``\\nabla^2 f``."""
    named = [m._replace(text=HESSIAN) if _HESSIAN.fullmatch(m.text.strip()) else m for m in chain.members]
    return chain._replace(members=tuple(named))


def with_likelihood(found: tuple[Chain, ...], taken: Collection[str]) -> tuple[Chain, ...]:
    """Chains with a name for log p(y | x), where a line says what it or its derivative is and no other one stands beside it."""
    every = {m[0] for c in found for member in c.members for m in _LIKELIHOOD.finditer(member.text)}
    said = any(_LIKELIHOOD.sub("", c.members[0].text).strip() == "" or _SLOPE_OF.match(c.members[0].text) for c in found)
    free = next((n for n in LIKELIHOODS if n not in taken), None)
    if len(every) != 1 or not said or free is None or DENSITIES & {*taken}:
        return found
    put = {m: m._replace(text=_LIKELIHOOD.sub(free, m.text)) for c in found for m in c.members}
    return tuple(c._replace(members=tuple(put[m] for m in c.members)) for c in found)


def sets_to_zero(work: str, place: int) -> bool:
    """Whether the words before a place, on its line, say that a derivative is set to zero."""
    return bool(_TO_ZERO.search(work[work.rfind("\n", 0, place) + 1 : place]))


def is_case(work: str, place: int) -> bool:
    """Whether words near a place say that a case is meant: ``i ≠ j``, the diagonal. In its line, and in the one before."""
    start = work.rfind("\n", 0, max(work.rfind("\n", 0, place), 0)) + 1
    end = work.find("\n", place)
    return bool(_SAYS.search(work, start, len(work) if end < 0 else end))


def is_entrywise(work: str, place: int) -> bool:
    """Whether the line of a place says that it is meant entry by entry."""
    end = work.find("\n", place)
    line = work[work.rfind("\n", 0, place) + 1 : len(work) if end < 0 else end]
    return bool(re.search(r"(?:element|entry|component|coordinate|point)[- ]?wise", line, re.IGNORECASE))


def of_one_sample(work: str) -> bool:
    """Whether the work speaks of one sample anywhere."""
    return bool(_ONE_SAMPLE.search(work))


def is_function_of(text: str) -> bool:
    """Whether a side is a known function of something: tr(M)."""
    return bool(re.match(rf"\s*\\?(?:(?:operatorname|mathrm)\{{)?(?:{_FUNCTIONS})\b", text))


def looks_like_latex(work: str) -> bool:
    return bool(re.search(r"\\[A-Za-z,;!|{\\]|\^\{|_\{|\$", work))


def looks_like_program(work: str) -> bool:
    """Whether a star is a product entry by entry: beside the products of matrices that NumPy has, or where the words say so."""
    return bool(re.search(r"\s@\s|\.T\b|\.dot\(|\bnp\.|(?:element|entry|component|coordinate|point)[- ]?wise", work))


def chains(work: str, latex: bool, whole: bool = False) -> tuple[Chain, ...]:
    """All chains of the work, in order; lines of words are passed over, unless the ``whole`` is formulas."""
    if len(work) > MAX_LENGTH:
        raise LimitError(f"the work has more than {MAX_LENGTH:,} characters", hint="split it")
    return tuple(_chains(work, latex, whole))


def _chains(work: str, latex: bool, whole: bool) -> Iterator[Chain]:
    masked = _masked(work, latex)
    for number, (start, end) in enumerate(_rows(masked, latex)):
        for first, last in _pieces(masked, start, end):
            bounds = _split(masked, first, last)
            members = tuple(_member(work, masked, a, b) for a, b in bounds)
            if len(members) == 2 and all(re.fullmatch("[i-n]", m.text) for m in members):
                continue  # the case i = j
            if len(members) == 1 and (_SIZES.search(members[0].text) or not (whole or _is_formula(members[0].text))):
                continue
            yield Chain(number, members[not members[0].text :], not members[0].text)


def _masked(work: str, latex: bool) -> str:
    """The work with blanks for all that is no formula, every character in its place."""
    text = _FENCE.sub(_blank, _NOTE.sub(_blank, work))
    text = _INNER.sub(r"⟨\1⟩", _outer(_CASE, _outer(_SAME, _MARKDOWN.sub(_blank, text))))
    if not latex or _is_bare(text):
        text = _ASIDE.sub(lambda m: _blank(m) if _is_remark(m["blanks"], m["inside"] or m["square"] or "") else m[0], text)
        text = _SENTENCE.sub(lambda m: ";" + " " * (len(m[0]) - 1), text)
        text = _AND.sub(lambda m: ";" + " " * (len(m[0]) - 1), text)
        text = _PROSE.sub(lambda m: _blank(m) if _is_prose(m[0]) else m[0], _BEHIND.sub(_blank, _LEAD.sub(_blank, text)))
        return _WORDS.sub(_blank, text) if latex else text
    if "$" in text or r"\[" in text or r"\(" in text:
        kept = [m.span(m.lastindex or 0) for m in _MATH.finditer(text)]
        blank = _ANY.sub(" ", text)
        ends = [0, *(i for span in kept for i in span), len(text)]
        text = "".join((text if k % 2 else blank)[a:b] for k, (a, b) in enumerate(pairwise(ends)))
        text = _between(text, kept)
    text = _FRAME.sub(_blank, text)
    text = _WORDS.sub(_blank, text)
    apart = {i for i in _outside(text, 0, len(text), "", "") if text[i] == "&"}
    return "".join(" " if i in apart else c for i, c in enumerate(text)) if apart else text


def _outer(pattern: re.Pattern[str], text: str) -> str:
    """With blanks for what matches outside of braces, where it is no index of a sum."""
    if not pattern.search(text):
        return text
    outside = {*_outside(text, 0, len(text), "{", "}", frames=False)}
    return pattern.sub(lambda m: _blank(m) if m.start() in outside else m[0], text)


def _is_remark(blanks: str, inside: str) -> bool:
    """Whether brackets hold words: several of a sentence, or one that stands apart, which is no function and no Greek letter."""
    words = re.findall(r"[A-Za-z]{2,}", inside)
    if len(words) > 1 and _ENGLISH.search(inside):
        return True
    plain = re.fullmatch(r"[A-Za-z][a-z]{3,}(?:[ -][A-Za-z]+)*", inside.strip())
    return bool(plain) and (len(words) > 1 or (len(blanks) > 1 and inside not in GREEK.values()))


def _is_prose(text: str) -> bool:
    """Whether several words are a part of a sentence."""
    return len(text.split()) > 1 and bool(_ENGLISH.search(text))


def _is_bare(text: str) -> bool:
    """Whether formulas stand one on a line, with nothing around them that sets them apart from words: notes, not a document."""
    return not re.search(r"\$|\\\[|\\\(|\\\\|\\begin\{", text)


def _between(text: str, kept: list[Span]) -> str:
    r"""A new line between formulas that stand apart: ``\\`` takes the place of two blanks."""
    out = list(text)
    for (_, end), (start, _) in pairwise(kept):
        if start - end >= 2:
            out[end : end + 2] = r"\\"
    return "".join(out)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _rows(text: str, latex: bool) -> Iterator[Span]:
    r"""Places of lines: of those between ``\\`` in LaTeX that has such, else of those of the text; empty ones are none."""
    start = depth = 0
    bare = latex and _is_bare(text)
    for i, c in enumerate(text):
        if bare:
            depth += (c in _OPEN) - (c in _CLOSE)
            ends = c == "\n" and depth <= 0 and text[i:].lstrip()[:1] not in ("+", "-")
        elif latex:
            block = _BLOCK.match(text, i)
            depth += 0 if block is None else 1 if block[1] == "begin" else -1
            ends = depth == 0 and text.startswith(r"\\", i)
        else:
            ends = c == "\n"
        if ends:
            if text[start:i].strip(" \n\t"):
                yield start, i
            start = i + (2 if text[i] == "\\" else 1)
    if text[start:].strip():
        yield start, len(text)


def _pieces(text: str, start: int, end: int) -> Iterator[Span]:
    """Equalities that stand beside each other: between ⇒, ``;``, and commas before a further equality."""
    first = start
    for at, length in [*_breaks(text, start, end), (end, 0)]:
        if text[at : at + length] == "," and "=" not in text[at:end].replace("==", ""):
            continue
        if text[first:at].strip():
            yield first, at
        first = at + length


def _breaks(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for i in _outside(text, start, end):
        follows = _FOLLOWS.match(text, i)
        if follows:
            yield i, len(follows[0])
        elif text[i] in ";," and text[i - 1 : i] != "\\":
            yield i, 1


def _split(text: str, start: int, end: int) -> list[Span]:
    """Places of the members between signs of equality."""
    out, first = [], start
    for i in _outside(text, start, end):
        if text[i] == "=" and text[i - 1] not in "<>!:=" and text[i + 1 : i + 2] != "=":
            out.append((first, i))
            first = i + 1
        elif text.startswith(":=", i):
            out.append((first, i))
            first = i + 2
    return [*out, (first, end)]


def _outside(text: str, start: int, end: int, opens: str = _OPEN, closes: str = _CLOSE, frames: bool = True) -> Iterator[int]:
    """Places outside of all brackets and environments; of those that only arrange lines where ``frames`` are none of these."""
    depth = 0
    for i in range(start, end):
        c = text[i]
        block = _BLOCK.match(text, i) if c == "\\" and (frames or not _FRAME.match(text, i)) else None
        depth += (c in opens) - (c in closes) + (0 if block is None else 1 if block[1] == "begin" else -1)
        if depth <= 0:
            yield i


def _member(work: str, masked: str, start: int, end: int) -> Member:
    text = masked[start:end]
    lead = len(text) - len(text.lstrip())
    text = text.strip()
    text = re.sub(r"[.,;:]$", "", text).rstrip()
    return Member(text, (start + lead, start + lead + len(text)))


def _is_formula(text: str) -> bool:
    """Whether a line without a sign of equality is more than words."""
    words = re.search(r"[A-Za-z]{3,} +[A-Za-z]{3,}", text) or _TASK.search(text)
    return bool(re.search(r"[\\^*/+()∂∇'·⊙∘]", text)) and not words
