"""The six ways in which a licence is sold: which have a term, and that each can be defined, issued and validated."""

import pytest

from licensing.operations import LicenseTypeInvalid
from tests.licensing.vendors import TERMS, Vendor, ask, vendor

pytestmark = pytest.mark.django_db


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.mark.parametrize("model", sorted(TERMS))
def test_each_model_is_issued_and_validates(lumen: Vendor, model: str) -> None:
    """A type and a licence of each model; the key validates, and the licence says how it was sold. A licence that is
    tied to machines asks for one first, one for sessions for a seat."""
    license, key = lumen.keyed(model)
    assert license.model == model
    first = {"node_locked": "FINGERPRINT_REQUIRED", "floating": "CHECKOUT_REQUIRED"}
    assert ask(key).json()["code"] == first.get(model, "VALID")


@pytest.mark.parametrize("model", sorted(TERMS))
@pytest.mark.parametrize("months", [0, 6])
def test_who_has_a_term(lumen: Vendor, model: str, months: int) -> None:
    """Perpetual has none, subscription and trial have one, floating, node-locked and site have one or none."""
    refused = (model == "perpetual") if months else (model in {"subscription", "trial"})
    terms = {"duration_months": months, "duration_days": 0, "expiry_basis": "creation"}
    if refused:
        with pytest.raises(LicenseTypeInvalid):
            lumen.license_type(model, **terms)
    else:
        license = lumen.license(lumen.license_type(model, **terms))
        assert (license.expires_at is not None) is bool(months)
