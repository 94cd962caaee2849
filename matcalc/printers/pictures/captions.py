"""What a picture of a computation says: boxes, arrows with what goes forward above and what comes back below, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc.engine.computation import Computation, Edge, Value
from matcalc.engine.derivation import Formula, product_factors
from matcalc.expr.errors import visible
from matcalc.expr.nodes import Expr, size_text
from matcalc.expr.table import TABLE
from matcalc.notation.write.styles import size_latex
from matcalc.printers import words
from matcalc.printers.languages import ENGLISH, said
from matcalc.printers.prose import prose, text_latex
from matcalc.printers.setting import tidy

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]

FEW = 6  # entries of an array that are shown; of others the shape and the norm
MOST = 44  # letters of a formula in a picture
CHECKED = "every gradient is what differences give, at {} random points"
CHECKED_HERE = CHECKED + ", and every number here"


class Label(NamedTuple):
    """The same thing as text and in LaTeX's math mode."""

    text: str
    latex: str

    def __bool__(self) -> bool:
        return bool(self.text)


class Box(NamedTuple):
    """``role``: input, operation, output, or end: where the arrow out of the output points to."""

    role: str
    lines: tuple[Label, ...]
    tip: str = ""


class Arrow(NamedTuple):
    """From box to box, by their places in the list."""

    source: int
    target: int
    above: Label
    below: Label


class Section(NamedTuple):
    """Lines under a picture. ``minor`` ones are only in the text form."""

    title: str
    lines: tuple[Label, ...]
    minor: bool = False


class Picture(NamedTuple):
    """All that is said; the last box is the end, the one before it the output."""

    title: Label
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    sections: tuple[Section, ...]
    numeric: bool
    lang: str = ENGLISH


EMPTY = Label("", "")


def picture(graph: Computation, lang: str = ENGLISH) -> Picture:
    """What is to be said of a graph, in a language: numbers where it has them, else formulas and sizes."""
    say = _Sayer(graph, lang)
    places = {v.symbol: i for i, v in enumerate(graph.values)}
    end = len(places)
    boxes = [say.box(v) for v in graph.values] + [Box("end", ())]
    arrows = [Arrow(places[e.source], places[e.target], say.carried(e.source), say.returned(e)) for e in graph.edges]
    out = graph.output
    one = Label("1", "1") if out.gradient else EMPTY
    arrows.append(Arrow(end - 1, end, say.carried(out.symbol), one))
    sections = [s for s in say.sections() if s.lines]
    return Picture(say.title(), tuple(boxes), tuple(arrows), tuple(sections), graph.numbers is not None, lang)


