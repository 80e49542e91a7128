"""The pages of single sign-on: connections, their provider, keys, attributes and roles, and the policy."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from identity import sessions
from identity.forms.single_sign_on import (
    DomainForm,
    GroupRolesForm,
    MetadataForm,
    NewConnectionForm,
    PolicyForm,
    ProviderForm,
    TreatmentForm,
)
from identity.idp_metadata import LIMIT, MetadataInvalid, read_metadata
from identity.models import ProvedDomain, Purpose, SamlConnection, SamlPendingRequest
from identity.operations.email_domains import record_name
from identity.operations.saml_connections import (
    activate_connection,
    change_treatment,
    create_connection,
    describe_provider,
    disable_connection,
    set_group_roles,
)
from identity.operations.saml_keys import change_over, draw_sp_key, remove_other_key
from identity.operations.saml_requests import kept_answer
from identity.operations.sso_policy import set_sso_policy
from identity.ports import bindings
from identity.queries.single_sign_on import (
    ConnectionNotFound,
    addresses_of,
    connection_named,
    connections,
    expiries,
    group_conflicts,
    withheld_by_hand,
)
from identity.queries.single_sign_on import policy as policy_of_open_organization
from identity.rules.domain_proofs import ENDS_AFTER
from identity.wording import role_name, role_names
from kernel.clock import Clock, DatabaseClock
from kernel.errors import NotFound
from kernel.pages import PageRequest, form_valid, page

VIEW = "identity.sso.view"
MANAGE = "identity.sso.manage"
GRANT = "identity.membership.manage"
SOON = timedelta(days=30)
MOST_TOLD = 50
"""Members on the page of a connection whose roles by group need somebody's eye; the newest first."""
CLOCK: Clock = DatabaseClock()
KEY_STEPS: dict[str, Callable[..., object]] = {"draw": draw_sp_key, "change": change_over, "remove": remove_other_key}
STATE_TONES = {"draft": "pending", "active": "ok", "disabled": "neutral"}


class StepNotFound(NotFound):
    """There is no such step of a change of keys."""

    code = "SSO_KEY_STEP_NOT_FOUND"


@page(VIEW)
@require_safe
def overview(request: PageRequest) -> HttpResponseBase:
    """Connections, certificates that end soon, e-mail domains, and whether passwords may be used."""
    return overview_page(request)


def overview_page(
    request: PageRequest, *, domain_form: DomainForm | None = None, policy_form: PolicyForm | None = None
) -> HttpResponseBase:
    may_manage = request.principal.may(MANAGE)
    context = {
        "connections": [{"row": row, "tone": STATE_TONES[row.state]} for row in connections()],
        "expiries": expiries(at=CLOCK.now(), within=SOON),
        "now": CLOCK.now(),
        "domains": [_domain(row) for row in ProvedDomain.objects.order_by("domain")],
        "domain_form": (domain_form or DomainForm()) if may_manage else None,
        "policy": policy_of_open_organization(),
        "policy_form": (policy_form or PolicyForm(initial=_policy_columns())) if may_manage else None,
        "may_manage": may_manage,
        "in_plan": bindings.plan(organization_id=request.principal.organization_id, feature="sso"),
    }
    return render(request, "organization/sso.html", context, status=_status(request))


def _domain(row: ProvedDomain) -> dict[str, Any]:
    return {
        "row": row,
        "record": record_name(row),
        "name_id": f"name-{row.id}",
        "token_id": f"text-{row.id}",
        "wants_record": row.proved_at is None or row.missing_since is not None,
        "ends_at": row.missing_since + ENDS_AFTER if row.missing_since is not None else None,
    }


def _policy_columns() -> dict[str, Any]:
    row = policy_of_open_organization()
    if row is None:
        return {}
    return {
        "sso_only": row.sso_only,
        "first_account": row.first_account_id,
        "second_account": row.second_account_id,
    }


