"""What each LaTeX macro means: the tables of the LaTeX lexer."""

from __future__ import annotations

import string

from matcalc.expr.formulas import ENTRYWISE, HEADS, composite
from matcalc.expr.groups import MATRIX_FUNCTIONS
from matcalc.expr.table import CALLS, SYNONYMS
from matcalc.notation.lex import habits


def words(text: str) -> list[str]:
    return text.split()


GREEK = words("""
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon
    phi chi psi omega varepsilon vartheta varkappa varpi varrho varsigma varphi
    Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega
""")

# Functions that a formula may name and the operator table lacks: the parser says what becomes of them.
OTHER_FUNCTIONS = {
    **{
        w: w
        for w in words("""
            rank argmax argmin arg expm logm norm
            sqrtm sinm cosm chol eigmax eigmin normnuc normspec floor ceil round eye ones zeros prod cov
            convmatrix hankel svdvals blkdiag crossmatrix
        """)
    }
}


UNMISTAKABLE = frozenset(words("CE CrossEntropy crossentropy cross_entropy cossim cot sec csc coth sech csch mean"))


def function_name(word: str) -> str | None:
    """The canonical name of the function that people write as ``word``."""
    if word in SYNONYMS:
        return SYNONYMS[word]
    return word if word in CALLS or composite(word) else OTHER_FUNCTIONS.get(word)


def needs_brackets(word: str) -> bool:
    """Whether the word is a function only where brackets follow: alone, ``var`` is a name."""
    return word not in UNMISTAKABLE and word not in CALLS and composite(word) is not None


def takes_parameter(word: str) -> bool:
    r"""Whether the function may have a subscript: ``\mathrm{Swish}_\beta(x)``."""
    name = composite(SYNONYMS.get(word, word))
    two = any(head.count(",") == 1 for head in HEADS if head.startswith(f"{name}("))
    return name in ENTRYWISE and (two or any(op.arity == 2 for op in CALLS.get(name, ())))


def bare_name(word: str) -> str | None:
    """The same for letters without a font: ``kl`` may be a product, ``mean`` is none."""
    known = word in CALLS or word in SYNONYMS or word in OTHER_FUNCTIONS or word in UNMISTAKABLE
    return function_name(word) if known else None


def _rows(kind: str, table: str) -> dict[str, tuple[str, str]]:
    """``"text macro macro …"`` lines as ``{macro: (kind, text)}``."""
    rows = (line.split() for line in table.strip().splitlines())
    return {macro: (kind, text) for text, *macros in rows for macro in macros}


# Source text of one TeX token -> kind and text of the token that it becomes.
SIMPLE: dict[str, tuple[str, str]] = {
    **{c: ("name", c) for c in string.ascii_letters},
    **{"\\" + g: ("name", g) for g in GREEK},
    **{c: ("op", c) for c in "+-*/=,;:<>!@"},
    **_rows(
        "op",
        r"""
        .*     .* \odot \circ
        ./     ./ \oslash
        dot    \cdot
        times  \times
        /      \div
        kron   \otimes
        '      ' \prime
        =      := \equiv \coloneqq \triangleq \doteq \eqqcolon \vcentcolon
        <=     \le \leq \leqslant
        >=     \ge \geq \geqslant
        <      \lt
        >      \gt
        !=     \ne \neq
        in     \in
        propto \propto
        approx \approx \simeq
        ~      \sim
        ...    \dots \ldots \cdots \dotsc \dotsb
        :      \colon
        ->     \to \rightarrow \mapsto \longrightarrow \longmapsto
        =>     \Rightarrow \implies \Longrightarrow \iff \Leftrightarrow
        succeq \succeq
        succ   \succ
        forall \forall
        star   \star
        """,
    ),
    **_rows(
        "open",
        r"""
        (   ( \lparen
        [   [ \lbrack
        \{  \{ \lbrace
        <   \langle
        |   \lvert
        ||  \lVert
        """,
    ),
    **_rows(
        "close",
        r"""
        )   ) \rparen
        ]   ] \rbrack
        \}  \} \rbrace
        >   \rangle
        |   \rvert
        ||  \rVert
        """,
    ),
    **_rows(
        "bar",
        r"""
        |   | \vert \mid
        ||  \| \Vert \parallel
        """,
    ),
    **_rows(
        "cmd",
        r"""
        sum     \sum
        prod    \prod
        nabla   \nabla
        partial \partial
        top     \top \intercal
        """,
    ),
    r"\ell": ("name", "ell"),
    r"\infty": ("name", "inf"),
    **{"\\" + w: ("fn", function_name(w) or w) for w in words("log ln exp det max min sin cos tanh tr Tr")},
    "ℝ": ("name", "RR"),
    **{"½": ("num", "0.5"), "¼": ("num", "0.25"), "¾": ("num", "0.75")},
    "𝟙": ("name", "1vec"),
    r"\dagger": ("name", "dagger"),
}

