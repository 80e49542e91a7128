"""Each constraint of licensing/ refuses what it names, on both databases."""

from decimal import Decimal

import pytest
from django.db import IntegrityError

from identity.models import Organization
from kernel.scope import scope
from licensing.models import Amendment, Edition, PartyAccess, ProductOwner, VendorContact
from tests.constraints import Attempt, constraints_of, refused_by
from tests.factories import identity, licensing
from tests.factories.moments import NOW, days

pytestmark = pytest.mark.django_db
CONSTRAINTS = constraints_of("licensing")


def _twice(make, *of, **columns):
    return [make(*of, **columns) for _ in range(2)]


def _product(organization):
    return licensing.product(organization)


def _type(organization, **columns):
    return licensing.license_type(_product(organization), **columns)


def _license(organization, **columns):
    return licensing.license(_type(organization), **columns)


def _key(organization, **columns):
    return licensing.license_key(_license(organization), **columns)


def _ended(organization):
    return licensing.activation(_license(organization), released_at=NOW, end_reason="deactivated")


def _line(organization, **columns):
    return licensing.purchase_line(licensing.purchase(organization), **columns)


def _row(organization, **columns):
    return licensing.import_row(licensing.import_batch(organization), **columns)


def _observed_twice(organization, *, edition=False, **subject):
    product = _product(organization)
    which = licensing.edition(product) if edition else None
    return _twice(licensing.observed_use, product, edition=which, **subject)


def _downgraded_twice(organization, *, edition=False):
    right = licensing.entitlement(organization)
    target = {"target_product": right.product, "target_edition": licensing.edition(right.product) if edition else None}
    return _twice(licensing.use_right, right, kind="downgrade", **target)


def _member(organization):
    return identity.membership(organization, identity.account())


def _owner(organization, product, member, **columns):
    return ProductOwner.objects.create(
        organization=organization, product=product, membership=member, since=NOW, **columns
    )


def _external():
    return {"external_subject": "Host 7", "external_subject_lower": "host 7"}


def _set(row, **columns):
    for name, value in columns.items():
        setattr(row, name, value)
    row.save(update_fields=list(columns))


