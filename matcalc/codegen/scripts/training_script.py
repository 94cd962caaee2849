"""A training script as text: settings, the generated code, and the functions of this folder word for word."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from matcalc.codegen.products.document import clean, wrapped
from matcalc.codegen.scripts import epochs, first_check, intake, optimisers, row_gradients, schedules, starts

OPTIMISERS: dict[str, Callable[..., None]] = {
    "sgd": optimisers.sgd,
    "momentum": optimisers.momentum,
    "adagrad": optimisers.adagrad,
    "rmsprop": optimisers.rmsprop,
    "adam": optimisers.adam,
    "sparse-adam": optimisers.sparse_adam,
}
SPARSE = "sparse-adam"
COLLECTED = "{name: collected(*g) if isinstance(g, tuple) else g for name, g in gradients.items()}"


class Settings(NamedTuple):
    """What a script is made of; names are those of the generated function."""

    source: str  # what the user typed
    code: str  # of loss_and_gradients
    name: str  # of the files beside the script
    shapes: Mapping[str, tuple[int | None, ...]]  # of the arrays from data
    axes: Mapping[str, int | None]
    classes: Mapping[str, int]
    parameters: Mapping[str, tuple[int, ...]]
    biases: Sequence[str]
    numbers: Mapping[str, float]  # hyperparameters
    scaled: Sequence[str]
    target: str | None  # the labels that are to be predicted
    optimiser: str
    schedule: tuple[str, Mapping[str, float]]
    rate: float | None  # None: searched
    epochs: int
    batch: int
    seed: int
    test: float
    start: str | float
    started: Sequence[str] = ()  # parameters whose first values are beside the data


def script(s: Settings) -> str:
    """The text of a script that needs NumPy, and SciPy where the derivatives do."""
    imports, code = _split(s.code)
    parts = [_head(s, imports), _settings(s), code.strip("\n"), *map(inspect.getsource, _functions(s)), _wiring(s), SAVE, _main(s)]
    return "\n\n\n".join(part.strip("\n") for part in parts) + "\n"


def _split(code: str) -> tuple[list[str], str]:
    lines = code.splitlines()
    imports = [line for line in lines if line.startswith("import ") and line != "import numpy as np"]
    return imports, "\n".join(line for line in lines if not line.startswith("import "))


def _functions(s: Settings) -> list[Any]:
    chosen: list[Any] = [OPTIMISERS[s.optimiser]]
    chosen += [optimisers.adam, row_gradients.collected] if s.optimiser == SPARSE else []
    from_start: list[Any] = [starts.start_biases] if s.biases else []
    from_start += [starts.xavier] if s.start == "xavier" else []
    searched = [epochs.best_rate, epochs.loss_after_epoch] if s.rate is None else []
    judged = [epochs.accuracy, epochs.adds_up] if s.target else []
    return [
        *(intake.load, intake.read_arrays, intake.require, intake.require_numbers, intake.require_labels),
        *([intake.standardise] if s.scaled else []),
        intake.take,
        *from_start,
        *(row_gradients.places, first_check.wrong_gradient, first_check.slope),
        *chosen,
        getattr(schedules, s.schedule[0]),
        *(epochs.Diverged, epochs.Task, epochs.one_epoch, epochs.show_progress, epochs.fit),
        *(epochs.put_back, epochs.has_loss, epochs.copied, epochs.finite),
        *searched,
        *judged,
        *(epochs.stop_on_interrupt, epochs.complain),
    ]


def _head(s: Settings, imports: Sequence[str]) -> str:
    """Docstring and imports."""
    needs = "NumPy and SciPy" if imports else "NumPy"
    lines = [
        f'"""Minimises a loss by its gradients, which matcalc derived. It needs {needs}, and {clean(s.name)}-data.npz beside it.',
        "",
        *("    " + line for line in wrapped(" ".join(s.source.split()), 4)),
        "",
        "The gradients are checked against differences of the loss before the first step. Ctrl-C ends training between batches;",
        "the parameters so far are saved then, as they are in the end.",
        '"""',
    ]
    return "\n".join([*lines, "", HEAD, "import numpy as np", *imports])


