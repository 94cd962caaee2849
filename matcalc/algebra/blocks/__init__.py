"""Blocks, entries and slices: what is cut out of what is put together, and back."""
