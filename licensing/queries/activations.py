"""Which machines a licence is activated on."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, F, IntegerField, JSONField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from licensing.models import Activation, EndReason, License
from licensing.rules.activating import EndedPlace
from licensing.rules.what_if import USERS

NO_LICENSE = UUID(int=0)
MOST_SHOWN = 100


def number_of_live(license: OuterRef) -> Coalesce:
    """The number of live activations of the licence of an outer query."""
    live = Activation.objects.live().filter(license=license).order_by().values("license")
    return Coalesce(Subquery(live.annotate(number=Count("id")).values("number")), 0, output_field=IntegerField())


class Listed(Subquery):
    """The values of a subquery of one column as a list, in one value: a row may carry it without a query of its own."""

    def __init__(self, queryset: Any) -> None:
        super().__init__(queryset, output_field=JSONField())

    def as_sqlite(self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="(SELECT json_group_array(listed) FROM (%(subquery)s))", **extra
        )

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="to_jsonb(ARRAY(%(subquery)s))", **extra)


def users_of_live(license: OuterRef) -> Listed:
    """The digests of the users whom live activations of the licence of an outer query name, each once. None are read
    where the licence does not limit them: there may be very many."""
    limited = Q(license__limits__has_key=USERS) | Q(license__license_type__limits__has_key=USERS)
    named = Activation.objects.live().exclude(user="").filter(limited, license=license)
    return Listed(named.order_by().annotate(listed=F("user")).values("listed").distinct())


def activation_of(*, license_id: UUID | None, fingerprints: Collection[str]) -> Activation | None:
    """The live activation of a licence on the machine with one of these digests. Asks the database as well when there
    is no licence, so that unknown keys take as long; asks nothing when no machine is named."""
    if not fingerprints:
        return None
    live = Activation.objects.live().filter(license_id=license_id or NO_LICENSE)
    return live.filter(fingerprint__in=list(fingerprints)).order_by("first_seen_at").first()


def activation_within(*, scope_key: str, fingerprints: Collection[str]) -> Activation | None:
    """The live activation of the machine within a scope of uniqueness, with its licence."""
    live = Activation.objects.live().filter(scope_key=scope_key, fingerprint__in=list(fingerprints))
    return live.select_related("license").order_by("first_seen_at").first()


def places_given_up(*, license_id: UUID, since: datetime, fingerprints: Collection[str]) -> list[EndedPlace]:
    """The places of a licence that nobody has taken over: those that clients gave back since then, and those that this
    very machine had, however they ended."""
    ended = Activation.objects.ended().filter(license_id=license_id, released_at__gte=since, successors__isnull=True)
    rows = ended.filter(Q(end_reason=EndReason.DEACTIVATED) | Q(fingerprint__in=list(fingerprints)))
    columns = rows.values_list("id", "fingerprint", "released_at")
    return [
        EndedPlace(id=key, fingerprint=machine, ended_at=ended_at) for key, machine, ended_at in columns if ended_at
    ]


def transfers_since(*, license_id: UUID, since: datetime) -> int:
    """How often the licence was moved to another machine."""
    return Activation.objects.filter(license_id=license_id, is_transfer=True, first_seen_at__gte=since).count()


def number_of(license: License) -> int:
    """How many machines hold a place of the licence now."""
    return Activation.objects.live().filter(license=license).count()


def latest_activations(license: License) -> list[Activation]:
    """The machines of a licence, those that hold a place first, each newest first; at most MOST_SHOWN."""
    live = list(Activation.objects.live().filter(license=license).order_by("-first_seen_at")[:MOST_SHOWN])
    ended = Activation.objects.ended().filter(license=license).order_by("-released_at")
    return [*live, *ended[: MOST_SHOWN - len(live)]]


def licenses_with_lost(*, at: datetime, most: int) -> list[UUID]:
    """The licences that have activations beyond coming back; at most so many."""
    lost = Activation.objects.live().filter(lost_at__lte=at)
    return list(lost.order_by("license").values_list("license", flat=True).distinct()[:most])
