"""The rules: one equation a row, in matcalc's own notation. Read by matcalc.algebra.rule, never executed."""
