"""The strategies: backprop, differential, elementwise."""
