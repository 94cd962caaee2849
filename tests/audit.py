"""Every printed equation read back and evaluated, on both sides: ``python -m tests.audit [--jobs N] [--slice K/N]``.

The derivations of the public corpus and of ``cases_own.jsonl``, by style, layout and detail, as text, LaTeX, Markdown, HTML, Typst,
JSON and docstrings. Left sides ∂a/∂b are found by differences of the definitions that are printed, and of the input: not by the
check.
"""

from __future__ import annotations

import argparse
import ast
import collections
import functools
import html
import importlib.util
import json
import multiprocessing
import re
import sys
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

import matcalc
from matcalc.notation.write.render import LATEX, TEXT
from matcalc.printers.setting import write
from matcalc.printers.story import tell
from matcalc.printers.typst import formula as in_typst_notation
from tests.audit_reader import N, Reader, Unreadable, closing
from tests.mathml_reader import formulas, said, says
from tests.places import CORPUS, ROOT
from tests.system.test_cases_own import values_of
from tests.typst_reader import said as said_in_typst

STYLES = ("backprop", "differential", "elementwise")
DETAILS = ("brief", "normal", "full")
STENCIL = ((1, 4 / 5), (2, -1 / 5), (3, 4 / 105), (4, -1 / 280))
STEP = 4e-4
CLOSE = 1e-5
FUNCTIONS = {
    name: (lambda x, p=p: np.sin(x + p), lambda x, p=p: np.cos(x + p), lambda x, p=p: -np.sin(x + p), lambda x, p=p: -np.cos(x + p))
    for p, name in enumerate("fghφψσ")
}
# What cannot be read back, and why that is no fault.
LISTED = {
    "sum": "the sum of the input as it was typed; the check follows it term by term in loops",
    "own": "a definition that the input gives",
    "implicit": "an equation between differentials, such as X dY = -dX Y: the next line solves it; the check moves its operands",
    "composite": "an index that runs over a part of a stacked axis: how far does not follow from the formula alone",
}


class Printed(NamedTuple):
    """One printed line: its members, its sizes, and whether it is LaTeX."""

    members: tuple[str, ...]
    sizes: str
    latex: bool
    where: str
    section: str = ""


class Finding(NamedTuple):
    verdict: str  # true, false, unread, or a listed kind
    line: Printed
    why: str = ""


# ---------------------------------------------------------------- what is printed


def members(text: str) -> tuple[str, ...]:
    """``a = b = c``; the sign in [k = i] does not count."""
    out, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if depth == 0 and text.startswith(" = ", i):
            out.append(text[start:i].strip())
            start = i + 3
    return (*out, text[start:].strip())


def in_text(text: str, where: str = "text") -> Iterator[Printed]:
    section = left = ""
    for line in text.splitlines():
        if line and line[0] not in " ┃":
            section = line.strip()
        elif re.match(r"\s{3,}= ", line):  # what the line before is equal to
            cells = re.split(r"\s{2,}", line.strip())
            sizes = next((c for c in cells[1:] if re.match(r"\[[^=\]]*×[^\]]*\]", c)), "")
            yield Printed((left, *members(cells[0].removeprefix("= "))), sizes.partition(" = ")[0], False, where, section)
        elif line.startswith("      (") or (line.startswith("      ") and " = " in line):
            yield from in_note(line.strip(), where)
        elif (
            (line.startswith(("┃ ", "  ")))
            and " = " in line
            and section in ("Forward", "Rewritten", "Unfolded", "Backward", "Derivation", "Result", "Results")
        ):
            cells = re.split(r"\s{2,}", line[1:].strip())
            sizes = next((c for c in cells[1:] if re.match(r"\[[^=\]]*×[^\]]*\]", c)), "")
            left = members(cells[0])[0]
            yield Printed(members(cells[0]), sizes.partition(" = ")[0], False, where, section)


