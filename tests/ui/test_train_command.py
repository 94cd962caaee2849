"""``matcalc train``."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcalc.codegen.scripts.choices import OPTIMISERS
from matcalc.ui import train_command
from tests.test_cli import run

LINE = ("train", "J = mean((X*w - y).^2)", "--roles", "X=data,y=targets")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    X = rng.normal(size=(20, 3))
    np.savez("line.npz", X=X, y=X @ [1.0, 2.0, 3.0])


def test_help_names_the_optimisers() -> None:
    done = run("train", "--help")
    assert train_command.OPTIMISERS == OPTIMISERS
    assert done.exit_code == 0 and "sgd|momentum|adagrad|rmsprop|adam|sparse-adam" in "".join(done.stdout.split())


@pytest.mark.slow
def test_a_run() -> None:
    done = run(*LINE, "--data", "line.npz", "--epochs", "3", "--rate", "0.1", "--optimizer", "sgd")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("epoch 1: loss ") and "train_line-parameters.npz" in done.stdout
    assert "note: parameters: w [3]" in done.stderr and "note: wrote train_line.py and train_line-data.npz" in done.stderr
    assert {p.name for p in Path().iterdir()} == {
        "line.npz", "train_line.py", "train_line-data.npz", "train_line-parameters.npz", "train_line-history.json",
    }  # fmt: skip
    alone = subprocess.run([sys.executable, "train_line.py"], capture_output=True, text=True, check=True)
    assert alone.stdout == done.stdout  # the script by itself does the same


@pytest.mark.slow
def test_a_loss_that_is_no_number_any_more() -> None:
    more = ("--data", "line.npz", "--epochs", "400", "--lr", "1e3", "--optimizer", "sgd", "--batch", "20", "--test", "0")
    done = subprocess.run([sys.executable, "-m", "matcalc", *LINE, *more], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "--rate 100, or let --rate search find one; train_line-parameters.npz has the parameters after epoch" in done.stderr
    assert np.isfinite(np.load("train_line-parameters.npz")["w"]).all()
    assert run(*LINE, "--data", "line.npz", "--rate", "search", "--optimizer", "sgd").exit_code == 0


@pytest.mark.slow
def test_pictures_and_another_place(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "deep").mkdir()
    done = run(*LINE, "--data", "line.npz", "--epochs", "2", "-o", "deep/er.py", "--plot", "c.svg", "--plot", "c.png")
    assert done.exit_code == 0, done.stderr
    assert {p.name for p in (tmp_path / "deep").iterdir()} == {"er.py", "er-data.npz", "er-parameters.npz", "er-history.json"}
    assert Path("c.svg").read_text("utf-8").startswith("<?xml") and Path("c.png").exists()


def test_written_but_not_run() -> None:
    done = run(*LINE, "--data", "line.npz", "--no-run")
    assert done.exit_code == 0 and done.stdout == "" and not Path("train_line-parameters.npz").exists()


def test_another_file_is_not_overwritten() -> None:
    Path("train_line.py").write_text("mine", "utf-8")
    done = run(*LINE, "--data", "line.npz")
    assert done.exit_code == 2 and "no script of matcalc: name another file with -o FILE.py" in done.stderr
    assert Path("train_line.py").read_text("utf-8") == "mine"
    assert run(*LINE, "--data", "line.npz", "--no-run", "-o", "other.py").exit_code == 0
    assert run(*LINE, "--data", "line.npz", "--no-run", "-o", "other.py").exit_code == 0  # ours


@pytest.mark.parametrize("more, said", [
    (("--rate", "fast"), "write a number, or search"),
    (("--rate", "-1"), "rate is -1.0"),
    (("--size", "m=two"), "write a whole number from 1 on"),
    (("--size", "q=2"), "there is no size 'q'"),
    (("-o", "x.txt"), "the script is a file .py"),
    (("--plot", "x.gif"), "'x.gif' is no name of a picture"),
    (("--schedule", "often"), "halving:EPOCHS"),
    (("--epochs", "0"), "epochs is 0"),
    (("--optimiser", "lion"), "sparse-adam"),
    (("--start", "none.npz"), "nor a file .npz that is there"),
    (("--test", "1.5"), "between 0 and 1"),
    (("--roles", "w=3"), "'w' is an array"),
    (("--data", "nothing"), "'nothing' is no data"),
])  # fmt: skip
def test_what_is_refused(more: tuple[str, ...], said: str) -> None:
    done = run(*LINE, "--data", "line.npz", *more)
    assert done.exit_code == 2 and said in done.stderr and "Traceback" not in done.stderr
    assert not list(Path().glob("train_*"))


def test_bad_data_is_refused_before_anything_is_written() -> None:
    Path("empty.csv").write_text("", "utf-8")
    np.savez("nan.npz", X=np.full((3, 2), np.nan), y=np.ones(3))
    for name, said in (("empty.csv", "empty.csv is empty"), ("nan.npz", "X has 6 entries that are no finite number")):
        done = run(*LINE, "--data", name)
        assert done.exit_code == 2 and said in done.stderr and not list(Path().glob("train_*"))


def hints() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What is refused, and the words of its hint that are added."""
    bias = ("train", "J = mean((X*w + b - y).^2)", "--roles", "X=data,y=targets")
    net = ("train", "J = mean((tanh(X*W)*u - y).^2)", "--roles", "X=data,y=targets")
    rate = ("train", "J = mean((X*w - y).^2) + lambda*norm2(w)^2", "--roles", "X=data,y=targets")
    return [(bias, ("--dim", "b=", "--roles", "b=parameter")), (net, ("--size", "k=32")), (rate, ("--roles", "lambda=0.001"))]


@pytest.mark.parametrize("command, hint", hints())
def test_hints_lead_on(command: tuple[str, ...], hint: tuple[str, ...]) -> None:
    done = run(*command, "--data", "line.npz", "--no-run")
    assert done.exit_code == 2 and shlex.join(hint) in done.stderr, done.stderr
    assert run(*command, *hint, "--data", "line.npz", "--no-run").exit_code == 0


def examples() -> list[str]:
    """The commands of --help, as they are typed."""
    text = train_command.EXAMPLES.partition("\b")[2].replace("\\\n", " ")
    return [f"matcalc train {part}" for part in text.split("matcalc train ")[1:]]


@pytest.mark.slow
@pytest.mark.parametrize("command", examples())
def test_the_examples_of_the_help(command: str) -> None:
    pytest.importorskip("sklearn")
    pytest.importorskip("matplotlib")
    Path("houses.csv").write_text("rooms,size,price\n1,2,3\n2,3,5\n3,5,9\n4,4,8\n5,6,11\n", "utf-8")
    done = run(*shlex.split(command)[1:])
    assert done.exit_code == 0, done.stderr


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of a terminal")
def test_ctrl_c() -> None:
    command = [sys.executable, "-u", "-m", "matcalc", *LINE, "--data", "line.npz", "--epochs", "10000000", "--batch", "1"]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # whoever runs the tests may ignore it
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heard) as child:
        assert child.stdout is not None and child.stdout.readline().startswith("epoch 1: loss ")
        child.send_signal(signal.SIGINT)
        _, complaint = child.communicate(timeout=60)
    assert child.returncode == 130 and "train_line-parameters.npz" in complaint and "Traceback" not in complaint
    with np.load("train_line-parameters.npz") as stored:
        values: Any = stored["w"]
    assert values.shape == (3,) and np.isfinite(values).all()
