"""The two passes of backpropagation as a table: numbered lines, what is kept, and what sharing saves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from matcalc.engine.derivation import Step
from matcalc.engine.passes import Cost, Kept, Passes, Seconds
from matcalc.expr.dims import Dim, add, monomials, mul
from matcalc.expr.errors import visible
from matcalc.expr.nodes import size_text
from matcalc.printers.languages import ENGLISH, said
from matcalc.printers.text import broken, columns, pad

WIDTH, INDENT = 80, 2
VALUE, TOGETHER, APART = "value", "value and all gradients, one pass", "each gradient in a pass of its own"
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def to_text(passes: Passes, width: int = WIDTH, lang: str = ENGLISH) -> str:
    """In at most ``width`` columns, but for formulas that are longer."""
    steps = [*passes.forward, *passes.backward]
    digits = len(str(len(steps)))
    formulas = [_formula(step) for step in steps]
    room = min(max(map(columns, formulas), default=0), width - INDENT - digits - 2 - 12)
    lines = [said("Forward, in topological order", lang)]
    for i, (step, formula) in enumerate(zip(steps, formulas, strict=True), 1):
        if i == len(passes.forward) + 1:
            lines += ["", *broken(said("Backward, in reverse order: each gradient once", lang), width, INDENT)]
        lines += _numbered(i, formula, step, digits, room, width)
    found = [*lines, "", *_kept(passes.kept, width, lang), "", *_cost(passes.cost, width, lang)]
    found += _measured(passes.seconds, lang) if passes.seconds else []
    return visible("\n".join(line.rstrip() for line in found))


def _formula(step: Step) -> str:
    """The line; with the derivative that a name such as δ stands for."""
    left, *others = step.chain
    named = [f.text for f in others[:1] if f.expr is left.expr and f.text != left.text]
    return " = ".join([left.text, *named, step.rhs.text])


def _numbered(i: int, formula: str, step: Step, digits: int, room: int, width: int) -> Iterable[str]:
    head = " " * INDENT + f"{i:>{digits}}  "
    size = size_text(step.lhs.type)
    first, *rest = broken(formula, width - len(head), 2)
    if not rest and columns(first) <= room:
        return [head + pad(first, room + 2) + size]
    return [head + first, *(" " * len(head) + line for line in rest), " " * len(head) + size]


def _kept(kept: Sequence[Kept], width: int, lang: str) -> list[str]:
    """What is kept between the passes, and how many numbers that is."""
    if not kept:
        return [said("Kept for the backward pass: nothing", lang)]
    total: Dim = 0
    for one in kept:
        total = add(total, _entries(one.shape or ())) if one.shape is not None else total
    named = ", ".join(one.name + (f" [{_sizes(one.shape)}]" if one.shape else "") for one in kept)
    together = broken("  " + said("together {0} numbers", lang).format(count_text(total)), width, INDENT + 2)
    return [*broken(said("Kept for the backward pass: {0}", lang).format(named), width, INDENT), *together]


def _sizes(shape: tuple[Dim, ...]) -> str:
    return "×".join(count_text(d) for d in shape)


def _entries(shape: tuple[Dim, ...]) -> Dim:
    total: Dim = 1
    for d in shape:
        total = mul(total, d)
    return total


def _cost(cost: Cost, width: int, lang: str) -> list[str]:
    rows = [(said(VALUE, lang), cost.value), (said(TOGETHER, lang), cost.together)]
    if len(cost.alone) > 1:
        rows += [*((said("value and gradient by {0}", lang).format(name), count) for name, count in cost.alone),
                 (said(APART, lang), cost.apart), (said("saved by the one pass", lang), cost.saved)]  # fmt: skip
    room = max(columns(what) for what, _ in rows)
    lines = broken(said("Operations (additions and multiplications; a decomposition of n×n counts as n³)", lang), width, INDENT)
    for what, count in rows:
        one = f"  {pad(what, room)}  {count_text(count)}"
        lines += [one] if columns(one) <= width else [*broken(f"  {what}", width, 4), *broken(f"    {count_text(count)}", width, 6)]
    if isinstance(cost.value, int) and isinstance(cost.together, int) and cost.value:
        lines.append(_ratio(cost.together / cost.value, lang))
    return lines


def _measured(seconds: Seconds, lang: str) -> list[str]:
    times = [(VALUE, seconds.value), (TOGETHER, seconds.together), (APART, seconds.apart)]
    lines = ["", said("Measured here, the shortest of several runs", lang)]
    lines += [f"  {pad(said(what, lang), 36)}{1e6 * t:,.1f} µs" for what, t in times]
    return [*lines, _ratio(seconds.together / seconds.value, lang)]


def _ratio(times: float, lang: str) -> str:
    return "  " + said("one pass takes {0} times the value", lang).format(f"{times:.2f}")


def count_text(d: Dim) -> str:
    """``2m²n + 4n``; a number with commas."""
    if isinstance(d, int):
        return f"{d:,}"
    terms = [(_monomial(tuple(map(str, mono))), c) for mono, c in monomials(d).items()]
    out = ""
    for mono, c in terms:
        one = f"{abs(c):,}" if not mono else mono if abs(c) == 1 else f"{abs(c)} {mono}"
        out += (" - " if c < 0 else " + ") + one if out else ("-" if c < 0 else "") + one
    return out


def _monomial(atoms: tuple[str, ...]) -> str:
    powers = Counter(atoms)
    return " ".join(a + ("" if k == 1 else str(k).translate(RAISED)) for a, k in powers.items())