class _Sayer:
    """Formulas of one graph, with its letters, and words in one language."""

    def __init__(self, graph: Computation, lang: str) -> None:
        self.graph = graph
        self.lang = lang
        self.numbers = graph.numbers

    def label(self, *members: Formula | Label | str) -> Label:
        """The members with signs of equality between them."""
        parts = [self.part(m) for m in members]
        return Label(" = ".join(p.text for p in parts), " = ".join(p.latex for p in parts))

    def part(self, member: Formula | Label | str) -> Label:
        if isinstance(member, Label):
            return member
        if isinstance(member, str):
            return Label(visible(member), text_latex(prose(member)))
        f = member._replace(lettering=self.graph.lettering)
        return Label(visible(f.text), tidy(f.latex))

    def symbol(self, q: Expr) -> Label:
        return self.part(Formula(q))

    def title(self) -> Label:
        before, after = said("Computation graph of {}", self.lang).split("{}")
        return joined((words_label(before), self.symbol(self.graph.output.symbol), words_label(after)))

    # -- boxes and arrows ---------------------------------------------------------------

    def box(self, v: Value) -> Box:
        is_input = v.node.op == "sym" and v.body is v.symbol
        role = "input" if is_input else "output" if v is self.graph.output else "operation"
        head = self.symbol(v.symbol) if is_input else self.label(Formula(v.symbol), Formula(v.body))
        lines = [cut(head)]
        gate = None if is_input else self.gate(v)
        if gate is not None:
            lines.append(words_label(gate[0]))
        if self.numbers is None:
            lines += [cut(self.label(*e.local)) for e in self.graph.into(v) if e.local]
        elif v.gradient and len(self.graph.out_of(v)) > 1:
            *branches, whole = self.summed(v)
            line = self.label(v.gradient[0], *branches, whole)
            lines.append(line if len(line.text) <= MOST else cut(self.label(v.gradient[0], whole)))  # below, the sum stands whole
        tip = "\n".join([head.text + " " + size_text(v.symbol.type), *[f.text for f in self.backward(v)]])
        return Box(role, tuple(lines), tip)

    def gate(self, v: Value) -> tuple[str, str] | None:
        """What the operation does with the upstream gradient, where several values go in."""
        row = TABLE[v.body.op]
        inputs = self.graph.into(v)
        if not row.gate or not any(e.sent for e in inputs) or (len(inputs) < 2 and row.arity > 1):
            return None
        short, sentence = words.GATES[row.gate]
        return said(short, self.lang).format(row.plain), said(sentence, self.lang)

    def carried(self, q: Expr) -> Label:
        """What goes forward: the value, or its name and size."""
        if self.numbers is not None:
            return number(self.numbers.values[q], self.lang)
        return joined((self.symbol(q), words_label(" "), Label(size_text(q.type), size_latex(q.type))))

    def returned(self, e: Edge) -> Label:
        """What comes back over an edge: upstream times local."""
        if e.sent is None:
            return EMPTY
        if self.numbers is not None:
            return number(self.numbers.sent[e.source, e.target], self.lang)
        return cut(self.part(self.graph.product(e)))

    # -- lines below --------------------------------------------------------------------

    def summed(self, v: Value) -> Iterator[Label]:
        """Numbers of the branches that meet at a value, then their sum."""
        assert self.numbers is not None
        found = [self.numbers.sent[e.source, e.target] for e in self.graph.out_of(v) if e.sent is not None]
        if len(found) > 1:
            yield joined(between([number(x, self.lang, bracketed=True) for x in found]))
        yield number(self.numbers.gradients[v.symbol], self.lang)

    def backward(self, v: Value) -> Iterator[Label]:
        """The line of a value: ∂s/∂q = Σ upstream · local = …, with sizes or numbers."""
        if not v.gradient or v is self.graph.output:
            return
        if self.numbers is not None:
            yield self.label(*v.gradient[:2], *self.summed(v))
            return
        line = self.label(*v.gradient)
        factors = product_factors(v.gradient[1].expr, v.gradient[1].names)
        sizes = [v.gradient[0].type, *(f.type for f in factors if len(factors) > 1)]
        texts, latexes = [size_text(t) for t in sizes], [size_latex(t) for t in sizes]
        shown = [write[0] + " = " * (len(sizes) > 1) + "".join(write[1:]) for write in (texts, latexes)]
        yield joined((line, Label("   ", r"\quad "), Label(*shown)))

    def sections(self) -> Iterator[Section]:
        graph, numbers = self.graph, self.numbers
        meet = [v for v in graph.values if len([e for e in graph.out_of(v) if e.sent]) > 1]
        back = tuple(line for v in reversed(graph.values) if v not in meet for line in self.backward(v))
        yield self.section("Where branches meet, gradients are summed", tuple(line for v in meet for line in self.backward(v)))
        yield self.section("Backward: downstream = upstream × local", back, minor=numbers is not None)
        local = [self.label(*e.local) for v in reversed(graph.values) for e in graph.into(v) if e.local]
        yield self.section("Local gradients", tuple(local), minor=True)
        if any(v.symbol.type.kind == "c" and v.gradient for v in graph.values):
            layout = said(words.LAYOUTS["shape"], self.lang).replace("`", "")
            yield self.section("Layout", (words_label(layout),), minor=True)
        yield self.section("Gates", tuple(self.gates()), minor=numbers is None)
        kinks = numbers.kinks if numbers else {}
        where = tuple(words_label(f"{q.attr} = {said(why, self.lang)}") for q, why in kinks.items())
        yield self.section("Not differentiable here", where)
        checked = said(CHECKED_HERE if numbers and not kinks else CHECKED, self.lang).format(graph.points - bool(numbers))
        yield self.section("Check", (words_label(f"✓ {checked}"),) if graph.points else (), minor=True)

    def section(self, title: str, lines: tuple[Label, ...], minor: bool = False) -> Section:
        return Section(said(title, self.lang), lines, minor)

    def gates(self) -> Iterator[Label]:
        """Each kind of gate once, with the operations that are one."""
        found: dict[tuple[str, str], list[Label]] = {}
        for v in self.graph.values:
            gate = self.gate(v)
            if gate is not None:
                found.setdefault(gate, []).append(self.symbol(v.symbol))
        for (short, sentence), where in found.items():
            yield joined((words_label(f"{short} ("), joined(between(where, ", ")), words_label(f"): {sentence}")))


def between(labels: Iterable[Label], sign: str = " + ") -> Iterator[Label]:
    for i, label in enumerate(labels):
        if i:
            yield Label(sign, sign)
        yield label


def joined(labels: Iterable[Label]) -> Label:
    found = list(labels)
    return Label("".join(x.text for x in found), "".join(x.latex for x in found))


def words_label(text: str) -> Label:
    return Label(visible(text), text_latex(prose(text)))


def cut(label: Label) -> Label:
    """A label that is not longer than a picture has room for."""
    if len(label.text) <= MOST:
        return label
    return Label(label.text[: MOST - 1] + "…", text_latex(prose(label.text[: MOST - 1])) + r"\ldots")


def number(value: Array, lang: str = ENGLISH, bracketed: bool = False) -> Label:
    """An array in few letters: its entries where these are few, else its shape and norm; a negative number may have brackets."""
    if value.size > FEW or value.ndim > 2:
        shape = "×".join(map(str, value.shape))
        norm = f"{said('norm', lang)} {float((value**2).sum()) ** 0.5:.4g}"
        sizes = shape.replace("×", r" \times ")
        return Label(f"({shape}, {norm})", rf"({sizes},\ {text_latex(prose(norm))})")
    entries = value.tolist()
    if value.ndim == 0:
        text = digits(entries)
        return Label(f"({text})", f"({text})") if bracketed and text.startswith("-") else Label(text, text)
    if value.ndim == 1:
        text = f"({', '.join(map(digits, entries))})"
    else:
        text = "[" + "; ".join(" ".join(map(digits, row)) for row in entries) + "]"
    return Label(text, text_latex(prose(text)))


def digits(x: float) -> str:
    """Four digits, no sign of a zero."""
    return f"{x + 0.0:.4g}"


__all__ = ["Arrow", "Box", "Label", "Picture", "Section", "picture"]
