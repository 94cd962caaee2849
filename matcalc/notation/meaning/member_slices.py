"""Of which arrays the x_i and y^{(i)} of a sum are slices, where nobody said so; the kinds of members that somebody declared."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from matcalc.notation.kinds.search import Reading
from matcalc.notation.kinds.walk import Asked
from matcalc.notation.kinds.written import names_in
from matcalc.notation.lex.latex_names import slice_bases
from matcalc.notation.lex.syntax import walk

Slice = tuple[str, tuple[str, ...]]


def slices_of(reading: Reading, text: Asked, known: Mapping[str, Slice]) -> dict[str, Slice]:
    """Of which arrays the vectors x_i are rows, where nobody said so, and the numbers y^{(i)} the entries."""
    free = only_declared(text)
    taken = {*reading.group, *text.declared, *(s.name for s in text.statements)} - free
    found: dict[str, Slice] = {}
    for (base, indices), (kind, token) in reading.members.items():
        entry = "^" in token and text.declared.get(base) == "c"  # y^{(i)} of a declared vector y
        if indices != 1 or (base in taken | free and not entry) or any(base in slice_bases(t) for t in known):
            continue
        if kind == "s":
            if "^" in token:
                found[token] = base, (token[-2],)
        elif kind == "c":
            array = base.upper() if len(base) == 1 and base.islower() else base
            array = f"{base}s" if array in taken or (array in _ends(text) and array not in free) else array
            taken.add(array)
            found[token] = array, (token.rstrip(")")[-1], ":")
    return found


def only_declared(text: Asked) -> set[str]:
    """Matrices that are declared and stand nowhere by name: the X whose rows or columns are the x_i."""
    matrices = {name for name, kind in text.declared.items() if kind == "m"}
    return matrices.difference(names_in(text.statements), (s.name for s in text.statements)) if matrices else matrices


def turned(slices: Mapping[str, Slice], arrays: Collection[str]) -> dict[str, Slice]:
    """The vectors as columns of these arrays, in the place of rows."""
    return {t: (a, places[::-1] if a in arrays and ":" in places else places) for t, (a, places) in slices.items()}


def _ends(text: Asked) -> set[str]:
    """The names in the ends of sums: sizes."""
    binders = [n.value[1] for s in text.statements for n in walk(s.body) if n.kind == "bigop"]
    return {n.value for b in binders for end in (b.lower, b.upper) if end is not None for n in walk(end) if n.kind == "name"}


def members_of(slices: Mapping[str, Slice]) -> dict[tuple[str, int], str]:
    """The kinds of members, as slices that somebody declared say them."""
    found = {}
    for token, (_, places) in slices.items():
        whole = places.count(":")
        found.update({(base, len(places) - whole): "scm"[min(whole, 2)] for base in slice_bases(token)})
    return found
