"""What commands that take an expression share: how it is read, and the options that say what it means."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

import click

from matcalc.ui.console import refuse

LONGEST = 2_000_000  # characters that are read; more than any input may have
COMMENT = re.compile(r"^#.*$", re.MULTILINE)  # in files


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


def chosen(*names: str, choices: Sequence[str], **more: Any) -> Callable[[Any], Any]:
    return click.option(*names, type=click.Choice(tuple(choices)), **more)


def several(*names: str, **more: Any) -> Callable[[Any], Any]:
    return click.option(*names, multiple=True, **more)


FILE = click.option("--file", metavar="F", help="Read the expression from a file; # begins a comment line.")
OUTPUT = click.option("--output", metavar="NAME", help="The defined name that is differentiated.")
ABOUT = (
    several("--dim", metavar="NAME=n,m", help="Sizes of a variable; NAME= is a scalar."),
    several("--assume", metavar="NAME=PROP", help="What holds of it: symmetric, spd, positive, one-hot …"),
    several("--function", metavar="f[=tanh]", help="An elementwise function, and what it is."),
    several("--define", metavar="DEF", help="A further definition: 'g(z) = 1/(1+exp(-z))'."),
    click.option("--definitions", metavar="F", help="A file of such definitions, one a line."),
    several("--macro", metavar="NAME=TEXT", help="What a LaTeX macro of yours stands for."),
    click.option("--preamble", metavar="F", help="A LaTeX file whose \\newcommand and \\def count."),
    several("--meant", nargs=2, metavar="TEXT MEANING", help="A part of the text, and what is meant by it."),
    several("--index", metavar="TOKEN=SLICE", help="An indexed token: 'x_i=X[i,:]'."),
    click.option("--rules", metavar="FILE", help="A file with rule rows of your own."),
    chosen("--notation", choices=("plain", "latex"), help="Default: detected."),
)


def about_expression(command: Any) -> Any:
    """The options that say what an expression means, on a command."""
    for option in reversed((FILE, *ABOUT, OUTPUT)):
        command = option(command)
    return command


def about_expressions(command: Any) -> Any:
    """Those of them that hold of several expressions at once."""
    for option in reversed(ABOUT):
        command = option(command)
    return command


def expression_arguments(options: Mapping[str, Any]) -> dict[str, Any]:
    """What these options say, as arguments of ``matcalc.derive``; only what was asked for."""
    from matcalc.options import macros_of

    given: dict[str, Any] = {name: options.get(name) for name in ("output", "notation", "rules")}
    given["dims"] = sizes(options["dim"])
    given["assume"] = pairs(options["assume"], "--assume", "spd", lists=True, joined=True)
    preamble = options["preamble"]
    given["macros"] = ({} if preamble is None else macros_of(read_file(preamble))) | pairs(
        options["macro"], "--macro", "replacement"
    )
    given["meant"] = dict(options["meant"])
    given["index"] = pairs(options["index"], "--index", "X[i,:]")
    bodies = [word if "=" in word else word + "=" for word in options["function"]]
    given["functions"] = {f: body or None for f, body in pairs(bodies, "--function", "tanh").items()}
    given["define"] = [*options["define"], *definitions_of(options["definitions"])]
    return {name: value for name, value in given.items() if value not in (None, {}, [])}


def names_of(words: Iterable[str]) -> list[str]:
    """The names of an option that may hold several in a word: ``W,b``; not cut inside of brackets: ``W[2,3]``."""
    whole = [_BEFORE_A_LETTER.sub(r"\1{\2}", word) for word in words]
    return [name for word in whole for name in re.split(r"[,\s]+(?![^\[{]*[\]}])", word) if name]


# \hat y and \Delta x: one name
_BEFORE_A_LETTER = re.compile(r"(\\(?:hat|tilde|bar|dot|vec|bm|mathbf|boldsymbol|mathcal|Delta))\s+(\\?[A-Za-z]+)")


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
            return sys.stdin.buffer.read(LONGEST).decode("utf-8-sig")
        with open(path, encoding="utf-8-sig") as stream:
            return stream.read(LONGEST)
    except UnicodeDecodeError as error:
        refuse(f"{path or 'standard input'} is not UTF-8 text (byte {error.start}): save it as UTF-8")
    except (OSError, ValueError) as error:  # ValueError: a name with a null character
        refuse(f"cannot read {path}: {getattr(error, 'strerror', None) or error}")


def definitions_of(path: str | None) -> list[str]:
    """The lines of a file, without empty ones and comments."""
    lines = COMMENT.sub("", read_file(path)).splitlines() if path is not None else []
    return [line for line in lines if line.strip()]


def sizes(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``W=n,m`` as ``{"W": ("n", "m")}``."""
    from matcalc.expr.typed_sizes import axes

    number = ones(words)
    return {name: () if name in number else axes(text) for name, text in pairs(words, "--dim", "n,m", True).items()}


def ones(words: Iterable[str]) -> list[str]:
    """The names of which ``x=1`` is said: people mean a number."""
    return [name for name, text in pairs(words, "--dim", "n,m", True).items() if text.strip("() ") == "1"]


NEXT = re.compile(r"[,;\s]+(?=(?:[^\W\d_]|\\)[^\s,;={}]*(?:\{[^{}]*\})?\s*=)")  # between P=spd and R=spd


_COMMA = re.compile(r"\s*,\s*(?![^\[{(]*[\]})])")  # between names, and none in W[2,3]


def _parts(word: str) -> list[str]:
    """``P=spd, R=spd`` in two; a name may hold blanks, so every part needs its sign."""
    parts = NEXT.split(word)
    return parts if all("=" in part for part in parts) else [word]


def pairs(words: Iterable[str], option: str, example: str, lists: bool = False, joined: bool = False) -> dict[str, str]:
    """``NAME=value`` words as a dictionary; of ``lists`` a word may hold several. What is given twice is refused, or joined."""
    found: dict[str, str] = {}
    for word in (part for one in words for part in (_parts(one) if lists else (one,))):
        name, equals, value = (part.strip() for part in word.partition("="))
        if not equals or not name:
            refuse(f"{option} {word}: write NAME={example}")
        for one in _COMMA.split(name) if lists else (name,):  # P,R=spd
            if one in found and not joined and found[one] != value:
                refuse(f"{option}: '{one}' is given twice, as '{found[one]}' and as '{value}'")
            found[one] = f"{found[one]}, {value}" if one in found and joined else value
    return found
