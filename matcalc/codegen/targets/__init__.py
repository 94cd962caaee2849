"""Source text: the forms of each kernel in a library, and the body of a function. One library, one file of forms."""
