"""Plain text as people type it: numbers as labels, a 1 that is the vector of ones, Greek words in LaTeX, words of a sentence."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, MatcalcError

ONES = "1 is read as the vector of ones"
READ = [
    # letters with numbers below are factors, and only names beside the sign of a product or declared ones are whole
    ("3x_1^2 + 2x_1x_2 + x_2^2", "3*x_1^2 + 2*x_1*x_2 + x_2^2"),
    ("x1^2 + x1x2", "x1^2 + x1*x2"),
    ("β_0 + β_1'x_1", "beta_0 + beta_1'*x_1"),
    ("(y - β_0 - β_1x_1)^2", "(y - beta_0 - beta_1*x_1)^2"),
    ("W_2relu(W_1x + b_1)", "W_2*relu(W_1*x + b_1)"),
    ("norm2(Ax_1 - b)^2", "norm2(A*x_1 - b)^2"),
    ("u'*A*x1y1", "u'*A*x1y1"),
    ("sum(fc1)", "sum(fc1)"),
    # a number stands before what it multiplies
    ("w'1", "w'*ones(n)"),
    ("λ(w'Σw - w'1)", "lambda*(w'*Sigma*w - w'*ones(n))"),
    ("w^T1 - 1", "w'*ones(n) - 1"),
    ("1ᵀx", "ones(n)'*x"),
    ("1'*A*1", "ones(n)'*A*ones(m)"),
    ("norm2(X - 1μᵀ)^2", "norm2(X - ones(n)*mu')^2"),
    ("1/2 x'x + 1*x'*A*x", "1/2*x'*x + 1*x'*A*x"),
    ("x.T * 1", "(1)*x'"),
    ("sum(1 * x' + y'*X)", "sum((1)*x' + y'*X)"),
    ("sum(x' * 1 + y'*X)", "sum((1)*x' + y'*X)"),
    # LaTeX without backslashes
    ("||Ax-b||^{2} + lambda ||x||^{2}", "norm2(A*x - b)^2 + lambda*norm2(x)^2"),
    ("1/2 ||Ax-b||^2 + mu sum_i |x_i|", "1/2*norm2(A*x - b)^2 + mu*sum(abs(x))"),
    ("sum_{i=1}^n log sigma(y_i beta^T x_i)", "sum(log(sigmoid(y .* (X*beta))))"),
    # words of a sentence
    ("Let f(x) = ||Ax - b||^2.", "norm2(A*x - b)^2"),
    ("d/dx of x'Ax", "x'*A*x"),
    ("Suppose A is symmetric. x'Ax", "x'*A*x"),
    ("Minimize ||Ax-b||^2", "norm2(A*x - b)^2"),
]


@pytest.mark.parametrize(("text", "read"), READ, ids=[t for t, _ in READ])
def test_what_is_typed(text: str, read: str) -> None:
    d = matcalc.derive(text, kind="jacobian", check=False)
    assert d.reading.plain == read
    assert (ONES in d.warnings) == ("ones" in read)


@pytest.mark.parametrize("text", ["||Ax-b||^2 where A is a {} matrix", r"\|Ax-b\|^2 where A is a {} matrix"])
@pytest.mark.parametrize("size", ["3 x 2", "3 by 2"])
def test_sizes_in_words(text: str, size: str) -> None:
    assert matcalc.derive(text.format(size), "x").dims["A"] == (3, 2)


ASKED = {
    r"\|A\|_2^2": ["norm2(A)^2", "normspec(A)^2"],
    r"\|A\|^2_2": ["norm2(A)^2", "normspec(A)^2"],
    "||A||_1": ["norm1(A)", "max(colsum(abs(A)))"],
    r"\operatorname{tr}(\mathbf{AX}^{-1}\mathbf{B})": ["tr(A*inv(X)*B)", "tr(inv(A*X)*B)"],
    r"W_f [h_{t-1}, x_t] + b_f": ["W_f*[`h_{t-1}`; x_t] + b_f"],
    r"f \circ g(x)": ["f(g(x))", "f .* g(x)"],
    r"tr A": ["tr(A)", "t*r*A"],
    "Ax = b": ["A*x"],
    "w_1 x_1 + w_2 x_2": ["w_1*x_1 + w_2*x_2, where x_1 is a vector and x_2 is a vector", "x_1*w_1 + x_2*w_2",
                          "w_1*x_1 + w_2*x_2, where x_1 is a number and x_2 is a number"],
}  # fmt: skip


@pytest.mark.parametrize("text", ASKED)
def test_questions_list_their_answers(text: str) -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive(text, notation="latex" if text == "tr A" else None, kind="jacobian", check=False)
    assert [r.text for r in caught.value.readings][: len(ASKED[text])] == ASKED[text]


def test_vectors_of_different_sizes_in_brackets_stand_below_each_other() -> None:
    d = matcalc.derive(r"\tanh(W [h, x])", "x", dims={"W": ("k", "p"), "h": ("n",), "x": ("m",)}, check=False)
    assert d.reading.plain == "tanh(W*[h; x])" and any("one below the other" in w for w in d.warnings)


@pytest.mark.parametrize("text", ["2'x", "(1)'x", "A^{-1^T} b"])
def test_other_numbers_are_not_transposed(text: str) -> None:
    with pytest.raises(MatcalcError, match="a number is transposed"):
        matcalc.parse(text)


NOTICED = {
    "||A||F": ("norm2(A)", "the F right behind ‖…‖ is read as its label: ‖…‖_F"),
    "||Ax - b||2^2": ("norm2(A*x - b)^2", "the 2 right behind ‖…‖ is read as its label: ‖…‖_2"),
    r"\sum_i X_i Y_i": ("sum(X .* Y)", ""),
    r"\sum_i (X_i - \bar X)^2": ("sum((X - X_bar).^2)", "'X_bar' is read as a scalar: --dim X_bar=n,m says otherwise"),
    "sum_ij (X_ij - u_i v_j)^2": ("sum((X - u*v').^2)", ""),
    r"\sum_{i,j} A_ij x_i x_j": ("x'*(A*x)", ""),
    "x'Ax e^(-x'x)": ("(x'*A*x)*exp(-x'*x)", ""),
    "sum(1/x)": ("sum(1 ./ x)", "1/x of a vector is read as the quotient of each entry"),
    "sum(log(1 + x^2))": ("sum(log(1 + x.^2))", "x^2 of a vector is read as the power of each entry"),
    "mean((a - x)^2/x)": ("sum((a - x).^2 ./ x)/n", "(a - x)^2/x of a vector is read as the quotient of each entry"),
    "-log σ(y(w'x + b))": ("-log(sigmoid(y*(w'*x + b)))", "'y' is read as a scalar: --dim y=n says otherwise"),
    r"\max(0, 1 - t\langle w, x\rangle)": ("max(0, 1 - t*w'*x)", "'t' is read as a scalar: --dim t=n says otherwise"),
    "x^T [[2,1],[1,3]] x": ("x'*[2, 1; 1, 3]*x", ""),
    "[[1],[2]]'*x": ("[1; 2]'*x", ""),
    "√(x'x) + |x|_1 + <x, A*x>": ("sqrt(x'*x) + norm1(x) + x'*(A*x)", ""),
    "xx'a": ("x*x'*a", ""),
    "xx^T a": ("x*x'*a", ""),
    "(I - xx^T)a": ("(eye(n) - x*x')*a", ""),
    "A×x": ("A*x", ""),
    "sum((X*w - y)^2)": ("sum((X*w - y).^2)", "(X*w - y)^2 of a vector is read as the power of each entry"),
    "mean(3x^2 - x)": ("sum(3*x.^2 - x)/n", "x^2 of a vector is read as the power of each entry"),
    r"\sum (y - X\beta)^2": ("sum((y - X*beta).^2)", r"(y - X\beta)^2 of a vector is read as the power of each entry"),
    "1/(1 + exp(-w'*x - b))": ("1/(1 + exp(-w'*x - b))", "'b' is read as a scalar: --dim b=n says otherwise"),
    r"\frac{x^Ty}{c + x^Tx}": ("x'*y/(c + x'*x)", "'c' is read as a scalar: --dim c=n says otherwise"),
    "min ||Ax - b||^2": (
        "norm2(A*x - b)^2",
        "the min of a number is that number: what is differentiated is the function behind it",
    ),
    r"\sum_i x_i \mathbb{1}[x_i > 0]": ("sum(x .* step(x))", ""),
    r"u(\tau - 1\{u < 0\})": ("u*(tau - step(-u))", ""),
    r"\sum_i (y_i - x_i^T\beta)(\tau - 1\{y_i - x_i^T\beta < 0\})": ("sum((y - X*beta) .* (tau - step(-(y - X*beta))))", ""),
    r"\sum_i 1\{|x_i| \le 1\} x_i^2": ("sum((1 - step(abs(x) - 1)) .* x.^2)", ""),
    r"\sum_{i,j} 1\{i<j\} x_i x_j A_{ij}": ("x'*(((ones(n, n) - tril(ones(n, n))) .* A)*x)", ""),
}


@pytest.mark.parametrize("text", NOTICED)
def test_signs_as_they_are_typed(text: str) -> None:
    read, notice = NOTICED[text]
    d = matcalc.derive(text, kind="jacobian", check=False)
    assert d.reading.plain == read
    assert not notice or notice in d.warnings


def test_a_cross_product_in_plain_text() -> None:
    assert matcalc.parse("u × v", {"u": (3,), "v": (3,)}).node is matcalc.parse("cross(u, v)", {"u": (3,), "v": (3,)}).node


LISTED = {
    "mean((X*W - Y)^2)": ["sum((X*W - Y).^2)/(n*k)", "sum((X*W - Y)*(X*W - Y))/(n*n)"],
    "sum(X^3)": ["sum(X.^3)", "sum(X*X*X)"],
    r"\sum_i (Y_i - X_i\beta)^2": ["sum((Y - X*beta).^2)", "sum((Y - beta*X).^2)"],
    r"\sum_{ij} (r_{ij} - p_i^\top q_j)^2 + \|P\|_F^2": ["sum((r - P*Q').^2) + norm2(P)^2", "sum((r - P'*Q').^2) + norm2(P)^2",
                                                      "sum((r - A*Q').^2) + norm2(P)^2"],
    r"-b^\top v - \sum_j \log(1+e^{c_j+W_j v})": ["-b'*v - sum(log(1 + exp(c + W*v)))"],
    "(x - y)2": ["(x - y)^2", "2*(x - y)"],
    "logdet(Symmetric(A*A'))": ["logdet(A*A')"],
}  # fmt: skip


@pytest.mark.parametrize("text", LISTED)
def test_what_could_be_meant_is_listed(text: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        matcalc.derive(text, check=False)
    assert [r.text.partition(", where")[0] for r in caught.value.readings] == LISTED[text]


@pytest.mark.parametrize("text", [r"\sum_k x^T A_k x", r"\sum_k x_k^T A_k x_k"])
def test_a_matrix_for_each_index_is_refused_with_the_term(text: str) -> None:
    with pytest.raises(MatcalcError, match="a matrix for each index") as caught:
        matcalc.derive(text, check=False)
    assert not caught.value.readings and f"write {text[7:]}" in (caught.value.hint or "")


SCALARS = ["L = (y - t)^2; y = sigmoid(z); z = w x + b", r"L=\frac12(y-t)^2,\ y=\sigma(z),\ z=wx+b"]


@pytest.mark.parametrize("text", SCALARS)
def test_a_neuron_of_numbers(text: str) -> None:
    """As vectors the letters do not fit; as numbers they cost little more."""
    d = matcalc.derive(text, "w", output="L")
    assert set(d.dims.values()) == {()} and sum("is read as a scalar" in w for w in d.warnings) == 4


def test_an_action_is_a_class_where_the_terms_are_alike() -> None:
    d = matcalc.derive(r"\log\pi(a|s) = \theta_a^T x - \log\sum_b e^{\theta_b^T x}", r"\theta")
    assert d.results[0].plain == "(a - softmax(theta*x))*x'"


@pytest.mark.parametrize("said", [r"Q = Q^T \succ 0", r"Q = Q^T > 0", r"Q^T = Q \succeq 0"])
def test_symmetric_and_definite_in_one_line(said: str) -> None:
    d = matcalc.derive(rf"\frac12 x^T Q x, {said}", "x")
    assert d.results[0].plain == "Q*x" and d.reading.assume["Q"] == ("symmetric" if "eq" in said else "spd",)


TENSORFLOW = {
    "tf.reduce_sum(tf.square(tf.matmul(A, X) - B))": "sum((A*X - B).^2)",
    "tf.reduce_mean(tf.square(y - tf.linalg.matvec(X, w)))": "sum((y - X*w).^2)/n",
    "tf.reduce_sum(tf.nn.relu(W @ x + b))": "sum(relu(W*x + b))",
}


@pytest.mark.parametrize("text", TENSORFLOW)
def test_tensorflow(text: str) -> None:
    dims = {"X": ("n", "p"), "y": ("n",), "w": ("p",)} if "y" in text else {"A": ("m", "n"), "X": ("n", "p")} if "A" in text else {}
    assert matcalc.derive(text, dims=dims, check=False).reading.plain == TENSORFLOW[text]


@pytest.mark.parametrize(("assume", "answer"), [({}, "inv(X + X')"), ({"X": "spd"}, "inv(X)/2")])
def test_logarithms_of_a_cholesky_factor(assume: dict[str, str], answer: str) -> None:
    """It ended in 'this is a defect' where nobody said that X is symmetric."""
    assert matcalc.derive("sum(log(diag(chol(X))))", "X", assume=assume).results[0].plain == answer


SAID = {
    "gradient of x'Ax + b'x w.r.t. x": "x'*A*x + b'*x",
    "Jacobian of f(x) = Ax + b": "A*x + b",
    "L = -Σ y_i log(p_i)": "-sum(y .* log(p))",
    "Σᵢⱼ Aᵢⱼ xᵢ xⱼ": "x'*(A*x)",
    "MSE = (1/n) ||y - ŷ||²": "1/n*norm2(y - y_hat)^2",
    "λ_max(A)": "eigmax(A)",
    "f(x) ≔ xᵀAx": "x'*A*x",
}


@pytest.mark.parametrize("text", SAID)
def test_what_is_said(text: str) -> None:
    assert matcalc.derive(text, check=False).reading.plain == SAID[text]


def test_a_sum_in_letters_is_asked_how_far_it_reaches() -> None:
    """The entropy was the sum of p, times log p."""
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive("H = -sum p log p", check=False)
    assert [r.text for r in caught.value.readings] == ["-sum(p)*log(p)", "-sum(p*log(p))"]


@pytest.mark.parametrize("text", ["n! x", r"\sum_i (y_i \log \lambda - \lambda - \log y_i!)", r"\frac{\lambda^k}{k!}"])
def test_factorials_are_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(MatcalcError, match="factorials are not part of the notation") as caught:
        matcalc.parse(text)
    assert caught.value.span is not None and text[caught.value.span[0]] == "!" and "lgamma(n + 1)" in caught.value.hint
