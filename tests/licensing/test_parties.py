"""Business partners over REST, GraphQL and the admin: added, changed, moved, barred; and what a bar does."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import Event
from licensing.models import Party
from licensing.operations import NewLicense, bar_party, issue_license, lift_bar
from licensing.operations.licenses import LicenseeBarred
from tests.factories import licensing
from tests.factories.tenants import signed_in
from tests.graphs import ask as asked
from tests.graphs import codes, data
from tests.licensing.vendors import Vendor, ask, vendor

pytestmark = pytest.mark.django_db
PARTIES = "/api/v1/parties/"
REASON = "Sanctioned since March"


@pytest.fixture
def lumen() -> Vendor:
    return vendor()


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def post(browser: Client, path: str, **body: Any) -> Any:
    return browser.post(path, body, content_type="application/json")


def patch(browser: Client, path: str, **body: Any) -> Any:
    return browser.patch(path, body, content_type="application/json")


def kinds(lumen: Vendor) -> list[str]:
    with lumen.house.reading():
        return list(Event.objects.filter(kind__startswith="party.").order_by("sequence").values_list("kind", flat=True))


@pytest.mark.parametrize("model", ["perpetual", "subscription", "trial"])
def test_every_licence_of_a_barred_partner_answers_banned(lumen: Vendor, model: str) -> None:
    """At once and over the wire, also for several licences; after the bar is lifted all validate again. A barred
    partner receives no licence meanwhile."""
    kind = lumen.license_type(model)
    keys = [lumen.key(lumen.license(kind)) for _ in range(2)]
    assert {ask(key).json()["code"] for key in keys} == {"VALID"}
    with lumen.house.writing() as trail:
        bar_party(party_id=lumen.customer.id, reason=REASON, trail=trail)
    answers = [ask(key).json() for key in keys]
    assert {(one["valid"], one["code"]) for one in answers} == {(False, "BANNED")}
    with pytest.raises(LicenseeBarred), lumen.house.writing() as trail:
        licensee = Party.objects.get(id=lumen.customer.id)
        issue_license(license=NewLicense(license_type=kind, licensee=licensee), trail=trail)
    with lumen.house.writing() as trail:
        lift_bar(party_id=lumen.customer.id, reason="Cleared", trail=trail)
    assert {ask(key).json()["code"] for key in keys} == {"VALID"}
    assert kinds(lumen) == ["party.barred", "party.bar_lifted"]


def test_a_bar_reaches_no_other_partner(lumen: Vendor) -> None:
    """What belongs to a barred group validates as before."""
    with lumen.house.writing():
        group = licensing.party(lumen.house.organization, kind="affiliate")
        Party.objects.filter(id=lumen.customer.id).update(parent=group)
    _license, key = lumen.keyed("perpetual")
    with lumen.house.writing() as trail:
        bar_party(party_id=group.id, reason=REASON, trail=trail)
    assert ask(key).json()["code"] == "VALID"


def test_rest_keeps_partners(lumen: Vendor, operator: Client) -> None:
    """Added, changed, moved, barred and let in, each with one entry; answers carry what is stored."""
    group = post(operator, PARTIES, kind="affiliate", name="Norrland Group").json()
    made = post(operator, PARTIES, kind="licensee", name="Norrland Marine", territory="NO", parent=group["id"])
    assert (made.status_code, made.json()["parent"]) == (201, group["id"])
    here = f"{PARTIES}{made.json()['id']}/"
    assert patch(operator, here, name="Norrland Maritime").json()["name"] == "Norrland Maritime"
    assert patch(operator, here, parent=None).json()["parent"] is None
    assert post(operator, f"{here}bar/", reason=REASON).json()["barred_at"]
    assert post(operator, f"{here}lift-bar/", reason="Cleared").json()["barred_at"] is None
    assert kinds(lumen) == [
        "party.created", "party.created", "party.updated", "party.moved", "party.barred", "party.bar_lifted",
    ]  # fmt: skip


def test_rest_refuses_bad_input(lumen: Vendor, operator: Client) -> None:
    """A cycle, a name that is taken, no name, no reason and a second bar have codes of their own."""
    group = post(operator, PARTIES, kind="affiliate", name="Group").json()["id"]
    firm = post(operator, PARTIES, kind="licensee", name="Firm", parent=group).json()["id"]
    cycle = patch(operator, f"{PARTIES}{group}/", parent=firm)
    assert (cycle.status_code, cycle.json()["code"]) == (409, "PARTY_BELOW_ITSELF")
    assert post(operator, PARTIES, kind="licensee", name="FIRM").status_code == 400
    assert post(operator, PARTIES, kind="licensee", name="").status_code == 400
    assert post(operator, f"{PARTIES}{firm}/bar/").status_code == 400
    assert post(operator, f"{PARTIES}{firm}/bar/", reason=REASON).status_code == 200
    again = post(operator, f"{PARTIES}{firm}/bar/", reason=REASON)
    assert (again.status_code, again.json()["code"]) == (409, "PARTY_BAR_CONFLICT")


def test_rest_lets_in_who_may(lumen: Vendor, operator: Client) -> None:
    """Visitors 401; support may look and not bar; another organisation's partner answers 404."""
    here = f"{PARTIES}{lumen.customer.id}/"
    assert Client(HTTP_HOST="127.0.0.1").get(here).status_code == 401
    support = signed_in(lumen.house, "support")
    assert support.get(here).status_code == 200
    assert post(support, f"{here}bar/", reason=REASON).status_code == 403
    assert patch(support, here, name="X").status_code == 403
    stranger = signed_in(vendor().house, "vendor_ops")
    for path in (f"{here}bar/", f"{here}lift-bar/"):
        assert post(stranger, path, reason=REASON).status_code == 404
    assert patch(stranger, here, name="X").status_code == 404


