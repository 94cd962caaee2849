"""Names in generated code: every name of the user is given a Python name of its own."""

from __future__ import annotations

import keyword
import unicodedata
from collections.abc import Iterable

from matcalc.codegen.targets.helpers import HELPERS

MODULES = frozenset(("np", "scipy"))
# Not keywords, but a reader takes them for what they are.
BUILTINS = frozenset(
    (
        "print",
        "range",
        "len",
        "float",
        "int",
        "abs",
        "complex",
        "sum",
        "max",
        "min",
        "type",
        "object",
        "exec",
        "eval",
        "id",
        "self",
    )
)
_SPELLED = {
    "'": "_prime",
    "′": "_prime",
    "*": "_star",
    "+": "_plus",
    "-": "_",
    "^": "_",
    " ": "_",
    ".": "_",
    ",": "_",
    "\\": "",
}
LONGEST = 40


def is_plain(name: str) -> bool:
    """Whether a name can stand as it is: an identifier that Python does not change when it reads it."""
    return name.isidentifier() and not name.startswith("_") and unicodedata.normalize("NFKC", name) == name


def is_free(name: str) -> bool:
    """Whether a function may have the name: no keyword, and nothing that the source around it uses."""
    used = keyword.iskeyword(name) or name in MODULES or name in BUILTINS or name in HELPERS or name.startswith("__")
    return name.isidentifier() and not used and unicodedata.normalize("NFKC", name) == name


def spelled(name: str) -> str:
    """An identifier that reads like ``name``; different names may give the same one."""
    text = "".join(_SPELLED.get(c, c if c == "_" or c.isalnum() else f"_u{ord(c):x}_") for c in name)
    text = unicodedata.normalize("NFKC", text)
    text = "".join(c if f"a{c}".isidentifier() else f"_u{ord(c):x}_" for c in text)[:LONGEST].lstrip("_")
    return text if text.isidentifier() else f"v_{text}"


class Names:
    """Hands out Python names, no two the same; reserved ones and those that would clash get underscores."""

    def __init__(self, reserved: Iterable[str] = ()) -> None:
        self.reserved = {*keyword.kwlist, *MODULES, *BUILTINS, *reserved}
        self.taken: set[str] = set()
        self.kept: set[str] = set()  # not for names that we choose
        self.counters: dict[str, int] = {}

    def give(self, name: str) -> str:
        """The Python name for ``name``: itself where that is possible."""
        text = name if is_plain(name) and len(name) <= LONGEST else spelled(name)
        if text.rstrip("_") in self.reserved:
            text += "_"
        while text in self.taken or text in self.reserved:
            text += "_"
        self.taken.add(text)
        return text

    def give_all(self, names: Iterable[str]) -> dict[str, str]:
        """Python names for all; those that can stand as they are come first, whatever their order."""
        names = list(dict.fromkeys(names))
        first = dict.fromkeys(n for n in names if is_plain(n) and n not in self.reserved)
        given = {n: self.give(n) for n in (*first, *[n for n in names if n not in first])}
        return {n: given[n] for n in names}

    def fresh(self, stem: str) -> str:
        """``stem``, or the first of ``stem1``, ``stem2`` … that is free."""
        if not self.used(stem):
            self.taken.add(stem)
            return stem
        i = self.counters.get(stem, 1)
        while True:
            i += 1
            name = f"{stem}{i}"
            if not self.used(name):
                self.counters[stem] = i
                self.taken.add(name)
                return name

    def used(self, name: str) -> bool:
        return name in self.taken or name in self.reserved or name in self.kept
