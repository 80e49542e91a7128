"""All settings, from the environment alone. docs/settings.md lists each variable; a test compares.

Defaults serve the embedded mode: SQLite, a broker in a folder, e-mail to the console, DEBUG off.
Every secret may instead come from a file named by the variable with `_FILE` added.
"""

import os
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from config import environment, logs
from kernel.errors import Misconfigured

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("SEATLEDGER_DATA_DIR", BASE_DIR / "var")).resolve()
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]

# --- Addresses -------------------------------------------------------------------------------------------------------
BASE_URL = environment.base_url("SEATLEDGER_BASE_URL", "http://127.0.0.1:8000")
HTTPS = urlsplit(BASE_URL).scheme == "https"
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("SEATLEDGER_ALLOWED_HOSTS", urlsplit(BASE_URL).hostname or "").split(",")
    if host.strip()
]
CSRF_TRUSTED_ORIGINS = [BASE_URL]
DEBUG = environment.flag("SEATLEDGER_DEBUG", default=False)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

# --- Databases -------------------------------------------------------------------------------------------------------
_sqlite_url = f"sqlite:///{DATA_DIR / 'seatledger.sqlite3'}"
_database: dict[str, Any] = environment.database("DATABASE_URL", _sqlite_url)
_owner: dict[str, Any] = environment.database("DATABASE_OWNER_URL", environment.text("DATABASE_URL", _sqlite_url))
EMBEDDED = str(_database["ENGINE"]).endswith("sqlite3")
APP_ROLE = str(_database.get("USER", ""))
OWNER_ROLE = str(_owner.get("USER", ""))
OWNER_PASSWORD = str(_owner.get("PASSWORD", ""))
# Nobody here signs in as these two; `migrate` grants them what they may read, where the server has them.
BACKUP_ROLE = os.environ.get("SEATLEDGER_BACKUP_ROLE", "seatledger_backup")
AUDITOR_ROLE = os.environ.get("SEATLEDGER_AUDITOR_ROLE", "seatledger_auditor")
if EMBEDDED:
    # Measured: 100 of 500 concurrent tasks fail on SQLite's defaults, none with these.
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
    }
    if not str(_database["NAME"]).startswith(":memory:"):
        Path(str(_database["NAME"])).parent.mkdir(parents=True, exist_ok=True)
else:
    if APP_ROLE == OWNER_ROLE:
        raise Misconfigured(
            "DATABASE_OWNER_URL: name another role than DATABASE_URL; the role that serves requests must not own tables"
        )
    if len({APP_ROLE, OWNER_ROLE, BACKUP_ROLE, AUDITOR_ROLE}) < 4:
        raise Misconfigured(
            "SEATLEDGER_BACKUP_ROLE and SEATLEDGER_AUDITOR_ROLE: each names a role of its own, used for nothing else"
        )
    _database["CONN_MAX_AGE"] = None
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {**_database.get("OPTIONS", {}), "prepare_threshold": 2, "server_side_binding": True}
DATABASES = {"default": {**_database, "ATOMIC_REQUESTS": False}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Rows of these tables are never changed: the app's role has SELECT and INSERT alone, triggers refuse the rest.
APPEND_ONLY_TABLES = ["audit_event", "audit_checkpoint", "audit_consumed_request", "licensing_amendment"]
# The same on PostgreSQL, where months are dropped as a whole; on SQLite rows beyond their time are deleted.
TELEMETRY_TABLES = ["licensing_validation_event"]

# --- Secrets ---------------------------------------------------------------------------------------------------------
_drawn = environment.embedded_secrets(DATA_DIR) if EMBEDDED and "SEATLEDGER_SECRET_KEY" not in os.environ else {}


def _secret(name: str) -> str:
    value = environment.text(name) or _drawn.get(name, "")
    if not value:
        raise Misconfigured(f"{name} is not set; it has no default outside the embedded mode")
    return value


SECRET_KEY = _secret("SEATLEDGER_SECRET_KEY")
VAULT_KEYS = _secret("SEATLEDGER_VAULT_KEYS")
KEY_PEPPERS = _secret("SEATLEDGER_KEY_PEPPERS")
PLAN_KEYS = environment.text("SEATLEDGER_PLAN_KEYS")

# A file in MaxMind's format that tells countries of addresses; "" where countries are not looked up.
COUNTRY_DATABASE = os.environ.get("SEATLEDGER_COUNTRY_DATABASE", "")

# --- Validations -----------------------------------------------------------------------------------------------------
# For how long a process answers from what it has read; 0: every answer reads anew.
SNAPSHOT_SECONDS = environment.whole("SEATLEDGER_SNAPSHOT_SECONDS", 2)
USAGE_DURABILITY = environment.choice(
    "SEATLEDGER_USAGE_DURABILITY", "async_commit", ("async_commit", "buffered", "sync")
)
VALIDATION_KEEP_DAYS = environment.whole("SEATLEDGER_VALIDATION_KEEP_DAYS", 400, least=62)

# --- Apps ------------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",  # first: its migrate command is the one that runs
    "kernel",
    "jobs",
    "audit",
    "identity",
    "licensing",
    "seats",
    "compliance",
    "reporting",
    "django.contrib.admin.apps.SimpleAdminConfig",  # no autodiscovery: other people's admins are not imported
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "django_tables2",
    "django_htmx",
    "csp",
    "axes",
    "oauth2_provider",
    "django_celery_beat",
    "django_scim",
    "django_structlog",
    "django_prometheus",
]
MIDDLEWARE = [
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "config.null_bytes.RefuseNullBytes",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.request_log.PathOnlyRequestMiddleware",
    "identity.provider_sessions.ProviderSessionMiddleware",
    "identity.middleware.PrincipalMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "reporting.navigation.navigation",
            ],
        },
    }
]

