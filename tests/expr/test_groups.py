"""Operators that have a fact in common."""

from __future__ import annotations

from matcalc.expr import groups


def test_who_belongs_to_them() -> None:
    """By name, so that a row which says something new of an operator is seen."""
    said = {
        "JOINTLY": "add sub vcat hcat", "SUMS": "add sub", "JOINED": "vcat hcat",
        "PRODUCTS": "scale matmul hadamard inner kron conv corr einsum", "QUOTIENTS": "div hdiv",
        "POWERS": "pow hpow", "ENTRY_POWERS": "pow hpow epow",
        "EXPONENTS": "pow hpow epow powm trpowm", "WHOLE_POWERS": "mpow trpow",
        "PAIRWISE": "add sub hadamard hdiv epow max2 min2 huber2", "CALLED_PAIRWISE": "max2 min2 huber2", "CHOICES": "max2 min2",
        "CARRIED": "vmap vmapjac curve curve1 curve2",
        "SUMS_ALONG": "rowsum colsum", "SIZED": "eye ones zeros", "SHAPED": "fill unvec", "DERIVED": "partial d",
        "SLOPES": "dexpm dlogm dsqrtm dsinm dcosm", "MATRIX_FUNCTIONS": "expm logm sqrtm sinm cosm",
    }  # fmt: skip
    held = {name: value for name, value in vars(groups).items() if isinstance(value, frozenset)}
    assert {name: frozenset(names.split()) for name, names in said.items()} == held
