"""What a form of a derivative means: the left side is looked for in the answers, the right side says the same in another way.

The words are said of the formula that has that form, with {g} for what stands for a variable of the row.
"""

from matcalc.rules.row import R

ROWS = (
    R("error-times-input", "g'*x' = (x*g)'", "g[1,n] x[m]", "cs224n:only z_i sees W_ij", words="each entry is an error signal times an input"),
    R("row-minus-its-average", "softmax(X) .* (G - (softmax(X) .* G)*ones(n)*ones(n)') = softmax(X) .* G - diag((softmax(X) .* G)*ones(n))*softmax(X)",
      "X[m,n] G[m,n]", "cs224n:softmax", words="each row is the row of {G} minus its average weighted by the softmax, times the softmax"),
    R("minus-its-average", "g .* softmax(x) - (g'*softmax(x))*softmax(x) = (g - fill(softmax(x)'*g, g)) .* softmax(x)", "x[n] g[n]",
      "cs224n:softmax", words="{g} minus its average weighted by the softmax, times the softmax"),
    R("predicted-minus-labels", "softmax(x) - y = -(y - softmax(x))", "x[n] y[n] one-hot", "cs224n:softmax",
      words="predicted probabilities minus the labels {y}"),
    R("predicted-minus-labels-by-rows", "softmax(X) - Y = -(Y - softmax(X))", "X[m,n] Y[m,n] one-hot", "cs224n:softmax",
      words="predicted probabilities minus the labels {Y}, row by row"),
    R("residual-on-the-columns", "A'*(A*x - b) = A'*A*x - A'*b", "A[m,n] x[n] b[m]", "boyd:1.2.1",
      words="0 where the residual is orthogonal to the columns of {A}"),
    R("symmetric-part-alone", "(A + A')*x = 2*(((A + A')/2)*x)", "A[n,n] x[n]", "cookbook:81", words="only the symmetric part of {A} counts"),
    R("passes-where-positive", "g .* step(x) = g .* step(x) .* step(x)", "g[n] x[n] nonzero", "cs224n:backpropagation",
      words="{g} passes where {x} is positive, and is stopped elsewhere"),
)  # fmt: skip
