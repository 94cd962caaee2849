"""A derivation as Unicode text, LaTeX, Markdown, HTML, Typst and JSON, set from its lines; `pictures/` draws its
computation graph. No printer makes a formula."""
