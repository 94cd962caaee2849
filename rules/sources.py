"""Where the rules come from: citation key to source. A row cites ``key`` or ``key:place``."""

SOURCES = {
    "cookbook": "Petersen and Pedersen, The Matrix Cookbook, 2012, eq. ({})",
    "mn": "Magnus and Neudecker, Matrix Differential Calculus, 3rd ed., 2019, ch. {}",
    "cs224n": "Stanford CS224n, lecture on backpropagation and its gradient notes ({})",
    "mit": "Edelman and Johnson, Matrix Calculus, MIT 18.S096, 2023 ({})",
    "boyd": "Boyd and Vandenberghe, Convex Optimization, 2004, sec. {}",
    "calculus": "standard calculus ({})",
    "linearity": "linearity of the inner product",
    "laue": "Laue, Mitterreiter and Giesen, A Simple and Efficient Tensor Calculus, AAAI 2020, {}",
    "magnus": "Magnus, On differentiating eigenvalues and eigenvectors, Econometric Theory 1, 1985, {}",
    "minka": "Minka, Old and New Matrix Algebra Useful for Statistics, 2000, {}",
    "higham": "Higham, Functions of Matrices, 2008, ch. {}",
    "murray": "Murray, Differentiation of the Cholesky decomposition, 2016, {}",
    "watson": "Watson, Characterization of the subdifferential of some matrix norms, {}",
    "golub": "Golub and Pereyra, The differentiation of pseudo-inverses, SIAM J. Numer. Anal. 10, {}",
    "hendrycks": "Hendrycks and Gimpel, Gaussian Error Linear Units (GELUs), 2016, {}",
    "elfwing": "Elfwing, Uchibe and Doya, Sigmoid-weighted linear units, Neural Networks 107, 2018, {}",
    "clevert": "Clevert, Unterthiner and Hochreiter, Fast and accurate deep network learning by ELUs, 2016, {}",
    "huber": "Huber, Robust estimation of a location parameter, Annals of Mathematical Statistics 35, 1964, {}",
    "golub-van-loan": "Golub and Van Loan, Matrix Computations, 4th ed., 2013, sec. {}",
    "giles": "Giles, Collected Matrix Derivative Results, 2008, sec. {}",
}
