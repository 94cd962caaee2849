"""Sums over indices: read, vectorised as they are read, and kept as they were written, so that loops can check them."""
