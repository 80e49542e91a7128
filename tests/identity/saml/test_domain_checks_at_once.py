"""Two workers that ask the DNS for one domain in the same moment, on PostgreSQL with real commits."""

from datetime import timedelta
from threading import Barrier

import pytest

from audit.queries import events
from identity.models import ProvedDomain
from identity.operations.domain_checks import recheck_domains
from kernel.clock import DatabaseClock, FixedClock
from tests.factories.tenants import tenant
from tests.identity.saml.coming import proved
from tests.identity.test_tokens_at_once import at_once
from tests.plugins.databases import CommittedDatabase

pytestmark = pytest.mark.postgres


@pytest.mark.parametrize("_round", range(3))
def test_a_day_is_counted_once(committed_db: CommittedDatabase, _round: int) -> None:
    """Both ask, for both the record is away; one answer is counted and owners are told once."""
    one = tenant()
    row = proved(one, f"round{_round}.example.org")
    later, both = DatabaseClock().now() + timedelta(days=1, hours=1), Barrier(2)

    def resolve(_name: str) -> list[str]:
        both.wait(timeout=20)
        return []

    organization = one.organization.id
    found = at_once(2, lambda: recheck_domains(organization_id=organization, clock=FixedClock(later), resolve=resolve))
    assert found == [1, 1]
    with one.reading():
        assert ProvedDomain.objects.get(id=row.id).missed_answers == 1
        assert [event.kind for event in events()].count("email_domain.record_missed") == 1
