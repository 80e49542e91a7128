"""Lists of the pages of the organisation."""

from datetime import datetime
from typing import Any, ClassVar

import django_tables2 as tables
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.models import AccessReview, AccessReviewItem, Membership, Person
from identity.queries.access_reviews import is_overdue
from identity.rules.access_reviews import Coverage
from identity.wording import role_names
from kernel.clock import SystemClock

FIGURE: dict[str, dict[str, str]] = {"td": {"class": "num"}, "th": {"class": "num"}}
DATE: dict[str, dict[str, str]] = {"td": {"class": "nowrap"}}


class MemberTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are memberships; the name leads to the page of the member."""

    name = tables.Column(
        verbose_name=gettext_lazy("Name"), accessor="account__display_name", order_by="account__email_lower",
        empty_values=(),
    )  # fmt: skip
    roles = tables.Column(verbose_name=gettext_lazy("Roles"), orderable=False)
    person = tables.Column(verbose_name=gettext_lazy("Person of the directory"), default="–", orderable=False)
    started_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Since"), format="j M Y", attrs=DATE)
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


class ReviewTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are access reviews with their figures, from identity.queries.access_reviews.reviews()."""

    name = tables.Column(verbose_name=gettext_lazy("Review"), empty_values=())
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=(), order_by="closed_at")
    covered = tables.Column(verbose_name=gettext_lazy("Answered"), empty_values=(), orderable=False)
    revoked = tables.Column(verbose_name=gettext_lazy("Access taken away"), attrs=FIGURE)
    started_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Started"), format="j M Y", attrs=DATE)
    due_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Due"), format="j M Y", attrs=DATE)

    class Meta:
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("Access reviews")}

    def render_name(self, record: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("organization:access-review", args=[record.id]), record.name)

    def render_state(self, record: Any) -> SafeString:
        return review_pill(record, at=SystemClock().now())

    def render_covered(self, record: Any) -> SafeString:
        return coverage_meter(Coverage(record.decided, record.total))


def review_pill(review: AccessReview, *, at: datetime) -> SafeString:
    if review.closed_at is not None:
        return pill("neutral", _("Closed"))
    return pill("danger", _("Overdue")) if is_overdue(review, at=at) else pill("pending", _("Runs"))


def coverage_meter(covered: Coverage) -> SafeString:
    """Decided questions of all, as a bar."""
    return render_to_string(
        "components/meter.html",
        {
            "value": covered.decided,
            "maximum": covered.total,
            "shown": covered.decided,
            "label": _("Questions that are answered"),
            "tone": "ok" if not covered.left else "",
        },
    )


class ItemTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are questions of one access review; the first column appears where they can be ticked."""

    tick = tables.Column(
        verbose_name=gettext_lazy("Tick"), empty_values=(), orderable=False, attrs={"td": {"class": "tick"}}
    )
    member = tables.Column(
        verbose_name=gettext_lazy("Member"), empty_values=(), order_by="membership__account__email_lower"
    )
    roles = tables.Column(verbose_name=gettext_lazy("Roles asked about"), orderable=False)
    review = tables.Column(verbose_name=gettext_lazy("Review"), orderable=False)
    reviewer = tables.Column(
        verbose_name=gettext_lazy("Who is asked"), empty_values=(), order_by="reviewer__account__email_lower"
    )
    decision = tables.Column(verbose_name=gettext_lazy("Decision"), empty_values=())
    reason = tables.Column(verbose_name=gettext_lazy("Reason"), default="–", orderable=False)
    decided_at = tables.DateTimeColumn(verbose_name=gettext_lazy("Decided"), format="j M Y", default="–", attrs=DATE)

    class Meta:
        empty_text = gettext_lazy("No question matches")
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("Questions of the review")}

    def render_tick(self, record: AccessReviewItem) -> SafeString | str:
        if record.decided_at is not None:
            return ""
        label = _("Choose %(name)s") % {"name": record.membership.account}
        return format_html('<input type="checkbox" name="item" value="{}" aria-label="{}">', record.id, label)

    def render_member(self, record: AccessReviewItem) -> SafeString:
        person = record.membership.person
        about = f"{record.membership.account.email} · {person.title}" if person and person.title else None
        return format_html(
            '<div>{}<div class="faint">{}</div></div>',
            str(record.membership.account),
            about or record.membership.account.email,
        )

    def render_roles(self, record: AccessReviewItem) -> str:
        return role_names(record.roles)

    def render_reviewer(self, record: AccessReviewItem) -> str:
        return str(record.reviewer.account)

    def render_decision(self, record: AccessReviewItem) -> SafeString:
        if not record.decision:
            return pill("pending", _("Open"))
        tone = {"keep": "ok", "change": "warn"}.get(record.decision, "danger")
        return pill(tone, record.get_decision_display())


class PersonTable(tables.Table):  # type: ignore[misc]  # the library has no types
    """Rows are people of the directory."""

    name = tables.Column(verbose_name=gettext_lazy("Name"), empty_values=(), order_by="user_name_lower")
    title = tables.Column(verbose_name=gettext_lazy("Title"), default="–")
    department = tables.Column(verbose_name=gettext_lazy("Department"), default="–")
    org_unit = tables.Column(verbose_name=gettext_lazy("Unit"), default="–", order_by="org_unit__name")
    manager = tables.Column(verbose_name=gettext_lazy("Manager"), default="–", orderable=False)
    state = tables.Column(verbose_name=gettext_lazy("State"), empty_values=(), order_by="active")

    class Meta:
        empty_text = gettext_lazy("Nobody matches these filters")
        attrs: ClassVar[dict[str, Any]] = {"caption": gettext_lazy("People")}

    def render_name(self, record: Person) -> SafeString:
        return format_html(
            '<div><a href="{}">{}</a><div class="faint">{}</div></div>',
            reverse("organization:person", args=[record.id]),
            str(record),
            record.user_name,
        )

    def render_state(self, record: Person) -> SafeString:
        if record.legal_hold:
            return pill("warn", _("Legal hold"))
        return pill("ok", _("Active")) if record.active else pill("neutral", _("Left"))
