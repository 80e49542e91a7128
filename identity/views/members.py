"""The pages of members: who may sign in here and with which roles, invitations, and one member."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from identity.actors import history
from identity.forms.members import EndForm, InviteForm, LinkForm, MemberFilter, ResetFactorForm, RolesForm
from identity.models import Membership, Organization
from identity.operations import (
    MembershipNotFound,
    NewInvitation,
    change_roles,
    end_membership,
    invite_member,
    link_person,
    reset_second_factor,
    send_member_password_reset,
    withdraw_invitation,
)
from identity.operations.invitations import InvitationNotFound
from identity.operations.withholding import release_role, withheld_role
from identity.ports import bindings
from identity.queries import second_factor_of, sign_in_demands
from identity.queries.members import members, open_invitations
from identity.queries.single_sign_on import is_break_glass, policy
from identity.rules.second_factor import demanded
from identity.tables import MemberTable
from identity.wording import role_name, role_names, role_order, role_purpose
from kernel.clock import SystemClock
from kernel.pages import PageRequest, form_valid, page, prove_first, recently_proved, show_page

VIEW = "identity.membership.view"
MANAGE = "identity.membership.manage"
RESET = "identity.second_factor.reset"
SEND_LINK = "identity.session.manage"
ROWS = 25
MOST_ENTRIES = 50


@page(VIEW)
def member_list(request: PageRequest) -> HttpResponseBase:
    """Who works here; without any filter in the address only memberships that hold."""
    asked = request.GET.copy()
    if not set(asked) & set(MemberFilter.base_filters):
        asked["state"] = "live"
    found = MemberFilter(asked, queryset=members().order_by("account__email_lower", "id"))
    table = MemberTable(found.qs if found.is_valid() else members().none())
    show_page(table, request, rows=ROWS)
    context = {
        "filter": found,
        "table": table,
        "invitations": [(row, role_names(row.roles)) for row in open_invitations()[: 2 * ROWS]],
        "now": SystemClock().now(),
        "can_manage": request.principal.may(MANAGE),
    }
    return render(request, "identity/members.html", context, status=200 if found.is_valid() else 400)


@page(MANAGE, confirm=True)
def invite(request: PageRequest) -> HttpResponseBase:
    """Asks whom to invite, and sends the link."""
    form = InviteForm(_kind(request), bindings.partners(), request.POST or None)
    if form_valid(form, request):
        given = form.cleaned_data
        invite_member(
            invitation=NewInvitation(
                email=given["email"],
                roles=given["roles"],
                person=given["person"],
                party_id=form.party_id,
                address=settings.BASE_URL + reverse("identity:invitation"),
            ),
            trail=request.trail,
        )
        messages.success(
            request,
            _("An invitation is on its way to %(email)s. The link works for 72 hours.") % {"email": given["email"]},
        )
        return redirect("organization:members")
    return render(request, "identity/invite.html", {"form": form, "purposes": _purposes(form)}, status=_status(request))


@require_POST
@page(MANAGE)
def withdraw(request: PageRequest, invitation_id: UUID) -> HttpResponseBase:
    """Takes an invitation back."""
    row = open_invitations().filter(id=invitation_id).first()
    if row is None:
        raise InvitationNotFound(_("There is no such open invitation in your organisation."))
    withdraw_invitation(invitation=row, trail=request.trail)
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": row.email})
    return redirect("organization:members")


@page(VIEW)
def member(request: PageRequest, membership_id: UUID) -> HttpResponseBase:
    """One member: roles, the person behind the account, history; who may, changes the roles here."""
    row = _member(membership_id)
    may_manage = request.principal.may(MANAGE)
    if request.method == "POST":
        request.principal.require(MANAGE)
        if not recently_proved(request):
            return prove_first(request)
    initial = {"roles": row.roles, "party": str(row.party_id or "")}
    form = RolesForm(_kind(request), bindings.partners(), request.POST or None, initial=initial)
    if form_valid(form, request):
        change_roles(
            membership=row,
            roles=form.cleaned_data["roles"],
            reason=form.cleaned_data["reason"],
            party_id=form.party_id,
            trail=request.trail,
        )
        messages.success(request, _("The roles of %(name)s are changed.") % {"name": row.account})
        return redirect("organization:member", membership_id=row.id)
    forms = {"form": form} if may_manage and row.ended_at is None else {}
    return render(request, "identity/member.html", {**_about(request, row), **forms}, status=_status(request))


@page(MANAGE, confirm=True)
def end(request: PageRequest, membership_id: UUID) -> HttpResponseBase:
    """Asks why, and ends the membership."""
    row, form = _member(membership_id), EndForm(request.POST or None)
    if form_valid(form, request):
        end_membership(membership=row, reason=form.cleaned_data["reason"], trail=request.trail)
        messages.success(request, _("%(name)s may no longer sign in here.") % {"name": row.account})
        return redirect("organization:members")
    return render(request, "identity/member_end.html", {"member": row, "form": form}, status=_status(request))


@page(RESET, confirm=True)
def reset_factor(request: PageRequest, membership_id: UUID) -> HttpResponseBase:
    """Says what becomes of an account without its second factor, asks why, and takes the factor away."""
    row, form = _member(membership_id), ResetFactorForm(request.POST or None)
    if form_valid(form, request):
        reset_second_factor(membership=row, reason=form.cleaned_data["reason"], trail=request.trail)
        messages.success(request, _("The second factor of %(name)s is removed.") % {"name": row.account})
        return redirect("organization:member", membership_id=row.id)
    context = {
        "member": row,
        "form": form,
        "factor": second_factor_of(row.account_id),
        "is_oneself": row.account_id == request.principal.account_id,
        "enrols_at_once": demanded(row.roles, sign_in_demands().second_factor_roles),
        "is_for_emergency": is_break_glass(policy(), row.account_id),
    }
    return render(request, "identity/member_second_factor.html", context, status=_status(request))


@require_POST
@page(SEND_LINK)
def password_link(request: PageRequest, membership_id: UUID) -> HttpResponseBase:
    """Sends the member a link that sets a new password."""
    row = _member(membership_id)
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
    else:
        send_member_password_reset(membership=row, trail=request.trail)
        messages.success(
            request, _("A link is on its way to %(email)s. It works once, for an hour.") % {"email": row.account.email}
        )
    return redirect("organization:member", membership_id=row.id)


@page(MANAGE, confirm=True)
def link(request: PageRequest, membership_id: UUID) -> HttpResponseBase:
    """Asks whose account this is."""
    row = _member(membership_id)
    form = LinkForm(request.POST or None, initial={"person": row.person.user_name if row.person else ""})
    if form_valid(form, request):
        link_person(membership=row, person=form.cleaned_data["person"], trail=request.trail)
        messages.success(request, _("Whose account this is, is recorded."))
        return redirect("organization:member", membership_id=row.id)
    return render(request, "identity/member_link.html", {"member": row, "form": form}, status=_status(request))


@require_POST
@page(MANAGE, confirm=True)
def release(request: PageRequest, withheld_id: UUID) -> HttpResponseBase:
    """Groups may give a withheld role again."""
    row = withheld_role(withheld_id)
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
    else:
        release_role(withheld=row, trail=request.trail)
        messages.success(request, _("Groups may give the role %(role)s again.") % {"role": role_name(row.role)})
    return redirect("organization:member", membership_id=row.membership_id)


def _member(membership_id: UUID) -> Membership:
    row = members().filter(id=membership_id).first()
    if row is None:
        raise MembershipNotFound(_("There is no such membership in your organisation."))
    return row


def _about(request: PageRequest, row: Membership) -> dict[str, Any]:
    may, is_oneself = request.principal.may, row.account_id == request.principal.account_id
    factor = second_factor_of(row.account_id) if may(RESET) and row.ended_at is None else None
    subject = (row._meta.label_lower, str(row.id))
    return {
        "member": row,
        "roles": [(role_name(code), role_purpose(code)) for code in sorted(row.roles, key=role_order)],
        "withheld": [(one, role_name(one.role)) for one in row.withheld_roles.order_by("role")],
        "conflicts": [(role_names(one.kept), role_names(one.refused)) for one in row.group_conflicts.all()],
        "partner": bindings.partners(row.party_id).get(row.party_id) if row.party_id else "",
        "events": history(*subject, request.principal, MOST_ENTRIES) if may("audit.ledger.view") else None,
        "can_manage": may(MANAGE) and row.ended_at is None,
        "can_send_password_link": may(SEND_LINK) and row.ended_at is None and not is_oneself,
        "can_see_person": row.person_id is not None and may("identity.person.view"),
        "factor": factor,
        "can_reset": factor is not None and factor.enrolled and not is_oneself,
        "is_oneself": is_oneself,
    }


def _purposes(form: InviteForm) -> list[tuple[str, str]]:
    roles: Any = form.fields["roles"]
    return [(label, role_purpose(code)) for code, label in roles.choices]


def _kind(request: PageRequest) -> str:
    return Organization.objects.values_list("kind", flat=True).get(id=request.principal.organization_id)


def _status(request: PageRequest) -> int:
    """200 for a form to fill in, 422 for one with mistakes; a refusal brings its own."""
    return 422 if request.method == "POST" and request.refusal is None else 200
