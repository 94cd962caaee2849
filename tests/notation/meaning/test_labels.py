"""Letters that only tell names apart are part of the name; powers and entries are not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from matcalc.notation.meaning.labels import settled
from matcalc.notation.parse.statements import Names, read
from matcalc.notation.write.lettering import latex_name


def names(text: str, declared: tuple[str, ...] = ()) -> set[str]:
    found: set[str] = set()
    for s in settled(read(text, Names(declared)).statements, declared, {}).statements:
        stack = [s.body]
        while stack:
            node = stack.pop()
            stack += [a for a in node.args if hasattr(a, "kind")]
            if node.kind == "name":
                found.add(node.value)
    return found


def test_capitals_above_capitals_are_labels() -> None:
    assert names(r"x^T W^Q (W^K)^T x") == {"x", "W^Q", "W^K"}
    assert names(r"W^Q x + Q x") == {"W", "Q", "x"}  # Q is a matrix of its own here
    assert names("A^N x") == {"A", "N", "x"}  # N counts
    assert names("A^k x") == {"A", "k", "x"}
    assert names(r"W^Q x", ("Q", "W")) == {"W", "Q", "x"}


def test_a_value_below_a_name_is_a_label() -> None:
    assert names(r"r = \sigma(W_r x); s = r^T r") == {"W_r", "x", "r"}
    assert names(r"r = \sigma(W x); s = W_r^T r") >= {"W"}  # an entry or a name: left open


def test_a_text_without_labels_is_returned_as_it_is() -> None:
    statements = read("x'*A*x", Names()).statements
    assert settled(statements, (), {}).statements is statements


@pytest.mark.parametrize("text", [r"\|x^T W^Q\|^2", r"r = \sigma(W_r x), s = r^T r"])
def test_they_are_read_to_the_end(text: str) -> None:
    assert matcalc.parse(text).shape == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"\operatorname{tr}((I - K_k H_k) P_{k|k-1})", {"I", "K_k", "H_k", "P_k|k-1"}),
        (r"P_k^- - K_k H_k P_k^-", {"P^-_k", "K_k", "H_k"}),
        (r"\|T Y_+\|^2 + \|T Y_-\|^2", {"T", "Y_+", "Y_-"}),
        (r"\|x_\star - x\|^2", {"x_star", "x"}),
        (r"x^\star + y", {"x^star", "y"}),
        (r"h_{t+1} + W x_t", {"h_{t+1}", "W", "x_t"}),
        (r"x = [x_1 \quad x_2], s = x^T x", {"x_1", "x_2", "x"}),
        (r"J = W y, y = [y_{museums} \quad y_{in}]", {"W", "y", "y_museums", "y_in"}),
        (r"\mathbf{x} - \mathbf{x}^b", {"x", "x^b"}),
    ],
)
def test_what_nothing_runs_over_is_part_of_the_name(text: str, expected: set[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        r"\sum_i x_i y_i + x_i",
        r"\alpha_i b_i",
        r"A_{ij} x_j",
        r"(\Sigma x)_i x_i",
        r"\|x_+ - x\|^2",
        "X^-1 x",
        r"h_j = \tanh(A h_k + b_j)",
    ],
)
def test_indices_stay_indices(text: str) -> None:
    found: set[str] = set()
    try:
        found = names(text)
    except matcalc.MatcalcError:
        return
    assert not any("_" in n for n in found)


def test_it_is_said_what_was_taken_for_a_label() -> None:
    d = matcalc.derive(r"\operatorname{tr}(K_k H_k)", wrt="K_k")
    assert "nothing runs over k: it is read as part of the names 'K_k' and 'H_k'" in d.reading.notes


# ---------------------------------------------------------------- one step of a recurrence

STEP = r"h_t = \tanh(W h_{t-1} + U x_t); p_t = \mathrm{softmax}(V h_t); L = -y_t^\top \log p_t"


def value(v: dict[str, Any]) -> float:
    h = np.tanh(v["W"] @ v["h_{t-1}"] + v["U"] @ v["x_t"])
    a = v["V"] @ h
    return float(-v["y_t"] @ (a - np.log(np.exp(a).sum())))


def test_one_step_of_a_network_is_right_and_says_what_is_given() -> None:
    rng = np.random.default_rng(3)
    sizes = {"W": (3, 3), "U": (3, 2), "V": (4, 3), "x_t": (2,), "y_t": (4,), "h_{t-1}": (3,)}
    at = {name: rng.normal(size=s) for name, s in sizes.items()}
    d = matcalc.derive(STEP, wrt=["W", "U", "V", "h_{t-1}"])
    assert any("h_{t-1} is taken as given" in w for w in d.warnings)
    for name in ("W", "U", "V", "h_{t-1}"):
        slope = np.zeros(sizes[name])
        for i in np.ndindex(*sizes[name]):
            e = np.zeros(sizes[name])
            e[i] = 1e-6
            slope[i] = (value({**at, name: at[name] + e}) - value({**at, name: at[name] - e})) / 2e-6
        dims = {k: tuple(map(str, s)) for k, s in d.dims.items()} if hasattr(d, "dims") else {}
        found = matcalc.parse(d[name].plain, dims or {k: tuple("abcd"[i] for i in s) for k, s in sizes.items()})
        assert np.allclose(found.evaluate({k: v for k, v in at.items() if k in d[name].plain}), slope, atol=1e-8)


def test_a_declared_sequence_stays_a_sequence() -> None:
    with pytest.raises(MatcalcError):
        matcalc.parse(r"h_t = \tanh(W h_{t-1})", {"h": ("n",)})


@pytest.mark.parametrize(
    ("name", "latex"),
    [("h_{t-1}", "h_{t-1}"), ("theta_{t-1}", r"\theta_{t-1}"), ("W^{(1)}", "{W^{(1)}}"), ("x_{ab+1}", r"x_{\mathrm{ab}+1}"),
     ("x_{\\evil}", r"x_{\mathrm{\{\backslash evil\}}}"), ("x_{$}", r"x_{\mathrm{\{\$\}}}")],
)  # fmt: skip
def test_labels_are_set_as_they_are_written_and_nothing_else_gets_through(name: str, latex: str) -> None:
    assert latex_name(name) == latex


def test_a_name_with_a_superscript_can_be_transposed_in_latex() -> None:
    dims = {"W^{(1)}": ("n", "m"), "x": ("n",)}
    e = matcalc.parse(r"(W^{(1)})^\top x", dims)
    assert "{W^{(1)}}^{\\top} x" in e.latex
    assert matcalc.parse(e.latex, dims, notation="latex").node is e.node


def test_a_greek_letter_with_a_count_below_is_a_name() -> None:
    text = r"y^\top (K + \sigma_n^2 I)^{-1} y + \frac{n}{2}\log 2\pi"
    d = matcalc.derive(text, r"\sigma_n", check=False)
    assert d.dims["sigma_n"] == () and any("nothing runs over n" in w for w in d.warnings)
    d = matcalc.derive(r"\sum_{n=1}^N \sigma_n^2", r"\sigma", check=False)  # an index
    assert d["sigma"].plain == "2*sigma"


@pytest.mark.parametrize(
    ("text", "wrt", "before", "dims"),
    [
        (r"f_t = \sigma(W_f x_t + U_f h_{t-1} + b_f)", "U_f", "h_{t-1}", ("n", "k")),
        (r"a_t = W h_{t-1} + U x_t, h_t = \tanh(a_t)", "W", "h_{t-1}", ("n", "m")),
        (r"\hat x_k = A x_{k-1} + B u_k", "A", "x_{k-1}", ("n", "m")),
    ],
)
def test_a_gate_is_one_step_as_the_state_is(text: str, wrt: str, before: str, dims: tuple[str, ...]) -> None:
    """The state before stands below another name; entry by entry there is nothing to be read."""
    d = matcalc.derive(text, wrt)
    assert d.dims[wrt] == dims and d.dims[before] == dims[1:]
    assert any(f"{before} is taken as given" in w for w in d.warnings)


def test_under_a_sum_over_the_steps_a_shifted_index_is_refused() -> None:
    with pytest.raises(MatcalcError, match="has no matrix form"):
        matcalc.derive(r"e_t = x_t - x_{t-1}, L = \sum_t e_t^2", "x")


def test_labels_stand_before_the_sample_above() -> None:
    """f_p^{(i)} was one vector for all samples, beside the rows f_a^{(i)}."""
    d = matcalc.derive(r"\sum_{i=1}^N \|f_a^{(i)} - f_p^{(i)}\|^2", "f_a")
    assert d.result.plain == "2*(f_a - f_p)" and d.dims["f_p"] == ("N", "n")
    assert any("'f_p^(i)'" in w for w in d.warnings)


def test_a_plus_below_a_name_is_said_to_be_no_positive_part() -> None:
    text = r"\|T Y_+\|^2"
    (note,) = settled(read(text, Names()).statements, (), {}).notes
    assert note == "'Y_+' is read as a name of its own: (Y)_+ is the positive part"
    assert settled(read(text, Names(("Y_+",))).statements, ("Y_+",), {}).notes == ()


@pytest.mark.parametrize("dims", [{}, {"x_t": ("m",)}, {"x_t": ("m",), "y_t": ("n",), "h_{t-1}": ("n",)}])
@pytest.mark.parametrize("before", ["", "U h_{t-1} + "])
def test_a_letter_that_nothing_runs_over_is_part_of_the_names_on_both_sides(dims: dict[str, tuple[str]], before: str) -> None:
    """Beside a declared x_t the t was a label that selects a row of another h, and the gradient 0."""
    said = {name: shape for name, shape in dims.items() if before or name != "h_{t-1}"}
    d = matcalc.derive(rf"h_t = \tanh({before}W x_t + b), L = \|h_t - y_t\|^2", "W", dims=said)
    rng = np.random.default_rng(5)
    at = {name: rng.normal(size=tuple({"n": 3, "m": 2}.get(str(a), 3) for a in shape)) for name, shape in d.dims.items()}
    at |= {"W": rng.normal(size=(3, 2)), "x_t": rng.normal(size=2)}
    h = np.tanh((at["U"] @ at["h_{t-1}"] if before else 0) + at["W"] @ at["x_t"] + at["b"])
    assert np.allclose(d.result.evaluate(at), np.outer(2 * (h - at["y_t"]) * (1 - h**2), at["x_t"]))


def test_a_definition_of_one_sample_is_read_beside_its_loss() -> None:
    assert matcalc.parse(r"z_i = w^T x_i, L = \log(1+e^{-y_i z_i})", output="L").plain == "log(1 + exp(-y_i*w'*x_i))"
    assert matcalc.parse(r"e_i = y_i - w^T x_i, L = \sum_i e_i^2", output="L").plain == "sum((y - X*w).^2)"


@pytest.mark.parametrize(
    "said", [{}, {"index": {"x^{(i)}": "X[i,:]"}}, {"index": {"x_j^{(i)}": "X[i,j]"}}, {"dims": {"w": ("n",)}}]
)
def test_an_entry_of_a_sample_that_is_numbered_above(said: dict[str, Any]) -> None:
    """x_j^{(i)} asked whether x^(i) is an entry; and with what the question offered it was refused."""
    text = r"\frac{1}{2m}\sum_{i=1}^{m}\left(\sum_{j=1}^n w_j x_j^{(i)} - y^{(i)}\right)^2"
    assert matcalc.derive(text, "w", **said).result.plain == "X'*(X*w - y)/m"


def test_a_score_of_one_pair_of_steps_is_one_value() -> None:
    """``s_{i-1}`` beside ``h_j`` was refused: neighbours have no matrix form."""
    d = matcalc.derive(r"e_{ij} = v_a^\top \tanh(W_a s_{i-1} + U_a h_j)", "W_a")
    assert d.reading.plain == "v_a'*tanh(W_a*`s_{i-1}` + U_a*h_j)" and any("'e_ij'" in w for w in d.warnings)


ASKED = {  # the variable, and what is to be among the readings that are offered
    r"\log\sum_{i=1}^{m} \exp(a_i^Tx+bi)": ("x", "log(sum(exp(A*x + b)))"),
    "np.sum(((x @ Wq) @ (x @ Wk).T)**2)": ("Wq", "sum((x*Wq*(x*Wk)').^2)"),
    r"-\log\frac{\exp(q\cdot k_+/\tau)}{\sum_{i=1}^K\exp(q\cdot k_i/\tau)}": ("q", "-log(exp(q'*`k_+`/tau)/sum(exp(ks*q/tau)))"),
}


@pytest.mark.parametrize("text", ASKED)
def test_the_sensible_reading_is_among_those_that_are_offered(text: str) -> None:
    by, plain = ASKED[text]
    with pytest.raises(MatcalcError) as caught:
        matcalc.derive(text, by)
    found = [matcalc.derive(text, by, **r.kwargs).reading.plain for r in caught.value.readings]
    assert plain in found, found
