"""The console: results on standard output, everything else on standard error, and the exit codes."""

from __future__ import annotations

import errno
import os
import shlex
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, NoReturn

import click

from matcalc.expr.errors import MatcalcError, Reading, UsageError

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def guarded(run: Callable[[], Any], words: Sequence[str]) -> int:
    """Run a command; what goes wrong becomes a message and an exit code."""
    try:
        code = judged(run, words)
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except OSError as error:
        return unwritten(error, words)


def judged(run: Callable[[], Any], words: Sequence[str]) -> int:
    """The exit code of a command; what goes wrong is said. Raises ``OSError`` where nothing can be said any more."""
    try:
        code = run()
        return code if isinstance(code, int) else 0
    except click.ClickException as error:
        if error.format_message().startswith("Usage:"):  # no command: help
            click.echo(error.format_message(), err=True)
            return 2
        return complain(UsageError(error.format_message()), words, getattr(error, "ctx", None))
    except MatcalcError as error:
        return complain(error, words)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except OSError:
        raise
    except Exception as error:
        if os.environ.get("MATCALC_DEBUG") == "1":
            raise
        return complain(error, words)


def unwritten(error: OSError, words: Sequence[str]) -> int:
    """Nothing more can be written: the reader has seen enough, or the disk is full. What is left is dropped."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    if isinstance(error, BrokenPipeError):
        return 0
    try:
        warn("error", f"cannot write the result: {error.strerror or error}", option(words, "--color"))
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    return UsageError.exit_code


def complain(error: Exception, words: Sequence[str], context: click.Context | None = None) -> int:
    """Say what went wrong: JSON on standard output, or a message on standard error."""
    code = error.exit_code if isinstance(error, MatcalcError) else 1
    if isinstance(error, MatcalcError):
        error.readings = tuple(r._replace(command=continued(words, r)) for r in error.readings)
    if option(words, "--format") == "json":
        from matcalc.printers.jsonout import dumps, error_dict

        say(dumps(error_dict(error)))
    elif isinstance(error, MatcalcError):
        listed = [f"reading {n}: {r.text}\n  {r.command}" for n, r in enumerate(error.readings, 1)]
        warn("error", "\n".join((str(error), *listed)), option(words, "--color"))
        if context is not None:
            click.echo(f"see: {context.command_path} --help", err=True)
    else:
        said = " ".join(f"{type(error).__name__}: {error}".split())[:500]
        hint = "this is a bug in matcalc, please report it (MATCALC_DEBUG=1 shows where)"
        warn("error", f"{said}; {hint}", option(words, "--color"))
    return code


def continued(words: Sequence[str], reading: Reading) -> str:
    """The command line as it was typed, with the options that choose a reading."""
    chosen = reading.kwargs
    options = [("--dim", f"{name}={','.join(map(str, shape))}") for name, shape in chosen.get("dims", {}).items()]
    options += [("--function", f"{name}={body or ''}") for name, body in chosen.get("functions", {}).items()]
    options += [("--output", chosen["output"])] if "output" in chosen else []
    options += [("--index", f"{token}={row}") for token, row in chosen.get("index", {}).items()]
    more = [*chain(*options, *[("--meant", part, meaning) for part, meaning in chosen.get("meant", {}).items()])]
    end = words.index("--") if "--" in words else len(words)
    return shlex.join(("matcalc", *words[:end], *more, *words[end:]))


def option(words: Sequence[str], name: str) -> str | None:
    """The last value of an option, found without the words being understood."""
    found = None
    for i, word in enumerate(words):
        if word == name:
            found = words[i + 1] if i + 1 < len(words) else None
        elif word.startswith(name + "="):
            found = word.partition("=")[2]
    return found


def warn(what: str, message: str, color: str | None = None) -> None:
    """An error, a warning or a note, on standard error."""
    from matcalc.printers.terminal import paint, printable, wants_color

    coloured = wants_color(color or "auto", sys.stderr)
    click.echo(f"{paint(what + ':', what, coloured)} {printable(message)}", err=True, color=coloured)


def say(text: str, color: bool = False) -> None:
    """The result, on standard output, in UTF-8 whatever the locale."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "standard output is closed")
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    if encoding != "utf8" and hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8")
    click.echo(text.rstrip("\n"), color=color)


def save(path: str, text: str) -> None:
    """A result in a file. Raises ``click.UsageError`` where it cannot be written."""
    try:
        with open(path, "w", encoding="utf-8") as stream:
            stream.write(text.rstrip("\n") + "\n")
    except (OSError, ValueError) as error:
        refuse(f"cannot write {path}: {getattr(error, 'strerror', None) or error}")


def refuse(message: str) -> NoReturn:
    raise click.UsageError(message)
