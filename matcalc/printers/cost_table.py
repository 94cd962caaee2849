"""What the lines of code cost, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.expr import dims
from matcalc.expr.dims import Dim
from matcalc.printers.languages import ENGLISH, said
from matcalc.printers.text import columns, pad

SENT = "1 round over the blocks of {0}: {1} bytes to each, {2} bytes from each, added by eights"


def to_text(
    rows: Sequence[tuple[str, Dim, Dim]], total: tuple[Dim, Dim], sent: tuple[str, str, str] | None = None, lang: str = ENGLISH
) -> str:
    """The lines with operations and bytes, their sum below; where samples come in blocks, what is sent for it."""
    head, last = (said("line", lang), said("flops", lang), said("bytes", lang)), (said("in all", lang), *total)
    texts = [head, *[(line, dims.text(flops, "*"), dims.text(moved, "*")) for line, flops, moved in (*rows, last)]]
    wide = [max(columns(row[i]) for row in texts) for i in (0, 1)]
    table = [f"{pad(line, wide[0])}  {' ' * (wide[1] - columns(flops))}{flops}  {moved}" for line, flops, moved in texts]
    return "\n".join([*table, *([said(SENT, lang).format(*sent)] if sent else [])])
