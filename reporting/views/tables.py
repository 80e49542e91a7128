"""Tables of the dashboards. Rows are facts, so sorting happens in memory over what was gathered anyway."""

from decimal import Decimal
from typing import Any

import django_tables2
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from reporting.queries.renewals import Renewal, RenewalKind
from reporting.rules.notice import Bucket
from reporting.rules.utilisation import ProductUse
from reporting.templatetags.ui import share
from reporting.views.strips import words

FIGURE = {"td": {"class": "num"}, "th": {"class": "num"}}
# One element, so that a card on a phone keeps both lines beside the column's name.
CELL = '<div>{}<div class="soft small">{}</div></div>'


def pill(tone: str, label: str) -> SafeString:
    return render_to_string("components/pill.html", {"tone": tone, "label": label})


def whole(value: int) -> str:
    return words().number(value)


class UseTable(django_tables2.Table):  # type: ignore[misc]  # the package publishes no types
    """Use by product and metric."""

    product = django_tables2.Column(verbose_name=gettext_lazy("Product"))
    held = django_tables2.Column(verbose_name=gettext_lazy("Held"), attrs=FIGURE)
    limit = django_tables2.Column(verbose_name=gettext_lazy("Covered"), attrs=FIGURE, empty_values=())
    free = django_tables2.Column(verbose_name=gettext_lazy("Free"), attrs=FIGURE)
    over = django_tables2.Column(verbose_name=gettext_lazy("Over"), attrs=FIGURE)
    utilisation = django_tables2.Column(verbose_name=gettext_lazy("Used"), attrs=FIGURE, empty_values=())

    class Meta:
        attrs = {"caption": gettext_lazy("Use by product")}
        row_attrs = {"class": lambda record: "is-danger" if record.over else ""}

    def __init__(self, *args: Any, pools_url: str = "", **kwargs: Any) -> None:
        """With `pools_url`, the page of pools, each product leads to its own."""
        super().__init__(*args, **kwargs)
        self.pools_url = pools_url

    def render_product(self, record: ProductUse) -> SafeString:
        name = format_html("{}", record.product)
        if self.pools_url:
            name = format_html('<a href="{}?{}">{}</a>', self.pools_url, urlencode({"q": record.product}), name)
        return format_html(CELL, name, f"{record.publisher} · {record.metric}")

    def render_held(self, value: int) -> str:
        return whole(value)

    def render_free(self, record: ProductUse) -> str:
        return "–" if record.limit is None else whole(record.free)

    def render_over(self, record: ProductUse) -> SafeString | str:
        return format_html('<strong class="trend--bad">{}</strong>', whole(record.over)) if record.over else "–"

    def render_limit(self, record: ProductUse) -> str:
        if record.limit is None:
            return _("no limit")
        return whole(record.limit)

    def render_utilisation(self, record: ProductUse) -> str:
        return "–" if not record.limit or record.utilisation is None else share(record.utilisation)

    def order_limit(self, rows: Any, is_descending: bool) -> Any:
        return sorted(rows, key=lambda row: row.limit or 0, reverse=is_descending), True

    def order_utilisation(self, rows: Any, is_descending: bool) -> Any:
        return sorted(rows, key=lambda row: row.utilisation or 0.0, reverse=is_descending), True


def bucket_label(bucket: Bucket) -> str:
    if bucket is Bucket.OVERDUE:
        return _("Notice overdue")
    if bucket is Bucket.LATER:
        return _("Later than 120 days")
    return _("Within %(days)s days") % {"days": bucket.value}


BUCKET_TONES: dict[Bucket, str] = {
    Bucket.OVERDUE: "danger",
    Bucket.DAYS_30: "warn",
    Bucket.DAYS_60: "info",
    Bucket.DAYS_90: "neutral",
    Bucket.DAYS_120: "neutral",
    Bucket.LATER: "neutral",
}


class RenewalTable(django_tables2.Table):  # type: ignore[misc]  # the package publishes no types
    """What ends, by the last day for a notice."""

    notice_on = django_tables2.Column(verbose_name=gettext_lazy("Notice by"))
    title = django_tables2.Column(verbose_name=gettext_lazy("What ends"), empty_values=())
    ends_on = django_tables2.Column(verbose_name=gettext_lazy("Ends on"))
    annual = django_tables2.Column(
        verbose_name=gettext_lazy("Annual cost"), attrs=FIGURE, orderable=False, empty_values=()
    )
    look = django_tables2.Column(
        verbose_name=gettext_lazy("To look at"), orderable=False, empty_values=(), accessor="number"
    )

    class Meta:
        attrs = {"caption": gettext_lazy("Renewals by notice deadline")}
        row_attrs = {"class": lambda record: "is-danger" if record.days_left < 0 else ""}

    def render_notice_on(self, record: Renewal) -> SafeString:
        tone = BUCKET_TONES[record.bucket]
        return format_html(CELL, words().day(record.notice_on), pill(tone, _left(record)))

    def render_title(self, record: Renewal) -> SafeString:
        kind = _("Agreement") if record.kind is RenewalKind.AGREEMENT else _("Entitlement")
        number = record.number if record.title else ""
        parts = [part for part in (kind, number, record.partner, _size(record)) if part]
        detail = format_html_join(" · ", "{}", ((part,) for part in parts))
        return format_html(CELL, record.title or record.number, detail)

    def render_ends_on(self, record: Renewal) -> SafeString:
        days = record.notice_days
        notice = ngettext("%(count)d day of notice", "%(count)d days of notice", days) % {"count": days}
        said = notice if days else _("no notice period")
        return format_html(CELL, words().day(record.ends_on), said)

    def render_annual(self, record: Renewal) -> SafeString | str:
        costs = format_html_join("", "<div>{}</div>", ((words().money(cost, code),) for code, cost in record.annual))
        return format_html("<div>{}</div>", costs) if costs else "–"

    def render_look(self, record: Renewal) -> SafeString | str:
        pills = format_html_join(" ", "{}", ((pill(tone, label),) for tone, label in flags(record)))
        return format_html("<div>{}</div>", pills) if pills else "–"


def flags(record: Renewal) -> list[tuple[str, str]]:
    """What about a renewal needs a look, as tone and word."""
    found = []
    if record.has_ended:
        found.append(("danger", _("Ended, not renewed")))
    elif record.renews_by_itself:
        found.append(("warn", _("Renews by itself: too late to cancel")))
    elif record.auto_renew:
        found.append(("info", _("Renews by itself")))
    if not record.partner:
        found.append(("warn", _("No licensor named")))
    if not record.has_evidence:
        found.append(("warn", _("No document")))
    return found


def _left(record: Renewal) -> str:
    days = record.days_left
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("%(count)d day ago", "%(count)d days ago", -days) % {"count": -days}
    return ngettext("%(count)d day left", "%(count)d days left", days) % {"count": days}


def _size(record: Renewal) -> str:
    if record.kind is RenewalKind.AGREEMENT:
        return ngettext("%(count)d entitlement", "%(count)d entitlements", record.rights) % {"count": record.rights}
    if record.quantity is None:
        return _("any number")
    return ngettext("%(count)s seat", "%(count)s seats", record.quantity) % {"count": whole(record.quantity)}


def annual_total(rows: list[Renewal]) -> dict[str, Decimal]:
    """The annual cost of what is listed, by currency."""
    found: dict[str, Decimal] = {}
    for row in rows:
        for currency, cost in row.annual:
            found[currency] = found.get(currency, Decimal(0)) + cost
    return dict(sorted(found.items()))