def in_note(text: str, where: str) -> Iterator[Printed]:
    bare = text.rstrip(".")
    bare = bare[1:-1] if bare.startswith("(") and bare.endswith(")") else bare
    for pattern in (
        r"and (∂[^;]+ = [^;]+); so (∂[^,]+ = .+?), and the",
        r"^([Dd][^ ]* = .+?) means ([^ ]+ = .+?)$",
        r"\(Frobenius\)(?:, in this layout,)? is (G = .+?)$",
    ):
        for m in re.finditer(pattern, bare):
            for part in m.groups()[::-1] if "means" in pattern else m.groups():
                yield Printed(members(part), "", False, where + " note", "note")


def in_html(text: str) -> Iterator[Printed]:
    """The LaTeX of each line, which its MathML says too; where it does not, that is what is printed. The remarks are those of the
    LaTeX output."""
    section = ""
    for part in re.split(r"(<h2>.*?</h2>|<li.*?</li>)", text.partition('<section class="rules">')[0], flags=re.S):
        if part.startswith("<h2>"):
            section = part[4:-5]
        elif part.startswith("<li"):
            summary = part.partition("</summary>")[0]
            shown = "".join(map(said, formulas("".join(re.findall(r'class="member">(.*?)</span>', summary, re.S)))))
            size = html.unescape(re.sub("<[^>]*>", "", (re.search(r'class="size">(.*?\])</span>', summary, re.S) or ["", ""])[1]))
            latex = html.unescape(re.search(r"LaTeX: <code>(.*?)</code>", part, re.S)[1])  # type: ignore[index]
            whole = members(latex)
            on = re.match(r'<li class="(?:apart )?on"', part) is not None  # without the left side of the line before
            same = shown == says(" = ".join(("", *whole[1:]) if on else whole))
            yield Printed(whole if same else ("≠", shown), size.partition(" = ")[0], True, "html", section)


def in_typst(d: Any, detail: str) -> Iterator[Finding]:
    """Every formula says in Typst what it says in LaTeX, which is read elsewhere."""
    for line in tell(d, detail).lines:
        shown = tuple(map(write, line.chain))
        same = all(said_in_typst(in_typst_notation(one)) == says(one) for one in shown)
        yield Finding("true" if same else "false", Printed(shown, "", True, "typst"))


def from_markdown(text: str) -> str:
    """Formulas with the signs that Markdown would take."""
    for shown, sign in ((r"\underline{\enspace}", r"\_"), (r"\thinspace ", r"\, "), (r"\cr ", r"\\ "), ("∗", "*"), (" _", "_")):
        text = text.replace(shown, sign)
    return re.sub(
        r"\\([lr])brace ", lambda m: r"\{" if m[1] == "l" else r"\}", re.sub(r"\\([lg])t ", lambda m: "<>"[m[1] == "g"], text)
    )


def in_latex(text: str, where: str) -> Iterator[Printed]:
    section = ""
    heads = r"\\paragraph\{(\w+)\.\}|\*\*(\w+)\.\*\*"
    blocks = r"\\begin\{(?:alignat\*|aligned)\}(?:\{3\})?\n?(.*?)\\end\{(?:alignat\*|aligned)\}"
    for m in re.finditer(f"{heads}|{blocks}", text, re.S):
        if m[3] is None:
            section = m[1] or m[2]
            continue
        joined: list[list[str]] = []
        for row in re.split(r" \\\\\*?(?:\[\dpt\])?\n", m[3].strip()):
            left, _, rest = row.partition(" &")
            if begins := re.match(r" *&(?!=|\\quad|\\qquad| |\{)(.*)", row):  # a long left side has a row of its own
                left, rest = begins[1], ""
            if left.strip():
                joined.append([left.strip(), rest])
            elif joined:
                joined[-1].append(rest)
        for rows in joined:
            formula, sizes = rows[0], ""
            cells = [re.split(r" &\\quad&", rest) for rest in rows[1:]]
            of_remark = [
                bool(re.match(r"\\q?quad (?![=+\-{\[]|\\cdot|\\odot|\\oslash|\\scriptstyle)", c[0].strip())) for c in cells
            ]
            for i, (cell, *beside) in enumerate(cells):
                body = re.sub(r"^\\q?quad\s*", "", cell.strip()).replace(r"\tfrac", r"\frac").removesuffix(r"\text{.}")
                if of_remark[i]:  # what takes several rows the text form has in one
                    alone = of_remark[max(i - 1, 0) : i + 2].count(True) == 1
                    parts = body.split(r"\text{ means }")[::-1] if alone and (r"\text" not in body or "means" in body) else []
                    yield from (Printed(members(part), "", True, where + " note", "note") for part in parts if " = " in part)
                    continue
                body, below = re.fullmatch(r"(.*?)((?:(?:^|\\q?quad )(?:\\scriptstyle )?\[[^\]]*\\times .*)?)", body).groups()  # type: ignore[union-attr]
                under = re.sub(r"^\\q?quad |\\scriptstyle ", "", below).partition(r" \quad")[0]  # where there was no room beside
                sizes = sizes or next((c for c in beside if c.strip().startswith("[")), "") or under
                formula += " " + re.split(r"(?:^|\\q?quad |\()\\text", body)[0]
            formula = re.sub(r"\s+", " ", formula.replace("{} ", "")).strip()
            size = sizes.partition(" = ")[0].strip().replace(r" \times ", "×")
            yield Printed(members(formula.removeprefix("= ")), size, True, where, section)


