"""What products consist of."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from kernel.scope import current
from licensing.models import BundleItem, Product

# A UNION forgets what it has seen, so that even a circle, which operations refuse, would end.
PARTS = """
WITH RECURSIVE part (root, product) AS (
    SELECT parent_id, component_id FROM licensing_bundle_item
    WHERE organization_id = %s AND ended_at IS NULL AND parent_id IN ({roots})
    UNION
    SELECT part.root, item.component_id FROM licensing_bundle_item item
    JOIN part ON item.parent_id = part.product WHERE item.organization_id = %s AND item.ended_at IS NULL
)
SELECT part.root, product.id, product.code FROM part
JOIN licensing_product product ON product.id = part.product AND product.organization_id = %s
"""


def components_of(product_ids: Collection[UUID]) -> dict[UUID, frozenset[tuple[UUID, str]]]:
    """Id and code of everything that each of these products consists of, at any depth, in one query."""
    key = Product._meta.pk
    organization = key.get_db_prep_value(current(), connection)
    roots = [key.get_db_prep_value(one, connection) for one in product_ids]
    found: dict[UUID, set[tuple[UUID, str]]] = {one: set() for one in product_ids}
    if roots:
        with connection.cursor() as cursor:
            sql = PARTS.format(roots=", ".join(["%s"] * len(roots)))
            cursor.execute(sql, [organization, *roots, organization, organization])
            for root, product, code in cursor.fetchall():
                found[key.to_python(root)].add((key.to_python(product), code))
    return {one: frozenset(parts) for one, parts in found.items()}


def bundle_edges() -> list[tuple[UUID, UUID]]:
    """Parent and component of every live row."""
    return list(BundleItem.objects.filter(ended_at__isnull=True).values_list("parent_id", "component_id"))
