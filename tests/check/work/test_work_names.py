"""Names of somebody's work."""

from __future__ import annotations

import pytest

from matcalc.check.work.work_names import applied_function, head, is_function, with_functions, word, words


def test_words_are_not_used_twice() -> None:
    one, other = words(), words()
    assert [next(one) for _ in range(12)] == [next(other) for _ in range(12)]
    assert len({next(one) for _ in range(100)}) == 100


@pytest.mark.parametrize(("text", "name"), [("z", "z"), ("f(x)", "f"), (r"\delta", r"\delta"), ("W*x", None), ("2", None)])
def test_heads(text: str, name: str | None) -> None:
    assert head(text) == name


def test_functions_by_their_names() -> None:
    shown = word("sigmoid")
    assert with_functions("s(z)", {"s": "sigmoid"}, (), False) == f"{shown}(z)"
    assert with_functions(r"\sigma' = \sigma(1-\sigma)", {r"\sigma": "sigmoid"}, (), True).count("(t)") == 3
    assert with_functions(r"\sigma + \sigma(z)", {r"\sigma": "sigmoid"}, {"sigma"}, True).startswith(r"\sigma +")
    assert with_functions("ones(n)", {"s": "sqrt"}, (), False) == "ones(n)"
    assert is_function("tanh") and not is_function("softmax")
    assert applied_function("sigmoid(X*w)") == "sigmoid" and applied_function("X*w") is None