# ---------------------------------------------------------------- what is true


class Truth:
    """Arrays for the input, and derivatives by differences of the definitions in print."""

    def __init__(
        self,
        d: Any,
        given: dict[str, Any] | None = None,
        sizes: dict[str, int] | None = None,
        functions: Any = FUNCTIONS,
        step: float = STEP,
    ) -> None:
        self.d, self.step = d, step
        rng = np.random.default_rng(3)
        names = sorted({a for s in d.dims.values() for x in s for a in re.findall(r"[A-Za-z_]\w*", str(x))})
        self.sizes = {n: k for n, k in zip(names, (3, 4, 5, 2, 6, 7, 8, 9, 10, 11), strict=False)} | (sizes or {})
        self.output = d.problem.output_name or d.trace.waypoints[-1][0]
        self.layout, self.kind = d.layout, d.kind
        shapes = {n: tuple(s) for n, s in d.dims.items()}
        self.reader = Reader(shapes, self.sizes, {n: functions[n] for n in d.problem.functions if n in functions})
        self.base: dict[str, Any] = {}
        for n, s in shapes.items():
            size = tuple(self.reader.size(x) for x in s)
            self.base[n] = drawn(rng, size, d.assume.get(n, frozenset())) if given is None or n not in given else given[n]
        self.shapes = shapes
        self.defs: dict[str, tuple[str, str, tuple[Any, ...]]] = {}  # name -> formula, kind, shape
        self.wrt = [text_name(n) for n in d.wrt]
        self.cache: dict[Any, Any] = {}  # what was found by differences of the definitions as they are
        self.reader.derivative = self.derivative
        self.reader.owner = self
        self.reader.letter_sizes, self.reader.row_names = {}, set()
        self.reader.printed = {text_name(n) for n in self.base}
        self.reader.tensors = {}
        self.here = self.values({})
        self.moves = {n: rng.standard_normal(np.shape(self.base[self.ascii(n)])) for n in self.wrt}

    def ascii(self, name: str) -> str:
        return ascii_name(name)

    def values(self, moved: dict[str, Any]) -> dict[str, Any]:
        """Public arrays of the input and of all definitions, some of them moved and what follows from them."""
        arrays = {**self.base, **{ascii_name(k): v for k, v in moved.items() if k not in self.defs}}
        self.reader.arrays = arrays
        for name, (formula, kind, shape) in self.defs.items():
            value = moved[name] if name in moved else public(self.reader.value(formula, kind, shape), kind)
            arrays[ascii_name(name)] = value
        return arrays

    def define(self, name: str, formula: str, sizes: str) -> None:
        shape, kind = self.shape_of(sizes)
        self.reader.arrays = self.here
        self.defs[name] = formula, kind, shape
        if kind == "r":
            self.reader.row_names.add(name)
        self.reader.dims[ascii_name(name)] = shape
        self.reader.printed.add(name)
        self.cache.clear()
        self.here = self.values({})
        self.reader.arrays = self.here

    def shape_of(self, sizes: str) -> tuple[tuple[Any, ...], str]:
        """``[n×1]``"""
        if not sizes:
            return (), ""
        parts = sizes.strip("[]").split("×")
        parts = [re.sub(r"(?<=\w) (?=\w)", "*", p.replace("·", "*").replace("\\", "")) for p in parts]
        dims = tuple(int(p) if p.isdigit() else p for p in parts)
        if len(dims) != 2:
            return dims, "t"
        if dims == (1, 1):
            return (), "s"
        if dims[1] == 1:
            return dims[:1], "c"
        return (dims[1:], "r") if dims[0] == 1 else (dims, "m")

    def get(self, name: str, moved: dict[str, Any]) -> Any:
        try:
            out = self.values(moved)[ascii_name(name)]
        finally:
            self.reader.arrays = self.here
        return np.asarray(out, float)

    def slope(self, a: str, move: dict[str, Any]) -> Any:
        """d a along moves of several names."""
        key = "slope", a, tuple((n, np.asarray(v).tobytes()) for n, v in move.items())
        if key not in self.cache:
            total: Any = 0.0
            for k, c in STENCIL:
                up, down = ({n: self.here[ascii_name(n)] + s * k * self.step * v for n, v in move.items()} for s in (1, -1))
                total = total + c * (self.get(a, up) - self.get(a, down))
            self.cache[key] = total / self.step
        return self.cache[key]

    def local(self, a: str, b: str) -> Any:
        """∂a/∂b, axes of a then of b: total for the output, of the definition alone for a neighbour."""
        key = "local", a, b
        if key not in self.cache:
            here = np.asarray(self.here[ascii_name(b)], float)
            step = self.step * min(1.0, float(np.abs(here).max(initial=0.0)) or 1.0)
            columns = []
            held = {n: self.here[ascii_name(n)] for n in self.defs if n not in (a, b)} if a != self.out else {}
            for place in np.ndindex(here.shape):
                unit = np.zeros(here.shape)
                unit[place] = 1.0
                total: Any = 0.0
                for k, c in STENCIL:
                    up, down = ({**held, b: here + s * k * step * unit} for s in (1, -1))
                    total = total + c * (self.get(a, up) - self.get(a, down))
                columns.append(total / step)
            found = np.stack(columns, axis=-1)
            self.cache[key] = found.reshape(found.shape[:-1] + here.shape)
        return self.cache[key]

    @property
    def out(self) -> str:
        return text_name(self.output)

    def derivative(self, a: str, b: str) -> tuple[Any, str, tuple[Any, ...]]:
        """∂a/∂b as a factor on a right side: rows for a, columns for b; in the shape of b for a matrix."""
        full = self.local(a, b)
        dims = tuple(self.reader.dims[ascii_name(a)]) + tuple(self.reader.dims[ascii_name(b)])
        if not self.reader.dims[ascii_name(a)] and len(dims) == 1:
            return full, "r", dims
        return full, "c" if len(dims) == 1 else "m" if len(dims) == 2 else "s" if not dims else "t", dims


