"""Mathematica among the tokens of the plain notation: ``Tr[A.X.B]``, ``x.A.x``, ``Norm[A.x - b]^2``.

A dot is the product of arrays, as ``@`` is in NumPy: of two vectors the inner product; ``*`` and powers are of each entry.
"""

from __future__ import annotations

from itertools import pairwise

from matcalc.notation.lex.syntax import Token

# Functions with square brackets, and what the tool calls them; ``||`` is a norm, which of a matrix is said with a notice.
HEADS = {
    **{"Tr": "tr", "Det": "det", "Inverse": "inv", "Transpose": "transpose", "PseudoInverse": "pinv", "MatrixExp": "expm"},
    **{"MatrixLog": "logm", "KroneckerProduct": "kron", "Total": "sum", "Norm": "||", "Dot": "dot", "Cross": "cross"},
    **{"Log": "log", "Exp": "exp", "Sqrt": "sqrt", "Sin": "sin", "Cos": "cos", "Tan": "tan", "Sinh": "sinh", "Cosh": "cosh"},
    **{"Tanh": "tanh", "ArcSin": "arcsin", "ArcCos": "arccos", "ArcTan": "arctan", "Abs": "abs", "Sign": "sign", "Erf": "erf"},
    **{"LogisticSigmoid": "sigmoid", "Ramp": "relu", "UnitStep": "step", "Max": "max", "Min": "min", "LogGamma": "lgamma"},
}

NUMPY = ("transpose", "dot")  # read as NumPy's
CLOSERS = {"||": "||", "(": ")"}


def is_mathematica(tokens: list[Token]) -> bool:
    """Whether a head stands before a square bracket, or dots join nothing but names."""
    if any(
        t.kind in ("name", "attr") and t.text in HEADS and after.text == "[" and not after.space for t, after in pairwise(tokens)
    ):
        return True
    dotted = [(t, after) for t, after in pairwise(tokens) if t.kind == "attr"]
    names = all(len(t.text) == 1 and t.text != "T" and after.text not in ("(", "[") for t, after in dotted)
    return bool(dotted) and names and not any(t.text == "@" or t.kind == "np" for t in tokens)


def translated(tokens: list[Token]) -> list[Token]:
    """The tokens as the other notations have them."""
    out: list[Token] = []
    closers: list[str] = []  # of each open bracket, what closes it
    head = ""  # of the bracket that comes next
    for t, after in pairwise(tokens):
        if t.kind == "attr":
            out.append(Token("op", "@", t.start, t.start + 1))
            t = Token("name", t.text, t.start + 1, t.end)
        if t.kind == "name" and t.text in HEADS and after.text == "[":
            head = HEADS[t.text]
            if head != "||":
                out.append(t._replace(kind="np", text=f"numpy.{head}") if head in NUMPY else t._replace(kind="fn", text=head))
        elif t.kind == "open":
            if t.text == "(" and out and out[-1].end == t.start - 1 and not t.space:
                out.append(Token("op", "@", t.start - 1, t.start))  # A.(x + y)
            opener = "||" if head == "||" else "(" if head else t.text
            closers.append(CLOSERS.get(opener, ""))
            out.append(t._replace(text=opener))
            head = ""
        elif t.kind == "close":
            out.append(t._replace(text=(closers.pop() if closers else "") or t.text))
        else:
            out.append(t._replace(text=".^") if t[:2] == ("op", "^") else t)
    return [*out, tokens[-1]]
