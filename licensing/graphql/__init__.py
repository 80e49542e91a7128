"""GraphQL of licensing/: types, root fields and mutations; config.schema puts them together. Keys are no part of it."""

import strawberry

from licensing.graphql.agreements import AgreementMutation
from licensing.graphql.catalogue import CatalogueQuery, EditionNode, MetricNode, ProductNode
from licensing.graphql.certificates import CertificateQuery
from licensing.graphql.explanation import ExplanationQuery
from licensing.graphql.issuing import IssuingQuery, LicenseNode
from licensing.graphql.life import LifeMutation
from licensing.graphql.modules import ModulesMutation
from licensing.graphql.mutations import StateMutation
from licensing.graphql.parties import PartyMutation
from licensing.graphql.releases import ReleaseMutation, ReleaseQuery
from licensing.graphql.rights import RightsQuery
from licensing.graphql.usage import UsageQuery


@strawberry.type
class LicensingQuery(
    CatalogueQuery, RightsQuery, IssuingQuery, CertificateQuery, ExplanationQuery, ReleaseQuery, UsageQuery
):
    """The root fields of licensing."""


@strawberry.type
class LicensingMutation(
    StateMutation, LifeMutation, ModulesMutation, ReleaseMutation, PartyMutation, AgreementMutation
):
    """The mutations of licensing."""


__all__ = ["EditionNode", "LicenseNode", "LicensingMutation", "LicensingQuery", "MetricNode", "ProductNode"]
