"""What breaks the terms."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Compliance(AppConfig):
    name = "compliance"
    verbose_name = _("Compliance")
