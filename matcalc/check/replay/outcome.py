"""What a replay gives back: each line, whether the rule rows give it, and why not."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.expr.errors import CheckError


class Stuck(Exception):
    """The rows do not reach this line; nothing is said against it."""


class DoesNotFollow(Exception):
    """A line is missing, altered, or does not follow from the lines before it."""


class ReplayError(CheckError):
    """A derivation that does not replay."""


@dataclass(frozen=True, slots=True)
class ReplayedLine:
    """One line: ``state`` is ``replayed``, ``gap`` (no row reaches it; nothing is said against it) or ``wrong``.

    ``text`` is the line, ``rule`` the rule that it names, ``why`` says what is missing or does not follow.
    """

    text: str
    rule: str
    state: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.text}: {self.why}" if self.why else self.text


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """All lines of a derivation in their order, the results last.

    True in a condition where each line was rebuilt from the rule rows. ``wrong`` are lines that do not follow from those before
    them, ``gaps`` lines that no row reaches. ``str(report)`` says so in words.
    """

    lines: tuple[ReplayedLine, ...]

    @property
    def passed(self) -> bool:
        """Whether every line was rebuilt."""
        return all(line.state == "replayed" for line in self.lines)

    @property
    def wrong(self) -> tuple[ReplayedLine, ...]:
        """Lines that do not follow."""
        return tuple([line for line in self.lines if line.state == "wrong"])

    @property
    def gaps(self) -> tuple[ReplayedLine, ...]:
        """Lines that no row reaches."""
        return tuple([line for line in self.lines if line.state == "gap"])

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules by which lines were rebuilt, each once."""
        return tuple(dict.fromkeys(line.rule for line in self.lines if line.state == "replayed" and line.rule))

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        count = sum(line.state == "replayed" for line in self.lines)
        first = f"{count} of {len(self.lines)} lines rebuilt from {len(self.rules)} rules"
        wrong = [f"does not follow: {line}" for line in self.wrong]
        return "\n".join([first, *wrong, *(f"not rebuilt: {line}" for line in self.gaps)])

    def require(self) -> ReplayReport:
        """The report itself. Raises ``ReplayError`` naming the first line that was not rebuilt."""
        for line in (*self.wrong, *self.gaps):
            raise ReplayError(f"this derivation does not replay: {line}", hint="this is a defect in matcalc; please report it")
        return self
