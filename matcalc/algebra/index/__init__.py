"""Index form: a linear expression as sums over indices, and its lifting back into matrix form."""
