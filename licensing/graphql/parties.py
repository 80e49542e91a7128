"""GraphQL of what happens to a business partner: each mutation is one operation in a trail of its own."""

from collections.abc import Callable
from uuid import UUID

import strawberry
from django.utils.translation import gettext as _

from kernel.errors import InvalidInput
from kernel.graphql import GraphInfo, existing, loaded, root, row_key
from kernel.graphql.inputs import checked_text
from kernel.trail import Trail
from licensing.graphql.catalogue import PartyNode
from licensing.models import Party, PartyKind
from licensing.operations import PartyParticulars, bar_party, create_party, lift_bar, move_party, update_party

MANAGE = "licensing.catalogue.manage"
BAR = "licensing.party.bar"
LENGTHS = {"name": 500, "email": 254, "territory": 2}
"""The longest text of each member, in characters."""


@strawberry.input(description="What is known of a new party.")
class CreatePartyInput:
    kind: str = strawberry.field(description="What it does: licensor, licensee, reseller or affiliate.")
    name: str = strawberry.field(description="The name, unique among parties of its kind whatever its case.")
    email: str = strawberry.field(default="", description="The e-mail address.")
    territory: str = strawberry.field(default="", description="ISO 3166-1 alpha-2 code of where it is.")
    parent: strawberry.ID | None = strawberry.field(default=None, description="What it belongs to.")


@strawberry.input(description="Which party is changed, and how: what is null stays as it is.")
class UpdatePartyInput:
    id: strawberry.ID = strawberry.field(description="The party.")
    name: str | None = strawberry.field(default=None, description="The name.")
    email: str | None = strawberry.field(default=None, description="The e-mail address.")
    territory: str | None = strawberry.field(default=None, description="ISO 3166-1 alpha-2 code of where it is.")


@strawberry.input(description="Which party is barred, and why.")
class BarPartyInput:
    id: strawberry.ID = strawberry.field(description="The party.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which party's bar is lifted, and why.")
class LiftPartyBarInput:
    id: strawberry.ID = strawberry.field(description="The party.")
    reason: str = strawberry.field(description="Why, in at most 500 characters; it stays on record.")


@strawberry.input(description="Which party is moved, and where to.")
class MovePartyInput:
    id: strawberry.ID = strawberry.field(description="The party.")
    parent: strawberry.ID | None = strawberry.field(default=None, description="What it belongs to; null: the top.")


@strawberry.type
class PartyMutation:
    @root("Adds a party.", needs=MANAGE)
    def create_party(self, info: GraphInfo, input: CreatePartyInput) -> PartyNode | None:
        above = row_key(input.parent, pointer="/input/parent") if input.parent is not None else None
        if input.kind not in PartyKind.values:
            raise InvalidInput(_("There is no such kind of partner."), pointer="/input/kind")
        texts = {name: checked_text(getattr(input, name), most=most, name=name) for name, most in LENGTHS.items()}

        def work(trail: Trail) -> UUID:
            parent = existing(PartyNode, above, pointer="/input/parent") if above is not None else None
            given = PartyParticulars(kind=input.kind, **texts)
            return create_party(particulars=given, parent=parent, trail=trail).id

        return loaded(PartyNode, info, key=info.context.write(info, work))

    @root("Changes what is known of a party; its place in the tree is changed by moveParty.", needs=MANAGE)
    def update_party(self, info: GraphInfo, input: UpdatePartyInput) -> PartyNode | None:
        def work(key: UUID, trail: Trail) -> Party:
            row: Party = existing(PartyNode, key, pointer="/input/id")
            texts = {
                name: checked_text(getattr(row, name) if (given := getattr(input, name)) is None else given,
                                   most=most, name=name)
                for name, most in LENGTHS.items()
            }  # fmt: skip
            return update_party(party_id=key, particulars=PartyParticulars(kind=row.kind, **texts), trail=trail)

        return _changed(info, input.id, work)

    @root("Lets validation refuse every licence of a party until the bar is lifted.", needs=BAR)
    def bar_party(self, info: GraphInfo, input: BarPartyInput) -> PartyNode | None:
        return _changed(info, input.id, lambda key, trail: bar_party(party_id=key, reason=input.reason, trail=trail))

    @root("Lets the licences of a party answer as before it was barred.", needs=BAR)
    def lift_party_bar(self, info: GraphInfo, input: LiftPartyBarInput) -> PartyNode | None:
        return _changed(info, input.id, lambda key, trail: lift_bar(party_id=key, reason=input.reason, trail=trail))

    @root("Puts a party, with what belongs to it, below another one or at the top.", needs=MANAGE)
    def move_party(self, info: GraphInfo, input: MovePartyInput) -> PartyNode | None:
        above = row_key(input.parent, pointer="/input/parent") if input.parent is not None else None

        def work(key: UUID, trail: Trail) -> Party:
            if above is not None:
                existing(PartyNode, above, pointer="/input/parent")
            return move_party(party_id=key, parent_id=above, trail=trail)

        return _changed(info, input.id, work)


def _changed(info: GraphInfo, id: str, change: Callable[[UUID, Trail], Party]) -> PartyNode:
    key = row_key(id, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        existing(PartyNode, key, pointer="/input/id")
        return change(key, trail).id

    return loaded(PartyNode, info, key=info.context.write(info, work))
