"""Which releases licences may run, and which newer ones they are kept from."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from licensing.models import License, Release, ReleaseStatus
from licensing.queries.carried import carried_by_each
from licensing.queries.license_facts import facts_of
from licensing.rules.codes import Code
from licensing.rules.eligibility import PublishedRelease, Verdict, eligible_until, newest, verdict

MOST_RELEASES = 200
"""Of one product, the latest published; whoever runs an older one is judged by validation."""


@dataclass(frozen=True)
class Judged:
    """One release in the catalogue, and whether the licence may run it."""

    row: Release
    verdict: Verdict


@dataclass(frozen=True)
class LicenseReleases:
    """All of one licence: releases published by `until` are covered (None: every one), newest first."""

    until: datetime | None
    releases: tuple[Judged, ...]


@dataclass(frozen=True)
class Upgrade:
    """What is new for one licence: the highest version that it may run, and the highest that there is with the codes
    that keep the licence from it."""

    license: License
    until: datetime | None
    reachable: PublishedRelease | None
    newest: PublishedRelease | None
    codes: tuple[Code, ...]


def releases_for(*, license: License, at: datetime) -> LicenseReleases:
    """For a licence read with type, licensee and product, in a constant number of queries."""
    facts = facts_of(license, carried=carried_by_each([license], at=at)[license.id])
    rows = _published([license.product_id]).get(license.product_id, [])
    return LicenseReleases(
        until=eligible_until(facts, at), releases=tuple(Judged(row, verdict(facts, _facts(row), at)) for row in rows)
    )


def upgrades(*, licenses: Collection[License], at: datetime) -> list[Upgrade]:
    """The same in brief for many licences, in a constant number of queries."""
    carried = carried_by_each(licenses, at=at)
    published = _published({row.product_id for row in licenses})
    found = []
    for row in licenses:
        facts = facts_of(row, carried=carried[row.id])
        judged = [verdict(facts, _facts(one), at) for one in published.get(row.product_id, [])]
        offered = newest(one.release for one in judged if Code.RELEASE_YANKED not in one.codes)
        codes = next((one.codes for one in judged if one.release is offered), ())
        reachable = newest(one.release for one in judged if one.is_eligible)
        found.append(Upgrade(row, eligible_until(facts, at), reachable, offered, codes))
    return found


def _published(product_ids: Collection[UUID]) -> dict[UUID, list[Release]]:
    """Published and yanked releases by product, the latest first; the database hands out no more than are looked at."""
    latest = Window(RowNumber(), partition_by="product_id", order_by=[F("released_at").desc(), F("id").desc()])
    rows = Release.objects.filter(product_id__in=product_ids).exclude(status=ReleaseStatus.DRAFT)
    found: dict[UUID, list[Release]] = defaultdict(list)
    for row in rows.annotate(place=latest).filter(place__lte=MOST_RELEASES).order_by("-released_at", "-id"):
        found[row.product_id].append(row)
    return found


def _facts(row: Release) -> PublishedRelease:
    return PublishedRelease(
        version=row.version,
        released_at=cast(datetime, row.released_at),  # what is no draft has a time
        yanked_at=row.yanked_at,
        required_features=frozenset(row.required_features),
    )
