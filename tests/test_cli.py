"""The command line: results, errors, exit codes, streams, colours, files, completion."""

from __future__ import annotations

import gc
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import matcalc
from matcalc import cli
from matcalc.cli import main
from tests.places import ROOT

SCORE = "s = u^T f(W x + b)"
PLAIN = {"NO_COLOR": "", "COLUMNS": "80", "MATCALC_DEBUG": ""}


def run(*words: str, stdin: str | bytes | None = None, **environment: str) -> Any:
    """Run in this process; the result has exit_code, stdout and stderr."""
    try:
        runner = CliRunner(mix_stderr=False)  # type: ignore[call-arg]
    except TypeError:  # click 8.2 and later keep them apart anyway
        runner = CliRunner()
    return runner.invoke(main, list(words), input=stdin, env=PLAIN | environment)


def process(*words: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run as a command of its own."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"} | options.pop("env", {})
    command = [sys.executable, "-m", "matcalc", *words]
    return subprocess.run(command, capture_output=True, env=environment, timeout=60, check=False, **options)


# -- the main path -------------------------------------------------------------------------------


def test_derive() -> None:
    done = run("derive", SCORE)
    assert done.exit_code == 0 and done.stderr == ""
    assert "┃ ∂s/∂W = (u ∘ f′(z)) xᵀ" in done.stdout and "✓ 23 lines checked" in done.stdout
    assert "\x1b" not in done.stdout


def test_a_part_of_a_derivation_and_pages_of_columns() -> None:
    done = run("derive", SCORE, "--only", "results", "--no-sizes")
    assert done.exit_code == 0 and done.stdout.startswith("  z = W x + b\n\n┃ ∇_u s = f(z)\n") and "[" not in done.stdout
    narrow = run("derive", SCORE, "--format", "latex", "--columns", "2", "--no-reasons")
    assert narrow.exit_code == 0 and r"\boxed" in narrow.stdout and "chain rule" not in narrow.stdout
    labelled = run("derive", SCORE, "--document", "--labels", "eq:s")
    assert labelled.exit_code == 0 and r"\label{eq:s:delta}" in labelled.stdout
    for words, said in (
        (["--labels", "eq"], "add --format latex"),
        (["--columns", "2"], "add --format latex"),
        (["--environment", "gather"], "add --format latex"),
        (["--document", "--environment", "aligned", "--labels", "eq"], "alignat, align and gather"),
        (["--no-sizes", "--format", "json"], "--format text, latex"),
        (["--exercise", "--only", "results"], "leave out --only"),
    ):
        refused = run("derive", SCORE, *words)
        assert refused.exit_code == 2 and said in refused.stderr + refused.stdout


def test_options_reach_derive() -> None:
    words = ["x'*A*x", "--wrt", "x", "--dim", "A=3,3", "--assume", "A=symmetric", "--seed", "7"]
    done = run("derive", *words, "--format", "json")
    data = json.loads(done.stdout)
    assert [r["plain"] for r in data["results"]] == ["2*A*x"]
    assert data["dims"] == {"x": [3], "A": [3, 3]} and data["check"]["passed"] is True
    assert json.loads(run("derive", "x'*x", "--no-check", "--format=json").stdout)["check"] is None
    assert json.loads(run("derive", "x'*A*y", "--wrt", "x,y", "--format", "json").stdout)["results"][1]["wrt"] == "y"
    entries = run("derive", "u'*W*x", "--wrt", "W[2, 3],x[1]", "--wrt", "W_{1,2}", "--format", "json").stdout
    assert [r["wrt"] for r in json.loads(entries)["results"]] == ["W[2, 3]", "x[1]", "W_{1,2}"]
    assert "[1×n]" in run("derive", "a'*x", "--wrt", "x", "--layout", "numerator").stdout.split("Result")[1]
    assert "Hessian of" in run("derive", "x'*A*x", "--wrt", "x", "--kind", "hessian").stdout
    assert "Sources" in run("derive", "x'*x", "--detail", "full").stdout


def test_function_names() -> None:
    assert run("derive", "sum(q(x))", "--function", "q", "--wrt", "x").exit_code == 0
    assert run("derive", "sum(q(x))", "--function", "q=tanh", "--wrt", "x").exit_code == 0


@pytest.mark.parametrize("expression", ["-y'*log(softmax(W*x + b))", "-x'*x", "-o'*o", "-h'*h + x'*x"])
def test_an_expression_may_begin_with_a_minus_sign(expression: str) -> None:
    for words in (
        [expression, "--wrt", expression[1]],
        ["--wrt", expression[1], expression],
        ["--", expression],
    ):
        done = run("derive", *words)
        assert (done.exit_code, done.stderr) == (0, "")


