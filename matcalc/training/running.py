"""From a loss and data to a script of derived gradients, and what comes of running it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matcalc.codegen.scripts import choices as asked
from matcalc.codegen.scripts.choices import Choices
from matcalc.expr.errors import CheckError, UsageError

if TYPE_CHECKING:
    from matcalc.codegen.scripts.preparation import Facts
    from matcalc.codegen.scripts.roles import Role
    from matcalc.printers.pictures.curves import Epoch
    from matcalc.results import Derivation


@dataclass(frozen=True)
class Training:
    """A script with its data. ``write`` puts them into a folder, ``run`` writes and trains."""

    derivation: Derivation
    script: str
    arrays: Mapping[str, Any]
    starts: Mapping[str, Any]
    name: str
    notes: tuple[str, ...]

    def write(self, folder: str | os.PathLike[str] = ".") -> Path:
        """NAME.py, NAME-data.npz, and NAME-start.npz where parameters are given. Raises ``UsageError`` where that fails."""
        import numpy as np

        if not isinstance(folder, str | os.PathLike):
            raise UsageError(f"a folder of the type {type(folder).__name__} is none", hint='write("scripts")')
        path = Path(folder) / f"{self.name}.py"
        try:
            path.write_text(self.script, encoding="utf-8")
            np.savez(path.with_name(f"{self.name}-data.npz"), **self.arrays)
            if self.starts:
                np.savez(path.with_name(f"{self.name}-start.npz"), **self.starts)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror or error}", hint="name another file") from None
        return path

    def run(self, folder: str | os.PathLike[str] = ".") -> Outcome:
        """Write the script and run it. Raises ``CheckError`` for a gradient that is wrong, ``UsageError`` where training fails."""
        path = self.write(folder)
        lines: list[str] = []
        code, complaint = run(path, lines.append, quiet=True)
        if code:
            message = complaint.strip().removeprefix("error: ") or f"the script ended with the code {code}"
            raise CheckError(message) if code == CheckError.exit_code else UsageError(message)
        return outcome(path)


@dataclass(frozen=True)
class Outcome:
    """What came of it: ``epochs`` hold loss, test_loss, gradient_norms and seconds each."""

    script: Path
    parameters: Mapping[str, Any]
    scaling: Mapping[str, Any]  # X.mean and X.spread where X was scaled
    rate: float
    epochs: tuple[Epoch, ...]
    accuracy: float | None


def prepare(
    expression: str,
    data: str | os.PathLike[str] | Mapping[str, Any],
    roles: Mapping[str, object],
    *,
    sizes: Mapping[str, int] | None = None,
    name: str = "training",
    choices: Choices | None = None,
    about: Mapping[str, Any] | None = None,
    **more: Any,
) -> Training:
    """A training script, not yet written.

    Parameters
    ----------
    expression
        The loss, a mean or a sum over samples.
    data
        ``"digits"``, ``"breast-cancer"``, a file (.npz, .csv) or arrays by name.
    roles
        What the names are: ``data``, ``labels``, ``signs`` (labels as −1 and 1), ``targets``, ``parameter``, or a number. After a
        colon stands which array or column: ``"labels:species"``. Arrays of which nothing is said are parameters.
    sizes
        Those that the data do not tell: ``{"m": 64}``.
    choices, more
        How to train: :class:`Choices`, or its fields by name (``optimiser="momentum"``, ``epochs=30`` …).
    about
        Further arguments of :func:`matcalc.derive`, such as ``dims``.

    Raises
    ------
    MatcalcError
        For what cannot be read or derived, for data that do not fit, for choices that there are not.
    """
    from matcalc.codegen.scripts import data_sets, preparation
    from matcalc.codegen.scripts.roles import FROM_DATA
    from matcalc.codegen.scripts.training_script import script

    how = _choices(choices, more)
    _require(roles, sizes, name, about)
    facts = preparation.facts_of(*_derived(expression, roles, about or {}, check=not how.l2))
    if how.l2:
        facts = _held_down(facts, float(how.l2))
    table = data_sets.read_data(data)
    found, notes = data_sets.arrays_for(table, facts.roles, {n: len(facts.shapes[n]) for n in facts.having(*FROM_DATA)})
    arrays = preparation.numbers(facts, found)
    starts = _starts(how)
    layout = preparation.layout_of(facts, arrays, {n: int(s) for n, s in (sizes or {}).items()}, starts)
    settings = preparation.settings_of(facts, layout, how, name, tuple(starts))
    notes += preparation.notes_of(facts, layout, arrays, how)
    beside = {facts.python[n]: array for n, array in arrays.items()}
    return Training(facts.derivation, script(settings), beside, starts, name, tuple(notes))


def train(expression: str, data: Any, roles: Mapping[str, object], folder: str | os.PathLike[str] = ".", **more: Any) -> Outcome:
    """:func:`prepare`, write into ``folder``, and run."""
    return prepare(expression, data, roles, **more).run(folder)


def _choices(given: Choices | None, more: Mapping[str, Any]) -> Choices:
    known = [f.name for f in fields(Choices)]
    strange = [name for name in more if name not in known]
    if strange:
        raise UsageError(f"there is no choice '{strange[0]}'", hint=f"one of {', '.join(known)}")
    if given is not None and (more or not isinstance(given, Choices)):
        raise UsageError("choices are given twice, or are no Choices", hint="choices=Choices(epochs=30), or epochs=30")
    how = given or Choices(**more)
    asked.require(how)
    return replace(how, start=asked.read_start(how.start))


ABOUT = ("dims", "index", "assume", "functions", "define", "macros", "meant", "output", "notation", "seed", "rules")


def _require(roles: object, sizes: object, name: object, about: object) -> None:
    """Raises ``UsageError`` for arguments of another type than they have to be."""
    words = isinstance(roles, Mapping) and all(isinstance(word, str) for word in roles)
    if not words:
        raise UsageError("roles are no mapping of names to roles", hint='roles={"X": "data", "y": "labels"}')
    if not (sizes is None or isinstance(sizes, Mapping)) or not all(
        isinstance(n, str) and asked.is_whole(s, 1) for n, s in (sizes or {}).items()
    ):
        raise UsageError("sizes are no mapping of names to whole numbers from 1 on", hint='sizes={"m": 64}')
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or set(name) & set("/\\:"):
        raise UsageError("name is no name of a file", hint='name="training"')
    if not (about is None or isinstance(about, Mapping)) or not all(key in ABOUT for key in about or ()):
        raise UsageError("about is no mapping of arguments of matcalc.derive", hint=f"about={{'dims': …}}, with {', '.join(ABOUT)}")


def _derived(
    expression: str, roles: Mapping[str, object], about: Mapping[str, Any], check: bool
) -> tuple[Derivation, dict[str, Role]]:
    """The loss with its gradients by the parameters, verified where nothing else is derived of it; and the role of each name."""
    from matcalc import api
    from matcalc.codegen.scripts.roles import roles_of

    problem = api.derive(expression, check=False, **about).problem
    if problem.output.kind != "s":
        raise UsageError("the expression is no number, so it is no loss", hint="take its mean or its sum: mean(…), sum(…)")
    free = [f for f in problem.functions if f not in problem.scalars and not (about.get("functions") or {}).get(f)]
    if free:
        raise UsageError(f"nothing is known of the function {free[0]}", hint=f"--function {free[0]}=tanh says what it is")
    role = roles_of(roles, problem.symbols, problem.labels)
    parameters = [name for name, r in role.items() if r.kind == "parameter"]
    return api.derive(expression, wrt=parameters, check=check, **about), role


def _held_down(facts: Facts, l2: float) -> Facts:
    """Of the loss with ``l2`` times the squares of the weights, derived and verified. Raises ``UsageError`` without weights."""
    from matcalc.codegen.scripts import preparation
    from matcalc.codegen.scripts.roles import Role
    from matcalc.engine.penalty import with_penalty

    weights = preparation.weights(facts)
    if not weights:
        raise UsageError("l2 holds down weights, and here all parameters are biases", hint="leave out l2")
    name, problem = with_penalty(facts.derivation.problem, weights)
    penalised = facts.derivation.again(problem, "gradient")
    return preparation.facts_of(penalised, {**facts.roles, name: Role("hyperparameter", value=l2)})


def _starts(how: Choices) -> dict[str, Any]:
    """Parameters that are given in a file."""
    if not isinstance(how.start, str) or how.start == "xavier":
        return {}
    from matcalc.codegen.scripts.data_sets import read_data

    return {name: array for name, array in read_data(how.start).arrays.items() if "." not in name}  # W, and not X.mean


def run(path: Path, say: Callable[[str], None], quiet: bool = False) -> tuple[int, str]:
    """Run a script: each of its lines is said. The exit code, and what it complains of where it is to be ``quiet``."""
    command = [sys.executable, "-W", "ignore", "-P", str(path)]
    more: dict[str, Any] = {"stderr": subprocess.PIPE} if quiet else {}
    if os.name == "posix":
        more["process_group"] = 0  # Ctrl-C comes here, and is handed on once
    with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8", env=_environment(), **more) as child:
        assert child.stdout is not None
        while True:
            try:
                for line in child.stdout:
                    say(line.rstrip("\n"))
                complaint = child.stderr.read() if child.stderr is not None else ""
                code = child.wait()
                if code < 0:
                    raise UsageError(f"the script was ended by the signal {-code}", hint="is there enough memory?")
                return code, complaint
            except KeyboardInterrupt:  # the script ends by itself after the batch at hand, and saves
                with suppress(ValueError, OSError):
                    child.send_signal(signal.SIGINT)
            except BaseException:  # nobody reads any more
                child.terminate()
                raise


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONIOENCODING": "utf-8"}


def outcome(path: Path) -> Outcome:
    """What a script left beside it."""
    import numpy as np

    report = json.loads(path.with_name(f"{path.stem}-history.json").read_text("utf-8"))
    with np.load(path.with_name(f"{path.stem}-parameters.npz")) as stored:
        parameters = {name: stored[name] for name in stored.files if "." not in name}
        scaling = {name: stored[name] for name in stored.files if "." in name}
    return Outcome(path, parameters, scaling, report["rate"], tuple(report["epochs"]), report.get("accuracy"))
