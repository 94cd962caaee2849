"""What a derivation says, in the order in which a lecture says it; the printers only set it.

Given sizes, forward definitions, then from the output back each local derivative and its product with what
came from above, a group of lines for each variable, the results, and the verdict of the check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from matcalc.engine.derivation import (
    OF_ENTRIES,
    Check,
    Equation,
    Formula,
    Front,
    Law,
    Step,
    Trace,
    product_factors,
    sum_terms,
)
from matcalc.engine.significance import TOLD, Meaning, meanings
from matcalc.engine.understood import Reading
from matcalc.expr.errors import UsageError
from matcalc.expr.nodes import Expr
from matcalc.expr.table import Type
from matcalc.notation.meaning.problem import Problem
from matcalc.printers import words
from matcalc.printers.in_text import write
from matcalc.printers.languages import ENGLISH, STOPS, said, sentence
from matcalc.printers.mentioned import needed

AGREEMENT = "Agreement"  # of several routes
UNFOLDED = "Unfolded"  # the section of composite rules, with the lines from which they follow
REASONED = ("reached", "unfolded")  # kinds of lines whose reasons stand in their remark
DETAILS = ("brief", "normal", "full")


class Written(Protocol):
    """What is read of an expression that stands by itself."""

    @property
    def plain(self) -> str: ...


class Derivation(Protocol):
    """What the printers read of a derivation."""

    @property
    def problem(self) -> Problem: ...
    @property
    def value(self) -> Written: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def kind(self) -> str: ...
    @property
    def layout(self) -> str: ...
    @property
    def style(self) -> str: ...
    @property
    def assume(self) -> Mapping[str, frozenset[str]]: ...
    @property
    def functions(self) -> Mapping[str, object]: ...
    @property
    def wrt(self) -> tuple[str, ...]: ...
    @property
    def steps(self) -> tuple[Step, ...]: ...
    def unfolded(self, whole: bool) -> tuple[Step, ...]: ...
    @property
    def boxes(self) -> tuple[Step, ...]: ...
    @property
    def checked(self) -> words.Report | None: ...
    @property
    def warnings(self) -> Sequence[str]: ...
    @property
    def source(self) -> str: ...
    @property
    def routes(self) -> tuple[Derivation, ...]: ...
    @property
    def agreement(self) -> tuple[Step, ...]: ...
    @property
    def reading(self) -> Reading: ...


class Line(NamedTuple):
    """``chain[0] = chain[1] = …`` and as texts, its sizes, and why it holds. ``reference`` counts from 1; 0 is none."""

    chain: tuple[Formula, ...]
    texts: tuple[str, ...]
    kind: str = "box"  # a result, or that of its step
    factors: tuple[tuple[Type, ...], ...] = ()  # sizes in each term, where the line is a product of matrices
    rule: str = ""
    rules: tuple[str, ...] = ()
    reference: int = 0
    note: str = ""
    about: tuple[Formula | Equation, ...] = ()  # stands for {} in the note
    check: Check | None = None
    reason: str = ""  # the rule with {} where formulas stand
    of: tuple[Formula | Equation, ...] = ()  # these
    laws: tuple[str, ...] = ()  # names of the rows behind the label
    continued: bool = False  # whether it goes on from the line before, with the same left side
    sized: bool = True
    labelled: bool = True  # in LaTeX: whether its number may have a label, which is unique
    labels: tuple[str, ...] = ()  # in LaTeX: of the numbers of the formulas in its reason, where they have some

    @property
    def left(self) -> Type | None:
        """Size of the line; a line about entries has none, nor one that stands for all of them."""
        last = self.chain[-1]
        general = last.of is not None and any(x.isalpha() for x in last.entries or ())
        return None if self.kind in OF_ENTRIES or general else last.type

    def sizes(self, size: Callable[[Type], str]) -> str:
        """``[1×n] = [1×n][n×n]``: the size of the line, and of the factors of its product; nothing for a line about entries."""
        if self.left is None or not self.sized:
            return ""
        factors = " + ".join("".join(map(size, term)) for term in self.factors)
        return size(self.left) + (f" = {factors}" if factors else "")


class Section(NamedTuple):
    title: str
    groups: tuple[tuple[Line, ...], ...]

    @property
    def lines(self) -> list[Line]:
        return [line for group in self.groups for line in group]


class Story(NamedTuple):
    heading: str  # such as "Gradients"
    output: Formula
    expression: Formula
    variables: tuple[Formula, ...]  # differentiated by; empty where it goes without saying: by all of several
    given: tuple[tuple[Formula, str], ...]  # variable and what is assumed of it
    functions: tuple[tuple[str, str], ...]  # unspecified functions, and what they are checked as
    meanings: tuple[tuple[Formula, Formula, tuple[Expr, ...]], ...]  # functions that stand for formulas, and for what arguments
    carried: tuple[tuple[Formula, Formula], ...]  # unspecified functions of vectors and numbers, and their derivatives
    sections: tuple[Section, ...]
    results: tuple[Line, ...]
    layout: str
    verdict: str
    passed: bool
    references: tuple[str, ...]
    warnings: tuple[str, ...]
    laws: Mapping[str, Law]  # what the rows behind the labels say, where that is shown
    whole: bool = True  # or only a part, which stands by itself
    labels: str = ""  # in LaTeX: before the names in \\label
    environment: str = "alignat"  # in LaTeX: of the lines
    lang: str = ENGLISH
    significance: tuple[Meaning, ...] = ()  # what the answers mean, where a rule knows it

    def meant(self, put: Callable[[Formula], str]) -> str:
        """What the answers mean, in a sentence with formulas put in so."""
        told = [f"{put(m.of)}: {self.say(m.words).format(**{x: put(f) for x, f in m.letters.items()})}" for m in self.significance]
        return self.sentence(f"{self.say(words.MEANT)} {'; '.join(told)}") if told else ""

    def say(self, phrase: str, *about: object) -> str:
        """A phrase in the language of the story, these put in."""
        return said(phrase, self.lang).format(*about) if about else said(phrase, self.lang)

    def title(self, of: str, by: str) -> str:
        """``Gradients of s = … with respect to x``, of these formulas."""
        heading = self.say(self.heading[:1].upper() + self.heading[1:])
        return self.say(words.TITLE_BY, heading, of, by) if by else self.say(words.TITLE, heading, of)

    @property
    def results_title(self) -> str:
        return "Result" if len(self.results) == 1 else "Results"

    def sentence(self, text: str) -> str:
        """With what begins and ends a sentence."""
        return sentence(text, self.lang)

    @property
    def stop(self) -> str:
        return STOPS[self.lang]

    @property
    def lines(self) -> list[Line]:
        return [line for section in self.sections for line in section.lines] + list(self.results)


def tell(d: Derivation, detail: str = "normal", lawful: bool = False, lang: str = ENGLISH) -> Story:
    """The story of a derivation in a language; in full, and where it is ``lawful``, with what the rules say. Raises ``UsageError``
    for a detail that is not known."""
    if detail not in DETAILS:
        raise UsageError(f"detail '{detail}' is not known", hint=f"one of {', '.join(DETAILS)}")
    sections, teller = _told(d, detail, lang)
    results = tuple(teller.results())
    report, head = d.checked, front(d)
    shown = [line for section in sections for line in section.lines] + list(results)
    sides = [(line.chain[0], line.chain[-1]) for line in shown if line.kind in TOLD]
    return Story(
        words.kind_words(d.kind, len(d.trace.results)),
        head.output,
        head.expression,
        teller.aim(),
        tuple((f, _assumed(d, name)) for name, f in zip(d.problem.symbols, head.given, strict=True)),
        tuple((name, _function(d.functions.get(name))) for name in d.problem.functions),
        head.meanings,
        head.carried,
        sections,
        results,
        d.layout if d.layout in (found := [r.layout for r in d.trace.results]) else found[0],  # what the results have
        _verdict(report, shown, lang),
        bool(report and report.passed),
        tuple(teller.references),
        tuple(d.warnings),
        teller.laws(shown if lawful or detail == "full" else ()),
        lang=lang,
        significance=tuple(meanings(sides, d.trace.book, d.assume)),
    )


def _told(d: Derivation, detail: str, lang: str) -> tuple[tuple[Section, ...], _Teller]:
    """What is given once, then each route, and that they agree, where there are several."""
    first, *others = [_Teller(route, lang, words.ROUTES[route.style]) for route in d.routes] or [_Teller(d, lang)]
    for teller in others:
        teller.references = first.references
    told = first.sections(detail)
    own = [section for teller in others for section in teller.sections(detail) if section.title == teller.title]
    if d.agreement:
        own.append(Section(AGREEMENT, (tuple([first.line(step) for step in d.agreement]),)))
    return (*told, *map(_without_labels, own)), first


def _without_labels(section: Section) -> Section:
    groups = tuple([tuple([line._replace(labelled=False) for line in group]) for group in section.groups])
    return section._replace(groups=groups)


def front(d: Derivation) -> Front:
    """What stands before the lines."""
    assert d.trace.front is not None
    return d.trace.front


def _verdict(report: words.Report | None, lines: Sequence[Line], lang: str) -> str:
    """What was checked of the lines that are shown."""
    done = [line for line in lines if line.check is not None]
    return words.verdict(report, len(done), equations(done), len(lines) - len(done), lang)


def _assumed(d: Derivation, name: str) -> str:
    return ", ".join(sorted(p for p in d.assume.get(name, ()) if p))


def _function(value: object) -> str:
    return value if isinstance(value, str) else ""


class _Teller:
    """One pass over the lines: groups, the words of rules and remarks, and the sources they cite."""

    def __init__(self, d: Derivation, lang: str, title: str = "") -> None:
        self.d = d
        self.lang = lang
        backward = d.style != "differential" and d.kind == "gradient"
        self.title = title or ("Backward" if backward else "Derivation")  # of the lines that derive
        self.wrt = frozenset(d.wrt)
        self.references: dict[str, int] = {}
        self.explained = False

    def aim(self) -> tuple[Formula, ...]:
        """The variables, where they are not simply all."""
        d = self.d
        whole = not any(r.part for r in d.trace.results)
        if whole and set(d.wrt) == set(d.problem.symbols) and (len(d.wrt) > 1 or d.kind == "differential"):
            return ()
        return front(d).variables

    def sections(self, detail: str) -> tuple[Section, ...]:
        """The lines in groups; in brief, only those without which the results cannot be read."""
        steps = self.d.steps if detail == "brief" else _with_unfolded(self.d, whole=detail == "full")
        told = [(step, self._title(step), self.line(step)) for step in steps]
        kept = self._needed() if detail == "brief" else range(len(told))
        found: dict[str, list[list[Line]]] = {}
        group = None
        for i, (step, title, line) in enumerate(told):
            if i not in kept and step.kind not in ("definition", "rewrite"):
                continue
            if len(line.chain) < 2:  # both sides read the same: diag(diag(x)) is x, so dz = dx says nothing
                continue
            key = title, self._subject(step)
            if key != group:
                found.setdefault(title, []).append([])
                group = key
            lines = found[title][-1]
            goes_on = step.kind in REASONED and lines and not lines[-1].note and lines[-1].texts[0] == line.texts[0]
            lines.append(line._replace(continued=True) if goes_on else line)
        return tuple(Section(title, tuple(map(tuple, groups))) for title, groups in found.items())

    def _needed(self) -> frozenset[int]:
        """Positions of the lines that the results need; of the cases, which somebody asked for, with what these need, and of
        the line behind them that says all in one."""
        steps = self.d.steps
        cases = {i: step for i, step in enumerate(steps) if "case" in (step.kind, steps[i - 1].kind if i else "")}
        shown = [box.chain[-1] for box in self.d.boxes] + [member for step in cases.values() for member in step.chain]
        return needed(steps, shown) | cases.keys()

    def _title(self, step: Step) -> str:
        if step.kind in ("definition", "rewrite"):
            return "Forward" if step.kind == "definition" else "Rewritten"
        if step.kind == "unfolded":
            return UNFOLDED
        return self.title

    def _subject(self, step: Step) -> str:
        """What the group of the line is about: a variable, or a concatenation whose blocks are variables."""
        if step.kind == "unfolded":
            return step.rule.rpartition("-")[0]
        node = step.through[0] if step.kind == "block" else step.node
        own = step.kind in ("block", "shape")
        told = node is not None and step.kind not in ("definition", "rewrite") and (own or str(node.attr) in self.wrt)
        return str(node.attr) if node is not None and told else ""

    def line(self, step: Step) -> Line:
        """The step as it is printed."""
        rule, about = self._say(words.rule_words(step.rule, self.d.trace.rows)), step.about
        note = self._reasons(step.note) if step.kind in REASONED else self._say(step.note)
        factors = _factors(step.via or step.rhs)
        if step.kind == "shape":  # where the transpose comes from is said once
            note, self.explained = "" if self.explained else note, True
        reason, of = self._reasons(step.reason), step.of
        if reason:
            rule = reason.format(*map(write, of))
        if step.kind in REASONED:
            rule, reason, of, note, about = note.format(*map(write, about)), note, about, "", ()
        if step.kind in OF_ENTRIES or step.rhs.samples:
            factors = ()
        if step.kind == "case":
            rule, note = note, ""
        rules = () if step.kind == "unfolded" else step.rules  # its remark has the words of all
        if self.lang != ENGLISH:
            rules = tuple([self._say(words.rule_words(name, self.d.trace.rows)) for name in rules])
        rest = (factors, rule, rules, self._cite(step), note, about, step.check)
        laws = step.rules if step.kind in REASONED else (step.rule,)
        chain, texts = _distinct(step.chain)
        return Line(chain, texts, step.kind, *rest, reason, of if reason else (), laws)

    def _say(self, phrase: str) -> str:
        return said(phrase, self.lang)

    def _reasons(self, label: str) -> str:
        """Each reason by itself, as they stand below each other."""
        return "; ".join(map(self._say, label.split("; ")))

    def laws(self, lines: Iterable[Line]) -> dict[str, Law]:
        """What the rows behind the labels of the lines say, in the order of these."""
        names = dict.fromkeys(name for line in lines if line.rule for name in line.laws)
        laws = [law for name in names if (law := self.d.trace.law(name)) is not None]
        return {law.name: law._replace(words=self._say(law.words)) for law in laws}

    def _cite(self, step: Step) -> int:
        if step.source in ("", "given"):
            return 0
        return self.references.setdefault(step.source, len(self.references) + 1)

    def results(self) -> Iterator[Line]:
        for box in self.d.boxes:
            yield Line(*_distinct(box.chain), check=box.check)


def _with_unfolded(d: Derivation, whole: bool) -> tuple[Step, ...]:
    """The lines, those of composite rules after the definitions."""
    at = next((i for i, s in enumerate(d.steps) if s.kind not in ("definition", "rewrite", "part")), len(d.steps))
    return d.steps[:at] + d.unfolded(whole) + d.steps[at:]


def _distinct(chain: Sequence[Formula]) -> tuple[tuple[Formula, ...], tuple[str, ...]]:
    """The members of an equality, none written the same as the one before, and how they are written."""
    texts = [write(member) for member in chain]
    kept = [i for i, text in enumerate(texts) if not i or text != texts[i - 1]]
    return tuple([chain[i] for i in kept]), tuple([texts[i] for i in kept])


def _factors(shown: Formula) -> tuple[tuple[Type, ...], ...]:
    """Sizes of the factors of each term, where at least one term is a product of matrices."""
    terms = sum_terms(shown.expr, shown.names)
    if len(terms) > 3:
        return ()
    found = tuple(tuple(f.type for f in product_factors(term, shown.names)) for term in terms)
    return found if any(len(types) > 1 for types in found) else ()


def equations(lines: Iterable[Line]) -> int:
    """How many equations the lines say, those of their remarks included."""
    return sum(len(line.chain) - 1 + sum(isinstance(a, Equation) for a in line.about) for line in lines)


def reasons(rule: str) -> list[str]:
    """Each reason of a line, to stand below each other."""
    parts = rule.split("; ")
    return [f"{part};" for part in parts[:-1]] + parts[-1:] if rule else []
