"""GraphQL of reclamation: rules, seats that are asked back, exemptions, and what is decided about them."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

import strawberry

from identity.graphql import PersonNode
from identity.graphql.directory import GroupNode
from kernel.graphql import (
    After,
    Connection,
    First,
    GraphInfo,
    Node,
    column,
    connection,
    existing,
    loaded,
    narrowed,
    root,
    row_key,
    single,
    tenant_type,
    to_one,
)
from kernel.graphql.inputs import checked_moment, checked_text
from kernel.graphql.limits import USUAL_ROWS
from kernel.trail import Trail
from licensing.graphql import ProductNode
from seats.graphql.pools import AssignmentNode, PoolNode
from seats.models import Exemption, ReclamationRule, RemovalCandidate
from seats.operations import (
    RuleTerms,
    create_rule,
    decide,
    end_exemption,
    grant_exemption,
    resume_rule,
    stop_rule,
    undo,
)
from seats.operations.approvers import MANAGE

VIEW = "seats.reclamation.view"
DECIDE = "seats.reclamation.decide"
MONEY = "licensing.money.view"
LONGEST_REASON = 500
LONGEST_NAME = 120


@tenant_type(ReclamationRule, name="ReclamationRule", permission=VIEW)
class ReclamationRuleNode(Node):
    """Seats of a pool, or of every pool of a product, are asked back when they are used too little."""

    id: strawberry.ID = column("The key of the rule.")
    name: str = column("The name.")
    kind: str = column("What is measured: last_used, total_use or peak_use.")
    window_days: int = column("How far back use counts; for last_used the threshold itself.")
    use_limit: Decimal | None = column("The limit of total or peak use; null for last_used.")
    include_no_activity: bool = column("Whether seats of whose use nothing is known are selected too.")
    minimum_age_days: int = column("Younger seats are left alone.")
    notice_days: int = column("How long holders may take to answer.")
    reminders: int = column("How many reminders come before the deadline.")
    approver: str = column("Who decides about kept seats: administrator, product_owner or manager.")
    decision_days: int = column("How long a decision may take; without one the seat is kept.")
    cool_down_days: int = column("How long a seat is left alone after an answer.")
    feed_silent_since: datetime | None = column("Since when no use is reported, so that nobody is selected.")
    looked_at: datetime | None = column("When it last looked.")
    stopped_at: datetime | None = column("When it was stopped; null while it works.")
    created_at: datetime = column("When it was made.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool that it is about.")
    product: ProductNode | None = to_one(lambda: ProductNode, "product_id", "The product whose pools it is about.")


@tenant_type(RemovalCandidate, name="RemovalCandidate", permission=VIEW)
class RemovalCandidateNode(Node):
    """A seat that a rule asks back, or did."""

    id: strawberry.ID = column("The key of the candidate.")
    state: str = column(
        "ready, awaiting_user, awaiting_approval, completed, skipped, cancelled or undone; the first three are open."
    )
    outcome: str = column("The last thing that happened; empty while ready.")
    selected_at: datetime = column("When the rule selected it.")
    last_used_at: datetime | None = column("The last use that the rule saw; null: none is known.")
    use_source: str = column("Who told the last use.")
    measured_use: Decimal | None = column("The use that the rule measured; null for last_used.")
    asked_at: datetime | None = column("When the holder was asked.")
    reminders_sent: int = column("How many reminders went out.")
    due_at: datetime | None = column("When the answer or the decision is due.")
    answered_at: datetime | None = column("When the holder answered.")
    answer_reason: str = column("What the holder said.")
    decided_at: datetime | None = column("When somebody decided.")
    decision_reason: str = column("Why it was decided so.")
    ended_at: datetime | None = column("When it ended; null while it is open.")
    saving: Decimal | None = column(
        "What the seat costs in a year, or did once; null where no purchase tells.", needs=MONEY
    )
    currency: str = column("The currency of the saving.")
    rule: ReclamationRuleNode | None = to_one(lambda: ReclamationRuleNode, "rule_id", "The rule.")
    assignment: AssignmentNode | None = to_one(lambda: AssignmentNode, "assignment_id", "The seat.")
    restored: AssignmentNode | None = to_one(lambda: AssignmentNode, "restored_id", "The seat that an undo gave.")


@tenant_type(Exemption, name="ReclamationExemption", permission=VIEW)
class ReclamationExemptionNode(Node):
    """Seats of a person, of a group's members or of a pool are asked back by no rule."""

    id: strawberry.ID = column("The key of the exemption.")
    reason: str = column("Why.")
    created_at: datetime = column("Since when.")
    ends_at: datetime | None = column("Until when; null: without end.")
    ended_at: datetime | None = column("When somebody ended it; null: nobody did.")
    person: PersonNode | None = to_one(lambda: PersonNode, "person_id", "The person.")
    group: GroupNode | None = to_one(lambda: GroupNode, "group_id", "The group.")
    pool: PoolNode | None = to_one(lambda: PoolNode, "pool_id", "The pool.")