# A character beside ASCII -> the TeX token that it stands for.
UNICODE: dict[str, str] = {
    **dict(zip("αβγδεζηθικλμνξπρστυφχψω", ("\\" + g for g in GREEK if g != "omicron"), strict=False)),
    **dict(zip("ΓΔΘΛΞΠΣΦΨΩ", ("\\" + g for g in GREEK[-11:] if g != "Upsilon"), strict=True)),
    **{"ϵ": r"\epsilon", "ϕ": r"\phi", "ϑ": r"\vartheta", "ϱ": r"\varrho", "ϖ": r"\varpi", "ς": r"\varsigma"},
    **{"−": "-", "·": r"\cdot", "⋅": r"\cdot", "×": r"\times", "⊙": r"\odot", "∘": r"\circ", "⊗": r"\otimes"},
    **{"⊘": r"\oslash", "∗": "*", "÷": "/", "∑": r"\sum", "∏": r"\prod", "√": r"\sqrt", "∂": r"\partial"},
    **{"∇": r"\nabla", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "∥": r"\|", "≤": r"\le", "≥": r"\ge", "≠": r"\ne"},
    **{"∈": r"\in", "≈": r"\approx", "∝": r"\propto", "≡": r"\equiv", "≔": ":=", "∞": r"\infty", "…": r"\dots"},
    **{"⊤": r"\top", "†": r"\dagger", "ℓ": r"\ell", "∼": r"\sim", "→": r"\to", "ℎ": "h"},
}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀ", "0123456789-+T", strict=True))

# Macros without any meaning for the mathematics; they count as white space.
SPACES = frozenset(
    [rf"\{c}" for c in ",;:!>/ \n\t"]
    + words(r"""
    ~ \quad \qquad \enspace \enskip \thinspace \medspace \thickspace \negthinspace \limits \nolimits
    \displaystyle \textstyle \scriptstyle \scriptscriptstyle \nonumber \notag \hline \allowbreak \relax
    \tiny \small \normalsize \large \Large \LARGE \huge \strut \mathstrut \noindent \hfill \nobreakspace
    \break \nobreak \linebreak
    """)
)
# Macros that are dropped together with one argument.
DROPPED = frozenset(words(r"\label \tag \hspace \vspace \phantom \hphantom \vphantom \color \ref \eqref \cite \footnote"))

# Font macro -> how its argument is read: "word" makes one token of several letters, "text" too and may hold
# prose, "math" keeps letters apart; so do "bold", "arrow" (these make the vector of ones of 1), "cal", "frak" and "sf", with
# which names are marked; "bb" knows number sets.
FONTS: dict[str, str] = {
    **dict.fromkeys(words(r"\mathrm \operatorname \mathit \mathtt \mathup \textup"), "word"),
    **dict.fromkeys(words(r"\text \mbox \textrm \textnormal \textit \textsf \texttt \hbox"), "text"),
    **dict.fromkeys(words(r"\mathbf \boldsymbol \textbf \bm \pmb \symbf \mathbfit \mathbbm \mathds"), "bold"),
    **dict.fromkeys(words(r"\vec \underline"), "arrow"),
    **dict.fromkeys(words(r"\mathcal \mathscr"), "cal"),
    **dict.fromkeys(words(r"\mathnormal \ensuremath"), "math"),
    r"\mathfrak": "frak",
    r"\mathsf": "sf",
    **dict.fromkeys(words(r"\mathop \mathbin \mathrel \mathord \mathopen \mathclose \mathinner"), "math"),
    r"\mathbb": "bb",
}
ITALIC = frozenset(words(r"\mathit \textit"))  # as letters without a font are
BOXES = frozenset(words(r"\boxed \underbrace \overbrace \cancel \smash \overrightarrow"))
BLACKBOARD = {**{c: c * 2 for c in "RENZCQS"}, "1": "1vec"}
# Old font switches: {\bf x}
SWITCHES: dict[str, str] = {
    **dict.fromkeys(words(r"\bf \bfseries \boldmath"), "bold"),
    r"\cal": "cal",
    **dict.fromkeys(words(r"\it \sl \tt \em"), "math"),
    r"\sf": "sf",
    **dict.fromkeys(words(r"\rm \normalfont"), "word"),
}
ACCENTS: dict[str, str] = {
    **{"\\" + a: a for a in words("hat tilde bar dot ddot check breve acute grave mathring")},
    **{r"\widehat": "hat", r"\widetilde": "tilde", r"\overline": "bar"},
}
FRACTIONS = frozenset(words(r"\frac \dfrac \tfrac \cfrac \nicefrac \sfrac"))

