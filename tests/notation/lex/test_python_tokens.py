"""Python spellings among plain tokens: prefixes taken in, what ``*`` is."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.expr.errors import AmbiguityError, ParseError
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.python_tokens import joined
from tests.streams import line


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("np.sum(X)", "np:numpy.sum open:( name:X close:)"),
        ("numpy.linalg.norm(x)", "np:linalg.norm open:( name:x close:)"),
        ("torch.exp(x)", "np:torch.exp open:( name:x close:)"),
    ],
)
def test_prefixes_are_taken_in(text: str, tokens: str) -> None:
    found, star, _ = joined(tokenize_plain(text), ())
    assert line(found) == tokens and star == "np*"


def test_what_is_no_python_stays() -> None:
    tokens = tokenize_plain("A*x + b'")
    found, star, numpy = joined(tokens, ())
    assert found == tokens and not numpy and star in ("*", "")


def test_a_declared_name_is_no_module() -> None:
    found, _, _ = joined(tokenize_plain("np*x"), ("np",))
    assert line(found) == "name:np op:* name:x"


def test_a_function_that_is_not_known_is_refused_with_its_place() -> None:
    with pytest.raises(ParseError) as caught:
        joined(tokenize_plain("np.nothing(x)"), ())
    assert caught.value.span == (3, 10) and "np.nothing" in caught.value.message


def test_the_diagonal_of_a_count_in_r_is_asked_about() -> None:
    """diag(p) is the identity in R where p is a number: it was the diagonal matrix of a vector, without a word."""
    text = "solve(t(X) %*% X + lambda*diag(p)) %*% t(X) %*% y"
    with pytest.raises(AmbiguityError, match="the identity of size p") as caught:
        matcalc.derive(text, "y")
    found = [matcalc.derive(text, "y", **r.kwargs).result.plain for r in caught.value.readings]
    assert found == ["inv(lambda*eye(p) + X'*X)*X'", "inv(lambda*diag(p) + X'*X)*X'"]
    assert matcalc.parse("diag(w) %*% x").plain == "diag(w)*x"


def test_words_that_are_subtracted_are_alike() -> None:
    with pytest.raises(AmbiguityError) as caught:
        matcalc.derive("-torch.log(torch.sigmoid(pos - neg)).mean()", "pos")
    assert caught.value.readings[0].kwargs == {"dims": {"pos": ("n",), "neg": ("n",)}}
