"""Curves as SVG, PNG or PDF, by matplotlib, which is an extra."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from math import ceil, isfinite
from typing import TYPE_CHECKING, NamedTuple

from matcalc.expr.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ENDINGS = (".svg", ".png", ".pdf")
INSTALL = "pip install 'matplotlib>=3.8'"
STYLES = ("-", "--", "-.", ":")  # beside colours, for those who do not see them
# The same picture gives the same bytes; letters of other plots do not matter.
SETTINGS: Mapping[str, object] = {
    "svg.hashsalt": "matcalc",
    "font.family": "DejaVu Sans",
    "font.size": 9.0,
    "axes.unicode_minus": True,
}


class Line(NamedTuple):
    """A curve; where a value is not finite it is interrupted."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float]


class Panel(NamedTuple):
    """Curves on the same axes."""

    title: str
    lines: tuple[Line, ...]
    across: str = ""  # what the axes are
    up: str = ""
    log: bool = False  # both axes by powers of ten
    log_up: bool = False  # that of the values alone
    marks: tuple[float, ...] = ()  # places across that are marked
    notes: tuple[str, ...] = ()


def require_ending(path: str) -> None:
    """Raises ``UsageError`` for a file that is no picture of a known kind."""
    if os.path.splitext(path)[1].lower() not in ENDINGS:
        raise UsageError(f"--plot: '{path}' is no name of a picture", hint=f"it ends in {', '.join(ENDINGS)}")


def require_matplotlib() -> None:
    """Raises ``UsageError`` where it is not installed."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        raise UsageError("plots need matplotlib, which is not installed", hint=INSTALL) from None


def plot(panels: Sequence[Panel], path: str, columns: int = 4) -> None:
    """Draw panels into a file, by its ending. Raises ``UsageError`` where matplotlib is not
    installed, or the file cannot be written."""
    require_ending(path)
    require_matplotlib()
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    across = min(columns, len(panels))
    down = ceil(len(panels) / across)
    wide, high = (3.1, 2.5) if len(panels) > 1 else (6.4, 4.2)
    with rc_context(dict(SETTINGS)):
        figure = Figure(figsize=(wide * across, high * down), layout="constrained", dpi=120)
        axes = list(figure.subplots(down, across, squeeze=False).flat)
        for panel, ax in zip(panels, axes, strict=False):
            _draw(panel, ax)
        for ax in axes[len(panels) :]:
            ax.set_visible(False)
        try:
            figure.savefig(path, metadata=_undated(path))
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror or error}") from None


def _undated(path: str) -> dict[str, str | None]:
    """No date and no version in the file."""
    ending = os.path.splitext(path)[1].lower()
    return {
        ".svg": {"Date": None, "Creator": "matcalc"},
        ".pdf": {"CreationDate": None, "Producer": "matcalc", "Creator": "matcalc"},
    }.get(ending, {"Software": "matcalc"})


def _draw(panel: Panel, ax: Axes) -> None:
    for i, line in enumerate(panel.lines):
        ys = [y if isfinite(y) and not ((panel.log or panel.log_up) and y <= 0) else float("nan") for y in line.ys]
        alone = "o" if len(line.xs) == 1 else ""  # a single point has no line
        ax.plot(line.xs, ys, STYLES[i % len(STYLES)], label=line.label, linewidth=1.6, marker=alone)
    if panel.log or panel.log_up:
        ax.set_yscale("log")
    if panel.log:
        ax.set_xscale("log")
    elif not panel.log_up:
        ax.axhline(0, color="0.6", linewidth=0.6, zorder=0)
        ax.axvline(0, color="0.6", linewidth=0.6, zorder=0)
    for x in panel.marks:
        ax.axvline(x, color="0.5", linewidth=0.8, linestyle=":", zorder=0)
    ax.set_title("\n".join((panel.title, *panel.notes)))
    ax.set_xlabel(panel.across)
    ax.set_ylabel(panel.up)
    legend = ax.legend(frameon=False, fontsize=8)
    for text in (ax.title, ax.xaxis.label, ax.yaxis.label, *legend.get_texts()):
        text.set_parse_math(False)  # names as they are
