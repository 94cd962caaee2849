"""Tokens for tests: kind and text of each, as one line."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.notation.lex.syntax import Token


def line(tokens: Iterable[Token]) -> str:
    """``fn:exp open:( name:x close:)``, without the end."""
    return " ".join(f"{t.kind}:{t.text}" for t in tokens if t.kind != "end")
