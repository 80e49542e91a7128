"""Rules of licensing: pure functions over frozen facts, tested without a database."""
