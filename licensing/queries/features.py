"""What the catalogue says about the features of a product and of what is bundled with it."""

from collections.abc import Collection
from uuid import UUID

from licensing.models import Feature
from licensing.rules.feature_values import FeatureDefinition, FeatureKind


def definitions_of(*, product_ids: Collection[UUID], codes: Collection[str]) -> dict[str, FeatureDefinition]:
    """The features with these codes, by code; where several of the products have one, that of the first product."""
    rank = {product_id: place for place, product_id in enumerate(product_ids)}
    rows = Feature.objects.filter(product_id__in=rank, code__in=set(codes))
    return {row.code: definition_of(row) for row in sorted(rows, key=lambda row: -rank[row.product_id])}


def definition_of(row: Feature) -> FeatureDefinition:
    return FeatureDefinition(row.code, FeatureKind(row.kind), tuple(row.choices))
