"""The public interface: derive, check, parse, equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypedDict, Unpack

from matcalc.algebra.book import book
from matcalc.answers import Expr, Result, given
from matcalc.check.rows.own_rules import with_rules
from matcalc.check.verdict import Verdict
from matcalc.deriving import Argued, both_read, completed, derivation, of_kind, read_problem, with_claims
from matcalc.engine import KINDS, LAYOUTS, STYLES
from matcalc.engine.selected import require_selectable
from matcalc.engine.strategy import (
    asked_of,
    choose_variables,
    variables_of,
)
from matcalc.expr.dims import Dim
from matcalc.expr.errors import UsageError, one_of
from matcalc.notation.lex.latex_scan import in_full, macros_in
from matcalc.notation.lex.lexer_plain import ascii_name, by_ascii_names
from matcalc.notation.meaning.declarations import (
    as_named,
    as_properties,
    known_names,
    noted,
    properties_of,
    question_of,
    require_one_meaning,
    square_names,
)
from matcalc.notation.meaning.readings import Said, at_intermediate
from matcalc.options import require, structures
from matcalc.results import Derivation

if TYPE_CHECKING:
    from matcalc.answers import CheckedWork
    from matcalc.codegen.products.vectorised_sums import Vectorised


def parse(
    text: str | Expr | Result,
    dims: Mapping[str, Sequence[Dim]] | None = None,
    *,
    notation: str | None = None,
    functions: Mapping[str, object] | None = None,
    output: str | None = None,
    index: Mapping[str, str] | None = None,
    define: Sequence[str] = (),
    meant: Mapping[str, str] | None = None,
    rules: str | None = None,
) -> Expr:
    r"""Read an expression in any of the notations.

    Parameters
    ----------
    text
        Plain text, Unicode, LaTeX or NumPy; several definitions are separated by ``;`` or line ends. An ``Expr`` or a ``Result``
        is taken as it is.
    dims
        Sizes of variables, ``{"W": ("n", "m"), "x": ("m",), "a": ()}``; what is not given is inferred.
    notation
        ``"plain"`` or ``"latex"``; detected where it is not given.
    functions, output, index, define, meant, rules
        As in :func:`derive`.

    Returns
    -------
    Expr
        With ``plain``, ``latex``, ``shape`` and ``evaluate``.

    Raises
    ------
    ParseError, AmbiguityError, ShapeError, UsageError, LimitError
        With the place in the text (``error.span``), and what to type next (``error.hint``).

    >>> import matcalc
    >>> matcalc.parse("\\frac{1}{2} x^T A x").plain
    "1/2*x'*A*x"
    """
    require(dims=dims, notation=notation, functions=functions, output=output, index=index, define=define, meant=meant, rules=rules)
    known = given("text", text, notation)
    own = macros_in(known.text, None)
    sizes = {**known.dims, **(by_ascii_names(in_full(dims, own)) or {})}
    functions, output, index = by_ascii_names(in_full(functions, own)), ascii_name(in_full(output, own)), in_full(index, own)
    rows = book() if rules is None else with_rules(book(), rules)
    problem = read_problem(known.text, sizes, known.notation, functions, output, index, define, scalar=False, meant=meant,
                           operators=rows.operators)  # fmt: skip
    if problem.order:
        raise UsageError("the text asks for a derivative, and parse() reads values", hint="derive() answers it; "
                         "without the sign of the derivative it is a value")  # fmt: skip
    return Expr(problem.output, problem)


def derive(
    expression: str | Expr | Result,
    wrt: str | Sequence[str] = "all",
    dims: Mapping[str, Sequence[Dim]] | None = None,
    kind: str | None = None,
    *,
    direction: str | None = None,
    structure: Mapping[str, str] | None = None,
    index: Mapping[str, str] | None = None,
    define: Sequence[str] = (),
    layout: str = "shape",
    style: str = "backprop",
    assume: Mapping[str, str] | None = None,
    functions: Mapping[str, object] | None = None,
    output: str | None = None,
    check: bool = True,
    notation: str | None = None,
    seed: int = 0,
    macros: Mapping[str, str] | None = None,
    rules: str | None = None,
    meant: Mapping[str, str] | None = None,
    cases: bool = False,
) -> Derivation:
    r"""Derive gradients, Jacobians or Hessians of an expression, and show the work.

    Parameters
    ----------
    expression
        The text, in plain notation, Unicode, LaTeX or NumPy; several definitions in any order, separated by ``;`` or line ends.
        An ``Expr`` or a ``Result`` is taken as it is.
    wrt
        The variable, or several; ``"all"`` is every free symbol.
    dims
        Sizes by name, ``{"W": ("n", "m"), "x": ("m",), "a": ()}``: names, numbers, or sums and products of them. May be partial.
    kind
        ``gradient``, ``jacobian``, ``hessian``, ``hvp`` (Hessian times a direction), ``mixed`` (d/db of the gradient by a, for two
        variables) or ``differential``. The default is the gradient of a scalar, and the Jacobian of anything else.
    direction
        For ``hvp``: the name of the variable that holds the direction, of the shape of the one in ``wrt``.
    structure
        Variables whose entries are tied: ``{"X": "symmetric"}``, diagonal, skew, lower-triangular, toeplitz …
    index
        What indexed tokens are slices of: ``{"x_i": "X[i,:]"}``.
    define
        Further definitions beside the expression: ``["g(z) = 1/(1+exp(-z))"]``.
    layout
        ``shape`` (a gradient has the shape of its variable), ``numerator`` or ``denominator``.
    style
        How the derivation argues: ``backprop``, ``differential`` or ``elementwise``; ``both`` shows the first two side by side,
        ``all`` all three, and that they agree.
    assume
        What holds of variables: ``{"A": "spd", "y": "one-hot"}``; several are separated by commas.
    functions
        Elementwise functions: ``{"f": "tanh"}``, ``{"f": None}`` for one that stays unspecified, or callables ``(f, df, d2f)``.
    output
        The defined name that is differentiated; the default is the one that no other definition uses.
    check
        Whether every line is verified numerically before it is returned.
    notation
        ``"plain"`` or ``"latex"``; detected where it is not given.
    seed
        Of the random points of the check.
    macros
        What LaTeX macros of yours stand for: ``{"\\R": "\\mathbb{R}"}``.
    meant
        Parts of the text that have several meanings, and the one that is meant: ``{"a/b c": "(a/b)*c"}``. The ``readings`` of an
        ``AmbiguityError`` hold such answers.
    rules
        The path of a file with rule rows of your own; they are tested before they are used.
    cases
        Whether the derivative by the scores of a loss with a one-hot label is told class by class: of the right class, of any
        other one, then of both.

    Returns
    -------
    Derivation
        Results by name, the lines, printers and code.

    Raises
    ------
    ParseError, AmbiguityError, ShapeError, UsageError, LimitError
        The input: with its place in the text (``error.span``), and what to type next (``error.hint``).
    NoRuleError
        No rule covers an operand: the message names both.
    CheckError
        A line did not survive its check, so nothing is shown.

    Examples
    --------
    >>> import matcalc
    >>> d = matcalc.derive("s = u^T f(W x + b)", wrt="W")
    >>> d["W"].plain
    "(u .* f'(W*x + b))*x'"
    >>> d["W"].shape
    ('n', 'm')
    """
    require(wrt=wrt, dims=dims, kind=kind, direction=direction, structure=structure, index=index, define=define, layout=layout)
    require(style=style, assume=assume, functions=functions, output=output, check=check, notation=notation, seed=seed)
    require(macros=macros, rules=rules, meant=meant, cases=cases)
    known = given("expression", expression, notation)
    one_of("kind", "gradient" if kind is None else kind, KINDS)
    one_of("layout", layout, LAYOUTS)
    one_of("style", style, STYLES)
    own = macros_in(known.text, macros)
    wrt, structure, index = in_full(wrt, own), in_full(structures(structure), own), in_full(index, own)
    dims, assume, functions = in_full(dims, own), in_full(assume, own), in_full(functions, own)
    direction, output = in_full(ascii_name(direction), own), in_full(ascii_name(output), own)
    dims, assume = {**known.dims, **(by_ascii_names(dims) or {})}, {**known.assume, **(by_ascii_names(assume) or {})}
    structure, functions = by_ascii_names(structure), {**known.functions, **(by_ascii_names(functions) or {})}
    rows = book() if rules is None else with_rules(book(), rules)
    square, scalar = square_names(assume, structure), None if kind in (None, "jacobian", "differential") else True
    read = partial(read_problem, known.text, notation=known.notation, functions=functions, index=index, define=define,
                   square=square, macros=macros, scalar=scalar, meant=meant, asked=wrt,
                   operators=rows.operators)  # fmt: skip
    problem = read(dims, output=output)
    problem = with_claims(problem, read, derive, equal, {"assume": assume, "rules": rules})
    wrt, kind = question_of(problem, wrt, kind)
    first, problem = problem, at_intermediate(problem, wrt, dims, read)
    assume, structure = as_named(assume, problem), as_named(structure, problem)
    problem, asked = asked_of(problem, wrt)
    variables = choose_variables(problem, variables_of(asked))
    names = [str(v.attr) for v in variables]
    said = {*first.symbols, *known_names(problem, names, direction, index, dims)}
    problem, kind = of_kind(noted(problem, names, said, dims, assume), variables, kind, direction)
    if style == "elementwise" and kind not in ("gradient", "jacobian"):
        other = "entry by entry only gradients and Jacobians are derived; this is by differentials"
        problem = problem._replace(warnings=(*problem.warnings, other))
    properties = properties_of(problem, assume, structure or {})
    require_selectable(asked, kind, layout, structure or {})
    if cases and (kind != "gradient" or style not in ("backprop", "elementwise") or layout != "shape"):
        raise UsageError("gradients by backpropagation are told by cases", hint="leave out kind, style and layout")
    require_one_meaning(problem, (problem.output, *problem.symbols.values()))
    seeded = seed if check else None
    argued = Argued(variables, layout, style, properties, direction, rows, structure, functions, seeded, asked, cases)
    return derivation(argued, problem, kind)


def equal(
    a: str | Expr | Result,
    b: str | Expr | Result,
    dims: Mapping[str, Sequence[Dim]] | None = None,
    *,
    assume: Mapping[str, str] | None = None,
    functions: Mapping[str, object] | None = None,
    notation: str | None = None,
    seed: int = 0,
    index: Mapping[str, str] | None = None,
    define: Sequence[str] = (),
    macros: Mapping[str, str] | None = None,
    meant: Mapping[str, str] | None = None,
    rules: str | None = None,
) -> Verdict:
    """Whether two expressions are the same: by their normal forms, in exact arithmetic, else at random points.

    Parameters
    ----------
    a, b
        Texts in any notation, expressions or results.
    dims, assume, functions, notation, seed, index, define, macros, meant, rules
        As in :func:`derive`, for both.

    Returns
    -------
    Verdict
        True in a condition where they are equal; ``how`` it was found, the largest relative ``error``, and where they are not
        equal a ``counterexample``: ``values`` of the variables, ``left`` and ``right``, the ``entry`` that differs most, the
        ``ratio`` there, and the ``factor`` between them where it is the same everywhere.

    Raises
    ------
    MatcalcError
        As :func:`derive` does, for what cannot be read or has no value at random points.

    >>> import matcalc
    >>> bool(matcalc.equal("tr(A B)", "tr(B A)"))
    True
    >>> matcalc.equal("x'*A*x", "2*x'*A*x").counterexample.factor
    Fraction(1, 2)
    """
    require(dims=dims, assume=assume, functions=functions, notation=notation, seed=seed, index=index, define=define)
    require(macros=macros, meant=meant, rules=rules)
    rows = book() if rules is None else with_rules(book(), rules)
    said = Said(dims or {}, functions=functions or {}, index=index or {}, define=define, macros=macros, meant=meant or {},
                operators=rows.operators, completed=completed)  # fmt: skip
    left, right, assume, functions = both_read(given("a", a, notation), given("b", b, notation), said, assume)
    from matcalc.check.equality import compared

    return compared(left, right, as_properties(as_named(as_named(assume, left), right)), functions, seed)


class Asked(TypedDict, total=False):
    """What derive takes beside the text, the variables and the output."""

    dims: Mapping[str, Sequence[Dim]]
    kind: str | None
    direction: str | None
    structure: Mapping[str, str] | None
    index: Mapping[str, str] | None
    define: Sequence[str]
    layout: str
    style: str
    assume: Mapping[str, str] | None
    functions: Mapping[str, object] | None
    check: bool
    notation: str | None
    seed: int
    macros: Mapping[str, str] | None
    rules: str | None
    meant: Mapping[str, str] | None
    cases: bool


def check_work(
    work: str,
    of: str | Expr | Result | None = None,
    wrt: str | None = None,
    *,
    names: Mapping[str, str] | None = None,
    form: str | None = None,
    output: str | None = None,
    **said: Unpack[Asked],
) -> CheckedWork:
    """Somebody's own answer, derivation or NumPy function against the derivative of its problem.

    Parameters
    ----------
    work
        An answer, lines of a derivation (LaTeX, Markdown or plain) or the source of a function, which is not executed.
    of, wrt
        The problem, and the variable; None where the work states them.
    names
        Symbols that the work does not define, and what each stands for in the problem.
    form
        ``answer``, ``derivation`` or ``numpy``; found out where it is not given.
    output, said
        As in :func:`derive`: ``dims``, ``assume``, ``kind`` …

    Returns
    -------
    CheckedWork
        ``verdict`` and ``relation``, ``first_wrong`` (a line from 0, or None), ``correct``, ``lines``, ``to_text()`` …

    Raises
    ------
    MatcalcError
        As :func:`derive`, and for work without a formula.

    >>> import matcalc
    >>> matcalc.check_work("A'*(A*x - b)", "norm2(A*x - b)^2", "x").relation
    'it is 1/2 times what is right'
    """
    require(work=work, names=names)
    from matcalc.check.work.stated_problem import problem_in, style_of

    if of is None:
        of, stated, found = problem_in(work)
        wrt, output = wrt or stated, output or found
    one_of("argument", next((name for name in said if name not in derive.__annotations__), "dims"), list(derive.__annotations__))
    asked: Asked = {"style": style_of(work), **said}
    if said.get("kind") == "differential":  # which its lines say, whatever they are compared with
        asked["kind"] = None
    d = derive(of, "all" if wrt is None else wrt, output=output, **asked)
    return d.check_work(work, names, form)


def vectorise(text: str, over: str | None = None, wrt: str | Sequence[str] = "all", **said: object) -> Vectorised:
    """Sums over indices, or a value for each index such as ``z_i = W x_i``, as loops and without indices.

    Parameters
    ----------
    text
        With sums over indices, or with names such as ``x_i``.
    over
        The index, where several stand in the text.
    wrt
        Derivatives of a sum by these.
    said
        What :func:`derive` takes beside the text.

    Returns
    -------
    Vectorised
        ``plain`` is the form without the index, ``code`` the source of both, ``times()`` measures them.

    Raises
    ------
    UsageError
        There is no index, or something that no loop is written for; and what :func:`derive` raises.

    >>> import matcalc
    >>> matcalc.vectorise("z_i = W x_i").plain
    "X*W'"
    """
    from matcalc.codegen.products import sums_apart

    require(text=text, over=over, wrt=wrt)
    return sums_apart.vectorise(sums_apart.Reader(derive, parse, Expr), text, over, wrt, said)


__all__ = ["Derivation", "Expr", "Result", "Verdict", "book", "check_work", "derive", "equal", "parse", "vectorise"]
