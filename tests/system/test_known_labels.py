"""Every label that a derivation prints is known to ``matcalc rules show``, in the words of the line and as the name of a row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import matcalc
from matcalc.algebra.book import book
from matcalc.algebra.identities import called
from matcalc.algebra.rulelist import shown
from matcalc.printers.story import reasons, tell

OWN: tuple[tuple[str, dict[str, Any]], ...] = (
    ("s = (x'*A*x)/(x'*x)", {}),
    ("s = tr(A*X*B*X')", {"style": "differential"}),
    ("Z = A*X*B", {}),
    ("s = u'*f(W*x + b)", {"kind": "hessian", "wrt": "x"}),
    ("s = x'*A*x", {"kind": "hvp", "wrt": "x", "direction": "v"}),
    ("s = x'*A*y", {"kind": "mixed", "wrt": ["x", "A"]}),
    ("s = x'*A*x", {"kind": "differential"}),
    ("s = -y'*log(softmax(z))", {"cases": True, "assume": {"y": "one-hot"}}),
    ("s = u'*tanh(W*[a; b] + c)", {}),
    ("sum(sum(relu(X)) - sum(relu(X)))", {}),
)


def labels(d: Any) -> Iterator[str]:
    """Of the lines as they are printed, one by one, and the names of the rows behind them."""
    for line in tell(d).lines:
        if line.kind != "case":  # beside which stands when it holds
            yield from (part.removesuffix(";") for part in reasons(line.rule))
        yield from line.rules
    yield from (step.rule for step in d.steps if step.source != "given")


def unknown(d: Any) -> list[str]:
    return [label for label in labels(d) if label and not called(book(), label)]


@pytest.mark.parametrize(("text", "options"), OWN)
def test_the_labels_of_further_kinds(text: str, options: dict[str, Any]) -> None:
    d = matcalc.derive(text, check=False, **options)
    assert unknown(d) == [] and set(labels(d)) - {""}
    for label in set(labels(d)) - {""}:
        assert "source: " in shown(book(), label)


def test_a_label_that_names_no_row_is_seen() -> None:
    d = matcalc.derive("s = x'*A*x", check=False)
    steps = tuple([step._replace(rule="invented") for step in d.trace.steps])
    object.__setattr__(d, "trace", d.trace._replace(steps=steps))
    assert "invented" in unknown(d)