@page(MANAGE, confirm=True)
def new(request: PageRequest) -> HttpResponseBase:
    """A name, and the draft is there with everything that the provider must be told."""
    form = NewConnectionForm(request.POST or None)
    if form_valid(form, request):
        row = create_connection(name=form.cleaned_data["name"], trail=request.trail)
        messages.success(request, _("The draft is there. Nothing changes for anybody until you switch it on."))
        return redirect("organization:sso-connection", connection_id=row.id)
    return render(request, "organization/sso_new.html", {"form": form}, status=_status(request))


@page(MANAGE, confirm=True)
@require_POST
def policy(request: PageRequest) -> HttpResponseBase:
    """Company sign-in only, or passwords too."""
    form = PolicyForm(request.POST)
    if form_valid(form, request):
        given = form.cleaned_data
        set_sso_policy(
            sso_only=given["sso_only"],
            first_account=given["first_account"].id if given["first_account"] else None,
            second_account=given["second_account"].id if given["second_account"] else None,
            keep=sessions.digest_of(request),
            trail=request.trail,
        )
        if given["sso_only"]:
            sessions.shorten(request)
        messages.success(request, _("The sign-in policy is saved."))
        return redirect("organization:sso")
    return overview_page(request, policy_form=form)


@page(VIEW)
@require_safe
def connection(request: PageRequest, connection_id: UUID) -> HttpResponseBase:
    """One connection: what to tell the provider, what it told us, keys, attributes, roles, and the test."""
    return _connection_page(request, connection_named(connection_id))


def _connection_page(request: PageRequest, row: SamlConnection, **forms: Form) -> HttpResponseBase:
    """The page with whatever form was just filled in; all others show what is stored."""
    may_manage = request.principal.may(MANAGE)
    certificates = list(row.certificates.order_by("-not_after"))
    table = list(row.group_roles.order_by("group", "role"))
    context = {
        "connection": row,
        "tone": STATE_TONES[row.state],
        "addresses": addresses_of(row),
        "certificates": certificates,
        "keys": list(row.keys.order_by("-is_current")),
        "group_roles": table,
        "withheld": [(one, role_name(one.role)) for one in withheld_by_hand(row)[:MOST_TOLD]],
        "conflicts": [(one, role_names(one.kept), role_names(one.refused)) for one in group_conflicts(row)[:MOST_TOLD]],
        "most_told": MOST_TOLD,
        "may_see_members": request.principal.may("identity.membership.view"),
        "soon": CLOCK.now() + SOON,
        "now": CLOCK.now(),
        "is_complete": bool(row.idp_entity_id and row.sso_url and certificates),
        "may_manage": may_manage,
        "may_grant": may_manage and request.principal.may(GRANT),
        "metadata_form": MetadataForm(),
        "provider_form": _provider_form(row, [one.pem for one in certificates]),
        "treatment_form": TreatmentForm.filled(row),
        "groups_form": GroupRolesForm(table=[(one.group, one.role) for one in table]),
        "in_plan": bindings.plan(organization_id=row.organization_id, feature="sso"),
        "has_domain": ProvedDomain.objects.filter(proved_at__isnull=False).exists(),
        **forms,
    }
    return render(request, "organization/sso_connection.html", context, status=_status(request))


def _provider_form(row: SamlConnection, pems: list[str]) -> ProviderForm:
    return ProviderForm(
        initial={
            "entity_id": row.idp_entity_id,
            "sso_url": row.sso_url,
            "slo_url": row.slo_url,
            "slo_binding": row.slo_binding,
            "certificates": "".join(pems),
        }
    )


@page(MANAGE, confirm=True)
@require_POST
def upload_metadata(request: PageRequest, connection_id: UUID) -> HttpResponseBase:
    """Takes names, addresses and certificates from the provider's file."""
    row = connection_named(connection_id)
    form = MetadataForm(request.POST, request.FILES)
    if form_valid(form, request):
        file = form.cleaned_data["metadata"]
        if file.size > LIMIT:
            raise MetadataInvalid(_("A metadata file has at most one megabyte."), pointer="/metadata")
        describe_provider(connection=row, provider=read_metadata(file.read()), trail=request.trail)
        return _saved(request, row)
    return _connection_page(request, row, metadata_form=form)


