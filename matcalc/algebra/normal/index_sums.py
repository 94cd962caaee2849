"""The laws of sums over indices: what is a product of matrices is written as one, and everything else in one way."""

from __future__ import annotations

from functools import reduce

from matcalc.algebra.index.lifting import matrix_form
from matcalc.algebra.normal.terms import ONE, TWO, Factors, Linear, Normal, Rational, chain_expr, merge_factors
from matcalc.expr import nodes
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, make, num
from matcalc.expr.order import key
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.habits import EINSUM


def einsum(n: Normal, node: Expr) -> Linear:
    """What is a product of matrices is written as one. Scalars leave an einsum, which is linear in each operand; so does
    each transpose, and an operand without axes is a factor."""
    form = matrix_form(node)
    if form is not None:
        return n.visit(form)
    coefficient: Rational = ONE
    factors: Factors = ()
    operands: list[Expr] = []
    scripts, _, output = node.attr.partition("->")
    axes: list[str] = []
    for a, script in zip(node.args, scripts.split(","), strict=True):
        c, (f, chain) = n.as_term(a)
        coefficient, factors = coefficient * c, merge_factors(factors, f)
        operand = chain_expr(chain) if chain else num(1)
        if operand.op == "T" and "(" not in script:
            operand, script = operand.args[0], script[::-1]
        if operand.type[0] != "s":
            operands.append(operand)
            axes.append(script)
    if not coefficient:
        return {}
    flat, axes = _flat(n, operands, axes, output)
    form = None if flat == operands else matrix_form(make("einsum", tuple(flat), f"{','.join(axes)}->{output}", node.type))
    if form is not None:
        return {(merge_factors(factors, f), chain): c * coefficient for (f, chain), c in n.visit(form).items()}
    whole = _one_writing(flat, axes, output, node.type)
    if node.type[0] == "s":
        return {(merge_factors(factors, ((whole, ONE),)), ()): coefficient}
    return {(factors, (whole,)): coefficient}


def _flat(n: Normal, operands: list[Expr], axes: list[str], output: str) -> tuple[list[Expr], list[str]]:
    """An operand that is an einsum: its own operands, its sums over further indices."""
    if any("(" in s for s in (*axes, output)):
        return operands, axes
    taken = set("".join(axes))
    flat: list[tuple[Expr, str]] = []
    for operand, script in zip(operands, axes, strict=True):
        inner, _, result = operand.attr.partition("->") if operand.op == "einsum" and operand not in n.opaque else ("", "", "")
        new = sorted(set(inner) - {*result, ",", "("})
        free = [c for c in EINSUM if c not in taken]
        if not inner or "(" in operand.attr or len(new) > len(free) or len(set(result)) < len(result):
            flat.append((operand, script))
            continue
        names = {**dict(zip(result, script, strict=True)), **dict(zip(new, free, strict=False)), ",": ","}
        taken |= set(names.values())
        flat += zip(operand.args, "".join([names[c] for c in inner]).split(","), strict=True)
    return [e for e, _ in flat], [s for _, s in flat]


def _one_writing(operands: list[Expr], axes: list[str], output: str, type: Type) -> Expr:
    """The einsum with tensors first and the indices named in order: those of the operands, or of a result with several axes."""
    order = list(range(len(operands)))
    if len(output) < 2:
        order.sort(key=lambda i: (operands[i].type[0] != "t", key(operands[i])))
    text = ",".join([axes[i] for i in order]) + "->" + output
    named = dict.fromkeys(c for c in (output if len(output) > 1 else "") + text if c.isalpha())
    letters = {c: EINSUM[i] for i, c in enumerate(named)} if len(named) <= len(EINSUM) else {}
    return make("einsum", tuple([operands[i] for i in order]), "".join([letters.get(c, c) for c in text]), type)


def total_of_tensor(n: Normal, e: Expr) -> tuple[Rational, Factors]:
    """The sum of all entries: of S ∘ T it is Σ_ijk S_ijk T_ijk, of an einsum the einsum without axes left, of ones their number."""
    axes = EINSUM[: len(e.type.rows)]
    if e.op == "ones":
        return ONE, reduce(merge_factors, [((nodes.dimension(d), ONE),) if d != 1 else () for d in e.type.rows], ())
    if e.op == "einsum":
        whole = make("einsum", e.args, e.attr.partition("->")[0] + "->", SCALAR)
    elif e.op == "hadamard":
        whole = make("einsum", e.args, f"{axes},{axes}->", SCALAR)
    elif e.op == "hpow" and e.args[1].op == "num" and e.args[1].attr == 2:
        return ONE, ((make("norm2", e.args[:1]), TWO),)
    elif e.op in SUMS:
        whole = make("sum", (e,))
    else:
        return ONE, ((make("sum", (e,)), ONE),)
    n.visit(whole)
    c, (factors, _) = n.as_term(whole)
    return c, factors