HEAD = """from __future__ import annotations

import json
import signal
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
"""


def _settings(s: Settings) -> str:
    """The constants."""
    lines = [
        f"NAME = {s.name!r}",
        "HERE = Path(__file__).resolve().parent",
        f"SHAPES = {dict(s.shapes)!r}  # of the arrays from data; None counts samples",
        f"AXES = {dict(s.axes)!r}  # along which samples are counted",
        f"CLASSES = {dict(s.classes)!r}  # how many labels there are",
        f"PARAMETERS = {dict(s.parameters)!r}",
        f"BIASES = {list(s.biases)!r}",
        f"HYPERPARAMETERS = {dict(s.numbers)!r}",
        f"EPOCHS, BATCH, SEED = {s.epochs}, {s.batch}, {s.seed}",
        f"TEST = {s.test!r}  # the part of the samples that is held out",
        f"RATE = {s.rate!r}" if s.rate is not None else "RATE = None  # the best power of ten is taken",
        f"SMALLER = {_smaller(s)!r}  # is said where the loss is no finite number any more",
    ]
    aliases = ["Arrays = dict[str, np.ndarray]", "Gradients = dict[str, Any]",
               "Objective = Callable[[Arrays, Arrays], tuple[float, Gradients]]",
               "Update = Callable[[Arrays, Gradients, int, int], None]"]  # fmt: skip
    return "\n".join([*lines, "STEPS = " + repr(first_check.STEPS) + "  # of the gradient check", "", *aliases])


def _smaller(s: Settings) -> str:
    """What to type where steps are too large."""
    if s.rate is None:
        return "take --rate 1e-6, or features of like size (--scale standard)"
    schedule, options = s.schedule
    top = f" --schedule cyclical:{options['top'] / 10:g}:{options['half']}" if schedule == "cyclical" else ""
    return f"take a smaller rate, --rate {s.rate / 10:g}{top}, or let --rate search find one"


def _wiring(s: Settings) -> str:
    """What joins the generated code, the optimiser and the schedule."""
    several = "found" if len(s.parameters) > 1 else "(found,)"
    objective = [
        "def objective(batch: Arrays, parameters: Arrays) -> tuple[float, Gradients]:",
        '    """The loss of a batch, and its gradients by name."""',
        "    value, found = loss_and_gradients(**batch, **parameters, **HYPERPARAMETERS)",
        f"    gradients = dict(zip(PARAMETERS, {several}, strict=True))",
        f"    return value, {COLLECTED if s.optimiser == SPARSE else 'gradients'}",
    ]
    return "\n".join([*objective, "", "", *_updates(s), "", "", *_start(s)])


def _updates(s: Settings) -> list[str]:
    schedule, options = s.schedule
    more = "".join(f", {name}={value!r}" for name, value in options.items())
    one = OPTIMISERS[s.optimiser].__name__
    step = f"({one} if isinstance(gradient, tuple) else adam)" if s.optimiser == SPARSE else one
    return [
        "def updates(rate: float) -> Update:",
        '    """Steps of the optimiser, with a state for each parameter."""',
        "    states: dict[str, dict[str, Any]] = {name: {} for name in PARAMETERS}",
        "",
        "    def update(parameters: Arrays, gradients: Gradients, epoch: int, step: int) -> None:",
        f"        now = {schedule}(rate, epoch, step{more})",
        "        for name, gradient in gradients.items():",
        f"            {step}(parameters[name], gradient, states[name], now)",
        "",
        "    return update",
    ]


def _start(s: Settings) -> list[str]:
    drawn = "xavier(generator, shape)" if s.start == "xavier" else f"generator.uniform(-{s.start!r}, {s.start!r}, shape)"
    lines = [
        "def started(generator: np.random.Generator, data: Arrays, rows: np.ndarray) -> Arrays:",
        '    """The parameters before the first step."""',
        "    parameters = {}",
        "    for name, shape in PARAMETERS.items():",
        f"        parameters[name] = np.zeros(shape) if name in BIASES else np.asarray({drawn})",
    ]
    if s.biases:
        lines.append("    start_biases(objective, parameters, BIASES, take(data, AXES, rows))")
    if s.started:
        lines += [
            '    with np.load(HERE / f"{NAME}-start.npz") as given:',
            "        for name in PARAMETERS.keys() & {*given.files}:",
            "            parameters[name][...] = given[name]",
        ]
    return [*lines, "    return parameters"]


