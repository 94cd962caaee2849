import numpy as np
import pytest

import matcalc

# The letters of the texts as arrays of two axes; c and d have one entry, x and y are columns, r and s rows, M one row.
SHAPES = {"c": (1,), "d": (1,), "x": ("n",), "y": ("n",), "r": (1, "k"), "s": (1, "k"), "Y": (1, 1), "A": ("n", "k")}
SIZES = {"n": 3, "k": 4}
TALL, FLAT = "(x*ones(1)')", "(ones(1)*r)"  # a matrix with one column, and one with one row

FITTING = {
    "x*c": lambda v: v["x"] * v["c"].item(),
    "x*(c + d)": lambda v: v["x"] * (v["c"] + v["d"]).item(),
    "c'*r": lambda v: v["c"].item() * v["r"],
    "Y*r": lambda v: v["Y"].item() * v["r"],
    "x*Y": lambda v: v["x"] * v["Y"].item(),
    f"{TALL}*r": lambda v: v["x"] @ v["r"],
    f"x*{FLAT}": lambda v: v["x"] @ v["r"],
    f"{TALL} - y": lambda v: v["x"] - v["y"],
    f"y .* {TALL}": lambda v: v["x"] * v["y"],
    f"s ./ {FLAT}": lambda v: v["s"] / v["r"],
    f"max({FLAT}, s)": lambda v: np.maximum(v["r"], v["s"]),
    "c + d'": lambda v: v["c"] + v["d"],
    "[c, r]": lambda v: np.hstack([v["c"], v["r"]]),
    "[r, c + d]": lambda v: np.hstack([v["r"], v["c"] + v["d"]]),
    "[r, Y, 2]": lambda v: np.hstack([v["r"], v["Y"], [[2.0]]]),
    f"[r; {FLAT}; A]": lambda v: np.vstack([v["r"], v["r"], v["A"]]),
    f"[x; Y; {TALL}; c']": lambda v: np.vstack([v["x"], v["Y"], v["x"], v["c"]]),
    f"[A, x, {TALL}]": lambda v: np.hstack([v["A"], v["x"], v["x"]]),
    "sum((r - c*s).^2)": lambda v: ((v["r"] - v["c"] @ v["s"]) ** 2).sum(),
}


def arrays(names):
    rng = np.random.default_rng(3)
    return {n: rng.standard_normal([SIZES.get(d, d) for d in SHAPES[n]]) for n in names}


@pytest.mark.parametrize("text", FITTING)
def test_what_fits_by_its_sizes_is_read(text):
    e = matcalc.parse(text, dims=SHAPES)
    given = arrays(SHAPES)
    wide = {n: v.reshape(-1, 1) if v.ndim == 1 else v for n, v in given.items()}
    found = np.asarray(e.evaluate(given))
    assert np.allclose(found.ravel(), np.ravel(FITTING[text](wide)))
    assert matcalc.parse(e.plain, dims=SHAPES).plain == e.plain


@pytest.mark.parametrize("text", ["x*y", "c*x", "A*c", "r*s", "x + r", "A + c", f"{TALL} + r", f"{FLAT}*c", "[x; r]", "[x, r]"])
def test_what_does_not_fit_is_refused_as_before(text):
    with pytest.raises(matcalc.ShapeError, match="the sizes do not fit"):
        matcalc.parse(text, dims=SHAPES)


def test_a_size_that_nobody_gave_is_not_made_one():
    with pytest.raises(matcalc.ShapeError, match="product: the sizes do not fit"):
        matcalc.parse("x*y", dims={"x": ("n",), "y": ("m",)})


@pytest.mark.parametrize(
    ("text", "dims"),
    [
        ("(np.linalg.norm((np.diag(Y)) * (P @ u)))**2", {"Y": (1, 1), "u": ("k",)}),
        ("norm2(A*x)^2 + norm2(A*y)^2", {"x": (1,), "y": (1,)}),
        ("norm2((C + B*W)*q - y)^2", {"q": (1,), "y": ("n",)}),
        ("(norm2(vec((3*Y)*(Y*P)))).^2", {"Y": (1, 1)}),
        (r"\sum_i (y_i - w^T x_i)^2 + \lambda \|w\|^2", {"y": ("n",), "w": (1,)}),
        (r"\sum_{i} \|x_i - v\|^2", {"v": (1,)}),
        (r"\sum_{i=0}^{K} \exp(q^\top k_i)", {"q": (1, 1)}),
        ("B*exp(q)", {"q": (1, 1)}),
        ("logdet([(w),H;S,P])", {"w": (1,), "S": ("m", 1), "P": ("m", "m")}),
    ],
)
def test_results_with_sizes_of_one_are_read_back_and_have_their_values(text, dims):
    """The matrices that nobody declared have one row or one column: declared as these, they are rows and columns."""
    d = matcalc.derive(text, dims=dims)
    given = {}
    rng = np.random.default_rng(0)
    sizes = {}
    for name, shape in d.dims.items():
        given[name] = rng.uniform(0.5, 1.5, [a if isinstance(a, int) else sizes.setdefault(a, 2 + len(sizes)) for a in shape])
    columns = {name: v[:, 0] if v.shape[1:] == (1,) < v.shape[:1] else v for name, v in given.items()}
    for r in d.results:
        again = matcalc.parse(r.plain, dims=d.dims)
        own, printed = r.evaluate(given), again.evaluate(columns)
        assert np.allclose(np.ravel(own), np.ravel(printed))
