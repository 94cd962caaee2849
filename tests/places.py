"""Where things lie: the source tree, read once for all tests that look at it, and the shared corpus beside it."""

from __future__ import annotations

import ast
import os
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("MATCALC_CORPUS") or ROOT.parent / "shared" / "corpus")


@cache
def parsed(path: Path) -> ast.Module:
    """The tree of a source file, which nobody may change."""
    return ast.parse(path.read_text("utf-8"), str(path))
