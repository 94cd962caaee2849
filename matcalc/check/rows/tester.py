"""The tester of rules: every row is sampled by itself, from its own text, on arrays of distinct sizes.

A differential row is compared with the derivative of its left side along a random direction, an adjoint
row by its two inner products, a vec row and an identity by their two sides; see :mod:`matcalc.check.rows.claims`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from matcalc.algebra.rule import Book, Rule
from matcalc.check.rows.claims import Claim, Refuted, claims
from matcalc.expr import dims, slices
from matcalc.expr.errors import MatcalcError, UsageError
from matcalc.expr.nodes import Expr, postorder, zeros
from matcalc.numeric import evaluation, sampling
from matcalc.numeric.entrywise_functions import Array
from matcalc.numeric.magnitudes import all_finite, largest
from matcalc.numeric.properties import DRAW, NONE
from matcalc.numeric.stand_ins import WithGeneric

if TYPE_CHECKING:
    import numpy as np

TOLERANCE = 1e-8
TINY = 1e-9  # what errors are relative to at least
TRIES = 40  # samples that are drawn for one point inside the domain of the left side …
DOMAINS = frozenset(sampling.INSIDE.keys() - DRAW.keys())  # conditions that are tested, not drawn
FEW = 3  # … of which the first few must be inside where there are several entries


class RuleCheck(NamedTuple):
    """Verdict on one rule: the largest relative error that was sampled, and what was wrong."""

    name: str
    error: float
    passed: bool
    message: str


def check_rules(book: Book, names: Iterable[str] | None = None, seed: int = 0, points: int = 4) -> list[RuleCheck]:
    """Sample rules one by one; all of them, or those of these ``names``. Raises ``UsageError`` for others."""
    rows = book.rows()
    wanted = list(rows) if names is None else list(names)
    unknown = [name for name in wanted if name not in rows]
    if unknown:
        raise UsageError(f"no rule is named '{unknown[0]}'", hint="matcalc rules list shows all names")
    return [check_rule(rows[name], earlier_rows(book, rows[name]), seed, points) for name in wanted]


def earlier_rows(book: Book, row: Rule) -> list[Rule]:
    """The rows that the compiler tries before this one."""
    group = book.groups[row.group]
    return [r for r in group[: group.index(row)] if not r.disabled]


def check_rule(row: Rule, earlier: Sequence[Rule] = (), seed: int = 0, points: int = 4) -> RuleCheck:
    """Sample one rule. A disabled row passes where it is wrong indeed: its counterexample is real."""
    if not row.disabled:
        try:
            error, message = _sampled(row, earlier, seed, points)
        except (Refuted, MatcalcError) as refuted:
            return RuleCheck(row.name, float("inf"), False, getattr(refuted, "message", str(refuted)))
        return RuleCheck(row.name, error, not message, message)
    try:
        error, message = _sampled(replace(row, disabled=""), earlier, seed, points)
    except (Refuted, MatcalcError) as refuted:
        return RuleCheck(row.name, float("inf"), False, f"the row is disabled and cannot be sampled: {refuted}")
    held = "" if message else "the row is disabled, but no counterexample was found: it holds"
    return RuleCheck(row.name, error, not held, held)


def _sampled(row: Rule, earlier: Sequence[Rule], seed: int, points: int) -> tuple[float, str]:
    """The largest error, and the message of the first claim that fails. Raises ``Refuted``."""
    import numpy as np

    worst = 0.0
    for claim in claims(row, earlier):
        rng = np.random.default_rng(seed)
        for count, sizes in all_sizes(claim, points):
            for _ in range(count):
                error = sample(claim, sizes, rng)
                worst = max(worst, error)
                if not error <= TOLERANCE:
                    at = ", ".join(f"{d.lstrip('#')} = {size}" for d, size in sizes.items())
                    return error, f"relative error {error:.1e} at {at or 'scalars'}{claim.about}"
    return worst, ""


# ---------------------------------------------------------------- sampling


def all_sizes(claim: Claim, points: int) -> Iterator[tuple[int, dict[str, int]]]:
    """Sizes that all differ; then each set of sizes at 1, one point each."""
    symbols = [n for n in postorder((claim.left, claim.right)) if n.type.kind != "t"]
    names = list(dict.fromkeys(str(a) for n in symbols for d in n.type[1:] for a in dims.atoms(d)))
    limits = slices.limits(postorder((claim.left, claim.right)))
    sizes = sampling.choose_sizes(names, limits=limits)
    yield points, sizes
    for count in range(1, len(names) + 1):
        for flat in combinations(names, count):
            tried = {name: 1 if name in flat else size for name, size in sizes.items()}
            if all(dims.value(a, tried) <= dims.value(b, tried) for a, b in limits):
                yield 1, tried


def sample_together(lines: Sequence[Claim], sizes: Mapping[str, int], rng: np.random.Generator) -> list[float]:
    """The relative error of each of several claims about the same operands and names, at one random point. Raises ``Refuted``."""
    functions, first = WithGeneric(), lines[0]
    env = _point(lines, sizes, rng, functions)
    try:
        moves = {v: env[d] for v, d in first.moves.items()}
        slopes = evaluation.directional(list(first.own.values()), env, moves, sizes, functions)
        env |= zip(first.own, slopes, strict=True)
        known = evaluation.values([side for claim in lines for side in (claim.left, claim.right)], env, sizes, functions)
    except (MatcalcError, ValueError) as error:
        raise Refuted(f"the two sides cannot be evaluated ({error}){first.about}") from error
    least = [max((largest(known[a]) for a in c.right.args if a in known), default=TINY) for c in lines]
    return [relative(known[c.left], known[c.right], top) for c, top in zip(lines, least, strict=True)]  # terms may cancel


def sample(claim: Claim, sizes: Mapping[str, int], rng: np.random.Generator) -> float:
    """The relative error of the claim at one random point. Raises ``Refuted`` where there is none."""
    if claim.own:
        return sample_together([claim], sizes, rng)[0]
    functions = WithGeneric()
    env = _point([claim], sizes, rng, functions)
    try:
        want = evaluation.evaluate([claim.right], env, sizes, functions)[0]
        if claim.kind == "equal":
            return relative(want, evaluation.evaluate([claim.left], env, sizes, functions)[0])
        if claim.kind == "linear":
            return relative(_change(claim, env, sizes, functions), want)
        moves = {v: env[d] for v, d in claim.moves.items()}
        return relative(evaluation.directional([claim.left], env, moves, sizes, functions)[0], want)
    except (MatcalcError, ValueError) as error:
        raise Refuted(f"the two sides cannot be evaluated ({error}){claim.about}") from error


def _point(lines: Sequence[Claim], sizes: Mapping[str, int], rng: np.random.Generator, functions: WithGeneric) -> dict[Expr, Array]:
    """Values of all symbols, drawn from the conditions alone, at which the left sides are smooth."""
    import numpy as np

    first, lefts = lines[0], [claim.left for claim in lines]
    roots = (*lefts, *(claim.right for claim in lines), *first.moves.values(), *first.own.values())
    symbols = [n for n in postorder(roots) if n.op == "sym"]
    drawn = {name: given - DOMAINS for name, given in first.conditions.items()}
    for _ in range(FEW if max(sizes.values(), default=1) > 1 else TRIES):
        env = sampling.sample(symbols, sizes, drawn, rng)
        if not all(sampling.INSIDE[c](env[s]) for s in symbols for c in first.conditions.get(s.attr, NONE) & DOMAINS):
            continue
        try:
            with np.errstate(all="ignore"):
                known = evaluation.values(lefts, env, sizes, functions)
                if sampling.acceptable(known):
                    return env
        except (MatcalcError, ValueError, np.linalg.LinAlgError) as error:
            raise Refuted(f"the left side cannot be evaluated ({error}){first.about}") from error
    raise Refuted("its left side is not defined or not smooth where its condition holds: state one in where")


def _change(claim: Claim, env: Mapping[Expr, Array], sizes: Mapping[str, int], functions: WithGeneric) -> Array:
    """How much the left side changes when its linear operand comes from 0. Raises ``Refuted``."""
    (variable,) = claim.moves

    def left(value: Array) -> Array:
        return evaluation.evaluate([claim.left], {**env, variable: value}, sizes, functions)[0]

    (zero,) = evaluation.evaluate([zeros(variable.type)], {}, sizes)
    base, once = left(zero), left(env[variable])
    linear = relative(left(-2 * env[variable]) - base, -2 * (once - base)) <= TOLERANCE
    if not linear or (not claim.affine and abs(base).max() > TOLERANCE):
        raise Refuted(f"its left side is not linear in '{variable.attr}'{claim.about}")
    return once - base


def relative(got: Array, want: Array, least: float = TINY) -> float:
    """The largest difference, relative to the size of the values, or to ``least``; infinite where a size or value is off."""

    if got.shape != want.shape or not (all_finite(got) and all_finite(want)):
        return float("inf")
    return largest(got - want) / max(largest(want), largest(got), least, TINY)
