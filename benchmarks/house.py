"""The figures of the house: circles, arrows, names, twins, places to touch, formulas and lists in code, lines by room.

``python benchmarks/house.py [--since REVISION]``. Tests in ``tests/system`` keep all but the lines where they are, and count
by the same functions. Lines are counted three ways: all, without blank ones, and of code (no comments, no docstrings); with a
revision, of that one too.
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.places import parsed  # noqa: E402
from tests.system import test_formulas_in_code as formulas  # noqa: E402
from tests.system import test_one_place, test_rooms, test_twins, test_types  # noqa: E402
from tests.system.test_worked_examples import EXAMPLES  # noqa: E402

LAYOUT = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}


def figures() -> dict[str, int]:
    """The figures by name. All but the flat modules, the files to touch and what is agreed upon are to be 0."""
    sources = test_rooms.SOURCES
    names = Counter([p.stem for p in sources if p.stem != "__init__"])
    untyped = {p.relative_to(test_types.PACKAGE).as_posix(): set(test_types.untyped(parsed(p))) for p in test_types.SOURCES}
    built = {f"{p.relative_to(formulas.ROOT).as_posix()} {f}" for p in judged() for f in formulas.formulas(parsed(p))}
    lists = {name: len(each) for name, each in test_one_place.found().items()}
    touched = {e.title: len(e.files) for e in EXAMPLES}
    return {
        "modules that import each other in a circle": len(set(test_rooms.circle(test_rooms.import_graph()))),
        "imports that no arrow allows": sum(len(test_rooms.wrong_imports(test_rooms.imports_of(p), p)) for p in sources),
        "private names of other modules": sum(len(test_rooms.private_imports(test_rooms.imports_of(p))) for p in sources),
        "names used twice": sum(count > 1 for count in names.values()),
        "flat modules besides __init__ and __main__": len(test_rooms.PORCH - {"__init__", "__main__"}),
        "modules without a twin test": sum(
            not test_twins.twin_of(m).exists() and not test_twins.has_only_fields(m) for m in test_twins.MODULES
        ),
        "files to touch for an operator": touched["An operator"],
        "files to touch for a code target": touched["A code target"],
        "formulas in code that are not agreed upon": len(built - formulas.ALLOWED.keys()),
        "formulas in code that are": len(built & formulas.ALLOWED.keys()),
        "lists of operators that are not agreed upon": sum(
            max(0, n - test_one_place.STATED.get(f, (0, ""))[0]) for f, n in lists.items()
        ),
        "lists of operators that are": sum(count for count, _ in test_one_place.STATED.values()),
        "signatures with Any": sum(map(len, untyped.values())),
    }


def judged() -> Iterator[Path]:
    """The files in which no formula is to be built."""
    for path in sorted(formulas.ROOT.rglob("*.py")):
        if not path.relative_to(formulas.ROOT).as_posix().startswith(("rules/", *formulas.REFEREES)):
            yield path


def counts(text: str) -> Counter[str]:
    """Lines of a source: all, without blank ones, and of code."""
    code: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in LAYOUT:
            code.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node) is not None:
            code.difference_update(range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1))
    lines = text.splitlines()
    return Counter(files=1, lines=len(lines), filled=sum(map(bool, map(str.strip, lines))), code=len(code))


def by_room(revision: str | None) -> dict[str, Counter[str]]:
    """The lines by room, of the working tree or of a revision."""
    if revision is None:
        texts = {p.relative_to(ROOT).as_posix(): p.read_text("utf-8") for p in test_rooms.SOURCES}
    else:
        listed = git("ls-tree", "-r", "--name-only", revision, "matcalc", "rules").split("\n")
        texts = {name: git("show", f"{revision}:{name}") for name in listed if name.endswith(".py")}
    found: dict[str, Counter[str]] = {}
    for name, text in texts.items():
        first, *inside = name.split("/")
        room = inside[0] if first == "matcalc" and len(inside) > 1 else "porch" if first == "matcalc" else first
        for key in (room, "all"):
            found.setdefault(key, Counter()).update(counts(text))
    return found


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True).stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--since", metavar="REVISION", help="lines of that revision too")
    since = parser.parse_args().since
    for name, value in figures().items():
        print(f"{value:6}  {name}")
    for revision in [since, None] if since else [None]:
        print(f"\n{revision or 'the working tree':<17} files  lines  without blanks   code")
        for room, count in sorted(by_room(revision).items(), key=lambda each: each[1]["lines"]):
            print(f"  {room:<15} {count['files']:5} {count['lines']:6} {count['filled']:15} {count['code']:6}")


if __name__ == "__main__":
    main()
