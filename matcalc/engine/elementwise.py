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
from matcalc.expr import Expr, make, transpose
from matcalc.index import Factor, Lowered, atoms, lower
from matcalc.lifting import lift
from matcalc.notation.printer import ATOM, pieces
from matcalc.notation.styles import LATEX, TEXT, Style
from matcalc.ops import TABLE, Type


def with_entries(compiler: Compiler, graph: Graph, trace: Trace) -> Trace:
    """The trace with the lines by entries put before each line that they explain."""
    bodies = {graph.symbols[e]: body for e, body in graph.bodies.items()}
    output = graph.symbols[graph.output]
    steps: list[Step] = []
    pending: list[Step] = []
    for step in trace.steps:
        if step.kind == "local":
            pending.append(step)
            continue
        explained: list[Step] = []
        if step.kind == "chain" and step.node is not None and len(step.through) == 1:
            explained = _entries(compiler, bodies[step.through[0]], step, output)
        if explained:  # the lines by entries take the place of local Jacobians
            pending, step = [], step._replace(via=None, note=_collected(step))
        steps.extend([*pending, *explained, step])
        pending = []
    return trace._replace(steps=tuple(steps))


def _collected(step: Step) -> str:
    if step.rule == "outer-product":
        return "the outer product collects these entries"
    return (
        "these entries, written as one row"
        if step.node is not None and step.node.type[0] == "c"
        else "these entries, written as one array"
    )


def _entries(compiler: Compiler, body: Expr, step: Step, output: Expr) -> list[Step]:
    q, p = step.node, step.through[0]
    assert q is not None
    dq = make("d", (q,))
    try:
        terms = lower(tangents(compiler, (body,), {q: dq})[body], dq)
    except NoRuleError:
        return []
    if not q.shape or any(not isinstance(i, int) for t in terms for i in t.output):
        return []
    terms = [_renumbered(t, len(p.shape), len(q.shape)) for t in terms]
    names = step.lhs.names
    out: list[Step] = []
    axes = LETTERS_Q[len(p.shape)][: len(q.shape)]
    above = LETTERS_P[: len(p.shape)]
    if p.shape:
        jacobian = _total(lift(t) for t in terms)
        symbol = make("partial", (p, q), "jacobian", jacobian.type)
        lhs = Formula(symbol, names, _fraction(p, above, q, axes))
        rhs = Formula(jacobian, names, _sum_text(terms, [*above, *axes], names))
        note = f"only {_entry(p, axes[:1], TEXT)} sees {_entry(q, axes, TEXT)}" if _touches_one(terms) else ""
        out.append(Step("entries", "entries", step.source, lhs, rhs, None, (), q, (p,), note))
    contracted = [_contracted(t, p, step) for t in terms] if p is not output else terms
    lhs = Formula(step.lhs.expr, names, _fraction(output, "", q, axes))
    rhs = Formula(step.rhs.expr, names, _sum_text(contracted, list(axes), names))
    out.append(Step("entries", "sum-over-entries", step.source, lhs, rhs, None, (), q, (p,), ""))
    return out


LETTERS_P = "kl"
LETTERS_Q = ("ij", "ij", "ij")
INNER = "klrstuvwabcdefghmnopqxyz"


def _total(parts: Iterable[Expr]) -> Expr:
    total: Expr | None = None
    for part in parts:
        total = part if total is None else make("add", (total, part))
    assert total is not None
    return total


def _renumbered(t: Lowered, outer: int, inner: int) -> Lowered:
    """Kronecker deltas between summed indices removed."""
    free = {a for i in t.output for a in atoms(i)}
    factors = list(t.factors)
    while True:
        found = next((f for f in factors if f.expr.op == "eye" and any(i not in free for i in f.indices)), None)
        if found is None:
            return t._replace(factors=tuple(factors))
        a, b = found.indices
        gone, kept = (a, b) if a not in free else (b, a)
        factors = [Factor(f.expr, tuple(kept if i == gone else i for i in f.indices)) for f in factors if f is not found]


def _contracted(t: Lowered, p: Expr, step: Step) -> Lowered:
    """Σ over the entries of p of ∂s/∂p times the term."""
    count = len(p.shape)
    upstream = next(n for n in _partials(step) if n.args[1] is p)
    upstream = transpose(upstream) if p.type[0] == "c" else upstream
    factors = (Factor(upstream, t.output[:count]), *t.factors)
    return _renumbered(t._replace(factors=factors, output=t.output[count:]), 0, len(t.output) - count)


def _partials(step: Step) -> list[Expr]:
    top = step.lhs.expr.args[0]
    (p,) = step.through
    kind = Type("r", 1, p.type.rows) if p.type.kind == "c" else p.type
    return [make("partial", (top, p), None, kind)]


def _touches_one(terms: list[Lowered]) -> bool:
    """Whether an entry of the variable reaches one entry only: a delta ties their first indices."""
    return all(any(f.expr.op == "eye" and t.output[0] in f.indices for f in t.factors) for t in terms)


def _fraction(p: Expr, above: str, q: Expr, axes: str) -> tuple[str, str]:
    top, bottom = (_entry(p, above, TEXT), _entry(p, above, LATEX)), (_entry(q, axes, TEXT), _entry(q, axes, LATEX))
    return f"∂{top[0]}/∂{bottom[0]}", rf"\frac{{\partial {top[1]}}}{{\partial {bottom[1]}}}"


def _entry(q: Expr, letters: str, style: Style) -> str:
    return subscript(style.name(str(q.attr)), letters, style)


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
    known = dict(zip([a for i in t.output for a in atoms(i)], letters, strict=True))
    summed = []
    for f in t.factors:
        for i in f.indices:
            for a in atoms(i):
                if a not in known:
                    known[a] = next(c for c in INNER if c not in known.values())
                    summed.append(known[a])
    parts = [scalar_text(s, divides, style, names) for s, divides in t.scalars]
    ordered = sorted(t.factors, key=lambda f: f.expr.op != "eye")
    parts += [factor_text(f, "".join(known[a] for i in f.indices for a in atoms(i)), style, names) for f in ordered]
    body = " ".join(p for p in parts if p) or "1"
    if not summed:
        return body
    sigma = "Σ_" + ",".join(summed) if style is TEXT else rf"\sum_{{{','.join(summed)}}}"
    return f"{sigma} {body}"


def scalar_text(s: Expr, divides: bool, style: Style, names: object) -> str:
    piece = pieces((s,), style, names if isinstance(names, dict) else {})[s]
    text = piece.text if piece.level >= ATOM else style.parens(piece.text)
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
