"""Operators with branches: which of them their arguments take."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from matcalc.expr.groups import CHOICES
from matcalc.expr.table import TABLE
from matcalc.numeric.entrywise_functions import Array

AT_ZERO = frozenset([op.name for op in TABLE.values() if op.breaks == (0,)])  # where an entry changes its sign


def _from(breaks: Sequence[int]) -> Callable[[Array], Sequence[Array]]:
    return lambda x: [x - b for b in breaks]


# Operator -> how far its arguments are, entry by entry, from each place where it changes its branch: with a sign, for the side.
DISTANCES: dict[str, Callable[..., Sequence[Array]]] = {
    **{op.name: _from(op.breaks) for op in TABLE.values() if op.breaks},
    **dict.fromkeys(CHOICES, lambda x, y: (x - y,)),
    "huber2": lambda x, y: (x - y, x + y),
}

# Operator -> the place of the entry that counts, for each choice that it makes.
PLACES: dict[str, Callable[[Array], Array]] = {
    "max": lambda x: np.asarray(x.argmax()),
    "min": lambda x: np.asarray(x.argmin()),
    "rowmax": lambda x: x.argmax(-1),
}
PLACES |= {op.name: PLACES[op.jumps] for op in TABLE.values() if op.jumps in PLACES}

# Of these the largest entry alone counts where it is far above the others.
SOFTLY_CHOSEN = ("logsumexp", "logsumexpr", "softmax", "softmaxr", "logsoftmax", "logsoftmaxr")

ALL = DISTANCES.keys() | PLACES.keys()


def taken(op: str, arguments: Sequence[Array]) -> frozenset[int]:
    """Numbers of the branches that some entry takes."""
    if op in PLACES:
        return frozenset(PLACES[op](arguments[0]).ravel().tolist())
    found = []
    for i, distance in enumerate(DISTANCES[op](*arguments)):
        found += [2 * i] * bool((distance > 0).any()) + [2 * i + 1] * bool((distance < 0).any())
    return frozenset(found)


def count(op: str) -> int:
    """How many numbers there are to be seen; of many places, two."""
    return 4 if op in ("hardtanh", "huber2") else 2
