"""Letters by convention: which are functions, which scalars, which matrices."""

from __future__ import annotations

# Letters that are functions where they are applied to brackets and not known as values.
FUNCTION_LETTERS = frozenset(("f", "g", "h", "sigma", "phi", "psi", "varphi"))
SCALAR_LETTERS = frozenset("nmkdNC")
SCALAR_GREEK = frozenset(str.split("""
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau upsilon phi
    varphi chi psi omega eps ell
"""))  # fmt: skip
MATRIX_GREEK = frozenset(str.split("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"))


def base_of(text: str) -> str:
    return text.partition("_")[0].partition("^")[0]


def is_letter(name: str) -> bool:
    """Whether a name is one letter, perhaps with a label: λ, x_1."""
    base = base_of(name)
    return len(base) == 1 or base in SCALAR_GREEK or base in MATRIX_GREEK or base == "pi"


def is_scalar_letter(text: str) -> bool:
    """Whether the letter is a scalar by convention, and may be an array all the same."""
    base = base_of(text)
    return base in SCALAR_GREEK or base in SCALAR_LETTERS
