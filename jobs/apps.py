"""Effects outside the database, schedules and long work."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Jobs(AppConfig):
    name = "jobs"
    verbose_name = _("Background work")
