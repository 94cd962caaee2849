"""What docs/adding.md says, done in a copy of the tree: its blocks put in, its commands run."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.source

PAGE = (ROOT / "docs" / "adding.md").read_text("utf-8")
TABLE = (ROOT / "docs" / "architecture.md").read_text("utf-8").partition("## To add something\n")[2]
BLOCK = re.compile(r"^```(python|tsv|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEAD = re.compile(r"# (\S+\.(?:py|tsv))(?:: (\w+))?\n")
MOST_FILES = {
    "An operator": 4,
    "A rule": 1,
    "A stable form": 1,
    "A notation": 1,
    "An output format": 2,
    "A code target": 1,
    "A check": 2,
}


class Example(NamedTuple):
    title: str
    blocks: list[str]
    sessions: list[tuple[str, list[str]]]  # a command, and lines that it writes

    @property
    def files(self) -> set[str]:
        """Those of the package, but for its words in other languages."""
        named = {found[1] for block in self.blocks if (found := HEAD.match(block))}
        return {name for name in named if not name.startswith("tests/") and name.endswith(".py")}


def examples() -> list[Example]:
    found = []
    for part in PAGE.split("\n## ")[1:]:
        blocks = BLOCK.findall(part)
        console = "".join(text for kind, text in blocks if kind == "console")
        sessions = [each.rstrip("\n").split("\n") for each in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]]
        title = re.split(r"[:\n]", part, maxsplit=1)[0]
        found.append(Example(title, [t for kind, t in blocks if kind != "console"], [(s[0], s[1:]) for s in sessions]))
    return found


EXAMPLES = examples()


def put_in(tree: Path, block: str) -> None:
    """A block into its place: a file of its own, a line among the imports, or a row more at the end of a table."""
    head = HEAD.match(block)
    assert head is not None, block
    path, name, text = tree / head[1], head[2], block[head.end() :].rstrip("\n")
    if not (tree / head[1].partition("/")[0]).exists():
        return  # of its tests, in a copy without them
    if path.suffix == ".tsv":
        path.write_text(path.read_text("utf-8") + text + "\n", "utf-8")
        return
    if name is None:
        assert not path.exists(), path
        path.write_text(text + "\n", "utf-8")
        return
    source = path.read_text("utf-8")
    lines, body = source.split("\n"), ast.parse(source).body
    if name == "imports":
        at = max(n.end_lineno or 0 for n in body if isinstance(n, ast.Import | ast.ImportFrom))
    else:
        at = next((n.end_lineno or 0) - 1 for n in body if name in targets(n))
    path.write_text("\n".join([*lines[:at], text, *lines[at:]]), "utf-8")


def targets(node: ast.stmt) -> list[str]:
    found = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    return [t.id for t in found if isinstance(t, ast.Name)]


def ran(tree: Path, command: str) -> list[str]:
    """What a command of matcalc writes, on both streams, in the tree and nowhere else."""
    words = shlex.split(command)
    assert words[0] == "matcalc"
    env = {**os.environ, "PYTHONPATH": str(tree), "NO_COLOR": "1", "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run([sys.executable, "-m", *words], cwd=tree, env=env, capture_output=True, text=True, encoding="utf-8")
    return [line.rstrip() for line in (done.stdout + "\n" + done.stderr).split("\n")]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("matcalc", "rules"):
        shutil.copytree(ROOT / folder, tmp_path / folder, symlinks=True)  # with what is compiled
    return tmp_path


def test_all_are_there() -> None:
    assert [e.title for e in EXAMPLES] == list(MOST_FILES)
    assert all(e.blocks and e.sessions and all(lines for _, lines in e.sessions) for e in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.title)
def test_the_table_names_its_files(example: Example) -> None:
    """A file of its own by the folder, one that is there by its name."""
    (row,) = re.findall(rf"^\| {example.title.lower()} \| (.*) \|$", TABLE, re.MULTILINE)
    named = re.findall(r"`([\w/.]+)`", row.partition(", or ")[0])
    files = [f if (ROOT / f).exists() else f.rpartition("/")[0] + "/" for f in sorted(example.files)]
    assert sorted(named) == sorted(f.removeprefix("matcalc/") for f in files)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.title)
def test_it_takes_few_files(example: Example) -> None:
    assert len(example.files) <= MOST_FILES[example.title], example.files


@pytest.mark.slow
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.title)
def test_a_worked_example_works(example: Example, tree: Path) -> None:
    command, lines = example.sessions[0]
    before = ran(tree, command)
    assert any(said(line, before) is None for line in lines), "the command writes this without the change"
    for block in example.blocks:
        put_in(tree, block)
    for command, lines in example.sessions:
        written = ran(tree, command)
        for line in lines:
            assert said(line, written) is not None, "\n".join([command, line, "is not in", *written])


def said(line: str, written: list[str]) -> str | None:
    """The line, where it stands there: as it is, or with numbers behind."""
    return next((w for w in written if w == line or w.startswith(line + " ")), None)


@pytest.mark.parametrize("title", ["An operator", "A rule", "A stable form"])
def test_what_a_row_says_is_said_in_every_language(title: str) -> None:
    """The words that a row prints are those of which the page gives the Chinese."""
    (example,) = (e for e in EXAMPLES if e.title == title)
    rows = [
        re.findall(r'(?:Op|R)\("([\w-]+)"|words="([^"]*)"', b)
        for b in example.blocks
        if b.startswith(("# rules/", "# matcalc/expr/"))
    ]
    words = {word or name.replace("-", " ") for found in rows for name, word in found}
    lines = [b.split("\n")[1:-1] for b in example.blocks if b.startswith("# matcalc/printers/phrases.tsv\n")]
    assert {line.split("\t")[0] for (line,) in lines} == words


def test_the_copy_is_what_runs(tree: Path) -> None:
    (tree / "matcalc" / "cli.py").write_text("raise SystemExit('the copy')\n", "utf-8")
    assert "the copy" in ran(tree, "matcalc --version")


# The rule of the commutator by the commutator itself, with the rows that the page says it needs.
OWN_ROWS = {
    "rules/differential.py": """
    R("commutator", "d(commutator(A, B)) = commutator(d(A), B) + commutator(A, d(B))", "A[n,n] B[n,n]", "mn:8.1"),
