"""What is kept of validations: each question with its answer, in batches that the ledger vouches for."""
