"""Bootstrapping a tenant: the row, its audit key, where its checkpoints go, and its first member."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

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
from kernel.errors import Conflict
from kernel.ids import new_id
from kernel.principal import system


class SlugTaken(Conflict):
    """Another organisation of this installation has the slug."""

    code = "ORGANIZATION_SLUG_TAKEN"


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
    """Creates a tenant with its chain, keys, checkpoint folder and first member, in a trail of its own.

    Raises SlugTaken, PasswordTooWeak and AddressTaken. The row must exist before its trail can be opened, hence the
    transaction in front: a failure of the second leaves an organisation that nobody can enter and that the same call
    completes.
    """
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


def checkpoint_folder(organization_id: UUID) -> Path:
    return Path(settings.CHECKPOINT_DIR) / str(organization_id)
