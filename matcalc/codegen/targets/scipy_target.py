"""The forms that scipy.optimize takes: functions of one vector that holds all variables, with what packs and unpacks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.codegen.products.identifiers import Names
from matcalc.codegen.targets.assembly import filled, head, indented

SECOND = {"hessian": "hess", "hvp": "hessp"}  # by the kind of the derivative: how scipy calls it


class Called(NamedTuple):
    """A function of the variables, and what it is given in a call."""

    name: str
    arguments: Sequence[str]


def source(variables: Sequence[str], arguments: Sequence[str], first: Called, second: Called | None, along: str) -> str:
    """``pack``, ``unpack`` and ``fun``; of a Hessian ``hess``, of its product with the vector ``along`` ``hessp``.

    All take the vector and then ``arguments``, those of ``first``; of the variables among them the shapes are taken.
    """
    names = Names([*arguments, first.name, *([second.name] if second else []), *([along] if along else [])])
    keyword = SECOND["hvp" if along else "hessian"]
    pack, unpack, fun, extra, theta, value, found = map(names.fresh, ("pack", "unpack", "fun", keyword, "theta", "value", "found"))
    listed = ", ".join(variables)
    opened = f"{listed if len(variables) > 1 else f'({listed},)'} = {unpack}({theta}, {listed})"
    use = f"minimize({fun}, {pack}({listed}), args=…, jac=True{f', {keyword}={extra}' if second else ''})"
    lines = [*_packing(pack, unpack, (theta, names.fresh("parts")), variables), *head(fun, [theta, *arguments])]
    lines += indented([f'"""Value and gradient. scipy.optimize.{use}: args are what follows {theta}."""',
                       opened, *_call(f"{value}, {found} =", first),
                       f"return float({value}), {pack}({'*' * (len(variables) > 1)}{found})"])  # fmt: skip
    if second:
        shaped = [f"{along} = np.reshape({along}, np.shape({variables[0]}))"] if along else []
        result = f"np.ravel({found})" if along else f"np.reshape({found}, ({theta}.size, {theta}.size))"
        said = f"The Hessian times a vector {along}." if along else "The Hessian."
        lines += ["", "", *head(extra, [theta, *([along] if along else []), *arguments])]
        lines += indented([f'"""{said}"""', opened, *shaped, *_call(f"_, {found} =", second), f"return {result}"])
    return "\n".join(lines) + "\n"


def residual_source(variables: Sequence[str], arguments: Sequence[str], value: Called, both: Called) -> str:
    """``pack``, ``unpack``, ``residuals`` and ``jac`` for ``least_squares``; they take what :func:`source` says."""
    names = Names([*arguments, value.name, both.name])
    pack, unpack, residuals, jac, theta, found = map(names.fresh, ("pack", "unpack", "residuals", "jac", "theta", "found"))
    listed = ", ".join(variables)
    opened = f"{listed if len(variables) > 1 else f'({listed},)'} = {unpack}({theta}, {listed})"
    use = f"least_squares({residuals}, {pack}({listed}), jac={jac}, args=…)"
    lines = [*_packing(pack, unpack, (theta, names.fresh("parts")), variables), *head(residuals, [theta, *arguments])]
    lines += indented([f'"""The residuals. scipy.optimize.{use}: args are what follows {theta}."""',
                       opened, *_call("return", value)])  # fmt: skip
    flat = "np.reshape({0}, ({0}.shape[0], -1))"
    part = names.fresh("part")
    result = flat.format(found) if len(variables) == 1 else f"np.hstack([{flat.format(part)} for {part} in {found}])"
    lines += ["", "", *head(jac, [theta, *arguments])]
    lines += indented(['"""A row for each residual, a column for each entry of the vector."""', opened,
                       *_call(f"_, {found} =", both), f"return {result}"])  # fmt: skip
    return "\n".join(lines) + "\n"


def _packing(pack: str, unpack: str, inside: tuple[str, str], variables: Sequence[str]) -> list[str]:
    """The two functions between arrays and one vector; ``inside`` are the names of the vector and of its parts."""
    theta, parts = inside
    shaped = [f"np.reshape({parts}[{i}], np.shape({name}))" for i, name in enumerate(variables)]
    sizes, ravelled = ([f"np.{of}({name})" for name in variables] for of in ("size", "ravel"))
    packed = [*_tuple("return np.concatenate(", ravelled, ")")]
    split = _tuple(f"{parts} = np.split({theta}, np.cumsum(", sizes, ")[:-1])")
    lines = [*head(pack, variables), *indented(['"""One vector of the variables."""', *packed]), "", ""]
    said = '"""The variables that a vector holds, in the shapes of those given."""'
    return [*lines, *head(unpack, [theta, *variables]), *indented([said, *split, *_tuple("return ", shaped, "")]), "", ""]


def _tuple(before: str, parts: Sequence[str], after: str) -> list[str]:
    one = f"{before}({', '.join(parts)}{',' * (len(parts) == 1)}){after}"
    return [one] if len(one) < 92 else [f"{before}(", *filled(parts, "    "), f"){after}"]


def _call(assigned: str, called: Called) -> list[str]:
    one = f"{assigned} {called.name}({', '.join(called.arguments)})"
    return [one] if len(one) < 92 else [f"{assigned} {called.name}(", *filled(called.arguments, "    "), ")"]
