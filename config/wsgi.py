"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from config.client_calls import ClientCallHandler, routed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = routed(get_wsgi_application(), ClientCallHandler())
# Every page is loaded before the server forks: the first visitor does not wait for it, and its workers share it.
get_resolver().url_patterns  # noqa: B018  # a property that loads
