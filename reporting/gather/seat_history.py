"""Assignments and releases of the period, as the ledger holds them."""

import json
from typing import Any

from django.utils.translation import gettext as _

from audit.queries import events
from identity.models import Device
from reporting.gather.frame import Frame
from reporting.gather.people import Colleagues, person
from reporting.packages.snapshot import SeatEvent
from seats.models import AssignmentSource, SeatPool

SIGNS = {"seat.assigned": 1, "seat.released": -1, "seat.reclaimed": -1}
CHUNK = 5_000
COLUMNS = ("sequence", "occurred_at", "kind", "actor", "body")


def seat_history(frame: Frame, people: Colleagues) -> tuple[SeatEvent, ...]:
    """Entries of the period in their order. Three queries; the rows stream.

    The words of people ("reason") are personal data and stay in the house; how a seat came about is told instead.
    """
    pools = {
        str(row.id): row
        for row in SeatPool.objects.filter(frame.within("product")).select_related("product__publisher")
    }
    hosts = {str(key): name for key, name in Device.objects.values_list("id", "hostname")}
    rows = events().filter(kind__in=SIGNS, occurred_at__gte=frame.start, occurred_at__lt=frame.end)
    found = []
    for sequence, occurred_at, kind, actor, body in rows.values_list(*COLUMNS).iterator(chunk_size=CHUNK):
        details: dict[str, Any] = json.loads(body)["details"]
        pool = pools.get(details["pool"])
        if pool is None:
            continue
        found.append(
            SeatEvent(
                sequence=sequence,
                occurred_at=occurred_at,
                action=kind,
                publisher=pool.product.publisher.name,
                product=pool.product.name,
                subject=_holder(details, hosts),
                quantity=details["quantity"],
                reason=_source(details),
                actor=people.actor(actor),
                change=SIGNS[kind] * details["quantity"],
            )
        )
    return tuple(found)


def _holder(details: dict[str, Any], hosts: dict[str, str]) -> str:
    if details.get("person"):
        return person(details["person"])
    if device := str(details.get("device") or ""):
        return hosts.get(device, device)
    return _("Outside the directory")


def _source(details: dict[str, Any]) -> str:
    source = details.get("source", "")
    if source not in AssignmentSource.values:
        return ""
    return _("Source: %(source)s") % {"source": AssignmentSource(source).label}
