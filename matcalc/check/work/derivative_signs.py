r"""Signs of derivatives in somebody's formulas: ``\frac{\partial s}{\partial W}``, ``ds/dW``, ``\nabla_W s``, ``dz``.

Each is replaced by a word that stands for its value; what it is the derivative of is kept as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import NamedTuple

from matcalc.notation.lex.characters import SUBSCRIPTS
from matcalc.notation.lex.latex_scan import closed
from matcalc.notation.lex.lexer_plain import greek_to_ascii

SLOPE, GRADIENT, DIFFERENTIAL = "slope", "gradient", "differential"
Put = Callable[[str, str, str], str]  # kind, of what, by what: the word that stands there

_D = r"(?:\\partial|\\mathrm\{?\s*d\}?|\\operatorname\{d\}|\\,d|[d∂])"
_STYLED = r"\\(?:mathbf|mathrm|mathcal|boldsymbol|bm|bar|hat|tilde|vec|[A-Za-z]+)\s*\{[^{}]*\}"
_NAME = rf"(?:{_STYLED}|\\[A-Za-z]+|[^\W\d_])(?:_\{{[^{{}}]*\}}|_\\?\w+|\d)*"
_WORD = r"(?:[^\W\d_]\w*)"
_FRACTION = re.compile(rf"\\[dt]?frac\s*(?=\{{\s*{_D})")
_OVER = re.compile(rf"\s*{_D}\s*(?P<of>.*?)\s*", re.DOTALL)
_ENTRY = rf"{_WORD}(?:(?<=_)\{{\w+\}})?|\\[A-Za-z]+(?:_\{{\w+\}})?"  # W, W_{ij}, \delta_{i}
_APPLIED = r"\\?[A-Za-z]\w*\((?:[^()]|\([^()]*\))*\)"  # det(X)
_INLINE = re.compile(rf"(?<![\w\\]){_D}\s*(?P<of>{_APPLIED}|{_ENTRY})?\s*/\s*{_D}\s*(?P<by>{_ENTRY})")
_BRACKETED = re.compile(rf"(?<![\w\\])d\(\s*(?P<of>{_WORD})\s*\)\s*/\s*d\(\s*(?P<by>{_WORD})\s*\)")
_NABLA = re.compile(
    rf"(?:\\nabla|∇|(?<![A-Za-z])grad(?=[_ (]))\s*(?:_\s*(?P<by>\{{[^{{}}]*\}}|\\?\w+))?\s*(?P<of>{_NAME})?(?:\((?P<at>[^()]*)\))?"
)
_SMALL = re.compile(
    rf"(?:\\mathrm\{{d\}}|\\operatorname\{{d\}}|(?<![\\_^A-Za-z])\\?,?\s*d)\s*(?P<of>{_NAME})|(?<![\\\w])d(?P<word>{_WORD})"
)
_SMALL_WORD = re.compile(rf"(?<![\\\w])d({_WORD})")  # dmu, where mu is a name
_SUM = re.compile(
    r"(?:[Σ∑]|(?<![A-Za-z\\])sum)_(?:\{([a-z](?:\s*,?\s*[a-z])*)(?:\s*=\s*1)?\}|([a-z](?:,[a-z])*|[i-n]{2,3})(?![a-z]))(?:\^\{?\w\}?)?"
)
_SMALL_CALL = re.compile(
    r"(?<![\\\w])(?:d|\\mathrm\{d\})\s*\\?,?\s*(?P<of>(?:\\(?:log|ln|det|exp|tanh|sin|cos|sqrt)\s*|\\(?:operatorname|mathrm)\{\w{2,}\}\s*)+"
    rf"(?:\\left\s*)?(?:\((?:[^()]|\([^()]*\))*\)|\{{[^{{}}]*\}}|{_NAME}))"
)
_BOUND = re.compile(r"\\sum\s*_\s*(?:\{([a-z](?:\s*,?\s*[a-z])*)|([a-z]))")
_LOWERED = re.compile(f"∇([{''.join(c for c, letter in SUBSCRIPTS.items() if letter.isalpha())}])")
_INDEXED = re.compile(r"(\\?\w+?)_\{?([a-z]+)\}?")
_ENTRIES = re.compile(r"(?<=[\w)⁻⁰-⁹])_([a-z]{2,})")
_SMALL_OF = re.compile(r"(?<![\\\w])(?:d|\\mathrm\{d\})()\s*(?=\(|\\left\s*\(|\\left\s*\[|\[)")
_SMALL_INVERSE = re.compile(  # dX^{-1} is d(X^{-1}): nobody inverts a differential
    rf"(?<![\w\\])(?P<d>d|\\mathrm\{{d\}})\s*(?P<of>{_NAME})(?P<power>\^\s*(?:\{{\s*-\s*(?:1|T|\\top|\\intercal)\s*\}}|-[1T])|⁻¹)"
)
_NABLA_OF = re.compile(r"(?:\\nabla|∇)\s*_\s*(\{[^{}]*\}|\\?\w+)\s*(?=\(|\\left\s*\(|\\left\s*\[|\[|\\\||‖)")
_NABLA_TERM = re.compile(r"(?:\\nabla|∇)\s*(?:_\s*(?P<by>\{[^{}]*\}|\\?[^\W_]+))?\s*")
_NO_NAME = re.compile(
    r"\\[dt]?frac|\d|\\\||‖|\|\||\\(?:log|ln|det|tr|exp|sum|sqrt)(?![A-Za-z])|\\(?:operatorname|mathrm)\{(?:tr|det|Tr|trace)\}|(?:tr|log|det|norm)\("
)
NORMS = ("\\|", "‖", "||")
_TERM_SIGNS = re.compile(r"\\\||‖|\|\||[-−+,;&()\[\]{}]")
_NORM = re.compile(r"\s*(?:\\\|.*?\\\||‖[^‖]*‖)(?:_\{?\w+\}?)?(?:\^\{?\w+\}?|²)?", re.DOTALL)


class Sign(NamedTuple):
    """A derivative sign: of what (empty: of what stands for the whole problem), by what (empty: by the variable)."""

    kind: str
    of: str
    by: str
    word: str  # that stands for it
    entry: bool = False  # whether one entry of it is meant


class Marked(NamedTuple):
    """A formula with words in the places of its derivative signs."""

    text: str
    signs: tuple[Sign, ...]
    latex: bool = False

    @property
    def alone(self) -> Sign | None:
        """The sign, where the formula is nothing else."""
        bare = re.sub(r"[{}\s]|\\mathrm", "", self.text)
        return self.signs[0] if len(self.signs) == 1 and bare == self.signs[0].word else None


def marked(
    text: str, latex: bool, values: Collection[str], words: Iterator[str], free: Collection[str] = (), symbols: Collection[str] = ()
) -> Marked:
    """``values`` are names that may have a differential, in the spelling of the text, and ``symbols`` those of them that are
    variables of the problem; ``free`` are indices that stay open."""
    signs: list[Sign] = []

    def put(kind: str, of: str, by: str) -> str:
        (of, i), (by, j) = (_entry(_bare(x), bound) for x in (of, by))
        sign = Sign(kind, of, by, next(words), bool(i + j))
        signs.append(sign)
        shown = rf" {{\mathrm{{{sign.word}}}}}" if latex else sign.word
        return shown + (f"_{{{i}{j}}}" if sign.entry else "") + " " * latex

    text, latex = _with_sums(text, latex)
    text = _LOWERED.sub(lambda m: f"∇_{SUBSCRIPTS[m[1]]} ", text)
    bound = frozenset("".join(a + b for a, b in _BOUND.findall(text))).union(free)
    text = _fractions(text, put)
    text = _BRACKETED.sub(lambda m: put(SLOPE, m["of"], m["by"]), text)
    text = _INLINE.sub(lambda m: put(SLOPE, m["of"] or "", m["by"]), text)
    text = _of_brackets(text, _NABLA_OF, GRADIENT, put)
    text = _of_terms(text, symbols, put)
    text = _NABLA.sub(lambda m: put(GRADIENT, m["of"] or "", m["by"] or m["at"] or ""), text)
    text = _SMALL_CALL.sub(lambda m: put(DIFFERENTIAL, m["of"], ""), text)
    text = _SMALL_INVERSE.sub(lambda m: f"{m['d']}({m['of']}{m['power']})" if _known(m["of"], values) else m[0], text)
    text = _of_brackets(text, _SMALL_OF, DIFFERENTIAL, put)
    text = _SMALL_WORD.sub(lambda m: put(DIFFERENTIAL, known, "") if (known := _known(m[1], values)) else m[0], text)
    text = _SMALL.sub(lambda m: _small(m, values, put), text)
    return Marked(text, tuple(signs), latex)


def told(text: str, signs: Sequence[Sign], name: Callable[[str], str] = str) -> str:
    """A text with the signs in the places of their words; ``name`` says how names are written."""
    for s in signs:
        of, by = name(s.of), name(s.by)
        shown = f"d({of})/d({by})" if by else f"d{of}"
        text = re.sub(rf"\{{?\s*\\mathrm\{{{s.word}\}}\s*\}}?|\b{s.word}\b", lambda _, shown=shown: shown, text)  # type: ignore[misc]
    return text


def _with_sums(text: str, latex: bool) -> tuple[str, bool]:
    r"""Sums as they are printed, Σ_k,l X_kl A_lk, in LaTeX, which has braces for their indices."""
    found = _SUM.sub(lambda m: rf"\sum_{{{','.join(re.findall('[a-z]', m[1] or m[2]))}}} ", text)
    return (text, latex) if found == text else (found if latex else in_braces(found), True)


def in_braces(text: str) -> str:
    """With braces for the indices of entries, X_kl, as LaTeX has them."""
    return _ENTRIES.sub(r"_{\1}", text)


def _entry(name: str, bound: frozenset[str]) -> tuple[str, str]:
    """The array and the indices of an entry, Z_{kl} where a sum runs over k and l."""
    base, letters = indexed(name)
    return (base, letters) if letters and bound.issuperset(letters) else (name, "")


def indexed(name: str) -> tuple[str, str]:
    """The array and the indices of ``W_{ij}``; none of other names."""
    m = _INDEXED.fullmatch(name)
    return (m[1], m[2]) if m else (name, "")


def _bare(text: str) -> str:
    text = text.strip()
    return text[1:-1].strip() if text.startswith("{") and closed(text, 0) == len(text) else text


def _small(m: re.Match[str], values: Collection[str], put: Put) -> str:
    of = m["of"] or m["word"]
    if "d" in values and (of == "d" or re.search(r"d\s", m[0])):  # d d' and d x are products, where d is a name
        return m[0]
    known = _known(of, values)
    return put(DIFFERENTIAL, known, "") if known else m[0]


def _known(name: str, values: Collection[str]) -> str | None:
    """The name as it is known: W_{2} and W₂ are W2."""
    spellings = (_bare(name), re.sub(r"[_{}]", "", name), greek_to_ascii(name).replace("_", ""))
    return next((n for n in spellings if n in values), None)


def _fractions(text: str, put: Put) -> str:
    r"""``\frac{\partial s}{\partial W}``, and ``\frac{\partial}{\partial t}(…)`` with what stands behind it."""
    out, at = "", 0
    for m in _FRACTION.finditer(text):
        if m.start() < at:
            continue
        found = _two_groups(text, m.end())
        over = found and _OVER.fullmatch(found[0])
        under = found and _OVER.fullmatch(found[1])
        if not found or not over or not under:
            continue
        of, end = over["of"], found[2]
        if not of.strip():
            of, end = _behind(text, end)
        out += text[at : m.start()] + put(SLOPE, of, under["of"])
        at = end
    return out + text[at:]


def _two_groups(text: str, at: int) -> tuple[str, str, int] | None:
    groups = []
    for _ in range(2):
        while text[at : at + 1].isspace():
            at += 1
        if text[at : at + 1] != "{":
            return None
        end = closed(text, at)
        if end is None:
            return None
        groups.append(text[at + 1 : end - 1])
        at = end
    return groups[0], groups[1], at


def _of_brackets(text: str, sign: re.Pattern[str], kind: str, put: Put) -> str:
    """``d(inv(X))``, ``\\nabla_x (x^TAx)``: the differential, or the gradient, of what stands in the brackets."""
    while m := sign.search(text):
        inside, end = _behind(text, m.end())
        if not inside:
            break
        text = text[: m.start()] + put(kind, inside, m[1] or "") + text[end:]
    return text


def _of_terms(text: str, symbols: Collection[str], put: Put) -> str:
    r"""``\\nabla_x x^T A x``, ``\\nabla \\frac12 \\|A x - b\\|^2``: the gradient of the whole term, which is no name of a value."""
    at = 0
    while m := _NABLA_TERM.search(text, at):
        at = m.end()
        name = re.compile(_NAME).match(text, at)
        if not _NO_NAME.match(text, at) and (name is None or not _known(name[0], symbols)):
            continue
        end = _end_of_term(text, at)
        alone = name is not None and not text[name.end() : end].strip(" .,;&")
        if not alone:
            text = text[: m.start()] + put(GRADIENT, text[at:end].strip(), m["by"] or "") + text[end:]
            at = m.start()
    return text


def _end_of_term(text: str, at: int) -> int:
    """Where a sign of a sum, an end of a bracket or a comma ends it; norms are brackets."""
    depth, norm = 0, False
    for m in _TERM_SIGNS.finditer(text, at):
        sign = m[0]
        if sign in NORMS:
            norm = not norm
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        if depth < 0 or (depth == 0 and not norm and sign in "+-−,;&" and text[at : m.start()].strip()):
            return m.start()
    return len(text)


def _behind(text: str, at: int) -> tuple[str, int]:
    """What stands in the brackets behind a place, or the rest of the term; and where it ends."""
    m = re.compile(r"\s*(?:\\left\s*)?([(\[{])").match(text, at)
    if m is None and (norm := _NORM.match(text, at)):
        return norm[0].strip(), norm.end()
    if m is None:
        rest = re.compile(r"\s*[^+=-]*").match(text, at)
        return (rest[0].strip(), rest.end()) if rest else ("", at)
    depth = 0
    for i in range(m.end() - 1, len(text)):
        depth += (text[i] in "([{") - (text[i] in ")]}")
        if depth == 0:
            inside = text[m.end() : i]
            return re.sub(r"\\right\s*$", "", inside), i + 1
    return "", at
