"""What one package is about, as the functions of the sections need it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from reporting.packages.formatting import Formatter
from reporting.packages.snapshot import Scope


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The period from `start` up to, not at, `end`; `at` is the moment whose state is told, `zone` says what a day is.

    `scope_id` is the publisher or product that the package is limited to; None for the whole organisation. `form`
    writes days and numbers in the language of the package.
    """

    organization_id: UUID
    start: datetime
    end: datetime
    at: datetime
    zone: ZoneInfo
    scope: Scope
    scope_id: UUID | None
    form: Formatter

    def within(self, product: str) -> Q:
        """The filter of the scope, on rows that reach their product by this path ("pool__product")."""
        if self.scope is Scope.PRODUCT:
            return Q(**{f"{product}_id": self.scope_id})
        if self.scope is Scope.PUBLISHER:
            return Q(**{f"{product}__publisher_id": self.scope_id})
        return Q()

    def day(self, moment: datetime | None) -> date | None:
        """The calendar day of the organisation on which a moment lies."""
        return None if moment is None else moment.astimezone(self.zone).date()
