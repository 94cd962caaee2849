"""The bad inputs of the shared corpus: refused, warned about or survived as they say, in words that help."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import matcalc
from matcalc.expr.errors import MatcalcError, UsageError
from tests.places import CORPUS
from tests.work import calls

FILE = CORPUS / "badinput.jsonl"
CASES = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines() if line.strip()] if FILE.exists() else []
# Refusals that are readings by now, each with a notice: beside the sign of a product a run of letters is one name (Sw, Wq);
# tr(X^0.5) is of the principal square root, with the derivative (X^-0.5)'/2.
READ = {"bad-undeclared-name": "warning", "bad-noninteger-matrix-power": "warning"}
CALLS = 15_000_000  # what an answer or a refusal may cost; the largest cost 3.8 million when this was written


def test_the_file_is_there() -> None:
    if not CASES and not os.environ.get("MATCALC_CI"):
        pytest.skip(f"no corpus at {CORPUS} (MATCALC_CORPUS says where)")
    assert len(CASES) >= 40


def outcome(case: dict[str, Any]) -> tuple[str, str, MatcalcError | None]:
    """``error``, ``warning`` or ``ok``; the message or the warnings; the error."""
    options: dict[str, Any] = {k: case[k] for k in ("wrt", "kind", "direction", "output") if case.get(k) is not None}
    if case["expect"]["category"] == "ambiguous-output":
        options.pop("wrt", None)
    declared = {name: tuple(shape) for name, shape in case["dims"].items()}
    try:
        d = matcalc.derive(case["input"], dims=declared, notation=case["form"], **options)
    except MatcalcError as error:
        return "error", str(error), error
    assert all(r.plain and r.latex for r in d.results)
    return ("warning" if d.warnings else "ok"), "\n".join(d.warnings), None


LONG = 10_000  # letters, from which on a text takes seconds


@pytest.mark.parametrize("case", [pytest.param(c, id=c["id"], marks=[pytest.mark.slow] * (len(c["input"]) > LONG)) for c in CASES])
def test_bad_input(case: dict[str, Any]) -> None:
    expect = case["expect"]
    seen: list[tuple[str, str, MatcalcError | None]] = []
    assert calls(lambda: seen.append(outcome(case))) < CALLS  # anything that is not a MatcalcError fails here
    found, text, error = seen[0]
    if expect["outcome"] != "ok":
        assert found == READ.get(case["id"], expect["outcome"]), text
        assert all(word in text for word in expect.get("mentions", [])), (text, expect)
    if error is not None:
        check_error(case, error, text)


def check_error(case: dict[str, Any], error: MatcalcError, text: str) -> None:
    assert error.exit_code in (2, 3) and error.kind != "error"
    assert error.message and len(text) < 2_000
    assert all(c.isprintable() or c == "\n" for c in text), "control characters must not reach the terminal"
    if error.span is not None:
        assert 0 <= error.span[0] < error.span[1] <= len(case["input"]) + 1
        assert "^" in text


@pytest.mark.parametrize(
    "case", [pytest.param(c, id=c["id"]) for c in CASES if c["expect"]["outcome"] == "error" and c["id"] not in READ]
)
def test_the_same_without_a_notation(case: dict[str, Any]) -> None:
    """The notation is detected: refused all the same, and never with a traceback."""
    detected = {**case, "form": None}
    found, _, _ = outcome(detected)
    assert found == "error"


HOSTILE = [
    "__import__('os').system('touch /tmp/matcalc_was_here')",
    "x'*x; import os",
    "exec('1')",
    "lambda: 0",
    "x.__class__",
    "{x}",
    "x'*x # comment",
    "%s",
    "{0}",
    "$(id)",
    "`id`'*x",
    "\\input{/etc/passwd}",
    "\\write18{id}",
    "x\r'*x",
    "\x1b[31mx",
    "x\u2028",
    "x" * 10_000,
    "_",
    "__",
    "'",
    '"',
    "\\",
    "\\\\",
    "^",
    "_x_'*x",
    "x__y'*x",
    "1e400*x'*x",
    "0x10*x'*x",
    "1_000*x'*x",
    "x'*x\x00",
    "NaN*x'*x",
    "inf*x'*x",
    "1/0",
    "0/0*x'*x",
    "x'*x/0",
    "0^0",
    "0^-1",
]


ATTEMPTS = [
    pytest.param(text, notation, id=f"{notation}-{ascii(text)[:24]}", marks=[pytest.mark.slow] * (len(text) > 1_000))
    for notation in (None, "plain", "latex")
    for text in HOSTILE
]


@pytest.mark.parametrize("text, notation", ATTEMPTS)
def test_hostile_input(text: str, notation: str | None) -> None:
    def attempt() -> None:
        try:
            d = matcalc.derive(text, dims={"x": ("n",)}, notation=notation)
            assert isinstance(repr(d), str)
        except MatcalcError as error:
            assert all(c.isprintable() or c == "\n" for c in str(error))

    assert calls(attempt) < CALLS
    assert not Path("/tmp/matcalc_was_here").exists()


@pytest.mark.parametrize(
    "name",
    ["__class__", "np", "def", "lambda", "None", "self", "import", "print", "T", "eye_", "d", "e", "i"],
)
def test_hostile_names(name: str) -> None:
    d = matcalc.derive(f"{name}'*A*{name}", wrt=name, dims={name: ("n",), "A": ("n", "n")})
    assert matcalc.parse(d.result.plain, dims=d.dims).shape == ("n",)
    import numpy as np

    A, v = np.arange(9.0).reshape(3, 3), np.array([1.0, -2.0, 3.0])
    assert np.allclose(d.result.evaluate({"A": A, name: v}), (A + A.T) @ v)


@pytest.mark.parametrize("size", [10**400, "1" * 5000, "²", 10**5000], ids=list("abcd"))
def test_a_size_that_is_none(size: Any) -> None:
    with pytest.raises(MatcalcError):
        matcalc.derive("x'*A*x", dims={"x": (size,)})


def test_code_for_sizes_of_two_hundred_digits() -> None:
    """Their products are no floats."""
    d = matcalc.derive("x'*A*B*A*x", dims={"x": (10**200,)})
    assert str(10**200) in d.to_code()


def test_an_unknown_structure_is_answered_with_the_structures() -> None:
    for structure in ("foo", "spd"):  # that one is a property of a variable
        with pytest.raises(UsageError, match=f"structure '{structure}' is not known") as caught:
            matcalc.derive("tr(X'*X)", structure={"X": structure})
        assert "symmetric-toeplitz" in (caught.value.hint or "") and "binary" not in (caught.value.hint or "")
