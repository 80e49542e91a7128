"""Bootstrapping a tenant: the row, its audit key, where its checkpoints go, and its first member."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit.models import Destination
from audit.models.evidence import DestinationKind
from audit.operations import create_signing_key, trail
from identity.models import Organization
from identity.operations.accounts import create_account, grant_membership
from identity.ports import bindings
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput
from kernel.ids import new_id
from kernel.principal import system
from kernel.trail import Trail


class SlugTaken(Conflict):
    """Another organisation of this installation has the slug."""

    code = "ORGANIZATION_SLUG_TAKEN"


class TimeZoneUnknown(InvalidInput):
    """No clock of this machine knows the time zone; the work of each night could not be set."""

    code = "TIME_ZONE_UNKNOWN"


@dataclass(frozen=True)
class FirstMember:
    """The account that can let everybody else in."""

    email: str
    password: str
    display_name: str
    role: str = "owner"


def create_organization(
    *,
    slug: str,
    name: str,
    kind: str,
    clock: Clock,
    territory: str = "",
    region: str = "",
    time_zone: str = "UTC",
    currency: str = "EUR",
    first_member: FirstMember | None = None,
) -> Organization:
    """Creates a tenant with its chain, keys, checkpoint folder, nightly work and first member, in a trail of its own.

    Raises TimeZoneUnknown, SlugTaken, PasswordTooWeak and AddressTaken. The row must exist before its trail can be
    opened, hence the transaction in front: a failure of the second leaves an organisation that nobody can enter and
    that the same call completes.
    """
    _refuse_unknown_zone(time_zone)
    organization_id = new_id()
    with transaction.atomic():
        row, created = Organization.objects.get_or_create(
            slug=slug,
            defaults={
                "id": organization_id,
                "name": name,
                "kind": kind,
                "territory": territory,
                "region": region,
                "time_zone": time_zone,
                "currency": currency,
                "created_at": clock.now(),
            },
        )
    actor = system(row.id, "bootstrap")
    with trail(organization_id=row.id, actor=actor, clock=clock) as opened:
        if not created and Destination.objects.exists():
            raise SlugTaken(
                _("An organisation with the short name %(slug)s exists already.") % {"slug": slug}, pointer="/slug"
            )
        opened.record("organization.created", subject=row, details={"slug": slug, "kind": kind})
        create_signing_key(trail=opened)
        bindings.organization_created(trail=opened)
        Destination.objects.create(
            organization_id=row.id,
            kind=DestinationKind.FILE,
            address=str(checkpoint_folder(row.id)),
            region=region,
            created_at=opened.clock.now(),
        )
        if first_member is not None:
            account = create_account(
                email=first_member.email,
                password=first_member.password,
                display_name=first_member.display_name,
                clock=opened.clock,
            )
            grant_membership(account=account, roles=[first_member.role], trail=opened)
    return row


def furnish_organization(*, trail: Trail) -> None:
    """Adds what a new organisation begins with today and this one, made by an earlier release, lacks: what is there
    stays as it is, and a second call changes nothing."""
    bindings.organization_created(trail=trail)


def _refuse_unknown_zone(time_zone: str) -> None:
    try:
        ZoneInfo(time_zone)
    except (ValueError, OSError, LookupError) as error:
        raise TimeZoneUnknown(
            _("No time zone is called %(name)s; write it as Europe/Oslo, for example.") % {"name": time_zone[:60]},
            pointer="/time_zone",
        ) from error


def checkpoint_folder(organization_id: UUID) -> Path:
    return Path(settings.CHECKPOINT_DIR) / str(organization_id)
