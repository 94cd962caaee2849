"""Every rule by itself, one test a row; and the tester: planted wrong rows must be caught."""

from __future__ import annotations

import re
from typing import Any

import pytest

from matcalc.algebra.rule import Book, make_book
from matcalc.api import book
from matcalc.check.rows.tester import RuleCheck, check_rules
from matcalc.expr.errors import UsageError
from matcalc.rules import adjoint, compound, convention, differential, laws, rewrite, ring, stable, structure, vec
from matcalc.rules.row import R
from tests.mutants import judged_rows

ROWS = book().rows()
SOURCES = {"s": "somewhere ({})"}
RULE_FILES = (adjoint, compound, convention, differential, laws, rewrite, ring, stable, structure, vec)


def one(group: str, equation: str, where: str, disabled: str = "") -> Book:
    return make_book({group: (R("planted", equation, where, "s", disabled),)}, SOURCES)


def verdict(group: str, equation: str, where: str, disabled: str = "") -> RuleCheck:
    (found,) = check_rules(one(group, equation, where, disabled))
    return found


# ---------------------------------------------------------------- the rules


@pytest.mark.parametrize("name", ROWS)
def test_rule(name: str) -> None:
    (found,) = check_rules(book(), [name])
    assert found.passed, found.message
    assert ROWS[name].disabled or found.error < 1e-10


# These are true: the transpose has the same diagonal, ln|−det X| is ln|det X|; what has a Cholesky factor is drawn symmetric; the
# entries of c sum to 0.
TRUE_MUTANTS = {
    "diagonal-entries: inner(G, X) = inner(diag(diag(G)), X')   (was inner(G, X) = inner(diag(diag(G)), X))",
    "logs-of-cholesky-diagonal: sum(log(diag(chol(S)))) = logdet((S + S)/2)/2"
    "   (was sum(log(diag(chol(S)))) = logdet((S + S')/2)/2)",
    "variance-unfolded-7: d(v) = 2*c'*d(x)/n + 2*sum(c)*d(m)/n   (was d(v) = 2*c'*d(x)/n - 2*sum(c)*d(m)/n)",
    "variance-unfolded-7: d(v) = 2*c'*d(x)/n   (was d(v) = 2*c'*d(x)/n - 2*sum(c)*d(m)/n)",
    "logdet-unfolded-2: D = -(det(X))   (was D = det(X))",
}
LONG = ("adjoint", "differential", "laws")


@pytest.mark.sample(10)
@pytest.mark.parametrize("group", [pytest.param(g, marks=[pytest.mark.slow] * (g in LONG)) for g in book().groups])
def test_a_small_fault_in_a_row_is_noticed(group: str) -> None:
    """A sign, a factor, a transpose, an order or a term less: by the row itself, or by the lines of an unfolding behind it."""
    killed, alive, _ = judged_rows(book().groups[group])
    assert set(alive) <= TRUE_MUTANTS
    assert killed


def test_names_are_unique_over_all_groups() -> None:
    assert len(ROWS) == sum(len(rows) for rows in book().groups.values())


def test_citations_resolve() -> None:
    for row in ROWS.values():
        assert "{" not in book().source(row)
        assert book().source(row).strip()


def test_every_source_is_cited_or_kept_for_soon() -> None:
    cited = {row.cite.partition(":")[0] for row in ROWS.values()}
    assert cited <= set(book().sources)


def test_an_equation_mentions_only_its_variables() -> None:
    """A misspelt variable would be read as one more, of whatever size fits."""
    from matcalc.algebra.rule import differential_name
    from matcalc.expr.nodes import postorder

    for row in ROWS.values():
        known = {*row.variables, *map(differential_name, row.variables)}
        used = {str(n.attr) for n in postorder(row.sides) if n.op == "sym"}
        assert used <= known, row
        if not any(f"{op}(" in row.equation for op in ("fill", "unvec", "eye", "ones")):  # a variable may give a size only
            assert set(row.variables) <= used | {name.removeprefix("d ") for name in used}, row


def test_every_kind_of_operands_has_a_row() -> None:
    """An operator that has a differential row has one for each kind of operands that it takes."""
    from matcalc.algebra.pullbacks import Compiler
    from matcalc.check.rows.claims import kinds_of

    compiler = Compiler(book())
    for row in book().groups["differential"]:
        for node in kinds_of(row.sides[0]):
            assert compiler.pattern(node)


