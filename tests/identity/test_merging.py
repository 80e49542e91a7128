"""Two records of one human: what would move, what moves, what is refused, and how it is undone."""

import pytest

from identity.models import Device, GroupMember, Membership, Person, PersonEmail, PersonMerge
from identity.operations import add_to_group, create_group
from identity.operations.merging import (
    MergeOfOne,
    MergeReasonRequired,
    MergeRefused,
    MergeUndone,
    merge_people,
    preview_merge,
    undo_merge,
)
from seats.models import Assignment
from seats.operations import assign
from tests.constraints import constraints_of, refused_by
from tests.factories import identity
from tests.factories.moments import NOW
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.seats.books import REASON, fed_pool, used

pytestmark = pytest.mark.django_db


class Twins:
    """Two records of Nora: both hold a seat of the first pool, the second alone one of the other pool."""

    def __init__(self) -> None:
        self.house: Tenant = tenant()
        with self.house.writing() as opened:
            self.kept = identity.person(self.house.organization, user_name="nora")
            self.merged = identity.person(self.house.organization, user_name="n.vik")
            self.both, self.single = fed_pool(self.house), fed_pool(self.house)
            group = create_group(display_name="Designers", trail=opened)
            add_to_group(group=group, people=[self.kept, self.merged], trail=opened)
            other = create_group(display_name="Berlin", trail=opened)
            add_to_group(group=other, people=[self.merged], trail=opened)
            identity.device(self.house.organization, person=self.merged)
            for row, value in ((self.kept, "nora@a.example"), (self.merged, "vik@a.example")):
                PersonEmail.objects.create(
                    organization=self.house.organization, person=row, value=value, value_lower=value, primary=True
                )
        with self.house.writing() as opened:
            for pool, person in ((self.both, self.kept), (self.both, self.merged), (self.single, self.merged)):
                assign(pool=pool, person=person, reason=REASON, trail=opened)

    def merge(self) -> PersonMerge:
        with self.house.writing() as opened:
            return merge_people(kept=self.kept, merged=self.merged, reason="Same badge", trail=opened)

    def of(self, person: Person) -> dict[str, int]:
        with self.house.reading():
            return {
                "emails": PersonEmail.objects.filter(person=person).count(),
                "groups": GroupMember.objects.filter(person=person).count(),
                "devices": Device.objects.filter(person=person).count(),
                "seats": Assignment.objects.live().filter(person=person).count(),
            }


@pytest.fixture
def twins() -> Twins:
    return Twins()


def test_what_would_move_is_what_moves(twins):
    """The preview and the deed agree; what both have stays, and the second seat of one pool is given back."""
    with twins.house.reading():
        preview = preview_merge(kept=twins.kept, merged=twins.merged)
    assert dict(preview.moves) == {"emails": 1, "groups": 1, "devices": 1, "memberships": 0}
    assert (preview.seats, preview.released) == (1, 1)
    twins.merge()
    assert twins.of(twins.kept) == {"emails": 2, "groups": 2, "devices": 1, "seats": 2}
    assert twins.of(twins.merged) == {"emails": 0, "groups": 1, "devices": 0, "seats": 0}
    assert (used(twins.house, twins.both), used(twins.house, twins.single)) == (1, 1)
    with twins.house.reading():
        row = Person.objects.get(id=twins.merged.id)
        assert (row.active, row.merged_into_id) == (False, twins.kept.id)


def test_a_merge_is_undone_as_far_as_nothing_happened_since(twins):
    """What still stands where the merge put it goes back; the seat that was given back stays free. Once."""
    made = twins.merge()
    with twins.house.writing() as opened:
        undo_merge(merge=made, trail=opened)
    assert twins.of(twins.merged) == {"emails": 1, "groups": 2, "devices": 1, "seats": 1}
    assert used(twins.house, twins.both) == 1
    with twins.house.reading():
        assert Person.objects.get(id=twins.merged.id).active
    with pytest.raises(MergeUndone), twins.house.writing() as opened:
        undo_merge(merge=made, trail=opened)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"legal_hold": True},
        {"erased_at": NOW},
    ],
)
def test_records_that_stay_as_they_are(twins, spoilt):
    """Under legal hold or erased: refused, and nothing moves."""
    with twins.house.writing():
        Person.objects.filter(id=twins.merged.id).update(**spoilt)
    with pytest.raises(MergeRefused):
        twins.merge()
    assert twins.of(twins.kept)["devices"] == 0


def test_what_else_is_refused(twins):
    """Oneself, without a reason, a manager and the own report, two working accounts, twice."""
    with twins.house.writing() as opened:
        with pytest.raises(MergeOfOne):
            merge_people(kept=twins.kept, merged=twins.kept, reason="x", trail=opened)
        with pytest.raises(MergeReasonRequired):
            merge_people(kept=twins.kept, merged=twins.merged, reason=" ", trail=opened)
        Person.objects.filter(id=twins.merged.id).update(manager=twins.kept)
        with pytest.raises(MergeRefused):
            merge_people(kept=twins.kept, merged=twins.merged, reason="x", trail=opened)
        Person.objects.filter(id=twins.merged.id).update(manager=None)
        accounts = [
            identity.membership(twins.house.organization, identity.account(), person=row)
            for row in (twins.kept, twins.merged)
        ]
        with pytest.raises(MergeRefused):
            merge_people(kept=twins.kept, merged=twins.merged, reason="x", trail=opened)
        Membership.objects.filter(id=accounts[0].id).update(ended_at=accounts[0].started_at)
    twins.merge()
    with pytest.raises(MergeRefused):
        twins.merge()


def test_the_page_previews_merges_and_undoes(twins):
    """The first press shows, the second does; the old address leads to the kept record; Undo takes it back."""
    browser = signed_in(twins.house, "it_admin")
    url = f"/organization/people/{twins.kept.id}/merge/"
    given = {"merged": "n.vik", "reason": "Same badge"}
    shown = browser.post(url, given)
    assert shown.status_code == 200
    assert "1 seat is given back, as both hold one" in shown.content.decode()
    with twins.house.reading():
        assert not PersonMerge.objects.exists()
    assert browser.post(url, {**given, "confirmed": "1"}).status_code == 302
    assert browser.get(f"/organization/people/{twins.merged.id}/")["Location"].endswith(f"/{twins.kept.id}/")
    with twins.house.reading():
        made = PersonMerge.objects.get()
    assert browser.post(f"{url}{made.id}/undo/").status_code == 302
    assert browser.post(url, {"merged": "nobody"}).status_code == 422
    assert browser.post(url, {"merged": "nora"}).status_code == 422
    assert signed_in(twins.house, "auditor").post(url, given).status_code == 403


def test_constraints(twins):
    """A merged record is inactive and points elsewhere; a merge is of two, once, and undone by somebody."""
    found = constraints_of("identity")
    made = twins.merge()
    with twins.house.reading():
        people, merges = Person.objects.filter(id=twins.merged.id), PersonMerge.objects.filter(id=made.id)
        with refused_by(found["identity_person_merged_is_inactive"]):
            people.update(merged_into=twins.merged)
        with refused_by(found["identity_person_merge_of_two"]):
            merges.update(kept=twins.merged)
        with refused_by(found["identity_person_merge_undone_by_somebody"]):
            merges.update(undone_at=NOW)
        with refused_by(found["identity_person_merge_once"]):
            PersonMerge.objects.create(
                organization=twins.house.organization, kept=twins.kept, merged=twins.merged, reason="x",
                merged_at=NOW, merged_by="x",
            )  # fmt: skip
