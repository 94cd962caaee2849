"""Names that get several values are read one after the other, as programs run."""

from __future__ import annotations

import re

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import ParseError, UsageError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.sequential import in_order

RNG = np.random.default_rng(6)
AT = {
    "x": RNG.normal(size=3),
    "A": RNG.normal(size=(3, 3)),
    "B": RNG.normal(size=(3, 3)),
    "b": RNG.normal(size=3),
    "u": RNG.normal(size=3),
}
DIMS = {"x": ("n",), "A": ("n", "n"), "B": ("n", "n"), "b": ("n",), "u": ("n",)}
PROGRAMS = {
    "x = A @ x + b\nloss = np.sum(x**2)": "loss",
    "h = np.tanh(A @ x)\nh = np.tanh(B @ h)\ns = u @ h": "s",
    "h = x\nh = A @ h\nh += b\nh = np.tanh(h)\ns = u @ h": "s",
    "x /= np.linalg.norm(x)\ns = u @ x": "s",
    "x -= b\nx *= 2\ns = x @ x": "s",
    "s = u @ x\ns += b @ x\ns = s**2": "s",
}


def run(text: str, at: dict[str, np.ndarray], output: str) -> float:
    names = {"np": np, **{n: v.copy() for n, v in at.items()}}
    exec(text, names)  # literal programs of this file: NumPy itself says what they mean
    return float(names[output])


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_value_and_the_slope_are_those_of_the_program(text: str) -> None:
    output = PROGRAMS[text]
    used = {n: v for n, v in AT.items() if n in text.replace("np.", "").replace("norm", "").replace("tanh", "")}
    d = matcalc.derive(text, wrt="x", dims={n: DIMS[n] for n in used}, output=output)
    assert np.isclose(d.value.evaluate(used), run(text, used, output))
    slope = d["x"].evaluate(used)
    steps = np.eye(3) * 1e-6
    found = [
        (run(text, {**used, "x": used["x"] + e}, output) - run(text, {**used, "x": used["x"] - e}, output)) / 2e-6 for e in steps
    ]
    assert np.allclose(slope, found, atol=1e-6)


def test_it_is_said() -> None:
    d = matcalc.derive("x = A @ x + b\nloss = np.sum(x**2)", wrt="x", output="loss")
    assert "'x' is given and gets another value, which is called x1" in d.reading.notes


def test_a_new_name_is_never_one_that_is_there() -> None:
    d = matcalc.derive("x = A @ x + x1\ns = np.sum(x**2)", wrt="x1", output="s")
    assert "x2" in str(d.reading.notes) and d["x1"].shape == ("n",)


def test_an_equation_of_mathematics_is_no_program() -> None:
    with pytest.raises(UsageError, match="defined by itself"):
        matcalc.derive("x = A x + b")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("s = u'*h; h = W*x", ["s", "u", "h", "h", "W", "x"]),
        ("x = A @ x; s = x @ x", ["x1", "A", "x", "s", "x1", "x1"]),
        ("h = x @ x; h = h + h", ["h1", "x", "x", "h", "h1", "h1"]),
        ("s = 1; s += x @ x", ["s1", "s", "s1", "x", "x"]),
        ("s = X @ w; w = 2*v; sum(s)", ["s", "X", "w", "w1", "v", "sum", "s"]),
        ("s = u.T @ h; h = f(z); z = W @ x", ["s", "u", "h", "h", "f", "z", "z", "W", "x"]),
    ],
)
def test_only_what_has_several_values_is_renamed(text: str, names: list[str]) -> None:
    assert [t.text for t in in_order(tokenize_plain(text), ()).tokens if t.kind == "name"] == names


@pytest.mark.parametrize("head", ["m[np.arange(N), y]", "m[range(y.shape[0]), y]"])
def test_an_assignment_to_entries_of_classes_is_another_value_of_the_whole(head: str) -> None:
    tokens = in_order(tokenize_plain(f"m = X @ W\n{head} = 0\ns = m"), ()).tokens
    texts = [t.text for t in tokens if t.kind != "end"]
    assert texts[texts.index(";") + 1 :][:4] == ["m", "=", "numpy.assigned", "("] and texts[-4:] == [";", "s", "=", "m"]


@pytest.mark.parametrize(
    "text", ["R = X @ w\nout = R\nout *= 2\nsum(out + R)", "e = y\ne /= 2\ns = e @ y", "a = x @ x\nb = a\na += 1\ns = b*a"]
)
def test_a_value_that_two_names_have_is_not_changed_by_one_of_them(text: str) -> None:
    with pytest.raises(ParseError, match="are one array here") as error:
        in_order(tokenize_plain(text), ())
    line = next(row for row in text.split("\n") if re.search(r" [*/+]= ", row))
    assert in_order(tokenize_plain(text.replace(line, str(error.value.hint).partition(": ")[2])), ()).tokens  # the hint, typed


def test_an_alias_that_nobody_reads_again_may_change() -> None:
    assert in_order(tokenize_plain("R = X @ w\nout = R\nout *= 2\nsum(out)"), ()).tokens
