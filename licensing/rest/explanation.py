"""The bodies of `licenses/{id}/explain`, for the OpenAPI document; licensing.questions reads the question itself."""

from typing import Any

from rest_framework import serializers


class ValidationScopeSerializer(serializers.Serializer[Any]):
    """What a client would state; what is left out is not judged. The same members as in a validation;
    `country` is ISO 3166-1 alpha-2."""

    product = serializers.CharField(required=False)
    version = serializers.CharField(required=False)
    features = serializers.ListField(child=serializers.CharField(), required=False)
    country = serializers.CharField(required=False)
    fingerprint = serializers.CharField(required=False, allow_blank=True)
    fingerprints = serializers.ListField(child=serializers.CharField(), required=False)
    components = serializers.DictField(child=serializers.CharField(), required=False)
    user = serializers.CharField(required=False)
    domain = serializers.CharField(required=False)
    department = serializers.CharField(required=False)
    vm = serializers.BooleanField(required=False)
    lease = serializers.CharField(required=False)
    client_at = serializers.DateTimeField(required=False)
    last_server_at = serializers.DateTimeField(required=False)


class WhatIfSerializer(serializers.Serializer[Any]):
    """Facts that are supposed; what is left out is as it is. `seats` is the same as `limits.users`."""

    status = serializers.ChoiceField(choices=["draft", "active", "suspended", "revoked"], required=False)
    valid_from = serializers.DateTimeField(required=False, allow_null=True)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)
    grace_until = serializers.DateTimeField(required=False, allow_null=True)
    maintenance_until = serializers.DateTimeField(required=False, allow_null=True)
    seats = serializers.IntegerField(required=False, allow_null=True)
    limits = serializers.DictField(child=serializers.IntegerField(allow_null=True), required=False)
    used = serializers.DictField(child=serializers.IntegerField(), required=False)


class WhyQuestionSerializer(serializers.Serializer[Any]):
    """`at`: another moment than now."""

    scope = ValidationScopeSerializer(required=False)
    at = serializers.DateTimeField(required=False)
    what_if = WhatIfSerializer(required=False)


class SourceSerializer(serializers.Serializer[Any]):
    """The row in which a fact is kept."""

    kind = serializers.CharField()
    id = serializers.UUIDField()


class ReasonSerializer(serializers.Serializer[Any]):
    """A finding: the rule that made it, the fact behind it, and what would cure it."""

    code = serializers.CharField()
    rule = serializers.CharField()
    fact = serializers.CharField()
    actual = serializers.JSONField(allow_null=True)
    required = serializers.JSONField(allow_null=True)  # type: ignore[assignment]  # declared fields leave the class
    source = SourceSerializer(allow_null=True)  # type: ignore[assignment]  # the same
    cure = serializers.CharField()


class WarningSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)


class ObligationSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    since = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """What a validation would say, and why; `changed` names the facts that were supposed."""

    at = serializers.DateTimeField()
    valid = serializers.BooleanField()
    code = serializers.CharField()
    findings = ReasonSerializer(many=True)
    warnings = WarningSerializer(many=True)
    obligations = ObligationSerializer(many=True)
    changed = serializers.ListField(child=serializers.CharField())
