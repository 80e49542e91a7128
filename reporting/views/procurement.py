"""The procurement overview: renewals by notice deadline."""

from collections import Counter
from zoneinfo import ZoneInfo

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from identity.models import Organization
from kernel.clock import DatabaseClock
from kernel.pages import PageRequest, page, show_page
from reporting.queries.renewals import Renewal, renewals
from reporting.rules.notice import Bucket
from reporting.tiles import Tile, Tone
from reporting.views.strips import words
from reporting.views.tables import RenewalTable, annual_total, bucket_label, flags

ROWS = 25
TONES: dict[Bucket, Tone] = {Bucket.OVERDUE: "danger", Bucket.DAYS_30: "warn"}


@require_GET
@page("reporting.dashboard.procurement")
def procurement(request: PageRequest) -> HttpResponseBase:
    """What ends, sorted by the last day for a notice; costs only for those who may see money."""
    at = DatabaseClock().now()
    zone = ZoneInfo(Organization.objects.get(id=request.principal.organization_id).time_zone)
    found = renewals(at=at, zone=zone)
    chosen = request.GET.get("within", "")
    bucket = Bucket(chosen) if chosen in set(Bucket) else None
    shown = [row for row in found if bucket is None or row.bucket is bucket]
    sees_money = request.principal.may("licensing.money.view")
    table = RenewalTable(shown, exclude=() if sees_money else ("annual",))
    show_page(table, request, rows=ROWS)
    context = {
        "at": at,
        "found": found,
        "bucket": bucket_label(bucket) if bucket else "",
        "tiles": _tiles(found, bucket),
        "table": table,
        "totals": annual_total(shown) if sees_money else {},
        "flagged": sum(1 for row in found if flags(row)),
        "zone": zone.key,
        "can_import": request.principal.may("licensing.import.run"),
    }
    return render(request, "reporting/procurement.html", context)


def _tiles(found: list[Renewal], chosen: Bucket | None) -> list[dict[str, object]]:
    """One tile for each bucket; it filters the list below."""
    counts = Counter(row.bucket for row in found)
    return [
        {
            "tile": Tile(
                label=bucket_label(bucket),
                value=words().number(counts[bucket]),
                tone=TONES.get(bucket, "") if counts[bucket] else "",
                icon="" if counts[bucket] and bucket in TONES else "calendar-due",
                note=ngettext("ends", "end", counts[bucket]),
                href="?" if bucket is chosen else f"?within={bucket.value}",
            ),
            "chosen": bucket is chosen,
        }
        for bucket in Bucket
    ]
