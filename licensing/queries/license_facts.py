"""The facts that decide about a licence, gathered in a fixed number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from licensing.grants import grants_from
from licensing.models import License, LicenseKey, Release
from licensing.queries.carried import NOTHING_MORE, Carried, carried_by
from licensing.rules.facts import ExpiryBasis, ExpiryStrategy, LicenseFacts, LicenseModel, LicenseStatus
from licensing.rules.versions import BadVersion, read_range, read_version, written

OF_THE_RELEASE = ("released_at", "yanked_at", "required_features")
RELATED = ("license_type", "licensee", "product")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseFacts:
    """What the catalogue knows about the release that a client runs."""

    released_at: datetime | None = None
    yanked_at: datetime | None = None
    required_features: frozenset[str] = frozenset()


UNKNOWN_RELEASE = ReleaseFacts()


@dataclass(frozen=True)
class KeyedLicense:
    """The licence behind a key, and what is known about it for one question."""

    license_id: UUID
    facts: LicenseFacts


def license_behind(*, digests: Collection[bytes], version: str | None, at: datetime) -> KeyedLicense | None:
    """The licence of the key with one of these digests in the open organisation; None when there is no such key, after
    as many queries.

    `version` is the release that the client runs; its publication is among the facts when it is registered. `at` says
    which period of a quota runs.
    """
    named = Release.objects.filter(
        product=OuterRef("license__product"), version__in=_spellings(version), released_at__isnull=False
    ).order_by("released_at", "id")
    row = (
        LicenseKey.objects.filter(digest__in=digests, license__isnull=False)
        .select_related(*(f"license__{name}" for name in RELATED))
        .annotate(**{column: Subquery(named.values(column)[:1]) for column in OF_THE_RELEASE})
        .first()
    )
    license = row.license if row else None
    carried = carried_by(license, at=at)
    if row is None or license is None:
        return None
    return KeyedLicense(
        license_id=license.id,
        facts=facts_of(license, key_revoked_at=row.revoked_at, release=_release(row), carried=carried),
    )


def facts_of(
    row: License,
    *,
    key_revoked_at: datetime | None = None,
    release: ReleaseFacts = UNKNOWN_RELEASE,
    carried: Carried = NOTHING_MORE,
) -> LicenseFacts:
    """The facts of a licence read with its type, licensee and product: no query. Its own conditions go before those of
    its type, except features and limits, which add to them; `carried` is what `carried_by` read."""
    kind = row.license_type
    versions = row.version_range or kind.version_range
    return LicenseFacts(
        model=LicenseModel(row.model),
        status=LicenseStatus(row.status),
        created_at=row.created_at,
        valid_from=row.valid_from,
        expires_at=row.expires_at,
        grace_until=row.grace_until,
        duration=kind.duration,
        expiry_strategy=ExpiryStrategy(kind.expiry_strategy),
        expiry_basis=ExpiryBasis(kind.expiry_basis),
        first_validated_at=row.first_validated_at,
        first_activated_at=row.first_activated_at,
        key_revoked_at=key_revoked_at,
        party_barred_at=row.licensee.barred_at,
        maintenance_until=row.maintenance_until,
        released_at=release.released_at,
        release_yanked_at=release.yanked_at,
        required_features=release.required_features,
        version_range=read_range(versions) if versions else None,
        products=frozenset(filter(None, (str(row.product_id), row.product.code))) | carried.components,
        territories=_place(row.territories, kind.territories),
        domains=_place(row.domains, kind.domains),
        departments=_place(row.departments, kind.departments),
        features=(*grants_from([*kind.features, *row.features]), *carried.grants),
        quotas=carried.quotas,
        notice=kind.notice,
    )


def _place(own: list[str] | None, of_type: list[str] | None) -> frozenset[str] | None:
    """A limit of place: the licence's own, or else its type's; None where neither has one."""
    values = own if own is not None else of_type
    return None if values is None else frozenset(values)


def _release(row: Any) -> ReleaseFacts:
    """From the columns that the query added."""
    return ReleaseFacts(
        released_at=row.released_at,
        yanked_at=row.yanked_at,
        required_features=frozenset(row.required_features or ()),
    )


def limits_of(row: License) -> dict[str, int]:
    """The numbers that the licence carries, its own before those of its type."""
    return {**row.license_type.limits, **row.limits}


def _spellings(version: str | None) -> list[str]:
    """How the catalogue may write the version that a client states: as it stands, or in three numbers."""
    if version is None:
        return []
    try:
        read = read_version(version)
    except BadVersion:
        return [version]
    return [version, written(read)]
