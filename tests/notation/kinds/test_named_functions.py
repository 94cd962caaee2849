"""The kinds of named functions are those of the operator table and of the formulas; a formula's kinds are those of its head."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from matcalc.expr.table import CALLS
from matcalc.notation.kinds.named_functions import formulas, of_formula, of_operators

SIZES = {"s": (), "c": ("n",), "r": (1, "n"), "m": ("n", "n")}


@pytest.mark.parametrize("name", sorted(n for n in CALLS if n.isidentifier()))
def test_functions_of_one_argument(name: str) -> None:
    for (kind, result), cost in of_operators(name, CALLS[name], 1, False).items():
        try:
            e = matcalc.parse(f"{name}(a)", {"a": SIZES[kind]})
        except MatcalcError:  # such as diag of a scalar, which costs as much as a reading that nobody means
            assert cost >= 30 or name in ("unvec", "svdvals", "singularvalues", "leftsingular", "rightsingular"), (name, kind)
            continue
        assert e.node.kind == result, (name, kind)


def test_a_number_beside_an_array_is_likelier_than_a_computed_one() -> None:
    literal, computed = of_operators("max", CALLS["max"], 2, True), of_operators("max", CALLS["max"], 2, False)
    assert literal["s", "c", "c"] < computed["s", "c", "c"] and literal["c", "c", "c"] == 0


def test_formulas() -> None:
    assert ("c", "c") in formulas()["mse"] and ("*",) in formulas()["mish"]
    assert of_formula("mse", (False, False))["c", "c", "s"] == 0 and ("s", "s", "s") not in of_formula("mse", (False, False))
    assert of_formula("mish", (False,))["m", "m"] == 0 and ("m", "s") not in of_formula("mish", (False,))
    assert of_formula("mish", (False,) * 4) == {}


@pytest.mark.parametrize(
    "text",
    [
        "loss = z.pow(2).sum(1).mean()",
        "loss = torch.logsumexp(z, dim=1).sum()",
        "loss = np.linalg.norm(z, axis=1).sum()",
        "loss = (torch.softmax(z, dim=1)**2).sum()",
    ],
)
def test_a_second_axis_makes_a_matrix(text: str) -> None:
    """No vector has an axis 1, whatever its letter says: in code small letters are matrices, too. The last axis is of either."""
    d = matcalc.derive(text)
    assert len(d.dims["z"]) == 2 and "'z' is read as a matrix: --dim z=n says otherwise" in d.warnings
    assert len(matcalc.derive(text.replace("dim=1", "dim=-1").replace("axis=1", "axis=-1").replace("(1)", "(-1)")).dims["z"]) == 1
