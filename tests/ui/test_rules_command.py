"""``matcalc rules``: list, show and check."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from matcalc.algebra.book import book
from matcalc.check.rows import tester
from matcalc.expr.errors import UsageError
from matcalc.ui.rules_command import complete_rules, rules


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(rules, list(words), standalone_mode=False)
    if done.exception:
        raise done.exception
    return done.return_value or 0, done.stdout, done.stderr


def test_list_and_show() -> None:
    assert run("list", "--group", "vec")[1].startswith("vec\n")
    assert run("show", "inverse")[1].startswith("inverse (differential)\n")
    with pytest.raises(UsageError):
        run("show", "no-such-rule")


def test_a_rule_that_holds() -> None:
    code, out, err = run("check", "inverse")
    assert code == 0 and out.startswith("✓ inverse ") and err == "1 rules checked, 0 failed\n"


def test_a_rule_that_does_not_is_exit_code_4(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tester, "check_rules", lambda book, names: [("good", 1e-16, True, ""), ("bad", 0.5, False, "sides differ")])
    code, out, err = run("check")
    assert code == 4 and "✗ bad   5.0e-01  sides differ" in out and err == "2 rules checked, 1 failed\n"


def test_names_are_completed() -> None:
    found = complete_rules(None, None, "inv")  # type: ignore[arg-type]
    assert found and all(name.startswith("inv") for name in found) and set(found) < set(book().rows())


def test_a_file_of_rules_is_seen_by_each(tmp_path: Path) -> None:
    path = tmp_path / "own.py"
    path.write_text('R("my-tan", "d(tan(X)) = (1 + tan(X).^2) .* d(X)", "X[m,n] small", "calculus:table")', encoding="utf-8")
    assert "my-tan" in run("list", "--rules", str(path))[1] and "my-tan" not in run("list")[1]
    assert run("show", "my-tan", "--rules", str(path))[1].startswith("my-tan (differential)\n")
    assert run("check", "--rules", str(path))[::2] == (0, "1 rules checked, 0 failed\n")
    path.write_text(path.read_text(encoding="utf-8").replace("1 +", "2 +"), encoding="utf-8")
    assert run("check", "--rules", str(path))[0] == 4
