"""What the input has, as the input writes it: A + t B where the normal form has t B + A, -2(A x - b) for 2(b - A x)."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.algebra.normal.normal_form import Normalizer
from matcalc.algebra.normal.terms import Linear
from matcalc.algebra.normal.tidied import tidied
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, make, postorder, rebuild

_NO_SYMBOL: frozenset[Expr] = frozenset()
MOST = 2000  # nodes of an input that is looked through


class AsGiven:
    """Knows the sums below some roots by their terms, and other nodes, such as named ones, by their normal form."""

    def __init__(self, roots: Iterable[Expr], named: Iterable[Expr] = (), n: Normalizer | None = None) -> None:
        self.n = n or Normalizer()
        self.forms: dict[Expr, Expr] = {}
        self.sums: dict[frozenset[object], tuple[bool, Expr]] = {}
        self._of_sums: set[frozenset[Expr]] = set()
        self._done: dict[Expr, Expr] = {}
        self._symbols: dict[Expr, frozenset[Expr]] = {}  # below a node: the normal form of a sum with others is not looked for
        nodes = postorder(tuple(dict.fromkeys(roots)))
        if len(nodes) > MOST:
            return
        forms = ((self.n.normal(e), e) for e in named if e.args)
        self.forms = {form: e for form, e in forms if form.args}  # A stays A where the input has 𝟏 ∘ A
        for node in nodes:
            form = self.n.visit(node) if node.op in SUMS else {}
            if len(form) > 1:
                self.sums.setdefault(_terms(form), (True, node))
                self.sums.setdefault(_terms({t: -c for t, c in form.items()}), (False, node))
        self._of_sums = {self._symbols_of(node) for _, node in self.sums.values()}

    def written(self, e: Expr) -> Expr:
        """The same value, with what is known in it as it is given; signs that this brings stand in front."""
        if not self.sums and not self.forms:
            return e
        done, stack = self._done, [e]
        while stack:
            node = stack[-1]
            found = done.get(node) or self._given(node)
            if found is not None:
                done[stack.pop()] = found
                continue
            todo = [a for a in node.args if a not in done]
            stack += todo
            if not todo:
                args = tuple([done[a] for a in node.args])
                done[stack.pop()] = node if args == node.args else rebuild(node, args)
        return e if done[e] is e else tidied(done[e])

    def _symbols_of(self, e: Expr) -> frozenset[Expr]:
        found = self._symbols
        if e not in found:
            for node in postorder((e,)):
                if node not in found:
                    found[node] = frozenset((node,)) if node.op == "sym" else _NO_SYMBOL.union(*[found[a] for a in node.args])
        return found[e]

    def _given(self, node: Expr) -> Expr | None:
        """The node of the input that this one is, or the negative of it."""
        if node in self.forms or node.op not in SUMS or self._symbols_of(node) not in self._of_sums:
            return self.forms.get(node)
        positive, given = self.sums.get(_terms(self.n.visit(node)), (True, None))
        return given if given is None or positive else make("neg", (given,))


def _terms(form: Linear) -> frozenset[object]:
    return frozenset(form.items())
