"""What users get: a function, its arguments checked, its docstring, its source."""
