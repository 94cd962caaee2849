"""What a target says of its library."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

import matcalc
from matcalc.cli import main
from matcalc.codegen import targets
from matcalc.codegen.targets.dialects import Dialect, spoken
from matcalc.codegen.targets.numpy_target import DIALECT


def test_the_name_of_the_library_stands_in_place_of_numpys() -> None:
    other = Dialect("other", {}, library="other")
    assert other.named("np.exp(sinp.x) + np.linalg.inv(a)") == "other.exp(sinp.x) + other.linalg.inv(a)"
    assert DIALECT.named("np.exp(x)") == "np.exp(x)"
    assert spoken({"f": "np.f(x)"}, "xp") == {"f": "xp.f(x)"}


def test_what_a_library_lacks_is_refused_with_its_name() -> None:
    assert "no other code can be generated for the operator 'exp'" in str(Dialect("other", {}).lacking("exp"))
    with pytest.raises(matcalc.NoRuleError, match="_norm"):
        Dialect("other", {}, helpers={}).helper("_norm")


@pytest.mark.parametrize("target", [t for t in targets.names() if targets.dialect_of(t).allowed])
def test_variables_called_as_the_modules_are_renamed(target: str) -> None:
    dialect = targets.dialect_of(target)
    for name in dialect.modules:
        source = matcalc.derive(f"{name}'*{name}", dims={name: ("n",)}, check=False).to_code(target)
        assert f"({name}_)" in source


def test_the_help_names_all_targets() -> None:
    done = CliRunner().invoke(main, ["derive", "--help"])
    (said,) = re.findall(r"--code TARGET(.*?) -o ", " ".join(done.output.split()))
    assert [t for t in targets.names() if t not in said] == []
