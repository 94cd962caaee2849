"""Training from end to end, with generated code only: real data sets, planted faults, bad data, Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import training
from matcalc.codegen.scripts.choices import OPTIMISERS
from matcalc.expr.errors import CheckError, MatcalcError, UsageError

NET = r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_{c} e^{f_c}}, f = W_2 \tanh(W_1 x_i + b_1) + b_2"
LOGISTIC = "J = mean(softplus(X*w + b) - y .* (X*w + b))"
ROLES = {"X": "data", "y": "labels"}
RNG = np.random.default_rng(0)
NUMBER = {"dims": {"b": ()}}
LINE = {"X": RNG.normal(size=(40, 3)), "y": RNG.normal(size=40)}


def logistic(folder: Path, **more: Any) -> training.Outcome:
    known = {"about": {"dims": {"b": ()}}, "scale": "standard", "rate": 0.02}
    return training.train(LOGISTIC, "breast-cancer", {**ROLES, "b": "parameter"}, folder, **{**known, **more})


@pytest.mark.slow
def test_two_layers_on_digits(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    found = training.train(NET, "digits", ROLES, tmp_path, sizes={"m": 64}, scale="standard", epochs=30)
    assert found.accuracy is not None and found.accuracy >= 0.96
    assert found.epochs[-1]["loss"] < 0.05 and set(found.epochs[0]["gradient_norms"]) == {"W_1", "W_2", "b_1", "b_2"}
    source = found.script.read_text("utf-8")
    assert "import matcalc" not in source and "sklearn" not in source and "torch" not in source


@pytest.mark.slow
def test_the_accuracy_is_that_of_the_parameters(tmp_path: Path) -> None:
    """By our own forward pass, split and scaling, from the files that the script leaves."""
    pytest.importorskip("sklearn")
    found = training.train(NET, "digits", ROLES, tmp_path, sizes={"m": 16}, epochs=2, seed=5)
    with np.load(tmp_path / "training-data.npz") as stored:
        X, y = stored["X"], stored["y"]
    aside = np.random.default_rng(5).permutation(len(y))[: round(0.2 * len(y))]
    p = found.parameters
    scores = np.tanh(X[aside] @ p["W_1"].T + p["b_1"]) @ p["W_2"].T + p["b_2"]
    assert found.accuracy == np.mean(scores.argmax(axis=1) == y[aside])


@pytest.mark.slow
def test_logistic_regression_on_breast_cancer(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    found = logistic(tmp_path)
    assert found.accuracy is not None and found.accuracy >= 0.95 and found.parameters["b"].shape == ()


@pytest.mark.sample(5)
@pytest.mark.parametrize("optimiser", [o for o in OPTIMISERS if o != "sparse-adam"])
def test_least_squares_with_each_optimiser(tmp_path: Path, optimiser: str) -> None:
    """All reach the solution of the normal equations."""
    rate = {"sgd": 0.05, "momentum": 0.01, "adagrad": 0.5}.get(optimiser, 0.02)
    more = {"test": 0, "epochs": 600, "batch": 40, "optimiser": optimiser, "schedule": "halving:150", "rate": rate}
    found = training.train("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, tmp_path, **more)
    best = np.linalg.lstsq(LINE["X"], LINE["y"], rcond=None)[0]
    np.testing.assert_allclose(found.parameters["w"], best, atol=2e-3)
    assert found.accuracy is None and "test_loss" not in found.epochs[0]


def test_the_squares_of_the_weights_are_held_down(tmp_path: Path) -> None:
    """Ridge regression has a closed form: (XᵀX/n + λI)⁻¹ Xᵀy/n; the bias is not held down."""
    more = {"test": 0, "epochs": 400, "batch": 40, "optimiser": "sgd", "rate": 0.2, "l2": 0.3, "about": {"dims": {"b": ()}}}
    data = {"X": LINE["X"], "y": LINE["y"] + 5}
    found = training.train("J = mean((X*w + b - y).^2)", data, {"X": "data", "y": "targets", "b": "parameter"}, tmp_path, **more)
    centred, n = data["X"] - data["X"].mean(axis=0), 40
    w = np.linalg.solve(centred.T @ centred / n + 0.3 * np.eye(3), centred.T @ (data["y"] - data["y"].mean()) / n)
    np.testing.assert_allclose(found.parameters["w"], w, atol=1e-6)
    assert abs(found.parameters["b"] - (data["y"].mean() - data["X"].mean(axis=0) @ w)) < 1e-6


def test_the_squares_are_derived_with_the_loss(tmp_path: Path) -> None:
    """Of a net with names, labels and a number called l2 already: the value and each gradient against NumPy's own."""
    text = NET.replace("J = ", r"J = l2 \|W_2\|_F^2 + ")
    data = {"X": RNG.normal(size=(12, 3)), "y": np.arange(12) % 4}
    t = training.prepare(text, data, {**ROLES, "l2": 0.25}, sizes={"m": 5}, l2=0.1, about={"dims": {"l2": ()}})
    assert "HYPERPARAMETERS = {'l2': 0.25, 'l21': 0.1}" in t.script and "2 * L2" not in t.script
    assert any("the squares of W_2, W_1 stand in the loss" in note for note in t.notes)
    p = {"W_1": RNG.normal(size=(5, 3)), "b_1": RNG.normal(size=5), "W_2": RNG.normal(size=(4, 5)), "b_2": RNG.normal(size=4)}
    function = t.derivation.function()
    value, gradients = function(**data, **p, l2=0.25, l21=0.1)
    plain, without = matcalc.derive(NET, wrt=list(t.derivation.wrt)).function()(**data, **p)
    assert value == pytest.approx(plain + 0.35 * (p["W_2"] ** 2).sum() + 0.1 * (p["W_1"] ** 2).sum())
    factors = {"W_1": 0.2, "W_2": 0.7}
    for name, found, alone in zip(t.derivation.wrt, gradients, without, strict=True):
        np.testing.assert_allclose(found, alone + factors.get(name, 0) * p[name], rtol=1e-9)