def _main(s: Settings) -> str:
    """Checks, trains, saves."""
    lines = [
        *MAIN_FIRST.strip("\n").splitlines(),
        "    scaling: Arrays = {}",
        *[f"    scaling |= standardise(data, {name!r}, {s.axes[name]}, rows)" for name in s.scaled],
        *MAIN_START.strip("\n").splitlines(),
        *(MAIN_SEARCH.strip("\n").splitlines() if s.rate is None else []),
        *MAIN_RUN.strip("\n").splitlines(),
    ]
    if s.target:
        lines += [
            "    if len(held_out):",
            f'        report["accuracy"] = accuracy(task, parameters, {s.target!r}, held_out)',
            '        if report["accuracy"] is None:',
            '            print("no accuracy: the loss is no sum over samples, so one alone has no least label")',
            "        else:",
            "            print(f\"accuracy on {len(held_out)} test samples: {report['accuracy']:.2%}\")",
            "            save(report)",
        ]
    return "\n".join([*lines, *MAIN_LAST.strip("\n").splitlines()])


SAVE = '''
def save(report: dict[str, Any]) -> None:
    """What was noted of the epochs, beside the script."""
    (HERE / f"{NAME}-history.json").write_text(json.dumps(report), encoding="utf-8")
'''
MAIN_FIRST = '''
def main() -> int:
    """Checks, trains, saves; the exit code."""
    asked = stop_on_interrupt()
    generator = np.random.default_rng(SEED)
    try:
        data = load(HERE / f"{NAME}-data.npz", SHAPES, CLASSES)
    except (OSError, ValueError) as error:
        return complain(f"{NAME}-data.npz: {error}", 2)
    samples = next(data[name].shape[axis] for name, axis in AXES.items() if axis is not None)
    held_out, rows = np.split(generator.permutation(samples), [round(TEST * samples)])
'''
MAIN_START = """
    report: dict[str, Any] = {"rate": RATE, "epochs": []}
    diverged: Diverged | None = None
    try:
        parameters = started(generator, data, rows)
        wrong = wrong_gradient(objective, parameters, take(data, AXES, rows[:BATCH]), generator)
        if wrong is not None:
            return complain(f"{wrong}; no step was taken", 4)
"""
MAIN_SEARCH = """
        report["rate"] = best_rate(
            lambda rate: loss_after_epoch(Task(objective, updates(rate), data, AXES, BATCH, asked), parameters, rows)
        )
"""
MAIN_RUN = """
        task = Task(objective, updates(report["rate"]), data, AXES, BATCH, asked)
        fit(task, parameters, rows, held_out, EPOCHS, generator, report["epochs"])
    except Diverged as error:
        diverged = error
    except np.linalg.LinAlgError as error:
        return complain(f"the loss has no value at the start ({error}): take another one, such as --start 0.1", 2)
    np.savez(HERE / f"{NAME}-parameters.npz", **parameters, **scaling)
    save(report)
    if diverged is not None:
        return complain(f"{diverged}: {SMALLER}; {NAME}-parameters.npz has the parameters {diverged.kept}", 2)
    if asked:
        done = len(report["epochs"])
        return complain(f"interrupted after {done} whole epochs: the parameters so far are in {HERE / NAME}-parameters.npz", 130)
"""
MAIN_LAST = """
    first, last = (report["epochs"][i]["loss"] for i in (0, -1))
    if last > first + abs(first):
        print(f"note: the loss has grown from {first:.6g} to {last:.6g}: {SMALLER}", file=sys.stderr, flush=True)
    print(f"the parameters are in {NAME}-parameters.npz")
    return 0


if __name__ == "__main__":
    with np.errstate(all="ignore"):  # what is no finite number any more is said
        sys.exit(main())
"""
