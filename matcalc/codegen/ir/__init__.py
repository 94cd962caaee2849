"""The graph that code is generated from: each computation there once, and values as products of factors."""
