"""What can hold of a value besides its sizes, and what people call it.

How such values are drawn and recognised says :mod:`matcalc.numeric.properties`.
"""

from __future__ import annotations

import re

# Properties that only a square matrix has.
SQUARE = frozenset(("symmetric", "spd", "skew", "invertible", "positive-det", "near-identity", "diagonal", "lower-triangular",
                    "upper-triangular", "orthogonal", "toeplitz", "symmetric-toeplitz", "laplacian"))  # fmt: skip
# Properties that a single number has not.
OF_ARRAYS = frozenset(("one-hot", "one-hot-columns", "probability", "unit"))
PROPERTIES = SQUARE | {"above-one", "binary", "count", "nonnegative", "nonzero", "one-hot", "one-hot-columns", "positive",
                       "probability", "sign", "small", "unit", "unit-interval"}  # fmt: skip

# What people call them. Sources: NumPy, SciPy, MATLAB, Julia and the literature.
SAME = {
    **dict.fromkeys(("lower", "tril", "lowertriangular", "triangular-lower"), "lower-triangular"),
    **dict.fromkeys(("upper", "triu", "uppertriangular", "triangular-upper"), "upper-triangular"),
    **dict.fromkeys(("pd", "posdef", "positive-definite", "symmetric-positive-definite"), "spd"),
    **dict.fromkeys(("sym", "hermitian", "selfadjoint", "psd", "positive-semidefinite", "semidefinite"), "symmetric"),
    **dict.fromkeys(("antisymmetric", "skew-symmetric", "skewsymmetric"), "skew"),
    **dict.fromkeys(("nonsingular", "non-singular"), "invertible"),
    **dict.fromkeys(("onehot",), "one-hot"), **dict.fromkeys(("simplex", "distribution"), "probability"),
    "diag": "diagonal", "orthonormal": "orthogonal", "non-negative": "nonnegative", "pos": "positive", "unit-norm": "unit",
}  # fmt: skip
# What they mean, where the word does not say it.
MEANING = {
    "above-one": "every entry is greater than 1", "binary": "every entry is 0 or 1", "count": "every entry is 0, 1, 2, …",
    "laplacian": "symmetric, no positive entry off the diagonal, rows sum to 0", "near-identity": "close to I",
    "nonnegative": "no entry is negative", "nonzero": "no entry is 0", "one-hot": "one entry (of each row) is 1, the others are 0",
    "one-hot-columns": "one entry of each column is 1, the others are 0",
    "orthogonal": "QᵀQ = I", "positive": "every entry is positive",
    "positive-det": "the determinant is positive", "probability": "no entry is negative, all entries (of each row) sum to 1",
    "sign": "every entry is 1 or -1", "skew": "Xᵀ = -X", "small": "close to 0", "spd": "symmetric and positive definite",
    "symmetric-toeplitz": "symmetric, constant along diagonals", "toeplitz": "constant along diagonals",
    "unit": "the squares of the entries sum to 1", "unit-interval": "every entry lies between 0 and 1",
}  # fmt: skip
_SPACED = {w.replace("-", " "): w for w in (*PROPERTIES, *SAME) if "-" in w}  # "lower triangular" is one word

# In a sentence of a text: phrases, the longest first; words that add nothing.
SEMIDEFINITE = ("symmetric positive semidefinite", "positive semidefinite", "psd")  # of which matcalc uses the symmetry alone
_IN_PROSE = frozenset(("symmetric", "skew", "spd", "diagonal", "orthogonal", "invertible", "positive", "nonnegative", "nonzero",
                       "lower-triangular", "upper-triangular", "toeplitz", "symmetric-toeplitz", "binary", "one-hot"))  # fmt: skip
