"""The recipe of docs/json.md taken literally, over the corpus: every formula is read back, and results have the right value."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import matcalc
from tests.places import CORPUS
from tests.printers.test_jsonout import as_names
from tests.slices import slices
from tests.system.test_corpus import cases, judge

pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason=f"no corpus at {CORPUS} (MATCALC_CORPUS says where)")


def lines_read(case: dict[str, Any], verify: Any) -> int:
    """Formulas read back for a case; those of results are compared with the corpus's own numeric derivative."""
    given: dict[str, Any] = {k: case[k] for k in ("wrt", "kind", "assume", "direction", "index") if case.get(k)}
    try:
        d = matcalc.derive(case["plain"], dims={k: tuple(s) for k, s in case["dims"].items()}, check=False, **given)
    except matcalc.MatcalcError:
        return 0
    data = json.loads(d.to_json())
    dims = {k: tuple(s) for k, s in data["dims"].items()}
    dims |= {f"d{k}": s for k, s in dims.items()}
    values, texts = verify.sample(case, 0), case.get("functions") or {}
    functions = {f: tuple(eval(texts[k], {"np": np}) for k in (f, "d" + f, "d2" + f) if k in texts)
                 for f in texts if "d" + f in texts}  # from the corpus  # fmt: skip
    moves = {f"d{k}": np.ones_like(np.asarray(v, float)) for k, v in values.items()}
    arrays = {k: v for k, v in {**moves, **values}.items() if k in dims}

    def value(plain: str, definitions: list[dict[str, Any]]) -> Any:
        text = "; ".join([*(f"{as_names(x['name'])} = {as_names(x['plain'])}" for x in definitions), as_names(plain)])
        return np.asarray(matcalc.parse(text, dims).evaluate(arrays, functions))

    for k, x in enumerate(data["definitions"]):
        assert value(x["plain"], data["definitions"][:k]).size, x
    for step in data["steps"]:
        got = value(step["rhs"]["plain"], data["definitions"])
        shape = [case["sizes"].get(n, n) for n in step["rhs"]["shape"]]
        if all(isinstance(n, int) for n in shape):  # not m·n
            assert got.size == np.prod(shape, dtype=int), step
    if len(data["results"]) == 1 and not case.get("structure"):
        plain = data["results"][0]["plain"]
        got, want = value(plain, [] if ";" in plain else data["definitions"]), np.asarray(verify.numeric(case, values))
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4 * max(1.0, np.abs(want).max(initial=0)))
    return len(data["definitions"]) + len(data["steps"])


@pytest.mark.slow
@pytest.mark.parametrize("part", slices(range(16), 16))
def test_the_recipe_over_the_corpus(part: int) -> None:
    module = judge()
    read = [lines_read(case, module.verify) for case in cases()[part::16] if case.get("plain")]
    assert sum(read) > 1500 // 16


def test_unused_definitions_and_an_expression_at_the_end() -> None:
    x, u = np.array([1.0, 2.0]), np.array([3.0, 5.0])
    e = matcalc.parse("a = x'*x; b = u'*u; 2*x'*u", {"x": ("n",), "u": ("n",)})
    assert e.evaluate({"x": x, "u": u}) == 26.0
    d = matcalc.derive("a = x'*x; b = u'*u; 2*x'*u", "x")
    np.testing.assert_allclose(d["x"].evaluate({"x": x, "u": u}), [6.0, 10.0])
    assert sum("is defined and not used" in w for w in d.warnings) == 2
    for text in ("x'*x; a = u'*u", "x'*x; u'*u", "a = x'*x; b = u'*u"):  # nothing, or two things, stand at the end for all
        with pytest.raises(matcalc.AmbiguityError):
            matcalc.parse(text, {"x": ("n",), "u": ("n",)})