def test_input_from_elsewhere(tmp_path: Path) -> None:
    assert "2x" in run("derive", "-", stdin="x'*x\n").stdout
    (tmp_path / "in.txt").write_text("# stages\ns = u'*h;\nh = f(z);\nz = W*x", "utf-8")
    assert "∂s/∂W" in run("derive", "--file", str(tmp_path / "in.txt")).stdout


@pytest.mark.parametrize(
    "form, part",
    [
        ("text", "┃ ∇_x s = 2x"),
        ("latex", r"\boxed{"),
        ("markdown", "$$\n"),
        ("typst", "#grid("),
        ("html", "<!DOCTYPE"),
        ("json", '"schema": 2'),
    ],
)
def test_formats(form: str, part: str) -> None:
    done = run("derive", "x'*x", "--format", form)
    assert done.exit_code == 0 and part in done.stdout


def test_a_document() -> None:
    assert r"\documentclass" in run("derive", "x'*x", "--document").stdout


def test_files_by_their_names(tmp_path: Path) -> None:
    names = {"a.txt": "∂s/∂x", "a.tex": r"\boxed{", "a.md": "$$", "a.html": "<html", "a.typ": "#grid(", "a.json": '"schema"'}
    paths = [str(tmp_path / name) for name in names]
    done = run("derive", "x'*x", *[word for path in paths for word in ("-o", path)], "--color", "always")
    assert done.exit_code == 0 and done.stdout == "" and done.stderr.count("wrote") == len(names)
    for path, part in zip(paths, names.values(), strict=True):
        text = Path(path).read_text("utf-8")
        assert part in text and text.endswith("\n") and "\x1b" not in text
    run("derive", "x'*x", "--format", "latex", "-o", paths[0])
    assert r"\boxed{" in Path(paths[0]).read_text("utf-8"), "what is asked for goes before the name"


def test_code() -> None:
    done = run("derive", SCORE, "--code", "numpy")
    assert done.exit_code == 0 and "def " in done.stdout and "Backward" not in done.stdout
    data = json.loads(run("derive", SCORE, "--code", "numpy", "--format", "json").stdout)
    assert "def " in data["code"]["numpy"]


# -- errors --------------------------------------------------------------------------------------

ERRORS = [
    (["x'*A*("], 2, "parse", "operand is missing"),
    ([""], 2, "parse", "empty"),
    (["__import__('os').system('ls')"], 2, "parse", "unexpected"),
    (["A*x + b", "--dim", "A=n,m", "--dim", "b=m"], 2, "shape", "b"),
    (["f(A*x)", "--kind", "gradient"], 2, "shape", "scalar"),
    (["x'*A*x", "--wrt", "q"], 2, "usage", "'q'"),
    (["(" * 10_000 + "x"], 2, "limit", "nested"),
    (["x'*x", "--dim", "x"], 2, "usage", "NAME="),
    (["x'*x", "--dim", "x=n", "--dim", "x=m"], 2, "usage", "twice"),
    (["x'*x", "--kind", "tensor"], 2, "usage", "tensor"),
    (["x'*x", "--wtr", "x"], 2, "usage", "--wrt"),
    (["x'*x", "y"], 2, "usage", "quotes"),
    ([], 2, "usage", "expression"),
    (["--file", "/nowhere/at/all"], 2, "usage", "cannot read"),
    (["x'*x", "-o", "/nowhere/at/all.txt"], 2, "usage", "cannot write"),
]


@pytest.mark.parametrize("words, code, kind, part", ERRORS, ids=[f"{e[2]}-{e[3]}" for e in ERRORS])
def test_errors(words: list[str], code: int, kind: str, part: str) -> None:
    done = run("derive", *words)
    assert done.exit_code == code and done.stdout == ""
    assert done.stderr.startswith("error: ") and part in done.stderr
    assert "Traceback" not in done.stderr and len(done.stderr) < 2000
    done = run("derive", *words, "--format", "json")
    assert done.exit_code == code and done.stderr == ""
    error = json.loads(done.stdout)["error"]
    assert list(error) == ["kind", "message", "span", "hint"]
    assert error["kind"] == kind


def test_the_caret_stands_below_the_place() -> None:
    lines = run("derive", "x'*A*(").stderr.splitlines()
    assert lines[1:3] == ["  x'*A*(", "       ^"]


