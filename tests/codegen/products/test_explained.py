"""What the lines of code cost."""

from __future__ import annotations

from click.testing import CliRunner

import matcalc
from matcalc.cli import main
from matcalc.codegen.products.explained import rows_of, total
from matcalc.expr.dims import value

SIZES = {"n": 10, "m": 7}


def test_products_and_entrywise_lines() -> None:
    d = matcalc.derive("s = u'*tanh(W*x + b)", dims={"W": ("n", "m")}, check=False)
    rows = {line.split(" =")[0]: (value(flops, SIZES), value(moved, SIZES)) for line, flops, moved in rows_of(d)}
    n, m = SIZES["n"], SIZES["m"]
    assert rows["z"] == (2 * n * m + n, 8 * (n * m + m + n + n))
    assert rows["grad_W"] == (n * m, 8 * (n + m + n * m)) and rows["h"] == (n, 16 * n)
    found = rows_of(d)
    assert total(found)[0] and value(total(found)[1], SIZES) == sum(value(moved, SIZES) for _, _, moved in found)


def test_without_the_value_there_is_less() -> None:
    d = matcalc.derive("u'*tanh(W*x + b)", dims={"W": ("n", "m")}, check=False)
    assert len(rows_of(d, value=False)) < len(rows_of(d))


def test_in_the_shell() -> None:
    done = CliRunner().invoke(main, ["derive", "x'*x", "--explain", "--no-check"])
    assert done.exit_code == 0 and done.output.startswith("line ") and "in all" in done.output
    assert CliRunner().invoke(main, ["derive", "x'*x", "--explain", "--format", "latex"]).exit_code == 2
