"""The admin site's own doors: entering, leaving, the password, and rows that no box can have chosen."""

import pytest
from django.conf import settings
from django.test import Client

from audit.queries import events
from tests.factories import identity, licensing
from tests.factories.tenants import PASSWORD, Tenant, signed_in, tenant

pytestmark = pytest.mark.django_db
NEW = "another long enough pass phrase"


def last_kind(one: Tenant) -> str:
    with one.reading():
        event = events().last()
    assert event is not None
    return event.kind


def test_visitors_are_sent_to_the_one_sign_in_and_come_back():
    """Where they wanted to go, and the start of the admin when they wanted its sign-in."""
    visitor = Client(HTTP_HOST="127.0.0.1")
    for wanted, after in (
        ("/admin/login/?next=/admin/seats/seatpool/", "/admin/seats/seatpool/"),
        ("/admin/login/", "/admin/"),
    ):
        assert visitor.get(wanted)["Location"] == f"/accounts/sign-in/?next={after}"


def test_who_is_inside_already_is_led_on_and_who_may_not_enter_is_refused():
    """The admin's sign-in is no dead end for administrators; other members are told that it is not theirs."""
    assert signed_in(tenant(), "owner").get("/admin/login/")["Location"] == "/admin/"
    assert signed_in(tenant(), "member").get("/admin/login/").status_code == 403


def test_leaving_through_the_admin_is_recorded():
    """Both ways out leave the same ledger entry, and both are a POST."""
    one = tenant()
    browser = signed_in(one, "owner")
    assert browser.get("/admin/logout/").status_code == 405
    assert browser.post("/admin/logout/").status_code == 200
    assert last_kind(one) == "account.signed_out"
    assert browser.get("/api/v1/people/").status_code == 401


def test_a_changed_password_is_recorded_and_ends_the_former_session():
    """The ledger says that it happened; a wrong old password changes and records nothing."""
    one = tenant()
    browser = signed_in(one, "owner")
    stolen = Client(HTTP_HOST="127.0.0.1")
    stolen.cookies[settings.SESSION_COOKIE_NAME] = browser.cookies[settings.SESSION_COOKIE_NAME].value
    form = {"old_password": "not this one", "new_password1": NEW, "new_password2": NEW}
    assert browser.post("/admin/password_change/", form).status_code == 200
    assert last_kind(one) == "account.signed_in"
    assert browser.post("/admin/password_change/", {**form, "old_password": PASSWORD}).status_code == 302
    assert last_kind(one) == "account.password_changed"
    assert browser.get("/api/v1/people/").status_code == 200
    assert stolen.get("/api/v1/people/").status_code == 401


@pytest.mark.parametrize("key", ["x", "9" * 40, "[[", "\x00"])
def test_keys_that_are_none_are_a_bad_request(key):
    """A row that no box, choice or link can have named: 400, not an error of the server."""
    browser = signed_in(tenant(), "owner", "it_admin")
    chosen = {"action": "scan_again", "_selected_action": key, "index": 0}
    assert browser.post("/admin/compliance/scanrun/", chosen).status_code == 400
    if "\x00" not in key:
        assert browser.get("/admin/licensing/product/add/", {"publisher": key}).status_code == 200


@pytest.mark.parametrize("key", ["x", "9" * 40, "[[", "\x00"])
def test_a_choice_that_is_none_is_said_beside_its_field(key):
    """The search box comes back empty with the mistake, in the admin's own forms and in those of a step."""
    browser = signed_in(tenant(), "owner", "it_admin", "vendor_ops")
    for path, field in (("product", "publisher"), ("license", "licensee")):
        answer = browser.post(f"/admin/licensing/{path}/add/", {"name": "CAD", field: key})
        assert answer.status_code == 200
        assert "errorlist" in answer.content.decode()


@pytest.mark.parametrize(("model", "make"), [("identity/orgunit", identity.unit), ("licensing/party", licensing.party)])
def test_no_row_of_a_tree_stands_below_itself(model, make):
    """Neither directly nor by way of what stands below: the form says so beside its field, and nothing is written."""
    one = tenant()
    with one.writing():
        top = make(one.organization)
        below = make(one.organization, parent=top)
    browser = signed_in(one, "owner", "procurement", "vendor_ops")
    form = {"code": "top", "name": "Top", "kind": top.kind, "territory": ""}
    for parent in (top, below):
        answer = browser.post(f"/admin/{model}/{top.pk}/change/", {**form, "parent": str(parent.pk)})
        assert answer.status_code == 200
        assert "cannot stand below itself" in answer.context["adminform"].form.errors["parent"][0]
    with one.reading():
        top.refresh_from_db()
        assert top.parent_id is None
    assert browser.post(f"/admin/{model}/{top.pk}/change/", {**form, "parent": ""}).status_code == 302
