"""Reading printed equations back: Unicode and LaTeX, derivatives and entries among them, evaluated on arrays.

matcalc's own parser reads what is an expression, with the sizes that are given. Derivatives (∂s/∂z, δ, dX) stand for arrays that
the auditor finds by differences; formulas by entries (Σ_k δ_k W_ki) are read here.
"""

from __future__ import annotations

import itertools
import re
from typing import Any, NamedTuple

import numpy as np

import matcalc

W = r"[^\Wᵀ⁰¹²³⁴⁵⁶⁷⁸⁹]"  # what a name goes on with
N = rf"(?:`[^`]+`|[^\W\d_ᵀ]{W}*)"
PARTIAL = re.compile(rf"∂({N})/∂({N})(?!{W}|\()")
BRACED = r"[^{}]*(?:\{(?:[^{}]|\{[^{}]*\})*\}[^{}]*)*"  # a name in LaTeX, a_{\mathrm{h1}} too
LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Unreadable(Exception):
    """What the reader has no reading for."""


class Labelled(NamedTuple):
    """An array whose axes have index letters."""

    array: Any
    letters: str


def kind_of(shape: tuple[int, ...]) -> str:
    return "s" if shape == (1, 1) else "c" if shape[1] == 1 else "r" if shape[0] == 1 else "m"


