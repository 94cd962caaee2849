"""The command line: ``matcalc derive``, ``matcalc rules``, ``matcalc completion``.

The result goes to standard output, everything else to standard error. Exit codes: 0 done and verified, 2 the input,
3 no rule, 4 a check failed, 1 a bug of ours. Only click is imported before a command runs.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from matcalc import __version__
from matcalc.errors import MatcalcError, UsageError

FORMATS = {"text": ".txt", "latex": ".tex", "markdown": ".md", "html": ".html", "json": ".json"}
KINDS = ("gradient", "jacobian", "hessian", "hvp", "mixed", "differential")
LAYOUTS = ("shape", "numerator", "denominator")
STYLES = ("backprop", "differential", "elementwise")
DETAILS = ("brief", "normal", "full")
COLORS = ("auto", "always", "never")
SHELLS = ("bash", "zsh", "fish")
LONGEST = 1000  # letters of a message line
PAINT: dict[str, dict[str, Any]] = {
    "title": {"bold": True},
    "head": {"bold": True, "fg": "cyan"},
    "note": {"dim": True},
    "given": {},
    "result": {"bold": True},
    "verdict": {"fg": "green"},
}
EXAMPLES = r"""
Examples:

\b
  matcalc derive "s = u^T f(W x + b)"
  matcalc derive "s = u' h; h = f(z); z = W*x + b" --wrt W --wrt b
  matcalc derive "norm2(A*x - b)^2" --dim A=m,n --format latex --document -o fit.tex
  matcalc derive -y'*log(softmax(W*x + b)) --assume y=one-hot --code numpy
  matcalc derive "\mathrm{tr}(A X B X^\top)" --wrt X --kind gradient --detail full
"""
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


class Program(click.Group):
    """The group of commands, with our exit codes and no traceback."""

    def main(
        self, args: Sequence[str] | None = None, *rest: Any, standalone_mode: bool = True, **extra: Any
    ) -> Any:
        words = list(sys.argv[1:] if args is None else args)
        code = guarded(lambda: click.Group.main(self, words, *rest, standalone_mode=False, **extra), words)
        if standalone_mode:
            sys.exit(code)
        return code


class ExpressionCommand(click.Command):
    """A command whose argument may begin with a minus sign: only what is an option is read as one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        takes = {
            name: not p.is_flag
            for p in self.get_params(ctx)
            if isinstance(p, click.Option)
            for name in p.opts
        }
        return super().parse_args(ctx, options_first(args, takes))


def options_first(args: Sequence[str], takes: dict[str, bool]) -> list[str]:
    """The options with their values, then ``--`` and the rest. ``takes`` says which options have a value."""
    options: list[str] = []
    rest: list[str] = []
    left = iter(args)
    for word in left:
        if word == "--":
            rest.extend(left)
        elif word in takes:
            options.append(word)
            options.extend(next(([value] for value in left), []) if takes[word] else [])
        elif word.partition("=")[0] in takes or re.match(r"--[a-z]{2}", word):
            options.append(word)
        else:
            rest.append(word)
    return [*options, "--", *rest]


# -- errors ----------------------------------------------------------------------------------


def guarded(run: Callable[[], Any], words: Sequence[str]) -> int:
    """Run a command; what goes wrong becomes a message and an exit code."""
    as_json = option(words, "--format") == "json"
    try:
        code = run()
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        return complain(UsageError(error.format_message()), as_json, words, error)
    except MatcalcError as error:
        return complain(error, as_json, words)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("MATCALC_DEBUG") == "1":
            raise
        return complain(error, as_json, words)


def complain(
    error: Exception, as_json: bool, words: Sequence[str], usage: click.ClickException | None = None
) -> int:
    """Say what went wrong: JSON on standard output, or a message on standard error."""
    if as_json:
        from matcalc.printers.jsonout import dumps, error_dict

        say(dumps(error_dict(error)))
        return error.exit_code if isinstance(error, MatcalcError) else 1
    coloured = wants_color(option(words, "--color") or "auto", sys.stderr)
    mark = click.style("error:", fg="red", bold=True) if coloured else "error:"
    if isinstance(error, MatcalcError):
        click.echo(f"{mark} {printable(str(error))}", err=True, color=coloured)
        if isinstance(usage, click.UsageError) and usage.ctx is not None:
            click.echo(f"see: {usage.ctx.command_path} --help", err=True)
        return error.exit_code
    said = printable(" ".join(f"{type(error).__name__}: {error}".split()))
    hint = "this is a bug in matcalc, please report it (MATCALC_DEBUG=1 shows where)"
    click.echo(f"{mark} {said}; {hint}", err=True, color=coloured)
    return 1


