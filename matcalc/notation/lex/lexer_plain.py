"""Lexer of the plain notation: ASCII, Unicode and NumPy-like spellings."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from matcalc.expr.errors import ParseError, UsageError
from matcalc.notation.lex.characters import SUBSCRIPTS, mark_of, require_name
from matcalc.notation.lex.python_functions import DEF, body_end
from matcalc.notation.lex.syntax import FACTORIAL, GAMMA, Token

T = TypeVar("T")
_token = tuple.__new__  # a third of the time of Token(…)

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "ι": "iota", "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma",
    "τ": "tau", "υ": "upsilon", "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta",
    "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip

# As they are typed; the other accents make letters of languages.
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot"}
_BELOW = "".join(SUBSCRIPTS)
_MADE = "".join([made for c in string.ascii_letters for a in _ACCENTS if len(made := unicodedata.normalize("NFC", c + a)) == 1])
_ACCENTED = rf"(?:[A-Za-z{''.join(GREEK)}][{''.join(_ACCENTS)}]+|[{_MADE}])(?:_[A-Za-z0-9]+|[{_BELOW}]+|)(?![\w{_BELOW}])"
_NAME = r"[A-Za-z_" + "".join(GREEK) + r"][A-Za-z0-9_" + "".join(GREEK) + "]*[" + _BELOW + "]*"
# Of numbers, with the sizes above: ℝⁿ, ℝᵐˣⁿ, ℝ^n, ℝ^{m×n}; R, too, where it follows a sign that sets follow.
_ABOVE = "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷʸᶻᴺᴹᴰᴷᴸᴾᵀ⁰¹²³⁴⁵⁶⁷⁸⁹"
_ARROWS = r"(?:(?<=∈)|(?<=∈[ ])|(?<=\bin[ ])|(?<=→)|(?<=→[ ])|(?<=->)|(?<=->[ ]))"
_SIZES = rf"(?:\^?[({{][\w ×x*]+[)}}]|\^\w+|[{_ABOVE}]+(?:[ˣ×][{_ABOVE}]+)?|)"
_SET = rf"(?:ℝ|{_ARROWS}R(?!\w)|(?:(?<=:)|(?<=:[ ]))R(?=[^:;\n]*(?:->|→))){_SIZES}"
_TOKEN = re.compile(
    rf"""(?P<space>[^\S\n]+)
    |(?P<comment>\#[^\n]*|\\[^\S\n]*\n|(?<![^\n])(?:import|from)[ ][^\n]*|%(?![*o]%)[^\n]*|\.\.\.[^\S\n]*\n|"{{3}}[^"]*"{{3}})
    |(?P<def>(?<![^\n])def[ ]\w+\([^()\n]*\)(?:[ ]*->[^:\n]*)?:|lambda[ ][\w, ]+:|(?<==)@\([\w, ]+\)|(?<==[ ])@\([\w, ]+\))
    |(?P<num>(?:\d+(?:\.\d+|\.(?=[\s),;\]]|$))?|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<T>\.T\b|\.'|ᵀ|⊤)
    |(?P<inverse>\.I\b(?!\())
    |(?P<each>\.(?=\())
    |(?P<wrt>w\.r\.t\.?)
    |(?P<attr>\.[A-Za-z_]\w*)
    |(?P<set>{_SET})
    |(?P<belongs>∈|in(?=[ ](?:ℝ|R\b)))
    |(?P<accented>{_ACCENTED})
    |(?P<name>{_NAME})
    |`(?P<quoted>[^`\n]+)`
    |(?P<string>'[A-Za-z,() .]*->[A-Za-z() .]*'|'[A-Za-z]+(?:,[ ]?[A-Za-z]+)+'|'(?:fro|nuc)'|(?<==)'[a-z_]+'
        |(?<=einsum\()'[A-Za-z., ]+'|"[A-Za-z,() .>-]*")
    |(?P<inverse_transpose>⁻[ᵀ⊤])
    |(?P<sup>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)
    |(?P<op>%\*%|->|→|[<>]=?|\.[-+](?![\d.])|\*\*|\.\*|\./|\.\^|\^[∘⊙]|\|\||\.(?=[ ])|[-+*/^'@,;=:\n\\]|′(?=[′(])|[⊙∘⊗·⋅−×≔])
    |(?P<sub>[{_BELOW}]+)
    |(?P<sign>[∇∂∞𝟏𝟙½¼¾√])
    |(?P<styled>[\U0001D400-\U0001D7CB])
    |(?P<bracket>[()\[\]|‖∥⟨⟩])""",
    re.VERBOSE | re.ASCII,
)
_LETTERS = re.compile(rf"[{''.join(GREEK)}](?:_\d+|[0-9{_BELOW}]*)|[A-Za-z](?:_\d+|[A-Za-z0-9{_BELOW}]*)")
_LABELLED = re.compile(rf"(?:[A-Za-z{''.join(GREEK)}](?:_?\d+|[{_BELOW}]+)?)+")  # as a product of letters is
_WITH_ACCENT = re.compile(_ACCENTED)
_STYLED = re.compile("[\U0001d400-\U0001d7ff]")
_SMALL = str.maketrans(SUBSCRIPTS | dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True)))
_SIGNS = {
    **{
        "∇": ("cmd", "nabla"),
        "∂": ("cmd", "partial"),
        "∞": ("name", "inf"),
        "√": ("name", "sqrt"),
        "𝟏": ("name", "1vec"),
        "𝟙": ("name", "1vec"),
    },
    **{"½": ("num", "0.5"), "¼": ("num", "0.25"), "¾": ("num", "0.75")},
}
_OPERATORS = {
    "**": ".^",
    "^∘": ".^",
    "^⊙": ".^",
    ".+": "+",
    ".-": "-",
    "%*%": "@",
    "⊙": ".*",
    "∘": ".*",
    "⊗": "kron",
    "·": "dot",
    "⋅": "dot",
    "−": "-",
    "→": "->",
    "≔": "=",
    "×": "times",
    "′": "'",
    "\n": ";",
    ".": ";",  # of a sentence
}
_BRACKETS = {"(": "open", "[": "open", ")": "close", "]": "close", "⟨": "open", "⟩": "close"}
# Characters that are a token whatever stands beside them: half of a text.
_ALONE = {" ": "space", **dict.fromkeys("()[]", "bracket"), **dict.fromkeys("+,;=", "op")}
_CLOSERS = ("name", "num", "T", "close", "attr")


def tokenize_plain(text: str) -> list[Token]:
    """Tokens of ``text``, with an ``end`` token last. Raises ``ParseError`` with a span."""
    scan = _Scan(text)
    last = len(text.rstrip())
    stop = last - 1 if text[last - 1 : last] in (".", "?") and text[last - 2 : last - 1] not in "0123456789." else len(text)
    while (start := scan.position) < stop:
        piece = text[start]
        kind = _ALONE.get(piece)
        if kind == "space":
            scan.position, scan.space = start + 1, True
            continue
        if kind is not None:
            scan.position = start + 1
        elif (match := _TOKEN.match(text, start)) is None:
            raise _bad_character(text, start)
        else:
            kind, scan.position = str(match.lastgroup), match.end()
            piece = match.group(kind)
        scan.token(kind, piece, start)
    return [*scan.tokens, Token("end", "", len(text), len(text), scan.space)]


class _Scan:
    """One walk over the text: the tokens so far, what is open, and whether blanks stand before the next token."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[Token] = []
        self.bars: list[str] = []
        self.position = 0
        self.depth = 0
        self.space = False

    def token(self, kind: str, piece: str, start: int) -> None:
        if kind == "name":
            self.name(piece, start)
        elif kind in ("space", "comment"):
            self.space = True
        elif kind == "op":
            self.operator(piece, start)
        elif kind == "each" and _after_operand(self.tokens):  # Julia's f.(x): f of each entry
            return
        elif kind == DEF:
            name = piece.split("(")[0].partition("def ")[2]
            self.emit(DEF, piece, start, body_end(self.text, start, self.position), mark=name)
        elif kind in ("styled", "accented"):
            self.emit("name", greek_to_ascii(piece), start, mark=mark_of(piece))
        elif kind == "wrt":
            self.emit("name", "wrt", start)
        elif kind == "set":
            self.numbers(piece, start)
        elif kind == "belongs":
            self.emit("op", "in", start)
        elif kind == "T":
            self.emit("T", "T", start, mark=".T" if piece == ".T" else "")
        else:
            self.emit(*self.other(kind, piece, start), start)

    def emit(self, kind: str, piece: str, start: int, end: int | None = None, mark: str = "") -> None:
        self.tokens.append(_token(Token, (kind, piece, start, self.position if end is None else end, self.space, mark)))
        self.space = False

    def bracket(self, piece: str) -> tuple[str, str]:
        kind, piece = _bracket(piece, self.tokens, self.bars)
        self.depth += (kind == "open") - (kind == "close")
        return kind, piece

    def operator(self, piece: str, start: int) -> None:
        if piece == "\n" and self.depth > 0:
            self.space = True
            return
        kind = "op"
        if (piece == "<" and not _after_operand(self.tokens)) or (piece == ">" and "<" in self.bars):  # <x, y>
            self.bars = [b for b in self.bars if b != "<"] + ["<"] * (piece == "<")
            kind = "open" if piece == "<" else "close"
            self.depth += 1 if kind == "open" else -1
        if piece == "||":
            if _splits(self.tokens, self.bars):  # |x||y|
                piece, self.position = "|", self.position - 1
            kind, piece = self.bracket("|" if piece == "|" else "‖")
        self.emit(kind, _OPERATORS.get(piece, piece), start, mark="**" if piece == "**" else "")

    def name(self, piece: str, start: int) -> None:
        if piece[0] not in "_T" and piece.isascii():  # as nearly all are
            return self.emit("name", piece, start)
        kind = "name"
        if piece[0] == "_" and not self.space and _takes_label(self.tokens):  # ‖x‖_2, ‖x‖²_2, (A x)_2, ∇_x, ∇²_x
            if self.tokens[-1].kind == "num" and not (_derives(self.tokens[-3:-2]) or _is_power_of_norm(self.tokens)):
                raise ParseError(f"a number is followed by '{piece}'", span=(start, self.position), hint="write 1_000 as 1000")
            self.emit("op", "_", start, start + 1)
            kind, piece, start = "num" if piece[1:].isdigit() else "name", piece[1:], start + 1
            if not piece:
                return
        if not piece.isascii() and ("_" not in piece or _LABELLED.fullmatch(piece)):
            *before, piece = _LETTERS.findall(piece)  # λx is λ x, β_1x_1 is β_1 x_1
            for part in before:
                self.emit("name", greek_to_ascii(part), start, start + len(part))
                start += len(part)
        if piece[0] == "T" and len(piece) > 1 and self.tokens and self.tokens[-1][:2] == ("op", "^") and not self.space:
            sign = self.tokens.pop()  # x^TAx
            self.tokens.append(Token("T", "T", sign.start, start + 1, sign.space))
            piece, start = piece[1:], start + 1
            kind = "num" if piece.isdigit() else kind
        self.emit(kind, greek_to_ascii(piece), start)

    def numbers(self, piece: str, start: int) -> None:
        """ℝ and the sizes above it, in braces as LaTeX has them."""
        self.emit("name", "RR", start, start + 1)
        sizes = unicodedata.normalize("NFKC", piece[1:].replace("ˣ", "×")).strip("^({}) ")
        for i, size in enumerate(re.split(r"\s*[×*]\s*|\s+x\s+", sizes) if sizes else ()):
            for kind, text in (
                ("op", "times" if i else "^"),
                *([("open", "{")] if not i else ()),
                ("num" if size.isdigit() else "name", size),
            ):
                self.emit(kind, text, start)
        if sizes:
            self.emit("close", "}", start)

    def other(self, kind: str, piece: str, start: int) -> tuple[str, str]:
        """Kind and text of a token; scripts put the sign that they stand for before it."""
        if kind == "bracket":
            return self.bracket(piece)
        if kind == "quoted":
            return "name", greek_to_ascii(require_name(piece, start + 1, self.text))
        if kind == "sign":
            return _SIGNS[piece]
        if kind in ("sup", "sub"):
            self.tokens.append(Token("op", "^" if kind == "sup" else "_", start, start, self.space))
            piece = piece.translate(_SMALL)
            return "num" if piece.lstrip("+-").isdigit() else "name", piece
        if kind == "inverse_transpose":
            self.tokens += (Token("op", "^", start, start, self.space), Token("op", "-", start, start + 1, False))
            return "T", "T"
        if kind == "inverse":  # of a matrix of NumPy or SymPy
            self.tokens += (Token("op", "^", start, start + 1), Token("op", "-", start, start + 1))
            return "num", "1"
        if kind == "string" and (not self.tokens or (_after_operand(self.tokens) and self.tokens[-1].text != "einsum")):
            self.position = start + 1
            return "op", "'"
        return kind, piece[1:] if kind == "attr" else piece


def _splits(tokens: list[Token], bars: list[str]) -> bool:
    """Whether two bars close one pair and open another."""
    return _after_operand(tokens) and "|" in bars and "||" not in bars


def _after_operand(tokens: list[Token]) -> bool:
    return bool(tokens) and (tokens[-1].kind in _CLOSERS or tokens[-1].text == "'")


def _derives(tokens: list[Token]) -> bool:
    return bool(tokens) and tokens[-1].kind == "cmd" and tokens[-1].text in ("nabla", "partial")


def _takes_label(tokens: list[Token]) -> bool:
    return _after_operand(tokens) or _derives(tokens)


def _is_power_of_norm(tokens: list[Token]) -> bool:
    return [t.text for t in tokens[-3:-1]] == ["||", "^"]


def _bracket(piece: str, tokens: list[Token], bars: list[str]) -> tuple[str, str]:
    """Kind and text of a bracket; a bar opens where an operand is expected and closes elsewhere."""
    if piece in _BRACKETS:
        return _BRACKETS[piece], {"⟨": "<", "⟩": ">"}.get(piece, piece)
    text = "|" if piece == "|" else "||"
    if _after_operand(tokens) and text in bars:
        bars.remove(text)
        return "close", text
    bars.append(text)
    return "open", text


def greek_to_ascii(name: str) -> str:
    """``σ`` becomes ``sigma``; ``σ_1`` and ``σ₁`` become ``sigma_1``, ``x̂_t`` becomes ``x_hat_t``; a letter in another type,
    ``𝐱``, the letter."""
    if name.isascii():
        return name
    if _WITH_ACCENT.fullmatch(name):
        letter, *marks = list(unicodedata.normalize("NFD", re.split(f"[_{_BELOW}]", name)[0]))
        rest = name[len(name.rstrip(_BELOW)) :]
        label = f"_{rest.translate(_SMALL)}" if rest else "".join(name.partition("_")[1:])
        return "_".join([GREEK.get(letter, letter), *map(_ACCENTS.__getitem__, marks)]) + label
    name = _STYLED.sub(lambda m: unicodedata.normalize("NFKC", m[0]), name)
    base = name.rstrip(_BELOW)
    number = name[len(base) :].translate(_SMALL)
    mark = "_" if number and "_" not in base else ""
    return "".join(GREEK.get(c, c) for c in base) + mark + number


def by_ascii_names(given: Mapping[str, T] | None) -> Mapping[str, T] | None:
    """The same under the names that the expression gets: ``μ`` is ``mu``. Raises ``UsageError`` for two spellings of one name."""
    if not isinstance(given, Mapping) or all(not isinstance(n, str) or n.isascii() for n in given):
        return given
    out = {greek_to_ascii(n): v for n, v in given.items()}
    if len(out) < len(given):
        raise UsageError("a name is given twice, with a Greek letter and spelled out", hint="keep one of the two")
    return out


def ascii_name(name: str | None) -> str | None:
    return greek_to_ascii(name) if isinstance(name, str) else name


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
    if c == "!":
        return ParseError(FACTORIAL, span=(position, position + 1), hint=GAMMA)
    if c.isascii() and c.isprintable():
        return ParseError(f"unexpected character {c!r}", span=(position, position + 1), hint="see the notation page")
    return ParseError(f"unexpected character {code} ({name})", span=(position, position + 1), hint=hint)
