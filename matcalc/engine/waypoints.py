"""Which intermediate values of a computation get a name, and which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from matcalc.algebra.normal.given_forms import AsGiven
from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.roots import SPREAD
from matcalc.expr.groups import CARRIED, JOINED, SUMS
from matcalc.expr.nodes import Expr, make, operands, postorder, sym
from matcalc.expr.table import TABLE

# Operators that a reader sees through: their arguments get no name for their sake.
PLAIN = frozenset(("add", "sub", "neg", "scale", "div", "matmul", "T", "hadamard", "hdiv", "sum", "tr", "fill", "trpow",
                    "diagm", "diagv", "vec", "kron", "rowsum", "colsum", "pow", "hpow", "mpow"))  # fmt: skip
WINDOW = "x_window"  # several vectors of one size below each other, as a lecture calls them
POOLS = {
    "argument": {"c": "zaqr", "r": "zaqr", "m": "ZMPQ", "s": "tcrk", "t": "Z"},
    "value": {"c": "hevw", "r": "hevw", "m": "HESV", "s": "crkt", "t": "H"},
    "product": {"c": "pqrw", "r": "pqrw", "m": "PQMS", "s": "crkt", "t": "P"},
}
OPERATIONS = {**dict.fromkeys("scr", "abcghkpqrvwtuyzmn"), "m": "ABCDGHKMPQ", "t": "T"}
OUTPUTS = {"s": "sLyF", "c": "yzvw", "r": "yzvw", "m": "YZMF", "t": "YZ"}


class Graph(NamedTuple):
    """A computation cut at its named values.

    ``bodies`` holds each named value as an expression in symbols; ``symbols`` maps the original
    node to its symbol; ``order`` lists the named nodes, arguments first, the output last.
    """

    output: Expr
    output_name: str
    symbols: dict[Expr, Expr]
    bodies: dict[Expr, Expr]
    order: tuple[Expr, ...]
    needed: frozenset[Expr]
    given: frozenset[Expr] = frozenset()  # those that the input names


def cut(
    output: Expr, output_name: str | None, definitions: Iterable[tuple[str, Expr]], wrt: set[Expr], taken: set[str],
    every: bool = False,
) -> Graph:  # fmt: skip
    """Choose names and cut the computation at them, with ``every`` at each operation; work is linear in the graph."""
    definitions = list(definitions)
    beside = _beside(output, definitions)
    order = postorder((*beside, output))
    needed: set[Expr] = set()
    for node in order:
        if node not in beside and (node in wrt or any(a in needed for a in node.args)):
            needed.add(node)
    present = set(order)
    names = {e: n for n, e in definitions if e.args and e is not output and e in present}
    given = frozenset(names)
    used = taken.union(n for n, _ in definitions)  # also those that a rewriting has dissolved: no other value is called so
    final = output_name or _fresh(OUTPUTS[output.type[0]], used)
    used.add(final)
    counters: dict[str, int] = {}
    called = _after_what_they_feed(order, needed, names, used)
    for node, role in _candidates(order, needed, output, given):
        if node in called:
            names[node] = called[node]
        elif node not in names:
            window = role == "argument" and WINDOW not in used and _is_window(node, needed)
            names[node] = WINDOW if window else _fresh(TABLE[node.op].letters or POOLS[role][node.type[0]], used, counters)
            used.add(names[node])
    for node in _operations(order) if every else ():
        if node not in names and node is not output:
            names[node] = _fresh(OPERATIONS[node.type[0]], used, counters)
            used.add(names[node])
    return _cut(order, output, final, names, frozenset(needed))._replace(given=given)


def _beside(output: Expr, definitions: Iterable[tuple[str, Expr]]) -> tuple[Expr, ...]:
    """What the input names, a rewriting has dissolved, and derivatives speak of again: p = softmax(z) beside logsoftmax(z)."""
    named = [e for _, e in definitions if TABLE[e.op].letters]
    present = set(postorder((output,))) if named else set[Expr]()
    return tuple(dict.fromkeys(e for e in named if e not in present and present.issuperset(e.args)))


def _after_what_they_feed(
    order: list[Expr], needed: set[Expr], names: Mapping[Expr, str], used: set[str]
) -> dict[Expr, str]:  # fmt: skip
    """z_f for what f = σ(…) is taken of, z_1 where that is h_1; where there is one only, z is enough."""
    users: dict[Expr, list[Expr]] = {}
    for node in order:
        for a in dict.fromkeys(node.args):
            users.setdefault(a, []).append(node)
    feeding: dict[Expr, str] = {}  # the argument of f, by what f is called
    for a, (user, *others) in users.items():
        alone = not others and user in names and TABLE[user.op].elementwise and user.op not in PLAIN
        if alone and a in needed and a not in names and not _plain(a):
            feeding[a] = names[user].rpartition("_")[2]
    if len(set(feeding.values())) < len(feeding) or len(feeding) < 2:
        return {}
    for letters in zip(*[POOLS["argument"][a.type[0]] for a in feeding], strict=False):
        found = {a: f"{letter}_{after}" for letter, (a, after) in zip(letters, feeding.items(), strict=True)}
        if used.isdisjoint([*found.values(), *letters]):
            used.update([*found.values(), *letters])  # z_i would be an entry of z
            return found
    return {}


def _candidates(
    order: list[Expr], needed: set[Expr], output: Expr, given: frozenset[Expr]
) -> Iterable[tuple[Expr, str]]:  # fmt: skip
    """Arguments and values of non-linear operators, and what is used more than once; but neither 1 - p where p has a name, nor
    log(p), which is read as it stands."""
    uses = Counter(a for node in order for a in set(node.args))
    chosen: dict[Expr, str] = {}
    inside = _inside(order)
    values = set(given) | {e for e, times in uses.items() if times > 1 and e.args and e in needed and e.op not in PLAIN}
    for node in order:
        if node in needed and node.op not in PLAIN and node.args:
            for a in node.args:
                if a in needed and not _plain(a) and not (node.op in JOINED and a in inside) and _moved(a, needed) not in values:
                    chosen.setdefault(a, "argument")
            if node.op in JOINED and node not in inside and sum(a in needed for a in blocks(node)) > 1:
                chosen.setdefault(node, "argument")  # what comes back to it is shared by its blocks
            entrywise = TABLE[node.op].elementwise and node.type[0] != "s" and _moved(node.args[0], needed) not in values
            if entrywise or TABLE[node.op].letters:
                chosen.setdefault(node, "value")
                values.add(node)
    for node in _prefixes(order, needed):
        chosen.setdefault(node, "product")
    for node in order:
        if node is output or node not in needed or not node.args or _plain(node):
            continue
        if node in chosen or (uses[node] > 1 and node not in inside):
            yield node, chosen.get(node, "argument" if node.op in PLAIN else "value")


def _moved(a: Expr, needed: set[Expr]) -> Expr:
    """What moves in a sum with what does not: p of 1 - p."""
    while a.op in SUMS and sum(b in needed for b in a.args) == 1:
        a = next(b for b in a.args if b in needed)
    return a


def blocks(node: Expr) -> list[Expr]:
    """What a concatenation consists of, from first to last: the blocks of one in it are blocks of it."""
    return list(operands(node, JOINED))


def _inside(order: list[Expr]) -> set[Expr]:
    """What is read with the concatenation that it is in, and stands nowhere else: another one, a row of a matrix."""
    inner = {a for node in order if node.op in JOINED for a in node.args if a.op in JOINED or _is_row(a)}
    return inner.difference(a for node in order if node.op not in JOINED for a in node.args)


def _is_window(node: Expr, needed: set[Expr]) -> bool:
    """Whether these are variables, or rows of matrices, of one size below each other, three at least."""
    parts = blocks(node) if node.op == "vcat" and node.type[0] == "c" else []
    words = all((a.op == "sym" or _is_row(a)) and a in needed for a in parts)
    return words and len(parts) > 2 and len({a.type for a in parts}) == 1


def _is_row(node: Expr) -> bool:
    """A row of a matrix, as a column: L[3,:], or Lᵀ i with a one-hot i."""
    row = node.op == "col" or (node.op == "matmul" and node.args[1].op == "sym" and node.type[0] == "c")
    return row and node.args[0].op == "T" and node.args[0].args[0].op == "sym"


def _operations(order: list[Expr]) -> Iterable[Expr]:
    """Nodes in which something is done with a variable: a transpose is read with what it goes into, and so is a constant,
    and a concatenation with the one that it is in."""
    moving: set[Expr] = set()
    inside = _inside(order)
    for node in order:
        if node.op == "sym" or any(a in moving for a in node.args):
            moving.add(node)
            if node.op not in ("sym", "T") and not (node.op in JOINED and node in inside):
                yield node


def _prefixes(order: list[Expr], needed: set[Expr]) -> list[Expr]:
    """Partial products of a long product of several variables: each is named once, and the gradients share them."""
    products = {node for node in order if node.op == "matmul" and all(a in needed for a in node.args)}
    inner = {a for node in products for a in node.args if a in products}
    found: list[Expr] = []
    for node in order:
        if node in products and node not in inner:
            stack = [node]
            parts: list[Expr] = []
            factors: list[Expr] = []
            while stack:
                for a in stack.pop().args:
                    (parts if a in products else factors).append(a)
                    if a in products:
                        stack.append(a)
            if len(factors) > LONG and len(set(factors)) > 1:  # a power of one matrix is written as that
                found += parts
    return found


LONG = 12  # factors


def _plain(node: Expr) -> bool:
    """A symbol, transposed or not, or a scalar spread over entries."""
    while node.op in SPREAD:
        node = node.args[0]
    return not node.args


def _fresh(pool: str, used: set[str], counters: dict[str, int] | None = None) -> str:
    """The first free letter of the pool, then numbered names; ``counters`` remembers where the numbers are."""
    for letter in pool:
        if letter not in used:
            return letter
    counters = {} if counters is None else counters
    i = counters.get(pool[0], 1)
    while f"{pool[0]}{i}" in used:
        i += 1
    counters[pool[0]] = i
    return f"{pool[0]}{i}"


def _cut(order: list[Expr], output: Expr, final: str, names: Mapping[Expr, str], needed: frozenset[Expr]) -> Graph:
    symbols: dict[Expr, Expr] = {}
    bodies: dict[Expr, Expr] = {}
    local: dict[Expr, Expr] = {}
    way: list[Expr] = []
    for node in order:
        if not node.args:
            local[node] = node
            if node.op == "sym":
                symbols[node] = node
            continue
        args = tuple([local[a] for a in node.args])
        body = node if args == node.args else make(node.op, args, node.attr, node.type)
        name = final if node is output else names.get(node)
        if name is None:
            local[node] = body
            continue
        bodies[node] = body
        symbols[node] = local[node] = sym(name, node.type)
        way.append(node)
    if output not in bodies:  # the output is a bare symbol
        bodies[output] = output
        symbols[output] = sym(final, output.type)
        way.append(output)
    return Graph(output, final, symbols, bodies, tuple(way), needed)


def as_result(graph: Graph, value: Expr, names: Mapping[Expr, str], given: AsGiven) -> tuple[Expr, dict[Expr, str]]:
    """A result with what the input has as the input writes it, and the names that it is written with."""
    shown = given.written(value)
    own = {shown: names[shown]} if shown in graph.given else {}
    return shown, own or _names_for_results(graph, shown, names)


def given_forms(graph: Graph, n: Normalizer) -> AsGiven:
    """What the input has, for all results of a derivation."""
    return AsGiven((graph.output, *graph.order), [e for e in graph.order if e is not graph.output], n)


def _names_for_results(graph: Graph, value: Expr, names: Mapping[Expr, str]) -> dict[Expr, str]:
    """Names that a result is written with: those of the input, and arguments of functions, as in f'(z);
    a short sum or product in another one is written out: 2A'(Ax − b); but not where it stands three times."""
    kept: dict[Expr, str] = {}
    loose: set[Expr] = set()
    uses: dict[Expr, int] = {}
    stack, seen = [value], {value}
    while stack:
        node = stack.pop()
        for a in node.args:
            uses[a] = uses.get(a, 0) + 1
            if a in names and a is not value:
                kept[a] = names[a]
                within = node.op in PLAIN and a.op in PLAIN and a.op not in JOINED
                if within and a not in graph.given and len(postorder((a,))) <= SHORT:
                    loose.add(a)
            if (a not in names or a.op not in PLAIN) and a not in seen:  # below a value that may be written out
                seen.add(a)
                stack.append(a)
    loose = {a for a in loose if uses[a] < 3} | {a for a in kept if a.op in CARRIED}
    inside = [b for a in loose if a.op not in PLAIN for b in a.args if b in names]
    return {a: n for a, n in kept.items() if a not in loose} | {b: names[b] for b in inside if b not in loose}


SHORT = 7  # nodes


__all__ = ["Graph", "cut"]
