"""A licence's life to the second, at a clock that stands still: terms, pauses, cancellation, dunning, units, trials."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kernel.clock import FixedClock
from kernel.errors import Refusal
from licensing.models import LicenseRenewal, TrialClaim
from licensing.operations import (
    ApprovalDoesNotFit,
    ApprovalUsed,
    ApproverIsRequester,
    LicenseStatusConflict,
    NewLicense,
    QuoteChanged,
    RenewalDecided,
    RenewalExists,
    RenewalShortens,
    RightsExhausted,
    TransfereeInvalid,
    TrialEmailMissing,
    TrialUsed,
    activate_license,
    cancel_license,
    change_quantity,
    claim_trial_machine,
    confirm_renewal,
    convert_trial,
    issue_license,
    keep_license,
    mark_past_due,
    pause_license,
    quote_of,
    record_renewal,
    reinstate_license,
    renew_license,
    resume_license,
    revoke_license,
    settle_payment,
    suspend_license,
    transfer_license,
    withdraw_renewal,
)
from licensing.rules.codes import Code, WarningCode
from tests.factories import licensing
from tests.licensing.lives import A_SECOND, Lived, approved, lived
from tests.licensing.vendors import Vendor, vendor

pytestmark = pytest.mark.django_db
START = datetime(2025, 1, 1, 9, 30, 15, tzinfo=UTC)
END = START.replace(year=2026)
GRACE = END + timedelta(days=14)
DAY = timedelta(days=1)


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.mark.requirement("REQ-154")
def test_a_subscription_to_the_second(lumen: Vendor) -> None:
    """Valid to the last second of term and grace, warned in grace, renewed late from the prior end, valid again."""
    one = lived(lumen, START)
    assert one.row.expires_at == END
    assert (one.valid(END - A_SECOND), one.valid(END), one.valid(GRACE - A_SECOND), one.valid(GRACE)) == (
        True, True, True, False,
    )  # fmt: skip
    assert WarningCode.IN_GRACE in [warning.code for warning in one.asked(END).warnings]
    assert one.asked(GRACE).code is Code.EXPIRED
    one.at(GRACE + 3 * DAY).take(renew_license)
    assert (one.row.expires_at, one.row.grace_until) == (END.replace(year=2027), GRACE.replace(year=2027))
    assert one.valid(GRACE + 3 * DAY)
    assert one.kinds() == ["license.issued", "license.renewed"]


@pytest.mark.requirement("REQ-154")
def test_a_licence_that_renews_by_itself(lumen: Vendor) -> None:
    """Not a second more than an hour before its end; once; after years without a task without a gap."""
    one = lived(lumen, START, auto_renews=True, grace_days=0)
    one.at(END - timedelta(hours=1) - A_SECOND).tick()
    assert one.row.expires_at == END
    one.at(END - timedelta(hours=1)).tick()
    one.tick()
    assert one.row.expires_at == END.replace(year=2027)
    one.at(datetime(2030, 5, 5, tzinfo=UTC)).tick()
    one.tick()
    assert (one.row.expires_at, one.renews()) == (END.replace(year=2031), 0)
    with lumen.house.reading():
        terms = list(LicenseRenewal.objects.order_by("starts_at").values_list("starts_at", "ends_at", "is_automatic"))
    assert [(begin.year, end.year) for begin, end, _own in terms] == [(y, y + 1) for y in range(2026, 2031)]
    assert all(own for _begin, _end, own in terms)
    assert one.kinds().count("license.renewed") == 5


@pytest.mark.parametrize("hindrance", [pause_license, cancel_license, mark_past_due, record_renewal])
def test_what_does_not_renew_by_itself(lumen: Vendor, hindrance) -> None:
    """A paused, cancelled or past-due licence, and one whose renewal waits for its confirmation."""
    one = lived(lumen, START, auto_renews=True)
    one.at(END - DAY).take(hindrance, **({"since": None} if hindrance is mark_past_due else {}))
    one.at(END).tick()
    assert (one.row.expires_at, one.renews()) == (END, 0)


@pytest.mark.requirement("REQ-198")
def test_a_recorded_renewal_keeps_the_old_rights_until_grace_ends(lumen: Vendor) -> None:
    """Recorded, nothing changes; unconfirmed, rights end with the grace; confirmed later, the term follows the old."""
    one = lived(lumen, START)
    one.at(END - DAY).take(record_renewal)
    assert one.row.expires_at == END
    assert (one.valid(END), one.valid(GRACE - A_SECOND), one.valid(GRACE)) == (True, True, False)
    with pytest.raises(RenewalExists):
        one.take(record_renewal)


def test_a_recorded_renewal_is_confirmed_once(lumen: Vendor) -> None:
    """Confirmed after the grace has ended, the licence lives on without a gap; what is decided stays decided."""
    one = lived(lumen, START)
    renewal = one.at(END - DAY).take(record_renewal)
    with lumen.house.writing() as trail:
        confirm_renewal(renewal_id=renewal.id, reason="paid", trail=trail)
    assert one.row.expires_at == END.replace(year=2027)
    assert one.valid(GRACE)
    with pytest.raises(RenewalDecided), lumen.house.writing() as trail:
        withdraw_renewal(renewal_id=renewal.id, reason="too late", trail=trail)


def test_a_withdrawn_renewal_gives_nothing(lumen: Vendor) -> None:
    """The licence ends as it would have; the same term can be renewed afterwards."""
    one = lived(lumen, START)
    renewal = one.at(END - DAY).take(record_renewal)
    with lumen.house.writing() as trail:
        withdraw_renewal(renewal_id=renewal.id, reason="not wanted", trail=trail)
    assert not one.valid(GRACE)
    one.take(renew_license)
    assert one.row.expires_at == END.replace(year=2027)


def test_a_renewal_from_now_never_takes_time_away(lumen: Vendor) -> None:
    """After the end it counts from now; before, where the new end would come earlier, it is refused."""
    one = lived(lumen, START, renewal_basis="from_now")
    one.at(GRACE + 10 * DAY).take(renew_license)
    assert one.row.expires_at == (GRACE + 10 * DAY).replace(year=2027)
    with pytest.raises(RenewalShortens):
        one.take(renew_license)


@pytest.mark.requirement("REQ-190")
def test_a_pause_stops_the_clock(lumen: Vendor) -> None:
    """Paused for 40 days and a second, every end comes 40 days and a second later, and the reason is on record."""
    one = lived(lumen, START, auto_renews=True)
    length = 40 * DAY + A_SECOND
    paused = END - 10 * DAY
    one.at(paused).take(pause_license)
    assert one.row.paused_at == paused
    assert one.asked(GRACE + DAY).code is not Code.EXPIRED
    one.at(paused + length).take(resume_license)
    assert (one.row.expires_at, one.row.grace_until, one.row.paused_at) == (END + length, GRACE + length, None)
    assert one.valid(END + length - A_SECOND)
    assert one.kinds() == ["license.issued", "license.paused", "license.resumed"]


def test_a_pause_moves_the_renewal_that_waits_and_the_dunning(lumen: Vendor) -> None:
    """What follows the term or counts from payment waits as long as the licence does."""
    one = lived(lumen, START)
    renewal = one.at(START + DAY).take(record_renewal)
    one.take(mark_past_due, since=None)
    one.take(pause_license)
    one.at(START + 31 * DAY).tick()
    assert one.row.dunning_stage == "warned"
    one.take(resume_license)
    assert one.row.past_due_since == START + 31 * DAY
    assert one.row.expires_at == END + 30 * DAY
    with lumen.house.reading():
        assert LicenseRenewal.objects.get(id=renewal.id).starts_at == END + 30 * DAY


@pytest.mark.requirement("REQ-190")
def test_a_cancelled_licence_ends_with_its_term(lumen: Vendor) -> None:
    """To the second of its end and without grace; taken back before, it is as if nothing had happened."""
    one = lived(lumen, START, auto_renews=True)
    one.at(START + DAY).take(cancel_license)
    assert one.row.cancel_at == END
    assert (one.valid(END - A_SECOND), one.valid(END)) == (True, False)
    one.at(END - A_SECOND).take(keep_license)
    assert (one.row.cancel_at, one.valid(GRACE - A_SECOND)) == (None, True)
    one.take(cancel_license)
    one.at(END).tick()
    assert one.row.expires_at == END
    with pytest.raises(LicenseStatusConflict):
        one.take(keep_license)


@pytest.mark.requirement("REQ-234")
def test_payment_past_due_in_stages(lumen: Vendor) -> None:
    """Warned at once, features end on day 7 and validation on day 14, each to the second; payment brings all back."""
    one = with_feature(lumen)
    due = START + 30 * DAY
    one.at(due + 2 * DAY).take(mark_past_due, since=due)
    restricted, suspended = due + 7 * DAY, due + 14 * DAY
    assert one.valid(restricted - A_SECOND, "render")
    assert not one.valid(restricted, "render")
    assert one.valid(restricted)
    one.at(restricted).tick()
    one.at(suspended - A_SECOND).tick()
    assert (one.row.dunning_stage, one.row.status) == ("restricted", "active")
    one.at(suspended).tick()
    one.tick()
    assert one.asked(suspended).code is Code.SUSPENDED
    with pytest.raises(LicenseStatusConflict):
        one.take(reinstate_license)
    one.take(settle_payment)
    assert one.valid(suspended, "render")
    assert one.kinds()[1:] == ["license.past_due", "license.dunned", "license.dunned", "license.settled"]


def with_feature(lumen: Vendor) -> Lived:
    one = lived(lumen, START)
    row = one.row
    row.license_type.features = [{"code": "render"}]
    with lumen.house.reading():
        row.license_type.save(update_fields=["features"])
    return one


def test_somebody_elses_suspension_stays_when_payment_comes(lumen: Vendor) -> None:
    """Only the suspension that dunning brought ends with it."""
    one = lived(lumen, START)
    one.take(mark_past_due, since=None)
    one.take(suspend_license)
    one.take(settle_payment)
    assert one.row.status == "suspended"


@pytest.mark.requirement("REQ-154")
def test_more_units_at_the_price_that_was_shown(lumen: Vendor) -> None:
    """60 instead of 30 seats at 120 a year from 1 April: 2,712.33, confirmed; another amount changes nothing."""
    one = lived(lumen, datetime(2025, 1, 1, tzinfo=UTC), unit_price=Decimal(120), currency="EUR", charge_period="year")
    april = datetime(2025, 4, 1, tzinfo=UTC)
    quote = quote_of(license=one.row, quantity=60, at=april)
    assert quote.charge is not None
    assert (quote.units, quote.charge.amount, quote.currency) == (30, Decimal("2712.33"), "EUR")
    with pytest.raises(QuoteChanged):
        one.at(april).take(change_quantity, quantity=60, confirmed=Decimal("2712.32"))
    one.take(change_quantity, quantity=60, confirmed=Decimal("2712.33"))
    assert one.row.quantity == 60
    back = quote_of(license=one.row, quantity=30, at=april)
    assert back.charge is not None
    assert back.charge.amount == Decimal("-2712.33")


def test_units_stay_within_the_right(lumen: Vendor) -> None:
    """More than the right covers is refused, fewer give back, and the right's count follows."""
    with lumen.house.reading():
        right = licensing.entitlement(lumen.house.organization, product=lumen.product, quantity=40)
    license = lumen.license(entitlement=right, quantity=30)
    with pytest.raises(RightsExhausted), lumen.house.writing() as trail:
        change_quantity(license_id=license.id, quantity=41, reason="growth", confirmed=None, trail=trail)
    with lumen.house.writing() as trail:
        change_quantity(license_id=license.id, quantity=10, reason="fewer", confirmed=None, trail=trail)
    with lumen.house.reading():
        right.refresh_from_db()
    assert right.issued == 10


