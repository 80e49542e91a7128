"""The pages of single sign-on: who may, the whole way of setting one up, mistakes, and other organisations."""

import re
from typing import Any

import orjson
import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.queries import events
from identity.models import (
    Account,
    GroupRole,
    IdpCertificate,
    Membership,
    ProvedDomain,
    SamlConnection,
    SecondFactor,
    SpKey,
    SsoPolicy,
)
from identity.operations.saml_accounts import confirm_link
from identity.operations.sso_policy import set_sso_policy
from identity.sessions import ENDS
from identity.views import email_domains
from jobs.operations import relay
from kernel.clock import SystemClock
from tests.factories.second_factors import App, enrolled
from tests.factories.tenants import PASSWORD, Tenant, member, signed_in, tenant
from tests.identity.saml.forge import ENTITY, SLO, SSO, connected, path, signed, trial
from tests.identity.saml.signers import signer

pytestmark = pytest.mark.django_db
PAGES = "/organization/single-sign-on/"
APPS: dict[Any, App] = {}
"""What the owners of emergency accounts have at hand, by account."""
METADATA = """<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
  xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{entity}">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}
      </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{slo}"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{sso}-post"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{sso}"/>
  </md:IDPSSODescriptor></md:EntityDescriptor>"""


def metadata(**more: str) -> str:
    bare = "".join(line for line in signer().certificate.splitlines() if "-----" not in line)
    return METADATA.format(**{"entity": ENTITY, "sso": SSO, "slo": SLO, "certificate": bare, **more})


def upload(browser: Any, row: SamlConnection, text: str) -> Any:
    file = SimpleUploadedFile("metadata.xml", text.encode(), "application/xml")
    return browser.post(f"{PAGES}{row.id}/metadata/", {"metadata": file})


def draft(one: Tenant) -> SamlConnection:
    return connected(one, activate=False)


def test_a_connection_is_set_up_in_the_browser():
    """Draft, metadata, attributes, groups, on, a whole sign-in, off: each step by its page."""
    one = tenant()
    browser = signed_in(one, "owner")
    assert b"No connection yet" in browser.get(PAGES).content
    page = browser.post(f"{PAGES}new/", {"name": "Our company"})["Location"]
    with one.reading():
        row = SamlConnection.objects.get()
    assert page == f"{PAGES}{row.id}/"
    assert f"/saml/{row.public_id}/acs/" in browser.get(page).content.decode()
    assert upload(browser, row, metadata()).status_code == 302
    given = {"default_role": "viewer", "attribute_email": "mail", "creates_people": "on"}
    assert browser.post(f"{page}treatment/", given).status_code == 302
    pairs = {
        "group_0": "IT",
        "role_0": "it_admin",
        "group_1": "",
        "role_1": "viewer",
        "group_2": " A = B ",
        "role_2": "viewer",
    }
    assert browser.post(f"{page}groups/", pairs).status_code == 302
    assert browser.post(f"{page}activate/").status_code == 302
    with one.reading():
        row = SamlConnection.objects.get()
        assert (row.state, row.idp_entity_id, row.sso_url, row.slo_url) == ("active", ENTITY, SSO, SLO)
        assert (row.default_role, row.creates_people, row.attribute_map) == ("viewer", True, {"email": "mail"})
        assert list(GroupRole.objects.order_by("group").values_list("group", "role")) == [
            ("A = B", "viewer"), ("IT", "it_admin"),
        ]  # fmt: skip
    assert trial(one, row).post(signed(trial(one, row).said())).status_code == 403
    assert browser.get(page).status_code == 200
    assert browser.post(f"{page}disable/").status_code == 302
    with one.reading():
        assert SamlConnection.objects.get().state == "disabled"


def test_the_test_shows_the_assertion_and_signs_nobody_in():
    """The whole way there and back on a draft; the page shows what was said and what was read from it."""
    one = tenant()
    row, browser = draft(one), signed_in(one, "owner")
    attempt = trial(one, row, browser, test="1")
    answer = attempt.post(signed(attempt.said(name_id="x-7", attributes={"mail": ["kim@a.example.org"]})))
    assert answer.status_code == 302
    page = browser.get(answer["Location"])
    assert page.status_code == 200
    for word in ("x-7", "kim@a.example.org", "Nobody was signed in"):
        assert word in page.content.decode()
    assert signed_in(tenant(), "owner").get(answer["Location"]).status_code == 404
    with one.reading():
        assert Membership.objects.count() == 1


