"""``matcalc mcp``: the tools of :mod:`matcalc.ui.mcp_tools` for assistants, by the Model Context Protocol on standard input."""

from __future__ import annotations

from typing import Any

import click

from matcalc import __version__
from matcalc.ui.console import CONTEXT, refuse

INSTALL = "pip install 'mcp>=2,<3'"
ABOUT = (
    "Derivatives of matrix expressions, derived line by line and verified, and checks of somebody's own answers and derivations. "
    "A transpose is x', products of matrices are written A*B or A B, entrywise ones .*; LaTeX is read too. Where a text has "
    "several readings, the error lists the arguments that choose each."
)


@click.command(context_settings=CONTEXT, short_help="Serve assistants on standard input.")
def mcp() -> None:
    """Serve derive, check_derivation, check_answer, equal and explain_rule to an assistant (Model Context Protocol, stdio)."""
    try:
        made = server()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        refuse(f"the package mcp is not installed: {INSTALL}")
    made.run("stdio")


def server() -> Any:
    """The server, with its tools. Raises ``ModuleNotFoundError`` without the SDK."""
    from mcp.server.mcpserver import MCPServer
    from mcp.server.mcpserver.exceptions import ToolError

    from matcalc.ui.mcp_tools import TOOLS, with_errors

    made = MCPServer("matcalc", instructions=ABOUT, version=__version__, log_level="ERROR")
    for tool in TOOLS:
        made.add_tool(with_errors(tool, ToolError), structured_output=True)
    return made
