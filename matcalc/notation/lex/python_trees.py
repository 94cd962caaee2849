"""The syntax tree of Python source, generated or a user's rule file, for several threads at once."""

from __future__ import annotations

import ast
from threading import Lock

_ONE_AT_A_TIME = Lock()


def tree_of(source: str) -> ast.Module:
    """Python 3.11 counts the depth of the trees that it makes for all threads together: two at once are a ``SystemError``."""
    with _ONE_AT_A_TIME:
        return ast.parse(source)
