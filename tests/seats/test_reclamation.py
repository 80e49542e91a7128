"""Reclamation from the first look to the undo: operations and the nightly run, with a clock that the test sets."""

import re
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from identity.models import Account, Membership, Person, PersonEmail
from jobs.models import OutboxMessage
from jobs.operations import relay
from kernel.clock import FixedClock
from licensing.keyring import peppers
from licensing.models import ProductOwner
from licensing.rules.digests import subject_digest
from seats.models import Assignment, RemovalCandidate, SeatPool
from seats.operations import (
    AnswerLinkOver,
    CandidateElsewhere,
    CapacityExceeded,
    DecisionReasonRequired,
    NotYoursToDecide,
    RuleTerms,
    SeatHeldAgain,
    UndoOver,
    answer,
    ask,
    assign,
    change_rule,
    create_rule,
    decide,
    end_exemption,
    grant_exemption,
    look,
    release,
    remind,
    resume_rule,
    settle,
    stop_rule,
    undo,
)
from seats.queries import preview, savings
from seats.rules.reclamation import Verdict
from seats.schedules import scheduled_reclamation
from tests.factories import identity, licensing
from tests.factories.moments import NOW, days
from tests.factories.tenants import Tenant, member, tenant
from tests.seats.books import REASON, fed_pool, held, kinds, used, writing

pytestmark = pytest.mark.django_db


class House:
    """A tenant with one fed pool, its seats given two years ago."""

    def __init__(self, **rule) -> None:
        self.one: Tenant = tenant()
        with writing(self.one, at=days(-700)) as trail:
            self.pool = fed_pool(self.one, bought=20)
        with writing(self.one) as trail:
            terms = {"name": "Unused for 90 days", "notice_days": 14, "decision_days": 7, **rule}
            self.rule = create_rule(pool=self.pool, terms=RuleTerms(**terms), trail=trail)

    def seat(self, *, last_used: datetime | None = None, mail: bool = True, **columns) -> Assignment:
        with writing(self.one, at=days(-600)) as trail:
            person = identity.person(self.one.organization, **columns)
            if mail:
                identity.email(person, primary=True)
            row = assign(pool=self.pool, person=person, reason=REASON, trail=trail)
            if last_used is not None:
                self.use(person, last_used)
        return row

    def use(self, person: Person, at: datetime) -> None:
        """A list of last use names this person. Call in a trail or scope."""
        licensing.observed_use(
            self.pool.product,
            person=person,
            last_used_at=at,
            since=at,
            source="sign-ins",
        )

    def used_by_somebody(self, at: datetime = NOW) -> None:
        """The feed lives."""
        with self.one.writing():
            self.use(identity.person(self.one.organization), at)

    def run(self, at: datetime) -> dict:
        return scheduled_reclamation(organization_id=self.one.organization.id, parameters={}, clock=FixedClock(at))

    def do(self, operation, at: datetime = NOW, actor=None, **given):
        with writing(self.one, at=at, actor=actor) as trail:
            return operation(trail=trail, **given)

    def candidate(self, seat: Assignment | None = None) -> Any:
        with self.one.reading():
            rows = RemovalCandidate.objects.select_related("assignment")
            return (rows.filter(assignment=seat) if seat else rows).order_by("-selected_at", "-id").first()

    def asked(self, **columns) -> Any:
        """A candidate that waits for its holder since NOW."""
        seat = self.seat(last_used=days(-100), **columns)
        self.used_by_somebody()
        self.run(NOW)
        return self.candidate(seat)


def administrator(house: House) -> Account:
    """Somebody who administers the house since long ago."""
    account, _principal = member(house.one, "it_admin")
    with house.one.writing():
        Membership.objects.filter(account=account).update(started_at=days(-700))
    return account


def sent(house: House, at: datetime) -> list:
    mail.outbox.clear()
    relay(organization_id=house.one.organization.id, clock=FixedClock(at))
    return list(mail.outbox)


def links(message) -> list[str]:
    return re.findall(r"https?://\S+/seat-answer/\S+", message.body)


