"""A directory service that provisions the buyer: its token, a group that it keeps, and requests that were refused."""

from dataclasses import replace
from uuid import UUID

from audit.operations import trail
from identity.models import Organization, Person
from identity.operations.provisioning import (
    Asked,
    change_person,
    create_scim_token,
    log_done,
    log_refused,
    note_use,
    provision_group,
)
from identity.rules.provisioning import GroupAttributes, PersonAttributes
from kernel.principal import system
from kernel.trail import Trail

DIRECTORY = "Entra ID"
GROUP = "On-call engineers"
MEMBERS = 8
REFUSALS = 3


def furnish(organization: Organization) -> None:
    """The token itself is forgotten at once: whoever wants to connect a directory draws one of their own."""
    with trail(organization_id=organization.id, actor=system(organization.id, "demo")) as opened:
        token = create_scim_token(name=DIRECTORY, trail=opened).row.id
    with trail(organization_id=organization.id, actor=system(organization.id, "provisioning")) as opened:
        people = list(Person.objects.filter(active=True, deleted_at__isnull=True).order_by("user_name_lower")[:MEMBERS])
        note_use(token_id=token, at=opened.clock.now(), trail=opened)
        _group(token, people, opened)
        _titles(token, people[:2], opened)
        for person in people[:REFUSALS]:
            _refused(token, person, opened)


def _group(token: UUID, people: list[Person], opened: Trail) -> None:
    made = provision_group(
        attributes=GroupAttributes(display_name=GROUP, external_id="b7f0c0de-0000-4000-8000-000000000017"),
        members=[person.id for person in people],
        trail=opened,
    )
    asked = Asked("POST", "Group", token, str(made.row.id), made.row.external_id, made.changed)
    log_done(asked=asked, status=201, trail=opened)


def _titles(token: UUID, people: list[Person], opened: Trail) -> None:
    for person in people:
        changed = change_person(person_id=person.id, change=_on_call, versions=None, trail=opened)
        asked = Asked("PATCH", "User", token, str(person.id), changed.row.external_id, changed.changed)
        log_done(asked=asked, status=200, trail=opened)


def _on_call(known: PersonAttributes) -> PersonAttributes:
    return replace(known, title="Engineer on call")


def _refused(token: UUID, person: Person, opened: Trail) -> None:
    """What a directory does that does not know who is here already."""
    asked = Asked("POST", "User", token, external_id=person.external_id)
    detail = "A person with this user name or external id exists already."
    log_refused(asked=asked, status=409, scim_type="uniqueness", detail=detail, trail=opened)
