"""The replayer: walks a derivation from its first line to its last and rebuilds each line from the rule rows.

What comes out must be what stands on record: the same normal form, or else the same in exact arithmetic modulo large
primes. It shares with the engine what a rule row is and how it is matched (``algebra.rule``, ``algebra.match``), the ring
laws (``algebra.normal``) and what a line is (``engine.derivation``); the compiler of rows (``algebra.pullbacks``) is asked for
the names of rules, and which operand of max is the number. It does not share how a derivation is found: no sweep, no
compiled row, no index calculus, no text. Remarks beside the lines are left to the numeric check.
"""

from __future__ import annotations

from matcalc.check.replay.outcome import ReplayedLine, ReplayError, ReplayReport
from matcalc.check.replay.replayer import replay

__all__ = ["ReplayError", "ReplayReport", "ReplayedLine", "replay"]