@pytest.mark.requirement("REQ-160", "REQ-163")
def test_an_unused_seat_goes_back_after_a_warning_and_silence():
    """90 days unused: warned with 14 days' notice, reminded once, taken back on the fourteenth day, not before."""
    house = House()
    unused, busy = house.seat(last_used=days(-100)), house.seat(last_used=days(-1))
    assert house.run(NOW) == {"selected": 1, "cancelled": 0, "silent": 0, "settled": 0, "asked": 1, "reminded": 0}
    row = house.candidate()
    assert (row.assignment_id, row.state, row.due_at) == (unused.id, "awaiting_user", days(14))
    [warning] = sent(house, NOW)
    assert len(links(warning)) == 2
    assert house.run(days(7))["reminded"] == 1
    assert [message.subject for message in sent(house, days(7))] == [
        f"Reminder: do you still need {house.pool.product.name}?"
    ]
    with house.one.writing():
        house.use(identity.person(house.one.organization), days(13))
        house.use(identity.person(house.one.organization), days(14))
    assert house.run(days(14) - timedelta(microseconds=1))["settled"] == 0
    assert used(house.one, house.pool) == 2
    assert house.run(days(14))["settled"] == 1
    assert used(house.one, house.pool) == held(house.one, house.pool) == 1
    row = house.candidate(unused)
    assert (row.state, row.outcome, row.assignment.released_at) == ("completed", "no_answer", days(14))
    assert "taken back" in sent(house, days(14))[0].subject
    assert kinds(house.one, "seat.reclaimed", "removal.") == [
        "removal.selected",
        "removal.asked",
        "removal.reminded",
        "seat.reclaimed",
    ]
    with house.one.reading():
        assert Assignment.objects.live().get().id == busy.id


def test_the_run_does_nothing_twice():
    """A second run at the same moment changes nothing and sends nothing."""
    house = House()
    house.asked()
    before = len(sent(house, NOW))
    assert set(house.run(NOW).values()) == {0}
    assert (before, sent(house, NOW)) == (1, [])


def test_giving_back_frees_the_seat_at_once():
    """The holder's own answer completes the candidate and tells the holder."""
    house = House()
    row = house.asked()
    done = house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=False, at=days(1))
    assert (done.state, done.outcome, done.nonce) == ("completed", "given_back", "")
    assert used(house.one, house.pool) == 0
    assert "taken back" in sent(house, days(1))[-1].subject


def test_a_link_answers_once():
    """The second answer, a wrong nonce and one of a settled question are refused alike."""
    house = House()
    row = house.asked()
    with pytest.raises(AnswerLinkOver):
        house.do(answer, candidate_id=row.id, nonce="guessed", keep=False)
    house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=True)
    for keep in (True, False):
        with pytest.raises(AnswerLinkOver):
            house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=keep)
        with pytest.raises(AnswerLinkOver):
            house.do(answer, candidate_id=row.id, nonce="", keep=keep)
    assert used(house.one, house.pool) == 1


def kept_wanted(house: House) -> Any:
    row = house.asked()
    return house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=True, reason="Quarterly report", at=days(1))


def test_keep_waits_for_a_decision_and_silence_keeps_the_seat():
    """Nobody decides within 7 days: skipped, the seat stays; administrators were told by e-mail."""
    house = House()
    account = administrator(house)
    row = kept_wanted(house)
    assert (row.state, row.due_at) == ("awaiting_approval", days(8))
    assert [message.to for message in sent(house, days(1)) if "decision" in message.subject] == [[account.email]]
    assert house.run(days(8) - timedelta(seconds=1))["settled"] == 0
    assert house.run(days(8))["settled"] == 1
    row = house.candidate(row.assignment)
    assert (row.state, row.outcome) == ("skipped", "no_decision")
    assert used(house.one, house.pool) == 1


def test_keep_granted_and_keep_refused():
    """Granted: skipped. Refused: completed, for a stated reason that the holder reads."""
    house = House()
    row = kept_wanted(house)
    with pytest.raises(DecisionReasonRequired):
        house.do(decide, candidate_id=row.id, keep=False, at=days(2))
    assert house.do(decide, candidate_id=row.id, keep=True, at=days(2)).state == "skipped"
    other = House()
    row = kept_wanted(other)
    done = other.do(decide, candidate_id=row.id, keep=False, reason="Shared licence", at=days(2))
    assert (done.state, done.outcome, used(other.one, other.pool)) == ("completed", "keep_refused", 0)
    assert "Shared licence" in sent(other, days(2))[-1].body
    with pytest.raises(CandidateElsewhere):
        other.do(decide, candidate_id=row.id, keep=True, at=days(2))


