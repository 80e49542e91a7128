"""Small functions that make valid rows for tests, each with sensible columns that a keyword replaces.

They write rows directly, without operations and without a ledger entry: for tests of what stands below operations.
Rows of an organisation are made inside `kernel.scope.scope(organization.id)` or a trail.
"""
