"""Proved domains are looked at again each day, and a proof ends when its record stays away."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.core import mail

from audit.queries import events
from identity import schedules
from identity.models import CredentialRoute, ProvedDomain, SamlLink
from identity.operations.domain_checks import note_answer, recheck_domains
from identity.operations.email_domains import claim_domain, give_up_domain
from identity.views import email_domains
from jobs.operations import relay
from jobs.ports import bindings
from kernel.clock import DatabaseClock, FixedClock
from tests.factories.tenants import Tenant, member, signed_in, tenant
from tests.identity.saml.coming import come, proved, works
from tests.identity.saml.forge import connected
from tests.identity.saml.pages import PAGES
from tests.reporting.counted import FRAME

pytestmark = pytest.mark.django_db
DOMAIN = "a.example.org"
DAY, HOUR = timedelta(days=1, minutes=1), timedelta(hours=1, minutes=1)


@dataclass
class Dns:
    """What name servers say in a test: texts, or nothing when they are silent."""

    texts: list[str] = field(default_factory=list)
    silent: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> list[str]:
        self.asked.append(name)
        if self.silent:
            raise OSError("nobody answers")
        return self.texts


@dataclass
class House:
    """An organisation with a proved domain, a clock, and the DNS."""

    tenant: Tenant
    row: ProvedDomain
    clock: FixedClock
    dns: Dns

    def after(self, by: timedelta, *, times: int = 1) -> None:
        """So much time passes, and then the minute of the organisation comes; so many times."""
        for _ in range(times):
            self.clock.advance(by)
            recheck_domains(organization_id=self.tenant.organization.id, clock=self.clock, resolve=self.dns)

    def now(self) -> ProvedDomain:
        with self.tenant.reading():
            return ProvedDomain.objects.get(id=self.row.id)

    def told(self) -> list[dict[str, Any]]:
        """What the ledger says of the domain after it was proved."""
        with self.tenant.reading():
            rows = [(event.kind, event.body) for event in events() if event.kind.startswith("email_domain.")]
        return [{"kind": kind.split(".")[1], **orjson.loads(body)["details"]} for kind, body in rows[2:]]

    def letters(self) -> list[Any]:
        mail.outbox.clear()
        relay(organization_id=self.tenant.organization.id, clock=self.clock)
        return list(mail.outbox)


@pytest.fixture
def house() -> House:
    one = tenant()
    member(one, "owner", email="owner@a.example.org")
    row = proved(one, DOMAIN)
    return House(one, row, FixedClock(DatabaseClock().now()), Dns([row.token, "v=spf1 -all"]))


def test_a_record_that_stays_is_asked_for_once_a_day(house: House) -> None:
    """Not before a day is over, however often the minute comes; nothing is written into the ledger for it."""
    house.after(HOUR, times=20)
    assert house.dns.asked == []
    house.after(DAY)
    house.after(timedelta(minutes=1), times=5)
    assert house.dns.asked == ["_seatledger.a.example.org"]
    assert house.now().checked_at == house.clock.now() - 5 * timedelta(minutes=1)
    assert house.told() == []
    assert house.letters() == []


def test_a_record_that_stays_away_ends_the_proof_after_seven_days(house: House) -> None:
    """Owners hear of it at the first miss and at the end; until the seventh day is over everything goes on, then links
    by the domain alone end with the sessions that they opened, and another organisation can prove it."""
    connection = connected(house.tenant)
    kim, _principal = member(house.tenant, "viewer", email="kim@a.example.org")
    said: dict[str, Any] = {"name_id": "kim", "attributes": {"mail": [kim.email]}}
    attempt = come(house.tenant, connection, **said)[1]
    house.dns.texts = ["of somebody else"]
    house.after(DAY)
    [letter] = house.letters()
    assert letter.to == ["owner@a.example.org"]
    assert "_seatledger.a.example.org" in letter.body
    house.after(DAY, times=6)
    assert house.letters() == []
    assert works(attempt)
    assert house.now().proved_at is not None
    house.after(DAY)
    assert not works(attempt)
    assert house.now().proved_at is None
    assert [one["kind"] for one in house.told()] == ["record_missed", "proof_ended"]
    assert house.told()[1] == {"kind": "proof_ended", "domain": DOMAIN, "links_ended": 1}
    with house.tenant.reading():
        assert not SamlLink.objects.exists()
    assert not CredentialRoute.objects.filter(kind="email_domain").exists()
    [letter] = house.letters()
    assert "no longer counts as" in letter.body
    house.after(DAY, times=3)
    assert len(house.dns.asked) == 8
    assert proved(tenant(), DOMAIN).domain == DOMAIN


def test_a_record_that_comes_back_starts_the_count_anew(house: House) -> None:
    """Six days away, one there, six days away: the proof holds, and owners are told of each time."""
    for _ in range(2):
        house.dns.texts = []
        house.after(DAY, times=6)
        assert house.now().missed_answers == 6
        house.dns.texts = [house.row.token]
        house.after(DAY)
        assert (house.now().missing_since, house.now().missed_answers) == (None, 0)
    assert [one["kind"] for one in house.told()] == ["record_missed", "record_back"] * 2
    assert len(house.letters()) == 2
    assert house.now().proved_at is not None


def test_silence_counts_neither_way(house: House) -> None:
    """While no name server answers it is tried each hour, nobody is told and nothing ends, however long; days of
    silence between misses are not days on which the record was away."""
    house.dns.silent = True
    house.after(DAY)
    house.after(timedelta(minutes=10), times=5)
    house.after(HOUR, times=3)
    assert len(house.dns.asked) == 4
    house.after(DAY, times=20)
    assert (house.told(), house.letters(), house.now().missing_since) == ([], [], None)
    house.dns.silent, house.dns.texts = False, []
    house.after(DAY)
    house.dns.silent = True
    house.after(DAY, times=20)
    assert house.now().missed_answers == 1
    house.dns.silent = False
    house.after(DAY, times=6)
    assert house.now().proved_at is not None
    house.after(DAY)
    assert house.now().proved_at is None


def test_what_happened_meanwhile_wins(house: House) -> None:
    """A domain that was given up while the DNS was asked, and one that another worker asked for, are left alone."""
    house.clock.advance(DAY)
    one = house.tenant
    with one.writing() as trail:
        assert note_answer(domain_id=house.row.id, texts=[], trail=trail) is None, "its time has not come by this clock"
    with one.writing() as trail:
        give_up_domain(domain=house.row, trail=trail)
        assert note_answer(domain_id=house.row.id, texts=[], trail=trail) is None
    assert [each["kind"] for each in house.told()] == ["given_up"]


def test_domains_of_earlier_releases_are_asked_for_and_unproved_ones_never(house: House) -> None:
    """A proof without a time is due at once; what is only named proves nothing and is not looked at; few at a time."""
    with house.tenant.writing() as trail:
        ProvedDomain.objects.update(check_at=None)
        claim_domain(domain="named.example.org", trail=trail)
    for name in ("b", "c"):
        proved(house.tenant, f"{name}.example.org")
    house.after(timedelta(minutes=1))
    assert house.dns.asked == ["_seatledger.a.example.org"]
    house.dns.silent = True
    house.after(DAY)
    assert len(house.dns.asked) == 3
    house.after(timedelta(minutes=1))
    assert sorted(house.dns.asked[1:]) == [f"_seatledger.{name}.example.org" for name in "abc"]


def test_other_organisations_are_left_alone(house: House) -> None:
    """The minute of one organisation asks for none of another."""
    other = tenant()
    house.clock.advance(DAY)
    recheck_domains(organization_id=other.organization.id, clock=house.clock, resolve=house.dns)
    assert house.dns.asked == []


def test_a_minute_without_work_costs_one_read(house: House, django_assert_max_num_queries: Any) -> None:
    """Beside the scope, however many domains there are."""
    with django_assert_max_num_queries(5) as seen:
        recheck_domains(organization_id=house.tenant.organization.id, clock=house.clock, resolve=house.dns)
    assert sum(not query["sql"].upper().startswith(FRAME) for query in seen.captured_queries) == 1


def test_the_scheduler_looks_at_domains_each_minute(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is bound, and asks the real DNS with the house's own function."""
    assert schedules.recheck_email_domains in bindings.each_minute
    monkeypatch.setattr(schedules, "RESOLVE", house.dns)
    house.clock.advance(DAY)
    schedules.recheck_email_domains(house.tenant.organization.id, house.clock)
    assert len(house.dns.asked) == 1


def test_the_page_says_that_a_record_is_missing_and_checks_it(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the day on which the proof ends and the record to put back; pressing Check tells an absent record from
    silence, and takes one that is back at once."""
    monkeypatch.setattr(email_domains, "RESOLVE", house.dns)
    browser = signed_in(house.tenant, "owner")
    assert "Record missing" not in browser.get(PAGES).content.decode()
    house.dns.texts = []
    house.after(DAY)
    page = browser.get(PAGES).content.decode()
    assert "Record missing" in page
    assert house.row.token in page
    where = f"{PAGES}domains/{house.row.id}/prove/"
    said = browser.post(where, follow=True).content.decode()
    assert "There is no such TXT record" in said
    house.dns.silent = True
    assert "No name server answered" in browser.post(where, follow=True).content.decode()
    assert house.now().missed_answers == 1
    house.dns.silent, house.dns.texts = False, [house.row.token]
    browser.post(where)
    assert house.now().missing_since is None
    assert [one["kind"] for one in house.told()] == ["record_missed", "record_back"]
