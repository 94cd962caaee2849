"""From expressions to the graph: sums, products and operators, in forms that neither overflow nor lose digits."""