def test_a_list_takes_the_same_queries_however_long(lumen: Vendor, operator: Client) -> None:
    """Thirty partners cost no query more than one."""

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as told:
            assert operator.get(PARTIES).status_code == 200
        return len(told)

    few = cost()
    with lumen.house.writing():
        for _ in range(30):
            licensing.party(lumen.house.organization, kind="licensee", parent=lumen.customer)
    assert cost() == few


def test_graphql_keeps_partners(lumen: Vendor, operator: Client) -> None:
    """The same operations as mutations, with the refusals that REST has."""
    create = "mutation M($input: CreatePartyInput!) { createParty(input: $input) { id name parent { id } } }"
    group = data(operator, create, input={"kind": "affiliate", "name": "Group"})["createParty"]["id"]
    firm = data(operator, create, input={"kind": "licensee", "name": "Firm", "parent": group})["createParty"]
    assert firm["parent"] == {"id": group}
    update = "mutation M($input: UpdatePartyInput!) { updateParty(input: $input) { name email } }"
    assert data(operator, update, input={"id": firm["id"], "email": "a@example.org"})["updateParty"] == {
        "name": "Firm", "email": "a@example.org",
    }  # fmt: skip
    move = "mutation M($input: MovePartyInput!) { moveParty(input: $input) { parent { id } } }"
    assert codes(asked(operator, move, input={"id": group, "parent": firm["id"]})) == ["PARTY_BELOW_ITSELF"]
    assert data(operator, move, input={"id": firm["id"]})["moveParty"] == {"parent": None}
    bar = "mutation M($input: BarPartyInput!) { barParty(input: $input) { barredAt } }"
    lift = "mutation M($input: LiftPartyBarInput!) { liftPartyBar(input: $input) { barredAt } }"
    given = {"id": firm["id"], "reason": REASON}
    assert data(operator, bar, input=given)["barParty"]["barredAt"]
    assert data(operator, lift, input=given)["liftPartyBar"]["barredAt"] is None
    assert codes(asked(operator, create, input={"kind": "friend", "name": "X"})) == ["INVALID_INPUT"]
    support, stranger = signed_in(lumen.house, "support"), signed_in(vendor().house, "vendor_ops")
    assert codes(asked(support, bar, input=given)) == ["PERMISSION_DENIED"]
    assert codes(asked(stranger, bar, input=given)) == ["NOT_FOUND"]


def test_the_admin_keeps_partners(lumen: Vendor, operator: Client) -> None:
    """A form adds and moves; a page of its own bars with a reason and shows why; support sees no button."""
    admin = "/admin/licensing/party/"
    form = {"kind": "affiliate", "name": "Group", "email": "", "territory": "", "parent": ""}
    assert operator.post(f"{admin}add/", form).status_code == 302
    with lumen.house.reading():
        group = Party.objects.get(name="Group")
    here = f"{admin}{lumen.customer.id}/"
    moved = {**form, "kind": "licensee", "name": lumen.customer.name, "parent": str(group.id)}
    assert operator.post(f"{here}change/", moved).status_code == 302
    assert (
        "cannot stand below itself"
        in operator.post(f"{admin}{group.id}/change/", {**form, "parent": str(lumen.customer.id)}).content.decode()
    )
    assert operator.post(f"{here}bar/", {"reason": ""}).status_code == 200
    assert operator.post(f"{here}bar/", {"reason": REASON}).status_code == 302
    assert REASON in operator.get(f"{here}change/").content.decode()
    assert operator.post(f"{here}bar/", {"reason": REASON}).status_code == 409
    support = signed_in(lumen.house, "support")
    assert f"{here}lift-bar/" not in support.get(f"{here}change/").content.decode()
    assert support.get(f"{here}lift-bar/").status_code == 403
    assert signed_in(vendor().house, "vendor_ops").get(f"{here}lift-bar/").status_code == 404
    assert operator.post(f"{here}lift-bar/", {"reason": "Cleared"}).status_code == 302
    assert kinds(lumen) == ["party.created", "party.moved", "party.barred", "party.bar_lifted"]
