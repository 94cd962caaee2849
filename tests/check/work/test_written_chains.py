"""Lines of somebody's work as chains of equalities."""

from __future__ import annotations

import pytest

from matcalc.check.work.written_chains import chains, looks_like_latex


def told(work: str) -> list[tuple[int, list[str], bool]]:
    return [(c.line, [m.text for m in c.members], c.continued) for c in chains(work, looks_like_latex(work))]


def test_plain_lines() -> None:
    assert told("z = W*x + b\n\nThen we take the gradient.\nds/dz = u;  h = f(z)") == [
        (0, ["z", "W*x + b"], False),
        (2, ["ds/dz", "u"], False),
        (2, ["h", "f(z)"], False),
    ]


def test_align_with_a_chain_that_goes_on() -> None:
    work = r"\begin{align} z &= Wx + b,\quad h = f(z) \\ L &= \sum_{i=1}^n x_i \\ &= a = b. \end{align}"
    assert told(work) == [
        (0, ["z", "Wx + b"], False),
        (0, ["h", "f(z)"], False),
        (1, ["L", r"\sum_{i=1}^n x_i"], False),
        (2, ["a", "b"], True),
    ]


def test_markdown_has_its_formulas_between_signs() -> None:
    work = "First, $z = Wx$ holds.\n\n$$\nds = u^\\top dz\n$$\nand = is a word"
    assert [members for _, members, _ in told(work)] == [["z", "Wx"], ["ds", r"u^\top dz"]]


def test_arrows_separate() -> None:
    assert [m for _, m, _ in told(r"a = b \Rightarrow c = d")] == [["a", "b"], ["c", "d"]]


@pytest.mark.parametrize("work", ["z = W*x + b", r"\frac{a}{b} &= c_{1} \\ x &= y", "$$x = y$$ text"])
def test_places_point_into_the_work(work: str) -> None:
    for chain in chains(work, looks_like_latex(work)):
        for member in chain.members:
            assert work[slice(*member.span)].startswith(member.text[:1])


def test_latex_without_anything_around_it_has_a_formula_on_each_line() -> None:
    assert told("z = W x_{1} + b\nso that\n\\frac{a}{b} = \\alpha\n  + \\beta\nthen c = d") == [
        (0, ["z", "W x_{1} + b"], False),
        (2, [r"\frac{a}{b}", "\\alpha\n  + \\beta"], False),
        (3, ["c", "d"], False),
    ]


@pytest.mark.parametrize("line, members", [
    ("Problem 3. Compute the derivative of f(X) = tr(X*A) with respect to X.", ["f(X)", "tr(X*A)"]),
    ("By the product rule we have df = r'*dr + dr'*r since r is a vector", ["df", "r'*dr + dr'*r"]),
    ("we get tr X = y for all X", ["tr X", "y"]),
    ("the second trace equals tr(A*dX), so", []),
    ("d log x = dx/x", ["d log x", "dx/x"]),
])  # fmt: skip
def test_words_of_a_sentence_before_and_behind_a_formula(line: str, members: list[str]) -> None:
    assert [m for _, found, _ in told(line) for m in found] == members


def test_a_definition_behind_where() -> None:
    assert [m for _, m, _ in told("f = r'*r where r = A*x - b")] == [["f", "r'*r"], ["r", "A*x - b"]]
