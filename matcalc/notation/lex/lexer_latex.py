"""LaTeX to tokens: TeX tokens (``latex_scan``), what they mean (``latex_reader`` and the handlers), and what
only neighbours decide: bars and line ends (``latex_layout``), names and exponents (``latex_join``).

After every ``^``, ``_``, ``frac`` and ``sqrt`` stands a braced group: braces that TeX lets people leave out
come as tokens without width.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from matcalc.notation.lex import latex_fonts, latex_math, macros
from matcalc.notation.lex.latex_join import join
from matcalc.notation.lex.latex_layout import resolve_bars, resolve_lines, resolve_sums
from matcalc.notation.lex.latex_names import names_of
from matcalc.notation.lex.latex_reader import DIGITS, Reader
from matcalc.notation.lex.latex_scan import braces, expand, scan, strip_delimiters, taken_out
from matcalc.notation.lex.syntax import Token

_HANDLERS: dict[str, Callable[[Reader], None]] = {
    **dict.fromkeys(DIGITS, latex_math.number),
    **dict.fromkeys(("^", "_", ".^"), latex_math.script),
    **dict.fromkeys(macros.FRACTIONS, latex_math.fraction),
    **dict.fromkeys((r"\norm", r"\abs"), latex_math.bars),
    **dict.fromkeys(macros.SWITCHES, latex_fonts.switch),
    **dict.fromkeys(macros.FONTS, latex_fonts.font),
    **dict.fromkeys(macros.BOXES, latex_fonts.box),
    **dict.fromkeys(macros.ACCENTS, latex_fonts.accent),
    **dict.fromkeys(macros.SIZES, latex_math.delimiter),
    **dict.fromkeys(macros.DROPPED, latex_math.drop),
    **dict.fromkeys((r"\overset", r"\underset", r"\stackrel", r"\textcolor"), latex_math.stack),
    r"\ast": latex_math.asterisk,
    "{": latex_fonts.group,
    ".": latex_math.dot,
    "&": latex_math.ampersand,
    r"\\": latex_math.newline,
    r"\sqrt": latex_math.root,
    r"\begin": latex_math.begin,
    r"\end": latex_math.end,
    r"\substack": latex_math.substack,
}


def tokenize_latex(text: str, names: Collection[str] = (), macros: Mapping[str, str] | None = None) -> list[Token]:
    r"""The tokens of a formula, the last of kind ``end``.

    ``names`` are declared names (``"W^Q"``, ``"h_j-1"``, ``"hat A"``): each occurrence becomes one token.
    ``macros`` are the user's own: ``{r"\norm": r"\lVert #1\rVert"}``; those that the text defines come before them.
    """
    body, own = taken_out(text)
    raw = strip_delimiters(scan(body, names))
    partner = braces(raw, text)
    if macros or own:
        raw = strip_delimiters(expand(raw, {**(macros or {}), **own}, text))
        partner = braces(raw, text)
    tokens = Reader(raw, partner, text, names, _HANDLERS, latex_math.other).tokens()
    tokens = join(resolve_sums(resolve_bars(tokens, text), text), names_of(tuple(sorted(names))), text)
    return [*resolve_lines(tokens, text), Token("end", "", len(text), len(text))]
