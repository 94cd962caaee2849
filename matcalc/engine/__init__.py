"""Derivations: which rule is applied where, and the lines that tell it.

``derivation`` is the data that printers, checks and code read. Here no line is checked
(``check``) and none is printed (``printers``)."""

from __future__ import annotations

KINDS = ("gradient", "jacobian", "hessian", "hvp", "mixed", "differential")
LAYOUTS = ("shape", "numerator", "denominator")
ROUTES = {"both": ("backprop", "differential"), "all": ("backprop", "differential", "elementwise")}  # side by side
STYLES = (*ROUTES["all"], *ROUTES)
