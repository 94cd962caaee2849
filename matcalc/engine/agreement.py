"""That several derivations of one problem come to the same: a line for each result, with what each of them ends in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcalc.algebra.rule import Book
from matcalc.engine.derivation import Step

RULE = "routes-agree"


def agreement(routes: Sequence[Sequence[Step]], book: Book) -> Iterator[Step]:
    """The results of all routes in one line each; none where a route does not have it, or has it in another form of the sign.

    Two members that read alike are printed once; all are checked. Entries have the letters of the first route.
    """
    source = book.source(book.rows()[RULE])
    first, *others = [{box.lhs.text: box for box in boxes} for boxes in routes]
    for sign, box in first.items():
        if all(sign in boxes for boxes in others):
            left, right = box.chain[0], box.chain[-1]
            ends = tuple([boxes[sign].chain[-1]._replace(entries=right.entries, lettering=right.lettering) for boxes in others])
            yield box._replace(rule=RULE, source=source, members=(left, right, *ends), rules=(), check=None)
