"""A derivation as plain data: steps, results, and the problem they answer. Printers and checks read it."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from matcalc.algebra.identities import identity
from matcalc.algebra.rule import Book, Rule, make_book
from matcalc.engine.part_names import Part
from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.groups import SUMS
from matcalc.expr.nodes import Expr, operands, postorder, rebuild, shape_of, size_text, substitute, sym
from matcalc.expr.table import Type
from matcalc.notation.write import indexed
from matcalc.notation.write.program import Program
from matcalc.notation.write.render import LATEX, PLAIN, TEXT, Style, render
from matcalc.notation.write.sampled import Samples, sampled

Json = str | float | bool | Sequence["Json"] | Mapping[str, "Json"] | None  # what to_dict() gives
OF_ENTRIES = ("entries", "case")  # kinds of lines that say something of entries
SIGNED = SUMS | {"neg"}
CANCELLING = "cancelling"  # the rule of lines that say 0 because terms cancel
SINGULAR = "singular"  # the same of determinants


class Check(NamedTuple):
    """Outcome of one numeric check: largest relative error over the sampled points."""

    max_relative_error: float
    points: int
    method: str = ""


MEANT = "="  # before a label that is a name of the input and no letter for an index: f_y, F_{i,y_i} is ``=y:i``


class Case(NamedTuple):
    """What something is where a condition holds; the condition in text and in LaTeX."""

    value: Formula
    condition: tuple[str, str]


class Formula(NamedTuple):
    """An expression as it stands in a line; ``names`` says how some of its nodes are written.

    ``entries`` are indices, one an axis, where a line speaks of entries: ∂s/∂W_ij stands for the whole ∂s/∂W.
    ``lettering`` says how indices are called in its derivation, and which names need quotes there.
    ``shown`` is the (text, LaTeX) of what stands there as the input has it: a sum over indices, the head of a function.
    ``of`` is what is written instead, at ``entries`` where there are any: of W[2,3] this is W, and W_23 is what is read.
    ``cases`` are written instead, of which each entry is one, or ``samples``, sums over an index of the input.
    """

    expr: Expr
    names: Mapping[Expr, str] = MappingProxyType({})
    shown: tuple[str, str] | None = None
    entries: tuple[str, ...] | None = None
    lettering: indexed.Lettering = indexed.NO_LETTERS
    of: Expr | None = None
    cases: tuple[Case, ...] = ()
    samples: Samples | None = None

    @property
    def written(self) -> Expr:
        """What is written."""
        return self.expr if self.of is None else self.of

    @property
    def plain(self) -> str:
        """In plain notation."""
        return render(self.expr, PLAIN, self.names)

    @property
    def text(self) -> str:
        """In Unicode."""
        return self._in(TEXT, 0)

    @property
    def latex(self) -> str:
        """In LaTeX, for amsmath."""
        return self._in(LATEX, 1)

    def _in(self, style: Style, at: int) -> str:
        if self.shown:
            return self.shown[at]
        if self.cases:
            return style.cases([(c.value._replace(lettering=self.lettering)._in(style, at), c.condition[at]) for c in self.cases])
        style = self.lettering.style(style)
        if self.samples:
            return sampled(self.samples, style, self.names)
        expr = self.lettering.applied(self.written, self.names)
        if self.entries is not None:
            labels = tuple([self._label(x, style) for x in self.entries])
            return indexed.write(expr, labels, style, self.names, self.lettering)
        return render(expr, style, self.names)

    def _label(self, x: str, style: Style) -> str:
        if not x.startswith(MEANT):
            return self.lettering.text(x)
        name, *below = x[len(MEANT) :].split(":")
        return indexed.lowered(style.name(name), below, style)

    @property
    def shape(self) -> tuple[Dim, ...]:
        """Sizes of the axes: ``()`` of a scalar, ``("n",)`` of a column, ``("n", "m")`` of a matrix."""
        return public_shape(self.expr.type)

    @property
    def type(self) -> Type:
        return self.expr.type


LONG = 400  # nodes, as written, of a formula that is still shown whole: half a page


def is_long(formula: Formula, most: int = LONG) -> bool:
    """Whether the formula has more nodes than that as it is written, a shared part counted each time and a name once."""
    names = formula.names
    written = [formula.expr]
    for node in written:  # which grows meanwhile
        if node.args and node not in names:
            written += node.args
            if len(written) > most:
                return True
    return False


def blank(formula: Formula) -> Formula:
    """Room for somebody to write the formula."""
    return formula._replace(shown=("……", r"\ldots\ldots"))


def printed_length(formula: Formula) -> tuple[int, int]:
    """Characters, and transposes; a sign before the whole is none: -2(X - U Vᵀ) V is no longer than 2(U Vᵀ - X) V."""
    text = formula.text.replace(" ", "").removeprefix("-")
    return len(text), text.count("ᵀ")


class Equation(NamedTuple):
    """An equation that stands in a remark; it is checked with its line."""

    lhs: Formula
    rhs: Formula

    @property
    def text(self) -> str:
        return f"{self.lhs.text} = {self.rhs.text}"

    @property
    def latex(self) -> str:
        return f"{self.lhs.latex} = {self.rhs.latex}"


class Step(NamedTuple):
    """One line ``lhs = [via =] rhs``, with the rule that gives it, as ``d.steps`` holds them.

    ``text`` is the line, ``rule`` the name of its row (``matcalc rules show`` explains it), ``source`` where that is written,
    ``dims`` the sizes, ``note`` a remark; ``check`` is the outcome of its check, with ``max_relative_error`` and ``points``, and
    None where none was asked for. Sides are formulas with ``plain``, ``text``, ``latex`` and ``shape``. Steps never change.

    >>> import matcalc
    >>> step = matcalc.derive("u' W x", wrt="W").steps[-1]
    >>> step.text, step.rule, step.dims
    ('∂s/∂W = u xᵀ', 'product-right', '[n×m] = [n×1][1×m]')
    >>> step.check.max_relative_error < 1e-8
    True

    ``kind`` is ``rewrite``, ``definition``, ``part`` (a name for a part of long formulas), ``local`` (∂p/∂q between
    neighbours), ``chain`` (∂s/∂q from what came from above), ``block`` (the same for a block of a concatenation, as a column),
    ``shape`` (the shape convention), ``reached`` (the line before in another form, down to the box),
    ``unfolded`` (of those from which a composite rule follows), ``entries`` (an index argument),
    ``case`` (of the entries that a mask selects),
    ``structure`` (tied entries), ``stacked`` (the derivative of stacked columns), ``selected`` (some entries of a derivative)
    or ``result``.
    ``node`` and ``through`` say what is differentiated and which nodes it came through;
    an independent replayer rebuilds ``rhs`` from them and the rule rows.
    ``members`` is the whole line as it is printed, lhs = … = rhs: :mod:`matcalc.engine.exposition` writes it, the check
    evaluates each member, and the printers set it.
    """

    kind: str
    rule: str
    source: str
    lhs: Formula
    rhs: Formula
    via: Formula | None = None
    rules: tuple[str, ...] = ()
    node: Expr | None = None
    through: tuple[Expr, ...] = ()
    note: str = ""
    about: tuple[Formula | Equation, ...] = ()  # what stands for {} in the note
    check: Check | None = None
    where: tuple[tuple[Expr, Expr], ...] = ()  # letters of the note, and what they stand for
    members: tuple[Formula, ...] = ()
    reason: str = ""  # the label of the rule with {} for what it is said of
    of: tuple[Formula | Equation, ...] = ()  # these
    route: str = ""  # where several stand side by side: the style in which it argues

    @property
    def dims(self) -> str:
        """``[n×m] = [n×1][1×m]``: the size of the line, and of the factors of its product."""
        left, shown = size_text(self.lhs.type), self.via or self.rhs
        factors = product_factors(shown.expr, shown.names)
        if len(factors) < 2:
            return left
        return f"{left} = " + "".join(size_text(f.type) for f in factors)

    @property
    def text(self) -> str:
        """The line in words of one line: its left side and the last one."""
        return f"{self.lhs.text} = {self.rhs.text}"

    @property
    def chain(self) -> tuple[Formula, ...]:
        """The members of the line."""
        return self.members or ((self.lhs, self.rhs) if self.via is None else (self.lhs, self.via, self.rhs))

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Those of the remark."""
        return tuple(a for a in self.about if isinstance(a, Equation))

    def checked(self, check: Check) -> Step:
        """The line with the outcome of its check."""
        return self._replace(check=check)


