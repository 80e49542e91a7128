"""GraphQL of identity/: types, root fields and mutations; config.schema puts them together."""

from identity.graphql.directory import DeviceNode, DirectoryQuery, GroupNode, OrgUnitNode, PersonNode
from identity.graphql.mutations import IdentityMutation
from identity.graphql.organizations import OrganizationQuery

__all__ = [
    "DeviceNode",
    "DirectoryQuery",
    "GroupNode",
    "IdentityMutation",
    "OrgUnitNode",
    "OrganizationQuery",
    "PersonNode",
]
