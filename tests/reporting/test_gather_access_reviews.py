"""Access reviews in a package: who ran, what was decided and its proof, without any name."""

from datetime import timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from identity.operations.review_decisions import decide_items
from reporting.gather.access_reviews import access_reviews
from reporting.gather.frame import Frame
from reporting.gather.people import colleagues
from reporting.packages.access import access_reviews as printed
from reporting.packages.access import coverage
from reporting.packages.formatting import Formatter
from reporting.packages.snapshot import Gap, Scope, Snapshot
from tests.identity.reviews import Reviewed, reviewed
from tests.reporting import packages

pytestmark = pytest.mark.django_db


def frame(one: Reviewed, shift: timedelta = timedelta()) -> Frame:
    at = one.review.started_at + shift
    return Frame(
        organization_id=one.house.organization.id,
        start=at - timedelta(days=1),
        end=at + timedelta(days=1),
        at=at,
        zone=ZoneInfo("UTC"),
        scope=Scope.ALL,
        scope_id=uuid4(),
        form=Formatter("en"),
    )


@pytest.fixture
def one() -> Reviewed:
    found = reviewed()
    with found.house.reading():
        asked, item = found.reviewer(found.kim), found.item(found.kim)
    with found.house.writing(asked) as opened:
        decide_items(item_ids=[item.id], decision="change", reason="One is enough", take_away=["procurement"],
                     trail=opened)  # fmt: skip
    return found


def test_each_question_is_a_row_with_the_entry_that_proves_it(one, django_assert_num_queries):
    """By pseudonym and role, never by name; two queries and one for the colleagues, however many questions."""
    with one.house.reading(), django_assert_num_queries(3):
        rows = access_reviews(frame(one), colleagues())
    assert len(rows) == 4
    [decided] = [row for row in rows if row.decision]
    assert (decided.decision, decided.kept_roles, decided.reason) == ("change", "Finance", "One is enough")
    assert (decided.reviewer_role, decided.sequence is not None) == ("Owner", True)
    assert str(one.kim.pseudonym)[:8] in decided.member
    assert "Kim" not in repr(rows)


def test_a_review_outside_the_period_is_left_out(one):
    """One that began after the period is of no interest; one that still runs is, for as long as it does."""
    with one.house.reading():
        assert access_reviews(frame(one, timedelta(days=-30)), colleagues()) == ()
        assert len(access_reviews(frame(one, timedelta(days=30)), colleagues())) == 4


def test_what_has_no_answer_is_printed_first(one):
    """And the coverage is told; the topic is no gap of the package any more."""
    with one.house.reading():
        rows = access_reviews(frame(one), colleagues())
    snapshot: Snapshot = packages.snapshot(access_reviews=rows)
    lines = printed(snapshot, Formatter("en")).lines
    assert [line.cells[2].text for line in lines] == ["no answer"] * 3 + ["Take roles away"]
    assert coverage(snapshot, Formatter("en")) == "1 of 4"
    assert Gap.ACCESS_REVIEW not in snapshot.gaps
