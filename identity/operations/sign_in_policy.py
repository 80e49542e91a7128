"""What an organisation demands of a sign-in, and the count of those that the platform refused."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from identity.models import Membership, RefusedSignIns, SignInPolicy
from identity.models.sign_in_policy import ABSOLUTE_HOURS, IDLE_MINUTES
from identity.operations.accounts import RoleUnknown
from identity.operations.sessions import end_sessions_without_factor
from identity.queries.organizations import platform_organization
from identity.rules.roles import ROLES
from kernel.errors import InvalidInput, JsonValue
from kernel.trail import Trail

WINDOW = timedelta(minutes=15)
SAML = "saml"


class LimitsLoosened(InvalidInput):
    """A session may be shorter than 30 idle minutes and 12 hours, never longer."""

    code = "SIGN_IN_LIMITS_LOOSENED"


def set_sign_in_policy(
    *,
    second_factor_roles: Sequence[str],
    provider_vouches: bool,
    idle_minutes: int,
    absolute_hours: int,
    trail: Trail,
) -> SignInPolicy:
    """Replaces the policy. Sessions that it would no longer let in end at once, save the actor's own; shorter limits
    hold from the next sign-in on. Raises RoleUnknown and LimitsLoosened."""
    if unknown := sorted(set(second_factor_roles) - set(ROLES)):
        raise RoleUnknown(
            _("There is no role called %(role)s.") % {"role": ", ".join(unknown)}, pointer="/second_factor_roles"
        )
    if not 1 <= idle_minutes <= IDLE_MINUTES:
        raise LimitsLoosened(_("Between 1 and %(most)s minutes.") % {"most": IDLE_MINUTES}, pointer="/idle_minutes")
    if not 1 <= absolute_hours <= ABSOLUTE_HOURS:
        raise LimitsLoosened(_("Between 1 and %(most)s hours.") % {"most": ABSOLUTE_HOURS}, pointer="/absolute_hours")
    wanted: dict[str, JsonValue] = {
        "second_factor_roles": sorted(second_factor_roles),
        "provider_vouches": provider_vouches,
        "idle_minutes": idle_minutes,
        "absolute_hours": absolute_hours,
    }
    row, _created = SignInPolicy.objects.update_or_create(
        organization_id=trail.organization_id, defaults={**wanted, "updated_at": trail.clock.now()}
    )
    ended = _end_what_it_forbids(row, trail)
    trail.record("sign_in_policy.changed", subject=row, details={**wanted, "sessions_ended": ended})
    return row


def _end_what_it_forbids(policy: SignInPolicy, trail: Trail) -> int:
    demanded = set(policy.second_factor_roles)
    live = Membership.objects.filter(ended_at=None).values_list("account_id", "roles")
    concerned = [account_id for account_id, roles in live if demanded & set(roles)]
    return end_sessions_without_factor(
        accounts=concerned,
        keep=trail.actor.account_id,
        spared_method=SAML if policy.provider_vouches else "",
        trail=trail,
    )


def count_refused_sign_in(*, trail: Trail) -> None:
    """One refused sign-in, in a trail of the platform organisation: the first of a quarter of an hour is recorded, the
    others are counted, so that an attack cannot fill the ledger."""
    now = trail.clock.now()
    row = RefusedSignIns.objects.select_for_update(no_key=True).first()
    if row is not None and now < row.opened_at + WINDOW:
        row.further += 1
        row.save(update_fields=["further"])
        return
    if row is not None:
        _close(row, trail)
    RefusedSignIns.objects.create(organization_id=trail.organization_id, opened_at=now)
    _record_refusals({}, trail)


def close_refusal_window(*, trail: Trail) -> None:
    """Records what was counted in a window that is over."""
    row = RefusedSignIns.objects.select_for_update(no_key=True).first()
    if row is not None and trail.clock.now() >= row.opened_at + WINDOW:
        _close(row, trail)


def refusal_window_is_over(*, at: datetime) -> bool:
    """Whether there is something for `close_refusal_window`, asked in a scope of the platform organisation."""
    return RefusedSignIns.objects.filter(opened_at__lte=at - WINDOW).exists()


def _close(row: RefusedSignIns, trail: Trail) -> None:
    if row.further:
        minutes = round(WINDOW.total_seconds() / 60)
        _record_refusals({"further": row.further, "within_minutes": minutes}, trail)
    row.delete()


def _record_refusals(details: dict[str, int], trail: Trail) -> None:
    platform = platform_organization()
    if platform is not None:
        trail.record("account.sign_in_refused", subject=platform, details=details)
