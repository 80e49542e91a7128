"""Rules of seats: pure functions over frozen facts, tested without a database."""
