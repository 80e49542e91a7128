"""What the demo's customer finds at the portal: the operations say so, at any day of the year."""

from datetime import UTC, datetime, timedelta

import pytest

from config.demo.customer import Customer
from config.demo.story import Story
from config.demo.vendor import COMPANIES, Vendor
from kernel.clock import FixedClock
from licensing.models import Activation, License
from licensing.queries.carried import carried_by
from licensing.wording import standing
from tests.factories.tenants import tenant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("today", [datetime(2026, month, 28, 12, tzinfo=UTC) for month in (2, 7, 11)])
def test_the_customer_has_a_licence_of_each_kind(today: datetime) -> None:
    """One works, on two machines and with use; grace keeps one alive; a trial runs."""
    clock = FixedClock(today - timedelta(days=367))
    house = tenant("vendor", clock=clock)
    story = Story(house.organization, clock, today)
    vendor = Vendor(story, 0, None)  # type: ignore[arg-type]  # without customers nothing is drawn
    customer = Customer(COMPANIES[0], lambda: {kind.model: kind for kind in vendor.types})
    with story.on(360) as trail:
        vendor._add_types(trail)
        vendor._sell(0, COMPANIES[0], trail)
    for days_ago, step in customer.steps():
        with story.on(days_ago) as trail:
            step(trail)
    with house.reading():
        rows = {
            row.license_type.code: row
            for row in License.objects.select_related("license_type", "licensee", "product").order_by("created_at")
        }
        states = {code: standing(row, at=today).label for code, row in rows.items()}
        assert states == {"studio-subscription": "Active", "studio-half-year": "In grace", "studio-trial": "Active"}
        assert Activation.objects.live().count() == 3
        [quota] = carried_by(rows["studio-subscription"], at=today).quotas
    assert 0 < quota.used <= 240
    assert rows["studio-trial"].expires_at is not None
