"""What people are called in a package: by role or pseudonym, never by name, since the package leaves the house."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from identity.models import Membership
from identity.wording import role_name

SHOWN = 8
DERIVED = 5
"""The UUID version of the pseudonyms of tasks (kernel.principal.system); those of people are drawn."""


@dataclass(frozen=True)
class Colleagues:
    """Roles of all who work or worked here, by account and by pseudonym."""

    by_account: dict[UUID, str]
    by_pseudonym: dict[str, str]

    def actor(self, pseudonym: str) -> str:
        """Who wrote an entry of the ledger: a role, a task of the system, or the beginning of a pseudonym."""
        if role := self.by_pseudonym.get(pseudonym):
            return role
        if is_task(pseudonym):
            return _("Automatic task")
        return person(pseudonym)


def colleagues() -> Colleagues:
    """One query."""
    rows = list(Membership.objects.select_related("account").order_by("started_at"))
    return Colleagues(
        by_account={row.account_id: role_names(row.roles) for row in rows},
        by_pseudonym={str(row.account.pseudonym): role_names(row.roles) for row in rows},
    )


def role_names(codes: Iterable[str], *, language: str | None = None) -> str:
    """Roles as one text, in a language or the active one; empty for none."""
    with override(language or get_language()):
        return ", ".join(role_name(code) for code in sorted(codes))


def person(pseudonym: str) -> str:
    """A holder of a seat. The entry of the ledger has the whole pseudonym."""
    return _("Person %(id)s") % {"id": pseudonym[:SHOWN]}


def is_task(pseudonym: str) -> bool:
    try:
        return UUID(pseudonym).version == DERIVED
    except ValueError:
        return False
