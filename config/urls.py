"""All addresses; docs/architecture.md says which are a contract."""

from django.urls import include, path
from django.views.i18n import set_language
from django_prometheus.exports import ExportToDjangoView

import audit.views
import licensing.rest.flags
import licensing.rest.machine_calls
import licensing.rest.offline
import licensing.rest.published_keys
import licensing.rest.published_revocations
import licensing.rest.validation
import seats.rest.lease_calls
from config import failures, health
from config.composition import site
from config.schema import graphql
from identity.queries import published_organization
from identity.views import oauth_metadata

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", ExportToDjangoView, name="metrics"),
    path("accounts/", include("identity.urls")),
    path("oauth/", include("identity.urls_oauth")),
    path("organization/", include("identity.urls_organization")),
    path(".well-known/oauth-authorization-server", oauth_metadata.authorization_server, name="oauth-server"),
    path(".well-known/oauth-protected-resource", oauth_metadata.protected_resource, name="oauth-resource"),
    path(
        ".well-known/oauth-protected-resource/<str:audience>",
        oauth_metadata.protected_resource,
        name="oauth-resource-of",
    ),
    path(".well-known/jwks.json", oauth_metadata.jwks, name="jwks"),
    path("saml/<slug:connection>/", include("identity.saml.urls")),
    path("language/", set_language, name="set_language"),
    path("admin/", site.urls),
    # Before the REST routes: a plain view, the one that shipped software calls by the million.
    path("api/v1/validate", licensing.rest.validation.validate, name="validate"),
    path("api/v1/check-out", licensing.rest.offline.check_out_certificate, name="check-out"),
    path("api/v1/check-in", licensing.rest.offline.check_in_certificate, name="check-in"),
    path("api/v1/activations/activate", licensing.rest.machine_calls.activate_machine, name="activate"),
    path("api/v1/activations/ping", licensing.rest.machine_calls.ping_machine, name="ping"),
    path("api/v1/activations/deactivate", licensing.rest.machine_calls.deactivate_machine, name="deactivate"),
    path("api/v1/leases/checkout", seats.rest.lease_calls.checkout_lease, name="lease-checkout"),
    path("api/v1/leases/heartbeat", seats.rest.lease_calls.heartbeat_lease, name="lease-heartbeat"),
    path("api/v1/leases/checkin", seats.rest.lease_calls.checkin_lease, name="lease-checkin"),
    path("api/v1/leases/borrow", seats.rest.lease_calls.borrow_lease, name="lease-borrow"),
    path("api/v1/leases/return", seats.rest.lease_calls.return_lease, name="lease-return"),
    path("api/v1/flags", licensing.rest.flags.flags, name="flags"),
    path("api/v1/", include("config.api")),
    path("compat/keygen/<slug:organization>/v1/", include("licensing.compat.urls")),
    path("graphql/", graphql, name="graphql"),
    path(".well-known/licensing-jwks.json", licensing.rest.published_keys.licensing_keys, name="licensing-jwks"),
    path(
        ".well-known/licensing-revocations.jwt",
        licensing.rest.published_revocations.licensing_revocations,
        name="licensing-revocations",
    ),
    path(".well-known/audit-keys.json", audit.views.audit_keys(published_organization), name="audit-keys"),
    # By name, so that it is loaded with the first request: its schemas take a second, for which a start need not wait.
    path("scim/v2/", ("identity.scim.urls", "scim", "scim")),
    path("", include("licensing.urls")),
    path("", include("seats.urls")),
    path("", include("compliance.urls")),
    path("", include("reporting.urls")),
]

handler400 = failures.bad_request
handler403 = failures.permission_denied
handler404 = failures.not_found
handler500 = failures.server_error
