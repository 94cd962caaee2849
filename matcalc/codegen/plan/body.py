"""A plan written as the body of one function: what gets a name of its own, which, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from matcalc.codegen.ir.graph import Node, Ref, count_uses
from matcalc.codegen.plan.kernel_nodes import Kernels
from matcalc.codegen.plan.ownership import lent
from matcalc.codegen.products.signatures import Signature
from matcalc.codegen.targets.dialects import BY_LINES, Dialect
from matcalc.codegen.targets.printing import ARITHMETIC, ATOM, Text, Writer, in_precision, is_bare
from matcalc.expr.dims import Dim
from matcalc.expr.nodes import postorder

WIDTH = 100
INDENT = "    "
INLINE = 44  # longest expression that stands inside another one
FREE = frozenset(("sym", "num", "const", "dim", "step"))  # never given a name
CHEAP = frozenset(("T", "col", "slice"))  # views: written again rather than named
STEMS = {"exp": "e", "max": "top", "sum": "total", "solve": "solution", "inv": "inverse", "norm2": "norm"}
STEMS |= {"abs": "size", "guard": "scale", "argmax1": "mask", "argmin1": "mask"}
FACTORED = frozenset(("solve", "inv", "logdet"))


class Body(Writer):
    """Writes kernels line by line; ``hints`` are the names that the user gave. The rest is what a :class:`Writer` is given."""

    def __init__(
        self,
        kernels: Kernels,
        sig: Signature,
        hints: Mapping[Node, str],
        spd: set[Node],
        ties: Sequence[tuple[Dim, Dim]] = (),
        later: Collection[str] = (),
        *,
        dialect: Dialect,
    ) -> None:
        self.k = kernels
        super().__init__(sig, spd, ties, later, dialect)
        self.names.kept |= set(hints.values())
        self.hints = hints
        self.uses: dict[Node, int] = {}
        self.forward: set[Node] = set()
        self.of_value = 0  # lines that compute the value
        self.made: dict[int, Node] = {}  # by the line that gives it its name

    def write(self, kernels: Sequence[Ref], lasting: Sequence[Node] | None = None) -> None:
        """Compute everything, the value first; or what functions inside do again and again, which read what is ``lasting``."""
        roots = [self.k.explicit(r) for r in kernels]
        self.uses = count_uses([*roots, *(lasting or ())])
        for node in list(self.uses):
            if node.op == "step":
                self.uses[node.args[0]] += 1  # conditions are written where they are used, again and again
        self.forward = set(postorder(roots[:1]))
        users: dict[Node, int] = {}
        for node in self.uses:
            if node.op in FACTORED and node.attr != "signed":
                users[node.args[0]] = users.get(node.args[0], 0) + 1
        self.shared = {matrix for matrix, count in users.items() if count > 1 or matrix in self.spd}
        for node in postorder(roots):
            self.compute(node)
            if node is roots[0] and lasting is None:
                self.of_value = len(self.lines)
                self.kinds = self.later or self.kinds  # what is there then has it, too

    def is_single(self, node: Node) -> bool:
        return self.uses[node] == 1

    def compute(self, node: Node) -> None:
        if node.op in BY_LINES and self.dialect.in_place:
            self.add_diagonal(node) if node.op == "adddiag" else self.indicator(node)
            return
        text = self.printed(node)
        if node.op in FREE:
            self.texts[node] = text
            return
        hint = self.hints.get(node)
        cheap = node.op in CHEAP and self.text(node.args[0]).level == ATOM and len(text.code) < INLINE
        if cheap or (hint is None and self.uses[node] == 1 and len(text.code) <= INLINE):
            self.texts[node] = text
        else:
            self.assign(node, self.fitted(node, text), hint)

    def printed(self, node: Node) -> Text:
        """The expression of a kernel. Raises ``NoRuleError`` for an operator that has none here."""
        text: Text = self.dialect.printer(node)(self, node)
        text = text._replace(code=self.dialect.named(text.code))
        wanted = self.kinds and node.op not in ARITHMETIC and is_bare(node) and not self.dialect.arrays_only
        return in_precision(self, text) if wanted else text

    def fitted(self, node: Node, text: Text) -> Text:
        """The text, its longest parts named first while the line is too long."""
        while len(text.code) > WIDTH - 24:
            written = [a for a in node.args if self.text(a).code in text.code]
            long = max(written, key=lambda a: len(self.text(a).code), default=None)
            if long is None or self.text(long).code.isidentifier() or len(self.text(long).code) < 12 or long.op in FREE:
                break
            self.assign(long, self.text(long), None)
            text = self.printed(node)
        return text

    def assign(self, node: Node, text: Text, hint: str | None) -> str:
        name = self.names.give(hint) if hint else self.names.fresh(self.stem(node))
        self.made[len(self.lines)] = node
        self.lines.append(f"{name} = {text.code}")
        self.texts[node] = Text(name)
        return name

    def stem(self, node: Node) -> str:
        if node.op in STEMS:
            return STEMS[node.op]
        return "t" if node in self.forward or not node.shape else "delta"

    def add_diagonal(self, node: Node) -> None:
        """A + diag(d): a copy of A, and d added to its diagonal."""
        base, d = node.args
        text = self.text(base)
        copied = lent(base) or self.uses[base] > 1 or text.code.isidentifier()
        name = self.assign(node, Text(f"{text.at(ATOM)}.copy()") if copied else text, self.hints.get(node))
        self.lines.append(f"{name}.flat[:: {name}.shape[1] + 1] += {self.text(d).code}")

    def indicator(self, node: Node) -> None:
        """One entry is 1: the first that is largest, or smallest."""
        x = self.text(node.args[0])
        name = self.assign(node, Text(f"np.zeros_like({x.code})"), self.hints.get(node))
        self.lines.append(f"{name}.flat[{x.at(ATOM)}.{node.op[:6]}()] = 1")
