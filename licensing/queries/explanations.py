"""Why a validation of a licence says what it says, with the rows in which the facts are kept."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.errors import InvalidInput, NotFound
from licensing.models import Activation
from licensing.queries.activations import activation_of
from licensing.queries.carried import carried_by
from licensing.queries.leases import with_lease
from licensing.queries.license_facts import KeyedLicense, facts_of, license_asked_about, release_of, with_counts
from licensing.questions import WhyQuestion
from licensing.rules.explanation import Explanation, Source, explained
from licensing.rules.what_if import ACTIVATIONS, USERS, UnknownAmount


def explanation_of(*, license_id: UUID, question: WhyQuestion, now: datetime) -> Explanation:
    """The explanation, at the question's moment or `now`, of a licence of the open organisation; nothing is written.

    Asked about a licence and not with a key, it says nothing about keys. Raises NotFound, and InvalidInput where an
    amount is supposed that the licence does not count.
    """
    row: Any = license_asked_about(license_id=license_id, version=question.scope.version)
    if row is None:
        raise NotFound(_("There is no such row in your organisation."), pointer="/id")
    machine = activation_of(license_id=row.id, fingerprints=question.scope.fingerprints or ())
    at = question.at or now
    facts = facts_of(row, release=release_of(row), carried=carried_by(row, at=at))
    known = with_lease(KeyedLicense(row.id, facts), lease=question.scope.lease, at=at)
    try:
        return explained(
            with_counts(known.facts, row, row, machine=machine),
            question.scope,
            at,
            what_if=question.what_if,
            sources=_sources(row, machine),
        )
    except UnknownAmount as error:
        where = "limits" if error.code in question.what_if.limits else "used"
        raise InvalidInput(
            _("The licence counts nothing with this code."), pointer=f"/what_if/{where}/{error.code}"
        ) from error


def _sources(row: Any, machine: Activation | None) -> dict[str, Source]:
    """The row of each fact that a finding may name. What the licence does not say itself, its type says."""
    license, kind = Source("license", str(row.id)), Source("license_type", str(row.license_type_id))
    own = {
        "country": row.territories is not None,
        "version": bool(row.version_range),
        "domain": row.domains is not None,
        "department": row.departments is not None,
        "expires_at": row.expires_at is not None,
        "activations": ACTIVATIONS in row.limits,
        "user_seats": USERS in row.limits,
    }
    of_license = dict.fromkeys(("status", "valid_from", "paused_at", "features"), license)
    named = {name: license if says else kind for name, says in own.items()}
    found = {
        **of_license,
        **named,
        "virtual_machine": kind,
        "party_barred_at": Source("party", str(row.licensee_id)),
        "product": Source("product", str(row.product_id)),
    }
    if machine is not None:
        found |= dict.fromkeys(("activation", "components", "last_ping_at"), Source("activation", str(machine.id)))
    if row.release_id is not None:
        found |= dict.fromkeys(("released_at", "release_yanked_at"), Source("release", str(row.release_id)))
    return found
