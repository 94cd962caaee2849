"""From the statements of a text to the kinds of its names: tables of costs, one for each sign and each letter.

Here the statements are gone through; what stands for their parts is in :mod:`matcalc.notation.kinds.inference` and ``search``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from matcalc.notation.kinds.elimination import INFINITE, TooLarge, solve
from matcalc.notation.kinds.search import NOTHING, Impossible, Open, Reading, Search, Usual
from matcalc.notation.kinds.walk import NEAR, Asked
from matcalc.notation.kinds.written import names_in
from matcalc.notation.lex import habits
from matcalc.notation.lex.syntax import Statement


def infer(text: Asked) -> Reading | None:
    """Kinds of all names, the cheapest together; None where nothing is consistent."""
    try:
        return at_once(text)
    except Open:
        for most in LEVELS:
            found = searched(text, most=most)
            if found is not None and found.cost + NEAR <= most + 1:  # with all that is near
                return found
        return searched(text)


class Letters:
    """The kinds of the letters of a text, inferred when somebody asks for them first."""

    __slots__ = ("_text", "found")

    def __init__(self, text: Asked) -> None:
        self._text = text
        self.found: Reading | None = None

    def __call__(self) -> Reading:
        if self.found is None:
            self.found = infer(self._text) or NOTHING
        return self.found


LEVELS = 19, 29  # tenths: readings that are looked for first


def searched(text: Asked, fixed: Mapping[str, str] = MappingProxyType({}), most: int = INFINITE) -> Reading | None:
    """The cheapest kinds, with margins; None where nothing is consistent for ``most`` tenths.

    ``fixed`` are kinds of letters to be taken for granted. Margins beyond ``most`` may be missing.
    """
    search = Search(text, fixed, most)
    try:
        search.read()
        search.labels_and_members()
        found = solve(search.tables)
    except (Impossible, TooLarge):
        return None
    return None if found is None else search.reading(found)


def at_once(text: Asked) -> Reading:
    """The usual kinds, definitions before their uses, so that a defined name has the kind of its value. Raises ``Open``."""
    parts = Usual(text)
    statements = [s for s in text.statements if not (s.parameters and s.name in parts.own)]
    if any(s.letters or s.others for s in statements):
        raise Open
    if len(statements) == 1 and not parts.own:
        _only(parts, statements[0])
    else:
        _in_order(parts, statements)
    return parts.reading()


def _in_order(parts: Usual, statements: list[Statement]) -> None:
    output = parts.text.output
    waiting = [(s, parts.defined.intersection(names_in((s,)))) for s in statements]
    used = {n for _, needs in waiting for n in needs}
    last: tuple[str, str | None] | None = None
    while waiting:
        later = []
        for s, needs in waiting:
            if not needs <= parts.names.keys():
                later.append((s, needs))
                continue
            kind = parts.of(s.body)
            if s.name is not None:
                parts.names[s.name] = kind
            if s.name is None or s.name not in used if output is None else s.name == output:
                last = kind, s.name
        if len(later) == len(waiting):
            raise Open
        waiting = later
    if last is not None:
        _end(parts, *last)


def _only(parts: Usual, s: Statement) -> None:
    """A text of one statement."""
    kind = parts.of(s.body)
    if s.name is not None:
        if s.name in parts.names:
            raise Open
        parts.names[s.name] = kind
    _end(parts, kind, s.name)


def _end(parts: Usual, kind: str, name: str | None) -> None:
    """An output that is no scalar costs something: no other reading may be near for all that."""
    if kind == "s" or parts.text.scalar is False:
        return
    if parts.text.scalar or parts.gap < habits.OUTPUT + NEAR or name in habits.LOSSES:
        raise Open
