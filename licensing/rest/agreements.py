"""REST of contracts and their amendments: each write is one operation."""

from dataclasses import fields
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from licensing.models import Agreement, Amendment
from licensing.operations import (
    NewAgreement,
    NewAmendment,
    activate_agreement,
    amend_agreement,
    create_agreement,
    terminate_agreement,
    update_draft,
)
from licensing.operations.agreements import AMENDABLE

RIGHTS = "licensing.entitlement.view"
KEEP = "licensing.entitlement.manage"


class AgreementSerializer(serializers.ModelSerializer[Agreement]):
    notice_deadline = serializers.DateTimeField(read_only=True, allow_null=True)

    class Meta:
        model = Agreement
        fields = [
            "id",
            "number",
            "title",
            "type",
            "state",
            "licensor",
            "licensee",
            "reseller",
            "affiliate_scope",
            "starts_at",
            "ends_at",
            "notice_days",
            "notice_deadline",
            "auto_renew",
            "true_up_on",
            "co_terminates_on",
            "currency",
            "document",
            "document_sha256",
            "amended",
            "terminated_at",
            "created_at",
        ]
        read_only_fields = ["id", "state", "amended", "terminated_at", "created_at"]
        extra_kwargs = {"notice_days": {"min_value": 0, "max_value": 3650}}
        validators: list[Any] = []


class NewAgreementSerializer(AgreementSerializer):
    """`activate` false records a draft, whose terms may still be edited."""

    activate = serializers.BooleanField(default=True, write_only=True)

    class Meta(AgreementSerializer.Meta):
        fields = [*AgreementSerializer.Meta.fields, "activate"]


class AmendedTermsSerializer(serializers.ModelSerializer[Agreement]):
    """The terms that an amendment may change; those that are left out stay."""

    class Meta:
        model = Agreement
        fields = [*AMENDABLE]
        extra_kwargs = {
            **{name: {"required": False} for name in AMENDABLE},
            "notice_days": {"required": False, "min_value": 0, "max_value": 3650},
        }
        validators: list[Any] = []


class NewAmendmentSerializer(serializers.Serializer[Any]):
    effective_at = serializers.DateTimeField()
    changes = AmendedTermsSerializer()
    reason = serializers.CharField(max_length=500)
    document = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class AmendmentSerializer(serializers.ModelSerializer[Amendment]):
    """`changes`: each term with its text before and after."""

    changes = serializers.DictField(child=serializers.ListField(), read_only=True)

    class Meta:
        model = Amendment
        fields = ["id", "agreement", "number", "effective_at", "changes", "reason", "document", "amended_at"]
        read_only_fields = fields


class TerminationSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class AgreementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Contracts. A draft is edited; once in force, dates and money change by amendment only."""

    http_method_names = ["get", "post", "patch", "head", "options"]
    serializer_class = AgreementSerializer
    queryset = Agreement.objects.all()
    filterset_fields = ["number", "state", "licensee"]
    permissions = {
        "list": RIGHTS,
        "retrieve": RIGHTS,
        "create": KEEP,
        "update": KEEP,
        "activate": KEEP,
        "amend": KEEP,
        "terminate": KEEP,
    }

    @extend_schema(request=NewAgreementSerializer, responses={201: AgreementSerializer})
    def create(self, request: Request) -> Response:
        given = NewAgreementSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = dict(given.validated_data)
        activate = wanted.pop("activate")
        row = create_agreement(agreement=NewAgreement(**wanted), activate=activate, trail=self.trail)
        return Response(AgreementSerializer(row).data, status=status.HTTP_201_CREATED)

    def partial_update(self, request: Request, pk: str | None = None) -> Response:
        row: Agreement = self.get_object()
        given = AgreementSerializer(row, data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        kept = {one.name: given.validated_data.get(one.name, getattr(row, one.name)) for one in fields(NewAgreement)}
        changed = update_draft(agreement_id=row.id, agreement=NewAgreement(**kept), trail=self.trail)
        return Response(AgreementSerializer(changed).data)

    @extend_schema(request=None, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str | None = None) -> Response:
        row = activate_agreement(agreement_id=self.get_object().id, trail=self.trail)
        return Response(AgreementSerializer(row).data)

    @extend_schema(request=NewAmendmentSerializer, responses={201: AmendmentSerializer})
    @action(detail=True, methods=["post"])
    def amend(self, request: Request, pk: str | None = None) -> Response:
        agreement_id = self.get_object().id
        given = NewAmendmentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = amend_agreement(
            agreement_id=agreement_id, amendment=NewAmendment(**given.validated_data), trail=self.trail
        )
        return Response(AmendmentSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=TerminationSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def terminate(self, request: Request, pk: str | None = None) -> Response:
        agreement_id = self.get_object().id
        given = TerminationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = terminate_agreement(agreement_id=agreement_id, reason=given.validated_data["reason"], trail=self.trail)
        return Response(AgreementSerializer(row).data)


class AmendmentViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Amendments by agreement. They are made at `agreements/{id}/amend` and never changed."""

    serializer_class = AmendmentSerializer
    queryset = Amendment.objects.all()
    filterset_fields = ["agreement", "number"]
    permissions = {"list": RIGHTS, "retrieve": RIGHTS}


ROUTES = (("agreements", AgreementViewSet), ("amendments", AmendmentViewSet))
