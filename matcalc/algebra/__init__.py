"""Rules and laws at work: matching and instantiating the rows of ``rules/``, the normal form, blocks, index form.

The rows stand in ``rules/``; which of them are applied in which order is the ``engine``'s choice."""
