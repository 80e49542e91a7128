"""Settings of the baseline of P4: those of the product, with the middleware that `startproject` writes.

That is less than the product's own list, which would also keep metrics and write two log lines a request. Commits are
asynchronous for the whole connection, as the default of the product makes them for each validation.
"""

from config.settings import *  # noqa: F403  # one settings module on top of another
from config.settings import DATABASES

ROOT_URLCONF = "bench.baseline.drf_validation"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES["default"]["OPTIONS"]["options"] = "-c synchronous_commit=off"
