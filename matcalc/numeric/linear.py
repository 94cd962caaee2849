"""Inverses, determinants, factorisations and matrix functions on stacks of matrices, safe for a complex step.

Nothing conjugates. Where an algorithm mixes real and imaginary parts (1e-20i would drown), another is taken.
Independent of rules/ on purpose: these values judge the rows of inverses, determinants and matrix functions.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcalc.numeric.entrywise_functions import Array


def transpose(x: Array) -> Array:
    return np.swapaxes(x, -1, -2)


def symmetric(x: Array) -> Array:
    return np.asarray((x + transpose(x)) / 2)


# ---------------------------------------------------------------- convolution


def convolve(x: Array, w: Array) -> Array:
    """(x * w)_i = Σ_j x_(i-j) w_j, of the sum of both lengths less one."""
    return np.asarray(convolution_matrix(w, x.shape[-2]) @ x)


def correlate(x: Array, w: Array) -> Array:
    """Σ_j x_(i+j) w_j wherever all of w meets x."""
    return np.asarray(hankel(x, w.shape[-2]) @ w)


def convolution_matrix(w: Array, n: int) -> Array:
    """T with T x = w * x for x of n entries: T_ij = w_(i-j)."""
    k = w.shape[-2]
    lag = np.arange(n + k - 1)[:, None] - np.arange(n)
    inside = (lag >= 0) & (lag < k)
    return np.where(inside, w[..., 0][..., np.where(inside, lag, 0)], 0)


def hankel(x: Array, k: int) -> Array:
    """H with H w = the correlation of x and w for w of k entries: H_ij = x_(i+j)."""
    return x[..., 0][..., np.arange(x.shape[-2] - k + 1)[:, None] + np.arange(k)]


# ---------------------------------------------------------------- inverse, determinant


def logdet(x: Array) -> Array:
    phase, size = np.linalg.slogdet(x)
    if np.iscomplexobj(x):
        phase = np.where(phase.real < 0, -phase, phase)
        size = size + 1j * np.angle(phase)
    return np.asarray(size[..., None, None])


def identity(shape: tuple[int, ...]) -> Array:
    rows, columns = shape
    return np.eye(rows, columns)


def diagonal_sums(x: Array) -> Array:
    """Each entry the sum along its diagonal."""
    n = x.shape[-1]
    out = np.zeros_like(x)
    for k in range(1 - n, n):
        band = np.eye(n, k=k) > 0
        out = np.where(band, np.where(band, x, 0).sum((-2, -1), keepdims=True), out)
    return np.asarray(out)


def products_of_others(x: Array) -> Array:
    """Entry i: the product of all entries but the i-th; by products alone, for numbers of any kind."""
    n = x.shape[-2]
    return np.asarray(np.where(np.eye(n) > 0, 1, transpose(x)).prod(-1)[..., None])


def products_of_other_pairs(x: Array) -> Array:
    """Entry i, j: the product of all entries but these two; 0 where i = j."""
    n = x.shape[-2]
    left_out = np.eye(n)[:, None, :] + np.eye(n)[None, :, :] > 0
    products = np.where(left_out, 1, transpose(x)[..., None, :, :]).prod(-1)
    return np.where(np.eye(n) > 0, 0, products)


def adjugate(x: Array) -> Array:
    """From minors, so that a singular matrix has one too."""
    n = x.shape[-1]
    others = np.array([[k for k in range(n) if k != j] for j in range(n)], int).reshape(n, n - 1)
    signs = (-1.0) ** np.arange(n)
    rows = []
    for i in range(n):
        minors = np.moveaxis(x[..., others[i], :][..., others], -2, -3)
        rows.append((-1) ** i * signs * np.linalg.det(minors))
    return transpose(np.stack(rows, -2))


def pinv(x: Array) -> Array:
    if not np.iscomplexobj(x):
        return np.linalg.pinv(x)
    t = transpose(x)
    if x.shape[-2] >= x.shape[-1]:
        return np.linalg.solve(t @ x, t)
    return transpose(np.linalg.solve(x @ t, x))


def chol(x: Array) -> Array:
    """Of the symmetric part."""
    s = symmetric(x)
    if not np.iscomplexobj(x):
        return np.linalg.cholesky(s)
    low = np.zeros_like(s)
    for j in range(s.shape[-1]):
        rest = s[..., j:, j] - (low[..., j:, :j] @ low[..., j, :j, None])[..., 0]
        low[..., j:, j] = rest / np.sqrt(rest[..., :1])
    return low


# ---------------------------------------------------------------- eigenvalues and singular values


def eigmax(x: Array) -> Array:
    """Largest eigenvalue of the symmetric part: its Rayleigh quotient, which is exact to first order."""
    s = symmetric(x)
    v = np.linalg.eigh(s.real)[1][..., -1:]
    return np.asarray(transpose(v) @ s @ v)


def eigenvector(x: Array) -> Array:
    """Unit eigenvector of the largest eigenvalue of the symmetric part, its largest entry positive; NaN off the real matrices."""
    v = np.linalg.eigh(symmetric(x).real)[1][..., -1:]
    return np.asarray(v * _leading_signs(v)) + _real_only(x)


def eigenvalues(x: Array) -> Array:
    """Of the symmetric part, ascending: their Rayleigh quotients, which are exact to first order."""
    s = symmetric(x)
    if not np.iscomplexobj(x):
        return np.linalg.eigvalsh(s)[..., None]
    v = np.linalg.eigh(s.real)[1]
    return np.asarray((v * (s @ v)).sum(-2)[..., None])


def eigenvectors(x: Array) -> Array:
    """Unit eigenvectors of the symmetric part, the largest entry of each positive; NaN off the real matrices."""
    v = np.linalg.eigh(symmetric(x).real)[1]
    return np.asarray(v * _leading_signs(v)) + _real_only(x)


def _leading_signs(v: Array) -> Array:
    """The sign of the largest entry of each column."""
    return np.asarray(np.sign(np.take_along_axis(v, np.abs(v).argmax(-2, keepdims=True), -2)))


def singular_values(x: Array) -> Array:
    """Of a matrix with no more columns than rows, descending: u'xv, which is exact to first order."""
    if not np.iscomplexobj(x):
        return np.linalg.svd(x, compute_uv=False)[..., None]
    u, _, vt = np.linalg.svd(x.real, full_matrices=False)
    return np.asarray((u * (x @ transpose(vt))).sum(-2)[..., None])


