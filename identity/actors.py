"""The names behind the pseudonyms of the ledger, and its entries as sentences, in the reader's language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.apps import apps
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.models import Event
from audit.queries import history_of
from audit.rules.kinds import KINDS
from identity.models import Membership
from identity.queries.api_clients import client_names
from kernel.principal import Principal, system

DERIVED = 5
"""Version of the UUIDs that name tasks (RFC 9562); pseudonyms of people are random, hence of version 4."""
SHOWN = 8
"""Signs of a pseudonym whose name the reader may not know, or nobody knows any more."""

TASKS: Mapping[str, object] = {
    "access_log": gettext_lazy("log of reads (task)"),
    "access_review": gettext_lazy("reviews of access (task)"),
    "activation": gettext_lazy("activation of a machine (task)"),
    "approvals": gettext_lazy("approvals (task)"),
    "audit_package": gettext_lazy("audit packages (task)"),
    "bootstrap": gettext_lazy("setting up (task)"),
    "demo": gettext_lazy("demo data (task)"),
    "dunning": gettext_lazy("dunning (task)"),
    "heartbeats": gettext_lazy("heartbeats of machines (task)"),
    "import": gettext_lazy("import (task)"),
    "invitation": gettext_lazy("invitations (task)"),
    "key rotation": gettext_lazy("rotation of keys (task)"),
    "keygen": gettext_lazy("Keygen client (task)"),
    "lease": gettext_lazy("floating seat of a client (task)"),
    "leases": gettext_lazy("floating seats (task)"),
    "leavers": gettext_lazy("people who left (task)"),
    "offline": gettext_lazy("offline certificates (task)"),
    "operator": gettext_lazy("whoever runs the installation (command)"),
    "provisioning": gettext_lazy("directory service (provisioning)"),
    "reclamation": gettext_lazy("unused seats (task)"),
    "recount": gettext_lazy("recount of pools (task)"),
    "renewal": gettext_lazy("renewal of licences (task)"),
    "scan": gettext_lazy("compliance scan (task)"),
    "seat_holder": gettext_lazy("holder of a seat (link in an e-mail)"),
    "sign-in": gettext_lazy("sign-in (task)"),
    "signing_keys": gettext_lazy("signing keys (task)"),
    "telemetry": gettext_lazy("batches of validations and usage (task)"),
    "validation": gettext_lazy("validation (task)"),
    "verification": gettext_lazy("verification of the ledger (task)"),
}
"""Every unattended task that acts in its own name; a test finds those that are missing."""

_BY_PSEUDONYM = {str(system(UUID(int=0), task).pseudonym): label for task, label in TASKS.items()}


@dataclass(frozen=True)
class ToldEvent:
    """One entry in words: the sentence of its kind, what sort of row it is about, and who acted."""

    sequence: int
    recorded_at: datetime
    kind: str
    says: str
    about: str
    actor: str


def names_of(pseudonyms: Iterable[str]) -> dict[str, str]:
    """Pseudonym → name, for accounts that work or worked in the open organisation, for its API clients, and for tasks.
    One query, and a second one for those that are no accounts."""
    wanted = set(pseudonyms)
    tasks = {one: str(_BY_PSEUDONYM[one]) for one in wanted & set(_BY_PSEUDONYM)}
    # What is no UUID was altered behind our back; the page that shows the damage must not fail on it.
    people = [one for one in wanted - set(tasks) if _version(one) not in {None, DERIVED}]
    rows = Membership.objects.select_related("account").filter(account__pseudonym__in=people) if people else ()
    named = {**tasks, **{str(row.account.pseudonym): str(row.account) for row in rows}}
    left = set(people) - set(named)
    return {**named, **client_names(left)} if left else named


def actor_label(pseudonym: str, names: Mapping[str, str]) -> str:
    """The name where it is among `names`; else that it was a task, or the beginning of the pseudonym."""
    if pseudonym in names:
        return names[pseudonym]
    if _version(pseudonym) == DERIVED:
        return str(_BY_PSEUDONYM.get(pseudonym, _("a task of the system")))
    return pseudonym[:SHOWN]


def sentence(kind: str) -> str:
    """What an entry of this kind says, translated; the kind itself where it is from a newer release."""
    return _(KINDS[kind]) if kind in KINDS else kind


def subject_name(subject_type: str) -> str:
    """What rows of this model are called; the label of the model where it is from another release."""
    try:
        return str(apps.get_model(subject_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return subject_type


def told(events: Sequence[Event], *, reader: Principal) -> list[ToldEvent]:
    """Entries in words. Names of people only for readers who may see who works here."""
    names = names_of(event.actor for event in events) if reader.may("identity.membership.view") else {}
    return [
        ToldEvent(
            sequence=event.sequence,
            recorded_at=event.recorded_at,
            kind=event.kind,
            says=sentence(event.kind),
            about=subject_name(event.subject_type),
            actor=actor_label(event.actor, names),
        )
        for event in events
    ]


def history(subject_type: str, subject_id: str, reader: Principal, most: int) -> list[ToldEvent]:
    """The latest entries about one row, newest first: two queries, however many they are."""
    return told(list(history_of(subject_type, subject_id)[:most]), reader=reader)


def _version(pseudonym: str) -> int | None:
    try:
        return UUID(pseudonym).version
    except ValueError:
        return None
