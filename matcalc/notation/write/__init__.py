"""Expressions as text: one walk over the graph, three styles (plain, Unicode, LaTeX). Lines and pages are the printers' work."""
