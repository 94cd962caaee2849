"""The elementwise style: the argument by entries that stands behind each line of backpropagation.

∂z_k/∂W_ij = [k = i] x_j, because only z_i sees W_ij; so ∂s/∂W_ij = Σ_k δ_k [k = i] x_j = δ_i x_j, and the
outer product collects these entries (CS224n, lecture on backpropagation).
"""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.compile import Compiler
from matcalc.derivation import Formula, Step, Trace
from matcalc.engine.jacobian import tangents
from matcalc.engine.waypoints import Graph
from matcalc.errors import NoRuleError
from matcalc.expr import Expr, make, num, transpose
from matcalc.index import Factor, Group, Index, Lowered, atoms, lower
from matcalc.lifting import lift
from matcalc.normal import Normalizer
from matcalc.notation.printer import ATOM, pieces
from matcalc.notation.styles import LATEX, TEXT, Style
from matcalc.ops import TABLE, Type


def with_entries(compiler: Compiler, graph: Graph, trace: Trace) -> Trace:
    """The trace with the lines by entries put before each line that they explain.

    Raises ``NoRuleError`` naming the operator that has no index form.
    """
    teller = _Entries(compiler, graph)
    steps: list[Step] = []
    pending: list[Step] = []
    for step in trace.steps:
        if step.kind == "local":
            pending.append(step)
            continue
        explained = teller.lines(step) if step.kind == "chain" and step.through else []
        if explained:  # the lines by entries take the place of local Jacobians
            pending, step = [], step._replace(via=None, note=teller.collected(step))
        steps.extend([*pending, *explained, step])
        pending = []
    return trace._replace(steps=tuple(steps))


class _Entries:
    """Lines by entries, and the remarks that were made."""

    def __init__(self, compiler: Compiler, graph: Graph) -> None:
        self.compiler = compiler
        self.bodies = {graph.symbols[e]: body for e, body in graph.bodies.items()}
        self.output = graph.symbols[graph.output]
        self.norm = Normalizer()
        self.said: set[str] = set()

    def collected(self, step: Step) -> str:
        """How the entries become the array of the next line, said once."""
        text = "these entries, written as one array"
        if step.rule == "outer-product":
            text = "the outer product collects these entries"
        elif step.node is not None and step.node.type[0] == "c":
            text = "these entries, written as one row"
        elif step.node is not None and step.node.type[0] == "s":
            text = ""
        fresh = text not in self.said
        self.said.add(text)
        return text if fresh else ""

    def lines(self, step: Step) -> list[Step]:
        """∂p/∂q by entries for each p that q enters, and their sum with what came from above; none for scalars alone."""
        q = step.node
        assert q is not None
        if not q.shape and not any(p.shape for p in step.through):
            return []
        out: list[Step] = []
        total: list[Lowered] = []
        for p in step.through:
            terms = [self._tidied(_renumbered(t)) for t in self._lowered(p, q)]
            if p is self.output:
                total += terms
                continue
            out.append(self._local(p, q, terms, step))
            total += [_contracted(t, p, step) for t in terms]
        names, axes = step.lhs.names, _labels(total, 0, len(q.shape), Q)
        lhs = Formula(step.lhs.expr, names, _fraction(self.output, [], q, axes))
        value = _total(lift(t) for t in total)
        value = transpose(value) if step.lhs.type[0] == "r" and value.type[0] == "c" else value
        rhs = Formula(value, names, _sum_text(total, axes, names))
        return [*out, Step("entries", "sum-over-entries", step.source, lhs, rhs, None, (), q, step.through, "")]

    def _lowered(self, p: Expr, q: Expr) -> list[Lowered]:
        dq = make("d", (q,))
        try:
            return lower(tangents(self.compiler, (self.bodies[p],), {q: dq})[self.bodies[p]], dq)
        except NoRuleError as error:
            raise NoRuleError(f"∂{p.attr}/∂{q.attr} by entries: {error.message}",
                              hint="ask for style='backprop' or style='differential'") from None  # fmt: skip

    def _local(self, p: Expr, q: Expr, terms: list[Lowered], step: Step) -> Step:
        axes = _labels(terms, len(p.shape), len(p.shape) + len(q.shape), Q)
        above = _labels(terms, 0, len(p.shape), P if axes else Q)
        jacobian = _total(lift(t) for t in terms)
        symbol = make("partial", (p, q), "jacobian", jacobian.type)
        lhs = Formula(symbol, step.lhs.names, _fraction(p, above, q, axes))
        rhs = Formula(jacobian, step.lhs.names, _sum_text(terms, [*above, *axes], step.lhs.names))
        note = f"only {_entry(p, axes[:1], TEXT)} sees {_entry(q, axes, TEXT)}" if axes and _touches_one(terms) else ""
        return Step("entries", "entries", step.source, lhs, rhs, None, (), q, (p,), note)

    def _tidied(self, t: Lowered) -> Lowered:
        """Scalar factors multiplied up: 2/(2m) is 1/m."""
        if len(t.scalars) < 2:
            return t
        total: Expr = num(1)
        for s, divides in t.scalars:
            total = make("div", (total, s)) if divides else make("scale", (total, s))
        total = self.norm.normal(total)
        sign = t.sign
        if total.op == "neg":
            total, sign = total.args[0], -sign
        if total.op == "div" and total.args[0].op == "num" and total.args[0].attr == 1:
            return t._replace(scalars=((total.args[1], True),), sign=sign)
        return t._replace(scalars=() if total.op == "num" and total.attr == 1 else ((total, False),), sign=sign)