def drawn(rng: Any, size: tuple[int, ...], props: frozenset[str]) -> Any:
    x = rng.standard_normal(size)
    square = len(size) == 2 and size[0] == size[1]
    if "spd" in props:
        return x @ x.T / len(x) + np.eye(len(x))
    if "symmetric" in props:
        return x + x.T + 4 * np.eye(len(x))
    if "diagonal" in props:
        return np.diag(2 + np.abs(np.diag(x)))
    if "orthogonal" in props:
        return np.linalg.qr(x)[0]
    if props & {"one-hot", "binary"}:
        return (x == x.max(axis=-1, keepdims=True)) * 1.0 if x.ndim else np.float64(1.0)
    if "probability" in props:
        return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)
    if "sign" in props:
        return np.sign(x)
    if "unit" in props:
        return x / np.linalg.norm(x)
    if props & {"positive", "count"}:
        return rng.uniform(0.5, 2, size)
    if "unit-interval" in props:
        return rng.uniform(0.2, 0.8, size)
    if "near-identity" in props and square:
        return np.eye(size[0]) + 0.1 * x
    if "small" in props:
        return 0.3 * x
    return x + 3 * np.eye(size[0]) if square else x + 0.1


def public(x: Any, kind: str) -> Any:
    return x.reshape(-1) if kind in "cr" else x.reshape(()) if kind == "s" else x


