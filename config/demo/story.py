"""A clock that runs forward through a year, and the trails that it stamps."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from audit.operations import sign_checkpoint, trail
from identity.models import Organization
from kernel.clock import FixedClock
from kernel.principal import system
from kernel.scope import scope
from kernel.trail import Trail


@dataclass
class Story:
    """One organisation's year. Only organisations that the same run created are written with an injected clock."""

    organization: Organization
    clock: FixedClock
    today: datetime

    @contextmanager
    def on(self, days_ago: float) -> Iterator[Trail]:
        """A trail of so many days before today; time never runs backwards."""
        moment = self.today - timedelta(days=days_ago)
        if moment > self.clock.now():
            self.clock.set(moment)
        actor = system(self.organization.id, "demo")
        with trail(organization_id=self.organization.id, actor=actor, clock=self.clock) as opened:
            yield opened
        # A second passes between two changes.
        self.clock.advance(timedelta(seconds=1))

    def checkpoint(self) -> None:
        with scope(self.organization.id):
            sign_checkpoint(organization_id=self.organization.id, clock=self.clock)

    def days(self, count: float) -> datetime:
        """Midnight (UTC) so many days from today; before it when negative."""
        return self.today.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=count)
