"""Letters below or above a name that only tell names apart: the Q of ``W^Q``, the r of ``W_r``, the k of ``K_k``.

A letter below is an index where a sum, a left side ``z_i = …`` or a declaration binds it; else it is part of the name. So
is the t of a recurrence ``h_t = tanh(W h_{t-1} + U x_t)``: its steps depend on each other, no array holds them all at once,
and one step is an equation between objects that are called h_t, h_{t-1} and x_t.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from matcalc.notation.kinds.letter_habits import usual_kind
from matcalc.notation.lex.habits import LABEL_INDEX, NUMBERS, SCALAR_GREEK, STEPS
from matcalc.notation.lex.macros import UNGLUED
from matcalc.notation.lex.syntax import Ast, Binder, Statement, walk

Slices = Mapping[str, tuple[str, tuple[str, ...]]]


class Settled(NamedTuple):
    statements: list[Statement]
    notes: tuple[str, ...] = ()  # what was taken for granted
    steps: frozenset[str] = frozenset()  # letters above that number the steps of an iteration


def settled(statements: list[Statement], declared: Collection[str], slices: Slices) -> Settled:
    """The statements with such names in one piece: ``pow(W, Q)`` is the name W^Q, ``index(K, k)`` the name K_k."""
    nodes = [node for s in statements for b in (s.body, *s.others) for node in walk(b)]
    signed = tuple(_signed(nodes, declared))
    if not any(node.kind == "index" or (node.kind == "pow" and (_letters(node) or is_step(node))) for node in nodes):
        return Settled(statements, signed)
    summed = {n for node in nodes if node.kind == "bigop" for n in node.value[1].names}
    named = [s for s in statements if _is_step(s, statements, declared, slices, summed)]
    steps = {c: s for s in sorted(named, key=lambda s: any(_earlier(n, s) for n in walk(s.body))) for c in s.letters}
    unbound = _unbound(statements, nodes, declared, slices) - set(steps)
    text = _Text(statements, nodes, declared, frozenset(steps), unbound)
    found = [_step(s, text) if s.letters and steps.keys() >= set(s.letters) else _renamed(s, text) for s in statements]
    return Settled(found, (*signed, *_told(steps), *_said(nodes, text)), frozenset(map(letter_of, _iterated(nodes, text))))


class _Text:
    """What the whole text says about the letters."""

    def __init__(
        self, statements: list[Statement], nodes: list[Ast], declared: Collection[str], steps: frozenset[str], unbound: set[str]
    ):
        self.defined = {s.name for s in statements}
        self.declared = declared
        self.bound = {n for node in nodes if node.kind == "bigop" for n in node.value[1].names}
        self.steps = steps
        self.raised = Counter(node.args[1].value for node in nodes if node.kind == "pow" and _letters(node))
        self.whole = _whole(statements)
        self.iterated = iterated(nodes, declared, self.whole, self.bound)
        self.free = {c for c in unbound if not self.whole[c]}
        self.counts = unbound - self.free  # the n of σ_n beside n/2
        self.parts = {s.name for s in statements if s.name and not s.letters and _holds_parts_of(s)}
        labelled = (str(node.value).partition("_") for node in nodes if node.kind == "name")
        self.worded = {base for base, _, label in labelled if len(label) > 2 and label.isalpha()}  # x of x_museums

    def label(self, node: Ast) -> str:
        """What makes the node a name; empty if it is none."""
        if node.kind == "pow" and is_step(node) and node.args[0].value in self.iterated:
            return "^" + _label(node)[1:]
        if node.kind == "index" and _over(node, self.steps):
            return _label(node)
        if node.kind == "index" and node.args[0].kind == "name" and node.args[0].value in self.parts and _is_plain(node):
            return f"_{''.join(str(a.value) for a in node.args[1:])}"
        letters = _letters(node)
        if not letters or node.args[0].value in self.declared or any(n in self.declared for n in letters):
            return _label(node) if node.kind == "index" and _over(node, self.free) and not self.known(node) else ""
        base, label = str(node.args[0].value), "".join(letters)
        if node.kind == "pow":
            above = usual_kind(label) == "m" or node.args[0].mark in ("bold", "arrow")  # no number, or of no number
            return f"^{label}" if above and self.raised[label] == self.whole[label] else ""
        if self.whole[base] or base in UNGLUED or base in self.defined or any(n in self.bound for n in letters):
            return ""
        strange = all(n in self.defined or n not in LABEL_INDEX for n in letters)
        worded = len(letters) > 1 and node.value is None and base in self.worded
        alone = len(letters) == 1 and (letters[0] in self.free or (letters[0] in self.counts and base in SCALAR_GREEK))
        return f"_{label}" if strange or worded or alone else ""

    def known(self, node: Ast) -> bool:
        base = node.args[0].value
        return bool(self.whole[base]) or base in self.declared or base in self.defined


def _called(node: Ast, label: str) -> str:
    """The name with its label, which stands before a sample that is written above: f_p^(i)."""
    base, raised, sample = str(node.args[0].value).partition("^(")
    return f"{base}{label}{raised}{sample}"


def _renamed(s: Statement, text: _Text) -> Statement:
    def of(node: Ast) -> Ast:
        label = text.label(node)
        if label:
            return Ast("name", node.start, node.end, (), _called(node, label), node.args[0].mark)
        args = tuple([of(a) if isinstance(a, Ast) and a.args else a for a in node.args])
        return node if args == node.args else node._replace(args=args)

    return s._replace(body=of(s.body), others=tuple([of(o) for o in s.others]))


def _holds_parts_of(s: Statement) -> bool:
    """``x = [x_1; x_2]``, which is made of objects that are called x_1 and x_2."""
    return any(n.kind == "index" and n.args[0].kind == "name" and n.args[0].value == s.name and _is_plain(n) for n in walk(s.body))


def _is_plain(node: Ast) -> bool:
    """Whether the index is a number or letters."""
    return all(a.kind in ("num", "name") and a.value not in (":", "*") for a in node.args[1:])


# ---------------------------------------------------------------- steps of a recurrence


def _is_step(
    s: Statement, statements: Sequence[Statement], declared: Collection[str], slices: Slices, summed: Collection[str]
) -> bool:
    if len(s.letters) not in (1, 2) or s.others or s.name in declared or any(s.name == array for array, _ in slices.values()):
        return False
    return is_name(s, statements, summed)


def is_name(s: Statement, statements: Sequence[Statement], summed: Collection[str] = ()) -> bool:
    """Whether the letter on the left only tells names apart: that of a step, and the t of ``h_t = W x_t, L = \\|h_t - y_t\\|^2``,
    over which nothing runs, where all names that bear it bear no other index."""
    if len(s.letters) == 2:  # e_{ij} of s_{i-1} and h_j
        return any(_over(n, s.letters) and n.args[1].kind == "sum" for n in walk(s.body)) and not {*s.letters}.intersection(summed)
    (t,) = s.letters
    if any(_earlier(n, s, summed) for n in walk(s.body)):
        return True
    nodes = [n for other in statements for b in (other.body, *other.others) for n in walk(b)]
    indexed = [n for n in nodes if n.kind == "index"]
    with_t = {n.args[0].value for n in indexed if _over(n, t)}
    used = any(_over(n, t) and n.args[0].value == s.name for o in statements if not o.letters for n in walk(o.body))
    both = any(a.kind == "name" and a.value == t for n in indexed if len(n.args) > 2 for a in n.args[1:])  # W_{ik}
    apart = not both and all(_over(n, t) for n in indexed if n.args[0].value in with_t or n.args[0].kind != "name")
    bound = any(n.value == t if n.kind == "label" else n.kind == "bigop" and t in n.value[1].names for n in nodes)
    return used and apart and not bound and with_t.isdisjoint(_whole([*statements]))


def _earlier(node: Ast, s: Statement, summed: Collection[str] = ()) -> bool:
    """Whether the node is the ``h_{t-1}`` of ``h_t = …``, by its parts or as a declared name; of ``f_t = …``, a gate, where
    the letter is that of steps and no sum runs over it."""
    t = s.letters[0]
    gate = t in STEPS and t not in summed
    if node.kind == "name":
        name = r".+" if gate else re.escape(str(s.name))
        return re.fullmatch(rf"{name}_\{{{re.escape(t)}[+-]\d+\}}", str(node.value)) is not None
    return _over(node, {t}) and node.args[1].kind == "sum" and (gate or node.args[0].value == s.name)


def _step(s: Statement, text: _Text) -> Statement:
    return _renamed(s, text)._replace(name=f"{s.name}_{''.join(s.letters)}", letters=())


def _told(steps: Mapping[str, Statement]) -> Iterator[str]:
    for t, s in steps.items():
        before = next((n for n in walk(s.body) if _earlier(n, s)), None)
        if before is None:
            yield f"nothing runs over {t}: it is read as part of the name '{s.name}_{''.join(s.letters)}'"
            continue
        shown = before.value if before.kind == "name" else f"{before.args[0].value}{_label(before)}"
        yield f"'{s.name}_{t}' is one step of a recurrence: {shown} is taken as given, and {t} as a label"


# ---------------------------------------------------------------- letters that nothing binds


def _unbound(statements: list[Statement], nodes: list[Ast], declared: Collection[str], slices: Slices) -> set[str]:
    """Letters that stand below names, over which nothing runs, and that no product sums over."""
    found = {c for node in nodes if node.kind == "index" for c in _index_letters(node)}
    if not found:
        return found
    bound = {c for node in nodes if node.kind == "bigop" for c in _bound(node.value[1])}
    bound.update(c for s in statements for c in s.letters)
    bound.update(c for _, places in slices.values() for c in places)
    bound.update(c for node in nodes if node.kind == "index" for c in _as_place(node))
    bound.update(c for node in nodes if node.kind == "prod" for c in _summed_over(node))
    return {c for c in found - bound if c not in declared}


def _bound(binder: Binder) -> Iterator[str]:
    yield from binder.names
    yield from [binder.member] if binder.member else []
    yield from (str(n.value) for r in binder.where for side in (r.left, r.right) for n in walk(side) if n.kind == "name")


def _as_place(node: Ast) -> set[str]:
    """Letters of an index of something in brackets, of an entry ``a_{ij}`` and of a range."""
    letters = {str(n.value) for a in node.args[1:] if isinstance(a, Ast) for n in walk(a) if n.kind == "name"}
    return letters if node.args[0].kind != "name" or node.mark == "(" or len(node.args) > 2 or not _index_letters(node) else set()


def _summed_over(node: Ast) -> set[str]:
    """The i of ``a_i b_i``, which some sum over."""
    factors = [a for a in node.args if a.kind != "num"]
    small = all(a.kind == "index" and a.args[0].kind == "name" and str(a.args[0].value)[:1].islower() for a in factors)
    return {c for a in factors for c in _index_letters(a)} if small and len(factors) > 1 else set()


def _signed(nodes: list[Ast], declared: Collection[str]) -> Iterator[str]:
    for name in dict.fromkeys(str(n.value) for n in nodes if n.kind == "name" and str(n.value).endswith("_+")):
        if name not in declared:
            yield f"'{name}' is read as a name of its own: ({name[:-2]})_+ is the positive part"


def _said(nodes: list[Ast], text: _Text) -> Iterator[str]:
    for c in sorted((text.free | text.counts) & set(LABEL_INDEX)):
        places = sorted((n for n in nodes if _over(n, {c}) and text.label(n)), key=lambda n: n.start)
        labels = dict.fromkeys(_called(n, text.label(n)) for n in places)
        if labels:
            names = " and ".join(f"'{name}'" for name in labels)
            yield f"nothing runs over {c}: it is read as part of the name{'s' * (len(labels) > 1)} {names}"
    steps = _iterated(nodes, text)
    for k in dict.fromkeys(map(letter_of, steps)):
        names = " and ".join(dict.fromkeys(f"'{n.args[0].value}{text.label(n)}'" for n in steps if letter_of(n) == k))
        yield f"the {k} above is read as the number of a step, a part of {names}: --dim {k}= makes it a power"


def _iterated(nodes: list[Ast], text: _Text) -> list[Ast]:
    return sorted((n for n in nodes if is_step(n) and n.args[0].value in text.iterated), key=lambda n: n.start)


# ---------------------------------------------------------------- parts of the tree


def _index_letters(node: Ast) -> set[str]:
    """The letter of ``x_t``, ``x_{t-1}``."""
    first = node.args[1] if node.kind == "index" and len(node.args) == 2 and node.args[0].kind == "name" else None
    head = first.args[0] if first is not None and first.kind == "sum" else first
    letter = str(head.value) if head is not None and head.kind == "name" else ""
    return {letter} if len(letter) == 1 and letter.isalpha() and _over(node, {letter}) else set()


def _over(node: Ast, letters: Collection[str]) -> bool:
    """Whether the node is a name with the index ``t``, ``t-1`` or ``t+1``."""
    if node.kind != "index" or len(node.args) != 2 or node.args[0].kind != "name" or node.args[0].value in UNGLUED:
        return False
    parts: Sequence[Ast] = node.args[1].args if node.args[1].kind == "sum" else node.args[1:]
    return parts[0].kind == "name" and parts[0].value in letters and all(a.kind == "num" for a in parts[1:])


def _label(node: Ast) -> str:
    """``_t``, ``_{t-1}``."""
    label = node.args[1]
    if label.kind == "name":
        return f"_{label.value}"
    signs = zip(label.value, label.args, strict=True)
    return f"_{{{''.join(f'{sign}{part.value}' for sign, part in signs).removeprefix('+')}}}"


def _letters(node: Ast) -> tuple[str, ...]:
    """The names above or below a name."""
    if node.kind not in ("pow", "index") or node.value not in ("^", None) or node.args[0].kind != "name":
        return ()
    names = tuple([a.value for a in node.args[1:] if a.kind == "name" and a.value not in (":", "*")])
    return names if len(names) == len(node.args) - 1 else ()


def _whole(statements: list[Statement]) -> Counter[str]:
    """How often each name stands by itself: neither with an index nor below one."""
    found = Counter[str]()
    stack = [b for s in statements for b in (s.body, *s.others)]
    while stack:
        node = stack.pop()
        if node.kind == "name":
            found[str(node.value)] += 1
        if node.kind != "index" or node.args[0].kind != "name":
            stack.extend(a for a in node.args if isinstance(a, Ast))
    return found


# Steps of an iteration above a name: the ``x^k`` and ``x^{k+1}`` of ``\|A x^k - b\|^2`` are vectors of their own, and no powers


def is_step(node: Ast) -> bool:
    """``z^k``, ``x^{k+1}``: what an iteration has at a step."""
    if node.kind != "pow" or node.value != "^" or node.args[0].kind != "name":
        return False
    first, *more = node.args[1].args if node.args[1].kind == "sum" else node.args[1:]
    return first.kind == "name" and first.value in STEPS and all(a.kind == "num" for a in more)


def letter_of(node: Ast) -> str:
    """The k of ``x^{k+1}``."""
    above = node.args[1]
    return str((above.args[0] if above.kind == "sum" else above).value)


def iterated(nodes: Sequence[Ast], declared: Collection[str], whole: Mapping[str, int], bound: Collection[str]) -> frozenset[str]:
    """The names of which the powers are steps. A letter that stands elsewhere, too, is a number: ``k x^k``."""
    steps = [n for n in nodes if n.kind == "pow" and is_step(n)]
    letters = [letter_of(n) for n in steps]
    free = {k for k in letters if letters.count(k) == whole[k] and k not in declared and k not in bound}
    asked = {id(n) for node in nodes for n in _as_arrays(node)}
    found = set[str]()
    for n in steps:
        base = str(n.args[0].value)
        others = {_shape(m) for m in steps if m.args[0].value == base}
        if letter_of(n) in free and (id(n) in asked or len(others) > 1 or n.args[0].mark in ("bold", "arrow")):
            found.add(base)
    return frozenset(b for b in found if b not in declared and b not in UNGLUED and b not in NUMBERS)


def _shape(node: Ast) -> tuple[object, ...]:
    """What stands above: equal for equal steps."""
    above = node.args[1]
    return (above.value, *(a.value for a in above.args)) if above.kind == "sum" else (above.value,)


def _as_arrays(node: Ast) -> Iterator[Ast]:
    """The steps of which a node says that they are arrays."""
    if node.kind in ("norm", "angle"):
        for a in node.args:
            yield from _terms(a)
    elif node.kind == "T" or (node.kind == "pow" and node.args[1].kind == "T"):
        yield from _terms(node.args[0])
    elif node.kind == "prod":
        for left, right in zip(node.args, node.args[1:], strict=False):
            turned = left.kind == "T" or (left.kind == "pow" and left.args[1].kind == "T")
            if is_step(right) and _is_small(right) and (turned or (left.kind == "name" and usual_kind(str(left.value)) == "m")):
                yield right


def _terms(node: Ast) -> Iterator[Ast]:
    """The steps among the terms, or last in one of them."""
    for term in node.args if node.kind == "sum" else (node,):
        a = term.args[0] if term.kind == "neg" else term
        if a.kind == "sum":
            yield from _terms(a)
        last = a.args[-1] if a.kind == "prod" and a.value[-1] in (" ", "*", "dot", "@") else a
        if is_step(last) and _is_small(last):
            yield last


def _is_small(node: Ast) -> bool:
    """The powers of a matrix are what they are written as."""
    return usual_kind(str(node.args[0].value)) != "m"