def test_a_test_is_for_administrators_of_the_organisation():
    """Neither visitors, nor auditors, nor owners elsewhere begin one."""
    one = tenant()
    row = draft(one)
    address = f"/saml/{row.public_id}/sign-in/?test=1"
    for browser in (signed_in(one, "auditor"), signed_in(tenant(), "owner")):
        assert browser.get(address).status_code == 403


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("no xml", "no XML"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "no XML"),
        ("<x/>", "0 identity providers"),
        (metadata(sso="javascript:alert(1)"), "no https address"),
        (metadata(sso="http://idp.example.com/sso"), "no https address"),
        (metadata(certificate="AAAA"), "no certificate"),
        (metadata(entity=""), "entity ID"),
    ],
)
def test_metadata_that_cannot_be_right_is_refused(text, said):
    """The form says what is wrong, and nothing is changed."""
    one = tenant()
    row, browser = draft(one), signed_in(one, "owner")
    answer = upload(browser, row, text)
    assert answer.status_code in {400, 422}
    assert said in answer.content.decode()
    with one.reading():
        assert IdpCertificate.objects.get().connection_id == row.id


def test_mistakes_stand_beside_their_fields():
    """Nothing typed is lost."""
    one = tenant()
    row, browser = draft(one), signed_in(one, "owner")
    page = f"{PAGES}{row.id}/"
    wrong = browser.post(f"{page}groups/", {"group_0": "IT", "role_0": "boss"})
    assert (wrong.status_code, "boss is not one of" in wrong.content.decode()) == (422, True)
    wrong = browser.post(f"{page}groups/", {"group_0": "IT", "role_0": ""})
    assert (wrong.status_code, "Choose the role that this group gives" in wrong.content.decode()) == (422, True)
    by_hand = {"entity_id": ENTITY, "sso_url": "ftp://x", "certificates": signer().certificate}
    wrong = browser.post(f"{page}provider/", by_hand)
    assert (wrong.status_code, "ftp://x" in wrong.content.decode()) == (400, True)
    taken = browser.post(f"{PAGES}new/", {"name": row.name})
    assert (taken.status_code, "already" in taken.content.decode()) == (409, True)
    assert browser.post(f"{page}keys/nonsense/").status_code == 404


def test_our_key_is_changed_in_three_steps():
    """A second key waits in the metadata, then signs, then the old one goes; what is encrypted for either opens."""
    one = tenant()
    row, browser = connected(one), signed_in(one, "owner")
    page = f"{PAGES}{row.id}/keys/"

    def published() -> int:
        return browser.get(f"/saml/{row.public_id}/metadata/").content.count(b"X509Certificate>") // 2

    def signing() -> str:
        with one.reading():
            return SpKey.objects.get(is_current=True).fingerprint

    first = signing()
    assert (published(), browser.post(f"{page}draw/").status_code) == (1, 302)
    assert (published(), signing()) == (2, first)
    browser.post(f"{page}draw/")
    assert published() == 2
    browser.post(f"{page}change/")
    assert (published(), signing() != first) == (2, True)
    browser.post(f"{page}remove/")
    assert published() == 1
    browser.post(f"{page}remove/")
    assert published() == 1


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


def emergency_account(one: Tenant, *roles: str) -> Account:
    """An account with a second factor; its unused codes are in APPS."""
    account, _principal = member(one, *(roles or ("owner",)))
    with one.writing() as trail:
        APPS[account.id] = enrolled(account, trail)
    return account


def by_password(account: Account, factor: bool = True) -> tuple[Any, Any]:
    """A browser of its own after the password and the second factor, and the last answer."""
    browser = Client(HTTP_HOST="127.0.0.1")
    answer = browser.post("/accounts/sign-in/", {"username": account.email, "password": PASSWORD})
    if factor:
        answer = browser.post("/accounts/second-factor/", {"code": APPS[account.id].recovery.pop()})
    return browser, answer


def works(browser: Any) -> bool:
    return bool(browser.get("/api/v1/organizations/").status_code == 200)


def only_by_company(one: Tenant) -> tuple[Any, Any, Any]:
    """An organisation with company sign-in only; its two emergency accounts and another member."""
    connected(one)
    first, second = emergency_account(one), emergency_account(one)
    other, _member = member(one, "viewer")
    browser = signed_in(one, "owner")
    given = {"sso_only": "on", "first_account": str(first.id), "second_account": str(second.id)}
    assert browser.post(f"{PAGES}policy/", given).status_code == 302
    return first, second, other


