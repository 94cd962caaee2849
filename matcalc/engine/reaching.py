"""The lines between the last line of a derivative and its box: what stood for something put in, then law by law.

Each line is the one before with one layer of the innermost parts that have no normal form yet brought into it, and names the
laws that the normal form used there; what no reader asks about (order, signs, brackets) needs no line. The last one is the box.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from itertools import pairwise, zip_longest
from typing import NamedTuple

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.terms import Ground
from matcalc.algebra.normal.tidied import tidied
from matcalc.algebra.rewriting import rewritten
from matcalc.algebra.rule import Book, Rule
from matcalc.engine.derivation import Formula, Step, Trace, is_long, printed_length
from matcalc.engine.folded import Folds
from matcalc.expr.groups import DERIVED, SUMS
from matcalc.expr.nodes import Expr, below, is_zero, operands, postorder, reached, rebuild, substitute, times, written_size
from matcalc.notation.write.render import Naming

LAWS = 2  # in one line
LAYERS = 12  # at most
MOST = 4  # lines
GIVEN = ("chain", "shape", "block", "structure")  # lines whose right side can be put in for the left one
SCALING = ("rows-scaled", "columns-scaled")
PUT_IN, ARRANGED = "put-in", "rearranged"
NAMED = 4  # of what is put in
LONGEST = 90  # nodes of a line
WHOLE = 400  # nodes, with all names written out, of what is still brought to its box law by law


class Move(NamedTuple):
    """The next member of a chain: what was put in for it, and the laws by which it is the one before."""

    rhs: Formula
    put_in: tuple[Formula, ...] = ()
    laws: tuple[Ground, ...] = ()


class Forms:
    """Normal forms with the laws by which they are, and tidied forms; the chains of a derivation share most of what these need."""

    def __init__(self, properties: Mapping[str, frozenset[str]]) -> None:
        self.properties = properties
        self._tidied: dict[Expr, Expr] = {}
        self._reached: dict[Expr, tuple[Expr, tuple[Ground, ...]]] = {}
        self._n = Normalizer(properties)
        self._n.noting = True

    def tidied(self, e: Expr) -> Expr:
        return tidied(e, self._tidied)

    def reached(self, e: Expr) -> tuple[Expr, tuple[Ground, ...]]:
        """The normal form, and by which laws where the parts have theirs."""
        if e not in self._reached:
            n, at, met = self._n, len(self._n.noted), e in self._n.linears  # as a part of something else
            form = n.normal(e)
            laws = () if form is e else n.grounds(e) if met else tuple(dict.fromkeys(n.noted[at:]))
            self._reached[e] = form, laws
        return self._reached[e]

    def at_once(self, e: Expr, expand: bool = False) -> tuple[Expr, tuple[Ground, ...]]:
        """The normal form, and all laws by which it is."""
        n = Normalizer(self.properties, expand=expand)
        n.noting = True
        form = n.normal(e)
        return form, () if form is e else tuple(dict.fromkeys(n.noted))


class Known(NamedTuple):
    """What stands for something: derivatives and their values, names of values and their definitions."""

    slopes: Mapping[Expr, Expr]
    bodies: Mapping[Expr, Expr]
    roles: Mapping[str, str]  # of laws
    forms: Forms
    scaling: tuple[Rule, ...] = ()  # rows by which a form may be shorter that is no normal form


def moves(start: Formula, box: Formula, known: Known) -> tuple[tuple[Move, ...], Formula]:
    """The chain from a line to its box, and the box: the shortest member of the chain.

    It is empty where they are the same, longer than half a page, or where terms cancel to 0."""
    same = start.expr is box.expr and start.names is box.names
    if same or is_long(start) or is_long(box) or start.text == box.text:
        return (), box
    called = {name: e for e, name in box.names.items()}
    filled, slopes = _filled(start.expr, known.slopes)
    values = {s: called.get(str(s.attr), body) for s, body in known.bodies.items()}
    last = dict(_named(box, None))
    gone = [f for name, f in _named(Formula(filled, start.names), values) if name not in last]
    left = {f.expr for f in gone} | {values.get(f.expr, f.expr) for f in gone}
    free = {e: n for e, n in {**start.names, **box.names}.items() if e not in known.slopes and e not in left}
    whole = _filled(filled, values)[0]
    inner = [f for name, f in _named(Formula(whole, free), {}) if name not in last]  # what that was put in mentions in its turn
    names = _shared({e: n for e, n in free.items() if e not in {f.expr for f in inner}}, box)
    put_in = tuple({f.text: f for f in (*(Formula(p, start.names) for p in slopes), *gone, *inner)}.values())
    if written_size(whole) > WHOLE:
        return (Move(box, put_in),), box
    first = known.forms.tidied(whole)
    if is_zero(box.expr) and first is not box.expr:  # why terms cancel is found in exact arithmetic, and said in a line of its own
        return (), box
    put = Move(Formula(first, names), put_in)
    given = box._replace(expr=first)
    if printed_length(given) <= printed_length(box) and put.rhs.text != start.text:  # the form of the input is no longer
        return (put._replace(rhs=given),), given
    found = _stages(first, box.expr, known.forms)
    kept = {known.forms.reached(e)[0]: e for e in names if e.args}  # what has a name keeps it when a law changes what is around it
    kept = {form: e for form, e in kept.items() if form is not e}
    chain = [put, *(_with_names(Move(Formula(e, names), (), laws), kept, known.forms) for e, laws in found)]
    chain[-1] = chain[-1]._replace(rhs=box)
    shown = [box._replace(expr=move.rhs.expr) for move in chain]
    best = min(range(len(chain)), key=lambda i: printed_length(shown[i]))  # of equally short ones that in the author's order
    chain[best:] = [chain[best]._replace(rhs=shown[best])]
    told = _merged([_used(before, move, known.roles) for before, move in zip([chain[0], *chain], chain, strict=False)], start.text)
    return tuple([move._replace(laws=_worth_saying(move, known.roles)) for move in told]), shown[best]


def _shared(names: dict[Expr, str], box: Formula) -> Mapping[Expr, str]:
    """The same names; those of the box, where they are, remember what was printed with them."""
    return box.names if names == box.names else Naming(names)


def _with_names(move: Move, kept: Mapping[Expr, Expr], forms: Forms) -> Move:
    """With values as they are named where their normal form stands."""

    def named(e: Expr) -> Expr:
        return substitute((e,), dict(kept))[0]

    laws = tuple([(law, None if of is None else named(of)) for law, of in move.laws])
    return move._replace(rhs=move.rhs._replace(expr=forms.tidied(named(move.rhs.expr))), laws=laws)


def _worth_saying(move: Move, roles: Mapping[str, str]) -> tuple[Ground, ...]:
    """Without the transpose of a sum, where there is another reason."""
    laws = tuple(law for law in move.laws if roles.get(law[0]) != "silent")
    return laws if laws or move.put_in else move.laws


def with_chains(trace: Trace, properties: Mapping[str, frozenset[str]], book: Book, names: Collection[str]) -> Trace:
    """The trace with the lines that lead from the last line of each result to its box; ``names`` are those of the input."""
    boxed = {b.lhs.expr for b in trace.boxes if b.kind in GIVEN}
    steps = [s for s in trace.steps if s.kind != "reached" or s.lhs.expr not in boxed]  # those to a box may have been told before
    slopes = {s.lhs.expr: s.rhs.expr for s in steps if s.kind in (*GIVEN, "reached") and s.lhs.expr.op in DERIVED}
    bodies = {s.lhs.expr: s.rhs.expr for s in trace.steps if s.kind == "definition" and s.lhs.expr is not s.rhs.expr}
    known = Known(slopes, bodies, roles(book), Forms(properties), tuple([book.rows()[name] for name in SCALING]))
    folds = Folds(trace.waypoints, names, bodies, Normalizer(properties))
    boxes = {(b.kind, b.lhs.expr): b.rhs for b in trace.boxes if b.kind in GIVEN}
    told: list[Step] = []
    shown: dict[Expr, Formula] = {}
    waiting: list[Step] = []  # for the line that puts blocks together again
    for step, then in zip_longest(steps, steps[1:]):
        told.append(step)
        box = boxes.get((step.kind, step.lhs.expr))
        if box is not None and box.type == step.rhs.type:
            chain, form = _chain(step.rhs, box, known, folds)
            scaled = _scaled(form, known.scaling)
            chain, shown[step.lhs.expr] = (chain, form) if scaled is None else ((*chain, scaled), scaled.rhs)
            waiting += lines(step, chain, book)
        if then is None or not (step.kind == "block" and (then.kind == "block" or then.via)):
            told += waiting
            waiting = []
    return _with_forms(trace, shown)._replace(steps=tuple(told))


def _chain(start: Formula, box: Formula, known: Known, folds: Folds) -> tuple[tuple[Move, ...], Formula]:
    """The chain from a line to its box, by the names of values where it is shorter then."""
    centred = folds.centred and not (is_long(start) or is_long(box) or start.text == box.text)
    whole, slopes = _filled(start.expr, known.slopes) if centred else (start.expr, ())
    folded = folds.apart(box, whole) if centred else None
    if folded is None:
        chain, form = moves(start, box, known)
        folded = folds.folded(form)
        return (chain, form) if folded is None else ((*chain, Move(folded.form, folded.put_in)), folded.form)
    put, apart = folded.before
    first = Move(put, tuple([Formula(p, start.names) for p in slopes]))
    then = Move(apart, (), _worth_saying(Move(apart, (), folded.laws), known.roles))
    told = (Move(start), first, then, Move(folded.form, folded.put_in))
    return tuple([move for before, move in pairwise(told) if move.rhs.text != before.rhs.text]), folded.form


def _scaled(form: Formula, rows: Sequence[Rule]) -> Move | None:
    """diag(v) X for X ∘ (v 1ᵀ), where that is shorter in print."""
    done: dict[Expr, Expr] = {}
    used: dict[str, None] = {}
    for node in postorder((form.expr,)) if not is_long(form) else ():
        args = tuple([done[a] for a in node.args])
        done[node] = node if args == node.args else rebuild(node, args)
        found = rewritten(rows, done[node]) if node.op == "hadamard" and node not in form.names else None
        if found is not None:
            used[found[0].name] = None
            done[node] = found[1]
        if done[node] is not node and done[node].op == "matmul":
            done[node] = reduce(times, operands(done[node], ("matmul",), form.names))
    shorter = form._replace(expr=done[form.expr]) if used else form
    if not used or printed_length(shorter) >= printed_length(form):
        return None
    return Move(shorter, (), tuple([(name, None) for name in used]))


def roles(book: Book) -> dict[str, str]:
    """Those of the laws."""
    return {row.name: row.role for row in book.groups["ring"]}


def _with_forms(trace: Trace, shown: Mapping[Expr, Formula]) -> Trace:
    """The results in the form in which their lines end."""
    told = [b._replace(rhs=shown.get(b.lhs.expr, b.rhs)) if b.kind in GIVEN else b for b in trace.boxes]
    changed = {id(old.rhs): new.rhs for old, new in zip(trace.boxes, told, strict=True)}
    results = tuple([r._replace(named=changed.get(id(r.named), r.named)) for r in trace.results])
    return trace._replace(boxes=tuple(told), results=results)


def lines(step: Step, chain: Sequence[Move], book: Book) -> Iterator[Step]:
    """The chain as lines of the derivation, each with its reasons in words."""
    for rhs, put_in, laws in chain:
        rows = [book.rows()[name] for name in dict.fromkeys((*([PUT_IN] if put_in else ()), *(law for law, _ in laws)))]
        rows = rows or [book.rows()[ARRANGED]]
        said = [_put_in(put_in)] if put_in else []
        said += [book.rows()[law].label for law, of in laws]
        about = (*put_in[:NAMED], *(Formula(of, rhs.names) for _, of in laws if of is not None))
        said = [
            label for i, label in enumerate(said) if "{}" in label or label not in said[:i]
        ]  # several laws may be one to a reader
        note = "; ".join(said) or rows[0].words
        names = tuple(row.name for row in rows)
        yield Step("reached", names[0], book.source(rows[0]), Formula(step.lhs.expr), rhs, None, names, step.node, (), note, about)


def _put_in(what: tuple[Formula, ...]) -> str:
    """``{}, {} and {} put in``; of many the first ones."""
    if len(what) > NAMED:
        return ", ".join(["{}"] * NAMED) + " … put in"
    return " and ".join(filter(None, (", ".join(["{}"] * (len(what) - 1)), "{} put in")))


def _filled(e: Expr, values: Mapping[Expr, Expr]) -> tuple[Expr, tuple[Expr, ...]]:
    """With everything put in that has a value, and what that was."""
    put: dict[Expr, None] = {}
    while inside := [x for x in below((e,)) if x in values and values[x] is not x]:
        put.update(dict.fromkeys(inside))
        e = substitute((e,), {x: values[x] for x in inside})[0]
    return e, tuple(put)


def _named(f: Formula, values: Mapping[Expr, Expr] | None) -> Iterator[tuple[str, Formula]]:
    """What stands in print by a name, and that name; with ``values`` only what is called so for one of them, and no variable."""
    for e in reached((f.expr,), lambda e: () if e in f.names else e.args[::-1]):
        if e in f.names:
            yield f.names[e], Formula(e, {e: f.names[e]})
        elif e.op == "sym" and (values is None or e in values):
            yield str(e.attr), Formula(e)


def _stages(e: Expr, box: Expr, forms: Forms) -> Iterator[tuple[Expr, tuple[Ground, ...]]]:
    """Layer by layer to the normal form, and where that is not the box, multiplied out and put together again."""
    for _ in range(LAYERS if e is not box else 0):
        before, (e, laws) = e, _layer(forms, e)
        if e is before:
            break
        yield e, laws
        if e is box:
            break
    if e is not box and e is not forms.reached(box)[0]:
        wide, laws = forms.at_once(e, expand=True)
        yield wide, laws
        yield box, forms.at_once(wide)[1]


def _layer(forms: Forms, e: Expr) -> tuple[Expr, tuple[Ground, ...]]:
    """With the innermost parts that a law with a name changes in normal form; a transposed sum stays for its product, 1 - h as
    it is written."""
    done: dict[Expr, Expr] = {}
    changed: set[Expr] = set()
    laws: dict[Ground, None] = {}
    for node in postorder((e,)):
        args = tuple([done[a] for a in node.args])
        here = done[node] = node if args == node.args else rebuild(node, args)
        if not changed.isdisjoint(node.args):
            changed.add(node)
        elif here.op != "fill" and (here.op != "T" or here.args[0].op not in SUMS or node is e):
            done[node], used = forms.reached(here)
            if used:
                laws |= dict.fromkeys(used)
                changed.add(node)
    return done[e], tuple(law for law in laws if law[1] is None or law[1].op != "eye")


def _used(before: Move, move: Move, roles: Mapping[str, str]) -> Move:
    """Without a factor that was only taken out of a sum to be put into it again: 2(a - b) for -2(b - a)."""
    if all(roles.get(law[0]) != "minor" for law in move.laws):
        return move
    letters = [sorted(filter(str.isalpha, f.rhs.text)) for f in (before, move)]
    return move if letters[0] != letters[1] else move._replace(laws=tuple(law for law in move.laws if roles.get(law[0]) != "minor"))


def _merged(chain: list[Move], start: str) -> list[Move]:
    """Fewer lines: none that reads like one before, is long, or differs by what no reader asks about."""
    kept: list[Move] = []
    read = [start]
    for move in chain:
        text = move.rhs.text
        if text not in read:
            kept.append(move)
            read.append(text)
            continue
        at = read.index(text)  # back where it was
        del kept[at:], read[at + 1 :]
        if kept:
            kept[-1] = kept[-1]._replace(rhs=move.rhs)
    while len(kept) > 1:
        at, cost = min(((i, _cost(*kept[i : i + 2])) for i in range(len(kept) - 1)), key=lambda found: found[1])
        if cost > LAWS and len(kept) <= MOST:
            break
        kept[at : at + 2] = [_joined(*kept[at : at + 2])]
    return kept


def _joined(one: Move, other: Move) -> Move:
    return Move(other.rhs, one.put_in + other.put_in, tuple(dict.fromkeys(one.laws + other.laws)))


def _cost(one: Move, other: Move) -> int:
    """How many reasons one line would have in place of two; that a line is long, or no reason is named, is no reason for two."""
    if not other.laws or written_size(one.rhs.expr, one.rhs.names) > LONGEST:
        return 0
    return len(_joined(one, other).laws) + (LAWS if one.put_in else 0)
