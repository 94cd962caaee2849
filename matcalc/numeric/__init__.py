"""Expressions as numbers: kernels, evaluation and complex steps, many digits, exact arithmetic modulo primes, random points.

These are the referees: nothing here knows a differentiation rule. Code for users is generated in ``codegen``."""