def option(words: Sequence[str], name: str) -> str | None:
    """The value of an option, before (or without) the words being understood."""
    found = None
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if word == name:
            found = after
        elif word.startswith(name + "="):
            found = word.partition("=")[2]
    return found


def printable(text: str) -> str:
    """A message for a terminal: no control characters, no endless lines."""
    lines = ["".join(c if c.isprintable() else "·" for c in line) for line in text.split("\n")]
    return "\n".join(line if len(line) <= LONGEST else line[:LONGEST] + "…" for line in lines)


def wants_color(mode: str, stream: Any) -> bool:
    if mode != "auto":
        return mode == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(stream.isatty())


def say(text: str, color: bool = False) -> None:
    """The result, on standard output, in UTF-8 whatever the locale."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    if encoding != "utf8" and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    click.echo(text.rstrip("\n"), color=color)


def refuse(message: str) -> NoReturn:
    raise click.UsageError(message, click.get_current_context(silent=True))


# -- derive ----------------------------------------------------------------------------------


@click.group(cls=Program, context_settings=CONTEXT, epilog=EXAMPLES)
@click.version_option(__version__, prog_name="matcalc")
def main() -> None:
    """Matrix derivatives with the work shown, every line verified numerically."""


def complete_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Variables of the expression that has been typed so far."""
    try:
        from matcalc.api import parse

        text = " ".join(ctx.params.get("expression") or ())
        return [
            name
            for name in parse(text, pairs(ctx.params.get("dim") or (), "--dim", "n,m")).symbols
            if name.startswith(incomplete)
        ]
    except Exception:  # nothing to offer; a completion must stay silent
        return []


@main.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES)
@click.argument("expression", nargs=-1)
@click.option("--file", "file", metavar="F", help="Read the expression from a file.")
@click.option(
    "--wrt",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_names,
    help="Variable to differentiate by (repeatable; default: all).",
)
@click.option("--dim", multiple=True, metavar="NAME=n,m", help="Sizes of a variable; NAME= is a scalar.")
@click.option("--kind", type=click.Choice(KINDS), help="Default: gradient of a scalar, jacobian otherwise.")
@click.option("--direction", metavar="NAME", help="For hvp: the variable that holds the direction.")
@click.option("--layout", type=click.Choice(LAYOUTS), help="How the result is laid out (default: shape).")
@click.option("--style", type=click.Choice(STYLES), help="How the derivation argues (default: backprop).")
@click.option("--detail", type=click.Choice(DETAILS), default="normal", help="How much is shown.")
@click.option(
    "--assume", multiple=True, metavar="NAME=PROP", help="Property: symmetric, spd, positive, one-hot …"
)
@click.option(
    "--structure", multiple=True, metavar="NAME=S", help="The entries of the variable are tied: symmetric …"
)
@click.option(
    "--function", multiple=True, metavar="f[=tanh]", help="An elementwise function, and what it is."
)
@click.option(
    "--define", multiple=True, metavar="DEF", help=r"A further definition, e.g. '\sigma(z)=1/(1+exp(-z))'."
)
@click.option("--macro", multiple=True, metavar=r"\NAME=TEXT", help="What a LaTeX macro of yours stands for.")
@click.option("--index", multiple=True, metavar="TOKEN=SLICE", help="An indexed token, e.g. x_i=X[i,:].")
@click.option("--output", metavar="NAME", help="The defined name that is differentiated.")
@click.option("--notation", type=click.Choice(("plain", "latex")), help="Default: detected.")
@click.option(
    "--format", "form", type=click.Choice(tuple(FORMATS)), help="Default: text, or by the name of the file."
)
@click.option("--document", is_flag=True, help="With latex: a complete file for pdflatex.")
@click.option("--code", multiple=True, metavar="TARGET", help="Print code that computes it: numpy.")
@click.option(
    "-o",
    "outputs",
    multiple=True,
    metavar="FILE",
    help="Write to a file (repeatable): .txt .tex .md .html .json .py",
)
@click.option("--no-check", is_flag=True, help="Do not verify the lines numerically.")
@click.option("--seed", type=int, help="Seed of the random check points.")
@click.option("--rules", metavar="FILE", help="A file of your own rule rows.")
@click.option(
    "--color",
    type=click.Choice(COLORS),
    default="auto",
    help="Default: on a terminal, unless NO_COLOR is set.",
)
def derive(expression: tuple[str, ...], file: str | None, **options: Any) -> int:
    """Derive EXPRESSION step by step ('-' reads it from standard input)."""
    text = read_input(expression, file)
    arguments = derive_arguments(options)
    from matcalc import api

    accepted = {
        *api.derive.__code__.co_varnames[: api.derive.__code__.co_argcount],
        *(api.derive.__kwdefaults__ or {}),
    }
    for name in arguments:
        if name not in accepted:
            refuse(f"--{name.rstrip('s')} is not there yet")
    d = api.derive(text, **arguments)
    coloured = wants_color(options["color"], sys.stderr)
    for warning in d.warnings:
        mark = click.style("warning:", fg="yellow", bold=True) if coloured else "warning:"
        click.echo(f"{mark} {printable(warning)}", err=True, color=coloured)
    write_results(d, options)
    return 0


