"""Who: organisations, accounts, people and devices."""

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.utils.translation import gettext_lazy as _

from identity.checks import signature_libraries


class Identity(AppConfig):
    name = "identity"
    verbose_name = _("People and organisations")

    def ready(self) -> None:
        register(signature_libraries, Tags.security)
