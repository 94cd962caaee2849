"""Text of expressions with its precedence, so that parentheses stand only where they are needed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from fractions import Fraction
from typing import NamedTuple

from matcalc.codegen.ir.graph import ONE, Node, Shape
from matcalc.codegen.products.extents import Sizes
from matcalc.codegen.products.signatures import Signature
from matcalc.codegen.targets.dialects import Dialect
from matcalc.codegen.targets.helpers import FIT, FLOATS
from matcalc.expr.dims import Dim
from matcalc.expr.errors import UsageError

AS_GIVEN = "check_finite=False"  # of SciPy: where the data have NaN so has the result, as with NumPy's functions
ATOM, POWER, UNARY, PRODUCT, MATRIX, SUM, COMPARE, LOOSE = 9, 8, 7, 6, 5, 4, 3, 1


class Text(NamedTuple):
    """An expression in Python; ``level`` says how tightly it holds together."""

    code: str
    level: int = ATOM

    def at(self, level: int) -> str:
        return self.code if self.level >= level else f"({self.code})"


class Writer:
    """What the printing of kernels asks for, and what it left to be written above: lines, helpers, imports.

    ``spd`` are matrices known to be symmetric and positive definite; ``ties`` are equations between sizes; ``later`` are parameters
    that are not there yet when the value is computed.
    """

    def __init__(
        self, sig: Signature, spd: set[Node], ties: Sequence[tuple[Dim, Dim]], later: Collection[str], dialect: Dialect
    ) -> None:
        self.dialect = dialect
        self.sig = sig
        self.names = sig.names
        self.parameters = sig.parameters
        self.functions = sig.functions
        self.spd = spd
        self.texts: dict[Node, Text] = {}
        self.lines: list[str] = []
        self.labels = frozenset(sig.classes)
        self.given = {n: p for n, p in sig.parameters.items() if n not in later}
        self.kinds = [p.name for n, p in self.given.items() if n not in sig.classes]  # of arrays and numbers of one precision
        self.later = [p.name for n, p in sig.parameters.items() if n in later]
        self.sizes = Sizes(sig.names, self.given, ties, self.labels)
        floats = bool(sig.parameters.keys() - sig.classes.keys())
        self.helpers: dict[str, None] = dict.fromkeys([FLOATS, *([FIT] if sig.asserted else [])] if floats else [])
        self.modules: dict[str, None] = {}
        self.factors: dict[Node, tuple[str, str]] = {}
        self.shared: set[Node] = set()

    def text(self, node: Node) -> Text:
        return self.texts[node]

    def is_single(self, node: Node) -> bool:
        """Whether one kernel alone reads the array."""
        return True

    def parameter(self, node: Node) -> str:
        return self.functions[node.attr] if node.op in ("fn", "applied") else self.parameters[node.attr].name

    def helper(self, name: str) -> str:
        self.helpers[name] = None
        if "scipy" in name or name.startswith("_inverse"):
            self.scipy("linalg")
        return name

    def scipy(self, module: str) -> str:
        self.modules[module] = None
        return f"scipy.{module}"

    def like(self, shape: Shape) -> str | None:
        """A parameter of that very shape."""
        return next((p.name for n, p in self.given.items() if p.shape == shape and shape and n not in self.labels), None)

    def dtype(self) -> str | None:
        """The precision of what is given; none where nothing is."""
        return f"{self.kinds[0]}.dtype" if self.kinds else None

    def size(self, d: Dim) -> str:
        return self.sizes.text(d)

    def integers(self, name: str, classes: Dim) -> str:
        """The line that takes integer labels, and refuses what is none."""
        parameter = self.parameters[name].name
        try:
            given = f"{parameter}, {self.size(classes)}"
        except UsageError:  # no array has as many entries: any number will do
            given = parameter
        return f"{parameter} = {self.helper('_labels')}({given})"

    def factor(self, matrix: Node) -> tuple[str, str] | None:
        """The factorisation of a matrix: (lu or cho, its name); None where one call does without."""
        if matrix not in self.shared or not self.dialect.factors:
            return None
        if matrix not in self.factors:
            self.scipy("linalg")
            method = "cho" if matrix in self.spd else "lu"
            text = self.text(matrix)
            name = self.names.fresh(f"{text.code}_{method}" if text.code.isidentifier() else method)
            call = f"{self.helper('_lu')}({text.code})" if method == "lu" else f"scipy.linalg.cho_factor({text.code}, {AS_GIVEN})"
            self.lines.append(f"{name} = {call}")
            self.factors[matrix] = method, name
        return self.factors[matrix]


Factors = list[tuple[str, Text]]  # factors with * or /
Printer = Callable[[Writer, Node], Text]


def call(name: str, *arguments: str) -> Text:
    return Text(f"{name}({', '.join(arguments)})")


def args(w: Writer, node: Node) -> list[str]:
    return [(typed(w, a) if w.dialect.arrays_only else w.text(a)).code for a in node.args]


def shape(w: Writer, dims: Shape) -> str:
    sizes = [w.size(d) for d in dims]
    return f"({', '.join(sizes)}{',' if len(sizes) == 1 else ''})"


# ---------------------------------------------------------------- numbers, sums, products


def number(value: Fraction) -> Text:
    """A literal where it is exact enough, else a quotient."""
    if value.denominator == 1 and abs(value) < 10**15:
        return Text(str(value), ATOM if value >= 0 else UNARY)
    text = repr(float(value))
    if Fraction(text) == value or abs(value.numerator) > 10**9 or value.denominator > 10**9:
        return Text(text, ATOM if value >= 0 else UNARY)
    return Text(f"{value.numerator} / {value.denominator}", PRODUCT)


def is_literal(value: Fraction) -> bool:
    return number(value).level != PRODUCT


def term(text: Text, c: Fraction) -> Text:
    """A positive number times what the text says."""
    if c == 1:
        return text
    if c.numerator == 1 and not is_literal(c):
        return Text(f"{text.at(MATRIX)} / {c.denominator}", PRODUCT)
    return Text(f"{number(c).at(UNARY)} * {text.at(UNARY)}", PRODUCT)


def term_signed(text: Text, c: Fraction) -> Text:
    positive = term(text, abs(c))
    return Text(f"-{positive.at(UNARY)}", UNARY) if c < 0 else positive


def lin(w: Writer, node: Node) -> Text:
    out = ""
    for a, c in zip(node.args, node.attr, strict=True):
        one = number(abs(c * a.attr)) if a.op == "num" else term(w.text(a), abs(c))
        if not out:
            out = f"-{one.at(UNARY)}" if c < 0 else one.at(SUM)
        else:
            out += f" {'-' if c < 0 else '+'} {one.at(MATRIX)}"
    return Text(out, SUM)


def prod(w: Writer, node: Node) -> Text:
    """Scalars first, so that an array is gone through once; divided by scalars only, it is divided last."""
    coef, signs = node.attr
    pairs = list(zip(node.args, signs, strict=True))
    arrays = sorted((p for p in pairs if p[0].shape), key=lambda p: p[1] < 0)
    masks = [a for a, s in arrays if a.op == "step" and s > 0] if any(a.op != "step" for a, _ in arrays) else []
    factors = [("/" if s < 0 else "*", w.text(a)) for a, s in arrays if a not in masks]
    numbers = [p for p in pairs if not p[0].shape]
    above, divided = scalars(w, abs(coef), numbers, all(is_bare(a) for a, _ in numbers))
    late = not above or not factors
    sequence = [*above, *factors, *divided] if late else [*above, *divided, *factors]
    if sequence[0][0] == "/":
        sequence.insert(0, ("*", number(ONE)))
    text = joined(sequence, coef < 0)
    for m in masks:
        text = call("np.where", mask(w, m).code, text.code, "0.0")
    return text


ARITHMETIC = frozenset(("num", "const", "dim", "lin", "prod", "square", "pow", "powv"))  # of Python's numbers, these are such


def is_bare(node: Node) -> bool:
    """Whether a scalar is made of sizes and numbers only: a number of Python's, or of NumPy's with a precision of its own."""
    return node.op in ("dim", "num", "const") or (bool(node.args) and not node.shape and all(map(is_bare, node.args)))


def in_precision(w: Writer, text: Text) -> Text:
    """A number as NumPy's, in the precision of what is given."""
    if w.kinds:
        return Text(w.dialect.number.format(w.kinds[0], text.code))
    return text if w.dialect.arrays_only else call("np.float64", text.code)


