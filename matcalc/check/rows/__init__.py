"""Rule rows, tested one by one from their own text; and a user's own rule file, tested before it is used."""
