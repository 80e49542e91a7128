"""REST of the ledger: a pull interface with (organisation, sequence) as the only cursor."""

import json
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit.models import AccessEvent, Checkpoint, Event
from audit.queries import events
from audit.rules.money import MONEY, without_money
from kernel.errors import InvalidInput
from kernel.rest import Cursor, TenantView, TenantViewSet, principal_of

MOST = 200
DEFAULT = 50


class EventSerializer(serializers.ModelSerializer[Event]):
    """One entry with its body parsed and its hashes in hex. Readers without the right to money get no amounts."""

    body = serializers.SerializerMethodField()
    leaf_hash = serializers.SerializerMethodField()
    chain_hash = serializers.SerializerMethodField()

    class Meta:
        model = Event
        fields = [
            "sequence",
            "occurred_at",
            "recorded_at",
            "kind",
            "actor",
            "subject_type",
            "subject_id",
            "request_id",
            "body",
            "leaf_hash",
            "chain_hash",
        ]

    def get_body(self, row: Event) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(row.body)
        return parsed if self.context.get("sees_money") else without_money(parsed)

    def get_leaf_hash(self, row: Event) -> str:
        return bytes(row.leaf_hash).hex()

    def get_chain_hash(self, row: Event) -> str:
        return bytes(row.chain_hash).hex()


class EventList(TenantView):
    """`GET audit/events?after=<sequence>&limit=<n>&kind=&subject_id=`: entries after a sequence, in order."""

    permissions = {"get": "audit.ledger.view"}
    serializer_class = EventSerializer

    def get(self, request: Request) -> Response:
        after, limit = _whole(request, "after", 0), min(_whole(request, "limit", DEFAULT), MOST)
        rows = events().filter(sequence__gt=after)
        for name in ("kind", "subject_id"):
            if request.query_params.get(name):
                rows = rows.filter(**{name: request.query_params[name]})
        page = list(rows[: limit + 1])
        more = len(page) > limit
        shown = page[:limit]
        reader = principal_of(request)
        context = {"sees_money": reader is not None and reader.may(MONEY)}
        return Response(
            {
                "results": EventSerializer(shown, many=True, context=context).data,
                "next_after": shown[-1].sequence if shown else after,
                "more": more,
            }
        )


def _whole(request: Request, name: str, default: int) -> int:
    value = request.query_params.get(name, str(default))
    if not value.isdecimal() or len(value) > 18:
        raise InvalidInput(
            _("%(name)s: a whole number is needed, not “%(value)s”.") % {"name": name, "value": value[:40]},
            pointer=f"/query/{name}",
        )
    return int(value)


class CheckpointSerializer(serializers.ModelSerializer[Checkpoint]):
    class Meta:
        model = Checkpoint
        fields = ["id", "size", "note", "signed_at"]


class CheckpointCursor(Cursor):
    ordering = "-size"


class CheckpointViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Signed checkpoints, newest first."""

    serializer_class = CheckpointSerializer
    queryset: QuerySet[Checkpoint] = Checkpoint.objects.all()
    pagination_class = CheckpointCursor
    permissions = {"list": "audit.ledger.view", "retrieve": "audit.ledger.view"}


class AccessEventSerializer(serializers.ModelSerializer[AccessEvent]):
    """Somebody read personal data: `actor` is a pseudonym, `count` how many records stood on the page or file."""

    class Meta:
        model = AccessEvent
        fields = ["id", "at", "actor", "subject_type", "subject_id", "purpose", "count"]


class AccessEventViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Reads of personal data, newest first."""

    serializer_class = AccessEventSerializer
    queryset: QuerySet[AccessEvent] = AccessEvent.objects.all()
    filterset_fields = ["actor", "subject_id", "purpose"]
    permissions = {"list": "audit.access_event.view", "retrieve": "audit.access_event.view"}


ROUTES = (("audit/checkpoints", CheckpointViewSet), ("audit/access-events", AccessEventViewSet))
