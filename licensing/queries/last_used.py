"""When people last used a product, by whatever source knows, and whether anything is known of a product at all."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from identity.models import Person, PersonEmail
from licensing.keyring import peppers
from licensing.models import Activation, LastUse, License, ObservedUse, UsageEvent
from licensing.rules.digests import subject_digest

# Person and product.
Pair = tuple[UUID, UUID]


@dataclass(frozen=True, slots=True)
class LastUsed:
    """The latest moment of use that is known, and the name of the source that knows it."""

    at: datetime
    source: str


def last_used(*, pairs: Collection[Pair], since: datetime) -> dict[Pair, LastUsed]:
    """For each pair of person and product the latest use; none where no source knows of any.

    Asks what was imported, observed use that goes on, and, from `since` on, usage events and activations that name the
    person by a name of the directory. The number of queries is the same for one pair and for thousands.
    """
    people, products = {person for person, _product in pairs}, {product for _person, product in pairs}
    wanted, found = set(pairs), dict[Pair, LastUsed]()

    def seen(pair: Pair, at: datetime, source: str) -> None:
        if pair in wanted and (pair not in found or at > found[pair].at):
            found[pair] = LastUsed(at, source)

    columns = ("person_id", "product_id", "last_used_at", "source")
    named = {"person_id__in": people, "product_id__in": products, "last_used_at__isnull": False}
    for person, product, at, source in LastUse.objects.filter(**named).values_list(*columns):
        seen((person, product), at, source)
    for person, product, at, source in ObservedUse.objects.live().filter(**named).values_list(*columns):
        seen((person, product), at, source)
    owners = _digests_of(people)
    licenses = dict(License.objects.filter(product_id__in=products).values_list("id", "product_id"))
    events = UsageEvent.objects.filter(license_id__in=licenses, subject__in=owners, at__gte=since)
    latest = events.values("license_id", "subject", "source").annotate(latest=Max("at")).order_by()
    for license, digest, source, at in latest.values_list("license_id", "subject", "source", "latest"):
        for person in owners[digest]:
            seen((person, licenses[license]), at, source)
    machines = Activation.objects.filter(license_id__in=licenses, user__in=owners, last_seen_at__gte=since)
    for license, digest, at in machines.values_list("license_id", "user", "last_seen_at"):
        for person in owners[digest]:
            seen((person, licenses[license]), at, "activation")
    return found


def products_with_use(*, products: Collection[UUID], start: datetime, end: datetime) -> set[UUID]:
    """Those of the products of which some source knows a use in the half-open window, whoever used them: where none
    does, silence says nothing of anybody."""
    imported = LastUse.objects.filter(product_id__in=products, last_used_at__gte=start, last_used_at__lt=end)
    observed = ObservedUse.objects.filter(product_id__in=products, last_used_at__gte=start, last_used_at__lt=end)
    known = {*imported.values_list("product_id", flat=True), *observed.values_list("product_id", flat=True)}
    licenses = dict(License.objects.filter(product_id__in=set(products) - known).values_list("id", "product_id"))
    events = UsageEvent.objects.filter(license_id__in=licenses, at__gte=start, at__lt=end)
    machines = Activation.objects.filter(license_id__in=licenses, last_seen_at__gte=start, last_seen_at__lt=end)
    return (
        known
        | {licenses[one] for one in events.values_list("license_id", flat=True).distinct()}
        | {licenses[one] for one in machines.values_list("license_id", flat=True).distinct()}
    )


def _digests_of(people: Collection[UUID]) -> dict[str, set[UUID]]:
    """Who may be meant by a stored digest of a user: each name of each person, under each pepper in use. A client may
    name its user as the directory does, whole or in small letters."""
    names: dict[str, set[UUID]] = defaultdict(set)
    for person, user_name, number in Person.objects.filter(id__in=people, deleted_at__isnull=True).values_list(
        "id", "user_name", "employee_number"
    ):
        for name in {user_name, user_name.lower(), number}:
            names[name].add(person)
    for person, address in PersonEmail.objects.filter(
        person_id__in=people, person__deleted_at__isnull=True
    ).values_list("person_id", "value"):
        for name in {address, address.lower()}:
            names[name].add(person)
    return {
        subject_digest(kind="user", value=name, pepper=pepper): owners
        for name, owners in names.items()
        if name
        for pepper in peppers()
    }