@pytest.mark.parametrize("error, code", [(matcalc.NoRuleError("no rule"), 3), (matcalc.CheckError("false"), 4)])
def test_exit_codes_of_the_engine(error: Exception, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcalc.api.derive", failing(error))
    assert run("derive", "x'*x").exit_code == code
    assert run("derive", "x'*x", "--format", "json").exit_code == code


def failing(error: BaseException) -> Any:
    def derive(expression: str) -> None:
        raise error

    return derive


@pytest.mark.parametrize("error", [RuntimeError("a\nb"), RecursionError("deep"), MemoryError()])
def test_a_bug_is_one_line(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcalc.api.derive", failing(error))
    done = run("derive", "x'*x")
    assert done.exit_code == 1 and done.stderr.count("\n") == 1
    assert type(error).__name__ in done.stderr and "report it" in done.stderr
    assert json.loads(run("derive", "x'*x", "--format", "json").stdout)["error"]["kind"] == "internal"
    with pytest.raises(type(error)):
        CliRunner().invoke(main, ["derive", "x'*x"], env=PLAIN | {"MATCALC_DEBUG": "1"}, catch_exceptions=False)


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcalc.api.derive", failing(KeyboardInterrupt()))
    assert run("derive", "x'*x").exit_code == 130


def test_hostile_letters_do_not_reach_the_terminal() -> None:
    done = run("derive", "x \x1b[31m\x07 y")
    assert done.exit_code == 2 and not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stderr)


def test_warnings_go_to_standard_error() -> None:
    done = run("derive", "norm1(x)")
    assert done.exit_code == 0 and "warning: " in done.stderr and "warning" not in done.stdout


# -- terminal ------------------------------------------------------------------------------------


def test_colours() -> None:
    assert "\x1b[" in run("derive", "x'*x", "--color", "always").stdout
    assert "\x1b[" not in run("derive", "x'*x", "--color", "never").stdout
    assert "\x1b[" in run("derive", "x'*(", "--color=always").stderr
    coloured = run("derive", "x'*x", "--color", "always").stdout
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == run("derive", "x'*x").stdout


def test_no_color_wins_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcalc.printers.terminal.os.environ", {"TERM": "xterm"})
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda self: True, raising=False)
    assert "\x1b[" in CliRunner().invoke(main, ["derive", "x'*x"]).stdout
    monkeypatch.setattr("matcalc.printers.terminal.os.environ", {"TERM": "xterm", "NO_COLOR": "1"})
    assert "\x1b[" not in CliRunner().invoke(main, ["derive", "x'*x"]).stdout


@pytest.mark.parametrize("width", [30, 60, 100])
def test_the_width_of_the_terminal(width: int) -> None:
    lines = run("derive", SCORE, COLUMNS=str(width)).stdout.splitlines()
    assert max(map(len, lines)) <= width


def test_help_has_five_examples() -> None:
    for words in ([], ["derive"]):
        done = run(*words, "--help")
        assert done.exit_code == 0
        assert len(re.findall(r"^    matcalc derive ", done.stdout, re.MULTILINE)) == 5
    assert run().exit_code == 2


