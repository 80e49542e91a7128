"""Who may do what at the buyer: a tree of units, licence owners, accounts of people, and an access review that runs."""

from datetime import timedelta
from uuid import UUID

from audit.operations import trail
from identity.models import AccessReviewItem, Account, Membership, Organization, OrgUnit, Person
from identity.operations import create_org_unit, link_person
from identity.operations.access_reviews import NewReview, start_review
from identity.operations.review_decisions import decide_items
from identity.operations.units import arrange_unit
from identity.queries import LiveMembership, principal_for
from kernel.principal import Principal, system
from kernel.scope import scope
from kernel.trail import Trail
from licensing.models import Product
from licensing.operations.ownership import name_product_owner

REASON = "Asked the colleague; still works on it"
DUE = timedelta(days=9)
OWNED = 3


def furnish(organization: Organization) -> None:
    """After the accounts were made, in present time."""
    with trail(organization_id=organization.id, actor=system(organization.id, "demo")) as opened:
        _units(opened)
        _people_behind_accounts(opened)
        _product_owners(opened)
    officer, owner = (
        _principal(organization, email) for email in ("compliance@halden.example", "owner@halden.example")
    )
    with trail(organization_id=organization.id, actor=officer) as opened:
        review = start_review(
            review=NewReview(
                name="Access review of this quarter",
                due_at=opened.clock.now() + DUE,
                rule="role",
                reviewer_role="owner",
                reviewers=[_membership("compliance@halden.example").id],
            ),
            trail=opened,
        )
        review_id: UUID = review.id
    with trail(organization_id=organization.id, actor=owner) as opened:
        mine = AccessReviewItem.objects.filter(review_id=review_id, reviewer__account__pseudonym=owner.pseudonym)
        decide_items(item_ids=[row.id for row in mine[:2]], decision="keep", reason=REASON, trail=opened)


def _units(opened: Trail) -> None:
    """One root, the cost centres below it, and somebody who decides for each."""
    root = create_org_unit(code="1000", name="Halden Energy", trail=opened)
    people = list(Person.objects.filter(active=True).order_by("user_name_lower")[:12])
    for number, unit in enumerate(OrgUnit.objects.exclude(id=root.id).order_by("code")):
        arrange_unit(
            unit=unit,
            kind="cost_centre",
            parent=root,
            approver=people[number % len(people)],
            finance_owner=people[-1],
            trail=opened,
        )


def _people_behind_accounts(opened: Trail) -> None:
    people = Person.objects.filter(active=True).order_by("-user_name_lower")
    members = Membership.objects.filter(ended_at__isnull=True).order_by("id")
    for row, person in zip(members, people[: len(members)], strict=True):
        link_person(membership=row, person=person, trail=opened)


def _product_owners(opened: Trail) -> None:
    owner = _membership("products@halden.example")
    for product in Product.objects.order_by("name_lower")[:OWNED]:
        name_product_owner(product=product, membership=owner, trail=opened)


def _membership(email: str) -> Membership:
    return Membership.objects.select_related("account").get(account__email_lower=email, ended_at__isnull=True)


def _principal(organization: Organization, email: str) -> Principal:
    account = Account.objects.get(email_lower=email)
    with scope(organization.id):
        row = _membership(email)
    return principal_for(account, LiveMembership(row.id, organization.id, row.person_id, tuple(row.roles)))
