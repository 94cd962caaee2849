"""Only source that was generated here is run."""

from __future__ import annotations

import pytest

from matcalc.codegen.products.runtime import GeneratedCodeError, check_source, compile_source


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
