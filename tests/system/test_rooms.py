"""The house: what each room may import, no circles, no name twice; the start is light, no text is evaluated."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from configparser import ConfigParser
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.places import ROOT, parsed

# What each room may import beside itself, imports inside functions and under TYPE_CHECKING included. The porch (the
# modules that lie flat in matcalc/) may import every room; only ui, which calls what users call, knows the porch.
ROOMS = {
    "rules": "",
    "expr": "",
    "notation": "expr",
    "numeric": "expr",
    "algebra": "rules expr notation",
    "engine": "expr notation numeric algebra",
    "check": "rules expr notation numeric algebra engine",
    "printers": "expr notation engine",
    "codegen": "expr notation numeric algebra",
    "ui": "porch expr printers algebra check",
}
PORCH = {"__init__", "__main__", "answers", "api", "cli", "deriving", "options", "results"}

# Who alone may import these, wherever in the file.
ONLY = {
    "click": {"matcalc.cli", "matcalc.ui"},
    "mpmath": {"matcalc.numeric.precise"},
    "latex2sympy2": {"matcalc.notation.foreign"},
    "matplotlib": {"matcalc.printers.pictures.plots"},
    "mcp": {"matcalc.ui.mcp_command"},
    "matcalc.rules": {
        *("matcalc.algebra.book", "matcalc.algebra.operator_rows", "matcalc.algebra.rule", "matcalc.check.rows.own_rules"),
        "matcalc.rules",
    },
    "rich": {"matcalc.cli"},
    "sympy": {"matcalc.notation.foreign"},
}
# Imported where they are used, so not at the top of a module, except in these files.
HEAVY = {
    "click",
    "dask",
    "jax",
    "latex2sympy2",
    "matplotlib",
    "mcp",
    "mpmath",
    "numpy",
    "rich",
    "scipy",
    "sklearn",
    "sympy",
    "torch",
}
HEAVY_AT_TOP = {
    ("matcalc/check/central_differences.py", "numpy"),
    ("matcalc/check/counterexamples.py", "numpy"),
    ("matcalc/check/given_arrays.py", "numpy"),
    ("matcalc/check/decades.py", "numpy"),
    ("matcalc/check/doubts.py", "numpy"),
    ("matcalc/check/lines.py", "numpy"),
    ("matcalc/check/graph_values.py", "numpy"),
    ("matcalc/check/in_print.py", "numpy"),
    ("matcalc/check/measure.py", "numpy"),
    ("matcalc/check/rays.py", "numpy"),
    ("matcalc/check/read_off.py", "numpy"),
    ("matcalc/check/output_slopes.py", "numpy"),
    ("matcalc/check/parts_alone.py", "numpy"),
    ("matcalc/check/tied.py", "numpy"),
    ("matcalc/numeric/linear.py", "numpy"),
    ("matcalc/numeric/magnitudes.py", "numpy"),
    ("matcalc/check/loops.py", "numpy"),
    ("matcalc/check/points.py", "numpy"),
    ("matcalc/check/lost.py", "numpy"),
    ("matcalc/check/own_gradients.py", "numpy"),
    ("matcalc/check/work/carried.py", "numpy"),
    ("matcalc/check/work/entry_cases.py", "numpy"),
    ("matcalc/check/work/entry_lines.py", "numpy"),
    ("matcalc/check/work/faults.py", "numpy"),
    ("matcalc/check/work/judged_code.py", "numpy"),
    ("matcalc/check/work/own_process.py", "numpy"),
    ("matcalc/check/work/process_runner.py", "numpy"),
    ("matcalc/check/work/programs.py", "numpy"),
    ("matcalc/check/work/relations.py", "numpy"),
    ("matcalc/check/work/world.py", "numpy"),
    ("matcalc/ui/check_command.py", "click"),
    ("matcalc/ui/code_command.py", "click"),
    ("matcalc/check/differences.py", "numpy"),
    ("matcalc/numeric/properties.py", "numpy"),
    ("matcalc/cli.py", "click"),
    ("matcalc/ui/arguments.py", "click"),
    ("matcalc/ui/console.py", "click"),
    ("matcalc/ui/equal_command.py", "click"),
    ("matcalc/ui/grade_command.py", "click"),
    ("matcalc/ui/gradient_command.py", "click"),
    ("matcalc/ui/functions_command.py", "click"),
    ("matcalc/ui/graph_command.py", "click"),
    ("matcalc/ui/mcp_command.py", "click"),
    ("matcalc/ui/rules_command.py", "click"),
    ("matcalc/ui/train_command.py", "click"),
    ("matcalc/ui/vectorise_command.py", "click"),
    ("matcalc/codegen/scripts/epochs.py", "numpy"),
    ("matcalc/codegen/scripts/first_check.py", "numpy"),
    ("matcalc/codegen/scripts/intake.py", "numpy"),
    ("matcalc/codegen/scripts/optimisers.py", "numpy"),
    ("matcalc/codegen/scripts/row_gradients.py", "numpy"),
    ("matcalc/codegen/scripts/schedules.py", "numpy"),
    ("matcalc/codegen/scripts/starts.py", "numpy"),
    ("matcalc/numeric/entrywise_functions.py", "numpy"),
    ("matcalc/numeric/stand_ins.py", "numpy"),
    ("matcalc/numeric/stand_in_maps.py", "numpy"),
    ("matcalc/numeric/kernels.py", "numpy"),
    ("matcalc/numeric/evaluation.py", "numpy"),
    ("matcalc/numeric/precise.py", "mpmath"),
    ("matcalc/numeric/precise.py", "numpy"),
    ("matcalc/numeric/sampling.py", "numpy"),
    ("matcalc/check/zeros.py", "numpy"),
    ("matcalc/numeric/residues.py", "numpy"),
    ("matcalc/numeric/modular.py", "numpy"),
    ("matcalc/numeric/exact.py", "numpy"),
    ("matcalc/numeric/branches.py", "numpy"),
    ("matcalc/numeric/seen.py", "numpy"),
    ("matcalc/numeric/softmaxes.py", "numpy"),
}

# What turns text into running code, and the exact places that may: source that we generated ourselves.
EVALUATORS = {"__import__", "compile", "eval", "exec", "lambdify", "parse_expr", "sympify"}
EVALUATORS_ALLOWED = {
    ("matcalc/codegen/products/runtime.py", "compile"),
    ("matcalc/codegen/products/runtime.py", "exec"),
}

# What the rows of a rule file may be: calls of these names on literals, or NAME = literal. The names may come
# from this module only, for the sake of editors; the loader does not execute the file.
ROWS = {"R"}
ROWS_FROM = "matcalc.rules.row"

SOURCES = sorted(
    path
    for folder in ("matcalc", "rules")
    for path in (ROOT / folder).rglob("*.py")
    if not path.is_relative_to(ROOT / "matcalc" / "rules")  # the link to rules/
)
ROW = ROOT / "rules" / "row.py"  # what a row is
RULES = [path for path in SOURCES if path.is_relative_to(ROOT / "rules") and path != ROW]

pytestmark = pytest.mark.source


def label(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def found_in(paths: Iterable[Path], seen: Callable[[Path], list[str]]) -> dict[str, list[str]]:
    """What ``seen`` finds, by file: one test for all files, for a test each costs more than its work."""
    assert paths
    return {label(path): found for path in paths if (found := seen(path))}


class Import(NamedTuple):
    module: str
    line: int
    at_top: bool


def package_of(path: Path) -> list[str]:
    """The package that relative imports in path start from: matcalc/notation/x.py → matcalc, notation."""
    parts = path.relative_to(ROOT).parts[:-1]
    return ["matcalc", *parts] if parts[0] == "rules" else list(parts)


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    parts = ("matcalc", *parts) if parts[0] == "rules" else parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def longest(module: str, names: dict[str, Path]) -> str:
    """The file that ``module`` is in, where it may be a name of that file."""
    while module and module not in names:
        module = module.rpartition(".")[0]
    return module


MODULES = {dotted(path): path for path in SOURCES}


def room(module: str) -> str:
    """The room of a module, by its dotted name; the porch is "porch"."""
    first = module.split(".")[1] if "." in module else "__init__"
    return first if first in ROOMS else "porch"


def imports(tree: ast.Module, package: list[str]) -> Iterator[Import]:
    """Everything the module imports, by absolute name, each imported name by itself."""
    executed_at_load = set(at_top(tree))
    for node in ast.walk(tree):
        for name in imported_names(node, package):
            yield Import(name, node.lineno, node in executed_at_load)


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    return tuple(imports(parsed(path), package_of(path)))


def imported_names(node: ast.AST, package: list[str]) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names, level=level):
            base = package[: len(package) - level + 1] if level else []
            start = ".".join(base + ([module] if module else []))
            return [f"{start}.{alias.name}" for alias in names]
        case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module"), args=[first, *_]):
            return [first.value] if isinstance(first, ast.Constant) else ["(computed)"]
    return []


def at_top(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that run when the module is loaded: not those in functions, nor under `if TYPE_CHECKING`."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING"):
            yield from (inner for other in child.orelse for inner in (other, *at_top(other)))
            continue
        yield child
        yield from at_top(child)


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def wrong_imports(found_imports: Iterable[Import], path: Path) -> list[str]:
    """The imports that no arrow between rooms allows."""
    own = room(dotted(path))
    found = []
    for module, line, _ in found_imports:
        other = room(longest(module, MODULES)) if is_within(module, "matcalc") else own
        if other != own != "porch" and other not in ROOMS[own].split():
            found.append(f"line {line}: {own} imports {module}, which is in {other}")
    return found


def evaluators(tree: ast.Module) -> list[tuple[int, str]]:
    """Mentions of an evaluator, called or not; a method such as `re.compile` is none."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in EVALUATORS:
                found.append((node.lineno, name))
            case ast.Attribute(value=ast.Name(id="builtins"), attr=name) if name in EVALUATORS:
                found.append((node.lineno, name))
            case ast.Attribute(attr="lambdify" | "parse_expr" | "sympify" as name):
                found.append((node.lineno, name))
            case ast.ImportFrom(names=names):
                found += [(node.lineno, alias.name) for alias in names if alias.name in EVALUATORS]
    return found


