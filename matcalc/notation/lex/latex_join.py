r"""Names and exponents: ``W_1``, ``x^{(l)}``, ``X^\top``, ``e^{x}``, ``\log\det``, ``\max_i``."""

from __future__ import annotations

from functools import cached_property

from matcalc.expr.errors import ParseError
from matcalc.notation.lex import macros
from matcalc.notation.lex.habits import LABEL_INDEX
from matcalc.notation.lex.latex_layout import SIGNS
from matcalc.notation.lex.latex_names import SCRIPTS, Names, defined, names_of, separates
from matcalc.notation.lex.syntax import LETTERS, Token

_token = tuple.__new__  # a third of the time of Token(…)
_LABEL_PARTS = frozenset(("name", "num"))
_MARKS = ("*", "star", "+", "-")  # below a letter, of another name


def join(tokens: list[Token], names: Names, source: str) -> list[Token]:
    """The tokens with declared and labelled names in one piece and with exponents understood."""
    return _Joiner(_increments(_numbered(tokens), names), names, source).run()


def _increments(tokens: list[Token], names: Names) -> list[Token]:
    r"""``\Delta x`` is one name where Δ is nothing by itself; in ``U \Delta V^T`` it is a factor."""
    if "Delta" not in [t.text for t in tokens]:
        return tokens
    places = [i for i, t in enumerate(tokens) if t.text == "Delta"]
    if "Delta" in names.declared or places[-1] + 1 == len(tokens):
        return tokens
    for i in places:
        after, before = tokens[i + 1], tokens[i - 1] if i else None
        factor = before is not None and not (before.kind in ("open", "cmd", "line", "words") or before.text in SIGNS)
        if after.kind != "name" or (factor and after.text[0].isupper()):
            return tokens
    taken = {i + 1 for i in places}
    joined = {i: t._replace(text=f"Delta{tokens[i + 1].text}", end=tokens[i + 1].end, mark=tokens[i + 1].mark)
              for i, t in enumerate(tokens) if t.text == "Delta"}  # fmt: skip
    return [joined.get(i, t) for i, t in enumerate(tokens) if i not in taken]


def _numbered(tokens: list[Token]) -> list[Token]:
    """``W1`` is a name, as in plain notation: nobody multiplies by a number from the right without a sign. Labels stay apart."""
    if not any(
        t.kind == "num" and t.start == tokens[i - 1].end and tokens[i - 1].kind == "name" for i, t in enumerate(tokens) if i
    ):
        return tokens
    out: list[Token] = []
    labels: list[bool] = []  # of each open brace, whether it holds a label
    for t in tokens:
        if t.kind == "open" and t.text == "{":
            labels.append(bool(out) and out[-1].text == "_")
        elif t.kind == "close" and t.text == "}":
            labels.pop()
        last = out[-1] if out else t
        letter = last.kind == "name" and len(last.text) == 1 and last.text.isascii()
        if t.kind == "num" and t.text.isdigit() and letter and t.start == last.end and not any(labels):
            out[-1] = last._replace(text=last.text + t.text, end=t.end)
        else:
            out.append(t)
    return out


def _partners(tokens: list[Token]) -> dict[int, int]:
    """Opening to closing braces."""
    partner, stack = {}, []
    for i, t in enumerate(tokens):
        if t.text == "{" and t.kind == "open":
            stack.append(i)
        elif t.text == "}" and t.kind == "close":
            partner[stack.pop()] = i
    return partner


def _spelled(power: Token, sign: Token) -> str:
    """The mark of a transpose: whether it is written as a power T."""
    return "^" if sign.text == "T" and power.end > power.start else ""


