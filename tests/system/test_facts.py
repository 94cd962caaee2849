"""Every operator has what the rooms need of it, or it is said here why not; an operator that lacks something is seen."""

from __future__ import annotations

import pytest

from matcalc.algebra.book import book
from matcalc.algebra.index.index_form import STEPS
from matcalc.algebra.index.paths import vec_row
from matcalc.codegen.lower.operators import RULES
from matcalc.codegen.targets.numpy_forms import PRINTERS
from matcalc.expr.nodes import postorder
from matcalc.expr.shapes import Op
from matcalc.expr.table import CALLS, ROWS, TABLE
from matcalc.notation.meaning.builders import BUILDERS
from matcalc.notation.parse import cursor
from matcalc.notation.write.render import SIGNED
from matcalc.numeric import kernels, modular, precise, sampling

DIFFERENTIALS = [row.sides for row in book().groups["differential"] if not row.disabled]
ADJOINTS = {row.sides[1].op for row in book().groups["adjoint"]}
STABLE = {row.sides[0].op for row in book().groups["stable"]}
CALLED = {op.name for operators in CALLS.values() for op in operators}


def carriers() -> set[str]:
    """The operators through which a differential passes in the rows of the others."""
    found: set[str] = set()
    for _, right in DIFFERENTIALS:
        moving = set()
        for node in postorder((right,)):
            if (node.op == "sym" and str(node.attr).startswith("d ")) or not moving.isdisjoint(node.args):
                moving.add(node)
        found |= {node.op for node in moving if node.args}
    return found


CARRIERS = carriers()
WRITTEN = CALLED | SIGNED | BUILDERS.keys() | {op.name for op in ROWS if "{0}" in op.plain}


def lacking(op: Op) -> set[str]:
    """What other tables need of an operator and do not find."""
    name = op.name
    needs = {
        "words": bool(op.words),
        "a way to be written": name in WRITTEN,
        "a kernel": name in kernels.PLAIN or name in kernels.TYPED,
        "a kernel modulo a prime": name in modular.KERNELS,
        "eighty digits": name in precise.KERNELS,
        "points off its kinks": not (op.kink or op.jumps) or name in sampling.SMOOTH,
        "points in its domain": op.domain.rpartition(":")[2] in {"", "power", *sampling.INSIDE},
        "a differential": any(left.op == name for left, _ in DIFFERENTIALS),
        "an adjoint": name not in CARRIERS or name in ADJOINTS,
        "an index form": name not in CARRIERS or name in STEPS or any(vec_row(name, i) for i in range(op.arity)),
        "code": name in RULES or name in PRINTERS or name in STABLE,
    }
    return {need for need, found in needs.items() if not found}


STATED = {
    "a kernel": {"sym partial d": "stand for what is given"},
    "a kernel modulo a prime": {"sym d": "stand for what is given"},
    "eighty digits": {
        "sym partial d": "stand for what is given",
        "logm sinm cosm dlogm dsinm dcosm powm trpowm": "would take seconds",
    },
    "a differential": {
        "sym num const dim eye ones zeros unit commutation partial d": "do not depend on variables, or are derivatives",
        "mpow trpow einsum": "by algebra.closures, whatever the exponent and the subscripts are",
        "inner": "only in rows, where the product of the kind at hand takes its place",
        "convmatrix hankel tril diagonalsums": "only in answers",
        "vmapjac curve2 prodpairs": "would have more than two axes, or no sign",
        "dexpm dlogm dsqrtm dsinm dcosm trigamma": "second derivatives would need a further operator",
        "eigvecmax eigvecs polar svdleft svdright topdirection": "only in answers: where they jump there is no derivative",
    },
    "an index form": {"dexpm dlogm dsinm dcosm": "no contraction of their arguments"},
    "code": {"partial d": "stand for what is given"},
}


@pytest.mark.parametrize("op", ROWS, ids=lambda op: op.name)
def test_every_operator_has_what_the_rooms_need_of_it(op: Op) -> None:
    assert lacking(op) == {need for need, groups in STATED.items() if any(op.name in names.split() for names in groups)}


def test_an_operator_that_lacks_something_is_seen() -> None:
    planted = Op("planted", "m(n,n) -> m(n,n)", words="", kink="somewhere", domain="nowhere")
    assert lacking(planted) == {
        *("words", "a way to be written", "a kernel", "a kernel modulo a prime", "eighty digits", "points off its kinks"),
        *("points in its domain", "a differential", "code"),
    }


def test_what_is_written_as_a_call_is_read_as_one() -> None:
    """The names by which the parser knows a function are those that have a meaning."""
    named = {name for name in BUILDERS if "." not in name}
    assert named - CALLS.keys() <= set(cursor.BUILDERS) <= named | {"matrix"}
    assert {op.name for op in ROWS if op.signs} - SIGNED == {"inner"}
    assert TABLE.keys() - WRITTEN == set()
