"""The ledger and its evidence."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Audit(AppConfig):
    name = "audit"
    verbose_name = _("Audit")
