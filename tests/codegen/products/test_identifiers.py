"""Hostile names in generated source: whatever a name holds, the source is Python, and nothing hides or runs in its docstring."""

from __future__ import annotations

import ast
import keyword
import warnings

import numpy as np
import pytest

import matcalc
from matcalc.codegen import Doc, Task, numpy_source
from matcalc.codegen.products.identifiers import Names, spelled
from matcalc.codegen.products.runtime import compile_source
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import make, sym
from matcalc.expr.table import Type
from tests.codegen.test_codegen_source import HOSTILE

PIECES = [
    *('"""', '"', '""', 'a"""b', 'x"', "'''", "\\", '\\"""', "x\\", "a\\", "\\\n", "\\N{BULLET}", "\\x41", "\\u0041", "\n", "\t"),
    *("a\nimport os", '"""\nimport os\n"""', "\x1b[31m", "\u202e", "\u2066abc\u2069", "\u200b", "\ud800", "\x00", "\x85", "\u2028"),
    *("${x}", "{x}", "%s", "# c", "<img src=x onerror=1>", "`", "é", "e\u0301", "\ufb01", "𝑥", "\u3164", "\ufeffx", "\U000e0041"),
    *("lambda", "None", "_floats", "np", "print", "a" * 500, " ", "1", "-", "σ′", "x^(ANY)", "self", "__class__"),
]
NAMES = [name for piece in PIECES for name in (piece, f"x^({piece})", piece + "z", "z" + piece)]


@pytest.mark.parametrize("piece", PIECES, ids=ascii)
def test_names_of_all_kinds_everywhere(piece: str) -> None:
    for name in (piece, f"x^({piece})z"):
        for size in ("n", piece):
            x = sym(name, Type("c", size, 1))
            total = make("sum", (x,))
            doc = Doc(piece, name, (name, piece), piece, warnings=(piece, name))
            source = numpy_source(Task(total, [(name, make("scale", (total, x)))], [x], [(name, total)], [], "run", doc))
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # an escape sequence that Python does not know
                tree = ast.parse(source)
            assert [type(n).__name__ for n in tree.body] == ["Import", "FunctionDef", "FunctionDef"]
            shown = ast.get_docstring(tree.body[-1])  # type: ignore[arg-type]
            assert shown is not None and all(c == "\n" or c.isprintable() for text in (source, shown) for c in text)
            assert len(piece) > 400 or "".join(clean_of(piece).split()) in "".join(shown.split())
            source.encode()
            value, gradient = compile_source(source, "run")([1, 2])
            assert value == 3 and gradient.tolist() == [3, 6]


def clean_of(piece: str) -> str:
    """How a docstring shows a text: what cannot be seen as its code point."""
    seen = (
        c if c.isprintable() else "\\n" if c == "\n" else f"\\x{ord(c):02x}" if ord(c) < 256 else f"\\u{ord(c):04x}" for c in piece
    )
    return "".join(seen)


@pytest.mark.parametrize("name", NAMES[::5], ids=ascii)
def test_names_through_derive(name: str) -> None:
    """A name is refused with an error of ours, or it comes out as code that runs."""
    try:
        d = matcalc.derive(f"sum(`{name}`)^2", dims={name: ("n",)}, check=False)
        run = d.function()
    except matcalc.MatcalcError as error:
        assert all(c == "\n" or c.isprintable() for c in str(error))
        return
    value, gradient = run([1, 2])
    assert value == 9 and gradient.tolist() == [6, 6]
    assert all(c == "\n" or c.isprintable() for c in d.to_code())


def test_an_array_may_be_called_self() -> None:
    value, (by_self, by_x) = matcalc.derive("self'*x", dims={"self": ("n",), "x": ("n",)}, check=False).function()(
        self=[1, 2], x=[3, 4]
    )
    assert value == 11 and by_self.tolist() == [3, 4] and by_x.tolist() == [1, 2]


def test_a_greek_argument_is_given_by_either_spelling() -> None:
    f = matcalc.derive("δ*x'*x").function()
    for name in ("δ", "delta"):
        assert f(**{name: 2.0, "x": np.ones(3)})[0] == 6
    for wrong in ({"δ": 2.0, "delta": 2.0}, {"ε": 1.0}):
        with pytest.raises(UsageError, match=r"is given twice|is not an argument"):
            f(x=np.ones(3), **wrong)


def test_names_are_identifiers_and_all_different() -> None:
    given = Names().give_all(HOSTILE)
    assert len(set(given.values())) == len(HOSTILE)
    for python in given.values():
        assert python.isidentifier() and not keyword.iskeyword(python) and not python.startswith("_")
        assert python.isascii() or python == __import__("unicodedata").normalize("NFKC", python)
    assert given["lambda" if "lambda" in given else "x"] in ("lambda_", "x") and given["if"] == "if_" and given["if_"] == "if__"
    assert spelled("W^Q") == "W_Q" and given["W_Q"] == "W_Q"
    assert Names().give_all(reversed(HOSTILE)).keys() == given.keys()