def test_a_draft_begins_when_it_is_put_in_force(lumen: Vendor) -> None:
    """It does not validate before, and its term counts from that moment."""
    kind = lumen.license_type("subscription")
    row = lumen.license(kind, is_draft=True)
    one = Lived(lumen, FixedClock(START), row.id)
    assert one.asked(START).code is Code.NOT_YET_EFFECTIVE
    one.take(activate_license)
    assert (one.row.expires_at, one.valid(START)) == (END, True)


@pytest.mark.requirement("REQ-155")
def test_a_trial_that_is_bought_keeps_what_it_was(lumen: Vendor) -> None:
    """Number, key and history stay, the term of the paid type begins, and the trial stays used."""
    paid = lumen.license_type("subscription")
    license = lumen.license(lumen.license_type("trial", converts_to=paid, expiry_basis="creation"))
    lumen.key(license)
    before = license.number
    one = Lived(lumen, FixedClock(license.created_at + 40 * DAY), license.id)
    assert one.asked(one.clock.now()).code is Code.EXPIRED
    one.take(convert_trial)
    row = one.row
    assert (row.number, row.model, row.license_type_id) == (before, "subscription", paid.id)
    assert row.expires_at == (license.created_at + 40 * DAY).replace(year=row.converted_at.year + 1)
    with lumen.house.reading():
        assert row.keys.count() == 1
    assert one.kinds() == ["license.issued", "license.converted"]
    with pytest.raises(LicenseStatusConflict):
        one.take(convert_trial)


