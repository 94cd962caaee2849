"""What an assistant may ask for: typed results, errors whole."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest

from matcalc.expr.errors import MatcalcError

pytest.importorskip("typing_extensions")  # which comes with the SDK, where Python has not what it needs

from matcalc.ui.mcp_tools import TOOLS, check_answer, check_derivation, derive, equal, explain_rule, with_errors


def test_a_derivation() -> None:
    found = derive("s = u^T f(W x + b)", ["W"], dims={"W": "n,m"}, code="numpy")
    assert found["results"] == [
        {"wrt": "W", "plain": "(u .* f'(W*x + b))*x'", "latex": found["results"][0]["latex"], "shape": ["n", "m"]}
    ]
    assert found["dims"]["x"] == ["m"] and "outer-product" in {line["rule"] for line in found["lines"]}
    assert "2 random points" in found["checked"] and "def s_and_gradient(" in found["code"] and "Backward" in found["text"]


def test_work_and_answers() -> None:
    found = check_derivation("r = A*x - b\nf = r'*r\ndf/dx = A'*r")
    assert (found["verdict"], found["first_wrong"], found["lines"][-1]["verdict"]) == ("factor", 2, "factor")
    assert check_answer("x'*A*x", "x", "2*A*x")["verdict"] == "needs-assumption"
    assert check_answer("x'*A*x", "x", "2*A*x", assume={"A": "symmetric"})["verdict"] == "right"


def test_two_expressions_and_a_rule() -> None:
    assert equal("tr(A*B)", "tr(B*A)")["equal"]
    found = equal("x'*A*x", "2*x'*A*x")
    assert not found["equal"] and found["factor"] == "1/2" and "where" in found["text"]
    assert "where" in explain_rule("outer-product")["text"] and "source:" in explain_rule("outer-product")["text"]


@pytest.mark.parametrize("tool, asked, words", [
    (derive, {"expression": "x*A*x"}, ["shape: product: the sizes do not fit", "^^^", "hint:", "reading 1: x*(x*A)", '"dims"']),
    (derive, {"expression": "x +"}, ["parse: "]), (explain_rule, {"name": "outer-prodct"}, ["did you mean outer-product"]),
    (check_answer, {"problem": "x'*A*x", "wrt": "x", "answer": "q*x"}, ["'q' is not defined"]),
])  # fmt: skip
def test_errors_are_whole(tool: object, asked: dict[str, str], words: list[str]) -> None:
    class Failure(Exception):
        pass

    run = with_errors(tool, Failure)  # type: ignore[arg-type]
    with pytest.raises(Failure) as error:
        run(**asked)  # type: ignore[call-arg]
    assert all(word in str(error.value) for word in words)


def test_the_arguments_of_a_reading_choose_it() -> None:
    with pytest.raises(ValueError) as error:
        with_errors(derive, ValueError)("x*A*x")
    said = str(error.value).split("reading 2: ")[1].split("with ")[1]
    assert derive("x*A*x", **json.loads(said))["value"]


@pytest.mark.parametrize("text", ["__import__('os').system('touch {}')", "open('{}', 'w')", "exec('{}')"])
def test_nothing_is_run_and_no_file_is_opened(text: str, tmp_path: Path) -> None:
    marker = tmp_path / "made"
    own = text.format(marker)
    for tool, asked in ((derive, (own,)), (check_derivation, (f"def grad(x):\n    {own}\n    return x\n", "x'*x", "x")),
                        (equal, (own, own)), (explain_rule, (own,)), (check_answer, ("x'*x", "x", own))):  # fmt: skip
        with suppress(MatcalcError):
            tool(*asked)  # type: ignore[operator]
    assert not marker.exists()


def test_each_tool_says_what_it_does() -> None:
    assert [tool.__name__ for tool in TOOLS] == ["derive", "check_derivation", "check_answer", "equal", "explain_rule"]
    assert all(tool.__doc__ and tool.__doc__[0].isupper() for tool in TOOLS)
