"""A place among tokens, and what the readers of operands ask of the parser from there on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from typing import NamedTuple

from matcalc.expr.errors import LimitError, ParseError
from matcalc.expr.formulas import composite
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.habits import FUNCTION_LETTERS, is_letter
from matcalc.notation.lex.syntax import FACTORIAL, GAMMA, Ast, Token

MAX_DEPTH = 100
COMPARISONS = ("<", ">", "<=", ">=")
PAIRS = {"(": ")", "[": "]", "{": "}", "\\{": "\\}", "|": "|", "||": "||", "<": ">"}


class Cursor(ABC):
    """A place among the tokens of a statement; the grammar from there on is :class:`matcalc.notation.parse.parser.Parser`."""

    def __init__(self, tokens: list[Token], words: Words) -> None:
        self.tokens = tokens
        self.words = words
        self.values = words.values
        self.latex = words.latex  # brackets after a name are a product there, a slice in plain notation
        self.i = 0
        self.depth = 0
        self.indices: frozenset[str] = frozenset()  # of the big operators around

    @property
    def here(self) -> Token:
        return self.tokens[self.i]

    def at(self, kind: str, *texts: str) -> bool:
        t = self.tokens[self.i]
        return t.kind == kind and (not texts or t.text in texts)

    def take(self) -> Token:
        """The token at hand, left behind. Raises ``ParseError`` at the end of the statement."""
        if self.here.kind == "end":
            raise self.fail("the expression stops here: something is missing")
        self.i += 1
        return self.tokens[self.i - 1]

    def fail(self, what: str, token: Token | None = None, hint: str | None = None) -> ParseError:
        if self.at("op", "!"):
            token, what, hint = self.here, FACTORIAL, GAMMA
        t = token or self.here
        return ParseError(what, span=(t.start, max(t.end, t.start + 1)), hint=hint)

    def close(self, opener: Token) -> Token:
        """Take the bracket that closes ``opener``."""
        want = PAIRS[opener.text]
        if self.at("close", want):
            return self.take()
        if self.at("end") or self.at("close"):
            found = "the end" if self.at("end") else f"'{self.here.text}'"
            raise self.fail(
                f"'{opener.text}' at column {opener.start + 1} is never closed: expected '{want}', found {found}",
                opener,
                f"add '{want}'",
            )
        if self.at("op", *COMPARISONS):
            raise self.fail("a comparison is no value", hint="write np.where(x > 0, a, b), max(x, 0) or step(x)")
        raise self.fail(f"expected '{want}' to close '{opener.text}' at column {opener.start + 1}, found '{self.here.text}'")

    def enter(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LimitError(
                f"nested too deeply: more than {MAX_DEPTH} levels of brackets",
                span=self.here.span,
                hint="name parts of the expression: s = u'*h; h = f(z)",
            )

    def starts_operand(self) -> bool:
        t = self.here
        return t.kind in ("num", "name", "fn", "open") or (t.kind == "cmd" and not t.text.startswith(("end:", "words")))

    # -- the grammar -----------------------------------------------------------

    @abstractmethod
    def expression(self) -> Ast: ...
    @abstractmethod
    def term(self) -> Ast: ...
    @abstractmethod
    def factor(self) -> Ast: ...
    @abstractmethod
    def primary(self) -> Ast: ...
    @abstractmethod
    def group(self) -> Ast: ...
    @abstractmethod
    def exponent(self, base: Ast) -> Ast: ...
    @abstractmethod
    def call(self, t: Token, primes: int = 0) -> Ast: ...
    @abstractmethod
    def argument(self) -> Ast: ...


# ---------------------------------------------------------------- Which words of a text are functions, and which are values


BUILDERS = frozenset(str.split("""
    commutation convmatrix hankel svdvals unvec fill inner vector ones
    zeros eye einsum matrix vcat hcat unit padrows padcols blkdiag cross crossmatrix
"""))  # fmt: skip


class Words(NamedTuple):
    """What is known of the words of a statement."""

    values: Collection[str]
    functions: Collection[str]  # those that are declared, and those that the text defines
    latex: bool = False

    def is_function(self, name: str, adjacent: bool) -> bool:
        """Whether a name before a bracket is a function; ``adjacent``: no blank stands between them."""
        if name in self.values:
            return False
        if name in self.functions or name in CALLS or name in SYNONYMS or name in BUILDERS:
            return True
        if composite(name) is not None and len(name) > 1:
            return True
        return name in FUNCTION_LETTERS or (len(name) > 1 and adjacent and not self.latex and not is_letter(name))
