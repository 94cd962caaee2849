"""What a hint says to do, as a person would do it: declarations to add, and text to type in place of what is pointed at."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from matcalc.cli import sizes
from matcalc.expr.errors import MatcalcError

_OPTION = r"--(?:dim|index|assume|function|output|notation|kind|wrt|direction|meant)(?: |=)(?:'[^']*'|\"[^\"]*\"|[^\s;)?]+)"
_TOGETHER = re.compile(rf"{_OPTION}(?: {_OPTION})*")
_MAPPING = re.compile(r"\b(dims|index|assume|functions)=(\{[^{}]*\})")
_WORD = re.compile(r"\b(notation|output|kind|wrt|direction)='([^']*)'")
_TYPE = re.compile(r"\b(?:did you mean|write|use)\s+(.+)", re.DOTALL)
_PROSE = re.compile(r"[A-Za-z]{3,} [a-z]{2,}\b|…|\bNAME\b|--")
_TAIL = re.compile(r"\s+(?:for|where|if|in|instead|with)\s.*$|\s*\(‖·‖\)$", re.DOTALL)

Way = tuple[Mapping[str, Any], str]


def ways(error: MatcalcError, text: str) -> list[Way]:
    """All that the hint says: further arguments of the call, and the text to be read."""
    hint = error.hint or ""
    found: list[Way] = [(_options(m[0]), text) for m in _TOGETHER.finditer(hint) if "…" not in m[0]]
    found += [({m[1]: ast.literal_eval(m[2])}, text) for m in _MAPPING.finditer(hint) if "…" not in m[2]]
    found += [({m[1]: m[2]}, text) for m in _WORD.finditer(hint)]
    if error.span is not None and error.source == text:
        start, end = error.span
        for clause in _parted(hint, ";"):
            said = _TYPE.search(clause)
            for part in _alternatives(said[1]) if said else ():
                found.append(({}, f"{text[:start]}{part}{text[end:]}"))
    return found


def _options(words: str) -> dict[str, Any]:
    """The arguments that the options of a command line stand for."""
    kwargs: dict[str, Any] = {}
    told = shlex.split(words.replace("=", " ", 1) if re.match(r"--\w+=", words) else words)
    for option, value in zip(told[::2], told[1::2], strict=True):
        name, _, said = value.rstrip(",.:").partition("=")
        if option == "--dim":
            kwargs.setdefault("dims", {}).update(sizes([f"{name}={said}"]))
        elif option in ("--index", "--assume", "--function"):
            kwargs.setdefault({"--function": "functions"}.get(option, option[2:]), {})[name] = said or None
        else:
            kwargs[option[2:]] = value.rstrip(",.:")
    return kwargs


def _alternatives(said: str) -> Iterator[str]:
    for part in re.split(r"\n", "\n".join(_parted(said, ", or ", "? or ", " or ", "? "))):
        part = _TAIL.sub("", part).strip(" ,?")
        if part and not _PROSE.search(part):
            yield part


def _parted(text: str, *signs: str) -> list[str]:
    """The text between the signs that stand in no brackets and no quotes."""
    parts, depth, at, start = [], 0, 0, 0
    while at < len(text):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        sign = next((s for s in signs if depth <= 0 and text.startswith(s, at)), None)
        if sign is None:
            at += 1
            continue
        parts.append(text[start:at])
        at = start = at + len(sign)
    return [*parts, text[start:]]
