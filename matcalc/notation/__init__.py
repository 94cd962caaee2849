"""Text to expressions and back.

``lex`` makes tokens of plain text, Unicode, LaTeX and NumPy; ``parse`` makes a syntax tree of them; ``meaning`` finds out what
every name is and makes expressions, ``sums`` where indices run; ``write`` writes expressions in three styles; ``foreign`` goes to
SymPy and latex2sympy2 and back. No derivative is known here, and no derivation is printed here (``printers``).
"""
