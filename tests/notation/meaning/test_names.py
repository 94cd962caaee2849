"""What a name stands for: a definition, a declaration, a constant, a convention."""

from __future__ import annotations

from matcalc.api import read_problem
from matcalc.notation.write.program import plain
from tests.meanings import problem, read, require_refused


def test_a_definition_goes_before_a_declaration_and_a_convention() -> None:
    p = read_problem("s = q'*q; q = A*x", {"A": ("n", "n")})
    assert "q" not in p.symbols and dict(p.definitions)["q"].op == "matmul"


def test_constants() -> None:
    assert read("pi*s").args[0].op == "const" and read("e*s").args[0].op in ("const", "sym")


def test_a_size_is_a_number() -> None:
    assert read("n*s").args[0].op == "dim"


def test_one_name_is_one_object() -> None:
    p = problem("x'*A*x + sum(x)")
    assert [str(s.attr) for s in p.symbols.values()] == ["x", "A"] and p.places["x"] == (0, 1)


def test_a_one_hot_index_selects_a_column() -> None:
    """u_o is column U[:,o], where o is a declared vector: U o."""
    p = read_problem("u_o'*v", {"U": ("n", "w"), "o": ("w",), "v": ("n",)}, index={"u_o": "U[:,o]"})
    assert plain(p.output) in ("(U*o)'*v", "o'*U'*v")


def test_a_name_that_nobody_knows() -> None:
    """Beside the sign of a product a run of letters is one name, which is said; elsewhere it is refused."""
    p = read_problem("foo*x", {"x": ("n",)})
    assert list(p.symbols) == ["foo", "x"] and any("'foo' is read as one name" in w for w in p.warnings)
    require_refused("foo + x", "foo", dims={"x": ("n",)})
