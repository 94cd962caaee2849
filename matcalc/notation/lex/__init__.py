"""From characters to tokens: plain notation, LaTeX, the spellings of Python. ``habits`` is the one table of what letters are by
convention.

Knows nothing of sizes; of kinds only what letters usually are."""
