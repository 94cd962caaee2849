"""Notices of what a derivation holds for, and none where there is nothing to say."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc

DIMS: dict[str, Any] = {"X": ("n", "n"), "A": ("n", "n"), "x": ("n",), "W": ("m", "n")}


def warnings(text: str, **options: Any) -> str:
    return " / ".join(matcalc.derive(text, dims={k: v for k, v in DIMS.items() if k in text}, **options).warnings)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("det(X)", {}, "adj(X)"),
        ("sum(pinv(W))", {}, "less than full rank"),
        ("W*x", {"wrt": "W", "kind": "jacobian", "layout": "denominator"}, "is not in denominator layout"),
    ],
)
def test_notices(text: str, options: dict[str, Any], words: str) -> None:
    assert words in warnings(text, **options)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("det(X)", {"assume": {"X": "invertible"}}, "adj("),
        ("log(det(X))", {}, "adj("),  # the expression itself needs an inverse
        ("logdet(X)", {}, "adj("),
        ("sum(x)", {}, "entry"),
        ("prod(x)", {}, "entry"),
        ("sum(inv(X))", {}, "rank"),
        ("W*x", {"wrt": "x", "kind": "jacobian", "layout": "denominator"}, "layout"),
    ],
)
def test_no_notice_without_a_reason(text: str, options: dict[str, Any], words: str) -> None:
    assert words not in warnings(text, **options)
