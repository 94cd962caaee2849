"""A slice of the fuzzer, strict; and planted faults, each of which it must catch."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen.products.generated import Generated
from matcalc.expr.errors import CheckError
from matcalc.results import Derivation
from tests import fuzz
from tests.fuzz_grammar import Case, generate

SLICES = [range(60), pytest.param(range(60, 200), marks=pytest.mark.slow)]


def judged(text: str, *uses: str, cpu: float = fuzz.CPU, wall: float = fuzz.WALL, **options: Any) -> fuzz.Verdict:
    return fuzz.judge(Case(0, "planted", text, options, uses), cpu, wall)


@pytest.mark.slow
@pytest.mark.parametrize("seeds", SLICES, ids=str)
def test_a_slice(seeds: range) -> None:
    """`python -m tests.fuzz` runs 30,000."""
    lines: list[str] = []
    verdicts = list(fuzz.run(seeds))
    assert fuzz.report(verdicts, 20, minimise=True, say=lines.append), "\n".join(lines)
    done = [v for v in verdicts if v.status == "ok"]
    assert len(done) > 0.4 * len(verdicts), "most inputs should mean something"
    assert {v.family.split()[0] for v in done} == {"plain", "unicode", "latex", "numpy"}


def test_a_case_is_made_from_its_seed_alone() -> None:
    assert [generate(s) for s in range(50)] == [generate(s) for s in range(50)]


def test_a_rule_that_raises_is_a_crash_with_its_place_and_minimised(monkeypatch: pytest.MonkeyPatch) -> None:
    from matcalc.engine.backprop import Backprop

    def broken(*_: Any) -> None:
        raise TypeError("planted")

    monkeypatch.setattr(Backprop, "_result", broken)
    case = Case(0, "planted", "sum(exp(x)) + norm2(y)^2; y = A*x", {"dims": {"x": ("n",)}, "layout": "numerator"}, ("text", "repr"))
    verdict = fuzz.judge(case)
    assert (verdict.status, verdict.message) == ("CRASH", "planted") and verdict.kind.startswith("TypeError at backprop.py")
    small = fuzz.minimised(case, verdict)
    assert small.status == "CRASH" and len(small.call) < 0.6 * len(verdict.call)


def test_a_sleeping_and_a_busy_printer_are_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Derivation, "to_markdown", lambda self: time.sleep(5))
    assert judged("x'*x", "markdown", wall=0.3).status == "HANG"

    def busy(self: Any) -> None:
        try:
            while True:
                pass
        except Exception:
            pass

    monkeypatch.setattr(Derivation, "to_html", busy)
    assert judged("x'*x", "html", cpu=0.2).status == "HANG"


def test_a_wrong_rule_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    from matcalc.engine.backprop import Backprop
    from matcalc.expr.nodes import make, num

    kept = Backprop._result

    def twice(self: Any, q: Any, p: Any, value: Any) -> None:
        self.values[p] = make("scale", (num(2), self.values[p]))
        kept(self, q, p, value)

    monkeypatch.setattr(Backprop, "_result", twice)
    verdict = judged("tr(A*X)", wrt="X")
    assert verdict.status == "DEFECT" and "failed its numeric check" in verdict.message


@pytest.mark.parametrize("error, status", [
    (MemoryError(), "NOTE"), (RecursionError("deep"), "CRASH"), (AssertionError("no"), "CRASH"), (KeyError("t"), "CRASH"),
    (CheckError("a line failed its numeric check"), "DEFECT"), (matcalc.UsageError("\x1b[31m"), "refused"),
])  # fmt: skip
def test_what_a_printer_raises(monkeypatch: pytest.MonkeyPatch, error: Exception, status: str) -> None:
    def raising(self: Any) -> None:
        raise error

    monkeypatch.setattr(Derivation, "to_json", raising)
    assert judged("x'*x", "json").status == ("ok" if status == "refused" else status)


@pytest.mark.parametrize("error, status", [
    (IndexError("index 3 is out of bounds"), "CRASH"), (ValueError("shapes (2,3) and (2,3) not aligned"), "CRASH"),
    (ZeroDivisionError("division by zero"), "CRASH"), (TypeError("missing 1 required positional argument"), "CRASH"),
    (np.linalg.LinAlgError("Singular matrix"), "ok"), (ValueError("array must not contain infs or NaNs"), "ok"),
])  # fmt: skip
def test_what_generated_code_raises(monkeypatch: pytest.MonkeyPatch, error: Exception, status: str) -> None:
    def raising(self: Any, *_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(Generated, "__call__", raising)
    assert judged("x'*x", "call").status == status


@pytest.mark.parametrize("text, dims, direction", [
    ("x[4]^2 + f(y[2:5])'*y[2:5]", {"x": ("n",), "y": ("m",)}, None),
    ("[a; b]'*(C*c + h)", {"a": ("n",), "b": ("m",), "C": ("n+m", "k"), "c": ("k",), "h": ("n+m",)}, None),
    ("norm2(kron(A, eye(3))*x)^2", {"A": ("n", "k"), "x": ("3*k",)}, None),
    ("logdet(S)*x'*x", {"S": ("n", "n"), "x": ("n",), "v": ("n",)}, "v"),
])  # fmt: skip
def test_generated_code_is_called_with_arrays_that_fit(text: str, dims: dict[str, Any], direction: str | None) -> None:
    options: dict[str, Any] = {"wrt": "x", "kind": "hvp", "direction": direction} if direction else {}
    d = matcalc.derive(text, dims=dims, assume={"S": "spd"} if "S" in dims else None, **options)
    f = d.function()
    arrays = fuzz.arrays_of(d, f.symbols)
    f(**arrays, **fuzz.functions_of(d))
    assert len(arrays) == len(f.symbols)
    if "S" in arrays:
        assert np.linalg.eigvalsh(arrays["S"]).min() > 0


def test_a_formula_that_is_not_read_back_is_a_defect(monkeypatch: pytest.MonkeyPatch) -> None:
    from matcalc.engine import derivation

    monkeypatch.setattr(derivation.Result, "plain", property(lambda self: "2*x*"))
    assert judged("x'*x", "reread").status == "DEFECT"