@strawberry.input(description="Which removal candidates; what is null asks for nothing.")
class RemovalCandidateFilter:
    state: str | None = strawberry.field(default=None, description="In this state.")
    rule: strawberry.ID | None = strawberry.field(default=None, description="Of this rule.")
    assignment: strawberry.ID | None = strawberry.field(default=None, description="About this seat.")


@strawberry.input(description="A rule with its target, exactly one of pool and product, and its terms.")
class CreateReclamationRuleInput:
    name: str = strawberry.field(description="The name.")
    pool: strawberry.ID | None = strawberry.field(default=None, description="The pool.")
    product: strawberry.ID | None = strawberry.field(default=None, description="The product.")
    kind: str = strawberry.field(default="last_used", description="last_used, total_use or peak_use.")
    window_days: int = strawberry.field(default=90, description="How far back use counts.")
    use_limit: Decimal | None = strawberry.field(default=None, description="The limit of total or peak use.")
    include_no_activity: bool = strawberry.field(default=False, description="Also seats of unknown use.")
    minimum_age_days: int = strawberry.field(default=60, description="Younger seats are left alone.")
    notice_days: int = strawberry.field(default=14, description="Days to answer.")
    reminders: int = strawberry.field(default=1, description="Reminders, at most 5.")
    approver: str = strawberry.field(
        default="administrator", description="Who decides: administrator, product_owner or manager."
    )
    decision_days: int = strawberry.field(default=7, description="Days to decide.")
    cool_down_days: int = strawberry.field(default=90, description="Days of rest after an answer.")


@strawberry.input(description="Which rule is stopped.")
class StopReclamationRuleInput:
    id: strawberry.ID = strawberry.field(description="The rule.")


@strawberry.input(description="Which rule works again.")
class ResumeReclamationRuleInput:
    id: strawberry.ID = strawberry.field(description="The rule.")


@strawberry.input(description="A decision about a seat that its holder wants to keep.")
class DecideRemovalInput:
    id: strawberry.ID = strawberry.field(description="The candidate.")
    keep: bool = strawberry.field(description="Whether the holder keeps the seat.")
    reason: str = strawberry.field(default="", description="Why; needed to take the seat back.")


@strawberry.input(description="Which seat is given again, and why.")
class UndoRemovalInput:
    id: strawberry.ID = strawberry.field(description="The candidate.")
    reason: str = strawberry.field(description="Why, in at most 500 characters.")


@strawberry.input(description="Whose seats are exempt, exactly one of person, group and pool, and why.")
class GrantReclamationExemptionInput:
    reason: str = strawberry.field(description="Why, in at most 500 characters.")
    person: strawberry.ID | None = strawberry.field(default=None, description="The person.")
    group: strawberry.ID | None = strawberry.field(default=None, description="The group.")
    pool: strawberry.ID | None = strawberry.field(default=None, description="The pool.")
    ends_at: datetime | None = strawberry.field(default=None, description="Until when; null: without end.")


@strawberry.input(description="Which exemption is ended.")
class EndReclamationExemptionInput:
    id: strawberry.ID = strawberry.field(description="The exemption.")


