from __future__ import annotations

import pytest

import matcalc
from matcalc.notation.meaning.integer_labels import labelled
from matcalc.notation.parse.statements import Names, read


def found(text: str, declared: tuple[str, ...] = ()) -> dict[str, int]:
    source = read(text, Names(declared))
    return {name: label.samples for name, label in labelled(source.statements, {}, declared, source.latex).labels.items()}


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (r"\sum_i f_{y_i}", {"y": 1}),
        (r"\sum_i \mu_{y^{(i)}}", {"y": 1}),
        (r"L_i = -f_{y_i} + \log\sum_j e^{f_j}", {"y_i": 0}),
        (r"\sum_{j \ne y} s_j", {"y": 0}),
        (r"\sum_{i \ne j} s_i s_j", {}),
        (r"-\log(e^{f_y}/\sum_c e^{f_c})", {"y": 0}),
        (r"\log\frac{\exp(u_g^T v)}{\sum_w \exp(u_w^T v)}", {"g": 0}),
        (r"\log\sigma(u_o^T v) + \sum_k \log\sigma(-u_k^T v)", {}),
        (r"\log\sigma(u_o^T v) + \sum_k \log\sigma(-u_{w_k}^T v)", {"o": 0, "w": 1}),
        (r"\sum_k 1\{y=k\} p_k", {"y": 0}),
        (r"\sum_i \sum_j 1\{y_i=y_j\} a_{ij}", {"y": 1}),
        (r"p = \mathrm{softmax}(z), -\log p_y", {"y": 0}),
        (r"\sum_t \log p_{t, w_t}", {"w": 1}),
        ("z[y]", {"y": 0}),
        ("x'*A*x", {}),
        (r"\sum_i (x_i - x_a)^2", {}),
        (r"I_n + \mathbf{1}_n^T x", {}),
        (r"-\log\frac{e^{z_k}}{\sum_j e^{z_j}}", {"k": 0}),
        (r"L = -\log p_k, p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}", {"k": 0}),
        (r"p_c = e^{f_c}/\sum_k e^{f_k}, L = -\log p_y", {"y": 0}),
        (r"x_i (\Sigma x)_i", {}),
        (r"\log \hat y[o]", {"o": 0}),
    ],
)
def test_which_names_are_labels(text: str, labels: dict[str, int]) -> None:
    assert found(text) == labels


def test_declared_names_and_sizes_are_no_labels() -> None:
    assert found("z[y]", ("y",)) == {}


def test_a_definition_that_depends_on_the_sample_is_one_for_each() -> None:
    source = read(r"f = W x_i + b, \sum_i f_{y_i}", Names())
    result = labelled(source.statements, {}, (), True)
    assert result.statements[0].letters == ("i",)
    assert result.notes == ("'f' depends on i: it is read as f_i, one for each i",)


@pytest.mark.parametrize("text, moving", [
    (r"f = U h + c, h = \tanh(z), z = W x_i + b, \sum_i f_{y_i}", {"f", "h", "z"}),
    (r"z = W x_i + b, h = \tanh(z), f = U h + c, J = \sum_i f_{y_i}", {"f", "h", "z"}),
    (r"h = W x_i, g = A u, f = U h + g, \sum_i f_{y_i}", {"h", "f"}),  # g is one for all
    (r"h = W x_i, s = \sum_i h, f = A s, \sum_i f_{y_i}", {"h"}),  # s is no more one for each
    (r"f = W x + b, \sum_i f_{y_i}", set()),
    (r"h = W x_i, f = A u, \sum_i f_{y_i}", set()),  # h is not needed by the sum
])  # fmt: skip
def test_definitions_move_with_the_sample_through_others(text: str, moving: set[str]) -> None:
    source = read(text, Names())
    result = labelled(source.statements, {}, (), True)
    assert {s.name for s in result.statements if s.letters == ("i",)} == moving
    assert {note.split("'")[1] for note in result.notes if "depends on" in note} == moving


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (r"\sum_i -\log\frac{e^{f_{y_i}}}{\sum_c e^{f_c}}", "'f' has no index i and is the same for every i"),
        (r"\sum_i -\log\frac{e^{f_{y_i}}}{\sum_c e^{f_c}}; f = W x_i + b", ""),
        (r"\sum_i -\log\frac{e^{w_{y_i}^T x_i + b_{y_i}}}{\sum_c e^{w_c^T x_i + b_c}}", ""),
        (r"\sum_i \|x_i - \mu_{y_i}\|^2", ""),
        (r"\sum_i -\log\frac{e^{f_{i,y_i}}}{\sum_c e^{f_{i,c}}}", ""),
    ],
)
def test_scores_that_are_the_same_for_all_samples_are_noticed(text: str, said: str) -> None:
    notes = " ".join(matcalc.derive(text, check=False).warnings)
    assert said in notes and (said or "the same for every" not in notes)


