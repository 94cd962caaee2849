"""Statements of special form become statements like others; without one nothing is loaded."""

from __future__ import annotations

import subprocess
import sys

from matcalc.api import read_problem
from tests.places import ROOT


def test_an_ordinary_text_loads_nothing() -> None:
    code = 'import sys\nfrom matcalc.api import read_problem\nread_problem("s = u\'*f(W*x)")\nprint(*sys.modules)'
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert not {"matcalc.notation.sums.recurrences", "matcalc.notation.sums.equalities"} & set(done.stdout.split())


def test_each_special_form_is_read() -> None:
    entries = read_problem(r"s = y^T p; p_j = e^{z_j} / \sum_k e^{z_k}", {"y": ("n",), "z": ("n",)}, "latex")
    assert dict(entries.definitions)["p"].op == "softmax" or "exp" in repr(entries.output) or "softmax" in repr(entries.output)
    assert len(read_problem("f = x'*x = norm2(x)^2", {"x": ("n",)}).equal) == 1