def read_input(expression: Sequence[str], file: str | None) -> str:
    """The expression: an argument, standard input, or a file."""
    if len(expression) > 1:
        refuse(f"one expression is expected, and there are {len(expression)}: put it in quotes")
    if bool(expression) == (file is not None):
        refuse(
            "give an expression, '-' for standard input, or --file F"
            if not expression
            else "an expression and --file exclude each other"
        )
    try:
        if file is not None:
            return Path(file).read_text("utf-8")
        return sys.stdin.buffer.read().decode("utf-8") if expression[0] == "-" else expression[0]
    except UnicodeDecodeError as error:
        refuse(f"{file or 'standard input'} is not UTF-8 text (byte {error.start})")
    except OSError as error:
        refuse(f"cannot read {file}: {error.strerror}")


def derive_arguments(options: dict[str, Any]) -> dict[str, Any]:
    """Keyword arguments of ``matcalc.derive``; only what was asked for."""
    given: dict[str, Any] = {
        name: options[name]
        for name in ("kind", "direction", "layout", "style", "output", "notation", "seed", "rules")
    }
    names = [name for word in options["wrt"] for name in re.split(r"[,\s]+", word) if name]
    given["wrt"] = "all" if names == ["all"] else names or None
    given["dims"] = {
        name: tuple(filter(None, re.split(r"[,\s]+", sizes.strip("()"))))
        for name, sizes in pairs(options["dim"], "--dim", "n,m").items()
    }
    given["assume"] = pairs(options["assume"], "--assume", "spd", joined=True)
    given["structure"] = pairs(options["structure"], "--structure", "symmetric")
    given["macros"] = pairs(options["macro"], "--macro", "replacement")
    given["index"] = pairs(options["index"], "--index", "X[i,:]")
    given["functions"] = {
        f: body or None
        for f, body in pairs(
            [w if "=" in w else w + "=" for w in options["function"]], "--function", "tanh"
        ).items()
    }
    given["define"] = list(options["define"])
    arguments = {
        name: value for name, value in given.items() if value is not None and value != {} and value != []
    }
    return arguments | ({"check": False} if options["no_check"] else {})


def pairs(words: Iterable[str], option: str, example: str, joined: bool = False) -> dict[str, str]:
    """``NAME=value`` words as a dictionary; a name given twice is refused, or its values are joined."""
    found: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        name, value = name.strip(), value.strip()
        if not equals or not name:
            refuse(f"{option} {word}: write NAME={example}")
        if name in found and not joined and found[name] != value:
            refuse(f"{option}: '{name}' is given twice, as '{found[name]}' and as '{value}'")
        found[name] = f"{found[name]}, {value}" if name in found and joined else value
    return found


def write_results(d: Any, options: dict[str, Any]) -> None:
    """To the files that were named, else to standard output."""
    form, outputs = options["form"], options["outputs"]
    code = {target: d.to_code(target) for target in options["code"]}
    if not outputs:
        if form or not code:
            say(*rendered(d, form or "text", options, code))
        if code and form != "json":
            say("\n".join(code.values()))
    for path in outputs:
        suffix = os.path.splitext(path)[1].lower()
        if suffix == ".py":
            text = "\n".join(code.values()) if code else d.to_code("numpy")
        else:
            by_name = next((name for name, ending in FORMATS.items() if ending == suffix), "text")
            text, _ = rendered(d, form or by_name, options | {"color": "never"}, code)
        try:
            Path(path).write_text(text.rstrip("\n") + "\n", "utf-8")
        except OSError as error:
            refuse(f"cannot write {path}: {error.strerror}")
        click.echo(f"wrote {path}", err=True)