""",
    "rules/adjoint.py": """
    R("commutator-left", "<G, commutator(L, B)> = <commutator(G, B'), L>", "G[n,n] L[n,n] B[n,n]", "mn:8.1"),
    R("commutator-right", "<G, commutator(A, L)> = <commutator(A', G), L>", "G[n,n] A[n,n] L[n,n]", "mn:8.1"),
""",
    "rules/vec.py": """
    R("left-map", "vec(commutator(L, B)) = (kron(B', eye(n)) - kron(eye(n), B))*vec(L)", "L[n,n] B[n,n]", "mn:8.1"),
    R("right-map", "vec(commutator(A, L)) = (kron(eye(n), A) - kron(A', eye(n)))*vec(L)", "A[n,n] L[n,n]", "mn:8.1"),
""",
}


@pytest.mark.slow
def test_a_rule_by_the_operator_itself_needs_the_rows_that_the_page_names(tree: Path) -> None:
    """Its gradient, and with its vec rows as its form with indices its Jacobian and Hessian: all checked against differences."""
    (example,) = (e for e in EXAMPLES if e.title == "An operator")
    for block in example.blocks:
        if "rules/" not in block.partition("\n")[0]:
            put_in(tree, block)
    for path, rows in OWN_ROWS.items():
        put_in(tree, f"# {path}: ROWS{rows}")
    for command in (
        'derive "tr(commutator(A, X)*B)" --wrt X --replay',
        'derive "commutator(X, X\')*b" --wrt X',
        'derive "tr(commutator(A, X)*commutator(A, X))" --wrt X --kind hessian',
    ):
        written = ran(tree, f"matcalc {command}")
        assert any(re.match(r"✓ \d+ lines checked", line) for line in written), "\n".join(written)


@pytest.mark.slow
def test_its_tests_pass_with_what_the_page_puts_in(tree: Path) -> None:
    """The operator by a rule of its own: then its case, its value in fractions, and its name among the products."""
    shutil.copytree(ROOT / "tests", tree / "tests")
    (example,) = (e for e in EXAMPLES if e.title == "An operator")
    for block in (b for b in example.blocks if "rules/" not in b.partition("\n")[0]):
        put_in(tree, block)
    for path, rows in OWN_ROWS.items():
        put_in(tree, f"# {path}: ROWS{rows}")
    groups = tree / "tests" / "expr" / "test_groups.py"
    groups.write_text(groups.read_text("utf-8").replace('"PRODUCTS": "', '"PRODUCTS": "commutator '), "utf-8")
    tests = ("system/test_facts.py", "expr/test_groups.py", "numeric/test_kernels.py", "rules", "system/test_one_place.py")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-k", "commutator or groups or case"]
    env = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run([*command, *(f"tests/{t}" for t in tests)], cwd=tree, env=env, capture_output=True, text=True)
    assert done.returncode == 0 and int(re.findall(r"(\d+) passed", done.stdout)[-1]) > 10, done.stdout


@pytest.mark.slow
def test_a_row_wherever_it_stands_in_its_table_is_called_by_its_name(tree: Path) -> None:
    path = tree / "matcalc" / "expr" / "table.py"
    row = 'Op("comm", "m(n,n) m(n,n) -> m(n,n)", words="commutator", linear="0 1"),'
    path.write_text(path.read_text("utf-8").replace("ROWS = (\n", f"ROWS = (\n    {row}\n", 1), "utf-8")
    written = ran(tree, 'matcalc derive "tr(comm(A, B))" --wrt A')
    assert "error: no differential rule for the operator 'comm' (commutator)" in written, "\n".join(written)
    hint = 'hint: add a row to rules/differential.py: R("comm", "d(comm(A, B)) = …", "A[n,n] B[n,n]", "source:place")'
    assert hint in written, "\n".join(written)
