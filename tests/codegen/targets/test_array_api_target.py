"""One source for every library of the array API standard: the names are those of the arguments."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

DIMS = {"A": ("m", "n"), "x": ("n",), "S": ("n", "n")}


def test_one_source_for_several_libraries() -> None:
    pytest.importorskip("array_api_compat")
    run = matcalc.derive("sum(tanh(A*x)) + norm2(x)", dims=DIMS, check=False).function("array-api")
    A, x = np.arange(6.0).reshape(2, 3), np.array([1.0, -1.0, 0.5])
    value, found = run(A, x)
    assert isinstance(found[0], np.ndarray)
    for name in ("array_api_strict", "torch"):
        library = pytest.importorskip(name)
        other, parts = run(library.asarray(A), library.asarray(x))
        assert np.allclose(float(other), value) and all(type(p) is type(library.asarray(x)) for p in parts)


@pytest.mark.parametrize("text, what", [("sum(erf(x))", "erf"), ("tr(expm(S))", "expm"), ("sum(kron(A, x))", "kron")])
def test_what_the_standard_lacks_is_refused_by_name(text: str, what: str) -> None:
    with pytest.raises(matcalc.NoRuleError, match=f"no array-api code can be generated for the operator '{what}'"):
        matcalc.derive(text, dims=DIMS, check=False).to_code("array-api")