def singular_vectors(side: int) -> Callable[[Array], Array]:
    """Left (0) or right (1) ones as columns, the largest entry of each right one positive; NaN off the real matrices."""

    def run(x: Array) -> Array:
        u, _, vt = np.linalg.svd(x.real, full_matrices=False)
        v = transpose(vt)
        return np.asarray((u, v)[side] * _leading_signs(v)) + _real_only(x)

    return run


def top_direction(x: Array) -> Array:
    """u v' of the largest singular value; NaN off the real matrices."""
    u, _, vt = np.linalg.svd(x.real, full_matrices=False)
    return np.asarray(u[..., :1] @ vt[..., :1, :]) + _real_only(x)


def _real_only(x: Array) -> Array:
    """0, and NaN for a complex step: neither the value nor the zero imaginary part would be its derivative."""
    away = (x.imag != 0).any((-2, -1), keepdims=True)
    return np.where(away, np.nan * (1 + 1j), 0) if np.iscomplexobj(x) else np.zeros(())


def gram(x: Array) -> Array:
    """The smaller one of X'X and XX'."""
    t = transpose(x)
    return np.asarray(t @ x if x.shape[-2] >= x.shape[-1] else x @ t)


def spectral_norm(x: Array) -> Array:
    return np.asarray(np.sqrt(eigmax(gram(x))))


def nuclear_norm(x: Array) -> Array:
    if not np.iscomplexobj(x):
        return np.asarray(np.linalg.svd(x, compute_uv=False).sum(-1)[..., None, None])
    return trace(sqrtm(gram(x)))


def polar(x: Array) -> Array:
    """U V' of the singular value decomposition."""
    if not np.iscomplexobj(x):
        u, _, vt = np.linalg.svd(x, full_matrices=False)
        return np.asarray(u @ vt)
    root = np.linalg.inv(sqrtm(gram(x)))
    return np.asarray(x @ root if x.shape[-2] >= x.shape[-1] else root @ x)


def trace(x: Array) -> Array:
    return np.asarray(np.diagonal(x, axis1=-2, axis2=-1).sum(-1, keepdims=True)[..., None])


# ---------------------------------------------------------------- matrix functions


