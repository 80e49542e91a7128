"""Several at once on real commits: a term is renewed once, an approval is used once, a domain tries once."""

from functools import partial

import pytest

from compliance.models import ChangeRequest
from compliance.operations import approve_change, request_revocation
from kernel.principal import Principal
from kernel.trail import run_in_trail
from licensing.models import License, LicenseRenewal, TrialClaim
from licensing.operations import NewLicense, issue_license, renew_by_itself, renew_license
from tests.factories.tenants import member
from tests.licensing.test_issuing_together import CLIENTS, at_once
from tests.licensing.vendors import Vendor, vendor
from tests.plugins.databases import CommittedDatabase


@pytest.fixture(scope="module")
def lumen(committed_db: CommittedDatabase) -> Vendor:
    return vendor("lumen")


def test_a_term_is_renewed_once_however_many_tasks_come(lumen: Vendor) -> None:
    """Eight tasks at once find the same licence due: one adds the term, seven add none."""
    kind = lumen.license_type("subscription", code="monthly", duration_months=0, duration_days=1, auto_renews=True)
    license = lumen.license(kind)
    with lumen.house.writing():
        license.expires_at = license.created_at
        license.grace_until = None
        license.save(update_fields=["expires_at", "grace_until"])
    renew = partial(run_in_trail, lambda trail: renew_by_itself(license_id=license.id, trail=trail))
    got = at_once(lambda: renew(actor=lumen.house.actor))
    assert sorted(got) == [0] * (CLIENTS - 1) + [1]
    with lumen.house.reading():
        assert LicenseRenewal.objects.filter(license=license).count() == 1


def test_renewals_by_hand_follow_each_other(lumen: Vendor) -> None:
    """Eight people renew at once: eight terms, each from the end of the one before, none twice."""
    license = lumen.license(lumen.license_type("subscription", code="yearly"))
    renew = partial(run_in_trail, lambda trail: renew_license(license_id=license.id, reason="ordered", trail=trail))
    at_once(lambda: renew(actor=lumen.house.actor))
    with lumen.house.reading():
        terms = list(LicenseRenewal.objects.filter(license=license).order_by("starts_at"))
        ends = License.objects.get(id=license.id).expires_at
    assert [term.starts_at for term in terms] == [license.expires_at, *(term.ends_at for term in terms[:-1])]
    assert (len(terms), ends) == (CLIENTS, terms[-1].ends_at)


def test_a_request_is_carried_out_once(lumen: Vendor) -> None:
    """Eight approvals at once: one carries the change out, seven learn that it is decided."""
    approver: Principal = member(lumen.house, "approver")[1]
    license = lumen.license(lumen.license_type("perpetual", code="for-good"))
    with lumen.house.writing() as trail:
        request = request_revocation(license=license, reason="returned", trail=trail)
    decide = partial(run_in_trail, lambda trail: approve_change(request_id=request.id, reason="", trail=trail).state)
    got = at_once(lambda: decide(actor=approver))
    assert sorted(got) == ["CHANGE_REQUEST_DECIDED"] * (CLIENTS - 1) + ["approved"]
    with lumen.house.reading():
        assert ChangeRequest.objects.get(id=request.id).state == "approved"
        assert License.objects.get(id=license.id).status == "revoked"


def test_a_domain_tries_once_however_many_ask(lumen: Vendor) -> None:
    """Eight trials for one e-mail domain at once: one is issued."""
    kind = lumen.license_type("trial", code="once", trial_once="email_domain")
    wanted = NewLicense(license_type=kind, licensee=lumen.customer, trial_email="kim@example.org")
    issue = partial(run_in_trail, lambda trail: issue_license(license=wanted, trail=trail).number)
    got = at_once(lambda: issue(actor=lumen.house.actor))
    assert got.count("TRIAL_USED") == CLIENTS - 1
    with lumen.house.reading():
        assert TrialClaim.objects.count() == License.objects.filter(license_type=kind).count() == 1
