"""The walk over TeX tokens: what every macro's handler needs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from matcalc.expr.errors import LimitError, ParseError
from matcalc.expr.qualities import property_in
from matcalc.notation.lex.latex_scan import NESTING, Raw
from matcalc.notation.lex.macros import SIMPLE
from matcalc.notation.lex.syntax import Token

DIGITS = frozenset("0123456789")
_STOPS = frozenset(("}", "&", "^", "_", ".^", r"\\", r"\right", r"\end", ")", "]", "=", ","))


class Reader:
    """TeX tokens to tokens: ``out`` grows while ``pos`` walks over ``raw``."""

    def __init__(
        self,
        raw: list[Raw],
        partner: dict[int, int],
        source: str,
        names: Collection[str],
        special: Mapping[str, Callable[[Reader], None]],
        other: Callable[[Reader], None],
    ) -> None:
        self.raw = raw
        self.partner = partner  # opening to closing braces
        self.source = source
        self.names = names
        self.special = special  # handlers of the TeX tokens that are not in SIMPLE
        self.other = other
        self.out: list[Token] = []
        self.pos = 0
        self.depth = 0
        self.environments: list[tuple[str, Raw]] = []
        self.lefts: list[tuple[Raw, str, int]] = []  # \left, its delimiter, where that stands in out

    def tokens(self) -> list[Token]:
        self.read(len(self.raw))
        self.check_closed(0, 0)
        return self.out

    def fail(self, message: str, at: Raw, hint: str | None = None) -> ParseError:
        return ParseError(message, span=at[1:3], source=self.source, hint=hint)

    def emit(self, kind: str, text: str, at: Raw) -> None:
        self.out.append(Token(kind, text, *at[1:]))

    def peek(self, ahead: int = 0) -> str:
        i = self.pos + ahead
        return self.raw[i][0] if i < len(self.raw) else ""

    def next(self) -> Raw:
        self.pos += 1
        return self.raw[self.pos - 1]

    def end(self) -> int:
        """Where the TeX token read last ends in the source."""
        return self.raw[self.pos - 1][2]

    def read(self, stop: int) -> None:
        """Everything up to ``raw[stop]``."""
        raw, out, simple, special, new = self.raw, self.out, SIMPLE, self.special, tuple.__new__
        while self.pos < stop:
            text, start, end, space = raw[self.pos]
            known = simple.get(text)
            if known is not None:
                out.append(new(Token, (known[0], known[1], start, end, space, "")))
                self.pos += 1
            else:
                special.get(text, self.other)(self)

    def unit(self) -> None:
        """What TeX takes as an argument without braces: a digit, a letter, a macro with its arguments."""
        at = self.raw[self.pos]
        self.depth += 1
        if self.depth > NESTING:
            message = f"arguments are nested deeper than {NESTING} levels"
            raise LimitError(message, span=at[1:3], source=self.source)
        if at[0] in DIGITS:
            self.emit("num", at[0], at)
            self.pos += 1
        else:
            self.read(self.pos + 1)
        self.depth -= 1

    def inside(self, stop: int) -> None:
        """The content of a group, from the opening token that is next to the closing one at ``stop``."""
        self.depth += 1
        environments, lefts = len(self.environments), len(self.lefts)
        self.pos += 1
        self.read(stop)
        self.check_closed(environments, lefts)
        self.pos = stop + 1
        self.depth -= 1

    def check_closed(self, environments: int, lefts: int) -> None:
        if len(self.environments) > environments:
            name, at = self.environments[-1]
            raise self.fail(rf"\begin{{{name}}} is never closed", at, rf"add \end{{{name}}}")
        if len(self.lefts) > lefts:
            at, delimiter, _ = self.lefts[-1]
            raise self.fail(rf"\left{delimiter} has no \right", at, r"add \right and the closing delimiter")

    def require(self, owner: Raw, what: str) -> Raw:
        """The TeX token with which an argument of ``owner`` begins."""
        if self.pos >= len(self.raw) or self.raw[self.pos][0] in _STOPS:
            hint = f"write {owner[0]}{{…}}" + "{…}" * (what in ("numerator", "denominator"))
            raise self.fail(f"{owner[0]} has no {what}", owner, hint)
        return self.raw[self.pos]

    def argument(self, owner: Raw, what: str) -> None:
        """One argument, with explicit braces."""
        first = self.require(owner, what)
        if first[0] != "{":
            self.out.append(Token("open", "{", first[1], first[1], first[3]))
            self.unit()
            self.out.append(Token("close", "}", self.end(), self.end()))
            return
        self.emit("open", "{", first)
        mark = len(self.out)
        close = self.partner[self.pos]
        self.inside(close)
        if len(self.out) == mark:
            message, hint = f"the {what} of {owner[0]} is empty", f"write the {what} between the braces"
            raise ParseError(message, span=(first[1], self.end()), source=self.source, hint=hint)
        self.emit("close", "}", self.raw[close])

    def bare(self, owner: Raw) -> None:
        """One argument, without its braces."""
        if self.require(owner, "argument")[0] == "{":
            self.inside(self.partner[self.pos])
        else:
            self.unit()

    def skip_argument(self) -> tuple[int, int]:
        """Step over one argument; where its content lies."""
        start = self.pos
        if self.peek() == "{":
            self.pos = self.partner[start] + 1
            return start + 1, self.pos - 1
        self.pos = min(start + 1, len(self.raw))
        return start, self.pos

    def skip_words(self) -> tuple[int, int]:
        """Step over words at a part of a formula, which may not state a property: nobody would take it over."""
        start, stop = self.skip_argument()
        if said := property_in(self.plain_text(start, stop)):
            message = f"'{said}' stands in words at a part of the formula, and such words are not read"
            hint = f"leave them out, and say it behind the formula: A is {said}, or with --assume"
            raise self.fail(message, ("", self.raw[start][1], self.end(), False), hint)
        return start, stop

    def read_again(self, start: int, stop: int) -> None:
        """``raw[start:stop]``, without moving."""
        after, self.pos = self.pos, start
        self.depth += 1
        self.read(stop)
        self.depth -= 1
        self.pos = after

    def plain_text(self, start: int, stop: int) -> str:
        """What stands in ``raw[start:stop]``, blanks included."""
        text = "".join([(" " if t[3] else "") + t[0] for t in self.raw[start:stop]])
        after = self.raw[stop] if stop < len(self.raw) else None
        return text + " " if after and after[0] == "}" and after[3] else text