class Reader:
    """Names with their symbolic sizes and arrays (as rows × columns), and what derivatives are."""

    def __init__(self, dims: dict[str, tuple[Any, ...]], sizes: dict[str, int], functions: Any) -> None:
        self.dims = dict(dims)
        self.sizes = sizes
        self.functions = functions
        self.arrays: dict[str, Any] = {}
        self.derivative: Any = None  # (a, b) -> (array, kind), by the auditor
        self.aliases: dict[str, Any] = {}  # δ, dX: a name in print -> (array, kind)
        self.parsed: dict[Any, Any] = {}
        self.fitting: dict[Any, tuple[Any, ...]] = {}  # sizes for the I and 𝟏 of a formula that were found before

    # -- whole arrays ------------------------------------------------------------------

    def value(self, text: str, kind: str = "", shape: tuple[Any, ...] = (), latex: bool = False) -> Any:
        """The formula as rows × columns. ``kind`` and ``shape`` say what it is to be, from which I and 𝟏 have their sizes."""
        marked, extra = self.marked(text if latex else plain_of(text), latex)
        try:
            return self.evaluated(marked, extra, kind, shape, latex)
        except Unreadable as error:
            if latex or not re.search("the size of '[I𝟏]' does not follow", str(error)):
                raise
            return self.sized(marked, extra, kind, shape)

    def sized(self, marked: str, extra: Any, kind: str, shape: tuple[Any, ...]) -> Any:
        """The formula with the sizes for I and 𝟏 that fit: a reader finds them in what stands around."""
        signs = list(re.finditer(r"(?<![A-Za-z_])(?:I(?!\w)|𝟏)", marked))
        if not 0 < len(signs) < 6:
            raise Unreadable(f"sizes do not follow: {marked}")
        known: list[Any] = [*sorted(self.sizes), 2, 3]
        alike = [(n,) * len(signs) for n in known]
        before = [found] if (found := self.fitting.get((marked, kind, shape))) else []
        for sizes in itertools.chain(before, alike, itertools.product(known, repeat=len(signs))):
            text, more = marked, dict(extra)
            for m, n in reversed(list(zip(signs, sizes, strict=True))):
                name = f"qqi{LETTERS[len(more)]}"
                array = np.eye(self.size(n)) if m[0] == "I" else np.ones(self.size(n))
                more[name] = (n, n) if m[0] == "I" else (n,), array
                text = f"{text[: m.start()]} {name}{text[m.end() :]}"
            try:
                value = self.evaluated(text, more, kind, shape, False)
            except Unreadable:
                continue
            self.fitting[marked, kind, shape] = sizes
            return value
        raise Unreadable(f"no sizes fit: {marked}")

    def evaluated(self, marked: str, extra: Any, kind: str, shape: tuple[Any, ...], latex: bool) -> Any:
        dims = {**self.dims, **{n: s for n, (s, _) in extra.items()}}
        arrays = {**self.arrays, **{n: a for n, (_, a) in extra.items()}}
        if "eps" in dims:  # one letter in LaTeX
            dims["epsilon"], arrays["epsilon"] = dims["eps"], arrays["eps"]
        if kind:
            zero = "zzz'" if kind == "r" else "zzz"
            zero = zero.replace("'", r"^{\top}") if latex else zero
            dims["zzz"], arrays["zzz"] = shape, np.zeros([self.size(d) for d in shape])
            if latex:
                zero = zero.replace("zzz", r"\mathrm{zzz}")
            marked = f"{marked} + {zero}"
        key = marked, tuple(sorted((k, tuple(v)) for k, v in dims.items() if k in extra or k == "zzz"))
        try:
            if key not in self.parsed:
                self.parsed[key] = matcalc.parse(
                    marked, dims=dims, notation="latex" if latex else "plain", functions=self.functions
                )
            expr = self.parsed[key]
            found = expr.evaluate({n: a for n, a in arrays.items() if n in dims}, functions=self.functions)
        except matcalc.MatcalcError as error:
            raise Unreadable(f"{marked}: {str(error).splitlines()[0]}") from None
        return two_axes(found, expr.node.type.kind)

    def size(self, d: Any) -> int:
        if isinstance(d, int):
            return d
        return int(eval(str(d).replace("·", "*"), {"__builtins__": {}}, dict(self.sizes)))  # our own sizes

    def marked(self, text: str, latex: bool) -> tuple[str, dict[str, tuple[tuple[Any, ...], Any]]]:
        """The text with names in place of derivatives, and what these are."""
        extra: dict[str, tuple[tuple[Any, ...], Any]] = {}

        def put(array: Any, kind: str, shape: tuple[Any, ...]) -> str:
            name = f"qq{LETTERS[len(extra)]}"
            extra[name] = shape, array
            shown = rf"\mathrm{{{name}}}" if latex else name
            if kind == "r":
                return rf"\left({shown}^{{\top}}\right)" if latex else f"{shown}'"
            return shown

        text = re.sub(r"\\[bB]igg?([lr])(?=[()\[\]])", lambda m: r"\left" if m[1] == "l" else r"\right", text) if latex else text
        text = (
            re.sub(r"\\ulcorner\\mathrm\{((?:[^{}]|\\[{}])*)\}\\urcorner ?", r"\\mathrm{\1}", text) if latex else text
        )  # a quoted name
        text = self.braces(self.sums(text, latex, put), latex, put)
        if latex:
            text = re.sub(r"K_\{([^{},]+),([^{},]+)\}", lambda m: put(*self.commutation(m[1], m[2])), text)
            text = re.sub(rf"\\frac\{{\\partial ({BRACED})\}}\{{\\partial ({BRACED})\}}",
                          lambda m: put(*self.derivative(unlatex(m[1]), unlatex(m[2]))), text)  # fmt: skip
        else:
            text = PARTIAL.sub(lambda m: put(*self.derivative(m[1], m[2])), text)
        for name, (array, kind, shape) in sorted(self.aliases.items(), key=lambda item: -len(item[0])):
            shown = name if not latex else to_latex_alias(name)
            pattern = rf"(?<![^\W\d]){re.escape(shown)}(?!{W})" if not latex else rf"(?<![\\A-Za-z]){re.escape(shown)}(?![A-Za-z_])"
            if re.search(pattern, text):
                whole = put(array, kind, shape)
                text = re.sub(pattern, lambda m, w=whole: w, text)
        text = self.rows(text, latex, put)
        bare = r"(?<![A-Za-z}])\\left\((\\mathrm\{qq[a-z]\})\\right\)" if latex else r"(?<!\w)\((qq[a-z])\)"  # (∂s/∂Z)ᵀ
        if latex:
            text = re.sub(r"\\left\(\\left\((\\mathrm\{qq[a-z]\})\^\{\\top\}\\right\)\\right\)\^\{\\top\}", r"\1", text)
        return re.sub(bare, r"\1", text), extra

    def rows(self, text: str, latex: bool, put: Any) -> str:
        """A definition that is a row stands for a row: ``z`` is the transpose of a column, ``zᵀ`` the column."""
        for name in self.row_names:
            shown = to_latex_alias(name) if latex else name
            turned = re.escape(r"^{\top}") if latex else "[ᵀ']"
            head = rf"(?<![\\A-Za-z]){re.escape(shown)}" if latex else rf"(?<![^\W\d]){re.escape(shown)}"
            pattern = rf"{head}(?:({turned})|(?![A-Za-z_]))" if latex else rf"{head}(?:({turned})|(?!{W}))"
            if re.search(pattern, text):
                column = put(self.arrays[self.owner.ascii(name)], "c", self.dims[self.owner.ascii(name)])
                row = rf"\left({column}^{{\top}}\right)" if latex else f"{column}'"
                text = re.sub(pattern, lambda m, c=column, r=row: c if m[1] else r, text)
        return text

    def sums(self, text: str, latex: bool, put: Any) -> str:
        """``Σ_ijk T_ijk x_i y_j z_k`` in a formula of arrays: a scalar."""
        from tests.audit_lines import unicode_of

        sign = r"\\sum_\{[a-z,]+\}(?:\\,)? " if latex else r"(?<!\w)Σ_[a-z,]+ "
        first, last = (r"\left\{", r"\right\}") if latex else ("{", "}")

        def outside(m: re.Match[str]) -> bool:
            return text.count(first, 0, m.start()) == text.count(last, 0, m.start())

        while m := next(filter(outside, re.finditer(sign, text)), None):
            depth, end = 0, len(text)
            for i in range(m.end(), len(text)):
                depth += (text[i] in "([{") - (text[i] in ")]}")
                if depth < 0 or (depth == 0 and text.startswith((" + ", " - ", r"\right"), i)):
                    end = i
                    break
            body = text[m.start() : end].rstrip()
            kept, self.letter_sizes = self.letter_sizes, {}
            inside = self.entries(unicode_of(body.replace(r"\, ", " ")) if latex else body, "")
            self.letter_sizes = kept
            text = text[: m.start()] + put(self.aligned(inside, "", {}), "s", ()) + text[m.start() + len(body) :]
        return text

    def braces(self, text: str, latex: bool, put: Any) -> str:
        """``{Σ_jk T_ijk y_j}_i`` and ``(Σ_ij S_ij D_ij)``, arrays by their entries, as names."""
        from tests.audit_lines import unicode_of

        first, last = (r"\left\{", r"\right\}") if latex else ("{", "}")
        at = text.find(first)
        while at >= 0:
            depth, end = 1, at + len(first)
            while depth and end < len(text):
                up, down = text.startswith(first, end), text.startswith(last, end)
                depth += up - down
                end += len(first) if up else len(last) if down else 1
            m = re.match(r"_\{([a-z]+)\}" if latex else "_([a-z]+)", text[end:])
            if depth or not m:
                at = text.find(first, at + 1)
                continue
            body = text[at + len(first) : end - len(last)]
            kept, self.letter_sizes = self.letter_sizes, {c: n for c, n in self.letter_sizes.items() if c in m[1]}
            inside = self.entries(unicode_of(body) if latex else body, m[1])
            ranges = {c: inside.array.shape[i] for i, c in enumerate(inside.letters)}
            array = self.aligned(inside, m[1], {**self.letter_sizes, **ranges})
            self.letter_sizes = kept
            kind = "scm"[len(m[1])] if len(m[1]) < 3 else "t"
            names = {n: name for name, n in self.sizes.items()}
            shown = put(array, kind, tuple(names.get(n, n) for n in array.shape))
            text = text[:at] + shown + text[end + m.end() :]
            at = text.find(first, at)
        return text

    def commutation(self, m: str, n: str) -> tuple[Any, str, tuple[Any, ...]]:
        """K_mn: vec(A') = K_mn vec(A) for A [m×n]."""
        rows, cols = (re.sub(r"(?<=\w) (?=\w)", "*", x.strip()) for x in (m, n))
        p, q = self.size(rows), self.size(cols)
        array = np.zeros((p * q, p * q))
        for i, j in np.ndindex(p, q):
            array[i * q + j, j * p + i] = 1.0
        return array, "m", (f"{rows}*{cols}",) * 2

    # -- entries -----------------------------------------------------------------------

    def entries(self, text: str, letters: str) -> Any:
        """A formula by entries as an array over ``letters``; an index that does not occur is broadcast over."""
        found, rest = self._sum(text.strip())
        if rest:
            raise Unreadable(f"left over: {rest!r}")
        return found

    def aligned(self, x: Labelled, letters: str, sizes: dict[str, int]) -> Any:
        if set(x.letters) - set(letters):
            raise Unreadable(f"free index in {x.letters}")
        order = [x.letters.index(c) for c in letters if c in x.letters]
        view = np.transpose(x.array, order)
        view = view[tuple(slice(None) if c in x.letters else None for c in letters)]
        return np.broadcast_to(view, [sizes[c] for c in letters])

    def _sum(self, text: str) -> tuple[Labelled, str]:
        sign = 1.0
        if text.startswith("-"):
            sign, text = -1.0, text[1:]
        outer = dict(self.letter_sizes)
        self.enter(text, outer)
        total, text = self._term(text)
        total = Labelled(sign * total.array, total.letters)
        while m := re.match(r" ([+-]) ", text):
            self.enter(text[3:], outer)
            term, text = self._term(text[3:])
            total = combined(total, term, np.add if m[1] == "+" else np.subtract)
        self.letter_sizes = outer
        return total, text

    owner: Any = None

    def enter(self, text: str, outer: dict[str, int]) -> None:
        """The ranges of the indices of one term: Σ_k in another may run elsewhere."""
        from tests.audit_lines import letter_sizes

        depth, end = 0, len(text)
        for i, c in enumerate(text):
            depth += (c in "([{") - (c in ")]}")
            if depth < 0 or (depth == 0 and text.startswith((" + ", " - "), i)):
                end = i
                break
        self.letter_sizes = {**letter_sizes(self.owner, [text[:end]], outer)}

    def _term(self, text: str) -> tuple[Labelled, str]:
        text = text.lstrip()
        m = re.match(r"[Σ∑]_([a-z,]+) ", text)
        if m and not (text[0] == "Σ" and "Σ" in self.printed and len(m[1]) == 2):  # Σ may be a variable, with two indices
            inside, text = self._term(text[m.end() :])
            for c in m[1].replace(",", ""):
                if c not in inside.letters:
                    inside = Labelled(inside.array[..., None] * np.ones(self.letter_sizes[c]), inside.letters + c)
                axis = inside.letters.index(c)
                inside = Labelled(inside.array.sum(axis), inside.letters.replace(c, ""))
            return inside, text
        found, text = self._factor(text)
        while text and not text.startswith((" + ", " - ", ")", "]")):
            if text.startswith("/"):
                other, text = self._factor(text[1:])
                found = combined(found, other, np.divide)
                continue
            text = text.lstrip().removeprefix("·").lstrip()
            other, text = self._term(text) if re.match("[Σ∑]_[a-z,]+ ", text) else self._factor(text)
            found = combined(found, other, np.multiply)
        return found, text

    letter_sizes: dict[str, int]
    row_names: set[str]

    def _factor(self, text: str) -> tuple[Labelled, str]:
        found, text = self._atom(text)
        while m := re.match(r"([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|\^\(([^()]*)\)|\^(\w+)", text):
            power = m[1].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")) if m[1] else m[2] or m[3]
            found = Labelled(found.array ** float(np.squeeze(self.value(power))), found.letters)
            text = text[m.end() :]
        return found, text

    def _atom(self, text: str) -> tuple[Labelled, str]:
        if m := re.match(r"\[(\w) = (\w)\]", text):
            return Labelled(np.eye(self.letter_sizes[m[1]], self.letter_sizes[m[2]]), m[1] + m[2]), text[m.end() :]
        if m := re.match(r"\[\(?(\w+)\)? = \(?(\w+)\)?\]", text):  # of stacked axes
            shape = [self.letter_sizes[c] for c in m[1] + m[2]]
            total = int(np.prod(shape[: len(m[1])]))
            return self.distinct(np.eye(total).reshape(shape), m[1] + m[2]), text[m.end() :]
        if text[:1] == "{":  # the base of an index in LaTeX
            end = closing(text, 0)
            under = re.match(r"_((?:[a-z]|\([a-z]+\))+)", text[end:])
            if not under:
                raise Unreadable(f"a brace without an index: {text[:30]!r}")
            return self.labelled(text[1 : end - 1], under[1]), text[end + under.end() :]
        if m := re.match(r"\d+(\.\d+)?", text):
            return Labelled(np.float64(m[0]), ""), text[m.end() :]
        if text[:1] == "∂":
            return self._fraction(text)
        if text[:1] in "‖|":
            end = text.index(text[0], 1)
            after = re.match(r"[₁₂²]*", text[end + 1 :])[0]  # type: ignore[index]
            if text[0] == "|":
                inner = self.entries(text[1:end], "")
                return Labelled(np.abs(inner.array), inner.letters), text[end + 1 :]
            return self.scalar(text[: end + 1] + after), text[end + 1 + len(after) :]
        head = re.match(rf"({N}|√)?(′*)(?=\()", text)
        if head or text[:1] == "(":
            start = head.end() if head else 0
            end = closing(text, start)
            inside, rest = text[start + 1 : end - 1], text[end:]
            under = re.match(r"[ᵀ⁻¹²]*_((?:[a-z]|\([a-z]+\))+)", rest)
            if under:
                whole = text[: end + under.start(1) - 1]
                return self.labelled(whole, under[1]), rest[under.end() :]
            name = head[0] if head else ""
            if not name and not re.search(r"_|\[[^\]]* = ", inside):  # nothing in it has an index
                return self.scalar(text[:end]), rest
            if not name:
                inner, left = self._sum(inside)
                if left:
                    raise Unreadable(f"left over: {left!r}")
                return inner, rest
            try:
                scalar = self.value(text[:end])
                if scalar.shape == (1, 1):
                    return Labelled(scalar[0, 0], ""), rest
            except Unreadable:
                pass
            inner = self.entries(inside, "")
            return self.applied(name, inner), rest
        if m := re.match(rf"√?{N}", text):
            word = m[0]
            rest = text[m.end() :]
            return self._name(word, rest)
        raise Unreadable(f"no entry begins with {text[:20]!r}")

    def _name(self, word: str, rest: str) -> tuple[Labelled, str]:
        base, _, under = word.rpartition("_")
        if word in self.known() and (m := re.match(r"ᵀ_([a-z])(?![\w(])", rest)):  # a row has the entries of its column
            return self.labelled(word, m[1]), rest[m.end() :]
        if word in self.known() or not base:
            if m := re.match(r"_((?:[a-z]|\([a-z]+\))+)", rest):
                return self.labelled(word, m[1]), rest[m.end() :]
            return self.scalar(word), rest
        if m := re.match(r"(?:\([a-z]+\)|[a-z])+", under + rest) if base in self.known() else None:
            taken = under + rest
            return self.labelled(base, m[0]), taken[m.end() :]
        if word.endswith("_") and word[:-1] in self.known():
            m = re.match(r"(?:\([a-z]+\)|[a-z])+", rest)
            assert m is not None
            return self.labelled(word[:-1], m[0]), rest[m.end() :]
        return self.scalar(word), rest

    def known(self) -> set[str]:
        return {*self.printed, *self.aliases}

    printed: set[str]

    def scalar(self, text: str) -> Labelled:
        found = self.value(text)
        if found.shape != (1, 1):
            raise Unreadable(f"'{text}' has no indices and is no scalar")
        return Labelled(found[0, 0], "")

    def labelled(self, text: str, under: str) -> Labelled:
        """``A_ij``, ``Z_(kl)(rs)``"""
        axes = re.findall(r"\(([a-z]+)\)|([a-z])", under)
        groups = [a or b for a, b in axes]
        array = self.whole(text)
        array = np.squeeze(array) if array.ndim == 2 and len(groups) < 2 else array
        array = np.reshape(array, array.shape if len(groups) == array.ndim else (-1,) * len(groups))
        shape = [self.letter_sizes[c] if len(g) > 1 else array.shape[i] for i, g in enumerate(groups) for c in g]
        return self.distinct(array.reshape(shape), "".join(groups))

    def distinct(self, array: Any, letters: str) -> Labelled:
        if len(set(letters)) != len(letters):  # a diagonal
            keep = "".join(dict.fromkeys(letters))
            return Labelled(np.einsum(f"{letters}->{keep}", array), keep)
        return Labelled(array, letters)

    def whole(self, text: str) -> Any:
        if text in self.tensors:
            return self.tensors[text]
        return self.value(text)

    tensors: dict[str, Any]

    def applied(self, name: str, x: Labelled) -> Labelled:
        name = "sqrt" if name == "√" else name
        flat = np.asarray(x.array, float).reshape(-1)
        self.dims["vvv"], self.arrays["vvv"] = (len(flat),), flat
        found = self.value(f"{name}(vvv)")
        del self.dims["vvv"], self.arrays["vvv"]
        self.parsed.clear()
        return Labelled(found.reshape(np.shape(x.array)), x.letters)

    def _fraction(self, text: str) -> tuple[Labelled, str]:
        from tests.audit_lines import split

        m = re.match(rf"∂({N}(?:\([a-z]+\)|[a-z])*)/∂({N}(?:\([a-z]+\)|[a-z])*)", text)
        if not m:
            raise Unreadable(text[:30])
        top, bottom = (split(self, m[k]) for k in (1, 2))
        found, _, _ = self.derivative(top[0], bottom[0])
        under = top[1] + bottom[1]
        if not under:
            return Labelled(np.squeeze(found), ""), text[m.end() :]
        self.tensors["∂"] = found
        return self.labelled("∂", under), text[m.end() :]