class _Joiner:
    def __init__(self, tokens: list[Token], names: Names, source: str) -> None:
        self.tokens = tokens
        self.source = source
        self.out: list[Token] = []
        self.partner = _partners(tokens)
        self.recast: set[int] = set()  # closing braces that become parentheses
        self.limits: set[int] = set()  # scripts of big operators
        self.names = names_of((*names.names, *new)) if (new := defined(self.tokens, self.partner, names)) else names

    def run(self) -> list[Token]:
        tokens, out, names, i = self.tokens, self.out, self.names, 0
        n, declared, heads = len(tokens), names.declared, names.heads
        while i < n:
            t = tokens[i]
            kind, text = t.kind, t.text
            if kind == "name":
                if text in heads or declared.get(text, text) != text or (i + 1 < n and self.scripted(i)):
                    i = self.name(i)
                    continue
            elif kind == "op" and text == "^":
                i = self.power(i)
                continue
            elif kind == "fn" or (kind == "open" and text in heads):
                i = self.function(i)
                continue
            elif kind in ("cmd", "words"):
                t = self.command(i)
            elif i in self.recast:
                t = t._replace(text=")")
            out.append(t)
            i += 1
        return out

    def scripted(self, i: int) -> bool:
        """Can what follows the name at ``i`` be part of it, or make it a function?"""
        text = self.tokens[i + 1].text
        if text == "^":
            label = self.tokens[i + 3].kind in ("open", "op") or bool(self.names.compact)
            return label or self.tokens[i].text == "e"
        return text == "_"

    def at(self, i: int, kind: str, *texts: str) -> bool:
        return i < len(self.tokens) and self.tokens[i].kind == kind and self.tokens[i].text in texts

    def fail(self, message: str, start: int, end: int, hint: str) -> ParseError:
        return ParseError(message, span=(start, end), source=self.source, hint=hint)

    # -- what the whole formula says about names ---------------------------------------------------------

    @cached_property
    def bound(self) -> frozenset[str]:
        r"""Names in the ranges of ``\sum_i`` and its like."""
        found: set[str] = set()
        for i, t in enumerate(self.tokens):
            if t.text in macros.BIG_OPERATORS and self.at(i + 1, "op", "_"):
                inner = self.tokens[i + 3 : self.partner[i + 2]]
                end = next((k for k, x in enumerate(inner) if x.text in ("=", "in")), len(inner))
                found.update(x.text for x in inner[:end] if x.kind == "name")
        return frozenset(found)

    @cached_property
    def alone(self) -> frozenset[str]:
        """Names that stand somewhere without a script."""
        last = len(self.tokens) - 1
        return frozenset(
            t.text for i, t in enumerate(self.tokens) if t.kind == "name" and not (i < last and self.at(i + 1, "op", *SCRIPTS))
        )

    @cached_property
    def has_minus(self) -> bool:
        """Is there an ``x^-``, as beside the ``x^+`` of a filter?"""
        places = [i for i, t in enumerate(self.tokens) if t[:2] == ("op", "-")]
        return any(self.at(i - 2, "op", "^") and self.at(i + 1, "close", "}") for i in places)

    @cached_property
    def t_is_a_value(self) -> bool:
        """Is there a ``t`` that is not the whole of an exponent?"""
        if "t" in self.names.declared or "t" in self.bound:
            return True
        places = [i for i, t in enumerate(self.tokens) if t.text == "t" and t.kind == "name"]
        return not all(self.at(i - 2, "op", "^") and self.at(i + 1, "close", "}") for i in places)

    # -- names -------------------------------------------------------------------------------------------

    def emit(self, i: int, end: int, text: str, kind: str = "name") -> int:
        """``tokens[i:end]`` as one token."""
        t = self.tokens[i]
        self.out.append(_token(Token, (kind, text, t.start, self.tokens[end - 1].end, t.space, t.mark)))
        return end

    def name(self, i: int) -> int:
        """A declared name, the longest possible, or a letter with its labels; returns where to go on."""
        end, text = self.names.match(self.tokens, i)
        declared = end > i
        if not declared:
            end, text = i + 1, self.tokens[i].text
            if text == "e" and self.at(end, "op", "^") and self.exponential(i):
                return i + 3
            if text == "e" and self.tokens[i].mark == "bold" and self.unit_vectors:
                return self.emit(i, end, "evec")
        if self.at(end, "op", *SCRIPTS) and text not in macros.UNGLUED:
            return self.labelled(i, end, text, declared)
        return self.emit(i, end, text)

    @cached_property
    def unit_vectors(self) -> bool:
        r"""Whether each e with a subscript is bold and has a number there, ``\mathbf{e}_1``, and none is defined."""
        every = [
            k + 1 for k, t in enumerate(self.tokens) if t[:2] == ("name", "e") and (t.mark == "bold" or self.at(k + 1, "op", "_"))
        ]
        return all(
            self.tokens[k - 1].mark == "bold" and self.at(k, "op", "_") and self.partner[k + 1] == k + 3
            and self.tokens[k + 2].text.strip("0").isdigit() and not self.at(k + 4, "op", "=") for k in every
        )  # fmt: skip

    def exponential(self, i: int) -> bool:
        """``e^{…}`` as ``exp(…)``, unless the exponent is a mark or a label."""
        t, power, brace = self.tokens[i : i + 3]
        close = self.partner[i + 2]
        inner = self.tokens[i + 3 : close]
        if len(inner) == 1 and (inner[0].kind == "op" or inner[0].text in ("T", "top", "dagger")):
            return False
        if self.at(i + 3, "op", ".*", "'") or [x.kind for x in inner] in (["open", "num", "close"], ["open", "name", "close"]):
            return False
        self.out += [t._replace(kind="fn", text="exp", mark="e"), Token("open", "(", power.start, brace.end)]
        self.recast.add(close)
        return True

    def labelled(self, i: int, j: int, text: str, declared: bool) -> int:
        """The name ``tokens[i:j]``, with the labels that follow glued to it."""
        tokens = self.tokens
        while self.at(j, "op", *SCRIPTS):
            close = self.partner[j + 1]
            if tokens[j].text == "_":
                label = self.label(j + 2, close)
                if not label and self.superscript(close + 1):
                    self.swap(j, close + 1)
                    continue
                if not label or (declared and label.isdigit()):
                    break
                if (text, label) in macros.SUBSCRIPTED and self.applied(close + 1):
                    return self.emit(i, close + 1, macros.SUBSCRIPTED[text, label], "fn")
            else:
                label = self.superscript(j) or self.superscript_of(text, j)
                if label and self.ends_transposed(j):
                    self.emit(i, close, f"{text}^{label}")
                    return self.emit(close - 1, close + 1, "T", "T")
                if not label:
                    break
            text = self.names.alias(f"{text}{tokens[j].text}{label}")
            declared, j = False, close + 1
        return self.emit(i, j, text)

    def applied(self, i: int) -> bool:
        return self.at(i, "open", "(", "[", "\\{") or (
            i < len(self.tokens) and self.tokens[i].kind == "name" and self.tokens[i].text.isupper()
        )

    def label(self, start: int, stop: int) -> str:
        """A subscript that is part of the name, as text; empty if it is an index."""
        inner = self.tokens[start:stop]
        if len(inner) == 1 and inner[0].kind == "words":
            return inner[0].text.replace(" ", "-")
        if len(inner) == 1 and (inner[0].kind == "fn" or inner[0].text in _MARKS):
            base = self.tokens[start - 3].text
            positive_part = inner[0].text == "+" and (base in self.alone or base in self.names.declared)
            return "" if positive_part else inner[0].text
        if self.is_pair(inner):  # p_{j|i}, an entry of a matrix
            self.tokens[start + 1] = inner[1]._replace(text=",")
            return ""
        if any(t.kind == "op" and t.text == "|" for t in inner):  # P_{k|k-1}
            return "".join(t.text for t in inner) if all(t.kind in _LABEL_PARTS or t.text in "|+-" for t in inner) else ""
        if any(t.kind not in _LABEL_PARTS for t in inner):
            return ""
        letters = [t.text for t in inner if t.kind == "name"]
        if letters and all(c in LABEL_INDEX or c in self.bound for c in letters):
            return ""
        return "".join(t.text for t in inner)

    def is_pair(self, inner: list[Token]) -> bool:
        """Whether two letters with a bar between are indices: both stand in ranges of sums, or one below a name alone."""
        if [t.kind + t.text[:1] * (t.kind == "op") for t in inner] != ["name", "op|", "name"]:
            return False
        one, other = inner[0].text, inner[2].text
        return one != other and not self.bound.isdisjoint((one, other)) and {one, other} <= self.bound | self.below

    @cached_property
    def below(self) -> frozenset[str]:
        """Letters that stand alone below a name."""
        tokens, last = self.tokens, len(self.tokens) - 2
        places = [i for i, t in enumerate(tokens) if i and t.text == "_" and tokens[i - 1].kind == "name" and i < last]
        return frozenset(tokens[i + 2].text for i in places if self.partner.get(i + 1) == i + 3)

    def superscript(self, j: int) -> str:
        """The label ``(l)`` or ``[l]`` that the exponent at ``j`` is, a transposition sign after it aside."""
        if not self.at(j, "op", "^"):
            return ""
        if self.at(j + 2, "op", "star", "-", "+") and self.at(j + 3, "close", "}"):
            mark, after = self.tokens[j + 2].text, self.tokens[j + 4 : j + 5]
            if after and after[0].kind == "num" and not after[0].space:  # X^-1
                return ""
            return mark if mark != "+" or self.has_minus else ""  # A^+ alone is a pseudo-inverse
        if not self.at(j + 2, "open", "(", "["):
            return ""
        close = self.partner[j + 1] - self.ends_transposed(j)
        inner = self.tokens[j + 2 : close]
        if inner[-1].kind != "close" or len(inner) < 3:
            return ""
        simple = all(t.kind in _LABEL_PARTS or (t.kind == "op" and t.text in "+-,") for t in inner[1:-1])
        return "".join(t.text for t in inner) if simple else ""

    def ends_transposed(self, j: int) -> bool:
        close = self.partner[j + 1]
        return close - j > 3 and self.is_transpose(self.tokens[close - 1 : close], letter=False)

    def superscript_of(self, text: str, j: int) -> str:
        """The exponent at ``j`` where it makes a declared name of ``text``: ``W^Q`` for ``WQ``."""
        inner = self.tokens[j + 2 : self.partner[j + 1]]
        if any(t.kind != "name" for t in inner) or self.is_transpose(inner):
            return ""
        label = "".join(t.text for t in inner)
        return label if text + label in self.names.compact else ""

    def swap(self, j: int, k: int) -> None:
        """``a_j^{(l)}`` as ``a^{(l)}_j``: the script at ``j`` and the one at ``k`` after it change places."""
        stop = self.partner[k + 1] + 1
        self.tokens[j:stop] = self.tokens[k:stop] + self.tokens[j:k]
        self.partner.update((a + j, b + j) for a, b in _partners(self.tokens[j:stop]).items())

    # -- exponents, functions, commands ------------------------------------------------------------------

    def is_transpose(self, inner: list[Token], letter: bool = True) -> bool:
        if len(inner) != 1 or inner[0].kind not in ("name", "cmd"):
            return False
        text = inner[0].text
        return text in ("T", "top") or (letter and text == "t" and not self.t_is_a_value)

    def power(self, i: int) -> int:
        r"""``^{\top}``, ``^{-T}``, ``^{\circ 2}``, ``^{\prime}`` and true exponents."""
        power, brace, close = self.tokens[i], self.tokens[i + 1], self.partner[i + 1]
        end, first, out = self.tokens[close].end, self.tokens[i + 2], self.out
        inner = self.tokens[i + 2 : close]
        if i in self.limits:
            out += [power, brace]
            return i + 2
        if self.is_transpose(inner):
            out.append(Token("T", "T", power.start, end, power.space, _spelled(power, first)))
            return close + 1
        if first.kind == "op" and first.text == "-" and self.is_transpose(inner[1:], letter=False):
            sign = inner[1]
            one = Token("num", "1", sign.start, sign.start)
            out += [power, brace, first, one, Token("close", "}", sign.start, sign.start)]
            out.append(Token("T", "T", sign.start, end, False, _spelled(power, sign)))
            return close + 1
        if all(t.kind == "op" and t.text == "'" for t in inner):
            out += inner
            return close + 1
        if first.kind == "op" and first.text == ".*" and len(inner) > 1:
            out += [power._replace(text=".^"), brace]
            return i + 3
        if len(inner) == 1 and first.kind == "op" and first.text == "-":
            message, hint = "TeX takes only the minus sign as exponent", "write ^{-1}, with braces"
            raise self.fail(message, power.start, end, hint)
        out += [power, brace]
        return i + 2

    def function(self, i: int) -> int:
        """A function, unless a declared name begins with it."""
        end, text = self.names.match(self.tokens, i)
        if end > i:
            return self.labelled(i, end, text, True)
        kind, text, end = self.tokens[i].kind, self.tokens[i].text, i + 1
        subscripted = self.at(end, "op", "_") and self.at(self.partner[end + 1] + 1, "open", "(") and macros.takes_parameter(text)
        if macros.needs_brackets(text) and not (subscripted or self.at(end, "open", "(")):
            return self.labelled(i, end, text, False)
        if text == "log" and self.at(end, "fn", "det"):
            text, end = "logdet", end + 1
        elif text == "log" and (joint := self.logarithm_of(end)):
            text, end = joint, end + 1
        elif text == "arg" and self.at(end, "fn", "max", "min"):
            text, end = "arg" + self.tokens[end].text, end + 1
        elif text in macros.BIG_OPERATORS and self.at(end, "op", "_"):
            self.tokens[i] = self.tokens[i]._replace(mark=LETTERS * (text in ("sum", "prod")))
            kind = "cmd"
            self.note_limits(end)
        julia = self.at(end, "op", ".") and end + 1 < len(self.tokens) and self.tokens[end + 1].kind == "open"
        self.emit(i, end, text + "." if julia and kind == "fn" else text, kind)  # the dot says: of each entry
        return end + 1 if julia else end

    def logarithm_of(self, i: int) -> str:
        r"""The function that ``\log`` and the function at ``i`` are together: ``\log\Gamma(x)``, ``\log\mathrm{softmax}(x)``."""
        if not self.at(i + 1, "open", "(", "["):
            return ""
        if self.at(i, "fn", "softmax"):
            return "logsoftmax"
        if not self.at(i, "name", "Gamma") or "Gamma" in self.names.declared:
            return ""
        defined = any(t.text == "Gamma" and (not k or separates(self.tokens[k - 1])) for k, t in enumerate(self.tokens))
        return "" if defined else "lgamma"

    def command(self, i: int) -> Token:
        t = self.tokens[i]
        if t.kind == "words":
            return t._replace(kind="cmd", text="words", mark=t.text)
        if t.text == "top":
            raise self.fail("a transposition sign that is no exponent", t.start, t.end, r"write X^\top")
        if t.text in macros.BIG_OPERATORS:
            self.note_limits(i + 1)
        return t

    def note_limits(self, j: int) -> None:
        """The scripts from ``j`` on are the range of a big operator."""
        while self.at(j, "op", *SCRIPTS):
            self.limits.add(j)
            j = self.partner[j + 1] + 1
