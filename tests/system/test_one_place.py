"""What is known of an operator stands in its row: where code lists operators by name, it is said here why."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from matcalc.expr import groups
from matcalc.expr.table import TABLE
from tests.places import ROOT, parsed

GROUPS = {value: name for name, value in vars(groups).items() if isinstance(value, frozenset)}
# Rooms in which the same words are something else.
ELSE = {
    "notation/lex": "names as the text has them", "notation/parse": "names as the text has them",
    "notation/kinds": "names as the text has them", "notation/foreign": "names as SymPy has them",
    "codegen/ir": "nodes of the code graph", "codegen/plan": "nodes of the code graph",
    "codegen/targets": "nodes of the code graph", "rules": "rows",
}  # fmt: skip
# How many collections of operators' names a file has.
TAKEN_APART = "each of these operators is taken apart there in a way of its own; another one is left whole"
REFEREE = "values by other means than the kernels; what an operator lacks there is seen by test_facts"
PROVED = "a proof or a notice that is made for these; of another operator nothing is said"
TOLD = "how it is written or told; another operator is told as a call"
READ = "names of functions as the text has them"
STATED = {
    **dict.fromkeys(("algebra/blocks/cutting.py", "algebra/blocks/block_laws.py"), (4, TAKEN_APART)),
    **dict.fromkeys(("algebra/closures.py", "algebra/index/index_form.py", "algebra/normal/power_laws.py"), (1, TAKEN_APART)),
    **dict.fromkeys(("algebra/blocks/paddings.py", "algebra/normal/chains.py", "algebra/normal/terms.py"), (1, TAKEN_APART)),
    "algebra/match.py": (5, TAKEN_APART),
    "algebra/normal/function_laws.py": (4, TAKEN_APART),
    **dict.fromkeys(("algebra/normal/factoring.py", "algebra/normal/normal_form.py"), (3, TAKEN_APART)),
    "algebra/normal/shortest.py": (2, TAKEN_APART),
    "algebra/roots.py": (11, PROVED),
    "check/settled.py": (3, PROVED),
    "check/zeros.py": (2, PROVED),
    "engine/kinks.py": (5, PROVED),
    "engine/notices.py": (4, PROVED),
    "engine/own_functions/bodies.py": (1, PROVED),
    "numeric/pieces.py": (2, PROVED),
    "numeric/seen.py": (1, PROVED),
    "check/loops.py": (6, READ),
    **dict.fromkeys(("notation/meaning/block_matrices.py", "notation/meaning/user_functions.py"), (2, READ)),
    "check/work/code_slips.py": (1, READ),
    "check/work/slips.py": (1, READ),
    "notation/meaning/builders.py": (1, READ),
    "notation/meaning/reductions.py": (3, READ),
    "notation/sums/families.py": (4, READ),
    "notation/sums/family_algebra.py": (2, READ),
    "notation/meaning/broadcasting.py": (3, TAKEN_APART),
    "notation/meaning/counts.py": (1, TAKEN_APART),
    "notation/meaning/one_reading.py": (1, TAKEN_APART),
    "notation/meaning/finish.py": (1, TAKEN_APART),
    "notation/meaning/operations.py": (3, TAKEN_APART),
    "notation/meaning/powers.py": (2, TAKEN_APART),
    "notation/meaning/tape.py": (1, "how a row is made of a matrix that has one"),
    "notation/meaning/typing.py": (1, TAKEN_APART),
    "codegen/products/factored.py": (2, TAKEN_APART),
    "codegen/lower/lowering.py": (1, TAKEN_APART),
    "codegen/lower/product_rows.py": (3, TAKEN_APART),
    "codegen/lower/stable_forms.py": (2, TAKEN_APART),
    "algebra/index/common_entries.py": (1, TAKEN_APART),
    "algebra/compounds.py": (1, TOLD),
    "engine/by_samples.py": (5, TAKEN_APART),
    "engine/case_lines.py": (2, TOLD),
    "engine/derivation.py": (4, TOLD),
    "engine/exposition.py": (2, TOLD),
    "engine/line_forms.py": (1, TOLD),
    "engine/recognise.py": (1, "the heads of the rewrite rows; a test compares"),
    "engine/waypoints.py": (2, TOLD),
    "expr/nodes.py": (2, "leaves; operators whose sizes are written with them"),
    "expr/slices.py": (6, "the operators with indices, and what these may be"),
    "notation/write/indexed.py": (2, TOLD),
    "notation/write/render.py": (6, TOLD),
    "notation/write/signs.py": (1, TOLD),
    "notation/write/style.py": (1, TOLD),
    "notation/write/styles.py": (2, TOLD),
    "notation/write/sums_as_written.py": (3, TOLD),
    "printers/in_text.py": (1, TOLD),
    "numeric/branches.py": (3, REFEREE),
    "numeric/entrywise_functions.py": (1, REFEREE),
    "numeric/fingerprint.py": (7, REFEREE),
    "numeric/kernels.py": (3, "the kernels"),
    "numeric/linear.py": (1, "the kernels"),
    "numeric/modular.py": (4, REFEREE),
    "numeric/precise.py": (5, REFEREE),
    "numeric/residues.py": (5, REFEREE),
    "numeric/sampling.py": (1, REFEREE),
}


def names_in(node: ast.AST) -> list[str] | None:
    """The names that a collection lists, or the keys of a table, where most of them are operators."""
    match node:
        case ast.Tuple(elts=parts) | ast.Set(elts=parts) | ast.List(elts=parts):
            names = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
            whole = len(names) == len(parts)
        case ast.Dict(keys=keys):
            names = [k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str)]
            whole = True
        case _:
            return None
    return names if whole and len(names) > 1 and 2 * sum(name in TABLE for name in names) > len(names) else None


def collections_in(tree: ast.AST) -> Iterator[tuple[ast.expr, list[str]]]:
    for node in ast.walk(tree):
        if (names := names_in(node)) is not None:
            yield node, names  # type: ignore[misc]


@cache
def found() -> dict[str, list[tuple[ast.expr, list[str]]]]:
    out = {}
    for path in sorted((ROOT / "matcalc").rglob("*.py")):
        name = path.relative_to(ROOT / "matcalc").as_posix()
        if not name.startswith(tuple(ELSE)) and (lists := list(collections_in(parsed(path)))):
            out[name] = lists
    return out


@pytest.mark.source
def test_operators_are_listed_by_name_only_where_it_is_said_why() -> None:
    lists = found()
    more = {name: [names for _, names in each] for name, each in lists.items() if len(each) > STATED.get(name, (0, ""))[0]}
    assert not more, "a fact of operators is a column of their rows (expr/shapes.py), who has it a line of expr/groups.py"
    fewer = {name: count for name, (count, _) in STATED.items() if len(lists.get(name, ())) < count}
    assert not fewer, "say so here"


@pytest.mark.source
def test_a_group_that_has_a_name_is_called_by_it() -> None:
    spelled = [
        (name, node.lineno, GROUPS[group])
        for name, lists in found().items()
        for node, names in lists
        if (group := frozenset(names)) in GROUPS and not isinstance(node, ast.Dict)
    ]
    assert not spelled


@pytest.mark.parametrize("line", ['op in ("add", "neg")', '{"exp", "log"}', '["T", "inv"]', '{"tr": 1, "det": 2}'])
def test_a_collection_is_seen(line: str) -> None:
    assert [len(names) for _, names in collections_in(ast.parse(line))] == [2]


@pytest.mark.parametrize("line", ['op in ("left", "right")', '("add", 1)', '["T"]', '{"rows": 1, "width": 2, "height": 3}'])
def test_other_words_are_none(line: str) -> None:
    assert not list(collections_in(ast.parse(line)))


@pytest.mark.source
def test_python_source_is_parsed_behind_the_lock() -> None:
    """Two threads that make syntax trees at once are a ``SystemError`` in Python 3.11."""
    parsing = {"ast.parse(", "literal_eval(", "ast import parse"}
    found = {
        p.relative_to(ROOT).as_posix() for p in (ROOT / "matcalc").rglob("*.py") if any(w in p.read_text("utf-8") for w in parsing)
    }
    assert found == {"matcalc/notation/lex/python_trees.py"}
