"""The command line: ``matcalc derive``, ``matcalc rules``, ``matcalc completion``.

The result goes to standard output, everything else to standard error. Exit codes: 0 done and verified, 2 the
input, 3 no rule, 4 a check failed, 1 a bug of ours. Only click is imported before a command runs.
"""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import click

from matcalc import __version__
from matcalc.engine import KINDS, LAYOUTS, STYLES
from matcalc.printers.formats import FORMATS, by_ending, written
from matcalc.ui.console import CONTEXT, guarded, refuse, say, warn
from matcalc.ui.rules_command import rules

LONGEST = 2_000_000  # characters that are read; more than any input may have
COMMENT = re.compile(r"^#.*$", re.MULTILINE)  # in files
EXAMPLES = """
Examples:

\b
  matcalc derive "s = u^T f(W x + b)"
  matcalc derive "s = u' h; h = f(z); z = W*x + b" --wrt W --wrt b
  matcalc derive "norm2(A*x - b)^2" --dim A=m,n --document -o fit.tex
  matcalc derive "-y'*log(softmax(W*x + b))" --assume y=one-hot --code numpy
  matcalc derive "\\mathrm{tr}(A X B X^\\top)" --wrt X --detail full
"""


class Program(click.Group):
    """The group of commands, with our exit codes and no traceback."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> Any:
        if args is None:  # a process of our own: a tenth of a short one's time went into looking for garbage among its modules
            gc.set_threshold(50_000)
        words = list(sys.argv[1:] if args is None else args)
        standalone = extra.pop("standalone_mode", True)
        run: Callable[..., Any] = super().main
        code = guarded(lambda: run(words, *rest, standalone_mode=False, **extra), words)
        if standalone:
            sys.exit(code)
        return code


class ExpressionCommand(click.Command):
    """A command whose argument may begin with a minus sign: only what is an option is read as one."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = [p for p in self.get_params(ctx) if isinstance(p, click.Option)]
        takes = {name: 0 if p.is_flag else p.nargs for p in known for name in p.opts}
        return super().parse_args(ctx, options_first(args, takes))


def options_first(args: Sequence[str], takes: Mapping[str, int]) -> list[str]:
    """The options with their values, then ``--`` and the rest. ``takes`` says how many values an option has."""
    options: list[str] = []
    rest: list[str] = []
    left = iter(args)
    for word in left:
        if word == "--":
            rest.extend(left)
        elif word in takes:
            options.append(word)
            options.extend(islice(left, takes[word]))
        elif word.partition("=")[0] in takes or re.match(r"--[a-z]{2}", word):
            options.append(word)
        else:
            rest.append(word)
    return [*options, "--", *rest]


# -- what goes wrong ---------------------------------------------------------------------------


# -- derive ------------------------------------------------------------------------------------


@click.group(cls=Program, context_settings=CONTEXT, epilog=EXAMPLES)
@click.version_option(__version__, prog_name="matcalc")
def main() -> None:
    """Matrix derivatives with the work shown, every line verified numerically."""


