"""TeX tokens: macros expanded, limits, no white space."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import LimitError, MatcalcError, ParseError
from matcalc.notation.lex.latex_scan import braces, expand, in_full, scan, strip_delimiters
from matcalc.notation.lex.lexer_latex import tokenize_latex
from tests.notation.lex.test_lexer_latex import refused, stream


def test_user_macros() -> None:
    macros = {"inner": r"\langle #1,#2\rangle", r"\R": r"\mathbb{R}", "twice": r"\inner{#1}{#1}"}
    assert stream(r"\inner ab+\twice{Ax}", **macros) == "< a , b > + < A x , A x >"
    tokens = tokenize_latex(r"x+\inner{a}{b}", macros=macros)
    assert {(t.start, t.end) for t in tokens[2:-1]} == {(2, 14)}
    assert "argument 2" in refused(r"\inner{a}", **macros).message
    assert refused(r"x+\bad", bad=r"\nosuchmacro").span == (2, 6)
    for body in (r"\a\a", r"\a{#1#1}"):
        assert isinstance(refused(r"\a{x}", a=body), LimitError)


def test_limits() -> None:
    for text in ("{" * 200 + "x" + "}" * 200, r"\sqrt" * 200 + " x", "1" * 2000):
        assert isinstance(refused(text), LimitError)
    assert stream(r"\frac{1}{" * 99 + "x" + "}" * 99).count("$frac") == 99
    assert len(tokenize_latex("(" * 5000 + "x" + ")" * 5000)) == 10_002
    assert refused("|" * 4001).span is not None


def test_white_space_and_comments_are_no_tokens() -> None:
    assert [raw[0] for raw in scan("a %b\n + \t c")] == ["a", "+", "c"] and scan("") == scan("% only\n") == []


def test_delimiters_around_the_whole_and_a_full_stop_go() -> None:
    for text in ("$a + b$", r"\[ a + b. \]", r"\( a + b \)"):
        assert [raw[0] for raw in strip_delimiters(scan(text))] == ["a", "+", "b"], text


def test_braces_have_partners() -> None:
    raw = scan("{a{b}}{c}")
    assert braces(raw, "") == {0: 5, 2: 4, 6: 8} or set(braces(raw, "").items()) >= {(0, 5), (2, 4), (6, 8)}
    for text in ("{a", "a}"):
        with pytest.raises(ParseError):
            braces(scan(text), text)


def test_a_macro_with_arguments_stands_where_its_call_stood() -> None:
    text = r"\half{x} + y"
    raw = expand(scan(text), {r"\half": r"\frac{#1}{2}"}, text)
    assert ([r[0] for r in raw][:2] == [r"\frac", "{"] and {r[1:3] for r in raw[:2]} == {(0, 5)}) or raw[0][1] == 0


def test_a_macro_that_calls_itself_ends() -> None:
    with pytest.raises(LimitError):
        tokenize_latex(r"\a", (), {r"\a": r"\a\a", "a": r"\a\a"})


@pytest.mark.parametrize(
    "text",
    [
        "The loss is $x^T A x$.", "What is the gradient of $x^T A x$?", "$$x^T A x$$ is the loss", "Differentiate $$x^T A x$$",
        r"$x^T A x$", r"The loss is \(x^T A x\).", r"The loss \[x^T A x\] of the net",
    ],
)  # fmt: skip
def test_words_around_one_formula_are_left_out(text: str) -> None:
    assert matcalc.parse(text).node == matcalc.parse("x^T A x", notation="latex").node


@pytest.mark.parametrize(
    "text",
    [
        "A $x^T x$", "f = $x^T x$", "2 $x^T x$", "$x^T x$ and $y^T y$", "The trace of $x x^T$", r"Minimize $x^T A x$ \lambda",
        "The Hessian of $x^T x$", "the gradient of $x^T A x$ with respect to x", "Twice $x^T x$", "$x^T x$ minus $y^T y$",
    ],
)  # fmt: skip
def test_what_says_something_beside_a_formula_is_not_left_out(text: str) -> None:
    with pytest.raises(MatcalcError):
        matcalc.parse(text)


def test_the_words_that_are_left_out_are_said() -> None:
    warned = matcalc.derive("The energy is $x^T A x$ there.", "x").warnings
    assert warned[0].endswith("are not read: 'The energy is' and 'there'")
    for quiet in ("The loss is $x^T A x$ here.", "$x^T A x$.", "$$x^T A x$$", "x^T A x, where $A$ is symmetric"):
        assert not any("not read" in w for w in matcalc.derive(quiet, "x").warnings)


def test_names_are_written_with_the_macros_of_the_text() -> None:
    macros = {r"\Sg": r"\Sigma", r"\vv": r"\mathbf{#1}", r"\tW": r"\tilde W", r"\Wo": r"\vv{W}^{[1]}"}
    assert in_full(r"\Sg", macros) == r"\Sigma" and in_full(r"\Sg_{11}", macros) == r"\Sigma_{11}"
    assert in_full(r"\vv{x}", macros) == r"\mathbf{x}" and in_full(r"\tW", macros) == r"\tilde W"
    assert in_full(r"\Wo", macros) == r"\mathbf{W}^{[1]}"
    assert in_full({r"\Sg": (3, 3), "x": ()}, macros) == {r"\Sigma": (3, 3), "x": ()}
    assert in_full(["W", r"\tW"], macros) == ["W", r"\tilde W"]
    assert in_full(r"\hat y", macros) == r"\hat y" and in_full(None, macros) is None and in_full(r"\Sg", {}) == r"\Sg"
    assert in_full(r"\x", {r"\x": r"\x"}) == r"\x"  # which never ends


TYPED = r"\newcommand{\Sg}{\Sigma} \newcommand{\vv}[1]{\mathbf{#1}} s = \vv{x}^\top \Sg \vv{x}"


def test_options_take_names_as_the_text_has_them() -> None:
    d = matcalc.derive(TYPED, r"\vv{x}", {r"\Sg": (3, 3)}, assume={r"\Sg": "spd"})
    assert d.result.latex == r"2 \Sigma \mathbf{x}" and d.result.shape == (3,) and not d.warnings
    assert d[r"\vv{x}"] is d["x"] is d[r"\mathbf{x}"]
    assert matcalc.parse(TYPED, {r"\Sg": (3, 3)})._problem.dims[r"\Sigma"] == (3, 3)
    macros = {r"\Sg": r"\Sigma", r"\vv": r"\mathbf{#1}"}
    by_matrix = matcalc.derive(r"\vv{x}^\top \Sg \vv{x}", [r"\Sg"], macros=macros)
    assert by_matrix[r"\Sg"].plain == "x*x'"
    turned = r"\vv{x}^\top \Sg^\top A \vv{x}"
    other = turned.replace(r"^\top A", " A")
    assert matcalc.equal(turned, other, macros=macros, assume={r"\Sg": "symmetric"})
    assert not matcalc.equal(turned, other, macros=macros)
