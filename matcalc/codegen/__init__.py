"""Code from derivations: one function that computes the value and all derivatives.

``ir`` is the graph of array operations; ``lower`` makes it of expressions, in stable forms; ``plan`` says what is computed in which
order; ``targets`` write source, a file a target; ``products`` are what users get."""

from __future__ import annotations

from matcalc.codegen.products.calling import class_of, counted, function_of, kept_of, source_of
from matcalc.codegen.products.document import Doc
from matcalc.codegen.products.forms import Pulled, forms_of
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.numpy_target import source as numpy_source

__all__ = ["Doc", "Pulled", "Task", "class_of", "counted", "forms_of", "function_of", "kept_of", "numpy_source", "source_of"]
