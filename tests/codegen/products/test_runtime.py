"""Only source that was generated here is run."""

from __future__ import annotations

import pytest

from matcalc.codegen.products.runtime import GeneratedCodeError, check_source, compile_source
from matcalc.codegen.targets import dialect_of
from matcalc.codegen.targets.dialects import Dialect
from matcalc.expr.errors import UsageError


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "from numpy import *",
        "x = np.load('f')",
        "def run(x):\n    return x.__class__",
        "def run(x):\n    return np.linalg.LinAlgError",
        "def run(x):\n    return open('f')",
        "def run(x):\n    return eval('x')",
        "def run(x):\n    return [y for y in x]",
        "def run(x):\n    return (lambda: x)()",
        "def run(x):\n    return f'{x}'",
        "def run(x):\n    x.T = 1",
        "def run(x):\n    global y",
        "def run(x=1):\n    return x",
        "def run(*x):\n    return x",
        "def run(x):\n    np = x\n    return np",
        "def run(x):\n    while x:\n        x = x - 1",
        "def run(x):\n    return x.tofile('f')",
        "def run(x):\n    return np.char",
        "def run(x):\n    return scipy.io",
        "@f\ndef run(x):\n    return x",
    ],
)
def test_other_source_is_not_run(line: str) -> None:
    with pytest.raises(GeneratedCodeError):
        check_source(line)


GOOD = "import numpy as np\n\n\ndef f(x):\n    return np.exp(x)\n"


def test_generated_source_is_compiled_and_seen_in_tracebacks() -> None:
    import linecache

    run = compile_source(GOOD, "f")
    assert run(0.0) == 1.0 and linecache.getline(run.__code__.co_filename, 5).strip() == "return np.exp(x)"


@pytest.mark.parametrize(
    "source",
    [
        GOOD.replace("np.exp", "np.load"), GOOD.replace("np.exp(x)", "x.__class__"), GOOD.replace("numpy as np", "os as np"),
        GOOD.replace("np.exp(x)", "open(x)"), GOOD.replace("np.exp(x)", "[y for y in x]"), GOOD + "f(1)\n",
        GOOD.replace("x):", "x=open):"),
        GOOD.replace("np.exp(x)", "(lambda: x)()"), GOOD.replace("def f", "@f\ndef f"), GOOD.replace("return", "global x; return"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_before_it_runs(source: str) -> None:
    with pytest.raises(GeneratedCodeError):
        compile_source(source, "f")


def test_a_library_that_is_absent_is_named_with_what_installs_it() -> None:
    dialect = Dialect("jax", {}, imports=("import nolibrary.numpy as jnp",), allowed={"jnp": "exp", "": ""}, extra="jax")
    source = "import nolibrary.numpy as jnp\n\n\ndef f(x):\n    return jnp.exp(x)\n"
    with pytest.raises(UsageError, match=r"nolibrary.numpy is not installed") as caught:
        compile_source(source, "f", dialect)
    assert "pip install 'matcalc-derive[jax]'" in str(caught.value)
    for other in (
        source.replace("jnp.exp", "jnp.log"),
        source.replace("nolibrary", "os"),
        source.replace("    ret", "    jnp = x\n    ret"),
    ):
        with pytest.raises(GeneratedCodeError):
            check_source(other, dialect)


def test_the_namespace_of_the_arguments_is_taken_from_them_alone() -> None:
    dialect = dialect_of("array-api")
    good = "def f(x):\n    xp = array_api_compat.array_namespace(x)\n    return xp.exp(x)\n"
    check_source(good, dialect)
    for other in (good.replace("array_api_compat.array_namespace(x)", "x"), good.replace("    ret", "    xp = x\n    ret"),
                  good.replace("f(x)", "f(xp)")):  # fmt: skip
        with pytest.raises(GeneratedCodeError):
            check_source(other, dialect)
