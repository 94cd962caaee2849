"""A question lists its readings; each can be read as it is listed, and they differ."""

from __future__ import annotations

import shlex

import numpy as np
import pytest
from click.testing import CliRunner

import matcalc
from matcalc.cli import main
from matcalc.expr.errors import AmbiguityError, MatcalcError, UsageError
from matcalc.notation.meaning.readings import as_meant, inside

D = {"a": (), "b": (), "c": ()}
QUESTIONS = {
    "a/b c": ({"dims": D}, ["a/b*c", "a/(b*c)"]),
    r"\operatorname{tr}(A\exp(X))": ({}, ["tr(A*expm(X))", "tr(A*exp(X))"]),
    r"|v|": ({"dims": {"v": ("n",)}}, ["norm2(v)", "abs(v)"]),
    "log a b": ({"dims": D}, ["log(a)*b", "log(a*b)"]),
    r"\operatorname{tr}(A \odot X B)": ({}, ["tr((A .* X)*B)", "tr(A .* (X*B))"]),
    "A x = b": ({"dims": {"b": ("n",)}}, ["A*x", "b", "A*x - b"]),
    "a = x'*x; b = x'*A*x": ({}, ["x'*x", "x'*A*x"]),
    "tr(B X X^tA)": ({"dims": {"X": ("n", "p"), "A": ("n", "k"), "B": ("k", "n")}}, ["tr(B*X*X'*A)"]),
    r"\sum_{i=1}^N\sum_{j=1}^M I_{ij} R_{ij}": ({}, ["sum(I .* R)"]),
    "k(x)": ({"dims": {"x": ("n",)}}, ["k*x", "k(x), where k(x) is a vector", "k(x), where k acts on each entry"]),
}


@pytest.mark.parametrize("text", QUESTIONS)
def test_every_reading_is_listed_and_can_be_chosen(text: str) -> None:
    said, expected = QUESTIONS[text]
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse(text, **said)
    readings = caught.value.readings
    assert len({r.text for r in readings}) == len(readings) == len(expected)
    for reading in readings:
        merged = {**said, **{k: v if isinstance(v, str) else {**said.get(k, {}), **v} for k, v in reading.kwargs.items()}}
        assert matcalc.parse(text, **merged).plain == reading.text.partition(", where")[0]
    assert [r.text for r in readings] == expected


def test_the_command_that_is_listed_works_when_it_is_pasted() -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive("a/b c", wrt="a")
    for reading in caught.value.readings:
        done = CliRunner().invoke(main, shlex.split(reading.command)[1:])
        assert done.exit_code == 0, done.output


def test_the_terminal_lists_them() -> None:
    from tests.test_cli import run

    done = run("derive", "a/b c", "--dim", "a=", "--dim", "b=", "--dim", "c=")
    assert "reading 1: a/b*c" in done.stderr and "reading 2: a/(b*c)" in done.stderr


def test_what_is_meant_must_stand_in_the_text() -> None:
    assert as_meant("a/b c", {"a/b": "(a/b)"}) == "(a/b) c"
    with pytest.raises(UsageError, match="does not stand in the text"):
        matcalc.derive("x'*x", meant={"y": "z"})
    assert (
        CliRunner()
        .invoke(main, ["derive", "a/b c", "--dim", "a=", "--dim", "b=", "--dim", "c=", "--meant", "a/b c", "(a/b) c"])
        .exit_code
        == 0
    )


def test_a_question_inside_of_an_answer_is_answered_too() -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive("a/b c", wrt="a")
    readings = caught.value.readings
    assert all("meant" in r.kwargs for r in readings) and sum("dims" in r.kwargs for r in readings) >= 2
    for r in readings:
        try:
            matcalc.derive("a/b c", wrt="a", **r.kwargs)
        except MatcalcError as error:
            pytest.fail(f"{r}: {error}")


def test_a_run_of_letters_that_is_asked_about_is_one_name_and_so_are_its_siblings() -> None:
    d = matcalc.derive("norm2(Sx - Sy)^2", wrt="Sx")
    assert set(d.reading.dims) == {"Sx", "Sy"}
    assert matcalc.derive("W x + b", wrt="x")["x"].plain == "W"
    assert set(matcalc.derive("norm2(Wx - b)^2", wrt="x").reading.dims) == {"W", "x", "b"}


def test_what_is_typed_in_a_group_of_latex_leaves_its_braces() -> None:
    text = r"\frac{x W{y}}{2}{z}"
    assert text[slice(*inside(text, 5, 13))] == "x W{y}" and inside(text, 5, 16) == (5, 16) and inside(text, 6, 8) == (6, 8)
    assert inside(r"\frac{x}{}", 8, 10) == (8, 10)
    with pytest.raises(MatcalcError) as caught:
        matcalc.parse(r"\frac{xWx}{2}", dims={"x": ("n",), "W": ("m", "k")})
    assert r"\frac{xWx}{2}"[slice(*caught.value.span or ())] == "xW"


def test_sizes_as_lists_are_no_defect() -> None:
    text, said = "a/b c", {"dims": {"a": [], "b": [], "c": ["n"]}}
    with pytest.raises(AmbiguityError) as caught:
        matcalc.parse(text, **said)  # type: ignore[arg-type]
    assert caught.value.readings[0].kwargs == {"meant": {text: "(a/b) c"}}


