"""The statements of a text together with definitions that were given beside it (``--define``)."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.expr.errors import MatcalcError, UsageError
from matcalc.notation.lex.syntax import Text
from matcalc.notation.parse.statements import Names, read


def read_all(text: str, define: Sequence[str], names: Names, notation: str | None = None) -> Text:
    """Text and definitions, read; all spans point into both, one behind the other."""
    define = (define,) if isinstance(define, str) else tuple(define)
    if not define:
        return read(text, names, notation)
    source = "; ".join((text, *define))
    later: list[Text] = []
    offset = len(text) + 2
    try:
        for one in define:
            later.append(read(" " * offset + one, names._replace(defines=True)))
            offset += len(one) + 2
        beside = [s for t in later for s in t.statements]
        if any(s.name is None for s in beside):
            raise UsageError(f"'{define[-1]}' defines nothing", hint="write name(z) = formula, such as g(z) = z*tanh(z)")
        heads = frozenset(s.name for s in beside if s.name and s.parameters)
        first = read(text, names._replace(functions={*names.functions, *heads}), notation)
    except MatcalcError as error:
        error.source = source
        raise
    numpy = next((t.numpy for t in (first, *later) if t.numpy), "")
    sums, labels = any(t.sums for t in (first, *later)), any(t.labels for t in (first, *later))
    tokens = {name: token for t in (*reversed(later), first) for name, token in t.names.items()}
    return first._replace(statements=first.statements + beside, source=source, numpy=numpy, sums=sums, labels=labels, names=tokens)
