"""Elementwise functions that the text defines: bodies, derivatives by SymPy, values, definitions on paper.

A body has two readers where it is LaTeX, latex2sympy2 and our own parser, and they must agree. A derivative
must agree with complex steps of the formula that it is the derivative of. SymPy is imported for that first.
"""

from __future__ import annotations

from matcalc.engine.own_functions.bodies import Bodies
from matcalc.engine.own_functions.numbers import tables
from matcalc.engine.own_functions.paper import definitions, steps, with_definitions
from matcalc.engine.own_functions.readers import complete, told_apart

__all__ = ["Bodies", "complete", "definitions", "steps", "tables", "told_apart", "with_definitions"]