def test_layers_by_name_are_the_layers_written_out() -> None:
    loss = r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_c e^{f_c}}, "
    named = matcalc.derive(loss + r"f = U h + c, h = \tanh(z), z = W x_i + b", wrt=["W", "U"])
    written = matcalc.derive(loss + r"f = U \tanh(W x_i + b) + c", wrt=["W", "U"])
    assert all(matcalc.equal(named[w].plain, written[w].plain) for w in ("W", "U"))


def test_a_label_that_is_a_number_too_is_asked_about() -> None:
    with pytest.raises(matcalc.AmbiguityError, match="'y' is a number here, and an integer label in 'y_i' as an index") as error:
        matcalc.parse(r"\sum_i (y_i - \mu_{y_i})^2")
    assert error.value.hint == "give one of them another name"
    assert matcalc.parse(r"\sum_i (t_i - \mu_{y_i})^2").plain == "sum((t - y*mu).^2)"


def test_what_is_no_member_of_a_sum_is_said() -> None:
    d = matcalc.derive(r"J = -\log\sigma(u_o^\top v) - \sum_{k=1}^K \log\sigma(-u_k^\top v)", wrt="u_o")
    assert d.results[0].plain == "(sigmoid(u_o'*v) - 1)*v"
    assert "'u_o' is read as an object of its own, none of the u_k" in d.warnings


def test_there_is_no_derivative_by_a_label() -> None:
    with pytest.raises(matcalc.UsageError, match="'y' is an integer label, so there is no derivative by it") as error:
        matcalc.derive("log(p[y])", wrt="y")
    assert error.value.hint == "one can differentiate by: p"
    assert [r.wrt for r in matcalc.derive("log(p[y])").results] == ["p"]


@pytest.mark.parametrize("shape", [(), ("N",)])
def test_a_label_may_be_declared_as_an_array_of_integers(shape: tuple[str, ...]) -> None:
    text = r"\sum_{i=1}^N \log p_{y_i}" if shape else r"\log p_{y_o}"
    d = matcalc.derive(text, wrt="p", dims={"y": shape} if shape else {})
    assert d.reading.kinds["y" if shape else "y_o"] == "label"


@pytest.mark.parametrize(
    ("text", "dims", "plain"),
    [
        ("sum(L[idx,:])", {"L": ("V", "d"), "idx": (5,)}, "sum(idx*L)"),
        ("sum(L[:,idx])", {"L": ("V", "d"), "idx": ("N",)}, "sum(L*idx')"),
        ("sum(b[idx])", {"b": ("V",), "idx": ("N",)}, "sum(idx*b)"),
        ("sum(L[idx]*W)", {"L": ("V", "d"), "idx": ("N",)}, "sum(idx*L*W)"),
        ("np.sum(L[idx] @ W)", {"L": ("V", "d"), "idx": ("N",)}, "sum(idx*L*W)"),
        ("sum(L[i1,:])", {"L": ("V", "d")}, "sum(L'*i1)"),
        ("sum(L[word,:])", {"L": ("V", "d"), "word": ()}, "sum(L'*word)"),
    ],
)
def test_lookups_in_plain_notation(text: str, dims: dict[str, tuple[object, ...]], plain: str) -> None:
    """A declared vector is a label for each sample; a declared number, and a letter with digits, are one label."""
    found = matcalc.parse(text, dims)
    assert found.plain == plain


@pytest.mark.parametrize(
    ("text", "dims", "said"),
    [
        ("sum(L[idx,:]) + sum(idx)", {"L": ("V", "d"), "idx": (5,)}, "'idx' is a number here, and an integer label"),
        ("x[idx,:]", {"x": ("V",), "idx": (5,)}, "has no matrix form"),
        ("L[idx,2]", {"L": ("V", "d"), "idx": (5,)}, "has no matrix form"),
        ("L[idx,idx]", {"L": ("V", "d"), "idx": (5,)}, "has no matrix form"),
        ("sum(L[A,:])", {"L": ("V", "d"), "A": ("m", "n")}, "neither a whole number nor a declared size"),
        ("x[idx,idx]", {"x": ("V",), "idx": (5,)}, "has no matrix form"),
    ],
)
def test_lookups_that_are_refused(text: str, dims: dict[str, tuple[object, ...]], said: str) -> None:
    with pytest.raises(matcalc.MatcalcError) as error:
        matcalc.parse(text, dims)
    assert said in str(error.value) and error.value.hint


def test_the_hint_of_an_index_that_is_declared_otherwise_works() -> None:
    with pytest.raises(matcalc.MatcalcError) as error:
        matcalc.parse("sum(L[A,:])", {"L": ("V", "d"), "A": ("m", "n")})
    hint = str(error.value.hint)
    assert "--dim A=," in hint and hint.endswith("--dim A=k")
    assert matcalc.parse("sum(L[A,:])", {"L": ("V", "d"), "A": ()}).plain == "sum(L'*A)"
    assert matcalc.parse("sum(L[A,:])", {"L": ("V", "d"), "A": ("m",)}).plain == "sum(A*L)"
