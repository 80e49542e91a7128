"""A licence at a clock that stands still: steps are taken at stated moments, and validation is asked at others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from audit.models import Event
from audit.operations import trail
from kernel.clock import FixedClock
from kernel.principal import Approval, payload_digest
from licensing.models import License
from licensing.operations import NewLicense, issue_license, renew_by_itself
from licensing.queries.license_facts import RELATED, facts_of
from licensing.rules.decision import decide
from licensing.rules.facts import ValidationScope
from licensing.rules.outcome import Decision
from licensing.schedules import move_dunning_on, renew_licenses
from tests.licensing.vendors import Vendor

A_SECOND = timedelta(seconds=1)
PEOPLE = UUID("00000000-0000-4000-8000-000000000001"), UUID("00000000-0000-4000-8000-000000000002")


@dataclass
class Lived:
    """One licence of a vendor; `at` is where its clock stands."""

    vendor: Vendor
    clock: FixedClock
    id: UUID

    @property
    def row(self) -> Any:
        with self.vendor.house.reading():
            return License.objects.select_related(*RELATED, "edition").get(id=self.id)

    def at(self, moment: datetime) -> "Lived":
        self.clock.set(moment)
        return self

    def take(self, step: Callable[..., Any], **given: Any) -> Any:
        """Takes a step now, with a reason."""
        house = self.vendor.house
        with trail(organization_id=house.organization.id, actor=house.actor, clock=self.clock) as opened:
            return step(license_id=self.id, **{"reason": "because", **given}, trail=opened)

    def tick(self) -> None:
        """What the scheduler does in this minute."""
        for task in (renew_licenses, move_dunning_on):
            task(self.vendor.house.organization.id, self.clock)

    def renews(self) -> int:
        house = self.vendor.house
        with trail(organization_id=house.organization.id, actor=house.actor, clock=self.clock) as opened:
            return renew_by_itself(license_id=self.id, trail=opened)

    def asked(self, moment: datetime, *features: str) -> Decision:
        """What a validation at this moment says."""
        return decide(facts_of(self.row), ValidationScope(features=frozenset(features)), moment)

    def valid(self, moment: datetime, *features: str) -> bool:
        return self.asked(moment, *features).valid

    def kinds(self) -> list[str]:
        with self.vendor.house.reading():
            found = Event.objects.filter(subject_id=str(self.id)).order_by("sequence")
            return list(found.values_list("kind", flat=True))


def lived(vendor: Vendor, at: datetime, model: str = "subscription", **columns: Any) -> Lived:
    """A licence issued at this moment under a type with these columns."""
    kind, house, clock = vendor.license_type(model, **columns), vendor.house, FixedClock(at)
    with trail(organization_id=house.organization.id, actor=house.actor, clock=clock) as opened:
        row = issue_license(license=NewLicense(license_type=kind, licensee=vendor.customer, quantity=30), trail=opened)
    return Lived(vendor, clock, row.id)


def approved(kind: str, license_id: UUID, **payload: str) -> Approval:
    """An approval as compliance builds one: of exactly this change, asked for and approved by two people."""
    asked, decided = PEOPLE
    given = {"license": str(license_id), **payload}
    return Approval(
        request_id=uuid4(), kind=kind, payload_hash=payload_digest(given), requester=asked, approvers=(decided,)
    )
