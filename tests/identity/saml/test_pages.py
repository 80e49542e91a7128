"""The pages of single sign-on: who may, the whole way of setting one up, mistakes, and other organisations."""

from typing import Any

import orjson
import pytest

from identity.models import (
    GroupRole,
    IdpCertificate,
    Membership,
    SamlConnection,
    SpKey,
)
from tests.factories.tenants import signed_in, tenant
from tests.identity.saml.forge import (
    ENTITY,
    SLO,
    SSO,
    connected,
    path,
    signed,
    trial,
)
from tests.identity.saml.pages import PAGES, draft, metadata, upload
from tests.identity.saml.signers import signer

pytestmark = pytest.mark.django_db


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
    assert answer.status_code == 400
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
