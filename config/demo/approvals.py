"""What needs a second person at the vendor: a licence that was returned, and one that is to change hands."""

from audit.operations import trail
from compliance.operations import approve_change, request_revocation, request_transfer
from identity.models import Account, Membership, Organization
from identity.queries import LiveMembership, principal_for
from kernel.clock import SystemClock
from kernel.principal import Principal
from kernel.scope import scope
from licensing.models import License

ASKS, DECIDES = "ops@lumen.example", "owner@lumen.example"


def furnish(organization: Organization) -> None:
    """After the accounts were made, in present time: one request is decided, one waits for its decision."""
    asks, decides = (_principal(organization, email) for email in (ASKS, DECIDES))
    with trail(organization_id=organization.id, actor=asks, clock=SystemClock()) as opened:
        returned, passed_on, taker = License.objects.filter(status="active").order_by("created_at")[:3]
        request = request_revocation(license=returned, reason="Returned under warranty", trail=opened)
        request_transfer(
            license=passed_on, licensee_id=taker.licensee_id, reason="The office changed hands", trail=opened
        )
    with trail(organization_id=organization.id, actor=decides, clock=SystemClock()) as opened:
        approve_change(request_id=request.id, reason="The parcel is here", trail=opened)


def _principal(organization: Organization, email: str) -> Principal:
    account = Account.objects.get(email_lower=email)
    with scope(organization.id):
        row = Membership.objects.get(account=account, ended_at__isnull=True)
    return principal_for(account, LiveMembership(row.id, organization.id, row.person_id, tuple(row.roles)))
