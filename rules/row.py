"""One row of the rules: a name, an equation in matcalc's notation, the sizes and conditions of its variables, and a source."""

from typing import NamedTuple


class R(NamedTuple):
    """``R(name, equation, where, cite)``, all literal text.

    ``where`` gives each variable its sizes and conditions: ``A[m,n] x[n] a[] X[n,n] invertible``.
    An equation may end in definitions: ``d(softmax(x)) = …; p = softmax(x)``. One that stands in a row before it is given by the
    name of that row.
    ``cite`` is a key of the sources, perhaps with a place: ``cookbook:37``.
    ``words`` is how a line says it, where that is not the name with spaces: ``product rule``; ``{} is symmetric`` says it of a formula.
    ``of`` makes it a row for each of these operators, which takes the place of ``F`` in the equation and comes before the name.
    ``role`` says what a reader sees at a glance: a line is named after another of its rows if it has one. ``minor`` rows are such,
    ``silent`` ones are never told, and a row of the ``ring`` gives way to the adjoint row that was used with it. A law that is
    ``minor`` or ``silent`` is no reason where a line only takes back what it did, and a silent one none beside another.
    ``lines`` make it the first of several rows, numbered from 1, each with ``by``, the names of rows by which it follows from
    those before; their ``where`` is that of the first, of what they mention.
    """

    name: str
    equation: str
    where: str
    cite: str
    disabled: str = ""  # a counterexample: the rule is tempting and wrong
    words: str = ""  # how a student knows it, where that is not its name with spaces for hyphens
    role: str = ""
    of: str = ""
    lines: tuple[tuple[str, str], ...] = ()  # equations that follow one by one, each with the rows by which it does
    by: str = ""
