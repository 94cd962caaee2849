"""What W_{23}, W[2,3], x_i and w_k mean beside a text, and what is said of those that mean nothing."""

from __future__ import annotations

import pytest

from matcalc.api import read_problem
from matcalc.engine.part_names import part_called
from matcalc.expr.errors import AmbiguityError, UsageError

NET = "s = u^T f(W x + b)"


@pytest.mark.parametrize(
    ("name", "places"),
    [("W_{23}", (2, 3)), ("W_23", (2, 3)), ("W_{2,3}", (2, 3)), ("W[2,3]", (2, 3)), ("W[ 2 , 3 ]", (2, 3)), ("W_{12,3}", (12, 3)),
     ("W_{ij}", ("i", "j")), ("W_{2j}", (2, "j")), ("W[2,:]", (2, "")), (r"W_{i\cdot}", ("i", "")), ("W_{:,3}", ("", 3)),
     ("x_2", (2,)), ("x_{23}", (23,)), ("x_i", ("i",)), ("x[2]", (2,))],
)  # fmt: skip
def test_one_index_an_axis(name: str, places: tuple[object, ...]) -> None:
    part = part_called(read_problem(NET, asked=(name,)), name)
    assert part is not None
    assert (part.array, part.places) == (name[0], places)


@pytest.mark.parametrize(("index", "places"), [({}, ("k", "")), ({"w_k": "W[:,k]"}, ("", "k"))])
def test_rows_that_the_text_has_are_called_as_there(index: dict[str, str], places: tuple[str, ...]) -> None:
    part = part_called(read_problem(r"\sum_k y_k w_k^\top x", index=index, asked=("w_k",)), "w_k")
    assert part is not None
    assert (part.array, part.places, part.member) == ("W", places, "w_k")


@pytest.mark.parametrize("name", ["W", "u", "q_2", "V_{23}", "W^{[1]}"])
def test_other_names_are_no_parts(name: str) -> None:
    assert part_called(read_problem(NET), name) is None


def test_a_name_of_the_text_is_itself() -> None:
    assert part_called(read_problem("W_{23} + sum(W)", {"W_23": (), "W": ("n", "m")}), "W_{23}") is None


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("W[0,1]", "'W[0,1]': indices count from 1, and there is no entry 0", "NumPy's x[0] is x[1] here"),
        ("W_2", "'W_2' has one index, and 'W' is [n×m]", "write W[i,j] for an entry, W[i,:] for a row, W[:,j] for a column"),
        ("x[1,2]", "'x[1,2]' has 2 indices, and 'x' is [m×1]", "write x[i]"),
        ("W_{ii}", "'W_{ii}' is the diagonal of 'W'", "differentiate by 'W', and take the diagonal"),
        ("W[:,:]", "'W[:,:]' is all of 'W'", "differentiate by 'W'"),
        ("W_{ib}", "'W_{ib}': 'b' is a variable of the expression, and cannot be an index too", "take another letter, or a number"),
        ("W[1:2,3]", "'W[1:2,3]': an index is a number, a letter or ':', and this is '1:2,3'",
         "differentiate by one entry or row of 'W', or by all of it"),
    ],
)  # fmt: skip
def test_what_an_array_has_not_is_refused(name: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        part_called(read_problem(NET, asked=(name,)), name)
    assert (caught.value.message, caught.value.hint) == (message, hint)


def test_outside_and_numbers() -> None:
    problem = read_problem("a*x'*W*x", {"W": (3, 3), "a": ()})
    with pytest.raises(UsageError, match=r"'W_\{24\}' is outside: index 4 of 3"):
        part_called(problem, "W_{24}")
    with pytest.raises(UsageError, match="'a' is a number: it has no entries"):
        part_called(problem, "a_2")


def test_three_digits_have_two_readings_and_the_hint_works() -> None:
    problem = read_problem(NET)
    with pytest.raises(AmbiguityError, match=r"W_\{1,23\} or W_\{12,3\}") as caught:
        part_called(problem, "W_{123}")
    part = part_called(problem, str(caught.value.hint).removeprefix("write "))
    assert part is not None and part.places == (1, 23)


def test_brackets_beside_numpy_may_count_from_0_and_the_hint_works() -> None:
    problem = read_problem("u @ np.tanh(W @ x + b)", {"W": ("n", "m")})
    with pytest.raises(AmbiguityError, match=r"'W\[1,2\]' beside '@' has two readings: counted from 0 as in NumPy") as caught:
        part_called(problem, "W[1,2]")
    typed = str(caught.value.hint).removeprefix("write ").removesuffix(", which counts from 1")
    part = part_called(problem, typed)
    assert part is not None and part.places == (1, 2)


def test_no_size_without_a_name_is_called_like_an_index() -> None:
    sizes = read_problem(NET, asked=("W_{nm}",)).dims["W"]
    assert not {"n", "m"} & set(sizes)


@pytest.mark.parametrize(
    ("text", "name", "array", "instead"),
    [
        (r"-\log \frac{\exp(u_o^\top v_c)}{\sum_{w=1}^V \exp(u_w^\top v_c)}", "U_{oj}", "U", "U_{ij}"),
        (r"\sum_i -\log \frac{e^{w_{y_i}^\top x_i}}{\sum_c e^{w_c^\top x_i}}", "w_{y_i}", "W", "w_{j}"),
        (r"\sum_i -\log \frac{e^{w_{y_i}^\top x_i}}{\sum_c e^{w_c^\top x_i}}", "w_y", "W", "w_i"),
    ],
)
def test_a_label_is_no_index_that_stands_for_all_and_the_hint_works(text: str, name: str, array: str, instead: str) -> None:
    problem = read_problem(text, asked=(name,))
    with pytest.raises(UsageError, match=f"is the part of '{array}' that the integer label '[oy]' picks") as caught:
        part_called(problem, name)
    assert str(caught.value.hint) == f"differentiate by {instead}, which is any of them, or by {array}"
    part = part_called(read_problem(text, asked=(instead,)), instead)
    assert part is not None and part.array == array


def test_a_size_is_no_index_of_a_row_that_the_text_has() -> None:
    with pytest.raises(UsageError, match="'w_K': 'K' is a size of the expression, and cannot be an index too"):
        part_called(read_problem(r"\sum_{k=1}^K y_k w_k^\top x", asked=("w_K",)), "w_K")


@pytest.mark.parametrize(
    ("text", "name", "array", "places", "member"),
    [
        (r"-\log \frac{\exp(u_o^\top v_c)}{\sum_{w=1}^V \exp(u_w^\top v_c)}", "u_o", "U", ("o", ""), "u_o"),
        (r"J = -\log(e^{f_y} / \sum_c e^{f_c})", "f_y", "f", ("y",), ""),
        (r"J = -\log(e^{f_y} / \sum_c e^{f_c})", "f[y]", "f", ("y",), ""),
        (r"J = -\log(e^{f_y} / \sum_c e^{f_c}), f = W x", "W[y,:]", "W", ("y", ""), ""),
    ],
)
def test_a_label_picks_a_part(text: str, name: str, array: str, places: tuple[str, ...], member: str) -> None:
    problem = read_problem(text, asked=(name,))
    part = part_called(problem, name)
    assert part is not None and part.chosen and not part.letters
    assert (part.array, part.places, part.member, part.picked) == (array, places, member, problem.symbols[name.strip("uW[:,]f_")])
