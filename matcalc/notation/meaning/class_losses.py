"""Losses of PyTorch for classes: ``F.cross_entropy(logits, y)`` and its like, of integer labels or of class probabilities.

A target that is nothing but a name holds integer labels, unless it is declared with the sizes of the logits: in formulas it is the
matrix of one-hot rows (of one sample: the one-hot vector), in code the integers.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import AmbiguityError, ParseError, ShapeError
from matcalc.expr.table import SCALAR, Type
from matcalc.notation.lex.python_names import ASSIGNED, CLASS_LOSSES, PICKED
from matcalc.notation.lex.syntax import Ast, Statement, walk
from matcalc.notation.meaning.broadcasting import upright
from matcalc.notation.meaning.integer_labels import Label
from matcalc.notation.meaning.tape import Scope, Typed, read_size

REDUCTIONS = ("mean", "sum", "none")
LOSSES = frozenset((*CLASS_LOSSES.values(), PICKED, ASSIGNED))


class Arguments(NamedTuple):
    """What stands in the brackets."""

    scores: Ast
    target: Ast
    reduction: str = "mean"
    smoothing: Ast | None = None
    margin: Ast | None = None


def build(scope: Scope, node: Ast) -> int:
    """The loss on the tape. Raises ``ParseError``, ``ShapeError``, ``AmbiguityError``."""
    name = node.value[0]
    given = _arguments(node)
    z = scope.infer(given.scores)
    kind = scope.type(z).kind
    if kind not in "cm" or upright(scope, z):
        scope.name_unknown((z,))
        raise ShapeError(f"{_shown(name)} takes scores of shape (N, C) or (C,), and '{scope.text(z)}' is {scope.size(z)}",
                         span=node.span, hint="write one row a sample")  # fmt: skip
    if kind == "c" and given.scores.kind == "name" and given.scores.value not in {*scope.declared, *scope.values}:
        scope.warnings.append(f"'{scope.text(z)}' is read as the scores of one sample: --dim {scope.text(z)}=n,k says otherwise")
    y = _target(scope, node, given.target, z)
    terms = _margins(scope, y, z, given, node) if name == "np.multi_margin_loss" else _likelihoods(scope, y, z, name, given, node)
    return _reduced(scope, terms, z, given.reduction, node)


def pick(scope: Scope, node: Ast) -> int:
    """``scores[np.arange(N), y]``: of each row the entry of its class. Raises ``ShapeError``."""
    return scope.apply("rowsum", (scope.apply("hadamard", _scores_of_classes(scope, node), node),), node)


def assign(scope: Scope, node: Ast) -> int:
    """``scores[np.arange(N), y] = 0``: the scores with a number at these places. Raises ``ShapeError``."""
    y, z = _scores_of_classes(scope, node)
    value = scope.infer(node.args[3])
    if scope.type(value).kind != "s":
        raise scope.misfit("an assignment to entries", (value,), node.args[3], "one number for all of them is read")
    others = scope.apply("sub", (scope.put("ones", (), None, scope.type(z), node), y), node)
    kept = scope.apply("hadamard", (others, z), node)
    zero = node.args[3].kind == "num" and not node.args[3].value
    return kept if zero else scope.apply("add", (kept, scope.apply("scale", (value, y), node)), node)


def _scores_of_classes(scope: Scope, node: Ast) -> tuple[int, int]:
    """The one-hot rows and the scores of the same sizes."""
    scores, target, count = node.args[:3]
    z = scope.infer(scores)
    if scope.type(z).kind != "m":
        scope.name_unknown((z,))
        hint = f"of one vector the entry is {scope.text(z)}[{target.value}]"
        raise ShapeError(f"'{scope.text(z)}' is {scope.size(z)}, and has no rows with an entry for each class",
                         span=node.span, hint=hint)  # fmt: skip
    y = _labels(scope, target, "m")
    rows = scope.type(z).rows
    of_labels = count.kind == "call" and count.value[0] == "np.shape0" and count.args[0].value == target.value
    if not of_labels and not scope.unifier.unify(rows, _size(scope, count)):
        rows_text = dims.text(dims.walk(rows))
        hint = f"np.arange counts all rows of '{scope.text(z)}': write np.arange({rows_text}), or declare that size by its name"
        raise scope.misfit("rows of labels", (z,), node, hint)
    if not all(map(scope.unifier.unify, scope.type(y)[1:], scope.type(z)[1:])):
        raise scope.misfit("rows of labels", (z, y), node, "there is one label for each row")
    return y, z


def _size(scope: Scope, count: Ast) -> Dim:
    """The size that a number of rows is, also by a name: ``N = X.shape[0]``."""
    entry = scope.original(scope.infer(count))
    if entry.op == "num":
        return int(entry.attr)
    return entry.attr if entry.op == "dim" else read_size(scope, count)


class Picked(NamedTuple):
    """What losses of classes and ``scores[np.arange(N), y]`` say of names."""

    targets: frozenset[str]  # names that stand as targets
    counts: frozenset[str]  # the N: sizes wherever else they stand


NOTHING_PICKED = Picked(frozenset(), frozenset())


def picked(statements: Sequence[Statement]) -> Picked:
    calls = [n for s in statements for b in (s.body, *s.others) for n in walk(b) if n.kind == "call" and n.value[0] in LOSSES]
    targets = {str(a.value) for call in calls for a in _targets(call) if a.kind == "name"}
    counts = {str(call.args[2].value) for call in calls if call.value[0] in (PICKED, ASSIGNED) and call.args[2].kind == "name"}
    return Picked(frozenset(targets), frozenset(counts) - {s.name for s in statements})


def rows(scope: Scope, name: Ast) -> int | None:
    """The one-hot rows of a name that holds labels, where the length is asked for: ``len(y)``."""
    if name.kind != "name" or name.value not in scope.python.targets or not _is_label(scope, str(name.value), "m"):
        return None
    return _labels(scope, name, "m")


def _shown(name: str) -> str:
    return f"F.{name.removeprefix('np.')}"


def _arguments(node: Ast) -> Arguments:
    scores, target, *others = node.args
    more = {"label_smoothing": "smoothing"} if node.value[0] == "np.cross_entropy" else {}
    more |= {"margin": "margin"} if node.value[0] == "np.multi_margin_loss" else {}
    found: dict[str, Ast] = {}
    reduction = "mean"
    for key, a in [(a.value, a) for a in others]:
        if key == "reduction" and a.args[0].kind == "string":
            reduction = a.args[0].value
        elif key in more:
            found[more[key]] = a.args[0]
        else:
            raise ParseError(f"'{key}' is not an argument that is read with {_shown(node.value[0])}", span=a.span,
                             hint=f"{' and '.join(['reduction', *more])} {'are' if more else 'is'} read")  # fmt: skip
    if reduction not in REDUCTIONS:
        raise ParseError(f"{_shown(node.value[0])} takes scores, a target and a reduction", span=node.span,
                         hint=f"write {_shown(node.value[0])}(scores, y, reduction='mean'), or 'sum' or 'none'")  # fmt: skip
    return Arguments(scores, target, reduction, found.get("smoothing"), found.get("margin"))


# -- the target ---------------------------------------------------------------------------


def _target(scope: Scope, node: Ast, target: Ast, z: int) -> int:
    """The one-hot rows of labels, or the probabilities, of the sizes of the scores."""
    scores = scope.type(z)
    if target.kind == "name" and _is_label(scope, str(target.value), scores.kind):
        y = _labels(scope, target, scores.kind)
    else:
        y = scope.infer(target)
        if node.value[0] != "np.cross_entropy":
            raise ParseError(f"{_shown(node.value[0])} takes integer labels, and '{scope.text(y)}' is {scope.size(y)}",
                             span=target.span, hint="give the labels as a name that is not declared")  # fmt: skip
    found = scope.type(y)
    if found.kind != scores.kind or not all(map(scope.unifier.unify, found[1:], scores[1:])):
        raise scope.misfit(_shown(node.value[0]), (z, y), node, "class probabilities have the sizes of the scores")
    return y


def _is_label(scope: Scope, name: str, scores: str) -> bool:
    """Whether a name holds integer labels: one number for each row of scores."""
    if name in scope.labels:
        return True
    if name in scope.values or name in scope.frame:
        return False
    return name not in scope.declared or (scores, scope.declared[name].kind) in (("m", "c"), ("c", "s"))


def _labels(scope: Scope, target: Ast, scores: str) -> int:
    from matcalc.notation.sums.selection import one_hot

    name = str(target.value)
    _refuse_values(scope, name)
    samples = int(scores == "m")
    if name not in scope.labels:
        scope.labels = {**scope.labels, name: Label(samples, f"{name}_i" if samples else name)}
    hot = one_hot(scope, target._replace(kind="label", value=(name, ("i",) * samples))).core
    if name in scope.declared and samples:
        scope.unifier.unify(scope.type(hot).rows, scope.declared[name].rows)
    return hot


def _refuse_values(scope: Scope, name: str) -> None:
    """Raises ``AmbiguityError`` where the labels are used as numbers as well."""
    nodes = [n for s in scope.statements for b in (s.body, *s.others) for n in walk(b)]
    uses = [n for n in nodes if n.kind == "name" and n.value == name]
    as_label = {id(a) for n in nodes if n.kind == "call" for a in _targets(n)}
    other = next((n for n in uses if id(n) not in as_label), None)
    if other is not None:
        raise AmbiguityError(
            f"'{name}' holds integer labels where it is a target, and is a value here", span=other.span,
            hint=f"give one of them another name; class probabilities are declared: --dim {name}=n,k",
        )  # fmt: skip


def _targets(call: Ast) -> list[Ast]:
    """Where a call takes labels, or their number."""
    if call.value[0] == "np.shape0":
        return list(call.args)
    return [call.args[1]] if call.value[0] in LOSSES else []


# -- the loss of each sample ----------------------------------------------------------------


def _likelihoods(scope: Scope, y: int, z: int, name: str, given: Arguments, node: Ast) -> int:
    """The products of the targets and the logarithms of probabilities, one for each class, negated."""
    log = "logsoftmaxr" if scope.type(z).kind == "m" else "logsoftmax"
    logarithms = scope.apply(log, (z,), node) if name == "np.cross_entropy" else z
    if given.smoothing is not None:
        y = _smoothed(scope, y, scope.infer(given.smoothing), node)
    return scope.apply("neg", (scope.apply("hadamard", (y, logarithms), node),), node)


def _smoothed(scope: Scope, y: int, e: int, node: Ast) -> int:
    """(1 - e) y + e/C"""
    t = scope.type(y)
    one = scope.put("num", (), Fraction(1), SCALAR, node)
    classes = scope.put("dim", (), t.cols if t.kind == "m" else t.rows, SCALAR, node)
    kept = scope.apply("scale", (scope.apply("sub", (one, e), node), y), node)
    ones = scope.put("ones", (), None, t, node)
    return scope.apply("add", (kept, scope.apply("scale", (scope.apply("div", (e, classes), node), ones), node)), node)


def _margins(scope: Scope, y: int, z: int, given: Arguments, node: Ast) -> int:
    """max(0, margin - z_y + z_j)/C for each class j but y."""
    t = scope.type(z)
    ones = scope.put("ones", (), None, t, node)
    margin = scope.infer(given.margin) if given.margin is not None else scope.put("num", (), Fraction(1), SCALAR, node)
    own = scope.apply("hadamard", (y, z), node)
    if t.kind == "m":
        row = scope.apply("T", (scope.put("ones", (), None, Type("c", t.cols, 1), node),), node)
        own = scope.apply("matmul", (scope.apply("rowsum", (own,), node), row), node)
        classes = scope.put("dim", (), t.cols, SCALAR, node)
    else:
        own = scope.apply("scale", (scope.apply("sum", (own,), node), ones), node)
        classes = scope.put("dim", (), t.rows, SCALAR, node)
    ahead = scope.apply("add", (scope.apply("sub", (z, own), node), scope.apply("scale", (margin, ones), node)), node)
    others = scope.apply("sub", (ones, y), node)
    return scope.apply("div", (scope.apply("hadamard", (others, scope.apply("relu", (ahead,), node)), node), classes), node)


def _reduced(scope: Scope, terms: int, z: int, reduction: str, node: Ast) -> int:
    if reduction == "none" and scope.type(z).kind == "m":
        return scope.apply("rowsum", (terms,), node)
    total = scope.apply("sum", (terms,), node)
    if reduction == "mean" and scope.type(z).kind == "m":
        return scope.apply("div", (total, scope.put("dim", (), scope.type(z).rows, SCALAR, node)), node)
    return total


BUILDERS: dict[str, Typed] = {**dict.fromkeys(LOSSES, build), PICKED: pick, ASSIGNED: assign}
