"""Catalogue, contracts, rights, licences and imports."""

from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from identity.models import Organization
from licensing import models
from tests.factories.moments import NOW, days

_next = count(1)


def party(organization: Organization, **columns: Any) -> models.Party:
    name = columns.pop("name", f"Party {next(_next)}")
    values = {"kind": "licensor", "created_at": NOW, **columns}
    return models.Party.objects.create(organization=organization, name=name, name_lower=name.lower(), **values)


def publisher(organization: Organization, **columns: Any) -> models.Publisher:
    name = columns.pop("name", f"Publisher {next(_next)}")
    values = {"created_at": NOW, **columns}
    return models.Publisher.objects.create(organization=organization, name=name, name_lower=name.lower(), **values)


def product(organization: Organization, **columns: Any) -> models.Product:
    name = columns.pop("name", f"Product {next(_next)}")
    values = {"created_at": NOW, **columns}
    if "publisher" not in values:
        values["publisher"] = publisher(organization)
    return models.Product.objects.create(organization=organization, name=name, name_lower=name.lower(), **values)


def edition(product: models.Product, **columns: Any) -> models.Edition:
    name = columns.pop("name", f"Edition {next(_next)}")
    return models.Edition.objects.create(
        organization=product.organization,
        product=product,
        name=name,
        name_lower=name.lower(),
        created_at=NOW,
        **columns,
    )


def feature(product: models.Product, **columns: Any) -> models.Feature:
    code = columns.pop("code", f"feature-{next(_next)}")
    values = {"name": code.title(), "created_at": NOW, **columns}
    return models.Feature.objects.create(organization=product.organization, product=product, code=code, **values)


def release(product: models.Product, **columns: Any) -> models.Release:
    values = {"version": f"{next(_next)}.0.0", "status": "published", "released_at": NOW, "created_at": NOW, **columns}
    return models.Release.objects.create(organization=product.organization, product=product, **values)


def bundle_item(parent: models.Product, component: models.Product, **columns: Any) -> models.BundleItem:
    values = {"since": NOW, **columns}
    return models.BundleItem.objects.create(
        organization=parent.organization, parent=parent, component=component, **values
    )


def use_right(entitlement: models.Entitlement, **columns: Any) -> models.UseRight:
    values = {"kind": "second_use", "since": NOW, **columns}
    return models.UseRight.objects.create(organization=entitlement.organization, entitlement=entitlement, **values)


def alias(product: models.Product, **columns: Any) -> models.ProductAlias:
    text = columns.pop("alias", f"Alias {next(_next)}")
    values = {"alias_normalised": text.lower(), "created_at": NOW, **columns}
    return models.ProductAlias.objects.create(organization=product.organization, product=product, alias=text, **values)


def metric(organization: Organization, **columns: Any) -> models.Metric:
    values = {"code": f"metric-{next(_next)}", "name": "Named user", "subject": "person", "created_at": NOW, **columns}
    return models.Metric.objects.create(organization=organization, **values)


def agreement(organization: Organization, **columns: Any) -> models.Agreement:
    values = {
        "number": f"A-{next(_next)}",
        "starts_at": NOW,
        "ends_at": days(365),
        "currency": "EUR",
        "created_at": NOW,
        **columns,
    }
    return models.Agreement.objects.create(organization=organization, **values)


def purchase(organization: Organization, **columns: Any) -> models.Purchase:
    values = {"order_number": f"PO-{next(_next)}", "currency": "EUR", "created_at": NOW, **columns}
    return models.Purchase.objects.create(organization=organization, **values)


def purchase_line(purchase: models.Purchase, **columns: Any) -> models.PurchaseLine:
    values = {
        "position": next(_next),
        "quantity": 10,
        "unit_price": Decimal("12.5000"),
        "line_total": Decimal("125.00"),
        "created_at": NOW,
        **columns,
    }
    return models.PurchaseLine.objects.create(organization=purchase.organization, purchase=purchase, **values)


