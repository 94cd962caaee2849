"""Names that the lines of a work define, those for each sample among them; laws that speak of matrices of their own."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc

SAMPLES = (r"L = \frac1n \sum_{i=1}^n (w^T x_i + b - y_i)^2", "b", {"dims": {"b": ()}})
DEFINED = r"Write $r_i = w^T x_i + b - y_i$, so $L = \frac1n \sum_i r_i^2$ and $\frac{\partial r_i}{\partial b} = 1$. "


def found(work: str, text: str, wrt: str, more: dict[str, Any]) -> tuple[str, str]:
    report = matcalc.check_work(work, text, wrt, **more)
    return report.verdict, report.relation


@pytest.mark.parametrize(
    ("line", "verdict", "words"),
    [
        (r"\frac1n\sum_i 2 r_i \cdot 1 = \frac2n \sum_i (w^T x_i + b - y_i)", "right", ""),
        (r"\frac1n\sum_i r_i", "factor", "1/2 times"),
        (r"2 \sum_i r_i", "factor", "n times what is right: a sum for a mean"),
        (r"\frac2n r_i", "missing-sum", "the sum over i is missing"),
        (r"2 r_i", "missing-sum", "with it, it is n times what is right"),
    ],
)
def test_what_is_defined_for_each_sample(line: str, verdict: str, words: str) -> None:
    got = found(DEFINED + rf"So $\frac{{\partial L}}{{\partial b}} = {line}$.", *SAMPLES)
    assert got[0] == verdict and words in got[1], got


def test_of_one_sample_no_sum_is_missed() -> None:
    text = DEFINED + r"For a single example $\frac{\partial L}{\partial b} = 2 r_i$."
    assert found(text, *SAMPLES)[0] == "not-understood"


@pytest.mark.parametrize(
    ("law", "verdict"),
    [
        ("tr(M) = tr(M')", "right"),
        (r"$\operatorname{tr}(M) = \operatorname{tr}(M^T)$ and $\operatorname{tr}(PQ) = \operatorname{tr}(QP)$", "right"),
        ("tr(M) = 2*tr(M')", "not-understood"),
    ],
)
def test_laws_about_matrices_of_their_own(law: str, verdict: str) -> None:
    end = r"$\nabla_X f = A^T B^T$" if "$" in law else "grad f = A'*B'"
    assert found(f"{law}\n{end}", "f = tr(A*X*B)", "X", {})[0] == verdict


@pytest.mark.parametrize(("line", "verdict"), [("J = A'*diag(f'(B*x))*B", "right"), ("J_g = A'*diag(f'(B*x))*B'", "transpose")])
def test_a_jacobian_may_be_called_so(line: str, verdict: str) -> None:
    assert found(f"u = B*x\n{line}", "g = A'*f(B*x)", "x", {})[0] == verdict


def test_stars_of_programs() -> None:
    """Where sizes fit no matrix product, as those of two columns, a star is that of each entry."""
    problem = ("s = u'*sigmoid(W*x)", "W", {})
    work = "h = sigmoid(W @ x)\nds/dh = u\nds/dz = u*h*(1 - h), where z = W @ x\nds/dW = {}"
    assert found(work.format("(u*h*(1 - h))*x'"), *problem)[0] == "right"
    assert found(work.format("(u*h*(1 + h))*x'"), *problem)[0] == "sign"
    told = matcalc.check_work(work.format("(u*h*(1 - h))*x'"), problem[0], problem[1]).to_text()
    assert told.count("with * entry by entry)") == 2
    plain = matcalc.check_work(
        "h = sigmoid(W*x)\nds/dz = u*h*(1 - h), where z = W*x\nds/dW = (u .* h .* (1 - h))*x'", problem[0], "W"
    )
    assert (plain.verdict, plain.first_wrong) == ("elementwise-for-matrix", 1)  # no sign of a program: a slip


READ = [
    (r"L = -\log(\mathrm{softmax}(Wh)_y)", "h",
     r"$\hat y = \mathrm{softmax}(Wh)$, $\nabla_h L = W^\top(\hat y - e_y)$", ("right",)),
    ("norm2(X*W - Y)^2", "W", r"Let $R_{ij} = \sum_k X_{ik}W_{kj} - Y_{ij}$, so $f = \sum_{ij} R_{ij}^2$." "\n"
     r"\[ \frac{\partial f}{\partial W_{pq}} = \sum_{ij} 2R_{ij}\frac{\partial R_{ij}}{\partial W_{pq}} "
     r"= \sum_i 2 R_{iq} X_{ip} \]", ("right",)),
    ("y = A*x; L = sum(y.^3)", "x", "dL/dy_i = 3 y_i²\ndL/dx_j = Σ_i 3 y_i² A_ij\n∇ₓL = 3 Aᵀ (y .^ 2)", ("right",)),
    ("f = trace(X'*X*B)", "X", "Use ∂tr(XᵀXB)/∂X = X(B + Bᵀ)   [Matrix Cookbook]\n=> ∇f = X B + X Bᵀ", ("right",)),
    ("f = trace(X'*X*B)", "X", "Use ∂tr(XᵀXB)/∂X = X(B + Bᵀ)   [Matrix Cookbook]\n=> ∇f = X B + Bᵀ X", ("wrong-order",)),
    ("norm2(A*x - b)^2", "x", "1. Let r = A x - b, f = r^T r.\n2. By the chain rule, df/dr = 2 r^T and dr/dx = A.\n"
     "3. So df/dx = 2 r^T A, i.e. the gradient is 2 A^T (A x - b).", ("right", "layout")),
    ("norm2(A*x - b)^2", "x", "- r = A x - b\n- df = 2 r^T A dx   (chain rule)\n- grad f = 2 A^T r", ("right",)),
    ("sum((A*x).^4)/4", "x", "u = A x\nf = 1/4 sum_i u_i^4\n∂f/∂u_i = u_i^3\n∇f = A^T u^3", ("right",)),
    ("sum((A*x).^4)/4", "x", "u = A x\n∂f/∂u_i = u_i^3\n∂f/∂x_j = sum_i u_i^3 A_ji\n∇f = A u^3", ("transpose",)),
    ("L = sum(relu(W*x))", "W", r"$z = Wx$, $\partial L/\partial z = \mathbf{1}\{z > 0\}$, so "
     r"$\partial L/\partial W = \mathbf{1}\{z > 0\} x^T$.",
     ("right",)),
    ("L = sum(relu(W*x))", "W", "z = W x\ndL/dz = (z > 0)\ndL/dW = x (z > 0)'", ("layout", "wrong-order", "transpose")),
    ("f = norm2(X*X' - S)^2", "X", "E = X X^T - S\ndf = 2 <E X, dX> + 2 <E^T X, dX>\ngrad f = 2 (E + E^T) X", ("right",)),
    ("f = (x - m)'*S*(x - m)", "S", "d = x - m\ndf = d^T (dS) d = tr(d d^T dS)\n∇f = d d^T", ("right",)),
    ("f = logdet(X)", "X", r"$df = d \log\det X = \operatorname{tr}(X^{-1} dX)$, $\nabla_X f = X^{-T}$", ("right",)),
    ("y = tanh(W*x + b); L = norm2(y - t)^2/2", "b", "dL/dy = y - t\ndy/dz = 1 - y^2   (elementwise)\n"
     "dL/db = (y - t) * (1 - y^2)", ("right",)),
    ("f = det(X)", "X", "∂det(X)/∂X_ij = cofactor_ij\n∇f = det(X) X^-T", ("not-understood",)),
    ("norm2(A*x - b)^2", "x", r"$\nabla f = 2 A^T (Ax-b)$ and $\nabla^2 f = 3 A^T A$", ("not-understood",)),
]  # fmt: skip


@pytest.mark.sample(2)
@pytest.mark.parametrize(("problem", "wrt", "work", "wanted"), READ)
def test_as_people_write(problem: str, wrt: str, work: str, wanted: tuple[str, ...]) -> None:
    report = matcalc.check_work(work, problem, wrt)
    assert report.verdict in wanted, report.to_text()


@pytest.mark.parametrize(("sign", "verdict"), [("-", "right"), ("+", "sign")])
@pytest.mark.parametrize("name", [r"\nabla^2 f", "H", r"\frac{\partial^2 f}{\partial x \partial x^T}"])
def test_hessians_where_they_are_asked_for(name: str, sign: str, verdict: str) -> None:
    d = matcalc.derive("f = log(sum(exp(x)))", wrt="x", kind="hessian")
    work = rf"$p = \mathrm{{softmax}}(x)$, $\nabla f = p$, ${name} = \mathrm{{diag}}(p) {sign} p p^\top$"
    assert d.check_work(work).verdict == verdict
