"""Characters that have no place in a formula, and which ones were probably meant."""

from __future__ import annotations

import re

from matcalc.expr.errors import ParseError

LOOK_ALIKES = dict(
    zip("АВЕЅІЈКМНОРСТХУаеоѕіјрсхуԁһ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABESIJKMHOPCTXYaeosijpcxydh" + "ABEZHIKMNOPTYXo", strict=True)
)

SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼᵣᵤᵥ", "0123456789aeoxhklmnpstijruv", strict=True))

LONGEST = 200  # characters of a name
_BOLD = re.compile("[\U0001d400-\U0001d433\U0001d468-\U0001d49b\U0001d6a8-\U0001d6e1\U0001d71c-\U0001d755]")
# Letters and signs by their category that show nothing.
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
# Letters and digits that turn the order of what stands beside them: a formula with them would not read as it is written.
TURNING = ("R", "AL", "AN")


def mark_of(char: str) -> str:
    """The mark of a letter of the mathematical alphabets."""
    return "bold" if _BOLD.match(char) else ""


def require_name(name: str, start: int = 0, source: str | None = None) -> str:
    """The name, if all of it is seen where it is printed: no control character, mark of direction, character without
    width, combining mark or letter written from right to left. Raises ``ParseError`` with the code point; ``start`` is
    where the name begins in ``source``."""
    if len(name) <= LONGEST and name.isascii() and name.isalnum():
        return name
    span = None if source is None else (start, start + len(name))
    if len(name) > LONGEST:
        raise ParseError(f"a name of {len(name)} characters: at most {LONGEST} can be shown", span=span, source=source,
                         hint="give it a shorter name")  # fmt: skip
    if name != name.strip() or not name:
        raise ParseError(f"the name '{name}' begins or ends with a blank", span=span, source=source, hint="delete the blank")
    bad = None if name.isascii() and name.isprintable() else next(filter(_is_hidden, name), None)
    if bad is not None:
        where = None if source is None else (start + name.index(bad), start + name.index(bad) + 1)
        message = f"the character {_described(bad)} cannot stand in a name: it hides or turns what is printed beside it"
        raise ParseError(
            message, span=where, source=source, hint="names are of letters, digits and signs that show: `W^(1)`, `x_{i+1}`"
        )
    return name


def _is_hidden(char: str) -> bool:
    import unicodedata

    if not char.isprintable() or char == "`" or char in BLANKS:
        return True
    return unicodedata.category(char)[0] == "M" or unicodedata.bidirectional(char) in TURNING


def _described(char: str) -> str:
    import unicodedata

    name = unicodedata.name(char, "a control character" if unicodedata.category(char) == "Cc" else "unnamed")
    return f"U+{ord(char):04X} ({name})"


def bad_character(char: str, span: tuple[int, int], source: str) -> ParseError:
    """The refusal of ``char``, with its code point and the character that it resembles."""
    import unicodedata

    plain = LOOK_ALIKES.get(char) or unicodedata.normalize("NFKC", char)
    if plain != char and len(plain) == 1 and " " < plain <= "~":
        hint = f"it looks like {plain!r} and is another character: type {plain!r}"
    elif unicodedata.category(char) in ("Cc", "Cf"):
        hint = "it is invisible: delete it"
    else:
        hint = "delete it or write it in another way"
    message = f"the character {_described(char)} is not part of the notation"
    return ParseError(message, span=span, source=source, hint=hint)
