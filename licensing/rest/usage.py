"""REST of usage: clients with an account or token send batches, people read the sums of days."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from licensing.models import UsageDaily
from licensing.usage.operations import MOST_EVENTS, NewUsage, RowStatus, record_usage

VIEW = "licensing.license.view"
RECORD = "licensing.usage.record"


class UsageDailySerializer(serializers.ModelSerializer[UsageDaily]):
    class Meta:
        model = UsageDaily
        fields = ["id", "license", "feature", "day", "value", "events", "summed_at"]
        read_only_fields = fields


class NewUsageSerializer(serializers.Serializer[Any]):
    """One event; `key` is the client's own name for it, by which it counts once."""

    key = serializers.CharField(max_length=200)
    license = serializers.UUIDField()
    feature = serializers.CharField(max_length=64)
    value = serializers.DecimalField(max_digits=20, decimal_places=6)
    at = serializers.DateTimeField()
    subject = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class UsageBatchSerializer(serializers.Serializer[Any]):
    """At most 1,000 events of one source."""

    source = serializers.CharField(max_length=200)  # type: ignore[assignment]  # a field, which DRF takes off the class
    events = serializers.ListField(child=NewUsageSerializer(), max_length=MOST_EVENTS)


class RowResultSerializer(serializers.Serializer[Any]):
    """What became of one event; `code` says why it is refused."""

    key = serializers.CharField()
    status = serializers.ChoiceField(choices=[one.value for one in RowStatus])
    code = serializers.CharField()


class BatchResultSerializer(serializers.Serializer[Any]):
    """The events in the order of the batch."""

    results = RowResultSerializer(many=True)


class UsageViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Sums of days, newest first. POST takes a batch of events in: each counts once, however often it is sent."""

    serializer_class = UsageDailySerializer
    queryset = UsageDaily.objects.all()
    filterset_fields = {"license": ["exact"], "feature": ["exact"], "day": ["exact", "gte", "lt"]}
    permissions = {"list": VIEW, "retrieve": VIEW, "create": RECORD}

    @extend_schema(request=UsageBatchSerializer, responses=BatchResultSerializer)
    def create(self, request: Request) -> Response:
        given = UsageBatchSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        events = [NewUsage(license_id=one.pop("license"), **one) for one in given.validated_data["events"]]
        results = record_usage(source=given.validated_data["source"], events=events, trail=self.trail)
        return Response(BatchResultSerializer({"results": results}).data)


ROUTES = (("usage", UsageViewSet),)
