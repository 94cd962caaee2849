"""What parse and derive give back: an expression that was read, and one derivative."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from matcalc.check.work.work_report import WorkReport
from matcalc.engine import derivation as data
from matcalc.engine.defined_functions import definitions_in, own_functions
from matcalc.engine.public_value import evaluate
from matcalc.expr.dims import Dim
from matcalc.expr.errors import LimitError, UsageError
from matcalc.expr.nodes import NAMED, postorder
from matcalc.expr.nodes import Expr as Node
from matcalc.notation.meaning.problem import Problem
from matcalc.notation.write import signs
from matcalc.notation.write.program import plain
from matcalc.notation.write.render import LATEX, TEXT, Style, render
from matcalc.notation.write.spelled import spellings
from matcalc.options import require

if TYPE_CHECKING:
    from matcalc.numeric.evaluation import Array, Arrays


class Expr:
    """An expression that was read, as :func:`matcalc.parse` gives it back.

    >>> import matcalc
    >>> e = matcalc.parse("u' f(W x)")
    >>> e.plain, e.shape
    ("u'*f(W*x)", ())
    """

    def __init__(self, node: Node, problem: Problem) -> None:
        self.node = node
        self._problem = problem

    @property
    def plain(self) -> str:
        """In plain notation, which ``parse`` and ``derive`` read back."""
        return "; ".join((*definitions_in(self.node, self._problem), plain(self.node)))

    @property
    def latex(self) -> str:
        """In LaTeX, for amsmath. Raises ``LimitError`` for what has more than 2,000,000 characters, as shared parts may."""
        return render(self.node, self._style(LATEX))

    @property
    def shape(self) -> tuple[Dim, ...]:
        """Sizes of the axes: ``()`` of a scalar, ``("n",)`` of a column, ``("n", "m")`` of a matrix."""
        return data.public_shape(self.node.type)

    def __repr__(self) -> str:
        try:
            return render(self.node, self._style(TEXT))
        except LimitError:
            return self.plain

    def _style(self, style: Style) -> Style:
        """With quotes where names look alike."""
        nodes = postorder((self.node,))
        names = [str(node.attr[0] if node.op == "fn" else node.attr) for node in nodes if node.op in NAMED]
        spelled = spellings(self._problem)
        return signs.quoting(style, signs.quoted(names, nodes, spelled=spelled), spelled)

    def evaluate(self, arrays: Arrays, functions: Mapping[str, object] | None = None) -> Array:
        """Value at ``arrays`` (name to array: vectors 1-D, scalars 0-D), with generic functions as in ``derive``.

        Raises ``ShapeError`` for arrays of other sizes, ``UsageError`` for one that is missing or where there is no value.

        >>> import matcalc
        >>> matcalc.parse("x'*A*x").evaluate({"x": [1, 2], "A": [[1, 0], [0, 3]]})
        array(13.)
        """
        require(arrays=arrays, functions=functions)
        problem, known = self._problem, {**own_functions(self._problem), **(functions or {})}
        return evaluate(self.node, problem.types, arrays, known, problem.ties)


class CheckedWork(WorkReport):
    """The verdict on somebody's work, as :func:`matcalc.check_work` gives it back: the data of ``WorkReport``, and its pages."""

    def to_text(self, explain: bool = False) -> str:
        """In words: the verdict, the first wrong place, and every line with its mark; to ``explain``, our lines below each."""
        from matcalc.printers import checked_work

        return checked_work.to_text(self, explain)

    def to_latex(self, document: bool = False) -> str:
        """The lines with marks in the margin: a fragment for any document with amsmath and amssymb, or a document."""
        from matcalc.printers import checked_work

        return checked_work.to_latex(self, document)

    def to_markdown(self) -> str:
        """The same as a table."""
        from matcalc.printers import checked_work

        return checked_work.to_markdown(self)

    def to_html(self) -> str:
        """The same as a page of its own."""
        from matcalc.printers import checked_work

        return checked_work.to_html(self)


