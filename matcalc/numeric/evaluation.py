"""Evaluation on arrays, and derivatives by complex step or differences: the referee of every step.

Inside, every value that is not a tensor has two trailing axes (rows, columns): a scalar 1×1, a column
n×1, a row 1×n, after any batch axes. Outside, scalars are 0-D and vectors 1-D arrays.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.expr.errors import LimitError, NoValueError, ShapeError, UsageError
from matcalc.expr.nodes import Expr, shape_of, size_text
from matcalc.expr.slices import PLACED
from matcalc.expr.table import Type
from matcalc.numeric import kernels
from matcalc.numeric.entrywise_functions import Array, Derivatives
from matcalc.numeric.kernels import At, extent
from matcalc.numeric.properties import NONE, REFINE, Properties, refined
from matcalc.numeric.stand_ins import Elementwise, Exact, NotAnalytic, WithGeneric, from_user, generic

__all__ = [
    "Array",
    "Arrays",
    "Elementwise",
    "Env",
    "Functions",
    "NoValue",
    "WithGeneric",
    "array_of",
    "bind",
    "bind_sizes",
    "directional",
    "evaluate",
    "from_user",
    "generic",
    "jacobian",
    "no_value",
    "order",
    "require_entries",
    "to_internal",
    "to_public",
    "values",
]

Env = Mapping[Any, Array]  # nodes, or the names of symbols, to values in the internal form
Functions = Mapping[str, Derivatives]
Arrays = Mapping[str, npt.ArrayLike]  # what a user gives, by name

STEP = 1e-20  # of the complex step
DIFFERENCE = 1e-4  # of central differences, relative to the point

_KINDS = {"s": "scalar", "c": "column vector", "r": "row vector", "m": "matrix", "t": "tensor"}


# ---------------------------------------------------------------- evaluation


def order(roots: Iterable[Expr], env: Env, known: Container[Expr] = ()) -> list[Expr]:
    """Nodes to compute, arguments first; nothing below a node that ``env`` gives, or that is known."""
    found: dict[Expr | None, None] = {}
    stack: list[Expr | None] = [*roots]
    stack.reverse()
    while stack:
        node = stack.pop()
        if node is None:  # what stands below is complete
            found[stack.pop()] = None
        elif node not in found and node not in known:
            if node.args and node not in env:
                stack.append(node)
                stack.append(None)
                stack.extend(node.args[::-1])
            else:
                found[node] = None
    return list(found)  # type: ignore[arg-type]


def _leaf(node: Expr, env: Env) -> Array:
    try:
        return env[node.attr]
    except KeyError:
        raise UsageError(f"no value was given for {node.attr} {size_text(node.type)}") from None


def values(
    roots: Iterable[Expr],
    env: Env,
    sizes: Mapping[str, int],
    functions: Functions | None = None,
    done: dict[Expr, Array] | None = None,
    inside: Sequence[Expr] | None = None,
) -> dict[Expr, Array]:
    """Every node below ``roots`` with its value. The graph is cut at nodes that ``env`` gives.

    ``done`` holds the values of an earlier call with the same ``env``, and is filled. ``inside`` are the nodes to compute, where
    ``order`` has found them for an ``env`` of the same nodes.
    """
    done = {} if done is None else done
    given: Functions = {} if functions is None else functions
    try:
        with np.errstate(all="ignore"):
            for node in order(roots, env, done) if inside is None else inside:
                if node in env:
                    done[node] = env[node]
                elif node.op == "sym":
                    done[node] = _leaf(node, env)
                else:
                    done[node] = kernels.run(At(node, sizes, given), [done[a] for a in node.args])
    except MemoryError:
        count = f"{'×'.join(f'{size:,}' for size in kernels.extent(node.type, sizes))} entries"
        raise LimitError(f"a value of {count} does not fit into the memory", hint="give smaller arrays") from None
    except (np.linalg.LinAlgError, ZeroDivisionError) as error:  # mpmath divides by no 0
        hint = "give other values; what is singular for all values is to be simplified by hand"
        raise NoValueError(f"{node.op} has no value here: {str(error).lower() or 'division by 0'}", hint=hint) from error
    except KeyError as error:
        if error.args[0] not in map(str, _atoms(node)):
            raise
        hint = "declare it, or give an array that has it"
        raise UsageError(f"the size {error.args[0]} is not known", hint=hint) from None
    return done


def _atoms(node: Expr) -> list[Any]:
    parts = [node.attr] if node.op == "dim" else [*shape_of(node.type), *(node.attr if node.op in PLACED else ())]
    return [a for d in parts for a in dims.atoms(d)]


def evaluate(roots: Sequence[Expr], env: Env, sizes: Mapping[str, int], functions: Functions | None = None) -> list[Array]:
    """The values of ``roots`` in the internal form, over leading batch axes where ``env`` has them."""
    done = values(roots, env, sizes, functions)
    return [done[r] for r in roots]


# ---------------------------------------------------------------- arrays of the user


class NoValue(UsageError, np.linalg.LinAlgError):
    """The arrays fit, and there is no value at them; also an error of NumPy's, which the source by itself raises."""