def said_of(label: str, count: int) -> str:
    """A label that is said of one formula, of several: ``{}, {} and {} put in``."""
    return label.replace("{}", " and ".join(filter(None, (", ".join(["{}"] * (count - 1)), "{}"))), 1)


def settled_by(steps: Sequence[Step]) -> dict[Expr, Expr]:
    """Parts of the input that are constant, and what was put in their place: they have no value near which to differentiate."""
    return {s.lhs.expr: s.rhs.expr for s in steps if s.kind == "rewrite" and s.rule in (CANCELLING, SINGULAR)}


def product_factors(e: Expr, named: Container[Expr] = ()) -> list[Expr]:
    """Factors of a matrix product, scalars and signs left out; what has a name is one."""
    while e.op in ("neg", "scale", "div") and e not in named:
        e = e.args[1] if e.op == "scale" and e.type[0] != "s" else e.args[0]
        if e.type[0] == "s" and e.op in ("scale", "div"):
            break
    return list(operands(e, ("matmul",), named))


SPINE = frozenset(("add", "sub", "neg", "matmul", "scale"))


def sum_terms(e: Expr, named: Container[Expr] = ()) -> list[Expr]:
    """Terms of a sum, signs left out; what has a name is one."""
    return list(operands(e, SIGNED, named))


