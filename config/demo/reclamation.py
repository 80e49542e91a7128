"""What Halden Energy does about seats that nobody uses: lists of last use, a rule with its questions and answers, and a
second rule whose product nobody reports about."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID
from zlib import crc32

from identity.models import Person
from kernel.trail import Trail
from licensing.importing.last_uses import LastUseRow
from licensing.importing.rows import ParsedRow
from licensing.ports import ImportContext
from licensing.usage.operations.import_last_uses import LastUseImport
from seats.models import Assignment, CandidateState, ReclamationRule, RemovalCandidate, SeatPool
from seats.operations import RuleTerms, answer, ask, create_rule, decide, grant_exemption, look, remind, settle, undo

SOURCE = "sign-in log"
Plan = Callable[[float, Callable[[Trail], None]], None]


class Reclamation:
    """The steps about one pool, and about another one that no list names."""

    def __init__(self, pool: Callable[[], SeatPool], silent: Callable[[], SeatPool]) -> None:
        self.pool = pool
        self.silent = silent
        self.rules: dict[str, UUID] = {}

    def plan(self, on: Plan) -> None:
        on(61, self._first_list)
        on(45, self._make_rule)
        on(44.9, self._exempt)
        on(44, self._look_and_ask)
        on(40, self._first_answers)
        on(38, self._decide)
        on(37, lambda trail: _drop(remind(trail=trail)))
        on(30, lambda trail: _drop(settle(trail=trail)))
        on(27, self._undo)
        on(7, self._second_list)
        on(6, self._make_silent_rule)
        on(5, self._look_and_ask)
        on(3, self._second_answer)
        on(2, self._used_again)
        on(1.5, self._look)

    def _seats(self) -> list[Assignment]:
        rows = Assignment.objects.live().filter(pool=self.pool(), person__active=True)
        return list(rows.select_related("person").order_by("since", "id"))

    def _first_list(self, trail: Trail) -> None:
        """Every eighth person did not sign in for 90 days; some others have begun to stay away."""
        ages = {0: 90, 8: 90, 1: 40, 9: 40, 2: 32}
        told = [(row, ages.get(_lot(row), _lot(row) % 5)) for row in self._seats()]
        self._told(trail, told)

    def _second_list(self, trail: Trail) -> None:
        """Who has begun to stay away does not stand in it; some are away for 90 days now, others in a few days."""
        told = [(row, _lot(row) % 3) for row in self._seats() if _lot(row) not in {1, 9, 2}]
        self._told(trail, told)

    def _used_again(self, trail: Trail) -> None:
        for row in _waiting(CandidateState.AWAITING_USER)[-1:]:
            self._told(trail, [(row.assignment, 0)])

    def _told(self, trail: Trail, seats: Sequence[tuple[Assignment, float]]) -> None:
        """Takes in a list: who last signed in so many days before it was made."""
        now, product = trail.clock.now(), self.pool().product
        rows = [
            ParsedRow(number, _row(product.publisher.name, product.name, seat.person, now - timedelta(days=days)), ())
            for number, (seat, days) in enumerate(seats, start=2)
            if seat.person is not None
        ]
        kind = LastUseImport()
        context = ImportContext(organization_id=trail.organization_id, source=SOURCE, at=now, actor=trail.actor)
        kind.apply(list(kind.plan(rows, context)), context=context, trail=trail)

    def _make_rule(self, trail: Trail) -> None:
        terms = RuleTerms(name="Not signed in for 90 days", window_days=90, notice_days=14)
        self.rules["heard"] = create_rule(pool=self.pool(), terms=terms, trail=trail).id

    def _make_silent_rule(self, trail: Trail) -> None:
        pool = self.silent()
        terms = RuleTerms(name=f"{pool.product.name}: not used for 60 days", window_days=60, include_no_activity=True)
        row: ReclamationRule = create_rule(pool=pool, terms=terms, trail=trail)
        look(rule_id=row.id, trail=trail)

    def _exempt(self, trail: Trail) -> None:
        seat = self._seats()[0]
        grant_exemption(person=seat.person, reason="Parental leave until the summer", trail=trail)

    def _look(self, trail: Trail) -> None:
        look(rule_id=self.rules["heard"], trail=trail)

    def _look_and_ask(self, trail: Trail) -> None:
        self._look(trail)
        ask(trail=trail)

    def _first_answers(self, trail: Trail) -> None:
        """One gives back, two want to keep."""
        for row, keep, reason in zip(
            _waiting(CandidateState.AWAITING_USER),
            (False, True, True),
            ("", "I close the books with it each quarter.", "Perhaps for a project next year."),
            strict=False,
        ):
            answer(candidate_id=row.id, nonce=row.nonce, keep=keep, reason=reason, trail=trail)

    def _decide(self, trail: Trail) -> None:
        """The first may keep it, the second may not."""
        for row, keep in zip(_waiting(CandidateState.AWAITING_APPROVAL), (True, False), strict=False):
            reason = "" if keep else "A seat is given again when the project begins."
            decide(candidate_id=row.id, keep=keep, reason=reason, trail=trail)

    def _undo(self, trail: Trail) -> None:
        for row in _waiting(CandidateState.COMPLETED)[-1:]:
            undo(candidate_id=row.id, reason="Was on sick leave", trail=trail)

    def _second_answer(self, trail: Trail) -> None:
        for row in _waiting(CandidateState.AWAITING_USER)[:1]:
            reason = "The annual report is due next month."
            answer(candidate_id=row.id, nonce=row.nonce, keep=True, reason=reason, trail=trail)


def _waiting(state: CandidateState) -> list[RemovalCandidate]:
    rows = RemovalCandidate.objects.filter(state=state).select_related("assignment__person")
    return list(rows.order_by("selected_at", "id"))


def _lot(seat: Assignment) -> int:
    """0 to 15, for each holder always the same."""
    return crc32(str(seat.person and seat.person.user_name).encode()) % 16


def _row(publisher: str, product: str, person: Person, at: datetime) -> LastUseRow:
    return LastUseRow(publisher, product, person.user_name, None, None, None, None, at, None)


def _drop(_count: int) -> None:
    """A step returns nothing."""
