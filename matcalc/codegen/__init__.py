"""Code from derivations: one function for the value and all derivatives."""
