"""From characters to tokens: plain notation, LaTeX, the spellings of Python; and what a letter is by convention.

Knows nothing of sizes and kinds."""
