"""Values help to say what names are: the reading that they fit."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.expr.errors import MatcalcError
from matcalc.ui.derived_at import derived, fits, point


def test_what_at_says() -> None:
    assert point(()) is None and point(("random",)) == "random"
    assert {k: v.tolist() for k, v in point(("x=1,y=[1,2]", "z=0")).items()} == {"x": 1, "y": [1, 2], "z": 0}


def test_values_choose_the_reading() -> None:
    """x and y alone may be vectors or numbers."""
    d = derived("f = (x+y)*max(y,z)", {name: np.asarray(1.0) for name in "xyz"}, {"check": False})
    assert d.problem.output.kind == "s" and fits(d, {"x": np.asarray(1.0)})
    with pytest.raises(MatcalcError, match="two readings"):
        derived("f = (x+y)*max(y,z)", None, {"check": False})


def test_labels_may_be_integers() -> None:
    d = derived("-log(softmax(z)[y])", {"z": np.ones(3), "y": np.asarray(1)}, {"check": False})
    assert fits(d, {"z": np.ones(3), "y": np.asarray(1)}) and not fits(d, {"z": np.ones((3, 3))})
