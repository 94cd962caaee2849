"""Sums over indices: an einsum is an operand like any other, in every kind, style and notation. The truth is plain NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import ShapeError

N, M, P = 3, 2, 4
RNG = np.random.default_rng(8)
SHAPES: dict[str, tuple[int, ...]] = {
    "h": (N,), "u": (N,), "v": (N,), "x": (N,), "y": (M,), "z": (P,), "alpha": (),
    "Z": (N, M), "S": (N, M), "D": (M, N), "A": (N, N), "T": (N, M, P), "Q": (N, N, N),
}  # fmt: skip
VALUES: dict[str, Any] = {name: RNG.normal(size=shape) / 2 for name, shape in SHAPES.items()}
LETTER = {N: "n", M: "m", P: "p"}
DIMS = {name: tuple(LETTER[k] for k in shape) for name, shape in SHAPES.items()}


def txyz(v: Any) -> Any:
    return np.einsum("ijk,i,j,k->", v["T"], v["x"], v["y"], v["z"])


T_XYZ = "einsum('ijk,i,j,k->',T,x,y,z)"
# text, what to differentiate by, the same in NumPy (of the values by name), notation
CASES: dict[str, tuple[str, str, Any]] = {
    "a factor": ("einsum('i,i,i->',h,u,v)*x", "h", lambda v: (v["h"] * v["u"] * v["v"]).sum() * v["x"]),
    "a factor of itself": ("sum(x)*" + T_XYZ, "x", lambda v: v["x"].sum() * txyz(v)),
    "squared": ("np.einsum('i,ij,j->',h,Z,y)**2", "h", lambda v: (v["h"] @ v["Z"] @ v["y"]) ** 2),
    "minus a square": ("-(np.einsum('ij,ji->',S,D))**2", "S", lambda v: -(np.trace(v["S"] @ v["D"]) ** 2)),
    "a factor of a vector": ("x.*einsum('ij,ji->',S,D)", "S", lambda v: v["x"] * np.trace(v["S"] @ v["D"])),
    "in a logarithm": ("log(1+einsum('i,i,i->',h,u,v)^2)", "u", lambda v: np.log(1 + (v["h"] * v["u"] * v["v"]).sum() ** 2)),
    "a tensor squared": (T_XYZ + "^2", "y", lambda v: txyz(v) ** 2),
    "below a fraction": (f"alpha/(1+{T_XYZ}^2)", "z", lambda v: v["alpha"] / (1 + txyz(v) ** 2)),
    "times another": (f"{T_XYZ}*einsum('ij,ij->',S,Z)", "T", lambda v: txyz(v) * (v["S"] * v["Z"]).sum()),
    "minus another": (f"({T_XYZ} - einsum('i,j,ij->',h,y,Z))^2", "y", lambda v: (txyz(v) - v["h"] @ v["Z"] @ v["y"]) ** 2),
    "in exp": (f"exp(-{T_XYZ})", "x", lambda v: np.exp(-txyz(v))),
    "a tensor's vector": ("sum(tanh(einsum('ijk,j,k->i',T,y,z)))", "z",
                          lambda v: np.tanh(np.einsum("ijk,j,k->i", v["T"], v["y"], v["z"])).sum()),
    "a tensor's matrix": ("logsumexp(einsum('ijk,k->ij',T,z)*y)", "T",
                          lambda v: np.log(np.exp(v["T"] @ v["z"] @ v["y"]).sum())),
    "operands transposed": ("einsum('ij,kj,k->',S,D',u)*einsum('i,i->',x',h)", "S",
                            lambda v: (v["S"] @ v["D"] @ v["u"]).sum() * (v["x"] @ v["h"])),
    "one operand twice": ("einsum('ij,ij->',S,S)^2", "S", lambda v: (v["S"] ** 2).sum() ** 2),
    "one operand three times": ("einsum('ijk,i,j,k->',Q,x,x,x)*alpha", "x",
                                lambda v: np.einsum("ijk,i,j,k->", v["Q"], v["x"], v["x"], v["x"]) * v["alpha"]),
    "a diagonal": ("einsum('ii,i->',A,x)*sum(x)", "x", lambda v: (np.diag(v["A"]) @ v["x"]) * v["x"].sum()),
    "a diagonal of a tensor": ("einsum('iij,i->j',Q,x)'*u", "Q", lambda v: np.einsum("iij,i,j->", v["Q"], v["x"], v["u"])),
    "all of a diagonal": ("einsum('iii->',Q)^2*alpha", "Q", lambda v: np.einsum("iii->", v["Q"]) ** 2 * v["alpha"]),
    "a scalar operand": ("einsum(',i,i->',alpha,x,h)^2", "alpha", lambda v: (v["alpha"] * (v["x"] @ v["h"])) ** 2),
    "scalars only": ("einsum(',->',alpha,alpha)*einsum('->',alpha)", "alpha", lambda v: v["alpha"] ** 3),
    "sums that share nothing": ("einsum('i,j->',x,y)^2", "x", lambda v: (v["x"].sum() * v["y"].sum()) ** 2),
    "one inside another": ("einsum('i,i->',x,einsum('ijk,j,k->i',T,y,z))^2", "y", lambda v: txyz(v) ** 2),
    "under a definition": (f"a = {T_XYZ}; s = a*sum(x)/(1 + a^2)", "x", lambda v: txyz(v) * v["x"].sum() / (1 + txyz(v) ** 2)),
    "a norm of it": (f"abs({T_XYZ})*norm2(x)", "y", lambda v: abs(txyz(v)) * np.linalg.norm(v["x"])),
    "a tensor sum": (r"\left(\sum_{i,j,k} T_{ijk} x_i y_j z_k\right)^2", "x", lambda v: txyz(v) ** 2),
    "entries of a tensor squared": (r"\sum_{i,j,k} T_{ijk}^2 x_i", "T", lambda v: np.einsum("ijk,i->", v["T"] ** 2, v["x"])),
    "a number for each entry of a tensor": (r"\log(1+(\sum_{i,j,k} \alpha + T_{ijk}^2)^2)", "alpha",
                                            lambda v: np.log(1 + (24 * v["alpha"] + (v["T"] ** 2).sum()) ** 2)),
    "a tensor less a vector": (r"\sum_i x_i \sum_{j,k} (T_{ijk}-y_j)^2", "y",
                               lambda v: np.einsum("i,ijk->", v["x"], (v["T"] - v["y"][:, None]) ** 2)),
    "sums inside sums": (r"\sum_s x_s(\sum_{r,k}(\sum_t u_t \alpha h_r S_{sk}) y_k)", "h",
                         lambda v: v["u"].sum() * v["alpha"] * v["h"].sum() * (v["x"] @ v["S"] @ v["y"])),
}  # fmt: skip


def derived(case: str, kind: str | None = None, **options: Any) -> matcalc.Derivation:
    text, wrt, _ = CASES[case]
    used = {n: s for n, s in DIMS.items() if n in text}
    d = matcalc.derive(text, wrt=wrt, dims=used, kind=kind, **options)
    assert d.checked is not None and d.checked.passed
    return d


def moved(name: str, step: Any) -> dict[str, Any]:
    return {**VALUES, name: VALUES[name] + step}


def differences(f: Any, name: str, order: int = 1) -> Any:
    """The derivatives of ``f`` by each entry, axes of the value first, by central differences (of differences)."""
    if order == 0:
        return np.asarray(f(VALUES))
    shape = VALUES[name].shape
    step = 1e-5 if order == 1 else 1e-3
    units = [step * e.reshape(shape) for e in np.eye(int(np.prod(shape)))]
    if order == 1:
        columns = [(f(moved(name, e)) - f(moved(name, -e))) / (2 * step) for e in units]
        return np.stack(columns, -1).reshape(np.shape(columns[0]) + shape)
    rows = [[(f(moved(name, e + g)) - f(moved(name, e - g)) - f(moved(name, g - e)) + f(moved(name, -e - g))) / (4 * step**2)
             for g in units] for e in units]  # fmt: skip
    return np.array(rows).reshape(shape + shape)


@pytest.mark.parametrize("style", ["backprop", "differential"])
@pytest.mark.parametrize("case", CASES)
def test_first_derivatives(case: str, style: str) -> None:
    _, wrt, f = CASES[case]
    vector = np.ndim(f(VALUES)) > 0
    d = derived(case, "jacobian" if vector else "gradient", style=style)
    np.testing.assert_allclose(d.value.evaluate(VALUES), f(VALUES), rtol=1e-10)
    want = differences(f, wrt)
    np.testing.assert_allclose(d[wrt].evaluate(VALUES), want, rtol=1e-5, atol=1e-7)
    value, got = d.function()(**{name: VALUES[name] for name in d.problem.symbols})
    np.testing.assert_allclose(value, f(VALUES), rtol=1e-10)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-7)


SCALARS = [case for case, (_, _, f) in CASES.items() if np.ndim(f(VALUES)) == 0]


@pytest.mark.parametrize("case", SCALARS)
def test_entry_by_entry(case: str) -> None:
    _, wrt, f = CASES[case]
    d = derived(case, style="elementwise")
    np.testing.assert_allclose(d[wrt].evaluate(VALUES), differences(f, wrt), rtol=1e-5, atol=1e-7)


@pytest.mark.sample(5)
@pytest.mark.parametrize("case", SCALARS)
def test_second_derivatives(case: str) -> None:
    text, wrt, f = CASES[case]
    d = derived(case, "hessian")
    want = differences(f, wrt, 2)
    np.testing.assert_allclose(d[wrt].evaluate(VALUES), want, rtol=1e-4, atol=1e-5)
    direction = RNG.normal(size=SHAPES[wrt])
    used = {n: s for n, s in DIMS.items() if n in text} | {"q": DIMS[wrt]}
    along = matcalc.derive(text, wrt=wrt, dims=used, kind="hvp", direction="q").result
    product = np.tensordot(want, direction, direction.ndim)
    np.testing.assert_allclose(along.evaluate({**VALUES, "q": direction}), product, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_what_is_printed_reads_back(case: str) -> None:
    """The value and the derivatives, in plain notation and, where there is no array over indices, in LaTeX."""
    d = derived(case)
    used = {n: s for n, s in DIMS.items()}
    for e in (d.value, *d.results):
        again = matcalc.parse(e.plain, used, notation="plain")
        np.testing.assert_allclose(again.evaluate(VALUES), e.evaluate(VALUES), rtol=1e-10)
    if r"\left\{" not in d.value.latex:
        again = matcalc.parse(d.value.latex, used, notation="latex")
        np.testing.assert_allclose(again.evaluate(VALUES), d.value.evaluate(VALUES), rtol=1e-10)


def test_a_scalar_has_no_braces() -> None:
    d = derived("a tensor squared")
    assert "(Σ_ijk T_ijk x_i y_j z_k)²" in d.to_text()
    assert r"\left(\sum_{ijk} T_{ijk}\, x_{i}\, y_{j}\, z_{k}\right)^{2}" in d.to_latex()
    assert "Σ_ij S_ij D_ji = tr(S D)" in derived("minus a square").to_text()


@pytest.mark.parametrize("text", [r"\sum_{i,j,k} T_{ijk} x_i y_j z_k", T_XYZ])
def test_sizes_of_operands_follow_from_the_tensor(text: str) -> None:
    d = matcalc.derive(text, dims={"T": ("n", "m", "p")})
    assert [d[x].shape for x in "xyz"] == [("n",), ("m",), ("p",)]


@pytest.mark.parametrize(
    "text, said, hint",
    [
        ("einsum('i->ii',x)", "the result has the index i twice", "diag(x)"),
        ("einsum('i,j',x,y)", "'i,j' does not say which axes go into which", "'i,j->ij'"),
        ("einsum('ij->',x)", "'x' is [n×1], and 'ij' names 2 axes", "name 1 axis"),
        ("einsum('i->j',x)", "the index j of the result is in no operand", "ones(n)"),
        ("einsum('i,i->',x)", "'i,i->' describes 2 operands, 1 given", "with commas"),
        ("einsum('i,i->',x,y)", "the index i has the sizes n and m", "different letters"),
    ],
)
def test_what_is_wrong_with_subscripts_is_said(text: str, said: str, hint: str) -> None:
    with pytest.raises(matcalc.MatcalcError) as error:
        matcalc.derive(text, dims=DIMS)
    assert said in error.value.message
    assert hint in str(error.value.hint)


def test_sizes_that_contradict_are_named() -> None:
    with pytest.raises(ShapeError, match="the index i has the sizes 2 in 'T', 5 in 'x'") as error:
        matcalc.derive(r"\sum_{i,j,k} T_{ijk} x_i y_j z_k", dims={"T": (2, 3, 4), "x": (5,)})
    assert "--dim" in str(error.value.hint)
