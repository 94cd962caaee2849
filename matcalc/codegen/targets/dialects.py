"""How a library is written, as data: what a target says beside NumPy's forms, and what of them it cannot say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc.codegen.targets.helpers import HELPERS
from matcalc.expr.errors import NoRuleError
from matcalc.expr.table import TABLE

if TYPE_CHECKING:
    from matcalc.codegen.ir.graph import Node
    from matcalc.codegen.products.task import Task

NUMPY = re.compile(r"\bnp\.")  # no variable is called np
BY_LINES = frozenset(("adddiag", "argmax1", "argmin1"))
# Kernels that are no operators of the notation, in words.
WORDS = {
    "adddiag": "a diagonal added to a matrix",
    "argmax1": "the place of a largest entry",
    "argmin1": "the place of a smallest entry",
    "mm": "a matrix product",
    "dot": "an inner product",
    "inner": "an inner product",
    "outer": "an outer product",
    "lin": "a sum",
    "prod": "a product",
    "square": "a square",
    "pow": "a power",
    "powv": "a power",
    "solve": "the solution of linear equations",
    "frechet": "the derivative of a matrix function",
    "eye": "an identity matrix",
    "einsum": "a sum over indices",
    "guard": "a number that is not 0",
    "expand": "a repeated array",
    "onehot": "the places of largest entries",
    "unit": "a unit vector",
}


class Dialect(NamedTuple):
    """A library: ``printers`` say how each kernel is written, ``library`` what stands for NumPy's name in them.

    In the other texts ``{0}`` is an array that is given, whose precision and place those have that are made of nothing given;
    ``{1}`` is a number. ``arrays_only``: functions take no numbers of Python's. ``factors``: a factorisation that several kernels
    use is made once, by SciPy. ``allowed`` are the functions that a source may call, by their module; methods by none.
    """

    target: str
    printers: Mapping[str, Callable[..., Any]]
    imports: Sequence[str] = ("import numpy as np",)
    helpers: Mapping[str, str] = HELPERS
    library: str = "np"
    keywords: str = "dtype={0}.dtype"
    number: str = "{0}.dtype.type({1})"
    copied: str = "{0}.copy()"
    looked_into: bool = True  # the function of a derivation takes what it is given as NumPy's arrays
    paths: bool = False  # a string is a file that an array is in, a tuple a function that makes its blocks
    decorator: str = ""  # of the function that computes, which another one calls
    raw_functions: bool = True  # functions of the user's are called as they are given
    opening: str = ""  # a line below the conversion of the arguments
    arrays_only: bool = False
    plain_numbers: bool = False  # those of the library have no memory that could be shared
    factors: bool = True
    in_place: bool = True  # what takes several lines may be written
    labels: bool = True  # integers in place of one-hot vectors
    allowed: Mapping[str, str] = MappingProxyType({})
    extra: str = ""  # what installs the library: matcalc-derive[extra]
    note: str = ""  # a sentence for the docstring

    @property
    def modules(self) -> tuple[str, ...]:
        """Names that no variable may have."""
        return tuple(dict.fromkeys(owner.split(".")[0] for owner in self.allowed if owner))

    def named(self, code: str) -> str:
        """A text of NumPy's forms with the name of the library."""
        return code if self.library == "np" else NUMPY.sub(f"{self.library}.", code)

    def printer(self, node: Node) -> Callable[..., Any]:
        """The form of a kernel. Raises ``NoRuleError`` for what the library lacks."""
        found = self.printers.get(node.op)
        if found is None:
            raise self.lacking(node.op)
        return found

    def helper(self, name: str) -> str:
        """The source of a function that a kernel calls. Raises ``NoRuleError`` where the library has none."""
        if name not in self.helpers:
            raise NoRuleError(f"{name} of the NumPy code has no {self.target} form", hint="take --code numpy, which has it")
        return self.helpers[name]

    def opened(self, floats: Sequence[str]) -> list[str]:
        """The line below the conversion of the arguments, where one is needed."""
        return [self.opening.format(floats[0])] if self.opening and floats else []

    def fitting(self, task: Task) -> Task:
        """The task with the names that are taken. Raises ``NoRuleError`` for labels that are given as integers."""
        if self.target == "numpy":
            return task
        if task.labels and not self.labels:
            who = ", ".join(sorted(task.labels))
            raise NoRuleError(f"no {self.target} code takes integer labels, and {who} is one-hot",
                              hint=f"take --code numpy, or leave out --assume {who}=one-hot")  # fmt: skip
        notes = (*task.doc.warnings, *([self.note] if self.note else []))
        return task._replace(reserved=(*self.modules, *self.helpers), doc=task.doc._replace(warnings=notes))

    def lacking(self, op: str, why: str = "") -> NoRuleError:
        """The error that says what cannot be written."""
        words = _words(op)
        if self.target == "numpy":
            return NoRuleError(f"no code can be generated for the operator '{op}' ({words})")
        return NoRuleError(f"no {self.target} code can be generated for the operator '{op}' ({words}){why}",
                           hint="take --code numpy, which has it")  # fmt: skip


def spoken(helpers: Mapping[str, str], library: str) -> dict[str, str]:
    """NumPy's helpers with the name of another library."""
    return {name: NUMPY.sub(f"{library}.", text) for name, text in helpers.items()}


def words_of(node: Node) -> str:
    """A kernel as a reader calls it."""
    return f"the variable {node.attr}" if node.op == "sym" else _words(node.op)


def _words(op: str) -> str:
    return WORDS.get(op) or (TABLE[op].words if op in TABLE else op)
