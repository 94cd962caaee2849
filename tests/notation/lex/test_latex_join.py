"""Names and exponents in one piece: labels, transposes, functions of functions."""

from __future__ import annotations

from matcalc.notation.lex.lexer_latex import tokenize_latex
from tests.notation.lex.test_lexer_latex import check, stream


def test_spans_of_joined_names_cover_their_source() -> None:
    text = r"\hat{\boldsymbol y}_{\text{out}} + W^{hx}"
    spans = {t.text: text[t.start : t.end] for t in tokenize_latex(text, ["W^hx"]) if t.kind == "name"}
    assert spans == {"y_hat_out": r"\hat{\boldsymbol y}_{\text{out}}", "W^hx": "W^{hx}"}


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


def test_increments() -> None:
    assert stream(r"J\Delta\theta - \Delta x_1") == "J ‹Deltatheta› - ‹Deltax_1›"
    assert stream(r"(W + \Delta W)") == "( W + ‹DeltaW› )"
    assert stream(r"U \Delta V") == "U ‹Delta› V"  # a factor
    assert stream(r"x \Delta x + \Delta") == "x ‹Delta› x + ‹Delta›"  # it stands alone, too