class Result:
    """One derivative, as ``d["W"]`` or ``d.result`` gives it.

    A gradient has the variable's shape; a Jacobian the axes of the output, then those of the variable; a Hessian those of the
    variable twice. ``str`` of it is the formula in Unicode.

    >>> import matcalc
    >>> d = matcalc.derive("u' W x", wrt="W")
    >>> d["W"].plain, d["W"].shape
    ("u*x'", ('n', 'm'))
    >>> d["W"].evaluate({"u": [1, 2], "W": [[0, 0], [0, 0]], "x": [3, 4]})
    array([[3., 4.],
           [6., 8.]])
    """

    def __init__(
        self, problem: Problem, functions: Mapping[str, object], result: data.Result, assume: Mapping[str, frozenset[str]]
    ) -> None:
        self._problem = problem  # not the derivation: that holds its results, and a cycle waits for the garbage collector
        self._functions = functions
        self._assume = assume
        self.data = result

    @property
    def wrt(self) -> str:
        """The variable, or the part of one, that it was asked by."""
        return self.data.asked

    @property
    def kind(self) -> str:
        """``gradient``, ``jacobian``, ``hessian``, ``hvp``, ``mixed`` or ``differential``."""
        return self.data.kind

    @property
    def layout(self) -> str:
        """``shape``, ``numerator`` or ``denominator``."""
        return self.data.layout

    @property
    def plain(self) -> str:
        """In plain notation, which ``parse`` and ``derive`` read back."""
        return self.data.plain

    @property
    def latex(self) -> str:
        """In LaTeX, for amsmath."""
        return self.data.latex

    @property
    def text(self) -> str:
        """In Unicode, as a terminal shows it."""
        return self.data.text

    @property
    def shape(self) -> tuple[Dim, ...]:
        """Sizes of the axes: ``()`` of a scalar, ``("n",)`` of a column, ``("n", "m")`` of a matrix."""
        return self.data.shape

    @property
    def expr(self) -> Node:
        """The formula as the program holds it."""
        return self.data.expr

    def __repr__(self) -> str:
        return self.data.text

    @property
    def vec(self) -> Expr:
        """The same derivative in vec form, d vec(Y)/d vec(X)': Kronecker products and commutation matrices.

        Raises ``UsageError`` for a differential.
        """
        if self.data.kind == "differential":
            raise UsageError("a differential has no vec form", hint="ask for kind='jacobian', and take its vec")
        from matcalc.algebra.normal.normal_form import normal
        from matcalc.engine.vecform import vec_form

        outer, inner = self.data.axes
        return Expr(normal(vec_form(self.data.expr, outer, inner)), self._problem)

    def evaluate(self, arrays: Arrays, functions: Mapping[str, object] | None = None) -> Array:
        """Value of the printed formula at ``arrays``, in the shapes of the corpus conventions.

        Where a norm or another root of squares is 0, 0 divided by it counts as 0, unless the expression itself divides by it.
        Raises ``ShapeError`` for arrays of other sizes, ``UsageError`` for one that is missing or where there is no value.
        """
        require(arrays=arrays, functions=functions)
        table = {**own_functions(self._problem), **self._functions, **(functions or {})}
        problem = self._problem
        return evaluate(self.data.evaluable, problem.types, arrays, table, problem.ties, problem.output, self._assume)


class Given(NamedTuple):
    """An expression as it was handed over: its text, and what is known of it beside the text."""

    text: str
    notation: str | None
    dims: Mapping[str, Sequence[Dim]] = MappingProxyType({})
    functions: Mapping[str, object] = MappingProxyType({})
    assume: Mapping[str, str] = MappingProxyType({})


def given(what: str, value: object, notation: str | None) -> Given:
    """A text, or an expression or result of ours with its sizes, functions and assumptions.

    Raises ``UsageError`` for anything else; ``what`` is the parameter's name.
    """
    if not isinstance(value, (Expr, Result)):
        require(**{what: value})
        return Given(str(value), notation)
    nodes = postorder((value.node if isinstance(value, Expr) else value.data.evaluable,))
    names = {str(n.attr) for n in nodes if n.op == "sym"}
    used = {str(n.attr[0]) for n in nodes if n.op == "fn"}
    dims = {n: s for n, s in value._problem.dims.items() if n in names}
    if isinstance(value, Expr):
        return Given(value.plain, "plain", dims)
    functions = {f: v for f, v in value._functions.items() if f in used}
    return Given(value.plain, "plain", dims, functions, {n: ", ".join(p) for n, p in value._assume.items() if n in names and p})
