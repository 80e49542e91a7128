"""GraphQL of identity/: types, root fields and mutations; config.schema puts them together."""

from identity.graphql.directory import DeviceNode, DirectoryQuery, OrgUnitNode, PersonNode
from identity.graphql.mutations import IdentityMutation
from identity.graphql.organizations import OrganizationQuery

__all__ = ["DeviceNode", "DirectoryQuery", "IdentityMutation", "OrgUnitNode", "OrganizationQuery", "PersonNode"]
