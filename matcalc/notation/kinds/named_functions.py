"""What functions that are called by name take and give, as rows of kinds: those of the operator table, and formulas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import product

from matcalc.expr.formulas import ROWS as FORMULAS
from matcalc.expr.table import CALLS, Op
from matcalc.notation.kinds.elimination import Kinds
from matcalc.notation.kinds.overloads import OF_FIRST, OF_LETTERS, OF_MATRIX, OF_SCALAR
from matcalc.notation.kinds.written import is_number, of_letters
from matcalc.notation.lex import habits
from matcalc.notation.lex.syntax import Ast, whole_number

ANY = "scrm"
REDUCERS = frozenset(("sum", "mean", "var", "std", "max", "min", "prod", "norm2", "logsumexp"))  # which take an axis
ALONG = frozenset(("softmax", "logsoftmax", "cumsum"))  # which keep it
SECOND = (1, -2)  # axes that no vector has
TOTALS = frozenset(
    str.split("mean var std mse dot cossim norm21 schatten normaldensity lognormaldensity normalkl")
)  # formulas that give a number
SPREAD = 20  # a name that is a number in the place of data


@lru_cache(maxsize=1024)
def of_operators(name: str, operators: tuple[Op, ...], arity: int, plain: bool) -> Mapping[Kinds, int]:
    """The rows of the operators with this name; a number beside an array goes with each entry of max and min. ``plain`` says that
    one of two arguments is written as a number, or that the one of a trace is made of letters alone."""
    costs: dict[Kinds, int] = {}
    for op in operators:
        if op.arity != arity:
            continue
        for kinds, alternative in op.alternatives.items():
            if "t" not in kinds:
                number = OF_LETTERS.get(name, 0) if plain else OF_SCALAR.get(name, 0)
                more = number * (kinds == "s") + OF_MATRIX.get(name, 0) * (kinds == "m")
                key = (*kinds, alternative.kind)
                costs[key] = min(costs.get(key, more), more)
        if arity == 2 and op.alternatives.keys() >= {"ss", "cc"}:
            spread = {"c": 3, "m": 3} if plain else {"c": 16, "m": 30}
            costs.update({key: c for k, c in spread.items() for key in (("s", k, k), (k, "s", k))})
    return costs | {("s", "m"): 40} if name == "diag" and arity == 1 else costs


def of_call(name: str, values: Sequence[Ast]) -> Mapping[Kinds, int]:
    """The rows of a call of a function of the operator table."""
    plain = of_letters(values[0]) if name in OF_LETTERS and values else any(map(is_number, values))
    return of_operators(name, CALLS[name], len(values), plain)


@lru_cache(maxsize=1)
def formulas() -> Mapping[str, list[Kinds]]:
    """Kinds of the parameters of each formula, by name; ``*`` is each entry of data, ``+`` what may be a number beside them."""
    found: dict[str, list[Kinds]] = {}
    for definition, sizes, _ in FORMULAS:
        found.setdefault(definition.partition("(")[0], []).append(tuple(map(_kind, sizes.split())))
    return found


def _kind(parameter: str) -> str:
    """``a[]`` is a scalar, ``x[n]`` a column, ``x[1,n]`` a row, ``X[m,n]`` a matrix, ``x`` each entry of anything."""
    if "[" not in parameter:
        return "*" if parameter in habits.DATA else "+"
    return "s" if parameter.endswith("[]") else "m" if parameter[:1].isupper() else "r" if "[1," in parameter else "c"


@lru_cache(maxsize=1024)
def of_formula(name: str, literal: tuple[bool, ...]) -> Mapping[Kinds, int]:
    """The rows of a function that stands for a formula; ``literal`` says which arguments are written as numbers."""
    costs: dict[Kinds, int] = {}
    for row in formulas().get(name, ()):
        if len(row) != len(literal):
            continue
        if row[0] not in "*+":  # a mean of 0 may be a vector of zeros
            kinds = product(*[(k, "s") if k == "c" and number else (k,) for k, number in zip(row, literal, strict=True)])
            costs.update(((*key, result), 0) for key in kinds for result in ("s" if name in TOTALS else ANY))
            continue
        for kind in ANY:
            for key in product(*[dict.fromkeys((kind, "s"))] * len(row)):
                numbers = sum(a == "*" and k != kind and not n for a, k, n in zip(row, key, literal, strict=True))
                if kind in key:
                    costs[(*key, kind)] = SPREAD * numbers
    if name in OF_SCALAR and len(literal) == 1:
        costs["s", "s"] = OF_SCALAR[name]
    return costs


def of_first(name: str, short: str, node: Ast) -> str:
    """The row of a call whose first argument alone is an array, or empty: ``np.sum(X, axis=0)``, ``len(x)``."""
    if name in OF_FIRST:
        return OF_FIRST[name]
    axis = _axis(name, short, node)
    if axis is None or short not in (*REDUCERS, *ALONG):
        return ""
    if short in ALONG:
        return "along axis 1" if axis in SECOND else ""
    return "axis 1" if axis in SECOND else "axis"


def _axis(name: str, short: str, node: Ast) -> int | None:
    """The axis of a call, also by its place in ``X.sum(1)`` and ``np.sum(X, 1)``; -1 where it is no number."""
    for a in node.args:
        if a.kind == "keyword" and a.value in ("axis", "dim"):
            axis = whole_number(a.args[0])
            return -1 if axis is None else axis
    by_place = name.startswith("np.") and len(node.args) > 1 and short != "norm2" and node.args[1].kind != "keyword"
    return whole_number(node.args[1]) if by_place else None


def class_loss(node: Ast) -> tuple[Ast, Ast | None, bool]:
    """Of ``F.cross_entropy(scores, y)``: the scores, the target where it is no name, and whether each sample has its loss. What is
    a name holds integers, unless it is declared."""
    scores, target, *others = node.args
    return scores, target if target.kind != "name" else None, any(a.args[0].value == "none" for a in others)
