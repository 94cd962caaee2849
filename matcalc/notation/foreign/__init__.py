"""To SymPy and back, and formulas read by latex2sympy2, through allow-lists of node types.

No text is ever given to SymPy to read.
"""

from __future__ import annotations

from matcalc.notation.foreign.calculus import derivative, limited, shortest, size
from matcalc.notation.foreign.matrix_exchange import from_sympy_matrix, to_sympy_matrix
from matcalc.notation.foreign.scalar_formulas import from_sympy, to_sympy

__all__ = ["derivative", "from_sympy", "from_sympy_matrix", "limited", "shortest", "size", "to_sympy", "to_sympy_matrix"]
