"""From a derivation to its source and its function."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc.codegen.plan.inlining import inlined
from matcalc.codegen.products.document import Doc, clean
from matcalc.codegen.products.factored import factored
from matcalc.codegen.products.identifiers import is_free, spelled
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets import dialect_of, source_in
from matcalc.expr.dims import Dim
from matcalc.expr.errors import UsageError
from matcalc.expr.groups import CARRIED
from matcalc.expr.nodes import Expr, depends, names_in, postorder, sym, variable_type
from matcalc.expr.slices import limits
from matcalc.notation.meaning.meanings import sentence
from matcalc.notation.write.program import plain

if TYPE_CHECKING:
    from matcalc.codegen.products.generated import Generated

NOUNS = {"gradient": "gradient", "jacobian": "jacobian", "hessian": "hessian", "hvp": "hvp", "mixed": "mixed",
         "differential": "differential"}  # fmt: skip


class Code(NamedTuple):
    """A source with its function: the Python names of its arguments, which are the variables and then the functions with orders."""

    source: str
    name: str
    parameters: tuple[str, ...]
    symbols: tuple[Expr, ...]
    functions: tuple[tuple[str, int], ...]


def task_of(derivation: Any, name: str | None, value: bool = True) -> Task:
    """The expressions of a derivation with the functions of known formula written out."""
    problem, trace = derivation.problem, derivation.trace
    wrt = [output_of(derivation)] if derivation.kind == "differential" else [r.identifier for r in trace.results]
    waypoints = list(trace.waypoints)
    roots = [problem.output, *[r.evaluable for r in trace.results], *[e for _, e in waypoints]]
    found = inlined(roots, problem.scalars, given_functions(derivation))
    whole, results, named = found[0], found[1 : len(wrt) + 1], found[len(wrt) + 1 :]
    symbols = dict(problem.symbols)
    nodes = postorder((whole, *results))
    carriers = {e.args[0] for e in nodes if e.op in CARRIED}  # a name of a function, no array
    for e in nodes:
        if e.op == "sym" and e not in carriers:
            symbols.setdefault(str(e.attr), e)
    for w in promised(derivation, wrt):
        if w in problem.dims:
            symbols.setdefault(w, sym(w, variable_type(problem.dims[w])))
    functions = tuple(f for f in problem.functions if f not in problem.scalars)
    names = tuple((n, e) for (n, _), e in zip(waypoints, named, strict=True))
    pairs = tuple(zip(wrt, results, strict=True))
    called, doc = function_name(derivation, name, len(wrt), value), document_of(derivation)._replace(alone=not value)
    return Task(
        whole, pairs, tuple(symbols.values()), names, functions, called, doc, derivation.assume, problem.ties, problem.labels
    )


def joint_task(derivation: Any, name: str | None, value: bool = True) -> Task:
    """The gradient and then the second derivative, in one pass. Raises ``UsageError`` where there is none."""
    kind = derivation.kind
    if kind not in ("hessian", "hvp"):
        raise UsageError(f"a {kind} has no gradient beside it", hint="this goes with --kind hessian or hvp")
    first, second = task_of(derivation.again(derivation.problem, "gradient"), None), task_of(derivation, name, value)
    doc = second.doc._replace(formulas=(*first.doc.formulas, *second.doc.formulas), gradients=len(first.results))
    return second._replace(
        results=(*first.results, *second.results),
        symbols=tuple(dict.fromkeys((*second.symbols, *first.symbols))),
        waypoints=tuple(dict.fromkeys((*first.waypoints, *second.waypoints))),
        name=function_name(derivation, name, 1, value, f"gradient_and_{kind}"),
        doc=doc,
    )


def promised(derivation: Any, wrt: Sequence[str]) -> list[str]:
    """Variables that are arguments whether or not anything depends on them: those of the derivative, and its direction."""
    if derivation.kind == "differential":
        return [*derivation.wrt, *(f"d{w}" for w in derivation.wrt)]
    return [*wrt, *derivation.wrt, *([derivation.direction] if derivation.direction else [])]


def function_name(derivation: Any, name: str | None, count: int, value: bool = True, kind: str | None = None) -> str:
    """The name that is asked for, or one such as ``s_and_gradients``. Raises ``UsageError`` for what cannot be one."""
    if name is None:
        noun = kind or NOUNS.get(derivation.kind, "derivative")
        return f"{spelled(output_of(derivation))}_{'and_' * value}{noun}{'s' if count > 1 and noun not in ('hvp', 'mixed') else ''}"
    if not isinstance(name, str) or not is_free(name):
        shown = clean(repr(name) if isinstance(name, str) else f"an object of type {type(name).__name__}")[:60]
        raise UsageError(f"{shown} cannot be the name of the function", hint='take letters, digits and _, such as name="loss"')
    return name


def output_of(derivation: Any) -> str:
    """What the value is called."""
    return derivation.problem.output_name or (derivation.trace.waypoints[-1][0] if derivation.trace.waypoints else "value")


def document_of(derivation: Any) -> Doc:
    report = derivation.checked
    check = "Not checked."
    if report is not None:
        error = f"largest relative error {report.max_relative_error:.0e}"
        check = f"Verified at {report.points} random points, {error}."
    formulas = tuple(r.plain for r in derivation.trace.results)
    return Doc(
        derivation.source,
        derivation.value.plain,
        formulas,
        check,
        derivation.kind,
        (*map(sentence, derivation.problem.meanings), *derivation.warnings),
    )


def source_of(
    derivation: Any, name: str | None = None, target: str = "numpy", value: bool = True, sizes: bool = False,
    gradient: bool = False, factors: bool = False,
) -> str:  # fmt: skip
    """Source for a derivation in a target; of the derivatives alone where the ``value`` is not wanted, with a look at ``sizes``."""
    return source_in(target)(_asked(derivation, name, value, gradient, factors)._replace(asserted=sizes))


def _asked(derivation: Any, name: str | None, value: bool, gradient: bool, factors: bool) -> Task:
    task = (joint_task if gradient else task_of)(derivation, name, value)
    return factored(task) if factors else task


def class_of(derivation: Any, pulled: tuple[str, Any], name: str | None = None) -> str:
    """Source of a class: the value of a derivation in ``forward``, its pullback, which ``pulled`` derives, in ``backward``."""
    return source_in("class")(task_of_class(derivation, pulled, name))


def task_of_class(derivation: Any, pulled: tuple[str, Any], name: str | None = None) -> Task:
    """What a value with its pullback is made of; the upstream gradient is the last of the symbols."""
    upstream, back = pulled
    output = output_of(derivation)
    task = task_of(back, name or f"{capital(spelled(output))}Node")
    value = inlined([derivation.problem.output], derivation.problem.scalars, given_functions(derivation))[0]
    last = tuple(sorted(task.symbols, key=lambda s: s.attr == upstream))
    order = postorder(tuple([e for _, e in task.waypoints]))
    back_alone = depends(value, {s for s in order if s.op == "sym" and s.attr == upstream}, order)
    named = (*(pair for pair in task.waypoints if pair[1] not in back_alone), (output, value))
    doc = task.doc._replace(source=derivation.source, value=derivation.value.plain, kind="pullback", upstream=upstream)
    return task._replace(value=value, symbols=last, waypoints=named, doc=doc)


def kept_of(derivation: Any, pulled: tuple[str, Any]) -> list[tuple[str, tuple[Dim, ...] | None]]:
    """The values that the class of a derivation keeps for its backward pass, with their sizes; None for what is no array."""
    from matcalc.codegen.targets.numpy_target import written
    from matcalc.codegen.targets.two_passes import kept

    made = written(task_of_class(derivation, pulled))
    shapes: dict[str, tuple[Dim, ...]] = {text.code: node.shape for node, text in made.body.texts.items()}
    shapes |= {p.name: p.shape for p in made.sig.parameters.values()} | dict.fromkeys(made.body.sizes.known.values(), ())
    return [(name, shapes.get(name)) for name in kept(made)]


def counted(derivation: Any) -> tuple[Dim, Dim, list[tuple[str, Dim]]]:
    """Operations of the value, of one pass for all, and of the value with each result by itself."""
    from matcalc.codegen.products.counting import operations
    from matcalc.codegen.targets.numpy_target import written

    task = task_of(derivation, None)
    value, *results = written(task).roots
    alone = [(name, operations([value, root])) for (name, _), root in zip(task.results, results, strict=True)]
    return operations([value]), operations([value, *results]), alone


def capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def given_functions(derivation: Any) -> dict[str, Any]:
    return {f: v for f, v in derivation.functions.items() if v is not None}


def code_of(derivation: Any, name: str, value: Expr | None = None, without: str | None = None) -> Code:
    """The function of a derivation, ``without`` a variable that it does not use; or of one ``value`` alone, where that is given."""
    task = task_of(derivation, name)
    task = task._replace(symbols=tuple(s for s in task.symbols if str(s.attr) != without))
    if value is not None:
        (written_out,) = inlined([value], derivation.problem.scalars, given_functions(derivation))
        used = names_in([written_out])
        doc = task.doc._replace(source=plain(value), value="", formulas=(), warnings=())
        symbols = tuple(s for s in task.symbols if str(s.attr) in used)
        task = task._replace(value=written_out, results=(), symbols=symbols, doc=doc)
    sig = task.signature
    return Code(source_in("numpy")(task), task.name, tuple(sig.arguments), tuple(task.symbols), tuple(sig.functions))


def function_of(
    derivation: Any, target: str = "numpy", value: bool = True, gradient: bool = False, factors: bool = False
) -> Generated:
    """The generated function, which takes arrays by position or by the names that they have in the text."""
    from matcalc.codegen.products.generated import Generated

    task = _asked(derivation, None, value, gradient, factors)
    given, problem = given_functions(derivation), derivation.problem
    source = source_in(target)(task)
    task = dialect_of(target).fitting(task)
    needs = tuple(problem.ties), tuple(limits(postorder((problem.output,))))
    functions = task.signature.functions
    whole = frozenset(f for f, _ in task.signature.whole)
    return Generated(source, task.name, task.symbols, functions, given, needs, problem.labels, whole, target)