def ascii_name(name: str) -> str:
    from matcalc.notation.lex.lexer_plain import greek_to_ascii

    low = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
    plain = name.strip("`")
    m = re.fullmatch(r"(.*?)([₀-₉]+)", plain)
    return greek_to_ascii(plain if not m else f"{m[1]}{m[2].translate(low)}")


def text_name(name: str) -> str:
    return TEXT.name(name)


# ---------------------------------------------------------------- judging


def audit(d: Any, lines: list[Printed], truth: Truth) -> Iterator[Finding]:
    for line in lines:
        try:
            yield judge(d, line, truth)
        except (Unreadable, KeyError, ValueError, AssertionError, IndexError, TypeError) as error:
            yield Finding(listed(line), line, f"{type(error).__name__}: {error}")


def listed(line: Printed) -> str:
    """Of a line that was not read: the kind that says why, or that there is no reason."""
    text = " = ".join(line.members)
    if re.search(r"_\{?(?:[a-z]|\([a-z]+\))*\([a-z]{2,}\)", text):
        return "composite"
    return "unread"


def gradients(text: str) -> str:
    """∇_x s as ∂s/∂x, in LaTeX too: which of them stands in the shape of x, the sizes say."""
    text = re.sub(r"\\[bB]ig+([lr])(?=\\[{}])", lambda m: r"\left" if m[1] == "l" else r"\right", text)
    text = re.sub(rf"∇_({N}) ({N})", r"∂\2/∂\1", text)
    while (at := text.find(r"\nabla_{")) >= 0:
        end = closing(text, at + len(r"\nabla_"))
        name = re.match(r" (?:\\[A-Za-z]+(?:\{[^{}]*\})?|[A-Za-z])(?:_\{[^{}]*\})?", text[end:])
        assert name is not None, text
        below = text[at + len(r"\nabla_{") : end - 1]
        text = text[:at] + rf"\frac{{\partial {name[0].strip()}}}{{\partial {below}}}" + text[end + name.end() :]
    return text


def judge(d: Any, line: Printed, truth: Truth) -> Finding:
    from tests.audit_lines import judged

    return judged(d, line._replace(members=tuple(map(gradients, line.members))), truth)


def in_json(data: dict[str, Any], layout: str = "shape") -> Iterator[Printed]:
    """Definitions, the value and the steps, in LaTeX and in plain notation."""
    value = data["value"]
    forward = {step["lhs"]["plain"] for step in data["steps"] if step["rule"] == "definition"}
    derivatives: set[str] = set()
    for d in data["definitions"]:
        name, section = d["name"], "Forward" if d["name"] in forward else "Derivation"
        shown = LATEX.name(name)
        if of := re.fullmatch(PLAIN_DERIVATIVE, name):
            shown = rf"\frac{{\partial {LATEX.name(of[1])}}}{{\partial {LATEX.name(of[2])}}}"
        elif name[:1] == "d" and name[1:] in forward and name not in forward:
            shown = rf"\mathrm{{d}}{LATEX.name(name[1:])}"
        elif name not in forward:
            derivatives.add(name)
        yield Printed((shown, d["latex"]), sizes_of(d["shape"]), True, "json definition", section)
    if value["name"] and value["latex"]:
        yield Printed((LATEX.name(value["name"]), value["latex"]), sizes_of(value["shape"]), True, "json value", "Forward")
    for step in data["steps"]:
        section = {"definition": "Forward"}.get(step["rule"], "Derivation")
        section = "Rewritten" if step["rule"].startswith("vectorised") else section
        sizes = sizes_of(step["lhs"]["shape"])
        if section != "Forward":
            yield Printed((step["lhs"]["latex"], step["rhs"]["latex"]), sizes, True, "json", section)
            left = re.fullmatch(PLAIN_DERIVATIVE, step["lhs"]["plain"])
            by_entries = step["rule"] == "entries"  # whose indices say how they stand, in plain notation those of the variable last
            if (
                left
                and not (by_entries and layout == "denominator")
                and "d(" not in re.sub(PLAIN_DERIVATIVE, "", step["rhs"]["plain"])
            ):
                sides = [re.sub(PLAIN_DERIVATIVE, as_text, step[k]["plain"]) for k in ("lhs", "rhs")]
                sides = [re.sub(r"\w+", lambda m: text_name(m[0]) if m[0] in derivatives else m[0], x) for x in sides]
                yield Printed(tuple(sides), sizes, False, "json plain", section)