def test_nothing_is_to_be_held_down() -> None:
    with pytest.raises(UsageError, match="all parameters are biases"):
        training.prepare("J = mean((b - y).^2)", LINE, {"y": "targets", "b": "parameter"}, about=NUMBER, l2=0.1)


def test_rows_that_are_looked_up(tmp_path: Path) -> None:
    """SparseAdam moves the rows of the words in the data, and leaves the others where they were."""
    text = r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_{c} e^{f_c}}, f = W L_{v_i} + b"
    words = np.array([0, 1, 3, 0, 1, 3, 3, 0])
    data = {"v": words, "y": (words > 0).astype(int)}
    start = np.arange(10.0).reshape(5, 2) / 10
    np.savez(tmp_path / "words.npz", L=start)
    more = {"optimiser": "sparse-adam", "rate": 0.05, "test": 0, "start": tmp_path / "words.npz", "epochs": 60}
    found = training.train(text, data, {"v": "data", "y": "labels"}, tmp_path, **more)
    moved = (found.parameters["L"] != start).any(axis=1)
    assert moved.tolist() == [True, True, False, True, False] and found.epochs[-1]["loss"] < 0.1


WINDOWS = r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_{c} e^{f_c}}, f = A L_{p_i} + B L_{v_i} + b"


def test_rows_of_windows_move_as_by_hand(tmp_path: Path) -> None:
    """Two words a window, words that occur often: Adam on the rows that occur, by a forward and backward pass of our own."""
    rng = np.random.default_rng(4)
    data = {"p": rng.integers(0, 4, 30), "v": rng.integers(2, 6, 30), "y": np.arange(30) % 3}
    start = {"L": rng.normal(size=(8, 2)), "A": rng.normal(size=(3, 2)), "B": rng.normal(size=(3, 2)), "b": np.zeros(3)}
    np.savez(tmp_path / "start.npz", **start)
    more = {"optimiser": "sparse-adam", "rate": 0.1, "test": 0, "start": tmp_path / "start.npz", "epochs": 5, "batch": 30}
    found = training.train(WINDOWS, data, {"p": "data", "v": "data", "y": "labels"}, tmp_path, **more)
    w = {name: array.copy() for name, array in start.items()}
    means, squares = ({name: np.zeros_like(a) for name, a in start.items()} for _ in range(2))
    for t in range(1, 6):
        scores = w["L"][data["p"]] @ w["A"].T + w["L"][data["v"]] @ w["B"].T + w["b"]
        D = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        D[np.arange(30), data["y"]] -= 1
        D /= 30
        g = {"A": D.T @ w["L"][data["p"]], "B": D.T @ w["L"][data["v"]], "b": D.sum(axis=0), "L": np.zeros((8, 2))}
        for i in range(30):
            g["L"][data["p"][i]] += D[i] @ w["A"]
            g["L"][data["v"][i]] += D[i] @ w["B"]
        for name in w:
            means[name] = 0.9 * means[name] + 0.1 * g[name]
            squares[name] = 0.999 * squares[name] + 0.001 * g[name] ** 2
            small = 1e-8 / np.sqrt(1 - 0.999**t) if name == "L" else 1e-8  # as PyTorch has it in SparseAdam
            w[name] -= 0.1 * means[name] / (1 - 0.9**t) / (np.sqrt(squares[name] / (1 - 0.999**t)) + small)
    for name, array in w.items():
        np.testing.assert_allclose(found.parameters[name], array, rtol=1e-9, err_msg=name)
    assert (found.parameters["L"][6:] == start["L"][6:]).all() and "grad_L_rows" in found.script.read_text("utf-8")


