"""Names in LaTeX: letters, Greek macros, labels; anything else upright and escaped."""

from __future__ import annotations

import re

import pytest

from matcalc.notation.write.lettering import escaped, is_word, latex_name, latex_word, quoted_name


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("x", "x"), ("W1", "W_{1}"), ("theta_0", r"\theta_{0}"), ("h_{t-1}", "h_{t-1}"), ("alpha", r"\alpha"), ("x_i", "x_{i}"),
        ("loss", r"\mathrm{loss}"),
    ],
)  # fmt: skip
def test_names(name: str, latex: str) -> None:
    assert latex_name(name) == latex


@pytest.mark.parametrize("name", [r"\input{x}", "a$b", "a%b", "a{b", "x^2_", "#1", "a&b", "~", "<script>", "x\\\\y"])
def test_no_name_is_a_macro_or_markup(name: str) -> None:
    for shown in (latex_name(name), escaped(name), quoted_name(name)):
        assert not re.search(r"(?<!\\)[$%#&~]", shown) and r"\input" not in shown and "\x00" not in shown
        assert shown.count("{") - shown.count(r"\{") == shown.count("}") - shown.count(r"\}")


def test_words() -> None:
    assert is_word("x_1") and is_word("h^(l)") and not is_word("a b c+") and not is_word("")
    assert latex_word("x") == "x" and latex_word("mu") == r"\mu" and latex_word("net") == r"\mathrm{net}"


def test_different_names_look_different() -> None:
    names = ["x", "x1", "X", "theta", "Theta", "xx", "x'", "W^Q"]
    assert len({latex_name(name) for name in names}) == len(names)
