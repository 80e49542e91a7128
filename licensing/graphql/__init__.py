"""GraphQL of licensing/: types, root fields and mutations; config.schema puts them together. Keys are no part of it."""

from licensing.graphql.catalogue import CatalogueQuery, EditionNode, MetricNode, ProductNode
from licensing.graphql.issuing import IssuingQuery
from licensing.graphql.modules import ModulesMutation
from licensing.graphql.mutations import LicensingMutation
from licensing.graphql.releases import ReleaseMutation, ReleaseQuery
from licensing.graphql.rights import RightsQuery

__all__ = [
    "CatalogueQuery",
    "EditionNode",
    "IssuingQuery",
    "LicensingMutation",
    "MetricNode",
    "ModulesMutation",
    "ProductNode",
    "ReleaseMutation",
    "ReleaseQuery",
    "RightsQuery",
]
