"""A sum over an index as people first write it: one call for each term, in a loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from matcalc.codegen.products.calling import Code
from matcalc.codegen.products.identifiers import Names
from matcalc.codegen.targets.assembly import converting
from matcalc.notation.lex.python_trees import tree_of

INDENT = "    "


class Slice(NamedTuple):
    """The argument of a term that is a part of an array: row ``X[i]``, column ``X[:, i]`` or entry ``y[i]``."""

    array: str  # the parameter of the loop
    column: bool = False

    def at(self, index: str) -> str:
        return f"{self.array}[:, {index}]" if self.column else f"{self.array}[{index}]"


def loop_source(
    term: Code,
    slices: Mapping[str, Slice],
    parameters: Sequence[str],
    results: Sequence[tuple[str, str]],
    name: str,
    scalars: bool = False,
    lengths: Mapping[str, str] = MappingProxyType({}),
    floats: Sequence[str] = (),
) -> str:
    """Source of ``name(*parameters)`` below that of one term.

    ``slices`` says which parameters of the term are parts of arrays; ``results`` are (parameter of the term, parameter of the loop)
    of each derivative that the term gives. With none the terms are stacked, as numbers or as rows, for they are no sum.
    ``lengths`` are the parameters of the term that are sizes, as code. ``floats`` are those of the loop that go through the
    helper of the term: in one precision, which is that of the results.
    """
    names = Names([*parameters, *term.parameters, term.name, name])
    i, count = names.fresh("i"), names.fresh("count")
    first = next(iter(slices.values()))
    call = f"{term.name}({', '.join(slices[p].at(i) if p in slices else lengths.get(p, p) for p in term.parameters)})"
    head = [f"def {name}({', '.join(parameters)}):", f'{INDENT}"""The same, term by term: {term.name} in a loop."""',
            *(INDENT + line for line in converting(floats)),
            f"{INDENT}{count} = np.shape({first.array})[{int(first.column)}]"]  # fmt: skip
    body = _summed(names, call, slices, results, (i, count)) if results else _stacked(names, call, (i, count), scalars, floats)
    return "\n".join([term.source.rstrip(), "", "", *head, *(INDENT + line for line in body)]) + "\n"


def _stacked(names: Names, call: str, loop: tuple[str, str], scalars: bool, floats: Sequence[str]) -> list[str]:
    rows = names.fresh("rows")
    kept = f".astype({floats[0]}.dtype, copy=False)" if floats else ""
    return [
        f"{rows} = []",
        f"for {loop[0]} in range({loop[1]}):",
        f"{INDENT}{rows} += [{call}[0]]",
        f"return np.{'hstack' if scalars else 'vstack'}({rows}){kept}",
    ]


def _summed(
    names: Names, call: str, slices: Mapping[str, Slice], results: Sequence[tuple[str, str]], loop: tuple[str, str]
) -> list[str]:
    i, count = loop
    value, term = names.fresh("value"), names.fresh("term")
    totals = {array: names.fresh(f"grad_{array}") for array in dict.fromkeys(array for _, array in results)}
    parts = [names.fresh(f"d_{p}") for p, _ in results]
    lines = [f"{value} = 0.0", *(f"{total} = np.zeros_like({array})" for array, total in totals.items())]
    lines += [f"for {i} in range({count}):",
              f"{INDENT}{term}, {parts[0] if len(parts) == 1 else '(' + ', '.join(parts) + ')'} = {call}",
              f"{INDENT}{value} += {term}"]  # fmt: skip
    for (p, array), part in zip(results, parts, strict=True):
        place = slices[p]._replace(array=totals[array]).at(i) if p in slices else totals[array]
        lines.append(f"{INDENT}{place} += {part}")
    returned = [f"{total}[()]" for total in totals.values()]  # of a number, a number
    return [
        *lines,
        f"return {results[0][1]}.dtype.type({value}), {returned[0] if len(returned) == 1 else '(' + ', '.join(returned) + ')'}",
    ]


def joined(first: str, second: str) -> str:
    """Two sources in one: imports and helpers that both have stand once."""
    parts: dict[str, None] = {}
    for source in (first, second):
        lines = source.splitlines()
        for node in tree_of(source).body:
            parts["\n".join(lines[node.lineno - 1 : node.end_lineno])] = None
    imports = sorted(p for p in parts if p.startswith("import "))
    return "\n\n\n".join(["\n".join(imports), *(p for p in parts if p not in imports)]) + "\n"
