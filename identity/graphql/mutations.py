"""GraphQL of what changes the directory: each mutation is one operation in a trail of its own."""

from collections.abc import Callable
from uuid import UUID

import strawberry
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from identity.graphql.directory import PersonNode
from identity.models import Person
from identity.operations import NewPerson, create_person, deactivate_person
from identity.operations.people import lift_hold, place_hold
from kernel.errors import InvalidInput
from kernel.graphql import GraphInfo, existing, loaded, root, row_key
from kernel.graphql.inputs import checked_text
from kernel.trail import Trail

MANAGE = "identity.person.manage"
HOLD = "identity.person.hold"
LONGEST_REASON = 500
LENGTHS = {
    "user_name": 255,
    "given_name": 200,
    "family_name": 200,
    "email": 254,
    "department": 200,
    "title": 200,
    "employee_number": 100,
    "external_id": 255,
    "territory": 2,
}
"""The longest text of each member, in characters."""


@strawberry.input(description="What is known of a new person; a user name is enough.")
class CreatePersonInput:
    user_name: str = strawberry.field(description="The user name, unique whatever its case.")
    given_name: str = strawberry.field(default="", description="The given name.")
    family_name: str = strawberry.field(default="", description="The family name.")
    email: str = strawberry.field(default="", description="The primary e-mail address.")
    department: str = strawberry.field(default="", description="The department.")
    title: str = strawberry.field(default="", description="What the person is at work.")
    employee_number: str = strawberry.field(default="", description="The number of the personnel department.")
    external_id: str = strawberry.field(default="", description="The key of another directory.")
    territory: str = strawberry.field(default="", description="ISO 3166-1 alpha-2 code of where the person works.")


@strawberry.input(description="Who leaves.")
class DeactivatePersonInput:
    id: strawberry.ID = strawberry.field(description="The person.")


@strawberry.input(description="Who is put under legal hold, and why.")
class PlaceLegalHoldInput:
    id: strawberry.ID = strawberry.field(description="The person.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Whose legal hold is lifted, and why.")
class LiftLegalHoldInput:
    id: strawberry.ID = strawberry.field(description="The person.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.type
class IdentityMutation:
    @root("Adds a person to the directory.", needs=MANAGE)
    def create_person(self, info: GraphInfo, input: CreatePersonInput) -> PersonNode | None:
        texts = {
            name: checked_text(getattr(input, name), most=most, name=name, required=name == "user_name")
            for name, most in LENGTHS.items()
        }
        _check_email(texts["email"])
        key = info.context.write(info, lambda trail: create_person(person=NewPerson(**texts), trail=trail).id)
        return loaded(PersonNode, info, key=key)

    @root(
        "Marks somebody as gone and gives back what the person holds. Twice changes nothing; the record stays.",
        needs=MANAGE,
    )
    def deactivate_person(self, info: GraphInfo, input: DeactivatePersonInput) -> PersonNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            return deactivate_person(person=existing(PersonNode, key, pointer="/input/id"), trail=trail).id

        return loaded(PersonNode, info, key=info.context.write(info, work))

    @root("Freezes what is stored about a person and, when the person leaves, the seats.", needs=HOLD)
    def place_legal_hold(self, info: GraphInfo, input: PlaceLegalHoldInput) -> PersonNode | None:
        return _held(info, input, place_hold)

    @root("Ends a legal hold; seats of somebody who has left go as the policy says.", needs=HOLD)
    def lift_legal_hold(self, info: GraphInfo, input: LiftLegalHoldInput) -> PersonNode | None:
        return _held(info, input, lift_hold)


def _held(
    info: GraphInfo, given: PlaceLegalHoldInput | LiftLegalHoldInput, change: Callable[..., Person]
) -> PersonNode:
    key = row_key(given.id, pointer="/input/id")
    reason = checked_text(given.reason, most=LONGEST_REASON, name="reason")

    def work(trail: Trail) -> UUID:
        return change(person=existing(PersonNode, key, pointer="/input/id"), reason=reason, trail=trail).id

    return loaded(PersonNode, info, key=info.context.write(info, work))


def _check_email(text: str) -> None:
    try:
        if text:
            validate_email(text)
    except ValidationError as error:
        raise InvalidInput(_("This is no e-mail address."), pointer="/input/email") from error
