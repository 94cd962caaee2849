"""Generated code for tests: its body, and what it returns at some arrays, against formulas written with NumPy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

import matcalc
from matcalc.codegen.products.runtime import compile_source

DIMS: dict[str, tuple[str | int, ...]] = {
    **{"a": (), "c": (), "x": ("n",), "y": ("n",), "z": ("k",), "b": ("m",), "u": ("m",)},
    **{"A": ("m", "n"), "B": ("n", "k"), "C": ("n", "m"), "S": ("n", "n"), "P": ("n", "n")},
}
SIZES = {"n": 4, "m": 3, "k": 5}


def arrays(names: Sequence[str], seed: int = 0) -> dict[str, Any]:
    """Positive entries; square matrices that have an inverse."""
    rng = np.random.default_rng(seed)
    found = {}
    for name in names:
        x = np.asarray(rng.uniform(0.3, 1.7, [SIZES[str(d)] for d in DIMS[name]]))
        found[name] = x + 3 * np.eye(4) if DIMS[name] == ("n", "n") else x
    return found


def derived(text: str, **options: Any) -> Any:
    return matcalc.derive(text, dims=options.pop("dims", DIMS), check=False, **options)


def body(text: str, **options: Any) -> str:
    """The lines of the function below its docstring and the conversion of its arguments."""
    source = derived(text, **options).to_code()
    return source[source.rindex('"""') + 3 :].split("\n", 2)[2]


def ran(text: str, at: Mapping[str, Any] | None = None, **options: Any) -> tuple[Any, ...]:
    """The value and the derivatives, by the printed source itself."""
    d = derived(text, **options)
    function = d.function()
    run = compile_source(d.to_code(), function.__name__)
    given = arrays(function.originals) if at is None else at
    value, found = run(*[given[name] for name in function.originals])
    return (value, *found) if isinstance(found, tuple) else (value, found)


def differences(f: Callable[..., Any], at: Mapping[str, Any], name: str, h: float = 1e-6) -> Any:
    """The gradient of a function of NumPy's, by central differences."""
    x = np.asarray(at[name], float)
    out = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        e = np.zeros(x.shape)
        e[i] = h
        out[i] = (f(**{**at, name: x + e}) - f(**{**at, name: x - e})) / (2 * h)
    return out


def require_code(text: str, wrt: str, value: Callable[..., Any], has: Sequence[str] = (), lacks: Sequence[str] = ()) -> None:
    """The code gives the value of the formula and its gradient; it has and lacks these pieces."""
    names = value.__code__.co_varnames[: value.__code__.co_argcount]
    at = arrays(names)
    found, gradient = ran(text, at, wrt=wrt)
    assert np.allclose(found, value(**at), rtol=1e-10), text
    assert np.allclose(gradient, differences(value, at, wrt), rtol=1e-5, atol=1e-6), text
    code = "".join(body(text, wrt=wrt).split())
    assert [piece for piece in has if "".join(piece.split()) not in code] == [], code
    assert [piece for piece in lacks if "".join(piece.split()) in code] == [], code


def namespace(text: str, sizes: dict[str, tuple[int, ...]], target: str, **options: Any) -> dict[str, Any]:
    """What the source of ``run`` in a target defines; sizes that are the same number are the same."""
    names = {n: tuple(f"n{k}" for k in shape) for n, shape in sizes.items()}
    source = matcalc.derive(text, dims=names, check=False, **options).to_code(target, name="run")
    return executed(source)


def executed(source: str) -> dict[str, Any]:
    """What a source defines, in whatever form."""
    space: dict[str, Any] = {}
    exec(compile(source, "run", "exec"), space)
    return space