def filled_with(w: Writer, name: str, *arguments: str) -> Text:
    """An array made of nothing that is given, in the precision of that."""
    return call(name, *arguments, *([w.dialect.keywords.format(w.kinds[0])] if w.kinds else []))


def as_numpy(w: Writer, node: Node) -> Text:
    """A number that may be 0, such as a difference of sizes, as NumPy's: what Python divides by 0 raises."""
    text = w.text(node)
    return in_precision(w, text) if node.op in ARITHMETIC and is_bare(node) and _may_vanish(node) else text


def typed(w: Writer, node: Node) -> Text:
    """What an array is made of: never a number of Python's."""
    text = w.text(node)
    return in_precision(w, text) if node.op in ARITHMETIC and is_bare(node) else text


def in_double(make: Printer) -> Printer:
    """What SciPy computes in double precision, whatever is given."""

    def write(w: Writer, node: Node) -> Text:
        text, dtype = make(w, node), w.dtype()
        return Text(f"{text.at(ATOM)}.astype({dtype}, copy=False)") if dtype else text

    return write


def _may_vanish(node: Node) -> bool:
    if node.op == "num":
        return not node.attr
    return any(map(_may_vanish, node.args)) or (node.op == "lin" and any(c < 0 for c in node.attr))


def scalars(w: Writer, size: Fraction, pairs: list[tuple[Node, int]], whole: bool) -> tuple[Factors, Factors]:
    """What a product is multiplied by, and what it is divided by; ``whole``: all of them are Python's numbers."""
    above = [w.text(a) for a, s in pairs if s > 0]
    below = [as_numpy(w, a) if whole else w.text(a) for a, s in pairs if s < 0]
    if is_literal(size):
        above = [number(size), *above] if size != 1 else above
    else:
        above = [number(Fraction(size.numerator)), *above] if size.numerator != 1 or above else []
        below = [number(Fraction(size.denominator)), *below]
    return [("*", t) for t in above], [("/", t) for t in below]