@pytest.mark.parametrize("stage", ["ready", "awaiting_user", "awaiting_approval"])
def test_use_seen_again_cancels_every_open_state(stage):
    """One use after the selection, and the question is settled; on the day of the deadline too."""
    house = House()
    seat = house.seat(last_used=days(-100))
    house.used_by_somebody()
    house.do(look, rule_id=house.rule.id)
    if stage != "ready":
        house.do(ask)
    row = house.candidate(seat)
    if stage == "awaiting_approval":
        house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=True)
    assert house.candidate(seat).state == stage
    with house.one.writing():
        licensing.observed_use(
            house.pool.product,
            edition=licensing.edition(house.pool.product),
            person=seat.person,
            last_used_at=days(10),
            since=NOW,
            source="validations",
        )
    assert house.run(days(14))["cancelled"] == 1
    row = house.candidate(seat)
    assert (row.state, row.outcome, used(house.one, house.pool)) == ("cancelled", "used_again", 1)


@pytest.mark.requirement("REQ-163")
def test_undo_within_seven_days_if_a_seat_is_free():
    """The same holder has a seat again; after seven days, or when the pool is full, not."""
    house = House()
    row = house.asked()
    house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=False)
    with pytest.raises(UndoOver):
        house.do(undo, candidate_id=row.id, reason="Came back", at=days(7))
    with pytest.raises(DecisionReasonRequired):
        house.do(undo, candidate_id=row.id, reason=" ")
    with house.one.writing():
        SeatPool.objects.filter(id=house.pool.id).update(capacity=0)
    with pytest.raises(CapacityExceeded):
        house.do(undo, candidate_id=row.id, reason="Came back", at=days(6))
    with house.one.writing():
        SeatPool.objects.filter(id=house.pool.id).update(capacity=20)
    done = house.do(undo, candidate_id=row.id, reason="Came back", at=days(6))
    with house.one.reading():
        assert done.restored.person_id == row.assignment.person_id
    assert (done.state, used(house.one, house.pool)) == ("undone", 1)
    with pytest.raises(UndoOver):
        house.do(undo, candidate_id=row.id, reason="Came back", at=days(6))


def test_undo_gives_no_second_seat():
    """Whoever got a seat of the pool otherwise meanwhile has one."""
    house = House()
    row = house.asked()
    house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=False)
    with house.one.reading():
        person = Person.objects.get(id=row.assignment.person_id)
    house.do(assign, pool=house.pool, person=person, reason=REASON)
    with pytest.raises(SeatHeldAgain):
        house.do(undo, candidate_id=row.id, reason="Came back")
    assert used(house.one, house.pool) == 1


def test_a_silent_feed_reclaims_nothing_and_says_so():
    """No use in the window: nobody is selected, deadlines take nothing, the alert opens once, IT hears of it once."""
    house = House(include_no_activity=True)
    account = administrator(house)
    unused, unknown = house.seat(last_used=days(-100)), house.seat()
    assert house.run(NOW)["silent"] == 1
    with house.one.reading():
        assert not RemovalCandidate.objects.exists()
        house.rule.refresh_from_db()
    assert house.rule.feed_silent_since == NOW
    assert [message.to for message in sent(house, NOW)] == [[account.email]]
    house.run(days(1))
    assert sent(house, days(1)) == []
    assert kinds(house.one, "reclamation_rule.") == ["reclamation_rule.created", "reclamation_rule.feed_silent"]
    # The feed is heard: both are asked. It falls silent: the deadline passes and takes nothing.
    house.used_by_somebody(days(2))
    assert house.run(days(2))["asked"] == 2
    assert house.run(days(200)) | {"reminded": 0} == {
        "selected": 0, "cancelled": 0, "silent": 1, "settled": 0, "asked": 0, "reminded": 0,
    }  # fmt: skip
    assert {house.candidate(seat).state for seat in (unused, unknown)} == {"awaiting_user"}
    assert used(house.one, house.pool) == 2
    house.used_by_somebody(days(201))
    assert house.run(days(201))["settled"] == 2


@pytest.mark.requirement("REQ-163")
@pytest.mark.parametrize("who", ["person", "group", "pool"])
def test_the_exempt_are_left_alone(who):
    """By person, by group and by pool, until the exemption ends; what is open is cancelled when it is granted."""
    house = House()
    row = house.asked()
    with house.one.reading():
        person = Person.objects.get(id=row.assignment.person_id)
    with house.one.writing():
        group = identity.group(house.one.organization)
        identity.group_member(group, person)
    subject = {"person": person, "group": group, "pool": house.pool}[who]
    exempt = house.do(grant_exemption, reason="Parental leave", ends_at=days(30), at=days(1), **{who: subject})
    assert (house.candidate().state, house.candidate().outcome) == ("cancelled", "protected")
    with house.one.reading():
        assert preview(house.rule, at=days(2)).counts[Verdict.EXEMPT] == 1
        assert preview(house.rule, at=days(30)).selected == 1
    house.do(end_exemption, exemption_id=exempt.id, at=days(3))
    with house.one.reading():
        assert preview(house.rule, at=days(3)).selected == 1


