"""One step of a recurrence, with time as a label."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.expr.errors import MatcalcError
from matcalc.notation.write.lettering import latex_name

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
