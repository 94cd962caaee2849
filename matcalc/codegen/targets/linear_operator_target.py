"""NumPy source of a derivative as a ``scipy.sparse.linalg.LinearOperator``: nothing is formed but what its products need.

What does not depend on the vector that is multiplied is computed once, outside of the functions that multiply.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

from matcalc.codegen.ir.graph import Node, Ref, Shape
from matcalc.codegen.plan.body import Body
from matcalc.codegen.plan.hoisting import depending, hoisted
from matcalc.codegen.products.document import Entry, clean, docstring
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import above, filled, head, indented, opening, parameters
from matcalc.codegen.targets.numpy_target import DIALECT, planned, returned_texts
from matcalc.codegen.targets.printing import shape
from matcalc.codegen.targets.two_passes import names_of

OPERATOR = "scipy.sparse.linalg.LinearOperator"


class Product(NamedTuple):
    """One of the products of the operator, the function that is its ``keyword``: matvec, or rmatvec.

    The vector holds the variables ``given``, end to end; what comes out are the next ``results`` of the task. ``said`` is what.
    """

    keyword: str
    given: Sequence[str]
    results: int
    said: str


class Written(NamedTuple):
    """The lines in order, each with whether it depends on a vector; the texts of the results, and what they are."""

    body: Body
    lines: list[tuple[str, frozenset[str]]]
    texts: list[str]
    entries: list[Entry]


def source(task: Task, products: Sequence[Product], kind: str) -> str:
    """Source of a function that returns the value and the operator. One of which one product is given is symmetric."""
    made = _written(task, [name for product in products for name in product.given])
    body, names = made.body, made.body.names
    own = {p.keyword: names.fresh(p.keyword) for p in products}
    operator, count = names.fresh(kind), len(made.texts) - sum(p.results for p in products)
    inner, at = [], count
    for product in products:
        inner += ["", *_function(made, own[product.keyword], product, made.texts[at : at + product.results])]
        at += product.results
    sizes = [_size(body, [body.parameters[n].shape for n in p.given]) for p in products]
    parts = [
        f"({sizes[-1]}, {sizes[0]})",
        f"matvec={own['matvec']}",
        f"rmatvec={own[products[-1].keyword]}",
        f"dtype={body.dtype() or 'float'}",
    ]
    body.scipy("sparse.linalg")
    outside = [line for line, later in made.lines if not later]
    returned = ", ".join([*made.texts[:count], operator])
    lines = [*outside, *inner, "", *_call(f"{operator} = {OPERATOR}", parts), f"return {returned}"]
    given = {body.parameters[n].name for p in products for n in p.given}
    entries = [*made.entries[:count], Entry(operator, "LinearOperator", [p.said for p in products])]
    text = docstring(task.doc._replace(kind=kind), [e for e in parameters(body.sig) if e.name not in given], entries)
    arguments = [a for a in body.sig.arguments if a not in given]
    return "\n".join([*above(body), *head(task.name, arguments), *indented([*text, *opening(body.sig, body), *lines])]) + "\n"


def _written(task: Task, later: Sequence[str]) -> Written:
    plan = planned(task)
    roots, moved, lasting = hoisted(plan.kernels, plan.roots, later)
    hints = {moved.get(node, node): name for node, name in plan.hints.items()}
    positive = {moved.get(node, node) for node in plan.positive}
    body = Body(plan.kernels, task.signature, hints, positive, task.ties, later, dialect=DIALECT)
    body.write([Ref(node) for node in roots], lasting)
    texts = returned_texts(body, roots)
    return Written(body, _by_vector(body, roots, later), texts, plan.entries)


def _by_vector(body: Body, roots: Sequence[Node], later: Sequence[str]) -> list[tuple[str, frozenset[str]]]:
    """The lines, with the variables among the ``later`` ones that each depends on, by what it reads and what it adds to."""
    by_name = {name: depending(roots, [name]) for name in later}
    known = {body.parameters[name].name: frozenset([name]) for name in later}
    found = []
    for i, line in enumerate(body.lines):
        stored, read = names_of([line], ast.Store), names_of([line], ast.Load)
        own = {name for name, nodes in by_name.items() if i in body.made and body.made[i] in nodes}
        reached = frozenset(own.union(*(known.get(n, ()) for n in [*stored, *read])))
        known |= dict.fromkeys(stored, reached)
        found.append((line, reached))
    return found


def _function(made: Written, name: str, product: Product, texts: Sequence[str]) -> list[str]:
    """The function of one vector."""
    body = made.body
    given = [body.parameters[n] for n in product.given]
    vector = given[0].name if len(given) == 1 else body.names.fresh("v")
    shapes = [_shape(body, p.shape) for p in given]
    if len(given) == 1:
        opened = [f"{vector} = np.reshape({vector}, {shapes[0]})"]
    else:
        parts, ends = body.names.fresh("parts"), [_size(body, [q.shape for q in given[: i + 1]]) for i in range(len(given) - 1)]
        opened = [f"{parts} = np.split(np.ravel({vector}), ({', '.join(ends)},))"]
        opened += [f"{p.name} = np.reshape({parts}[{i}], {s})" for i, (p, s) in enumerate(zip(given, shapes, strict=True))]
    lines = [line for line, later in made.lines if not later.isdisjoint(product.given)]
    flat = [f"np.ravel({text})" for text in texts]
    result = flat[0] if len(flat) == 1 else f"np.concatenate(({', '.join(flat)}))"
    return [*head(name, [vector]), *indented([f'"""{_sentence(product.said)}"""', *opened, *lines, f"return {result}"])]


def _shape(body: Body, dims: Shape) -> str:
    like = body.like(dims)
    return f"{like}.shape" if like else shape(body, dims)


def _size(body: Body, shapes: Sequence[Shape]) -> str:
    """How many numbers arrays of these shapes have together."""
    found = []
    for dims in shapes:
        like = body.like(dims)
        found.append(f"{like}.size" if like else " * ".join([body.size(d) for d in dims]) or "1")
    return " + ".join(found)


def _sentence(said: str) -> str:
    return clean(said.partition(":")[0].rstrip(".")) + "."


def _call(called: str, parts: Sequence[str]) -> list[str]:
    one = f"{called}({', '.join(parts)})"
    return [one] if len(one) < 96 else [f"{called}(", *filled(parts, "    "), ")"]
