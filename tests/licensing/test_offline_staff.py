"""Offline certificates in the hands of the vendor's staff: checked out, listed, and recalled by two people."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from compliance.models import ChangeRequest
from kernel.pages import PROVED
from licensing.models import Certificate, License
from licensing.operations import issue_certificate
from tests.factories.tenants import signed_in
from tests.graphs import data
from tests.graphs import response as graph_response
from tests.licensing.offline_rights import out, post, visitor
from tests.licensing.vendors import Vendor, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def license(lumen: Vendor) -> License:
    """Two seats, a year."""
    return lumen.license(quantity=2)


def test_operators_check_out_list_and_recall_over_rest(lumen: Vendor, license: License) -> None:
    """201 with the file once; `out` narrows the list; 401, 403, 404 and a proof for the recall."""
    operator, support = signed_in(lumen.house, "vendor_ops"), signed_in(lumen.house, "support")
    given = post(operator, f"licenses/{license.id}/check-out/", {"fingerprint": "m-1", "ttl": 7200})
    assert given.status_code == 201, given.content
    assert (given.json()["checked_out"], given.json()["file"][:10]) == (True, "-----BEGIN")
    assert post(operator, f"licenses/{license.id}/check-out/", {}).status_code == 400
    post(operator, f"licenses/{license.id}/certificates/")
    listed = {n: support.get("/api/v1/certificates/", {"out": n}).json()["results"] for n in ("true", "false")}
    assert [row["id"] for row in listed["true"]] == [given.json()["id"]]
    assert [row["checked_out"] for row in listed["false"]] == [False]
    path = f"certificates/{given.json()['id']}/recall/"
    assert post(visitor(), path, {"reason": "x"}).status_code == 401
    assert post(support, path, {"reason": "x"}).status_code == 403
    assert post(signed_in(vendor().house, "vendor_ops"), path, {"reason": "x"}).status_code == 404
    assert post(operator, path, {}).status_code == 400
    approver = signed_in(lumen.house, "approver")
    asked = post(operator, path, {"reason": "lost"})
    assert (asked.status_code, asked.json()["state"]) == (202, "open")
    assert support.get(f"/api/v1/certificates/{given.json()['id']}/").json()["returned_at"] is None
    again = post(operator, path, {"reason": "lost"})
    assert (again.status_code, again.json()["code"]) == (409, "CHANGE_REQUEST_OPEN")
    assert post(approver, f"change-requests/{asked.json()['id']}/approve/").status_code == 200
    row = support.get(f"/api/v1/certificates/{given.json()['id']}/").json()
    assert (row["recalled"], row["returned_at"] is not None) == (True, True)
    again = post(operator, path, {"reason": "lost"})
    assert (again.status_code, again.json()["code"]) == (409, "CERTIFICATE_NOT_OUT")
    session = operator.session
    session[PROVED] = 0
    session.save()
    assert post(operator, path, {"reason": "x"}).json()["code"] == "PROOF_NEEDED"


def test_operators_check_out_and_recall_on_pages(lumen: Vendor, license: License) -> None:
    """The file comes as a download; the list says who takes a seat; the recall asks for a reason."""
    operator, support = signed_in(lumen.house, "vendor_ops"), signed_in(lumen.house, "support")
    path = reverse("admin:licensing_license_check_out", args=[license.id])
    assert operator.post(path, {"fingerprint": "m-1", "hours": 1})["Content-Disposition"].endswith('.lic"')
    assert "five minutes to 720 hours" in operator.post(path, {"fingerprint": "m", "hours": 999}).content.decode()
    with lumen.house.reading():
        row = Certificate.objects.get()
    listed = support.get("/admin/licensing/certificate/", {"out": "1"}).content.decode()
    assert str(row.jti) in listed
    recall = reverse("admin:licensing_certificate_recall", args=[row.id])
    assert recall in operator.get(reverse("admin:licensing_certificate_change", args=[row.id])).content.decode()
    assert support.post(recall, {"reason": "x"}).status_code == 403
    assert signed_in(vendor().house, "vendor_ops").post(recall, {"reason": "x"}).status_code == 404
    assert operator.post(recall, {"reason": ""}).status_code == 200
    approver = signed_in(lumen.house, "approver")
    assert operator.post(recall, {"reason": "lost"}).status_code == 302
    with lumen.house.reading():
        request = ChangeRequest.objects.get()
    assert str(row.id) in approver.get(f"/changes/{request.id}/").content.decode()
    approved_page = approver.post(f"/changes/{request.id}/", {"approve": "1"})
    assert approved_page.status_code == 302
    assert str(row.jti) not in support.get("/admin/licensing/certificate/", {"out": "1"}).content.decode()
    page = operator.get(reverse("admin:licensing_license_change", args=[license.id])).content.decode()
    assert "Certificate recalled" in page


NODE = "jti kind issuedAt expiresAt returnedAt checkedOut recalled"
QUERY = f"{{ certificates(filter: {{out: %s}}) {{ edges {{ node {{ {NODE} }} }} }} }}"


def test_certificates_over_graphql(lumen: Vendor, license: License) -> None:
    """Read by who may see licences; nobody else, and no other vendor."""
    issued = out(lumen, license)
    with lumen.house.writing() as trail:
        issue_certificate(license_id=license.id, trail=trail)

    def asked(browser: Client, out: str) -> Any:
        return browser.post("/graphql/", {"query": QUERY % out}, content_type="application/json").json()

    operator = signed_in(lumen.house, "vendor_ops")
    (edge,) = asked(operator, "true")["data"]["certificates"]["edges"]
    assert (edge["node"]["jti"], edge["node"]["checkedOut"]) == (str(issued.row.jti), True)
    (edge,) = asked(operator, "false")["data"]["certificates"]["edges"]
    assert edge["node"]["checkedOut"] is False
    assert asked(signed_in(vendor().house, "vendor_ops"), "false")["data"]["certificates"]["edges"] == []
    assert asked(signed_in(lumen.house, "member"), "false")["errors"]


def test_a_recall_over_graphql(lumen: Vendor, license: License) -> None:
    """Asked for by whoever may, approved by somebody else, and each certificate has a request of its own."""
    first, second = out(lumen, license, "m-1"), out(lumen, license, "m-2")
    operator, approver = signed_in(lumen.house, "vendor_ops"), signed_in(lumen.house, "approver")
    ask = "mutation M($input: RequestCertificateRecallInput!) { requestCertificateRecall(input: $input) { id kind } }"
    given = [{"certificate": str(one.row.id), "reason": "machine lost"} for one in (first, second)]
    for browser in (signed_in(lumen.house, "support"), signed_in(vendor().house, "vendor_ops")):
        assert graph_response(browser, ask, input=given[0]).json().get("errors")
    asked = [data(operator, ask, input=one)["requestCertificateRecall"] for one in given]
    assert {one["kind"] for one in asked} == {"certificate.recall"}
    approve = "mutation M($input: ApproveChangeInput!) { approveChange(input: $input) { state } }"
    own = graph_response(operator, approve, input={"id": asked[0]["id"]}).json()
    assert own.get("errors")
    assert data(approver, approve, input={"id": asked[0]["id"]})["approveChange"] == {"state": "approved"}
    with lumen.house.reading():
        returned = dict(Certificate.objects.values_list("id", "return_reason"))
    assert returned == {first.row.id: "machine lost", second.row.id: ""}