def complete_names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Variables of the expression that has been typed so far."""
    try:
        from matcalc.problems import read_problem

        text = " ".join(ctx.params.get("expression") or ())
        known = read_problem(text, sizes(ctx.params.get("dim") or ())).symbols
    except Exception:  # nothing to offer; a completion must stay silent
        return []
    return [name for name in known if name.startswith(incomplete)]


def chosen(*names: str, choices: Sequence[str], **more: Any) -> Callable[[Any], Any]:
    return click.option(*names, type=click.Choice(tuple(choices)), **more)


def several(*names: str, **more: Any) -> Callable[[Any], Any]:
    return click.option(*names, multiple=True, **more)


@main.command(cls=ExpressionCommand, context_settings=CONTEXT, epilog=EXAMPLES)
@click.argument("expression", nargs=-1)
@click.option("--file", metavar="F", help="Read the expression from a file; # begins a comment line.")
@several("--wrt", metavar="NAME", shell_complete=complete_names, help="Differentiate by this; default: all.")
@several("--dim", metavar="NAME=n,m", help="Sizes of a variable; NAME= is a scalar.")
@chosen("--kind", choices=KINDS, help="Default: gradient of a scalar, else jacobian.")
@click.option("--direction", metavar="NAME", help="For hvp: the variable that holds the direction.")
@chosen("--layout", choices=LAYOUTS, help="How results are laid out; default: shape.")
@chosen("--style", choices=STYLES, help="How the derivation argues; default: backprop.")
@chosen("--detail", choices=("brief", "normal", "full"), default="normal", help="How much is shown.")
@several("--assume", metavar="NAME=PROP", help="What holds of it: symmetric, spd, positive, one-hot …")
@several("--structure", metavar="NAME=S", help="Its entries are tied: symmetric, diagonal …")
@several("--function", metavar="f[=tanh]", help="An elementwise function, and what it is.")
@several("--define", metavar="DEF", help="A further definition: 'g(z) = 1/(1+exp(-z))'.")
@click.option("--definitions", metavar="F", help="A file of such definitions, one a line.")
@several("--macro", metavar="NAME=TEXT", help="What a LaTeX macro of yours stands for.")
@click.option("--preamble", metavar="F", help="A LaTeX file whose \\newcommand and \\def count.")
@several("--meant", nargs=2, metavar="TEXT MEANING", help="A part of the text, and what is meant by it.")
@several("--index", metavar="TOKEN=SLICE", help="An indexed token: 'x_i=X[i,:]'.")
@click.option("--output", metavar="NAME", help="The defined name that is differentiated.")
@chosen("--notation", choices=("plain", "latex"), help="Default: detected.")
@chosen("--format", "form", choices=tuple(FORMATS), help="Default: text, or by the file's name.")
@click.option("--document", is_flag=True, help="LaTeX as a complete file for pdflatex.")
@several("--code", metavar="TARGET", help="Code that computes value and derivatives: numpy.")
@several("-o", "outputs", metavar="FILE", help=f"Write here: {' '.join(row.ending for row in FORMATS.values())} .py")
@click.option("--no-check", is_flag=True, help="Do not verify the lines numerically.")
@click.option("--replay", is_flag=True, help="Rebuild every line from the rules as well, and say how that went.")
@click.option("--seed", type=int, help="Seed of the random check points.")
@click.option("--rules", metavar="FILE", help="A file with rule rows of your own.")
@chosen("--color", choices=("auto", "always", "never"), default="auto", help="Default: auto (NO_COLOR).")
def derive(expression: tuple[str, ...], file: str | None, **options: Any) -> int:
    """Derive EXPRESSION step by step; '-' reads it from standard input."""
    text = read_input(expression, file)
    arguments = derive_arguments(options)
    from matcalc import api

    for name in ones(options["dim"]):
        warn("note", f"'{name}' is a scalar: --dim {name}=1,1 is a matrix of one entry", options["color"])
    d = api.derive(text, **arguments)
    for warning in d.warnings:
        warn("warning", warning, options["color"])
    if options["replay"]:
        _say_replay(d.replay(), options["color"])
    write_results(d, options)
    return 0


def _say_replay(report: Any, color: str) -> None:
    """How the replay went. Raises ``ReplayError`` where a line does not follow: nothing is shown then."""
    if report.wrong:
        report.require()
    count, *gaps = str(report).splitlines()
    warn("note", count, color)
    for gap in gaps:
        warn("warning", gap, color)


def read_input(expression: Sequence[str], file: str | None) -> str:
    """The expression: an argument, standard input, or a file."""
    if len(expression) > 1:
        known = {name for p in click.get_current_context().command.params for name in p.opts}
        single = next((e for e in expression if e[:1] == "-" and f"-{e}" in known), None)
        if single is not None:
            refuse(f"no such option {single}: did you mean -{single}?")
        refuse(f"one expression is expected, and there are {len(expression)}: put it in quotes")
    if expression and file is not None:
        refuse("an expression and --file exclude each other")
    if not expression and file is None:
        refuse("give an expression, '-' for standard input, or --file F")
    if file is None and expression[0] != "-":
        return expression[0]
    if file is None and sys.stdin is None:
        refuse("standard input is closed")
    return COMMENT.sub("", read_file(file))


def read_file(path: str | None) -> str:
    """The text of a file, or of standard input."""
    try:
        if path is None:
            return sys.stdin.buffer.read(LONGEST).decode("utf-8")
        with open(path, encoding="utf-8") as stream:
            return stream.read(LONGEST)
    except UnicodeDecodeError as error:
        refuse(f"{path or 'standard input'} is not UTF-8 text (byte {error.start})")
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        refuse(f"cannot read {path}: {getattr(error, 'strerror', None) or error}")


def derive_arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments of ``matcalc.derive``; only what was asked for."""
    same = ("kind", "direction", "layout", "style", "output", "notation", "seed", "rules")
    given: dict[str, Any] = {name: options[name] for name in same}
    names = [name for word in options["wrt"] for name in re.split(r"[,\s]+", word) if name]
    given["wrt"] = "all" if names == ["all"] else names or None
    given["dims"] = sizes(options["dim"])
    given["assume"] = pairs(options["assume"], "--assume", "spd", lists=True, joined=True)
    given["structure"] = pairs(options["structure"], "--structure", "symmetric", lists=True)
    given["macros"] = macros_of(options["preamble"]) | pairs(options["macro"], "--macro", "replacement")
    given["meant"] = dict(options["meant"])
    given["index"] = pairs(options["index"], "--index", "X[i,:]")
    bodies = [word if "=" in word else word + "=" for word in options["function"]]
    given["functions"] = {f: body or None for f, body in pairs(bodies, "--function", "tanh").items()}
    given["define"] = [*options["define"], *definitions_of(options["definitions"])]
    arguments = {name: value for name, value in given.items() if value not in (None, {}, [])}
    return arguments | ({"check": False} if options["no_check"] else {})


