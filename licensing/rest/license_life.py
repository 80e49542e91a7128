"""REST of a licence's life: each action is one step with a reason; revoking and handing on ask a second person."""

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from kernel.rest import TenantViewSet
from licensing.models import License, LicenseRenewal
from licensing.operations import (
    activate_license,
    cancel_license,
    change_quantity,
    confirm_renewal,
    convert_trial,
    keep_license,
    mark_past_due,
    pause_license,
    quote_of,
    record_renewal,
    reinstate_license,
    renew_license,
    resume_license,
    settle_payment,
    suspend_license,
    withdraw_renewal,
)
from licensing.ports import bindings
from licensing.rest.license_shapes import (
    ChangeQuantitySerializer,
    LicenseSerializer,
    PastDueSerializer,
    QuantitySerializer,
    QuoteSerializer,
    RenewalSerializer,
    RenewLicenseSerializer,
    RequestedChangeSerializer,
    StatedReasonSerializer,
    TransferSerializer,
    stated_reason,
)

VIEW = "licensing.license.view"
ISSUE = "licensing.license.issue"
SUSPEND = "licensing.license.suspend"
MONEY = "licensing.money.view"


class LifeActions(TenantViewSet):
    """The steps of a licence, each at an address of its own."""

    steps: ClassVar[dict[str, str]] = {
        "activate": ISSUE,
        "suspend": SUSPEND,
        "reinstate": SUSPEND,
        "pause": SUSPEND,
        "resume": SUSPEND,
        "cancel": SUSPEND,
        "keep": SUSPEND,
        "renew": ISSUE,
        "convert": ISSUE,
        "quote": ISSUE,
        "quantity": ISSUE,
        "past_due": SUSPEND,
        "settle": SUSPEND,
        "revoke": SUSPEND,
        "transfer": ISSUE,
    }

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, pk: str | None = None) -> Response:
        """Puts a draft in force."""
        return self._step(activate_license, request)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def suspend(self, request: Request, pk: str | None = None) -> Response:
        return self._step(suspend_license, request)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def reinstate(self, request: Request, pk: str | None = None) -> Response:
        return self._step(reinstate_license, request)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def pause(self, request: Request, pk: str | None = None) -> Response:
        """Stops the clock of the licence."""
        return self._step(pause_license, request)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: str | None = None) -> Response:
        """Ends a pause; the ends move by its length."""
        return self._step(resume_license, request)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        """Asks for the end with the term."""
        return self._step(cancel_license, request)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def keep(self, request: Request, pk: str | None = None) -> Response:
        """Takes a cancellation back before its moment."""
        return self._step(keep_license, request)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def convert(self, request: Request, pk: str | None = None) -> Response:
        """Makes a trial the paid licence that its type names."""
        return self._step(convert_trial, request)

    @extend_schema(request=StatedReasonSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def settle(self, request: Request, pk: str | None = None) -> Response:
        """Ends the dunning."""
        return self._step(settle_payment, request)

    @extend_schema(request=PastDueSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"], url_path="past-due")
    def past_due(self, request: Request, pk: str | None = None) -> Response:
        """Begins the stages of dunning."""
        given = PastDueSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = mark_past_due(license_id=self.get_object().id, **given.validated_data, trail=self.trail)
        return Response(LicenseSerializer(row).data)

    @extend_schema(request=RenewLicenseSerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def renew(self, request: Request, pk: str | None = None) -> Response:
        """Adds the next term, or records it until it is confirmed at `license-renewals/{id}/confirm`."""
        given = RenewLicenseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        license, reason = self.get_object(), given.validated_data["reason"]
        if given.validated_data["confirmed"]:
            row = renew_license(license_id=license.id, reason=reason, trail=self.trail)
        else:
            row = record_renewal(license_id=license.id, reason=reason, trail=self.trail).license
        return Response(LicenseSerializer(row).data)

    @extend_schema(request=QuantitySerializer, responses=QuoteSerializer)
    @action(detail=True, methods=["post"])
    def quote(self, request: Request, pk: str | None = None) -> Response:
        """What another number of units would cost until the term ends; nothing is changed."""
        self.trail.actor.require(MONEY)
        given = QuantitySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = License.objects.select_related("license_type").get(id=self.get_object().id)
        quote = quote_of(license=row, quantity=given.validated_data["quantity"], at=self.trail.clock.now())
        body = {
            "units": quote.units,
            "amount": quote.charge.amount if quote.charge else None,
            "currency": quote.currency,
            "until": quote.until,
            "lines": quote.charge.lines if quote.charge else (),
        }
        return Response(QuoteSerializer(body).data)

    @extend_schema(request=ChangeQuantitySerializer, responses=LicenseSerializer)
    @action(detail=True, methods=["post"])
    def quantity(self, request: Request, pk: str | None = None) -> Response:
        """More or fewer units at the price that was quoted and is confirmed."""
        given = ChangeQuantitySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        row = change_quantity(license_id=self.get_object().id, **given.validated_data, trail=self.trail)
        return Response(LicenseSerializer(row).data)

    @extend_schema(request=StatedReasonSerializer, responses={202: RequestedChangeSerializer})
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str | None = None) -> Response:
        """Asks for the licence to be revoked; a second person decides."""
        asked = bindings.ask_to_revoke(license=self.get_object(), reason=stated_reason(request), trail=self.trail)
        return Response(RequestedChangeSerializer(asked).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(request=TransferSerializer, responses={202: RequestedChangeSerializer})
    @action(detail=True, methods=["post"])
    def transfer(self, request: Request, pk: str | None = None) -> Response:
        """Asks for the licence to pass to another customer; a second person decides."""
        given = TransferSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        asked = bindings.ask_to_transfer(
            license=self.get_object(),
            licensee_id=given.validated_data["licensee"],
            reason=given.validated_data["reason"],
            trail=self.trail,
        )
        return Response(RequestedChangeSerializer(asked).data, status=status.HTTP_202_ACCEPTED)

    def _step(self, operation: Callable[..., License], request: Request) -> Response:
        row = operation(license_id=self.get_object().id, reason=stated_reason(request), trail=self.trail)
        return Response(LicenseSerializer(row).data)


class RenewalViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, TenantViewSet):
    """Renewals. They are made at `licenses/{id}/renew`; a recorded one is confirmed or withdrawn here."""

    serializer_class = RenewalSerializer
    queryset = LicenseRenewal.objects.all()
    filterset_fields: ClassVar[Any] = {
        "license": ["exact"], "confirmed_at": ["isnull"], "withdrawn_at": ["isnull"],
    }  # fmt: skip
    permissions = {"list": VIEW, "retrieve": VIEW, "confirm": ISSUE, "withdraw": ISSUE}

    @extend_schema(request=StatedReasonSerializer, responses=RenewalSerializer)
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pk: str | None = None) -> Response:
        row = confirm_renewal(renewal_id=self.get_object().id, reason=stated_reason(request), trail=self.trail)
        return Response(RenewalSerializer(row).data)

    @extend_schema(request=StatedReasonSerializer, responses=RenewalSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str | None = None) -> Response:
        row = withdraw_renewal(renewal_id=self.get_object().id, reason=stated_reason(request), trail=self.trail)
        return Response(RenewalSerializer(row).data)
