"""REST of imports: upload a sheet, read its dry run, commit it."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, parsers, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from jobs.tasks import wake_run
from kernel.rest import Cursor, StrictJSONParser, TenantViewSet, principal_of
from licensing.importing.findings import finding_from
from licensing.importing.money import masked, masked_finding
from licensing.importing.sheets import read_limited
from licensing.models import ImportBatch, ImportRow
from licensing.operations.imports import examine, kind_named
from licensing.work import start_commit

IMPORT = "licensing.import.run"
MONEY = "licensing.money.view"


class ImportBatchSerializer(serializers.ModelSerializer[ImportBatch]):
    class Meta:
        model = ImportBatch
        fields = [
            "id",
            "number",
            "kind",
            "source",
            "mapping",
            "file_name",
            "file_sha256",
            "file_size",
            "state",
            "new",
            "changed",
            "same",
            "errors",
            "warnings",
            "job_run_id",
            "created_at",
            "committed_at",
            "error_code",
            "error",
        ]


class UploadSerializer(serializers.Serializer[Any]):
    """A multipart upload."""

    kind = serializers.CharField(max_length=40)
    file = serializers.FileField()
    source: Any = serializers.CharField(max_length=100, required=False, default="", allow_blank=True)


class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    """One row with its findings in words. Readers without the right to money get no prices."""

    cells = serializers.SerializerMethodField()
    diff = serializers.SerializerMethodField()
    findings = serializers.SerializerMethodField()

    class Meta:
        model = ImportRow
        fields = ["line", "status", "cells", "diff", "findings", "target_type", "target_id", "applied_at"]

    @property
    def _sees_money(self) -> bool:
        reader = principal_of(self.context.get("request"))
        return reader is not None and reader.may(MONEY)

    def get_cells(self, row: ImportRow) -> dict[str, Any]:
        return row.cells if self._sees_money else masked(row.cells)

    def get_diff(self, row: ImportRow) -> dict[str, Any]:
        return row.diff if self._sees_money else masked(row.diff)

    def get_findings(self, row: ImportRow) -> list[dict[str, str]]:
        found = [finding_from(row.line, stored) for stored in row.findings]
        found = found if self._sees_money else [masked_finding(one) for one in found]
        return [{"code": one.code, "column": one.column, "value": one.value, "detail": one.words} for one in found]


class RowCursor(Cursor):
    ordering = "line"


class ImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Imports. POST a file to examine it, read `rows`, then POST to `commit`: a worker writes it."""

    serializer_class = ImportBatchSerializer
    queryset = ImportBatch.objects.all()
    filterset_fields = ["kind", "state"]
    parser_classes = (parsers.MultiPartParser, StrictJSONParser)
    permissions = {"list": IMPORT, "retrieve": IMPORT, "create": IMPORT, "rows": IMPORT, "commit": IMPORT}

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return ImportBatch.objects.all()

    @extend_schema(request={"multipart/form-data": UploadSerializer}, responses={201: ImportBatchSerializer})
    def create(self, request: Request) -> Response:
        given = UploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        self.trail.actor.require(kind_named(wanted["kind"]).needs)
        batch = examine(
            kind_name=wanted["kind"],
            file_name=wanted["file"].name,
            data=read_limited(wanted["file"]),
            source=wanted["source"],
            trail=self.trail,
        )
        return Response(ImportBatchSerializer(batch).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=ImportRowSerializer(many=True))
    @action(detail=True, methods=["get"])
    def rows(self, request: Request, pk: str | None = None) -> Response:
        """The rows in the order of the file; `status` narrows them."""
        rows = ImportRow.objects.filter(batch=self.get_object())
        if request.query_params.get("status"):
            rows = rows.filter(status=request.query_params["status"])
        pages = RowCursor()
        page = pages.paginate_queryset(rows, request, view=self)
        return pages.get_paginated_response(ImportRowSerializer(page, many=True, context={"request": request}).data)

    @extend_schema(request=None, responses={202: ImportBatchSerializer})
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, pk: str | None = None) -> Response:
        """202: a worker commits it; watch `state`. Refused when it was committed before."""
        row = self.get_object()
        self.trail.actor.require(kind_named(row.kind).needs)
        batch = start_commit(batch_id=row.id, trail=self.trail, wake=wake_run)
        return Response(ImportBatchSerializer(batch).data, status=status.HTTP_202_ACCEPTED)


ROUTES = (("imports", ImportViewSet),)