def macros_of(preamble: str | None) -> dict[str, str]:
    """The macros that a LaTeX file defines."""
    from matcalc.notation.lex.own_macros import of_preamble

    return of_preamble(read_file(preamble)) if preamble is not None else {}


def definitions_of(path: str | None) -> list[str]:
    """The lines of a file, without empty ones and comments."""
    lines = COMMENT.sub("", read_file(path)).splitlines() if path is not None else []
    return [line for line in lines if line.strip()]


def sizes(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``W=n,m`` as ``{"W": ("n", "m")}``."""
    from matcalc.options import axes

    number = ones(words)
    return {name: () if name in number else axes(text) for name, text in pairs(words, "--dim", "n,m", True).items()}


def ones(words: Iterable[str]) -> list[str]:
    """The names of which ``x=1`` is said: people mean a number."""
    return [name for name, text in pairs(words, "--dim", "n,m", True).items() if text.strip("() ") == "1"]


NEXT = re.compile(r"[,;\s]+(?=(?:[^\W\d_]|\\)[^\s,;={}]*(?:\{[^{}]*\})?\s*=)")  # between P=spd and R=spd


def pairs(words: Iterable[str], option: str, example: str, lists: bool = False, joined: bool = False) -> dict[str, str]:
    """``NAME=value`` words as a dictionary; of ``lists`` a word may hold several. What is given twice is refused, or joined."""
    found: dict[str, str] = {}
    for word in (part for one in words for part in (NEXT.split(one) if lists else (one,))):
        name, equals, value = (part.strip() for part in word.partition("="))
        if not equals or not name:
            refuse(f"{option} {word}: write NAME={example}")
        if name in found and not joined and found[name] != value:
            refuse(f"{option}: '{name}' is given twice, as '{found[name]}' and as '{value}'")
        found[name] = f"{found[name]}, {value}" if name in found and joined else value
    return found


def write_results(d: Any, options: Mapping[str, Any]) -> None:
    """To the files that were named, else to standard output."""
    form, outputs = options["form"] or ("latex" if options["document"] else None), options["outputs"]
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
            by_name = by_ending(suffix) or form or "text"
            text, _ = rendered(d, options["form"] or by_name, {**options, "color": "never"}, code)
        try:
            with open(path, "w", encoding="utf-8") as stream:
                stream.write(text.rstrip("\n") + "\n")
        except (OSError, ValueError) as error:
            refuse(f"cannot write {path}: {getattr(error, 'strerror', None) or error}")
        known = suffix == ".py" or by_ending(suffix) or options["form"]
        warn("note", f"wrote {path}" + ("" if known else f" as {by_name}; --format says which format"), options["color"])


def rendered(d: Any, form: str, options: Mapping[str, Any], code: Mapping[str, str]) -> tuple[str, bool]:
    """The derivation in one format, and whether it has colours."""
    detail = options["detail"]
    if form == "text":
        from matcalc.printers import terminal

        coloured = terminal.wants_color(options["color"], sys.stdout)
        return terminal.show(d, detail, terminal.width_of(sys.stdout), coloured), coloured
    return written(d, form, detail=detail, document=options["document"], code=code), False


main.add_command(rules)


@main.command(short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
def completion(shell: str) -> None:
    """Print the completion script of SHELL. In bash: eval "$(matcalc completion bash)"."""
    from click.shell_completion import get_completion_class

    known = get_completion_class(shell)
    assert known is not None
    script = known(main, {}, "matcalc", "_MATCALC_COMPLETE")
    say(script.source_template % script.source_vars())
