"""Work against the derivative of its problem; every verdict is what the slip that was made says."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.check.work import world
from matcalc.check.work.judged_work import form_of
from matcalc.expr.errors import UsageError

OLS = ("norm2(A*x - b)^2", "x")
SCORE = ("s = u^T f(W x + b)", "W")


@pytest.mark.parametrize(
    ("problem", "answer", "verdict"),
    [
        (OLS, "2*A'*A*x - 2*A'*b", "right"),
        (OLS, r"2A^\top(Ax - b)", "right"),
        (OLS, "2*r'*A; r = A*x - b", "layout"),
        (OLS, "A'*(A*x - b)", "factor"),
        (OLS, "2*A'*(b - A*x)", "sign"),
        (OLS, "2*A'*A*x - A'*b", "factor"),
        (OLS, "2*A'*A*x + 2*A'*b", "sign"),
        (OLS, "2*A*(A*x - b)", "transpose"),
        (OLS, "2*(A*x - b)", "missing-factor"),
        (SCORE, "(u .* f'(W*x + b))*x'", "right"),
        (SCORE, "u*x'", "missing-factor"),
        (SCORE, "x*(u .* f'(W*x + b))'", "layout"),
        (SCORE, "u .* f'(W*x + b)", "missing-factor"),
        (("x'*A*x", "x"), "2*A*x", "needs-assumption"),
        (("softmax(z)", "z"), "diag(softmax(z))", "missing-term"),
        (("norm2(X*W + ones(n)*b' - Y)^2", "b"), "2*(X*W + ones(n)*b' - Y)", "missing-sum"),
        (("tr(A*X*B*X')", "X"), "A*X*B + A'*X*B", "needs-assumption"),
        (("sum(log(1 + exp(X*w)))", "w"), r"X\sigma(Xw)", "transpose"),
    ],
)
def test_answers(problem: tuple[str, str], answer: str, verdict: str) -> None:
    assert matcalc.check_work(answer, *problem).verdict == verdict


WORK = r"""
\begin{align}
z &= W x + b \\ h &= f(z) \\ s &= u^\top h \\
\frac{\partial s}{\partial z} &= u^\top \mathrm{diag}(f'(z)) \\
\frac{\partial s}{\partial W} &= (u \odot f'(z)) x^\top
\end{align}"""


@pytest.mark.parametrize(
    ("right", "wrong", "verdict", "line"),
    [
        ("", "", "right", None),
        (r"(u \odot f'(z)) x^\top", r"x(u \odot f'(z))^\top", "layout", None),
        (r"(u \odot f'(z)) x^\top", r"-(u \odot f'(z)) x^\top", "sign", 4),
        (r"u^\top \mathrm{diag}(f'(z))", r"u^\top", "missing-factor", 3),
        (r"u^\top \mathrm{diag}(f'(z))", r"2u^\top \mathrm{diag}(f'(z))", "factor", 3),
    ],
)
def test_derivations_that_state_their_problem(right: str, wrong: str, verdict: str, line: int | None) -> None:
    report = matcalc.check_work(WORK.replace(right, wrong) if right else WORK)
    assert (report.verdict, report.first_wrong) == (verdict, line)


def test_a_page_of_notes() -> None:
    notes = "# OLS\n\nLet $r = Ax - b$ with $A \\in \\mathbb{R}^{m \\times n}$. Then\n\n$$f = r^\\top r$$\n\n"
    notes += "and $$\\nabla_x f = 2 A^\\top r$$\n"
    assert matcalc.check_work(notes, *OLS).verdict == "right"
    assert matcalc.check_work(notes.replace("2 A", "3 A"), *OLS).verdict == "factor"


def test_a_derivative_that_is_set_to_zero_is_a_condition() -> None:
    work = "df/dx = 2*A'*(A*x - b) = 0\nA'*A*x = A'*b\nx = inv(A'*A)*A'*b"
    report = matcalc.check_work(work, *OLS)
    assert report.verdict == "right" and [x.finding.verdict for x in report.lines].count("not-understood") == 2
    assert matcalc.check_work("df/dx = 0", *OLS).verdict not in ("right", "layout")


def test_programs() -> None:
    problem = ("1/n*norm2(X*w - y)^2", "w")
    said = {"dims": {"X": ("n", "d"), "w": ("d",), "y": ("n",)}}
    source = "def grad(X, w, y):\n    r = X @ w - y\n    return {} * X.T @ r / len(y)"
    assert matcalc.check_work(source.format("2"), *problem, **said).verdict == "right"
    assert matcalc.check_work(source.format("1"), *problem, **said).verdict == "factor"
    assert matcalc.check_work(source.format("2").replace("X.T", "X"), *problem, **said).verdict == "transpose"


@pytest.mark.parametrize("kind", ["gradient", "hessian"])
def test_kinds(kind: str) -> None:
    answers = {"gradient": "A*x + A'*x", "hessian": "A + A'"}
    for name, answer in answers.items():
        if name == kind:
            assert matcalc.check_work(answer, "x'*A*x", "x", kind=kind).verdict == "right"
        else:
            assert matcalc.check_work(answer, "x'*A*x", "x", kind=kind).verdict != "right"


def test_forms_are_told_apart() -> None:
    assert form_of("def grad(x):\n    return x") == "numpy"
    assert form_of("2*x") == "answer"
    assert form_of("z = x\nds = dz") == form_of("a = b = c") == "derivation"
    with pytest.raises(UsageError, match="form"):
        matcalc.check_work("x", "x'*x", "x", form="poem")


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    ("problem", "line"),
    [
        (("1/n*norm2(X*w - y)^2", "w"), "ds/dw = 2(X w - y)'/n X"),  # (a/b) c, for a/(b c) is wrong
        (("Z = X - W*W'*X; s = norm2(Z)^2", "W"), "dZ = -(W (dW)' + dW W') X"),
        (("h = tanh(x); s = sum(h)", "x"), "ds/dh = 𝟏ᵀ"),
        (("y = x + b", "x"), "dy/dx = I"),
        (("tr(X*A)", "X"), "s = Σ_k,l X_kl A_lk"),
        (("z = a*t; s = norm2(z)^2", "t"), "ds/dt = Σ_k ∂s/∂z_k a_k"),
        (
            ("z = a*t; s = norm2(z)^2", "t"),
            r"\frac{ds}{dt} = \sum_k \frac{\partial s}{\partial z_k} \frac{\partial z_k}{\partial t}",
        ),
        (("norm2(X*W2 - Y)^2", "W2"), "ds = 2 sum((X W₂ - Y) ∘ (X dW₂))"),
    ],
)
def test_lines_that_have_to_be_understood(problem: tuple[str, str], line: str) -> None:
    dims = {"x": ("n",), "b": ("n",), "a": ("n",), "t": (), "Y": ("n", "k")}
    report = matcalc.check_work(line, *problem, dims={n: d for n, d in dims.items() if n in problem[0]})
    assert [x.finding.verdict for x in report.lines if x.line == report.lines[-1].line][-1] in ("right", "layout")


def test_nothing_is_right_beside_a_line_that_was_not_read() -> None:
    report = matcalc.check_work("r = A*x - b\nds = 2*r'*q*dx\nds/dx = 2*A'*r", "s = norm2(A*x - b)^2", "x")
    assert report.verdict == "not-understood" and report.first_wrong is None
    assert report.relation == "line 2, 2*r'*q*dx: 'q' is not defined; all else is right"


PAGE = r"""
\documentclass{article}
\newcommand{\R}{\mathbb{R}}
\begin{document}
Let $X \in \R^{n\times d}$ and $w \in \R^d$. Define $r = Xw - y$ and
\begin{equation}
 J(w) = \frac{1}{2n} \|Xw - y\|^2 .
\end{equation}
\begin{align*}
 dJ &= \frac{1}{n} r^T dr \\
    &= \frac{1}{n} r^T X dw \\
 \Rightarrow \nabla_w J &= \frac{1}{n} X^T r
\end{align*}
\end{document}
"""


def test_a_document_with_formulas_in_prose_and_environments() -> None:
    report = matcalc.check_work(PAGE)
    assert report.verdict == "right" and len(report.lines) == 5
    assert matcalc.check_work(PAGE.replace("X^T r", "X r")).verdict == "transpose"


def test_words_before_and_behind_formulas() -> None:
    notes = "Problem: y = A x, s = y' B y. Find ds/dx.\nThen ds/dy = (B + B')*y and dy/dx = A.\nso that ds/dx = A'*(B + B')*A*x\n"
    report = matcalc.check_work(notes.replace(" and ", ", "))
    assert report.verdict == "right" and "not-understood" not in {x.finding.verdict for x in report.lines}


def test_gradients_as_programs_call_them() -> None:
    text = "z1 = W1*x + b1; a1 = sigmoid(z1); z2 = W2*a1 + b2; s = 1/2*norm2(z2 - y)^2"
    work = text.replace("; ", "\n") + "\ndz2 = z2 - y\ndW2 = dz2*a1'\nda1 = W2'*dz2\ndz1 = da1 .* a1 .* (1 - a1)\ndW1 = dz1*x'"
    assert matcalc.check_work(work, text, "W1").verdict == "right"
    report = matcalc.check_work(work.replace("W2'*dz2", "W2*dz2"), text, "W1")
    assert (report.verdict, report.first_wrong) == ("transpose", 6)


def test_a_one_hot_vector_is_an_assumption() -> None:
    work = (
        r"Let $z = Wx$, $p = \mathrm{softmax}(z)$, $L = -y^\top \log p$ with $y$ one-hot. $$\frac{\partial L}{\partial z} = p - y$$"
    )
    assert matcalc.check_work(work + r" $$\frac{\partial L}{\partial x} = W^\top (p - y)$$").verdict == "needs-assumption"
    assert "one-hot" in matcalc.check_work("p - y; p = softmax(z)", "-y'*log(softmax(z))", "z").relation


def test_an_answer_may_hold_derivative_signs() -> None:
    """It was a traceback: KeyError."""
    for answer in (r"A^T \nabla_z f", r"\nabla_x (x^TA^TAx) - 2A^Tb", r"\nabla_x \|Ax\|^2 - 2A^Tb"):
        assert matcalc.check_work(answer, r"f = z^Tz, z = Ax - b", "x").verdict == "right"
    assert matcalc.check_work(r"2A^T \nabla_z f", r"f = z^Tz, z = Ax - b", "x").relation == "it is 2 times what is right"


@pytest.mark.slow
@pytest.mark.parametrize("delta", ["u' diag(f'(z))", "u .* f'(z)"])  # a row as by the chain rule, a column as by the convention
@pytest.mark.parametrize("lines", ["∂s/∂W = δ ∂z/∂W", "∂s/∂W = ∂s/∂h ∂h/∂z ∂z/∂W"])
def test_a_jacobian_by_a_matrix_gives_the_entries_in_one_row(delta: str, lines: str) -> None:
    """∂s/∂W = δ ∂z/∂W, as lectures write it: it was said to be of a wrong size."""
    last = "δ' x'" if delta.startswith("u'") else "δ x'"
    work = f"z = W x + b, h = f(z), s = u' h\nδ = ∂s/∂z = {delta}\n{lines}\n∂s/∂W = {last}"
    report = matcalc.check_work(work)
    (line,) = [x for x in report.lines if "∂z/∂W" in x.text]
    assert report.verdict == "right" and line.finding.verdict == "layout"
    assert line.finding.relation == (
        "the entries of the derivative in one row, [1×m·n]: the shape convention arranges them as [n×m]"
    )
    assert matcalc.check_work(work.replace("∂z/∂W", "2 ∂z/∂W")).first_wrong == 2


@pytest.mark.parametrize("problem, wrt, answer, relation", [
    ("norm2(A*x - b)^2", "x", "2*A'*A*x - 2*A'*b", "equal: normal forms agree"),
    ("A*X*B", "X", "kron(B', A)", "equal: normal forms agree"),
    ("sum(softplus(z))", "z", "(1 + tanh(z/2))/2", "equal: exactly, modulo large primes at random points"),
    ("norm2(A*x - b)^2", "x", "2*A'*r; r = A*x - b", "equal: normal forms agree"),
    ("s = u' f(W x + b)", "W", "δ x'", "equal: numerically, at random points, with δ = ∂s/∂z"),
    ("logdet(X)", "X", "inv(X)", "the transpose of the derivative in the shape convention: numerator layout"),
    ("A*x", "x", "A'", "the transpose of the derivative in the shape convention: denominator layout"),
    ("x'*A*x", "x", "2*A*x", "it is right only where A is symmetric, which is not stated"),
])  # fmt: skip
def test_how_an_answer_is_found_to_be_right(problem: str, wrt: str, answer: str, relation: str) -> None:
    assert matcalc.check_work(answer, problem, wrt).relation == relation


@pytest.mark.slow
def test_numbers_for_which_an_answer_is_not() -> None:
    report = matcalc.check_work("sin(x) .* (A'*b)", "norm2(A*x - b)^2", "x")
    found = report.example
    assert found is not None and found.values["A"].shape == (2, 3)
    A, x, b = (found.values[n] for n in "Axb")
    np.testing.assert_allclose(found.left, np.sin(x) * (A.T @ b))
    np.testing.assert_allclose(found.right, 2 * A.T @ (A @ x - b))
    text = report.to_text()
    assert "where x = [" in text and "the answer [" in text and "the derivative [" in text and "entry [" in text


def test_derivatives_of_more_than_two_axes_are_compared_in_vec_form() -> None:
    """It was a traceback: KeyError 't'."""
    report = matcalc.check_work("A", "A*X", "X")
    assert report.verdict == "missing-factor" and report.correct == "kron(eye(k), A)"


@pytest.mark.parametrize("work, verdict", [
    ("f(x) = ||A*x - b||^2\n∇f = 2*A'*(A*x - b)", "right"), ("f(x) = ||A*x - b||^2\n∇f = A'*(A*x - b)", "factor"),
    (r"$\ell = -\frac12 (x-\mu)^T S^{-1} (x-\mu)$ $\frac{\partial \ell}{\partial x} = S^{-1}(\mu - x)$", "needs-assumption"),
])  # fmt: skip
def test_problems_as_they_are_stated(work: str, verdict: str) -> None:
    """The variable of f(x) is that of ∇f, and a number may be called ℓ."""
    assert matcalc.check_work(work).verdict == verdict


def test_samples_of_the_problem_are_those_of_the_work() -> None:
    """x_i was read as a name of its own, and nothing was understood."""
    problem = r"-\sum_i [y_i \log \sigma(w^T x_i) + (1-y_i) \log(1-\sigma(w^T x_i))]"
    for gradient, verdict in ((r"\sum_i (\sigma(w^T x_i) - y_i) x_i", "right"), (r"\sum_i (y_i - \sigma(w^T x_i)) x_i", "sign")):
        report = matcalc.check_work(rf"\nabla_w L = {gradient}", f"L = {problem}", "w")
        assert report.verdict == verdict and "qq" not in report.to_text()


def test_differentials_may_be_asked_for() -> None:
    """It was a traceback: KeyError 'd'."""
    for sign, verdict in (("-", "right"), ("", "sign")):
        assert matcalc.check_work(f"dY = {sign}inv(X)*dX*inv(X)", "Y = inv(X)", "X", kind="differential").verdict == verdict


@pytest.mark.sample(2)
@pytest.mark.parametrize("work, verdict, words", [
    (r"$\mathcal{L} = \frac12\|y - Xw\|^2$ $\nabla_w \mathcal{L} = -X^T(y - Xw)$ so $w = (X^TX)^{-1}X^Ty$", "right", "holds"),
    (r"$\mathcal{L} = \frac12\|y - Xw\|^2$ $\nabla_w \mathcal{L} = X^T(y - Xw)$", "sign", "−1"),
    ("J = x'*A*x/(x'*x)\n∇_x J = 2/(x'*x)*(A*x - J*x)", "needs-assumption", "A is symmetric"),
    ("J = x'*A*x/(x'*x)\n∇_x J = 1/(x'*x)*((A + A')*x - 2*J*x)", "right", ""),
    ("g = A*x\nf = sum(exp(g))\ndf/dx = df/dg*dg/dx = exp(g)'*A = A'*exp(g)", "right", ""),
    ("Y = inv(X), f = tr(Y*B)\ndX*Y + X*dY = 0\ndY = -Y*dX*Y\ndf/dX = -(Y*B*Y)'", "right", ""),
    ("Y = inv(X), f = tr(Y*B)\nX*dY = 0\ndf/dX = -(Y*B*Y)'", "factor", "0 times"),
])  # fmt: skip
def test_lines_that_speak_of_the_whole_and_of_zero(work: str, verdict: str, words: str) -> None:
    report = matcalc.check_work(work)
    assert report.verdict == verdict and words in report.to_text()


def test_a_page_that_is_wrong_all_over_takes_no_longer_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a dozen of slips a line is read and compared, and no slip is looked for: 200 such lines took twice as long."""
    read = []
    typed = world.typed
    monkeypatch.setattr(world, "typed", lambda *args: read.append(args) or typed(*args))
    head = "z = W*x + b\nh = tanh(z)\ns = u'*h\n"
    wrong = ["∂s/∂h = 2 b", "∂s/∂x = W u + b", "∂s/∂b = b .* sigmoid(z)", "∂s/∂W = (u .* (1 - h.^2) + b) x' + W"]
    for count in (14, 22):
        report = matcalc.check_work(head + "\n".join(wrong[k % 4] for k in range(count)))
        assert sum(line.finding.verdict != "right" for line in report.lines) == count
        read.append(None)
    first = read.index(None)
    assert first < 2000 and len(read) - 1 - 2 * first < 3 * 8


QUADRATIC = ("f = x'*A*x + b'*x", "x", {})
RAYLEIGH = ("r = x'*A*x/(x'*x)", "x", {"A": "symmetric"})
NET = ("s = u'*relu(W*x + b)", "b", {})


@pytest.mark.parametrize(("problem", "right", "wrong"), [
    (QUADRATIC, r"$\nabla_x x^T A x = (A + A^T) x$ and $\nabla f = (A + A^T) x + b$", r"$\nabla_x x^T A x = 2 (A + A^T) x$"),
    (QUADRATIC, r"$\nabla \frac12 x^T A x = \frac12 (A + A^T) x$, so $\nabla f = (A + A^T) x + b$",
     r"$\nabla \frac12 x^T A x = A^T b$"),
    (("f = a'*inv(X)*b", "X", {}), "dX^{-1} = -X^{-1} dX X^{-1}\ndf/dX = -X^{-T} a b' X^{-T}", "dX^{-1} = X^{-1} dX X^{-1}"),
    (RAYLEIGH, r"$r(x) = \frac{x^T A x}{x^T x}$, $\nabla r = \frac{2}{x^T x}(A x - r(x) x)$",
     r"$r(x) = \frac{x^T A x}{x^T x}$, $\nabla r = \frac{2}{x^T x}(A x + r(x) x)$"),
    (NET, "ds/db = u .* relu'(W x + b)", "ds/db = u .* relu'(x)"),
    (NET, r"$\frac{\partial s}{\partial b} = u \odot \operatorname{ReLU}'(W x + b)$",
     r"$\frac{\partial s}{\partial b} = \operatorname{ReLU}'(W x + b)$"),
    (("u'*tanh(z)", "z", {}), r"$\tanh'(z) = 1 - \tanh^2(z)$, $\nabla s = u \odot \tanh'(z)$", r"$\tanh'(z) = 1 + \tanh^2(z)$"),
    (("-1/2*y'*inv(K)*y - 1/2*logdet(K)", "K", {"K": "spd"}),
     r"$\frac{\partial}{\partial K} \log p(y | X) = \frac12 (K^{-1} y y^T K^{-1} - K^{-1})$",
     r"$\frac{\partial}{\partial K} \log p(y | X) = \frac12 (K^{-1} y y^T K^{-1} + K^{-1})$"),
    (("f = 1/2*norm2(A*x - b)^2", "x", {}), r"$\nabla f = A^T(A x - b)$. Setting this to zero $\Rightarrow A^T A x = A^T b$",
     r"$\nabla f = A^T(A x + b)$. Setting this to zero $\Rightarrow A^T A x = A^T b$"),
])  # fmt: skip
def test_signs_as_people_write_them(problem: tuple[str, str, dict[str, str]], right: str, wrong: str) -> None:
    """Right lines were called wrong: the gradient of a term, d(X^-1), r(x) of what is called r; the others were not read."""
    d = matcalc.derive(problem[0], wrt=problem[1], assume=problem[2])
    assert d.check_work(right).verdict == "right"
    assert d.check_work(wrong, form="derivation").verdict not in ("right", "layout", "not-understood")
