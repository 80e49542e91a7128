"""Proof that organisations do not see each other: the matrix over every surface, the probes of the database, mutants.

docs/isolation.md says what is proved where. What is walked is read from the program itself (addresses, OpenAPI,
GraphQL, admin, tasks, tables), so that a new surface is in the matrix as soon as it exists.
"""