@pytest.mark.requirement("REQ-155")
def test_a_machine_tries_a_product_once(lumen: Vendor) -> None:
    """Under the digest of any pepper; the same licence again is no second trial, another one is refused."""
    kind = lumen.license_type("trial", trial_once="fingerprint")
    first, second = lumen.license(kind), lumen.license(kind)
    with lumen.house.writing() as trail:
        claim_trial_machine(license=first, digests=["a" * 64], trail=trail)
        claim_trial_machine(license=first, digests=["b" * 64, "a" * 64], trail=trail)
    with lumen.house.reading():
        assert TrialClaim.objects.count() == 1
    with pytest.raises(TrialUsed), lumen.house.writing() as trail:
        claim_trial_machine(license=second, digests=["b" * 64, "a" * 64], trail=trail)


@pytest.mark.requirement("REQ-155")
def test_an_email_domain_tries_a_product_once(lumen: Vendor) -> None:
    """Whatever the case and the name before the @; without an address no such trial is issued."""
    kind = lumen.license_type("trial", trial_once="email_domain")
    lumen.license(kind, trial_email="kim@example.org")
    for address, refusal in (("Lee@EXAMPLE.org", TrialUsed), ("", TrialEmailMissing)):
        with pytest.raises(refusal), lumen.house.writing() as trail:
            issue_license(
                license=NewLicense(license_type=kind, licensee=lumen.customer, trial_email=address), trail=trail
            )
    lumen.license(kind, trial_email="kim@example.com")


