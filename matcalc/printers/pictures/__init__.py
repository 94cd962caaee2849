"""Computation graphs as pictures. What is said stands in ``captions``, where it stands in ``layers``; a format only writes it."""
