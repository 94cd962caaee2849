"""Where things lie: the source tree, and the shared corpus beside it."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
CORPUS = Path(os.environ.get("MATCALC_CORPUS") or ROOT.parent / "shared" / "corpus")
