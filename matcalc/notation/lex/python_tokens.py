"""Python spellings among the tokens of the plain notation: ``np.sum`` is one token, ``True`` a constant."""

from __future__ import annotations

from collections.abc import Collection
from itertools import pairwise

from matcalc.expr.errors import AmbiguityError, ParseError, instead
from matcalc.expr.formulas import NAMES
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex.habits import COUNTS
from matcalc.notation.lex.python_names import (
    ATTRIBUTES,
    CLASS_LOSSES,
    CONSTANTS,
    DIFFERENT,
    FUNCTIONAL,
    FUNCTIONS,
    LOSSES,
    METHODS,
    MODULES,
    ONLY_METHODS,
    ROOTS,
    SIGNS,
)
from matcalc.notation.lex.python_names import SYMPY as PREFIXES
from matcalc.notation.lex.syntax import Token

WORDS = ("True", "False", "None")
ASSIGNED = ("+", "-", "*", "/")
SYMPY = frozenset(
    ("Trace", "Inverse", "Determinant", "Transpose", "MatMul", "HadamardProduct", "Matrix")
)  # where ** is a power of matrices
OF_R = frozenset(("rowSums", "colSums", "rowMeans", "colMeans", "crossprod", "tcrossprod"))  # R's alone
ARROW = "<-"  # the mark of R's assignment
TRACES = SYMPY | OF_R | {"@", "=", "return", "len", *WORDS}  # without these, attributes and marks a text is no program
NUMPY = frozenset(("numpy", "linalg", "special"))  # families of modules that are not PyTorch's


def joined(tokens: list[Token], declared: Collection[str]) -> tuple[list[Token], str, str]:
    """The tokens with module prefixes taken in, what ``*`` is in this text, and the first sign or name that only NumPy has.

    ``np*`` where it is Python: ``@``, a prefix, a method, an attribute or a word of its own; ``np*@`` where ``@`` stands
    or ``.dot`` stands beside one of the others, so that the text has a sign of its own for the matrix product; else ``""``. Raises
    ``ParseError`` for a function of a known module that is not read.
    """
    if not any([t.kind == "attr" or t.mark or t.text in TRACES for t in tokens]):
        return tokens, "", ""
    values = {t.text for t, after in pairwise(tokens) if t.kind == "name" and after[:2] == ("op", "=")}.union(declared)
    tokens = _in_numpys_signs(_without_prefix(tokens, values), values)
    out: list[Token] = []
    code, at_sign = _is_r(tokens) and not any(t[:2] == ("op", "@") for t in tokens), False
    first = ""
    families = set[str]()
    i = 0
    while i < len(tokens):
        t = tokens[i]
        i += 1
        at_sign = at_sign or t[:2] == ("op", "@") or (t.kind == "attr" and SIGNS.get(t.text) == "np@")
        first = first or only_in_numpy(t)
        if t.kind == "attr":
            code = True
            _refuse_unknown(t, tokens[i])
        elif t.kind == "op" and t.text in ASSIGNED and tokens[i][:3] == ("op", "=", t.end):
            raise ParseError(f"'{t.text}=' is read after a name only", span=(t.start, t.end + 1),
                             hint=f"give the whole a new value: x = x {t.text} …")  # fmt: skip
        if t.kind != "name" or t.text in values:
            out.append(t)
        elif t.text == "return" and (not out or out[-1].text == ";"):
            code = True
        elif t.text in WORDS:
            code = True
            out.append(t._replace(kind="string", text=f"'{t.text}'"))
        elif t.text == "len" and tokens[i].text == "(":
            code = True
            out.append(t._replace(kind="np", text="numpy.len"))
        elif t.text in ROOTS and tokens[i].kind == "attr" and (found := _function(tokens, i - 1)) is not None:
            (token, i), first = found, first or f"{t.text}."
            out.append(token)
            families.add(token.text.partition(".")[0] if token.kind == "np" else "numpy")
        else:
            out.append(t)
    if families and families <= NUMPY:
        out = [t._replace(text=f"numpy.{t.text}") if t.kind == "attr" and t.text in ("var", "std") else t for t in out]
    sign = "np*" if at_sign or code or families else ""
    return out, "np*@" if at_sign and (code or families) else sign, first


def _without_prefix(tokens: list[Token], values: Collection[str]) -> list[Token]:
    """``sym.Matrix(…)`` as ``Matrix(…)``."""
    if PREFIXES.isdisjoint([t.text for t in tokens]):
        return tokens
    out: list[Token] = []
    for t, after in zip(tokens, [*tokens[1:], tokens[-1]], strict=True):
        if t.kind == "attr" and after.text == "(" and out and out[-1].text in PREFIXES and out[-1].text not in values:
            prefix = out.pop()
            t = t._replace(kind="name", start=prefix.start, space=prefix.space)
        out.append(t)
    return out


def arrows(tokens: list[Token]) -> list[Token]:
    """``x <- A %*% b`` of R as ``x = A %*% b``."""
    if "<" not in [t.text for t in tokens]:
        return tokens
    out: list[Token] = []
    for t in tokens:
        if t[:2] == ("op", "-") and [x.text for x in out[-1:]] == ["<"] and out[-1].end == t.start and _begins(out[:-1]):
            out[-1] = out[-1]._replace(text="=", end=t.end, mark=ARROW)
        else:
            out.append(t)
    return out


def _begins(before: list[Token]) -> bool:
    """Whether a name alone stands in the statement so far."""
    return bool(before) and before[-1].kind == "name" and (len(before) == 1 or before[-2][:2] == ("op", ";"))