# What a delimiter is, and what the macro before it makes of a bar.
SIZES: dict[str, str] = {
    r"\left": "open",
    r"\right": "close",
    r"\middle": "op",
    **{rf"\{b}l": "open" for b in ("big", "Big", "bigg", "Bigg")},
    **{rf"\{b}r": "close" for b in ("big", "Big", "bigg", "Bigg")},
    **{rf"\{b}m": "op" for b in ("big", "Big", "bigg", "Bigg")},
    **{rf"\{b}": "bar" for b in ("big", "Big", "bigg", "Bigg")},
}
MATRICES = frozenset(words("matrix pmatrix bmatrix Bmatrix vmatrix Vmatrix smallmatrix array"))
PIECES = frozenset(words("cases dcases"))  # definitions by cases
DISPLAYS = frozenset(
    words("""
    align aligned alignat alignedat equation gather gathered split multline multlined eqnarray flalign
    displaymath math subequations
    """)
)

# Prose in \text{…}; anything with a blank in it is prose as well.
WORDS = frozenset(
    words("""
    where and with for if otherwise when else or such that s.t. st subject to is are let given so then hence
    thus spd psd s.p.d. p.s.d. orthonormal positive nonnegative
    diagonal symmetric invertible orthogonal constant fixed minimize maximize minimise maximise on in of
    the all i.e. e.g. w.r.t. wrt over
    """)
)

# Macros that people do use, with more to say than "unknown".
ADVICE = {
    r"\over": r"write \frac{…}{…}",
    r"\choose": r"write the number of combinations as a named constant",
    r"\newcommand": r"write \newcommand{\name}[1]{…}, or pass it outside of the formula: --macro '\name=…'",
    r"\def": r"write \def\name{…}, or pass it outside of the formula: --macro '\name=…'",
    r"\int": "integrals are not part of the notation",
    r"\lim": "limits are not part of the notation",
    r"\pm": "write the two formulas apart",
}

# Letters that are functions with this subscript, where they are applied.
SUBSCRIPTED = {
    **{("lambda", w): f"eig{w}" for w in ("max", "min")},
    ("sigma", "max"): "normspec",
    ("v", "max"): "eigvecmax",
    **{("L", w): f"d{w}" for w in MATRIX_FUNCTIONS},
}
UNGLUED = habits.BY_SIZE | {"RR", "SS", "EE", "inf"}  # their subscript is a size, never part of the name
BIG_OPERATORS = frozenset(("sum", "prod", "max", "min"))


def known_macros() -> list[str]:
    """Every macro that the lexer reads, for suggestions."""
    tables = (SIMPLE, SPACES, DROPPED, FONTS, SWITCHES, BOXES, ACCENTS, FRACTIONS, SIZES)
    macros = {m for table in tables for m in table if m[0] == "\\" and m[1:].isalpha()}
    macros.update("\\" + w for w in (*CALLS, *SYNONYMS, *OTHER_FUNCTIONS) if w.isalpha())
    macros.update(words(r"\sqrt \begin \end \norm \abs \overset \underset \stackrel \substack"))
    return sorted(macros)
