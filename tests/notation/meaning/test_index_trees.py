from __future__ import annotations

from matcalc.notation.lex.syntax import Ast, walk
from matcalc.notation.meaning.index_trees import (
    bound_by,
    changing,
    form,
    has_letter,
    is_free,
    is_outside,
    mapped,
    member,
    members_of_sums,
    names_as_values,
    renamed,
    under,
)
from matcalc.notation.parse.statements import Names, read


def tree(text: str) -> Ast:
    return read(text, Names()).statements[0].body


def test_members_of_sums() -> None:
    found = members_of_sums(list(walk(tree(r"\sum_w \exp(u_w^T v) + \sum_{j \ne y} s_j"))))
    assert {name: [index for _, index in pairs] for name, pairs in found.items()} == {"u": ["w"], "s": ["j"]}


def test_a_form_knows_no_places_and_an_index_can_be_changed() -> None:
    body = tree(r"\sum_w \exp(u_w^T v)").args[0]
    assert form(renamed(body, "w", "o")) == form(tree(r"\exp(u_o^T v)"))
    other = tree(r"\sum_k \exp(u_k^T v)").args[0]
    assert form(mapped(body, changing("w", "k"))) == form(other) != form(body)


def test_letters_that_are_free_or_bound() -> None:
    sum_ = tree(r"\sum_i x_i y_j + f")
    assert bound_by(sum_.args[0]) == ("i",)
    assert not is_free(sum_, "i") and is_free(sum_, "j")
    assert under(tree(r"\sum_i f_c"), "f", "i") and not under(tree(r"\sum_k g"), "f", "k")
    assert is_outside(tree(r"f_c + \sum_i f"), "f", "i") and is_outside(tree(r"\sum_k f"), "f", "i")
    assert not is_outside(tree(r"\sum_i f_c"), "f", "i") and not is_outside(tree("g"), "f", "i")
    x = tree(r"\sum_i x_i").args[0]
    assert has_letter(x, "i") and member(x, "i") == x.args[0] and member(x, "j") is None


def test_values_are_names_that_are_no_indices() -> None:
    sum_ = tree(r"\sum_i a x_i + y")
    assert sorted(n.value for n in names_as_values(sum_, frozenset())) == ["a", "x", "y"]
    assert sorted(n.value for n in names_as_values(sum_, frozenset(), whole=True)) == ["a", "y"]
