"""``matcalc mcp`` as an assistant has it: a client of the SDK that starts the command and calls its tools by a pipe."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import pytest
from click.testing import CliRunner

from matcalc.cli import main


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    monkeypatch.setitem(sys.modules, "mcp", None)
    done = CliRunner().invoke(main, ["mcp"])
    assert done.exit_code == 2 and "pip install 'mcp>=2,<3'" in done.stderr and done.stdout == ""


CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("derive", {"expression": "s = u^T f(W x + b)", "wrt": ["W"]}),
    ("check_derivation", {"work": "r = A*x - b\nf = r'*r\ndf/dx = A'*r"}),
    ("check_answer", {"problem": "norm2(A*x - b)^2", "wrt": "x", "answer": "2*A'*(A*x - b)"}),
    ("equal", {"a": "tanh(z)", "b": "2*sigmoid(2*z) - 1"}),
    ("explain_rule", {"name": "outer-product"}),
    ("derive", {"expression": "x*A*x"}),
    ("derive", {"expression": 7}),
    ("nothing", {}),
)


@pytest.fixture(scope="module")
def session() -> tuple[list[Any], list[Any]]:
    """The tools as they are listed, and what each call gave."""
    pytest.importorskip("mcp")
    from mcp import StdioServerParameters
    from mcp.client import Client

    async def run() -> tuple[list[Any], list[Any]]:
        command = StdioServerParameters(command=sys.executable, args=["-m", "matcalc", "mcp"])
        async with Client(command) as client:
            listed = (await client.list_tools()).tools
            found = []
            for name, asked in CALLS:
                try:
                    found.append(await client.call_tool(name, asked))
                except Exception as error:
                    found.append(error)
            return listed, found

    return asyncio.run(asyncio.wait_for(run(), 60))


@pytest.mark.slow
def test_tools_have_schemas_both_ways(session: tuple[list[Any], list[Any]]) -> None:
    listed = {tool.name: tool for tool in session[0]}
    assert list(listed) == ["derive", "check_derivation", "check_answer", "equal", "explain_rule"]
    assert listed["check_answer"].input_schema["required"] == ["problem", "wrt", "answer"]
    assert set(listed["equal"].output_schema["properties"]) == {"equal", "how", "error", "factor", "text"}


@pytest.mark.slow
def test_results_are_structured(session: tuple[list[Any], list[Any]]) -> None:
    derived, work, answer, same, rule = (result.structured_content for result in session[1][:5])
    assert derived["results"][0]["plain"] == "(u .* f'(W*x + b))*x'"
    assert (work["verdict"], work["first_wrong"], answer["verdict"], same["equal"]) == ("factor", 2, "right", True)
    assert rule["text"].startswith("outer-product")


def test_errors_come_whole_and_the_server_goes_on(session: tuple[list[Any], list[Any]]) -> None:
    shape, typed, unknown = session[1][5:]
    assert shape.is_error and "the sizes do not fit: 'x' is [n×1]" in shape.content[0].text and "reading 1" in shape.content[0].text
    assert isinstance(typed, Exception) or typed.is_error
    assert isinstance(unknown, Exception) or unknown.is_error