PLAIN_DERIVATIVE = r"(?<!\w)d\((\w+)\)/d\((\w+)\)"


def as_text(m: re.Match[str]) -> str:
    return f"∂{text_name(m[1])}/∂{text_name(m[2])}"


def sizes_of(shape: list[str | int]) -> str:
    """As a line has them; of one axis they do not say whether it is a column or a row."""
    return "[1×1]" if not shape else f"[{shape[0]}×{shape[1]}]" if len(shape) == 2 else ""


def in_results(d: Any) -> Iterator[Printed]:
    """The results as repr and JSON have them, beside what they are said to be."""
    lefts = [box.lhs for box in d.boxes if box.kind != "stacked"]
    shown = repr(d).splitlines()
    for left, r, text, data in zip(lefts, d.results, shown, d.to_dict()["results"], strict=True):
        bare = left._replace(entries=None)
        if repr(r) != text.partition(": ")[2]:
            yield Printed((text, repr(r)), "", False, "repr")
        t = bare.type
        sizes = sizes_of(data["shape"]) if t.kind == "t" else f"[{TEXT.dim(t.rows)}×{TEXT.dim(t.cols)}]"
        yield Printed((bare.text, repr(r)), sizes, False, "repr", "Result")
        yield Printed((bare.latex, data["latex"]), sizes_of(data["shape"]), True, "json result", "Result")


def of_plain(data: dict[str, Any], truth: Truth) -> Iterator[Finding]:
    """Definitions and the value in plain notation."""
    dims = dict(truth.shapes)
    for d in [*data["definitions"], {**data["value"], "name": data["value"]["name"] or truth.output}]:
        line = Printed((d["name"], d["plain"]), "", False, "json plain definition")
        if d["name"] not in truth.here:  # a derivative, which the steps say too
            continue
        want, arrays = truth.here[d["name"]], {n: truth.here[n] for n in dims}
        try:
            rows = "|".join(re.escape(ascii_name(n)) for n in truth.reader.row_names)  # h stands for a row: a column, turned
            text = re.sub(rf"\b({rows})\b(?!\()", r"\1'", d["plain"]) if rows else d["plain"]
            got = matcalc.parse(text, dims=dims, notation="plain", functions=truth.reader.functions).evaluate(
                arrays, functions=truth.reader.functions
            )
        except matcalc.MatcalcError as error:
            yield Finding("unread", line, str(error).splitlines()[0])
            continue
        yield lines_compare(line, want, np.reshape(got, np.shape(want)) if np.size(got) == np.size(want) else np.asarray(got))
        dims[d["name"]] = tuple(d["shape"])


def answers(d: Any, truth: Truth) -> Iterator[tuple[Any, Any]]:
    """Each result with what it must be, in the shape of its value in public."""
    from tests import audit_lines as lines

    out = truth.out
    for r in d.results:
        first, *rest = truth.wrt if r.kind == "mixed" else [text_name(r.wrt)]
        if r.kind in ("gradient", "jacobian"):
            want = truth.local(out, first)
            n = want.ndim - np.ndim(truth.here[first if first in truth.here else ascii_name(first)])
            if r.data.frobenius is not None:
                step = next(s for s in d.steps if s.kind == "structure" and s.node is not None and str(s.node.attr) == r.wrt)
                want = lines.tie(want, step.rules[0].removesuffix("-entries"))
            if (r.layout == "numerator" and not n) or (r.layout == "denominator" and n):
                want = want.T if want.ndim == 2 else want
        elif r.kind in ("hessian", "mixed"):
            want = lines.second(truth, out, first, "", rest[0] if rest else first, "")[0]
        elif r.kind == "hvp":
            want = lines.along(truth, out, first, next(s.lhs.expr.attr for s in d.boxes), [])
        else:
            continue
        yield r, want


