"""Sizes as they are typed."""

from __future__ import annotations

import pytest

from matcalc.expr.errors import UsageError
from matcalc.expr.typed_sizes import axes


@pytest.mark.parametrize(
    ("text", "sizes"),
    [("n,m", ("n", "m")), ("(n, m)", ("n", "m")), ("3x3", ("3", "3")), ("nxm", ("n", "m")), ("n×m", ("n", "m")), ("", ()),
     ("max", ("max",)), ("n1xm", ("n1xm",)), ("m*n,1", ("m*n", "1"))],
)  # fmt: skip
def test_sizes_are_read_as_they_are_typed(text: str, sizes: tuple[str, ...]) -> None:
    assert axes(text) == sizes


@pytest.mark.parametrize(
    ("text", "hint"), [("3*3", "write 3,3 or 9"), ("n*n", "write n,n or n*n,1"), ("(n*m)", "write n,m or n*m,1")]
)
def test_a_product_alone_is_asked_about(text: str, hint: str) -> None:
    """``--dim A=n*n`` was a column of n·n entries: x'*A*x was answered as (x'A)x."""
    with pytest.raises(UsageError, match="has two readings: 2 sizes, or their product as one size") as asked:
        axes(text)
    assert asked.value.hint == hint
    for typed in hint.removeprefix("write ").split(" or "):
        assert axes(typed)
