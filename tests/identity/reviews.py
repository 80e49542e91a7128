"""Houses with an access review that runs."""

from dataclasses import dataclass
from datetime import timedelta

from identity.models import AccessReview, AccessReviewItem, Membership
from identity.operations.access_reviews import NewReview, start_review
from kernel.clock import DatabaseClock
from kernel.principal import Principal
from tests.factories.tenants import Tenant, member, tenant


@dataclass(frozen=True)
class Reviewed:
    """Two owners, a finance colleague with two roles and a viewer; the owners are asked about everybody."""

    house: Tenant
    owner: Principal
    second: Principal
    kim: Principal
    lee: Principal
    review: AccessReview

    def item(self, about: Principal) -> AccessReviewItem:
        return AccessReviewItem.objects.select_related("membership__account", "reviewer__account").get(
            review=self.review, membership__account__pseudonym=about.pseudonym
        )

    def reviewer(self, about: Principal) -> Principal:
        return self.owner if self.item(about).reviewer.account_id == self.owner.account_id else self.second

    def membership(self, of: Principal) -> Membership:
        return Membership.objects.get(account__pseudonym=of.pseudonym)


def new_review(**columns) -> NewReview:
    due = DatabaseClock().now() + timedelta(days=14)
    return NewReview(**{"name": "First quarter", "rule": "role", "reviewer_role": "owner", "due_at": due, **columns})


def reviewed(**columns) -> Reviewed:
    house = tenant()
    (_a, owner), (_b, second) = member(house, "owner"), member(house, "owner")
    _c, kim = member(house, "finance", "procurement")
    _d, lee = member(house, "viewer")
    with house.writing(owner) as opened:
        review = start_review(review=new_review(**columns), trail=opened)
    return Reviewed(house, owner, second, kim, lee, review)
