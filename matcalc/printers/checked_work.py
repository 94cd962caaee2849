"""What is said of somebody's work: as text, LaTeX, Markdown and HTML, the lines as they were written with a mark beside each."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from matcalc.expr.errors import caret, visible
from matcalc.printers import markdown, words
from matcalc.printers.example import Differing, where
from matcalc.printers.prose import prose

LONG = 400  # characters of a line that are shown
TITLES = {
    "right": "right",
    "layout": "equal up to layout",
    "factor": "a factor is off",
    "sign": "a sign is off",
    "transpose": "a transpose is misplaced",
    "missing-factor": "a factor is missing",
    "missing-term": "a term is missing",
    "wrong-order": "factors stand in the wrong order",
    "elementwise-for-matrix": "a product entry by entry and a matrix product are confused",
    "needs-assumption": "right only under an assumption",
    "missing-sum": "a sum is missing",
    "wrong-axis": "a sum runs over the wrong axis",
    "wrong-other": "not equal",
    "not-understood": "not understood",
}


class Finding(Protocol):
    """What was found of one equality."""

    @property
    def verdict(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def correct(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def carried(self) -> int | None: ...
    @property
    def against(self) -> int | None: ...
    @property
    def ours(self) -> tuple[int, ...]: ...


class Judged(Protocol):
    """One equality of the work."""

    @property
    def line(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def left(self) -> str: ...
    @property
    def span(self) -> tuple[int, int]: ...
    @property
    def finding(self) -> Finding: ...


class Report(Protocol):
    """What is said of a piece of work."""

    @property
    def verdict(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def first_wrong(self) -> int | None: ...
    @property
    def correct(self) -> str: ...
    @property
    def lines(self) -> Sequence[Judged]: ...
    @property
    def work(self) -> str: ...
    @property
    def groups(self) -> Mapping[str, str]: ...
    @property
    def ours(self) -> tuple[str, ...]: ...
    @property
    def example(self) -> Differing | None: ...


class Mark(NamedTuple):
    """A sign in the margin: as text, in LaTeX, and what it means."""

    text: str
    latex: str
    means: str


FOLLOWS = Mark("✓", r"\surd", "follows")
ALONE = Mark("✓", r"\surd", "true, but does not follow")
TURNED = Mark("✓", r"\surd", "equal up to layout")
DEFINED = Mark(" ", "", "a definition")
DARK = Mark("?", "?", "not understood")
CARRIED = Mark("↪", r"\hookrightarrow", "follows from a wrong line")
WRONG = Mark("✗", r"\times", "wrong")


def mark(line: Judged) -> Mark:
    """How an equality stands to what is before it."""
    found = line.finding
    if found.carried is not None:
        return CARRIED
    if found.verdict in ("right", "layout"):
        return ALONE if found.against is not None else FOLLOWS if found.verdict == "right" else TURNED
    return {"definition": DEFINED, "not-understood": DARK}.get(found.verdict, WRONG)


def said(line: Judged) -> str:
    """The remark beside an equality; none where all is well."""
    found = line.finding
    if found.against is not None and found.verdict in ("right", "layout"):
        return f"true, but it does not follow from line {found.against}, which is wrong"
    return "" if found.verdict == "right" and found.relation == "equal" else found.relation


def title(report: Report) -> str:
    head = TITLES[report.verdict]
    aside = "" if report.relation == "equal" else report.relation.removeprefix("equal: ").removeprefix(head).removeprefix(": ")
    return f"{head}: {aside}" if aside else head


def number(report: Report, line: Judged) -> int:
    """The line of the file in which an equality stands."""
    return report.work.count("\n", 0, line.span[0]) + 1 if report.work else line.line + 1


def first(report: Report) -> Judged | None:
    """The first wrong equality of a derivation."""
    return next((x for x in report.lines if x.line == report.first_wrong and x.finding.verdict == report.verdict), None)


def facts(report: Report) -> Iterator[tuple[str, str]]:
    """What should stand in the first wrong place, the rule that gives it, and the whole derivative."""
    wrong = first(report)
    if wrong is not None and wrong.finding.correct:
        left = f"{wrong.left} = " if wrong.left and "\\" not in wrong.left else ""
        yield "correct", left + wrong.finding.correct
    if wrong is not None and wrong.finding.rule:
        group = report.groups.get(wrong.finding.rule)
        yield "rule", wrong.finding.rule + (f" ({words.page(group, wrong.finding.rule)})" if group else "")
    if report.verdict != "right":
        yield "the derivative is", report.correct
    if report.example is not None:
        yield from where(report.example, ("the answer", "the derivative"))


def jumps(report: Report) -> Iterator[tuple[str, ...]]:
    """For each equality, the lines of the derivation from where the one before it stands: what a step leaves out."""
    last = -1
    for x in report.lines:
        to = max(x.finding.ours, default=-1)
        yield report.ours[last + 1 : to + 1]
        last = max(last, to)


def to_text(report: Report, explain: bool = False) -> str:
    """In words: the verdict, the first wrong place, and every line with its mark; to ``explain``, our lines below each."""
    rows = [visible(title(report))]
    wrong = first(report)
    if wrong is not None:
        rows += [f"line {number(report, wrong)}:", caret(report.work, wrong.span) if report.work else f"  {visible(wrong.text)}"]
    rows += [f"  {label}: {text}" if wrong is not None and " " not in label else f"{label} {text}" for label, text in facts(report)]
    if len(report.lines) > 1 or explain:
        rows.append("")
        for x, ours in zip(report.lines, jumps(report), strict=True):
            rows.append(f"{mark(x).text} {number(report, x):>3}  {_whole(x)}{_aside(x)}")
            rows += [f"        {text}" for text in ours if explain]
    return "\n".join(rows)


def _whole(line: Judged) -> str:
    """The equality in one row; of a very long one, the beginning."""
    text = " ".join((f"{line.left} = {line.text}" if line.left else line.text).split())
    return visible(text if len(text) <= LONG else text[:LONG] + " …")


def _aside(line: Judged) -> str:
    return f"   ({visible(said(line))})" if said(line) else ""


def to_markdown(report: Report) -> str:
    """A table of the lines below the verdict."""
    rows = [f"**{markdown.escape(title(report))}**", ""]
    rows += [f"* {label}: {_code(text)}" for label, text in facts(report)]
    rows += ["", "| | line | | |", "|---|---|---|---|"] if report.lines else []
    for x in report.lines:
        cells = (mark(x).text, str(number(report, x)), _code(_whole(x)).replace("|", "\\|"), markdown.escape(said(x)))
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _code(text: str) -> str:
    text = visible(text)
    ticks = "`" * (max(map(len, re.findall("`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


STYLE = """body{font:16px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}
table{border-collapse:collapse}td{padding:.2em .6em;vertical-align:top}td:first-child{font-weight:bold}
.wrong td{background:#fde8e8}.carried td{background:#fff4d6}.dark td{background:#eee}code{white-space:pre-wrap}
@media(prefers-color-scheme:dark){body{background:#161616;color:#ddd}.wrong td{background:#4a1f1f}.carried td{background:#463a14}
.dark td{background:#333}}"""
_CLASS = {WRONG: "wrong", CARRIED: "carried", DARK: "dark"}


def to_html(report: Report) -> str:
    """A page of its own, without a script."""
    rows = [f"<h1>{_shown(TITLES[report.verdict])}</h1>", f"<p>{_shown(title(report))}</p>", "<dl>"]
    rows += [f"<dt>{_shown(label)}</dt><dd><code>{_shown(text)}</code></dd>" for label, text in facts(report)]
    rows += ["</dl>", "<table>"]
    for x in report.lines:
        sign, kind = mark(x), _CLASS.get(mark(x), "")
        head = f'<tr class="{kind}"><td title="{sign.means}">{sign.text}</td><td>{number(report, x)}</td>'
        rows.append(f"{head}<td><code>{_shown(_whole(x))}</code></td><td>{_shown(said(x))}</td></tr>")
    top = f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>matcalc check</title><style>{STYLE}</style></head>'
    return "\n".join([f"{top}<body>", *rows, "</table></body></html>"]) + "\n"


def _shown(text: str) -> str:
    return html.escape(visible(text), quote=True)


# Macros that a formula has no use for, and that reach beyond it.
_ACTIVE = re.compile(
    r"\\(?:input|include|write|openin|openout|read|catcode|csname|let|x?e?g?def|newcommand|immediate|special|href|url|(?:begin|end)(?!\{[bpvBV]?matrix\}))"
)
PREAMBLE = "\\documentclass{article}\n\\usepackage[margin=25mm]{geometry}\n\\usepackage{amsmath,amssymb}\n\\begin{document}\n"


def to_latex(report: Report, document: bool = False) -> str:
    """A copy of the lines with marks in the margin and remarks below; lines that were not understood stand as they were typed."""
    latex = bool(re.search(r"\\[A-Za-z]|[\^_]\{", report.work))
    body = [rf"\noindent\textbf{{{prose(title(report))}}}\par\medskip"]
    body += [rf"\noindent {prose(label)}: {_typed(text)}\par" for label, text in facts(report)]
    body.append(r"\medskip")
    write: Callable[[Judged], str] = _set if latex else lambda x: _typed(_whole(x))
    for x in report.lines:
        margin = rf"\llap{{\({mark(x).latex}\)\quad}}" if mark(x).latex else ""
        body.append(rf"\noindent{margin}{write(x)}\par")
        body += [rf"{{\small\itshape {prose(said(x))}\par}}"] if said(x) else []
    text = "\n".join(body) + "\n"
    return f"{PREAMBLE}{text}\\end{{document}}\n" if document else text


def _set(line: Judged) -> str:
    whole = _whole(line)
    return (
        _typed(whole)
        if mark(line) is DARK or whole.endswith("…") or _ACTIVE.search(whole) or "%" in whole
        else rf"\(\displaystyle {whole}\)"
    )


def _typed(text: str) -> str:
    return rf"\texttt{{{prose(text)}}}"
