"""The normal form: how an expression is written as a textbook would. Each ring law stands in a function that names it."""
