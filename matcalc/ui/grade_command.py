"""``matcalc grade``: many people's work on one problem, as a table; nothing of it is run."""

from __future__ import annotations

import csv
import html
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from matcalc.expr.errors import MatcalcError, visible
from matcalc.ui.arguments import ExpressionCommand, about_expressions, chosen, expression_arguments, pairs, read_file, several
from matcalc.ui.console import CONTEXT, refuse, save, say, warn

if TYPE_CHECKING:
    from matcalc.results import Derivation

EXAMPLES = """
Examples:

\b
  matcalc grade homework/ --key "norm2(A*x - b)^2" --wrt x
  matcalc grade homework/ --key problem.txt --wrt W --format html > table.html
"""
FORMS = ("csv", "html")
ENDINGS = (".tex", ".md", ".txt", ".py")
COLUMNS = ("file", "verdict", "line", "what", "right", "wrong", "carried on", "not understood")


class Graded(NamedTuple):
    """One file: the verdict, the first wrong line, what is wrong there, and how many lines stand how."""

    file: str
    verdict: str
    line: str
    what: str
    right: int = 0
    wrong: int = 0
    carried: int = 0
    unread: int = 0


@click.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES, short_help="Check many people's work.")
@click.argument("folder", metavar="DIR")
@click.option("--key", metavar="KEY", help="The problem: an expression, or a file that holds it.")
@click.option("--wrt", metavar="NAME", help="The variable of the derivative.")
@several("--name", metavar="NAME=EXPR", help="What a name of the works stands for.")
@click.option("--kind", metavar="KIND", help="gradient, jacobian or hessian.")
@about_expressions
@click.option("--output", metavar="NAME", help="The defined name that is differentiated.")
@chosen("--format", "form", choices=FORMS, default="csv", help="Default: csv.")
@several("-o", "outputs", metavar="FILE", help=f"Write here: {' '.join(f'.{form}' for form in FORMS)}")
def grade(folder: str, key: str | None, form: str, outputs: tuple[str, ...], **options: Any) -> int:
    """A table of the works in DIR (.tex .md .txt, and .py, whose functions are walked as trees): nothing of them is run."""
    for path in outputs:
        if Path(path).suffix.lower().lstrip(".") not in FORMS:
            refuse(f"{path} is to end in {' or '.join(f'.{form}' for form in FORMS)}")
    if key is None:
        refuse("name the problem: --key EXPR or --key FILE")
    if not Path(folder).is_dir():
        refuse(f"there is no folder {folder}")
    from matcalc import api

    text = read_file(key) if Path(key).is_file() else key
    wrt = "all" if options["wrt"] is None else options["wrt"]
    d = api.derive(text, wrt, kind=options["kind"], **expression_arguments(options))
    if len(d.results) > 1:
        refuse(f"the key has several derivatives: --wrt {' or --wrt '.join(r.wrt for r in d.results)}")
    names = pairs(options["name"], "--name", "A*x - b")
    rows = [graded(d, path, names) for path in works(Path(folder))]
    if not rows:
        refuse(f"there is no work in {folder}: files end in {' '.join(ENDINGS)}")
    for path in outputs:
        save(path, written(rows, Path(path).suffix.lower().lstrip(".")))
        warn("note", f"wrote {path}", "auto")
    if not outputs:
        say(written(rows, form))
    return 0


def written(rows: list[Graded], form: str) -> str:
    return as_csv(rows) if form == "csv" else as_html(rows)


def works(folder: Path) -> Iterator[Path]:
    """The files, by name; links are passed over."""
    for path in sorted(folder.iterdir()):
        if path.suffix in ENDINGS and path.is_file() and not path.is_symlink():
            yield path


def graded(d: Derivation, path: Path, names: dict[str, str]) -> Graded:
    """A file that cannot be read is a row as well."""
    from matcalc.printers import checked_work

    try:
        report = d.check_work(path.read_text("utf-8-sig"), names)
    except (OSError, UnicodeDecodeError):
        return Graded(path.name, "not-understood", "", "the file is not UTF-8 text")
    except MatcalcError as error:
        return Graded(path.name, "not-understood", "", error.message)
    wrong = checked_work.first(report)
    place = "" if wrong is None else str(checked_work.number(report, wrong))
    marks = Counter(checked_work.mark(x).text for x in report.lines)
    return Graded(path.name, report.verdict, place, report.relation, marks["✓"], marks["✗"], marks["↪"], marks["?"])


def as_csv(rows: list[Graded]) -> str:
    """With nothing that a spreadsheet would take for a formula."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    for row in rows:
        table.writerow([_plain(cell) for cell in row])
    return out.getvalue().rstrip("\n")


def _plain(cell: object) -> object:
    text = visible(str(cell))
    return "'" + text if isinstance(cell, str) and text[:1] in "=+-@\t" and text else text


def as_html(rows: list[Graded]) -> str:
    from matcalc.printers import checked_work

    head = "".join(f"<th>{html.escape(name)}</th>" for name in COLUMNS)
    body = "\n".join(f'<tr class="{_class(row)}">{"".join(map(_cell, row))}</tr>' for row in rows)
    top = f'<meta charset="utf-8"><title>matcalc grade</title><style>{checked_work.STYLE}</style>'
    return f'<!DOCTYPE html>\n<html lang="en"><head>{top}</head><body><table>\n<tr>{head}</tr>\n{body}\n</table></body></html>'


def _cell(cell: object) -> str:
    return f"<td>{html.escape(visible(str(cell)))}</td>"


def _class(row: Graded) -> str:
    return {"right": "", "layout": "carried", "not-understood": "dark"}.get(row.verdict, "wrong")
