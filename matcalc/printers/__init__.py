"""A derivation as Unicode text, LaTeX, Markdown, HTML and JSON: set from its lines. No printer makes a formula."""