def _root_of_triangular(t: Array) -> Array:
    """Of an upper triangular matrix, diagonal by diagonal (Björck and Hammarling 1983); not finite where there is none."""
    n, root = len(t), np.diag(np.sqrt(np.diagonal(t).astype(complex)))
    for k in range(1, n):
        i, j = np.arange(n - k), np.arange(k, n)
        root[i, j] = (t[i, j] - (root @ root)[i, j]) / (root[i, i] + root[j, j])
    return root


NODES = 8  # of Gauss's rule for the integral of x/(1 + s x) over s: enough for a matrix x of norm 1/4
MOST_ROOTS = 60


def _log_of_triangular(t: Array) -> Array:
    """Of an upper triangular matrix: roots are taken until it is near I (Higham 2008, ch. 11)."""
    one, logs, roots = np.eye(len(t)), np.log(np.diagonal(t).astype(complex)), 0
    while abs(t - one).sum(0).max(initial=0) > 1 / 4 and roots < MOST_ROOTS:
        t, roots = _root_of_triangular(t), roots + 1
    if not np.isfinite(t).all():
        return np.full(t.shape, np.nan)
    at, weights = np.polynomial.legendre.leggauss(NODES)
    parts = np.linalg.solve(one + (1 + at[:, None, None]) / 2 * (t - one), t - one)
    found = 2.0**roots * np.tensordot(weights / 2, parts, 1)
    np.fill_diagonal(found, logs)
    return np.asarray(found)


def matrix_function(name: str) -> Callable[[Array], Array]:
    """A function of real matrices, of scipy.linalg or by a Schur decomposition: of roots and logarithms SciPy warns the user,
    and silence would be one for the whole process.

    Its algorithms mix real and imaginary parts, so a step E is carried in a block:
    f([[X, E], [0, X]]) = [[f(X), D], [0, f(X)]], where D is the derivative of f at X along E.
    """
    of_triangular = _log_of_triangular if name == "logm" else _root_of_triangular if name == "sqrtm" else None

    def one(x: Array) -> Array:
        from scipy import linalg

        if not np.isfinite(x).all():
            return np.full(x.shape, np.nan)
        if of_triangular is None:
            return np.asarray(getattr(linalg, name)(x))
        t, z = linalg.schur(x, output="complex")
        with np.errstate(all="ignore"):
            y = z @ of_triangular(t) @ z.conj().T
        real = abs(y.imag).max(initial=0) <= 1e-9 * abs(y).max(initial=0)
        return np.asarray(y.real) if real else np.full(y.shape, np.nan)

    each = np.vectorize(one, signature="(n,n)->(n,n)")

    def run(x: Array) -> Array:
        if not np.iscomplexobj(x):
            return np.asarray(each(x))
        n, size = x.shape[-1], np.abs(x.imag).max() or 1.0
        top = np.concatenate([x.real, x.imag / size], -1)
        bottom = np.concatenate([np.zeros(x.shape), x.real], -1)
        y = np.asarray(each(np.concatenate([top, bottom], -2)))
        return np.asarray(y[..., :n, :n] + 1j * size * y[..., :n, n:])

    return run


def frechet(name: str) -> Callable[[Array, Array], Array]:
    """D f(X)[E], the upper right block of f([[X, E], [0, X]])."""
    function = matrix_function(name)

    def run(x: Array, e: Array) -> Array:
        x, e = np.broadcast_arrays(x, e)
        n = x.shape[-1]
        whole = np.concatenate([np.concatenate([x, e], -1), np.concatenate([np.zeros_like(x), x], -1)], -2)
        return np.asarray(function(whole)[..., :n, n:])

    return run


sqrtm = matrix_function("sqrtm")


def expm(x: Array) -> Array:
    from scipy.linalg import expm

    return np.asarray(expm(x))


# Kernels of the operators on eigenvalues and singular values.
SPECTRA: dict[str, Callable[[Array], Array]] = {
    "eigmax": eigmax,
    "eigvecmax": eigenvector,
    "eigvals": eigenvalues,
    "eigvecs": eigenvectors,
    "svdvals": singular_values,
    "svdleft": singular_vectors(0),
    "svdright": singular_vectors(1),
    "topdirection": top_direction,
    "normspec": spectral_norm,
    "normnuc": nuclear_norm,
    "polar": polar,
}