def joined(sequence: Factors, negative: bool) -> Text:
    first = sequence[0][1]
    code = f"-{first.at(UNARY)}" if negative else first.at(MATRIX if len(sequence) > 1 else SUM)
    for sign, text in sequence[1:]:
        code += f" {sign} {text.at(UNARY)}"
    return Text(code, PRODUCT if len(sequence) > 1 else UNARY if negative else first.level)


MASKS = {1: ">", -1: "<", 2: ">=", -2: "<="}  # a step of z or of -z, and those that are 1 at 0


def mask(w: Writer, node: Node) -> Text:
    """The step function as a condition."""
    return Text(f"{w.text(node.args[0]).at(SUM)} {MASKS[node.attr]} 0", COMPARE)


def step(w: Writer, node: Node) -> Text:
    x = w.text(node.args[0])
    return call("np.heaviside", x.code if node.attr > 0 else f"-{x.at(UNARY)}", "0.0" if abs(node.attr) == 1 else "1.0")


def square(w: Writer, node: Node) -> Text:
    return Text(f"{w.text(node.args[0]).at(ATOM)}**2", POWER)


def power(w: Writer, node: Node) -> Text:
    return Text(f"{w.text(node.args[0]).at(ATOM)}**{number(node.attr).at(ATOM)}", POWER)


def variable_power(w: Writer, node: Node) -> Text:
    base, exponent = as_numpy(w, node.args[0]), w.text(node.args[1])
    return Text(f"{base.at(ATOM)}**{exponent.at(ATOM)}", POWER)


def pick(w: Writer, node: Node) -> Text:
    x, e = w.text(node.args[0]), w.text(node.args[1])
    x = typed(w, node.args[0]) if w.dialect.arrays_only else x  # torch takes no condition that is Python's
    return call("np.where", f"{x.at(SUM)} >= 0", *(("1.0", e.code) if node.attr > 0 else (e.code, "1.0")))
