"""Training scripts: what stands in them word for word (optimisers, schedules, epochs …), and what puts them together."""
