"""How far apart the values of a computation lie: so many digits more must a second opinion have, to see the smallest of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from matcalc.expr.nodes import Expr
from matcalc.numeric.evaluation import Array


def apart(points: Iterable[Mapping[Expr, Array]]) -> int:
    """Powers of ten between the largest and the smallest value of a node, and 1; a node that is 0 says nothing."""
    tops = [float(np.max(np.abs(x), initial=0.0)) for known in points for x in known.values()]
    sizes = [1.0, *(top for top in tops if 0 < top < math.inf)]
    return math.ceil(math.log10(max(sizes)) - math.log10(min(sizes)))
