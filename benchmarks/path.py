"""The path of one sentence through the rooms: which room calls which, in the order in which they first do, and how often.

``python benchmarks/path.py ["s = u^T f(W x + b)"]``. A call that no arrow between rooms allows comes from what was handed
down (a callback); so does one into a module that waits for its caller, which is entered, left and entered again. Both are
listed last.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import matcalc

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from tests.system.test_rooms import ROOMS, room  # noqa: E402

PACKAGE = str(Path(matcalc.__file__).parent)


def module_of(frame: FrameType | None) -> str | None:
    """The dotted name of the module of ours that a frame runs in."""
    file = frame.f_code.co_filename if frame is not None else ""
    if not file.startswith(PACKAGE):
        return None
    return ".".join(("matcalc", *Path(file).relative_to(PACKAGE).with_suffix("").parts))


def caller(frame: FrameType) -> FrameType | None:
    """The nearest frame below that runs in a module of ours."""
    below = frame.f_back
    while below is not None and module_of(below) is None:
        below = below.f_back
    return below


def crossings(text: str) -> Counter[tuple[str, str, str]]:
    """Calls from one room to another while a sentence is derived, checked, printed and turned into code."""
    found: Counter[tuple[str, str, str]] = Counter()

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event != "call" or (to := module_of(frame)) is None or frame.f_code.co_name == "<module>":
            return
        came = module_of(caller(frame))
        if came is not None and room(came) != room(to):
            found[room(came), room(to), f"{came} calls {to}"] += 1

    traced(text, watch)
    return found


def reentries(text: str) -> Counter[tuple[str, str]]:
    """Calls from one module into another of the same or a lower room that waits for it: hand-overs that go back and forth."""
    found: Counter[tuple[str, str]] = Counter()
    waiting: list[str] = []

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event not in ("call", "return") or (module := module_of(frame)) is None or frame.f_code.co_name == "<module>":
            return
        if event == "return":
            del waiting[-1:]
            return
        came = waiting[-1] if waiting else module
        if came != module and module in waiting and (room(came) == room(module) or room(module) in ROOMS[room(came)].split()):
            found[came, module] += 1
        waiting.append(module)

    traced(text, watch)
    return found


def traced(text: str, watch: Callable[[FrameType, str, Any], None]) -> None:
    """A sentence derived, checked, printed and turned into code, under a watch."""
    sys.setprofile(watch)
    try:
        d = matcalc.derive(text)
        d.to_latex()
        d.to_code()
    finally:
        sys.setprofile(None)


def main() -> None:
    text = sys.argv[1] if len(sys.argv) > 1 else "s = u^T f(W x + b)"
    matcalc.derive("x'*x").to_code()  # what is loaded and compiled once is no part of the path
    found = crossings(text)
    rooms: Counter[tuple[str, str]] = Counter()
    for (one, other, _), count in found.items():
        rooms[one, other] += count
    print(text)
    for (one, other), count in rooms.items():
        print(f"  {one:>9} -> {other:<9} {count:6}")
    up = {how: n for (one, other, how), n in found.items() if one != "porch" and other not in ROOMS[one].split()}
    print("upward, by functions that were handed down:", "none" if not up else "")
    for how, count in up.items():
        print(f"  {how} {count}")
    again = reentries(text)
    print("entered, left and entered again:", "none" if not again else "")
    for (came, module), count in again.items():
        print(f"  {came} calls {module} {count}")


if __name__ == "__main__":
    main()