P, Q = "klrs", "ijtu"


def _labels(terms: list[Lowered], start: int, stop: int, pool: str) -> list[str]:
    """Letters for some of the axes, in brackets for an axis of stacked columns: ``(kr)``.

    Raises ``NoRuleError`` where two terms stack one axis in different ways.
    """
    shapes = {tuple(len(atoms(i)) for i in t.output[start:stop]) for t in terms}
    if len(shapes) != 1:
        raise NoRuleError("the terms stack an axis in different ways: their entries have no common index",
                          hint="ask for style='backprop' or style='differential'")  # fmt: skip
    letters, out = iter(pool + "vwxyz"), []
    for count in next(iter(shapes)):
        label = "".join(next(letters) for _ in range(count))
        out.append(label if count == 1 else f"({label})")
    return out


INNER = "klrstuvwabcdefghmnopqxyz"


def _total(parts: Iterable[Expr]) -> Expr:
    total: Expr | None = None
    for part in parts:
        total = part if total is None else make("add", (total, part))
    assert total is not None
    return total


def _renumbered(t: Lowered) -> Lowered:
    """Kronecker deltas between summed indices removed."""
    free = {a for i in t.output for a in atoms(i)}
    factors = list(t.factors)
    while True:
        found = next((f for f in factors if f.expr.op == "eye" and _dissolves(f, factors, free)), None)
        if found is None:
            return t._replace(factors=tuple(factors))
        a, b = found.indices
        gone, kept = (a, b) if a not in free else (b, a)
        factors = [Factor(f.expr, tuple(_put(i, gone, kept) for i in f.indices)) for f in factors if f is not found]


def _put(i: Index, gone: Index, kept: Index) -> Index:
    """The index with one of its parts replaced."""
    if isinstance(i, int):
        return kept if i == gone else i
    return Group(tuple(_put(part, gone, kept) for part in i.parts))


def _dissolves(delta: Factor, factors: list[Factor], free: set[int]) -> bool:
    """Whether the sum over one index of the delta puts the other in its place; Σ_k [k = k] is a number and stays."""
    a, b = delta.indices
    if not (isinstance(a, int) and isinstance(b, int)) or a == b or (a in free and b in free):
        return False
    others = {i for f in factors if f is not delta for index in f.indices for i in atoms(index)}
    return bool({a, b} & (free | others))


def _contracted(t: Lowered, p: Expr, step: Step) -> Lowered:
    """Σ over the entries of p of ∂s/∂p times the term."""
    count = len(p.shape)
    top = step.lhs.expr.args[0]
    upstream = make("partial", (top, p), None, Type("r", 1, p.type.rows) if p.type.kind == "c" else p.type)
    upstream = transpose(upstream) if p.type[0] == "c" else upstream
    factors = (Factor(upstream, t.output[:count]), *t.factors)
    return _renumbered(t._replace(factors=factors, output=t.output[count:]))


def _touches_one(terms: list[Lowered]) -> bool:
    """Whether an entry of the variable reaches one entry only: a delta ties their first indices."""
    return all(any(f.expr.op == "eye" and t.output[0] in f.indices for f in t.factors) for t in terms)


