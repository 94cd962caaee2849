"""Plain notation to tokens: ASCII, Unicode and NumPy-like spellings."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import ParseError
from matcalc.notation.lex.lexer_plain import GREEK, greek_to_ascii, tokenize_plain
from tests.streams import line


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("A*x + b'", "name:A op:* name:x op:+ name:b op:'"), ("x.^2 .* y ./ z", "name:x op:.^ num:2 op:.* name:y op:./ name:z"),
        ("α*x", "name:alpha op:* name:x"), ("x₁", "name:x_1"), ("1e-3 + .5", "num:1e-3 op:+ num:.5"),
        ("`W^Q`*x", "name:W^Q op:* name:x"),
        ("x·y", "name:x op:dot name:y"), ("a**2", "name:a op:.^ num:2"), ("A.T", "name:A T:T"), ("3x", "num:3 name:x"),
        ("x # a comment", "name:x"), ("[A, b; c, 1]", "open:[ name:A op:, name:b op:; name:c op:, num:1 close:]"),
    ],
)  # fmt: skip
def test_tokens(text: str, tokens: str) -> None:
    assert line(tokenize_plain(text)) == tokens


def test_spans_point_into_the_text() -> None:
    text = "  alpha*x₁ + 2.5"
    for t in tokenize_plain(text)[:-1]:
        assert t.text in (text[t.start : t.end], "x_1")
    assert [t.space for t in tokenize_plain("a b+c")[:4]] == [False, True, False, False]


def test_every_greek_letter_has_a_name() -> None:
    assert all(tokenize_plain(letter)[0].text == name for letter, name in GREEK.items()) and len(GREEK) >= 24


@pytest.mark.parametrize("text", ["a ? b", "a ! b", "`unclosed", "a $ b", "a \x00 b"])
def test_characters_that_have_no_place(text: str) -> None:
    with pytest.raises(ParseError) as caught:
        tokenize_plain(text)
    assert caught.value.span is not None


@pytest.mark.parametrize(
    ("typed", "name"),
    [("ŷ", "y_hat"), ("x̂_t", "x_hat_t"), ("W̃", "W_tilde"), ("θ̂", "theta_hat"), ("v̂₁", "v_hat_1"),
     ("x̄", "x_bar"), ("ẋ", "x_dot"), ("x̂̇", "x_hat_dot")],
)  # fmt: skip
def test_accents_as_they_are_printed(typed: str, name: str) -> None:
    (token, _) = tokenize_plain(typed)
    assert (token.kind, token.text) == ("name", name) and greek_to_ascii(typed) == name
    dims = {typed: ("n",), "A": ("n", "m"), "b": ("m",)}
    assert matcalc.derive(f"norm2({typed} - A*b)^2", wrt=typed, dims=dims).results[0].plain == f"2*({name} - A*b)"


def test_letters_of_languages_keep_their_accents() -> None:
    assert [greek_to_ascii(word) for word in ("é", "señor", "äb", "âb")] == ["é", "señor", "äb", "âb"]
    for text in ("norm2(été)", "norm2(x̂y)", "norm2(âb)"):
        with pytest.raises(ParseError, match="unexpected character"):
            matcalc.parse(text)


@pytest.mark.parametrize(
    ("text", "same"),
    [("(A*x)_2", "(A*x)[2]"), ("tanh(x)_2", "tanh(x)[2]"), ("x'_2", "x[2]"), ("(x + y)_k^2", "((x + y)[k])^2"),
     ("‖x‖_2", "norm2(x)"), ("(A*x)_12", "(A*x)[12]"), ("(A*x)_2", "(A*x)₂")],
)  # fmt: skip
def test_a_subscript_behind_a_bracket_is_an_index_and_no_name(text: str, same: str) -> None:
    dims = {name: shape for name, shape in {"A": ("m", "n"), "x": ("n",), "y": ("n",)}.items() if name in text}
    found = matcalc.parse(text, dims)
    assert found.plain == matcalc.parse(same, dims).plain and "*_" not in found.plain


@pytest.mark.parametrize("text", ["sum(x)_2", "inv(A)_2", "1_000*x"])
def test_what_has_no_such_entry_is_refused(text: str) -> None:
    with pytest.raises(matcalc.MatcalcError, match=r"has 1 index here|a number is followed by '_000'"):
        matcalc.parse(text)


def test_names_that_begin_with_a_line_stay_names() -> None:
    assert line(tokenize_plain("_a*(x) _b")) == "name:_a op:* open:( name:x close:) name:_b"


@pytest.mark.parametrize(
    ("text", "ascii_text"),
    [("xᵢ + y", "x_i + y"), ("Wₖₗ", "W_kl"), ("λₜ", "lambda_t"), ("x̂ₜ", "x_hat_t"), ("∇ₓ f", "∇_x f"), ("x₁₂", "x_12")],
)
def test_letters_below_are_labels(text: str, ascii_text: str) -> None:
    assert [t[:2] for t in tokenize_plain(text)] == [t[:2] for t in tokenize_plain(ascii_text)]


@pytest.mark.parametrize(
    ("text", "same"), [("‖X‖²_F", "‖X‖_F²"), ("||X - Y||^2_F + 1", "||X - Y||_F^2 + 1"), ("||x||^2_1", "norm1(x)^2")]
)
def test_a_norm_may_have_its_label_behind_its_power(text: str, same: str) -> None:
    assert matcalc.parse(text).node is matcalc.parse(same).node


def test_functions_without_a_name_as_matlab_has_them() -> None:
    assert matcalc.parse("f = @(x) x'*A*x + b'*x").plain == matcalc.parse("x'*A*x + b'*x").plain
    assert matcalc.derive("f = @(z) tanh(z); s = u'*f(W*x)", "W").result.shape == ("n", "m")
    assert matcalc.parse("A@(x+y)").plain == "A*(x + y)"


@pytest.mark.parametrize(
    ("text", "wrt", "dims"),
    [
        ("x ∈ ℝⁿ, A ∈ ℝᵐˣⁿ; ‖Ax−b‖²", "x", {"A": ("m", "n"), "x": ("n",), "b": ("m",)}),
        ("x,y ∈ ℝⁿ; xᵀAy", "x", {"x": ("n",), "A": ("n", "n"), "y": ("n",)}),
        ("tr(AᵀX), A ∈ ℝ^{3×4}", "X", {"A": (3, 4), "X": (3, 4)}),
        ("x in R^n; norm2(A*x-b)^2", "x", {"A": ("m", "n"), "x": ("n",), "b": ("m",)}),
        ("a ∈ R; a*x'*x", "x", {"a": (), "x": ("n",)}),
    ],
)
def test_sizes_are_stated_in_unicode(text: str, wrt: str, dims: dict[str, tuple[object, ...]]) -> None:
    """They were refused: 'unexpected character U+2208'."""
    read = dict(matcalc.derive(text, wrt=wrt).dims)
    assert read == dims or (read.keys() == dims.keys() and [len(s) for s in read.values()] == [len(s) for s in dims.values()])


def test_a_letter_r_is_no_set_elsewhere() -> None:
    assert matcalc.parse("g = lambda x: R @ x\ns = g(y) @ y", output="s").plain == "(R*y)'*y"
    assert [t.text for t in tokenize_plain("x[1:R]")] == ["x", "[", "1", ":", "R", "]", ""]


def test_the_inverse_of_a_matrix_of_numpy() -> None:
    """``R.I`` was a product of Mathematica, and with it all asterisks were asked about."""
    assert matcalc.parse("(y-H*x).T*R.I*(y-H*x)").plain == "(y - H*x)'*inv(R)*(y - H*x)"
    assert matcalc.parse("x.T @ A.I @ x").plain == "x'*inv(A)*x" and matcalc.parse("A.B.x").plain == "A*B*x"
