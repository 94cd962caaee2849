"""What the way in which a part is written says of its kind."""

from __future__ import annotations

import pytest

from matcalc.notation.kinds.written import is_number, is_squared_vector, is_vectorial
from matcalc.notation.parse.statements import Names, read


@pytest.mark.parametrize(
    ("text", "number", "vectorial", "squared"),
    [
        (r"-2/3", True, False, False),
        (r"2 \cdot 3 x", False, False, False),
        (r"\vec v", False, True, False),
        (r"\vec v - \vec w", False, True, False),
        (r"\omega \times r", False, True, False),
        (r"2 \times 3", True, False, False),
        (r"\vec v^2", False, False, True),
        (r"(\omega \times r)^2", False, False, True),
        (r"v^2", False, False, False),
        (r"\vec v^3", False, False, False),
    ],
)
def test_forms(text: str, number: bool, vectorial: bool, squared: bool) -> None:
    (statement,) = read(text, Names()).statements
    node = statement.body
    assert is_number(node) == number and is_vectorial(node) == vectorial
    assert (node.kind == "pow" and is_squared_vector(node)) == squared
