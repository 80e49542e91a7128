"""The only place that knows all apps: passes implementations down to those that ask for them by Protocol."""

from datetime import datetime
from uuid import UUID

from django.conf import settings

import audit.channels
import audit.permissions
import compliance.admin
import compliance.permissions
import compliance.schedules
import identity.actors
import identity.admin
import identity.channels
import identity.permissions
import identity.ports
import identity.reset_mail
import identity.schedules
import identity.sweeping
import jobs.admin
import jobs.channels
import jobs.permissions
import licensing.admin
import licensing.permissions
import licensing.ports
import licensing.schedules
import licensing.usage.operations
import licensing.validations.operations
import licensing.work
import reporting.permissions
import reporting.schedules
import reporting.work
import seats.admin
import seats.notices
import seats.permissions
import seats.schedules
import seats.sweeping
from audit.operations import sign_checkpoint, trail
from compliance.asked_changes import changes_of
from compliance.operations import request_recall, request_revocation, request_transfer
from config.standard_schedules import standard_schedules
from identity.models import DirectoryGroup
from identity.oauth.bearer import BearerTokens
from identity.operations import forget_ended_tokens
from identity.operations.provisioning import count_refusals, purge_provisioning_log
from identity.queries import organization_ids
from identity.queries.access_tokens import principal_of_token
from identity.rules.access_tokens import Audience, audience_of
from jobs.answers import KeptAnswers
from jobs.ports import bindings
from kernel import rest
from kernel import trail as kernel_trail
from kernel.admin import LedgerAdminSite
from kernel.clock import Clock
from kernel.principal import Principal
from kernel.scope import scope
from kernel.trail import Trail
from licensing.operations import ensure_signing_key, standard_metrics
from licensing.operations.import_entitlements import EntitlementImport
from licensing.plan import plan_includes, plan_keys
from licensing.queries.parties import partner_names
from licensing.queries.party_reach import parties_of_member
from licensing.usage.operations.import_last_uses import LastUseImport
from seats.directory import seats_of
from seats.operations import come_back, depart, feed_from, group_changed, group_deleted, shares_of_group_end
from seats.operations.import_assignments import AssignmentImport
from seats.operations.lease_pools import follow_quantity
from seats.operations.merging import SeatsOfMerged
from seats.operations.reclaiming import SEAT_NOTICE

PERMISSIONS: dict[str, str] = {
    **jobs.permissions.PERMISSIONS,
    **audit.permissions.PERMISSIONS,
    **identity.permissions.PERMISSIONS,
    **licensing.permissions.PERMISSIONS,
    **seats.permissions.PERMISSIONS,
    **compliance.permissions.PERMISSIONS,
    **reporting.permissions.PERMISSIONS,
}

site = LedgerAdminSite(name="admin", history=identity.actors.history, history_permission="audit.ledger.view")
# Explicit: a model that an installed library registers elsewhere never shows up here.
for _pages in (
    compliance.admin.PAGES,
    seats.admin.PAGES,
    licensing.admin.PAGES,
    identity.admin.PAGES,
    jobs.admin.PAGES,
):
    for _model, _page in _pages:
        site.register(_model, _page)


