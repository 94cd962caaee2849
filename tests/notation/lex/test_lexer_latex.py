r"""The LaTeX lexer: token streams, spans and refusals.

Streams are written one token a word: ``@log`` a function, ``$frac`` a command, ``‹W_1›`` a name of several
characters, ``ᵀ`` a transposition; names of one letter, numbers, operators and brackets as they are.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

from matcalc.expr.errors import AmbiguityError, LimitError, MatcalcError, ParseError
from matcalc.notation.lex.latex_names import spellings
from matcalc.notation.lex.lexer_latex import tokenize_latex
from matcalc.notation.lex.syntax import Token


def stream(text: str, *names: str, **macros: str) -> str:
    def show(t: Token) -> str:
        if t.kind == "name":
            return t.text if len(t.text) == 1 else f"‹{t.text}›"
        return {"fn": "@" + t.text, "cmd": "$" + t.text, "T": "ᵀ"}.get(t.kind, t.text)

    return " ".join(show(t) for t in tokenize_latex(text, names, macros)[:-1])


def check(cases: list[tuple[str, ...]]) -> None:
    for source, *names, expected in cases:
        assert stream(source, *names) == expected, source


def refused(text: str, *names: str, **macros: str) -> MatcalcError:
    with pytest.raises(MatcalcError) as caught:
        tokenize_latex(text, names, macros)
    error = caught.value
    assert error.span is not None and error.source == text
    assert 0 <= error.span[0] <= error.span[1] <= len(text)
    return error


def test_type_travels_on_the_name() -> None:
    def marks(text: str) -> dict[str, str]:
        return {t.text: t.mark for t in tokenize_latex(text) if t.kind == "name"}

    assert marks(r"\mathbf{x}^T \bm\theta + {\bf A b} + \hat{\boldsymbol\mu} + \vec v + c") == {
        **dict.fromkeys(("x", "theta", "A", "b", "mu_hat"), "bold"), "v": "arrow", "c": ""
    }  # fmt: skip
    assert marks(r"\mathcal{L}(x) + \mathrm{E}(y) + \vec{\mathbf{z}}") == {"L": "cal", "x": "", "E": "", "y": "", "z": "bold"}
    assert marks(r"\mathbf{w_{jk} u}") == {"w": "bold", "j": "", "k": "", "u": "bold"}  # an index is set as its letter
    assert marks("\U0001d431 \\cdot y") == {"x": "bold", "y": ""}


def test_kinds_and_spans() -> None:
    assert tokenize_latex(r"\mathbf{W} x^T+2") == [
        Token("name", "W", 0, 10, False, "bold"),
        Token("name", "x", 11, 12, True),
        Token("T", "T", 12, 14, False, "^"),
        Token("op", "+", 14, 15, False),
        Token("num", "2", 15, 16, False),
        Token("end", "", 16, 16, False),
    ]


def test_missing_braces_come_without_width() -> None:
    assert tokenize_latex(r"\frac12x^23") == [
        Token("cmd", "frac", 0, 5),
        Token("open", "{", 5, 5),
        Token("num", "1", 5, 6),
        Token("close", "}", 6, 6),
        Token("open", "{", 6, 6),
        Token("num", "2", 6, 7),
        Token("close", "}", 7, 7),
        Token("name", "x", 7, 8),
        Token("op", "^", 8, 9),
        Token("open", "{", 9, 9),
        Token("num", "2", 9, 10),
        Token("close", "}", 10, 10),
        Token("num", "3", 10, 11),
        Token("end", "", 11, 11),
    ]


def test_spans_of_joined_names_cover_their_source() -> None:
    text = r"\hat{\boldsymbol y}_{\text{out}} + W^{hx}"
    spans = {t.text: text[t.start : t.end] for t in tokenize_latex(text, ["W^hx"]) if t.kind == "name"}
    assert spans == {"y_hat_out": r"\hat{\boldsymbol y}_{\text{out}}", "W^hx": "W^{hx}"}


def test_arguments() -> None:
    check(
        [
            (r"\frac ab", "$frac { a } { b }"),
            (r"\dfrac1{2m}", "$frac { 1 } { 2 m }"),
            (r"-\frac N2", "- $frac { N } { 2 }"),
            (r"\tfrac12x^\top Ax", "$frac { 1 } { 2 } x ᵀ A x"),
            (r"\sqrt2x", "$sqrt { 2 } x"),
            (r"\sqrt[3]{x}", "$sqrt [ 3 ] { x }"),
            (r"/\sqrt d", "/ $sqrt { d }"),
            (r"x^{\frac12}", "x ^ { $frac { 1 } { 2 } }"),
            (r"A_\mathbf{x}", "‹A_x›"),
            (r"3.5x+.5y+x.", "3.5 x + 0.5 y + x"),
        ]
    )


def test_transposes() -> None:
    for t in (
        r"^T",
        r"^{T}",
        r"^\top",
        r"^{\top}",
        r"^\mathsf T",
        r"^{\mathsf T}",
        r"^{\mathrm{T}}",
        r"^\intercal",
    ):
        assert stream(f"X{t} A") == "X ᵀ A"
    check(
        [
            (r"L^{-T}L^{-1}", "L ^ { - 1 } ᵀ L ^ { - 1 }"),
            (r"X^{-\top}", "X ^ { - 1 } ᵀ"),
            (r"XX^tA", "X X ᵀ A"),
            (r"XX^tA", "t", "X X ^ { t } A"),
            (r"X^t+t", "X ^ { t } + t"),
            (r"\sum_t\gamma^t", "$sum _ { t } ‹gamma› ^ { t }"),
            (r"\sum_{t=1}^Tx^T", "$sum _ { t = 1 } ^ { T } x ᵀ"),
            (r"\mathbf{A}\mathbf{T}", "T", "A T"),
            (r"{x}^T{W_1}^T", "x ᵀ { ‹W_1› } ᵀ"),
            (r"XX'", "X X '"),
            (r"X^{\prime}", "X '"),
            (r"f''(z)", "f ' ' ( z )"),
            (r"A^H+A^\dagger+w^*", "A ^ { H } + A ^ { ‹dagger› } + w ^ { * }"),
            ("xᵀA⁻¹x²", "x ᵀ A ^ { - 1 } x ^ { 2 }"),
        ]
    )


def test_elementwise_powers() -> None:
    check(
        [
            (r"b^{\odot 2}", "b .^ { 2 }"),
            (r"x^{\circ\frac12}", "x .^ { $frac { 1 } { 2 } }"),
            (r"x^{\circ t}", "t", "x .^ { t }"),
            (r"x.^2.*y./z", "x .^ { 2 } .* y ./ z"),
        ]
    )


def test_fonts_and_words() -> None:
    check(
        [
            (r"\mathbf{AXB}\boldsymbol\mu\bm{w}", "A X B ‹mu› w"),
            (r"\mathbf{x_i}^T\mathbf{W_1}^T\mathbf{11}^T", "x _ { i } ᵀ ‹W_1› ᵀ ‹1vec› ‹1vec› ᵀ"),
            (r"{\bf x}^T{\rm tr}(A){\cal L}", "x ᵀ @tr ( A ) L"),
            (r"\boldsymbol{\Sigma^{-1}}", "‹Sigma› ^ { - 1 }"),
            (
                r"\mathbf 1^\top x+\mathbf{1}\mathbf{1}'+\mathbb{1}_n",
                "‹1vec› ᵀ x + ‹1vec› ‹1vec› ' + ‹1vec› _ { n }",
            ),
            (r"\max(\mathbf 0,x)", "@max ( 0 , x )"),
            (r"x\in\mathbb{R}^n", "x in ‹RR› ^ { n }"),
            (r"\mathrm{Tr}(A)\text{ReLU}(x)", "@tr ( A ) @relu ( x )"),
            (r"\operatorname{LSE}(z)\mbox{tr}\{A\}", r"@logsumexp ( z ) @tr \{ A \}"),
            (r"\operatorname*{arg\,max}_x", "@argmax _ { x }"),
            (r"\mathbf{softmax}(x)", "@softmax ( x )"),
            (r"\text{loss}+\mathrm{RMSE}(x)", "‹loss› + ‹RMSE› ( x )"),
            (r"\mathrm{AXB}", "A", "X", "B", "A X B"),
            (r"\mathrm{d}X", "$d X"),
            (r"\mathrm{d}", "d", "d"),
            (r"x\text{ where }y,\ X\ \text{diagonal}", "x $words y , X $words"),
            (r"\epsilon\varepsilon\ell λ", "‹epsilon› ‹varepsilon› ‹ell› ‹lambda›"),
            (r"𝐱ᵀ𝜎", "x ᵀ ‹sigma›"),
            (r"\underbrace{Wx+b}_{z}+c", "{ W x + b } + c"),
        ]
    )


def test_accents() -> None:
    check(
        [
            (r"\hat A\tilde h_1\bar{x}_i\vec x", "‹A_hat› ‹h_tilde_1› ‹x_bar› _ { i } x"),
            (r"\hat AX", "hat A", "‹hat A› X"),
            (r"\hat{A}", "hatA", "‹hatA›"),
            (r"\hat{A}", "Ahat", "‹Ahat›"),
            (r"\hat{\mathbf A}", r"\hat{A}", r"‹\hat{A}›"),
            (r"\vec(A)+\vec x", "@vec ( A ) + x"),
        ]
    )


def test_declared_names() -> None:
    check(
        [
            (r"(xW^K)^T", "x", "W^K", "( x ‹W^K› ) ᵀ"),
            (r"Wf(h_{j-1})+W^{hx}x_{[t]}", "W", "h_j-1", "W^hx", "x_[t]", "W f ( ‹h_j-1› ) + ‹W^hx› ‹x_[t]›"),
            (r"K_kP_k^-H_k^T", "P_k^-", "K_k", "H_k", "‹K_k› ‹P_k^-› ‹H_k› ᵀ"),
            (r"f(X_{ij})-\log X_{ij}", "f(X_ij)", "log X_ij", "‹f(X_ij)› - ‹log X_ij›"),
            (r"\log|L|+(x-z)^TL^{-T}", "L", "(x-z)", "@log | L | + ‹(x-z)› ᵀ L ^ { - 1 } ᵀ"),
            (r"a_i^Tx+bi", "a_i", "bi", "x", "‹a_i› ᵀ x + ‹bi›"),
            (r"b i", "bi", "b i"),
            (r"(K+\sigma^2I)", "sigma^2", "( K + ‹sigma^2› I )"),
            (r"\pi_k\boldsymbol{v}_{c}", "pi_k", "v_c", "‹pi_k› ‹v_c›"),
            (r"b_1+W1", "b1", "W_1", "‹b1› + ‹W_1›"),
            (r"W^Q+v_{\text{out}}", "WQ", "vout", "‹WQ› + ‹vout›"),
            (r"x^2+x_2", "x2", "x", "x ^ { 2 } + ‹x2›"),
            (r"x_{ty}", "x_t", "‹x_ty›"),
            (r"\theta", "θ", "θ"),
            (r"\lambda_{\max}(A)", "lambda_max", "‹lambda_max› ( A )"),
            (r"tr(A)", "tr", "‹tr› ( A )"),
        ]
    )


def test_spellings() -> None:
    assert spellings(r"\mathbf{x}_{i}")[0] == "x_i"
    assert spellings("hat y_i")[0] == spellings(r"\hat{\boldsymbol y}_i")[0] == "y_hat_i"
    assert "A_hat" in spellings("hatA") and spellings("σ^2")[0] == "sigma^2"


def test_labels_and_indices() -> None:
    check(
        [
            (r"W_1S_{xx}S_Bv_{\text{out}}s_c", "‹W_1› ‹S_xx› ‹S_B› ‹v_out› ‹s_c›"),
            (r"J_{\text{naive-softmax}}(x)", "‹J_naive-softmax› ( x )"),
            (r"x_iX_{kl}x_{i-1}X_{i,j}", "x _ { i } X _ { k l } x _ { i - 1 } X _ { i , j }"),
            (r"\sum_{w}y_w+z_w", "$sum _ { w } y _ { w } + z _ { w }"),
            (r"x_1^2+x_2", "x", "x _ { 1 } ^ { 2 } + x _ { 2 }"),
            (r"W^{(1)}a^{(l-1)}+b^{[2]}", "‹W^(1)› ‹a^(l-1)› + ‹b^[2]›"),
            (r"a_j^{(l)}+a^{(l)}_j", "‹a^(l)› _ { j } + ‹a^(l)› _ { j }"),
            (r"x^{(i)\top}w", "‹x^(i)› ᵀ w"),
            (r"I_3+I_{n*n}+\|X\|_{\mathrm{Fro}}", "I _ { 3 } + I _ { n * n } + || X || _ { ‹Fro› }"),
            (r"\|X\|_*+\|x\|_\infty", "|| X || _ { * } + || x || _ { ‹inf› }"),
            (r"f_i(x)+f_\theta(x)", "f _ { i } ( x ) + ‹f_theta› ( x )"),
        ]
    )


def test_definitions() -> None:
    check(
        [
            (r"\sigma^2=x,\ y=\sigma^2I", "‹sigma^2› = x , y = ‹sigma^2› I"),
            (r"h_1=Wh,\ y=h_1", "W", "h", "‹h_1› = W h , y = ‹h_1›"),
            (r"activation(\mathbf{x})=x", "‹activation› ( x ) = x"),
            (r"g=2loss,\quad loss = x", "g = 2 ‹loss› , ‹loss› = x"),
            (r"x:=y\coloneqq z", "x = y = z"),
        ]
    )


def test_functions() -> None:
    check(
        [
            (r"\log\det\left|\Sigma\right|", "@logdet | ‹Sigma› |"),
            (r"\ln|\det(X)|", "@log | @det ( X ) |"),
            (r"\lambda_{\max}(A)+\lambda_{\max}", "@eigmax ( A ) + ‹lambda_max›"),
            (r"\sigma_{\max}(A)+\sigma_{\max}", "@normspec ( A ) + ‹sigma_max›"),
            (r"\sin.(X)+\mathbf{1}^{T}\exp.(Ax)", "@sin. ( X ) + ‹1vec› ᵀ @exp. ( A x )"),
            (r"e^{-t}+e^\mathbf{A}+\mathrm{e}^x", "@exp ( - t ) + @exp ( A ) + @exp ( x )"),
            (r"e^{x}+e^Tx", "e", "e ^ { x } + e ᵀ x"),
            (r"e^{e^{x^2}}", "@exp ( @exp ( x ^ { 2 } ) )"),
            (r"tr(diag(X))+det[A]+k-cossim(v,w)", "@tr ( @diag ( X ) ) + @det [ A ] + k - @cossim ( v , w )"),
            (r"\max_i\,x_i+\max\{0,x\}", r"$max _ { i } x _ { i } + @max \{ 0 , x \}"),
            (r"\underset{w}{\min} f", "$min _ { w } f"),
            (r"\sum\limits_{\substack{i\\ j}}\arg\max x", "$sum _ { i , j } @argmax x"),
            (r"\operatorname{log\,det}A", "@logdet A"),
            (r"\nabla f+\frac{\partial f}{\partial x}", "$nabla f + $frac { $partial f } { $partial x }"),
        ]
    )


def test_bars() -> None:
    check(
        [
            (r"{||Ax+b||}^2", "{ || A x + b || } ^ { 2 }"),
            (r"|x||y|", "| x | | y |"),
            (r"||x|-|y||", "| | x | - | y | |"),
            (r"|\|x\|-|y||", "| || x || - | y | |"),
            (r"|\sum_i|x||", "| $sum _ { i } | x | |"),
            (r"\|x\|\,\Vert y\Vert\lVert z\rVert", "|| x || || y || || z ||"),
            (r"2|x|+\frac12|y|^2", "2 | x | + $frac { 1 } { 2 } | y | ^ { 2 }"),
            (r"\left\langle|X|,Y\right\rangle", "< | X | , Y >"),
            (r"p(x|y)", "p ( x | y )"),
            (r"\left.f\right|_{x=0}", "f | _ { x = 0 }"),
            (r"\bigl|x\bigr|+\Big\|y\Big\|", "| x | + || y ||"),
            (r"\norm{x}^2+\abs y", "|| x || ^ { 2 } + | y |"),
        ]
    )
    kinds = [t.kind for t in tokenize_latex("|x||y|")[:-1]]
    assert kinds == ["open", "name", "close", "open", "name", "close"]


def test_layout() -> None:
    check(
        [
            (r"\begin{align} f(x) &= x \\ &\quad + b \end{align}", "f ( x ) = x + b"),
            (r"\begin{aligned} z&=Wx\\[2pt] h&=f(z)\\ \end{aligned}", "z = W x ; h = f ( z )"),
            (
                r"\begin{bmatrix} a & b \\ c & d \\ \end{bmatrix}",
                r"$begin:bmatrix a & b \\ c & d $end:bmatrix",
            ),
            (r"\begin{array}{cc} a&b\end{array}", "$begin:array a & b $end:array"),
            (r"\left( a \right. \\ \left. + b \right)", "( a + b )"),
            ("z = Wx+b\ns = u^T f(z)", "z = W x + b ; s = u ᵀ f ( z )"),
            ("L = a\n + b\n = c", "L = a + b = c"),
            ("z = W\nx", "z = W x"),
            ("$x$", "x"),
            (r"\[ x. \]", "x"),
            ("x % y\n+ z % end", "x + z"),
            (r"x\label{eq:1}\tag{3}\nonumber", "x"),
            (r"\overset{\text{def}}{=}x\,\color{red}y", "= x y"),
            ("", ""),
        ]
    )
    spaced = [t.text for t in tokenize_latex(r"a\,b~c d e{f}") if t.space]
    assert spaced == ["b", "c", "d", "e"]


def test_operators() -> None:
    check(
        [
            (r"A\otimes B\odot C\circ D\oslash E", "A kron B .* C .* D ./ E"),
            (r"w\cdot x\times y\ast z", "w dot x * y * z"),
            (r"a\le b\geq c\neq d\in S\propto t\approx u", "a <= b >= c != d in S propto t approx u"),
            ("x−y·z⊙w⊗v", "x - y dot z .* w kron v"),
            (r"d_1,\dots,d_n", "‹d_1› , ... , d _ { n }"),
            (r"A\colon B", "A : B"),
        ]
    )


def test_user_macros() -> None:
    macros = {"inner": r"\langle #1,#2\rangle", r"\R": r"\mathbb{R}", "twice": r"\inner{#1}{#1}"}
    assert stream(r"\inner ab+\twice{Ax}", **macros) == "< a , b > + < A x , A x >"
    tokens = tokenize_latex(r"x+\inner{a}{b}", macros=macros)
    assert {(t.start, t.end) for t in tokens[2:-1]} == {(2, 14)}
    assert "argument 2" in refused(r"\inner{a}", **macros).message
    assert refused(r"x+\bad", bad=r"\nosuchmacro").span == (2, 6)
    for body in (r"\a\a", r"\a{#1#1}"):
        assert isinstance(refused(r"\a{x}", a=body), LimitError)


@pytest.mark.parametrize(
    ("text", "span", "message", "hint"),
    [
        (r"\frac{x}{}", (8, 10), r"the denominator of \frac is empty", "denominator"),
        (r"\frac{x}", (0, 5), r"\frac has no denominator", r"\frac{…}{…}"),
        (r"\frac{}{x}", (5, 7), r"the numerator of \frac is empty", "numerator"),
        (r"x^", (1, 2), "^ has no exponent", "^{…}"),
        (r"x^0.5", (2, 3), "only the 0", "^{0.5}"),
        (r"X^-1", (1, 3), "minus", "^{-1}"),
        (r"\fancynorm{x}", (0, 10), r"unknown macro \fancynorm", r"--macro '\fancynorm=…'"),
        (r"\alhpa x", (0, 6), r"unknown macro \alhpa", r"\alpha?"),
        (r"a\over b", (1, 6), r"unknown macro \over", r"\frac"),
        (r"a+{x", (2, 3), "to close '{' at column 3", "'}'"),
        (r"x}", (1, 2), "'}' closes no '{'", "delete"),
        (r"\left(x", (0, 5), r"\left( has no \right", r"\right"),
        (r"x\right)", (1, 7), r"\right) has no \left", r"\left"),
        (r"\begin{bmatrix}a", (0, 6), r"\begin{bmatrix} is never closed", r"\end{bmatrix}"),
        (r"\begin{foo}a\end{foo}", (0, 11), "unknown environment 'foo'", "bmatrix"),
        (r"\begin{align}a\end{split}", (14, 25), r"\end{split} has no \begin{split}", r"\begin{align}"),
        (r"a+|x", (2, 3), "'|' has no partner", r"\left|"),
        (r"\bar{x_iy}", (0, 4), r"\bar must stand over a single symbol", "name"),
        (r"\bar{AB}", (0, 4), r"\bar must stand over a single symbol", "name"),
        (r"x\top", (1, 5), "transposition", r"X^\top"),
        ("x $ y", (2, 3), "'$' inside", "'$'"),
        ("A\u200bx", (1, 2), "U+200B (ZERO WIDTH SPACE)", "delete"),
        ("x\x00", (1, 2), "U+0000", "delete"),
        ("\u0445+y", (0, 1), "U+0445 (CYRILLIC SMALL LETTER HA)", "'x'"),
        ("tr(\u0391)", (3, 4), "U+0391 (GREEK CAPITAL LETTER ALPHA)", "'A'"),
        ("\uff12x", (0, 1), "U+FF12 (FULLWIDTH DIGIT TWO)", "'2'"),
    ],
)
def test_refusals(text: str, span: tuple[int, int], message: str, hint: str) -> None:
    error = refused(text)
    assert isinstance(error, ParseError)
    assert error.span == span
    assert message in error.message and hint in (error.hint or "")


@pytest.mark.parametrize("text", [r"tr X", r"x+det A", r"\mathbf{AX}^T", r"\boldsymbol{Ab}_1"])
def test_two_readings(text: str) -> None:
    assert isinstance(refused(text), AmbiguityError)


def test_limits() -> None:
    for text in ("{" * 200 + "x" + "}" * 200, r"\sqrt" * 200 + " x", "1" * 2000):
        assert isinstance(refused(text), LimitError)
    assert stream(r"\frac{1}{" * 99 + "x" + "}" * 99).count("$frac") == 99
    assert len(tokenize_latex("(" * 5000 + "x" + ")" * 5000)) == 10_002
    assert refused("|" * 4001).span is not None


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from matcalc.notation.lex.lexer_latex import tokenize_latex; tokenize_latex(r'\\hat x^T'); "
        "print(sorted({'numpy', 'sympy', 'difflib', 'scipy', 'rich'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
