"""What people see of all that: dashboards and audit packages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Reporting(AppConfig):
    name = "reporting"
    verbose_name = _("Reporting")