def rendered(d: Any, form: str, options: dict[str, Any], code: dict[str, str]) -> tuple[str, bool]:
    """The derivation in one format, and whether it has colours."""
    detail = options["detail"]
    if form == "text":
        coloured = wants_color(options["color"], sys.stdout)
        return text_rows(d, detail, coloured), coloured
    from matcalc.printers import html, jsonout, latex, markdown

    if form == "latex":
        return latex.to_latex(d, document=options["document"], detail=detail), False
    if form == "json":
        return jsonout.to_json(d, code), False
    return (markdown.to_markdown if form == "markdown" else html.to_html)(d, detail), False


def text_rows(d: Any, detail: str, coloured: bool) -> str:
    from matcalc.printers.text import rows

    out = []
    for row in rows(d, detail, terminal_width()):
        if not coloured or not row.text:
            out.append(row.text)
        elif row.split:
            out.append(paint(row.text[: row.split], row.style) + click.style(row.text[row.split :], dim=True))
        else:
            out.append(paint(row.text, row.style))
    return "\n".join(out)


def paint(text: str, style: str) -> str:
    return click.style(text, **PAINT[style]) if PAINT.get(style) else text


def terminal_width() -> int:
    """Columns: COLUMNS, else the terminal's, else 80."""
    given = os.environ.get("COLUMNS", "")
    if given.isdigit() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


# -- rules -----------------------------------------------------------------------------------


@main.group(context_settings=CONTEXT)
def rules() -> None:
    """The rules: each is one equation with sizes and a source."""


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from matcalc.api import book

    return [name for name in book().rows() if name.startswith(incomplete)]


@rules.command("list")
@click.option("--group", help="Only the rules of this group.")
def list_rules(group: str | None) -> None:
    """All rules by group."""
    from matcalc.api import book

    groups = book().groups
    if group is not None and group not in groups:
        refuse(f"there is no group '{group}'; there are: {', '.join(groups)}")
    for name, rows in groups.items():
        if group in (None, name) and rows:
            width = max(len(row.name) for row in rows)
            lines = [
                f"  {row.name:<{width}}  {row.equation}{'  (disabled)' if row.disabled else ''}"
                for row in rows
            ]
            say("\n".join([name, *lines, ""]))


@rules.command("show")
@click.argument("name", shell_complete=complete_rules)
def show_rule(name: str) -> None:
    """One rule: equation, sizes and conditions, source."""
    from matcalc.api import book

    row = book().rows().get(name)
    if row is None:
        import difflib

        near = difflib.get_close_matches(name, book().rows(), 3)
        refuse(
            f"there is no rule '{name}'"
            + (f"; did you mean {', '.join(near)}?" if near else ": see matcalc rules list")
        )
    say(f"{row.name} ({row.group})\n  {row.equation}\n  where {row.where}\n  source: {book().source(row)}")
    if row.disabled:
        say(f"  disabled: {row.disabled}")


@rules.command("check")
@click.argument("names", nargs=-1, shell_complete=complete_rules)
def check(names: tuple[str, ...]) -> int:
    """Test rules numerically, all of them or those named."""
    from matcalc.api import book
    from matcalc.ruletest import check_rules

    found = check_rules(book(), list(names) or None)
    width = max((len(name) for name, *_ in found), default=0)
    for name, error, passed, message in found:
        say(
            f"{'✓' if passed else '✗'} {name:<{width}}  {error:.1e}"
            + (f"  {printable(message)}" if message else "")
        )
    failed = sum(not passed for _, _, passed, _ in found)
    click.echo(f"{len(found)} rules checked, {failed} failed", err=True)
    return 4 if failed else 0


# -- completion ------------------------------------------------------------------------------


@main.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print the completion script of SHELL, e.g. eval "$(matcalc completion bash)"."""
    from click.shell_completion import get_completion_class

    known = get_completion_class(shell)
    assert known is not None
    script = known(main, {}, "matcalc", "_MATCALC_COMPLETE")
    say(script.source_template % script.source_vars())
