"""Bootstrapping a tenant: the row, its audit key, where its checkpoints go, and its first member."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.validators import slug_re
from django.db import transaction
from django.utils.translation import gettext as _

from audit.models import Destination
from audit.models.evidence import DestinationKind
from audit.operations import create_signing_key, trail
from identity.models import Organization
from identity.models.organizations import OrganizationKind
from identity.operations.accounts import create_account, grant_membership, refuse_taken_address
from identity.ports import bindings
from kernel.clock import Clock
from kernel.errors import Conflict, InvalidInput
from kernel.ids import new_id
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail

LONGEST_SLUG = 50


class SlugTaken(Conflict):
    """Another organisation of this installation has the slug."""

    code = "ORGANIZATION_SLUG_TAKEN"


class SlugInvalid(InvalidInput):
    """A short name stands in addresses: letters, digits, hyphens and underscores, at most fifty."""

    code = "ORGANIZATION_SLUG_INVALID"


class PlatformExists(Conflict):
    """An installation has one organisation that runs it."""

    code = "ORGANIZATION_PLATFORM_EXISTS"


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

    Raises what check_organization raises, and PasswordTooWeak. The row must exist before its trail can be opened, hence
    the transaction in front: a failure of the second leaves an organisation that nobody can enter and that the same
    call completes.
    """
    check_organization(slug=slug, kind=kind, time_zone=time_zone, owner=first_member.email if first_member else "")
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
            raise _taken(slug)
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


def check_organization(*, slug: str, kind: str, time_zone: str, owner: str = "") -> None:
    """Refuses what create_organization would refuse whatever the password is, and writes nothing.

    Raises TimeZoneUnknown, SlugInvalid, SlugTaken, PlatformExists and, for the address of the owner, AddressTaken.
    """
    _refuse_unknown_zone(time_zone)
    if len(slug) > LONGEST_SLUG or not slug_re.fullmatch(slug):
        raise SlugInvalid(
            _("A short name is made of letters, digits, hyphens and underscores, at most %(most)d of them.")
            % {"most": LONGEST_SLUG},
            pointer="/slug",
        )
    there = Organization.objects.filter(slug=slug).first()
    if there is not None and _is_complete(there):
        raise _taken(slug)
    if kind == OrganizationKind.PLATFORM and Organization.objects.filter(kind=kind).exclude(slug=slug).exists():
        raise PlatformExists(_("This installation has its own organisation already."), pointer="/kind")
    if owner:
        refuse_taken_address(owner)


def furnish_organization(*, trail: Trail) -> None:
    """Adds what a new organisation begins with today and this one, made by an earlier release, lacks: what is there
    stays as it is, and a second call changes nothing."""
    bindings.organization_created(trail=trail)


def _is_complete(there: Organization) -> bool:
    """Whether somebody finished creating it: its trail was written."""
    with scope(there.id):
        return Destination.objects.exists()


def _taken(slug: str) -> SlugTaken:
    return SlugTaken(
        _("An organisation with the short name %(slug)s exists already.") % {"slug": slug}, pointer="/slug"
    )


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