@pytest.mark.sample(3)
@pytest.mark.parametrize("right, wrong", [
    ("np.hstack((p, v))", "np.hstack((v, p))"),
    ("delta @ A / N, delta @ B / N", "delta @ A / N, 1.01 * delta @ B / N"),
    ("np.add.reduceat(rows[order], first, axis=0)", "rows[order][first]"),
])  # fmt: skip
def test_a_wrong_row_is_caught_before_the_first_step(tmp_path: Path, right: str, wrong: str) -> None:
    data = {"p": np.arange(9) % 4, "v": np.arange(9) % 5, "y": np.arange(9) % 3}
    t = training.prepare(WINDOWS, data, {"p": "data", "v": "data", "y": "labels"}, sizes={"m": 2}, optimiser="sparse-adam")
    path, lines = t.write(tmp_path), list[str]()
    assert t.script.count(right) == 1
    path.write_text(t.script.replace(right, wrong), encoding="utf-8")
    code, complaint = training.run(path, lines.append, quiet=True)
    assert code == 4 and "the gradient by L is wrong" in complaint and lines == []


def test_a_search_for_the_rate(tmp_path: Path) -> None:
    more = {"rate": "search", "optimiser": "sgd", "epochs": 3, "test": 0}
    found = training.train("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, tmp_path, **more)
    assert found.rate == 0.1  # by hand: 1 overshoots, 0.01 is slow
    source = found.script.read_text("utf-8")
    assert "RATE = None" in source and "best_rate(" in source


@pytest.mark.slow
def test_the_same_seed_gives_the_same_parameters(tmp_path: Path) -> None:
    outcomes = []
    for i, seed in enumerate((3, 3, 4)):
        folder = tmp_path / str(i)
        folder.mkdir()
        outcomes.append(training.train("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, folder, seed=seed, epochs=2))
    same, other = ((outcomes[0].parameters["w"] == o.parameters["w"]).all() for o in outcomes[1:])
    assert same and not other


@pytest.mark.slow
@pytest.mark.parametrize("right, wrong", [
    ("grad_W_1 = delta2.T @ X / N", "grad_W_1 = delta2.T @ X / N * 1.01"),
    ("delta2 = (1 - H**2)", "delta2 = (1 + H**2)"),
    ("grad_b_2 = delta.sum(axis=0) / N", "grad_b_2 = -delta.sum(axis=0) / N"),
    ("J = total2 / N", "J = total2 / N + W_1[0, 0]"),
])  # fmt: skip
def test_a_wrong_derivative_is_caught_before_the_first_step(tmp_path: Path, right: str, wrong: str) -> None:
    rng = np.random.default_rng(1)
    data = {"X": rng.normal(size=(30, 4)), "y": rng.integers(0, 3, 30)}
    path = training.prepare(NET, data, ROLES, sizes={"m": 5}).write(tmp_path)
    text = path.read_text("utf-8")
    assert text.count(right) == 1
    path.write_text(text.replace(right, wrong), encoding="utf-8")
    lines: list[str] = []
    code, complaint = training.run(path, lines.append, quiet=True)
    assert code == 4 and complaint.startswith("error: the gradient by ") and "no step was taken" in complaint
    assert lines == [] and not (tmp_path / "training-parameters.npz").exists()
    planted = training.prepare(NET, data, ROLES, sizes={"m": 5})
    object.__setattr__(planted, "script", text.replace(right, wrong))
    with pytest.raises(CheckError, match="the gradient by "):
        planted.run(tmp_path)


@pytest.mark.slow
def test_data_that_went_bad_after_the_script_was_written(tmp_path: Path) -> None:
    path = training.prepare(NET, {"X": RNG.normal(size=(9, 2)), "y": np.arange(9) % 3}, ROLES, sizes={"m": 5}).write(tmp_path)
    data = tmp_path / "training-data.npz"
    y = np.arange(9) % 3
    for X, labels, said in ((np.full((9, 2), np.nan), y, "X has 18 entries that are no finite number"),
                       (np.ones((9, 3)), y, "X is 9 x 3, and has to be samples x 2"),
                       (np.ones((9, 2)), 3 * y, "y holds labels, whole numbers from 0 to 2, and 3, at [1]")):  # fmt: skip
        np.savez(data, X=X, y=labels)
        code, complaint = training.run(path, print, quiet=True)
        assert code == 2 and complaint.startswith(f"error: training-data.npz: {said}") and "Traceback" not in complaint
    data.write_bytes(b"")
    assert training.run(path, print, quiet=True) == (2, "error: training-data.npz: the file is empty\n")
    data.unlink()
    code, complaint = training.run(path, print, quiet=True)
    assert code == 2 and "No such file" in complaint and "Traceback" not in complaint


@pytest.mark.slow
def test_what_is_saved_suffices_to_predict_and_to_go_on(tmp_path: Path) -> None:
    """The scaling lies beside the parameters; a file of parameters is a start."""
    data = {"X": 5 + 3 * LINE["X"], "y": LINE["y"]}
    more = {"scale": "standard", "test": 0.25, "epochs": 3, "seed": 2}
    first = training.train("J = mean((X*w - y).^2)", data, {"X": "data", "y": "targets"}, tmp_path, **more)
    rows = np.random.default_rng(2).permutation(40)[10:]
    np.testing.assert_allclose(first.scaling["X.mean"][0], data["X"][rows].mean(axis=0))
    np.testing.assert_allclose(first.scaling["X.spread"][0], data["X"][rows].std(axis=0))
    found = (data["X"] - first.scaling["X.mean"]) / first.scaling["X.spread"] @ first.parameters["w"] - data["y"]
    assert np.mean(np.delete(found, rows) ** 2) == pytest.approx(first.epochs[-1]["test_loss"])
    more["start"] = tmp_path / "training-parameters.npz"
    again = training.prepare("J = mean((X*w - y).^2)", data, {"X": "data", "y": "targets"}, name="again", **more).run(tmp_path)
    assert again.epochs[0]["loss"] < first.epochs[0]["loss"]


@pytest.mark.slow
def test_a_loss_without_a_value_is_told(tmp_path: Path) -> None:
    """The inverse of a singular matrix: a message, and no traceback."""
    np.savez(tmp_path / "start.npz", W=np.zeros((3, 3)))
    text = "J = mean((X*inv(W)*u - y).^2)"
    path = training.prepare(text, LINE, {"X": "data", "y": "targets"}, start=tmp_path / "start.npz").write(tmp_path)
    source = path.read_text("utf-8")
    path.write_text(source.replace("0.01 * generator.standard_normal(value.shape)", "0"), encoding="utf-8")
    code, complaint = training.run(path, print, quiet=True)
    assert code == 2 and complaint.startswith("error: the loss has no value at the start") and "Traceback" not in complaint


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_script_that_was_killed_is_told(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "utf-8")
    with pytest.raises(UsageError, match="ended by the signal 9"):
        training.run(tmp_path / "s.py", print)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of a terminal")
def test_ctrl_c_leaves_the_parameters(tmp_path: Path) -> None:
    """The signal goes to the process of matcalc alone, as from a terminal: it hands it on."""
    training.prepare("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, epochs=10**7, batch=1).write(tmp_path)
    code = (
        "import signal, sys; from pathlib import Path; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from matcalc import training; sys.exit(training.run(Path('training.py'), print)[0])"
    )
    command = [sys.executable, "-u", "-c", code]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline().startswith("epoch 1: loss ")
        child.send_signal(signal.SIGINT)
        began = time.monotonic()
        _, complaint = child.communicate(timeout=60)
    assert child.returncode == 130 and time.monotonic() - began < 30
    assert complaint.startswith("interrupted after ") and complaint.strip().endswith(f"{tmp_path / 'training'}-parameters.npz")
    with np.load(tmp_path / "training-parameters.npz") as stored:
        assert stored["w"].shape == (3,) and np.isfinite(stored["w"]).all()
    assert len(training.outcome(tmp_path / "training.py").epochs) >= 1


@pytest.mark.slow
def test_a_rate_that_is_too_large(tmp_path: Path) -> None:
    """What is said works when it is typed; the parameters that are kept have a finite loss."""
    more: dict[str, Any] = {"optimiser": "sgd", "epochs": 60, "test": 0}
    roles = {"X": "data", "y": "targets"}
    with pytest.raises(UsageError) as caught:
        training.train("J = mean((X*w - y).^2)", LINE, roles, tmp_path, rate=1.7, **{**more, "epochs": 3000})
    found = re.fullmatch(r"the loss is inf in epoch (\d+), batch [12]: take a smaller rate, --rate 0.17, or let --rate search find "
                         r"one; training-parameters.npz has the parameters after epoch (\d+)", str(caught.value))  # fmt: skip
    assert found is not None and int(found[2]) in (int(found[1]) - 1, int(found[1]) - 2)
    with np.load(tmp_path / "training-parameters.npz") as stored:
        assert np.isfinite(((LINE["X"] @ stored["w"] - LINE["y"]) ** 2).mean())
    for rate in (0.17, "search"):
        again = training.train("J = mean((X*w - y).^2)", LINE, roles, tmp_path, rate=rate, **more)
        assert again.epochs[-1]["loss"] < again.epochs[0]["loss"]


def test_a_loss_that_grows_is_told(tmp_path: Path) -> None:
    more: dict[str, Any] = {"optimiser": "sgd", "epochs": 5, "test": 0, "rate": 1.7}
    path = training.prepare("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, **more).write(tmp_path)
    code, complaint = training.run(path, print, quiet=True)
    assert code == 0 and complaint.startswith("note: the loss has grown from ") and "--rate 0.17" in complaint


def test_every_rate_of_a_cycle_is_made_smaller(tmp_path: Path) -> None:
    more: dict[str, Any] = {"optimiser": "sgd", "schedule": "cyclical:1e80:3", "rate": 0.1, "test": 0}
    with pytest.raises(UsageError, match=r"--rate 0.01 --schedule cyclical:1e\+79:3"):
        training.train("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, tmp_path, **more)


@pytest.mark.parametrize("expression, roles, more, said, hint", [
    ("X*w - y", {"X": "data", "y": "targets"}, {}, "the expression is no number", "mean("),
    ("J = mean(f(X*w) - y)", {"X": "data", "y": "targets"}, {}, "nothing is known of the function f", "--function f=tanh"),
    ("J = mean((X*w - y).^2)", {"X": "data", "y": "targets"}, {"size": 3}, "there is no choice 'size'", "optimiser"),
    ("J = mean((X*w - y).^2)", {"X": "data", "y": "targets"}, {"rate": -1}, "rate is -1", ""),
    ("J = mean((X*w + b - y).^2)", {"X": "data", "y": "targets"}, {}, "'b' [n] has an entry for each of the n samples", "--dim b="),
    ("J = mean((X*w - y).^2", {"X": "data"}, {}, "", ""),
])  # fmt: skip
def test_what_is_refused(expression: str, roles: dict[str, Any], more: dict[str, Any], said: str, hint: str) -> None:
    with pytest.raises(MatcalcError) as caught:
        training.prepare(expression, LINE, roles, **more)
    assert said in str(caught.value) and hint in str(caught.value.hint)


def test_starts_that_do_not_fit(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", w=np.ones(4))
    with pytest.raises(MatcalcError, match=r"m to be equal to|and m is 3|m = 3"):
        training.prepare("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, start=tmp_path / "w.npz")
    for name in ("v", "w"):
        np.savez(tmp_path / "w.npz", **{name: np.ones((4, 2))})
        with pytest.raises(UsageError, match=f"start: {name} has 2 axes, and the parameters are w with 1 axes"):
            training.prepare("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, start=tmp_path / "w.npz")


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot write"):
        training.prepare("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}).write(tmp_path / "none")


def test_choices_are_given_once() -> None:
    roles = {"X": "data", "y": "targets"}
    with pytest.raises(UsageError, match="choices are given twice"):
        training.prepare("J = mean((X*w - y).^2)", LINE, roles, choices=training.Choices(), epochs=3)
    t = training.prepare("J = mean((X*w - y).^2)", LINE, roles, choices=training.Choices(epochs=3))
    assert "EPOCHS, BATCH, SEED = 3, 32, 0" in t.script


ODD = [None, 3, "x", [], {}, object(), np.ones(3), b"x", {"x": None}, {3: 4}, float("nan"), "\x00", True, (), {"X": None},
       {"X": object()}, 10**30, {"X": "data", "y": None}, "a/b", "\ud800", {"X": [[1], [1, 2]]}]  # fmt: skip


@pytest.mark.sample(4)
@pytest.mark.parametrize("parameter", ["expression", "data", "roles", "sizes", "name", "choices", "about", "epochs", "rate",
                                       "start", "test", "l2", "schedule", "optimiser", "seed", "batch", "scale"])  # fmt: skip
def test_odd_values_are_refused_in_words(parameter: str) -> None:
    """A script, or an error of ours."""
    right: dict[str, Any] = {"expression": "J = mean((X*w - y).^2)", "data": LINE, "roles": {"X": "data", "y": "targets"}}
    for value in ODD:
        try:
            training.prepare(**{**right, parameter: value})
        except MatcalcError as error:
            assert error.message and len(str(error)) < 2000


def test_whole_numbers_of_numpy_are_fine() -> None:
    more = {"epochs": np.int64(3), "batch": np.int32(4), "rate": np.float32(0.5), "seed": np.int64(1)}
    t = training.prepare("J = mean((X*w - y).^2)", LINE, {"X": "data", "y": "targets"}, **more)
    assert "EPOCHS, BATCH, SEED = 3, 4, 1" in t.script and "RATE = 0.5" in t.script and "np.int" not in t.script