# --- Sign-in ---------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "identity.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "identity.backends.PasswordBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    # For secrets that this product draws, never for passwords: those are slow to try because they can be guessed.
    "identity.hashers.DrawnSecretHasher",
]
LOGIN_URL = "/accounts/sign-in/"
LOGIN_REDIRECT_URL = "/"
CONFIRM_URL = "/accounts/confirm/"
PROOF_SECONDS = 10 * 60
AXES_FAILURE_LIMIT = environment.whole("SEATLEDGER_SIGN_IN_FAILURES", 5, least=1)
NETWORK_FAILURE_LIMIT = environment.whole("SEATLEDGER_SIGN_IN_FAILURES_PER_NETWORK", 50, least=1)
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_HANDLER = "identity.refused_sign_ins.WithoutBrowsers"
AXES_LOCKOUT_CALLABLE = "identity.views.signing_in.locked_out"
AXES_CLIENT_IP_CALLABLE = "identity.privacy.truncated_address"
AXES_USERNAME_CALLABLE = "identity.privacy.user_digest"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# The library's log of sign-ins would name people for ever; the ledger and the sessions know who signed in.
AXES_DISABLE_ACCESS_LOG = True
# What a refused form held is stored without these.
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "code", "next", "csrfmiddlewaretoken"]
SESSION_ENGINE = "identity.session_store"  # Django's own, with digests in place of keys
SESSION_COOKIE_AGE = 12 * 3600
IDLE_SECONDS = 30 * 60
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "identity.views.signing_in.csrf_failed"

# --- Access tokens ---------------------------------------------------------------------------------------------------
OAUTH2_PROVIDER_APPLICATION_MODEL = "identity.ApiClient"
OAUTH2_PROVIDER: dict[str, Any] = {
    "OAUTH2_SERVER_CLASS": "identity.oauth.server.Server",
    "OAUTH2_VALIDATOR_CLASS": "identity.oauth.validator.Validator",
    "SCOPES_BACKEND_CLASS": "identity.oauth.validator.ClientScopes",
    "CLIENT_SECRET_HASHER": "drawn-secret",
    "ACCESS_TOKEN_EXPIRE_SECONDS": 300,
    # Counted from the end of the latest access token: an application that nobody uses for so long asks again.
    "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "PKCE_REQUIRED": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "OIDC_ISS_ENDPOINT": BASE_URL,
    **{
        f"COMPLIANT_BCP_RFC9700_{gate}": True
        for gate in (
            "IMPLICIT_GRANT",
            "PASSWORD_GRANT",
            "PKCE_METHOD",
            "ACCESS_TOKEN_TRANSPORT",
            "AUTHZ_RESPONSE_ISS",
            "TOKEN_STORAGE",
            "REFRESH_TOKEN",
            "REDIRECT_URI_SCHEME",
            "REDIRECT_URI_MATCHING",
            "PKCE_REQUIRED",
        )
    },
}

# --- Transport and content security ----------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
BEHIND_PROXY = environment.flag("SEATLEDGER_BEHIND_PROXY", default=False)
# How many entries at the end of X-Forwarded-For are our own proxies' words; none where there is no proxy.
TRUSTED_PROXIES = environment.whole("SEATLEDGER_TRUSTED_PROXIES", 1, least=1) if BEHIND_PROXY else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
IMPORT_FILE_LIMIT = 25 * 1024 * 1024

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    # Compressing takes most of a minute and serves nobody on the loopback interface.
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
PACKAGE_DIR = DATA_DIR / "packages"
CHECKPOINT_DIR = Path(os.environ.get("SEATLEDGER_CHECKPOINT_DIR", DATA_DIR / "checkpoints"))

