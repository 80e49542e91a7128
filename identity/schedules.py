"""What the scheduler calls of identity/ every minute: certificates that end, and messages that are over."""

from uuid import UUID

from identity.operations.certificate_warnings import warn_of_ending_certificates
from identity.operations.saml_requests import forget_requests
from kernel.clock import Clock


def warn_of_certificates(organization_id: UUID, clock: Clock) -> None:
    warn_of_ending_certificates(organization_id=organization_id, clock=clock)


def forget(organization_id: UUID, clock: Clock) -> None:
    forget_requests(organization_id, clock)