def _fraction(p: Expr, above: list[str], q: Expr, axes: list[str]) -> tuple[str, str]:
    top, bottom = (_entry(p, above, TEXT), _entry(p, above, LATEX)), (_entry(q, axes, TEXT), _entry(q, axes, LATEX))
    return f"∂{top[0]}/∂{bottom[0]}", rf"\frac{{\partial {top[1]}}}{{\partial {bottom[1]}}}"


def _entry(q: Expr, labels: list[str], style: Style) -> str:
    return subscript(style.name(str(q.attr)), "".join(labels), style)


def subscript(base: str, letters: str, style: Style) -> str:
    if not letters:
        return base
    if style is TEXT:
        return f"{base}_{letters}"
    return f"{{{base}}}_{{{letters}}}" if "_" in base else f"{base}_{{{letters}}}"


def _sum_text(terms: list[Lowered], letters: list[str], names: object) -> tuple[str, str]:
    written = []
    for style in (TEXT, LATEX):
        text = ""
        for t in terms:
            piece = term_text(t, letters, style, names)
            text += (" - " if text else "-") + piece if t.sign < 0 else (" + " if text else "") + piece
        written.append(text)
    return written[0], written[1]


def term_text(t: Lowered, letters: list[str], style: Style, names: object) -> str:
    """One term by entries: ``Σ_k W_kj δ_k``."""
    flat = "".join(letters).replace("(", "").replace(")", "")
    known = dict(zip([a for i in t.output for a in atoms(i)], flat, strict=True))
    summed = []
    for f in t.factors:
        for i in f.indices:
            for a in atoms(i):
                if a not in known:
                    known[a] = next(c for c in INNER if c not in known.values())
                    summed.append(known[a])
    parts = [scalar_text(s, divides, style, names) for s, divides in t.scalars]
    ordered = sorted(t.factors, key=lambda f: f.expr.op != "eye")
    parts += [factor_text(f, "".join(_written(i, known) for i in f.indices), style, names) for f in ordered]
    body = " ".join(p for p in parts if p) or "1"
    if not summed:
        return body
    sigma = "Σ_" + ",".join(summed) if style is TEXT else rf"\sum_{{{','.join(summed)}}}"
    return f"{sigma} {body}"


def _written(i: Index, known: dict[int, str]) -> str:
    letters = "".join(known[a] for a in atoms(i))
    return letters if isinstance(i, int) else f"({letters})"


def scalar_text(s: Expr, divides: bool, style: Style, names: object) -> str:
    piece = pieces((s,), style, names if isinstance(names, dict) else {})[s]
    text = piece.text if piece.level >= ATOM or piece.op == "scale" else style.parens(piece.text)
    if not divides:
        return text
    return f"1/{text}" if style is TEXT else rf"\frac{{1}}{{{piece.text}}}"


def factor_text(f: Factor, letters: str, style: Style, names: object) -> str:
    e = f.expr
    if e.op == "eye":
        return f"[{letters[0]} = {letters[1]}]"
    if e.op == "ones" or (e.op == "fill" and e.args[0].op == "num" and e.args[0].attr == 1):
        return ""
    if e.op == "T" and e not in (names if isinstance(names, dict) else {}):
        return factor_text(Factor(e.args[0], f.indices), letters[::-1], style, names)
    if e.op == "partial" and e not in (names if isinstance(names, dict) else {}):
        return style.partial(style.name(str(e.args[0].attr)), subscript(style.name(str(e.args[1].attr)), letters, style), ATOM)
    if e.op in ("hadamard", "hdiv") and letters != "":
        left, right = (factor_text(Factor(a, f.indices), letters, style, names) for a in e.args)
        return f"{left} {right}" if e.op == "hadamard" else _over(left or "1", right, style)
    if e.op == "fn":
        name, order = e.attr
        return style.apply(name, order, factor_text(Factor(e.args[0], f.indices), letters, style, names))
    if TABLE[e.op].elementwise:
        return style.call(e, [factor_text(Factor(e.args[0], f.indices), letters, style, names)])
    piece = pieces((e,), style, names if isinstance(names, dict) else {})[e]
    return subscript(piece.text if piece.level >= ATOM else style.parens(piece.text), letters, style)


def _over(top: str, bottom: str, style: Style) -> str:
    return f"{top}/{bottom}" if style is TEXT else rf"\frac{{{top}}}{{{bottom}}}"
