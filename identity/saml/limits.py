"""How often a sign-in may begin at one connection: each beginning writes a row, and anybody may begin."""

from django.http import HttpRequest

from identity.models import SamlConnection
from identity.privacy import truncated_address
from kernel.rest.counting import counted
from kernel.scope import organization_key

WINDOW = 60
"""Seconds."""
MOST = 120
"""From one network: the people of a large office begin their day at the same hour behind one address."""


def seconds_to_wait(request: HttpRequest, connection: SamlConnection) -> int:
    """0 when the sign-in may begin; it counts either way. Otherwise how long until it may."""
    key = organization_key(connection.organization_id, "saml-begun", connection.id, truncated_address(request))
    return WINDOW if counted(key, seconds=WINDOW) > MOST else 0
