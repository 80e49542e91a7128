"""E-mail domains: proved by the DNS, and what ends when one is given up."""

import orjson
import pytest
from django.test import Client

from audit.queries import events
from identity.models import (
    ProvedDomain,
    SamlLink,
    SsoPolicy,
)
from identity.operations import NewPerson, create_person
from identity.operations.email_domains import claim_domain
from identity.operations.saml_accounts import confirm_link
from identity.views import email_domains
from tests.factories.tenants import PASSWORD, member, signed_in, tenant
from tests.identity.saml.coming import come, proved, works
from tests.identity.saml.forge import connected
from tests.identity.saml.pages import PAGES

pytestmark = pytest.mark.django_db


def test_a_domain_is_proved_by_the_dns(monkeypatch):
    """The page shows the record; checking asks for it, and another organisation cannot prove the domain too."""
    asked: list[str] = []
    records: list[str] = []

    def resolve(name: str) -> list[str]:
        asked.append(name)
        return records

    monkeypatch.setattr(email_domains, "RESOLVE", resolve)
    one, other = tenant(), tenant()
    rows = []
    for house in (one, other):
        browser = signed_in(house, "owner")
        assert browser.post(f"{PAGES}domains/", {"domain": "@A.Example.org"}).status_code == 302
        with house.reading():
            row = ProvedDomain.objects.get()
        assert row.token in browser.get(PAGES).content.decode()
        rows.append((house, browser, row))
    records.append("v=spf1 -all")
    for house, browser, row in rows:
        browser.post(f"{PAGES}domains/{row.id}/prove/")
        with house.reading():
            assert ProvedDomain.objects.get().proved_at is None
        records.append(row.token)
        browser.post(f"{PAGES}domains/{row.id}/prove/")
        records.remove(row.token)
    assert set(asked) == {"_seatledger.a.example.org"}
    with one.reading():
        assert ProvedDomain.objects.get().proved_at is not None
    with other.reading():
        assert ProvedDomain.objects.get().proved_at is None
    assert rows[0][1].post(f"{PAGES}domains/{rows[0][2].id}/give-up/").status_code == 302
    assert rows[0][1].post(f"{PAGES}domains/", {"domain": "no domain"}).status_code in {400, 422}
    assert rows[0][1].post(f"{PAGES}domains/{rows[1][2].id}/prove/").status_code == 404


@pytest.mark.requirement("REQ-180")
def test_links_by_a_domain_end_with_it():
    """Whoever was linked because of the domain alone is signed out and confirms once more; what an account confirmed
    itself, and what another domain linked, goes on. The page says how many before, the ledger after."""
    one = tenant()
    connection = connected(one)
    row = proved(one, "a.example.org")
    proved(one, "b.example.org")
    kim, _principal = member(one, "viewer", email="kim@a.example.org")
    lee, _principal = member(one, "viewer", email="lee@b.example.org")
    max_, _principal = member(one, "viewer", email="max@a.example.org")
    with one.writing() as trail:
        confirm_link(connection=connection, name_id="max", account=max_, trail=trail)
    said = {
        name: {"name_id": name, "attributes": {"mail": [account.email]}}
        for name, account in (("kim", kim), ("lee", lee), ("max", max_))
    }
    attempts = {name: come(one, connection, **more)[1] for name, more in said.items()}
    assert all(works(attempt) for attempt in attempts.values())
    browser = signed_in(one, "owner")
    where = f"{PAGES}domains/{row.id}/give-up/"
    page = browser.get(where).content.decode()
    assert "One account was linked because of this domain alone" in page
    assert "has no password" not in page
    assert works(attempts["kim"])
    assert browser.post(where).status_code == 302
    assert {name: works(attempt) for name, attempt in attempts.items()} == {"kim": False, "lee": True, "max": True}
    with one.reading():
        [body] = [event.body for event in events() if event.kind == "email_domain.given_up"]
        assert sorted(SamlLink.objects.values_list("name_id", "domain")) == [("lee", "b.example.org"), ("max", "")]
    assert orjson.loads(body)["details"] == {"domain": "a.example.org", "links_ended": 1}
    answer, again = come(one, connection, **said["kim"])
    assert "/link/" in answer["Location"]
    again.browser.post("/accounts/sign-in/", {"username": kim.email, "password": PASSWORD})
    assert again.browser.post(answer["Location"]).status_code == 302
    assert works(come(one, connection, **said["kim"])[1])


def test_the_page_says_who_could_not_confirm():
    """Accounts without a password, and company sign-in only, are told before the domain is given up."""
    one = tenant()
    connection = connected(one)
    row = proved(one, "a.example.org")
    with one.writing() as trail:
        create_person(person=NewPerson(user_name="kim"), trail=trail)
    come(one, connection, attributes={"mail": ["kim@a.example.org"], "uid": ["kim"]})
    first, second = member(one, "viewer")[0], member(one, "viewer")[0]
    browser = signed_in(one, "owner")
    with one.writing() as trail:
        SsoPolicy.objects.create(
            organization=one.organization, sso_only=True, first_account=first, second_account=second,
            updated_at=trail.clock.now(),
        )  # fmt: skip
    page = browser.get(f"{PAGES}domains/{row.id}/give-up/").content.decode()
    assert "One of these accounts has no password" in page
    assert "Company sign-in only is on" in page


def test_giving_a_domain_up_is_for_administrators_of_the_organisation():
    """Neither the page nor the step is for auditors or for other organisations; one that is not proved says so."""
    one = tenant()
    with one.writing() as trail:
        row = claim_domain(domain="a.example.org", trail=trail)
    where = f"{PAGES}domains/{row.id}/give-up/"
    for browser, code in ((signed_in(one, "auditor"), 403), (signed_in(tenant(), "owner"), 404)):
        assert (browser.get(where).status_code, browser.post(where).status_code) == (code, code)
    assert Client(HTTP_HOST="127.0.0.1").get(where).status_code == 302
    assert "not proved yet" in signed_in(one, "owner").get(where).content.decode()
