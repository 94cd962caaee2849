"""The one table of conventions: no letters are listed elsewhere, and what it says of them fits together."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest

from matcalc.expr.table import CALLS
from matcalc.notation.lex import habits
from tests.places import ROOT, parsed

TABLE = "notation/lex/habits.py"
GREEK = habits.SCALAR_GREEK | habits.MATRIX_GREEK | habits.PI
CODES = set("scrmtowCRMID")  # of kinds, of families, of what a factor is: no letters of a text

# How many lists stand elsewhere, and what they are.
ELSEWHERE = {
    "algebra/rule.py": (2, "the rows' own language: d is the differential, f and g are any functions"),
    "check/work/relations.py": (1, "NumPy's orders of entries"),
    "engine/by_differentials.py": (1, "names for a gradient, by its kind"),
    "engine/parts.py": (1, "names for parts of a derivation, by their kind"),
    "engine/waypoints.py": (10, "names for the steps of a derivation, by their kind"),
    "expr/activations.py": (1, "parameters of a row"),
    "notation/foreign/latex_scalar.py": (1, "constants of latex2sympy2"),
    "notation/foreign/scalar_formulas.py": (1, "constants of SymPy"),
    "notation/lex/characters.py": (1, "letters that look like Latin ones"),
    "notation/lex/lexer_plain.py": (2, "the alphabet; a token and its text"),
    "notation/lex/macros.py": (2, "the alphabet"),
    "notation/parse/runs.py": (1, "X^tA: transposes"),
    "notation/write/sums_as_written.py": (1, "labels of a norm"),
    "numeric/kernels.py": (1, "NumPy's constants"),
    "printers/breaking.py": (1, "how wide letters are"),
    "printers/latex.py": (1, "English words of one letter"),
}


def is_letter(node: ast.AST | None) -> bool:
    text = node.value if isinstance(node, ast.Constant) else None
    return isinstance(text, str) and ((len(text) == 1 and text.isalpha()) or text in GREEK)


def text_of(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def is_run(text: str) -> bool:
    """Whether letters stand there as in the alphabet: ijkl, αβγδ, and no word."""
    near = sum(0 < ord(b) - ord(a) <= 2 for a, b in pairwise(text))
    return text.isalpha() and text.lower() not in CALLS and len(set(text)) == len(text) >= 4 and 2 * near >= len(text)


def is_list(node: ast.AST) -> bool:
    """Whether the node lists letters: as a collection, as what something is looked for in, as a run, in a pattern."""
    match node:
        case ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.List(elts=parts):
            return len(parts) > 1 and all(map(is_letter, parts)) and not {text_of(p) for p in parts} <= CODES
        case ast.Dict(keys=keys):
            letters = [key for key in keys if is_letter(key)]
            values = [text for value in node.values if (text := text_of(value)).isalpha() and value not in letters]
            named = any(not set(text) <= CODES and (len(text) == 1 or text.istitle()) for text in values)
            return 2 * len(letters) > max(2, sum(key is not None for key in keys)) and (
                named or not {text_of(k) for k in letters} <= CODES
            )
        case ast.Compare(left=left, ops=[ast.In() | ast.NotIn()], comparators=[ast.Constant(value=str(text))]):
            foreign = ast.unparse(left).endswith("dtype.kind") or "east_asian_width" in ast.unparse(left)
            return text.isalpha() and len(text) > 1 and not set(text) <= CODES and not foreign
        case ast.Call(func=ast.Name(id="set" | "frozenset"), args=[ast.Constant(value=str(text))]):
            return text.isalpha()
        case ast.Constant(value=str(text)):
            words = text.split()
            greek = len(words) > 1 and all(word in GREEK for word in words)
            classes = re.findall(r"\[([a-z]{3,})\]", text) if " " not in text else []
            return greek or is_run(text) or any(list(letters) == sorted(letters) for letters in classes)
    return False


def lists_in(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if is_list(node):
            yield node


@pytest.mark.slow
@pytest.mark.source
def test_no_letters_are_listed_outside_the_table() -> None:
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "matcalc").rglob("*.py")):
        name = path.relative_to(ROOT / "matcalc").as_posix()
        if name != TABLE and (lists := [f"{ast.unparse(n)[:60]}" for n in lists_in(parsed(path))]):
            found[name] = lists
    beyond = {name: lists for name, lists in found.items() if len(lists) != ELSEWHERE.get(name, (0, ""))[0]}
    assert not beyond
    assert found.keys() == ELSEWHERE.keys()


@pytest.mark.parametrize("line", [
    'LETTERS = "ijklmn"', 'x in ("phi", "psi")', 'free <= set("ij")', 'c in "yoct"', 're.compile("_[ijk]")',
    '{"N": 1, "C": 2, "x": 3}', 'str.split("mu theta")',
])  # fmt: skip
def test_a_list_is_seen(line: str) -> None:
    assert list(lists_in(ast.parse(line)))


@pytest.mark.parametrize("line", ['kind in "cr"', '{"c": 1, "r": 2}', 'op in ("add", "sub")', 'name = "sqrt"'])
def test_kinds_and_words_are_no_letters(line: str) -> None:
    assert not list(lists_in(ast.parse(line)))


def test_every_row_names_kinds_and_has_a_cheapest() -> None:
    rows = [row for row in vars(habits).values() if isinstance(row, dict) and set(row) <= set("scrm")] + [
        *habits.BY_LETTER.values()
    ]
    assert len(rows) > 20
    for row in rows:
        costs = sorted(row.values())
        assert set(row) <= {"s", "c", "m"} and costs[0] <= 5 and all(isinstance(c, int) for c in costs)


def test_labels_make_numbers_likelier() -> None:
    assert habits.LETTER < habits.DIGIT < 0 < habits.OUTPUT


def test_the_sets_do_not_contradict_each_other() -> None:
    assert not habits.SCALAR_GREEK & habits.MATRIX_GREEK and not habits.SCALAR_LETTERS & habits.FUNCTION_LETTERS
    assert habits.NORMAL - habits.MATRIX_GREEK < habits.GENERIC


def test_letters_that_are_indices() -> None:
    assert habits.SUMMED < habits.ENTRY_INDEX < set(habits.LABEL_INDEX)
    assert set(habits.SAMPLE_INDEX) == habits.ENTRY_INDEX - {"l"}


@pytest.mark.parametrize("given", [habits.EINSUM, habits.ENTRIES, habits.SUMS])
def test_letters_that_are_given_are_all_different_and_e_comes_late(given: str) -> None:
    assert Counter(given).most_common(1)[0][1] == 1 and len(given) > 50
    assert given.index("e") > 10 and set(habits.SUMS) == set(habits.EINSUM)


def test_the_axes_of_a_value_and_of_a_variable_get_other_letters() -> None:
    every = habits.OUTER + habits.INNER + habits.FURTHER
    assert len(set(every)) == len(every)
