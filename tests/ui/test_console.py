"""The console: where results and messages go, and the exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from matcalc.expr.errors import CheckError, MatcalcError, NoRuleError, ParseError, Reading
from matcalc.ui.console import continued, guarded, option, refuse, save, say, warn


def raising(error: BaseException) -> Callable[[], None]:
    def run() -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ParseError("what?"), 2), (NoRuleError("no rule"), 3), (CheckError("false"), 4), (click.UsageError("no such option"), 2),
        (ValueError("a defect"), 1), (KeyboardInterrupt(), 130), (click.Abort(), 130),
    ],
)  # fmt: skip
def test_each_failure_has_its_exit_code_and_a_message(
    error: BaseException, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MATCALC_DEBUG", raising=False)
    assert guarded(raising(error), []) == code
    out, err = capsys.readouterr()
    assert out == "" and err.strip() and "Traceback" not in err


def test_the_code_of_a_command_is_passed_on() -> None:
    assert guarded(lambda: 4, []) == 4 and guarded(lambda: None, []) == 0


def test_json_errors_go_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(raising(ParseError("what?", hint="look")), ["--format", "json"]) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["error"]["message"] == "what?" and err == ""


def test_a_defect_says_so_on_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATCALC_DEBUG", raising=False)
    guarded(raising(ValueError("one\ntwo " * 500)), [])
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "this is a bug in matcalc" in err
    monkeypatch.setenv("MATCALC_DEBUG", "1")
    with pytest.raises(ValueError):
        guarded(raising(ValueError("one")), [])


def test_a_reader_who_has_seen_enough_is_no_failure() -> None:
    assert guarded(raising(BrokenPipeError()), []) == 0


def test_a_disk_that_is_full_is_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert guarded(raising(OSError(28, "No space left on device")), []) == 2
    assert "cannot write the result: No space left on device" in capsys.readouterr().err


def test_options_are_found_in_words_that_are_not_understood() -> None:
    assert option(["--format", "text", "--format=json"], "--format") == "json"
    assert option(["--format"], "--format") is None and option(["--formats=json"], "--format") is None


def test_messages_are_safe_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    warn("note", "a\x1b[31mb", "never")
    assert capsys.readouterr().err == "note: a·[31mb\n"
    warn("error", "x", "always")
    assert capsys.readouterr().err == "\x1b[1;31merror:\x1b[0m x\n"


def test_the_result_ends_in_one_newline(capsys: pytest.CaptureFixture[str]) -> None:
    say("∂s/∂x\n\n")
    assert capsys.readouterr().out == "∂s/∂x\n"


def test_refusing_is_clicks_usage_error() -> None:
    with pytest.raises(click.UsageError, match="not so"):
        refuse("not so")
    assert not issubclass(click.UsageError, MatcalcError)


def test_a_reading_continues_the_command_line_that_was_typed() -> None:
    kwargs = {"dims": {"a": (), "X": ("n", 3)}, "meant": {"a/b c": "(a/b) c"}, "functions": {"f": None}, "index": {"x_i": "X[i,:]"}}
    words = ["derive", "a/b c", "--wrt", "a", "--", "-x"]
    said = "--dim a= --dim X=n,3 --function f= --index 'x_i=X[i,:]' --meant 'a/b c' '(a/b) c'"
    assert continued(words, Reading("", kwargs, "")) == f"matcalc derive 'a/b c' --wrt a {said} -- -x"


def test_a_file_gets_the_text_and_one_end_of_line(tmp_path: Path) -> None:
    save(str(tmp_path / "out.txt"), "∂s\n\n")
    assert (tmp_path / "out.txt").read_text("utf-8") == "∂s\n"
    with pytest.raises(click.UsageError, match=r"cannot write .*nowhere"):
        save(str(tmp_path / "nowhere" / "out.txt"), "x")


def test_the_last_value_of_an_option_counts() -> None:
    assert option(["--format=latex", "--format", "json"], "--format") == "json"
    assert option(["--format"], "--format") is None
