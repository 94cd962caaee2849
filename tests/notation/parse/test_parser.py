"""Precedence, ambiguities, look-alikes, spans and limits: what a text means before sizes are known."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcalc
from matcalc.expr.errors import AmbiguityError, LimitError, MatcalcError, ParseError
from tests.generators import DIMS, some_expression, spelled
from tests.work import calls

SHAPES: dict[str, tuple[str, ...]] = {
    **{"s": (), "t": ()},
    **{"x": ("n",), "y": ("n",), "z": ("n",), "p": ("n",)},
    **{"A": ("n", "n"), "B": ("n", "n"), "C": ("n", "n"), "W": ("m", "n")},
}


def parse(text: str, **options: Any) -> Any:
    return matcalc.parse(text, SHAPES, **options).node


def refusal(text: str, kind: type[MatcalcError] = MatcalcError, dims: Any = SHAPES, **options: Any) -> MatcalcError:
    with pytest.raises(kind) as caught:
        matcalc.parse(text, dims, **options)
    return caught.value


def marked(error: MatcalcError) -> str:
    """What the carets of the picture stand under, read off the picture itself."""
    lines = str(error).splitlines()
    at = next(i for i, line in enumerate(lines) if line.strip() and set(line.strip()) == {"^"})
    carets = lines[at]
    start = len(carets) - len(carets.lstrip())
    return lines[at - 1][start : len(carets)]


# ---------------------------------------------------------------- precedence (design, section 5)

PRECEDENCE = [
    # sums: left to right, weakest
    ("x - y - z", "(x - y) - z"),
    ("x - y + z", "(x - y) + z"),
    ("x - (y + z)", "x - (y + z)"),
    ("-x + y", "(-x) + y"),
    ("-x - y", "(-x) - y"),
    # explicit products: left to right, one level
    ("A*B*C", "(A*B)*C"),
    ("A*B .* C", "(A*B) .* C"),
    ("A .* B*C", "(A .* B)*C"),
    ("A .* B ./ C", "(A .* B) ./ C"),
    ("A ./ B .* C", "(A ./ B) .* C"),
    ("A ./ B ./ C", "(A ./ B) ./ C"),
    ("A @ B .* C", "(A*B) .* C"),
    ("s/t*x", "(s/t)*x"),
    ("s/t/2", "(s/t)/2"),
    ("x*s/t", "(x*s)/t"),
    ("A*B + C", "(A*B) + C"),
    ("A + B*C", "A + (B*C)"),
    ("A + B .* C - C ./ A", "(A + (B .* C)) - (C ./ A)"),
    # prefix minus is weaker than products, stronger than sums
    ("-A*x", "-(A*x)"),
    ("-x'*y", "-((x')*y)"),
    ("-x .* y", "-(x .* y)"),
    ("s*-x", "s*(-x)"),
    ("A*-x", "A*(-x)"),
    ("x .* -y", "x .* (-y)"),
    ("-s^2", "-(s^2)"),
    ("-s/t", "-(s/t)"),
    # juxtaposition binds more tightly than explicit products
    ("A*B x", "A*(B*x)"),
    ("s*A x", "s*(A*x)"),
    ("A B x", "(A*B)*x"),
    ("2x", "2*x"),
    ("2 A x", "2*(A*x)"),
    ("x'A x", "((x')*A)*x"),
    ("x' A x - y", "(x'*A*x) - y"),
    ("2(x + y)", "2*(x + y)"),
    # postfix binds most tightly
    ("A*B'", "A*(B')"),
    ("A B'", "A*(B')"),
    ("A*B^2", "A*(B^2)"),
    ("A B^2", "A*(B^2)"),
    ("A .* B.^2", "A .* (B.^2)"),
    ("A^2'", "(A^2)'"),
    ("A'^2", "(A')^2"),
    ("A^-1'", "(A^-1)'"),
    ("x.^2'", "(x.^2)'"),
    ("s^-t", "s^(-t)"),
    ("2*s^2", "2*(s^2)"),
    ("A''", "A"),
    ("exp(x)'*y", "(exp(x))'*y"),
    ("f(x)'", "(f(x))'"),
    ("f'(x)'*y", "((f'(x))')*y"),
    # powers written in other ways
    ("A^T*x", "(A')*x"),
    ("A^-T*x", "(inv(A)')*x"),
    ("A^{-T}*x", "(inv(A)')*x"),
    ("A⁻¹x", "inv(A)*x"),
    ("s²", "s^2"),
    ("A**2", "A.^2"),
    ("s**2", "s^2"),
    # scalars stay in front of a product
    ("2*A*x", "2*(A*x)"),
    ("A*s*x", "s*(A*x)"),
    ("x'*s*A*x", "s*(x'*A*x)"),
]


@pytest.mark.parametrize(("text", "meaning"), PRECEDENCE, ids=[t for t, _ in PRECEDENCE])
def test_precedence(text: str, meaning: str) -> None:
    if "{" in text:
        assert parse(text, notation="latex") is parse(meaning)
    else:
        assert parse(text) is parse(meaning)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_brackets_say_what_they_say(data: st.DataObject) -> None:
    """A text with every bracket, written by the tests, is read as the node that it was written from."""
    e = some_expression(lambda options: data.draw(st.sampled_from(list(options))))
    assert matcalc.parse(spelled(e), DIMS).node is e


def test_a_leading_sign_of_a_number_is_part_of_it() -> None:
    assert parse("x*(-2)") is parse("-2*x", notation="plain").args[0] or parse("x*(-2)").op == "scale"
    assert parse("s^-2").args[1].attr == -2


# ---------------------------------------------------------------- ambiguities

AMBIGUOUS = [
    ("s^2^3", "plain", ("(x^2)^3", "x^(2^3)"), "s^2^3"),
    ("s^2^3", "latex", ("(x^2)^3", "x^(2^3)"), None),
    ("s.^2^3", "plain", ("(x^2)^3", "x^(2^3)"), "s.^2^3"),
    ("s/t x", "plain", ("(a/b)*c", "a/(b*c)"), "s/t x"),
    ("s/t x", "latex", ("(a/b)*c", "a/(b*c)"), "s/t x"),
    ("s/2x", "plain", ("(a/b)*c", "a/(b*c)"), "s/2x"),
    ("x + s/t x", "plain", ("(a/b)*c", "a/(b*c)"), "s/t x"),
    ("x^*", "plain", ("optimum", "transpose"), "x^*"),
    ("A^*x", "plain", ("optimum", "transpose"), "A^*"),
    ("|x|", "plain", ("norm2(x)", "abs(x)"), "|x|"),
    (r"\lvert x \rvert", "latex", ("norm2(x)", "abs(x)"), r"\lvert x \rvert"),
    ("x ⊗ y", "plain", ("kron(x, y)", "x*y'", "x .* y"), "x ⊗ y"),
    (r"\exp(A)", "latex", ("expm", "entry"), r"\exp(A)"),
    (r"e^{A}", "latex", ("expm", "entry"), r"e^{A}"),
    (r"\log A", "latex", ("logm", "entry"), r"\log A"),
    (r"\|A\|_2", "latex", ("norm2(A)", "normspec(A)"), r"\|A\|_2"),
    (r"\|A\|_1", "latex", ("norm1(A)", "max(colsum(abs(A)))", "largest column sum"), r"\|A\|_1"),
    (r"\nabla x^\top A x", "latex", ("scope",), r"\nabla"),
    (r"\frac{\partial s}{\partial x} y", "latex", ("scope",), r"\partial"),
    ("a/bc", "plain", ("several letters", "b*c"), "bc"),
    ("eye*eye", "plain", ("size",), "eye"),
    ("a = x'*x; b = x'*A*x", "plain", ("a", "b"), None),
    ("exp'*x", "plain", ("object", "function"), "exp"),
    pytest.param(
        "A .* B C",
        "plain",
        ("(A .* B)", "(B"),
        None,
    ),
    pytest.param(
        r"A \odot B C",
        "latex",
        ("(A", "(B"),
        None,
    ),
    pytest.param(
        r"x^*",
        "latex",
        ("optimum", "transpose"),
        "x^*",
    ),
    pytest.param(
        r"\sin^{-1} s",
        "latex",
        ("arcsin", "1/"),
        None,
    ),
    ("A(q)^{-1}", "latex", ("A*q^{-1}", "(A*q)^{-1}", "function"), "A(q)^{-1}"),
    ("A(q)^-1", "plain", ("A*q^-1", "(A*q)^-1", "function"), "A(q)^-1"),
    ("A(q)'", "plain", ("A*q'", "(A*q)'"), "A(q)'"),
    (r"\mathbf{A}(q)^\top", "latex", ("A*q'", "(A*q)'"), None),
    ("q(v)", "plain", ("q*v", "function q"), "q(v)"),
    ("q(v)", "latex", ("q*v", "function q"), "q(v)"),
    ("Q(v)^2", "plain", ("Q*v^2", "(Q*v)^2", "function Q"), "Q(v)^2"),
    ("μ(v)", "plain", ("mu*v", "function mu"), "μ(v)"),
    (r"\mu(v)", "latex", ("mu*v", "function mu"), r"\mu(v)"),
    ("k(v - w)", "plain", ("k*(…)", "function k"), "k(v - w)"),
    (r"f_\theta(v)", "latex", ("f_theta*v", "function f_theta"), None),
    (r"f_\theta(Av + w)", "latex", ("f_theta*(…)", "function f_theta"), None),
    (r"\sum_{i=1}^{n} f_i(v)", "latex", ("entry i of f", "function number i"), "f_i(v)"),
    ("h + h(v)", "plain", ("value", "function"), "h(v)"),
    ("∇ x'*A*x", "plain", ("scope", "(∇a) b", "∇(a b)"), "∇"),
    ("∂x", "plain", ("scope",), "∂"),
]


@pytest.mark.parametrize(("text", "notation", "readings", "span"), AMBIGUOUS)
def test_ambiguities_are_refused_with_their_readings(text: str, notation: str, readings: tuple[str, ...], span: str | None) -> None:
    declared = (
        {**SHAPES, "exp": ("n",)} if text.startswith("exp'") else {k: v for k, v in SHAPES.items() if k != "y" or "xy" not in text}
    )
    error = refusal(text, AmbiguityError, declared, notation=notation)
    shown = str(error)
    assert error.hint
    assert all(word in shown for word in readings), shown
    if span is not None:
        assert error.span is not None and text[slice(*error.span)] == span


SAYABLE: list[tuple[str, str, dict[str, Any], list[tuple[str, dict[str, Any]]]]] = [
    # what is asked about, its notation, what is declared, and each reading as the message says it
    ("A(q)^-1", "plain", {"A": ("n", "n"), "q": ("n", "n")}, [("A*q^-1", {}), ("(A*q)^-1", {})]),
    ("A(q)^{-1}", "latex", {"q": ("n", "n"), "A": ("n", "n")}, [("A*q^{-1}", {}), ("(A*q)^{-1}", {})]),
    ("Q(B)^-1", "plain", {"B": ("n", "n")}, [("Q*B^-1", {}), ("(Q*B)^-1", {}), ("Q(B)^-1", {"functions": {"Q": None}})]),
    ("q(v)", "plain", {"v": ()}, [("q*v", {}), ("q(v)", {"functions": {"q": None}})]),
    (r"\mu(v)", "latex", {}, [(r"\mu*v", {}), (r"\mu(v)", {"functions": {"mu": None}})]),
    (r"f_\theta(v)", "latex", {"v": ()}, [(r"f_\theta*v", {}), (r"f_\theta(v)", {"functions": {"f_theta": None}})]),
    ("k(v - w)", "plain", {}, [("k*(v - w)", {}), ("k(v - w)", {"functions": {"k": None}})]),
    ("s^2^3", "plain", {"s": ()}, [("(s^2)^3", {}), ("s^(2^3)", {})]),
    ("s/t x", "plain", {"s": (), "t": ()}, [("(s/t)*x", {}), ("s/(t*c)", {"dims": {"s": (), "t": (), "c": ()}})]),
    ("Z .* B D", "plain", {}, [("(Z .* B)*D", {}), ("Z .* (B*D)", {})]),
    (r"Z \odot B D", "latex", {}, [(r"(Z \odot B) D", {}), (r"Z \odot (B D)", {})]),
    (r"\exp(A)", "latex", {"A": ("n", "n")}, [(r"\operatorname{expm}(A)", {}), (r"\operatorname{exp}.(A)", {})]),
    (r"\sin^{-1} s", "latex", {"s": ()}, [(r"\operatorname{arcsin}(s)", {}), (r"\frac{1}{\sin(s)}", {})]),
    (r"\|A\|_2", "latex", {"A": ("m", "n")}, [(r"\|A\|_F", {}), (r"\|A\|_{2\to2}", {})]),
    ("|v|", "plain", {}, [("norm2(v)", {}), ("abs(v)", {})]),
    ("x ⊗ y", "plain", {}, [("kron(x, y)", {}), ("x*y'", {}), ("x .* y", {})]),
    ("X*d", "plain", {}, [("X*d", {"dims": {"d": ("n",)}}), ("X*d", {"dims": {"d": ()}})]),
]


@pytest.mark.parametrize(("text", "notation", "declared", "readings"), SAYABLE, ids=[t for t, *_ in SAYABLE])
def test_every_reading_that_is_named_can_be_said(text: str, notation: str, declared: Any, readings: Any) -> None:
    """Each is read, and no two are the same."""
    refusal(text, AmbiguityError, declared, notation=notation)
    nodes = [matcalc.parse(t, **{"dims": declared, "notation": notation, **more}).node for t, more in readings]
    assert len(set(nodes)) == len(nodes)


def test_a_letter_that_is_a_function_by_convention() -> None:
    """f g h σ φ ψ are functions where they are applied; declared, they are values."""
    for name in ("f", "g", "h"):
        assert matcalc.parse(f"{name}(z)").node.op == "fn"
        assert matcalc.parse(f"{name}(z)", {name: (), "z": ("n",)}).node.op == "scale"
    assert matcalc.parse("σ(z)").node.op == "sigmoid"
    assert matcalc.parse("h = f(z); h'*h").shape == ()
    assert matcalc.parse("phi(z)").node.op == "fn"


# ---------------------------------------------------------------- names

NAMES = [
    ("Wx", {"W": ("m", "n"), "x": ("n",)}, "W*x"),
    ("ABx", {"A": ("n", "n"), "B": ("n", "n"), "x": ("n",)}, "A*B*x"),
    ("Wx", {"Wx": ("n",)}, "Wx"),
    ("Wf(x)", {"W": ("m", "n")}, "W*f(x)"),
    ("x_1'*x_2", {}, "x_1'*x_2"),
    ("W2*x", {}, "W2*x"),
    ("lambda*x'*x", {}, "lambda*x'*x"),
    ("λ*x", {}, "lambda*x"),
    ("Σ*x", {}, "Sigma*x"),
    ("`W^(1)`*x", {"W^(1)": ("m", "n"), "x": ("n",)}, "`W^(1)`*x"),
]


@pytest.mark.parametrize(("text", "declared", "want"), NAMES)
def test_names(text: str, declared: dict[str, tuple[str, ...]], want: str) -> None:
    assert matcalc.parse(text, declared).plain == want


def test_a_run_of_letters_is_never_guessed() -> None:
    error = refusal("Amat x", AmbiguityError, {"x": ("n",)})
    assert "A*m*a*t" in error.message and "x" in error.message
    assert marked(error) == "Amat"
    d = matcalc.derive("x'*Amat*x", dims={"x": ("n",)})  # beside the sign of a product it is one name, and that is said
    assert d.dims["Amat"] == ("n", "n") and any("'Amat' is read as one name, a matrix" in w for w in d.warnings)


# ---------------------------------------------------------------- characters

LOOK_ALIKES = [
    ("х'*A*x", "U+0445", "CYRILLIC", 0),
    ("tr(Α*A)", "U+0391", "GREEK CAPITAL LETTER ALPHA", 3),
    ("２*x", "U+FF12", "FULLWIDTH", 0),
    ("x′*y", "U+2032", "PRIME", 1),
    ("x\u200b*y", "U+200B", "ZERO WIDTH", 1),
    ("x\x00*y", "U+0000", "control", 1),
    ("x’*y", "U+2019", "QUOTATION", 1),
    ("x\u202e*y", "U+202E", "RIGHT-TO-LEFT", 1),
    ("s÷t", "U+00F7", "DIVISION", 1),
]


@pytest.mark.parametrize(("text", "code", "name", "at"), LOOK_ALIKES)
def test_look_alikes_are_named(text: str, code: str, name: str, at: int) -> None:
    error = refusal(text, ParseError, notation="plain")
    assert code in error.message and name in error.message and error.hint
    assert error.span == (at, at + 1)
    lines = str(error).splitlines()
    assert lines[2] == " " * (2 + at) + "^"
    assert all(c.isprintable() for c in "".join(lines))


@pytest.mark.parametrize("text", ["х^{\\top} A x", "tr(Α A)^{\\top}", "\\tr(A)\x00"])
def test_look_alikes_in_latex(text: str) -> None:
    assert "U+" in refusal(text, ParseError, notation="latex").message


# ---------------------------------------------------------------- spans and carets

SPANS = [
    ("x' * * A", "plain", "*"),
    ("norm2(A*x - y", "plain", "("),
    ("x'*(A*x", "plain", "("),
    ("x)*y", "plain", ")"),
    ("tr()", "plain", "tr()"),
    ("x'*foo(x)", "plain", "foo"),
    ("x'*A*W", "plain", "x'*A*W"),
    ("x + A*W*y", "plain", "A*W"),
    ("s = x'*x +", "plain", "+"),
    ("x = ", "plain", "="),
    ("= x", "plain", "="),
    ("det(A, B)", "plain", "det(A, B)"),
    ("z'*x + tr(W)", "plain", "tr(W)"),
    ("A ? x", "plain", "?"),
    ("s = z'*x;\nz = A quu", "plain", "quu"),
    (r"\frac{x}{}", "latex", "{}"),
    (r"\fancy{x}", "latex", r"\fancy"),
    (r"x^\top A W", "latex", r"x^\top A W"),
    (r"\operatorname{tr}(W)", "latex", r"\operatorname{tr}(W)"),
    (r"\left( x", "latex", r"\left"),
]


@pytest.mark.parametrize(("text", "notation", "want"), SPANS)
def test_carets_stand_under_the_place(text: str, notation: str, want: str) -> None:
    error = refusal(
        text,
        notation=notation,
        dims={**SHAPES, "z": ("n",)} if not text.startswith("s = z'") else {"x": ("n",)},
    )
    assert error.span is not None and error.source == text
    assert text[slice(*error.span)].strip() == want
    assert marked(error).strip() == want


def test_the_span_of_an_operand_holds_its_brackets() -> None:
    """The text of an operand in a message is a whole one."""
    for text in ("x/(s*y)", "A^(1 + 1/2)", "s/(A*x)", "A*(exp(W*x) ./ 2)"):
        error = refusal(text)
        shown = error.message + (error.hint or "")
        assert shown.count("(") - shown.count("(a scalar)") == shown.count(")") - shown.count("(a scalar)"), shown


def test_the_caret_of_a_long_line_is_in_a_window() -> None:
    text = "x'*y + " * 40 + "x'*W + " + "x'*y + " * 40 + "1"
    error = refusal(text)
    shown = str(error).splitlines()
    assert max(map(len, shown[1:3])) < 90
    assert marked(error) == "x'*W"
    assert shown[1].strip().startswith("…") and shown[1].endswith("…")


def test_the_caret_of_a_later_line() -> None:
    error = refusal("q = x'*r*y;\nr = A*W;\n", dims={k: SHAPES[k] for k in "xyAW"})
    assert str(error).splitlines()[1].strip() == "r = A*W;" and marked(error) == "A*W"


# ---------------------------------------------------------------- limits


@pytest.mark.sample(6)
@pytest.mark.parametrize(
    "text",
    [
        "(" * 10_000 + "x" + ")" * 10_000,
        "(" * 10_000,
        "[" * 10_000,
        "exp(" * 5_000 + "x" + ")" * 5_000,
        "x'*" * 150_000 + "x",
        "(x'*x)^(10^(10^10))",
        "2^(2^(2^(2^100)))",
        "A^(10^30)",
        r"\frac{" * 3_000,
        r"\sqrt{" * 5_000 + "x" + "}" * 5_000,
    ],
    ids=lambda t: t[:12],
)
def test_limits_are_stated_at_once(text: str) -> None:
    error: MatcalcError | None = None

    def refuse() -> None:
        nonlocal error
        error = refusal(text, notation="latex" if "\\" in text else "plain")

    assert calls(refuse) < 2_000_000
    assert error is not None
    assert len(str(error)) < 2_000
    if "\\frac" not in text and text not in ("(" * 10_000, "[" * 10_000):
        assert isinstance(error, LimitError)


@pytest.mark.sample(8)
@pytest.mark.parametrize(
    "text",
    [
        "-" * 5_000 + "x",
        "x" + " + x" * 5_000,
        "A" + "*A" * 5_000,
        "A" + " .* A" * 5_000,
        "x" + "[1]" * 5_000,
        "s" + "/s" * 5_000,
        "x" + "'" * 5_000,
        "x" + ".T" * 5_000,
    ],
    ids=lambda t: t[:6],
)
def test_long_texts_are_read_or_refused(text: str) -> None:
    def read() -> None:
        with contextlib.suppress(MatcalcError):
            parse(text)

    assert calls(read) < 2_000_000


@pytest.mark.parametrize("text", ["", "  \t ", ";;;", "\n", "()", "=", "'", "*", ".", ",", "x,y", "x y z = ;"])
def test_what_is_nothing(text: str) -> None:
    error = refusal(text)
    assert error.message and error.exit_code == 2


@pytest.mark.slow
@given(st.text(alphabet="xyzAWst()[]'*/+-.^;=|,01 \\{}_⊙ᵀ²√αΣ∂", max_size=25))
@settings(max_examples=250, deadline=None, derandomize=True)
def test_any_text_is_read_or_refused(text: str) -> None:
    for notation in ("plain", "latex"):
        try:
            matcalc.parse(text, SHAPES, notation=notation)
        except MatcalcError as error:
            assert error.message and str(error)
            if error.span is not None:
                assert 0 <= error.span[0] <= error.span[1] <= len(text) + 1


@pytest.mark.parametrize("text", ["x.^(y + z)[2]", "s^(A*x)[1]", "s^(x.^(y + z)[1])[2]"])
def test_an_index_binds_closer_than_a_power(text: str) -> None:
    """As in Python and in Julia: that of what stands in brackets before it."""
    start, end = text.index("("), text.rindex("[")
    bracketed = f"{text[:start]}({text[start:]})"
    e = matcalc.parse(text, dims=SHAPES)
    assert e.node is matcalc.parse(bracketed, dims=SHAPES).node
    assert e.node is not matcalc.parse(f"({text[:end]}){text[end:]}", dims=SHAPES).node
    assert e.node is matcalc.parse(e.plain, dims=SHAPES).node


def test_a_number_as_exponent_has_no_index() -> None:
    for text in ("A^(-1)[1,2]", "A^(2)[1,2]", "A^(3)[1,2]"):
        assert matcalc.parse(text, dims=SHAPES).node is matcalc.parse(f"({text[:-5]}){text[-5:]}", dims=SHAPES).node
    with pytest.raises(MatcalcError, match="is 1×1") as caught:
        matcalc.parse("A^(s + 1)[1,2]", dims=SHAPES)
    assert "(…)[…]" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("x + -1*y", "x - y"),
        ("x - -y", "x + y"),
        ("x + - y", "x - y"),
        ("2*x - -1*(x + -y)", "2*x + (x - y)"),
        ("A*x + -y'*x*y", "A*x - y'*x*y"),
    ],
)
def test_a_term_may_have_a_sign_of_its_own(text: str, want: str) -> None:
    dims = {"A": ("n", "n"), "x": ("n",), "y": ("n",)}
    dims = {k: v for k, v in dims.items() if k in text}
    assert matcalc.equal(text, want, dims=dims)


@pytest.mark.parametrize("text", ["x+-y", "x--y", "x + +y", "--x", "x - --y"])
def test_signs_without_a_space_are_asked_about(text: str) -> None:
    with pytest.raises(matcalc.ParseError, match="two operators in a row") as caught:
        matcalc.parse(text, dims={"x": ("n",)} | ({"y": ("n",)} if "y" in text else {}))
    assert "x + (-y)" in str(caught.value)
