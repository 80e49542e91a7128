"""The catalogue: what an import or a form names is found under its name or alias, or added."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from kernel.trail import Trail
from licensing.importing.texts import comparable
from licensing.models import Edition, Metric, MetricFunction, MetricSubject, Product, ProductAlias, Publisher

# Metrics that every organisation starts with: code, name, what is counted, how.
STANDARD_METRICS = (
    ("named_user", "Named user", MetricSubject.PERSON, MetricFunction.DISTINCT),
    ("device", "Device", MetricSubject.DEVICE, MetricFunction.DISTINCT),
    ("concurrent_user", "Concurrent user", MetricSubject.SESSION, MetricFunction.PEAK),
    ("core", "Processor core", MetricSubject.CORE, MetricFunction.PER_CORE),
    ("unit", "Unit of use", MetricSubject.UNIT, MetricFunction.SUM),
    ("site", "Site", MetricSubject.SITE, MetricFunction.COUNT),
)


@dataclass(frozen=True)
class Named:
    """A product line as somebody wrote it; edition empty for a product that has none. `code` is given to a product
    that is added, for a vendor's own: what validation asks for."""

    publisher: str
    product: str
    edition: str = ""
    code: str = ""


R = TypeVar("R", Publisher, Product, Edition)


def ensure_product(*, named: Named, trail: Trail) -> tuple[Product, Edition | None]:
    """Finds the product by name, another spelling of it or alias under its publisher, or adds publisher, product and
    edition as needed."""
    publisher = _ensure_publisher(named.publisher, trail)
    product = Product.objects.filter(publisher=publisher, name_lower=named.product.lower()).first()
    product = product or _spelt_alike(Product.objects.filter(publisher=publisher), named.product)
    edition: Edition | None = None
    if product is None:
        alias = (
            ProductAlias.objects.select_related("product", "edition")
            .filter(alias_normalised=comparable(named.product), product__publisher=publisher)
            .first()
        )
        if alias is not None:
            product, edition = alias.product, alias.edition
    if product is None:
        product = Product.objects.create(
            organization_id=trail.organization_id,
            publisher=publisher,
            name=named.product,
            name_lower=named.product.lower(),
            code=named.code,
            created_at=trail.clock.now(),
        )
        trail.record("product.created", subject=product, details={"name": product.name, "publisher": publisher.name})
    if named.edition:
        edition = _ensure_edition(product, named.edition, trail)
    return product, edition


def _spelt_alike(rows: Iterable[R], name: str) -> R | None:
    """The row whose name differs in case, spaces, punctuation or accents alone."""
    spelt = comparable(name)
    return next((row for row in rows if spelt and comparable(row.name) == spelt), None)


def _ensure_publisher(name: str, trail: Trail) -> Publisher:
    found = Publisher.objects.filter(name_lower=name.lower()).first() or _spelt_alike(Publisher.objects.all(), name)
    if found is not None:
        return found
    row, created = Publisher.objects.get_or_create(
        organization_id=trail.organization_id,
        name_lower=name.lower(),
        defaults={"name": name, "created_at": trail.clock.now()},
    )
    if created:
        trail.record("publisher.created", subject=row, details={"name": name})
    return row


def _ensure_edition(product: Product, name: str, trail: Trail) -> Edition:
    found = Edition.objects.filter(product=product, name_lower=name.lower()).first()
    found = found or _spelt_alike(Edition.objects.filter(product=product), name)
    if found is not None:
        return found
    row, created = Edition.objects.get_or_create(
        organization_id=trail.organization_id,
        product=product,
        name_lower=name.lower(),
        defaults={"name": name, "created_at": trail.clock.now()},
    )
    if created:
        trail.record("edition.created", subject=row, details={"name": name, "product": str(product.id)})
    return row


def standard_metrics(*, trail: Trail) -> dict[str, Metric]:
    """The metrics in force by code, adding those of STANDARD_METRICS that are missing."""
    present = {row.code: row for row in Metric.objects.filter(superseded_at__isnull=True)}
    for code, name, subject, function in STANDARD_METRICS:
        if code not in present:
            present[code] = Metric.objects.create(
                organization_id=trail.organization_id,
                code=code,
                name=name,
                subject=subject,
                function=function,
                created_at=trail.clock.now(),
            )
            trail.record("metric.created", subject=present[code], details={"code": code, "version": 1})
    return present
