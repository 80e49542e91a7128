"""GraphQL of licensing/: types, root fields and mutations; config.schema puts them together. Keys are no part of it."""

from licensing.graphql.catalogue import CatalogueQuery, EditionNode, MetricNode, ProductNode
from licensing.graphql.explanation import ExplanationQuery
from licensing.graphql.issuing import IssuingQuery, LicenseNode
from licensing.graphql.life import LifeMutation
from licensing.graphql.mutations import LicensingMutation
from licensing.graphql.rights import RightsQuery

__all__ = [
    "CatalogueQuery",
    "EditionNode",
    "ExplanationQuery",
    "IssuingQuery",
    "LicenseNode",
    "LicensingMutation",
    "LifeMutation",
    "MetricNode",
    "ProductNode",
    "RightsQuery",
]
