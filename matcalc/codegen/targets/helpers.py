"""Functions that stand above the generated one when it calls them."""

FLOATS = "_floats"  # what every argument goes through
FIT = "_fit"  # what holds their sizes against each other, where that is asked for

HELPERS = {
    FLOATS: '''
def _floats(*given):
    """Arrays and numbers in one precision: that of the floating-point arrays, else float64."""
    kind, numbers = None, False
    for x in given:
        if type(x) is float:
            numbers = True
            continue
        if type(x) is not np.ndarray or not x.ndim or x.dtype.char not in "fd":
            break
        if x.dtype is not kind and (kind is not None or not x.dtype.isnative):
            break
        kind = x.dtype
    else:
        one = kind.type if kind else np.float64
        return [one(x) if type(x) is float else x for x in given] if numbers else given
    found = [np.asarray(x) for x in given]
    if any(x.dtype.kind == "c" for x in found):
        raise TypeError("complex numbers have no meaning here")
    kinds = [x.dtype for x in found if x.dtype.char in "fd" and x.ndim]
    common = np.result_type(np.float32, *kinds or [float])
    return [x.astype(common, copy=False)[()] for x in found]
''',
    FIT: '''
def _fit(*given):
    """Sizes of one name are equal. Of each argument: its name, the array, and its sizes, None where any will do."""
    sides = ("rows", "columns")
    first = {}
    for name, x, sizes in given:
        has = "x".join([str(d) for d in x.shape]) or "a number"
        if len(x.shape) != len(sizes):
            wanted = " x ".join([str(d or "any") for d in sizes]) or "a number"
            raise ValueError(f"{name} is {has}, and is to be {wanted}")
        for k, size in enumerate(sizes):
            side = sides[k] if k < 2 else f"entries along axis {k}"
            if isinstance(size, int) and x.shape[k] != size:
                raise ValueError(f"{name} is {has}: its {side} are to be {size}")
            if isinstance(size, str):
                other, had, its, count = first.setdefault(size, (name, has, side, x.shape[k]))
                if count != x.shape[k]:
                    said = f"the {its} of {other} ({size}) are the {side} of {name}"
                    raise ValueError(f"{other} is {had}, {name} is {has}: {said}")
''',
    "_cotangent": '''
def _cotangent(upstream, shape, dtype):
    """The gradient by the value, in its shape and precision."""
    found = np.asarray(upstream, dtype)[()]
    if found.shape != shape:
        raise ValueError(f"upstream has the shape {found.shape}, and the value {shape}")
    return found
''',
    "_labels": '''
def _labels(y, count=np.inf):
    """Integers from 0 to count - 1."""
    found = np.asarray(y)
    if found.dtype.kind not in "iu" or (found.size and not (0 <= found.min() and found.max() < count)):
        raise IndexError(f"labels are integers from 0 to {count - 1}")
    return found[()]
''',
    "add_rows": '''
def add_rows(a, at, rows):
    """Row rows[i] added to row at[i] of a, in place; what is added to one row twice adds up."""
    np.add.at(a, at, rows)
    return a
''',
    "_agree": '''
def _agree(y, z, dtype):
    """1 where a label of y is that of z."""
    return (y[:, None] == z).astype(dtype)
''',
    "_added_at": '''
def _added_at(y, v, count):
    """Zeros with row v[i] added to row y[i]."""
    out = np.zeros((count, *v.shape[np.ndim(y):]), v.dtype)
    np.add.at(out, y, v)
    return out
''',
    "_plus_at": '''
def _plus_at(a, y, v):
    """a with v added at one place: at y, or at y[i] in each row i."""
    out = a.copy()
    out[(np.arange(a.shape[0]), y) if np.ndim(y) else y] += v
    return out
''',
    "_put_at": '''
def _put_at(y, v, count):
    """Zeros but for v at one place: at y, or at y[i] in each row i."""
    out = np.zeros((*np.shape(y), count), v.dtype)
    out[(np.arange(len(out)), y) if np.ndim(y) else y] = v
    return out
''',
    "_norm": '''
def _norm(x):
    """2-norm of all entries, also where their squares would overflow or vanish."""
    square = np.vdot(x, x)
    info = np.finfo(square.dtype)
    if info.tiny / info.eps < square < np.inf:
        return np.sqrt(square)
    top = np.abs(x).max(initial=0.0)
    return top * np.sqrt(np.vdot(x / top, x / top)) if 0 < top < np.inf else top
''',
    "_others": '''
def _others(x):
    """For each entry the product of the others, those beside it along the last axis; also where some are 0."""
    one = np.ones_like(x[..., :1])
    before = np.concatenate((one, np.cumprod(x[..., :-1], axis=-1)), axis=-1)
    return before * np.concatenate((np.cumprod(x[..., :0:-1], axis=-1)[..., ::-1], one), axis=-1)
''',
    "_other_pairs": '''
def _other_pairs(x):
    """For each two entries the product of the others; 0 for an entry and itself."""
    rows = np.tile(x, (x.shape[0], 1))
    np.fill_diagonal(rows, 1)
    products = _others(rows)
    np.fill_diagonal(products, 0)
    return products
''',
    "_adjugate": '''
def _adjugate(a):
    """Transposed cofactors, also of a singular matrix."""
    u, s, vt = np.linalg.svd(a)
    one = np.ones_like(s[:1])
    before = np.concatenate((one, np.cumprod(s[:-1])))
    others = before * np.concatenate((np.cumprod(s[:0:-1])[::-1], one))
    return np.linalg.det(u) * np.linalg.det(vt) * ((vt.T * others) @ u.T)
''',
    "_log_det": '''
def _log_det(a):
    """log(det(a)); the determinant itself may overflow."""
    sign, size = np.linalg.slogdet(a)
    return np.log(sign) + size
''',
    "_lu": '''
def _lu(a):
    """scipy.linalg.lu_factor of a matrix that has an inverse, and no warning about another."""
    getrf = scipy.linalg.get_lapack_funcs("getrf", (a,))
    lu, pivots, failed = getrf(a) if a.size else (a, np.arange(0), 0)
    if failed:
        raise np.linalg.LinAlgError("Singular matrix")
    return lu, pivots
''',
    "_inverse_from_lu": '''
def _inverse_from_lu(factors):
    """Inverse of a matrix from its factors."""
    getri = scipy.linalg.get_lapack_funcs("getri", (factors[0],))
    return getri(factors[0], factors[1])[0]
''',
    "_inverse_from_cho": '''
def _inverse_from_cho(factor):
    """Inverse of a symmetric matrix from scipy.linalg.cho_factor."""
    potri = scipy.linalg.get_lapack_funcs("potri", (factor[0],))
    upper = np.triu(potri(factor[0], lower=factor[1])[0])
    return upper + np.triu(upper, 1).T
''',
    "_on_diagonal": '''
def _on_diagonal(x, n, i, j):
    """Zeros but where the n indices along the axes i < j are the same: x[k] where both are k, or x[0] for all."""
    shape = [*x.shape[1:]]
    shape.insert(i, n)
    shape.insert(j, n)
    out = np.zeros(shape, x.dtype)
    np.moveaxis(out, (i, j), (0, 1))[np.arange(n), np.arange(n)] = x
    return out
''',
    "_frechet": '''
def _frechet(function, a, e):
    """Derivative of a matrix function at a along e."""
    n = a.shape[0]
    below = np.hstack((np.zeros_like(a), a))
    return _real(function(np.vstack((np.hstack((a, e)), below)))[:n, n:])
''',
    "_real": '''
def _real(a):
    """A matrix function that is real; NaN where the matrix has no real logarithm or root."""
    return np.where(np.abs(a.imag).max() > 1e-8 * np.abs(a).max(), np.nan, a.real)
''',
    "_convolution_matrix": '''
def _convolution_matrix(w, n):
    """T with T @ x = np.convolve(w, x) for x of n entries."""
    lag = np.arange(w.shape[0] + n - 1)[:, None] - np.arange(n)
    return np.pad(w, n - 1)[lag + n - 1]
''',
    "_hankel": '''
def _hankel(x, k):
    """H with H @ w = np.correlate(x, w, "valid") for w of k entries."""
    return x[np.arange(x.shape[0] - k + 1)[:, None] + np.arange(k)]
''',
    "_diagonal_sums": '''
def _diagonal_sums(a):
    """Each entry replaced by the sum along its diagonal."""
    n = a.shape[0]
    lag = np.arange(n) - np.arange(n)[:, None] + n - 1
    return np.bincount(lag.ravel(), weights=a.ravel()).astype(a.dtype, copy=False)[lag]
''',
    "_top_eigenvector": '''
def _top_eigenvector(a):
    """Unit eigenvector of the largest eigenvalue of the symmetric part, its largest entry positive."""
    v = np.linalg.eigh((a + a.T) / 2)[1][:, -1]
    return v * np.sign(v[np.abs(v).argmax()])
''',
    "_eigenvectors": '''
def _eigenvectors(a):
    """Unit eigenvectors of the symmetric part as columns, the largest entry of each positive."""
    v = np.linalg.eigh((a + a.T) / 2)[1]
    return v * np.sign(v[np.abs(v).argmax(axis=0), np.arange(v.shape[1])])
''',
    "_left_singular_vectors": '''
def _left_singular_vectors(a):
    """As columns, with the signs of the right ones."""
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    return u * np.sign(vt[np.arange(vt.shape[0]), np.abs(vt).argmax(axis=1)])
''',
    "_right_singular_vectors": '''
def _right_singular_vectors(a):
    """As columns, the largest entry of each positive."""
    vt = np.linalg.svd(a, full_matrices=False)[2]
    return vt.T * np.sign(vt[np.arange(vt.shape[0]), np.abs(vt).argmax(axis=1)])
''',
    "_top_direction": '''
def _top_direction(a):
    """u v' of the largest singular value."""
    u, _, vt = np.linalg.svd(a, full_matrices=False)
    return np.outer(u[:, 0], vt[0])
''',
}