@pytest.mark.parametrize(
    ("text", "said", "latex"),
    [
        (r"x^\top x/\sigma^2", {"wrt": r"\sigma^2"}, r"-\frac{\lVert x \rVert_2^2}{\left({\sigma^2}\right)^{2}}"),
        (
            r"x^\top x/\sigma^2",
            {"wrt": r"\sigma^{2}", "dims": {r"\sigma^2": ()}},
            r"-\frac{\lVert x \rVert_2^2}{\left({\sigma^2}\right)^{2}}",
        ),
        (r"\log\det\tilde\Sigma", {"assume": {r"\tilde\Sigma": "symmetric"}}, r"\tilde\Sigma^{-1}"),
        (r"\mathrm{tr}(\mathbf{A})", {"structure": {r"\mathbf{A}": "symmetric"}}, "I_{n}"),
        (r"\|\hat v\|^2", {"wrt": r"\hat{v}", "dims": {r"\hat{v}": ("n",)}}, r"2 \hat v"),
        (r"\|W^{(l)} x\|^2", {"wrt": r"W^{(l)}"}, r"2 {W^{(l)}} x x^{\top}"),
        (r"b^\top\theta", {"wrt": r"\theta"}, "b"),
    ],
)
def test_names_are_taken_as_they_are_typed(text: str, said: dict[str, object], latex: str) -> None:
    (result,) = matcalc.derive(text, **said).results  # type: ignore[arg-type]
    assert result.latex == latex


@pytest.mark.parametrize("dims", [{}, {r"\sigma^2": ()}])
def test_a_power_is_no_variable_beside_its_base(dims: dict[str, tuple[str, ...]]) -> None:
    with pytest.raises(UsageError, match=r"'sigma\^2' is no variable of its own: 'sigma' stands in the text beside it") as caught:
        matcalc.derive(r"\sigma + x^\top x/\sigma^2", wrt=r"\sigma^2", dims=dims)
    assert caught.value.hint == "differentiate by 'sigma'"
    assert matcalc.derive(r"\sigma + x^\top x/\sigma^2", wrt="sigma").results[0].plain == "1 - 2*norm2(x)^2/sigma^3"


def test_what_is_meant_is_the_part_and_no_piece_of_another_name() -> None:
    assert as_meant("beta + eta*x", {"eta": "(2*eta)"}) == "beta + (2*eta)*x"
    assert as_meant("f(x) + (x)", {"(x)": "(y)"}) == "f(y) + (y)"
    assert as_meant("BtA", {"tA": "(t*A)"}) == "B(t*A)"  # where it stands nowhere by itself


def test_a_product_of_known_letters_is_no_sibling_of_a_name() -> None:
    dims = {"A": ("n", "n"), "x": ("n",), "Ab": ("n",)}
    assert matcalc.parse("Ax - Ab", dims).plain == "A*x - Ab"


def test_readings_that_look_alike_are_told_apart() -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive("s = W x^T b")
    assert [r.text for r in caught.value.readings] == ["W*x'*b, where W is a number", "W*x'*b, where W is a vector"]
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive("a*x")
    assert [r.text for r in caught.value.readings] == ["a*x, where x is a vector", "x*a", "a*x, where x is a number"]


NETWORK = "z = W x + b; h = tanh(z); s = u^T h + c^T z"


@pytest.mark.parametrize("text", [NETWORK, "s = u^T h + c^T z; h = tanh(z); z = W x + b", NETWORK + "; ∂s/∂z"])
def test_a_name_that_the_text_defines_is_a_variable(text: str) -> None:
    """δ = ∂s/∂z of the lecture, by what stands behind z alone. It was refused."""
    d = matcalc.derive(text, "all" if "∂" in text else "z")
    assert d.wrt == ("z",) and set(d.problem.symbols) == {"u", "c", "z"}
    assert "'z' is a variable here: what it is made of, z = W*x + b, does not move" in d.warnings
    u, c, z = np.random.default_rng(0).normal(size=(3, 4))
    assert np.allclose(d["z"].evaluate({"u": u, "c": c, "z": z}), u * (1 - np.tanh(z) ** 2) + c)


def test_what_is_typed_out_beside_it_does_not_move_with_it() -> None:
    d = matcalc.derive("z = W x + b; s = u^T z + c^T (W x + b)", "z")
    assert d["z"].plain == "u"
    assert matcalc.derive("z = W x + b; h = tanh(z); s = u^T h + c^T z", "h")["h"].plain == "u"


def test_parts_of_it_and_labels_beside_it() -> None:
    assert matcalc.derive("z = W x + b; s = u^T z", "z_2").result.plain == "u[2]"
    d = matcalc.derive(r"f = W x, L = -f_y + \log \sum_j e^{f_j}", "f")
    f = np.array([0.3, -1.0, 0.5])
    p = np.exp(f) / np.exp(f).sum()
    assert np.allclose(d.function()(f=f, y=1)[1], p - np.array([0, 1, 0]))


@pytest.mark.parametrize("wrt", [["z", "W"], ["h", "z"], ["W", "h"]])
def test_a_variable_and_what_is_made_of_it_are_not_asked_for_together(wrt: list[str]) -> None:
    with pytest.raises(UsageError, match="is made of") as caught:
        matcalc.derive(NETWORK, wrt)
    assert str(caught.value.hint) == f"differentiate by '{max(wrt, key='Wzh'.index)}' or by '{min(wrt, key='Wzh'.index)}'"
    assert all(matcalc.derive(NETWORK, name, check=False).results for name in wrt)
    assert matcalc.derive(NETWORK, ["z", "u"], check=False).wrt == ("z", "u")


def test_the_output_is_no_variable() -> None:
    with pytest.raises(UsageError, match="'s' is defined in the input"):
        matcalc.derive(NETWORK, "s")