PARTIES: dict[str, Attempt] = {
    "licensing_party_name": lambda o: _twice(licensing.party, o, name="Lumen"),
    "licensing_party_has_name": lambda o: licensing.party(o, name=""),
    "licensing_party_not_own_parent": lambda o: _set(party := licensing.party(o), parent=party),
    "licensing_party_barred_by_somebody": lambda o: licensing.party(o, barred_at=NOW, barred_reason="fraud"),
}
CATALOGUE: dict[str, Attempt] = {
    "licensing_publisher_name": lambda o: _twice(licensing.publisher, o, name="Lumen"),
    "licensing_publisher_has_name": lambda o: licensing.publisher(o, name=""),
    "licensing_product_name": lambda o: _twice(licensing.product, o, name="CAD", publisher=licensing.publisher(o)),
    "licensing_product_code": lambda o: _twice(licensing.product, o, code="cad"),
    "licensing_product_has_name": lambda o: licensing.product(o, name=""),
    "licensing_edition_name": lambda o: _twice(licensing.edition, _product(o), name="Pro"),
    "licensing_edition_has_name": lambda o: licensing.edition(_product(o), name=""),
    "licensing_release_version": lambda o: _twice(licensing.release, _product(o), version="2.0.0"),
    "licensing_release_published_has_time": lambda o: licensing.release(_product(o), released_at=None),
    "licensing_release_yanked_by_somebody": lambda o: licensing.release(_product(o), status="yanked"),
    "licensing_product_alias_once": lambda o: _twice(licensing.alias, _product(o), alias="L-CAD"),
    "licensing_product_alias_not_empty": lambda o: licensing.alias(_product(o), alias=""),
    "licensing_metric_version": lambda o: _twice(licensing.metric, o, code="user", superseded_at=NOW),
    "licensing_metric_current": lambda o: [licensing.metric(o, code="user", version=n) for n in (1, 2)],
    "licensing_metric_version_from_one": lambda o: licensing.metric(o, version=0),
}
FEATURES: dict[str, Attempt] = {
    "licensing_feature_code": lambda o: _twice(licensing.feature, _product(o), code="render"),
    "licensing_feature_has_name": lambda o: licensing.feature(_product(o), name=""),
    "licensing_feature_choices_of_a_choice": lambda o: licensing.feature(_product(o), kind="choice"),
    "licensing_add_on_has_name": lambda o: licensing.add_on(_license(o), name=""),
    "licensing_add_on_adds_something": lambda o: licensing.add_on(_license(o), features=[]),
    "licensing_add_on_in_order": lambda o: licensing.add_on(_license(o), ends_at=NOW),
    "licensing_add_on_removed_by_somebody": lambda o: licensing.add_on(_license(o), removed_at=NOW),
}
BUNDLES: dict[str, Attempt] = {
    "licensing_bundle_item_once": lambda o: _twice(licensing.bundle_item, _product(o), _product(o)),
    "licensing_bundle_item_not_itself": lambda o: licensing.bundle_item(*[_product(o)] * 2),
    "licensing_bundle_item_in_order": lambda o: licensing.bundle_item(_product(o), _product(o), ended_at=days(-1)),
    "licensing_use_right_once": lambda o: _downgraded_twice(o, edition=True),
    "licensing_use_right_once_no_target_edition": lambda o: _downgraded_twice(o),
    "licensing_use_right_once_no_target": lambda o: _twice(
        licensing.use_right, licensing.entitlement(o)
    ),
    "licensing_use_right_target_of_a_change": lambda o: licensing.use_right(licensing.entitlement(o), kind="upgrade"),
    "licensing_use_right_edition_of_a_product": lambda o: licensing.use_right(
        licensing.entitlement(o), target_edition=licensing.edition(_product(o))
    ),
    "licensing_use_right_ratio_counts": lambda o: licensing.use_right(licensing.entitlement(o), ratio=0),
    "licensing_use_right_in_order": lambda o: licensing.use_right(licensing.entitlement(o), ended_at=days(-1)),
}  # fmt: skip
USAGE: dict[str, Attempt] = {
    "licensing_usage_event_counts": lambda o: licensing.usage_event(_license(o), value=0),
    "licensing_usage_event_of_a_feature": lambda o: licensing.usage_event(_license(o), feature=""),
    "licensing_usage_receipt_once": lambda o: _twice(licensing.usage_receipt, o, key="k"),
    "licensing_usage_receipt_has_key": lambda o: licensing.usage_receipt(o, key=""),
    "licensing_usage_day_once": lambda o: _twice(licensing.usage_day, _license(o)),
    "licensing_usage_daily_once": lambda o: _twice(licensing.usage_daily, _license(o)),
    "licensing_usage_daily_counts": lambda o: licensing.usage_daily(_license(o), value=0),
}
PLANS: dict[str, Attempt] = {
    "licensing_plan_one_in_force": lambda o: _twice(licensing.plan_certificate, o),
    "licensing_plan_is_signed": lambda o: licensing.plan_certificate(o, certificate=""),
}


def _access(organization, **columns):
    party = columns.pop("party", None) or licensing.party(organization, kind="licensee")
    membership = columns.pop("membership", None) or _member(organization)
    values = {"granted_at": NOW, "granted_by": "somebody", **columns}
    return PartyAccess.objects.create(organization=organization, party=party, membership=membership, **values)


def _access_twice(organization):
    first = _access(organization)
    return _access(organization, party=first.party, membership=first.membership)


def _amendment(organization, **columns):
    agreement = columns.pop("agreement", None) or licensing.agreement(organization)
    values = {"number": 1, "effective_at": NOW, "changes": {}, "reason": "Longer", "amended_at": NOW, **columns}
    return Amendment.objects.create(
        organization=organization, agreement=agreement, **{"amended_by": "somebody", **values}
    )


def _amendment_twice(organization):
    return _amendment(organization, agreement=_amendment(organization).agreement)


def _contact(organization, **columns):
    values = {"name": "Maja Vik", "email": "maja@example.org", "created_at": NOW, **columns}
    return VendorContact.objects.create(organization=organization, **values)


