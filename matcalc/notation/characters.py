"""Characters that have no place in a formula, and which ones were probably meant."""

from __future__ import annotations

from matcalc.errors import ParseError

LOOK_ALIKES = dict(
    zip(
        "АВЕЅІЈКМНОРСТХУаеоѕіјрсхуԁһ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
        "ABESIJKMHOPCTXYaeosijpcxydh" + "ABEZHIKMNOPTYXo",
        strict=True,
    )
)


def bad_character(char: str, span: tuple[int, int], source: str) -> ParseError:
    """The refusal of ``char``, with its code point and the character that it resembles."""
    import unicodedata

    name = unicodedata.name(char, "a control character" if unicodedata.category(char) == "Cc" else "unnamed")
    plain = LOOK_ALIKES.get(char) or unicodedata.normalize("NFKC", char)
    if plain != char and len(plain) == 1 and " " < plain <= "~":
        hint = f"it looks like {plain!r} and is another character: type {plain!r}"
    elif unicodedata.category(char) in ("Cc", "Cf"):
        hint = "it is invisible: delete it"
    else:
        hint = "delete it or write it in another way"
    message = f"the character U+{ord(char):04X} ({name}) is not part of the notation"
    return ParseError(message, span=span, source=source, hint=hint)
