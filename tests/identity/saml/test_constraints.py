"""Each constraint of single sign-on refuses what it names, on both databases."""

from typing import Any

import pytest

from identity.models import (
    GroupConflict,
    GroupRole,
    IdpCertificate,
    Organization,
    ProvedDomain,
    RefusedMessages,
    SamlConnection,
    SamlConsumedAssertion,
    SamlLink,
    SamlPendingRequest,
    SpKey,
    SsoPolicy,
    WithheldRole,
)
from kernel.ids import new_id
from kernel.scope import scope
from tests.constraints import Attempt, constraints_of, refused_by
from tests.factories import identity
from tests.factories.moments import NOW, days

pytestmark = pytest.mark.django_db
MODELS = (
    SamlConnection, IdpCertificate, SpKey, GroupRole, ProvedDomain, SsoPolicy, SamlPendingRequest,
    SamlConsumedAssertion, SamlLink, GroupConflict, WithheldRole, RefusedMessages,
)  # fmt: skip
OURS = {constraint.name for model in MODELS for constraint in model._meta.constraints}
CONSTRAINTS = {name: constraint for name, constraint in constraints_of("identity").items() if name in OURS}


def connection(o: Organization, **columns: Any) -> SamlConnection:
    values = {"public_id": str(new_id()), "name": str(new_id()), "created_at": NOW, "updated_at": NOW, **columns}
    return SamlConnection.objects.create(organization=o, **values)


def certificates(o: Organization) -> None:
    row = connection(o)
    for _ in range(2):
        IdpCertificate.objects.create(
            organization=o, connection=row, pem="x", fingerprint="f", not_before=NOW, not_after=days(1), created_at=NOW
        )


def keys(o: Organization) -> None:
    row = connection(o)
    for _ in range(2):
        SpKey.objects.create(
            organization=o, connection=row, certificate="x", sealed_key=b"x", fingerprint="f", not_after=days(1),
            created_at=NOW,
        )  # fmt: skip


def group_roles(o: Organization, group: str = "IT", times: int = 2) -> None:
    row = connection(o)
    for _ in range(times):
        GroupRole.objects.create(organization=o, connection=row, group=group, role="viewer")


def domains(o: Organization, domain: str = "a.example.org", times: int = 2, **columns: Any) -> None:
    for _ in range(times):
        ProvedDomain.objects.create(organization=o, domain=domain, token="x", created_at=NOW, **columns)


def policies(o: Organization, times: int = 1, **columns: Any) -> None:
    for _ in range(times):
        SsoPolicy.objects.create(organization=o, updated_at=NOW, **columns)


def requests(o: Organization, *, request_id: str, relay: str) -> None:
    row = connection(o)
    for n in range(2):
        SamlPendingRequest.objects.create(
            organization=o, connection=row, purpose="test", request_id=request_id.format(n), relay=relay.format(n),
            nonce_digest=b"x", target="/", created_at=NOW, expires_at=days(1),
        )  # fmt: skip


def consumed(o: Organization) -> None:
    row = connection(o)
    for _ in range(2):
        SamlConsumedAssertion.objects.create(organization=o, connection=row, message_digest=b"x", expires_at=days(1))


def links(o: Organization, *names: str, one_account: bool = False) -> list[SamlLink]:
    row, account = connection(o), identity.account()
    return [
        SamlLink.objects.create(
            organization=o, connection=row, name_id=name, created_at=NOW,
            account=account if one_account else identity.account(),
        )
        for name in names
    ]  # fmt: skip


def one_account_twice(o: Organization) -> None:
    account = identity.account()
    policies(o, first_account=account, second_account=account)


def conflicts(o: Organization, *, times: int, **columns: Any) -> None:
    row, member = connection(o), identity.membership(o, identity.account())
    for _ in range(times):
        GroupConflict.objects.create(organization=o, connection=row, membership=member, noticed_at=NOW, **columns)


def withheld(o: Organization, *, times: int = 1, role: str = "finance", by: str = "somebody") -> None:
    member = identity.membership(o, identity.account())
    for _ in range(times):
        WithheldRole.objects.create(organization=o, membership=member, role=role, withheld_at=NOW, withheld_by=by)


def refused(o: Organization, *, times: int = 1, further: int = 1) -> None:
    row = connection(o)
    for _ in range(times):
        RefusedMessages.objects.create(organization=o, connection=row, opened_at=NOW, further=further)


ATTEMPTS: dict[str, Attempt] = {
    "identity_saml_connection_name": lambda o: [connection(o, name="Ours") for _ in range(2)],
    "identity_saml_active_is_complete": lambda o: connection(o, state="active"),
    "identity_saml_slo_binding_known": lambda o: connection(o, slo_binding="pigeon"),
    "identity_group_conflict_one": lambda o: conflicts(o, times=2, kept=["owner"]),
    "identity_group_conflict_about_something": lambda o: conflicts(o, times=1),
    "identity_withheld_role_once": lambda o: withheld(o, times=2),
    "identity_withheld_role_by_somebody": lambda o: withheld(o, by=""),
    "identity_refused_messages_one": lambda o: refused(o, times=2),
    "identity_refused_messages_some": lambda o: refused(o, further=0),
    "identity_idp_certificate_once": certificates,
    "identity_sp_key_two": keys,
    "identity_group_role": group_roles,
    "identity_group_role_named": lambda o: group_roles(o, group="", times=1),
    "identity_proved_domain_once": domains,
    "identity_proved_domain_named": lambda o: domains(o, domain="", times=1),
    "identity_proved_domain_misses_counted": lambda o: domains(o, times=1, missing_since=NOW),
    "identity_sso_policy_one": lambda o: policies(o, times=2),
    "identity_sso_only_has_break_glass": lambda o: policies(o, sso_only=True, first_account=identity.account()),
    "identity_break_glass_two_accounts": one_account_twice,
    "identity_saml_request_once": lambda o: requests(o, request_id="same", relay="r{}"),
    "identity_saml_relay_once": lambda o: requests(o, request_id="i{}", relay="same"),
    "identity_saml_consumed_once": consumed,
    "identity_saml_link_name_once": lambda o: links(o, "kim", "kim"),
    "identity_saml_link_account_once": lambda o: links(o, "kim", "robin", one_account=True),
    "identity_saml_link_named": lambda o: links(o, ""),
}


@pytest.mark.parametrize("name", sorted(CONSTRAINTS))
def test_each_constraint_refuses_what_it_names(name):
    """A write that breaks the promise fails, whoever sends it."""
    organization = identity.organization()
    with scope(organization.id), refused_by(CONSTRAINTS[name]):
        ATTEMPTS[name](organization)


def test_no_attempt_is_left_without_a_constraint():
    """A constraint that was removed takes its attempt with it, and a new one needs one."""
    assert set(ATTEMPTS) == set(CONSTRAINTS)