def test_legal_hold_protects():
    """A person under legal hold loses nothing."""
    house = House()
    house.seat(last_used=days(-100), legal_hold=True)
    house.used_by_somebody()
    with house.one.reading():
        assert preview(house.rule, at=NOW).counts == {Verdict.LEGAL_HOLD: 1}


def test_nobody_reachable_means_a_decision_and_silence_keeps():
    """An outside holder and somebody without an address are not asked; nothing is taken without a decision."""
    house = House(include_no_activity=True)
    house.seat(mail=False)
    with writing(house.one, at=days(-600)) as trail:
        assign(pool=house.pool, external_holder="Contractor 7", reason=REASON, trail=trail)
    house.used_by_somebody()
    assert house.run(NOW)["asked"] == 2
    with house.one.reading():
        assert set(RemovalCandidate.objects.values_list("state", "outcome")) == {("awaiting_approval", "unreachable")}
    house.run(days(7))
    assert used(house.one, house.pool) == 2


def test_an_answer_gives_rest():
    """Kept on day 1: for 90 days the seat is not selected again."""
    house = House()
    row = kept_wanted(house)
    house.do(decide, candidate_id=row.id, keep=True, at=days(1))
    house.used_by_somebody(days(50))
    with house.one.reading():
        assert preview(house.rule, at=days(91) - timedelta(seconds=1)).counts == {Verdict.COOLING_DOWN: 1}
        assert preview(house.rule, at=days(91)).selected == 1


def test_usage_events_tell_by_digest_of_user_name_and_address():
    """Total and busiest day of the window, by the digests that clients' user names become."""
    house = House(kind="total_use", window_days=30, use_limit=Decimal(10))
    much, little = house.seat(user_name="Much@x.org"), house.seat()
    pepper = peppers()[0]
    with house.one.writing():
        license = licensing.license(licensing.license_type(house.pool.product))
        address = PersonEmail.objects.get(person=little.person_id).value
        for name, value in (("much@x.org", 10), (address, 9)):
            digest = subject_digest(kind="user", value=name, pepper=pepper)
            licensing.usage_event(license, subject=digest, value=value, at=days(-3))
    with house.one.reading():
        assert preview(house.rule, at=NOW).counts == {Verdict.IN_USE: 1, Verdict.SELECTED: 1}
    house.do(look, rule_id=house.rule.id)
    row = house.candidate()
    assert (row.assignment_id, row.measured_use, row.use_source) == (little.id, Decimal(9), "usage")
    assert house.candidate(much) is None


def test_savings_are_what_purchases_say():
    """Monthly price of the latest line times twelve: potential while open, actual when taken back."""
    house = House()
    with house.one.writing():
        bought = licensing.purchase(house.one.organization, currency="EUR")
        licensing.purchase_line(
            bought, product=house.pool.product, quantity=20, unit_price=Decimal("12.50"), billing_period="monthly"
        )
    row = house.asked()
    with house.one.reading():
        [money] = savings(since=days(-365))
    assert (money.currency, money.potential, money.actual) == ("EUR", Decimal("150.00"), Decimal())
    house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=False)
    with house.one.reading():
        [money] = savings(since=days(-365))
    assert (money.potential, money.actual) == (Decimal(), Decimal("150.00"))


def test_stopping_a_rule_cancels_what_it_asks():
    """And resuming it lets it look again."""
    house = House()
    row = house.asked()
    house.do(stop_rule, rule_id=house.rule.id, at=days(1))
    assert (house.candidate().state, house.candidate().outcome) == ("cancelled", "rule_stopped")
    assert house.run(days(1))["selected"] == 0
    house.do(resume_rule, rule_id=house.rule.id, at=days(2))
    assert house.run(days(2))["selected"] == 1
    assert house.candidate().id != row.id


def test_a_seat_that_ended_otherwise_is_no_question_any_more():
    """Released by hand in between: cancelled by the next look."""
    house = House()
    row = house.asked()
    house.do(release, assignment=row.assignment, reason="Left the team", at=days(1))
    assert house.run(days(1))["cancelled"] == 1
    assert house.candidate().outcome == "seat_released"