def is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def is_row(node: ast.stmt) -> bool:
    """A docstring, a row on literals, NAME = literal, or the import of the row's name."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name), args=args, keywords=keywords)):
            return name in ROWS and all(word.arg and is_literal(word.value) for word in keywords) and all(map(is_literal, args))
        case ast.Assign(targets=[ast.Name()], value=value) | ast.AnnAssign(target=ast.Name(), value=ast.expr() as value):
            rows = isinstance(value, ast.Tuple) and all(is_row(ast.Expr(row)) for row in value.elts)
            return is_literal(value) or rows
        case ast.ImportFrom(module=module, names=names, level=0):
            return module == "__future__" or (module == ROWS_FROM and {alias.name for alias in names} <= ROWS)
    return False


def test_rooms_import_what_the_table_allows() -> None:
    assert found_in(SOURCES, lambda path: wrong_imports(imports_of(path), path)) == {}


def test_only_the_porch_lies_flat() -> None:
    assert {path.stem for path in SOURCES if path.parent == ROOT / "matcalc"} == PORCH


def test_no_name_twice() -> None:
    """A module's name says what is in it, without its folder."""
    names = Counter([path.stem for path in SOURCES if path.stem != "__init__"])
    folders = Counter([folder.name for folder in {path.parent for path in SOURCES}])
    assert [name for name, count in (names + folders).items() if count > 1] == []


