"""Writing a derivation: Unicode text, LaTeX, Markdown, HTML and JSON, all read off the same object."""
