"""What a text says that derivatives are, compared with what is derived: ``∂s/∂W = δ x'`` beside the definition of s."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from matcalc.check.verdict import Verdict
from matcalc.check.work.work_report import WorkReport
from matcalc.expr.dims import Dim
from matcalc.expr.errors import MatcalcError, ShapeError
from matcalc.expr.nodes import Expr, postorder, substitute
from matcalc.notation.meaning.problem import Claim, Judged, Problem

_SIGN = re.compile(r"\\(?:nabla|partial)(?![A-Za-z])|[∇∂]")
AGREEING = {
    "right": ": that is what is derived",
    "layout": ": that is what is derived, turned: a gradient has the shape of its variable here",
}


class Calls(NamedTuple):
    """What reads, derives and compares, with the arguments of the derivation at hand."""

    derive: Callable[[str, Claim], tuple[str, Expr]]  # of a text: the derivative in plain notation, and itself
    parse: Callable[[str, str], Problem]  # a text, and the name in it that is meant
    equal: Callable[[str, str, Mapping[str, tuple[Dim, ...]]], Verdict]
    plain: Callable[[Expr, Problem], str]
    work: Callable[[str, Claim, str, Mapping[str, str]], WorkReport]  # of a text: a line with signs on both sides


def with_judged(problem: Problem, calls: Calls) -> Problem:
    """The problem with its claims compared, and with a sentence about each that does not agree."""
    table = _Table(problem, calls)
    ordered = sorted(problem.claims, key=lambda c: not table.source(c.right).lstrip("\\").isalpha())  # first what is given a name
    found = sorted(map(table.judged, ordered), key=lambda j: j.span)
    notes = tuple(j.said for j in found if not j.agrees)
    return problem._replace(judged=tuple(found), warnings=(*problem.warnings, *notes))


class _Table:
    """The claims of one text, and the names that it gives to derivatives."""

    def __init__(self, problem: Problem, calls: Calls) -> None:
        self.problem, self.calls = problem, calls
        self.named: dict[str, str] = {}
        self.signs: dict[str, str] = {}  # names of derivatives, as they are typed, to the signs that they stand for
        self.latex = latex = "\\" in problem.source
        self.fresh = next(n for n in ("claimed", "claimedvalue", "claimedformula") if n not in problem.source)
        self.typed = rf"\mathrm{{{self.fresh}}}" if latex else self.fresh

    def source(self, span: tuple[int, int]) -> str:
        return self.problem.source[span[0] : span[1]].strip()

    def without(self, claim: Claim, instead: str) -> str:
        """The text without its claims, with something else in place of one."""
        text = self.problem.source
        for start, end in sorted({c.span for c in self.problem.claims}, reverse=True):
            text = text[:start] + (instead if (start, end) == claim.span else "") + text[end:]
        return text

    def judged(self, claim: Claim) -> Judged:
        function = claim.function or self.source(claim.body)
        right, by = self.source(claim.right), ", ".join(claim.by)
        square = "²" * (claim.order == 2)
        left = f"∂{square}{function}/∂{by}{square}" if claim.function else f"the derivative by {by}"
        says = f"the text says {left} = {right}" if claim.function else f"the text says that {left} is {right}"

        def told(agrees: bool | None, what: str) -> Judged:
            return Judged(function, claim.by, right, claim.span, agrees, f"{says}{what}")

        if right == "0":
            return told(None, ": a condition, which is not solved for")
        try:
            shown, derived = self.calls.derive(self.without(claim, "" if claim.function else self.source(claim.body)), claim)
            if _SIGN.search(right):
                return told(*self.worked(claim, right))
            claimed = self.calls.parse(self.without(claim, f"{self.typed} = {right}"), self.fresh)
            unknown = claimed.symbols.keys() - self.problem.symbols.keys() - self.named.keys()
            if len(unknown) == 1 and claimed.output.op == "sym" and claimed.output.attr in unknown:
                self.named[str(claimed.output.attr)] = self.defined(shown, derived)
                self.signs[right] = next(part for part in self.source(claim.span).split("=") if _SIGN.search(part)).strip()
                return Judged(function, claim.by, right, claim.span, True, f"{left} is called {right}")
            if unknown:  # δ may be that of the derivation
                agrees, what = self.worked(claim, right)
                unsaid = f": not compared, for nothing says what {', '.join(sorted(unknown))} is"
                return told(agrees, unsaid if agrees is None else what)
            return told(*self.compared(shown, derived, claimed))
        except ShapeError as error:
            return told(False, f", whose sizes do not fit ({error.message})")
        except MatcalcError as error:
            return told(None, f": not compared ({error.message})")

    def worked(self, claim: Claim, right: str) -> tuple[bool | None, str]:
        r"""Of ``\nabla_x f = A^T \nabla_z f``, which is judged as a line of somebody's work is."""
        body = "" if claim.function else self.source(claim.body)
        sign = rf"\nabla_{{{claim.by[0]}}}" if self.latex else f"∇_{claim.by[0]}"
        left = self.source(claim.span).partition("=")[0] if claim.function else f"{sign} ({body})"
        for name, told in self.signs.items():  # δ lies or stands as its sign may
            whole = rf"(?<![\\A-Za-z]){re.escape(name)}(?![A-Za-z])"
            right = re.sub(whole, lambda _, told=told: f"{{{told}}}" if self.latex else f"({told})", right)  # type: ignore[misc]
        report = self.calls.work(self.without(claim, body), claim, f"{left} = {right}", self.named)
        if report.verdict in AGREEING:
            lent = report.relation.partition(", with ")
            return True, AGREEING[report.verdict] + lent[1] + lent[2]
        if report.verdict == "not-understood":
            return None, f": not compared ({report.relation})"
        return False, f", and what is derived is {report.correct}: {report.relation}"

    def defined(self, shown: str, derived: Expr) -> str:
        """A derivative by a value of the text as the text has it: with the formula of that value in place of its name."""
        told = dict(self.problem.definitions)
        symbols = [n for n in postorder((derived,)) if n.op == "sym" and n.attr in told and n.attr not in self.problem.symbols]
        if not symbols:
            return shown
        return self.calls.plain(substitute((derived,), {n: told[n.attr] for n in symbols})[0], self.problem)

    def compared(self, shown: str, derived: Expr, claimed: Problem) -> tuple[bool, str]:
        """Whether both agree, as they stand or one of them turned; and what is to be said."""
        define = "".join(f"{name} = {value}; " for name, value in self.named.items() if name in claimed.symbols)
        dims = {n: s for n, s in claimed.dims.items() if n not in self.named}
        plain = self.calls.plain(claimed.output, claimed)
        forms = [plain] if ";" in plain or claimed.output.kind == "s" else [plain, f"({plain})'"]
        verdicts = []
        for form in forms:
            try:
                verdicts.append(self.calls.equal(self.defined(shown, derived), define + form, dims))
            except MatcalcError:
                if form is forms[-1] and not verdicts:
                    raise
        if verdicts and verdicts[0]:
            return True, AGREEING["right"]
        if any(verdicts):
            return True, AGREEING["layout"]
        given = verdicts[0].counterexample
        times = f", {given.factor} times that" if given is not None and given.factor is not None else ""
        return False, f", and what is derived is {shown}{times}"


__all__ = ["Calls", "with_judged"]