def entitlement(organization: Organization, **columns: Any) -> models.Entitlement:
    """A hundred active rights of a subscription for a year, proved by a document."""
    values: dict[str, Any] = {
        "number": f"E-{next(_next)}",
        "model": "subscription",
        "quantity": 100,
        "starts_at": NOW,
        "ends_at": days(365),
        "state": "active",
        "document": "contract.pdf",
        "created_at": NOW,
        **columns,
    }
    if "product" not in values:
        values["product"] = product(organization)
    if "metric" not in values:
        values["metric"] = metric(organization)
    return models.Entitlement.objects.create(organization=organization, **values)


def import_batch(organization: Organization, **columns: Any) -> models.ImportBatch:
    n = next(_next)
    values = {
        "number": f"I-{n}",
        "kind": "entitlements",
        "file_name": "rights.csv",
        "file_sha256": f"{n:064x}",
        "file_size": 100,
        "created_at": NOW,
        "created_by": str(uuid4()),
        **columns,
    }
    return models.ImportBatch.objects.create(organization=organization, **values)


def import_row(batch: models.ImportBatch, **columns: Any) -> models.ImportRow:
    values = {"line": next(_next), "status": "new", **columns}
    return models.ImportRow.objects.create(organization=batch.organization, batch=batch, **values)


def observed_use(product: models.Product, **columns: Any) -> models.ObservedUse:
    values = {"since": NOW, "source": "inventory.csv", "created_at": NOW, **columns}
    return models.ObservedUse.objects.create(organization=product.organization, product=product, **values)


def last_use(product: models.Product, **columns: Any) -> models.LastUse:
    values = {"source": "sign-ins", "last_used_at": NOW, "recorded_at": NOW, **columns}
    return models.LastUse.objects.create(organization=product.organization, product=product, **values)


def license_type(product: models.Product, **columns: Any) -> models.LicenseType:
    """A subscription of twelve months."""
    values = {
        "code": f"type-{next(_next)}",
        "name": "Yearly",
        "model": "subscription",
        "duration_months": 12,
        "created_at": NOW,
        **columns,
    }
    return models.LicenseType.objects.create(organization=product.organization, product=product, **values)


def license(license_type: models.LicenseType, **columns: Any) -> models.License:
    """An active licence of that type for a year from NOW."""
    organization = license_type.organization
    values: dict[str, Any] = {
        "number": f"L-{next(_next)}",
        "product": license_type.product,
        "model": license_type.model,
        "status": "active",
        "valid_from": NOW,
        "expires_at": None if license_type.model == "perpetual" else days(365),
        "created_at": NOW,
        **columns,
    }
    if "licensee" not in values:
        values["licensee"] = party(organization, kind="licensee")
    return models.License.objects.create(organization=organization, license_type=license_type, **values)


def add_on(license: models.License, **columns: Any) -> models.AddOn:
    values: dict[str, Any] = {"name": "Rendering", "features": [{"code": "render"}], "created_at": NOW, **columns}
    return models.AddOn.objects.create(organization=license.organization, license=license, **values)


def usage_event(license: models.License, **columns: Any) -> models.UsageEvent:
    values = {
        "license_id": license.id,
        "source": "plotter",
        "key": f"k{next(_next)}",
        "feature": "export",
        "value": Decimal(1),
        "at": NOW,
        "received_at": NOW,
        **columns,
    }
    return models.UsageEvent.objects.create(organization=license.organization, **values)


def usage_receipt(organization: Organization, **columns: Any) -> models.UsageReceipt:
    values = {"source": "plotter", "key": f"k{next(_next)}", "digest": bytes(32), "received_at": NOW, **columns}
    return models.UsageReceipt.objects.create(organization=organization, **values)