def test_every_room_says_what_lives_there() -> None:
    assert [label(p) for p in SOURCES if p.stem == "__init__" and not ast.get_docstring(parsed(p))] == []


def private_imports(found_imports: Iterable[Import]) -> list[str]:
    return [
        f"line {line}: {module}"
        for module, line, _ in found_imports
        if is_within(module, "matcalc") and module.rpartition(".")[2].startswith("_") and not module.endswith("__")
    ]


def test_what_is_private_stays_in_its_module() -> None:
    assert found_in(SOURCES, lambda path: private_imports(imports_of(path))) == {}


def stray_imports(found_imports: Iterable[Import], path: Path) -> list[str]:
    return [
        f"line {line}: {module} belongs to {ONLY[name]}"
        for module, line, _ in found_imports
        for name in ONLY
        if is_within(module, name) and not any(is_within(dotted(path), allowed) for allowed in ONLY[name])
    ]


def test_imports_reserved_for_one_module() -> None:
    assert found_in(SOURCES, lambda path: stray_imports(imports_of(path), path)) == {}


def heavy_at_top() -> set[tuple[str, str]]:
    loaded = {(label(path), one.module.split(".")[0]) for path in SOURCES for one in imports_of(path) if one.at_top}
    return {(file, module) for file, module in loaded if module in HEAVY}


def evaluating() -> set[tuple[str, str]]:
    return {(label(path), name) for path in SOURCES for _, name in evaluators(parsed(path))}


def test_heavy_imports_are_made_where_used_and_allowances_are_needed() -> None:
    assert heavy_at_top() == HEAVY_AT_TOP


