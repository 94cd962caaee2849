"""The page of the notation: its tables are those of the rows, and what it says is read so is read so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError
from matcalc.notation.kinds.letter_habits import letter_costs, member_costs
from matcalc.notation.kinds.overloads import OF_SCALAR, SIGNS, UNARY
from matcalc.notation.kinds.walk import NEAR
from matcalc.notation.lex import habits
from tests.places import ROOT

PAGE = (ROOT / "docs" / "notation.md").read_text("utf-8")
WORDS = {"s": "a number", "c": "a vector", "r": "a row", "m": "a matrix"}
LETTERS = {
    "capital letters (A, W, X)": letter_costs("A", False), "capital Greek (Σ, Λ)": letter_costs("Sigma", False),
    "lower case (x, u, w)": letter_costs("x", False), "lower-case Greek (λ, α, σ)": letter_costs("lambda", False),
    "bold lower case": letter_costs("x", True), "bold capitals": letter_costs("X", True),
    "words beside a sign of a product (lr, eps)": letter_costs("lr", False), "p(y\\|x)": letter_costs("p(y|x)", False),
}  # fmt: skip
MEMBERS = {"x_i under a sum over i": member_costs("x", 1), "X_i": member_costs("X", 1), "bold x_i": member_costs("x", 1, True),
           "x_ij": member_costs("x", 2)}  # fmt: skip
SHOWN = {
    "a + b": SIGNS["+"], "a + 1": SIGNS["+num"], "a b, a * b": SIGNS[" "], "a \\cdot b": SIGNS["dot"],
    "a \\times b": SIGNS["times"],
    "a ⊙ b, a .* b": SIGNS[".*"], "a / b": SIGNS["/"], "a ./ b": SIGNS["./"], "a ⊗ b": SIGNS["kron"], "⟨a, b⟩": SIGNS["<>"],
    "a^2": SIGNS["^num"], "a^b": SIGNS["^"], "a.^b": SIGNS[".^"], "a'": UNARY["T"], "‖a‖": UNARY["norm"], "\\|a\\|": UNARY["bars"],
    "e^a": UNARY["e"], "a_i, a[i]": UNARY["[1:0]"],
    "NumPy: a + b": SIGNS["np+"], "NumPy: a * b": SIGNS["np*"], "NumPy: a @ b": SIGNS["np@"],
}  # fmt: skip


def usual(costs: Mapping[str, int] | Mapping[tuple[str, ...], int]) -> str:
    """The cheapest kind, and those that are near."""
    ranked = sorted(((cost, "".join(kind)) for kind, cost in costs.items()), key=lambda pair: pair[0])
    near = [WORDS[kind] for cost, kind in ranked[1:] if cost - ranked[0][0] <= NEAR]
    return f"{WORDS[ranked[0][1]]} | {' or '.join(near)}"


def letters() -> Iterable[str]:
    yield "| letters | usually | asked about, or what stands around decides, where this fits too |"
    yield "|---|---|---|"
    yield from (f"| {name} | {usual(costs)} |" for name, costs in LETTERS.items())
    alike: dict[str, list[str]] = {}
    for letter in habits.BY_LETTER:
        alike.setdefault(usual(letter_costs(letter, False)), []).append(letter)
    yield from (f"| {' '.join(names)} | {said} |" for said, names in alike.items())
    yield from (f"| {name} | {usual(costs)} |" for name, costs in MEMBERS.items())


def signs() -> Iterable[str]:
    yield "| written | takes and gives | only if nothing else fits, and with a notice or a question |"
    yield "|---|---|---|"
    for sign, costs in SHOWN.items():
        parts = []
        for some in ({k for k, c in costs.items() if c < NEAR}, {k for k, c in costs.items() if c >= NEAR}):
            by_result = {r: [f"`{''.join(k[:-1])}`" for k in costs if k in some and k[-1] == r] for r in "scrm"}
            parts.append("; ".join(f"{' '.join(kinds)} → {r}" for r, kinds in by_result.items() if kinds))
        yield f"| {sign} | {' | '.join(parts)} |"
    yield f"| {', '.join(sorted(OF_SCALAR))} | `c`, `m`, as each takes them | `s` |"


def block(name: str) -> str:
    return PAGE.partition(f"<!-- {name} -->\n")[2].partition(f"<!-- /{name} -->")[0].strip()


@pytest.mark.parametrize("table", [letters, signs])
def test_the_tables_are_those_of_the_rows(table: type[letters]) -> None:  # type: ignore[valid-type]
    assert block(table.__name__) == "\n".join(table())


def rows(name: str) -> list[list[str]]:
    """The cells between backquotes of each row of a table."""
    lines = [line for line in block(name).splitlines()[2:] if line.startswith("|")]
    cells = [["".join(cell) for cell in re.findall(r"`` (.+?) ``|`([^`]+)`", line)] for line in lines]
    return [[cell.replace("\\|", "|").replace("␤", "\n") for cell in row] for row in cells]


@pytest.mark.parametrize(("text", "plain"), [(r[0], r[1]) for name in ("read", "programs") for r in rows(name)])
def test_what_is_said_to_be_read_is_read(text: str, plain: str) -> None:
    assert matcalc.derive(text, check=False).value.plain == plain


@pytest.mark.parametrize("cells", rows("asked"), ids=lambda cells: cells[0])
def test_what_is_said_to_be_asked_about_is_asked_about(cells: list[str]) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive(cells[0], check=False)
    assert [r.text for r in caught.value.readings] == cells[1:]


def test_the_page_is_one_page() -> None:
    assert len(PAGE.splitlines()) <= 250
    assert min(len(rows(name)) for name in ("read", "programs", "asked")) >= 5
