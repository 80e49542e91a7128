"""What may be used: catalogue, agreements, entitlements and licences."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Licensing(AppConfig):
    name = "licensing"
    verbose_name = _("Licensing")
