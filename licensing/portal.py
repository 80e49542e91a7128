"""The portal of a vendor's customers: the own licences, what proves them, and what needs attention."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kernel.clock import DatabaseClock
from kernel.errors import NotFound
from kernel.pages import PageRequest, page
from licensing.models import License
from licensing.portal_wording import address, chosen, hindrance, portal_standing, quota_sentence, shown
from licensing.queries.carried import carried_by
from licensing.queries.license_facts import carried_features, limits_of
from licensing.queries.portal import (
    notice_of,
    own_certificates,
    own_keys,
    own_license,
    own_licenses,
    own_machines,
    own_notices,
    vendor_contact,
)
from licensing.wording import term_of

VIEW = "licensing.portal.view"
ROWS = 50
MOST_NOTICES = 10


class PortalLicenseNotFound(NotFound):
    """There is no such licence among the customer's own."""

    code = "PORTAL_LICENSE_NOT_FOUND"


@require_GET
@page(VIEW)
def portal(request: PageRequest) -> HttpResponseBase:
    """Where a customer lands: notices, licences, and whom to ask."""
    at, parties = DatabaseClock().now(), _parties(request)
    told = own_notices(parties, at=at)
    rows = Paginator(own_licenses(parties), ROWS).get_page(request.GET.get("page"))
    context = {
        "at": at,
        "notices": [shown(one, at=at) for one in told[:MOST_NOTICES]],
        "more_notices": max(0, len(told) - MOST_NOTICES),
        "rows": rows,
        "licenses": [(row, portal_standing(row, at=at), address(row)) for row in rows],
        "pages": rows.paginator.get_elided_page_range(rows.number),
        "several": len(parties) > 1,
        "contact": vendor_contact(),
    }
    return render(request, "licensing/portal.html", context)


@require_GET
@page(VIEW)
def portal_license(request: PageRequest, license_id: UUID) -> HttpResponseBase:
    """One of the own licences: what it grants and what of it is used, its keys by their beginnings, its machines and
    certificates."""
    row = own_license(_parties(request), license_id)
    if row is None:
        raise PortalLicenseNotFound(_("There is no such licence among yours."))
    return render(request, "licensing/portal_license.html", _particulars(row))


def _particulars(row: License) -> dict[str, Any]:
    at, kind = DatabaseClock().now(), row.license_type
    told, carried = notice_of(row, at=at), carried_by(row, at=at)
    quotas = {quota.code: quota_sentence(quota) for quota in carried.quotas}
    grants = carried_features(row, *carried.grants)
    return {
        "license": row,
        "standing": portal_standing(row, at=at),
        "notices": [shown(told, at=at)] if told is not None else [],
        "term": term_of(kind),
        "hindrance": hindrance(row, at=at),
        "features": [(grant, grant.period.holds_at(at), quotas.get(grant.code, chosen(grant))) for grant in grants],
        "limits": limits_of(row),
        "territories": row.territories if row.territories is not None else kind.territories,
        "versions": row.version_range or kind.version_range,
        "keys": own_keys(row),
        "machines": own_machines(row),
        "certificates": own_certificates(row),
        "contact": vendor_contact(),
    }


def _parties(request: PageRequest) -> frozenset[UUID]:
    """Whoever is limited to no partner has none here: the portal is for customers."""
    return request.principal.parties or frozenset()
