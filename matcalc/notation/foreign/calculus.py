"""Derivatives of scalar formulas by SymPy, in the shortest of several forms, under a time limit.

SymPy works for one thread at a time: it sets and puts back the precision of mpmath for the whole process. What counts
is the time of its own thread, so that what it finds does not depend on what else runs.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from matcalc.expr.errors import LimitError, NoRuleError
from matcalc.expr.nodes import Expr, postorder
from matcalc.notation.foreign.scalar_formulas import Slope, from_sympy, to_sympy

SECONDS, PATIENCE = 5.0, 1.5  # for a derivative, and for looking for shorter forms of it
TIDY, SIMPLIFY = 200, 30  # operations up to which SymPy rewrites quickly, and up to which it simplifies so
MAX_EXPONENT = 64  # in what SymPy is to rewrite
T = TypeVar("T")


class _Stop(BaseException):
    """Raised inside a thread whose time is up."""


def limited(work: Callable[[], T], seconds: float = SECONDS) -> T:
    """``work()`` in a thread of its own, stopped when its time is up. Raises ``LimitError`` then."""
    box: list[tuple[T | None, BaseException | None]] = []

    clock: list[int] = []

    def run() -> None:
        with suppress(AttributeError, OSError):  # a system that does not count the time of a thread
            clock.append(time.pthread_getcpuclockid(threading.get_ident()))
        try:
            box.append((work(), None))
        except BaseException as error:
            box.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    with _ONE_AT_A_TIME:
        try:
            thread.start()
        except RuntimeError:  # there are no threads here, as in a browser
            return work()
        _wait(thread, clock, seconds)
    if not box:
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Stop))
        raise LimitError(f"the formula of a function took longer than {seconds:g} s", hint="write it in a simpler form")
    value, error = box[0]
    if error is not None:
        raise error
    return value  # type: ignore[return-value]


_ONE_AT_A_TIME = threading.RLock()
LONGEST = 10  # times the limit, that a thread may need by the clock on the wall


def _wait(thread: threading.Thread, clock: list[int], seconds: float) -> None:
    """Until the thread has ended, or had its time: that of its own where the system counts it, else by the clock on the wall."""
    end = time.monotonic() + LONGEST * seconds
    rest = seconds
    while rest > 0 and time.monotonic() < end:
        thread.join(rest)
        if not thread.is_alive():
            return
        try:
            rest = seconds - time.clock_gettime(clock[0])
        except (IndexError, OSError):
            return


def derivative(body: Expr, variable: Expr, slope: Slope) -> Expr:
    """∂body/∂variable in the shortest form that SymPy finds, ``slope`` being the derivatives of functions that SymPy lacks.

    Raises ``NoRuleError`` or ``LimitError``.
    """
    return _shortest(limited(lambda: to_sympy(body, True, slope).diff(to_sympy(variable))))


def shortest(e: Expr) -> Expr:
    """The same scalar in the shortest of the forms that SymPy finds."""
    return _shortest(limited(lambda: to_sympy(e, True)))


def size(e: Expr) -> int:
    """Nodes of the formula as it is written out."""
    done: dict[Expr, int] = {}
    for node in postorder((e,)):
        done[node] = min(1 + sum(done[a] for a in node.args), 10**9)
    return done[e]


def _shortest(e: Any) -> Expr:
    """Shortest of the forms with no functions but those of ``e``, or fewer; a product rather than a sum."""
    best = [from_sympy(e)]
    own = _functions(best[0])

    def improve() -> None:
        for form in _forms(e):
            try:
                found = from_sympy(form)
            except NoRuleError:
                continue
            other = _functions(found)
            if _rank(found) < _rank(best[0]) and (other <= own or len(other) < len(own)):
                best[0] = found

    with suppress(LimitError):
        limited(improve, PATIENCE)
    return best[0]


def _rank(e: Expr) -> tuple[int, bool, int]:
    return size(e), e.op in ("add", "sub"), sum(1 for n in postorder((e,)) if n.op == "num")


def _functions(e: Expr) -> set[str]:
    arithmetic = ("sym", "num", "const", "add", "sub", "neg", "scale", "div", "pow", "sqrt")
    return {n.op for n in postorder((e,)) if n.op not in arithmetic}


def _forms(e: Any) -> Iterator[Any]:
    import sympy

    if any(p.exp.is_Rational and abs(p.exp) > MAX_EXPONENT for p in e.atoms(sympy.Pow)):
        return
    for sign in e.atoms(sympy.sign):
        e = e.subs(sign.args[0] * sign, sympy.Abs(sign.args[0]))
    operations = int(e.count_ops())
    if operations > TIDY:
        return
    yield e
    yield sympy.powsimp(e)
    yield sympy.factor_terms(sympy.together(e))
    if operations <= SIMPLIFY:
        yield sympy.factor(e)
        yield sympy.simplify(e)
