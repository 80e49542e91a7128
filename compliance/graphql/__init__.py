"""GraphQL of compliance/: changes that need a second person."""

from compliance.graphql.changes import ChangesMutation, ChangesQuery

__all__ = ["ChangesMutation", "ChangesQuery"]
