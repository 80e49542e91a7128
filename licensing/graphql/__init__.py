"""GraphQL of licensing/: types, root fields and mutations; config.schema puts them together. Keys are no part of it."""

from licensing.graphql.agreements import AgreementMutation
from licensing.graphql.catalogue import CatalogueQuery, EditionNode, MetricNode, ProductNode
from licensing.graphql.issuing import IssuingQuery
from licensing.graphql.mutations import LicensingMutation
from licensing.graphql.parties import PartyMutation
from licensing.graphql.rights import RightsQuery

__all__ = [
    "AgreementMutation",
    "CatalogueQuery",
    "EditionNode",
    "IssuingQuery",
    "LicensingMutation",
    "MetricNode",
    "PartyMutation",
    "ProductNode",
    "RightsQuery",
]
