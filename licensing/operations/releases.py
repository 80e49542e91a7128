"""Releases of a vendor's products: prepared, published, and taken back when they turn out to do harm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput, JsonValue
from kernel.trail import Personal, Trail
from licensing.models import Product, Release, ReleaseChannel, ReleaseStatus
from licensing.operations.conditions import CODE
from licensing.operations.reasons import stated_reason
from licensing.rules.versions import BadVersion, read_version, written

MOST_FEATURES = 50


class ReleaseExists(Conflict):
    """The product has a release of this version already."""

    code = "RELEASE_EXISTS"


class ReleaseInvalid(InvalidInput):
    """Version, channel, date, features or reason of the release cannot be what they say."""

    code = "RELEASE_INVALID"


class ReleaseStatusConflict(Conflict):
    """The release is not in the state that this step starts from."""

    code = "RELEASE_STATUS_CONFLICT"


@dataclass(frozen=True, kw_only=True)
class NewRelease:
    """A release to prepare. `version` is read as people write it and kept in three numbers; a pre-release does not go
    to the stable channel."""

    product: Product
    version: str
    channel: str = ReleaseChannel.STABLE.value
    required_features: Sequence[str] = ()


def draft_release(*, release: NewRelease, trail: Trail) -> Release:
    """Prepares a release; no client is judged by it before it is published. Raises ReleaseInvalid, ReleaseExists."""
    row = Release(
        organization_id=trail.organization_id,
        product=release.product,
        version=_version(release),
        channel=release.channel,
        status=ReleaseStatus.DRAFT.value,
        required_features=_features(release.required_features),
        created_at=trail.clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ReleaseExists(
            _("This product has a release %(version)s already.") % {"version": row.version}, pointer="/version"
        ) from error
    trail.record("release.drafted", subject=row, details=_particulars(row))
    return row


def publish_release(*, release_id: UUID, trail: Trail, released_at: datetime | None = None) -> Release:
    """Publishes a draft, as of now or of an earlier moment; this date decides which maintenance covers it.

    Raises ReleaseStatusConflict for what is no draft, and ReleaseInvalid for a date to come.
    """
    row, now = _locked(release_id), trail.clock.now()
    if row.status != ReleaseStatus.DRAFT:
        raise ReleaseStatusConflict(_("Only a draft can be published."))
    if released_at is not None and released_at > now:
        raise ReleaseInvalid(_("A release is published now or was published before."), pointer="/released_at")
    row.status, row.released_at = ReleaseStatus.PUBLISHED.value, released_at or now
    row.save(update_fields=["status", "released_at"])
    trail.record(
        "release.published", subject=row, details={**_particulars(row), "released_at": row.released_at.isoformat()}
    )
    return row


def yank_release(*, release_id: UUID, reason: str, trail: Trail) -> Release:
    """Takes a published release back, for good: a corrected one has a version of its own. Raises ReleaseStatusConflict,
    and ReleaseInvalid without a reason."""
    reason = stated_reason(reason, refusal=ReleaseInvalid)
    row = _locked(release_id)
    if row.status != ReleaseStatus.PUBLISHED:
        raise ReleaseStatusConflict(_("Only a published release can be taken back."))
    row.status, row.yanked_at = ReleaseStatus.YANKED.value, trail.clock.now()
    row.yanked_by, row.yanked_reason = str(trail.actor.pseudonym), reason
    row.save(update_fields=["status", "yanked_at", "yanked_by", "yanked_reason"])
    trail.record(
        "release.yanked",
        subject=row,
        details=_particulars(row),
        personal={"reason": Personal(trail.actor.pseudonym, reason)},
    )
    return row


def _locked(release_id: UUID) -> Release:
    return Release.objects.select_for_update(no_key=True, of=("self",)).get(id=release_id)


def _version(release: NewRelease) -> str:
    try:
        read = read_version(release.version)
    except BadVersion as error:
        raise ReleaseInvalid(_("A version looks like 2.4.1 or 2.4.1-beta.2."), pointer="/version") from error
    if read.pre_release and release.channel == ReleaseChannel.STABLE:
        raise ReleaseInvalid(_("A pre-release goes to the channel rc, beta or alpha."), pointer="/channel")
    return written(read)


def _features(codes: Sequence[str]) -> list[str]:
    if len(codes) > MOST_FEATURES or not all(CODE.fullmatch(code) for code in codes):
        raise ReleaseInvalid(
            _("A feature code has lower-case letters, digits, dots, hyphens: “render-3d”."),
            pointer="/required_features",
        )
    return sorted(set(codes))


def _particulars(row: Release) -> dict[str, JsonValue]:
    return {
        "product": str(row.product_id),
        "version": row.version,
        "channel": row.channel,
        "required_features": list(row.required_features),
    }
