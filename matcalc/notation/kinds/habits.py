"""What a letter usually is: the cost of each kind, in tenths. The one table of conventions."""

from __future__ import annotations

from collections.abc import Mapping

S, C, R, M = "scrm"
Costs = Mapping[str, int]

CAPITAL: Costs = {M: 0, S: 28, C: 30}
CAPITAL_GREEK: Costs = {M: 0, S: 30, C: 30}
LOWER: Costs = {C: 0, S: 20, M: 60}
GREEK: Costs = {S: 0, C: 20, M: 60}
BOLD: Costs = {C: 0, M: 60, S: 70}
BOLD_CAPITAL: Costs = {M: 0, C: 25, S: 50}
NUMBER: Costs = {S: 0, C: 60, M: 60}  # p(y|x)
WORD: Costs = {S: 0, C: 8, M: 20}  # alpha_t is a letter; lr, eps, reg are words
BY_LETTER: dict[str, Costs] = {
    "N": {S: 0, M: 16, C: 30},
    "C": {M: 0, S: 13, C: 30},
    **{letter: {C: 0, S: 12, M: 60} for letter in "abcpqrs"},
    **{letter: {S: 0, C: 15, M: 60} for letter in "nmkdijl"},
    "pi": {S: 0, C: 60, M: 120},  # a number, unless a sign leaves no other way: pi @ r
    "e": {S: 0, C: 0, M: 40},
    "t": {C: 0, S: 4, M: 60},
    "ell": {S: 0, C: 15, M: 60},
    "omega": {S: 0, C: 10, M: 60},
    **{letter: {S: 2, C: 8, M: 60} for letter in str.split("mu theta beta phi xi nu varphi vartheta")},
}
# Of x_i, where a sum binds i: one index, or two.
MEMBER: Costs = {S: 0, C: 9, M: 40}
CAPITAL_MEMBER: Costs = {C: 5, M: 7, S: 15}
BOLD_MEMBER: Costs = {C: 0, M: 25, S: 50}
TWO_INDICES: Costs = {S: 0, C: 20, M: 40}
SIBLING = 15  # k_+ of another kind than the k_i
DIGIT, LETTER = -6, -8  # a label makes a scalar likelier: x_1, w_r
TIME = ("t", "tau")  # beside a matrix in an exponential: a number
DEGREES = ("p", "q")  # the p of a norm is a number
OUTPUT = 10  # an output that is no scalar, where nobody said which derivative