def in_plain(d: Any, truth: Truth) -> Iterator[Finding]:
    """Results in plain notation, as JSON and the docstring of the code have them."""
    code = d.to_code()
    doc = ast.get_docstring(next(f for f in reversed(ast.parse(code).body) if isinstance(f, ast.FunctionDef))) or ""
    returned = doc.partition("Returns\n-------\n")[2].partition("\n\n")[0]
    told = [" ".join(t.split()) for t in re.findall(r"^\S+ : .*\n((?:    .*\n?)*)", returned, re.M)]
    data = d.to_dict()
    for k, (r, want) in enumerate(answers(d, truth)):
        plain = data["results"][k]["plain"]
        by_names = plain != d.results[k].plain  # of several long ones: read with the definitions, in tests/printers/test_jsonout.py
        texts = {"json result": d.results[k].plain if by_names else plain, "docstring": told[k + 1] if k + 1 < len(told) else ""}
        for where, text in texts.items():
            if not text or text.endswith("…"):
                continue
            line = Printed((r.wrt, text), "", False, where)
            try:
                dims = {n: truth.shapes[n] for n in truth.shapes}
                got = matcalc.parse(text, dims=dims, notation="plain").evaluate(truth.base, functions=truth.reader.functions)
            except matcalc.MatcalcError as error:
                yield Finding("unread", line, str(error).splitlines()[0])
                continue
            yield lines_compare(
                line, np.reshape(want, np.shape(got)) if np.size(want) == np.size(got) else want, np.asarray(got, float)
            )


def lines_compare(line: Printed, want: Any, got: Any) -> Finding:
    from tests.audit_lines import compare

    found: Finding = compare(line, want, got, "the result")
    return found


# ---------------------------------------------------------------- what is asked


def questions() -> list[dict[str, Any]]:
    """Of the corpus and of our own cases, in every style and, for gradients and Jacobians, every layout."""
    texts = [ROOT / "tests" / "cases_own.jsonl", CORPUS / "cases.jsonl"]
    cases = [json.loads(line) for p in texts if p.exists() for line in p.read_text(encoding="utf-8").splitlines() if line.strip()]
    out = []
    for k, c in enumerate(c for c in cases if "plain" in c):
        out += [{**c, "style": style, "layout": "shape"} for style in STYLES]
        if c["kind"] in ("gradient", "jacobian"):
            out += [{**c, "style": STYLES[(k + i) % 3], "layout": x} for i, x in enumerate(("numerator", "denominator"))]
            out += [{**c, "style": "differential", "layout": "shape", "kind": "differential"}] * (
                k % 3 == 0 and "structure" not in c
            )
    dims = {"X": ("n", "n"), "A": ("n", "n"), "y": ("n",)}
    fixed = [{"id": f"structure-{s}", "plain": t, "dims": dims, "wrt": "X", "kind": "gradient",
              "style": style, "layout": "shape", "structure": {"X": s}, "domain": {"X": "spd"}}
             for s in ("symmetric", "diagonal", "lower-triangular", "toeplitz") for style in ("backprop", "differential")
             for t in ("logdet(X) + y'*inv(X)*y", "tr(A*X*X)")]  # fmt: skip
    for f in fixed:
        if f["structure"]["X"] != "symmetric":  # type: ignore[index]
            f["domain"] = {}
    return out + fixed


def derived(q: dict[str, Any]) -> Any:
    return matcalc.derive(
        q["plain"], wrt=q["wrt"], dims={k: tuple(v) for k, v in q["dims"].items()}, kind=q["kind"], style=q["style"],
        layout=q["layout"], output=q.get("output"), direction=q.get("direction"), assume=dict(q.get("domain", {})),
        structure={q["wrt"]: q["structure"]} if isinstance(q.get("structure"), str) else q.get("structure"), notation="plain",
    )  # fmt: skip


