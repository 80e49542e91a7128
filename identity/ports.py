"""What identity needs of the apps above; config.composition binds the implementations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from identity.models import DirectoryGroup, Person
from kernel.principal import Principal
from kernel.trail import Trail


class OrganizationCreated(Protocol):
    """Called in the trail in which an organisation is set up: licensing draws its signing key."""

    def __call__(self, *, trail: Trail) -> object: ...


class Departure(Protocol):
    """Called in the trail in which a person becomes inactive, the person's row locked: whatever the person holds is
    given back in the same transaction."""

    def __call__(self, *, person: Person, trail: Trail) -> object: ...


class GroupChange(Protocol):
    """Called in the trail in which people joined or left a directory group. Leaving a group is no departure."""

    def __call__(
        self, *, group: DirectoryGroup, joined: Sequence[UUID], left: Sequence[UUID], trail: Trail
    ) -> object: ...


class Plan(Protocol):
    """Whether the organisation's plan of this installation includes a feature, such as "sso" or "scim"."""

    def __call__(self, *, organization_id: UUID, feature: str) -> bool: ...


class AccessToken(Protocol):
    """Who stands behind an OAuth access token that was issued for `audience`; a Refusal with status 401 for tokens that
    are unknown, expired, revoked or issued for something else."""

    def __call__(self, *, token: str, audience: str, at: datetime) -> Principal: ...


class Bindings:
    """Set once by config.composition."""

    organization_created: OrganizationCreated
    departure: Departure
    group_change: GroupChange
    plan: Plan
    access_token: AccessToken


bindings = Bindings()
