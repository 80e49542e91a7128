"""Where a last use was seen, in words."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from seats.queries.activity import EVENTS

SOURCES: Mapping[str, object] = {EVENTS: _("usage events")}


def source_label(code: str) -> str:
    """A list that was imported goes by its own name."""
    return str(SOURCES.get(code, code))
