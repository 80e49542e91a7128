"""Baseline of P4: the same endpoint as a good Django project writes it, with Django REST framework and the ORM.

A serializer reads the question; licence, signing key and clock are read from the database each time; the product's own
`decide` decides; one row says that it happened; the product's own signer signs. Nothing is throttled or authenticated.
It lets no term begin, which the licences of this row do not need.
"""

from datetime import datetime
from typing import Any

from django.db import models
from django.urls import path
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from identity.queries import issuer_of_credential
from kernel.clock import DatabaseClock
from kernel.owned import PlainlyOwned
from kernel.scope import scope
from licensing.answers import answer_claims, sign_answer
from licensing.keyring import ROUTE_KIND, peppers, signer_of
from licensing.queries.license_facts import KeyedLicense, license_behind
from licensing.queries.signing_keys import active_signing_key
from licensing.rest.client_calls import key_digests
from licensing.rules.decision import decide
from licensing.rules.digests import subject_digest
from licensing.rules.facts import ValidationScope
from licensing.rules.outcome import Decision


class DrfValidation(PlainlyOwned):
    """One question and what was answered."""

    license_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    code = models.TextField()
    valid = models.BooleanField()

    class Meta(PlainlyOwned.Meta):
        app_label = "bench"
        db_table = "bench_drf_validation"
        indexes = [models.Index(fields=["organization_id", "license_id", "at"], name="bench_drf_validation_at")]


class ScopeSerializer(serializers.Serializer[Any]):
    """What the licence is needed for."""

    product = serializers.CharField(required=False, allow_null=True, max_length=200)
    version = serializers.CharField(required=False, allow_null=True, max_length=200)
    features = serializers.ListField(child=serializers.CharField(max_length=200), required=False, max_length=50)
    country = serializers.RegexField(r"^[A-Z]{2}$", required=False, allow_null=True)
    fingerprint = serializers.CharField(required=False, allow_null=True, max_length=200)
    user = serializers.CharField(required=False, allow_null=True, max_length=200)
    domain = serializers.CharField(required=False, allow_null=True, max_length=200)
    department = serializers.CharField(required=False, allow_null=True, max_length=200)
    vm = serializers.BooleanField(required=False, allow_null=True)
    client_at = serializers.DateTimeField(required=False, allow_null=True)
    last_server_at = serializers.DateTimeField(required=False, allow_null=True)


class QuestionSerializer(serializers.Serializer[Any]):
    """A key, the client's own text, and the scope."""

    key = serializers.CharField(max_length=200)
    nonce = serializers.CharField(max_length=200)
    scope = ScopeSerializer(required=False)


class ValidateView(APIView):
    """The view, with the renderer and parser of the product's REST framework."""

    def post(self, request: Request) -> Response:
        serializer = QuestionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        question = serializer.validated_data
        digests = key_digests(question["key"])
        organization = issuer_of_credential(ROUTE_KIND, *digests)
        if organization is None:
            raise APIException("nobody answers")
        asked = _scope(question.get("scope") or {})
        with scope(organization.id):
            at = DatabaseClock().now()
            known = license_behind(digests=digests, version=asked.version, fingerprints=asked.fingerprints or (), at=at)
            signing_key = active_signing_key()
            decision = decide(known.facts if known else None, asked, at)
            _keep(organization.id, known, decision, at)
        if signing_key is None:
            raise APIException("nobody signs")
        claims = answer_claims(
            decision,
            issuer=organization.slug,
            at=at,
            nonce=question["nonce"],
            license_id=str(known.license_id) if known else None,
        )
        return Response({**claims, "token": sign_answer(claims, signer=signer_of(signing_key))})


def _scope(given: dict[str, Any]) -> ValidationScope:
    machine, user = given.get("fingerprint"), given.get("user")
    newest = peppers()[0]
    return ValidationScope(
        product=given.get("product"),
        version=given.get("version"),
        features=frozenset(given.get("features", ())),
        country=given.get("country"),
        fingerprints=(subject_digest(kind="fingerprint", value=machine, pepper=newest),) if machine else None,
        user=subject_digest(kind="user", value=user, pepper=newest) if user else None,
        domain=given.get("domain"),
        department=given.get("department"),
        virtual_machine=given.get("vm"),
        client_at=given.get("client_at"),
        last_server_at=given.get("last_server_at"),
    )


def _keep(organization_id: Any, known: KeyedLicense | None, decision: Decision, at: datetime) -> None:
    DrfValidation.objects.create(
        organization_id=organization_id,
        license_id=known.license_id if known else None,
        at=at,
        code=decision.code.value,
        valid=decision.valid,
    )


urlpatterns = [path("api/v1/validate", ValidateView.as_view())]
