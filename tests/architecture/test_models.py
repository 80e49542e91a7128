"""Models: who owns a row, and which way keys point."""

import ast

from django.apps import apps
from django.db import models

from identity.models import ApiClient
from kernel.owned import OwnedRow
from tests.architecture.source import APPS, none, written_by_hand

GLOBAL_MODELS: dict[str, str] = {
    "jobs.Heartbeat": "the scheduler's sign of life: one for the installation",
    "identity.Organization": "the owner itself",
    "identity.CredentialRoute": "read before the organisation is known: a digest and whose it is, nothing else",
    "identity.TokenSigningKey": "signs tokens of all organisations: each names its own, the key none",
    "identity.AccountSession": "found by the cookie, and begun before an organisation is chosen",
    "identity.PasswordReset": "whoever opens the link is signed in nowhere",
    "identity.SecondFactor": "belongs to the account, which signs in to several organisations",
    "identity.RecoveryCode": "the same",
    "identity.Account": "one person signs in to several organisations; memberships are owned",
}
"""Model → why its rows belong to no single organisation."""


TOOLKIT: dict[str, str] = {
    "oauth2_provider.AccessToken": "checksums of tokens; a row's organisation is its client's",
    "oauth2_provider.RefreshToken": "the same of refresh tokens",
    "oauth2_provider.Grant": "codes of a minute; a row's organisation is its client's",
    "oauth2_provider.IDToken": "stays empty: there is no OpenID Connect",
    "oauth2_provider.DeviceGrant": "stays empty: there is no device grant",
}
"""Model of django-oauth-toolkit → what its rows are; none has an organisation of its own."""

REACHES_TOOLKIT = {
    "identity.models.api_clients",
    "identity.oauth.validator",
    "identity.operations.access_tokens",
    "identity.operations.api_clients",
    "identity.operations.client_scopes",
    "identity.queries.access_tokens",
    "identity.views.oauth",
}
"""Modules that may ask for them, each by way of a client of the open organisation or of one token's checksum."""


def _ours() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.app_label in APPS]


def _keys() -> list[tuple[type[models.Model], "models.ForeignKey[object, object]"]]:
    return [
        (model, field)
        for model in _ours()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
    ]


def test_every_row_has_an_owner():
    """A table without an organisation is on the list with its reason; all others fail closed outside a scope."""
    without = {model._meta.label for model in _ours() if not issubclass(model, OwnedRow)}
    assert without == set(GLOBAL_MODELS)


def test_owned_models_fail_closed_through_every_manager():
    """`base_manager_name` and the default manager both filter, so that save, refresh and keys see no foreign row."""
    open_doors = [
        model._meta.label
        for model in _ours()
        if issubclass(model, OwnedRow)
        for manager in (model._default_manager, model._base_manager)
        if not hasattr(manager, "unscoped")
    ]
    none(open_doors)


def test_foreign_keys_point_down():
    """A key may point into its own app or one below: otherwise deleting below needs to know what stands above."""
    upwards = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for model, field in _keys()
        if field.related_model._meta.app_label in APPS
        and APPS.index(field.related_model._meta.app_label) > APPS.index(model._meta.app_label)
    ]
    none(upwards)


def test_audit_and_jobs_have_no_foreign_keys_out():
    """The ledger outlives what it describes, and an erasure is never blocked by an old job."""
    outside = [
        f"{model._meta.label}.{field.name}"
        for model, field in _keys()
        if model._meta.app_label in {"audit", "jobs"} and field.related_model._meta.app_label != model._meta.app_label
    ]
    none(outside)


def test_every_constraint_and_index_is_named_by_us():
    """A violated constraint is recognised by its name; a generated name changes with the column."""
    unnamed = [f"{model._meta.label} unique_together" for model in _ours() if model._meta.unique_together]
    none(unnamed)


def test_tables_of_the_toolkit_are_reached_through_api_clients():
    """Row-level security does not fence them: who may ask for them is listed, and each one points at its client."""
    models_of_toolkit = {model._meta.label: model for model in apps.get_app_config("oauth2_provider").get_models()}
    assert set(models_of_toolkit) == set(TOOLKIT)
    targets = {
        field.related_model
        for model in models_of_toolkit.values()
        for field in model._meta.local_fields
        if field.name == "application"
    }
    assert targets == {ApiClient}
    users = {
        module.name
        for module in written_by_hand()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.module == "oauth2_provider.models"
    }
    assert users - {"tests.architecture.test_models"} == REACHES_TOOLKIT