ACCESS: dict[str, Attempt] = {
    "licensing_party_access_once": _access_twice,
    "licensing_party_access_in_order": lambda o: _access(o, ended_at=days(-1), ended_by="somebody"),
    "licensing_party_access_ended_by_somebody": lambda o: _access(o, ended_at=NOW),
    "licensing_party_access_granted_by_somebody": lambda o: _access(o, granted_by=""),
    "licensing_vendor_contact_one": lambda o: _twice(_contact, o),
    "licensing_vendor_contact_reachable": lambda o: _contact(o, email=""),
}
AMENDMENTS: dict[str, Attempt] = {
    "licensing_amendment_number": _amendment_twice,
    "licensing_amendment_from_one": lambda o: _amendment(o, number=0),
    "licensing_amendment_by_somebody_for_a_reason": lambda o: _amendment(o, reason=""),
    "licensing_agreement_amended_upwards": lambda o: licensing.agreement(o, amended=-1),
    "licensing_agreement_terminated_by_somebody": lambda o: licensing.agreement(o, state="terminated"),
}
OWNERS: dict[str, Attempt] = {
    "licensing_product_owner_once": lambda o: [_owner(o, *pair) for pair in [(_product(o), _member(o))] * 2],
    "licensing_product_owner_in_order": lambda o: _owner(o, _product(o), _member(o), ended_at=days(-1)),
}
CONTRACTS: dict[str, Attempt] = {
    "licensing_agreement_number": lambda o: _twice(licensing.agreement, o, number="MSA-1"),
    "licensing_agreement_has_number": lambda o: licensing.agreement(o, number=""),
    "licensing_agreement_in_order": lambda o: licensing.agreement(o, ends_at=days(-1)),
    "licensing_agreement_notice_not_negative": lambda o: licensing.agreement(o, notice_days=-1),
    "licensing_purchase_once": lambda o: _twice(
        licensing.purchase, o, order_number="PO-1", supplier=licensing.party(o)
    ),
    "licensing_purchase_once_no_supplier": lambda o: _twice(licensing.purchase, o, order_number="PO-1"),
    "licensing_purchase_has_number": lambda o: licensing.purchase(o, order_number=""),
    "licensing_purchase_line_once": lambda o: _twice(licensing.purchase_line, licensing.purchase(o), position=1),
    "licensing_purchase_line_buys_something": lambda o: _line(o, quantity=0),
    "licensing_purchase_line_not_negative": lambda o: _line(o, line_total=Decimal("-0.01")),
}
RIGHTS: dict[str, Attempt] = {
    "licensing_entitlement_number": lambda o: _twice(licensing.entitlement, o, number="E-X"),
    "licensing_entitlement_renewed_once": lambda o: _twice(licensing.entitlement, o, previous=licensing.entitlement(o)),
    "licensing_entitlement_quantity_unless_unlimited": lambda o: licensing.entitlement(o, quantity=None),
    "licensing_entitlement_counts_upwards": lambda o: licensing.entitlement(o, rights_per_unit=0),
    "licensing_entitlement_issued_within_rights": lambda o: licensing.entitlement(
        o, quantity=5, rights_per_unit=2, overdraft=1, issued=12
    ),
    "licensing_entitlement_handed_on_within_rights": lambda o: licensing.entitlement(
        o, quantity=5, rights_per_unit=2, overdraft=1, issued=7, sublicensed=5
    ),
    "licensing_entitlement_sublicensed_within_rights": lambda o: licensing.entitlement(
        o, quantity=5, rights_per_unit=2, overdraft=1, sublicensed=11
    ),
    "licensing_entitlement_in_order": lambda o: licensing.entitlement(o, ends_at=NOW),
    "licensing_entitlement_perpetual_has_no_end": lambda o: licensing.entitlement(o, model="perpetual"),
    "licensing_entitlement_not_own_ancestor": lambda o: _set(row := licensing.entitlement(o), previous=row),
    "licensing_entitlement_active_has_evidence": lambda o: licensing.entitlement(o, document=""),
    "licensing_entitlement_waived_by_somebody": lambda o: licensing.entitlement(
        o, document="", evidence_waived_at=NOW, evidence_waived_by="somebody"
    ),
    "licensing_entitlement_revoked_by_somebody": lambda o: licensing.entitlement(o, state="revoked"),
}
ISSUED: dict[str, Attempt] = {
    "licensing_license_type_version": lambda o: _twice(
        licensing.license_type, _product(o), code="pro", superseded_at=NOW
    ),
    "licensing_license_type_current": lambda o: [
        licensing.license_type(product, code="pro", version=n) for product in [_product(o)] for n in (1, 2)
    ],
    "licensing_license_type_counts_upwards": lambda o: _type(o, grace_days=-1),
    "licensing_license_type_term_of_model": lambda o: _type(o, duration_months=0),
    "licensing_license_type_trial_converts": lambda o: _type(o, converts_to=_type(o)),
    "licensing_license_number": lambda o: _twice(licensing.license, _type(o), number="L-X"),
    "licensing_license_for_somebody": lambda o: _license(o, quantity=0),
    "licensing_license_sequence_from_one": lambda o: _license(o, sequence=0),
    "licensing_license_perpetual_has_no_end": lambda o: _license(o, model="perpetual"),
    "licensing_license_in_order": lambda o: _license(o, expires_at=days(-1)),
    "licensing_license_grace_follows_end": lambda o: _license(o, expires_at=None, grace_until=days(1)),
    "licensing_license_revoked_by_somebody": lambda o: _license(o, status="revoked"),
    "licensing_license_suspended_by_somebody": lambda o: _license(o, status="suspended"),
    "licensing_license_key_digest": lambda o: _twice(licensing.license_key, _license(o), digest=bytes(32)),
    "licensing_license_key_one_right": lambda o: _key(o, entitlement=licensing.entitlement(o)),
    "licensing_license_key_issued_is_not_stored": lambda o: _key(o, ciphertext=b"key"),
    "licensing_license_key_has_pepper": lambda o: _key(o, pepper_version=0),
    "licensing_license_key_revoked_by_somebody": lambda o: _key(o, revoked_at=NOW),
    "licensing_license_key_reason_of_revocation": lambda o: _key(o, revoked_reason="leaked"),
    "licensing_signing_key_kid": lambda o: _twice(licensing.signing_key, o, kid="k", status="retiring", retired_at=NOW),
    "licensing_signing_key_one_active": lambda o: _twice(licensing.signing_key, o),
    "licensing_signing_key_retired_has_time": lambda o: licensing.signing_key(o, status="retiring"),
    "licensing_signing_key_revoked_by_somebody": lambda o: licensing.signing_key(o, status="revoked", retired_at=NOW),
    "licensing_certificate_jti": lambda o: _twice(
        licensing.certificate, _license(o), jti=o.id, signing_key=licensing.signing_key(o)
    ),
    "licensing_certificate_checked_out_ends": lambda o: licensing.certificate(
        _license(o), holder=bytes(32), expires_at=None
    ),
    "licensing_certificate_of_an_activation": lambda o: licensing.certificate(
        _license(o), kind="activation", holder=bytes(32)
    ),
    "licensing_certificate_returned_by_somebody": lambda o: licensing.certificate(_license(o), returned_at=NOW),
    "licensing_license_type_offline_hours": lambda o: _type(o, offline_hours=-1),
    "licensing_certificate_in_order": lambda o: licensing.certificate(_license(o), expires_at=NOW),
}
MACHINES: dict[str, Attempt] = {
    "licensing_activation_live_once": lambda o: _twice(
        licensing.activation, _license(o), scope_key="organization", fingerprint="a" * 64
    ),
    "licensing_activation_place_taken_once": lambda o: [
        licensing.activation(gone.license, replaces=gone) for gone in [_ended(o)] for _ in range(2)
    ],
    "licensing_activation_ended_for_a_reason": lambda o: licensing.activation(_license(o), released_at=NOW),
    "licensing_activation_in_order": lambda o: licensing.activation(_license(o), last_seen_at=days(-1)),
    "licensing_activation_pings_in_order": lambda o: licensing.activation(
        _license(o), first_ping_at=NOW, last_ping_at=days(-1)
    ),
    "licensing_activation_of_a_machine": lambda o: licensing.activation(_license(o), fingerprint=""),
    "licensing_activation_transfer_of_one": lambda o: licensing.activation(_license(o), is_transfer=True),
    "licensing_license_type_fingerprint_matching_known": lambda o: _type(o, fingerprint_matching="some"),
    "licensing_license_type_uniqueness_scope_known": lambda o: _type(o, uniqueness_scope="galaxy"),
    "licensing_license_type_heartbeat_known": lambda o: _type(o, heartbeat="sometimes"),
    "licensing_license_type_resurrection_known": lambda o: _type(o, resurrection="easter"),
    "licensing_license_type_virtual_machines_known": lambda o: _type(o, virtual_machines="perhaps"),
    "licensing_license_type_overage_known": lambda o: _type(o, overage="much", overage_by=1),
    "licensing_license_type_heartbeat_in_range": lambda o: _type(o, heartbeat_seconds=59),
    "licensing_license_type_overage_has_amount": lambda o: _type(o, overage="percent"),
    "licensing_license_type_connectivity_grace": lambda o: _type(o, connectivity_fail_open=True),
    "licensing_license_type_transfers_from_zero": lambda o: _type(o, transfers_per_year=-1),
}
LIVES: dict[str, Attempt] = {
    "licensing_license_type_renews_a_term": lambda o: _type(o, model="site", duration_months=0, auto_renews=True),
    "licensing_license_type_tries_a_trial": lambda o: _type(o, trial_once="fingerprint"),
    "licensing_license_type_dunning_in_order": lambda o: _type(o, dunning_suspend_days=6),
    "licensing_license_type_price_is_whole": lambda o: _type(o, unit_price=Decimal(1), currency="EUR"),
    "licensing_license_paused_by_somebody": lambda o: _license(o, paused_at=NOW, paused_by="somebody"),
    "licensing_license_paused_after_draft": lambda o: _license(
        o, status="draft", paused_at=NOW, paused_by="somebody", paused_reason="season"
    ),
    "licensing_license_cancelled_by_somebody": lambda o: _license(o, cancel_at=days(365)),
    "licensing_license_cancelled_at_its_end": lambda o: _license(
        o, cancel_at=days(364), cancelled_by="somebody", cancelled_reason="not needed"
    ),
    "licensing_license_past_due_by_somebody": lambda o: _license(
        o, past_due_since=NOW, past_due_by="somebody", past_due_reason="invoice 7"
    ),
    "licensing_license_renewal_once": lambda o: _twice(
        licensing.license_renewal, _license(o), confirmed_at=NOW, confirmed_by="somebody"
    ),
    "licensing_license_renewal_one_open": lambda o: [
        licensing.license_renewal(row, starts_at=days(n)) for row in [_license(o)] for n in (1, 2)
    ],
    "licensing_license_renewal_in_order": lambda o: licensing.license_renewal(_license(o), ends_at=days(365)),
    "licensing_license_renewal_grace_follows_end": lambda o: licensing.license_renewal(
        _license(o), grace_until=days(729)
    ),
    "licensing_license_renewal_confirmed_by_somebody": lambda o: licensing.license_renewal(
        _license(o), confirmed_at=NOW
    ),
    "licensing_license_renewal_withdrawn_by_somebody": lambda o: licensing.license_renewal(
        _license(o), withdrawn_at=NOW
    ),
    "licensing_license_renewal_decided_once": lambda o: licensing.license_renewal(
        _license(o), confirmed_at=NOW, confirmed_by="somebody", withdrawn_at=NOW, withdrawn_by="somebody"
    ),
    "licensing_trial_claim_once": lambda o: _twice(licensing.trial_claim, _license(o)),
    "licensing_trial_claim_of_something": lambda o: licensing.trial_claim(_license(o), value=""),
    "licensing_used_approval_once": lambda o: _twice(licensing.used_approval, _license(o), request_id=o.id),
    "licensing_used_approval_of_a_kind": lambda o: licensing.used_approval(_license(o), kind=""),
}
IMPORTS: dict[str, Attempt] = {
    "licensing_import_batch_number": lambda o: _twice(licensing.import_batch, o, number="I-X"),
    "licensing_import_batch_one_commit": lambda o: _twice(
        licensing.import_batch, o, file_sha256="a" * 64, state="committing"
    ),
    "licensing_import_batch_committed_has_time": lambda o: licensing.import_batch(o, state="committed"),
    "licensing_import_batch_committed_by_somebody": lambda o: licensing.import_batch(
        o, state="committed", committed_at=NOW
    ),
    "licensing_import_batch_error_when_failed": lambda o: licensing.import_batch(o, error_code="BAD_FILE"),
    "licensing_import_row_once": lambda o: _twice(licensing.import_row, licensing.import_batch(o), line=2),
    "licensing_import_row_error_not_applied": lambda o: _row(o, status="error", applied_at=NOW),
    "licensing_last_use_one_subject": lambda o: licensing.last_use(_product(o)),
    "licensing_last_use_by_a_source": lambda o: licensing.last_use(_product(o), source="", person=identity.person(o)),
    "licensing_last_use_counts": lambda o: licensing.last_use(_product(o), uses=0, person=identity.person(o)),
    "licensing_last_use_person": lambda o: _twice(licensing.last_use, _product(o), person=identity.person(o)),
    "licensing_last_use_device": lambda o: _twice(licensing.last_use, _product(o), device=identity.device(o)),
    "licensing_observed_use_one_subject": lambda o: licensing.observed_use(_product(o)),
    "licensing_observed_use_of_something": lambda o: licensing.observed_use(_product(o), quantity=0, **_external()),
    "licensing_observed_use_person": lambda o: _observed_twice(o, edition=True, person=identity.person(o)),
    "licensing_observed_use_person_no_edition": lambda o: _observed_twice(o, person=identity.person(o)),
    "licensing_observed_use_device": lambda o: _observed_twice(o, edition=True, device=identity.device(o)),
    "licensing_observed_use_device_no_edition": lambda o: _observed_twice(o, device=identity.device(o)),
    "licensing_observed_use_external": lambda o: _observed_twice(o, edition=True, **_external()),
    "licensing_observed_use_external_no_edition": lambda o: _observed_twice(o, **_external()),
}
ATTEMPTS = {
    **PARTIES,
    **CATALOGUE,
    **FEATURES,
    **BUNDLES,
    **USAGE,
    **PLANS,
    **OWNERS,
    **ACCESS,
    **CONTRACTS,
    **AMENDMENTS,
    **RIGHTS,
    **ISSUED,
    **MACHINES,
    **LIVES,
    **IMPORTS,
}