@pytest.mark.slow
def test_no_evaluator_but_those_that_are_needed() -> None:
    assert evaluating() == EVALUATORS_ALLOWED


def test_the_table_of_formulas_is_literal() -> None:
    """matcalc/expr/formulas.py holds mathematics as rules/ does: its rows are read, not computed."""
    (rows,) = [
        node for node in parsed(ROOT / "matcalc" / "expr" / "formulas.py").body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "ROWS"
    ]  # fmt: skip
    assert is_row(rows)


def test_rule_files_hold_literal_rows() -> None:
    assert found_in(RULES, lambda path: [ast.unparse(node) for node in parsed(path).body if not is_row(node)]) == {}


# What a printer may know of expressions: their form, not how they are made. Formulas are made before the check.
READ_ONLY = {
    "matcalc.expr.nodes": {"Expr", "below", "has_more_nodes", "postorder", "reached", "size_text"},
    "matcalc.engine.derivation": {
        *("OF_ENTRIES", "Check", "Equation", "Formula", "Front", "Json", "Law", "Result", "Step", "Trace"),
        *("product_factors", "sum_terms", "all_factors", "blank"),
    },
}
MAKERS = {"matcalc.engine.exposition", "matcalc.engine.vecform", "matcalc.algebra"}


def formulas_made(tree: ast.Module, path: Path) -> list[str]:
    """Where a printer makes a formula: by what it imports, by a call of ``Formula``, by a change of one."""
    found = []
    for module, line, _ in imports(tree, package_of(path)):
        owner, _, name = module.rpartition(".")
        if name not in READ_ONLY.get(owner, {name}) or any(is_within(module, maker) for maker in MAKERS):
            found.append(f"line {line}: {module}")
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="Formula" | "Equation" | "Step")):
                found.append(f"line {node.lineno}: a formula")
            case ast.Call(func=ast.Attribute(attr="_replace"), keywords=words):
                found += [f"line {node.lineno}: another {w.arg}" for w in words if w.arg in ("expr", "entries", "shown", "names")]
    return found


def test_printers_make_no_formulas() -> None:
    printers = [p for p in SOURCES if p.parent.name == "printers"]
    assert found_in(printers, lambda path: formulas_made(parsed(path), path)) == {}


@pytest.mark.parametrize(
    "source",
    [
        "from matcalc.expr.nodes import make",
        "from matcalc.engine import exposition",
        "def f():\n    from matcalc.expr.nodes import transpose",
        "from matcalc.engine.vecform import vec_form",
        "x = Formula(e)",
        "x = line.rhs._replace(expr=e)",
    ],
)
def test_a_formula_made_in_a_printer_is_seen(source: str) -> None:
    assert formulas_made(ast.parse(source), ROOT / "matcalc" / "printers" / "text.py")


START = {
    "import matcalc": HEAVY,
    "import matcalc.cli": HEAVY - {"click"},
    "import matcalc; matcalc.derive('s = u^T f(W x + b)', check=False).to_text()": HEAVY,
    "import matcalc; matcalc.derive('s = u^T f(W x + b)').to_latex()": HEAVY - {"numpy"},
}


@pytest.mark.sample(3)
@pytest.mark.parametrize("statement", START)
def test_start_is_light(statement: str) -> None:
    """What is really loaded, whatever the source says."""
    code = f"import sys\n{statement}\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert START[statement] & set(done.stdout.split()) == set()


def planted(source: str, name: str = "expr/nodes.py") -> list[str]:
    path = ROOT / "matcalc" / name
    return wrong_imports(imports(ast.parse(source), package_of(path)), path)


@pytest.mark.parametrize(
    "source",
    [
        "import matcalc.engine",
        "from matcalc import engine",
        "from matcalc import derive",
        "from .. import api",
        "from ..notation.parse import parser",
        "def f():\n    from matcalc.cli import main",
        "if TYPE_CHECKING:\n    from matcalc.numeric.evaluation import bind",
        "import importlib\nimportlib.import_module('matcalc.engine.backprop')",
    ],
)
def test_an_import_that_no_arrow_allows_is_seen(source: str) -> None:
    assert planted(source)


@pytest.mark.parametrize("source", ["from matcalc.expr import dims", "from . import errors", "import re", "from .dims import Dim"])
def test_an_allowed_import_is_fine(source: str) -> None:
    assert planted(source) == []
    assert planted("from ..parse.parser import Parser\nfrom ...expr.nodes import Expr", "notation/write/render.py") == []
    assert planted("from matcalc.api import derive", "__init__.py") == []