def _is_r(tokens: list[Token]) -> bool:
    """Whether the text is R's: ``<-``, ``%*%``, or a function that only R has."""
    return any(t.mark == ARROW or t.text in OF_R or (t[:2] == ("op", "@") and t.end - t.start > 1) for t in tokens)


def _refuse_identity(tokens: list[Token], known: Collection[str]) -> None:
    """``diag(p)`` of R: of a number p the identity, of a vector a diagonal matrix. Raises ``AmbiguityError``."""
    for t, opener, p, closer in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        if (t.text, opener.text, closer.text) == ("diag", "(", ")") and p.text in COUNTS and p.text not in known:
            raise AmbiguityError(
                f"'diag({p.text})' has two readings in R: the identity of size {p.text}, or the diagonal matrix of a vector",
                span=(t.start, closer.end), hint=f"write eye({p.text}) for the identity, or declare the vector: --dim {p.text}=n",
                ways=[instead((t.start, closer.end), f"eye({p.text})"), {"dims": {p.text: ("n",)}}],
            )  # fmt: skip


def _in_numpys_signs(tokens: list[Token], known: Collection[str]) -> list[Token]:
    """``**`` of SymPy is a power of matrices; in R, which writes ``%*%``, ``^`` is of each entry, and ``t(X)`` the transpose."""
    signs = {t.text for t in tokens}
    of_r = _is_r(tokens)
    if not of_r and SYMPY.isdisjoint(signs):
        return tokens
    calls = {t.text for t, after in pairwise(tokens) if t.kind == "name" and after.text == "("}
    if not SYMPY.isdisjoint(calls):
        return [t._replace(text="^") if t[:2] == ("op", ".^") and t.end - t.start == len("**") else t for t in tokens]
    if of_r:
        _refuse_identity(tokens, known)
        tokens = [t._replace(text=".^") if t[:2] == ("op", "^") else t for t in tokens]
        if "t" in calls:
            turned = [t[:2] == ("name", "t") and after.text == "(" for t, after in pairwise(tokens)]
            tokens = [
                t._replace(kind="np", text="numpy.transpose") if r else t for t, r in zip(tokens, [*turned, False], strict=True)
            ]
    return tokens


def only_in_numpy(t: Token) -> str:
    return f".{t.text}" if t.kind == "attr" else "@" if t[:2] == ("op", "@") else t.mark if t.mark in (".T", "**") else ""


def _refuse_unknown(t: Token, after: Token) -> None:
    """What follows a dot and is neither a method nor an attribute that is read. Raises ``ParseError``."""
    name = t.text
    if name in ATTRIBUTES or (name == "size" and after.text != "("):
        return
    if after.text != "(":
        raise ParseError(f"unexpected '.{name}': it is no attribute that is read", span=t.span,
                         hint=f"for a method write .{name}(); .T, .shape[0] and .size are read")  # fmt: skip
    if name not in METHODS and not (name in CALLS or name in SYNONYMS or name in NAMES):
        import difflib

        near = difflib.get_close_matches(name, [*METHODS, *CALLS], 1, 0.7)
        raise ParseError(f"unexpected '.{name}': it is no method that is read", span=t.span,
                         hint=f"did you mean .{near[0]}()?" if near else "write it as a formula")  # fmt: skip


def _function(tokens: list[Token], i: int) -> tuple[Token, int] | None:
    """The function with its prefix that begins here, and where it ends; ``None`` if the letter is a matrix."""
    first, path, i = tokens[i], tokens[i].text, i + 1
    while tokens[i + 1].kind == "attr" and f"{path}.{tokens[i].text}" in MODULES:
        path, i = f"{path}.{tokens[i].text}", i + 1
    name, family = tokens[i], MODULES.get(path, "")
    shown = f"{path}.{name.text}"
    if path == "F" and not _is_module(tokens, i):
        return None
    if name.text in CONSTANTS and family == "numpy":
        kind, text = ("string", "'None'") if name.text == "newaxis" else ("name", CONSTANTS[name.text])
        return Token(kind, text, first.start, name.end, first.space), i + 1
    if not family or name.text not in FUNCTIONS or name.text in ONLY_METHODS or (family, name.text) in DIFFERENT:
        raise _unknown(shown, (name.start + 1, name.end), name.text)
    if tokens[i + 1].text != "(":
        raise ParseError(f"'{shown}' is a function, and needs an argument", span=(first.start, name.end), hint=f"write {shown}(x)")
    return Token("np", f"{family}.{name.text}", first.start, name.end, first.space), i + 1


def _is_module(tokens: list[Token], i: int) -> bool:
    """Whether F in ``F.relu(x)`` is a module: in ``F.sum()``, ``F.dot(x)`` and ``F.softmax(dim=0)`` it is an array."""
    argument, after = tokens[min(i + 2, len(tokens) - 1)], tokens[min(i + 3, len(tokens) - 1)]
    name = tokens[i].text
    known = name in FUNCTIONAL or name not in FUNCTIONS
    return (
        known
        and tokens[i + 1].text == "("
        and argument.text != ")"
        and (after.text != "=" or name in LOSSES or name in CLASS_LOSSES)
    )


def _unknown(shown: str, span: tuple[int, int], name: str) -> ParseError:
    import difflib

    near = difflib.get_close_matches(name, FUNCTIONS - ONLY_METHODS, 1, 0.75)
    hint = "see the notation page for the functions of NumPy and PyTorch that are read"
    if near:
        hint = f"did you mean {shown[: -len(name)]}{near[0]}? " + hint
    elif name in CALLS or name in SYNONYMS or name in NAMES:
        hint = f"matcalc has a function {name} of its own, without a prefix: compare what it means; " + hint
    return ParseError(f"'{shown}' is not among the functions that are read with a prefix", span=span, hint=hint)