def all_factors(e: Expr) -> list[Expr]:
    """Factors of a product, scalars among them."""
    return list(operands(e, ("matmul", "scale")))


def with_factors(e: Expr, known: Mapping[Expr, Expr]) -> Expr:
    """A sum of products with other factors."""
    order = [e]
    for node in order:  # which grows meanwhile
        if node.op in SPINE and node not in known:
            order += node.args
    done = {}
    for node in reversed(order):
        if node in known or node.op not in SPINE:
            done[node] = known.get(node, node)
        elif node not in done:
            done[node] = rebuild(node, tuple([done[a] for a in node.args]))
    return done[e]


class Result(NamedTuple):
    """A derivative: the expression itself, and how it reads with named intermediates."""

    wrt: str
    kind: str
    layout: str
    expr: Expr
    named: Formula
    names: Mapping[Expr, str]
    program: Program | None = None  # shared by the results of one derivation
    frobenius: Expr | None = None  # for tied entries: the gradient with all entries free
    axes: tuple[int, int] = (0, 0)  # how many axes the output and the variable have
    line: Formula | None = None  # as the line reads that gives it by names of derivatives
    definitions: tuple[str, ...] = ()  # of the functions in it that the input defines, in plain notation
    part: Part | None = None  # where it is the derivative by some entries of ``wrt`` only
    moved: Expr | None = None  # these, of the variable

    @property
    def asked(self) -> str:
        """What was asked for: the variable, or a part of it."""
        return self.wrt if self.part is None else self.part.label

    @property
    def identifier(self) -> str:
        """What code calls it."""
        return self.wrt if self.part is None else self.part.identifier

    @property
    def plain(self) -> str:
        return "; ".join((*self.definitions, (self.program or Program((self.expr,), self.names)).text(self.expr)))

    @property
    def evaluable(self) -> Expr:
        """The expression with each differential as a variable: what is printed in plain notation."""
        return with_directions(self.expr) if self.kind == "differential" else self.expr

    @property
    def latex(self) -> str:
        return self.shown.latex

    @property
    def text(self) -> str:
        return self.shown.text

    @property
    def shown(self) -> Formula:
        """By names of values; where that would be long, of derivatives too."""
        return self.line if self.line is not None and is_long(self.named) else self.named

    @property
    def shape(self) -> tuple[Dim, ...]:
        return public_shape(self.expr.type)


def direction_of(variable: Expr) -> Expr:
    """The variable that the differential of a variable is in plain notation and in code: ``dx``."""
    return sym(f"d{variable.attr}", variable.type)


def with_directions(e: Expr) -> Expr:
    return substitute((e,), {n: direction_of(n.args[0]) for n in postorder((e,)) if n.op == "d" and n.args[0].op == "sym"})[0]


def public_shape(t: Type) -> tuple[Dim, ...]:
    """Sizes as names and numbers; a compound size as text: ``"m*n"``."""
    return tuple(d if isinstance(d, (int, str)) else dims.text(d, "*") for d in shape_of(t))


def with_program(results: list[Result]) -> tuple[Result, ...]:
    """The results with one plan for their printing."""
    if not results:
        return ()
    program = Program([r.expr for r in results], results[0].names)
    return tuple([r._replace(program=program) for r in results])


class Front(NamedTuple):
    """What stands before the lines: what is differentiated, by what, and what is given."""

    output: Formula  # its name
    expression: Formula
    variables: tuple[Formula, ...]  # all of them
    given: tuple[Formula, ...]
    meanings: tuple[tuple[Formula, Formula, tuple[Expr, ...]], ...]  # functions that stand for formulas, and for what arguments
    carried: tuple[tuple[Formula, Formula], ...] = ()  # unspecified functions of vectors and numbers, and their derivatives


NO_ROWS = make_book({}, {})


class Trace(NamedTuple):
    """What an engine gives back, and how it is told: ``boxes`` are the results as lines."""

    steps: tuple[Step, ...]
    results: tuple[Result, ...]
    waypoints: tuple[tuple[str, Expr], ...]
    boxes: tuple[Step, ...] = ()
    front: Front | None = None
    book: Book = NO_ROWS  # by which the lines hold

    @property
    def rows(self) -> Mapping[str, Rule]:
        """Those of the book, by name."""
        return self.book.rows()

    def law(self, name: str) -> Law | None:
        """What a row says, where it says an equation."""
        row = self.rows.get(name)
        if row is None or not identity(row):
            return None
        return Law(row.name, row.words, identity(row), identity(row, LATEX), row.group)


class Law(NamedTuple):
    """A row as lines show it: its name, what it is called, its equation in Unicode and in LaTeX, and its group."""

    name: str
    words: str
    text: str
    latex: str
    group: str