def compose() -> None:
    """Called once per process, when Django has loaded the apps."""
    kernel_trail.bind(trail)
    rest.bind(KeptAnswers(), BearerTokens(Audience.API))
    bindings.organizations = organization_ids
    bindings.channels = {
        "email": jobs.channels.send_email,
        identity.channels.SECRET_EMAIL: identity.channels.send_secret_email,
        "email.password_reset": identity.reset_mail.send_password_link,
        SEAT_NOTICE: seats.notices.send_seat_notice,
        "checkpoint.file": audit.channels.write_checkpoint,
    }
    bindings.each_minute = (
        checkpoint,
        forget_tokens,
        identity.schedules.warn_of_certificates,
        identity.schedules.forget,
        identity.sweeping.sweep_sign_ins,
        count_refusals,
        purge_provisioning_log,
        licensing.schedules.retire_signing_keys,
        licensing.schedules.end_lost_activations,
        licensing.schedules.renew_licenses,
        licensing.schedules.move_dunning_on,
        seats.sweeping.sweep_seats,
        seats.schedules.settle_leases,
        compliance.schedules.expire_changes,
        licensing.usage.operations.sweep,
        licensing.validations.operations.sweep,
        # Last: a name server may take its time.
        identity.schedules.recheck_email_domains,
    )
    bindings.work = {
        licensing.work.COMMIT_IMPORT: licensing.work.commit_import,
        reporting.work.BUILD_PACKAGE: reporting.work.build_package,
        reporting.work.VERIFY_LEDGER: reporting.work.verify_whole_ledger,
    }
    bindings.queues = {reporting.work.BUILD_PACKAGE: reporting.work.QUEUE}
    bindings.scheduled = {
        identity.schedules.REMINDERS: identity.schedules.scheduled_reminders,
        identity.schedules.ACCESS_LOG: identity.schedules.scheduled_access_log,
        compliance.schedules.SCAN: compliance.schedules.scheduled_scan,
        seats.schedules.RECOUNT: seats.schedules.scheduled_recount,
        seats.schedules.RECLAMATION: seats.schedules.scheduled_reclamation,
        reporting.schedules.PACKAGE: reporting.schedules.scheduled_package,
        reporting.schedules.VERIFICATION: reporting.schedules.scheduled_verification,
    }
    identity.ports.bindings.organization_created = furnish
    identity.ports.bindings.departure = depart
    identity.ports.bindings.comeback = come_back
    identity.ports.bindings.group_change = group_changed
    identity.ports.bindings.group_deletion = group_gone
    # A wrong key set stops the start, not the first sign-in.
    plan_keys()
    identity.ports.bindings.plan = plan_includes
    identity.ports.bindings.permissions = PERMISSIONS
    identity.ports.bindings.partners = partner_names
    identity.ports.bindings.parties_of_member = parties_of_member
    identity.ports.bindings.seats_of = seats_of
    identity.ports.bindings.merge_seats = SeatsOfMerged()
    identity.ports.bindings.access_token = provisioning_token
    licensing.ports.bindings.rights_activated = feed_from
    licensing.ports.bindings.quantity_changed = follow_quantity
    licensing.ports.bindings.ask_to_revoke = request_revocation
    licensing.ports.bindings.ask_to_transfer = request_transfer
    licensing.ports.bindings.ask_to_recall = request_recall
    licensing.ports.bindings.changes_of = changes_of
    licensing.ports.bindings.import_kinds = {
        "entitlements": EntitlementImport(),
        "assignments": AssignmentImport(),
        "last_uses": LastUseImport(),
    }


def group_gone(*, group: DirectoryGroup, trail: Trail) -> None:
    """Its rules end, and so does what was kept for it."""
    group_deleted(group=group, trail=trail)
    shares_of_group_end(group=group, trail=trail)


def furnish(*, trail: Trail) -> None:
    """What a new organisation begins with: a key that signs its answers, the usual ways of counting, and the work of
    each night. Called again, it adds what is missing."""
    ensure_signing_key(trail=trail)
    standard_metrics(trail=trail)
    standard_schedules(trail=trail)


def provisioning_token(*, token: str, audience: str, at: datetime) -> Principal:
    """An access token of our own at the address of SCIM."""
    return principal_of_token(token=token, audience=audience_of(settings.BASE_URL, Audience(audience)), at=at)


def checkpoint(organization_id: UUID, clock: Clock) -> None:
    with scope(organization_id):
        sign_checkpoint(organization_id=organization_id, clock=clock)


def forget_tokens(organization_id: UUID, clock: Clock) -> None:
    with scope(organization_id):
        forget_ended_tokens(organization_id=organization_id, now=clock.now())
