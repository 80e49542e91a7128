"""Who uses what: pools and assignments."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class Seats(AppConfig):
    name = "seats"
    verbose_name = _("Seats")
