"""``matcalc check-code`` says what it runs, and runs nothing with --read."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from matcalc.cli import main

SOURCE = "import pathlib\npathlib.Path(__file__).with_name('ran').touch()\ndef grad(X, w, y):\n    return {} * X.T @ (X @ w - y)\n"


@pytest.mark.slow
def test_check_code(tmp_path: Path) -> None:
    file = tmp_path / "grads.py"
    words = ["check-code", f"{file}:grad", "norm2(X*w - y)^2", "--wrt", "w"]
    file.write_text(SOURCE.format(1), "utf-8")
    walked = CliRunner().invoke(main, [*words, "--read"])
    assert walked.exit_code in (2, 4) and not (tmp_path / "ran").exists()
    run = CliRunner().invoke(main, words)
    assert run.exit_code == 4 and "running grad of" in run.output and "1/2 times what is right" in run.output
    assert (tmp_path / "ran").exists()
    file.write_text(SOURCE.format(2), "utf-8")
    assert CliRunner().invoke(main, words).exit_code == 0


def test_what_is_refused(tmp_path: Path) -> None:
    for where in ("grads.py", "grads.py:", f"{tmp_path}/none.py:grad", "grads.py:a b"):
        done = CliRunner().invoke(main, ["check-code", where, "x'*x"])
        assert done.exit_code == 2 and "Traceback" not in done.output


TENSORS = """import {library}
def leaf(X, w, y):
    ((X @ w - y) ** 2).sum().backward()
    return w.grad
def fresh(X, w, y):
    w = w.clone().requires_grad_(True)
    ((X @ w - y) ** 2).sum().backward()
    return w.grad
def mean(X, w, y):
    return torch.autograd.grad(((X @ w - y) ** 2).mean(), w)[0]
def single(X, w, y):
    X, w, y = X.float(), w.float(), y.float()
    return 2 * X.T @ (X @ w - y)
def as_numpy(X, w, y):
    X, w, y = X.numpy(), w.numpy(), y.numpy()
    return 2 * X.T @ (X @ w - y)
def traced(X, w, y):
    return jax.grad(lambda w: jnp.sum((X @ w - y) ** 2))(w)
def half(X, w, y):
    return jax.grad(lambda w: jnp.sum((X @ w - y) ** 2) / 2)(w)
def axis(X, w, y):
    return jnp.sum(2 * X * (X @ w - y)[:, None], axis=1)
"""


@pytest.mark.parametrize("library, function, words", [
    ("torch", "leaf", "right"), ("torch", "fresh", "right"), ("torch", "mean", "a mean for a sum"), ("torch", "as_numpy", "right"),
    ("torch", "single", "equal in single precision"), ("jax", "traced", "right"), ("jax", "half", "1/2 times"),
    ("jax", "axis", "over the wrong axis"),
])  # fmt: skip
def test_gradients_by_libraries_of_tensors(library: str, function: str, words: str, tmp_path: Path) -> None:
    """Tensors that a function differentiates by itself, and such as it expects to be ready for that."""
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    file = tmp_path / "grads.py"
    file.write_text(TENSORS.format(library=library if library == "torch" else "jax, jax.numpy as jnp"), "utf-8")
    said = ["--wrt", "w", "--dim", "X=n,d", "--seconds", "150"]
    done = CliRunner().invoke(main, ["check-code", f"{file}:{function}", "norm2(X*w - y)^2", *said])
    assert words in done.output and done.exit_code == (0 if words in ("right", "equal in single precision") else 4)
