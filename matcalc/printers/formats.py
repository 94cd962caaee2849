"""The output formats, a row each: read by the command line, by the endings of files and by ``Derivation.to``."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from matcalc.expr.errors import UsageError
from matcalc.printers.languages import ENGLISH, LANGUAGES

if TYPE_CHECKING:
    from matcalc.printers.story import Derivation


class Format(NamedTuple):
    """The ending of its files, the module here that has ``to_NAME``, and what that takes beside the derivation."""

    ending: str
    module: str
    takes: tuple[str, ...] = ("detail",)


ENGINES = ("pdflatex", "xelatex")
WIDE_ENGINE = "xelatex"  # which sets letters of every script
ENVIRONMENTS = ("alignat", "align", "aligned", "gather")  # of LaTeX
PARTS = ("all", "results", "steps", "forward")


class Shown(NamedTuple):
    """What of a derivation is shown: one of PARTS, with or without sizes and reasons."""

    only: str = "all"
    sizes: bool = True
    reasons: bool = True
    labels: str = ""  # in LaTeX: before the names in \\label
    environment: str = "alignat"  # in LaTeX: of the lines
    exercise: bool = False  # right sides are blank, and the answers stand behind
    lang: str = ENGLISH  # of the words


def shown_as(shown: Shown) -> Shown:
    """What was asked for. Raises ``UsageError`` where that does not go together."""
    if shown.exercise and (shown.only != "all" or shown.labels):
        raise UsageError("an exercise shows the whole derivation, its lines twice", hint="leave out --only and --labels")
    return shown


ALL = Shown()
FORMATS = {
    "text": Format(".txt", "text", ("detail", "width", "shown")),
    "latex": Format(".tex", "latex", ("detail", "document", "picture", "columns", "shown", "engine")),
    "markdown": Format(".md", "markdown", ("detail", "picture", "shown")),
    "html": Format(".html", "html", ("detail", "picture", "shown")),
    "typst": Format(".typ", "typst", ("detail", "document", "picture", "shown")),
    "json": Format(".json", "jsonout", ("code", "lang")),
}

KNOWN = {
    "form": tuple(FORMATS),
    "only": PARTS,
    "environment": ENVIRONMENTS,
    "engine": ENGINES,
    "lang": LANGUAGES,
}  # the first: default

GRAPH_FORMATS = {  # of computation graphs: their modules take what is said, and nothing else
    "text": Format(".txt", "pictures.tree", ()),
    "svg": Format(".svg", "pictures.svg", ()),
    "dot": Format(".dot", "pictures.dot", ()),
    "mermaid": Format(".mmd", "pictures.mermaid", ()),
    "tikz": Format(".tex", "pictures.tikz", ()),
}


def by_ending(ending: str) -> str | None:
    """The format of a file, by the end of its name."""
    return next((name for name, row in FORMATS.items() if row.ending == ending), None)


def written(d: Derivation, form: str, **options: object) -> str:
    """The derivation in a format; options that it does not take are left out."""
    row = FORMATS[form]
    function = getattr(import_module(f"matcalc.printers.{row.module}"), f"to_{form}")
    text: str = function(d, **{name: value for name, value in options.items() if name in row.takes})
    return text
