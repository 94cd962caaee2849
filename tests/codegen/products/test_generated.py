"""A generated function as the user calls it."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from tests.codegen.test_codegen import DIMS, FUNCTIONS, arrays, close


def test_arguments_by_name_position_and_kind() -> None:
    d = matcalc.derive("u'*f(A*x + b)", dims=DIMS, check=False)
    run, at = d.function(), arrays("uAxb")
    f, df, _ = FUNCTIONS["f"]
    first, _ = run(**at, f=(f, df))
    assert [run(at["u"], at["A"], at["x"], at["b"], f, df)[0], run(**at, f=f, df=df)[0], run(**at, f="tanh")[0]] == [first] * 3
    assert "Parameters" in (run.__doc__ or "") and repr(run).startswith("<")
    lists = {name: x.tolist() for name, x in at.items()}
    assert close(run(**lists, f="tanh")[0], first)
    for wrong in ({"x": at["b"]}, {"x": at["A"]}, {"x": "text"}, {"q": 1.0}):
        with pytest.raises(matcalc.MatcalcError):
            run(**{**at, **wrong}, f="tanh")
    with pytest.raises(matcalc.UsageError, match="no value was given for b"):
        run(at["u"], at["A"], at["x"], f="tanh")
    with pytest.raises(matcalc.UsageError, match="given twice"):
        run(at["u"], u=at["u"])


def test_functions_of_the_derivation_are_used() -> None:
    at = arrays("uAxb")
    given = matcalc.derive("u'*f(A*x + b)", dims=DIMS, functions={"f": FUNCTIONS["f"]}, check=False)
    named = matcalc.derive("u'*f(A*x + b)", dims=DIMS, functions={"f": "tanh"}, check=False)
    own = matcalc.derive("u'*f(A*x + b); f(t) = (exp(t) - exp(-t))/(exp(t) + exp(-t))", dims=DIMS, check=False)
    results = [d.function()(**at) for d in (given, named, own)]
    assert all(close(r[0], results[0][0]) and close(r[1][1], results[0][1][1]) for r in results)
    assert "np.tanh" in named.to_code() and " f" not in named.to_code().split("def ")[1].split(":")[0]


@pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="promotion of single numbers is that of NumPy 2")
def test_precision_and_integers() -> None:
    """float32 stays float32, with numbers of any kind beside it; integers are computed with as floats."""
    d = matcalc.derive("a*norm2(A*x - b)^2 + sum(log(1 + exp(A*x))) + logsumexp(A*x) + norm2(x)", dims=DIMS, check=False)
    run, at = d.function(), arrays("Axba")
    single = {n: x.astype(np.float32) if x.ndim else float(x) for n, x in at.items()}
    value, derivatives = run(**single)
    assert {np.asarray(r).dtype for r in (value, *derivatives)} == {np.dtype(np.float32)}
    whole = {n: np.ones(x.shape, int) for n, x in at.items()}
    for got, want in zip(run(**whole)[1], run(**{n: x.astype(float) for n, x in whole.items()})[1], strict=True):
        assert close(got, want)
    k = matcalc.derive("logdet(S + a*eye)", dims=DIMS, check=False).function()
    assert close(k(S=np.eye(3, dtype=int), a=1)[0], 3 * np.log(2))


def test_a_declared_row_may_be_given_as_it_is_declared() -> None:
    d = matcalc.derive("norm2(Y*A)^2", wrt="Y", dims={"Y": (1, "n"), "A": ("n", "n")})
    a, y = np.arange(9.0).reshape(3, 3), np.array([1.0, -2, 3])
    for given in (y, y[None, :]):
        value, slope = d.function()(Y=given, A=a)
        assert np.allclose(value, np.sum((y @ a) ** 2)) and np.allclose(slope, 2 * y @ a @ a.T)
