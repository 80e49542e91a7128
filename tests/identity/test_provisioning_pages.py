"""The provisioning page: tokens, shown once, replaced, revoked; the log; who may see and do what."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from identity.models import ProvisioningEntry, ScimToken
from tests.factories.provisioning import provisioning_entry
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.identity.scim.service import USER, Service, service
from tests.reporting.counted import queries_of

pytestmark = pytest.mark.django_db
PAGE = "/organization/provisioning/"


@pytest.fixture
def one() -> Tenant:
    cache.clear()
    return tenant()


def text(answer) -> str:
    return str(answer.content.decode())


def address(name: str, row: ScimToken) -> str:
    return reverse(f"organization:provisioning-{name}", args=[row.id])


def token_of(one: Tenant) -> ScimToken:
    with one.reading():
        return ScimToken.objects.order_by("-id")[0]


def created(browser: Client, name: str = "Entra ID"):
    return browser.post(PAGE, {"name": name, "days": "90"})


def test_an_empty_page_says_what_to_do(one: Tenant):
    """Without tokens and requests there are instructions, the base URL to copy, and a form."""
    page = text(signed_in(one, "it_admin").get(PAGE))
    for words in ("There is no token yet", "Nothing was asked for yet", "/scim/v2", "Microsoft Entra ID", "Okta"):
        assert words in page


def test_a_token_is_shown_once_and_works(one: Tenant):
    """Created in the browser, copied, and used; the list shows its beginning alone, and no cache keeps the page."""
    browser = signed_in(one, "it_admin")
    answer = created(browser)
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    token = text(answer).split('id="token" type="text" value="')[1].split('"')[0]
    assert Service(one, token).post("Users", {"schemas": [USER], "userName": "first"}).status_code == 201
    page = text(browser.get(PAGE))
    assert token not in page
    assert token_of(one).prefix in page
    assert "POST User" in page
    assert bytes(token_of(one).digest) != token.encode()


@pytest.mark.parametrize(
    "data", [{"name": "", "days": "90"}, {"name": "x", "days": "0"}, {"name": "x" * 101, "days": "1"}]
)
def test_bad_input(one: Tenant, data):
    """What is wrong stands beside the field, and no token is made."""
    answer = signed_in(one, "owner").post(PAGE, data)
    assert answer.status_code == 422
    assert "errorlist" in text(answer)
    with one.reading():
        assert not ScimToken.objects.exists()


def test_a_name_in_use(one: Tenant):
    """A second token of the same name is refused beside the name."""
    browser = signed_in(one, "owner")
    created(browser)
    answer = created(browser)
    assert answer.status_code == 422
    assert "A token of this name is in use" in text(answer)


def test_replacing(one: Tenant):
    """The successor is shown once; the old one says that it was replaced, and can still be revoked."""
    browser = signed_in(one, "owner")
    created(browser)
    old = token_of(one)
    assert old.prefix in text(browser.get(address("rotate", old)))
    answer = browser.post(address("rotate", old), {"days": "30", "overlap_hours": "24"})
    assert "This token is shown once" in text(answer)
    assert token_of(one).rotated_from_id == old.id
    assert "Replaced, still works" in text(browser.get(PAGE))
    again = browser.post(address("rotate", old), {"days": "30", "overlap_hours": "24"})
    assert again.status_code == 422
    assert "was revoked or replaced already" in text(again)
    assert browser.post(address("rotate", token_of(one)), {"days": "30", "overlap_hours": "999"}).status_code == 422


def test_revoking(one: Tenant):
    """After one more question the token is revoked."""
    browser = signed_in(one, "owner")
    created(browser)
    row = token_of(one)
    assert row.prefix in text(browser.get(address("revoke", row)))
    answer = browser.post(address("revoke", row), follow=True)
    assert "works no more" in text(answer)
    assert "Revoked" in text(answer)
    assert token_of(one).revoked_at is not None


def test_the_log_is_filtered_and_paged(one: Tenant):
    """By outcome, 25 rows a page, newest first; an outcome that does not exist is said to be wrong."""
    with one.writing():
        for n in range(30):
            provisioning_entry(one.organization, resource_id=f"done-{n:02}")
        provisioning_entry(one.organization, outcome="refused", status=409, scim_type="uniqueness", detail="Taken.")
    browser = signed_in(one, "auditor")
    page = text(browser.get(PAGE))
    assert "uniqueness: Taken." in page
    assert page.count("done-") == 24
    assert text(browser.get(PAGE, {"page": 2})).count("done-") == 6
    refused = text(browser.get(PAGE, {"outcome": "refused"}))
    assert "done-" not in refused
    assert "Taken." in refused
    assert browser.get(PAGE, {"outcome": "perhaps"}).status_code == 422


def test_who_may(one: Tenant):
    """Owner and IT administrator manage, an auditor looks, others are refused, visitors sign in first."""
    created(signed_in(one, "owner"))
    row = token_of(one)
    auditor = signed_in(one, "auditor")
    page = auditor.get(PAGE)
    assert page.status_code == 200
    assert "Create a token" not in text(page)
    assert address("revoke", row) not in text(page)
    assert created(auditor, "other").status_code == 403
    assert auditor.get(address("rotate", row)).status_code == 403
    assert auditor.post(address("revoke", row)).status_code == 403
    assert signed_in(one, "finance").get(PAGE).status_code == 403
    assert Client(HTTP_HOST="127.0.0.1").get(PAGE).status_code == 302


def test_other_organisations(one: Tenant):
    """Their tokens are 404, and their log is not shown."""
    other = service()
    other.user("theirs")
    browser = signed_in(one, "owner")
    theirs = token_of(other.tenant)
    assert browser.get(address("rotate", theirs)).status_code == 404
    assert browser.post(address("revoke", theirs)).status_code == 404
    assert theirs.prefix not in text(browser.get(PAGE))
    assert token_of(other.tenant).revoked_at is None
    with other.tenant.reading():
        entry = ProvisioningEntry.objects.get()
    assert entry.resource_id not in text(browser.get(PAGE))


def test_queries(one: Tenant):
    """As many for fifty tokens and requests as for one."""
    browser = signed_in(one, "owner")
    created(browser)
    with one.writing():
        provisioning_entry(one.organization, token=token_of_row())
    few = queries_of(browser, PAGE)
    for n in range(10):
        created(browser, f"Token {n}")
    with one.writing():
        for _ in range(20):
            provisioning_entry(one.organization, token=token_of_row())
    assert queries_of(browser, PAGE) == few


def token_of_row() -> ScimToken:
    return ScimToken.objects.order_by("-id")[0]


def test_the_navigation_leads_there(one: Tenant):
    """The section of the organisation stands in the navigation of those who may."""
    assert PAGE in text(signed_in(one, "it_admin").get("/"))
    assert PAGE not in text(signed_in(one, "finance").get("/"))


@pytest.mark.parametrize("model", ["scimtoken", "provisioningentry"])
def test_admin_pages_are_to_read(one: Tenant, model: str):
    """Both lists and both single pages open in the admin; nothing is added or changed there."""
    directory = service(one)
    directory.user("somebody")
    browser = signed_in(one, "auditor")
    lists = f"/admin/identity/{model}/"
    assert browser.get(lists).status_code == 200
    with one.reading():
        row = (ScimToken if model == "scimtoken" else ProvisioningEntry).objects.get()
    assert browser.get(f"{lists}{row.id}/change/").status_code == 200
    assert browser.get(f"{lists}add/").status_code == 403
