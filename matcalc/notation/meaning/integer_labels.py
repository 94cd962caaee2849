r"""Integer labels: the y_i of ``f_{y_i}``, ``\mu_{y^{(i)}}``, ``1\{y_i = k\}`` and ``j \ne y_i``, the o of ``u_o`` beside a
sum of u_w.

A label selects an entry or a row. In the tree it becomes a node ``label``; in formulas its name is the one-hot vector, or the
matrix whose rows are the one-hot vectors of the samples.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from matcalc.expr.errors import AmbiguityError
from matcalc.expr.table import Type
from matcalc.notation.kinds.walk import RAISED
from matcalc.notation.lex.habits import BY_SIZE, CLASS_LETTERS, LABEL_INDEX, is_letter
from matcalc.notation.lex.syntax import Ast, Relation, Statement, walk
from matcalc.notation.meaning.index_trees import (
    GLUED,
    Bound,
    bound_by,
    changing,
    form,
    has_letter,
    is_free,
    is_outside,
    mapped,
    member,
    members_of_sums,
    names_as_values,
    renamed,
    under,
)
from matcalc.notation.meaning.labels import is_name

_NUMBERED = re.compile(r"[A-Za-z]\d+")


class Label(NamedTuple):
    """What is known of the name of a label."""

    samples: int  # axes of samples: y_i has one, and so has a vector idx of L[idx,:]
    example: str  # how it is written first


class Labelled(NamedTuple):
    """Statements with nodes ``label``, the labels by name, and what is to be said."""

    statements: list[Statement]
    labels: Mapping[str, Label]
    notes: tuple[str, ...] = ()
    apart: frozenset[str] = frozenset()  # names such as u_o that are no members of the u_k of a sum


def labelled(statements: Sequence[Statement], declared: Mapping[str, Type], known: Collection[str], latex: bool) -> Labelled:
    """``known`` are names that are no labels: sizes, and declared names."""
    if not any(_has_index(s) for s in statements):
        return Labelled(list(statements), {})
    reader = _Reader(statements, declared, known, latex)
    found = [reader.statement(s) for s in reader.statements]
    reader.refuse_values(found)
    return Labelled(found, reader.labels, tuple(reader.notes), frozenset(reader.apart))


def _has_index(s: Statement) -> bool:
    for b in (s.body, *s.others):
        for n in walk(b):
            if n.kind in ("index", "indicator", "bigop") or (n.kind == "name" and n.value[-2:-1] == "_" and n.value[-1].isalpha()):
                return True
    return False


class _Reader:
    """One pass over the statements; ``labels`` grows."""

    def __init__(self, statements: Sequence[Statement], declared: Mapping[str, Type], known: Collection[str], latex: bool) -> None:
        self.declared, self.known, self.latex = declared, known, latex
        self.labels: dict[str, Label] = {}
        self.notes: dict[str, None] = {}
        self.apart: set[str] = set()
        statements = [s if s.name in known else _by_glued_entries(s) for s in statements]
        self.statements = self.for_each_sample([_of_one_sample(s, statements) for s in statements])
        self.defined = {s.name for s in self.statements if s.name and not s.parameters}
        self.by_entries = {s.name for s in self.statements if len(s.letters) == 1 and not is_name(s, self.statements)}
        self.nodes = [n for s in self.statements for b in (s.body, *s.others) for n in walk(b)]
        self.summed = members_of_sums(self.nodes)
        self.forms = {form(n) for n in self.nodes} if self.summed else set()
        self.picked = {n.args[0].value for n in self.nodes if n.kind == "index" and any(a.kind == "index" for a in n.args[1:])}
        self.turned = {n.args[0].args[0].value for n in self.nodes if n.kind == "T" and n.args[0].kind == "index"}

    def for_each_sample(self, statements: list[Statement]) -> list[Statement]:
        """``f = W x_i + b`` beside a sum over i: one f for each i, which is f_i where the sum stands."""
        moving = _moving(statements, self.known)
        for name, letter in moving.items():
            self.notes[f"'{name}' depends on {letter}: it is read as {name}_{letter}, one for each {letter}"] = None
        out = []
        for s in statements if moving else ():
            letters = (moving[s.name],) if s.name in moving else s.letters
            out.append(s._replace(letters=letters, body=_indexed(s.body, moving, frozenset(letters))))
        return out or statements

    def statement(self, s: Statement) -> Statement:
        if letter := self.of_all_entries(s):
            self.notes[f"nothing runs over {letter}: the formula is read as that of the entries of a vector"] = None
            s = s._replace(letters=(letter,))
        glued = GLUED.fullmatch(s.name or "")
        bound = frozenset((*s.letters, *([glued[2]] if glued and s.name in self.known else [])))  # p_j, which index= says is p[j]
        return s._replace(body=self.read(s.body, bound), others=tuple([self.read(o, bound) for o in s.others]))

    def of_all_entries(self, s: Statement) -> str | None:
        """i of ``x_i (\\Sigma x)_i`` and ``e^{z_i}/\\sum_j e^{z_j}``, without a left side: an entry stands for all. Of the
        logarithm of such a quotient i is a label."""
        if not self.latex or s.name or s.others or s.parameters:
            return None
        nodes = list(walk(s.body))
        summed = {n for node in self.nodes for n in bound_by(node)}
        entries = [
            (n.args[0], str(n.args[1].value)) for n in nodes if n.kind == "index" and [a.kind for a in n.args[1:]] == ["name"]
        ]
        free = {letter for _, letter in entries if letter in LABEL_INDEX and letter not in summed and letter not in self.known}
        if len(free) != 1:
            return None
        (letter,) = free
        bases = [base for base, index in entries if index == letter]
        whole = (
            {n.value for n in names_as_values(s.body, frozenset(), whole=True)} if any(b.kind == "name" for b in bases) else set()
        )
        names = [str(b.value) for b in bases if b.kind == "name"]
        shown = len(names) < len(bases) or any(n in whole for n in names)
        quotient = all(self.shows(n, letter) for n in names) and not any(n.kind == "call" and n.value[0] == "log" for n in nodes)
        return letter if shown or quotient else None

    def read(self, node: Ast, bound: Bound) -> Ast:
        if node.kind == "bigop":
            return self.bigop(node, bound)
        if node.kind == "name":
            return self.glued(node, bound)
        if node.kind == "index":
            base, *places = node.args
            if base.kind == "name" and base.value in BY_SIZE and base.value not in self.declared:
                return node
            if self.of_one_class(node, bound):
                return node._replace(args=(base, self.label(places[0], places[0].value, ())))
            product = len(places) == 1 and base.kind not in ("name", "call", "index")  # (a + b)[c] with a declared c may be one
            found = [self.looked_up(a, bound, product) or self.place(a, bound) for a in places]
            return node._replace(args=(self.read(base, bound), *found))
        if node.kind == "indicator":
            return node._replace(args=tuple([self.side(a, bound) for a in node.args]))
        if not node.args:
            return node
        return node._replace(args=tuple([self.read(a, bound) if isinstance(a, Ast) else a for a in node.args]))

    def bigop(self, node: Ast, bound: Bound) -> Ast:
        name, binder = node.value
        for letter in binder.names:
            if base := _same_for_all(node.args[0], letter):
                note = (
                    f"'{base}' has no index {letter} and is the same for every {letter}: define {base} = W x_{letter} for one each"
                )
                self.notes[note] = None
        inside = bound.union(binder.names)
        where = tuple([Relation(self.side(r.left, inside), r.sign, self.side(r.right, inside)) for r in binder.where])
        return node._replace(args=(self.read(node.args[0], inside),), value=(name, binder._replace(where=where)))

    def side(self, node: Ast, bound: Bound) -> Ast:
        """A side of a relation: an index, or a label."""
        if node.kind == "name" and node.value not in bound and node.value not in self.known and "^" not in node.value:
            return self.label(node, node.value, ())
        return self.place(node, bound)

    def looked_up(self, node: Ast, bound: Bound, product: bool) -> Ast | None:
        """``idx`` of ``L[idx,:]``, in plain notation: a declared vector is a label for each sample, a declared number and a
        letter with digits one label."""
        if node.kind != "name" or self.latex or node.value in bound:
            return None
        name = str(node.value)
        if name in self.declared:
            kind = self.declared[name].kind
            return self.label(node, name, (), int(kind == "c")) if kind in "cs" and not product else None
        free = name not in self.known and name not in self.defined
        return self.label(node, name, ()) if free and _NUMBERED.fullmatch(name) else None

    def place(self, node: Ast, bound: Bound) -> Ast:
        """What stands as an index."""
        if node.kind == "index" and node.args[0].kind == "name" and all(a.kind == "name" for a in node.args[1:]):
            base, letters = node.args[0].value, tuple([str(a.value) for a in node.args[1:]])
            if bound.issuperset(letters):
                return self.label(node, base, letters)
            return self.label(node, f"{base}_{''.join(letters)}", ())
        if node.kind != "name" or node.value in bound or node.value in (":", "*"):
            return node
        raised = RAISED.fullmatch(node.value)
        if raised and raised[2] in bound:
            return self.label(node, raised[1], (raised[2],))
        if raised or GLUED.fullmatch(node.value):
            return self.label(node, node.value, ())
        free = node.value in LABEL_INDEX if self.latex else not is_letter(node.value)
        return node if free or node.value in self.known else self.label(node, node.value, ())

    def of_one_class(self, node: Ast, bound: Bound) -> bool:
        """``z_k`` in ``\\log(e^{z_k}/\\sum_j e^{z_j})``, ``p_k`` where ``p_j = …`` is defined: k, not bound, is a label."""
        base, *places = node.args
        if not self.latex or base.kind != "name" or len(places) != 1 or places[0].kind != "name":
            return False
        letter = places[0].value
        if letter in bound or letter in self.known or letter not in LABEL_INDEX:
            return False
        beside = {m.value for n in self.nodes if (m := member(n, letter))}  # L = y_t^T p_t: t is a label of both
        return all(self.shows(name, letter) for name in beside)

    def shows(self, base: str, letter: str) -> bool:
        """Whether a sum over the same terms, or a definition, shows that the letter is one of the indices of the name."""
        pairs = [(body, index) for body, index in self.summed.get(base, ()) if index != letter]
        return base in self.by_entries or any(form(mapped(body, changing(index, letter))) in self.forms for body, index in pairs)

    def glued(self, node: Ast, bound: Bound) -> Ast:
        """``f_y`` beside members f_c of a sum, or where f is a vector that the text defines."""
        found = GLUED.fullmatch(node.value)
        if not found or node.value in self.known or node.value in self.defined or found[2] in self.known:
            return node
        base, letter = found.groups()
        vector = base in self.defined or (base in self.declared and self.declared[base].kind in "cm")
        if letter in bound or not (vector or base in self.summed or base in self.picked):
            return node
        terms = [(term, index) for body, index in self.summed.get(base, ()) for term in (body, *_exponents(body))]
        alike = any(form(renamed(term, index, letter)) in self.forms for term, index in terms)
        if not alike and (letter not in CLASS_LETTERS or base in self.turned) and base not in self.picked:
            if not vector:
                self.apart.add(node.value)
                self.notes[f"'{node.value}' is read as an object of its own, none of the {base}_{self.summed[base][0][1]}"] = None
            return node
        at = Ast("name", node.end - 1, node.end, (), letter)
        return Ast("index", node.start, node.end, (node._replace(value=base), self.label(at, letter, ())))

    def refuse_values(self, statements: Sequence[Statement]) -> None:
        """``(y_i - \\mu_{y_i})^2``: a label that is a value as well. Raises ``AmbiguityError``."""
        for s in statements if self.labels else ():
            for node in (v for b in (s.body, *s.others) for v in names_as_values(b, frozenset(s.letters))):
                if node.value in self.labels:
                    raise AmbiguityError(
                        f"'{node.value}' is a number here, and an integer label in '{self.labels[node.value].example}' as an index",
                        span=node.span, hint="give one of them another name",
                    )  # fmt: skip

    def label(self, node: Ast, name: str, letters: tuple[str, ...], samples: int = 0) -> Ast:
        shown = f"{name}_{letters[0]}" if letters else name
        self.labels.setdefault(name, Label(samples or len(letters), shown))
        return Ast("label", node.start, node.end, (), (name, letters))


def _exponents(body: Ast) -> tuple[Ast, ...]:
    r"""Of ``e^{w_b^T x}`` the exponent: ``w_a^T x - \log\sum_b e^{w_b^T x}`` shows that a is a class."""
    return body.args if body.kind == "call" and body.value[0] == "exp" and body.args[0].kind not in ("index", "name") else ()


# -- what the text as a whole says ------------------------------------------------------


def _of_one_sample(s: Statement, statements: Sequence[Statement]) -> Statement:
    """``L_i = -f_{y_i} + …``, which no sum over i uses: the loss of one sample, of which i is a label.

    ``f = W x_i + b`` beside a sum over i: one f for each i.
    """
    if len(s.letters) == 1 and not _used_by_index(s, statements) and _labels_only(s.body, s.letters[0]):
        letter = s.letters[0]

        def change(node: Ast) -> Ast | None:
            base = member(node, letter)
            return base and base._replace(value=f"{base.value}_{letter}", end=node.end)

        return s._replace(name=f"{s.name}_{letter}", letters=(), body=mapped(s.body, change))
    return s


def _moving(statements: Sequence[Statement], known: Collection[str]) -> dict[str, str]:
    """Names that a sum over i needs and that depend on i, each directly or through other such names; with that i."""
    bodies = {s.name: s.body for s in statements if s.name and s.name not in known and not s.letters and not s.parameters}
    summed = sorted({n for s in statements for b in (s.body, *s.others) for node in walk(b) for n in bound_by(node)})
    found: dict[str, list[str]] = {}
    for letter in summed:
        uses = {name: {n for n in bodies if n != name and is_outside(body, n, letter)} for name, body in bodies.items()}
        depending = _closed({name for name, body in bodies.items() if is_free(body, letter)}, uses)
        used_by = {name: {other for other in depending if name in uses[other]} for name in bodies}
        needed = _closed({n for n in bodies if any(under(s.body, n, letter) for s in statements if s.name != n)}, used_by)
        for name in bodies.keys() & depending & needed:
            found.setdefault(name, []).append(letter)
    return {name: found[name][0] for name in bodies if len(found.get(name, ())) == 1}


def _closed(start: set[str], reasons: Mapping[str, set[str]]) -> set[str]:
    """``start`` with all names of which a reason is among them."""
    done = set(start)
    while more := {name for name, why in reasons.items() if name not in done and not done.isdisjoint(why)}:
        done |= more
    return done


def _indexed(node: Ast, moving: Mapping[str, str], bound: Bound) -> Ast:
    """The tree with ``f_i`` in place of f, where i is bound."""
    if node.kind == "name":
        base = node.value if node.value in moving else (GLUED.fullmatch(node.value) or ["", ""])[1]
        if base not in moving or moving[base] not in bound:
            return node
        at = Ast("index", node.start, node.end, (node._replace(value=base), Ast("name", node.start, node.end, (), moving[base])))
        if base == node.value:
            return at
        return Ast("index", node.start, node.end, (at, Ast("name", node.end - 1, node.end, (), node.value[len(base) + 1 :])))
    if node.kind == "index" and member(node, moving.get(node.args[0].value, "")):
        return node
    inside = bound.union(node.value[1].names) if node.kind == "bigop" else bound
    if not node.args:
        return node
    return node._replace(args=tuple([_indexed(a, moving, inside) if isinstance(a, Ast) else a for a in node.args]))


def _by_glued_entries(s: Statement) -> Statement:
    """``p_c = e^{f_c}/\\sum_k e^{f_k}``: a definition entry by entry, of which c is no label."""
    found = GLUED.fullmatch(s.name or "")
    if not found or s.letters or s.parameters:
        return s
    name, letter = found.groups()
    nodes = list(walk(s.body))
    forms = {form(n) for n in nodes}
    sums = members_of_sums(nodes)
    if not any(form(renamed(body, index, letter)) in forms for pairs in sums.values() for body, index in pairs):
        return s

    def change(node: Ast) -> Ast | None:
        glued = GLUED.fullmatch(node.value) if node.kind == "name" else None
        if not glued or glued[2] != letter or glued[1] not in sums:
            return None
        at = Ast("name", node.end - 1, node.end, (), letter)
        return Ast("index", node.start, node.end, (node._replace(value=glued[1]), at))

    return s._replace(name=name, letters=(letter,), body=mapped(s.body, change))


def _used_by_index(s: Statement, statements: Sequence[Statement]) -> bool:
    return any(
        n.kind == "index" and n.args[0].kind == "name" and n.args[0].value == s.name
        for other in statements if other is not s
        for b in (other.body, *other.others)
        for n in walk(b)
    )  # fmt: skip


def _same_for_all(body: Ast, letter: str) -> str | None:
    """f, where ``f_{y_i}`` is all that depends on i: scores that do not, while their labels do."""
    picked: set[str] = set()
    stack = [body]
    for node in stack:  # which grows meanwhile
        places = node.args[1:] if node.kind == "index" else ()
        if any(a.kind == "index" and has_letter(a, letter) for a in places) and node.args[0].kind == "name":
            picked.add(str(node.args[0].value))
        elif has_letter(node, letter) and (node.kind in ("index", "indicator") or not node.args):
            return None
        else:
            stack += [a for a in node.args if isinstance(a, Ast)]
    return picked.pop() if len(picked) == 1 else None


def _labels_only(body: Ast, letter: str) -> bool:
    """Whether a label y_i with the letter stands as an index."""
    places = [a for n in walk(body) if n.kind == "index" for a in n.args[1:]]
    sides = [a for n in walk(body) if n.kind == "indicator" for a in n.args]
    sides += [x for n in walk(body) if n.kind == "bigop" for r in n.value[1].where for x in (r.left, r.right)]
    return any(has_letter(a, letter) for a in (*places, *sides))
