"""Admin pages of reclamation: rules, candidates, exemptions, each with its transitions as actions."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.admin import action
from seats.admin.steps import APPLY, StepAdmin
from seats.forms import ReasonForm
from seats.models import Exemption, ReclamationRule, RemovalCandidate
from seats.operations import decide, end_exemption, resume_rule, stop_rule, undo
from seats.operations.approvers import MANAGE
from seats.queries import holder_name
from seats.reclamation_tables import candidate_pill, rule_pill, rule_words

VIEW = "seats.reclamation.view"
DECIDE = "seats.reclamation.decide"


class ReclamationRuleAdmin(StepAdmin):
    view_permission = VIEW
    list_display = ["name", "about", "demands", "approver", "looked_at", "state"]
    list_select_related = ["pool", "product"]
    list_filter = ["kind", "approver"]
    search_fields = ["name", "pool__name", "product__name_lower"]
    ordering = ["name"]
    actions = ["stop", "resume"]

    @admin.display(description=gettext_lazy("About"))
    def about(self, row: ReclamationRule) -> str:
        return row.target

    @admin.display(description=gettext_lazy("Selects seats"))
    def demands(self, row: ReclamationRule) -> str:
        return rule_words(row)

    @admin.display(description=gettext_lazy("State"), ordering="stopped_at")
    def state(self, row: ReclamationRule) -> SafeString:
        return rule_pill(row)

    @action(description=gettext_lazy("Stop: what is asked back stays with its holders"), needs=MANAGE)
    def stop(self, request: Any, queryset: QuerySet[ReclamationRule]) -> None:
        rows = [stop_rule(rule_id=row.id, trail=request.trail) for row in queryset.order_by("id")]
        said = ngettext("%(count)d rule is stopped.", "%(count)d rules are stopped.", len(rows))
        self.message_user(request, said % {"count": len(rows)})

    @action(description=gettext_lazy("Let them work again"), needs=MANAGE)
    def resume(self, request: Any, queryset: QuerySet[ReclamationRule]) -> None:
        rows = [resume_rule(rule_id=row.id, trail=request.trail) for row in queryset.order_by("id")]
        said = ngettext("%(count)d rule works again.", "%(count)d rules work again.", len(rows))
        self.message_user(request, said % {"count": len(rows)})


class RemovalCandidateAdmin(StepAdmin):
    view_permission = VIEW
    list_display = ["holder", "pool", "rule", "last_used_at", "due_at", "state_now"]
    list_select_related = ["rule", "assignment__pool", "assignment__person", "assignment__device"]
    list_filter = ["state", "outcome", "rule"]
    search_fields = [
        "assignment__person__user_name_lower", "assignment__person__display_name",
        "assignment__device__hostname_lower", "assignment__pool__name",
    ]  # fmt: skip
    ordering = ["-selected_at", "-id"]
    exclude: ClassVar[Any] = ["nonce", "saving", "currency"]
    actions = ["let_keep", "take", "give_again"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[RemovalCandidate]:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @admin.display(description=gettext_lazy("Holder"))
    def holder(self, row: RemovalCandidate) -> str:
        return holder_name(row.assignment)

    @admin.display(description=gettext_lazy("Pool"), ordering="assignment__pool__name")
    def pool(self, row: RemovalCandidate) -> str:
        return row.assignment.pool.name

    @admin.display(description=gettext_lazy("State"), ordering="state")
    def state_now(self, row: RemovalCandidate) -> SafeString:
        return candidate_pill(row)

    @action(description=gettext_lazy("Let the holders keep them"), needs=DECIDE)
    def let_keep(self, request: Any, queryset: QuerySet[RemovalCandidate]) -> None:
        rows = [decide(candidate_id=row.id, keep=True, trail=request.trail) for row in queryset.order_by("id")]
        said = ngettext("%(count)d seat is kept.", "%(count)d seats are kept.", len(rows))
        self.message_user(request, said % {"count": len(rows)})

    @action(description=gettext_lazy("Take back…"), needs=DECIDE)
    def take(self, request: Any, queryset: QuerySet[RemovalCandidate]) -> HttpResponse | None:
        rows = list(queryset.order_by("id"))
        form = ReasonForm(request.POST if APPLY in request.POST else None)
        if form.is_valid():
            for row in rows:
                decide(candidate_id=row.id, keep=False, reason=form.cleaned_data["reason"], trail=request.trail)
            said = ngettext("%(count)d seat is free.", "%(count)d seats are free.", len(rows))
            self.message_user(request, said % {"count": len(rows)})
            return None
        return self._ask(
            request,
            rows,
            form,
            name="take",
            title=_("Take seats back"),
            lead=_("Their holders wanted to keep them and lose them at once."),
        )

    @action(description=gettext_lazy("Give again…"), needs=DECIDE)
    def give_again(self, request: Any, queryset: QuerySet[RemovalCandidate]) -> HttpResponse | None:
        rows = list(queryset.order_by("id"))
        form = ReasonForm(request.POST if APPLY in request.POST else None)
        if form.is_valid():
            for row in rows:
                undo(candidate_id=row.id, reason=form.cleaned_data["reason"], trail=request.trail)
            said = ngettext("%(count)d seat is given again.", "%(count)d seats are given again.", len(rows))
            self.message_user(request, said % {"count": len(rows)})
            return None
        return self._ask(
            request,
            rows,
            form,
            name="give_again",
            title=_("Give seats again"),
            lead=_("Within seven days, if their pools have seats free: all of them or none."),
        )

    def _ask(
        self, request: Any, rows: list[RemovalCandidate], form: ReasonForm, *, name: str, title: str, lead: str
    ) -> HttpResponse:
        return self.step(
            request,
            title=title,
            lead=lead,
            form=form,
            submit=title,
            danger=name == "take",
            rows=[f"{holder_name(row.assignment)} · {row.assignment.pool.name}" for row in rows],
            hidden=self.again(request, name),
            back=request.get_full_path(),
        )


class ExemptionAdmin(StepAdmin):
    view_permission = VIEW
    list_display = ["subject", "reason", "created_at", "ends_at", "ended_at"]
    list_select_related = ["person", "group", "pool"]
    search_fields = ["reason", "person__user_name_lower", "group__display_name_lower", "pool__name"]
    ordering = ["-created_at", "-id"]
    actions = ["end"]

    @admin.display(description=gettext_lazy("Whose seats"))
    def subject(self, row: Exemption) -> str:
        return str(row)

    @action(description=gettext_lazy("End: rules may ask these seats back again"), needs=MANAGE)
    def end(self, request: Any, queryset: QuerySet[Exemption]) -> None:
        rows = [end_exemption(exemption_id=row.id, trail=request.trail) for row in queryset.order_by("id")]
        said = ngettext("%(count)d exemption is ended.", "%(count)d exemptions are ended.", len(rows))
        self.message_user(request, said % {"count": len(rows)})