def combined(a: Labelled, b: Labelled, op: Any) -> Labelled:
    letters = a.letters + "".join(c for c in b.letters if c not in a.letters)

    def view(x: Labelled) -> Any:
        order = [x.letters.index(c) for c in letters if c in x.letters]
        return np.transpose(x.array, order)[tuple(slice(None) if c in x.letters else None for c in letters)]

    return Labelled(op(view(a), view(b)), letters)


def closing(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += (text[i] in "({") - (text[i] in ")}")
        if not depth:
            return i + 1
    raise Unreadable("brackets")


def two_axes(x: Any, kind: str) -> Any:
    x = np.asarray(x, float)
    return x.reshape(-1, 1) if kind == "c" else x.reshape(1, -1) if kind == "r" else x.reshape(1, 1) if kind == "s" else x


RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def plain_of(text: str) -> str:
    """Unicode signs that matcalc's parser does not take, in plain notation."""
    text = re.sub(r"√(\w+)", r"sqrt(\1)", text.replace("⊘", "./").replace("′", "'")).replace("√", "sqrt")
    text = re.sub(r"‖([^‖]*)‖₁", r"norm1(\1)", text)
    text = re.sub(r"\^∘(\d+|-\d+)", r".^(\1)", text)
    text = re.sub(
        r"/(\w+(?!\w*\()|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)[²³⁴-⁹]*|\w+\([^()]*\)|‖[^‖]*‖²?)"
        r" ?(?<=[\s)‖])(?=[^\s+\-*/∘⊘.=)\]²³¹⁰⁴-⁹⁻ᵀ^,])",
        r"/\1*",
        text,
    )  # a/b c is (a/b) c
    return re.sub(r"\bK_([\w·]+),([\w·]+)", lambda m: f"commutation({m[1]},{m[2]})".replace("·", "*"), text)


GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η", "theta": "θ", "kappa": "κ",
         "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ",
         "chi": "χ", "psi": "ψ", "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π",
         "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "varepsilon": "ε"}  # fmt: skip
LOW = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def unlatex(name: str) -> str:
    r"""A name in LaTeX as it stands in Unicode: ``\delta_{1}``, ``W_{1}``, ``\mathrm{rate}``."""
    name = re.sub(r"\\(?:mathrm|text|mathit|mathbf|boldsymbol)\{([^{}]*)\}", r"\1", name.strip())
    name = re.sub(r"\\([A-Za-z]+)", lambda m: GREEK.get(m[1], m[0]), name)
    name = name.replace("{", "").replace("}", "").replace(r"\_", "_").strip()
    return re.sub(r"_(\d+)$", lambda m: m[1].translate(LOW), name)


def to_latex_alias(name: str) -> str:
    """δ₁ as it stands in LaTeX."""
    back = {v: "\\" + k for k, v in GREEK.items() if k not in ("varphi", "varepsilon")}
    base = name[0]
    if base == "d" and len(name) > 1:
        return r"\mathrm{d}" + to_latex_alias(name[1:])
    text = back.get(base, base)
    rest = name[1:].translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")).removeprefix("_")
    rest = rf"\mathrm{{{rest}}}" if len(rest) > 1 and rest[0].isalpha() else rest
    return text + (f"_{{{rest}}}" if rest else "")


__all__ = ["Labelled", "Reader", "Unreadable", "kind_of", "plain_of", "to_latex_alias", "unlatex"]