def test_nobody_decides_about_the_own_seat():
    """An administrator who holds the seat is refused; the product's owner decides where the rule says so."""
    house = House(approver="product_owner")
    row = kept_wanted(house)
    account, principal = member(house.one, "it_admin")
    owner_account, owner = member(house.one, "licence_owner")
    _stranger_account, stranger = member(house.one, "licence_owner")
    with house.one.writing():
        Membership.objects.filter(account=account).update(person=row.assignment.person_id)
        ProductOwner.objects.create(
            organization=house.one.organization,
            product=house.pool.product,
            membership=Membership.objects.get(account=owner_account),
            since=NOW,
        )
    for actor in (principal, stranger):
        with pytest.raises(NotYoursToDecide):
            house.do(decide, candidate_id=row.id, keep=True, actor=actor, at=days(2))
    assert house.do(decide, candidate_id=row.id, keep=True, actor=owner, at=days(2)).state == "skipped"


def test_the_manager_decides_where_the_rule_says_so():
    """The account behind the holder's manager, and no other approver."""
    house = House(approver="manager")
    account, boss = member(house.one, "approver")
    _other_account, other = member(house.one, "approver")
    with house.one.writing():
        manager = identity.person(house.one.organization)
        Membership.objects.filter(account=account).update(person=manager)
    row = house.asked(manager=manager)
    row = house.do(answer, candidate_id=row.id, nonce=row.nonce, keep=True)
    assert [message.to for message in sent(house, NOW) if "decision" in message.subject] == [[account.email]]
    with pytest.raises(NotYoursToDecide):
        house.do(decide, candidate_id=row.id, keep=True, actor=other)
    assert house.do(decide, candidate_id=row.id, keep=True, actor=boss).state == "skipped"


def test_changed_terms_stand_in_the_ledger_once():
    """The same terms again change nothing."""
    house = House()
    for _ in range(2):
        house.do(change_rule, rule_id=house.rule.id, terms=RuleTerms(name="Half a year", window_days=180))
    assert kinds(house.one, "reclamation_rule.") == ["reclamation_rule.created", "reclamation_rule.changed"]


def test_a_look_costs_the_same_for_two_seats_and_forty():
    """Selecting, asking and settling make no query per seat."""
    counts = []
    for seats_of_house in (2, 18):
        house = House()
        for _ in range(seats_of_house):
            house.seat(last_used=days(-100))
        house.used_by_somebody()
        house.used_by_somebody(days(14))
        with CaptureQueriesContext(connection) as queries:
            house.do(look, rule_id=house.rule.id)
            house.do(ask)
            house.do(remind, at=days(7))
            house.do(settle, at=days(14))
        counts.append(len(queries))
        assert used(house.one, house.pool) == 0
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("language", "word"), [("de-DE", "Brauchen Sie"), ("en", "Do you still need"), ("fr", "Do you")]
)
def test_notices_speak_the_holders_language(language, word):
    """German and English, text and HTML with the same links; other languages get English."""
    house = House()
    house.asked(preferred_language=language)
    [message] = sent(house, NOW)
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    assert word in message.subject
    assert word in html
    assert all(link.replace("&", "&amp;") in html for link in links(message))


def test_the_outbox_holds_neither_name_nor_link():
    """What rests there are ids; a question that was settled meanwhile is not sent."""
    house = House()
    row = house.asked()
    with house.one.reading():
        payload = OutboxMessage.objects.get(channel="email.seat_notice").payload
    assert set(payload) == {"organization", "candidate", "about"}
    house.do(stop_rule, rule_id=house.rule.id)
    assert [message.subject for message in sent(house, NOW)] == [f"You keep your seat of {house.pool.product.name}"]
    assert house.candidate().id == row.id


@pytest.mark.requirement("REQ-163")
def test_the_link_works_without_a_sign_in_for_that_seat_alone():
    """Looking answers nothing; a POST does, once; then and for any other token the page is over."""
    house = House()
    row = house.asked()
    [warning] = sent(house, NOW)
    keep, back = ("/seat-answer/" + link.split("/seat-answer/")[1] for link in links(warning))
    browser = Client(HTTP_HOST="127.0.0.1")
    for link in (keep, back):
        page = browser.get(link)
        assert (page.status_code, page["Referrer-Policy"], page["Cache-Control"][:7]) == (200, "no-referrer", "max-age")
        assert house.pool.product.name in page.content.decode()
    assert house.candidate().state == "awaiting_user"
    path = back.partition("?")[0]
    assert browser.post(path, {"answer": "nothing"}).status_code == 422
    assert browser.post(path[:-3] + "xy/", {"answer": "give-back"}).status_code == 404
    assert used(house.one, house.pool) == 1
    assert browser.post(path, {"answer": "give-back"}).status_code == 200
    assert (house.candidate().state, used(house.one, house.pool)) == ("completed", 0)
    assert browser.post(path, {"answer": "keep"}).status_code == browser.get(path).status_code == 404
    assert house.candidate().id == row.id
