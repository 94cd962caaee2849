"""What is said of names beside the text: sizes, slices, properties; and what has to fit the problem that was read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import get_close_matches

from matcalc.expr.dims import Dim, Poly, atoms
from matcalc.expr.errors import AmbiguityError, LimitError, UsageError
from matcalc.expr.nodes import Expr, below, own_sizes, size_text, variable_type
from matcalc.expr.qualities import OF_ARRAYS, PROPERTIES, SQUARE, joined, property_called
from matcalc.expr.table import Type, parse_dim
from matcalc.expr.typed_sizes import axes
from matcalc.notation.lex.characters import require_name
from matcalc.notation.lex.latex_names import as_known, spellings
from matcalc.notation.meaning.carried_functions import named
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write.lettering import latex_name

LONGEST = 300  # digits of a size, as of a number in the text
_NAME = re.compile(r"[^\W\d]\w*\Z")
_COMPOUND = re.compile(r"-?([^\W\d]\w*|\d+)([-+*]([^\W\d]\w*|\d+))+\Z")  # m*n, n+1, n-k
_COMPOUNDS = "or sums and products of these: n+1, m*n"
_TIMES = re.compile(r"(\d+)([^\W\d]\w*)\Z")  # 5d
_FONTS = re.compile(r"\\(?:mathbf|boldsymbol|bm|mathrm|mathit|mathcal|mathbb|mathsf|text|vec|bf)\s*")
_SLICE = re.compile(r"\s*([^\[\]]+?)\s*\[([^\[\]]*)\]\s*\Z")


def declared_types(dims: Mapping[str, Sequence[Dim]]) -> dict[str, Type]:
    """Types of the declared names. Raises ``UsageError`` for what is no declaration."""
    if not isinstance(dims, Mapping):
        raise UsageError(f"dims is {dims!r}, not a mapping", hint="dims={'W': ('n', 'm'), 'x': ('m',), 's': ()}")
    for name in dims:
        if not isinstance(name, str) or not name.strip() or set(name) & set(";`\n"):
            raise UsageError(f"{name!r} in dims is not a name", hint="dims={'W': ('n', 'm'), 'x': ('m',), 's': ()}")
        require_name(name)
    return {name: declared_type(name, shape) for name, shape in dims.items()}


def declared_type(name: str, shape: Sequence[Dim]) -> Type:
    """Type of a declared shape. Raises ``UsageError`` for too many axes or a size that is no name."""
    if isinstance(shape, str):
        shape = axes(shape)
    if not isinstance(shape, Sequence):
        raise UsageError(f"the sizes of '{name}' are {shape!r}, not a tuple", hint=f"declare {name} as ('n', 'm'), ('n',) or ()")
    if len(shape) > 3:
        raise UsageError(f"'{name}' is declared with {len(shape)} axes; at most 3 are supported", hint=f"declare {name} as (n, m)")
    out: list[Dim] = []
    for size in shape:
        if size.__class__ is str and size.isascii() and size.isalpha():  # as nearly all are
            out.append(require_name(size))
            continue
        if isinstance(size, bool) or not isinstance(size, (int, str, Poly)):
            raise UsageError(f"size {size!r} of '{name}' is neither a number nor a name", hint=f"declare {name} as ('n', 'm')")
        if isinstance(size, str) and size.isdecimal():
            size = int(size[: LONGEST + 1])
        if isinstance(size, int) and abs(size) >= 10**LONGEST:
            raise LimitError(f"a size of '{name}' has more than {LONGEST} digits", hint="give it a name: n")
        if isinstance(size, str) and _COMPOUND.match(size.replace(" ", "")):
            size = parse_dim(size.replace(" ", ""))
        if isinstance(size, str) and (size[:1].isdigit() or not _NAME.match(size)):
            times = _TIMES.match(size)
            raise UsageError(
                f"size {size!r} of '{name}' is not a name",
                hint=f"write {'*'.join(times.groups())}" if times else f"sizes are numbers, names such as n, {_COMPOUNDS}",
            )
        if isinstance(size, int) and size < 1:
            raise UsageError(f"size {size} of '{name}' is not positive")
        if isinstance(size, str):
            require_name(size)
        out.append(size)
    return variable_type(tuple(out))


def read_slices(index: Mapping[str, str]) -> dict[str, tuple[str, tuple[str, ...]]]:
    """``{"x_i": "X[i,:]"}``: what an indexed token is a slice of. Raises ``UsageError``."""
    out = {}
    for token, text in index.items():
        m = _SLICE.match(text)
        if m is None:
            raise UsageError(f"index: '{text}' is not a slice", hint="write X[i,:], X[:,j], X[i,j] or y[i]")
        name = _FONTS.sub("", token).replace("{", "").replace("}", "").replace("\\", "").strip()
        array = m[1] if "\\" not in m[1] else spellings(m[1])[0]
        out[name] = (array, tuple(p.strip() for p in m[2].split(",")))
    return out


def as_properties(assume: Mapping[str, str] | None) -> dict[str, frozenset[str]]:
    """``{"S": "symmetric, invertible"}`` as sets. Raises ``UsageError`` for a property that is not known."""
    found = {n: frozenset(map(property_called, re.split(r"[,\s]+", joined(p.strip())))) for n, p in (assume or {}).items()}
    for name, properties in found.items():
        for word in sorted(properties - PROPERTIES):
            near = get_close_matches(word, sorted(PROPERTIES), 1, 0.6)
            nearest = f"did you mean --assume {name}={near[0]} (assume={{'{name}': '{near[0]}'}})? " if near else ""
            raise UsageError(
                f"'{word}' is not a known property of '{name}'", hint=f"{nearest}known: {', '.join(sorted(PROPERTIES))}"
            )
    return found


def noted(problem: Problem, asked: Iterable[str], meant: set[str | None], dims: Iterable[str], assume: Iterable[str]) -> Problem:
    """With a warning for each name of which something is said and that does not occur."""
    still = [n for n in asked if n not in problem.symbols]
    absent = [f"'{n}' does not occur in the expression, so its derivative is zero" for n in still]
    defined = {name for name, _ in problem.definitions} | {problem.output_name}
    declared = idle(dims, {*meant, *defined}, problem.symbols, "declared")
    assumed = idle(assume, meant, problem.symbols, "assumed to be something")
    return problem._replace(warnings=(*problem.warnings, *absent, *declared, *assumed))


def require_fitting(properties: Mapping[str, frozenset[str]], types: Mapping[str, Type]) -> None:
    """Refuse a property that nothing of these sizes has. Raises ``UsageError``."""
    for name, said in properties.items():
        kind = types[name].kind if name in types else ""
        wrong = said & (SQUARE if kind in ("s", "c", "r") else frozenset()) | said & (OF_ARRAYS if kind == "s" else frozenset())
        for p in sorted(wrong):
            what = "a scalar" if kind == "s" else "a vector"
            who = "a square matrix" if p in SQUARE else "a vector or a matrix"
            raise UsageError(f"'{name}' is {what} and cannot be {p}: that is said of {who}",
                             hint=f"drop it, or declare '{name}' with other sizes")  # fmt: skip


def question_of(problem: Problem, wrt: str | Sequence[str], kind: str | None) -> tuple[str | Sequence[str], str | None]:
    """The variables and the kind, as a derivative sign in the text names them where the call does not."""
    if problem.order == 2 and kind is None:
        kind = "hessian"
    return (list(problem.by) if problem.by and wrt == "all" else wrt), kind


def properties_of(problem: Problem, assume: Mapping[str, str], structure: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """What holds of each variable: stated in the text, assumed, tied. Raises ``UsageError`` where it cannot."""
    both = {n: ", ".join(filter(None, (problem.assumed.get(n), assume.get(n)))) for n in {**problem.assumed, **assume}}
    properties = as_properties(both)
    if properties:
        require_fitting(properties, problem.types)
    for name, tied in structure.items():
        properties[name] = properties.get(name, frozenset()) | {tied}
    return properties


def require_one_meaning(problem: Problem, roots: Iterable[Expr]) -> None:
    """Refuse a variable that is called like a size or a constant of the expressions, and two sizes that look alike, for what is
    printed would say two things by one name. Raises ``AmbiguityError``."""
    leaves = [node for node in below(roots) if not node.args or own_sizes(node)]
    leaves.sort(key=lambda node: node.op == "sym")  # the message names a variable, where one has the size
    bearers = {d: node for node in leaves for d in ((node.attr,) if node.op == "dim" else node.shape)}
    sized = {str(a): node for d, node in bearers.items() for a in atoms(d)}
    looks: dict[str, str] = {}
    for size in sized:
        like = looks.setdefault(latex_name(size), size)
        if like != size:
            raise AmbiguityError(f"the sizes '{like}' and '{size}' look alike in formulas", source=problem.source,
                                 hint=f"give one of them another name, or write '{like}' for both")  # fmt: skip
    constants = {node.attr for node in leaves if node.op == "const"}
    for name in [name for name in problem.symbols if name in constants or name in sized]:
        raise _two_meanings(problem, name, None if name in constants else sized[name])


def _two_meanings(problem: Problem, name: str, bearer: Expr | None) -> AmbiguityError:
    """What is said of a variable that is called like a size of the bearer, or like a constant."""
    variable, span, source = problem.symbols[name], problem.places.get(name), problem.source
    what = f"'{name}' is a variable {size_text(variable.type)}"
    if bearer is None:
        hint = f"leave '{name}' out of dims to mean the constant, or give the variable another name"
        return AmbiguityError(f"{what}, and the constant {name} is needed too", span=span, source=source, hint=hint)
    where = f"of '{bearer.attr}' {size_text(bearer.type)}" if bearer.op == "sym" else "in the expression"
    hint = "give the variable or the size another name"
    if variable.type.kind == "s":
        hint = f"leave '{name}' out of dims to mean the size, or {hint}"
    return AmbiguityError(f"{what} and also a size {where}", span=span, source=source, hint=hint)


def idle(names: Iterable[str], meant: Collection[str | None], inside: Iterable[str], said: str) -> tuple[str, ...]:
    """Warnings about names of which something is said and that do not occur."""
    known = ", ".join(inside) or "none"
    return tuple(f"'{n}' is {said} and does not occur in the expression (its names: {known})" for n in names if n not in meant)


def as_named(given: Mapping[str, str] | None, problem: Problem) -> dict[str, str]:
    """What is said of names, under the names that the problem has for them: ``\\mathbf{A}`` is A."""
    return {as_known(name, problem.symbols): said for name, said in (given or {}).items()}


def square_names(assume: Mapping[str, str] | None, structure: Mapping[str, str] | None) -> frozenset[str]:
    found = [n for n, p in as_properties({**(assume or {}), **(structure or {})}).items() if p & SQUARE]
    return frozenset([*found, *(spellings(n)[0] for n in found)])


def known_names(
    problem: Problem, names: Sequence[str], direction: str | None, index: Mapping[str, str] | None, dims: Mapping[str, object]
) -> set[str | None]:
    """Names of which something may be said."""
    arrays = (array for array, _ in read_slices(index or {}).values())
    functions = (name for name in dims if named(name) in problem.carried)
    return {*problem.symbols, *names, direction, *arrays, *problem.carried, *functions}
