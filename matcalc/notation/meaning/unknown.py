"""What is said of a function that there is no operator for."""

from __future__ import annotations

from matcalc.expr.errors import AmbiguityError, MatcalcError, NoRuleError, ParseError, instead
from matcalc.expr.formulas import NAMES
from matcalc.expr.table import CALLS
from matcalc.notation.lex.syntax import Ast
from matcalc.notation.meaning.tape import Scope

STEPS = frozenset(("rank", "argmax", "argmin", "floor", "ceil", "round"))
COMPLEX = frozenset(("conj", "conjugate", "real", "imag"))
# Operators that people look for and the table lacks: what they are, and what there is.
LACKING = {
    **dict.fromkeys(("svd",), ("the singular value decomposition", "svdvals(X) are the singular values")),
    **dict.fromkeys(("eig", "eigh"), ("eigenvalues and eigenvectors", "eigvals(X) are the eigenvalues of a symmetric matrix")),
    "qr": ("the QR factorisation", "chol(A'*A) is the transpose of R, up to signs"),
    "lu": ("the LU factorisation", "det(X) and inv(X) are there"),
    "schur": ("the Schur form", "functions of matrices are there: expm, logm, sqrtm"),
    **dict.fromkeys(("sort", "median", "quantile"), ("ordering", "max(x) and min(x) are there")),
    **dict.fromkeys(("cov", "corrcoef"), ("covariance", "write Z'*Z/m with Z = X - ones(m)*mean(X, axis=0)'")),
    **dict.fromkeys(("besselj", "gammainc", "zeta"), ("a special function", "pass one: functions={'f': (f, df)}")),
}  # fmt: skip


def two_sigmas(scope: Scope, node: Ast) -> AmbiguityError:
    """σ′ beside σ(…), which alone is read as the sigmoid."""
    shown = scope.source[node.start : node.end]
    return AmbiguityError(
        f"σ has two readings beside '{shown}': the logistic sigmoid and its derivative, or any function",
        span=node.span,
        hint="say which: --function sigma=sigmoid, or --function sigma (functions={'sigma': 'sigmoid'}, {'sigma': None})",
        ways=[{"functions": {"sigma": "sigmoid"}}, {"functions": {"sigma": None}}],
    )


def primed(scope: Scope, node: Ast, name: str) -> NoRuleError:
    """tanh′(z): the derivative of a function that is known."""
    entrywise = any(op.elementwise for op in CALLS[name])
    hint = f"--function {name}={name} (functions={{'{name}': '{name}'}})" if entrywise else f"derive {name}(…) without the prime"
    span = (node.start, node.start + len(name))
    return NoRuleError(f"{name} has a prime here, and its derivative has no sign of its own", span=span, hint=hint)


def unknown_function(scope: Scope, node: Ast, name: str) -> MatcalcError:
    """``NoRuleError`` for what mathematics knows, ``ParseError`` for any other word."""
    import difflib

    span = (node.start, node.start + len(name))
    if name in STEPS:
        return NoRuleError(
            f"{name} is not differentiable: there is no rule for it",
            span=node.span,
            hint="remove it, or replace it by a smooth function",
        )
    if name in COMPLEX:
        return NoRuleError(
            f"{name} is not part of the notation: numbers are real here",
            span=node.span,
            hint="leave it out, or write the real and the imaginary part as two variables",
        )
    if name in ("Symmetric", "Hermitian") and len(node.args) == 1:
        part = scope.source[node.args[0].start : node.args[0].end]
        error = NoRuleError(f"{name} of Julia takes the upper triangle twice, and is no function here", span=span,
                            hint=f"where its argument is symmetric, write ({part})")  # fmt: skip
        error.ways = (instead(node.span, f"({part})"),)
        return error
    if name in LACKING:
        what, other = LACKING[name]
        row = f'R("{name}", "d({name}(X)) = …", "X[m,n]", "source:place")'
        hint = f"{other}; an operator of its own takes a row in matcalc/expr/table.py and one in rules/differential.py: {row}"
        return NoRuleError(f"there is no operator '{name}' ({what})", span=span, hint=hint)
    near = difflib.get_close_matches(name, [*CALLS, *NAMES, *scope.own], 2, 0.6)
    suggest = f"did you mean {' or '.join(dict.fromkeys(near))}? else " if near else ""
    return ParseError(
        f"unknown function '{name}'",
        span=span,
        hint=suggest + f"declare it as an elementwise function: --function {name} or functions={{'{name}': None}}",
    )
