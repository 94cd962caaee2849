"""Lexer of the plain notation: ASCII, Unicode and NumPy-like spellings."""

from __future__ import annotations

import re
import unicodedata

from matcalc.errors import ParseError
from matcalc.notation.syntax import Token

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip

_NAME = r"[A-Za-z_" + "".join(GREEK) + r"][A-Za-z0-9_" + "".join(GREEK) + "]*[₀-₉]*"
_TOKEN = re.compile(
    rf"""(?P<space>[^\S\n]+)
    |(?P<comment>\#[^\n]*|\\[^\S\n]*\n|(?<![^\n])(?:(?:import|from)[ ][^\n]*|def[ ]\w+\([^()\n]*\):)|"{{3}}[^"]*"{{3}})
    |(?P<num>(?:\d+(?:\.\d+|\.(?=[\s),]|$))?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<T>\.T\b|ᵀ|⊤)
    |(?P<attr>\.[A-Za-z_]\w*)
    |(?P<name>{_NAME})
    |`(?P<quoted>[^`\n]+)`
    |(?P<string>'[A-Za-z,() ]+->[A-Za-z() ]*'|'[A-Za-z]+(?:,[ ]?[A-Za-z]+)+'|'(?:fro|nuc)'|"[A-Za-z,() >-]*")
    |(?P<inverse_transpose>⁻[ᵀ⊤])
    |(?P<sup>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)
    |(?P<op>\*\*|\.\*|\./|\.\^|\|\||[-+*/^'@,;=:\n\\]|[⊙∘⊗·⋅−])
    |(?P<sub>[₀-₉]+)
    |(?P<sign>[∇∂∞𝟏𝟙½¼¾])
    |(?P<styled>[\U0001D400-\U0001D7CB])
    |(?P<bracket>[()\[\]|‖⟨⟩])""",
    re.VERBOSE | re.ASCII,
)
_LETTERS = re.compile(f"[{''.join(GREEK)}][0-9₀-₉]*|[A-Za-z][A-Za-z0-9₀-₉]*")
_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉", "0123456789+-0123456789")
_SIGNS = {
    **{"∇": ("cmd", "nabla"), "∂": ("cmd", "partial"), "∞": ("name", "inf"), "𝟏": ("name", "1vec"), "𝟙": ("name", "1vec")},
    **{"½": ("num", "0.5"), "¼": ("num", "0.25"), "¾": ("num", "0.75")},
}
_OPERATORS = {"**": ".^", "⊙": ".*", "∘": ".*", "⊗": "kron", "·": "dot", "⋅": "dot", "−": "-", "\n": ";"}
_BRACKETS = {"(": "open", "[": "open", ")": "close", "]": "close", "⟨": "open", "⟩": "close"}
_CLOSERS = ("name", "num", "T", "close", "attr")