def usage_day(license: models.License, **columns: Any) -> models.UsageDay:
    values = {"day": NOW.date(), "touched_at": NOW, **columns}
    return models.UsageDay.objects.create(organization=license.organization, license=license, **values)


def usage_daily(license: models.License, **columns: Any) -> models.UsageDaily:
    values = {"feature": "export", "day": NOW.date(), "value": Decimal(1), "events": 1, "summed_at": NOW, **columns}
    return models.UsageDaily.objects.create(organization=license.organization, license=license, **values)


def plan_certificate(organization: Organization, **columns: Any) -> models.PlanCertificate:
    """A row only: its text is no token that verifies."""
    values = {"certificate": "a.b.c", "license_id": f"L-{next(_next)}", "stored_at": NOW, **columns}
    return models.PlanCertificate.objects.create(organization=organization, **values)


def license_key(license: models.License, **columns: Any) -> models.LicenseKey:
    values = {
        "license": license,
        "digest": next(_next).to_bytes(32, "big"),
        "prefix": "ABC123",
        "pepper_version": 1,
        "issued_at": NOW,
        **columns,
    }
    return models.LicenseKey.objects.create(organization=license.organization, **values)


def signing_key(organization: Organization, **columns: Any) -> models.SigningKey:
    """A row only: its bytes are no key that signs."""
    values = {
        "kid": f"kid-{next(_next)}",
        "public": bytes(32),
        "sealed_private": b"sealed",
        "created_at": NOW,
        **columns,
    }
    return models.SigningKey.objects.create(organization=organization, **values)


def certificate(license: models.License, **columns: Any) -> models.Certificate:
    values: dict[str, Any] = {
        "jti": uuid4(),
        "sequence": 1,
        "token_digest": bytes(32),
        "issued_at": NOW,
        "expires_at": days(30),
        **columns,
    }
    if "signing_key" not in values:
        values["signing_key"] = signing_key(license.organization)
    return models.Certificate.objects.create(organization=license.organization, license=license, **values)


def activation(license: models.License, **columns: Any) -> models.Activation:
    """A machine that is active since NOW."""
    values = {
        "scope_key": f"license:{license.id}",
        "fingerprint": f"{next(_next):064x}",
        "pepper_version": 1,
        "first_seen_at": NOW,
        "last_seen_at": NOW,
        **columns,
    }
    return models.Activation.objects.create(organization=license.organization, license=license, **values)


def license_renewal(license: models.License, **columns: Any) -> models.LicenseRenewal:
    """A further year that was recorded and waits for its confirmation."""
    values = {"starts_at": days(365), "ends_at": days(730), "recorded_at": NOW, "recorded_by": "somebody", **columns}
    return models.LicenseRenewal.objects.create(organization=license.organization, license=license, **values)


def trial_claim(license: models.License, **columns: Any) -> models.TrialClaim:
    values = {"kind": "email_domain", "value": "example.org", "claimed_at": NOW, **columns}
    return models.TrialClaim.objects.create(
        organization=license.organization, product=license.product, license=license, **values
    )


def used_approval(license: models.License, **columns: Any) -> models.UsedApproval:
    values = {"request_id": uuid4(), "kind": "license.revoke", "used_at": NOW, **columns}
    return models.UsedApproval.objects.create(organization=license.organization, license=license, **values)


def amendment(agreement: models.Agreement, **columns: Any) -> models.Amendment:
    values = {
        "number": 1,
        "effective_at": NOW,
        "changes": {"notice_days": [0, 30]},
        "reason": "Negotiated",
        "amended_at": NOW,
        "amended_by": "somebody",
        **columns,
    }
    return models.Amendment.objects.create(organization=agreement.organization, agreement=agreement, **values)


def party_access(party: models.Party, **columns: Any) -> models.PartyAccess:
    """Needs a `membership`."""
    values = {"granted_at": NOW, "granted_by": "somebody", **columns}
    return models.PartyAccess.objects.create(organization=party.organization, party=party, **values)
