"""To SymPy and back, through allow-lists of node types; no text is ever given to SymPy to read."""

from __future__ import annotations

from matcalc.sympy_bridge.calculus import derivative, limited, shortest, size
from matcalc.sympy_bridge.matrices import from_sympy_matrix, to_sympy_matrix
from matcalc.sympy_bridge.scalars import from_sympy, to_sympy

__all__ = [
    "derivative",
    "from_sympy",
    "from_sympy_matrix",
    "limited",
    "shortest",
    "size",
    "to_sympy",
    "to_sympy_matrix",
]