@pytest.mark.requirement("REQ-153", "REQ-235")
def test_a_licence_is_handed_on_by_approval(lumen: Vendor) -> None:
    """The new customer holds it, its key stays, and the ledger names both parties and the request."""
    license, _key = lumen.keyed("perpetual")
    other = party(lumen)
    one = Lived(lumen, FixedClock(START), license.id)
    approval = approved("license.transfer", license.id, licensee=str(other.id), reason="because")
    one.take(transfer_license, licensee_id=other.id, approval=approval)
    assert one.row.licensee == other
    assert one.kinds() == ["license.issued", "license.transferred"]
    with pytest.raises(TransfereeInvalid):
        one.take(transfer_license, licensee_id=other.id, approval=approval)


def party(lumen: Vendor):
    with lumen.house.reading():
        return licensing.party(lumen.house.organization, kind="licensee")


def test_an_approval_allows_one_change_and_no_other(lumen: Vendor) -> None:
    """Another reason, another licence, the same person twice, or the same approval again: refused, nothing changed."""
    one, other = Lived(lumen, FixedClock(START), lumen.license().id), party(lumen)
    good = approved("license.revoke", one.id, reason="because")
    for wrong, refusal in (
        (replace(good, approvers=(good.requester,)), ApproverIsRequester),
        (replace(good, approvers=()), ApproverIsRequester),
        (approved("license.revoke", one.id, reason="else"), ApprovalDoesNotFit),
        (approved("license.revoke", other.id, reason="because"), ApprovalDoesNotFit),
        (approved("license.transfer", one.id, reason="because"), ApprovalDoesNotFit),
    ):
        with pytest.raises(refusal):
            one.take(revoke_license, approval=wrong)
    assert one.row.status == "active"
    first = approved("license.transfer", one.id, licensee=str(other.id), reason="because")
    one.take(transfer_license, licensee_id=other.id, approval=first)
    back = replace(
        approved("license.transfer", one.id, licensee=str(lumen.customer.id), reason="because"),
        request_id=first.request_id,
    )
    with pytest.raises(ApprovalUsed):
        one.take(transfer_license, licensee_id=lumen.customer.id, approval=back)
    one.take(revoke_license, approval=good)
    assert one.asked(START).code is Code.REVOKED


STEPS: dict[Any, dict[str, Any]] = {
    activate_license: {}, suspend_license: {}, reinstate_license: {}, pause_license: {}, resume_license: {},
    cancel_license: {}, keep_license: {}, renew_license: {}, record_renewal: {}, settle_payment: {},
    mark_past_due: {"since": None}, change_quantity: {"quantity": 31, "confirmed": None}, convert_trial: {},
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_no_step_leads_out_of_revoked(lumen: Vendor, step) -> None:
    """Each operation refuses a revoked licence, and one without a reason whatever its state; no entry is left."""
    one = lived(lumen, START)
    with pytest.raises(Refusal) as refused:
        one.take(step, **STEPS[step], reason=" ")
    assert refused.value.code == "LICENSE_REASON_REQUIRED"
    one.take(revoke_license, approval=approved("license.revoke", one.id, reason="because"))
    with pytest.raises(LicenseStatusConflict):
        one.take(step, **STEPS[step])
    assert one.kinds() == ["license.issued", "license.revoked"]
