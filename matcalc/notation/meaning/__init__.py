"""From the syntax tree to typed expressions: what every name and every sign means, and the size of everything.

The tape holds nodes while sizes are unknown; ``typing`` has a handler for each kind of syntax node; ``resolve`` puts it
together."""
