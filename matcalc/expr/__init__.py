"""Expressions: the node, its sizes, the table of operators, and every error.

Here is what an expression *is*. What it is called in a text stands in ``notation``, its value in ``numeric``, its derivative in
``rules`` and ``engine``.
"""
