"""Lines of unfolded rules follow by the rows that they name: a line left out, altered, or with other reasons does not."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.check.replay import replay
from matcalc.check.replay.outcome import ReplayReport
from matcalc.engine.derivation import Formula, Step
from matcalc.expr.nodes import make, num
from matcalc.results import Derivation

VARIABLES = {
    "y'*softmax(z)": "z",
    "-y'*log(softmax(z))": "z",
    "logdet(X)": "X",
    "tr(A*inv(X))": "X",
    "norm2(x)": "x",
    "x'*A*x/(x'*x)": "x",
    "log(sum(exp(z)))": "z",
}


def derived(text: str) -> Derivation:
    return matcalc.derive(text, wrt=VARIABLES[text])


def report(d: Derivation, steps: tuple[Step, ...]) -> ReplayReport:
    return replay(d.problem, d.trace, book(), d.assume, (), None, steps)


@pytest.mark.sample(3)
@pytest.mark.parametrize("text", VARIABLES)
def test_each_line_is_rebuilt_and_an_altered_one_is_not(text: str) -> None:
    d = derived(text)
    steps = d.unfolded(True)
    assert report(d, steps)
    for i, step in enumerate(steps):
        if step.rules:
            false = step._replace(rhs=Formula(make("scale", (num(3), step.rhs.expr))))
            assert not report(d, (*steps[:i], false, *steps[i + 1 :])), step.text


@pytest.mark.sample(2)
@pytest.mark.parametrize("text", VARIABLES)
def test_other_differential_rows_do_not_give_a_line(text: str) -> None:
    d = derived(text)
    steps = d.unfolded(True)
    rows = book().rows()
    for i, step in enumerate(steps):
        named = [name for name in step.rules if rows[name].group == "differential"]
        if named:
            for rules in ((*step.rules, "tanh"), tuple(name for name in step.rules if name != named[0]) or ("tanh",), ("no-such",)):
                assert not report(d, (*steps[:i], step._replace(rules=rules), *steps[i + 1 :])), step.text


def test_a_name_stands_for_one_thing() -> None:
    d = derived("y'*softmax(z)")
    first, total, *rest = d.unfolded(True)
    z = d.problem.symbols["z"]
    other = total._replace(lhs=Formula(first.lhs.expr), rhs=Formula(z))
    assert not report(d, (first, other, *rest))
    assert not report(d, (first._replace(lhs=Formula(z)), total, *rest))


def test_the_row_that_is_explained_is_no_reason() -> None:
    """d(X⁻¹) does not follow from the row for the inverse: its own lines never name it."""
    for row in book().groups["unfolding"]:
        assert row.name.removesuffix(f"-unfolded-{row.name.rpartition('-')[2]}") not in row.by
