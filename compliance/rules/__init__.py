"""Rules of compliance: pure functions over frozen facts, tested without a database."""
