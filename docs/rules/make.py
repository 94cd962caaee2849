"""The pages of the rules, made again: one page a group, one section a row, from the rows alone.

    python docs/rules/make.py [--check]

Each row has its statement with sizes and conditions, its source, a proof by entries where both sides are short sums of products
which are the same but for the letters of what is summed, and an example in numbers: both sides are evaluated by matcalc
at the values that stand there, and a row whose sides differ stops this script.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from itertools import count, permutations
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from matcalc.algebra.book import book
from matcalc.algebra.identities import identity
from matcalc.algebra.rule import UNFOLDING, Rule
from matcalc.check.rows.claims import Claim, claims
from matcalc.check.rows.tester import DOMAINS, earlier_rows, relative
from matcalc.expr import dims, slices
from matcalc.expr.nodes import Expr, postorder, zeros
from matcalc.notation.write.render import LATEX
from matcalc.numeric import evaluation, sampling
from matcalc.numeric.stand_ins import WithGeneric

HERE = Path(__file__).resolve().parent
TITLES = {
    "differential": "Differentials of operators",
    "compound": "What several rules give together",
    "adjoint": "How an upstream gradient moves past a linear operator",
    "vec": "Matrices of linear operators",
    "rewrite": "Compositions recognised before differentiating",
    "inward": "Logarithms of what is picked",
    "stable": "What code computes instead",
    "unfolding": "Composite rules, followed line by line",
    "structure": "Matrices with tied entries",
    "laws": "Laws of single operators",
    "ring": "Laws of sums and products",
    "convention": "Conventions",
    "identity": "Functions by exponentials",
    "meaning": "What a form of an answer means",
}
TOLERANCE = 1e-9
DRAWS = 60  # of small whole numbers, then of any
SEED = 7
MOST = 3  # sums in a term, and terms, of a proof by entries
LETTERS = "ijklpqrs"
DUST = 5e-13  # what is 0 but for rounding


def pages() -> dict[Path, str]:
    """Each page and its text."""
    groups = {name: rows for name, rows in book().groups.items() if rows}
    index = [f"- [{TITLES[name]}]({name}.md): {len(rows)} rows" for name, rows in groups.items()]
    head = "# Pages of the rules\n\nMade by `python docs/rules/make.py` from `rules/`; "
    head += "`matcalc rules show` finds a row by its name or by the words of a line.\n\n"
    found = {HERE / "README.md": head + "\n".join(index) + "\n"}
    for name, rows in groups.items():
        found[HERE / f"{name}.md"] = "\n\n".join([f"# {TITLES[name]}", *(_section(row) for row in rows)]) + "\n"
    return found


def _section(row: Rule) -> str:
    said = "" if row.words == row.name.replace("-", " ") else f"In a line: *{row.words}*.\n\n"
    shown = identity(row, LATEX)
    stated = f"$${shown}$$\n\n" if shown else ""
    parts = [f"## {row.name}\n\n{said}{stated}`{row.equation}`, where `{row.where}`", f"Source: {row.source}."]
    return "\n\n".join(filter(None, [*parts, proof(row), *_example(row)]))


# -- entries ---------------------------------------------------------------------------------------


class Term(NamedTuple):
    """``sign · Σ_summed factors``; a factor is a letter and its indices, in order."""

    sign: int
    summed: tuple[int, ...]
    factors: tuple[tuple[str, tuple[int, ...]], ...]


def proof(row: Rule) -> str:
    """``Σ_i Σ_j A_ij B_ji`` on both sides; nothing where the sides are no short sums, or not the same by their entries."""
    sides = [(row.sides[0],), (row.sides[1],)] if len(row.sides) == 2 else [row.sides[:2], row.sides[2:]]
    if row.group in ("differential", "compound", "convention") or any(v for _, v in row.variables.values()):
        return ""
    free = (0, 1)[: len(row.sides[0].shape)] if len(row.sides) == 2 else ()
    try:
        left, right = (_side(side, free) for side in sides)
    except KeyError:
        return ""
    short = all(len(terms) <= MOST and all(len(t.summed) <= MOST for t in terms) for terms in (left, right))
    if not short or sorted(map(_canonical, left)) != sorted(map(_canonical, right)) or not any(t.summed for t in left):
        return ""
    texts = list(dict.fromkeys((_text(left), _text(right))))
    return f"By entries: {texts[0]}" + (
        f" on the left and {texts[1]} on the right are one sum, with other letters or its factors in another order."
        if texts[1:]
        else " on both sides."
    )


def _side(side: tuple[Expr, ...], free: tuple[int, ...]) -> list[Term]:
    fresh = count(len(free))
    if len(side) == 1:
        return _terms(side[0], free, fresh)
    own = tuple(next(fresh) for _ in side[0].shape)
    return _product(_terms(side[0], own, fresh), _terms(side[1], own, fresh), own)


def _product(a: list[Term], b: list[Term], summed: tuple[int, ...] = ()) -> list[Term]:
    return [Term(x.sign * y.sign, (*summed, *x.summed, *y.summed), x.factors + y.factors) for x in a for y in b]


def _terms(e: Expr, at: tuple[int, ...], fresh: count[int]) -> list[Term]:
    """The entry of e at these indices. Raises ``KeyError`` for an operator that is not written out here."""
    one = [Term(1, (), ())]
    if e.op == "sym":
        return [Term(1, (), ((str(e.attr), at),))]
    if e.op == "T":
        return _terms(e.args[0], at[::-1], fresh)
    if e.op in ("add", "sub"):
        left, right = (_terms(a, at, fresh) for a in e.args)
        return left + (right if e.op == "add" else [t._replace(sign=-t.sign) for t in right])
    if e.op == "neg":
        return [t._replace(sign=-t.sign) for t in _terms(e.args[0], at, fresh)]
    if e.op == "scale":
        return _product(_terms(e.args[0], (), fresh), _terms(e.args[1], at, fresh))
    if e.op == "hadamard":
        return _product(_terms(e.args[0], at, fresh), _terms(e.args[1], at, fresh))
    if e.op in ("tr", "sum"):
        own = tuple(next(fresh) for _ in e.args[0].shape)
        inside = (own[0], own[0]) if e.op == "tr" and own else own
        return _product(one, _terms(e.args[0], inside, fresh), tuple(dict.fromkeys(inside)))
    if e.op == "matmul":
        k = next(fresh)
        rows, cols = len(e.args[0].shape) == 2, len(e.args[1].shape) == 2
        mine = at[: int(rows)]
        return _product(_terms(e.args[0], (*mine, k), fresh), _terms(e.args[1], (k, *at[len(mine) :])[: 1 + cols], fresh), (k,))
    if e.op == "ones":
        return one
    raise KeyError(e.op)


def _canonical(t: Term) -> tuple[object, ...]:
    """The same for each naming of what is summed, and each order of the factors."""
    names = [dict(zip(t.summed, order, strict=True)) for order in permutations(range(100, 100 + len(t.summed)))]
    forms = [tuple(sorted((f, tuple(n.get(i, i) for i in at)) for f, at in t.factors)) for n in names]
    return t.sign, len(t.summed), min(forms)


def _text(terms: list[Term]) -> str:
    out = ""
    for t in terms:
        order = dict.fromkeys(i for _, at in t.factors for i in at)
        free = [i for i in order if i not in t.summed]
        letter = dict(zip((i for i in order if i in t.summed), LETTERS[max(free, default=-1) + 1 :], strict=False))
        letter |= {i: LETTERS[i] for i in free}
        sums = " ".join(f"Σ_{letter[i]}" for i in sorted(t.summed, key=list(order).index))
        factors = " ".join(f + (f"_{''.join(letter[i] for i in at)}" if at else "") for f, at in t.factors)
        sign = (" - " if out else "-") if t.sign < 0 else (" + " if out else "")
        out += sign + f"{sums} {factors}".strip()
    return f"`{out}`"


# -- numbers ---------------------------------------------------------------------------------------


def _example(row: Rule) -> Iterator[str]:
    """Values of the variables, and of both sides. Raises ``ValueError`` where these differ."""
    if row.disabled:
        yield f"Not used, for it is wrong: {row.disabled}."
        return
    claim = next(iter(claims(row, earlier_rows(book(), row) if row.group == UNFOLDING else ())))
    sizes = _sizes(claim)
    env = _values(claim, sizes)
    got, want = _sides(claim, sizes, env)
    if not relative(want, got) < TOLERANCE:
        raise ValueError(f"{row.name}: {got} is not {want}")
    moved = {d: v for v, d in claim.moves.items()} if claim.kind == "differential" else {}
    still = claim.own.keys().isdisjoint(postorder((claim.left, claim.right)))  # no name moves in this line
    told = set(postorder((claim.left, claim.right))) if still else env.keys()
    given = [f"{_name(s, moved)} = {_array(env[s])}" for s in sorted(env, key=_is_differential) if s in told or s in moved]
    yield f"For {', '.join(given)} both sides are {_array(want)}." if given else f"Both sides are {_array(want)}."


def _is_differential(s: Expr) -> bool:
    return str(s.attr).startswith("d ")


def _name(s: Expr, moved: Mapping[Expr, Expr]) -> str:
    return f"d{moved[s].attr}" if s in moved else str(s.attr).replace("d ", "d")


def _sizes(claim: Claim) -> dict[str, int]:
    """Two of each, or as the rows of a slice ask for."""
    nodes = postorder((claim.left, claim.right))
    names = dict.fromkeys(str(a) for n in nodes if n.type.kind != "t" for d in n.type[1:] for a in dims.atoms(d))
    limits = slices.limits(nodes)
    names |= dict.fromkeys(str(a) for pair in limits for d in pair for a in dims.atoms(d))
    for first in (2, 1):  # an index is the second or the first
        two = {name: 2 if name not in "ij" else first for name in names}
        if all(dims.value(a, two) <= dims.value(b, two) for a, b in limits):
            return two
    return sampling.choose_sizes(list(names), limits=limits)


def _values(claim: Claim, sizes: Mapping[str, int]) -> dict[Expr, np.ndarray]:
    """Small whole numbers that have the properties where such are found, else any, rounded."""
    roots = (claim.left, claim.right, *claim.moves.values(), *claim.own.values())
    symbols = [n for n in postorder(roots) if n.op == "sym" and n not in claim.own]
    conditions = {str(s.attr): frozenset(claim.conditions.get(str(s.attr), ())) for s in symbols}
    rng = np.random.default_rng(SEED)
    env = {}
    for k in range(DRAWS):
        env = sampling.sample(symbols, sizes, {name: c - DOMAINS for name, c in conditions.items()}, rng)
        if k < DRAWS // 2 and not any(conditions.values()):
            env = {s: np.round(3 * v) for s, v in env.items()}
            if not all(v.all() and (v.size == 1 or np.ptp(v)) for v in env.values()):
                continue
        if all(sampling.INSIDE[c](env[s]) for s in symbols for c in conditions[str(s.attr)] & DOMAINS):
            got, want = _sides(claim, sizes, env)
            if np.isfinite(want).all() and relative(want, got) < TOLERANCE and want.any():
                break
    return env


def _sides(claim: Claim, sizes: Mapping[str, int], env: Mapping[Expr, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """The left side, or how it changes; and the right side."""
    functions = WithGeneric()
    moves = {v: env[d] for v, d in claim.moves.items() if d in env}
    with np.errstate(all="ignore"):
        if claim.own:
            slopes = evaluation.directional([*claim.own.values()], env, moves, sizes, functions)
            env = env | dict(zip(claim.own, slopes, strict=True))
        (want,) = evaluation.evaluate([claim.right], env, sizes, functions)
        if claim.kind == "differential":
            return evaluation.directional([claim.left], env, moves, sizes, functions)[0], want
        (got,) = evaluation.evaluate([claim.left], env, sizes, functions)
        if claim.kind == "linear":
            (variable,) = claim.moves
            (zero,) = evaluation.evaluate([zeros(variable.type)], {}, sizes)
            got = got - evaluation.evaluate([claim.left], {**env, variable: zero}, sizes, functions)[0]
        return got, want


def _array(a: np.ndarray) -> str:
    """``2``, ``[1, 2]`` for a row, ``[1; 2]`` for a column, ``[1, 2; 3, 4]``."""
    a = np.where(np.abs(a) < DUST, 0.0, a)
    rows = [", ".join(f"{x:.4g}" for x in row) for row in np.atleast_2d(a)]
    return f"`{rows[0]}`" if a.size == 1 else f"`[{'; '.join(rows)}]`"


def main() -> int:
    """Write the pages, or say which differ."""
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in stale:
        print(("differs: " if "--check" in sys.argv else "made: ") + str(path.relative_to(HERE.parents[1])))
        if "--check" not in sys.argv:
            path.write_text(pages()[path], "utf-8")
    return int("--check" in sys.argv and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
