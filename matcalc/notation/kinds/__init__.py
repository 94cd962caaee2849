"""What each name of a text is: a scalar, a column, a row or a matrix. One inference over the whole text finds the cheapest
reading that is consistent: hard rows for operators, soft costs for letters and habits."""