# --- Words -----------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("de", _("German"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# How dates and numbers are written; what programs read goes through unlocalize (tests/config/test_formats.py).
FORMAT_MODULE_PATH = ["config.formats"]
USE_THOUSAND_SEPARATOR = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- E-mail ----------------------------------------------------------------------------------------------------------
vars().update(environment.mail("SEATLEDGER_EMAIL_URL", "consolemail://"))
DEFAULT_FROM_EMAIL = os.environ.get("SEATLEDGER_EMAIL_FROM", "seatledger@localhost")

# --- Cache, tasks ----------------------------------------------------------------------------------------------------
REDIS_URL = environment.text("REDIS_URL")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "sl"}
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}
_broker_dir = DATA_DIR / "broker"
CELERY_BROKER_URL = environment.text("CELERY_BROKER_URL", "filesystem://")
if CELERY_BROKER_URL == "filesystem://":
    for _folder in ("queue", "control", "processed"):
        (_broker_dir / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker_dir / "queue"),
        "data_folder_out": str(_broker_dir / "queue"),
        "control_folder": str(_broker_dir / "control"),
        "processed_folder": str(_broker_dir / "processed"),
        "store_processed": False,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 1800
CELERY_TASK_SOFT_TIME_LIMIT = 1700
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 1  # seconds; also how long the scheduler takes to stop
CELERY_BEAT_SCHEDULE = {"tick": {"task": "jobs.tick", "schedule": 20.0}}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# jobs.carry_out passes runs on to the queue of their kind (reporting.work: packages have one of their own).
CELERY_TASK_CREATE_MISSING_QUEUES = True

# --- REST ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    # Authentication, permission, parser and pagination stand on kernel.rest.TenantView, the base of all our views.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
    ],
    "EXCEPTION_HANDLER": "kernel.rest.problem",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_RATES": {},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Seatledger",
    "VERSION": "1",
    "DESCRIPTION": "Software licences: entitlements, seats, validation, compliance and proof.",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # Names of closed sets that several resources have under the same field name.
    "ENUM_NAME_OVERRIDES": {
        "CertificateKindEnum": "licensing.models.CertificateKind.choices",
        "FeatureKindEnum": "licensing.models.features.FEATURE_KIND_CHOICES",
        "UseRightKindEnum": "licensing.models.UseRightKind.choices",
        "RightsChangeKindEnum": "licensing.rules.rights_diff.ChangeKind",
        "LicenseModelEnum": "licensing.models.issuing.MODEL_CHOICES",
        "ReclamationKindEnum": "seats.models.ReclamationKind.choices",
        "RoleEnum": "identity.rest.members.ROLE_CHOICES",
    },
}
DJANGO_TABLES2_TEMPLATE = "components/table.html"

# One actor at REST and GraphQL together: an account, or an API client.
API_REQUESTS_PER_MINUTE = environment.whole("SEATLEDGER_API_REQUESTS_PER_MINUTE", 6000, least=60)

# --- SCIM ------------------------------------------------------------------------------------------------------------
SCIM_REQUESTS_PER_SECOND = environment.whole("SEATLEDGER_SCIM_REQUESTS_PER_SECOND", 100, least=25)
# Read by django_scim, whose views, adapters and addresses are the scaffold of identity/scim.
SCIM_SERVICE_PROVIDER = {
    "USER_MODEL_GETTER": "identity.scim.adapters.person_model",
    "USER_ADAPTER": "identity.scim.adapters.PersonAdapter",
    "GROUP_MODEL": "identity.models.DirectoryGroup",
    "GROUP_ADAPTER": "identity.scim.adapters.GroupAdapter",
    "AUTH_CHECK_MIDDLEWARE": "identity.scim.refusing.RefuseBrowserSessions",
    "BASE_LOCATION_GETTER": "identity.scim.locations.base_location",
    "SCHEME": urlsplit(BASE_URL).scheme,
    "NETLOC": urlsplit(BASE_URL).netloc,
    "EXPOSE_SCIM_EXCEPTIONS": False,
    "WWW_AUTHENTICATE_HEADER": 'Bearer realm="SCIM"',
    "AUTHENTICATION_SCHEMES": [
        {
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A provisioning token of the organisation, or an access token with the scope scim.",
            "specUri": "https://www.rfc-editor.org/rfc/rfc6750",
            "primary": True,
        }
    ],
}

# --- Logs ------------------------------------------------------------------------------------------------------------
# Addresses of visitors are personal data; only the sign-in throttle keeps them, truncated.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
# config.request_log has replaced what is no id before the library reads it.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
LOGGING = logs.configure(
    as_json=environment.choice("SEATLEDGER_LOG_FORMAT", "json", ("json", "console")) == "json",
    level=os.environ.get("SEATLEDGER_LOG_LEVEL", "INFO"),
)
