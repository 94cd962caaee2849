"""The user's own work: an answer, the lines of a derivation or a NumPy program, judged against the derivation of its problem.

Nothing here derives: what is true comes from the problem's derivation and from complex steps through its graph."""
