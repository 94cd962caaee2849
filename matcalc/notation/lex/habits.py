"""The one table of conventions: what a letter is where nothing else says it, and which letters are given to what has none."""

from __future__ import annotations

from collections.abc import Mapping

# ---- What a letter stands for
FUNCTION_LETTERS = frozenset(("f", "g", "h", "sigma", "phi", "psi", "varphi"))  # before brackets, where they are no known values
GENERIC = FUNCTION_LETTERS - {"sigma"}  # functions of which nothing is known; σ is the sigmoid
SCALAR_LETTERS = frozenset("nmkdNC")
VECTORS = frozenset("abcpqrsuvwxyzgh")  # two of them before a transpose are a product: xy'
SCALAR_GREEK = frozenset(str.split("""
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau upsilon phi
    varphi chi psi omega eps ell
"""))  # fmt: skip
MATRIX_GREEK = frozenset(str.split("Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"))
PI = frozenset(("pi", "π"))
NUMBERS = PI | {"e"}
NORMAL = frozenset(("Phi", "phi", "varphi"))  # of the normal distribution: its distribution function, its density
DENSITIES = frozenset("pqPQ")
PROJECTIONS = frozenset(("P", "Pi"))  # with a capital letter below
TIME = frozenset(("t", "tau"))  # beside a matrix in an exponential: a number
STEPS = frozenset(("t", "tau", "k"))  # below names: beside x_{t-1} one step, none of the entries
COUNTS = frozenset("nmkdpqNKD")  # in programs, where they stand for how many there are
RANKS = frozenset("kKr")  # sizes that are small beside the others: of ranks, clusters, classes
SAMPLES = frozenset(("X", "Phi"))  # matrices of which each row is a sample
LOSSES = frozenset(("L", "J", "E", "ell", "loss", "cost"))  # on the left of =: numbers
CONSTANTS = frozenset(("const", "constant"))  # + const: one name
DEGREES = frozenset("pq")  # the p of a norm is a number
SPACES = frozenset("HL")  # below a norm: of functions
OF_MARGINS = frozenset(("exp", "sigmoid", "sigma", "softplus", "logsigmoid", "relu", "max"))  # of y w'x: functions in losses
DATA = frozenset("xyzp")  # parameters of functions of each entry that are alike; others, as bounds and thresholds, may be numbers

# ---- Letters that are indices
LABEL_INDEX = "ijklmnpqrst"  # when they stand below
CLASS_LETTERS = frozenset("yoct")  # below a name that has entries they say which one; other letters need more evidence
ENTRY_INDEX = frozenset("ijklmnt")  # alone in brackets behind a name
SAMPLE_INDEX = "ijkmnt"  # below a name of a sample; not l, for y_w beside y_l are a winner and a loser
SUMMED = frozenset("ijkl")  # what a sum or a minimum runs over where its sign does not say it

# ---- Letters that are given
EINSUM = "ijklmnpqrstuvwxyzabcdefghoABCDEFGHIJKLMNOPQRSTUVWXYZ"  # to the axes of an einsum
ENTRIES = "ijklpqrstuvwmnabcdefghoxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"  # to the axes of what is printed by its entries
SUMS = "klrstuvwabcdefghmnopqxyzABCDEFGHIJKLMNOPQRSTUVWXYZij"  # to what sums run over there; as many as an einsum can have
OUTER, INNER, FURTHER = "klrs", "ijtu", "vwxyz"  # to the axes of the value and of the variable, by entries, and to stacked ones
WEIGHTS = ("v", "g", "q", "omega", "xi")  # to the factors of the terms of a sum
CLASSES = "ckjlm"  # to one of several classes
PROBABILITIES = "pqr"  # to a softmax
LIKELIHOODS = "LJF"  # to the logarithm of a density
UNFOLDED = "qrstuvwpabcghk"  # to what the lines of an unfolded rule name, where the letter of its row is taken
SIZES = ("n", "m", "k", "p", "q", "r", "l", "d", "t", "v", "w")

# ---- What each kind of a letter costs, in tenths
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
NO_LETTER: Costs = {S: 0, C: 6000, M: 12000}  # π is a number, however often, unless a sign leaves no other way: π @ r, πᵀ

BY_LETTER: dict[str, Costs] = {
    "N": {S: 0, M: 16, C: 30},
    "C": {M: 0, S: 13, C: 30},
    **{letter: {C: 0, S: 12, M: 60} for letter in "abcpqrs"},
    **{letter: {S: 0, C: 15, M: 60} for letter in "nmkdijl"},
    "pi": {S: 0, C: 60, M: 120},
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
ROW = 10  # more than as a column, where another name is declared as a row: a bias beside h W
LABEL = 22  # a vector before an inner product in a function of margins, log(1 + exp(-y w'x)): y is a label
OUTPUT = 10  # an output that is no scalar, where nobody said which derivative
BY_SIZE = frozenset(("I", "1vec", "0vec", "evec"))  # constants whose subscript says how large they are, or which


# What a name of one letter is by the table of conventions; letters with labels


def base_of(text: str) -> str:
    return text.partition("_")[0].partition("^")[0]


def is_letter(name: str) -> bool:
    """Whether a name is one letter, perhaps with a label: λ, x_1."""
    base = base_of(name)
    return len(base) == 1 or base in SCALAR_GREEK or base in MATRIX_GREEK or base == "pi"


def is_increment(text: str) -> bool:
    """Whether a name is a letter behind Δ."""
    return text.startswith("Delta") and is_letter(text.removeprefix("Delta") or "--")
