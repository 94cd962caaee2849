"""Plain notation that stands alone: shared and deep parts become definitions before the formula.

One plan serves all the results of a derivation: each definition is written once, and each result
takes the definitions that it needs, so that printing all of them costs little more than printing one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from matcalc.expr import dims
from matcalc.expr.nodes import Expr, postorder, written_size
from matcalc.notation.write.render import Naming, pieces, render
from matcalc.notation.write.styles import PLAIN

MAX_TREE = 60  # nodes of a formula that is still written without definitions
MAX_NEST = 40
BLOCK = 64
PAGE = 1000  # nodes of a formula that a message may hold


class Program:
    """Definitions for a family of expressions; ``text(root)`` is the program of one of them."""

    def __init__(self, roots: Iterable[Expr], names: Mapping[Expr, str]) -> None:
        self.roots = tuple(roots)
        self.names = names
        self.sizes: dict[Expr, int] = {}
        self.unnamed = Naming()  # what small results were printed as
        self.planned = False
        self.chosen: dict[Expr, str] = {}
        self.lines: list[str] = []
        self.needs: dict[Expr, int] = {}  # bit i: definition i is needed
        self.blocks: dict[tuple[int, int], str] = {}

    def text(self, root: Expr) -> str:
        if not self.sizes:
            self._measure()
        if self.sizes.get(root, MAX_TREE + 1) <= MAX_TREE:
            return render(root, PLAIN, self.unnamed)
        if not self.planned:
            self._plan()
        if root in self.chosen:  # a result that others share: its definition, then its name
            return self._definitions(self.needs[root]) + self.chosen[root]
        mask = 0
        for a in root.args:
            mask |= self.needs[a]
        return self._definitions(mask) + pieces((root,), PLAIN, self.chosen)[root].text

    def _measure(self) -> None:
        sizes = self.sizes
        for node in postorder(self.roots):
            total = 1
            for a in node.args:
                total += sizes[a]
            sizes[node] = total if total < 1_000_000 else 1_000_000

    def _plan(self) -> None:
        self.planned = True
        order = list(self.sizes)
        uses = dict.fromkeys(order, 0)
        leaves = [node for node in order if node.op == "sym"]
        taken = {str(node.attr) for node in leaves}
        taken.update(str(a) for shape in {node.shape for node in leaves} for d in shape for a in dims.atoms(d))
        for node in order:
            for a in node.args:
                uses[a] += 1
        depth: dict[Expr, int] = {}
        written: dict[Expr, object] = {}
        for node in order:
            below, mask = 0, 0
            for a in node.args:
                mask |= self.needs[a]
                if a not in self.chosen and depth[a] > below:
                    below = depth[a]
            depth[node] = below + 1
            if node.args and self._deserves(node, uses[node], below + 1):
                text = pieces((node,), PLAIN, self.chosen, written)[node].text  # type: ignore[arg-type]
                del written[node]
                name = self._name(node, taken)
                self.chosen[node] = name
                mask |= 1 << len(self.lines)
                self.lines.append(f"{name} = {text}; ")
            self.needs[node] = mask

    def _deserves(self, node: Expr, uses: int, depth: int) -> bool:
        shared = (uses > 1 and self.sizes[node] > 4) or depth > MAX_NEST
        return shared and not (node.op == "T" and node.args[0] in self.chosen)

    def _name(self, node: Expr, taken: set[str]) -> str:
        name = self.names.get(node, "")
        i = len(self.lines) + 1
        while not name or name in taken:
            name = f"t{i}"
            i += 1
        taken.add(name)
        return name

    def _definitions(self, mask: int) -> str:
        """The definitions whose bits are set, in order; runs of them are joined once and kept."""
        count = (len(self.lines) + BLOCK - 1) // BLOCK
        words = memoryview(mask.to_bytes(count * BLOCK // 8, "little")).cast("Q")
        out = []
        for i, word in enumerate(words):
            if word:
                block = self.blocks.get((i, word))
                if block is None:
                    lines = self.lines[i * BLOCK : (i + 1) * BLOCK]
                    block = self.blocks[i, word] = "".join([t for j, t in enumerate(lines) if word >> j & 1])
                out.append(block)
        return "".join(out)


def readable(root: Expr) -> str:
    """Plain notation on one line; of what would be longer than a page, with definitions before it."""
    return render(root, PLAIN) if written_size(root) <= PAGE else plain(root)


def plain(root: Expr, names: Mapping[Expr, str] | None = None) -> str:
    """Plain notation of one expression."""
    return Program((root,), names or {}).text(root)
