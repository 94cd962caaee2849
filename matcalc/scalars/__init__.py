"""Elementwise functions that the text defines: bodies, derivatives by SymPy, values, definitions on paper.

A body has two readers where it is LaTeX, latex2sympy2 and our own parser, and they must agree. A derivative
must agree with complex steps of the formula that it is the derivative of. SymPy is imported for that first.
"""

from __future__ import annotations

from matcalc.scalars.bodies import Bodies, Scalar
from matcalc.scalars.paper import definitions, steps, with_definitions
from matcalc.scalars.reading import complete, told_apart
from matcalc.scalars.values import tables

__all__ = ["Bodies", "Scalar", "complete", "definitions", "steps", "tables", "told_apart", "with_definitions"]
