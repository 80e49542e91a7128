"""The facts that decide about a licence, gathered in a fixed number of queries."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Subquery

from licensing.grants import grants_from
from licensing.models import Activation, License, LicenseKey, LicenseType, Release
from licensing.queries.activations import activation_of, number_of_live, users_of_live
from licensing.queries.carried import NOTHING_MORE, Carried, carried_by
from licensing.queries.certificates import last_end_of_offline, number_of_holders
from licensing.rules.allowances import Allowance
from licensing.rules.dunning import DunningTerms, without_features_from
from licensing.rules.expiry import is_over
from licensing.rules.facts import ExpiryBasis, ExpiryStrategy, FeatureGrant, LicenseFacts, LicenseModel, LicenseStatus
from licensing.rules.life import Life
from licensing.rules.offline import OfflineSeats, offline_seats
from licensing.rules.versions import BadVersion, read_range, read_version, written
from licensing.rules.what_if import USERS

OF_THE_RELEASE = ("released_at", "yanked_at", "required_features")
RELATED = ("license_type", "licensee", "product")
ACTIVATIONS = "activations"
"""The code of the limit on machines, among the limits of a licence or its type."""


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


def license_behind(
    *, digests: Collection[bytes], version: str | None, at: datetime, fingerprints: Collection[str] = ()
) -> KeyedLicense | None:
    """The licence of the key with one of these digests in the open organisation; None when there is no such key.

    `version` is the release that the client runs; its publication is among the facts when it is registered. `at` says
    which period of a quota runs. `fingerprints` are the digests of its machine, whose live activation is among the
    facts. Known and unknown keys cost the same queries.
    """
    row = (
        LicenseKey.objects.filter(digest__in=digests, license__isnull=False)
        .select_related(*(f"license__{name}" for name in RELATED))
        .annotate(**_of_release(OuterRef("license__product"), version), **_counts("license"))
        .first()
    )
    known = None if row is None else row.license
    carried = carried_by(known, at=at)
    machine = activation_of(license_id=known.id if known else None, fingerprints=fingerprints)
    if row is None or known is None:
        return None
    facts = facts_of(known, key_revoked_at=row.revoked_at, release=release_of(row), carried=carried)
    return KeyedLicense(license_id=known.id, facts=with_counts(facts, known, row, machine=machine))


def with_counts(facts: LicenseFacts, row: License, counted: Any, *, machine: Activation | None) -> LicenseFacts:
    """The facts with what was counted beside the licence (`_counts`), and with the machine that asks."""
    live = counted.live + (counted.offline if offline_seats_of(row).shared else 0)
    facts = replace(with_activations(facts, row, live=live), offline_until=counted.offline_until)
    if USERS in limits_of(row):
        facts = with_users(facts, row, users=counted.users)
    return facts if machine is None else with_machine(facts, machine)


def _counts(license: str) -> dict[str, Any]:
    """What is counted in the same query: live activations and their users, certificates that are out, and the last end
    of these."""
    return {
        "live": number_of_live(OuterRef(license)),
        "users": users_of_live(OuterRef(license)),
        "offline": number_of_holders(OuterRef(license)),
        "offline_until": last_end_of_offline(license=license),
    }


def with_activations(facts: LicenseFacts, row: License, *, live: int) -> LicenseFacts:
    """The facts with what the licence demands of machines, and `live` of its activations counted."""
    kind = row.license_type
    return replace(
        facts,
        machines=kind.machine_terms(bound=row.model == LicenseModel.NODE_LOCKED),
        activations=activations_of(row, live=live),
        connectivity_grace=kind.connectivity_grace,
    )


def with_users(facts: LicenseFacts, row: License, *, users: Collection[str]) -> LicenseFacts:
    """The facts with the users whom the licence's live activations name, against its limit."""
    seats = Allowance(limit=limits_of(row)[USERS], used=len(users), overage=row.license_type.overage_terms)
    return replace(facts, user_seats=seats, seated_users=frozenset(users))


def license_asked_about(*, license_id: UUID, version: str | None) -> License | None:
    """The licence with type, licensee and product, as `release_id` and the columns that `release_of` reads the release
    that `version` names, and the counts that `with_counts` reads; None when the open organisation has no such licence.
    One query."""
    return (
        License.objects.select_related(*RELATED)
        .annotate(**_of_release(OuterRef("product"), version, release_id="id"), **_counts("id"))
        .filter(id=license_id)
        .first()
    )


