"""Python code for losses, read by matcalc, at arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

import matcalc

AXES = "nmk"


def value(code: str, **arrays: Any) -> Any:
    """The value that matcalc gives; 1-D arrays of one length share a size, and so do axes."""
    sizes: dict[int, str] = {}
    dims = {name: tuple(sizes.setdefault(d, AXES[len(sizes)]) for d in np.shape(a)) for name, a in arrays.items()}
    return matcalc.parse(code, dims).evaluate(arrays)
