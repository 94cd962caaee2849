"""Code from derivations: one function that computes the value and all derivatives."""

from __future__ import annotations

from matcalc.codegen.calling import function_of, source_of
from matcalc.codegen.document import Doc
from matcalc.codegen.numpy_target import numpy_source

__all__ = ["Doc", "function_of", "numpy_source", "source_of"]
