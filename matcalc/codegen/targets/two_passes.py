"""The lines of a value and of its pullback apart, and what the second pass needs of the first: for classes in any library."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from typing import NamedTuple

from matcalc.codegen.products.document import WIDTH, Entry, wrapped
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import filled, opening, parameters
from matcalc.codegen.targets.dialects import Dialect
from matcalc.codegen.targets.numpy_target import DIALECT, Written, written
from matcalc.expr.errors import NoRuleError, UsageError
from matcalc.notation.lex.python_trees import tree_of


class Passes(NamedTuple):
    """The value of ``arguments`` in ``forward``, and the results by ``wrt`` in ``backward``, which reads what is ``kept``."""

    made: Written
    upstream: str
    arguments: list[str]
    forward: list[str]
    value: str  # the name that is returned
    backward: list[str]
    results: list[str]
    kept: list[str]

    @property
    def sizes(self) -> list[str]:
        """The lines that name the sizes which the second pass reads, from the shapes of arguments."""
        read = {*names_of([*self.backward, *self.results], ast.Load)}
        found: list[str] = []
        for line in reversed(self.made.body.sizes.lines):
            if not read.isdisjoint(names_of([line], ast.Store)):
                found.insert(0, line)
                read |= {*names_of([line], ast.Load)}
        return found

    def saved(self, also: Collection[str] = ()) -> list[str]:
        """What the second pass reads: arguments, those that give its sizes, those ``also`` wanted, and what the first computes."""
        read = {*self.kept, *names_of(self.sizes, ast.Load), *also}
        return [*(a for a in self.arguments if a in read), *self.values]

    @property
    def values(self) -> list[str]:
        """What is kept and is no argument: arrays that the first pass has computed."""
        first = {*self.arguments, *names_of(opening(self.made.sig, self.made.body), ast.Store)}
        return [name for name in self.kept if name not in first]


def passes(task: Task, dialect: Dialect = DIALECT) -> Passes:
    """Both passes of the pullback by the variable ``task.doc.upstream``."""
    made = written(task, dialect=dialect)
    upstream = made.sig.parameters[task.doc.upstream].name
    lines, returned = made.body.lines[: made.body.of_value], made.returned[0]
    if not returned.isidentifier():
        name = made.sig.names.fresh("value")
        lines, returned = [*lines, f"{name} = {returned}"], name
    arguments = [a for a in made.sig.arguments if a != upstream]
    return Passes(made, upstream, arguments, lines, returned, made.body.lines[made.body.of_value :], made.returned[1:], kept(made))


def whole_variables(task: Task, dialect: Dialect) -> list[str]:
    """The parameters that the results are by, in their order.

    Raises ``NoRuleError`` for functions that are given in each call, ``UsageError`` for derivatives by parts of a variable.
    """
    sig = task.signature
    if sig.functions:
        f = next(iter(sig.functions))[0]
        raise NoRuleError(f"a function of {dialect.target} takes arrays only, and '{f}' is a function that each call gives",
                          hint=f"say what it is: --function {f}=tanh, or --define '{f}(z) = …'")  # fmt: skip
    if part := next((name for name, _ in task.results if name not in sig.parameters), None):
        raise UsageError(f"the gradient by '{part}' is no gradient of an argument", hint="take whole variables for --wrt")
    return [sig.parameters[name].name for name, _ in task.results]


def kept(made: Written) -> list[str]:
    """The names of the forward pass that the lines of the results read."""
    lines, count = made.body.lines, made.body.of_value
    new = {p.name for n, p in made.sig.parameters.items() if n not in made.body.given}
    there = [*made.sig.arguments, *names_of([*opening(made.sig, made.body), *lines[:count]], ast.Store)]
    read = {*names_of([*lines[count:], *made.returned[1:]], ast.Load)} - new
    return [name for name in dict.fromkeys(there) if name in read]


def names_of(lines: Sequence[str], context: type[ast.expr_context]) -> list[str]:
    """The names that lines of code give or read, in the order of the text."""
    found = [n for n in ast.walk(tree_of("\n".join(lines))) if isinstance(n, ast.Name) and isinstance(n.ctx, context)]
    return list(dict.fromkeys(n.id for n in sorted(found, key=lambda n: (n.lineno, n.col_offset))))


def entries_without(made: Written, name: str) -> list[Entry]:
    """What the docstring says of the arguments but one."""
    return [e for e in parameters(made.sig) if e.name != name]


def said(sentence: str) -> list[str]:
    one = f'"""{sentence}"""'
    return [one] if len(one) <= WIDTH - 8 else ['"""', *wrapped(sentence, 4), '"""']


def assigned(name: str, values: Sequence[str]) -> list[str]:
    one = f"{name} = {', '.join(values)}{',' * (len(values) == 1)}"
    return [one] if len(one) <= WIDTH - 8 else [f"{name} = (", *filled(values, "    "), ")"]


def unpacked(names: Sequence[str], whole: str) -> list[str]:
    one = f"{', '.join(names)}{',' * (len(names) == 1)} = {whole}"
    return [one] if len(one) <= WIDTH - 8 else ["(", *filled(names, "    "), f") = {whole}"]


def returned(values: Sequence[str], inside: int = 8) -> list[str]:
    """The values, or the one."""
    one = values[0] if len(values) == 1 else f"({', '.join(values)})"
    return [f"return {one}"] if len(one) <= WIDTH - 8 - inside or len(values) == 1 else ["return (", *filled(values, "    "), ")"]
