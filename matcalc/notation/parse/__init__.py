"""From tokens to the syntax tree: one Pratt parser for all notations, and the statements of a text.

What a ``*`` means is not decided here (``meaning``)."""
