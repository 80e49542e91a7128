"""What identity needs of the apps above; config.composition binds the implementations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from identity.models import DirectoryGroup, Person
from kernel.principal import Principal
from kernel.trail import Trail


class OrganizationCreated(Protocol):
    """Called in the trail in which an organisation is set up, and again after an upgrade: adds what is missing of the
    signing key, the usual metrics and the usual schedules."""

    def __call__(self, *, trail: Trail) -> object: ...


class Departure(Protocol):
    """Called in the trail in which a person becomes inactive, the person's row locked: whatever the person holds is
    given back in the same transaction, or waits as the organisation's policy says."""

    def __call__(self, *, person: Person, trail: Trail) -> object: ...


class Return(Protocol):
    """Called in the trail in which a person who left something behind (`Person.left_behind`) is active again, the
    person's row locked: what was held before is given back where it is free."""

    def __call__(self, *, person: Person, trail: Trail) -> object: ...


class GroupChange(Protocol):
    """Called in the trail in which people joined or left a directory group. Leaving a group is no departure."""

    def __call__(
        self, *, group: DirectoryGroup, joined: Sequence[UUID], left: Sequence[UUID], trail: Trail
    ) -> object: ...


class GroupDeletion(Protocol):
    """Called in the trail in which a directory group is deleted, its row locked and its members gone: whatever refers
    to the group ends."""

    def __call__(self, *, group: DirectoryGroup, trail: Trail) -> object: ...


class Plan(Protocol):
    """Whether the organisation's plan of this installation includes a feature, such as "sso" or "scim"."""

    def __call__(self, *, organization_id: UUID, feature: str) -> bool: ...


class Partners(Protocol):
    """The names of business partners of the open organisation, by their ids; unknown ids are left out."""

    def __call__(self, *ids: UUID) -> Mapping[UUID, str]: ...


class PartiesOfMember(Protocol):
    """The business partners whose matters a customer's membership may see. Asked before a scope is open."""

    def __call__(self, *, organization_id: UUID, membership_id: UUID) -> frozenset[UUID]: ...


class SeatsOf(Protocol):
    """What a person of the directory holds, for the page of the person: live seats first."""

    def __call__(self, *, person: Person) -> "Sequence[HeldSeat]": ...


@dataclass(frozen=True)
class HeldSeat:
    """A seat as the directory shows it; `url` leads to its pool."""

    name: str
    since: datetime
    released_at: datetime | None
    url: str


class MergeSeats(Protocol):
    """What a merge does with the seats of the one who disappears. Called with both people's rows locked.

    `preview` says how many seats would move and how many would be given back, because the kept person holds one of the
    same pool; `move` does it and returns the ids of the seats that moved; `move_back` returns those still held.
    """

    def preview(self, *, kept: Person, merged: Person) -> tuple[int, int]: ...
    def move(self, *, kept: Person, merged: Person, trail: Trail) -> Sequence[UUID]: ...
    def move_back(self, *, ids: Sequence[UUID], kept: Person, merged: Person, trail: Trail) -> Sequence[UUID]: ...


class AccessToken(Protocol):
    """Who stands behind an OAuth access token that was issued for `audience`; a Refusal with status 401 for tokens that
    are unknown, expired, revoked or issued for something else, ScopeInsufficient for those without the scope that the
    audience needs."""

    def __call__(self, *, token: str, audience: str, at: datetime) -> Principal: ...


class Bindings:
    """Set once by config.composition. `permissions` are the words for every permission that some app declares."""

    organization_created: OrganizationCreated
    departure: Departure
    comeback: Return
    group_change: GroupChange
    group_deletion: GroupDeletion
    plan: Plan
    partners: Partners
    parties_of_member: PartiesOfMember
    seats_of: SeatsOf
    merge_seats: MergeSeats
    permissions: Mapping[str, str] = {}
    access_token: AccessToken


bindings = Bindings()
