"""REST of provisioning, by the list: works, anonymous, wrong role, other organisation, bad input, queries."""

from typing import Any

import pytest
from django.test import Client

from tests.factories.provisioning import provisioning_entry, scim_token
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.identity.scim.service import Service
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db
TOKENS, LOG = "/api/v1/provisioning-tokens/", "/api/v1/provisioning-log/"


@pytest.fixture
def one() -> Tenant:
    return tenant()


def post(browser: Client, path: str, body: Any = None, **headers: str) -> Any:
    return browser.post(path, body or {}, content_type="application/json", headers=headers)


def test_create_rotate_revoke(one: Tenant):
    """The token is in the answer once, works, and its successor replaces it; the list has beginnings alone."""
    browser = signed_in(one, "it_admin")
    made = post(browser, TOKENS, {"name": "Okta"})
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    assert made["Ledger-Entry"]
    old = made.json()
    assert Service(one, old["token"]).get("Users").status_code == 200
    new = post(browser, f"{TOKENS}{old['id']}/rotate/", {"overlap_hours": 0}).json()
    assert Service(one, old["token"]).get("Users").status_code == 401
    assert Service(one, new["token"]).get("Users").status_code == 200
    assert post(browser, f"{TOKENS}{new['id']}/revoke/").json()["revoked_at"]
    assert Service(one, new["token"]).get("Users").status_code == 401
    listed = browser.get(TOKENS).json()["results"]
    assert [row["name"] for row in listed] == ["Okta", "Okta"]
    assert not any("token" in row or "digest" in row for row in listed)


def test_a_replay_shows_no_secret(one: Tenant):
    """The same Idempotency-Key answers with the same row and without the token."""
    browser = signed_in(one, "owner")
    first = post(browser, TOKENS, {"name": "Okta"}, **{"idempotency-key": "k1"}).json()
    second = post(browser, TOKENS, {"name": "Okta"}, **{"idempotency-key": "k1"}).json()
    assert first["token"].startswith("slscim_")
    assert second["id"] == first["id"]
    assert second["token"] is None


def test_who_may(one: Tenant):
    """Visitors 401, other roles 403; an auditor reads and does not write."""
    visitor = Client(HTTP_HOST="127.0.0.1")
    for path in (TOKENS, LOG):
        assert visitor.get(path).status_code == 401
        assert signed_in(one, "finance").get(path).status_code == 403
        assert signed_in(one, "auditor").get(path).status_code == 200
    assert post(signed_in(one, "auditor"), TOKENS, {"name": "x"}).status_code == 403


def test_other_organisations(one: Tenant):
    """Their tokens are 404, their log is empty here."""
    other = tenant()
    with other.writing():
        row = scim_token(other.organization)
        provisioning_entry(other.organization)
    browser = signed_in(one, "owner")
    for action in ("rotate", "revoke"):
        assert post(browser, f"{TOKENS}{row.id}/{action}/").status_code == 404
    assert browser.get(f"{TOKENS}{row.id}/").status_code == 404
    assert browser.get(TOKENS).json()["results"] == browser.get(LOG).json()["results"] == []


@pytest.mark.parametrize(
    "body", [{}, {"name": ""}, {"name": "x", "days": 0}, {"name": "x", "days": "y"}, {"name": "x" * 200}]
)
def test_bad_input(one: Tenant, body: Any):
    """400 with pointers."""
    answer = post(signed_in(one, "owner"), TOKENS, body)
    assert answer.status_code == 400
    assert answer.json()["errors"]


def test_names_in_use_and_ended_tokens(one: Tenant):
    """409 with a stable code."""
    browser = signed_in(one, "owner")
    made = post(browser, TOKENS, {"name": "Okta"}).json()
    assert post(browser, TOKENS, {"name": "Okta"}).json()["code"] == "PROVISIONING_TOKEN_NAME_TAKEN"
    post(browser, f"{TOKENS}{made['id']}/revoke/")
    answer = post(browser, f"{TOKENS}{made['id']}/rotate/")
    assert (answer.status_code, answer.json()["code"]) == (409, "PROVISIONING_TOKEN_ENDED")


def test_the_log_is_filtered(one: Tenant):
    """By outcome and record."""
    with one.writing():
        provisioning_entry(one.organization, resource_id="a")
        provisioning_entry(one.organization, outcome="refused", status=409)
    browser = signed_in(one, "auditor")
    assert [row["status"] for row in browser.get(LOG, {"outcome": "refused"}).json()["results"]] == [409]
    assert [row["status"] for row in browser.get(LOG, {"resource_id": "a"}).json()["results"]] == [201]
    assert browser.get(LOG, {"outcome": "perhaps"}).status_code == 400


@pytest.mark.parametrize("path", [TOKENS, LOG])
def test_queries(one: Tenant, path: str):
    """As many for twenty rows as for one."""
    browser = signed_in(one, "owner")
    with one.writing():
        provisioning_entry(one.organization, token=scim_token(one.organization))
    few = queries_of(browser, path)
    with one.writing():
        for _ in range(20):
            provisioning_entry(one.organization, token=scim_token(one.organization))
    assert queries_of(browser, path) == few
