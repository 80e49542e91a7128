"""Reclamation rules: made, changed, stopped and resumed."""

from dataclasses import asdict, dataclass, fields
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput, JsonValue, NotFound
from kernel.trail import Trail
from licensing.models import Product
from seats.models import ReclamationApprover, ReclamationKind, ReclamationRule, RemovalCandidate, SeatPool
from seats.operations.reclaiming import cancel
from seats.rules.candidates import Happening

MOST_DAYS = 3_650
MOST_REMINDERS = 5


class ReclamationRuleNotFound(NotFound):
    """There is no such reclamation rule in this organisation."""

    code = "RECLAMATION_RULE_NOT_FOUND"


class ReclamationRuleExists(Conflict):
    """Another reclamation rule has this name."""

    code = "RECLAMATION_RULE_EXISTS"


class ReclamationRuleInvalid(InvalidInput):
    """The terms of a rule contradict each other or lie beyond what is possible; the pointer says which one."""

    code = "RECLAMATION_RULE_INVALID"


@dataclass(frozen=True, kw_only=True)
class RuleTerms:
    """What a rule demands; days are whole. `use_limit` belongs to the kinds that measure use, in the feed's unit."""

    name: str
    kind: str = ReclamationKind.LAST_USED
    window_days: int = 90
    use_limit: Decimal | None = None
    include_no_activity: bool = False
    minimum_age_days: int = 60
    notice_days: int = 14
    reminders: int = 1
    approver: str = ReclamationApprover.ADMINISTRATOR
    decision_days: int = 7
    cool_down_days: int = 90


TERMS = tuple(field.name for field in fields(RuleTerms))
LEAST = {"window_days": 1, "notice_days": 1, "decision_days": 1, "minimum_age_days": 0, "cool_down_days": 0}


def create_rule(
    *, terms: RuleTerms, trail: Trail, pool: SeatPool | None = None, product: Product | None = None
) -> ReclamationRule:
    """Makes a rule for one pool or for every pool of one product; it works from the next look on.

    Raises ReclamationRuleInvalid and ReclamationRuleExists.
    """
    if (pool is None) == (product is None):
        raise ReclamationRuleInvalid(_("A rule is about one pool or one product."), pointer="/pool")
    _check(terms)
    row = ReclamationRule(
        organization_id=trail.organization_id,
        pool=pool,
        product=product,
        created_at=trail.clock.now(),
        created_by=str(trail.actor.pseudonym),
        **asdict(terms),
    )
    _store(row, force_insert=True)
    target: dict[str, JsonValue] = {"pool": _text(row.pool_id), "product": _text(row.product_id)}
    trail.record("reclamation_rule.created", subject=row, details={**target, **_described(row)})
    return row


def change_rule(*, rule_id: UUID, terms: RuleTerms, trail: Trail) -> ReclamationRule:
    """Other terms for what is selected and asked from now on; deadlines that run stay. The same again changes nothing.

    Raises ReclamationRuleNotFound, ReclamationRuleInvalid and ReclamationRuleExists.
    """
    _check(terms)
    row = _locked(rule_id)
    before = _described(row)
    for name, value in asdict(terms).items():
        setattr(row, name, value)
    after = _described(row)
    if before != after:
        _store(row, update_fields=list(TERMS))
        trail.record("reclamation_rule.changed", subject=row, details={"before": before, "after": after})
    return row


def stop_rule(*, rule_id: UUID, trail: Trail) -> ReclamationRule:
    """The rule selects nobody any more, and what it had asked back and is open is cancelled. Raises
    ReclamationRuleNotFound."""
    row = _locked(rule_id)
    if not row.is_active:
        return row
    row.stopped_at, row.feed_silent_since = trail.clock.now(), None
    row.save(update_fields=["stopped_at", "feed_silent_since"])
    mine = list(RemovalCandidate.objects.pending().filter(rule=row).values_list("id", flat=True))
    cancelled = cancel(candidate_ids=mine, event=Happening.RULE_STOPPED, trail=trail)
    trail.record("reclamation_rule.stopped", subject=row, details={"cancelled": cancelled})
    return row


def resume_rule(*, rule_id: UUID, trail: Trail) -> ReclamationRule:
    """The rule works again from the next look on. Raises ReclamationRuleNotFound."""
    row = _locked(rule_id)
    if not row.is_active:
        row.stopped_at = None
        row.save(update_fields=["stopped_at"])
        trail.record("reclamation_rule.resumed", subject=row)
    return row


def _locked(rule_id: UUID) -> ReclamationRule:
    row = ReclamationRule.objects.select_for_update(no_key=True).filter(id=rule_id).first()
    if row is None:
        raise ReclamationRuleNotFound(_("There is no such reclamation rule in your organisation."))
    return row


def _check(terms: RuleTerms) -> None:
    if not terms.name.strip():
        raise ReclamationRuleInvalid(_("A rule has a name."), pointer="/name")
    if terms.kind not in ReclamationKind.values:
        raise ReclamationRuleInvalid(_("There is no such kind of rule."), pointer="/kind")
    if terms.approver not in ReclamationApprover.values:
        raise ReclamationRuleInvalid(_("Nobody decides by this name."), pointer="/approver")
    for name, least in LEAST.items():
        if not least <= getattr(terms, name) <= MOST_DAYS:
            raise ReclamationRuleInvalid(
                _("Give a number of days from %(least)d to %(most)d.") % {"least": least, "most": MOST_DAYS},
                pointer=f"/{name}",
            )
    if not 0 <= terms.reminders <= MOST_REMINDERS:
        raise ReclamationRuleInvalid(_("There are 0 to 5 reminders."), pointer="/reminders")
    if (terms.use_limit is None) != (terms.kind == ReclamationKind.LAST_USED):
        raise ReclamationRuleInvalid(
            _("A limit of use belongs to rules that measure use, and only to these."), pointer="/use_limit"
        )
    if terms.use_limit is not None and terms.use_limit <= 0:
        raise ReclamationRuleInvalid(_("A limit of use is more than 0."), pointer="/use_limit")


def _store(row: ReclamationRule, **how: Any) -> None:
    try:
        with transaction.atomic():
            row.save(**how)
    except IntegrityError as error:
        raise ReclamationRuleExists(_("Another reclamation rule has this name."), pointer="/name") from error


def _described(row: ReclamationRule) -> dict[str, JsonValue]:
    said: dict[str, JsonValue] = {name: getattr(row, name) for name in TERMS if name != "use_limit"}
    return {**said, "use_limit": None if row.use_limit is None else str(row.use_limit.normalize())}


def _text(key: UUID | None) -> JsonValue:
    return None if key is None else str(key)