def with_machine(facts: LicenseFacts, machine: Activation) -> LicenseFacts:
    """The facts with the activation of the machine that asks."""
    return replace(facts, activation=machine.as_fact, last_check_in_at=machine.last_seen_at)


def activations_of(row: License, *, live: int) -> Allowance:
    """How many machines the licence allows, of which `live` are taken."""
    return Allowance(limit=limits_of(row).get(ACTIVATIONS), used=live, overage=row.license_type.overage_terms)


def facts_of(
    row: License,
    *,
    key_revoked_at: datetime | None = None,
    release: ReleaseFacts = UNKNOWN_RELEASE,
    carried: Carried = NOTHING_MORE,
) -> LicenseFacts:
    """The facts of a licence read with its type, licensee and product: no query. Its own conditions go before those of
    its type, except features and limits, which add to them; `carried` is what `carried_by` read. Nothing is said of
    machines: `with_activations` does."""
    kind = row.license_type
    versions = row.version_range or kind.version_range
    return LicenseFacts(
        model=LicenseModel(row.model),
        status=LicenseStatus(row.status),
        created_at=row.created_at,
        valid_from=row.valid_from,
        expires_at=row.expires_at,
        # A cancelled licence ends with its term: the grace is there again when the cancellation is taken back.
        grace_until=None if row.cancel_at is not None else row.grace_until,
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
        features=carried_features(row, *carried.grants),
        quotas=carried.quotas,
        notice=kind.notice,
        paused_at=row.paused_at,
    )


def carried_features(row: License, *of_add_ons: FeatureGrant) -> tuple[FeatureGrant, ...]:
    """The features of the type, the licence and its add-ons; those of a licence past due end when its stage says so."""
    grants = (*grants_from([*row.license_type.features, *row.features]), *of_add_ons)
    if row.past_due_since is None:
        return grants
    return without_features_from(grants, row.past_due_since + dunning_of(row.license_type).restrict_after)


def dunning_of(kind: LicenseType) -> DunningTerms:
    """After how long without payment licences of this type lose features and are suspended."""
    return DunningTerms(
        restrict_after=timedelta(days=kind.dunning_restrict_days),
        suspend_after=timedelta(days=kind.dunning_suspend_days),
    )


def life_of(row: License, *, at: datetime) -> Life:
    """Where a licence, read with its type, licensee and product, stands at `at`."""
    facts = facts_of(row)
    return Life(
        model=LicenseModel(row.model),
        status=LicenseStatus(row.status),
        is_paused=row.paused_at is not None,
        is_cancelled=row.cancel_at is not None,
        is_past_due=row.past_due_since is not None,
        has_end=row.expires_at is not None,
        # A paused licence does not age.
        is_over=row.paused_at is None and is_over(facts, at),
    )


def _place(own: list[str] | None, of_type: list[str] | None) -> frozenset[str] | None:
    """A limit of place: the licence's own, or else its type's; None where neither has one."""
    values = own if own is not None else of_type
    return None if values is None else frozenset(values)


def release_of(row: Any) -> ReleaseFacts:
    """From the columns that the query added."""
    return ReleaseFacts(
        released_at=row.released_at,
        yanked_at=row.yanked_at,
        required_features=frozenset(row.required_features or ()),
    )


def _of_release(product: OuterRef, version: str | None, **more: str) -> dict[str, Subquery]:
    """The columns of the registered release of a product that a stated version names, the earliest first."""
    named = Release.objects.filter(product=product, version__in=_spellings(version), released_at__isnull=False)
    columns = {**{column: column for column in OF_THE_RELEASE}, **more}
    return {name: Subquery(named.order_by("released_at", "id").values(column)[:1]) for name, column in columns.items()}


def limits_of(row: License) -> dict[str, int]:
    """The numbers that the licence carries, its own before those of its type."""
    return {**row.license_type.limits, **row.limits}


def offline_seats_of(row: License) -> OfflineSeats:
    """How many machines without a connection the licence allows."""
    return offline_seats(model=LicenseModel(row.model), quantity=row.quantity, limits=limits_of(row))


def _spellings(version: str | None) -> list[str]:
    """How the catalogue may write the version that a client states: as it stands, or in three numbers."""
    if version is None:
        return []
    try:
        read = read_version(version)
    except BadVersion:
        return [version]
    return [version, written(read)]
