"""From a derivation, roles and arrays to the settings of a training script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matcalc.codegen.products.calling import source_of, task_of
from matcalc.codegen.scripts import intake
from matcalc.codegen.scripts.choices import Choices, read_schedule
from matcalc.codegen.scripts.fitting import Layout, Shape, laid_out
from matcalc.codegen.scripts.roles import Role, added_only
from matcalc.codegen.scripts.training_script import SPARSE, Settings
from matcalc.expr.dims import Dim, text, value
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr
from matcalc.expr.slices import limits

FUNCTION = "loss_and_gradients"


class Facts(NamedTuple):
    """What is known of a loss: roles, Python names, shapes (of labels that of the integers), sizes that count labels."""

    derivation: Any
    output: Expr
    roles: Mapping[str, Role]
    python: Mapping[str, str]
    shapes: Mapping[str, Shape]
    classes: Mapping[str, Dim]

    def having(self, *kinds: str) -> list[str]:
        return [name for name, role in self.roles.items() if role.kind in kinds]


def facts_of(derivation: Any, roles: Mapping[str, Role]) -> Facts:
    """By the signature of the function that is generated."""
    task = task_of(derivation, FUNCTION)
    known, classes = task.signature.parameters, task.signature.classes
    names, shapes = {n: p.name for n, p in known.items()}, {n: p.shape for n, p in known.items()}
    return Facts(derivation, task.value, roles, names, shapes, classes)


def weights(facts: Facts) -> list[str]:
    """The parameters that are no biases."""
    return [n for n in facts.having("parameter") if not added_only(n, (facts.output,))]


def numbers(facts: Facts, found: Mapping[str, Any]) -> dict[str, Any]:
    """The arrays as floating-point numbers, labels as integers. Raises ``UsageError`` for what nothing can be learned from."""
    arrays = {}
    for name, array in found.items():
        try:
            intake.require_numbers(name, array)
            if name in facts.classes:
                intake.require_labels(name, array)
        except ValueError as error:
            raise UsageError(str(error), hint="mend the data: nothing is left out or filled in silently") from None
        if name not in facts.classes and facts.roles[name].kind == "labels":
            _require_two(name, array)
        arrays[name] = array.astype("int64" if name in facts.classes else "float64")
    return arrays


def _require_two(name: str, array: Any) -> None:
    """Labels in a loss of numbers are 0 and 1, or −1 and 1. Raises ``UsageError``."""
    values = sorted({float(x) for x in array.ravel()[:100_000]})
    if len(values) > 2 or not ({*values} <= {0.0, 1.0} or {*values} <= {-1.0, 1.0}):
        shown = ", ".join(f"{x:g}" for x in values[:4]) + (" …" if len(values) > 4 else "")
        message = f"'{name}' stands in the loss as a number, so its labels are 0 and 1, and the data have {shown}"
        raise UsageError(message, hint=f"--roles {name}=signs makes two classes -1 and 1, {name}=targets takes any numbers")


def layout_of(facts: Facts, arrays: Mapping[str, Any], sizes: Mapping[str, int], starts: Mapping[str, Any]) -> Layout:
    """Sizes and axes; ``starts`` are parameters that are given, by their Python names. Raises ``UsageError``, ``ShapeError``."""
    from matcalc.expr.nodes import postorder

    first = (facts.having("labels", "signs", "targets") or [n for n in facts.having("data") if n in facts.classes]
             or facts.having("data"))[0]  # fmt: skip
    problem = facts.derivation.problem
    layout = laid_out(
        {name: facts.shapes[name] for name in arrays},
        first,
        {name: facts.shapes[name] for name in facts.having("parameter")},
        {name: array.shape for name, array in arrays.items()},
        sizes,
        (*problem.ties, *told_by(facts, starts)),
        tuple(limits(postorder((problem.output,)))),
        {name: (d, int(arrays[name].max()) + 1) for name, d in facts.classes.items()},
    )
    for name, count in counts(facts, layout).items():
        try:
            intake.require_labels(name, arrays[name], count)
        except ValueError as error:
            raise UsageError(str(error), hint=f"there are {count} of them because {text(facts.classes[name])} is {count}") from None
    return layout


def told_by(facts: Facts, starts: Mapping[str, Any]) -> list[tuple[Dim, Dim]]:
    """The sizes that given parameters have. Raises ``UsageError`` for an array that is none of them."""
    names = {facts.python[n]: n for n in facts.having("parameter")}
    for name, array in starts.items():
        if name not in names or array.ndim != len(facts.shapes[names[name]]):
            there = ", ".join(f"{p} with {len(facts.shapes[n])} axes" for p, n in names.items())
            raise UsageError(f"start: {name} has {array.ndim} axes, and the parameters are {there}", hint="give arrays that fit")
    return [(d, n) for name, array in starts.items() for d, n in zip(facts.shapes[names[name]], array.shape, strict=True)]


def counts(facts: Facts, layout: Layout) -> dict[str, int]:
    """How many values each label has."""
    return {name: value(d, layout.sizes) for name, d in facts.classes.items()}


def notes_of(facts: Facts, layout: Layout, arrays: Mapping[str, Any], how: Choices) -> list[str]:
    """What was decided without being said, in words."""
    found = [f"parameters: {', '.join(f'{n} [{_sizes(layout.shapes[n])}]' for n in facts.having('parameter'))}"]
    samples = next(arrays[n].shape[a] for n, a in layout.axes.items() if a is not None)
    if samples - round(how.test * samples) < 1:
        message = f"of {samples} samples nothing is left to train on, where {round(how.test * samples)} are held out"
        raise UsageError(message, hint="--test 0 holds none out")
    held = round(how.test * samples)
    found.append(
        f"{samples} sample{'s' * (samples > 1)}, of which {held or 'none'} {'is' if held < 2 else 'are'} held out for the test"
    )
    found += [f"'{name}' holds labels from 0 to {count - 1}" for name, count in counts(facts, layout).items()]
    if how.l2:
        found.append(f"the squares of {', '.join(weights(facts))} stand in the loss; those of biases do not")
    found += [f"the samples with {name} = 0 move no parameter in this loss: signs, -1 and 1, are --roles {name}=signs"
              for name in facts.having("labels") if name not in facts.classes and ignored(facts, layout, arrays, name)]  # fmt: skip
    alike = [name for name in facts.having("labels", "signs") if samples > 1 and bool((arrays[name] == arrays[name].flat[0]).all())]
    found += [f"all labels '{name}' are the same: there is nothing to tell apart" for name in alike]
    for name in scalable(facts, layout):
        if how.scale == "none" and uneven(arrays[name].std(layout.axes[name])):
            found.append(f"the features of '{name}' have very different spreads: --scale standard makes them 1")
    return found


def ignored(facts: Facts, layout: Layout, arrays: Mapping[str, Any], name: str) -> bool:
    """Whether samples with the label 0 have all the same gradient, as where the loss multiplies by a label that should be ±1."""
    import numpy as np

    rows = np.flatnonzero(arrays[name] == 0)[:8]
    if arrays[name].ndim != 1 or len(rows) < 2:
        return False
    generator = np.random.default_rng(0)
    given: dict[str, Any] = {n: 0.1 * generator.standard_normal(shape) for n, shape in layout.shapes.items()}
    given |= {n: np.float64(facts.roles[n].value) for n in facts.having("hyperparameter")}
    function, found = facts.derivation.function(), []
    for row in rows:
        sample = intake.take(dict(arrays), dict(layout.axes), np.array([row]))
        for n in scalable(facts, layout):  # other features than those of the data, which may be alike
            sample[n] = generator.standard_normal(sample[n].shape)
        gradients = function(**given, **sample)[1]
        found.append(np.concatenate([np.ravel(g) for g in (gradients if isinstance(gradients, tuple) else (gradients,))]))
    return bool(np.all(found[0] == np.array(found)))


def uneven(spread: Any) -> bool:
    """Whether features have spreads so different that one rate does not suit them all."""
    return bool(spread.max() > 100 * min(spread[spread > 0], default=1))


def _sizes(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "1"


def scalable(facts: Facts, layout: Layout) -> list[str]:
    """The names of features: matrices of numbers with samples."""
    data = facts.having("data")
    return [n for n in data if n not in facts.classes and len(facts.shapes[n]) == 2 and layout.axes[n] is not None]


def settings_of(facts: Facts, layout: Layout, how: Choices, name: str, started: Sequence[str]) -> Settings:
    """What the script is made of. Raises ``UsageError`` for rows that are to move alone where none do."""
    python, parameters = facts.python, facts.having("parameter")
    target = facts.having("labels", "signs")
    shapes: dict[str, tuple[int | None, ...]] = {}
    for n, axis in layout.axes.items():
        sizes = [None if i == axis else value(d, layout.sizes) for i, d in enumerate(facts.shapes[n])]
        shapes[python[n]] = tuple(sizes)
    return Settings(
        facts.derivation.source,
        _code(facts, how),
        name,
        shapes,
        {python[n]: axis for n, axis in layout.axes.items()},
        {python[n]: count for n, count in counts(facts, layout).items()},
        {python[n]: layout.shapes[n] for n in parameters},
        [python[n] for n in parameters if n not in weights(facts)],
        {python[n]: facts.roles[n].value for n in facts.having("hyperparameter")},
        [python[n] for n in scalable(facts, layout)] if how.scale == "standard" else [],
        python[target[0]] if len(target) == 1 else None,
        how.optimiser,
        read_schedule(how.schedule),
        None if how.rate == "search" else float(how.rate),
        int(how.epochs),
        int(how.batch),
        int(how.seed),
        float(how.test),
        "xavier" if isinstance(how.start, str) else float(how.start),
        started,
    )


def _code(facts: Facts, how: Choices) -> str:
    """The generated function; for sparse Adam the one that gives which rows move."""
    if how.optimiser != SPARSE:
        return source_of(facts.derivation, FUNCTION)
    try:
        return source_of(facts.derivation, FUNCTION, "sparse")
    except UsageError as error:
        hint = "leave out l2, whose squares move every row, or take adam" if how.l2 else "take adam"
        raise UsageError(f"{how.optimiser} moves rows that are looked up: {error.message}", hint=hint) from None