@page(MANAGE, confirm=True)
@require_POST
def enter_provider(request: PageRequest, connection_id: UUID) -> HttpResponseBase:
    """The same by hand."""
    row, form = connection_named(connection_id), ProviderForm(request.POST)
    if form_valid(form, request):
        describe_provider(connection=row, provider=form.provider, trail=request.trail)
        return _saved(request, row)
    return _connection_page(request, row, provider_form=form)


@page(MANAGE, confirm=True)
@require_POST
def treatment(request: PageRequest, connection_id: UUID) -> HttpResponseBase:
    """Attributes, the role of last resort, unknown people, and where people may begin."""
    row, form = connection_named(connection_id), TreatmentForm(request.POST)
    if form_valid(form, request):
        change_treatment(connection=row, treatment=form.treatment, trail=request.trail)
        return _saved(request, row)
    return _connection_page(request, row, treatment_form=form)


@page(MANAGE, confirm=True)
@require_POST
def group_roles(request: PageRequest, connection_id: UUID) -> HttpResponseBase:
    """Which groups give which roles; whoever says so grants roles and needs the right to."""
    request.principal.require(GRANT)
    row, form = connection_named(connection_id), GroupRolesForm(request.POST)
    if form_valid(form, request):
        set_group_roles(connection=row, table=form.cleaned_data["group_roles"], trail=request.trail)
        return _saved(request, row)
    return _connection_page(request, row, groups_form=form)


@page(MANAGE, confirm=True)
@require_POST
def activate(request: PageRequest, connection_id: UUID) -> HttpResponseBase:
    """People may sign in by the connection."""
    row = connection_named(connection_id)
    if request.refusal is None:
        activate_connection(connection=row, trail=request.trail)
        return _saved(request, row, _("People can sign in by this connection now."))
    return _told(request, row)


@page(MANAGE, confirm=True)
@require_POST
def disable(request: PageRequest, connection_id: UUID) -> HttpResponseBase:
    """Nobody may any more, and whoever came through it is signed out."""
    row = connection_named(connection_id)
    if request.refusal is None:
        disable_connection(connection=row, trail=request.trail)
        return _saved(request, row, _("Nobody can sign in by this connection any more."))
    return _told(request, row)


@page(MANAGE, confirm=True)
@require_POST
def key_step(request: PageRequest, connection_id: UUID, step: str) -> HttpResponseBase:
    """One step of a change of our key: draw a second one, change over, remove the old one."""
    if step not in KEY_STEPS:
        raise StepNotFound(_("There is no such step."))
    row = connection_named(connection_id)
    if request.refusal is None:
        KEY_STEPS[step](connection=row, trail=request.trail)
        return _saved(request, row, _("The keys are changed. Give our metadata to your identity provider again."))
    return _told(request, row)


@page(MANAGE)
@require_safe
def test_result(request: PageRequest, connection_id: UUID, request_id: UUID) -> HttpResponseBase:
    """What the provider said in a test, and what we read from it; nobody was signed in."""
    row = connection_named(connection_id)
    asked = SamlPendingRequest.objects.filter(id=request_id, connection=row, purpose=Purpose.TEST).first()
    answer = kept_answer(asked) if asked is not None else {}
    if not answer:
        raise ConnectionNotFound(_("This test is over; run it again."))
    groups = set(answer["claims"].get("groups", ()))
    given = {one.role for one in row.group_roles.all() if one.group in groups}
    context = {"connection": row, "given": role_names(given), "otherwise": role_name(row.default_role), **answer}
    return render(request, "organization/sso_test.html", context)


def _saved(request: PageRequest, row: SamlConnection, said: str = "") -> HttpResponseBase:
    messages.success(request, said or _("The connection is saved."))
    return redirect("organization:sso-connection", connection_id=row.id)


def _told(request: PageRequest, row: SamlConnection) -> HttpResponseBase:
    """A refused step has no form of its own; the page that it stands on shows why."""
    if request.refusal is not None:
        messages.error(request, request.refusal.message)
    return redirect("organization:sso-connection", connection_id=row.id)


def _status(request: PageRequest) -> int:
    return 422 if request.method == "POST" and request.refusal is None else 200
