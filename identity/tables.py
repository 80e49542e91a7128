"""Lists of the pages of the organisation."""

from typing import Any, ClassVar

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import Membership
from identity.wording import role_names

FIGURE: dict[str, dict[str, str]] = {"td": {"class": "num"}, "th": {"class": "num"}}


class MemberTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are memberships; the name leads to the page of the member."""

    name = tables.Column(
        verbose_name=gettext_lazy("Name"), accessor="account__display_name", order_by="account__email_lower",
        empty_values=(),
    )  # fmt: skip
    roles = tables.Column(verbose_name=gettext_lazy("Roles"), orderable=False)
    person = tables.Column(verbose_name=gettext_lazy("Person of the directory"), default="–", orderable=False)
    started_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Since"), format="j M Y")
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=(), order_by="ended_at")

    class Meta:
        empty_text = gettext_lazy("No member matches these filters")
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("Members")}

    def render_name(self, record: Membership) -> SafeString:
        return format_html(
            '<div><a href="{}">{}</a><div class="faint">{}</div></div>',
            reverse("organization:member", args=[record.id]),
            str(record.account),
            record.account.email,
        )

    def render_roles(self, record: Membership) -> str:
        return role_names(record.roles)

    def render_state(self, record: Membership) -> SafeString:
        return pill("neutral", _("Ended")) if record.ended_at is not None else pill("ok", _("Works here"))


def pill(tone: str, label: str) -> SafeString:
    return render_to_string("components/pill.html", {"tone": tone, "label": label})