@pytest.mark.requirement("REQ-180")
def test_company_sign_in_only_refuses_passwords():
    """The page says where to go instead, and no session is left."""
    one = tenant()
    _first, _second, other = only_by_company(one)
    browser = trial(one, connected(one)).browser
    answer = browser.post("/accounts/sign-in/", {"username": other.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert re.search(rb'href="/saml/[0-9a-f]+/sign-in/"', answer.content)
    assert browser.get("/api/v1/organizations/").status_code == 401


@pytest.mark.requirement("REQ-180")
def test_breaking_the_glass_is_told_and_short():
    """An emergency account comes in for four hours, and every owner gets an e-mail."""
    one = tenant()
    first, _second, _other = only_by_company(one)
    browser, _answer = by_password(first, factor=False)
    assert not works(browser)
    browser, _answer = by_password(first)
    assert works(browser)
    left = browser.session[ENDS] - SystemClock().now().timestamp()
    assert 4 * 3600 - 30 < left <= 4 * 3600
    relay(organization_id=one.organization.id, clock=SystemClock())
    [message] = [message for message in mail.outbox if "glass" in message.subject]
    assert first.email in message.to
    assert len(message.to) == 3
    with one.reading():
        assert "sso_policy.glass_broken" in [event.kind for event in events()]


@pytest.mark.requirement("REQ-180")
def test_an_emergency_account_has_a_second_factor():
    """Without one it is not taken, and the form says at which field; one that lost it since is not let in."""
    one = tenant()
    connected(one)
    browser = signed_in(one, "owner")
    first, second = emergency_account(one), emergency_account(one, "it_admin")
    bare, _principal = member(one, "it_admin")
    given = {"sso_only": "on", "first_account": str(first.id), "second_account": str(bare.id)}
    answer = browser.post(f"{PAGES}policy/", given)
    assert answer.status_code == 400
    assert "second_account" in answer.context["policy_form"].errors
    assert browser.post(f"{PAGES}policy/", {**given, "second_account": str(second.id)}).status_code == 302
    SecondFactor.objects.filter(account=second).delete()
    browser, answer = by_password(second, factor=False)
    assert (answer.status_code, works(browser)) == (403, False)


def test_an_emergency_account_keeps_its_second_factor():
    """Its roles alone would let it go without."""
    one = tenant()
    connected(one)
    first, second = emergency_account(one, "it_admin"), emergency_account(one)
    own, _answer = by_password(first)
    with one.writing() as trail:
        set_sso_policy(sso_only=True, first_account=first.id, second_account=second.id, trail=trail)
    own.post("/accounts/second-factor/disable/")
    assert SecondFactor.objects.filter(account=first).exists()


def test_switching_passwords_off_ends_sessions_by_password_at_once():
    """In this organisation and for everybody but the emergency accounts and whoever switches; what the company opened
    goes on, and so does the same account elsewhere. The ledger says how many."""
    one, elsewhere = tenant(), tenant()
    connection = connected(one)
    first, second = emergency_account(one, "it_admin"), emergency_account(one)
    emergency, _answer = by_password(first)
    people, neighbour = signed_in(one, "viewer"), signed_in(elsewhere, "viewer")
    account, _principal = member(one, "viewer")
    with one.writing() as trail:
        confirm_link(connection=connection, name_id="subject-1", account=account, trail=trail)
    attempt = trial(one, connection)
    assert attempt.post(signed(attempt.said())).status_code == 302
    owner = signed_in(one, "owner")
    given = {"sso_only": "on", "first_account": str(first.id), "second_account": str(second.id)}
    assert owner.post(f"{PAGES}policy/", given).status_code == 302
    assert not works(people)
    assert [works(browser) for browser in (emergency, neighbour, attempt.browser, owner)] == [True] * 4
    with one.reading():
        [body] = [event.body for event in events() if event.kind == "sso_policy.changed"]
    assert '"sessions_ended":1' in body.replace(" ", "")


def test_company_sign_in_only_needs_two_accounts_and_a_connection():
    """Nobody locks the organisation out by mistake."""
    one = tenant()
    browser = signed_in(one, "owner")
    account, second = emergency_account(one), emergency_account(one)
    alone = {"sso_only": "on", "first_account": str(account.id), "second_account": str(account.id)}
    assert browser.post(f"{PAGES}policy/", alone).status_code == 400
    both = {**alone, "second_account": str(second.id)}
    assert browser.post(f"{PAGES}policy/", both).status_code == 409
    stranger, _principal = member(tenant(), "owner")
    assert browser.post(f"{PAGES}policy/", {**both, "second_account": str(stranger.id)}).status_code == 422
    with one.reading():
        assert not SsoPolicy.objects.exists()


def addresses(row: SamlConnection) -> list[tuple[str, str]]:
    page = f"{PAGES}{row.id}/"
    posts = ("metadata/", "provider/", "treatment/", "groups/", "activate/", "disable/", "keys/draw/")
    return [("get", page), *(("post", f"{page}{one}") for one in posts), ("get", f"{page}tests/{row.id}/")]


def test_other_organisations_find_nothing():
    """404 for every address of a connection that belongs to somebody else."""
    row, browser = draft(tenant()), signed_in(tenant(), "owner")
    assert {(how, where, getattr(browser, how)(where).status_code) for how, where in addresses(row)} == {
        (how, where, 404) for how, where in addresses(row)
    }


def test_roles_without_the_right_are_refused():
    """An auditor reads and changes nothing; a viewer and a visitor see nothing; an IT administrator grants no roles."""
    one = tenant()
    row = draft(one)
    auditor, viewer, admin = (signed_in(one, role) for role in ("auditor", "viewer", "it_admin"))
    assert [auditor.get(where).status_code for where in (PAGES, f"{PAGES}{row.id}/")] == [200, 200]
    assert {auditor.post(where).status_code for how, where in addresses(row) if how == "post"} == {403}
    assert {viewer.get(where).status_code for how, where in addresses(row) if how == "get"} == {403}
    assert admin.post(f"{PAGES}{row.id}/groups/", {"group_0": "IT", "role_0": "owner"}).status_code == 403
    assert admin.post(f"{PAGES}{row.id}/activate/").status_code == 302
    visitor = trial(one, connected(one)).browser
    assert {visitor.get(where).status_code for how, where in addresses(row) if how == "get"} == {302}


def test_pages_cost_a_fixed_number_of_queries(django_assert_max_num_queries):
    """Neither list nor page asks more with more connections and certificates."""
    one = tenant()
    rows = [draft(one) for _ in range(4)]
    browser = signed_in(one, "owner")
    with django_assert_max_num_queries(24):
        browser.get(PAGES)
    with django_assert_max_num_queries(20):
        browser.get(f"{PAGES}{rows[0].id}/")


def test_rest_sets_a_connection_up():
    """Create, metadata, mapping, groups, activate, list, disable; each answer is the connection as it is then."""
    one = tenant()
    browser = signed_in(one, "owner")
    rest = "/api/v1/sso-connections/"

    def send(how: str, where: str, body: Any = None) -> tuple[int, Any]:
        answer = getattr(browser, how)(where, orjson.dumps(body or {}), content_type="application/json")
        return answer.status_code, answer.json()

    status, made = send("post", rest, {"name": "By REST"})
    assert (status, made["state"], made["acs_url"].endswith(f"/saml/{made['public_id']}/acs/")) == (201, "draft", True)
    where = f"{rest}{made['id']}/"
    assert send("post", f"{where}activate/")[0] == 409
    assert send("post", f"{where}metadata/", {"metadata": metadata()})[1]["sso_url"] == SSO
    body = {"default_role": "viewer", "group_roles": [{"group": "IT", "role": "it_admin"}]}
    status, changed = send("patch", where, body)
    assert (status, changed["default_role"], changed["group_roles"]) == (200, "viewer", body["group_roles"])
    assert send("patch", where, {"attribute_map": {"shoe": "size"}})[0] == 400
    assert send("patch", where, {"default_role": "boss"})[0] == 400
    assert send("post", f"{where}activate/")[1]["state"] == "active"
    assert [row["id"] for row in browser.get(rest).json()["results"]] == [made["id"]]
    assert send("post", f"{where}disable/")[1]["state"] == "disabled"
    assert signed_in(tenant(), "owner").get(where).status_code == 404
    assert signed_in(one, "viewer").get(rest).status_code == 403
    admin = signed_in(one, "it_admin")
    assert admin.patch(where, orjson.dumps(body), content_type="application/json").status_code == 403
    assert trial(one, connected(one)).browser.get(rest).status_code == 401


def test_our_metadata_is_for_everybody():
    """A file with our names and addresses, from the settings and not from the Host header."""
    one = tenant()
    row = draft(one)
    answer = signed_in(tenant(), "viewer").get(f"/saml/{row.public_id}/metadata/", HTTP_HOST="127.0.0.1:4711")
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    assert path(f"/saml/{row.public_id}/acs/") in answer.content.decode()
    assert b"4711" not in answer.content