def test_heavy_and_evaluators_are_seen() -> None:
    tree = ast.parse(
        "if TYPE_CHECKING:\n    import scipy\ntry:\n    import numpy as np\nexcept E: pass\n"
        "def f():\n    import sympy\n"
        "re.compile('x')\nfind = eval\nfrom sympy import sympify as s\nsympy.lambdify(x)\n"
    )
    assert {one.module for one in imports(tree, ["matcalc"]) if one.at_top} == {"numpy", "sympy.sympify"}
    assert sorted(name for _, name in evaluators(tree)) == ["eval", "lambdify", "sympify"]


@pytest.mark.parametrize(
    "source, fine",
    [
        ('R("a", "A\'\' = A", "A[m,n]", "cookbook:4", enabled=False, scale=-1.0)', True),
        ('SOURCES = {"cookbook": ("The Matrix Cookbook", 2012)}', True),
        ("from matcalc.rules.row import R", True),
        ('R("a", f"{b}")', False),
        ('R("a", *rows)', False),
        ('R("a", **rows)', False),
        ('S("a")', False),
        ("import os", False),
        ("for x in y: R(x)", False),
        ("x = open('y')", False),
    ],
)
def test_rows(source: str, fine: bool) -> None:
    (statement,) = ast.parse(source).body
    assert is_row(statement) is fine


def import_graph() -> dict[str, set[str]]:
    """Who imports whom, file by file, whether at load, inside a function or for types only."""
    graph: dict[str, set[str]] = {}
    for name, path in MODULES.items():
        wanted = {one.module for one in imports_of(path)}
        graph[name] = {found for module in wanted if (found := longest(module, MODULES)) and found != name}
    return graph


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; none where there is no circle."""
    left = {name: set(targets) for name, targets in graph.items()}
    while free := [name for name, targets in left.items() if not targets & left.keys()]:
        for name in free:
            del left[name]
    path = sorted(left)[:1]
    while path and path.count(path[-1]) == 1:
        path.append(min(left[path[-1]] & left.keys()))
    return path[path.index(path[-1]) :] if path else []


def test_no_circles() -> None:
    assert circle(import_graph()) == []


def test_a_circle_is_seen() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set()}) == ["b", "c", "b"]
    graph = import_graph()
    low, high = "matcalc.expr.errors", "matcalc.api"
    assert circle({**graph, low: graph[low] | {high}})


def test_every_package_ships() -> None:
    config = ConfigParser()
    config.read(ROOT / "setup.cfg", "utf-8")
    listed = set(config["options"]["packages"].split())
    assert listed == {dotted(path) for path in SOURCES if path.name == "__init__.py"}


def picture() -> str:
    """The rooms as a Mermaid graph, an arrow for each import that is allowed and does not follow from others."""
    table = {"porch": set(ROOMS) - {"ui"}} | {name: set(allowed.split()) for name, allowed in ROOMS.items()}

    def reached(name: str) -> set[str]:
        return table[name].union(*map(reached, table[name]))

    lines = [f"    {name} --> {o}" for name in table for o in sorted(table[name] - set().union(*map(reached, table[name])))]
    return "\n".join(["```mermaid", "graph TD", *lines, "```"])


def test_the_picture_is_that_of_the_table() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    _, _, rest = text.partition("<!-- rooms -->\n")
    shown, _, _ = rest.partition("<!-- /rooms -->")
    assert shown.strip() == picture()


@pytest.mark.parametrize("page, least", [("architecture.md", 20), ("decisions.md", 5)])
def test_the_page_names_functions_that_exist(page: str, least: int) -> None:
    """Every dotted name on the page is a module, or a name in one."""
    rooms = "|".join([*ROOMS, *PORCH, "training"])
    named = re.findall(rf"`((?:{rooms})(?:\.(?!py`)\w+)+)`", (ROOT / "docs" / page).read_text("utf-8"))
    assert len(named) > least
    assert [name for name in named if not exists(f"matcalc.{name}")] == []


def exists(name: str) -> bool:
    owner, _, last = name.rpartition(".")
    if name in MODULES or (ROOT / name.replace(".", "/")).is_dir():
        return True
    return owner in MODULES and last in {n.name for n in ast.walk(parsed(MODULES[owner])) if isinstance(n, DEFINED)} | {
        t.id for n in parsed(MODULES[owner]).body if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)
    }


DEFINED = (ast.FunctionDef, ast.ClassDef)