def canonical(row: Any) -> tuple[str, ...]:
    """An equation with its variables and sizes renamed in the order in which they come, and their sizes."""
    names: dict[str, str] = {}
    declared = re.findall(r"([A-Za-z]\w*)\[([^\]]*)\]", row.where)
    known = {name for name, _ in declared} | {s for _, sizes in declared for s in re.findall("[a-z]", sizes)}

    def renamed(text: str) -> str:
        each = lambda m: names.setdefault(m[0], f"#{len(names)}") if m[0] in known else m[0]  # noqa: E731
        return re.sub(r"[A-Za-z]\w*", each, text)

    return row.of, renamed(row.equation), *sorted(renamed(f"{name}[{sizes}]") for name, sizes in declared)


def test_no_equation_stands_twice() -> None:
    """What two rows say of the same equation has it by name (rules/convention.py)."""
    written = [row for module in RULE_FILES for row in module.ROWS if "=" in row.equation]
    seen: dict[tuple[str, ...], str] = {}
    twice = [(row.name, seen[key]) for row in written if seen.setdefault(key := canonical(row), row.name) != row.name]
    assert twice == []
    assert canonical(R("a", "A*B = B", "A[m,n] B[n,k]", "s")) == canonical(R("b", "X*Y = Y", "X[p,q] Y[q,r]", "s"))


def test_a_row_of_several_operators_is_one_of_each() -> None:
    row = R("of-row", "F(x') = F(x)", "x[n]", "s", of="max min")
    assert [(r.name, r.equation) for r in make_book({"laws": (row,)}, SOURCES).groups["laws"]] == [
        ("max-of-row", "max(x') = max(x)"), ("min-of-row", "min(x') = min(x)")]  # fmt: skip
    (_, wrong) = check_rules(make_book({"laws": (row._replace(of="max softmax"),)}, SOURCES))
    assert not wrong.passed and {"max-of-row", "norm2-of-transpose", "expm-of-transpose"} <= ROWS.keys()


def test_an_equation_is_given_by_the_name_of_an_earlier_row() -> None:
    rows = book().rows()
    assert rows["read-off"].sides == rows["sum-as-trace"].sides and rows["read-off"].source != rows["sum-as-trace"].source
    with pytest.raises(UsageError, match="rule b has the equation of 'c', which is no rule of a group before it"):
        make_book({"laws": (R("a", "A = A", "A[m,n]", "s"),), "identity": (R("b", "c", "", "s"),)}, SOURCES)


# ---------------------------------------------------------------- rows that do not load


@pytest.mark.parametrize(
    "row, message",
    [
        (R("Product", "A = A", "A[m,n]", "s"), "not kebab-case"),
        (R("a", "A = A", "A(m,n)", "s"), "where is not understood"),
        (R("a", "A = A", "A[m,n] INVERTIBLE", "s"), "where is not understood"),
        (R("a", "A + = A", "A[m,n]", "s"), "rule a: "),
        (R("a", "unheardof(A) = A", "A[m,n]", "s"), "rule a: "),
        (R("a", "A = A", "A[m,n] unheardof", "s"), "not a property"),
        (R("a", "<A, A> = A", "A[m,n]", "s"), "two sides"),
        (R("a", "A = A = A", "A[m,n]", "s"), "two sides"),
    ],
)
def test_a_row_that_is_not_understood(row: R, message: str) -> None:
    (found,) = check_rules(make_book({"identity": (row,)}, SOURCES))
    assert not found.passed
    assert message in found.message


def test_a_citation_key_that_does_not_resolve() -> None:
    with pytest.raises(UsageError, match="cites 'cookbok:3'"):
        make_book({"identity": (R("a", "A = A", "A[m,n]", "cookbok:3"),)}, SOURCES)


def test_a_name_used_twice_even_in_two_groups() -> None:
    row = R("a", "A = A", "A[m,n]", "s")
    with pytest.raises(UsageError, match="'a' is used twice"):
        make_book({"identity": (row,), "laws": (R("a", "B = B", "B[m,n]", "s"),)}, SOURCES)


def test_a_group_that_is_not_known() -> None:
    with pytest.raises(UsageError, match="group 'trignometry' of rules is not known"):
        one("trignometry", "A = A", "A[m,n]")
    with pytest.raises(UsageError, match="group 'trignometry'"):
        make_book({**book().groups, "trignometry": ()}, book().sources)


def test_a_field_that_is_not_known() -> None:
    with pytest.raises(TypeError):
        R("a", "A = A", "A[m,n]", "s", enabled=False)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        R("a", "A = A", "A[m,n]")  # type: ignore[call-arg]


# ---------------------------------------------------------------- the tester: wrong rows