_SHORT = frozenset(("lower", "tril", "upper", "triu", "pd", "sym", "diag", "pos", "skew"))  # names of other things in a sentence
PHRASES = {
    **{p.replace("-", " "): p for p in _IN_PROSE - _SHORT},
    **{w.replace("-", " "): p for w, p in SAME.items() if p in _IN_PROSE and w not in _SHORT},
    **dict.fromkeys(SEMIDEFINITE, "symmetric"),
    "unitary": "orthogonal", "rotation": "orthogonal", "permutation": "orthogonal",
    **dict.fromkeys(("symmetric and positive definite", "sym pos def", "symmetric pos def", "pos def"), "spd"),
    **dict.fromkeys(("covariance", "gram", "sym"), "symmetric"), "scalar": "scalar", "scalars": "scalar",
}  # fmt: skip
FILLERS = frozenset(str.split("""
    is are be a an the and both all any every some real square matrix matrices vector vectors constant constants number numbers
    parameter parameters where with for if when let assume assuming suppose given here while to then being
"""))  # fmt: skip
# Nouns, and what stands before them without saying what matters; names of values elsewhere.
NOUNS = frozenset(str.split("""
    weight weights data design fixed known arbitrary general column that which also we have has entries elements coefficients of
    unknown respectively throughout input inputs kernel
"""))  # fmt: skip
_NOT = (  # compiled when a text has words
    r"\b(?:not|no|non|never|neither|need|necessarily|nonsymmetric|asymmetric|unsymmetric|indefinite|singular)\b|n't\b"
)
# Of the words that say a property, those that are no name of anything: where one stands, a sentence does.
TELLING = frozenset(("symmetric", "diagonal", "orthogonal", "orthonormal", "invertible", "definite", "semidefinite", "nonsingular",
                     "antisymmetric"))  # fmt: skip
_PHRASE = r"(?<![a-z])(?:" + "|".join(sorted(PHRASES, key=len, reverse=True)) + r")(?![a-z])"


def property_called(word: str) -> str:
    """The property that people call so; the word itself where there is none."""
    return SAME.get(word.lower(), word)


def joined(text: str) -> str:
    """Properties of several words with hyphens in them."""
    for spaced, word in _SPACED.items():
        text = re.sub(rf"\b{spaced}\b", word, text)
    return text


def said_in(text: str) -> tuple[str, ...]:
    """The properties that a piece of a sentence states, ``is symmetric and positive definite``; nothing where it says more than
    that, as in ``is not symmetric``. Among them may be ``scalar``."""
    flat = re.sub(r"[-\s]+", " ", text.lower()).replace("s.p.d.", "spd").replace("p.s.d.", "psd")
    flat = re.sub(r"\b(sym|pos|def)\.", r"\1", flat)
    flat = flat.replace("semi definite", "semidefinite").replace("non singular", "nonsingular").strip(" .,:;()")
    found = [PHRASES[m] for m in re.findall(_PHRASE, flat)]
    rest = re.sub(_PHRASE, " ", flat).split()
    return tuple(dict.fromkeys(found)) if (FILLERS | NOUNS).issuperset(rest) else ()


def property_in(text: str) -> str:
    """The first word of a property that a piece of a sentence has, understood or not; none where it denies one."""
    flat = text.lower()
    found = next((m[0] for m in re.finditer(_PHRASE, flat) if PHRASES[m[0]] != "scalar"), "")
    return "" if re.search(_NOT, flat) else found


def denied_in(text: str) -> bool:
    """Whether a piece of a sentence says that something does not hold."""
    return re.search(_NOT, text.lower()) is not None


def noun_in(text: str) -> str:
    """The kind that the last word says: ``m`` of a matrix, ``c`` of a vector."""
    found = re.search(r"\b(?:(matrix|matrices)|vectors?)$", text.lower().strip(" .,:;()"))
    return "" if found is None or re.search(_NOT, text.lower()) else "m" if found[1] else "c"


__all__ = [
    "FILLERS", "MEANING", "NOUNS", "OF_ARRAYS", "PROPERTIES", "SAME", "SQUARE", "TELLING", "denied_in", "joined", "noun_in",
    "property_called", "property_in", "said_in",
]  # fmt: skip
