"""The constraints that provisioning brought refuse what they name, on both databases."""

import pytest

from identity.models import PersonEmail
from kernel.scope import scope
from tests.constraints import Attempt, constraints_of, refused_by
from tests.factories import identity
from tests.factories.moments import NOW, days
from tests.factories.provisioning import provisioning_entry, scim_token

pytestmark = pytest.mark.django_db


def _emails(organization, **columns):
    person = identity.person(organization)
    for value in ("a@x.test", "A@x.test"):
        PersonEmail.objects.create(
            organization=organization, person=person, value=value, value_lower=value.lower(), **columns
        )


CONSTRAINTS = constraints_of("identity")
ATTEMPTS: dict[str, Attempt] = {
    "identity_person_user_name": lambda o: [identity.person(o, user_name=name) for name in ("anna", "Anna")],
    "identity_person_external_id": lambda o: [identity.person(o, external_id="1") for _ in range(2)],
    "identity_person_deleted_is_inactive": lambda o: identity.person(o, deleted_at=NOW),
    "identity_person_email_once": lambda o: _emails(o, kind="work"),
    "identity_scim_token_digest": lambda o: [scim_token(o, digest=b"x" * 32) for _ in range(2)],
    "identity_scim_token_one_current": lambda o: [scim_token(o, name="Entra") for _ in range(2)],
    "identity_scim_token_has_name": lambda o: scim_token(o, name=""),
    "identity_scim_token_ends_after_start": lambda o: scim_token(o, expires_at=NOW),
    "identity_scim_token_revoked_by_somebody": lambda o: scim_token(o, revoked_at=NOW),
    "identity_provisioning_entry_outcome": lambda o: provisioning_entry(o, outcome="perhaps"),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_constraint_refuses(name):
    """The database itself refuses what the constraint names."""
    organization = identity.organization()
    with scope(organization.id), refused_by(CONSTRAINTS[name]):
        ATTEMPTS[name](organization)


def test_a_deletion_frees_the_names():
    """User name and external id of somebody who was deleted are free for others; so is the name of an ended token."""
    organization = identity.organization()
    with scope(organization.id):
        gone = {"active": False, "left_at": NOW, "deleted_at": NOW}
        identity.person(organization, user_name="anna", external_id="1", **gone)
        identity.person(organization, user_name="anna", external_id="1")
        scim_token(organization, name="Entra", superseded_at=NOW, expires_at=days(1))
        scim_token(organization, name="Entra", revoked_at=NOW, revoked_by="x")
        scim_token(organization, name="Entra")