def tokenize_plain(text: str) -> list[Token]:
    """Tokens of ``text``, with an ``end`` token last. Raises ``ParseError`` with a span."""
    tokens: list[Token] = []
    bars: list[str] = []
    position, space, depth = 0, False, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise _bad_character(text, position)
        kind, start, position = str(match.lastgroup), position, match.end()
        piece = match.group(kind)
        if kind == "space" or kind == "comment":
            space = True
            if piece.startswith("def "):
                _refuse_second(text, start, position)
            continue
        if kind == "bracket":
            kind, piece = _bracket(piece, tokens, bars)
            depth += (kind == "open") - (kind == "close")
        elif kind == "op":
            if piece == "\n" and depth > 0:
                space = True
                continue
            if piece == "||":
                if _splits(tokens, bars):  # |x||y|
                    piece, position = "|", position - 1
                    kind, piece = _bracket("|", tokens, bars)
                else:
                    kind, piece = _bracket("‖", tokens, bars)
                depth += (kind == "open") - (kind == "close")
            piece = _OPERATORS.get(piece, piece)
        elif kind == "name":
            label = piece[0] == "_" and not space and bool(tokens) and tokens[-1][:2] == ("close", "||")
            if label:
                tokens.append(Token("op", "_", start, start + 1, False))
                kind, piece, start = "num" if piece[1:].isdigit() else "name", piece[1:], start + 1
                if not piece:
                    continue
            if not piece.isascii() and "_" not in piece:
                *before, piece = _LETTERS.findall(piece)  # λx is λ x
                for part in before:
                    tokens.append(Token("name", greek_to_ascii(part), start, start + len(part), space))
                    start, space = start + len(part), False
            piece = greek_to_ascii(piece)
        elif kind == "quoted":
            kind, piece = "name", greek_to_ascii(piece)
        elif kind == "styled":
            kind, piece = "name", greek_to_ascii(unicodedata.normalize("NFKC", piece))
        elif kind == "sign":
            kind, piece = _SIGNS[piece]
        elif kind in ("sup", "sub"):
            tokens.append(Token("op", "^" if kind == "sup" else "_", start, start, space))
            kind, piece = "num", piece.translate(_DIGITS)
        elif kind == "inverse_transpose":
            tokens += (Token("op", "^", start, start, space), Token("op", "-", start, start + 1, False))
            kind = "T"
        elif kind == "string" and (not tokens or (_after_operand(tokens) and tokens[-1].text != "einsum")):
            kind, piece, position = "op", "'", start + 1
        elif kind == "attr":
            piece = piece[1:]
        tokens.append(Token(kind, "T" if kind == "T" else piece, start, position, space))
        space = False
    tokens.append(Token("end", "", len(text), len(text), space))
    return tokens


def _refuse_second(text: str, start: int, end: int) -> None:
    """The head of a function in Python is left out, where there is but one. Raises ``ParseError``."""
    if re.search(r"^def ", text[:start], re.MULTILINE):
        raise ParseError("a second function is defined here", span=(start, end), hint="paste the body of the one that is meant")


def _splits(tokens: list[Token], bars: list[str]) -> bool:
    """Whether two bars close one pair and open another."""
    return _after_operand(tokens) and "|" in bars and "||" not in bars


def _after_operand(tokens: list[Token]) -> bool:
    return bool(tokens) and (tokens[-1].kind in _CLOSERS or tokens[-1].text == "'")


def _bracket(piece: str, tokens: list[Token], bars: list[str]) -> tuple[str, str]:
    """Kind and text of a bracket; a bar opens where an operand is expected and closes elsewhere."""
    if piece in _BRACKETS:
        return _BRACKETS[piece], {"⟨": "<", "⟩": ">"}.get(piece, piece)
    text = "||" if piece == "‖" else "|"
    if _after_operand(tokens) and text in bars:
        bars.remove(text)
        return "close", text
    bars.append(text)
    return "open", text


def greek_to_ascii(name: str) -> str:
    """``σ`` becomes ``sigma``; ``σ_1`` and ``σ₁`` become ``sigma_1``."""
    if name.isascii():
        return name
    base = name.rstrip("₀₁₂₃₄₅₆₇₈₉")
    number = name[len(base) :].translate(_DIGITS)
    mark = "_" if number and "_" not in base else ""
    return "".join(GREEK.get(c, c) for c in base) + mark + number


def _bad_character(text: str, position: int) -> ParseError:
    c = text[position]
    code = f"U+{ord(c):04X}"
    name = unicodedata.name(c, "a control character")
    hint = "retype it from the keyboard"
    look_alike = {"′": "'", "’": "'", "×": "*", "÷": "/"}.get(c)
    plain = unicodedata.normalize("NFKC", c)
    if look_alike or (plain != c and plain.isascii()):
        hint = f"write {look_alike or plain}"
    elif unicodedata.category(c) == "Cf":
        hint = "it is invisible: delete it"
    elif c.isalpha():
        hint = "a letter from another alphabet that may look like a Latin one; retype it"
    elif c in "{}":
        return ParseError(
            f"'{c}' is not part of the plain notation", span=(position, position + 1), hint="use (…), or notation='latex'"
        )
    if c.isascii() and c.isprintable():
        return ParseError(f"unexpected character {c!r}", span=(position, position + 1), hint="see the notation page")
    return ParseError(f"unexpected character {code} ({name})", span=(position, position + 1), hint=hint)
