"""Sums over indices as people first write them: one call for each term, in loops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matcalc.codegen.products.calling import Code
from matcalc.codegen.products.identifiers import Names
from matcalc.codegen.targets.assembly import converting
from matcalc.notation.lex.python_trees import tree_of

INDENT = "    "


class Slice(NamedTuple):
    """The argument of a term that is a part of an array: row ``X[i]``, column ``X[:, i]``, entry ``y[i]`` or ``K[i, j]``."""

    array: str  # the parameter of the loop
    places: tuple[str, ...]  # an index or ":" for each axis

    def at(self, letters: Mapping[str, str]) -> str:
        """As code, with the names that the indices have there."""
        shown = [letters.get(p, p) for p in self.places]
        while shown[-1] == ":":
            shown.pop()
        return f"{self.array}[{', '.join(shown)}]"


class Loop(NamedTuple):
    """One sum: what is called for each term, with what, and over what.

    ``counts`` has each letter with its number of values, as code; ``signs`` are what restricts the letters. ``results`` are
    (parameter of the term, parameter of the loop) of each derivative that is added up.
    """

    term: Code
    slices: Mapping[str, Slice]
    lengths: Mapping[str, str]  # the parameters of the term that are sizes, as code
    counts: tuple[tuple[str, str], ...]
    signs: tuple[str, ...]
    results: tuple[tuple[str, str], ...]


class Rest(NamedTuple):
    """What is made of the sums: a function of them and of other parameters, ``sums`` are the names of the first in it."""

    code: Code
    sums: tuple[str, ...]
    results: tuple[str, ...]  # the parameters of its derivatives, in order
    given: Mapping[str, str]  # its parameters as those of the loop


def loop_source(
    loops: Sequence[Loop], rest: Rest | None, parameters: Sequence[str], results: Sequence[str], floats: Sequence[str], name: str
) -> str:
    """Source of ``name(*parameters)``, the value and its derivatives by ``results``, below the functions that it calls.

    ``floats`` are the parameters that go through the helper of the terms: in one precision, which is that of the results.
    """
    names, head = _head(loops, rest, parameters, floats, name)
    dtype = f"{(results or floats)[0]}.dtype.type"
    lines: list[str] = []
    found: list[tuple[str, dict[str, str]]] = []  # the sum of each loop, and those of its derivatives
    for k, loop in enumerate(loops):
        value, totals, added = _summed(names, loop, names.fresh(rest.sums[k] if rest else "value"))
        lines += added
        found.append((value, totals))
    if rest is None:
        ((value, totals),) = found
        lines.append(f"return {dtype}({value}), {_tuple([f'{totals[w]}[()]' for w in results])}")  # of a number, a number
    else:
        sums = dict(zip(rest.sums, [f"{dtype}({value})" for value, _ in found], strict=True))
        slopes = {p: names.fresh(f"d_{p}") for p in rest.results}
        value = names.fresh("value")
        lines.append(f"{value}, {_tuple([*slopes.values()])} = {_call(rest.code, {**rest.given, **sums})}")
        parts = {w: [f"{slopes[s]} * {t[w]}" for s, (_, t) in zip(rest.sums, found, strict=True) if w in t] for w in results}
        own = {rest.given.get(p, p): slope for p, slope in slopes.items() if p not in rest.sums}
        lines.append(f"return {value}, {_tuple([' + '.join([*parts[w], *([own[w]] if w in own else [])]) for w in results])}")
    sources = [*dict.fromkeys(loop.term.source.rstrip() for loop in loops), *([rest.code.source.rstrip()] if rest else [])]
    return joined(*sources, "\n".join([*head, *(INDENT + line for line in lines)]))


def stacked_source(loop: Loop, parameters: Sequence[str], floats: Sequence[str], name: str, scalars: bool) -> str:
    """Source of ``name(*parameters)`` that stacks the terms, as numbers or as rows, for they are no sum."""
    names, head = _head([loop], None, parameters, floats, name)
    rows = names.fresh("rows")
    kept = f".astype({floats[0]}.dtype, copy=False)" if floats else ""
    heads, letters, indent = _loops(names, loop)
    lines = [f"{rows} = []", *heads, f"{indent}{rows} += [{_term(loop, letters)}]"]
    lines.append(f"return np.{'hstack' if scalars else 'vstack'}({rows}){kept}")
    return joined(loop.term.source, "\n".join([*head, *(INDENT + line for line in lines)]))


def _head(
    loops: Sequence[Loop], rest: Rest | None, parameters: Sequence[str], floats: Sequence[str], name: str
) -> tuple[Names, list[str]]:
    called = [loop.term for loop in loops] + ([rest.code] if rest else [])
    names = Names([*parameters, *(p for loop in loops for p in loop.term.parameters), *(code.name for code in called), name])
    words = ", ".join(dict.fromkeys(loop.term.name for loop in loops))
    return names, [f"def {name}({', '.join(parameters)}):", f'{INDENT}"""The same, term by term: {words} in a loop."""',
                   *(INDENT + line for line in converting(floats))]  # fmt: skip


def _loops(names: Names, loop: Loop) -> tuple[list[str], dict[str, str], str]:
    """The lines that open the loops, the names that the indices have there, and how far what is done there is indented."""
    letters: dict[str, str] = {}
    lines = []
    for depth, (letter, count) in enumerate(loop.counts):
        letters[letter] = names.fresh(letter)
        lines.append(f"{INDENT * depth}for {letters[letter]} in range({count}):")
    indent = INDENT * len(loop.counts)
    if loop.signs:
        lines.append(f"{indent}if {' and '.join(sign.format(**letters) for sign in loop.signs)}:")
        indent += INDENT
    return lines, letters, indent


def _summed(names: Names, loop: Loop, value: str) -> tuple[str, dict[str, str], list[str]]:
    term = names.fresh("term")
    totals = {array: names.fresh(f"grad_{array}") for array in dict.fromkeys(array for _, array in loop.results)}
    parts = [names.fresh(f"d_{p}") for p, _ in loop.results]
    heads, letters, indent = _loops(names, loop)
    lines = [f"{value} = 0.0", *(f"{total} = np.zeros_like({array})" for array, total in totals.items()), *heads]
    call = _term(loop, letters)
    lines += [f"{indent}{term}, {_tuple(parts)} = {call}" if parts else f"{indent}{term} = {call}[0]", f"{indent}{value} += {term}"]
    for (p, array), part in zip(loop.results, parts, strict=True):
        place = loop.slices[p]._replace(array=totals[array]).at(letters) if p in loop.slices else totals[array]
        lines.append(f"{indent}{place} += {part}")
    return value, totals, lines


def _term(loop: Loop, letters: Mapping[str, str]) -> str:
    return _call(loop.term, {**loop.lengths, **{p: part.at(letters) for p, part in loop.slices.items()}})


def _call(code: Code, given: Mapping[str, str]) -> str:
    return f"{code.name}({', '.join(given.get(p, p) for p in code.parameters)})"


def _tuple(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def joined(*sources: str) -> str:
    """Sources in one: imports and helpers that several have stand once."""
    parts: dict[str, None] = {}
    for source in sources:
        lines = source.splitlines()
        for node in tree_of(source).body:
            parts["\n".join(lines[node.lineno - 1 : node.end_lineno])] = None
    imports = sorted(p for p in parts if p.startswith("import "))
    return "\n\n\n".join(["\n".join(imports), *(p for p in parts if p not in imports)]) + "\n"
