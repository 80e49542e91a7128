"""Lists of the pages: pools with their figures, holders of a pool."""

from typing import Any, ClassVar

import django_filters
import django_tables2 as tables
from django import forms
from django.db.models import Q, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from licensing.models import Metric
from seats.models import Assignment, SeatPool
from seats.queries import PoolState, holder_name, is_direct_grant
from seats.standing import LABELS, standing_pill, use_meter

FIGURE: dict[str, dict[str, str]] = {"td": {"class": "num"}, "th": {"class": "num"}}


class PoolFilter(django_filters.FilterSet):  # type: ignore[misc]  # the library has no types
    """Search, metric and state. The state is a figure of the moment, so the view applies it to what was read."""

    q = django_filters.CharFilter(
        method="by_words",
        label=gettext_lazy("Search"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    metric = django_filters.ModelChoiceFilter(
        queryset=Metric.objects.filter(superseded_at__isnull=True).order_by("name"),
        label=gettext_lazy("Metric"),
        empty_label=gettext_lazy("Every metric"),
    )
    state = django_filters.ChoiceFilter(
        method="by_state",
        label=gettext_lazy("State"),
        choices=list(LABELS.items()),
        empty_label=gettext_lazy("Every state"),
    )

    class Meta:
        model = SeatPool
        fields: ClassVar[list[str]] = []

    def by_words(self, rows: QuerySet[SeatPool], _name: str, value: str) -> QuerySet[SeatPool]:
        wanted = value.strip()
        return rows.filter(
            Q(name__icontains=wanted)
            | Q(product__name_lower__contains=wanted.lower())
            | Q(product__publisher__name_lower__contains=wanted.lower())
        )

    def by_state(self, rows: QuerySet[SeatPool], _name: str, _value: str) -> QuerySet[SeatPool]:
        return rows


class PoolTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are PoolState."""

    name = tables.Column(verbose_name=gettext_lazy("Pool"))
    publisher = tables.Column(verbose_name=gettext_lazy("Publisher"))
    utilisation = tables.Column(verbose_name=gettext_lazy("In use"), empty_values=())
    free = tables.Column(verbose_name=gettext_lazy("Free"), empty_values=(), attrs=FIGURE)
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=(), orderable=False)

    class Meta:
        empty_text = gettext_lazy("No pool is like this")
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("Pools of seats")}

    def render_name(self, record: PoolState) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("seats:pool", args=[record.id]), record.name)

    def render_utilisation(self, record: PoolState) -> SafeString:
        return use_meter(record)

    def render_free(self, record: PoolState) -> Any:
        return _("Unlimited") if record.free is None else record.free

    def render_state(self, record: PoolState) -> SafeString:
        return standing_pill(record)


class HolderTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are live assignments of one pool; the last column appears for those who may release."""

    holder = tables.Column(verbose_name=gettext_lazy("Holder"), empty_values=(), orderable=False)
    quantity = tables.Column(verbose_name=gettext_lazy("Quantity"), attrs=FIGURE)
    since = tables.DateTimeColumn(verbose_name=gettext_lazy("Since"), format="j M Y")
    source = tables.Column(verbose_name=gettext_lazy("Given by"))
    release = tables.Column(verbose_name="", empty_values=(), orderable=False, attrs={"td": {"class": "num"}})

    class Meta:
        empty_text = gettext_lazy("Nobody holds a seat")
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("Holders of seats")}

    def render_holder(self, record: Assignment) -> SafeString:
        return format_html('<div>{}<div class="faint">{}</div></div>', holder_name(record), _about(record))

    def render_source(self, record: Assignment) -> SafeString | str:
        if record.over_limit:
            return _pill("warn", _("Beyond the limit"))
        return _pill("info", _("Direct grant")) if is_direct_grant(record) else record.get_source_display()

    def render_release(self, record: Assignment) -> SafeString:
        return format_html(
            '<a class="btn btn-sm" href="{}">{}</a> <a class="btn btn-sm" href="{}">{}</a>',
            reverse("seats:transfer", args=[record.id]),
            _("Transfer"),
            reverse("seats:release", args=[record.id]),
            _("Release"),
        )


def _about(row: Assignment) -> str:
    if row.person is not None:
        return row.person.user_name
    return row.device.platform if row.device is not None else _("Outside the directory")


def _pill(tone: str, label: str) -> SafeString:
    return render_to_string("components/pill.html", {"tone": tone, "label": label})
