"""What is computed, kernel by kernel, in which order, and who owns the memory of it."""
