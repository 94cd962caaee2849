"""The problem that a text of somebody's states beside its derivation: definitions, and the last derivative that it writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from matcalc.check.work import work_names
from matcalc.check.work.derivative_signs import DIFFERENTIAL, Marked, Sign, indexed, marked
from matcalc.check.work.work_names import head
from matcalc.check.work.world import named
from matcalc.check.work.written_chains import Chain, chains, looks_like_latex
from matcalc.expr.errors import UsageError

NAME_IT = 'name it: matcalc check "norm2(A*x - b)^2" --wrt x --work FILE'


_DIFFERENTIAL = re.compile(r"^[\s&$]*(?:\\mathrm\s*\{\s*d\s*\}|d)\s*\\?[A-Za-z]\w*\s*&?\s*=", re.MULTILINE)
FONT = re.compile(r"\\(?:mathcal|mathbf|mathrm|mathscr|boldsymbol|bm)\s*\{\s*(\w+)\s*\}")
_APPLIED = re.compile(r"(\\?[A-Za-z]\w*)\s*\(\s*(\\?[A-Za-z]\w*)\s*\)")
_SLOPE = re.compile(r"\\frac|[∂d]\w*\s*/\s*[∂d]\w|\\nabla|∇")


def style_of(work: str) -> str:
    """The style of derivation that a text follows: differentials where most of its lines are such."""
    return "differential" if len(_DIFFERENTIAL.findall(work)) > len(_SLOPE.findall(work)) else "backprop"


class Stated(NamedTuple):
    """The definitions as one text, the variable, and what is differentiated, as they are written."""

    text: str
    wrt: str
    output: str


def problem_in(work: str) -> Stated:
    """Raises ``UsageError`` where the text states none."""
    latex, words = looks_like_latex(work), work_names.words()
    found = chains(work, latex)
    if not found:
        raise UsageError("there is no formula in the work", hint="write equalities, such as z = W*x + b, one a line")
    heads = {h for c in found if (h := head(c.members[0].text)) is not None and len(c.members) > 1}
    read = [[marked(m.text, latex, heads | {h.lstrip("\\") for h in heads}, words) for m in c.members] for c in found]
    defined, taken = _definitions(found, read), _arguments(found)
    inside = [s for members in read for m in members for s in m.signs]
    heads_of = [s for members in read if (s := members[0].alone) is not None]  # what lines say, before what they say it with
    asked = [
        s for s in (s._replace(by=s.by or taken.get(s.of, "")) for s in (*inside, *heads_of)) if s.kind != DIFFERENTIAL and s.by
    ]
    if not asked or not defined:
        raise UsageError("the work does not state its problem", hint=NAME_IT)
    last, text = _asked_last(asked, defined), "; ".join(f"{name} = {text}" for name, text in defined.items())
    return Stated(text, *(_in_words(_array(name, text)) for name in (last.by, last.of)))


def _arguments(found: Sequence[Chain]) -> dict[str, str]:
    """The x of f(x) = …, by which ∇f is a gradient."""
    heads = (_APPLIED.fullmatch(c.members[0].text.strip()) for c in found if len(c.members) > 1)
    return {m[1]: m[2] for m in heads if m}


def _in_words(name: str) -> str:
    r"""The ell of ``\ell``, the L of ``\mathcal{L}``."""
    return named(name) if re.fullmatch(r"\\[A-Za-z]+", name) else FONT.sub(r"\1", name)


def _array(name: str, text: str) -> str:
    """The W of W_{ij}, where that is no name of the text."""
    return name if name in text else indexed(name)[0]


def _asked_last(asked: Sequence[Sign], defined: dict[str, str]) -> Sign:
    """The last derivative of a defined value by what is none."""
    return next((s for s in reversed(asked) if s.by not in defined and s.of in defined), asked[-1])


def _definitions(found: Sequence[Chain], read: Sequence[Sequence[Marked]]) -> dict[str, str]:
    """Names with the first formula that stands behind them, those that are made of derivatives left out."""
    defined: dict[str, str] = {}
    for chain, members in zip(found, read, strict=True):
        name = head(chain.members[0].text)
        if name is None or len(members) < 2 or any(m.signs for m in members) or name in defined:
            continue
        defined[name] = chain.members[1].text
    return defined
