"""NumPy source of one function: the value and all derivatives in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.codegen.algebra import Algebra
from matcalc.codegen.document import WIDTH, Doc, Entry, array_type, docstring, formula
from matcalc.codegen.helpers import HELPERS
from matcalc.codegen.ir import Node, Ref, Val
from matcalc.codegen.kernels import Kernels
from matcalc.codegen.lowering import Lowering
from matcalc.codegen.names import Names
from matcalc.codegen.operators import RULES
from matcalc.codegen.plan import Plan
from matcalc.codegen.positive import is_positive_definite
from matcalc.codegen.printing import ATOM
from matcalc.codegen.writing import FREE, INDENT, Body, Parameter
from matcalc.dims import Dim
from matcalc.expr import Expr, shape_of

PREFIX = {"gradient": "grad", "jacobian": "jac", "hessian": "hess", "hvp": "hvp", "mixed": "mixed"}
SEEN_THROUGH = ("T", "col", "diagv", "reshape", "vec")  # may share memory with their argument


class Signature:
    """Python names of the variables and of the functions that the user passes."""

    def __init__(self, symbols: Sequence[Expr], functions: Sequence[str], orders: Mapping[str, int]) -> None:
        self.names = Names(HELPERS)
        self.functions: dict[tuple[str, int], str] = {}
        base = self.names.give_all(functions)
        for f in functions:
            self.functions[f, 0] = base[f]
        for f in functions:
            for k in range(1, max(orders.get(f, 1), 1) + 1):
                self.functions[f, k] = self.names.give(f"d{'' if k == 1 else k}{base[f]}")
        self.functions = {key: self.functions[key] for f in functions for key in self.functions if key[0] == f}
        self.names.reserved |= set(self.functions.values())
        given = self.names.give_all([str(s.attr) for s in symbols])
        self.parameters = {str(s.attr): Parameter(given[str(s.attr)], shape_of(s.type)) for s in symbols}

    @property
    def arguments(self) -> list[str]:
        """All parameters: variables, then f, df, d2f, then those of the next function."""
        return [*[p.name for p in self.parameters.values()], *self.functions.values()]


def signature(
    value: Expr, results: Sequence[tuple[str, Expr]], symbols: Sequence[Expr], functions: Sequence[str]
) -> Signature:
    """Names of the parameters, by what the expressions use."""
    from matcalc.expr import postorder

    orders: dict[str, int] = {}
    for e in postorder((value, *[r for _, r in results])):
        if e.op == "fn":
            name, order = e.attr
            orders[name] = max(orders.get(name, 1), order)
    names = list(dict.fromkeys((*functions, *orders)))
    return Signature(symbols, [f for f in names if f in orders], orders)


def numpy_source(
    value: Expr,
    results: Sequence[tuple[str, Expr]],
    symbols: Sequence[Expr],
    waypoints: Sequence[tuple[str, Expr]],
    functions: Sequence[str],
    name: str,
    doc: Doc,
    assume: Mapping[str, frozenset[str]] | None = None,
    ties: Sequence[tuple[Dim, Dim]] = (),
) -> str:
    """Source of ``name(*symbols, *functions)``, which returns the value and the result or the tuple of results.

    ``results`` and ``waypoints`` are (name, expression): by which variable it is, and what an intermediate
    value is called. ``assume`` holds declared properties of variables, of which spd and symmetric are used;
    ``ties`` equations between sizes.
    """
    algebra = Algebra(assume)
    expressions = [value, *[e for _, e in results]]
    lowering = Lowering(algebra, RULES, expressions, [e for _, e in waypoints])
    algebra.guarding = True
    refs = [algebra.ref(lowering.vals[e]) for e in expressions]
    named = {algebra.ref(lowering.vals[e]).node for _, e in waypoints if e in lowering.vals}
    plan = Plan(algebra, [r.node for r in refs], named)
    sig = signature(value, results, symbols, functions)
    kernels = [plan.full(_turned(plan.done[r.node], r.flip), shape_of(e.type)) for r, e in zip(refs, expressions, strict=True)]
    hints = _hints(plan, lowering, waypoints)
    spd = {plan.done[n].node for n in plan.order if len(n.shape) == 2 and is_positive_definite(algebra, n)}
    body = Body(plan.k, sig.names, sig.parameters, sig.functions, hints, spd, ties)
    _name_results(plan.k, kernels, [n for n, _ in results], hints, sig, PREFIX.get(doc.kind, "d"))
    body.write(kernels[0], kernels[1:])
    returned = _returned(plan.k, body, kernels)
    return _assembled(sig, body, returned, name, doc, expressions, [n for n, _ in results], waypoints)


def _turned(r: Ref, flip: bool) -> Ref:
    return Ref(r.node, r.flip != flip)


def _hints(plan: Plan, lowering: Lowering, waypoints: Sequence[tuple[str, Expr]]) -> dict[Node, str]:
    """The names that intermediate values have in the derivation."""
    hints: dict[Node, str] = {}
    for name, e in waypoints:
        v = lowering.vals.get(e)
        kernel = _kernel(plan, v) if v is not None else None
        if kernel is not None and kernel.op not in FREE:
            hints.setdefault(kernel, name)
    return hints


def _kernel(plan: Plan, v: Val) -> Node | None:
    r = plan.algebra.ref(v)
    done = plan.done.get(r.node)
    if done is not None:
        return done.node if done.flip == r.flip else None
    found = plan.products.lookup(v.chain) if len(v.chain) > 1 and v == Val(v.coef, chain=v.chain) and v.coef == 1 else None
    return None if found is None or found.flip else found.node


def _name_results(
    k: Kernels, kernels: Sequence[Ref], wrt: Sequence[str], hints: dict[Node, str], sig: Signature, prefix: str
) -> None:
    """grad_W for what is nothing but a result."""
    from matcalc.codegen.ir import count_uses

    roots = [k.explicit(r) for r in kernels]
    uses = count_uses(roots)
    for node, name in zip(roots[1:], wrt, strict=True):
        if uses[node] == 1 and node.op not in FREE and node not in hints:
            parameter = sig.parameters.get(name)
            hints[node] = f"{prefix}_{parameter.name if parameter else name}"


def _returned(k: Kernels, body: Body, kernels: Sequence[Ref]) -> list[str]:
    """What the function returns; never an argument itself, and no array twice."""
    seen: set[Node] = set()
    out = []
    for i, r in enumerate(kernels):
        node = k.explicit(r)
        text = body.text(node)
        base = node
        while base.op in SEEN_THROUGH:
            base = base.args[0]
        shared = base.op == "sym" or base in seen or node.op == "diagv"
        seen.add(base)
        if node.op == "num":
            out.append(repr(float(node.attr)))
            continue
        out.append(f"{text.at(ATOM)}.copy()" if shared and node.shape and (i or base.op == "sym") else text.code)
    return out


def _assembled(
    sig: Signature,
    body: Body,
    returned: Sequence[str],
    name: str,
    doc: Doc,
    expressions: Sequence[Expr],
    wrt: Sequence[str],
    waypoints: Sequence[tuple[str, Expr]],
) -> str:
    """Imports, helpers, the function with its docstring."""
    lines = ["import numpy as np", *[f"import scipy.{m}" for m in sorted(body.modules)]]
    for helper in body.helpers:
        lines += ["", "", *HELPERS[helper].strip().split("\n")]
    lines += ["", "", *_head(name, sig.arguments)]
    output = next((n for n, e in waypoints if e is expressions[0]), "value")
    text = docstring(doc, _parameters(sig), _results(sig, doc, expressions, wrt, output))
    lines += [(INDENT + line).rstrip() for line in (*text, *body.lines, *_return(returned))]
    return "\n".join(lines) + "\n"


def _head(name: str, arguments: Sequence[str]) -> list[str]:
    one = f"def {name}({', '.join(arguments)}):"
    return [one] if len(one) <= WIDTH else [f"def {name}(", *_filled(arguments, INDENT), "):"]


def _return(values: Sequence[str]) -> list[str]:
    first, rest = values[0], values[1:]
    if len(rest) == 1:
        return [f"return {first}, {rest[0]}"]
    one = f"return {first}, ({', '.join(rest)})"
    return [one] if len(one) <= WIDTH - 4 else [f"return {first}, (", *_filled(rest, INDENT), ")"]


def _filled(parts: Sequence[str], indent: str) -> list[str]:
    """The parts with commas, as many in a line as fit."""
    lines = [indent]
    for part in parts:
        if len(lines[-1]) + len(part) > WIDTH - 8 and lines[-1] != indent:
            lines.append(indent)
        lines[-1] += f"{part}, "
    return [line.rstrip() for line in lines]


def _parameters(sig: Signature) -> list[Entry]:
    entries = []
    for original, p in sig.parameters.items():
        note = [f"called {formula(original)} in the formulas"] if original != p.name else []
        entries.append(Entry(p.name, array_type(p.shape), note))
    words = {0: "elementwise function", 1: "its derivative", 2: "its second derivative"}
    for (f, k), text in sig.functions.items():
        entries.append(Entry(text, "callable", [words.get(k, f"its derivative of order {k}") + f" of {f}" * (k == 0 and text != f)]))
    return entries


def _results(sig: Signature, doc: Doc, expressions: Sequence[Expr], wrt: Sequence[str], output: str) -> list[Entry]:
    output_name = output if output.isidentifier() else "value"
    entries = [Entry(output_name, array_type(shape_of(expressions[0].type)), [formula(doc.value)] if doc.value else [])]
    prefix = PREFIX.get(doc.kind, "d")
    for i, (name, e) in enumerate(zip(wrt, expressions[1:], strict=True)):
        parameter = sig.parameters.get(name)
        text = [formula(doc.formulas[i])] if i < len(doc.formulas) else []
        entries.append(Entry(f"{prefix}_{parameter.name if parameter else i}", array_type(shape_of(e.type)), text))
    return entries