@strawberry.type
class ReclamationQuery:
    @root("The rules that ask unused seats back, newest first.", needs=VIEW)
    def reclamation_rules(
        self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[ReclamationRuleNode] | None:
        return connection(ReclamationRuleNode, info, first=first, after=after, rows=ReclamationRuleNode.rows())

    @root("One reclamation rule.", needs=VIEW)
    def reclamation_rule(self, info: GraphInfo, id: strawberry.ID) -> ReclamationRuleNode | None:
        return single(ReclamationRuleNode, info, id=id)

    @root("The seats that are or were asked back, newest first.", needs=VIEW)
    def removal_candidates(
        self,
        info: GraphInfo,
        filter: RemovalCandidateFilter | None = None,
        first: First = USUAL_ROWS,
        after: After = None,
    ) -> Connection[RemovalCandidateNode] | None:
        rows = narrowed(RemovalCandidateNode.rows(), filter, state="state", rule="rule_id", assignment="assignment_id")
        return connection(RemovalCandidateNode, info, first=first, after=after, rows=rows)

    @root("One seat that is or was asked back.", needs=VIEW)
    def removal_candidate(self, info: GraphInfo, id: strawberry.ID) -> RemovalCandidateNode | None:
        return single(RemovalCandidateNode, info, id=id)

    @root("Exemptions from reclamation, newest first; those that are over too.", needs=VIEW)
    def reclamation_exemptions(
        self, info: GraphInfo, first: First = USUAL_ROWS, after: After = None
    ) -> Connection[ReclamationExemptionNode] | None:
        return connection(
            ReclamationExemptionNode, info, first=first, after=after, rows=ReclamationExemptionNode.rows()
        )

    @root("One exemption from reclamation.", needs=VIEW)
    def reclamation_exemption(self, info: GraphInfo, id: strawberry.ID) -> ReclamationExemptionNode | None:
        return single(ReclamationExemptionNode, info, id=id)


@strawberry.type
class ReclamationMutation:
    @root("Makes a rule that asks unused seats back; it looks for the first time with the next run.", needs=MANAGE)
    def create_reclamation_rule(self, info: GraphInfo, input: CreateReclamationRuleInput) -> ReclamationRuleNode | None:
        return loaded(ReclamationRuleNode, info, key=info.context.write(info, lambda trail: _created(input, trail)))

    @root("Stops a rule; what it asks back stays with its holders.", needs=MANAGE)
    def stop_reclamation_rule(self, info: GraphInfo, input: StopReclamationRuleInput) -> ReclamationRuleNode | None:
        return _switched(info, input.id, lambda key, trail: stop_rule(rule_id=key, trail=trail))

    @root("Lets a stopped rule work again.", needs=MANAGE)
    def resume_reclamation_rule(self, info: GraphInfo, input: ResumeReclamationRuleInput) -> ReclamationRuleNode | None:
        return _switched(info, input.id, lambda key, trail: resume_rule(rule_id=key, trail=trail))

    @root("Decides whether a holder who wants to keep a seat keeps it.", needs=DECIDE)
    def decide_removal(self, info: GraphInfo, input: DecideRemovalInput) -> RemovalCandidateNode | None:
        reason = checked_text(input.reason, most=LONGEST_REASON, name="reason")
        return _candidate(
            info, input.id, lambda key, trail: decide(candidate_id=key, keep=input.keep, reason=reason, trail=trail)
        )

    @root("Gives a seat again that was taken back within the last seven days.", needs=DECIDE)
    def undo_removal(self, info: GraphInfo, input: UndoRemovalInput) -> RemovalCandidateNode | None:
        reason = checked_text(input.reason, most=LONGEST_REASON, name="reason")
        return _candidate(info, input.id, lambda key, trail: undo(candidate_id=key, reason=reason, trail=trail))

    @root("Exempts seats from reclamation; what is open about them is cancelled.", needs=MANAGE)
    def grant_reclamation_exemption(
        self, info: GraphInfo, input: GrantReclamationExemptionInput
    ) -> ReclamationExemptionNode | None:
        return loaded(
            ReclamationExemptionNode, info, key=info.context.write(info, lambda trail: _granted(input, trail))
        )

    @root("Ends an exemption before its time.", needs=MANAGE)
    def end_reclamation_exemption(
        self, info: GraphInfo, input: EndReclamationExemptionInput
    ) -> ReclamationExemptionNode | None:
        key = row_key(input.id, pointer="/input/id")

        def work(trail: Trail) -> UUID:
            existing(ReclamationExemptionNode, key, pointer="/input/id")
            return end_exemption(exemption_id=key, trail=trail).id

        return loaded(ReclamationExemptionNode, info, key=info.context.write(info, work))


def _created(given: CreateReclamationRuleInput, trail: Trail) -> UUID:
    found = {
        name: existing(node, row_key(key, pointer=f"/input/{name}"), pointer=f"/input/{name}")
        for name, node, key in (("pool", PoolNode, given.pool), ("product", ProductNode, given.product))
        if key is not None
    }
    terms = RuleTerms(
        name=checked_text(given.name, most=LONGEST_NAME, name="name"),
        kind=checked_text(given.kind, most=LONGEST_NAME, name="kind"),
        window_days=given.window_days,
        use_limit=given.use_limit,
        include_no_activity=given.include_no_activity,
        minimum_age_days=given.minimum_age_days,
        notice_days=given.notice_days,
        reminders=given.reminders,
        approver=checked_text(given.approver, most=LONGEST_NAME, name="approver"),
        decision_days=given.decision_days,
        cool_down_days=given.cool_down_days,
    )
    return create_rule(pool=found.get("pool"), product=found.get("product"), terms=terms, trail=trail).id


def _granted(given: GrantReclamationExemptionInput, trail: Trail) -> UUID:
    found = {
        name: existing(node, row_key(key, pointer=f"/input/{name}"), pointer=f"/input/{name}")
        for name, node, key in (
            ("person", PersonNode, given.person),
            ("group", GroupNode, given.group),
            ("pool", PoolNode, given.pool),
        )
        if key is not None
    }
    reason = checked_text(given.reason, most=LONGEST_REASON, name="reason")
    ends_at = checked_moment(given.ends_at, name="ends_at")
    return grant_exemption(reason=reason, ends_at=ends_at, trail=trail, **found).id


def _switched(info: GraphInfo, id: str, switch: Callable[[UUID, Trail], ReclamationRule]) -> ReclamationRuleNode:
    key = row_key(id, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        existing(ReclamationRuleNode, key, pointer="/input/id")
        return switch(key, trail).id

    return loaded(ReclamationRuleNode, info, key=info.context.write(info, work))


def _candidate(info: GraphInfo, id: str, change: Callable[[UUID, Trail], RemovalCandidate]) -> RemovalCandidateNode:
    key = row_key(id, pointer="/input/id")

    def work(trail: Trail) -> UUID:
        existing(RemovalCandidateNode, key, pointer="/input/id")
        return change(key, trail).id

    return loaded(RemovalCandidateNode, info, key=info.context.write(info, work))