def audited(q: dict[str, Any], formats: tuple[str, ...] = ("text", "latex", "markdown", "html", "json", "code")) -> list[Finding]:
    """All that is printed for one question, judged; a question that is refused prints nothing."""
    try:
        d = derived(q)
    except matcalc.MatcalcError:
        return []
    truth = Truth(d, sampled(q), q.get("sizes"))
    found: list[Finding] = list(audit(d, list(in_text(d.to_text("normal", 10**6))), truth))
    turn = zlib.crc32(f"{q['id']} {q['style']} {q['layout']}".encode())
    one, two, three = (DETAILS[(turn + i) % 3] for i in range(3))
    whole = q["layout"] == "shape"
    for detail in ("brief", "full") if whole else ():
        found += audit(d, list(in_text(d.to_text(detail, 10**6), f"text {detail}")), truth)
    if "latex" in formats:
        found += audit(d, list(in_latex(d.to_latex(detail=one), f"latex {one}")), truth)
    if "markdown" in formats and whole:
        found += audit(d, list(in_latex(from_markdown(d.to_markdown(two)), f"markdown {two}")), truth)
    if "html" in formats and whole:
        found += audit(d, list(in_html(d.to_html(three))), truth)
        found += in_typst(d, three)
    found += audit(d, list(in_results(d)), truth)
    if "json" in formats:
        data = d.to_dict()
        found += [*audit(d, list(in_json(data, q["layout"])), truth), *of_plain(data, truth)]
    if "code" in formats:
        try:
            found += in_plain(d, truth)
        except Unreadable as error:
            found.append(Finding("unread", Printed((q["plain"],), "", False, "plain"), str(error)))
    found += counted(d)
    return found


@functools.cache
def corpus_verify() -> Any:
    spec = importlib.util.spec_from_file_location("matcalc_corpus_verify", CORPUS / "verify.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sampled(q: dict[str, Any]) -> dict[str, Any] | None:
    """Arrays in the domain of the question, as the corpus draws them."""
    if "sizes" not in q:
        return None
    return values_of(q) if q.get("family") is None or not (CORPUS / "verify.py").exists() else dict(corpus_verify().sample(q))


def counted(d: Any) -> Iterator[Finding]:
    """The verdict counts the lines that are shown."""
    for detail in ("brief", "normal", "full"):
        text = d.to_text(detail, 10**6)
        lines = [x for x in in_text(text) if x.section != "note"]
        m = re.search(r"^✓ (\d+) lines? checked", text, re.M)
        apart = re.search(r"; (\d+) lines? of too many terms", text)
        said = int(m[1]) if m else -1
        shown = len(lines) - (int(apart[1]) if apart else 0)
        line = Printed((f"{said} lines",), "", False, f"verdict {detail}")
        yield Finding("true" if said == shown else "false", line, f"{shown} are shown")


class Report(NamedTuple):
    asked: int
    counts: collections.Counter[str]
    bad: list[str]


def reported(part: tuple[int, int]) -> Report:
    """Every n-th question from the k-th."""
    k, n = part
    asked = questions()[k::n]
    report = Report(len(asked), collections.Counter(), [])
    for q in asked:
        for f in audited(q):
            report.counts[f.verdict] += 1
            if f.verdict in ("false", "unread"):
                name, line = f"{q['id']} {q['kind']} {q['style']} {q['layout']}", " = ".join(f.line.members)
                report.bad.append(f"{f.verdict}: {name} [{f.line.where}]: {line[:200]} | {f.why[:200]}")
    return report


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slice", default="0/1", help="K/N: every N-th question from the K-th")
    parser.add_argument("--jobs", type=int, default=1, help="how many processes")
    parser.add_argument("--show", type=int, default=20, help="how many faults are shown")
    options = parser.parse_args(arguments)
    k, n = map(int, options.slice.split("/"))
    parts = [(k + n * i, n * options.jobs) for i in range(options.jobs)]
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        reports = pool.map(reported, parts) if options.jobs > 1 else [reported(parts[0])]
    counts = sum((r.counts for r in reports), collections.Counter[str]())
    bad = [text for r in reports for text in r.bad]
    print("\n".join(bad[: options.show]))
    print(f"{sum(r.asked for r in reports)} questions: " + ", ".join(f"{v} {counts[v]}" for v in sorted(counts)))
    return int(bool(bad) or counts["true"] == 0)


if __name__ == "__main__":
    sys.exit(main())
