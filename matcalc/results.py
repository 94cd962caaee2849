"""What derive gives back: a derivation, with its results, lines, printers and code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from matcalc.answers import CheckedWork, Expr, Result
from matcalc.engine import derivation as data
from matcalc.engine.defined_functions import own_functions, own_steps
from matcalc.engine.kinks import kinks
from matcalc.engine.notices import narrower, other_layout, ranks, singular
from matcalc.engine.understood import Reading, understood
from matcalc.engine.upstream import with_directions, with_upstream
from matcalc.expr.errors import MissingError, UsageError, one_of, visible
from matcalc.notation.lex.latex_names import as_known
from matcalc.notation.lex.latex_scan import in_full
from matcalc.notation.lex.lexer_plain import greek_to_ascii
from matcalc.notation.meaning.problem import Problem
from matcalc.options import label_prefix, require, said

if TYPE_CHECKING:
    from matcalc.algebra.rule import Book
    from matcalc.check.central_differences import GradientCheck, Tick
    from matcalc.check.replay import ReplayReport
    from matcalc.check.report import CheckReport
    from matcalc.codegen.products.generated import Generated
    from matcalc.engine.passes import Passes
    from matcalc.numeric.evaluation import Arrays
    from matcalc.numeric.stand_ins import Elementwise
    from matcalc.printers.pictures.graph_picture import GraphPicture


class Derivation:
    """What :func:`matcalc.derive` gives back.

    ``d["W"]`` is the derivative by W, ``d.result`` the only one, ``d.results`` are all; ``d.value`` is the expression,
    ``d.reading`` what was understood of it. ``d.steps`` are the lines (rule, source, both sides, sizes, check), ``d.warnings``
    say where a derivative does not exist and what was assumed, ``d.checked`` is the report of the check. ``to_text`` …
    ``to_json`` print it, ``to_code`` and ``function`` make NumPy code of it. ``kind``, ``layout``, ``style``, ``wrt``, ``assume``,
    ``functions`` and ``direction`` are as they were asked for, or found out; ``dims`` has the sizes of all names, ``source`` is
    the text. Arrays are given by name, ``{"x": [1, 2]}``: vectors with one axis, numbers with none. All errors are
    ``MatcalcError``: ``UsageError`` for an argument without sense, ``ShapeError`` for arrays of other sizes.

    >>> import matcalc
    >>> d = matcalc.derive("norm2(A x - b)^2", wrt="x")
    >>> d.result.plain
    "2*A'*(A*x - b)"
    >>> value, gradient = d.function()(A=[[1, 2], [3, 4]], x=[1, 1], b=[0, 0])
    >>> gradient
    array([48., 68.])
    """

    routes: tuple[Derivation, ...] = ()  # where several are shown side by side
    agreement: tuple[data.Step, ...] = ()  # and the lines that say that they come to the same

    def __init__(
        self,
        problem: Problem,
        trace: data.Trace,
        tell: Callable[[data.Trace], data.Trace],
        kind: str,
        layout: str,
        style: str,
        assume: Mapping[str, frozenset[str]],
        functions: Mapping[str, object],
        wrt: Sequence[str],
        direction: str | None,
        zero_source: str,
        rows: Book,
        again: Callable[..., Derivation],
    ) -> None:
        self.problem = problem
        self._rows = rows
        self._derived = trace
        self._tell = tell
        self.again = again  # derives another problem, of a kind, by the same variables and those named beside them
        self.kind = kind
        self.layout = layout
        self.style = style
        self.assume = assume
        self.functions = functions
        self.wrt = tuple(wrt)
        self.direction = direction
        self.zero_source = zero_source  # what the line cites that says: the terms cancel
        self.own_steps = own_steps(problem, trace)  # the input's functions and their derivatives, each checked by itself
        self.checked: CheckReport | None = None
        self._unfolded: dict[bool, tuple[data.Step, ...]] = {}
        self.dims = problem.dims
        self.source = problem.source

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Where the derivatives do not exist, and what else a reader should know; what a check finds is added."""
        problem, trace = self.problem, self._derived
        found = (*kinks(problem, trace, self.wrt, self.functions, self.assume), *singular(problem, trace, self.assume),
                 *ranks(problem, self.wrt, self.assume), *narrower(problem, trace),
                 *other_layout(trace, self.layout))  # fmt: skip
        return tuple(map(visible, (*problem.warnings, *found)))

    @cached_property
    def trace(self) -> data.Trace:
        """What was derived, told: made when somebody checks or prints it."""
        return self._tell(self._derived)

    @property
    def steps(self) -> tuple[data.Step, ...]:
        """The lines."""
        return self.own_steps + self.trace.steps

    def unfolded(self, whole: bool) -> tuple[data.Step, ...]:
        """The lines from which composite rules follow: of all that are used, or of that which the exercise is about."""
        require(whole=whole)
        if whole not in self._unfolded:
            from matcalc.engine.unfolded_rules import unfolded

            steps = unfolded(self.problem, self.trace, self._rows, self.wrt, whole)
            if steps and self.checked is not None:
                from matcalc.check.unfolded import checked

                steps = checked(steps, self.assume)
            self._unfolded[whole] = steps
        return self._unfolded[whole]

    @property
    def boxes(self) -> tuple[data.Step, ...]:
        """The results as lines."""
        return self.trace.boxes

    @cached_property
    def value(self) -> Expr:
        """The expression that was differentiated."""
        return Expr(self.problem.output, self.problem)

    @property
    def reading(self) -> Reading:
        """What was understood of the input: sizes, properties and kinds of all names, and what was assumed, in words."""
        return understood(self.problem, self.assume, self.value.plain)

    @cached_property
    def results(self) -> tuple[Result, ...]:
        """The derivatives, in the order of ``wrt``."""
        return tuple(Result(self.problem, self.functions, r, self.assume) for r in self.trace.results)

    @property
    def result(self) -> Result:
        """The one result. Raises ``UsageError`` when there are several."""
        if len(self.results) != 1:
            names = ", ".join(r.wrt for r in self.results)
            raise UsageError(f"there are {len(self.results)} results: {names}", hint="take one: d['W']")
        return self.results[0]

    def __getitem__(self, name: str) -> Result:
        """The derivative by a variable. Raises ``UsageError`` (a ``KeyError`` too) for one that was not asked for."""
        known = [r.wrt for r in self.results]
        if isinstance(name, str) and (found := as_known(in_full(greek_to_ascii(name), self.problem.macros), known)) in known:
            return self.results[known.index(found)]
        raise MissingError(f"no derivative by {said(name)} was asked for; there are: {', '.join(r.wrt for r in self.results)}")

    # -- printers ---------------------------------------------------------------------

    def to(self, form: str, detail: str = "normal", document: bool = False, width: int | None = None, graph: bool = False,
           columns: int = 1, only: str = "all", sizes: bool = True, reasons: bool = True,
           labels: str | None = None, environment: str = "alignat", engine: str | None = None,
           exercise: bool = False, lang: str = "en") -> str:  # fmt: skip
        """The derivation in one of the formats, ``text``, ``latex``, ``markdown``, ``html``, ``typst`` or ``json``.

        ``detail`` is brief, normal or full, ``document`` asks for a whole LaTeX or Typst file, ``width`` is that of a terminal,
        ``graph`` adds a picture of the computation, ``columns`` are those of the page that LaTeX goes on, 1 or 2; ``only`` shows
        results (with what they name), steps or forward, ``sizes`` and ``reasons`` may be left out; ``labels`` stands before the
        names in the labels of results and named derivatives in LaTeX, whose lines stand in an ``environment``: alignat, align,
        aligned (no labels) or gather; ``engine`` xelatex sets letters of every script; an ``exercise`` has blank right sides;
        ``lang`` is en or zh. A format leaves out what it has no use for. Raises ``UsageError`` for another format.
        """
        from matcalc.printers.formats import KNOWN, Shown, shown_as, written

        given = {"detail": detail, "document": document, "width": width, "columns": columns}
        words = {"form": form, "only": only, "environment": environment, "lang": lang}
        words["engine"] = "pdflatex" if engine is None else engine
        require(graph=graph, labels=labels, sizes=sizes, reasons=reasons, exercise=exercise, **words, **given)
        for what, word in words.items():
            one_of(what, word, KNOWN[what])
        shown = Shown(only, bool(sizes), bool(reasons), label_prefix(labels or "", environment), environment, bool(exercise), lang)
        picture = self.graph(lang=lang).picture if graph else None
        return written(self, form, picture=picture, shown=shown_as(shown), engine=engine, lang=lang, **given)

    def to_text(self, detail: str = "normal", width: int | None = None, lang: str = "en") -> str:
        """The derivation as Unicode text for a terminal of ``width`` columns; ``detail`` is brief, normal or full."""
        return self.to("text", detail, width=width, lang=lang)

    def to_latex(self, document: bool = False, detail: str = "normal", columns: int = 1, only: str = "all", sizes: bool = True,
                 reasons: bool = True, labels: str | None = None, environment: str = "alignat",
                 engine: str | None = None, lang: str = "en") -> str:  # fmt: skip
        """The derivation in LaTeX: a fragment for amsmath, or a whole document, for a page of one or two columns."""
        return self.to("latex", detail, document, columns=columns, only=only, sizes=sizes, reasons=reasons, labels=labels,
                       environment=environment, engine=engine, lang=lang)  # fmt: skip

    def to_markdown(self, detail: str = "normal", lang: str = "en") -> str:
        """The derivation as Markdown with ``$$`` blocks, as GitHub and Jupyter set it."""
        return self.to("markdown", detail, lang=lang)

    def to_html(self, detail: str = "normal", lang: str = "en") -> str:
        """The derivation as an HTML page that needs nothing beside it."""
        return self.to("html", detail, lang=lang)

    def to_typst(self, document: bool = False, detail: str = "normal", lang: str = "en") -> str:
        """The derivation in Typst: a fragment, or a whole document."""
        return self.to("typst", detail, document, lang=lang)

    def to_dict(self) -> dict[str, data.Json]:
        """The JSON schema, version 2, as a dictionary."""
        from matcalc.printers.jsonout import to_dict

        return to_dict(self)

    def to_json(self) -> str:
        """The JSON schema, version 2, as text (docs/json.md)."""
        return self.to("json")

    def __repr__(self) -> str:
        return "\n".join(f"{r.wrt}: {r.text}" for r in self.results)

    def _repr_markdown_(self) -> str:
        return self.to_markdown()

    def _repr_latex_(self) -> str:
        return self.to_latex()

    def _repr_html_(self) -> str:
        from matcalc.printers.html import to_html

        return to_html(self, document=False)

    # -- code ---------------------------------------------------------------------------

    def to_code(
        self, target: str = "numpy", name: str | None = None, value: bool = True, sizes: bool = False, gradient: bool = False,
        factors: bool = False,
    ) -> str:  # fmt: skip
        """Source of one function, called ``name``, of the value and all derivatives, or of these alone, without the ``value``.

        A ``target`` is in docs/code.md; ``sizes`` that do not fit are refused; a Hessian has its ``gradient``, or ``factors``."""
        from matcalc.codegen import Pulled, forms_of, targets

        require(target=target, value=value, sizes=sizes, gradient=gradient, factors=factors)
        one_of("target", target, targets.names())
        return forms_of(self, Pulled(self._pulled_back, _pulled_further), target, name, value, sizes, gradient, factors)

    def _pulled_back(self) -> tuple[str, Derivation]:
        """The name of the upstream gradient, and the derivation of ⟨upstream, value⟩."""
        if self.kind not in ("gradient", "jacobian"):
            raise UsageError(f"a {self.kind} has no backward pass", hint="this form goes with --kind gradient or jacobian")
        name, problem = with_upstream(self.problem)
        return name, self.again(problem, "gradient")

    def function(self, target: str = "numpy", value: bool = True, gradient: bool = False, factors: bool = False) -> Generated:
        """The callable: ``function(**arrays) -> (value, derivative)``, or a tuple of derivatives in wrt order.

        A derivative has the axes of its result's ``shape``. The callable raises ``ShapeError`` for arrays of other sizes."""
        require(target=target, value=value, gradient=gradient, factors=factors)
        from matcalc.codegen import function_of, targets

        one_of("target", target, targets.callable_ones())
        return function_of(self, target, value, gradient, factors)

    def passes(self, measured: bool = False) -> Passes:
        """The forward pass in topological order and the backward pass in reverse, what is kept between them, and what both cost.

        Operations are counted in terms of the sizes; ``measured`` asks for times, where all sizes are numbers. Raises
        ``UsageError`` for other derivatives than gradients by backpropagation.

        >>> import matcalc
        >>> [kept.name for kept in matcalc.derive("u' tanh(W x)", wrt="W").passes().kept]
        ['u', 'x', 'h']
        """
        require(measured=measured)
        from matcalc.codegen import counted, kept_of
        from matcalc.codegen.products.timing import seconds_of
        from matcalc.engine.passes import Cost, Kept, Passes, Seconds, in_order

        if (self.kind, self.style, self.layout) != ("gradient", "backprop", "shape"):
            raise UsageError("only gradients by backpropagation have two passes", hint="leave out --kind, --style and --layout")
        kept = tuple(Kept(*one) for one in kept_of(self, self._pulled_back()))
        value, together, alone = counted(self)
        seconds = seconds_of(self) if measured else None
        return Passes(*in_order(self.steps), kept, Cost(value, together, tuple(alone)), seconds and Seconds(*seconds))

    def graph(self, at: Arrays | str | None = None, seed: int = 0, lang: str = "en") -> GraphPicture:
        """The computation graph, with numbers at arrays or at a ``"random"`` point. Raises ``UsageError``, ``CheckError``.

        >>> import matcalc
        >>> picture = matcalc.derive("u' f(W x + b)").graph()
        >>> picture.to_svg()[:4]
        '<svg'
        """
        require(at=at, seed=seed, lang=lang)
        from matcalc.check.graph_values import graph_of
        from matcalc.printers.pictures.graph_picture import GraphPicture

        rows, steps, known = self._rows, self._derived.steps, self._all_functions()
        return GraphPicture(graph_of(self.problem, rows, steps, self.assume, known, at, seed), lang)

    def check_gradient(
        self, at: Arrays | str | None = None, h: float = 1e-4, *, seed: int = 0, sweep: bool = False, tick: Tick | None = None
    ) -> GradientCheck:
        """Every entry of the gradients against (f(x + h) − f(x − h))/2h, at arrays or a random point; slow, as by hand.

        ``sweep`` adds how the error depends on h, ``tick`` is told how many entries are done, of how many. Raises ``UsageError``,
        ``ShapeError``, ``CheckError``.

        >>> import matcalc
        >>> report = matcalc.derive("x'*x", wrt="x").check_gradient({"x": [1, 2]})
        >>> report.passed, sorted(entry.analytic for entry in report.entries)
        (True, [2.0, 4.0])
        """
        require(at=at, seed=seed, h=h, tick=tick)
        from matcalc.check import central_differences

        gradients = {r.wrt: r.evaluate for r in self.results if r.data.frobenius is None}
        if (self.kind, self.layout) != ("gradient", "shape") or len(gradients) < len(self.results):
            raise UsageError("only gradients of free entries are checked so", hint="leave out kind, layout and structure")
        given = None if isinstance(at, str) else at
        known, formulas = self._all_functions(), [r.expr for r in self.results]
        return central_differences.check_gradient(
            self.problem, gradients, formulas, self.assume, known, given, seed, h, sweep, tick or (lambda done, of: None)
        )

    def check_work(self, work: str, names: Mapping[str, str] | None = None, form: str | None = None) -> CheckedWork:
        """Somebody's answer, derivation or NumPy function against the one result, as :func:`matcalc.check_work` tells it.

        >>> import matcalc
        >>> matcalc.derive("x'*A*x", wrt="x").check_work("2 A x").verdict
        'needs-assumption'
        """
        require(work=work, names=names)
        if form is not None:
            require(form=form)
            one_of("form", form, ("answer", "derivation", "numpy"))
        from matcalc.check.work.cases import as_derived
        from matcalc.check.work.judged_work import report

        asked = as_derived(self.problem, self.trace, self.result.data, self.assume, self._all_functions())
        return CheckedWork(*report(asked, work, names or {}, form))

    def check(self, seed: int = 0, points: int = 2) -> CheckReport:
        """Verify every line and every result numerically. Raises ``CheckError`` naming the first false line.

        >>> import matcalc
        >>> matcalc.derive("x'*A*x", wrt="x", check=False).check(points=5).passed
        True
        """
        require(seed=seed, points=points)
        from matcalc.check.checked_trace import checked_trace

        how = (self.assume, self._callables(), seed, points, self.zero_source)
        self.trace, report = checked_trace(self.problem, self.trace, *how)
        self.warnings += tuple(n for n in map(visible, report.notices) if n not in self.warnings)
        self.checked = report
        self.__dict__.pop("results", None)  # made of the trace
        return report

    def replay(self) -> ReplayReport:
        """Rebuild every line and every result from the lines before it and the rule rows alone, and say how that went.

        Another way to trust a derivation than :meth:`check`: that one compares values at random points, this one follows the
        argument. Differential rows are put in for each operator, adjoint and vec rows carry the result (Magnus and Neudecker,
        ch. 5 and 9; CS224n, backpropagation); what comes out must be the line as it stands, by the ring laws or in exact
        arithmetic (Schwartz 1980; Zippel 1979). It shares no code with the engine but what a row and a line are, how a row
        is matched, and the ring laws.

        Returns
        -------
        ReplayReport
            True in a condition where every line was rebuilt. ``lines`` holds each line with its rule and its ``state``:
            ``replayed``, ``gap`` (no row reaches it) or ``wrong`` (it does not follow), and ``why``. ``str()`` of it is readable,
            ``require()`` raises ``ReplayError``, a ``CheckError``, where a line was not rebuilt.

        >>> import matcalc
        >>> print(matcalc.derive("u' f(W x + b)", wrt="W").replay())
        8 of 8 lines rebuilt from 5 rules
        """
        from matcalc.check.replay import replay

        return replay(self.problem, self.trace, self._rows, self.assume, self.own_steps, self.functions, self.unfolded(True))

    def _all_functions(self) -> dict[str, object]:
        """The functions of the input, and those that were given."""
        return {**own_functions(self.problem), **self.functions}

    def _callables(self) -> dict[str, Elementwise]:
        from matcalc.numeric.evaluation import from_user

        return {name: from_user(value, name) for name, value in self._all_functions().items() if value is not None}


def _pulled_further(first: Derivation, *beside: str) -> tuple[Mapping[str, str], Derivation]:
    """Of gradients: their directions with their variables, and the derivation of ⟨directions, gradients⟩, by others beside too."""
    names, problem = with_directions(first.problem, {r.identifier: r.evaluable for r in first.trace.results})
    return dict(zip(names, [r.identifier for r in first.trace.results], strict=True)), first.again(problem, "gradient", beside)
