"""What each parameter of the public functions accepts."""

from __future__ import annotations

from typing import Any

import pytest

from matcalc.expr.errors import UsageError
from matcalc.options import macros_of, require, said


def test_macros_of_a_preamble() -> None:
    assert macros_of("\\usepackage{amsmath}\n\\newcommand{\\R}{\\mathbb{R}}\n") == {"\\R": "\\mathbb{R}"}


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("expression", "x", 3), ("wrt", ["x", "y"], 3), ("dims", {"x": ("n",)}, ["x"]), ("assume", {"A": "spd"}, {"A": 3}),
        ("check", True, "yes"), ("seed", 0, -1), ("points", 2, 0), ("points", 1000, 1001),
        ("width", None, 0), ("functions", {"f": abs}, {"f": 3}),
        ("define", ["q(t) = t"], [3]), ("kind", None, 3), ("rules", "a.py", 3), ("arrays", {"x": 1}, None), ("document", False, 2),
    ],
)  # fmt: skip
def test_each_parameter_says_what_it_takes(name: str, good: Any, bad: Any) -> None:
    require(**{name: good})
    with pytest.raises(UsageError) as caught:
        require(**{name: bad})
    assert name in caught.value.message and caught.value.hint


def test_a_value_in_a_message_is_short() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    assert said(3) == "3" and len(said("x" * 10**6)) < 400 and "Broken" in said(Broken())