@pytest.fixture
def house() -> Organization:
    return identity.organization()


@pytest.mark.parametrize("name", sorted(CONSTRAINTS))
def test_each_constraint_refuses_what_it_names(name, house):
    """A write that breaks the promise fails, whoever sends it."""
    with scope(house.id), refused_by(CONSTRAINTS[name]):
        ATTEMPTS[name](house)


def test_no_attempt_is_left_without_a_constraint():
    """A constraint that was removed takes its attempt with it."""
    assert set(ATTEMPTS) == set(CONSTRAINTS)


def test_an_active_entitlement_rests_on_any_one_evidence(house):
    """A document, a purchase line, an import row or a waiver with reason and name: one is enough."""
    with scope(house.id):
        for evidence in (
            {"document": "contract.pdf"},
            {"document": "", "purchase_line": _line(house)},
            {"document": "", "import_row": _row(house)},
            {
                "document": "",
                "evidence_waived_at": NOW,
                "evidence_waived_by": "somebody",
                "evidence_waiver": "bought before records began",
            },
        ):
            assert licensing.entitlement(house, **evidence).state == "active"
        assert not licensing.entitlement(house, document="", state="draft").has_evidence


def test_issued_licences_reach_rights_and_overdraft_exactly(house):
    """Ten rights and one of overdraft carry eleven issued licences."""
    with scope(house.id):
        entitlement = licensing.entitlement(house, quantity=5, rights_per_unit=2, overdraft=1, issued=11)
        assert entitlement.rights == 10
        unlimited = licensing.entitlement(house, quantity=None, unlimited=True, issued=10_000)
        assert unlimited.rights is None


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "state", "valid"),
    [
        (NOW, days(1), "active", True),
        (days(-1), NOW, "active", False),
        (days(-1), None, "active", True),
        (days(1), days(2), "active", False),
        (days(-1), days(1), "draft", False),
    ],
)
def test_terms_are_half_open(house, starts_at, ends_at, state, valid):
    """A right holds at its start and no longer at its end; the filter and the row in hand agree."""
    with scope(house.id):
        row = licensing.entitlement(house, starts_at=starts_at, ends_at=ends_at, state=state)
        assert row.is_valid_at(NOW) is valid
        assert type(row).objects.valid_at(NOW).exists() is valid


def test_two_organisations_share_no_uniqueness(house):
    """The same names, numbers and codes may stand in every book."""
    for organization in (house, identity.organization()):
        with scope(organization.id):
            licensing.product(organization, name="CAD", code="cad")
            licensing.entitlement(organization, number="E-1")
            licensing.signing_key(organization, kid="same")


@pytest.mark.postgres
def test_a_key_into_another_organisation_is_refused_at_once(house):
    """The composite key names itself inside the operation, not at COMMIT."""
    other = identity.organization()
    with scope(other.id):
        foreign = _product(other)
    with scope(house.id), pytest.raises(IntegrityError, match="licensing_edition_product_id_org_fk"):
        Edition.objects.create(organization=house, product_id=foreign.id, name="Pro", name_lower="pro", created_at=NOW)
