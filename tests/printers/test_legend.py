"""The legend has the signs that occur, and no others."""

from __future__ import annotations

import json
import re

import pytest

import matcalc
from matcalc.expr.qualities import MEANING, PROPERTIES
from matcalc.expr.table import TABLE
from matcalc.printers.legend import HEAD, legend
from matcalc.printers.story import tell
from matcalc.printers.words import SIGNS


def signs(text: str, detail: str = "normal", **more: object) -> list[str]:
    return [entry.text for entry in legend(tell(matcalc.derive(text, check=False, **more), detail))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "more", "want"),
    [
        ("s = u^T f(W x + b)", {}, {"∘", "∇", "diag"}),
        ("u'*sigmoid(W*x)", {"wrt": "x"}, {"∘", "∇", "σ", "diag"}),
        ("tr(A*X)", {"wrt": "X"}, {"tr"}),
        ("x'*A*x", {"wrt": "x", "style": "differential"}, {"∇", "d"}),
        ("norm2(X)^2", {}, {"‖·‖"}),
        ("sum(x)", {}, {"𝟏", "∇"}),
        ("A*X*B", {"kind": "jacobian", "wrt": "X"}, {"⊗", "vec"}),
        ("logdet(S)", {"wrt": "S", "assume": {"S": "spd"}}, {"logdet", "spd", "d", "det", "sign", "tr"}),
        ("a*b", {"dims": {"a": (), "b": ()}}, set()),
        ("sum(relu(x))", {}, {"∘", "𝟏", "∇", "relu", "step", "diag"}),
    ],
)
def test_the_signs_that_occur(text: str, more: dict[str, object], want: set[str]) -> None:
    found = signs(text, **more)
    assert len(set(found)) == len(found)
    shown = matcalc.derive(text, check=False, **more).to_text().partition(HEAD)[0]  # type: ignore[arg-type]
    assert set(found) <= want | {"d"} and set(found) >= {sign for sign in want if sign.strip("·‖") in shown or sign == "‖·‖"}


def test_names_of_the_input_are_no_signs() -> None:
    """K, e, d and sigma may be variables and functions; a function that the legend needs for another one comes along."""
    assert not {"K", "eᵢ", "d"} & set(signs("K_1*e_2 + d*e_2", dims={"K_1": (), "e_2": (), "d": ()}))
    assert "σ" not in signs("u'*sigma(x)", wrt="x", functions={"sigma": "tanh"})
    assert {"gelu", "normcdf"} <= set(signs("sum(gelu(x))"))


def test_it_stands_in_every_format_at_every_detail() -> None:
    d = matcalc.derive("u'*softplus(W*x) + x'*S*x", assume={"S": "spd"}, wrt="x", check=False)
    for detail in ("brief", "normal", "full"):
        text = " ".join(d.to_text(detail).split())
        assert "Signs: ∘ elementwise product; " in text and "σ(z) = 1/(1 + exp(-z))" in text
        assert "spd: symmetric and positive definite" in text
        for form in (d.to_latex(detail=detail), d.to_markdown(detail), d.to_html(detail)):
            assert form.count("Signs:") == 1 and "spd: symmetric and positive definite." in form
    data = json.loads(d.to_json())["signs"]
    assert {"sign": "∘", "latex": r"\odot", "meaning": "elementwise product"} in data
    assert {"sign": "spd", "latex": "", "meaning": "symmetric and positive definite"} in data
    assert any(sign["sign"] == "σ(z)" and sign["meaning"] == "1/(1 + exp(-z))" for sign in data)
    assert "Signs" not in matcalc.derive("a*b", dims={"a": (), "b": ()}, check=False).to_text()


@pytest.mark.parametrize("width", [20, 40, 80])
def test_equations_stay_whole_where_they_fit(width: int) -> None:
    text = matcalc.derive("u'*sigmoid(W*x)", check=False).to_text(width=width)
    rows = text[text.index(HEAD) :].partition("\n\n")[0].split("\n")
    assert all(len(row) <= width for row in rows)
    assert width < 40 or any("σ(z) = 1/(1 + exp(-z))" in row for row in rows)


def test_every_row_is_well_formed() -> None:
    assert set(MEANING) < PROPERTIES
    assert all(re.compile(sign.look) and (sign.look or sign.meaning in TABLE) for sign in SIGNS)