def no_value(why: object, shapes: Mapping[str, tuple[int, ...]]) -> NoValue:
    """``shapes``: those of the arrays by their names."""
    sizes = ", ".join(f"{name} is {_shape_text(shape)}" for name, shape in shapes.items())
    hint = "give arrays with entries" if any(0 in shape for shape in shapes.values()) else "give other values"
    return NoValue(f"there is no value at these arrays: {why} ({sizes})", hint=hint)


def require_entries(found: Iterable[Any], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raises ``UsageError`` where a value, such as the mean of an array without entries, is 0/0 for want of them."""
    if any(0 in shape for shape in shapes.values()) and any(np.isnan(x).any() for x in found):
        raise no_value("one of them has no entries, and the expression divides by their number", shapes)


def array_of(given: Any, name: str) -> Array:
    """What a user gives as an array of numbers. Raises ``UsageError`` for what is none."""
    try:
        x = np.asarray(given)
    except Exception as error:  # whatever an object of the user's raises when it is read
        hint = "give numbers, or lists of numbers of one length"
        raise UsageError(f"{name} is not an array: {str(error).rstrip('.')}", hint=hint) from error
    plain = type(given) is np.ndarray or not isinstance(given, np.ndarray)
    if not plain and np.ma.is_masked(given):  # numpy.ma is imported by its first use, which takes as long as a derivation
        raise UsageError(f"{name} {_shape_text(x.shape)} has masked entries, which have no value", hint=f"pass {name}.filled(0)")
    return x


def laid_flat(x: Array, type: Type) -> Array:
    """A row as it may be declared, 1×n, as the array with one axis that it is here."""
    return x[0] if type.kind == "r" and x.ndim == 2 and len(x) == 1 else x


def to_internal(array: npt.ArrayLike, type: Type, name: str = "the array") -> Array:
    """A user's array (0-D scalar, 1-D vector, 2-D matrix, N-D tensor) with rows and columns as last axes."""
    x = array_of(array, name)
    if x.dtype.kind == "c":
        raise UsageError(f"{name} has complex entries, and all arithmetic here is real", hint=f"pass {name}.real, or {name}.imag")
    if x.dtype.kind not in "biuf":
        hint = f"give numbers; where they are, np.asarray({name}, dtype=float) makes them entries"
        sizes = f" {_shape_text(x.shape)}" if x.ndim else ""
        raise UsageError(f"{name} is not numeric: its entries are of type {x.dtype}{sizes}", hint=hint)
    wanted = len(shape_of(type))
    x = laid_flat(x, type)
    if x.ndim != wanted:
        squeezed = x.size and len([k for k in x.shape if k != 1]) <= wanted < x.ndim
        raise ShapeError(
            f"{name} is a {_KINDS[type.kind]} {size_text(type)}: that is an array with {_axes(wanted)}, "
            f"but an array with {_axes(x.ndim)} was given {_shape_text(x.shape)}",
            hint=f"pass {name}.{'ravel()' if wanted else 'item()'}" if squeezed and wanted < 2 else None,
        )
    return kernels.inward(x.astype(float), type.kind)


def _axes(count: int) -> str:
    return f"{count} axis" if count == 1 else f"{count or 'no'} axes"


def _shape_text(shape: tuple[int, ...]) -> str:
    return f"({'×'.join(map(str, shape))})" if shape else "(a number)"


def to_public(array: Array, type: Type) -> Array:
    """The opposite of :func:`to_internal`; batch axes stay in front."""
    return kernels.outward(array, type.kind)


def frozen(array: Array, type: Type) -> Array:
    """A copy in the shape that users give, real and not to be written to."""
    shown = np.array(to_public(np.real(array), type))
    shown.flags.writeable = False
    return shown


def with_digits(env: Env, digits: Exact, assume: Mapping[str, Properties]) -> dict[Any, Array]:
    """The values in another arithmetic, in which what is declared of the symbols holds as well."""
    found = {e: digits.array(x) for e, x in env.items()}
    for e in found:
        declared = assume.get(str(e.attr), NONE) if e.op == "sym" else NONE
        if declared & REFINE.keys():
            found[e] = kernels.inward(refined(to_public(found[e], e.type), declared), e.type.kind)
    return found


def bind_sizes(symbols: Iterable[Expr], arrays: Mapping[str, npt.ArrayLike]) -> dict[str, int]:
    """Dimension symbols with their sizes, from the shapes; a symbol without an array is passed over."""
    found: dict[str, tuple[int, str]] = {}
    later: list[tuple[Expr, Dim, int, tuple[int, ...]]] = []
    for symbol in symbols:
        if symbol.attr not in arrays:
            continue
        shape = np.shape(to_internal(arrays[symbol.attr], symbol.type, symbol.attr))
        shape = to_public(np.empty(shape, bool), symbol.type).shape
        for d, size in zip(shape_of(symbol.type), shape, strict=True):
            if not isinstance(d, str):
                later.append((symbol, d, size, shape))
            elif d not in found:
                found[d] = size, _is(symbol, shape)
            elif found[d][0] != size:
                raise ShapeError(f"{d} is {found[d][0]} in {found[d][1]} but {size} in {_is(symbol, shape)}")
    sizes = {d: size for d, (size, _) in found.items()}
    for symbol, d, size, shape in sorted(later, key=lambda item: len(dims.atoms(item[1]))):
        _settle(d, size, sizes, _is(symbol, shape), found)
    return sizes


def _is(symbol: Expr, shape: tuple[int, ...]) -> str:
    return f"{symbol.attr} {size_text(symbol.type)}, which is {_shape_text(shape)}"


def _settle(d: Dim, size: int, sizes: dict[str, int], where: str, found: Mapping[str, tuple[int, str]]) -> None:
    """Check a size such as 3 or m·n against the array; one unknown in it follows."""
    names = sorted({str(a) for a in dims.atoms(d)})
    unknown = [n for n in names if n not in sizes]
    if len(unknown) > 1:
        return
    for candidate in range(1, size + 1) if unknown else (1,):
        trial = {**sizes, unknown[0]: candidate} if unknown else sizes
        if dims.value(d, trial) == size:
            sizes.update(trial)
            return
    known = [f"{n} = {sizes[n]} from {found[n][1]}" for n in names if n in found]
    reason = f" ({'; '.join(known)})" if known else ""
    wanted = "" if unknown or not names else f" = {dims.value(d, sizes)}"
    raise ShapeError(f"the size {dims.text(d, '·')}{wanted} is {size} in {where}{reason}")


def bind(symbols: Iterable[Expr], arrays: Mapping[str, npt.ArrayLike]) -> tuple[dict[Expr, Array], dict[str, int]]:
    """The user's arrays in the internal form, and the sizes that they imply."""
    present = [s for s in symbols if s.attr in arrays]
    sizes = bind_sizes(present, arrays)
    return {s: to_internal(arrays[s.attr], s.type, s.attr) for s in present}, sizes


# ---------------------------------------------------------------- derivatives


def directional(
    roots: Sequence[Expr],
    at: Env,
    direction: Mapping[Expr, Array],
    sizes: Mapping[str, int],
    functions: Functions | None = None,
    inside: Sequence[Expr] | None = None,
) -> list[Array]:
    """The derivative of each root when every node in ``direction`` moves along its array.

    The graph is cut at those nodes; where ``at`` does not give their values, they are computed first. ``inside`` is as in
    :func:`values`. A complex step is taken; differences, where a user's function does not let it through.
    """
    base = dict(at) if all([n in at for n in direction]) else {**at, **values(direction, at, sizes, functions)}
    if isinstance(functions, Exact):
        along = {n: functions.array(d) for n, d in direction.items()}
        return differences(roots, base, along, sizes, functions, functions.step)
    moved = {**base, **{n: base[n] + 1j * STEP * d for n, d in direction.items()}}
    try:
        done = values(roots, moved, sizes, functions, inside=inside)
        stepped = [done[r] for r in roots]
        if all(_carries_step(v) for v in stepped):
            return [np.imag(v) / STEP for v in stepped]
    except (NotAnalytic, UsageError):
        pass
    return differences(roots, base, direction, sizes, functions)


def _carries_step(value: Array) -> bool:
    """Finite, with an imaginary part that is a step (that of log(-1) is not)."""
    if value.size == 1:
        x = value.item()
        return math.isfinite(x.real) and math.isfinite(x.imag) and abs(x.imag) < 1e-7
    small = np.abs(np.imag(value)) < 1e-7
    return bool(np.logical_and.reduce(np.isfinite(value), axis=None) and np.logical_and.reduce(small, axis=None))


def differences(
    roots: Sequence[Expr],
    at: Env,
    direction: Mapping[Expr, Array],
    sizes: Mapping[str, int],
    functions: Functions | None = None,
    step: float = DIFFERENCE,
) -> list[Array]:
    """The same derivative by central differences with one Richardson step; ``at`` gives the moved nodes."""
    point = max([1.0, *(float(np.abs(at[n]).max()) for n in direction)])
    length = max([float(np.abs(d).max()) for d in direction.values()], default=0.0)
    h = step * point / (length or 1.0)

    def moved(t: float) -> list[Array]:
        return evaluate(roots, {**at, **{n: at[n] + t * d for n, d in direction.items()}}, sizes, functions)

    def slope(t: float) -> list[Array]:
        return [(a - b) / (2 * t) for a, b in zip(moved(t), moved(-t), strict=True)]

    return [(4 * fine - coarse) / 3 for coarse, fine in zip(slope(h), slope(h / 2), strict=True)]


def jacobian(root: Expr, node: Expr, at: Env, sizes: Mapping[str, int], functions: Functions | None = None) -> Array:
    """∂root/∂node, the public axes of ``root`` then those of ``node``, in one batched evaluation."""
    own = extent(node.type, sizes)
    count = math.prod(own)
    directions = np.eye(count).reshape((count, *own))
    (slopes,) = directional([root], at, {node: directions}, sizes, functions)
    out = extent(root.type, sizes)
    public = to_public(np.broadcast_to(slopes, (count, *out)), root.type)
    shape = tuple(dims.value(d, sizes) for d in (*shape_of(root.type), *shape_of(node.type)))
    return np.moveaxis(public, 0, -1).reshape(shape)