@pytest.mark.parametrize("example", re.findall(r"^  matcalc (.*)$", cli.EXAMPLES, re.MULTILINE))
def test_the_examples_work(example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import shlex

    if "--code" in example:
        test_code()
    monkeypatch.chdir(tmp_path)
    done = run(*shlex.split(example))
    assert done.exit_code == 0, done.stderr


def test_choices_are_those_of_derive() -> None:
    from matcalc.engine import KINDS, LAYOUTS, STYLES
    from matcalc.printers.story import DETAILS

    offered = {p.name: tuple(p.type.choices) for p in cli.derive.params if isinstance(p.type, click.Choice)}
    assert (offered["kind"], offered["layout"], offered["style"]) == (KINDS, LAYOUTS, STYLES)
    assert set(offered["detail"]) == set(DETAILS)


# -- rules, completion ---------------------------------------------------------------------------


def test_rules() -> None:
    listed = run("rules", "list")
    assert listed.exit_code == 0 and "d(logdet(X)) = tr(inv(X)*d(X))" in listed.stdout
    assert "logdet" not in run("rules", "list", "--group", "adjoint").stdout
    shown = run("rules", "show", "logdet")
    assert shown.exit_code == 0 and "Matrix Cookbook" in shown.stdout and "X[n,n]" in shown.stdout
    missed = run("rules", "show", "logdt")
    assert missed.exit_code == 2 and "logdet" in missed.stderr
    none = run("rules", "list", "--group", "none")
    assert none.exit_code == 2 and "functions" in none.stderr
    assert "mish(x) = x*tanh(softplus(x))" in listed.stdout
    assert run("rules", "list", "--group", "functions").stdout.splitlines()[0] == "functions"
    layers = run("rules", "show", "LayerNorm").stdout
    assert layers.count("layernorm(x") >= 4 and "Ba, Kiros and Hinton" in layers


def test_rules_check(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run("rules", "check", "logdet", "chain")
    assert done.exit_code == 0 and done.stdout.count("✓") == 2
    monkeypatch.setattr("matcalc.check.rows.tester.check_rules", lambda book, names: [("bad", 0.5, False, "factor 2")])
    done = run("rules", "check")
    assert done.exit_code == 4 and "✗ bad" in done.stdout and "factor 2" in done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell: str) -> None:
    done = run("completion", shell)
    assert done.exit_code == 0 and "_MATCALC_COMPLETE" in done.stdout


def test_names_are_completed_from_the_expression() -> None:
    line = {"COMP_WORDS": f'matcalc derive "{SCORE.replace(" ", "")}" --wrt ', "COMP_CWORD": "4"}
    done = process(env=line | {"_MATCALC_COMPLETE": "bash_complete"})
    assert done.stdout.decode().split() == ["plain,u", "plain,W", "plain,x", "plain,b"]


# -- as a command --------------------------------------------------------------------------------


def test_the_command_itself() -> None:
    done = process("derive", SCORE)
    assert done.returncode == 0 and "✓" in done.stdout.decode("utf-8") and done.stderr == b""
    assert process("--version").stdout.decode().strip() == f"matcalc, version {matcalc.__version__}"
    assert process("derive", "x'*(").returncode == 2


@pytest.mark.slow
def test_output_is_utf8_whatever_the_locale() -> None:
    done = process("derive", "x'*x", env={"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert done.returncode == 0 and "∇_x s = 2x" in done.stdout.decode("utf-8")


def test_input_that_is_no_text() -> None:
    done = process("derive", "-", input=b"x \xff")
    assert done.returncode == 2 and b"not UTF-8" in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pipes")
def test_a_reader_that_leaves_early() -> None:
    command = f"{sys.executable} -m matcalc rules list | head -n 1"
    done = subprocess.run(
        command,
        shell=True,
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    assert done.stderr == b"" and done.stdout.count(b"\n") == 1


def test_start_is_light() -> None:
    code = "import sys; from matcalc.cli import main; main(['-h'], standalone_mode=False); print([*sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, timeout=60, check=True)
    loaded = done.stdout.decode().splitlines()[-1]
    assert not re.search(r"'(numpy|sympy|rich|matcalc\.(api|options|notation|printers\.story))'", loaded)


def test_an_option_with_one_dash_is_named() -> None:
    result = run("derive", "x'*x", "-wrt", "x")
    assert result.exit_code == 2 and "no such option -wrt: did you mean --wrt?" in result.stderr
    assert "one expression is expected, and there are 2" in run("derive", "-x", "-y").stderr


CLOSED = [
    ("x'*x > /dev/full", 2, "No space left"),
    ("x'*x >&-", 2, "standard output is closed"),
    ("x'*x --format json > /dev/full", 2, "No space left"),
    ("x'*x --format json --kind x >&-", 2, "standard output is closed"),
    ("x'*x --code numpy > /dev/full 2> /dev/full", 2, ""),
    ("x'*x 2>&- | head -1", 0, ""),
    ("- <&-", 2, "standard input is closed"),
    ("--file /dev/zero", 2, "limit"),
]


@pytest.mark.sample(8)
@pytest.mark.parametrize("words, code, said", CLOSED)
def test_a_stream_that_is_full_or_closed_is_no_traceback(words: str, code: int, said: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    expression, _, rest = words.partition(" ")
    quoted = f'"{expression}"' if "'" in expression else expression
    line = f'set -o pipefail; "{sys.executable}" -m matcalc derive {quoted} {rest}'
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr, "bug" in done.stderr) == (code, False, False), done.stderr
    assert said in done.stderr


def test_an_unknown_ending_of_a_file_is_told(tmp_path: Path) -> None:
    done = run("derive", "x'*x", "-o", str(tmp_path / "a.xyz"), "-o", str(tmp_path / "b.tex"))
    told = done.stderr.splitlines()
    assert done.exit_code == 0 and "a.xyz as text; --format says which" in told[0] and told[1].endswith("b.tex")
    assert "as text" not in run("derive", "x'*x", "--format", "text", "-o", str(tmp_path / "c.xyz")).stderr


def test_a_seed_that_is_too_large() -> None:
    done = run("derive", "x'*x", "--seed", "9" * 30)
    assert done.exit_code == 2 and "a whole number from 0 to 2^63 - 1" in done.stderr


def test_the_footer_names_the_layout_that_the_result_has() -> None:
    d = matcalc.derive("A*X*B", "X", layout="denominator")
    assert "Numerator layout:" in d.to_text(detail="full") and "Denominator layout:" not in d.to_latex(detail="full")
    assert "Denominator layout:" in matcalc.derive("A*x", "x", dims={"A": ("n", "m")}, layout="denominator").to_text(detail="full")


def test_garbage_is_looked_for_seldom_in_a_process_of_our_own_only(monkeypatch: pytest.MonkeyPatch) -> None:
    set_to: list[int] = []
    monkeypatch.setattr(gc, "set_threshold", set_to.append)
    run("derive", "a'*x", "--wrt", "x")
    assert not set_to
    monkeypatch.setattr(sys, "argv", ["matcalc", "--version"])
    with pytest.raises(SystemExit):
        main()
    assert set_to and set_to[0] > 10_000


# -- sizes, properties and definitions as people give them ----------------------------------------


def test_sizes_and_properties_are_taken_in_one_word() -> None:
    done = run("derive", "a*x'*P*x + x'*R*x", "--dim", "P=3x3, a=1", "--assume", "P=spd,R=spd", "--format", "json")
    reading = json.loads(done.stdout)["reading"]
    assert reading["dims"] == {"a": [], "x": [3], "P": [3, 3], "R": [3, 3]} and reading["assume"] == {"P": ["spd"], "R": ["spd"]}
    assert done.stderr == "note: 'a' is a scalar: --dim a=1,1 is a matrix of one entry\n"


def test_a_comma_inside_of_a_value_or_a_name_divides_nothing() -> None:
    assert cli.pairs(["W_{1,2}=n, m", "A=spd, positive"], "--dim", "n", lists=True) == {"W_{1,2}": "n, m", "A": "spd, positive"}
    assert cli.pairs([r"\norm=a, b=c"], "--macro", "x") == {r"\norm": "a, b=c"}


def test_definitions_and_macros_come_from_files(tmp_path: Path) -> None:
    definitions, preamble = tmp_path / "mine.txt", tmp_path / "mine.tex"
    definitions.write_text("# functions\ng(z) = z*tanh(z)\n\nq(x) = x'*A*x\n", encoding="utf-8")
    preamble.write_text("\\documentclass{article}\n\\newcommand{\\norm}[1]{\\lVert #1\\rVert}\n", encoding="utf-8")
    done = run("derive", "q(x) + sum(g(x))", "--wrt", "x", "--definitions", str(definitions))
    assert "┃ ∇_x s = (A + Aᵀ) x + g′(x)" in done.stdout
    done = run("derive", r"\norm{Ax-b}^2", "--wrt", "x", "--preamble", str(preamble))
    assert "┃ ∇_x s = 2Aᵀ (A x - b)" in done.stdout
    done = run("derive", "x'*x", "--preamble", str(tmp_path / "none.tex"))
    assert done.exit_code == 2 and "none.tex: No such file" in done.stderr


def test_the_readings_keep_what_was_typed() -> None:
    import shlex

    for words in (["a/b c", "--wrt", "a", "--detail", "brief"], ["a*x", "--wrt", "x"]):
        done = run("derive", *words)
        commands = [line for line in done.stderr.splitlines() if line.startswith("  matcalc derive")]
        assert done.exit_code == 2 and len(commands) >= 2
        for command in commands:
            typed = shlex.split(command)
            assert typed[2 : 2 + len(words)] == words and run(*typed[1:]).exit_code == 0
        listed = json.loads(run("derive", *words, "--format", "json").stdout)["error"]["readings"]
        assert len(listed) == len(commands) and all("--format json" in r["command"] for r in listed)


def test_pictures_stand_in_documents_on_request(tmp_path: Path) -> None:
    names = [str(tmp_path / f"s.{ending}") for ending in ("html", "md", "tex")]
    done = run("derive", SCORE, "--graph", "--document", *(word for name in names for word in ("-o", name)))
    assert done.exit_code == 0
    html, markdown, latex = (Path(name).read_text("utf-8") for name in names)
    assert "data:image/svg+xml;base64," in html and "```mermaid\n" in markdown and r"\begin{tikzpicture}" in latex
    for words in ((), ("--format", "json"), ("--format", "latex")):
        refused = run("derive", SCORE, "--graph", *words)
        assert (
            refused.exit_code == 2
            and "pictures stand in HTML, Markdown, Typst and LaTeX with --document" in refused.stdout + refused.stderr
        )
    assert "base64" not in run("derive", SCORE, "--format", "html").stdout
